"""The rows under the line: one for each decision whose answers do not gather at a stop."""

from collections.abc import Callable, Sequence
from typing import Final

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.labels import SIZE
from reports.charts.metrics import shorten, text_width
from reports.profile.content import CapsuleRow, SplitRow

LEAD: Final = 16.8
#: where more rows than this stand under the line, they stand closer
MANY: Final = 5
CLOSE: Final = 14.4
Scale = Callable[[float], float]


def draw_rows(rows: Sequence[SplitRow | CapsuleRow], x: Scale, y: float) -> tuple[str, float]:
    """All rows from ``y`` (the middle of the first) down; the markup and where it ends."""
    if not rows:
        return "", y - 8
    lead = LEAD if len(rows) <= MANY else CLOSE
    parts = [
        _split(row, x, y + index * lead)
        if isinstance(row, SplitRow)
        else _capsule(row, x, y + index * lead)
        for index, row in enumerate(rows)
    ]
    return "".join(parts), y + (len(rows) - 1) * lead + 10


def _name(x: float, y: float, name: str, words: str, room: float) -> str:
    """The decision in semibold and what it does in plain, from ``x`` on, cut to ``room``."""
    name = shorten(name, max(room - text_width(words, t.NOTE) - 5, 40), SIZE, 600)
    after = x + text_width(name, SIZE, 600) + 5
    halo = p.rect(x - 4, y - 6, after - x + text_width(words, t.NOTE) + 8, 12, fill=t.PAPER)
    return (
        halo
        + p.text(x, y + 3.2, name, size=SIZE, weight=600)
        + p.text(after, y + 3.2, words, size=t.NOTE, fill=t.INK2)
    )


def _width(name: str, words: str) -> float:
    return text_width(name, SIZE, 600) + 5 + text_width(words, t.NOTE)


def _split(row: SplitRow, x: Scale, y: float) -> str:
    """Two squares and a dotted link; the name between them, or outside where it does not fit."""
    left, right = x(row.left), x(row.right)
    wide = _width(row.short, row.words)
    parts = [p.line(left + 6, y, right - 6, y, stroke=t.INK2, width=1, dash="1.6 2.4")]
    for at, words, anchor in (
        (left - 7.5, row.left_text, "end"),
        (right + 7.5, row.right_text, "start"),
    ):
        parts.append(p.text(at, y + 2.9, words, size=t.NOTE, fill=t.INK2, anchor=anchor, halo=True))
    parts.append(p.square(left, y, side=6.6, fill=t.SCHOOLS))
    parts.append(p.square(right, y, side=6.6, fill=t.SCHOOLS))
    room = right - left - 26
    share = 14 + text_width("100%", t.NOTE)
    if wide <= room:
        parts.append(_name((left + right - wide) / 2, y, row.short, row.words, wide + 1))
    elif t.MEASURE - right - share >= wide:
        parts.append(_name(right + share, y, row.short, row.words, wide + 1))
    elif left - share >= wide:
        parts.append(_name(left - share - wide, y, row.short, row.words, wide + 1))
    else:
        parts.append(_name(left + 13, y, row.short, row.words, room))
    return "".join(parts)


def _capsule(row: CapsuleRow, x: Scale, y: float) -> str:
    """A capsule over the middle half; the name beside it, or on it where it fills the frame."""
    left, right = x(row.low), x(row.high)
    if right - left < 7:
        middle = (left + right) / 2
        left, right = middle - 3.5, middle + 3.5
    wide = _width(row.short, row.words)
    shape = p.rect(
        left, y - 3.6, right - left, 7.2, fill=t.HALF, stroke=t.SCHOOLS, line_width=1, radius=3.6
    )
    if t.MEASURE - right - 7 >= wide:
        at = right + 7
    elif left - 7 >= wide:
        at = left - 7 - wide
    else:
        at = min(max((left + right - wide) / 2, 2), t.MEASURE - wide - 2)
    return shape + _name(at, y, row.short, row.words, wide + 1)
