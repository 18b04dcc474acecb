"""Reading a staff list: a CSV file of ``email, role, school``.

Faults name a row, a column and what is wrong. Their text holds no address, so that it may be
logged; the page that shows them to the leader adds the value.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from instruments.tables import Table, TableError, read_csv
from survey.models import RosterRow, Round
from survey.services import rounds

#: people on one list; more is another file
MOST = 50_000
#: what a file of so many people may weigh
MOST_BYTES = 8 * 1024 * 1024
#: faults shown at a time
MOST_FAULTS = 20
COLUMNS = ("email", "role", "school")

Problem = Literal[
    "file",
    "missing column",
    "nobody",
    "too many",
    "not an address",
    "twice",
    "unknown role",
    "unknown school",
    "school missing",
    "school not empty",
    "more than the roster",
]
#: (school's id or None, role)
Cell = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one place of a file. ``str()`` may be logged; ``value`` may not.

    Attributes
    ----------
    problem : str
        What is wrong.
    row : int
        Row of the file, the header being row 1; 0 where it is not about one row.
    column : str
        Column of the file; empty where it is not about one column.
    value : str
        What stands there, shortened.
    about : mapping of str to str
        What else the sentence for the leader needs.
    """

    problem: Problem
    row: int
    column: str
    value: str
    about: Mapping[str, str]

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column or '-'}: {self.problem}"


class StaffListError(ValueError):
    """A staff list that cannot be used as it is; nothing of it was added."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Person:
    row: int
    email: str
    cell: Cell


def read(content: bytes, *, name: str) -> Table:
    """The three columns of the file; raises ``StaffListError`` where it has none."""
    try:
        table = read_csv(name, content, header=COLUMNS)
    except TableError as error:
        raise StaffListError(Fault("file", 0, "", "", {"what": str(error)})) from None
    names = {column.casefold(): column for column in table.columns}
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        found = ", ".join(table.columns)
        raise StaffListError(
            *(Fault("missing column", 1, column, _shown(found), {}) for column in missing)
        )
    if not table.rows:
        raise StaffListError(Fault("nobody", 0, "", "", {}))
    if len(table.rows) > MOST:
        raise StaffListError(
            Fault("too many", 0, "", f"{len(table.rows):,}", {"most": f"{MOST:,}"})
        )
    columns = {column: table.columns[names[column]] for column in COLUMNS}
    return Table(table.name, columns, table.rows, table.notices)


def people(session: Session, round_: Round, table: Table) -> list[Person]:
    """The people of the file; every fault of their rows at once, up to ``MOST_FAULTS``."""
    place = _places(session, round_)
    first: dict[str, int] = {}
    found_people: list[Person] = []
    faults: list[Fault] = []
    rows = zip(table.rows, *(table.columns[column] for column in COLUMNS), strict=True)
    for row, address, role, school in rows:
        found = list(place.faults(row, role, school))
        email = _address(address)
        if email is None:
            found.insert(0, Fault("not an address", row, "email", _shown(address), {}))
        elif email in first:
            other = {"other": str(first[email])}
            found.insert(0, Fault("twice", row, "email", _shown(address), other))
        if found:
            faults += found
            if len(faults) >= MOST_FAULTS:
                break
        elif email is not None:
            found_people.append(Person(row, email, place.cell(role, school)))
        if email is not None:
            first.setdefault(email, row)
    if faults:
        raise StaffListError(*faults[:MOST_FAULTS])
    return found_people


@dataclass(frozen=True, slots=True)
class _Places:
    """The roles and schools of a round, found as people write them."""

    central: frozenset[str]
    #: by code and by name, in small letters
    roles: Mapping[str, str]
    #: by name, and by name in small letters
    schools: Mapping[str, str]
    #: role codes, for the sentence about an unknown one
    codes: str

    def faults(self, row: int, role: str, school: str) -> Iterator[Fault]:
        code = self.roles.get(_folded(role))
        if code is None:
            yield Fault("unknown role", row, "role", _shown(role), {"known": self.codes})
        elif code in self.central or not self.schools:
            if school:
                yield Fault("school not empty", row, "school", _shown(school), {"role": role})
            return
        elif not school:
            yield Fault("school missing", row, "school", "", {"role": role})
        if school and self.school(school) is None:
            yield Fault("unknown school", row, "school", _shown(school), {})

    def cell(self, role: str, school: str) -> Cell:
        return self.school(school), self.roles[_folded(role)]

    def school(self, name: str) -> str | None:
        return self.schools.get(name) or self.schools.get(_folded(name))


def _places(session: Session, round_: Round) -> _Places:
    instrument = rounds.instrument_of(round_)
    words = rounds.words_of(round_)
    names = {_folded(words.fill(words.text.roles[r]["name"])): r for r in instrument.roles}
    schools = rounds.schools_of(session, round_)
    return _Places(
        central=frozenset(instrument.central_roles),
        roles={**names, **{_folded(role): role for role in instrument.roles or ("",)}},
        schools={
            **{_folded(school.name): school.school_id for school in schools},
            **{school.name: school.school_id for school in schools},
        },
        codes=", ".join(instrument.roles),
    )


def check_headcounts(
    session: Session,
    round_: Round,
    table: Table,
    fresh: Sequence[Person],
    listed: Mapping[str, Cell],
) -> None:
    """Refuse more people of one role in one school than the roster, where there is one, says."""
    headcounts = {
        (row.school_id, row.role): row.headcount
        for row in session.scalars(
            sa.select(RosterRow).where(RosterRow.round_id == round_.round_id)
        )
    }
    if not headcounts:
        return
    taken = Counter(listed.values())
    place = {row: number for number, row in enumerate(table.rows)}
    faults: dict[Cell, Fault] = {}
    for person in fresh:
        taken[person.cell] += 1
        headcount = headcounts.get(person.cell, 0)
        if taken[person.cell] > headcount and person.cell not in faults:
            number = place[person.row]
            faults[person.cell] = Fault(
                "more than the roster",
                person.row,
                "school" if person.cell[0] else "role",
                _shown(table.columns["school" if person.cell[0] else "role"][number]),
                {"role": table.columns["role"][number], "headcount": str(headcount)},
            )
    if faults:
        raise StaffListError(*list(faults.values())[:MOST_FAULTS])


def _address(text: str) -> str | None:
    """The address in the one form that it is kept in; None where it is none that mail can reach."""
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return (found.ascii_email or "").lower() or None


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _shown(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 60 else one_line[:57] + "..."
