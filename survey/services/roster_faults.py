"""The rows of a roster that have faults, as a file to mend: CSV or Excel.

What stands in a cell is written so that no spreadsheet program runs it.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from survey.services.roster_check import Checked, Fault, heading_of
from survey.services.roster_files import Sheet
from survey.services.roster_reading import Reading

#: what a cell that is a formula begins with
_RUNS = ("=", "+", "-", "@", "\t", "\r")

#: row number, what is wrong, what to do: the headings of the columns that are added
Headings = tuple[str, str, str]
Sentence = Callable[[Fault], str]


def as_csv(rows: Iterator[Sequence[str]]) -> bytes:
    """UTF-8 with its mark, which Excel needs; formulas behind an apostrophe."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_quiet(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Iterator[Sequence[str]]) -> bytes:
    """A workbook of one sheet in which every cell is text."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Faults")
    for row in rows:
        cells: list[Any] = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=_quiet(text))
            cell.data_type = "s"  # also where it looks like a number, a date or a formula
            cells.append(cell)
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def table(
    sheet: Sheet,
    reading: Reading,
    checked: Checked,
    *,
    headings: Headings,
    what: Sentence,
    mend: Sentence,
) -> Iterator[Sequence[str]]:
    """The faulty rows under the headings of their file, and what is wrong with each."""
    by_row: dict[int, list[Fault]] = {}
    for fault in checked.faults:
        by_row.setdefault(fault.row, []).append(fault)
    width = sheet.width
    yield [*(heading_of(sheet, reading, column) for column in range(width)), *headings]
    for row, cells in sheet.rows:
        if row in by_row:
            faults = by_row[row]
            wrong, to_do = " ".join(map(what, faults)), " ".join(map(mend, faults))
            yield [*cells, *[""] * (width - len(cells)), str(row), wrong, to_do]


def _quiet(text: str) -> str:
    return "'" + text if text.startswith(_RUNS) else text
