"""Chart D at full size: pressures, supports, and questions read one by one. No total, no order."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.bands import Scale, axis_scale, axis_words, draw_mark, grid, withheld
from reports.charts.metrics import balance, text_width
from reports.disclosure import Withheld
from reports.profile_content import AxisWord, ItemRow, Mark, PressureRow, Pressures, Share

NAMES: Final = 158.0
RIGHT: Final = 344.0
FIGURES: Final = 362.0


def draw_pressures(pressures: Pressures, *, trial: str = "") -> Markup:
    """Every facet of pressure in the instrument's order."""
    rows = [
        (row.name, f"asked of {row.asked}" if row.asked else "", row.mark, row.cant_tell)
        for row in pressures.rows
    ]
    return _rows(rows, pressures.axis, pressures.low, pressures.high, pressures.alt, trial)


def draw_item_rows(
    items: Sequence[ItemRow],
    *,
    axis: Sequence[AxisWord],
    alt: str,
    trial: str = "",
) -> Markup:
    """Single questions as marks, such as the supports."""
    rows = [(row.text, row.asked, row.mark, row.cant_tell) for row in items]
    low, high = float(axis[0].value), float(axis[-1].value)
    return _rows(rows, axis, low, high, alt, trial)


def spoken_items(row: PressureRow, trial: str) -> str:
    """The questions of one facet as sentences, for the drawing that shows them."""
    said = [f"{row.name}, question by question."]
    for item in row.items:
        if isinstance(item.mark, Mark):
            word = f" ({trial})" if trial else ""
            said.append(f"{item.text}: {item.mark.text}{word}, {item.mark.likely}.")
        else:
            said.append(f"{item.text}: {item.mark.reason}.")
    return " ".join(said) + " The tables at the end give all values."


def _rows(
    rows: Sequence[tuple[str, str, Mark | Withheld, Share | Withheld]],
    axis: Sequence[AxisWord],
    low: float,
    high: float,
    alt: str,
    trial: str,
) -> Markup:
    x = axis_scale(low, high, NAMES + 12, RIGHT)
    top = 13.0
    texts = [balance(name, NAMES, 9, 600) for name, *_ in rows]
    heights = [
        max(25.0, 10 + len(lines) * 10.6 + (8.4 if asked else 0))
        for lines, (_, asked, _, _) in zip(texts, rows, strict=True)
    ]
    bottom = top + sum(heights)
    parts = [grid(low, high, x, top - 1, bottom)]
    parts.append(axis_words(axis, x, 7.5, left=NAMES - 10, right=FIGURES + 14))
    y = top
    for lines, (_, asked, mark, told), height in zip(texts, rows, heights, strict=True):
        middle = y + height / 2
        if y > top:
            parts.append(p.line(0, y, t.MEASURE, y, stroke=t.GRID, width=0.9))
        block = len(lines) * 10.6 + (8.4 if asked else 0)
        first = middle - block / 2 + 8.2
        parts += [
            p.text(0, first + index * 10.6, words, size=9, weight=600, halo=True)
            for index, words in enumerate(lines)
        ]
        if asked:
            parts.append(p.text(0, first + len(lines) * 10.6 - 1.6, asked, size=7.2, fill=t.INK2))
        parts.append(_figures(mark, told, x, middle, trial))
        y += height
    return p.svg(parts, width=t.MEASURE, height=bottom + 1, title=alt, name="pressures")


def _figures(mark: Mark | Withheld, told: Share | Withheld, x: Scale, y: float, trial: str) -> str:
    if isinstance(mark, Withheld):
        return withheld(NAMES + 16, y, mark.reason, RIGHT - NAMES - 20)
    drawn = draw_mark(mark, "press", x, y, small=False)
    drawn += p.text(FIGURES, y - 1, mark.text, size=10.4, weight=700)
    after = FIGURES + text_width(mark.text, 10.4, 700) + 4
    drawn += p.text(after, y - 1.2, mark.likely, size=t.NOTE)
    if trial:
        at = after + text_width(f"{mark.likely} ", t.NOTE) + 1
        drawn += p.text(at, y - 1.2, trial, size=t.AXIS_WORD, fill=t.INK2, italic=True)
    words = told.text if isinstance(told, Share) else told.reason
    return drawn + p.text(FIGURES, y + 8.6, f"could not tell: {words}", size=7.2, fill=t.INK2)
