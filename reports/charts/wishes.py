"""Today, remembered, preferred: two marks on the stops, and three bars for what people want.

The bars stand in the order of the stops, more school choice on the left. Remembered is a hollow
ring: round, so it is people in schools; hollow and never a diamond, so it is not the centre.
"""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.charts.bands import TINY, axis_scale
from reports.charts.bars import draw_bars
from reports.charts.keys import Symbol, bracket, key, spoken_key
from reports.charts.metrics import balance
from reports.disclosure import Withheld
from reports.profile.content import Bar, Mark, RoleWishes, Wishes, WishGroup, WishRow

NAMES: Final = 104.0
LEFT: Final = 110.0
RIGHT: Final = 284.0
BARS: Final = 300.0
STEP: Final = 44.0
WORDS: Final = 438.0
BASE: Final = 28.0
FULL: Final = 14.0


def draw_wishes_key(page: Wishes, *, trial: str = "") -> Markup:
    """The key of the page, once at its head."""
    likely = f"its likely range ({trial})" if trial else "its likely range"
    entries: list[tuple[Symbol, str]] = [("dot", "median today, schools"), ("bracket", likely)]
    if page.memory:
        entries.append(("open-dot", "as those who were there remember it"))
    if page.labels:
        entries.append(("bar", f"share of {page.who}"))
    marks, height = key(entries, y=6)
    return p.svg([marks], width=t.MEASURE, height=height, title=spoken_key(entries), name="key")


def draw_wishes_head(page: Wishes) -> Markup:
    """The heads of the columns; its alternative is the sentence for the whole page."""
    x = axis_scale(page.low, page.high, LEFT, RIGHT)
    cell = (RIGHT - LEFT) / len(page.stops)
    columns = [(x(stop.value), stop.text, cell - 1, 6.9) for stop in page.stops]
    columns += [
        (centre, label, STEP - 4, 7.4)
        for centre, label in zip(_centres(len(page.labels)), page.labels, strict=True)
    ]
    lines = [(at, balance(words, wide, size, 600), size) for at, words, wide, size in columns]
    deep = max(len(words) for _, words, _ in lines)
    parts = [
        p.text(at, 7 + index * 8.4, line, size=size, weight=600, anchor="middle")
        for at, words, size in lines
        for index, line in enumerate(words)
    ]
    parts.append(p.text(0, 7, "Decision", size=8.2, weight=600))
    if page.labels:
        parts.append(p.text(WORDS, 7, "In words", size=8.2, weight=600))
    height = 2 + deep * 8.4
    return p.svg(parts, width=t.MEASURE, height=height, title=page.alt, name="wishes-head")


def draw_wish_group(group: WishGroup, page: Wishes, *, trial: str = "") -> Markup:
    """The rows of one group of decisions."""
    y, parts = 0.0, []
    for row in group.rows:
        drawn, height = _row(row, page, y, trial)
        parts.append(drawn)
        y += height
        parts.append(p.line(0, y, t.MEASURE, y, stroke=t.RULE, width=0.8))
    said = [f"{group.heading}.", *(_spoken(row, trial) for row in group.rows)]
    said.append("The table at the end gives all values.")
    return p.svg(parts, width=t.MEASURE, height=y + 1, title=" ".join(said), name="wishes")


def draw_role_wishes(page: Wishes) -> Markup:
    """What each role wants over all decisions."""
    y, parts = 0.0, []
    for role in page.roles:
        lines = balance(role.name, RIGHT - 4, t.LABEL, 600)
        parts.append(p.text(0, y + 14, lines[0], size=t.LABEL, weight=600))
        if not isinstance(role.n_band, Withheld):
            parts.append(
                p.text(0, y + 24, f"n {role.n_band}, {role.over}", size=t.AXIS_WORD, fill=t.INK2)
            )
        parts.append(_wishes(role.bars, page.top, y))
        parts.append(_words(role, y))
        y += BASE + 4
        parts.append(p.line(0, y, t.MEASURE, y, stroke=t.RULE, width=0.8))
    said = [f"{page.roles_heading}. {page.roles_intro}"]
    said += [f"{role.name}: {_spoken_words(role)}." for role in page.roles]
    said.append("The table at the end gives all values.")
    return p.svg(parts, width=t.MEASURE, height=y + 1, title=" ".join(said), name="wishes-roles")


