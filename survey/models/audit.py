"""Who did what, for those who run a survey. Respondents are never in it."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base
from survey.models.columns import UtcTime, random_id


class AuditEntry(Base):
    """Actor, action, object, and nothing else."""

    __tablename__ = "audit_entry"

    audit_entry_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    at: Mapped[datetime] = mapped_column(UtcTime)
    #: an account's id, or "system"
    actor: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
