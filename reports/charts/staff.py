"""Drawings of the page for staff: as wide as a phone or a desk, because they measure in percent.

Text keeps its size at every width. The colours are the print's; the site's stylesheet gives those
of the dark scheme by class.
"""

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

from reports.charts import tokens as t
from reports.charts.primitives import num
from reports.staff_page.content import Decision, Row, Rows

#: pixels: the bars' room, what stands above the highest for its share, and below the line
FULL: Final = 46.0
ABOVE: Final = 20.0
BELOW: Final = 3.0
TEXT: Final = 14
#: percent of a stop's column that its bar takes
WIDE: Final = 0.66
#: percent left free at both ends of an axis, so that no mark is cut
MARGIN: Final = 3.0
LANE: Final = 20.0


def draw_decision(decision: Decision, *, top: int) -> Markup:
    """Five bars of one tint, a share above each; ``top`` percent is their full height.

    Nothing where the decision is withheld.
    """
    if not decision.shares:
        return Markup("")
    column = 100 / len(decision.shares)
    base = ABOVE + FULL
    parts = [_line(0, 100, base, t.RULE, "rule")]
    for place, part in enumerate(decision.shares):
        high = max(min(part.drawn / top, 1.0) * FULL, 1.0)
        middle = (place + 0.5) * column
        parts.append(
            f'<rect class="bar" x="{num(middle - column * WIDE / 2)}%" y="{num(base - high)}"'
            f' width="{num(column * WIDE)}%" height="{num(high)}" fill="{t.BAR}"/>'
            f'<text class="words" x="{num(middle)}%" y="{num(base - high - 5)}" font-size="{TEXT}"'
            f' text-anchor="middle" fill="{t.INK}">{escape(part.text)}</text>'
        )
    return _svg(parts, height=base + BELOW, title=spoken_decision(decision))


def spoken_decision(decision: Decision) -> str:
    """A decision as a sentence."""
    reading = (decision.heading, decision.explanation, decision.detail, decision.formal)
    shares = "; ".join(f"{part.label} {part.text}" for part in decision.shares)
    return f"{decision.name}: {', '.join(filter(None, reading))}. Shares of answers: {shares}."


def draw_row(row: Row, rows: Rows, *, is_pressure: bool = False) -> Markup:
    """The marks of a dimension or a pressure on their axis, each on its band of chance.

    Nothing where every figure is withheld.
    """
    if not row.figures:
        return Markup("")
    height = LANE * len(row.figures)

    def x(value: float) -> float:
        return MARGIN + (value - rows.low) / (rows.high - rows.low) * (100 - 2 * MARGIN)

    parts = [
        f'<line class="grid" x1="{num(x(value))}%" x2="{num(x(value))}%" y1="0" y2="{num(height)}"'
        f' stroke="{t.GRID}" stroke-width="1"/>'
        for value in range(int(rows.low), int(rows.high) + 1)
    ]
    for place, figure in enumerate(row.figures):
        y = (place + 0.5) * LANE
        kind = "press" if is_pressure else "centre" if figure.is_designed else "schools"
        parts.append(_band(x(figure.low), x(figure.high), y, kind))
        parts.append(_mark(x(figure.value), y, kind))
    return _svg(parts, height=height, title=spoken_row(row, rows))


def spoken_row(row: Row, rows: Rows) -> str:
    """A row as a sentence."""
    axis = ", ".join(f"{word.value} {word.text}" for word in rows.axis)
    figures = "; ".join(
        " ".join(filter(None, (figure.who, f"{figure.text}, {figure.likely}")))
        for figure in row.figures
    )
    return f"{row.name}: {figures}. The axis: {axis}."


_BANDS: Final = {"schools": t.SCHOOLS_BAND, "centre": t.CENTRE_BAND, "press": t.PRESS_BAND}
_SHAPES: Final = {
    "schools": f'<circle class="schools-mark" r="5.5" fill="{t.SCHOOLS}" stroke="{t.PAPER}"/>',
    "centre": (
        '<path class="centre-mark" d="M0-6.5L6.5 0L0 6.5L-6.5 0Z"'
        f' fill="{t.PAPER}" stroke="{t.CENTRE}" stroke-width="2"/>'
    ),
    "press": (
        '<rect class="press-mark" x="-5" y="-5" width="10" height="10"'
        f' fill="{t.PRESS}" stroke="{t.PAPER}"/>'
    ),
}


def _band(low: float, high: float, y: float, kind: str) -> str:
    wide = max(high - low, 0.6)
    return (
        f'<rect class="{kind}-band" x="{num((low + high - wide) / 2)}%" y="{num(y - 7)}"'
        f' width="{num(wide)}%" height="14" fill="{_BANDS[kind]}"/>'
    )


def _mark(x: float, y: float, kind: str) -> str:
    """A shape at ``x`` percent: a drawing of its own, because paths know no percent."""
    return f'<svg x="{num(x)}%" y="{num(y)}" overflow="visible">{_SHAPES[kind]}</svg>'


def _line(x1: float, x2: float, y: float, stroke: str, name: str) -> str:
    return (
        f'<line class="{name}" x1="{num(x1)}%" x2="{num(x2)}%" y1="{num(y)}" y2="{num(y)}"'
        f' stroke="{stroke}" stroke-width="1"/>'
    )


def _svg(parts: Iterable[str], *, height: float, title: str) -> Markup:
    head = f'<svg role="img" class="drawing" width="100%" height="{num(height)}">'
    return Markup(f"{head}<title>{escape(title)}</title>{''.join(parts)}</svg>")  # noqa: S704 - every text part is escaped
