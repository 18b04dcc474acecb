"""How many have answered: by day while a round is open, in bands always."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from math import ceil
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments.definition import Disclosure, Instrument
from instruments.measures import Turnout
from instruments.registry import InstrumentError
from reports import disclosure_watch
from reports.disclosure import PROGRAM_FLOORS, Withheld, fewer_than
from reports.disclosure_rows import role_rows
from reports.disclosure_watch import Told
from survey.models import Draft, Response, RosterRow, Round, School
from survey.services import rounds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One printed row: ``answered`` is a band or words, ``rate`` a rounded share or words."""

    kind: str
    name: str
    answered: str
    rate: str = ""
    #: while the round is open: the band as percent of the staff, and where the minimum for a row
    #: of their own stands; None: there is no bar
    low: float | None = None
    high: float | None = None
    least: float | None = None
    #: whether that minimum is reached, in words that follow from the band alone
    enough: str = ""


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
    by_school = [
        _turnout(school, answered, staff)
        for school in sorted({row.name or "" for row in staff})
        if school
    ]
    total = Turnout("", sum(n for _, _, n in answered), sum(row.headcount for row in staff) or None)
    if round_.closed_at is not None:
        everybody, roles, schools = _closed(round_, instrument, total, by_role, by_school)
    else:
        cells = {(row.name or "", row.role): row.headcount for row in staff}
        everybody, roles, schools = _open(round_, instrument, total, by_role, by_school, cells)
    return Progress(on=on, total=everybody, roles=roles, schools=schools)


#: everybody, the roles, the schools
Lines = tuple[Line, tuple[Line, ...], tuple[Line, ...]]


def _closed(
    round_: Round,
    instrument: Instrument,
    total: Turnout,
    by_role: Sequence[Turnout],
    by_school: Sequence[Turnout],
) -> Lines:
    """As the profile prints roles, with rates; schools in bands."""
    text = rounds.words_of(round_).text
    named = {**text.groups, **text.roles}
    lines = [
        Line(row.kind, named.get(row.code, {}).get("name", ""), _words(row.n_band),
             _words(row.rate))
        for row in role_rows(by_role, instrument.groups, total)
    ]  # fmt: skip
    return (
        lines[-1],
        tuple(lines[:-1]),
        tuple(Line("school", each.name, _at_the_end(each)) for each in by_school),
    )


def _at_the_end(school: Turnout) -> str:
    told = disclosure_watch.told(school)
    few = told.is_told and told.low < PROGRAM_FLOORS.group_n
    return fewer_than(PROGRAM_FLOORS.group_n).reason if few else told.text


def _open(
    round_: Round,
    instrument: Instrument,
    total: Turnout,
    by_role: Sequence[Turnout],
    by_school: Sequence[Turnout],
    staff: Mapping[tuple[str, str], int],
) -> Lines:
    """Bands that stand for three numbers or more, together too; each with its bar."""
    names = rounds.words_of(round_).text.roles
    held = [each for each in by_role if each.headcount]
    day = disclosure_watch.day(
        total, held, by_school, central=instrument.central_roles, staff=staff
    )
    floors = instrument.disclosure
    return (
        _line("total", "", day.total, total.headcount, least=None),
        tuple(
            _line("role", names[each.name]["name"], day.roles[each.name], each.headcount,
                  least=floors.group_n)
            for each in held
        ),
        tuple(
            _line("school", each.name, day.schools[each.name], each.headcount,
                  least=_least(floors, each.headcount or 0))
            for each in by_school
        ),
    )  # fmt: skip


def _least(floors: Disclosure, headcount: int) -> int:
    """So many answers a school needs for a row of its own."""
    return max(floors.school_n, ceil(floors.school_response_rate * headcount))


def _line(kind: str, name: str, told: Told, headcount: int | None, *, least: int | None) -> Line:
    """A label with its bar, in percent of the staff."""
    if not headcount or not told.is_told:
        word = "" if least is None else _enough(told, headcount, least)
        return Line(kind, name, told.text, enough=word)
    return Line(
        kind,
        name,
        told.text,
        low=round(100 * told.low / headcount, 1),
        high=round(100 * told.high / headcount, 1),
        # of a role the minimum is a number, and would stand at the very left of its bar
        least=round(100 * least / headcount, 1) if least and kind == "school" else None,
        enough="" if least is None else _enough(told, headcount, least),
    )


def _enough(told: Told, headcount: int | None, least: int) -> str:
    """Whether a row is reached, from the band alone: no number is told that it does not tell."""
    if headcount is not None and headcount < least:
        return "too few staff"
    if not told.is_told:
        return "told at the close"
    if told.low >= least:
        return "enough"
    return "may be enough" if told.high >= least else f"{least - told.high} or more to go"


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


def _words(value: Any) -> str:
    """The text to print of anything that has passed the fence."""
    if isinstance(value, Withheld):
        return value.reason
    return value if isinstance(value, str) else str(value.text)
