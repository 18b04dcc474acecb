"""Marks inside their two bands, as lanes on an axis of words: charts C and D.

Chance is a solid tint and tall; the what-if is hatched, lower and behind. A lane that may not be
shown holds the sentence that says why, in the place of its mark.
"""

from collections.abc import Callable, Sequence
from typing import Final, Literal

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.keys import Symbol, key
from reports.charts.metrics import balance, text_width, wrap
from reports.disclosure import Withheld
from reports.profile.content import AxisWord, Capability, CapabilityRow, Lane, Mark, Pressures

Kind = Literal["schools", "centre", "press"]
Scale = Callable[[float], float]
BANDS: Final = {"schools": t.SCHOOLS_BAND, "centre": t.CENTRE_BAND, "press": t.PRESS_BAND}
COLOURS: Final = {"schools": t.SCHOOLS, "centre": t.CENTRE, "press": t.INK}
TINY: Final = t.AXIS_WORD


def axis_scale(low: float, high: float, left: float, right: float) -> Scale:
    """Values to points, kept inside the axis."""

    def x(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * (right - left)

    return x


def draw_mark(mark: Mark, kind: Kind, x: Scale, y: float, *, small: bool = True) -> str:
    """One mark with both bands around ``y``."""
    tall, low = (9.6, 6.6) if small else (11.6, 8.4)
    parts: list[str] = []
    if mark.outer_low is not None and mark.outer_high is not None:
        parts.append(p.hatch(x(mark.outer_low), x(mark.outer_high), y - low / 2, low, gap=2.3))
    radius = 2.7 if small else 3.3
    at = x(mark.value)
    # Rounding to 0.1 may bring a limit onto the figure; the band still shows around its mark.
    left, right = min(x(mark.low), at - radius - 0.9), max(x(mark.high), at + radius + 0.9)
    parts.append(p.rect(left, y - tall / 2, right - left, tall, fill=BANDS[kind]))
    match kind:
        case "schools":
            parts.append(p.dot(at, y, radius=radius, ring=0.9))
        case "centre":
            parts.append(p.diamond(at, y, radius=radius + 1.1, width=1.3))
        case "press":
            parts.append(p.square(at, y, side=2 * radius - 0.6, ring=0.9))
    return "".join(parts)


def axis_words(words: Sequence[AxisWord], x: Scale, y: float, *, left: float, right: float) -> str:
    """First, middle and last word over their values, kept between ``left`` and ``right``."""
    chosen = [words[0], words[len(words) // 2], words[-1]] if len(words) > 2 else list(words)
    parts = []
    for word in chosen:
        half = text_width(word.text, t.AXIS_WORD) / 2
        at = min(max(x(word.value), left + half), right - half)
        parts.append(
            p.text(at, y, word.text, size=t.AXIS_WORD, fill=t.INK2, anchor="middle", halo=True)
        )
    return "".join(parts)


def grid(low: float, high: float, x: Scale, top: float, bottom: float) -> str:
    """Hairlines at whole values; the middle one heavier."""
    values = range(round(low), round(high) + 1)
    middle = (low + high) / 2
    return "".join(
        p.line(x(v), top, x(v), bottom, stroke=t.RULE if v == middle else t.GRID,
               width=1.1 if v == middle else 0.9)
        for v in values
    )  # fmt: skip


def withheld(x: float, y: float, reason: str, room: float, *, fill: str = t.INK2) -> str:
    """The sentence that stands in the place of a mark, on up to two lines."""
    lines = wrap(reason, room, TINY)[:2]
    top = y + 2.4 - (len(lines) - 1) * 3.8
    return "".join(
        p.text(x, top + index * 7.6, words, size=TINY, fill=fill, halo=True)
        for index, words in enumerate(lines)
    )


def value_text(
    x: float, y: float, mark: Mark, kind: Kind, *, trial: str, weight: Literal[400, 600] = 600
) -> str:
    """The figure right-aligned at ``x``, with *trial* after it where the profile says so."""
    if trial:
        x -= text_width(trial, TINY) + 3
    figure = p.text(x, y + 3.1, mark.text, size=9, weight=weight, fill=COLOURS[kind], anchor="end")
    if not trial:
        return figure
    return figure + p.text(x + 3, y + 3.1, trial, size=TINY, fill=t.INK2, italic=True)


def draw_capability_small(
    capability: Capability, *, width: float = 292, trial: str = "", alt: str = ""
) -> Markup:
    """Chart C at the size of the summary: two lanes a row, lived above."""
    step, names = 25.6, 88.0
    right = width - 24 - (text_width(trial, TINY) + 3 if trial else 0)
    x = axis_scale(capability.low, capability.high, names + 4, right)
    entries: list[tuple[Symbol, str]] = [
        ("dot", capability.lived_key),
        ("diamond", capability.designed_key),
    ]
    keys, top = key(entries, y=6, width=width)
    top += 16
    bottom = top + step * len(capability.rows)
    parts = [keys, grid(capability.low, capability.high, x, top - 3, bottom)]
    parts.append(axis_words(capability.axis, x, top - 7, left=names, right=width))
    for index, row in enumerate(capability.rows):
        y = top + index * step
        if index:
            parts.append(p.line(0, y, width, y, stroke=t.GRID, width=0.9))
        lines = balance(row.short, names - 4, 9, 600)[:2]
        start = y + step / 2 + 3.1 - (len(lines) - 1) * 5.4
        parts += [
            p.text(0, start + i * 10.8, words, size=9, weight=600) for i, words in enumerate(lines)
        ]
        parts.append(_small_row(row, x, y, step, width, trial))
    return p.svg(
        parts, width=width, height=bottom + 1, title=alt or capability.alt, name="capability"
    )


def _small_row(
    row: CapabilityRow, x: Scale, y: float, step: float, width: float, trial: str
) -> str:
    start = x(float("-inf")) + 4
    if row.item_by_item:
        return withheld(start, y + step / 2, row.item_by_item, width - start)
    parts = []
    lanes: tuple[tuple[Lane, Kind, float], ...] = (
        (row.lived, "schools", -5.2),
        (row.designed, "centre", 5.2),
    )
    for lane, kind, offset in lanes:
        middle = y + step / 2 + offset
        if isinstance(lane.mark, Withheld):
            words = f"{lane.name}: {lane.mark.reason.replace('not shown: ', 'not shown, ')}"
            parts.append(withheld(start, middle, words, width - start, fill=COLOURS[kind]))
            continue
        parts.append(draw_mark(lane.mark, kind, x, middle))
        parts.append(
            value_text(width, middle, lane.mark, kind, trial=trial,
                       weight=600 if kind == "schools" else 400)
        )  # fmt: skip
    return "".join(parts)


def draw_pressures_small(pressures: Pressures, *, width: float = 202, trial: str = "") -> Markup:
    """Chart D at the size of the summary: neutral squares, in the instrument's order."""
    keys, top = key([("square", pressures.key)], y=6, width=width)
    top += 16
    names = 86.0
    right = width - 20 - (text_width(trial, TINY) + 3 if trial else 0)
    x = axis_scale(pressures.low, pressures.high, names + 4, right)
    count = max(len(pressures.rows), 1)
    step = min(128 / count, 24)
    bottom = top + step * count
    parts = [keys, grid(pressures.low, pressures.high, x, top - 3, bottom)]
    parts.append(axis_words(_ends_only(pressures.axis), x, top - 7, left=names - 4, right=width))
    for index, row in enumerate(pressures.rows):
        y = top + (index + 0.5) * step
        name = wrap(row.short, names, 9)[0]
        parts.append(p.text(0, y + 3.1, name, size=9))
        if isinstance(row.mark, Withheld):
            parts.append(withheld(names + 4, y, row.mark.reason, width - names - 4))
            continue
        parts.append(draw_mark(row.mark, "press", x, y))
        parts.append(value_text(width, y, row.mark, "press", trial=trial))
    return p.svg(parts, width=width, height=bottom + 1, title=pressures.alt, name="pressures")


def _ends_only(words: Sequence[AxisWord]) -> Sequence[AxisWord]:
    return (words[0], words[-1]) if len(words) > 2 else words
