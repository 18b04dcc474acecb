"""Reading an Excel workbook (.xlsx): looked through as a stream first, then read by openpyxl.

The look costs little memory whatever the file claims: it finds bombs, macros, entities, rows that
are far too wide, merged cells, and formulas whose value was never saved.
"""

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import IO, Any
from xml.parsers import expat

from survey.services.roster_files import (
    MOST_COLUMNS,
    MOST_ROWS,
    Notice,
    RosterFileError,
    Sheet,
    filled_rows,
)

#: what all parts may weigh unpacked, and those that are read whole
MOST_UNPACKED, MOST_WHOLE = 48 * 1024 * 1024, 4 * 1024 * 1024
MOST_PARTS, MOST_SHEETS = 2_000, 20
#: cells of a row and rows of a sheet: what Excel allows
WIDEST, LONGEST = 16_384, 1_048_576
_CHUNK = 64 * 1024
#: parts that openpyxl reads piece by piece
_STREAMED = ("xl/worksheets/", "xl/sharedstrings")
#: what a broken file makes the libraries raise: openpyxl fails with whatever the part leads to
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    SyntaxError,
)


def read(content: bytes) -> tuple[Sheet, ...]:
    """The sheets of a workbook that can be seen, as text.

    Raises
    ------
    RosterFileError
        If it is another kind of archive, broken, or holds macros or too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            notices = _look_through(archive)
        return tuple(_sheets(content, notices))
    except RosterFileError:
        raise
    except _BROKEN as error:
        raise RosterFileError("broken workbook") from error


def _look_through(archive: zipfile.ZipFile) -> dict[str, tuple[Notice, ...]]:
    """Refuse what must not be unpacked; notices by the name of the sheet's part."""
    parts = archive.infolist()
    names = {part.filename.casefold() for part in parts}
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise RosterFileError("too much inside")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise RosterFileError("macros")
    if not any(name.startswith("xl/worksheets/") for name in names):
        raise RosterFileError("other workbook")
    found = {}
    for part in parts:
        name = part.filename.casefold()
        if part.file_size > MOST_WHOLE and not name.startswith(_STREAMED):
            raise RosterFileError("too much inside")
        if not name.endswith((".xml", ".rels")):
            continue
        with archive.open(part) as stream:
            found[part.filename] = _notices(stream)
    return found


def _notices(stream: IO[bytes]) -> tuple[Notice, ...]:
    """What a part holds that the leader should know, found while it streams by."""
    cells = 0
    is_formula = has_value = is_in_value = False
    found: dict[Notice, None] = {}

    def begins(name: str, attributes: dict[str, str]) -> None:
        nonlocal cells, is_formula, has_value, is_in_value
        kind = name.rpartition(" ")[2]
        if kind == "c":
            cells += 1
            if cells > WIDEST:
                raise RosterFileError("too much inside")
            is_formula, has_value = False, attributes.get("t") == "str"  # a text, if an empty one
        elif kind == "row":
            cells = 0
        elif kind == "f":
            is_formula = True
        elif kind == "v":
            is_in_value = True
        elif kind == "mergeCell":
            found["merged"] = None

    def ends(name: str) -> None:
        nonlocal is_in_value
        kind = name.rpartition(" ")[2]
        if kind == "v":
            is_in_value = False
        elif kind == "c" and is_formula and not has_value:
            found["no value"] = None

    def holds(text: str) -> None:
        nonlocal has_value
        has_value = has_value or (is_in_value and bool(text.strip()))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = begins, ends
    parser.CharacterDataHandler, parser.buffer_text = holds, True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return tuple(found)


def _refuse_doctype(*_: Any) -> None:
    """No spreadsheet program writes one; entities that unfold without end need one."""
    raise RosterFileError("broken workbook")


def _sheets(content: bytes, notices: dict[str, tuple[Notice, ...]]) -> Iterator[Sheet]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and checks of cells that are not read
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            for sheet in seen[:MOST_SHEETS]:
                sheet.reset_dimensions()  # what a file says of its size need not be true
                looked = notices[sheet._worksheet_path.lstrip("/")]
                rows = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
                yield Sheet(sheet.title, filled_rows(_texts(rows)), looked)
        finally:
            book.close()


def _texts(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, row in enumerate(rows, 1):
        if number > LONGEST or (number > 4 * MOST_ROWS and any(row)):
            raise RosterFileError("too many rows", most=f"{MOST_ROWS:,}")
        width = len(row)
        while width and row[width - 1] is None:
            width -= 1
        yield number, tuple(map(_text, row[:width]))


def _text(value: object) -> str:
    """A typed value as people would type it."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, datetime | date | time):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
