"""Companion scales by role: one drawing a scale, its roles as lanes and its questions beneath."""

from collections.abc import Sequence

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.bands import Kind
from reports.charts.bars import draw_strips
from reports.charts.keys import Symbol, key, spoken_key
from reports.charts.rows import Row, draw_rows
from reports.disclosure import Withheld
from reports.profile.content import CompanionRow, Companions, Mark, RoleLane, Share, Strip


def draw_companions_key(page: Companions) -> Markup:
    """The key of the page, once at its head."""
    lanes = [lane for row in page.rows for lane in row.lanes]
    entries: list[tuple[Symbol, str]] = [("dot", page.lived_key)]
    if page.designed_key:
        entries.append(("diamond", page.designed_key))
    entries.append(("schools-band", "chance"))
    if any(isinstance(lane.mark, Mark) and lane.mark.outer_low is not None for lane in lanes):
        entries.append(("hatch", "what if those who did not answer differ"))
    entries.append(("bar", "one question, schools"))
    marks, height = key(entries, y=6)
    return p.svg([marks], width=t.MEASURE, height=height, title=spoken_key(entries), name="key")


def draw_companion(row: CompanionRow, page: Companions, *, trial: str = "") -> Markup:
    """One scale: each role's mark with its bands, then every question of the scale."""
    parts: list[str] = []
    height = 0.0
    if row.lanes:
        lanes = [
            Row(lane.name, _under(lane), lane.mark, lane.cant_tell, _kind(lane))
            for lane in row.lanes
        ]
        limits = page.low, page.high
        drawn, height = draw_rows(lanes, page.axis, limits, trial, least=24.0)
        parts.append(drawn)
        if row.gap and all(isinstance(lane.mark, Mark) for lane in row.lanes):
            parts.append(p.text(t.MEASURE, height + 9, row.gap, size=t.NOTE, anchor="end"))
        height += 16
    columns = 2 if len(row.strips) in (2, 4) else 3
    for start in range(0, len(row.strips), columns):
        strips = row.strips[start : start + columns]
        drawn, high = draw_strips(strips, y=height, top=page.top, columns=columns)
        parts.append(drawn)
        height += high + 6
    return p.svg(parts, width=t.MEASURE, height=height, title=_spoken(row, trial), name="companion")


def _kind(lane: RoleLane) -> Kind:
    return "schools" if lane.is_lived else "centre"


def _under(lane: RoleLane) -> str:
    return f"n {lane.mark.n_band}" if isinstance(lane.mark, Mark) else ""


def _spoken(row: CompanionRow, trial: str) -> str:
    """All that the drawing shows, as sentences."""
    said = [f"{row.name}."]
    said += [f"{row.item_by_item}."] if row.item_by_item else []
    for lane in row.lanes:
        symbol = "solid dot" if lane.is_lived else "hollow diamond"
        if isinstance(lane.mark, Mark):
            figure = f"{lane.mark.text}{f' ({trial})' if trial else ''}, {lane.mark.likely}"
            figure += f", {lane.mark.what_if}" if lane.mark.what_if else ""
        else:
            figure = lane.mark.reason
        told = lane.cant_tell.text if isinstance(lane.cant_tell, Share) else lane.cant_tell.reason
        said.append(f"{lane.name} ({symbol}): {figure}; could not tell: {told}.")
    said += [f"{row.gap}."] if row.gap else []
    said += _spoken_strips(row.strips)
    said.append("The tables at the end give all values.")
    return " ".join(sentence.replace("..", ".") for sentence in said)


def _spoken_strips(strips: Sequence[Strip]) -> list[str]:
    said = []
    for strip in strips:
        name = f"{strip.facet}: {strip.text}" if strip.facet else strip.text
        if isinstance(strip.bars, Withheld):
            said.append(f"{name}: {strip.bars.reason}.")
        else:
            shares = ", ".join(f"{bar.label} {bar.text}" for bar in strip.bars)
            said.append(f"{name}: {shares}.")
    return said
