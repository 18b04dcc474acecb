"""Who did what: actor, action, object, and nothing else."""

from datetime import datetime

from sqlalchemy.orm import Session

from survey.models import Account, AuditEntry

#: the actor of what happens by the clock
SYSTEM = "system"


def note(
    session: Session, *, actor: Account | None, action: str, object_: str, now: datetime
) -> AuditEntry:
    """Write down that ``actor`` (None: the system) did ``action`` to ``object_``."""
    entry = AuditEntry(
        at=now,
        actor=SYSTEM if actor is None else str(actor.id),
        action=action,
        object=object_,
    )
    session.add(entry)
    session.flush()
    return entry
