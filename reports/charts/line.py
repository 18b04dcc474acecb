"""Chart A: the line between school autonomy and standardisation, and all that stands on it.

Both ends are drawn alike: one ink line, identical caps, captions of one size. The words come
before the numbers; what may not be shown is a sentence in its place.
"""

from collections.abc import Callable, Sequence
from typing import Final

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.keys import Symbol, key
from reports.charts.labels import LANE, LIST_LEAD, SIZE, Layout, Name, lay_out
from reports.charts.line_rows import draw_rows
from reports.charts.line_words import TITLE, Block, blocks_of, draw_blocks
from reports.charts.metrics import balance, text_width, wrap
from reports.profile.content import (
    CapsuleRow,
    Line,
    LineStop,
    Mark,
    Overall,
    Share,
    SplitRow,
    Stretch,
)

#: points above (-) and below (+) the axis
DOTS: Final = 23.0
FIRST_LANE: Final = 31.5
BENT: Final = 6.0
CAP: Final = 9.0
TOP: Final = 32.0

Scale = Callable[[float], float]


def draw_line(line: Line, *, trial: str = "") -> Markup:
    """The whole drawing, 510 points wide and as high as its content needs.

    ``trial`` is the word that stands at every figure while the scales are being tried out, or "".
    """
    width = t.MEASURE
    unit = width / (line.high - line.low)

    def x(value: float) -> float:
        return min(max((value - line.low) * unit, 0.0), width)

    layout = lay_out(
        [Name(x(g.value), (g.short, g.shorter)) for g in line.gathered], frame=width, stop=unit
    )
    axis = TOP + 8 + _room_above(layout)
    blocks = blocks_of(line, x, trial)
    below, y = draw_blocks(line, blocks, axis, trial)
    stops, y = _stops(line.stops, x, y + 17, unit)
    rows, y = draw_rows(line.rows, x, y + 17)
    notes, end = _notes(line.notes, y)
    keys, height = key(_entries(line, trial), y=end + 7)
    parts = [
        *(p.line(x(s.value), TOP, x(s.value), y - 2, stroke=t.GRID, width=0.9) for s in line.stops),
        _ends(line),
        _marks(line, x, axis, blocks),
        _names(layout, axis),
        below,
        stops,
        rows,
        notes,
        keys,
    ]
    return p.svg(parts, width=width, height=end + height, title=line.alt, name="line")


def _room_above(layout: Layout) -> float:
    """Points from the axis to the top of the highest name."""
    base = FIRST_LANE + (BENT if layout.bent else 0)
    room = base + max(layout.lanes - 1, 0) * LANE + SIZE if layout.labels else 20.0
    if layout.listed is not None:
        high = len(layout.listed.lines) * LIST_LEAD
        above = layout.listed.above
        room = max(room, DOTS + high if above is None else base + above * LANE + high)
    return room


def _ends(line: Line) -> str:
    """The captions of the two ends, of one size."""
    right = t.MEASURE
    return (
        p.text(0, 12, line.left, size=TITLE, weight=700)
        + p.text(0, 23.5, line.left_note, size=9, fill=t.INK2)
        + p.text(right, 12, line.right, size=TITLE, weight=700, anchor="end")
        + p.text(right, 23.5, line.right_note, size=9, fill=t.INK2, anchor="end")
    )


def axis_with_caps(stops: Sequence[float], axis: float, *, width: float = t.MEASURE) -> str:
    """One ink line with identical end caps, and a tick at every stop."""
    ticks = [p.line(at, axis - 5, at, axis + 5, stroke=t.INK, width=1.2) for at in stops]
    ends = [
        p.line(at, axis - CAP, at, axis + CAP, stroke=t.INK, width=1.8) for at in (0.9, width - 0.9)
    ]
    return p.line(0, axis, width, axis, stroke=t.INK, width=1.6) + "".join(ticks + ends)


def _marks(line: Line, x: Scale, axis: float, blocks: Sequence[Block]) -> str:
    parts: list[str] = []
    if isinstance(line.middle_half, Stretch):
        left, right = x(line.middle_half.low), x(line.middle_half.high)
        parts.append(p.rect(left, axis - 8, right - left, 16, fill=t.HALF))
        parts += [
            p.line(at, axis - 8, at, axis + 8, stroke=t.SCHOOLS, width=1.2) for at in (left, right)
        ]
        parts.append(_middle_half_words(line.middle_half.label, left, right, axis, blocks))
    parts.append(axis_with_caps([x(stop.value) for stop in line.stops], axis))
    if isinstance(line.overall, Overall):
        mark = line.overall.mark
        parts += _what_if(mark, x, axis - 8, 16)
        low, high = x(mark.low), x(mark.high)
        wide = max(high - low, 8.0)
        parts.append(p.rect((low + high - wide) / 2, axis - 11, wide, 22, fill=t.SCHOOLS_BAND))
        parts.append(p.rect(x(mark.value) - 3.5, axis - 17, 7, 34, fill=t.PAPER))
        parts.append(p.rect(x(mark.value) - 2.6, axis - 16, 5.2, 32, fill=t.SCHOOLS))
    if isinstance(line.centre, Mark):
        parts.append(p.diamond(x(line.centre.value), axis, radius=6.4, width=1.8))
    return "".join(parts)


def _what_if(mark: Mark, x: Scale, y: float, height: float) -> list[str]:
    if mark.outer_low is None or mark.outer_high is None:
        return []
    return [p.hatch(x(mark.outer_low), x(mark.outer_high), y, height)]