def _centres(count: int) -> list[float]:
    return [BARS + STEP * (index + 0.5) for index in range(count)]


def _row(row: WishRow, page: Wishes, y: float, trial: str) -> tuple[str, float]:
    names = balance(row.name, NAMES, t.LABEL, 600)[:2]
    asked = balance(row.asked, NAMES, t.AXIS_WORD)[:2]
    height = max(BASE + 5, 4 + len(names) * 10.6 + len(asked) * 8.4)
    parts = [
        p.text(0, y + 11 + index * 10.6, words, size=t.LABEL, weight=600)
        for index, words in enumerate(names)
    ]
    after = y + 11 + len(names) * 10.6 - 1.6
    parts += [
        p.text(0, after + index * 8.4, words, size=t.AXIS_WORD, fill=t.INK2)
        for index, words in enumerate(asked)
    ]
    parts.append(_places(row, page, y, height, trial))
    if page.labels:
        parts += [_wishes(row.bars, page.top, y + height - BASE - 5), _words(row, y)]
    return "".join(parts), height


def _places(row: WishRow, page: Wishes, y: float, height: float, trial: str) -> str:
    """Today's dot with its likely range; below it the ring where it is remembered."""
    x = axis_scale(page.low, page.high, LEFT, RIGHT)
    upper, lower = y + height / 2 - 7, y + height / 2 + 7
    if not page.memory:
        upper = y + height / 2
    parts = []
    lanes = [(row.today, upper, "today’s median")]
    lanes += [(row.remembered, lower, "remembered")] if page.memory else []
    for mark, at, what in lanes:
        if isinstance(mark, Withheld):
            words = f"{what} {mark.reason}"
            parts.append(p.text(LEFT, at + 2.3, words, size=TINY, fill=t.INK2))
            continue
        parts.append(p.line(LEFT, at, RIGHT, at, stroke=t.GRID, width=0.9))
        parts.append(bracket(x(mark.low), x(mark.high), at, half=3.6))
        is_today = mark is row.today
        parts.append(
            p.dot(x(mark.value), at, radius=2.8)
            if is_today
            else p.open_dot(x(mark.value), at, radius=3.1)
        )
    if trial and any(isinstance(mark, Mark) for mark, _, _ in lanes):
        parts.append(
            p.text(LEFT - 3, y + height - 3, trial, size=TINY, fill=t.INK2, italic=True,
                   anchor="end")
        )  # fmt: skip
    return "".join(parts)


def _wishes(bars: Sequence[Bar] | Withheld, top: int, y: float) -> str:
    left, right = BARS, BARS + 3 * STEP
    if isinstance(bars, Withheld):
        return p.text(left, y + BASE - 8, bars.reason, size=TINY, fill=t.INK2)
    base = y + BASE
    rule = p.line(left, base, right, base, stroke=t.RULE, width=0.8)
    centres = _centres(len(bars))
    return rule + draw_bars(bars, centres=centres, wide=24, base=base, full=FULL, top=top)


def _words(row: WishRow | RoleWishes, y: float) -> str:
    head = p.text(WORDS, y + 14, row.reading, size=8.6, weight=700)
    return head + p.text(WORDS, y + 23.6, row.detail, size=t.AXIS_WORD, fill=t.INK2)


def _spoken_words(row: WishRow | RoleWishes) -> str:
    if isinstance(row.bars, Withheld):
        return row.bars.reason
    shares = ", ".join(f"{bar.label} {bar.text}" for bar in row.bars)
    return f"{row.reading}, {row.detail}; {shares}"


def _spoken(row: WishRow, trial: str) -> str:
    """One row as a sentence."""
    word = f" ({trial})" if trial else ""
    said = [_spoken_words(row)]
    for what, mark in (("today", row.today), ("remembered", row.remembered)):
        figure = f"{mark.text}{word}, {mark.likely}" if isinstance(mark, Mark) else mark.reason
        said.append(f"{what} {figure}")
    return f"{row.name}: {'; '.join(said)}."
