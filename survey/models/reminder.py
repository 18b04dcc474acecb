"""Reminders that are to be sent by themselves."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base
from survey.models.columns import UtcTime, random_id


class PlannedReminder(Base):
    """A reminder to everybody on the staff list that a leader asked for beforehand.

    Neither ``mailing_id`` nor ``skipped``: it is still to come.
    """

    __tablename__ = "planned_reminder"
    __table_args__ = (UniqueConstraint("round_id", "due_at"),)

    reminder_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.round_id", ondelete="CASCADE"))
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    #: the mailing that was made of it
    mailing_id: Mapped[str | None] = mapped_column(
        ForeignKey("mailing.mailing_id", ondelete="CASCADE")
    )
    #: why it was not sent: missed, or what ``services.mailings`` refuses for
    skipped: Mapped[str] = mapped_column(default="")
