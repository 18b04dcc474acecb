"""Small drawings of the validation report: how an item was answered, and who is in the figures."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t

#: one option of a distribution, points
BAR_STEP: Final = 18.5
_BAR_WIDTH: Final = 12.0
_BAR_HEIGHT: Final = 14.0
_SMALLEST: Final = 6.9

_ROW: Final = 21.0
_LEFT: Final = 150.0
_LONGEST: Final = 210.0


def answer_bars(drawn: Sequence[float], texts: Sequence[str], *, top: float, title: str) -> Markup:
    """Shares of one item's options as bars with their percentages above.

    ``drawn`` in percent; ``top`` is the percentage of a full bar, one for all items of the report.
    """
    base = _BAR_HEIGHT + _SMALLEST
    parts = []
    for k, (percent, words) in enumerate(zip(drawn, texts, strict=True)):
        centre = (k + 0.5) * BAR_STEP
        height = _BAR_HEIGHT * min(percent, top) / top
        left = centre - _BAR_WIDTH / 2
        parts.append(p.rect(left, base - height, _BAR_WIDTH, height, fill=t.BAR))
        above = base - height - 1.6
        parts.append(p.text(centre, above, words, size=_SMALLEST, anchor="middle"))
    width = BAR_STEP * len(drawn)
    parts.append(p.line(0, base, width, base, stroke=t.RULE, width=0.6))
    return p.svg(parts, width=width, height=base + 0.6, title=title, name="answers")


def flow(steps: Sequence[tuple[str, float | None, str]], *, title: str) -> Markup:
    """People from invited to analysed: a name, a number to draw (None: unknown), and its words."""
    most = max((count for _, count, _ in steps if count is not None), default=1.0) or 1.0
    parts = []
    for k, (name, count, words) in enumerate(steps):
        middle = _ROW * k + 10
        parts.append(p.text(0, middle + 3, name, size=9, weight=600))
        end = _LEFT
        if count is not None:
            end += max(_LONGEST * count / most, 1.2)
            parts.append(p.rect(_LEFT, middle - 5.5, end - _LEFT, 11, fill=t.BAR))
        parts.append(p.text(end + 6, middle + 3, words, size=9))
    height = _ROW * len(steps)
    parts.append(p.line(_LEFT, 2, _LEFT, height - 1, stroke=t.INK, width=0.8))
    return p.svg(parts, width=t.MEASURE, height=height, title=title, name="flow")
