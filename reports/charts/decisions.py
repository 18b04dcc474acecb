"""Chart B: every decision as a whole distribution, with the medians beneath and the reading beside.

Fixed order in groups, never sorted; one scale of bars for all rows.
"""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.bands import TINY, Scale
from reports.charts.bars import draw_bars
from reports.charts.keys import Symbol, bracket, key, rules_mark, spoken_key
from reports.charts.metrics import balance, text_width, wrap
from reports.disclosure import Withheld
from reports.profile.content import AxisWord, DecisionGroup, DecisionRow, Decisions, Mark

ROW: Final = 49.5
NAMES: Final = 110.0
LEFT: Final = 114.0
RIGHT: Final = 402.0
READING: Final = 418.0
BASE: Final = 37.0
HAIR: Final = 44.9
FULL: Final = 25.0


def draw_decisions_key(
    *,
    trial: str = "",
    centre: str = "centre",
    lived: str = "schools",
    reference: str = "",
    rules: bool = False,
) -> Markup:
    """The key of the page, once at its head."""
    likely = f"its likely range ({trial})" if trial else "its likely range"
    entries: list[tuple[Symbol, str]] = [
        ("bar", f"share of answers, {lived}"),
        ("dot", f"median, {lived}"),
        ("bracket", likely),
    ]
    if centre:
        entries.append(("diamond", f"median, the {centre}"))
    if rules:
        entries.append(("rules", "place by the rules"))
    if reference:
        entries.append(("reference", reference))
    marks, height = key(entries, y=6)
    return p.svg([marks], width=t.MEASURE, height=height, title=spoken_key(entries), name="key")


def _scale(page: Decisions) -> tuple[Scale, float]:
    """Stops to points, and the width of a stop."""
    cell = (RIGHT - LEFT) / len(page.stops)
    first = page.stops[0].value

    def x(value: float) -> float:
        return LEFT + (value - first + 0.5) * cell

    return x, cell


def draw_stop_names(page: Decisions) -> Markup:
    """The head of the columns; its alternative is the sentence for the whole page."""
    x, cell = _scale(page)
    names, height = _stop_names(page.stops, x, cell)
    return p.svg([names], width=t.MEASURE, height=height, title=page.alt, name="decisions-head")


def draw_group(group: DecisionGroup, page: Decisions, *, trial: str = "") -> Markup:
    """The rows of one group."""
    x, _ = _scale(page)
    top = 0.0
    parts: list[str] = []
    for index, row in enumerate(group.rows):
        y = top + index * ROW
        parts.append(_row(row, page, x, y, trial))
        parts.append(p.line(0, y + ROW, t.MEASURE, y + ROW, stroke=t.RULE, width=0.8))
    said = [f"{group.heading}.", *(_spoken(row, page, trial) for row in group.rows)]
    said.append("The table at the end gives all values.")
    height = top + len(group.rows) * ROW + 1
    return p.svg(parts, width=t.MEASURE, height=height, title=" ".join(said), name="decisions")


def _stop_names(stops: Sequence[AxisWord], x: Scale, cell: float) -> tuple[str, float]:
    size = 8.2
    lines = [balance(stop.text, cell - 3, size, 600) for stop in stops]
    deep = max(len(words) for words in lines)
    parts = [
        p.text(x(stop.value), 7 + index * 9.4, words, size=size, weight=600, anchor="middle")
        for stop, block in zip(stops, lines, strict=True)
        for index, words in enumerate(block)
    ]
    parts.append(p.text(0, 7, "Decision", size=size, weight=600))
    parts.append(p.text(READING, 7, "Where answers gather", size=size, weight=600))
    return "".join(parts), 2 + deep * 9.4


def _row(row: DecisionRow, page: Decisions, x: Scale, y: float, trial: str) -> str:
    parts: list[str] = []
    names = balance(row.name, NAMES - 2, t.LABEL, 600)[:3]
    parts += [
        p.text(0, y + 12 + index * 11, words, size=t.LABEL, weight=600)
        for index, words in enumerate(names)
    ]
    asked = balance(row.asked, NAMES - 2, t.AXIS_WORD)[:2]
    asked += wrap(row.formal, NAMES - 2, t.AXIS_WORD)[:1]
    parts += [
        p.text(0, y + 12 + len(names) * 11 - 1 + index * 8.8, words, size=t.AXIS_WORD, fill=t.INK2)
        for index, words in enumerate(asked)
    ]
    if isinstance(row.bars, Withheld):
        parts.append(
            p.text((LEFT + RIGHT) / 2, y + ROW / 2 + 3, row.bars.reason, size=t.NOTE, fill=t.INK2,
                   anchor="middle")
        )  # fmt: skip
    else:
        base = y + BASE
        parts.append(p.line(LEFT - 4, base, RIGHT + 4, base, stroke=t.RULE, width=0.8))
        centres = [x(bar.option) for bar in row.bars]
        if isinstance(row.reference_bars, tuple):
            parts += [
                p.rect(at - 20, base - bar.drawn / page.top * FULL, 40, bar.drawn / page.top * FULL,
                       fill=t.HALF)
                for bar, at in zip(row.reference_bars, centres, strict=True)
            ]  # fmt: skip
        wide = 24 if isinstance(row.reference_bars, tuple) else 36
        parts.append(
            draw_bars(row.bars, centres=centres, wide=wide, base=base, full=FULL, top=page.top)
        )
        if row.formal_stop is not None:
            parts.append(rules_mark(x(row.formal_stop), base))
        parts.append(_medians(row, page, x, y + HAIR, trial))
    parts.append(_reading(row, y))
    return "".join(parts)


