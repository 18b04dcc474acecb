"""Chart D at full size: pressures, supports, and questions read one by one. No total, no order."""

from collections.abc import Sequence

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.keys import Symbol, key, spoken_key
from reports.charts.rows import Row, draw_rows
from reports.profile.content import AxisWord, ItemRow, Mark, PressureRow, Pressures


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


def draw_pressures(pressures: Pressures, *, trial: str = "") -> Markup:
    """Every facet of pressure in the instrument's order."""
    rows = [Row(row.name, row.asked, row.mark, row.cant_tell) for row in pressures.rows]
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
    drawn, height = draw_rows(rows, axis, limits, trial)
    return p.svg([drawn], width=t.MEASURE, height=height + 1, title=alt, name="pressures")
