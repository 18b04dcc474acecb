"""The roster: how many people of each role each school has."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from instruments.definition import Instrument
from instruments.tables import Table, TableError, read_table, write_table

#: people of one role in one school: more is a slip of the keyboard, and bands draw them one by one
MOST = 100_000
_COLUMNS = ("school", "role", "headcount")


class RosterFileError(TableError):
    """A roster that cannot be used; one line naming row, column, value and the mend."""


@dataclass(frozen=True, slots=True)
class RosterRow:
    """``headcount`` people of ``role`` in ``school`` (empty for central roles)."""

    school: str
    role: str
    headcount: int


@dataclass(frozen=True, slots=True)
class Roster:
    """Head counts by school and role, on the day the round opened."""

    rows: tuple[RosterRow, ...]

    def headcount(self, *, school: str | None = None, roles: Collection[str] | None = None) -> int:
        """People of these roles in this school; of all roles or schools where none is given."""
        return sum(
            row.headcount
            for row in self.rows
            if (school is None or row.school == school) and (roles is None or row.role in roles)
        )

    @property
    def schools(self) -> tuple[str, ...]:
        """The schools named, in the roster's order."""
        return tuple(dict.fromkeys(row.school for row in self.rows if row.school))


def read_roster(path: str | Path, instrument: Instrument) -> Roster:
    """Read ``school, role, headcount`` from a CSV, Parquet or SPSS file.

    Schools keep their spelling: it must be that of the response file. Central roles have an empty
    school.

    Raises
    ------
    RosterFileError
        A missing column, an unknown role, a count that is not a whole number of people, a school
        and role named twice, a central role with a school or another role without one, nobody.
    """
    try:
        table = read_table(Path(path), header=_COLUMNS)
        rows = _rows(table, instrument)
    except TableError as error:
        raise RosterFileError(str(error)) from error
    return Roster(rows)


def _rows(table: Table, instrument: Instrument) -> tuple[RosterRow, ...]:
    for name in _COLUMNS:
        if name not in table.columns:
            raise table.fail(f"there is no column {name}; a roster has {', '.join(_COLUMNS)}")
    seen: dict[tuple[str, str], int] = {}
    rows = []
    cells = zip(table.rows, *(table.columns[name] for name in _COLUMNS), strict=True)
    for number, school, role, count in cells:
        _check_place(table, instrument, number, school, role)
        if (school, role) in seen:
            raise table.fail(
                f"row {number}: school '{school}', role {role} stands in row "
                f"{seen[school, role]} already; give each pair once"
            )
        seen[school, role] = number
        # length first: Python refuses to turn very long digits into a number
        if not (count.isascii() and count.isdigit() and len(count) <= 9 and int(count) <= MOST):
            shown = count if len(count) <= 40 else count[:37] + "..."
            raise table.fail(
                f"row {number}, column headcount: '{shown}' is not a number of people; "
                f"give a whole number from 0 to {MOST:,}"
            )
        rows.append(RosterRow(school, role, int(count)))
    if not sum(row.headcount for row in rows):
        raise table.fail("lists nobody; add one row for each school and role")
    return tuple(rows)


def _check_place(table: Table, instrument: Instrument, number: int, school: str, role: str) -> None:
    if instrument.roles and role not in instrument.roles:
        raise table.fail(
            f"row {number}, column role: '{role}' is not one of {', '.join(instrument.roles)}; "
            "use the instrument's role codes"
        )
    if role in instrument.central_roles and school:
        raise table.fail(
            f"row {number}, column school: role {role} is central and belongs to no school, "
            f"not to '{school}'; leave the school empty"
        )
    if role not in instrument.central_roles and not school:
        raise table.fail(f"row {number}, column school: is empty; name the school of role {role}")


def unlisted_schools(roster: Roster, schools: Collection[str], *, name: str) -> tuple[str, ...]:
    """Schools of the answers that the roster (file ``name``) does not list.

    Raises
    ------
    RosterFileError
        One of them reads like a school of the roster: it would count as two schools.
    """
    listed = {" ".join(school.split()).casefold(): school for school in roster.schools}
    missing = sorted(set(schools) - {"", *roster.schools})
    for school in missing:
        if near := listed.get(" ".join(school.split()).casefold()):
            raise RosterFileError(
                f"{name}: school '{near}' is written {school!r} in the answers; "
                "give it one spelling in both"
            )
    return tuple(missing)


def write_roster(roster: Roster, path: str | Path) -> None:
    """Write a roster that ``read_roster`` reads back."""
    columns = {
        "school": [row.school for row in roster.rows],
        "role": [row.role for row in roster.rows],
        "headcount": [str(row.headcount) for row in roster.rows],
    }
    write_table(Path(path), columns, ())
