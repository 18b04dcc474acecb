"""What copied files say, byte by byte: where names and ids stand, and in what order."""

import re
import secrets
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.linkage.chance import Cell, Order

#: what ids and addresses look like in any file
WORD = re.compile(rb"[0-9a-f]{16,64}(?:@[a-z.]+)?|[0-9a-z.]+@[a-z.]+")
#: names and ids that stand closer than this are near each other: about one page of a table
NEAR = 4096
#: so much after an id is its row, as far as a change of it is concerned
_ROW = 160


def places(content: bytes, wanted: Mapping[str, str]) -> list[tuple[int, str]]:
    """(offset, whose or which) of everything wanted that stands in the bytes."""
    found = []
    for match in WORD.finditer(content):
        word = match[0].decode()
        for name in (word, word[:64], word[:32], word[:16]):
            if name in wanted:
                found.append((match.start(), wanted[name]))
                break
    return found


def order_of(name: str, found: Iterable[tuple[int, str]]) -> dict[str, Order]:
    """Orders by the first and by the last place where each stands."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for offset, who in found:
        first.setdefault(who, offset)
        last[who] = offset
    return {f"{name} (first)": first, f"{name} (last)": last} if first else {}


def nearest(
    people: list[tuple[int, str]],
    sheets: list[tuple[int, str]],
    cells: Mapping[str, Cell],
    sheet_cells: Mapping[str, Cell],
) -> dict[str, str]:
    """For each sheet the person of its cell that stands nearest to it, if anyone is near."""
    best: dict[str, tuple[int, str]] = {}
    start = 0
    for offset, sheet in sheets:
        while start < len(people) and people[start][0] < offset - NEAR:
            start += 1
        for at, person in people[start:]:
            if at > offset + NEAR:
                break
            if cells.get(person) == sheet_cells.get(sheet):
                best[sheet] = min(best.get(sheet, (NEAR + 1, "")), (abs(at - offset), person))
    return {sheet: person for sheet, (_, person) in best.items()}


# --- SQLite --------------------------------------------------------------------------------------


def copy_sqlite(url: str, folder: Path) -> Path:
    """Copy the database with its write-ahead log, as somebody does who can read the disk."""
    source = Path(url.removeprefix("sqlite:///"))
    folder.mkdir(parents=True)
    for path in source.parent.glob(source.name + "*"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder / source.name


def frames(content: bytes) -> list[tuple[tuple[int, int], int, bytes]]:
    """Pages in a write-ahead log, in the order in which they were written.

    Frames that an earlier round through the file left behind its present end are the oldest.
    """
    if len(content) < 32:
        return []
    size = struct.unpack(">I", content[8:12])[0]
    found = []
    for number, start in enumerate(range(32, len(content) - size - 23, size + 24)):
        page, _, salt = struct.unpack(">III", content[start : start + 12])
        found.append(((salt, number), page, content[start + 24 : start + 24 + size]))
    return sorted(found, key=lambda frame: frame[0])


def wal_orders(content: bytes, wanted: Mapping[str, str]) -> dict[str, Order]:
    """When each was first and last written, and when its row first and last changed."""
    written: list[tuple[int, str]] = []
    changed: list[tuple[int, str]] = []
    rows: dict[tuple[int, str], bytes] = {}
    for number, (_, page, bytes_) in enumerate(frames(content)):
        for offset, who in places(bytes_, wanted):
            row = bytes_[offset : offset + _ROW]
            written.append((number, who))
            if rows.get((page, who)) != row:
                rows[page, who] = row
                changed.append((number, who))
    return {
        **order_of("write-ahead log: written", written),
        **order_of("write-ahead log: changed", changed),
    }


def free_pages(path: Path) -> bytes:
    """What stands in pages that belong to no table any more."""
    content = path.read_bytes()
    size, trunk = struct.unpack(">H", content[16:18])[0], struct.unpack(">I", content[32:36])[0]
    size = 65536 if size == 1 else size
    free = []
    while trunk:
        page = content[(trunk - 1) * size : trunk * size]
        following, count = struct.unpack(">II", page[:8])
        leaves = struct.unpack(f">{count}I", page[8 : 8 + 4 * count])
        free.append(page[8 + 4 * count :])
        free += [content[(leaf - 1) * size : leaf * size] for leaf in leaves]
        trunk = following
    return b"".join(free)


def readable(path: Path) -> sa.Engine:
    """Opens a copy. Only after its bytes were read: opening it changes them."""
    return sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(path))


# --- PostgreSQL ----------------------------------------------------------------------------------


def relations(connection: sa.Connection) -> dict[str, bytes]:
    """The bytes of every table and index of ours, and of what overflows from them."""
    connection.exec_driver_sql("CHECKPOINT")
    names = connection.exec_driver_sql(
        "SELECT c.relname, pg_relation_filepath(c.oid) FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'i', 't') AND n.nspname IN ('public', 'pg_toast') "
        "AND c.oid >= 16384 ORDER BY c.relname"
    ).all()
    return {name: _server_file(connection, path) for name, path in names}


@contextmanager
def kept_log(engine: sa.Engine) -> Iterator[None]:
    """Let no segment of PostgreSQL's write-ahead log be thrown away until the block ends."""
    if engine.dialect.name != "postgresql":
        yield
        return
    slot = f"linkage_{secrets.token_hex(4)}"
    with Session(engine) as session:
        session.execute(sa.select(sa.func.pg_create_physical_replication_slot(slot, True)))
        session.commit()
    try:
        yield
    finally:
        with Session(engine) as session:
            session.execute(sa.select(sa.func.pg_drop_replication_slot(slot)))
            session.commit()


def server_log(connection: sa.Connection, since: str) -> bytes:
    """PostgreSQL's write-ahead log from a place in it to its present end.

    Read it before anything that makes a checkpoint, which gives files of it other names.
    """
    connection.exec_driver_sql("SELECT pg_switch_wal()")  # so that all of it is on the disk
    names = connection.execute(
        sa.text(
            "SELECT name FROM pg_ls_waldir() WHERE name >= pg_walfile_name(CAST(:since AS pg_lsn)) "
            "AND name <= pg_walfile_name(pg_current_wal_lsn()) AND length(name) = 24 ORDER BY name"
        ),
        {"since": since},
    ).scalars()
    return b"".join(_server_file(connection, f"pg_wal/{name}") for name in names.all())


def _server_file(connection: sa.Connection, path: str) -> bytes:
    query = sa.text("SELECT pg_read_binary_file(:path)")
    return bytes(connection.execute(query, {"path": path}).scalar_one())


def statistics(connection: sa.Connection) -> str:
    """The planner's statistics, which hold samples of values, after the server gathered them."""
    connection.exec_driver_sql("ANALYZE")
    rows = connection.exec_driver_sql("SELECT * FROM pg_stats WHERE schemaname = 'public'").all()
    return "\n".join(str(row) for row in rows)
