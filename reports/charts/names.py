"""Long names in little room: two lines, first and last words round an ellipsis, or whole."""

from collections import Counter
from collections.abc import Sequence

from reports.charts.metrics import Weight, balance, shorten, text_width, wrap

#: lines that a name may take before words are left out of its middle
LINES = 2


def fit_names(
    names: Sequence[str], width: float, size: float, *, strong: Sequence[bool] = ()
) -> tuple[tuple[str, ...], ...]:
    """Every name in lines of at most ``width`` points.

    A name that needs more than two lines keeps its first and last words round an ellipsis. Names
    that would then read alike are printed whole, on as many lines as they need. ``strong`` says
    which names are set in bold.
    """
    weights: list[Weight] = [700 if bold else 400 for bold in strong or [False] * len(names)]
    fitted = [
        fit_name(name, width, size, weight) for name, weight in zip(names, weights, strict=True)
    ]
    often = Counter(" ".join(lines) for lines in fitted)
    return tuple(
        wrap(name, width, size, weight) if often[" ".join(lines)] > 1 else lines
        for name, lines, weight in zip(names, fitted, weights, strict=True)
    )


def fit_name(name: str, width: float, size: float, weight: Weight = 400) -> tuple[str, ...]:
    """One name on at most two lines."""
    if len(wrap(name, width, size, weight)) <= LINES:
        return balance(name, width, size, weight)
    words = name.split()
    first, last = _fill(words, width, size, weight), _fill_back(words, width, size, weight)
    return f"{first} …", last


def _fill(words: Sequence[str], width: float, size: float, weight: Weight) -> str:
    """As many of the first words as fit a line with the ellipsis after them."""
    line = shorten(words[0], width - text_width(" …", size, weight), size, weight)
    for word in words[1:]:
        if text_width(f"{line} {word} …", size, weight) > width:
            break
        line = f"{line} {word}"
    return line


def _fill_back(words: Sequence[str], width: float, size: float, weight: Weight) -> str:
    """As many of the last words as fit a line."""
    line = shorten(words[-1], width, size, weight)
    for word in reversed(words[:-1]):
        if text_width(f"{word} {line}", size, weight) > width:
            break
        line = f"{word} {line}"
    return line
