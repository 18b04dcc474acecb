"""Checking a roster row by row: what is good, what is wrong with the rest, what is not known.

A fault's text holds no address, so that it may be logged; ``value`` may not.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from email_validator import EmailNotValidError, validate_email

from instruments.roster import MOST as MOST_OF_A_ROLE
from survey.services.organisations import LONGEST_SCHOOL_NAME
from survey.services.roster_files import Sheet
from survey.services.roster_reading import CENTRE, NEW, ROLE_COLUMN, SKIP, Places, Reading, folded

Problem = Literal[
    "no address",
    "not an address",
    "twice",
    "formula",
    "no role",
    "unknown role",
    "unknown school",
    "no school",
    "school not empty",
    "not a number",
    "counted twice",
    "no name",
    "no column",
]
#: (id of a school, "new:" and the name of one to be made, or None for the centre; role)
Cell = tuple[str | None, str]
#: begins the place of a school that is made when the roster is applied
TO_MAKE = "new:"

#: an address that needs no closer look: plain letters, one @, a name of parts, no odd dots
_PLAIN = re.compile(
    r"[a-z0-9_+-]{1,32}(?:\.[a-z0-9_+-]{1,20}){0,2}"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\.){1,4}[a-z]{2,12}"
)
#: names that reach nobody; the closer look refuses them
_SPECIAL = ("test", "invalid", "localhost", "local", "onion", "arpa")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one place of a file.

    Attributes
    ----------
    row : int
        Row of the file.
    column : str
        Heading of the column, as the file has it.
    problem : str
        What is wrong.
    value : str
        What stands there. Never logged.
    about : mapping of str to str
        What else the sentence for the leader needs.
    """

    row: int
    column: str
    problem: Problem
    value: str = field(repr=False)
    about: Mapping[str, str] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking a sheet.

    Attributes
    ----------
    people : mapping of str to Cell
        Addresses of a staff list, and where each person belongs.
    counts : mapping of Cell to int
        Head counts, where the roster has no people.
    good : int
        Rows without a fault that count.
    faults : tuple of Fault
        In the order of the file.
    passed_over : int
        Rows in which no column that is read holds anything.
    skipped : int
        Rows that the leader chose to pass over.
    """

    people: Mapping[str, Cell]
    counts: Mapping[Cell, int]
    good: int
    faults: tuple[Fault, ...]
    passed_over: int
    skipped: int

    @property
    def faulty_rows(self) -> int:
        return len({fault.row for fault in self.faults})

    def unknown(self, problem: Problem) -> Mapping[str, int]:
        """Words of the file that are not known, and in how many rows they stand."""
        return Counter(fault.value for fault in self.faults if fault.problem == problem)

    @property
    def new_schools(self) -> tuple[str, ...]:
        """Names of the schools that are made with it."""
        cells = [*self.people.values(), *self.counts]
        names = {school for school, _ in cells if school and school.startswith(TO_MAKE)}
        return tuple(sorted(name.removeprefix(TO_MAKE) for name in names))


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the file: what its columns hold, and what they are headed with."""

    number: int
    held: Mapping[str, str]
    headings: Mapping[str, str]

    def fault(self, name: str, problem: Problem, value: str, **about: str) -> Fault:
        heading = self.headings.get(name) or self.headings.get("school", name)
        return Fault(self.number, heading, problem, value, about)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the rows before have brought."""

    people: dict[str, Cell] = field(default_factory=dict)
    counts: dict[Cell, int] = field(default_factory=dict)
    #: address, or place of a head count -> the first row that has it
    first: dict[str | Cell, int] = field(default_factory=dict)
    #: schools to be made: name in small letters -> as first written
    made: dict[str, str] = field(default_factory=dict)


def check(sheet: Sheet, reading: Reading, places: Places) -> Checked:
    """Check every row of a sheet below its headings."""
    is_wide = any(name.startswith(ROLE_COLUMN) for name in reading.columns)
    check_row = _person if places.is_list else _wide if is_wide else _long
    headings = {
        name: heading_of(sheet, reading, column) for name, column in reading.columns.items()
    }
    seen, faults = _Seen(), list[Fault]()
    good = passed_over = skipped = 0
    for number, cells in sheet.rows[reading.heading + 1 :]:
        held = {
            name: cells[column] if column < len(cells) else ""
            for name, column in reading.columns.items()
        }
        row = _Row(number, held, headings)
        if not any(held.values()):
            passed_over += 1
        elif _is_skipped(row, places):
            skipped += 1
        elif found := list(_formulas(row)) or check_row(row, places, seen):
            faults += found
        else:
            good += 1
    return Checked(
        people=seen.people,
        counts=seen.counts,
        good=good,
        faults=tuple(faults),
        passed_over=passed_over,
        skipped=skipped,
    )


def _is_skipped(row: _Row, places: Places) -> bool:
    role = places.role_words.get(folded(row.held.get("role", "")))
    school = places.school_words.get(folded(row.held.get("school", "")))
    return SKIP in (role, school)


def _formulas(row: _Row) -> Iterator[Fault]:
    for name, value in row.held.items():
        if value.startswith("="):
            yield row.fault(name, "formula", value)


def _person(row: _Row, places: Places, seen: _Seen) -> list[Fault]:
    """Take in a row of a staff list; returns what is wrong with it instead."""
    value = row.held["email"]
    email = normal_address(value)
    found: list[Fault] = []
    if not value:
        found.append(row.fault("email", "no address", value))
    elif email is None:
        found.append(row.fault("email", "not an address", value))
    elif email in seen.first:
        found.append(row.fault("email", "twice", value, other=str(seen.first[email])))
    cell, wrong = _cell(row, row.held.get("role", ""), places, seen)
    found += wrong
    if email is not None:
        seen.first.setdefault(email, row.number)
        if cell is not None and not found:
            seen.people[email] = cell
    return found


def _long(row: _Row, places: Places, seen: _Seen) -> list[Fault]:
    """Take in a head count of one school and role; returns what is wrong with it instead."""
    cell, found = _cell(row, row.held.get("role", ""), places, seen)
    return found + _count(row, "headcount", cell, seen)


def _wide(row: _Row, places: Places, seen: _Seen) -> list[Fault]:
    """Take in the head counts of a school; returns what is wrong with them instead."""
    found: list[Fault] = []
    for name, value in row.held.items():
        if not name.startswith(ROLE_COLUMN) or value in ("", "0"):
            continue
        cell, wrong = _cell(row, name.removeprefix(ROLE_COLUMN), places, seen)
        found += [fault for fault in wrong if fault not in found]
        found += _count(row, name, cell, seen)
    return found


def _count(row: _Row, name: str, cell: Cell | None, seen: _Seen) -> list[Fault]:
    value = row.held[name]
    count = _whole_number(value)
    if count is None:
        return [row.fault(name, "not a number", value, most=f"{MOST_OF_A_ROLE:,}")]
    if cell in seen.first:
        return [row.fault(name, "counted twice", value, other=str(seen.first[cell]))]
    if cell is not None:
        seen.first[cell] = row.number
        seen.counts[cell] = count
    return []


def _cell(
    row: _Row, role_word: str, places: Places, seen: _Seen
) -> tuple[Cell | None, list[Fault]]:
    """Where a row belongs; None where that is not known, and what is wrong with it."""
    role = places.role_words.get(folded(role_word)) if places.roles else ""
    school = row.held.get("school", "")
    place = places.school_words.get(folded(school)) if school else CENTRE
    found: list[Fault] = []
    if role is None:
        problem: Problem = "unknown role" if role_word else "no role"
        known = ", ".join(places.roles.values())
        found.append(row.fault("role", problem, role_word, known=known))
    if place is None:
        found.append(row.fault("school", "unknown school", school))
    elif role and (role in places.central) is not (place == CENTRE):
        problem = "school not empty" if role in places.central else "no school"
        found.append(row.fault("school", problem, school, role=places.roles[role]))
    if place == NEW and len(school) > LONGEST_SCHOOL_NAME:
        found.append(row.fault("school", "no name", school, most=str(LONGEST_SCHOOL_NAME)))
    if found or role is None or place is None:
        return None, found
    if place == NEW:
        return (TO_MAKE + seen.made.setdefault(folded(school), school), role), found
    return (None if place == CENTRE else place, role), found


def heading_of(sheet: Sheet, reading: Reading, column: int) -> str:
    """A column's heading; its letters, as spreadsheets have them, where it has none."""
    headings: Sequence[str] = sheet.rows[reading.heading][1] if reading.heading >= 0 else ()
    named = headings[column] if column < len(headings) else ""
    return shown(named) or letters(column)


def letters(column: int) -> str:
    """A, B, ... Z, AA, ...: how spreadsheets name a column."""
    first, last = divmod(column, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


def normal_address(text: str) -> str | None:
    """The address in the one form that it is kept in; None where it is none that mail can reach."""
    small = text.lower()
    if _PLAIN.fullmatch(small) and not small.endswith(_SPECIAL):
        return small
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return (found.ascii_email or "").lower() or None


def _whole_number(text: str) -> int | None:
    # length first: Python refuses to turn very long digits into a number
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return int(text) if int(text) <= MOST_OF_A_ROLE else None


def shown(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
