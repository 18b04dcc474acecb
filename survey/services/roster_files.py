"""Reading a roster's file into sheets of text, whatever wrote it: CSV or an Excel workbook.

What a column holds is decided elsewhere. Nothing is evaluated here, and what would take much
memory is refused before it is unpacked.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

#: what a file may weigh
MOST_BYTES = 8 * 1024 * 1024
#: rows and columns of a sheet that are read; more rows is another file
MOST_ROWS, MOST_COLUMNS = 50_000, 60
#: cells of a sheet, so that no upload takes much more than 150 MB of memory
MOST_CELLS = 1_000_000

Problem = Literal[
    "empty",
    "old excel",
    "macros",
    "pdf",
    "other workbook",
    "too much inside",
    "broken workbook",
    "not text",
    "broken csv",
    "too many rows",
]
Notice = Literal["utf-16", "windows", "merged", "no value"]

_DELIMITERS = (",", ";", "\t")
#: characters at the head of a file that tell its delimiter
_TRIED = 4_000
#: control characters that no text file holds
_JUNK = frozenset(range(32)) - {9, 10, 12, 13}


class RosterFileError(ValueError):
    """A file that cannot be read; ``problem`` says why. Holds nothing of what stands in it."""

    def __init__(self, problem: Problem, **about: str) -> None:
        super().__init__(f"the file cannot be read: {problem}")
        self.problem: Problem = problem
        self.about: Mapping[str, str] = about


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows that hold anything: the row's number in the file, and its cells as text."""

    name: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    notices: tuple[Notice, ...] = ()

    @property
    def width(self) -> int:
        return max((len(cells) for _, cells in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Book:
    """A file's sheets that hold anything."""

    name: str
    sheets: tuple[Sheet, ...]


def read(content: bytes, *, name: str) -> Book:
    """The sheets of a file, by what it holds, not by how it is called.

    Raises
    ------
    RosterFileError
        If it is no CSV file and no workbook that can be read, holds nothing, or holds too much.
    """
    from survey.services import roster_workbooks

    if not content.strip():
        raise RosterFileError("empty")
    if content.startswith(b"PK"):
        sheets = roster_workbooks.read(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise RosterFileError("old excel")
    elif content.startswith(b"%PDF"):
        raise RosterFileError("pdf")
    else:
        sheets = (_read_csv(content),)
    filled = tuple(sheet for sheet in sheets if sheet.rows)
    if not filled:
        raise RosterFileError("empty")
    return Book(name, filled)


def filled_rows(
    rows: Iterable[tuple[int, Iterable[object]]],
) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Rows that hold anything, as text, without empty cells at their ends.

    Raises
    ------
    RosterFileError
        If there are too many, or too many cells in them.
    """
    found, held = [], 0
    for number, row in rows:
        cells = [_tidy(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found.append((number, tuple(cells)))
            held += len(cells)
            if len(found) > MOST_ROWS:
                raise RosterFileError("too many rows", most=f"{MOST_ROWS:,}")
            if held > MOST_CELLS:
                raise RosterFileError("too much inside")
    return tuple(found)


def _tidy(value: object) -> str:
    """A cell's text on one line; an apostrophe that kept a formula from running is taken off."""
    text = str(value)
    if not text.isprintable():
        text = "".join(mark if mark.isprintable() else " " for mark in text)
    text = " ".join(text.split())
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text


def _read_csv(content: bytes) -> Sheet:
    text, notices = _decode(content)
    delimiter = max(_DELIMITERS, key=text[:_TRIED].count)
    try:
        # the row's number is that of its record: what a spreadsheet shows
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = filled_rows((number, row[:MOST_COLUMNS]) for number, row in enumerate(reader, 1))
    except csv.Error as error:
        raise RosterFileError("broken csv", row=f"{reader.line_num:,}") from error
    return Sheet("", rows, notices)


def _decode(content: bytes) -> tuple[str, tuple[Notice, ...]]:
    notices: tuple[Notice, ...] = ()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings, notices = ["utf-16"], ("utf-16",)
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(ord(mark) in _JUNK for mark in set(text)):
            break
        return text, ("windows",) if encoding == "cp1252" else notices
    raise RosterFileError("not text")
