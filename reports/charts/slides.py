"""Drawings for slides: the pages' own, enlarged, and one decision as large as a slide."""

import re

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.metrics import balance
from reports.disclosure import Withheld
from reports.profile.content import DecisionRow

#: full height of the bars, percent, where none is higher
LEAST_TOP = 50.0


def enlarged(drawing: Markup, *, width: float, height: float) -> Markup:
    """A drawing as large as fits into ``width`` by ``height`` points; its own coordinates stay."""
    found = re.search(r' width="([\d.]+)pt" height="([\d.]+)pt"', drawing)
    if found is None:
        raise ValueError("This is no drawing of ours: it has no size in points.")
    own_width, own_height = float(found[1]), float(found[2])
    factor = min(width / own_width, height / own_height)
    size = f' width="{p.num(own_width * factor)}pt" height="{p.num(own_height * factor)}pt"'
    return Markup(str(drawing).replace(found[0], size, 1))  # noqa: S704 - it was Markup


def draw_decision(row: DecisionRow, *, width: float, height: float) -> Markup:
    """One decision's whole distribution, with shares above its bars and stops below them."""
    if isinstance(row.bars, Withheld):
        raise ValueError(f"{row.decision} may not be shown")
    cell, top = width / len(row.bars), max(LEAST_TOP, *(bar.drawn for bar in row.bars))
    base, full = height - 62, height - 62 - 34
    parts = [p.line(0, base, width, base, stroke=t.RULE, width=1.4)]
    for place, bar in enumerate(row.bars):
        middle = (place + 0.5) * cell
        high = max(bar.drawn / top * full, 1.5)
        parts.append(p.rect(middle - cell * 0.3, base - high, cell * 0.6, high, fill=t.BAR))
        parts.append(
            p.text(middle, base - high - 9, bar.text, size=26, weight=600, anchor="middle")
        )
        lines = balance(bar.label, cell - 12, 20)[:2]
        parts += [
            p.text(middle, base + 26 + index * 24, line, size=20, anchor="middle")
            for index, line in enumerate(lines)
        ]
    shares = ", ".join(f"{bar.label} {bar.text}" for bar in row.bars)
    said = f"{row.name}, share of answers at each stop: {shares}. {row.heading}."
    return p.svg(parts, width=width, height=height, title=said, name="decision")
