"""The ledger: what was shown of a round, in which document, by which rules."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base, Json
from survey.models.columns import UtcTime, random_id


class Release(Base):
    """A document that was made ready to be shown. Rows are added, never changed."""

    __tablename__ = "release"

    release_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    round_id: Mapped[str] = mapped_column(
        ForeignKey("round.round_id", ondelete="CASCADE"), index=True
    )
    #: the document's kind: profile, staff_page, ...
    kind: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    #: version of the rules of rounding, masking and hiding (``reports.plan.RULES``)
    rules: Mapped[str]
    #: fingerprint of the frozen dataset, and SHA-256 of the document
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    checksum: Mapped[str] = mapped_column(sa.String(64))
    #: {row: {key: mark of what is printed}}: {"school:Hill": {"today:CUR": "3fa9c2d1"}}
    figures: Mapped[dict[str, dict[str, str]]] = mapped_column(Json)
