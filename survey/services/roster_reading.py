"""Which column of a roster's file is what, and which word means which role or school.

Both are guessed from headings, from what stands below them and from what the organisation chose
before; what the leader chooses on screen comes first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import RosterMemory, Round, School
from survey.services import rounds
from survey.services.roster_files import Book, Sheet

#: what a word for a school may mean beside a school: no school, a new one, rows to pass over
CENTRE, NEW, SKIP = "centre", "new", "skip"
#: a column that holds the head count of one role
ROLE_COLUMN = "role:"

_HEADINGS = {
    "email": (
        "email, e-mail, mail, email address, e-mail address, mail address, work email, work e-mail,"
        " email (work), staff email, emailaddress, address, upn, username"
    ),
    "role": (
        "role, job role, staff role, job, job title, post, position, post title, staff group,"
        " staff type, staff category, category, group, role type"
    ),
    "school": (
        "school, school name, academy, academy name, site, site name, campus, location, workplace,"
        " place of work, establishment, base, building, where"
    ),
    "headcount": (
        "headcount, head count, number, number of staff, number of people, staff, people, count,"
        " n, staff number, total, total staff, how many"
    ),
}
_KNOWN = {word.strip(): name for name, words in _HEADINGS.items() for word in words.split(",")}
#: words for the centre, where they stand in the place of a school
_CENTRE_WORDS = frozenset(
    "centre, center, the centre, the center, central, central office, central team, head office,"
    " headquarters, hq, trust office, district office, central services".split(", ")
)
#: among so many first rows the headings are looked for, and so many below them are guessed from
_TOP, _SAMPLE = 15, 200


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read.

    Attributes
    ----------
    sheet, heading : int
        Places in ``Book.sheets`` and ``Sheet.rows``; a heading of -1: there is none.
    columns : mapping of str to int
        What is read, and the column that holds it: email, role, school, headcount, or ``role:``
        and a role's code.
    roles, schools : mapping of str to str
        Words that the leader explained, in small letters, and what they mean.
    """

    sheet: int = 0
    heading: int = 0
    columns: Mapping[str, int] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    schools: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "heading": self.heading,
            "columns": dict(self.columns),
            "roles": dict(self.roles),
            "schools": dict(self.schools),
        }


@dataclass(frozen=True, slots=True)
class Places:
    """The roles and schools of a round, found as people write them."""

    #: a staff list is read, not head counts
    is_list: bool
    #: code -> name in the round's words
    roles: Mapping[str, str]
    central: frozenset[str]
    #: id -> name, of the organisation's schools
    schools: Mapping[str, str]
    #: word in small letters -> code; -> id of a school, ``CENTRE``, ``NEW`` or ``SKIP``
    role_words: Mapping[str, str]
    school_words: Mapping[str, str]

    def needed(self, columns: Iterable[str]) -> list[str]:
        """What is missing among the columns that were chosen."""
        chosen = set(columns)
        if self.is_list:
            wanted = ["email", *(["role", "school"] if self.roles else [])]
            return [name for name in wanted if name not in chosen]
        if any(name.startswith(ROLE_COLUMN) for name in chosen):
            return ["school"] if "school" not in chosen else []
        wanted = ["school", *(["role"] if self.roles else []), "headcount"]
        return [name for name in wanted if name not in chosen]

    @property
    def choices(self) -> tuple[str, ...]:
        """What a column of a file may hold."""
        if self.is_list:
            return ("email", "role", "school")
        wide = tuple(ROLE_COLUMN + code for code in self.roles)
        return ("school", "role", "headcount", *wide)


def folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def places(session: Session, round_: Round, reading: Reading | None = None) -> Places:
    """The round's roles and schools, and the words for them that are known or were explained."""
    instrument = rounds.instrument_of(round_)
    words = rounds.words_of(round_)
    roles = {code: words.fill(words.text.roles[code]["name"]) for code in instrument.roles}
    schools = dict(
        session.execute(
            sa.select(School.school_id, School.name)
            .where(School.organisation_id == round_.organisation_id)
            .order_by(School.name)
        ).all()
    )
    kept = session.get(RosterMemory, round_.organisation_id) or RosterMemory(roles={}, schools={})
    known_roles = {**roles, SKIP: ""}
    known_schools = {**schools, CENTRE: "", NEW: "", SKIP: ""}
    chosen = reading or Reading()
    names = {folded(name): school_id for school_id, name in schools.items()}
    explained = _still_known(chosen.schools, known_schools)
    return Places(
        is_list=round_.mode == "confidential",
        roles=roles,
        central=frozenset(instrument.central_roles),
        schools=schools,
        role_words={
            **_still_known(kept.roles, known_roles),
            **_still_known(chosen.roles, known_roles),
            **{folded(name): code for code, name in roles.items()},
            **{folded(code): code for code in roles},
        },
        school_words={
            **dict.fromkeys(_CENTRE_WORDS, CENTRE),
            **names,
            # before names: lists may go on naming a school that was merged into another
            **_still_known(kept.schools, known_schools),
            **{word: what for word, what in explained.items() if what != NEW or word not in names},
        },
    )


def _still_known(words: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    return {word: meaning for word, meaning in words.items() if meaning in known}


def guess(session: Session, round_: Round, book: Book) -> Reading:
    """How the file seems to be meant; of several sheets the one that explains itself best."""
    found = places(session, round_)
    readings = [guess_sheet(session, round_, book, place) for place in range(len(book.sheets))]
    return min(readings, key=lambda reading: (len(found.needed(reading.columns)), reading.sheet))


def guess_sheet(session: Session, round_: Round, book: Book, place: int) -> Reading:
    """How one sheet of a file seems to be meant."""
    memory = session.get(RosterMemory, round_.organisation_id)
    kept = memory.columns if memory else {}
    return guess_columns(book.sheets[place], places(session, round_), kept, place=place)


def guess_columns(sheet: Sheet, found: Places, kept: Mapping[str, str], *, place: int) -> Reading:
    """The heading row of a sheet and what its columns seem to hold."""
    names = [[_meaning(cell, found, kept) for cell in cells] for _, cells in sheet.rows[:_TOP]]
    heading = max(range(len(names)), key=lambda row: (len(set(names[row]) - {""}), -row), default=0)
    if not any(names[heading]):
        heading = -1 if any("@" in cell for cell in sheet.rows[0][1]) else 0
    columns: dict[str, int] = {}
    for column, name in enumerate(names[heading] if heading >= 0 else ()):
        if name and name not in columns:
            columns[name] = column
    if any(name.startswith(ROLE_COLUMN) for name in columns):
        columns = {name: column for name, column in columns.items() if name not in _LONG}
    headings = sheet.rows[heading][1] if heading >= 0 else ()
    unused = {column for column, cell in enumerate(headings) if kept.get(folded(cell)) == ""}
    _guess_from_cells(sheet, heading, found, columns, unused)
    return Reading(sheet=place, heading=heading, columns=columns)


#: columns of the form with a row for each school and role
_LONG = ("role", "headcount")


def _meaning(heading: str, found: Places, kept: Mapping[str, str]) -> str:
    """What a column with this heading holds; empty where it does not say."""
    word = folded(heading)
    name = kept[word] if word in kept else _KNOWN.get(word.strip(":*#. "), "")
    if not (name or word in kept or found.is_list) and word in found.role_words:
        name = ROLE_COLUMN + found.role_words[word]
    return name if name in found.choices else ""


def _guess_from_cells(
    sheet: Sheet, heading: int, found: Places, columns: dict[str, int], unused: set[int]
) -> None:
    """Find by what stands below them the columns that their headings do not tell."""
    sample = [cells for _, cells in sheet.rows[heading + 1 : heading + 1 + _SAMPLE]]
    is_wide = any(name.startswith(ROLE_COLUMN) for name in columns)
    tests = {
        "email": lambda cell: "@" in cell,
        "role": lambda cell: folded(cell) in found.role_words,
        "school": lambda cell: folded(cell) in found.school_words,
        "headcount": str.isdigit,
    }
    for name, is_one in tests.items():
        if name in columns or name not in found.choices or (is_wide and name in _LONG):
            continue
        free = set(range(sheet.width)) - set(columns.values()) - unused
        hits = Counter(
            {column: sum(is_one(_cell(row, column)) for row in sample) for column in free}
        )
        best = hits.most_common(1)
        if best and best[0][1] * 2 > len(sample):
            columns[name] = best[0][0]


def _cell(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else ""


def from_json(plain: Mapping[str, Any]) -> Reading:
    return replace(Reading(), **plain)
