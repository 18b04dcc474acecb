"""Addresses of a staff list that mail does not reach."""

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class Bounce(Base):
    """An address to which a message could not be delivered; it goes with its invitation.

    It holds only as long as it is the invitation's address and nobody wants it tried again.
    """

    __tablename__ = "bounce"
    __table_args__ = ({"sqlite_with_rowid": False},)

    invitation_id: Mapped[str] = mapped_column(
        ForeignKey("invitation.invitation_id", ondelete="CASCADE"), primary_key=True
    )
    email: Mapped[str] = mapped_column(sa.String(254))
    #: what a mail server said ("5.1.1"), or "told": somebody told the leader
    code: Mapped[str]
    #: the leader wants the address tried again as it is
    retry: Mapped[bool] = mapped_column(default=False)
