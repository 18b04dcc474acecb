"""What the tables of a copied database say: orders and joins, whatever their columns are called.

Nothing here knows what a column means. Each column of a table with a row for each person, and of a
table with a row for each sheet, is an order to try, and so is the order in which a table gives its
rows; equal values on both sides are a join to try. A column added tomorrow is tried by itself.
"""

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from survey.services import sealing
from tests.linkage.chance import Cell, Order

#: what PostgreSQL keeps of each row beside its columns
SYSTEM = ("ctid", "xmin", "xmax", "cmin", "cmax")
PERSON_TABLE, SHEET_TABLES = "invitation", ("draft", "response", "open_answer")


@dataclass
class Rows:
    """Rows in the order in which the table gives them, each with what it is known by."""

    table: str
    #: identity -> its rows
    by_id: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def orders(self) -> dict[str, Order]:
        """An order for each column: a row's value, the first and last of several, how many."""
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        for identity, rows in self.by_id.items():
            columns: dict[str, list[Any]] = defaultdict(list)
            for row in rows:
                for name, value in row.items():
                    for detail, plain in _plain(value):
                        columns[name + detail].append(plain)
            for name, values in columns.items():
                held = [value for value in values if value is not None]
                if held:
                    ordered = sorted(held, key=lambda value: (type(value).__name__, value))
                    found[f"{self.table}.{name}"][identity] = ordered[0]
                    found[f"{self.table}.{name} (last)"][identity] = ordered[-1]
            found[f"number of {self.table} rows"][identity] = len(rows)
        return dict(found)


def _plain(value: Any) -> Iterator[tuple[str, Any]]:
    """A cell as things that can be put in order; of JSON also how much and in what order."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except ValueError:
            pass
    if isinstance(value, (dict, list)):
        yield " (length)", len(value)
        yield " (as text)", json.dumps(value)
        yield " (order of its parts)", json.dumps(list(value))
    elif isinstance(value, bool):
        yield "", int(value)
    elif isinstance(value, datetime):
        yield "", value.isoformat()
    elif value is None or isinstance(value, (int, float, str, tuple)):
        yield "", value
    else:
        yield "", str(value)


def read(connection: sa.Connection, round_id: str) -> tuple[list[Rows], list[Rows]]:
    """Tables with rows for people, and tables with rows for sheets, of one round."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    people, sheets = [], []
    for table in metadata.sorted_tables:
        to_person = next(
            (
                key.parent.name
                for key in table.foreign_keys
                if key.column.table.name == PERSON_TABLE
            ),
            None,
        )
        if table.name == PERSON_TABLE or to_person:
            people.append(_rows(connection, table, known_by=to_person, round_id=round_id))
        elif table.name in SHEET_TABLES:
            sheets.append(_rows(connection, table, known_by=None, round_id=round_id))
    return people, sheets


def of_sheets(connection: sa.Connection, table: str, round_id: str) -> Rows:
    """The rows of one table of sheets."""
    found = sa.Table(table, sa.MetaData(), autoload_with=connection)
    return _rows(connection, found, known_by=None, round_id=round_id)


def _rows(
    connection: sa.Connection, table: sa.Table, *, known_by: str | None, round_id: str
) -> Rows:
    known_by = known_by or next(iter(table.primary_key.columns)).name
    columns: list[Any] = list(table.columns)
    if connection.dialect.name == "postgresql":
        columns += [sa.literal_column(f"{table.name}.{name}::text").label(name) for name in SYSTEM]
    elif _has_rowid(connection, table.name):
        columns.append(sa.literal_column("rowid").label("rowid"))
    query = sa.select(*columns)  # of all rounds: a condition could be answered from an index
    rows = Rows(table.name)
    for number, row in enumerate(connection.execute(query).mappings()):
        if row.get("round_id", round_id) != round_id:
            continue
        values = {**row, "its place in the table": number}
        for name in SYSTEM:
            if name in values:
                values[name] = _numbers(values[name])
        rows.by_id[row[known_by]].append(values)
    return rows


