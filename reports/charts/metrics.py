"""How wide a run of text is, read from the font itself, so that layout is the same everywhere."""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

Weight = Literal[400, 600, 700]

FONTS = Path(__file__).parent.parent / "static" / "fonts"
FACES: Mapping[tuple[int, bool], str] = {
    (400, False): "SourceSans3_400Regular.ttf",
    (400, True): "SourceSans3_400Regular_Italic.ttf",
    (600, False): "SourceSans3_600SemiBold.ttf",
    (700, False): "SourceSans3_700Bold.ttf",
}


@cache
def _advances(weight: int, italic: bool) -> tuple[Mapping[str, float], float]:
    """Advance width of every character in em, and of one that the face lacks."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # ships no stubs

    with TTFont(FONTS / FACES[(weight, italic)], lazy=True) as font:
        em = font["head"].unitsPerEm
        widths = font["hmtx"].metrics
        advances = {chr(code): widths[name][0] / em for code, name in font.getBestCmap().items()}
    return advances, 1.0


@lru_cache(maxsize=8192)
def text_width(text: str, size: float, weight: Weight = 400, *, italic: bool = False) -> float:
    """Width of ``text`` in points at ``size`` points, without kerning.

    A character that the face lacks counts one em: never less than a fallback face would take.
    """
    advances, missing = _advances(weight, italic)
    return size * sum(advances.get(character, missing) for character in text)


def wrap(text: str, width: float, size: float, weight: Weight = 400) -> tuple[str, ...]:
    """``text`` in lines no wider than ``width`` points, each as full as it can be.

    A single word wider than the line stands alone, cut with an ellipsis.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if text_width(longer, size, weight) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = shorten(word, width, size, weight)
    return (*lines, line) if line else tuple(lines)


def balance(text: str, width: float, size: float, weight: Weight = 400) -> tuple[str, ...]:
    """As ``wrap``, in the same number of lines but of lengths as equal as possible."""
    lines = wrap(text, width, size, weight)
    if len(lines) < 2:
        return lines
    low, high = 0.0, width
    for _ in range(12):
        middle = (low + high) / 2
        if len(wrap(text, middle, size, weight)) > len(lines):
            low = middle
        else:
            high = middle
    tighter = wrap(text, high, size, weight)
    whole = "…" not in "".join(tighter) or "…" in text
    return tighter if whole else lines


def shorten(text: str, width: float, size: float, weight: Weight = 400) -> str:
    """``text``, or as much of its beginning as fits in ``width`` points, with an ellipsis."""
    if text_width(text, size, weight) <= width:
        return text
    kept = text
    while kept and text_width(f"{kept}…", size, weight) > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
