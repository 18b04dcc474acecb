"""Chart D at full size: pressures, supports, and questions read one by one. No total, no order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.bands import Scale, axis_scale, axis_words, draw_mark, grid, withheld
from reports.charts.keys import Symbol, key, spoken_key
from reports.charts.metrics import Weight, balance, text_width
from reports.disclosure import Withheld
from reports.profile.content import AxisWord, ItemRow, Mark, PressureRow, Pressures, Share

NAMES: Final = 158.0
RIGHT: Final = 344.0
FIGURES: Final = 362.0
TOP: Final = 13.0


def draw_pressures_key(pressures: Pressures) -> Markup:
    """The key of the page, once at its head."""
    entries: list[tuple[Symbol, str]] = [
        ("square", pressures.key),
        ("press-band", "chance"),
    ]
    figures = [row.mark for row in pressures.rows]
    if any(isinstance(mark, Mark) and mark.outer_low is not None for mark in figures):
        entries.append(("hatch", "what if those who did not answer differ"))
    marks, height = key(entries, y=6)
    return p.svg([marks], width=t.MEASURE, height=height, title=spoken_key(entries), name="key")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is drawn; a row without a mark is a heading."""

    name: str
    asked: str
    mark: Mark | Withheld | None
    cant_tell: Share | Withheld | None


def draw_pressures(pressures: Pressures, *, trial: str = "") -> Markup:
    """Every facet of pressure in the instrument's order."""
    rows = [
        Row(row.name, f"asked of {row.asked}" if row.asked else "", row.mark, row.cant_tell)
        for row in pressures.rows
    ]
    return _draw(rows, pressures.axis, (pressures.low, pressures.high), pressures.alt, trial)


def draw_item_rows(
    items: Sequence[ItemRow], *, axis: Sequence[AxisWord], alt: str, trial: str = ""
) -> Markup:
    """Single questions as marks, such as the supports."""
    limits = float(axis[0].value), float(axis[-1].value)
    return _draw([_item(item) for item in items], axis, limits, alt, trial)


def draw_items(blocks: Sequence[PressureRow], pressures: Pressures, *, trial: str = "") -> Markup:
    """The questions of several facets under one axis, each facet's under its name."""
    notes = {block.note for block in blocks}
    rows: list[Row] = []
    for block in blocks:
        rows.append(Row(block.name, block.note if len(notes) > 1 else "", None, None))
        rows += [_item(item) for item in block.items]
    alt = " ".join(_spoken_items(block, trial) for block in blocks)
    alt += " The tables at the end give all values."
    return _draw(rows, pressures.axis, (pressures.low, pressures.high), alt, trial)


def _item(item: ItemRow) -> Row:
    return Row(f"{item.text[:1].upper()}{item.text[1:]}", item.asked, item.mark, item.cant_tell)


def _spoken_items(block: PressureRow, trial: str) -> str:
    """The questions of one facet as sentences."""
    said = [f"{block.name}, question by question."]
    for item in block.items:
        if isinstance(item.mark, Mark):
            word = f" ({trial})" if trial else ""
            said.append(f"{item.text}: {item.mark.text}{word}, {item.mark.likely}.")
        else:
            said.append(f"{item.text}: {item.mark.reason}.")
    return " ".join(said)


def _draw(
    rows: Sequence[Row],
    axis: Sequence[AxisWord],
    limits: tuple[float, float],
    alt: str,
    trial: str,
) -> Markup:
    x = axis_scale(*limits, NAMES + 12, RIGHT)
    y = TOP
    body: list[str] = []
    for index, row in enumerate(rows):
        lines = balance(row.name, NAMES, 9, 600)
        asked = balance(row.asked, NAMES + 12 if row.mark else t.MEASURE, 7.2)
        block = len(lines) * 10.4 + len(asked) * 8.4
        height = max(20.0, block + 2.4) if row.mark else block + 5
        if index and row.mark and rows[index - 1].mark:
            body.append(p.line(0, y, t.MEASURE, y, stroke=t.GRID, width=0.9))
        first = y + (height - block) / 2 + 7.2
        weight: Weight = 600 if row.mark else 700
        body += [
            p.text(0, first + n * 10.4, words, size=9, weight=weight, halo=True)
            for n, words in enumerate(lines)
        ]
        after = first + len(lines) * 10.4 - 1.4
        body += [
            p.text(0, after + n * 8.4, words, size=7.2, fill=t.INK2, halo=True)
            for n, words in enumerate(asked)
        ]
        body.append(_figures(row, x, y + height / 2, trial))
        y += height
    words = axis_words(axis, x, 7.5, left=NAMES - 10, right=FIGURES + 14)
    lines_ = grid(*limits, x, TOP - 1, y)
    return p.svg([lines_, words, *body], width=t.MEASURE, height=y + 1, title=alt, name="pressures")


def _figures(row: Row, x: Scale, y: float, trial: str) -> str:
    if row.mark is None:
        return ""
    if isinstance(row.mark, Withheld):
        return withheld(NAMES + 16, y, row.mark.reason, RIGHT - NAMES - 20)
    drawn = draw_mark(row.mark, "press", x, y, small=False)
    drawn += p.text(FIGURES, y - 1.6, row.mark.text, size=10.4, weight=700)
    after = FIGURES + text_width(row.mark.text, 10.4, 700) + 4
    drawn += p.text(after, y - 1.8, row.mark.likely, size=t.NOTE)
    if trial:
        at = after + text_width(f"{row.mark.likely} ", t.NOTE) + 1
        drawn += p.text(at, y - 1.8, trial, size=t.AXIS_WORD, fill=t.INK2, italic=True)
    told = row.cant_tell
    if told is None:
        return drawn
    words = told.text if isinstance(told, Share) else told.reason
    return drawn + p.text(FIGURES, y + 7.2, f"could not tell: {words}", size=7.2, fill=t.INK2)
