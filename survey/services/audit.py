"""Who did what: actor, action, object, and nothing else. Entries are added and read, never changed.

The database refuses to change or delete them (migration 0006).
"""

import re
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Account, AuditEntry, Mailing, Organisation, Round
from survey.services import harm

#: the actor of what happens by the clock
SYSTEM = "system"
#: an object: a word, an id or an address, and after a colon or comma what else there is to say
_OBJECT = re.compile(r"(?P<kind>\w+) (?P<name>[^\s:,]+)(?:[:,]\s*)?(?P<detail>.*)", re.DOTALL)


def note(
    session: Session,
    *,
    actor: Account | None,
    action: str,
    object_: str,
    now: datetime,
    organisation: Organisation | None = None,
) -> AuditEntry:
    """Write down that ``actor`` (None: the system) did ``action`` to ``object_``.

    The entry belongs to ``organisation``; without it to the organisation of the round (or of the
    mailing's round) that ``object_`` names, else to the actor's.
    """
    round_ = _round_in(session, object_)
    owner = organisation or (round_ and round_.organisation) or (actor and actor.organisation)
    entry = AuditEntry(
        at=now,
        actor=SYSTEM if actor is None else str(actor.id),
        actor_name="" if actor is None else name_of(actor),
        action=action,
        object=object_,
        organisation_id=owner.organisation_id if owner else None,
        round_id=round_.round_id if round_ else None,
    )
    session.add(entry)
    session.flush()
    return entry


def name_of(account: Account) -> str:
    """An account as the log names it: "Robin Ash (robin@trust.example)"."""
    return f"{account.name} ({account.email})" if account.name else account.email


def detail(entry: AuditEntry) -> str:
    """What an entry says of its object, beside which round it is."""
    found = _OBJECT.fullmatch(entry.object)
    if found is None:
        return ""
    if found["kind"] != "account":
        return found["detail"]
    return ": ".join(text for text in (found["name"], found["detail"]) if text)


def of(
    session: Session,
    organisation: Organisation,
    *,
    round_id: str = "",
    offset: int = 0,
    limit: int | None = None,
) -> Sequence[AuditEntry]:
    """Entries of an organisation, newest first; of one round where ``round_id`` says which."""
    query = _entries(organisation, round_id).order_by(
        AuditEntry.at.desc(), AuditEntry.audit_entry_id
    )
    return session.scalars(query.offset(offset).limit(limit)).all()


def count(session: Session, organisation: Organisation, *, round_id: str = "") -> int:
    """How many entries ``of`` finds."""
    found = _entries(organisation, round_id).with_only_columns(sa.func.count())
    return session.scalar(found) or 0


def _entries(organisation: Organisation, round_id: str) -> sa.Select[AuditEntry]:
    query = sa.select(AuditEntry).where(
        AuditEntry.organisation_id == organisation.organisation_id,
        # nobody but the reader sees that words about harm were flagged
        AuditEntry.action.not_in(harm.PRIVATE_ACTIONS),
    )
    return query.where(AuditEntry.round_id == round_id) if round_id else query


def _round_in(session: Session, object_: str) -> Round | None:
    """The round that an object names itself or by one of its mailings."""
    found = _OBJECT.fullmatch(object_)
    kind, name = (found["kind"], found["name"]) if found else ("", "")
    if kind == "mailing":
        mailing = session.get(Mailing, name)
        return session.get(Round, mailing.round_id) if mailing else None
    return session.get(Round, name) if kind == "round" else None
