"""Distributions as bars of one tint on one scale: item strips and the share who could not tell."""

from collections.abc import Sequence
from typing import Final

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.metrics import text_width, wrap
from reports.disclosure import Withheld
from reports.profile.content import Bar, Lane, Share, Strip

STRIP_BARS: Final = 19.5
TITLE: Final = 7.7
COLUMN_GAP: Final = 15.0


def draw_bars(
    bars: Sequence[Bar],
    *,
    centres: Sequence[float],
    wide: float,
    base: float,
    full: float,
    top: int,
    size: float = t.AXIS_WORD,
) -> str:
    """Bars on the line ``base``; ``full`` points stand for ``top`` percent; a share above each."""
    parts = []
    for bar, centre in zip(bars, centres, strict=True):
        high = max(min(bar.drawn / top, 1.0) * full, 0.6)
        parts.append(p.rect(centre - wide / 2, base - high, wide, high, fill=t.BAR))
        parts.append(
            p.text(centre, base - high - 2.6, bar.text, size=size, anchor="middle", halo=True)
        )
    return "".join(parts)


def title_lines(strip: Strip, width: float, size: float = TITLE) -> tuple[tuple[str, str], ...]:
    """A strip's facet (bold) and words, as lines of (bold part, plain part)."""
    lead = text_width(f"{strip.facet} ", size, 700) if strip.facet else 0.0
    words = strip.text.split()
    first: list[str] = []
    while words and text_width(" ".join([*first, words[0]]), size) <= width - lead:
        first.append(words.pop(0))
    rest = wrap(" ".join(words), width, size)
    return ((strip.facet, " ".join(first)), *(("", line) for line in rest))


def draw_strips(
    strips: Sequence[Strip], *, y: float, top: int, columns: int = 3
) -> tuple[str, float]:
    """Up to ``columns`` strips side by side from ``y`` down; the markup and the height."""
    size, lead = TITLE, 9.4
    wide = (t.MEASURE - (columns - 1) * COLUMN_GAP) / columns
    titles = [title_lines(strip, wide, size) for strip in strips]
    deep = max((len(lines) for lines in titles), default=1)
    base = y + deep * lead + STRIP_BARS + 11
    parts: list[str] = []
    for column, (strip, lines) in enumerate(zip(strips, titles, strict=True)):
        left = column * (wide + COLUMN_GAP)
        for index, (bold, plain) in enumerate(lines):
            line_y = y + 7 + index * lead
            after = left
            if bold:
                parts.append(p.text(left, line_y, bold, size=size, weight=700))
                after += text_width(f"{bold} ", size, 700)
            parts.append(p.text(after, line_y, plain, size=size))
        parts.append(_strip(strip, left, wide, base, top))
    return "".join(parts), base - y + 9.5


def _strip(strip: Strip, left: float, width: float, base: float, top: int) -> str:
    if isinstance(strip.bars, Withheld):
        return p.text(left, base - 10, strip.bars.reason, size=t.AXIS_WORD, fill=t.INK2)
    count = len(strip.bars)
    step = width / count
    centres = [left + (index + 0.5) * step for index in range(count)]
    bars = draw_bars(
        strip.bars, centres=centres, wide=min(step * 0.6, 22), base=base, full=STRIP_BARS, top=top
    )
    low = p.text(left, base + 8, strip.low_word, size=t.AXIS_WORD, fill=t.INK2)
    high = p.text(
        left + width, base + 8, strip.high_word, size=t.AXIS_WORD, fill=t.INK2, anchor="end"
    )
    return bars + p.line(left, base, left + width, base, stroke=t.RULE, width=0.8) + low + high


def _short_reason(lane: Lane) -> str:
    """Why it is not shown; the mark beside it has said so already where the reason is the same."""
    reason = lane.cant_tell.reason if isinstance(lane.cant_tell, Withheld) else ""
    return "not shown" if lane.mark == lane.cant_tell else reason


def draw_cant_tell(lane: Lane, x: float, y: float, *, centre: bool) -> str:
    """A bar to 100 %, solid for schools and outlined for the centre; or why it is not shown."""
    colour = t.CENTRE if centre else t.SCHOOLS
    if not isinstance(lane.cant_tell, Share):
        lines = wrap(f"{lane.who}: {_short_reason(lane)}", t.MEASURE - x, t.AXIS_WORD)[:2]
        top = y + 2.6 - (len(lines) - 1) * 3.8
        return "".join(
            p.text(x, top + index * 7.6, words, size=t.AXIS_WORD, fill=t.INK2)
            for index, words in enumerate(lines)
        )
    full = 56.0
    wide = max(lane.cant_tell.drawn / 100 * full, 1.2)
    track = p.rect(x, y - 4, full, 8, fill=t.WASH)
    if centre:
        mark = p.rect(
            x + 0.5, y - 3.5, max(wide - 1, 1), 7, fill=t.PAPER, stroke=colour, line_width=1
        )
    else:
        mark = p.rect(x, y - 4, wide, 8, fill=colour)
    figure = lane.cant_tell.text
    after = x + full + 6
    return (
        track
        + mark
        + p.text(after, y + 2.9, figure, size=8.4, weight=600, fill=colour)
        + p.text(after + text_width(figure, 8.4, 600) + 4, y + 2.9, lane.who, size=t.AXIS_WORD)
    )
