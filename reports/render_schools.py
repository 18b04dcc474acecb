"""Lays schools out on pages: how many panels a page, how high a row, where a panel is cut.

Up to 16 lettered schools stand five panels to a page; up to 32 in two columns; above, each scale
has a page of its own with two runs of up to 30 rows, and goes on to the next page above 60. The
height of a row is the largest that takes no more pages than the smallest would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from markupsafe import Markup

from reports.charts.metrics import wrap
from reports.charts.schools import (
    HEAD,
    NAME_LEAD,
    Entry,
    draw_panel,
    draw_refused,
    draw_schools_key,
    entries_of,
)
from reports.profile.content_schools import SchoolPanel, Schools

T = TypeVar("T")

#: columns of the page -> name of the layout, width of a panel, most lines of words under a chart
LAYOUTS: Final = {3: ("third", 160.0, 4), 2: ("half", 247.0, 4), 1: ("full", 510.0, 2)}
#: most schools in three columns (with letters) and in two
MOST_IN_THREE: Final = 16
MOST_IN_TWO: Final = 32
#: most rows in one run over the page
MOST_IN_RUN: Final = 30
#: height of a row of a chart, points
HIGHEST: Final = 21.0
LOWEST: Final = 12.0
STEP: Final = 0.3
#: content of a page, and what the head of the first takes
PAGE: Final = 724.0
PAGE_HEAD: Final = 80.0
#: round a chart: margin, rule, heading; one line of the words under it
ROUND: Final = 35.0
LINE: Final = 10.8
NOTE: Final = 8.2
#: rows that a run over a page may take, points
RUN: Final = 584.0
#: words at the foot: size, line, room between paragraphs
WORDS: Final = (8.8, 11.6, 4.0)


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel with its rows in runs, or with the sentence that stands in its place."""

    panel: SchoolPanel
    runs: tuple[tuple[Entry, ...], ...]
    sentence: str
    strong: bool
    #: of the chart, and with everything round it; points
    chart_height: float
    height: float
    #: a run of rows after the first of the same scale
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class DrawnPanel:
    """A panel as the template prints it."""

    name: str
    chart: Markup
    sentence: str
    is_refused: bool
    goes_on: bool


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """Panels beside each other."""

    layout: str
    panels: tuple[DrawnPanel, ...]
    new_page: bool


