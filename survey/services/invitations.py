"""The staff list of a confidential round: who is invited."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Account, Invitation, Round
from survey.services import roster_check, roster_files, roster_reading, rosters
from survey.services.roster_check import Fault


class StaffListError(ValueError):
    """A staff list that cannot be used as it is; nothing of it was added."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        places = (f"row {fault.row}, column {fault.column}: {fault.problem}" for fault in faults)
        super().__init__("; ".join(places))
        self.faults = faults


def add(
    session: Session,
    round_: Round,
    content: bytes,
    *,
    name: str,
    by: Account | None,
    now: datetime,
) -> rosters.Change:
    """Add the people of a file whose columns explain themselves: all of them, or none.

    Nobody is taken off. Leaders do the same in steps, on screen. Call ``begin_writing`` before.

    Raises
    ------
    RosterFileError, StaffListError
        If the file cannot be read, or any row has a fault.
    NotNowError
        If the round is not confidential or has closed.
    """
    held = rosters.hold(session, round_, now)
    if held.mode != "confidential":
        raise rosters.NotNowError("only a confidential round has a staff list")
    book = roster_files.read(content, name=name)
    reading = roster_reading.guess(session, held, book)
    found = roster_reading.places(session, held, reading)
    missing = found.needed(reading.columns)
    if missing:
        raise StaffListError(tuple(Fault(0, column, "no column", "") for column in missing))
    checked = roster_check.check(book.sheets[reading.sheet], reading, found)
    if checked.faults:
        raise StaffListError(checked.faults)
    seen = rosters.compare(session, held, checked).seen
    return rosters.apply(session, held, checked, seen=seen, is_whole=False, by=by, now=now)


def count(session: Session, round_: Round) -> int:
    """How many people are on the staff list."""
    of_round = sa.select(sa.func.count()).where(Invitation.round_id == round_.round_id)
    return session.scalar(of_round) or 0
