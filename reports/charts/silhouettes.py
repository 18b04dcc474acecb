"""Silhouettes of reference cases: hatched bars over the stops, apart from every figure of staff."""

from typing import Final

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.keys import Symbol, key, spoken_key
from reports.charts.metrics import balance, wrap
from reports.profile.content import Silhouettes

NAMES: Final = 140.0
LEFT: Final = 146.0
RIGHT: Final = 376.0
WORDS: Final = 388.0
ROW: Final = 28.0
BASE: Final = 24.0
FULL: Final = 14.0


def draw_silhouettes_key(page: Silhouettes) -> Markup:
    """The key of the page."""
    entries: list[tuple[Symbol, str]] = [
        (
            "hatched-bar",
            f"decisions that the source puts at a stop; {page.label.rstrip('.').lower()}",
        )
    ]
    marks, height = key(entries, y=6)
    return p.svg([marks], width=t.MEASURE, height=height, title=spoken_key(entries), name="key")


def draw_silhouettes(page: Silhouettes) -> Markup:
    """One row a case."""
    cell = (RIGHT - LEFT) / len(page.stops)
    centres = [LEFT + (index + 0.5) * cell for index in range(len(page.stops))]
    heads = [balance(stop.text, cell - 3, 7.6, 600) for stop in page.stops]
    parts = [
        p.text(at, 7 + index * 8.8, words, size=7.6, weight=600, anchor="middle")
        for at, lines in zip(centres, heads, strict=True)
        for index, words in enumerate(lines)
    ]
    y = 2 + max(len(lines) for lines in heads) * 8.8
    for place in page.places:
        parts.append(p.text(0, y + 12, place.name, size=9, weight=600))
        parts.append(p.text(0, y + 21, place.period, size=t.AXIS_WORD, fill=t.INK2))
        base = y + BASE
        parts.append(p.line(LEFT, base, RIGHT, base, stroke=t.RULE, width=0.8))
        for at, count in zip(centres, place.counts, strict=True):
            if count:
                high = count / page.most * FULL
                parts.append(p.hatch(at - 15, at + 15, base - high, high))
                parts.append(
                    p.text(at, base - high - 2.4, str(count), size=t.AXIS_WORD, anchor="middle")
                )
        words = wrap(place.says, t.MEASURE - WORDS, t.AXIS_WORD)[:2]
        parts += [
            p.text(WORDS, y + 8.6 + index * 8.2, line, size=t.AXIS_WORD)
            for index, line in enumerate(words)
        ]
        after = y + 8.6 + len(words) * 8.2
        parts.append(p.text(WORDS, after, place.average, size=t.AXIS_WORD, fill=t.INK2))
        y += ROW
        parts.append(p.line(0, y, t.MEASURE, y, stroke=t.GRID, width=0.9))
    return p.svg(parts, width=t.MEASURE, height=y + 1, title=page.alt, name="silhouettes")
