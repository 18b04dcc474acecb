"""Chart E: schools side by side, one row each, in one order that tells nothing of their figures.

A panel stands in a column of the page, or, where there are many schools, in two halves over the
whole page. Rows are never sorted; the pale column is the organisation's own figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.bands import Scale, axis_scale, draw_mark, grid, withheld
from reports.charts.keys import Symbol, key, spoken_key
from reports.charts.metrics import balance, text_width
from reports.charts.names import fit_names
from reports.disclosure import Withheld
from reports.profile.content import AxisWord, Mark
from reports.profile.content_schools import SchoolPanel, SchoolRow, Schools

NAME: Final = 7.6
NAME_LEAD: Final = 8.1
#: room for a name, and for a letter with its number of answers
NAMES: Final = 124.0
LETTERS: Final = 46.0
#: above the first row: the words of the axis
HEAD: Final = 13.0
#: rows between two hairlines, where there are many
FIVE: Final = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One row ready to draw: its lines of name and its height."""

    row: SchoolRow
    lines: tuple[str, ...]
    height: float


def draw_schools_key(page: Schools, *, trial: str = "") -> Markup:
    """The key of the pages, once at their head."""
    entries: list[tuple[Symbol, str]] = [
        ("dot", page.key),
        ("schools-band", f"chance ({trial})" if trial else "chance"),
    ]
    marks = [row.mark for panel in page.panels for row in panel.rows]
    if any(isinstance(mark, Mark) and mark.outer_low is not None for mark in marks):
        entries.append(("hatch", "what if those who did not answer differ"))
    entries.append(("reference", f"{page.organisation}, its likely range"))
    drawn, height = key(entries, y=6)
    return p.svg([drawn], width=t.MEASURE, height=height, title=spoken_key(entries), name="key")


def entries_of(
    panel: SchoolPanel, *, is_named: bool, step: float, strong: bool
) -> tuple[Entry, ...]:
    """The rows of a panel with their names fitted; a name on three lines takes a higher row."""
    if not is_named:
        return tuple(Entry(row, (row.label,), step) for row in panel.rows)
    labels = [row.label for row in panel.rows]
    weights: tuple[bool, ...] = tuple(strong and row.is_clear for row in panel.rows)
    fitted = fit_names(labels, NAMES - 4, NAME, strong=weights)
    return tuple(
        Entry(row, lines, max(step, len(lines) * NAME_LEAD + 1.0))
        for row, lines in zip(panel.rows, fitted, strict=True)
    )


def draw_panel(
    panel: SchoolPanel,
    page: Schools,
    columns: Sequence[Sequence[Entry]],
    *,
    width: float,
    gap: float = 16.0,
    strong: bool = False,
) -> Markup:
    """One scale: each of ``columns`` is a run of rows, ``width`` points wide."""
    parts: list[str] = []
    high = max(sum(entry.height for entry in column) for column in columns)
    for place, column in enumerate(columns):
        left = place * (width + gap)
        parts.append(_column(panel, page, column, left, left + width, strong=strong))
    whole = len(columns) * width + (len(columns) - 1) * gap
    return p.svg(parts, width=whole, height=HEAD + high + 1, title=panel.alt, name="schools")


def draw_refused(panel: SchoolPanel, *, width: float, height: float) -> Markup:
    """The sentence that stands in the place of a chart, on a quiet field of its size."""
    lines = balance(panel.refused, width - 28, 9.4)
    top = height / 2 - (len(lines) - 1) * 6.4 + 3
    words = [
        p.text(width / 2, top + index * 12.8, line, size=9.4, anchor="middle")
        for index, line in enumerate(lines)
    ]
    field = p.rect(0, 0, width, height, fill=t.WASH)
    said = f"{panel.name}: {panel.refused} {panel.refused_note}"
    return p.svg([field, *words], width=width, height=height, title=said, name="no-schools")


def _column(
    panel: SchoolPanel,
    page: Schools,
    entries: Sequence[Entry],
    left: float,
    right: float,
    *,
    strong: bool,
) -> str:
    names = NAMES if page.is_named else LETTERS
    x = axis_scale(page.low, page.high, left + names + 3, right - 3)
    bottom = HEAD + sum(entry.height for entry in entries)
    parts = [_ends(page.axis, x, left + names, right)]
    if isinstance(panel.reference, Mark):
        low, high = x(panel.reference.low), x(panel.reference.high)
        middle = x(panel.reference.value)
        low, high = min(low, middle - 1.4), max(high, middle + 1.4)
        parts.append(p.rect(low, HEAD - 2, high - low, bottom - HEAD + 2, fill=t.HALF))
    parts.append(grid(page.low, page.high, x, HEAD - 2, bottom))
    y = HEAD
    for place, entry in enumerate(entries):
        if page.is_named and place and place % FIVE == 0:
            parts.append(p.line(left, y, right, y, stroke=t.GRID, width=0.8))
        parts.append(_row(entry, page, x, left, right, y, strong=strong))
        y += entry.height
    return "".join(parts)


def _ends(words: Sequence[AxisWord], x: Scale, left: float, right: float) -> str:
    """The first and last word of the axis, over its ends."""
    first, last = words[0], words[-1]
    start = min(x(first.value) - 3, right - text_width(last.text, t.AXIS_WORD) - 6)
    return p.text(max(start, left), 6.5, first.text, size=t.AXIS_WORD, fill=t.INK2) + p.text(
        right, 6.5, _short(last.text, right - left), size=t.AXIS_WORD, fill=t.INK2, anchor="end"
    )


def _short(word: str, room: float) -> str:
    """The last word of an axis without its preposition where the panel is narrow."""
    if text_width(word, t.AXIS_WORD) > room * 0.55 and word.lower().startswith("to a "):
        return word[5:6].upper() + word[6:]
    return word


def _row(
    entry: Entry, page: Schools, x: Scale, left: float, right: float, y: float, *, strong: bool
) -> str:
    middle = y + entry.height / 2
    row, mark = entry.row, entry.row.mark
    parts: list[str] = []
    if page.is_named:
        top = middle + 2.6 - (len(entry.lines) - 1) * NAME_LEAD / 2
        bold = strong and row.is_clear
        parts += [
            p.text(left, top + index * NAME_LEAD, words, size=NAME, weight=700 if bold else 400)
            for index, words in enumerate(entry.lines)
        ]
    else:
        parts.append(p.text(left, middle + 3.1, row.label, size=9, weight=700))
        if isinstance(mark, Mark):
            n = f"n {mark.n_band}"
            parts.append(p.text(left + 17, middle + 2.7, n, size=t.AXIS_WORD, fill=t.INK2))
    if isinstance(mark, Withheld):
        start = x(page.low) + 2
        parts.append(withheld(start, middle, mark.reason, right - start))
    else:
        parts.append(draw_mark(mark, "schools", x, middle))
    return "".join(parts)
