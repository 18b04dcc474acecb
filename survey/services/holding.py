"""Holding a round while it is changed: as it is now, in a stage that allows it, on record."""

from datetime import datetime

from sqlalchemy.orm import Session

from survey.models import Account, Round
from survey.services import audit, rounds, stages
from survey.services.saving import Fault, NotSavedError, StaleError


def hold(session: Session, round_: Round, revision: int | None) -> Round:
    """The round as it is now, held until the transaction ends; ``StaleError`` if it is newer."""
    held = rounds.hold(session, round_)
    if revision is not None and held.revision != revision:
        raise StaleError
    return held


def check_stage(session: Session, round_: Round, what: str, now: datetime) -> None:
    if why := stages.why_not(what, stages.stage(session, round_, now)):
        raise NotSavedError([Fault(what, why)])


def saved(
    session: Session, round_: Round, action: str, *, by: Account | None, now: datetime
) -> None:
    round_.revision += 1
    note(session, round_, action, by=by, now=now)


def note(
    session: Session, round_: Round, action: str, *, by: Account | None, now: datetime
) -> None:
    audit.note(session, actor=by, action=action, object_=f"round {round_.round_id}", now=now)