def _has_rowid(connection: sa.Connection, table: str) -> bool:
    made = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    return "WITHOUT ROWID" not in connection.execute(made, {"table": table}).scalar_one().upper()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.strip("()").split(","))


def shared_values(
    people: list[Rows],
    sheets: list[Rows],
    cells: Mapping[str, Cell],
    sheet_cells: Mapping[str, Cell],
) -> dict[str, dict[str, str]]:
    """Joins by a value that stands in a row of a person and in a row of a sheet."""
    found: dict[str, dict[str, str]] = {}
    for person_table in people:
        for person_column, whose in _values(person_table).items():
            for sheet_table in sheets:
                for sheet_column, which in _values(sheet_table).items():
                    guesses = _join(whose, which, cells, sheet_cells)
                    if guesses:
                        found[f"{person_column} = {sheet_column}"] = guesses
    return found


def _values(rows: Rows) -> dict[str, dict[str, str]]:
    """column -> {identity: value as text}"""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for identity, held in rows.by_id.items():
        for name, value in held[0].items():
            if value is not None and name not in SYSTEM:
                found[f"{rows.table}.{name}"][identity] = str(value)
    return found


def _join(
    whose: Mapping[str, str],
    which: Mapping[str, str],
    cells: Mapping[str, Cell],
    sheet_cells: Mapping[str, Cell],
) -> dict[str, str]:
    """Sheets whose value some, but not all, of the people of their cell share."""
    sizes: dict[Cell, int] = defaultdict(int)
    holders: dict[tuple[Cell, str], list[str]] = defaultdict(list)
    for person, cell in cells.items():
        sizes[cell] += 1
        if person in whose:
            holders[cell, whose[person]].append(person)
    guesses = {}
    for sheet, value in which.items():
        cell = sheet_cells.get(sheet)
        held = holders.get((cell, value), [])
        if held and len(held) < sizes[cell]:
            guesses[sheet] = held[0]
    return guesses


# --- what can be worked out without the server's key -------------------------------------------

#: keys that somebody may have forgotten to change
OBVIOUS_KEYS = ("", "key", "secret", "secret key", "respondent_key", "midtier", "changeme", "dev")


def keys_lying_about(connection: sa.Connection) -> set[str]:
    """Everything in the small tables that could have served as a key."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    found = set(OBVIOUS_KEYS)
    for table in metadata.sorted_tables:
        if table.name in (PERSON_TABLE, "message", *SHEET_TABLES):
            continue
        for row in connection.execute(sa.select(table)):
            found |= {str(value) for value in row if value is not None and len(str(value)) < 200}
    return found


def digests(
    names: Mapping[str, list[str]], keys: set[str], *, round_id: str
) -> Iterator[tuple[str, str]]:
    """(digest, person) of everything that a person is known by, under every key that lies about.

    The source is public: its own functions are tried, and the plain ones that others use.
    """
    plain = (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.blake2b)
    for person, known_as in names.items():
        for name in known_as:
            messages = (name, f"{round_id}\0{name}", f"{round_id}{name}", f"{name}{round_id}")
            for message in messages:
                for digest in plain:
                    yield digest(message.encode()).hexdigest(), person
            for key in keys:
                yield sealing.invitation_key(key, round_id=round_id, invitation_id=name), person
                yield sealing.draft_key(key, round_id=round_id, words=name), person
                yield sealing.invitation_token(key, invitation_id=name), person
                made = hmac.new(key.encode(), name.encode(), hashlib.sha256).hexdigest()
                yield made, person


def worked_out(sheets: list[Rows], made: Iterator[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Joins by a digest of something of a person's, whole or cut short, in a sheet's row."""
    lengths = (16, 20, 32, 40, 64, 128)
    stands: dict[str, str] = {}
    for rows in sheets:
        for identity, held in rows.by_id.items():
            for value in held[0].values():
                if isinstance(value, str) and len(value) >= min(lengths):
                    stands[value] = identity
    if not stands:
        return {}
    guesses = {
        stands[digest[:length]]: person
        for digest, person in made
        for length in lengths
        if digest[:length] in stands
    }
    return {"a digest that anybody can work out": guesses} if guesses else {}
