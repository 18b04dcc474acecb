"""Drawings of the validation report: intervals on a strip, and scree with parallel analysis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.metrics import text_width

STRIP_LOW: Final = 0.5
STRIP_WIDTH: Final = 112.0
_EDGE: Final = 7.0


# Reliability


def _on_strip(value: float, width: float) -> float:
    inside = min(max(value, STRIP_LOW), 1.0)
    return _EDGE + (inside - STRIP_LOW) / (1 - STRIP_LOW) * (width - 2 * _EDGE)


def interval_strip(
    value: float,
    low: float,
    high: float,
    *,
    title: str,
    words: str = "",
    width: float = STRIP_WIDTH,
    height: float = 14,
) -> Markup:
    """A coefficient with its interval on .5 to 1: solid rule at .70, dotted at .80.

    Below .50 the interval is clipped at the edge; a value below it is a mark that points out of the
    axis, with the number (``words``) beside it.
    """
    y, edge = height / 2, _on_strip(STRIP_LOW, width)
    solid, dotted = _on_strip(0.7, width), _on_strip(0.8, width)
    parts = [
        p.line(solid, 0, solid, height, stroke=t.BAR, width=0.9),
        p.line(dotted, 0, dotted, height, stroke=t.BAR, width=0.9, dash="1 1.6"),
    ]
    right = _on_strip(high, width)
    if high > STRIP_LOW:
        left = _on_strip(low, width)
        parts.append(p.line(left, y, right, y, stroke=t.SCHOOLS, width=2.2))
    if value >= STRIP_LOW:
        parts.append(p.dot(_on_strip(value, width), y, radius=2.6))
    else:
        corners = ((edge - 6, y), (edge - 1, y - 3), (edge - 1, y + 3))
        points = " ".join(f"{p.num(at)},{p.num(up)}" for at, up in corners)
        parts.append(f'<polygon points="{points}" fill="{t.SCHOOLS}"/>')
        start = min(right + 4, width - text_width(words, t.AXIS_WORD, 600) - 2)
        parts.append(p.text(start, y + 2.6, words, size=t.AXIS_WORD, weight=600, halo=True))
    return p.svg(parts, width=width, height=height, title=title, name="interval")


def interval_axis(*, width: float = STRIP_WIDTH) -> Markup:
    """The figures above or under a column of interval strips."""
    marks = ((0.5, ".5"), (0.6, ".6"), (0.7, ".7"), (0.8, ".8"), (0.9, ".9"), (1.0, "1.0"))
    parts = [
        p.text(_on_strip(at, width), 8, words, size=7, fill=t.INK2, anchor="middle")
        for at, words in marks
    ]
    title = "Axis from .5 to 1.0, solid rule at .70, dotted rule at .80."
    return p.svg(parts, width=width, height=10, title=title, name="interval-axis")


# Scree


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a scree stands: its edges, its highest value, and how many values there are."""

    left: float
    right: float
    top: float
    bottom: float
    ceiling: float
    count: int

    def x(self, index: int) -> float:
        return self.left + (self.right - self.left) * index / max(self.count - 1, 1)

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * max(value, 0.0) / self.ceiling


def scree(
    observed: Sequence[float],
    random: Sequence[float],
    *,
    title: str,
    retain: int | None = None,
    random_label: str = "random data, 95th percentile",
    above_label: str = "",
    width: float = 320,
    height: float = 232,
) -> Markup:
    """Eigenvalues against those of random data, or alone where there are none (``random`` empty).

    The first ``retain`` marks are filled (None: those above the random line), the others open.
    Where the first root is more than twice the second, the axis is cut: a break mark, and its value
    printed.
    """
    if not observed or (random and len(observed) != len(random)):
        raise ValueError("scree: observed and random must be of one length, at least 1.")
    is_cut = len(observed) > 1 and observed[0] > 2 * observed[1] > 0
    frame = _Frame(
        left=30.0,
        right=width - 6,
        top=52.0 if is_cut else 30.0,
        bottom=height - 34,
        ceiling=_ceiling(max([*(observed[1:] if is_cut else observed), *random])),
        count=len(observed),
    )
    points = [(frame.x(i), frame.y(v)) for i, v in enumerate(observed)]
    if is_cut:
        points[0] = (frame.x(0), 24.0)
    if retain is None:
        pairs = zip(observed, random, strict=bool(random))
        retain = next((i for i, (value, chance) in enumerate(pairs) if value <= chance), 0)
    parts = _axes(frame, height)
    if random:
        curve = [(frame.x(i), frame.y(v)) for i, v in enumerate(random)]
        parts.append(p.polyline(curve, stroke=t.CENTRE, width=1.4, dash="4 2.6"))
        parts.append(_random_label(frame, observed, random, random_label))
    parts.append(p.polyline(points[1:] if is_cut else points, stroke=t.SCHOOLS, width=1.4))
    if is_cut:
        parts.append(_break(points[0], points[1], observed[0]))
    for i, (at, high) in enumerate(points):
        is_filled = i < retain
        parts.append(p.dot(at, high, radius=3.0) if is_filled else p.open_dot(at, high, radius=2.8))
    if above_label:
        parts.append(_above_label(frame, points, retain, above_label))
    return p.svg(parts, width=width, height=height, title=title, name="scree")


