"""Who did what, for those who run a survey. Respondents are never in it."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base
from survey.models.columns import UtcTime, random_id


class AuditEntry(Base):
    """Actor, action, object, and nothing else. The database refuses to change or delete a row.

    No column refers to another table: an entry outlives whoever and whatever it names.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_organisation_id_at", "organisation_id", "at"),)

    audit_entry_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    at: Mapped[datetime] = mapped_column(UtcTime)
    #: an account's id, or "system"
    actor: Mapped[str]
    #: the account's name and address then; empty for the system
    actor_name: Mapped[str] = mapped_column(default="")
    action: Mapped[str]
    #: what it was done to: a word, an id or an address, and after a colon or comma what else
    object: Mapped[str]
    #: whose leaders read it; None where nothing says
    organisation_id: Mapped[str | None]
    #: the round that it was about
    round_id: Mapped[str | None]