@dataclass(frozen=True, slots=True)
class SchoolSheets:
    """The pages of schools, drawn and put in rows; no row is left to break by itself."""

    #: none where no scale has a chart
    key: Markup | None
    rows: tuple[DrawnRow, ...]
    #: how to read the page stands as the last panel of the last row
    how_to_inside: bool
    #: the words at the foot begin a page
    foot_on_new_page: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows of panels, whether each begins a page (the words at the foot last), and pages."""

    rows: tuple[tuple[Panel, ...], ...]
    breaks: tuple[bool, ...]

    @property
    def pages(self) -> int:
        return 1 + sum(self.breaks)


def school_sheets(page: Schools, *, trial: str = "") -> SchoolSheets:
    """The pages of schools with everything drawn."""
    across = _across(page)
    plan = _best_plan(page, across)
    name, width, _ = LAYOUTS[across]
    rows = tuple(
        DrawnRow(
            layout="half" if across == 1 and len(row) > 1 else name,
            panels=tuple(_draw(panel, page, width if across > 1 else 247.0) for panel in row),
            new_page=new_page,
        )
        for row, new_page in zip(plan.rows, plan.breaks, strict=False)
    )
    return SchoolSheets(
        key=draw_schools_key(page, trial=trial) if any(p.rows for p in page.panels) else None,
        rows=rows,
        how_to_inside=across == 3,
        foot_on_new_page=plan.breaks[-1],
    )


def _across(page: Schools) -> int:
    """How many panels stand beside each other."""
    many = max((len(panel.rows) for panel in page.panels), default=0)
    if many > MOST_IN_TWO:
        return 1
    return 2 if page.is_named or many > MOST_IN_THREE or len(page.panels) % 3 == 0 else 3


def _draw(panel: Panel, page: Schools, width: float) -> DrawnPanel:
    found = panel.panel
    if not panel.runs:
        chart = draw_refused(found, width=width, height=panel.chart_height)
        return DrawnPanel(found.name, chart, found.refused_note, True, False)
    chart = draw_panel(found, page, panel.runs, width=width, strong=panel.strong)
    return DrawnPanel(found.name, chart, panel.sentence, False, panel.goes_on)


def _best_plan(page: Schools, across: int) -> Plan:
    """The plan with the highest rows among those that take fewest pages."""
    highest, lowest = HIGHEST, _lowest(page, across)
    best = _plan(page, across, lowest)
    step = highest
    while step > lowest:
        plan = _plan(page, across, step)
        if plan.pages <= best.pages:
            return plan
        step -= STEP
    return best


def _lowest(page: Schools, across: int) -> float:
    """The lowest row that still holds every name."""
    if not page.is_named:
        return LOWEST
    deepest = max(
        (
            len(entry.lines)
            for panel in page.panels
            for entry in entries_of(
                panel, is_named=True, step=0, strong=_sentence(panel, across)[1]
            )
        ),
        default=1,
    )
    return LOWEST if deepest == 1 else 2 * NAME_LEAD + 1


def _plan(page: Schools, across: int, step: float) -> Plan:
    """All panels in rows at one height of a row, with the breaks between pages."""
    charts = [
        found for panel in page.panels if panel.rows for found in _cut(panel, page, across, step)
    ]
    tallest = max((found.chart_height for found in charts), default=0.0)
    refused = {
        panel.scale: _refused(panel, across, tallest if across == 3 else 0)
        for panel in page.panels
        if not panel.rows
    }
    if across == 3:  # in their own places, since every panel is of one size
        drawn = {found.panel.scale: found for found in charts} | refused
        rows = _by([drawn[panel.scale] for panel in page.panels], across)
    else:
        rows = [*_by(charts, across), *_by(list(refused.values()), 2)]
    heights = [max(panel.height for panel in row) for row in rows]
    if across == 3:
        heights[-1] = max(heights[-1], _words(page.how_to, 160.0))
        foot = _words([page.cannot], 510.0)
    else:
        foot = max(_words(page.how_to, 247.0), _words([page.cannot], 247.0))
    breaks: list[bool] = []
    left = PAGE - PAGE_HEAD
    for high in (*heights, foot):
        new_page = bool(breaks) and high > left
        left = (PAGE if new_page else left) - high
        breaks.append(new_page)
    return Plan(tuple(tuple(row) for row in rows), tuple(breaks))


def _words(paragraphs: Sequence[str], width: float) -> float:
    """Height of a heading and paragraphs in a column, points."""
    size, line, between = WORDS
    return ROUND + sum(len(wrap(text, width, size)) * line + between for text in paragraphs)


def _refused(panel: SchoolPanel, across: int, high: float) -> Panel:
    high = max(high, 48.0)
    return Panel(panel, (), panel.refused_note, False, high, high + ROUND + LINE)


def _sentence(panel: SchoolPanel, across: int) -> tuple[str, bool]:
    """The words under a chart; many names stand in bold in the chart instead."""
    _, width, most = LAYOUTS[across]
    strong = len(wrap(panel.sentence, width, NOTE)) > most
    return (panel.short_sentence if strong else panel.sentence), strong


def _cut(panel: SchoolPanel, page: Schools, across: int, step: float) -> list[Panel]:
    """A panel in its column; over the whole page in two runs, and on further pages if it must."""
    sentence, strong = _sentence(panel, across)
    entries = entries_of(panel, is_named=page.is_named, step=step, strong=strong)
    pages = [[entries]] if across > 1 else _by(_runs(entries), 2)
    width = LAYOUTS[across][1]
    found = []
    for number, runs in enumerate(pages, start=1):
        said = sentence if number == len(pages) else ""
        high = HEAD + max(map(_height, runs)) + 1
        lines = len(wrap(said, width, NOTE))
        found.append(
            Panel(panel, tuple(runs), said, strong, high, high + ROUND + LINE * lines, number > 1)
        )
    return found


def _runs(entries: Sequence[Entry]) -> list[tuple[Entry, ...]]:
    """Rows in as few pairs of runs as they need, all of about the same height."""
    total = _height(entries)
    pages = 1
    while True:
        runs = _cut_at(entries, total / (2 * pages))
        fits = max(map(_height, runs)) <= RUN and max(map(len, runs)) <= MOST_IN_RUN
        if fits and len(runs) <= 2 * pages:
            return runs
        pages += 1


def _cut_at(entries: Sequence[Entry], target: float) -> list[tuple[Entry, ...]]:
    """Runs of rows, each ending with the first row that reaches ``target`` points."""
    runs: list[list[Entry]] = [[]]
    for entry in entries:
        if runs[-1] and _height(runs[-1]) >= target - 1e-6:
            runs.append([])
        runs[-1].append(entry)
    return [tuple(run) for run in runs]


def _by(items: Sequence[T], count: int) -> list[Sequence[T]]:
    """``items`` in runs of ``count``, the last one shorter."""
    return [items[start : start + count] for start in range(0, len(items), count)]


def _height(run: Sequence[Entry]) -> float:
    return sum(entry.height for entry in run)