def _medians(row: DecisionRow, page: Decisions, x: Scale, y: float, trial: str) -> str:
    """Bracket and dot for schools, diamond for the centre; a sentence where one is withheld."""
    parts = [p.line(LEFT, y, RIGHT, y, stroke=t.GRID, width=0.9)]
    taken: list[float] = []
    if isinstance(row.reference, Mark):
        low, high = x(row.reference.low), x(row.reference.high)
        parts.append(p.rect(low, y - 4.4, max(high - low, 3), 8.8, fill=t.HALF))
    if isinstance(row.lived, Mark):
        parts.append(bracket(x(row.lived.low), x(row.lived.high), y, half=4.4))
        taken += [x(row.lived.low), x(row.lived.high)]
    if isinstance(row.designed, Mark):
        parts.append(p.diamond(x(row.designed.value), y, radius=5.2))
        taken.append(x(row.designed.value))
    if isinstance(row.lived, Mark):
        parts.append(p.dot(x(row.lived.value), y, radius=2.8))
    words = [
        f"{who} {mark.reason}"
        for who, mark in (
            (f"{page.lived_word}’s median".replace("s’s", "s’"), row.lived),
            (f"{page.centre_word}’s median", row.designed if page.centre_word else None),
        )
        if isinstance(mark, Withheld)
    ]
    if words:
        parts.append(_withheld("; ".join(words), taken, y))
    if trial and taken:
        parts.append(
            p.text(LEFT - 4, y + 2.2, trial, size=TINY, fill=t.INK2, italic=True, anchor="end")
        )
    return "".join(parts)


def _withheld(words: str, taken: Sequence[float], y: float) -> str:
    """On the roomier side of the marks; without its reason, which the note gives, if too long."""
    left_room = min(taken, default=RIGHT) - LEFT
    right_room = RIGHT - max(taken, default=LEFT)
    if text_width(words, TINY) + 8 > max(left_room, right_room):
        words = words.partition(":")[0]
    wide = text_width(words, TINY)
    if left_room >= right_room:
        at = max(min(taken, default=LEFT + wide) - 8 - wide, 0)
    else:
        at = max(taken) + 8
    return p.text(at, y + 2.3, words, size=TINY, fill=t.INK2, halo=True)


def _reading(row: DecisionRow, y: float) -> str:
    """The stop that is named, or that none can be, with the shares behind it."""
    if row.kind == "withheld":  # the sentence in the place of the bars has said it
        return ""
    wide = t.MEASURE - READING
    named = row.kind in ("gathers", "split")
    heads = wrap(row.heading, wide, t.LABEL, 700)[:2] if named else wrap(row.heading, wide, 8.6)[:3]
    kinds = balance(row.explanation, wide, 8)[:3]
    details = balance(row.detail, wide, t.AXIS_WORD)[:3]
    block = len(heads) * 11 + len(kinds) * 9.6 + len(details) * 9
    top = y + max((ROW - block) / 2 - 1, 2) + 8.4
    parts = [
        p.text(READING, top + index * 11, words, size=t.LABEL if named else 8.6,
               weight=700 if named else 400, italic=not named)
        for index, words in enumerate(heads)
    ]  # fmt: skip
    top += len(heads) * 11 - 0.8
    parts += [
        p.text(READING, top + index * 9.6, words, size=8) for index, words in enumerate(kinds)
    ]
    top += len(kinds) * 9.6
    parts += [
        p.text(READING, top + index * 9, words, size=t.AXIS_WORD, fill=t.INK2)
        for index, words in enumerate(details)
    ]
    return "".join(parts)


def _spoken(row: DecisionRow, page: Decisions, trial: str) -> str:
    """One row as a sentence."""
    said = [f"{row.name}: {row.heading}"]
    said += [words for words in (row.explanation, row.detail, row.formal) if words]
    if isinstance(row.bars, Withheld):
        if row.bars.reason != row.heading:
            said.append(row.bars.reason)
    else:
        said.append("shares " + ", ".join(f"{bar.label} {bar.text}" for bar in row.bars))
        marks = [(page.lived_word, row.lived), (page.centre_word, row.designed)]
        marks += [(page.reference_word, row.reference)] if row.reference else []
        for who, mark in [each for each in marks if each[0]]:
            if isinstance(mark, Mark):
                word = f" ({trial})" if trial else ""
                said.append(f"median {who} {mark.text}{word}, {mark.likely}".rstrip(", "))
            else:
                said.append(f"median {who} {mark.reason}")
    return "; ".join(said) + "."