def _unit(highest: float) -> float:
    return 0.5 if highest <= 5 else 1.0 if highest <= 12 else 5.0


def _ceiling(highest: float) -> float:
    """The highest value of the axis: a whole step of one half, or of one above five."""
    unit = _unit(highest)
    return max(unit * -(-highest // unit), unit)


def _axes(frame: _Frame, height: float) -> list[str]:
    parts = [p.text(0, 9, "Eigenvalue", size=t.NOTE, weight=600)]
    unit = _unit(frame.ceiling)
    for step in range(round(frame.ceiling / unit) + 1):
        y = frame.y(step * unit)
        stroke, thick = (t.GRID, 0.8) if step else (t.INK, 1.1)
        parts.append(p.line(frame.left, y, frame.right, y, stroke=stroke, width=thick))
        words = f"{step * unit:.1f}"
        parts.append(
            p.text(frame.left - 6, y + 2.6, words, size=t.AXIS_WORD, fill=t.INK2, anchor="end")
        )
    every = 1 if frame.count <= 12 else 5 if frame.count <= 60 else 10
    for number in sorted({1, *range(every, frame.count + 1, every)}):
        x = frame.x(number - 1)
        y = frame.bottom + 12
        parts.append(p.text(x, y, str(number), size=t.AXIS_WORD, fill=t.INK2, anchor="middle"))
    middle = (frame.left + frame.right) / 2
    parts.append(
        p.text(middle, height - 6, "Factor number", size=t.NOTE, weight=600, anchor="middle")
    )
    return parts


def _random_label(
    frame: _Frame, observed: Sequence[float], random: Sequence[float], words: str
) -> str:
    """Words for the random line, at its right end, clear of both lines."""
    width = text_width(words, t.NOTE)
    under = [i for i in range(frame.count) if frame.x(i) >= frame.right - width - 12]
    under = under or [frame.count - 1]
    highest = frame.y(max(max(observed[i], random[i]) for i in under))
    y = max(highest - 8, 20.0)
    return p.text(frame.right, y, words, size=t.NOTE, fill=t.CENTRE, anchor="end", halo=True)


def _above_label(
    frame: _Frame, points: Sequence[tuple[float, float]], retain: int, words: str
) -> str:
    """Words for the filled marks, right of the last of them, above the line."""
    x, y = points[min(max(retain, 1), len(points)) - 1]
    x = min(x + 16, frame.right - text_width(words, t.NOTE, 600))
    y = max(min(y, points[min(2, len(points) - 1)][1]) - 12, 40.0)
    return p.text(x, y, words, size=t.NOTE, weight=600, fill=t.SCHOOLS, halo=True)


def _break(first: tuple[float, float], second: tuple[float, float], value: float) -> str:
    """The mark of a cut axis, and the value that lies beyond it."""
    x, y = first
    link = p.line(x, y, *second, stroke=t.SCHOOLS, width=1, dash="1.6 1.8")
    at = 16 / max(second[1] - y, 16)
    middle_x, middle_y = x + (second[0] - x) * at, y + (second[1] - y) * at
    gap = p.rect(middle_x - 5, middle_y - 2.4, 10, 4.8, fill=t.PAPER)
    strokes = [
        p.line(middle_x - 5, middle_y + 2 + by, middle_x + 5, middle_y - 2 + by, stroke=t.INK2,
               width=1)
        for by in (-2.2, 2.2)
    ]  # fmt: skip
    figure = p.text(x + 8, y + 3, f"{value:.2f}", size=t.NOTE, weight=600, fill=t.SCHOOLS)
    return link + gap + "".join(strokes) + figure
