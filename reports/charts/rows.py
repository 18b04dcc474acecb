"""Rows of a name, a mark on an axis of words, and its figure: pressures, supports, roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.bands import (
    COLOURS,
    Kind,
    Scale,
    axis_scale,
    axis_words,
    draw_mark,
    grid,
    withheld,
)
from reports.charts.metrics import Weight, balance, text_width
from reports.disclosure import Withheld
from reports.profile.content import AxisWord, Mark, Share

NAMES: Final = 158.0
RIGHT: Final = 344.0
FIGURES: Final = 362.0
TOP: Final = 13.0


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is drawn; a row without a mark is a heading."""

    name: str
    #: small words under the name
    under: str
    mark: Mark | Withheld | None
    cant_tell: Share | Withheld | None
    kind: Kind = "press"


def draw_rows(
    rows: Sequence[Row],
    axis: Sequence[AxisWord],
    limits: tuple[float, float],
    trial: str,
    *,
    least: float = 20.0,
) -> tuple[str, float]:
    """The rows under one axis, each ``least`` points high or more; the markup and the height."""
    x = axis_scale(*limits, NAMES + 12, RIGHT)
    y = TOP
    body: list[str] = []
    for index, row in enumerate(rows):
        lines = balance(row.name, NAMES, 9, 600)
        under = balance(row.under, NAMES + 12 if row.mark else t.MEASURE, t.AXIS_WORD)
        block = len(lines) * 10.4 + len(under) * 8.4
        height = max(least, block + 1.2) if row.mark else block + 3
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
            p.text(0, after + n * 8.4, words, size=t.AXIS_WORD, fill=t.INK2, halo=True)
            for n, words in enumerate(under)
        ]
        body.append(_figures(row, x, y + height / 2, trial))
        y += height
    words = axis_words(axis, x, 7.5, left=NAMES - 10, right=FIGURES + 14)
    return "".join([grid(*limits, x, TOP - 1, y), words, *body]), y


def _figures(row: Row, x: Scale, y: float, trial: str) -> str:
    if row.mark is None:
        return ""
    if isinstance(row.mark, Withheld):
        return withheld(NAMES + 16, y, row.mark.reason, RIGHT - NAMES - 20)
    drawn = draw_mark(row.mark, row.kind, x, y, small=False)
    drawn += p.text(FIGURES, y - 1.6, row.mark.text, size=10.4, weight=700, fill=COLOURS[row.kind])
    after = FIGURES + text_width(row.mark.text, 10.4, 700) + 4
    drawn += p.text(after, y - 1.8, row.mark.likely, size=t.NOTE)
    if trial:
        at = after + text_width(f"{row.mark.likely} ", t.NOTE) + 1
        drawn += p.text(at, y - 1.8, trial, size=t.AXIS_WORD, fill=t.INK2, italic=True)
    told = row.cant_tell
    if told is None:
        return drawn
    words = told.text if isinstance(told, Share) else told.reason
    return drawn + p.text(
        FIGURES, y + 7.2, f"could not tell: {words}", size=t.AXIS_WORD, fill=t.INK2
    )
