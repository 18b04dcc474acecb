"""What stands under the axis of the line: the overall position and the centre's view, in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.labels import SIZE
from reports.charts.metrics import text_width, wrap
from reports.disclosure import Withheld
from reports.profile.content import Line, Mark, Overall

NAMES_BELOW: Final = 31.0
TITLE: Final = 12.4
Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Block:
    """Words under the axis: what they name, where the mark stands, where they stand."""

    name: str
    figure: str
    size: float
    fill: str
    at: float
    middle: float
    width: float
    #: points below the first baseline: 0, or a second line where the two do not fit on one
    down: float

    @property
    def foot(self) -> float:
        """Where the stalk from the mark reaches the words."""
        half = self.width / 2 - 4
        return min(max(self.at, self.middle - half), self.middle + half)


def blocks_of(line: Line, x: Scale, trial: str) -> tuple[Block, ...]:
    """The overall position and the centre's view, pushed apart and kept in the frame."""
    found: list[tuple[str, str, float, str, float]] = []
    if isinstance(line.overall, Overall):
        words = line.overall.words
        name = f"Overall: {words[:1].lower()}{words[1:]}"
        mark = line.overall.mark
        found.append((name, line.overall.figure, TITLE, t.SCHOOLS, x(mark.value)))
    if isinstance(line.centre, Mark):
        figure = ", ".join(part for part in (line.centre.text, line.centre.likely) if part)
        found.append((line.centre_name, figure, SIZE, t.CENTRE, x(line.centre.value)))
    widths = [_block_width(name, figure, size, trial) for name, figure, size, _, _ in found]
    wanted = [(one[4], wide) for one, wide in zip(found, widths, strict=True)]
    stacked = len(found) == 2 and sum(widths) + 12 > t.MEASURE
    if stacked:
        middles = tuple(push_apart([one], frame=t.MEASURE, gap=12)[0] for one in wanted)
    else:
        middles = push_apart(wanted, frame=t.MEASURE, gap=12)
    return tuple(
        Block(*one, middle, wide, 24.0 if stacked and index else 0.0)
        for index, (one, middle, wide) in enumerate(zip(found, middles, widths, strict=True))
    )


def draw_blocks(line: Line, blocks: Sequence[Block], axis: float, trial: str) -> tuple[str, float]:
    """The words under the axis with their stalks; and where they end."""
    parts: list[str] = []
    y = axis + NAMES_BELOW
    for block in blocks:
        start = axis + (16 if block.fill == t.SCHOOLS else 6.5)
        if not block.down:
            path = [(block.at, start), (block.at, start + 1), (block.foot, axis + 21.5)]
            parts.append(p.polyline(path, stroke=block.fill, width=0.8))
        parts.append(
            p.text(
                block.middle, y + block.down, block.name, size=block.size,
                weight=700 if block.size == TITLE else 600, fill=block.fill, anchor="middle",
                halo=True,
            )
        )  # fmt: skip
        parts.append(_figure(block.middle, y + block.down + 11.5, block.figure, trial))
    if not blocks:  # the words at the middle half stand alone, clear of the stops' names
        return "", axis + 20
    y += max(block.down for block in blocks) + 11.5
    spread, y = _spread(line, blocks[0].middle, y)
    return "".join(parts) + spread, y


def _block_width(name: str, figure: str, size: float, trial: str) -> float:
    small = text_width(f"{figure} · {trial}" if trial else figure, t.NOTE)
    return max(text_width(name, size, 700), small)


def _figure(middle: float, y: float, figure: str, trial: str) -> str:
    """A small figure, and the word *trial* at it."""
    if not trial:
        return p.text(middle, y, figure, size=t.NOTE, fill=t.INK2, anchor="middle", halo=True)
    whole = text_width(f"{figure} · {trial}", t.NOTE)
    left = middle - whole / 2
    dot = f"{figure} ·"
    after = left + text_width(f"{dot} ", t.NOTE)
    return p.text(left, y, dot, size=t.NOTE, fill=t.INK2, halo=True) + p.text(
        after, y, trial, size=t.NOTE, fill=t.INK2, italic=True, halo=True
    )


def _spread(line: Line, middle: float, y: float) -> tuple[str, float]:
    """How much the overall figure hides, or why there is none."""
    if isinstance(line.overall, Withheld):
        return "", y
    parts: list[str] = []
    for words in wrap(line.overall.spread, t.MEASURE - 20, t.NOTE):
        y += 10.6
        half = text_width(words, t.NOTE) / 2
        at = min(max(middle, half), t.MEASURE - half)
        parts.append(p.text(at, y, words, size=t.NOTE, fill=t.INK2, anchor="middle", halo=True))
    return "".join(parts), y


def push_apart(
    blocks: Sequence[tuple[float, float]], *, frame: float, gap: float
) -> tuple[float, ...]:
    """Middles of at most two blocks (wanted middle, width), ``gap`` apart and inside the frame."""
    middles = [min(max(at, wide / 2), frame - wide / 2) for at, wide in blocks]
    if len(blocks) < 2:
        return tuple(middles)
    need = (blocks[0][1] + blocks[1][1]) / 2 + gap
    first, second = (0, 1) if blocks[0][0] <= blocks[1][0] else (1, 0)
    missing = need - (middles[second] - middles[first])
    if missing > 0:
        middles[first] -= missing / 2
        middles[second] += missing / 2
    for index, other, sign in ((first, second, 1), (second, first, -1)):
        half = blocks[index][1] / 2
        edge = half if sign == 1 else frame - half
        if (middles[index] - edge) * sign < 0:
            middles[index] = edge
            if abs(middles[other] - middles[index]) < need:
                middles[other] = middles[index] + sign * need
    return tuple(middles)
