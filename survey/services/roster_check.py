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
#: letters of a school's name
LONGEST_NAME = 120

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
        What stands there, shortened. Never logged.
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
    unknown_roles, unknown_schools : mapping of str to int
        Words as the file has them, and in how many rows.
    """

    people: Mapping[str, Cell]
    counts: Mapping[Cell, int]
    good: int
    faults: tuple[Fault, ...]
    passed_over: int
    skipped: int
    unknown_roles: Mapping[str, int]
    unknown_schools: Mapping[str, int]

    @property
    def faulty_rows(self) -> int:
        return len({fault.row for fault in self.faults})

    @property
    def new_schools(self) -> tuple[str, ...]:
        """Names of the schools that are made with it."""
        cells = [*self.people.values(), *self.counts]
        names = {school for school, _ in cells if school and school.startswith(TO_MAKE)}
        return tuple(sorted(name.removeprefix(TO_MAKE) for name in names))


def check(sheet: Sheet, reading: Reading, places: Places) -> Checked:
    """Check every row of a sheet below its headings."""
    return _Check(sheet, reading, places).run()


class _Check:
    """One pass over a sheet; what it has seen so far."""

    def __init__(self, sheet: Sheet, reading: Reading, places: Places) -> None:
        self.sheet, self.reading, self.places = sheet, reading, places
        self.people: dict[str, Cell] = {}
        self.counts: dict[Cell, int] = {}
        self.first: dict[str | Cell, int] = {}
        self.faults: list[Fault] = []
        self.unknown_roles: Counter[str] = Counter()
        self.unknown_schools: Counter[str] = Counter()
        self.good = self.passed_over = self.skipped = 0
        self.headings = {
            name: heading_of(sheet, reading, column) for name, column in reading.columns.items()
        }
        #: names of schools to be made: in small letters -> as first written
        self.made: dict[str, str] = {}

    def run(self) -> Checked:
        is_wide = any(name.startswith(ROLE_COLUMN) for name in self.reading.columns)
        check_row = self._person if self.places.is_list else self._wide if is_wide else self._long
        for row, cells in self.sheet.rows[self.reading.heading + 1 :]:
            held = {
                name: cells[column] if column < len(cells) else ""
                for name, column in self.reading.columns.items()
            }
            if not any(held.values()):
                self.passed_over += 1
                continue
            if self._is_skipped(held):
                self.skipped += 1
                continue
            before = len(self.faults)
            self.faults += self._formulas(row, held)
            if len(self.faults) == before:
                self.faults += check_row(row, held)
            self.good += len(self.faults) == before
        return Checked(
            people=self.people,
            counts=self.counts,
            good=self.good,
            faults=tuple(self.faults),
            passed_over=self.passed_over,
            skipped=self.skipped,
            unknown_roles=self.unknown_roles,
            unknown_schools=self.unknown_schools,
        )

    def _is_skipped(self, held: Mapping[str, str]) -> bool:
        role = self.places.role_words.get(folded(held.get("role", "")))
        school = self.places.school_words.get(folded(held.get("school", "")))
        return SKIP in (role, school)

    def _formulas(self, row: int, held: Mapping[str, str]) -> Iterator[Fault]:
        for name, value in held.items():
            if value.startswith("="):
                yield self._fault(row, name, "formula", value)

    def _person(self, row: int, held: Mapping[str, str]) -> list[Fault]:
        found = list(self._address_faults(row, held["email"]))
        email = normal_address(held["email"])
        cell, wrong = self._cell(row, held, held.get("role", ""))
        found += wrong
        if email is not None and not found and cell is not None:
            self.people[email] = cell
        if email is not None:
            self.first.setdefault(email, row)
        return found

    def _address_faults(self, row: int, value: str) -> Iterator[Fault]:
        email = normal_address(value)
        if not value:
            yield self._fault(row, "email", "no address", value)
        elif email is None:
            yield self._fault(row, "email", "not an address", value)
        elif email in self.first:
            yield self._fault(row, "email", "twice", value, other=str(self.first[email]))

    def _long(self, row: int, held: Mapping[str, str]) -> list[Fault]:
        cell, found = self._cell(row, held, held.get("role", ""))
        return found + self._count(row, "headcount", held["headcount"], cell if not found else None)

    def _wide(self, row: int, held: Mapping[str, str]) -> list[Fault]:
        found: list[Fault] = []
        for name in self.reading.columns:
            value = held[name]
            if not name.startswith(ROLE_COLUMN) or value in ("", "0"):
                continue
            cell, wrong = self._cell(row, held, name.removeprefix(ROLE_COLUMN))
            found += [fault for fault in wrong if fault not in found]
            found += self._count(row, name, value, cell if not wrong else None)
        return found

    def _count(self, row: int, name: str, value: str, cell: Cell | None) -> list[Fault]:
        count = _whole_number(value)
        if count is None:
            return [self._fault(row, name, "not a number", value, most=f"{MOST_OF_A_ROLE:,}")]
        if cell is None:
            return []
        if cell in self.first:
            return [self._fault(row, name, "counted twice", value, other=str(self.first[cell]))]
        self.first[cell] = row
        self.counts[cell] = count
        return []

    def _cell(
        self, row: int, held: Mapping[str, str], role_word: str
    ) -> tuple[Cell | None, list[Fault]]:
        """Where a row belongs, and what is wrong with its role and school."""
        role = self.places.role_words.get(folded(role_word)) if self.places.roles else ""
        school = held.get("school", "")
        found: list[Fault] = []
        if role is None:
            problem: Problem = "unknown role" if role_word else "no role"
            found.append(self._fault(row, "role", problem, role_word, known=self._role_names()))
            self.unknown_roles.update([role_word] if role_word else ())
        place = self.places.school_words.get(folded(school)) if school else CENTRE
        if place is None:
            found.append(self._fault(row, "school", "unknown school", school))
            self.unknown_schools.update([school])
        elif role is not None and role in self.places.central:
            if place != CENTRE:
                about = self.places.roles[role]
                found.append(self._fault(row, "school", "school not empty", school, role=about))
        elif role and place == CENTRE:
            about = self.places.roles[role]
            found.append(self._fault(row, "school", "no school", school, role=about))
        if place == NEW and len(school) > LONGEST_NAME:
            found.append(self._fault(row, "school", "no name", school, most=str(LONGEST_NAME)))
        if found or role is None or place is None:
            return None, found
        return (self._id_of(place, school), role), found

    def _id_of(self, place: str, school: str) -> str | None:
        if place == NEW:
            return TO_MAKE + self.made.setdefault(folded(school), school)
        return None if place == CENTRE else place

    def _role_names(self) -> str:
        return ", ".join(self.places.roles.values())

    def _fault(self, row: int, name: str, problem: Problem, value: str, **about: str) -> Fault:
        heading = self.headings.get(name) or self.headings.get("school", name)
        return Fault(row, heading, problem, shown(value), about)


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
