"""Drawings of an open round, as wide as their column: who answered, how wide bands will be.

They measure in percent, and text stays outside them. Colours are the print's; the site's stylesheet
gives those of the dark scheme by class.
"""

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

from reports.charts import tokens as t
from reports.charts.primitives import num

HEIGHT: Final = 22.0
BAR: Final = 14.0
PRECISION_HEIGHT: Final = 26.0


def draw_answered(low: float, high: float, least: float | None, *, title: str) -> Markup:
    """A band of percent: solid to its lower edge, tinted to its upper, a tick at the minimum."""
    top = (HEIGHT - BAR) / 2
    parts = [_upright(percent, 0, HEIGHT, t.GRID, "grid", 1) for percent in (0, 25, 50, 75, 100)]
    parts.append(
        f'<rect class="answered-band" x="{num(low)}%" y="{num(top)}" width="{num(high - low)}%"'
        f' height="{num(BAR)}" fill="{t.HALF}" stroke="{t.SCHOOLS}" stroke-width="1.5"/>'
    )
    if low > 0:
        parts.append(
            f'<rect class="schools-mark answered-sure" x="0" y="{num(top - 0.75)}"'
            f' width="{num(low)}%" height="{num(BAR + 1.5)}" fill="{t.SCHOOLS}"/>'
        )
    if least is not None:
        parts.append(_upright(least, 0, HEIGHT, t.PAPER, "tick-halo", 7))
        parts.append(_upright(least, 1, HEIGHT - 1, t.INK, "tick", 3))
    return _svg(parts, height=HEIGHT, title=title)


def draw_expected(chance: float, what_if: float, *, reach: float, title: str) -> Markup:
    """Both bands round the figure, on an axis that goes ``reach`` to either side."""

    def x(value: float) -> float:
        return 50 + 46 * value / reach

    middle = PRECISION_HEIGHT / 2
    parts = [_upright(x(place * reach), 0, PRECISION_HEIGHT, t.GRID, "grid", 1)
             for place in (-1, -0.5, 0, 0.5, 1)]  # fmt: skip
    parts += [
        f'<rect class="whatif" x="{num(x(-what_if))}%" y="{num(middle - 5)}"'
        f' width="{num(x(what_if) - x(-what_if))}%" height="10" fill="{t.PAPER}"'
        f' stroke="{t.WHATIF}" stroke-width="1"/>',
        *_hatch(x(-what_if), x(what_if), middle),
        f'<rect class="schools-band" x="{num(x(-chance))}%" y="{num(middle - 8)}"'
        f' width="{num(x(chance) - x(-chance))}%" height="16" fill="{t.SCHOOLS_BAND}"/>',
        f'<circle class="schools-mark" cx="50%" cy="{num(middle)}" r="5.5" fill="{t.SCHOOLS}"'
        f' stroke="{t.PAPER}"/>',
    ]
    return _svg(parts, height=PRECISION_HEIGHT, title=title)


def _hatch(low: float, high: float, middle: float) -> list[str]:
    """Slanted strokes in a frame of percent: each a drawing of its own, whose size stays."""
    strokes, place = [], low + 0.7
    while place < high - 0.7:
        strokes.append(
            f'<svg x="{num(place)}%" y="{num(middle - 5)}" width="10" height="10"'
            f' overflow="visible"><path class="whatif-stroke" d="M0 10L5 0" stroke="{t.WHATIF}"'
            ' stroke-width="1"/></svg>'
        )
        place += 1.6
    return strokes


def _upright(x: float, top: float, bottom: float, stroke: str, name: str, width: float) -> str:
    return (
        f'<line class="{name}" x1="{num(x)}%" x2="{num(x)}%" y1="{num(top)}" y2="{num(bottom)}"'
        f' stroke="{stroke}" stroke-width="{num(width)}"/>'
    )


def _svg(parts: Iterable[str], *, height: float, title: str) -> Markup:
    head = f'<svg role="img" class="drawing" width="100%" height="{num(height)}">'
    return Markup(f"{head}<title>{escape(title)}</title>{''.join(parts)}</svg>")  # noqa: S704 - every text part is escaped