def _middle_half_words(
    words: str, left: float, right: float, axis: float, blocks: Sequence[Block]
) -> str:
    """Beside the stretch, on the side that no stalk crosses; on the left if both are free."""
    wide = text_width(words, t.NOTE)
    stalks = [(min(b.at, b.foot) - 6, max(b.at, b.foot) + 6) for b in blocks]
    starts = [left - 4 - wide, right + 4]
    starts += [low - wide for low, _ in stalks] + [high for _, high in stalks]
    free = (
        start
        for start in starts
        if start >= 0
        and start + wide <= t.MEASURE
        and not any(start < high and low < start + wide for low, high in stalks)
    )
    return p.text(next(free, 0.0), axis + 18, words, size=t.NOTE, fill=t.INK2, halo=True)


def _names(layout: Layout, axis: float) -> str:
    """Dots, stalks and names above the axis."""
    close = any(b - a < 8 for a, b in zip(layout.dots, layout.dots[1:], strict=False))
    radius = 2.7 if close else 3.2
    y = axis - DOTS
    base = axis - FIRST_LANE - (BENT if layout.bent else 0)
    parts: list[str] = []
    for label in layout.labels:
        top = base - label.lane * LANE - 7.6
        path = [(label.dot, y - radius), (label.dot, y - radius - 1), (label.stalk, base + 3)]
        path.append((label.stalk, top))
        parts.append(p.polyline(path, stroke=t.INK2, width=0.7))
    for label in layout.labels:
        parts.append(
            p.text(
                label.left, base - label.lane * LANE, label.text, size=SIZE, weight=600, halo=True
            )
        )
    if layout.listed is not None:
        parts.append(_list(layout, y, base, radius))
    parts += [p.dot(at, y, radius=radius) for at in layout.dots]
    return "".join(parts)


def _list(layout: Layout, y: float, base: float, radius: float) -> str:
    """The bracket over a cluster, and its names in one list."""
    listed = layout.listed
    if listed is None:
        return ""
    over = y - radius - 3
    path = [(listed.left, over + 4), (listed.left, over)]
    path += [(listed.right, over), (listed.right, over + 4)]
    parts = [p.polyline(path, stroke=t.INK2, width=0.8)]
    last = y + 3 if listed.above is None else base - listed.above * LANE
    if listed.above is not None:
        middle = (listed.left + listed.right) / 2
        foot = min(max(middle, listed.text_left), listed.text_right)
        parts.append(
            p.polyline([(middle, over), (middle, last + 8), (foot, last + 3)], stroke=t.INK2,
                       width=0.7)
        )  # fmt: skip
    for index, words in enumerate(reversed(listed.lines)):
        parts.append(
            p.text(
                listed.x, last - index * LIST_LEAD, words, size=SIZE, weight=600,
                anchor=listed.anchor, halo=True,
            )
        )  # fmt: skip
    return "".join(parts)


def _stops(stops: Sequence[LineStop], x: Scale, y: float, unit: float) -> tuple[str, float]:
    """Name, description and share of every stop under its tick."""
    parts: list[str] = []
    texts = [balance(stop.description, unit - 9, t.AXIS_WORD) for stop in stops]
    names = [balance(stop.name, unit - 6, SIZE, 700) for stop in stops]
    high = max(len(lines) for lines in names)
    deepest = max(len(lines) for lines in texts)
    for stop, name, lines in zip(stops, names, texts, strict=True):
        at = x(stop.value)
        for index, words in enumerate(name):
            parts.append(
                p.text(at, y + index * 11, words, size=SIZE, weight=700, anchor="middle", halo=True)
            )
        top = y + (high - 1) * 11 + 10.4
        for index, words in enumerate(lines):
            parts.append(
                p.text(
                    at, top + index * 8.9, words, size=t.AXIS_WORD, fill=t.INK2, anchor="middle",
                    halo=True,
                )
            )  # fmt: skip
        share = stop.share.text if isinstance(stop.share, Share) else ""
        parts.append(
            p.text(at, top + deepest * 8.9 + 0.6, share, size=t.AXIS_WORD, weight=600,
                   anchor="middle", halo=True)
        )  # fmt: skip
    return "".join(parts), y + (high - 1) * 11 + 10.4 + deepest * 8.9 + 0.6


def _notes(notes: Sequence[str], y: float) -> tuple[str, float]:
    """Sentences for what is not shown, under the drawing."""
    parts: list[str] = []
    for note in notes:
        for words in wrap(note, t.MEASURE, t.NOTE):
            y += 10.8
            parts.append(p.text(0, y, words, size=t.NOTE, fill=t.INK2))
    return "".join(parts), y + (4 if notes else 0)


def _entries(line: Line, trial: str) -> list[tuple[Symbol, str]]:
    """What the key explains: only what is drawn."""
    entries: list[tuple[Symbol, str]] = []
    if line.gathered:
        entries.append(("dot", "decision where answers gather"))
    if any(isinstance(row, SplitRow) for row in line.rows):
        entries.append(("split", "split: two groups of answers"))
    if any(isinstance(row, CapsuleRow) for row in line.rows):
        entries.append(("capsule", "no single position: middle half of answers"))
    if isinstance(line.overall, Overall):
        entries.append(("overall", "overall, schools"))
    if isinstance(line.centre, Mark):
        entries.append(("diamond", f"overall, {line.centre_word}"))
    if isinstance(line.overall, Overall):
        entries.append(("schools-band", "chance"))
        if line.overall.mark.outer_low is not None:
            entries.append(("hatch", "what if those who did not answer differ"))
    return entries
