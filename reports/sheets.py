"""Tables made ready for paper: which columns hold figures, and how wide each column must be."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Protocol

from markupsafe import Markup, escape

from reports.charts.metrics import text_width

MEASURE: Final = 510.0
BODY: Final = 8.2
HEAD: Final = 7.8
#: how words begin that stand where a figure would
_INSTEAD: Final = ("not ", "see ")
_FIGURE: Final = re.compile(
    r"[<>≤≥−+-]?\s?[\d.,]+\s?%?(\+|[–-][\d.,]+%?)?( to [\d.,]+)?( \([\d.,]+ to [\d.,]+\))?|[–—-]?"
)
#: what keeps in one piece with what touches it: "(.07)", "(25–49)"
_WHOLE: Final = re.compile(r"\S*(?:\.\d|\d–\d)\S*")


class AnyTable(Protocol):
    """What every table of figures has."""

    @property
    def title(self) -> str: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> tuple[tuple[str, ...], ...]: ...
    @property
    def note(self) -> str: ...
    @property
    def is_grouped(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with the width of every column (CSS pixels) and which of them hold figures."""

    title: str
    columns: tuple[str, ...]
    #: rows that belong together, under their name; one group without a name where none is grouped
    groups: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
    note: str
    widths: tuple[int, ...]
    numeric: tuple[bool, ...]
    #: set in smaller type, because the columns would not fit otherwise
    is_small: bool

    @property
    def row_count(self) -> int:
        """How many rows it has, with the names of its groups."""
        return sum(len(rows) + bool(name) for name, rows in self.groups)


def sheet(table: AnyTable, *, measure: float = MEASURE) -> Sheet:
    """The table with its columns measured, so that no cell is cramped and no figure is broken."""
    first = 1 if table.is_grouped else 0
    columns, rows = table.columns[first:], tuple(row[first:] for row in table.rows)
    numeric = tuple(
        index > 0 and _holds_figures([row[index] for row in rows]) for index in range(len(columns))
    )
    large = _limits(columns, rows, numeric, body=BODY, head=HEAD, padding=9.0)
    is_small = sum(least for least, _ in large) > measure * 0.94
    limits = _limits(columns, rows, numeric, body=7.5, head=7.1, padding=5.6) if is_small else large
    pixels = tuple(round(width * 4 / 3) for width in column_widths(limits, measure=measure))
    groups = tuple(
        (name, tuple(row[first:] for row in members))
        for name, members in groupby(table.rows, lambda row: row[0] if first else "")
    )
    return Sheet(table.title, columns, groups, table.note, pixels, numeric, is_small)


def whole(text: str) -> Markup:
    """Text whose figures do not break over lines."""
    pieces: list[Markup] = []
    end = 0
    for found in _WHOLE.finditer(text):
        pieces.append(escape(text[end : found.start()]))
        pieces.append(Markup('<span class="whole">{}</span>').format(found.group()))
        end = found.end()
    return Markup("").join([*pieces, escape(text[end:])])


def _holds_figures(cells: Sequence[str]) -> bool:
    """Whether a column holds figures only (or the words that stand where one is withheld)."""
    shown = [cell for cell in cells if not cell.startswith(_INSTEAD)]
    return any(shown) and all(_FIGURE.fullmatch(cell.strip()) for cell in shown)


def _limits(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    *,
    body: float,
    head: float,
    padding: float,
) -> list[tuple[float, float]]:
    """Least and most width of every column: figures are never broken, words at spaces only."""
    found = []
    for index, name in enumerate(columns):
        cells = [row[index] for row in rows]
        words = [text_width(word, head, 600) for word in name.split(" ")]
        for cell in cells:
            unbroken = numeric[index] and not cell.startswith(_INSTEAD)
            parts = [cell] if unbroken else cell.split()
            words += [text_width(part, body) for part in parts]
        least = max(words, default=0)
        lines = [text_width(cell, body) for cell in cells]
        lines.append(text_width(name, head, 600) / 2)
        pad = padding + (2 if numeric[index] else 0)
        found.append((least + pad, max(least, *lines) + pad))
    return found


def column_widths(limits: Sequence[tuple[float, float]], *, measure: float) -> tuple[float, ...]:
    """Widths in points that add up to ``measure``, from the least and most that columns ask.

    Every column gets its least; what is left goes to the columns in proportion to what they still
    lack of their most, and what is left after that to all alike.
    """
    least = [low for low, _ in limits]
    spare = measure - sum(least)
    if spare < 0:  # more columns than the page holds: shrink all alike
        return tuple(width * measure / sum(least) for width in least)
    lack = [most - low for low, most in limits]
    share = min(1.0, spare / sum(lack)) if sum(lack) else 0.0
    widths = [low + share * missing for low, missing in zip(least, lack, strict=True)]
    extra = (measure - sum(widths)) / len(widths)
    return tuple(width + extra for width in widths)
