"""What is kept of reading rosters: a file that waits to be applied, an organisation's words."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base, Json
from survey.models.columns import UtcTime, random_id


class RosterUpload(Base):
    """A file that a leader has sent and not yet applied; deleted within an hour.

    What it holds is sealed under the server's key, so that no copy of the database and no deleted
    row gives it away.
    """

    __tablename__ = "roster_upload"

    upload_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    round_id: Mapped[str] = mapped_column(
        ForeignKey("round.round_id", ondelete="CASCADE"), index=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcTime)
    #: the sheets that were read, packed and encrypted
    sealed: Mapped[bytes]
    #: which column is what, and which word means which role or school
    reading: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class RosterMemory(Base):
    """How an organisation writes its rosters, so that the next file needs no mapping."""

    __tablename__ = "roster_memory"

    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisation.organisation_id", ondelete="CASCADE"), primary_key=True
    )
    #: {heading in small letters: what the column holds}
    columns: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    #: {word in small letters: code of a role}
    roles: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    #: {word in small letters: id of a school, or "centre"}
    schools: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
