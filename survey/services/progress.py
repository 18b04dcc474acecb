"""How many have answered: by day while a round is open, in bands always."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments.measures import Turnout
from instruments.registry import InstrumentError
from reports.disclosure import Withheld, fewer_than, people, percent
from reports.disclosure_rows import PeopleRow, role_rows
from survey.models import Draft, Response, RosterRow, Round, School
from survey.services import rounds

log = logging.getLogger(__name__)

#: of a school with fewer staff a band would say too much
SMALLEST_SCHOOL = 15
#: from this share of the staff on, a band is replaced by words, which hold for two numbers or more
NEARLY_ALL = 0.9
#: of a role with no more staff a band would say that everybody answered
LARGEST_WITHOUT_BAND = 10
#: a rate is finer than a band: one day's less the day before's would count who answered that day
LATER = "when the round has closed"
#: of fewer staff one step of a day's rate (in percent) would be fewer than 10 people
SMALLEST_DAILY_RATE, DAILY_STEP = 100, 10


@dataclass(frozen=True, slots=True)
class Line:
    """One printed row: ``answered`` is a band or words, ``rate`` a rounded share or words."""

    kind: str
    name: str
    answered: str
    rate: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What may be said of who has answered, as it stood when ``on`` began (UTC)."""

    on: date
    total: Line
    roles: tuple[Line, ...]
    schools: tuple[Line, ...]


def of(session: Session, round_: Round) -> Progress | None:
    """The day's figures of an open round, the last ones of a closed one; None before the first."""
    if round_.closed_at is not None:
        return _count(session, round_, on=round_.closed_at.astimezone(UTC).date())
    return _read(round_.tally) if round_.tally else None


def due(session: Session, *, now: datetime) -> list[Round]:
    """Open rounds that have no figures of today yet."""
    today = now.astimezone(UTC).date().isoformat()
    open_now = session.scalars(
        sa.select(Round).where(
            Round.ready_at.is_not(None), Round.closed_at.is_(None), Round.opens_at <= now
        )
    )
    return [round_ for round_ in open_now if (round_.tally or {}).get("on") != today]


def take_due(session: Session, *, now: datetime) -> None:
    """Take the figures of every open round that has none of today."""
    for round_ in due(session, now=now):
        try:
            take(session, round_, today=now.astimezone(UTC).date())
        except (InstrumentError, rounds.RoundError) as error:  # the others are counted
            log.error("round %s cannot be counted: %s", round_.round_id, error)


def take(session: Session, round_: Round, *, today: date) -> None:
    """Write the figures of the day into the round, already in bands and words."""
    found = _count(session, round_, on=today)
    round_.tally = {
        "on": today.isoformat(),
        "total": asdict(found.total),
        "roles": [asdict(line) for line in found.roles],
        "schools": [asdict(line) for line in found.schools],
    }
    session.flush()


def _read(tally: Mapping[str, Any]) -> Progress:
    return Progress(
        on=date.fromisoformat(tally["on"]),
        total=Line(**tally["total"]),
        roles=tuple(Line(**line) for line in tally["roles"]),
        schools=tuple(Line(**line) for line in tally["schools"]),
    )


def _count(session: Session, round_: Round, *, on: date) -> Progress:
    instrument = rounds.instrument_of(round_)
    text = rounds.words_of(round_).text
    answered = _answered(session, round_)
    staff = session.execute(
        sa.select(School.name, RosterRow.role, RosterRow.headcount)
        .outerjoin(School, RosterRow.school_id == School.school_id)
        .where(RosterRow.round_id == round_.round_id)
    ).all()
    by_role = [
        Turnout(
            role,
            sum(n for _, answered_role, n in answered if answered_role == role),
            sum(row.headcount for row in staff if row.role == role),
        )
        for role in instrument.roles
    ]
    total = Turnout("", sum(n for _, _, n in answered), sum(row.headcount for row in staff) or None)
    rows = role_rows(by_role, instrument.groups, total)
    named = {**text.groups, **text.roles}
    members = {**{role: (role,) for role in instrument.roles}, **instrument.groups}
    is_open = round_.closed_at is None
    lines = [
        Line(
            row.kind,
            named.get(row.code, {}).get("name", ""),
            _of_role(row, [each for each in by_role if each.name in members.get(row.code, ())]),
            _daily_rate(row, total) if is_open else _words(row.rate),
        )
        for row in rows
    ]
    schools = sorted({row.name for row in staff if row.name})
    return Progress(
        on=on,
        total=lines[-1],
        roles=tuple(lines[:-1]),
        schools=tuple(
            Line("school", school, _of_school(_turnout(school, answered, staff)))
            for school in schools
        ),
    )


def _answered(session: Session, round_: Round) -> list[tuple[str, str, int]]:
    """(school, role, how many sent their answers)."""
    table: Any = Draft if round_.closed_at is None else Response
    query = (
        sa.select(School.name, table.role, sa.func.count())
        .outerjoin(School, table.school_id == School.school_id)
        .where(table.round_id == round_.round_id)
        .group_by(School.name, table.role)
    )
    if table is Draft:
        query = query.where(Draft.sent)
    return [(name or "", role, n) for name, role, n in session.execute(query)]


def _turnout(
    school: str, answered: Sequence[tuple[str, str, int]], staff: Sequence[Any]
) -> Turnout:
    return Turnout(
        school,
        sum(n for name, _, n in answered if name == school),
        sum(row.headcount for row in staff if row.name == school),
    )


def _of_school(turnout: Turnout) -> str:
    headcount = turnout.headcount or 0
    if headcount < SMALLEST_SCHOOL:
        return _words(fewer_than(SMALLEST_SCHOOL, "staff"))
    return _band(people(turnout.n), turnout.n, headcount)


def _of_role(row: PeopleRow, held: Sequence[Turnout]) -> str:
    headcount = sum(each.headcount or 0 for each in held)
    if 0 < headcount <= LARGEST_WITHOUT_BAND:
        return _words(fewer_than(LARGEST_WITHOUT_BAND))
    return _band(row.n_band, sum(each.n for each in held), headcount)


def _band(band: str | Withheld, n: int, headcount: int) -> str:
    """A band in words; never one of which the head count tells that everybody answered."""
    if isinstance(band, str) and headcount and n >= NEARLY_ALL * headcount:
        return "nearly all"
    return _words(band)


def _daily_rate(row: PeopleRow, total: Turnout) -> str:
    """The rate while the round is open: of everybody, in steps of ten people or more."""
    is_large = (total.headcount or 0) >= SMALLEST_DAILY_RATE
    if row.kind != "total" or not is_large or isinstance(row.rate, Withheld):
        return LATER
    return percent(total.rate or 0, step=DAILY_STEP).text


def _words(value: Any) -> str:
    """The text to print of anything that has passed the fence."""
    if isinstance(value, Withheld):
        return value.reason
    return value if isinstance(value, str) else str(value.text)
