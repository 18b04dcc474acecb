"""Chart C at full size: one drawing a scale, with what could not be told and its questions."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

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
from reports.charts.bars import draw_cant_tell, draw_strips
from reports.charts.keys import Symbol, key, spoken_key
from reports.charts.metrics import shorten, text_width
from reports.disclosure import Withheld
from reports.profile.content import (
    Capability,
    CapabilityRow,
    Lane,
    Mark,
    Share,
    Strip,
)

FIGURES: Final = 268.0
CANT_TELL: Final = 398.0
#: width of a whole "could not tell", as in ``bars.draw_cant_tell``
CANT_TELL_FULL: Final = 56.0


def draw_capability_key(capability: Capability, *, reference: str = "") -> Markup:
    """The key of the page, once at its head."""
    entries: list[tuple[Symbol, str]] = [
        ("dot", capability.lived_key),
        ("diamond", capability.designed_key),
        ("schools-band", "chance"),
    ]
    entries = [entry for entry in entries if entry[1]]
    lanes = [lane for row in capability.rows for lane in (row.lived, row.designed)]
    if any(isinstance(lane.mark, Mark) and lane.mark.outer_low is not None for lane in lanes):
        entries.append(("hatch", "what if those who did not answer differ"))
    if reference:
        entries.append(("reference", f"{reference}, its likely range"))
    entries.append(("bar", "one question" if reference else "one question, schools"))
    marks, height = key(entries, y=6)
    return p.svg([marks], width=t.MEASURE, height=height, title=spoken_key(entries), name="key")


def draw_scale(row: CapabilityRow, page: Capability, *, trial: str = "") -> Markup:
    """One scale: both lanes with their figures, who could not tell, and up to three strips."""
    x = axis_scale(page.low, page.high, 8, 240)
    lanes: tuple[tuple[Lane, Kind, float], ...] = (
        (row.lived, "schools", 17.5),
        (row.designed, "centre", 31.0),
    )
    parts: list[str] = []
    if row.item_by_item:
        height = 0.0
    else:
        gap = row.gap if _both_shown(row) else ""
        height = 50.5 if gap else 41.0
        if row.reference is not None and isinstance(row.reference.mark, Mark):
            low, high = x(row.reference.mark.low), x(row.reference.mark.high)
            parts.append(p.rect(low - 0.8, 10.5, high - low + 1.6, 27.5, fill=t.HALF))
        parts.append(grid(page.low, page.high, x, 10.5, 38))
        parts.append(axis_words(page.axis, x, 7.5, left=0, right=FIGURES - 6))
        words = "Could not tell from their role"
        parts.append(p.text(CANT_TELL, 7.5, words, size=t.AXIS_WORD, fill=t.INK2))
        for lane, kind, y in lanes:
            if lane.group:
                parts.append(_lane(lane, kind, x, y, trial))
        if row.reference is not None:
            parts.append(_reference(row.reference, 31.0))
        if gap:
            gap = shorten(gap, t.MEASURE - FIGURES, t.NOTE)
            parts.append(p.text(FIGURES, 45, gap, size=t.NOTE))
    for strips in _by_three(row.items if row.item_by_item else row.strips):
        drawn, high = draw_strips(strips, y=height, top=page.top)
        parts.append(drawn)
        height += high + 2
    return p.svg(parts, width=t.MEASURE, height=height, title=_spoken(row, trial), name="scale")


def _both_shown(row: CapabilityRow) -> bool:
    """Else the lane that is withheld says so: no sentence need say that nothing is compared."""
    return isinstance(row.lived.mark, Mark) and isinstance(row.designed.mark, Mark)


def _by_three(strips: Sequence[Strip]) -> list[Sequence[Strip]]:
    return [strips[start : start + 3] for start in range(0, len(strips), 3)]


def _lane(lane: Lane, kind: Kind, x: Scale, y: float, trial: str) -> str:
    centre = kind == "centre"
    if isinstance(lane.mark, Withheld):
        words = f"{lane.name}: {lane.mark.reason.replace('not shown: ', 'not shown, ')}"
        return withheld(12, y, words, FIGURES - 16, fill=COLOURS[kind]) + draw_cant_tell(
            lane, CANT_TELL, y, centre=centre
        )
    figure = p.text(FIGURES, y + 3.3, lane.mark.text, size=10.4, weight=700, fill=COLOURS[kind])
    after = FIGURES + text_width(lane.mark.text, 10.4, 700) + 4
    words = f"{lane.name}, {lane.mark.likely}" if lane.mark.likely else lane.name
    said = p.text(after, y + 3.1, words, size=t.NOTE)
    if trial:
        said += p.text(
            after + text_width(f"{words} ", t.NOTE) + 1, y + 3.1, trial, size=t.AXIS_WORD,
            fill=t.INK2, italic=True,
        )  # fmt: skip
    mark = draw_mark(lane.mark, kind, x, y, small=False)
    return mark + figure + said + draw_cant_tell(lane, CANT_TELL, y, centre=centre)


def _reference(lane: Lane, y: float) -> str:
    """The organisation's own figure in words, beside the pale column."""
    if isinstance(lane.mark, Withheld):
        return p.text(FIGURES, y + 3.1, f"{lane.who}: {lane.mark.reason}", size=t.NOTE, fill=t.INK2)
    words = f"{lane.mark.text} {lane.who}, {lane.mark.likely}"
    said = p.text(FIGURES, y + 3.1, words, size=t.NOTE, fill=t.INK2)
    if not isinstance(lane.cant_tell, Share):
        return said
    wide = max(lane.cant_tell.drawn / 100 * CANT_TELL_FULL, 1.2)
    return (
        said
        + p.rect(CANT_TELL, y - 4, wide, 8, fill=t.HALF)
        + p.text(
            CANT_TELL + CANT_TELL_FULL + 6, y + 2.9, lane.cant_tell.text, size=t.NOTE, fill=t.INK2
        )
    )


def _spoken(row: CapabilityRow, trial: str) -> str:
    """All that the drawing shows, as sentences."""
    said = [f"{row.name}."]
    if row.item_by_item:
        said.append(f"{row.item_by_item}.")
    else:
        said += [_spoken_lane(lane, trial) for lane in (row.lived, row.designed) if lane.group]
        said += [_spoken_lane(row.reference, trial, "pale column")] if row.reference else []
        said += [f"{row.gap}."] if row.gap else []
    for strip in row.items if row.item_by_item else row.strips:
        name = f"{strip.facet}: {strip.text}" if strip.facet else strip.text
        if isinstance(strip.bars, Withheld):
            said.append(f"{name}: {strip.bars.reason}.")
        else:
            shares = ", ".join(f"{bar.label} {bar.text}" for bar in strip.bars)
            said.append(f"{name}: {shares}.")
    said.append("The tables at the end give all values.")
    return " ".join(sentence.replace("..", ".") for sentence in said)


def _spoken_lane(lane: Lane, trial: str, symbol: str = "") -> str:
    symbol = symbol or ("solid dot" if lane.group == "lived" else "hollow diamond")
    if isinstance(lane.mark, Mark):
        parts = [f"{lane.mark.text}{f' ({trial})' if trial else ''}", lane.mark.likely]
        parts.append(lane.mark.what_if)
        figure = ", ".join(part for part in parts if part)
    else:
        figure = lane.mark.reason
    if isinstance(lane.cant_tell, Share):
        told = f"could not tell: {lane.cant_tell.text}"
    else:
        told = f"could not tell: {lane.cant_tell.reason}"
    return f"{lane.name.capitalize()}, {lane.who} ({symbol}): {figure}; {told}."
