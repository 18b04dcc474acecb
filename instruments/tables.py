"""Tables in files: CSV, Parquet and SPSS .sav become named columns of text, and back.

A table is read whole and as text, so that what a cell says ("NA", "3.5") is judged where its
meaning is known and never guessed here. Row numbers are those of the file: the header is row 1.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FORMATS = (".csv", ".parquet", ".sav")
_DELIMITERS = (",", ";", "\t")
#: control characters that no text file holds
_JUNK = frozenset(range(32)) - {9, 10, 12, 13}


class TableError(ValueError):
    """A file that cannot be used; the message is one line: what, where, what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of text.

    Attributes
    ----------
    name : str
        The file's name, for messages.
    columns : mapping of str to sequence of str
        Cells without surrounding spaces, in file order; empty string where there is nothing.
    rows : sequence of int
        The row number of each record in the file.
    notices : tuple of str
        What a reader should know of how the file was read.
    """

    name: str
    columns: Mapping[str, Sequence[str]]
    rows: Sequence[int]
    notices: tuple[str, ...] = ()

    def fail(self, problem: str) -> TableError:
        """The error that says ``problem`` of this file, in one line."""
        return TableError(" ".join(f"{self.name}: {problem}".split()))


def read_table(path: Path, *, header: Sequence[str] = ()) -> Table:
    """Read a table from a file, by its ending.

    Parameters
    ----------
    path : Path
        ``.csv`` (comma, semicolon or tab; UTF-8, UTF-16 with its mark, else Windows Latin-1),
        ``.parquet`` or ``.sav``.
    header : sequence of str
        Columns that are expected; of several possible delimiters the one that finds most of them.

    Raises
    ------
    TableError
        The file is missing, empty, of another kind, or not readable as a table.
    """
    ending = path.suffix.lower()
    empty = Table(path.name, {}, ())
    if ending not in FORMATS:
        raise empty.fail(f"files of kind '{ending}' are not read; give .csv, .parquet or .sav")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise empty.fail(f"cannot be opened ({error.strerror or error}); check the path") from error
    if ending == ".csv":
        return read_csv(path.name, content, header=header)
    if not content.strip():
        raise empty.fail("the file is empty; export the answers again")
    return _read_parquet(path) if ending == ".parquet" else _read_sav(path, header)


def read_csv(name: str, content: bytes, *, header: Sequence[str] = ()) -> Table:
    """Read the bytes of a CSV file, called ``name`` in messages, as ``read_table`` does."""
    empty = Table(name, {}, ())
    if not content.strip():
        raise empty.fail("the file is empty; export it again")
    text, notices = _decode(name, content)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=lambda mark: _found(first, mark, header))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        records = [
            (number, row) for number, row in enumerate(reader, 1) if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise empty.fail(f"is not a readable CSV file ({error}); export it again") from error
    if not records:
        raise empty.fail("the file is empty; export the answers again")
    names = [cell.strip() for cell in records[0][1]]
    while names and not names[-1]:  # a trailing delimiter in every line
        names.pop()
    _check_names(empty, names)
    width = len(names)
    rows = []
    for number, row in records[1:]:
        if len(row) != width:
            if len(row) < width or any(map(str.strip, row[width:])):
                raise empty.fail(
                    f"row {number} has {len(row)} cells where the header has {width}; "
                    "put cells that hold a delimiter in quotes"
                )
            row = row[:width]
        rows.append(row)
    cells = zip(*rows, strict=True) if rows else ((),) * width
    columns = {n: tuple(map(str.strip, column)) for n, column in zip(names, cells, strict=True)}
    return Table(name, columns, tuple(number for number, _ in records[1:]), notices)


def _found(line: str, delimiter: str, header: Sequence[str]) -> tuple[int, int]:
    cells = [cell.strip().strip('"') for cell in line.split(delimiter)]
    return len(set(cells) & set(header)), len(cells)


def _check_names(empty: Table, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for place, name in enumerate(names, 1):
        if not name:
            raise empty.fail(f"column {place} has no name in row 1; name it or take it out")
        if name in seen:
            raise empty.fail(f"column {name} stands twice in row 1; take one out")
        seen.add(name)


def _decode(name: str, content: bytes) -> tuple[str, tuple[str, ...]]:
    empty = Table(name, {}, ())
    notices: tuple[str, ...] = ()
    if content.startswith(b"PK\x03\x04"):
        raise empty.fail("is an Excel workbook or archive; save the sheet as CSV (UTF-8)")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings, notices = ["utf-16"], (f"{name} was read as UTF-16.",)
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(ord(mark) in _JUNK for mark in set(text)):
            break
        if encoding == "cp1252":
            notices = (f"{name} is not UTF-8 and was read as Windows Latin-1.",)
        return text, notices
    raise empty.fail("is not a text file; give a CSV file in UTF-8")


def _read_parquet(path: Path) -> Table:
    import pyarrow
    import pyarrow.parquet

    empty = Table(path.name, {}, ())
    try:
        table = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise empty.fail("is not a readable Parquet file; write it again") from error
    _check_names(empty, table.column_names)
    columns = {
        name: tuple(_cell(value) for value in column.to_pylist())
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return Table(path.name, columns, range(2, table.num_rows + 2))


#: how "can't tell" and "does not apply" are written in SPSS: user-missing values with labels
SAV_CODES = {"CT": -2.0, "DNA": -3.0}


def _read_sav(path: Path, header: Sequence[str]) -> Table:
    import pyreadstat

    empty = Table(path.name, {}, ())
    try:
        data, meta = pyreadstat.read_sav(path, user_missing=True, output_format="dict")
    except (pyreadstat.ReadstatError, OSError, ValueError) as error:
        raise empty.fail("is not a readable SPSS file; save it again as .sav") from error
    # only in expected columns: elsewhere -2 may well be a number
    words = {name: {number: word for word, number in SAV_CODES.items()} for name in header}
    columns = {
        name: tuple(words.get(name, {}).get(value) or _cell(value) for value in data[name])
        for name in meta.column_names
    }
    _check_names(empty, meta.column_names)
    return Table(path.name, columns, range(2, len(next(iter(columns.values()), ())) + 2))


def _cell(value: object) -> str:
    """A typed value as a CSV file would hold it; nothing and not-a-number are an empty cell."""
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def write_table(path: Path, columns: Mapping[str, Sequence[str]], numeric: Sequence[str]) -> None:
    """Write columns of text to a file, by its ending.

    ``numeric`` names the columns that SPSS stores as numbers, with ``CT`` and ``DNA`` as
    user-missing values; CSV and Parquet hold text.
    """
    ending = path.suffix.lower()
    if ending == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
    elif ending == ".parquet":
        import pyarrow
        import pyarrow.parquet

        table = pyarrow.table({n: pyarrow.array(c, pyarrow.string()) for n, c in columns.items()})
        pyarrow.parquet.write_table(table, path)
    elif ending == ".sav":
        _write_sav(path, columns, frozenset(numeric))
    else:
        empty = Table(path.name, {}, ())
        raise empty.fail(f"files of kind '{ending}' are not written; use .csv, .parquet or .sav")


def _write_sav(path: Path, columns: Mapping[str, Sequence[str]], numeric: frozenset[str]) -> None:
    import pandas
    import pyreadstat

    def number(cell: str) -> float:
        return SAV_CODES[cell] if cell in SAV_CODES else float(cell or "nan")

    frame = pandas.DataFrame(
        {
            name: [number(cell) for cell in cells] if name in numeric else list(cells)
            for name, cells in columns.items()
        }
    )
    labels = {SAV_CODES["CT"]: "Can't tell", SAV_CODES["DNA"]: "Does not apply"}
    ranges = [{"lo": value, "hi": value} for value in SAV_CODES.values()]
    pyreadstat.write_sav(
        frame,
        str(path),
        variable_value_labels={name: labels for name in columns if name in numeric},
        missing_ranges={name: ranges for name in columns if name in numeric},
    )
