"""Drawings of the validation report: intervals on a strip, and scree with parallel analysis."""

from collections.abc import Callable, Sequence
from typing import Final

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t

Place = Callable[[int], float]
Height = Callable[[float], float]
STRIP_LOW: Final = 0.5


def interval_strip(
    value: float, low: float, high: float, *, title: str, width: float = 112, height: float = 14
) -> Markup:
    """A coefficient with its interval on .5 to 1: solid rule at .70, dotted at .80.

    Below .50 the interval is clipped at the edge; the number stands in the cell beside it.
    """

    def x(at: float) -> float:
        return 4 + (min(max(at, STRIP_LOW), 1.0) - STRIP_LOW) / (1 - STRIP_LOW) * (width - 8)

    y = height / 2
    parts = [
        p.line(x(0.7), 0, x(0.7), height, stroke=t.RULE, width=0.9),
        p.line(x(0.8), 0, x(0.8), height, stroke=t.RULE, width=0.9, dash="1 1.6"),
        p.line(x(low), y, x(high), y, stroke=t.SCHOOLS, width=2.2),
    ]
    if value >= STRIP_LOW:
        parts.append(p.dot(x(value), y, radius=2.6))
    return p.svg(parts, width=width, height=height, title=title, name="interval")


def interval_axis(*, width: float = 112) -> Markup:
    """The figures under a column of interval strips."""
    parts = [
        p.text(4 + (at - 0.5) / 0.5 * (width - 8), 8, words, size=7, fill=t.INK2, anchor="middle")
        for at, words in ((0.5, ".5"), (0.6, ".6"), (0.7, ".7"), (0.8, ".8"), (0.9, ".9"))
    ]
    parts.append(p.text(width, 8, "1.0", size=7, fill=t.INK2, anchor="end"))
    title = "Axis from .5 to 1.0, solid rule at .70, dotted rule at .80."
    return p.svg(parts, width=width, height=10, title=title, name="interval-axis")


def scree(
    observed: Sequence[float],
    random: Sequence[float],
    *,
    title: str,
    random_label: str = "random data, 95th percentile",
    above_label: str = "",
    width: float = 320,
    height: float = 260,
) -> Markup:
    """Eigenvalues against those of random data.

    Filled marks lie above the random line, open ones below. Where the first root is more than
    twice the second, the axis is cut: a break mark, and its value printed.
    """
    if len(observed) != len(random) or not observed:
        raise ValueError("scree: observed and random must be of one length, at least 1.")
    left, right, bottom, top = 30.0, width - 6, height - 34, 26.0
    cut = len(observed) > 1 and observed[0] > 2 * observed[1] and observed[1] > 0
    shown = [*(observed[1:] if cut else observed), *random]
    ceiling = _ceiling(max(shown))
    step = (right - left) / max(len(observed) - 1, 1)
    roof = top + (26 if cut else 4)

    def x(index: int) -> float:
        return left + index * step

    def y(value: float) -> float:
        return bottom - max(value, 0.0) / ceiling * (bottom - roof)

    parts = [_scree_axes(len(observed), ceiling, x, y, left, right, bottom, height)]
    parts.append(
        p.polyline(
            [(x(i), y(v)) for i, v in enumerate(random)], stroke=t.CENTRE, width=1.4, dash="4 2.6"
        )
    )
    points = [(x(i), top - 2 if cut and i == 0 else y(v)) for i, v in enumerate(observed)]
    parts.append(p.polyline(points[1:] if cut else points, stroke=t.SCHOOLS, width=1.4))
    if cut:
        parts.append(_break(points[0], points[1], observed[0], roof))
    for (at, high), value, chance in zip(points, observed, random, strict=True):
        above = value > chance
        parts.append(p.dot(at, high, radius=3.2) if above else p.open_dot(at, high))
    last = len(random) - 1
    parts.append(
        p.text(x(last), y(random[last // 2]) - 12, random_label, size=t.NOTE, fill=t.CENTRE,
               anchor="end", halo=True)
    )  # fmt: skip
    if above_label:
        at = min(x(1) + 40, right - 60)
        parts.append(
            p.text(at, roof + 22, above_label, size=t.NOTE, weight=600, fill=t.SCHOOLS, halo=True)
        )
    return p.svg(parts, width=width, height=height, title=title, name="scree")


def _ceiling(highest: float) -> float:
    """The highest value of the axis: a whole step of one half, or of one above five."""
    unit = 0.5 if highest <= 5 else 1.0 if highest <= 12 else 5.0
    return max(unit * -(-highest // unit), unit)


def _scree_axes(
    count: int,
    ceiling: float,
    x: Place,
    y: Height,
    left: float,
    right: float,
    bottom: float,
    height: float,
) -> str:
    parts = [p.text(0, 9, "Eigenvalue", size=t.NOTE, weight=600)]
    unit = 0.5 if ceiling <= 5 else 1.0 if ceiling <= 12 else 5.0
    value = 0.0
    while value <= ceiling + 1e-9:
        parts.append(
            p.line(
                left,
                y(value),
                right,
                y(value),
                stroke=t.GRID if value else t.INK,
                width=0.8 if value else 1.1,
            )
        )
        parts.append(
            p.text(
                left - 6,
                y(value) + 2.6,
                f"{value:.1f}",
                size=t.AXIS_WORD,
                fill=t.INK2,
                anchor="end",
            )
        )
        value += unit
    marks = sorted({1, count, *range(5, count, 5)})
    parts += [
        p.text(x(mark - 1), bottom + 12, str(mark), size=t.AXIS_WORD, fill=t.INK2, anchor="middle")
        for mark in marks
        if mark == count or count - mark > 2 or count < 6
    ]
    parts.append(
        p.text(
            (left + right) / 2,
            height - 6,
            "Factor number",
            size=t.NOTE,
            weight=600,
            anchor="middle",
        )
    )
    return "".join(parts)


def _break(
    first: tuple[float, float], second: tuple[float, float], value: float, roof: float
) -> str:
    """The mark of a cut axis, and the value that lies beyond it."""
    x, y = first[0], roof - 8
    strokes = [
        p.line(x - 4, y + 2 + offset, x + 4, y - 2 + offset, stroke=t.INK2, width=1)
        for offset in (-2, 2)
    ]
    link = p.line(x, y + 4, *second, stroke=t.SCHOOLS, width=1, dash="1.6 1.8")
    figure = p.text(x + 8, first[1] + 3, f"{value:.1f}", size=t.NOTE, weight=600, fill=t.SCHOOLS)
    return "".join(strokes) + link + figure
