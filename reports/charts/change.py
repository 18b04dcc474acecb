"""Figures round by round: one row a figure, one lane a round, this round last and solid.

Earlier rounds are drawn smaller and in outline on the same axis, so that the order of the lanes,
their names and the fill say which is which, in grey too.
"""

from typing import Final

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.bands import (
    BANDS,
    COLOURS,
    TINY,
    Scale,
    axis_scale,
    axis_words,
    draw_mark,
    grid,
    withheld,
)
from reports.charts.keys import Symbol, key, spoken_key
from reports.charts.metrics import Weight, balance, text_width
from reports.disclosure import Withheld
from reports.profile.content import ChangeLane, ChangePanel, ChangeRow, Changes, Mark

NAMES: Final = 118.0
WHEN: Final = 122.0
LEFT: Final = 178.0
RIGHT: Final = 332.0
WORDS: Final = 362.0
TOP: Final = 13.0


def draw_changes_key(page: Changes) -> Markup:
    """The key of the page, once at its head."""
    entries: list[tuple[Symbol, str]] = [("dot", page.key_now), ("open-dot", page.key_earlier)]
    if any(panel.kind == "press" for panel in page.panels):
        entries += [("square", "a pressure"), ("open-square", "earlier")]
    entries.append(("schools-band", "chance"))
    marks, height = key(entries, y=6)
    return p.svg([marks], width=t.MEASURE, height=height, title=spoken_key(entries), name="key")


def draw_change_panel(panel: ChangePanel, *, trial: str = "") -> Markup:
    """All rows of one panel under one axis."""
    x = axis_scale(panel.low, panel.high, LEFT, RIGHT)
    heights = [_height(row) for row in panel.rows]
    bottom = TOP + sum(heights)
    parts = [grid(round(panel.low + 0.4), round(panel.high - 0.4), x, TOP - 3, bottom)]
    parts.append(axis_words(panel.axis, x, TOP - 6, left=WHEN, right=WORDS + 10))
    y = TOP
    for row, height in zip(panel.rows, heights, strict=True):
        if y > TOP:
            parts.append(p.line(0, y, t.MEASURE, y, stroke=t.GRID, width=0.9))
        parts.append(_row(row, panel, x, y, height, trial))
        y += height
    return p.svg(parts, width=t.MEASURE, height=bottom + 1, title=panel.alt, name="changes")


def _lane_height(row: ChangeRow) -> float:
    return 10.8 if len(row.lanes) < 3 else 9.4


def _height(row: ChangeRow) -> float:
    names = len(balance(row.name, NAMES, 9, 600)[:2])
    return max(_lane_height(row) * len(row.lanes), 10.8 * names, 10.2 * len(_said(row))) + 7


def _row(row: ChangeRow, panel: ChangePanel, x: Scale, y: float, height: float, trial: str) -> str:
    middle, lane_height = y + height / 2, _lane_height(row)
    lines = balance(row.name, NAMES, 9, 600)[:2]
    start = middle + 3.1 - (len(lines) - 1) * 5.4
    parts = [
        p.text(0, start + i * 10.8, words, size=9, weight=600) for i, words in enumerate(lines)
    ]
    first = middle - (len(row.lanes) - 1) * lane_height / 2
    for index, lane in enumerate(row.lanes):
        parts.append(_lane(lane, panel, x, first + index * lane_height))
    parts.append(_words(row, middle, trial))
    return "".join(parts)


def _lane(lane: ChangeLane, panel: ChangePanel, x: Scale, y: float) -> str:
    colour = COLOURS[panel.kind]
    when = p.text(
        WHEN, y + 2.5, lane.when, size=TINY, fill=t.INK if lane.is_now else t.INK2,
        weight=600 if lane.is_now else 400,
    )  # fmt: skip
    if isinstance(lane.mark, Withheld):
        return when + withheld(LEFT, y, lane.mark.reason, RIGHT - LEFT)
    if lane.is_now:
        mark = draw_mark(_inner(lane.mark), panel.kind, x, y)
    else:
        at = x(lane.mark.value)
        left, right = min(x(lane.mark.low), at - 3.6), max(x(lane.mark.high), at + 3.6)
        mark = p.rect(left, y - 3.4, right - left, 6.8, fill=BANDS[panel.kind])
        mark += (
            p.open_square(at, y, side=5.0, stroke=colour)
            if panel.kind == "press"
            else p.open_dot(at, y, radius=2.6, stroke=colour)
        )
    figure = p.text(
        WORDS - 10 - text_width(lane.mark.text, TINY), y + 2.5, lane.mark.text, size=TINY,
        fill=colour if lane.is_now else t.INK2, weight=600 if lane.is_now else 400, halo=True,
    )  # fmt: skip
    return when + mark + figure


def _inner(mark: Mark) -> Mark:
    """The mark without its what-if: of two rounds, four bands a row say less than two."""
    return Mark(
        mark.value, mark.low, mark.high, None, None, mark.text, mark.likely, "", mark.n_band
    )


def _said(row: ChangeRow) -> list[tuple[str, Weight]]:
    """The words beside a row, line by line: what changed in semibold, its range after it."""
    head, _, tail = row.words.partition(", ")
    room = t.MEASURE - WORDS
    if not tail:
        return [(words, 400) for words in balance(head, room, t.NOTE)]
    return [*((words, 600) for words in balance(head, room, t.NOTE, 600)), (tail, 400)]


def _words(row: ChangeRow, middle: float, trial: str) -> str:
    lines = _said(row)
    start = middle + 2.9 - (len(lines) - 1) * 5.1
    parts = [
        p.text(WORDS, start + i * 10.2, words, size=t.NOTE, weight=weight)
        for i, (words, weight) in enumerate(lines)
    ]
    if trial and len(lines) > 1:
        words, weight = lines[-1]
        after = WORDS + text_width(f"{words} ", t.NOTE, weight) + 1
        at = start + (len(lines) - 1) * 10.2
        parts.append(p.text(after, at, trial, size=t.AXIS_WORD, fill=t.INK2, italic=True))
    return "".join(parts)
