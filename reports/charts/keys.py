"""The key of a drawing: every symbol that occurs in it, with its words."""

from collections.abc import Sequence
from typing import Final, Literal

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.metrics import text_width

Symbol = Literal[
    "dot", "diamond", "square", "split", "capsule", "overall", "schools-band", "centre-band",
    "press-band", "hatch", "bar", "bracket", "open-dot", "open-square", "trial", "rules",
    "hatched-bar", "reference",
]  # fmt: skip

LEAD: Final = 12.4
GAP: Final = 15.0
WIDTHS: Final[dict[str, float]] = {
    "dot": 8, "diamond": 11, "square": 8, "split": 35, "capsule": 26, "overall": 6,
    "schools-band": 20, "centre-band": 20, "press-band": 20, "hatch": 20, "bar": 7, "bracket": 25,
    "open-dot": 8, "open-square": 8, "trial": 18, "rules": 22, "hatched-bar": 9,
    "reference": 6,
}  # fmt: skip


def key(
    entries: Sequence[tuple[Symbol, str]], *, y: float, width: float = t.MEASURE, x: float = 0
) -> tuple[str, float]:
    """Symbols and words on as many lines as needed; the markup and the height it takes.

    ``y`` is the middle of the first line.
    """
    parts: list[str] = []
    at, middle = x, y
    for symbol, words in entries:
        wide = WIDTHS[symbol] + 5 + text_width(words, t.NOTE)
        if at > x and at + wide > x + width:
            at, middle = x, middle + LEAD
        parts.append(_symbol(symbol, at, middle))
        parts.append(p.text(at + WIDTHS[symbol] + 5, middle + 2.9, words, size=t.NOTE, fill=t.INK2))
        at += wide + GAP
    return "".join(parts), middle - y + LEAD


def _symbol(symbol: Symbol, x: float, y: float) -> str:
    wide = WIDTHS[symbol]
    right, middle = x + wide, x + wide / 2
    band = {
        "schools-band": t.SCHOOLS_BAND,
        "centre-band": t.CENTRE_BAND,
        "press-band": t.PRESS_BAND,
    }
    match symbol:
        case "dot":
            return p.dot(middle, y)
        case "open-dot":
            return p.open_dot(middle, y)
        case "open-square":
            return p.open_square(middle, y)
        case "diamond":
            return p.diamond(middle, y, radius=4.8)
        case "square":
            return p.square(middle, y, side=6)
        case "split":
            return (
                p.line(x + 6, y, right - 6, y, stroke=t.INK2, width=1, dash="1.6 2")
                + p.square(x + 3.5, y, side=6, fill=t.SCHOOLS)
                + p.square(right - 3.5, y, side=6, fill=t.SCHOOLS)
            )
        case "capsule":
            return p.rect(
                x, y - 3.5, wide, 7, fill=t.HALF, stroke=t.SCHOOLS, line_width=1, radius=3.5
            )
        case "reference":
            return p.rect(x, y - 5, wide, 10, fill=t.HALF)
        case "overall":
            return p.rect(middle - 2, y - 5, 4, 10, fill=t.SCHOOLS)
        case "hatch":
            return p.hatch(x, right, y - 3.5, 7)
        case "bar":
            return p.rect(x, y - 4.5, wide, 9, fill=t.BAR)
        case "bracket":
            return bracket(x + 0.6, right - 0.6, y, half=3.6)
        case "rules":
            return rules_mark(middle, y, half=10)
        case "hatched-bar":
            return p.hatch(x, right, y - 4.5, 9)
        case "trial":
            return p.text(x, y + 2.6, "trial", size=t.AXIS_WORD, fill=t.INK2, italic=True)
        case _:
            return p.rect(x, y - 3.5, wide, 7, fill=band[symbol])


def bracket(x1: float, x2: float, y: float, *, half: float = 4.5) -> str:
    """An interval between two end ticks."""
    stroke = t.SCHOOLS
    return (
        p.line(x1, y, x2, y, stroke=stroke, width=1.4)
        + p.line(x1, y - half, x1, y + half, stroke=stroke, width=1.4)
        + p.line(x2, y - half, x2, y + half, stroke=stroke, width=1.4)
    )


def rules_mark(x: float, y: float, *, half: float = 18) -> str:
    """Where rules put a decision: a heavy stroke under a whole stop, for rules have no median."""
    return p.line(x - half, y + 0.6, x + half, y + 0.6, stroke=t.INK, width=2.6)


_SPOKEN: Final[dict[str, str]] = {
    "dot": "solid dot",
    "diamond": "hollow diamond",
    "schools-band": "solid tint",
    "hatch": "hatched band",
    "square": "solid square",
    "press-band": "solid tint",
    "bar": "grey bar",
    "bracket": "bracket",
    "open-dot": "hollow ring",
    "open-square": "hollow square",
    "rules": "heavy stroke under a stop",
    "hatched-bar": "hatched bar",
    "reference": "pale column",
}


def spoken_key(entries: Sequence[tuple[Symbol, str]]) -> str:
    """A key as one sentence, its symbols named."""
    return "Key: " + "; ".join(f"{_SPOKEN[symbol]}, {words}" for symbol, words in entries) + "."
