"""For every chart the same numbers in a table, suppressed exactly as the chart."""

from dataclasses import replace
from typing import Final

from reports.disclosure import Withheld
from reports.profile.content import (
    Bar,
    Body,
    Capability,
    CapsuleRow,
    Changes,
    Companions,
    DecisionRow,
    Decisions,
    ItemRow,
    Lane,
    Line,
    Mark,
    Overall,
    PressureRow,
    Pressures,
    RoleWishes,
    Share,
    SplitRow,
    Stretch,
    Strip,
    Table,
    Wishes,
    WishRow,
)
from reports.profile.context import Context
from reports.profile.figures import NOT_ASKED
from reports.profile.school_tables import school_tables
from reports.profile.silhouettes import places_table
from reports.profile.wishes import LABELS
from reports.words import lower_first, upper_first

WHAT_IF: Final = "What if those who did not answer differ"
WHAT_IF_NOTE: Final = "What if: those who did not answer differ."
ITEM_NOTE: Final = "1 is the lowest answer that could be given, the last column the highest."


def tables(context: Context, body: Body) -> tuple[Table, ...]:
    """All tables of a profile, in the order of its pages; who answered stands on the cover."""
    found = [line(body.summary.line), stops(body.summary.line)]
    found += [decisions(context, body.decisions, body.summary.line)]
    found += _wishes(body.wishes) if body.wishes is not None else []
    found += _capability(context, body.capability, "capability")
    if body.companions is not None:
        found += _companions(context, body.companions)
    found += _pressures(body.pressures)
    if body.changes is not None:
        found.append(changes(body.changes))
    found += [] if isinstance(body.schools, Withheld) else school_tables(body.schools)
    suffix = f" ({context.trial})" if context.trial else ""
    measured = tuple(
        replace(_without_empty_columns(table), title=table.title + suffix)
        for table in found
        if table.rows
    )
    return (*measured, places_table(context)) if body.silhouettes else measured


def _without_empty_columns(table: Table) -> Table:
    kept = [
        place
        for place in range(len(table.columns))
        if place == 0 or any(row[place] for row in table.rows)
    ]
    return replace(
        table,
        columns=tuple(table.columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in table.rows),
    )


def line(drawn: Line) -> Table:
    """The marks of the whole; each decision has its row in the table of decisions."""
    rows = []
    if isinstance(drawn.overall, Overall):
        mark = drawn.overall.mark
        rows.append(("Overall", drawn.overall.words, *_figures(mark)))
    else:
        rows.append(("Overall", drawn.overall.reason, "", ""))
    if drawn.centre_name:
        if isinstance(drawn.centre, Mark):
            rows.append((drawn.centre_name, "", *_figures(drawn.centre)))
        else:
            rows.append((drawn.centre_name, drawn.centre.reason, "", ""))
    if isinstance(drawn.middle_half, Stretch):
        half = drawn.middle_half
        rows.append((upper_first(half.label), "", f"{half.low:.1f} to {half.high:.1f}", ""))
    return Table(
        key="line",
        title="Where decisions sit, on one line",
        columns=(
            "Mark",
            "In words",
            f"On stops {drawn.stops[0].value} to {drawn.stops[-1].value} (likely\u00a0range)",
            WHAT_IF,
        ),
        rows=tuple(rows),
        note=" ".join(drawn.notes),
    )


def stops(drawn: Line) -> Table:
    """The five stops and their shares of all answers."""
    return Table(
        key="stops",
        title="All answers, stop by stop",
        columns=("Stop", "What it means", "Share of answers"),
        rows=tuple(
            (
                f"{stop.value} {stop.name}",
                stop.description,
                stop.share.text.removesuffix(" of answers")
                if isinstance(stop.share, Share)
                else stop.share.reason,
            )
            for stop in drawn.stops
        ),
    )


def decisions(context: Context, page: Decisions, drawn: Line) -> Table:
    """Every decision: its distribution, medians and reading."""
    lived, designed = context.group_mark(context.lived), context.group_mark(context.designed)
    columns = ["Decision", "Asked of (n)", *(stop.text for stop in page.stops)]
    columns += [f"Median, {lived} (likely\u00a0range)"]
    columns += [f"Median, {designed} (likely\u00a0range)"] if context.designed else []
    beside = {row.decision: _beside(row) for row in drawn.rows}
    rows = []
    for group in page.groups:
        for row in group.rows:
            cells = [row.name, _asked_of(row)]
            cells += shares(row.bars, len(page.stops))
            cells += [_median(row.lived)]
            cells += [_median(row.designed)] if context.designed else []
            cells += [row.formal.removeprefix("by the rules: ")]
            said = (row.heading, row.explanation) if row.kind != "withheld" else ()
            reading = ", ".join(filter(None, said))
            where = beside.get(row.decision, row.detail if row.kind == "gathers" else "")
            rows.append((*cells, f"{reading}: {where}" if where else reading))
    return Table(
        key="decisions",
        title="Where decisions sit today",
        columns=(*columns, "By the rules", "Where answers gather"),
        rows=tuple(rows),
        note=" ".join(filter(None, (page.rules, page.note))),
    )


def _asked_of(row: DecisionRow) -> str:
    asked = row.asked.removeprefix("asked of ")
    return asked if isinstance(row.n_band, Withheld) else f"{asked} ({row.n_band})"


def _beside(row: SplitRow | CapsuleRow) -> str:
    """What the line draws of a decision that does not gather."""
    if isinstance(row, SplitRow):
        return f"{row.left_text} around {row.left:.1f}, {row.right_text} around {row.right:.1f}"
    return f"middle half {row.low:.1f} to {row.high:.1f}"


def _wishes(page: Wishes) -> list[Table]:
    rows = [row for group in page.groups for row in group.rows]
    labels = page.labels or LABELS
    return [
        Table(
            key="wishes",
            title=page.heading,
            columns=(
                "Decision",
                "Today (likely\u00a0range)",
                "As remembered (likely\u00a0range)",
                "n, remembered",
                *labels,
                "n, preferred",
                "In words",
            ),
            rows=tuple(
                (
                    row.name,
                    _median(row.today),
                    "" if row.remembered == NOT_ASKED else _median(row.remembered),
                    row.remembered.n_band if isinstance(row.remembered, Mark) else "",
                    *(["", "", ""] if row.bars == NOT_ASKED else shares(row.bars, 3)),
                    "" if isinstance(row.n_band, Withheld) else row.n_band,
                    _said(row),
                )
                for row in rows
            ),
            note=" ".join(filter(None, (page.memory, *page.notes))),
        ),
        Table(
            key="wishes-roles",
            title=f"{page.heading}: {lower_first(page.roles_heading)}",
            columns=("Role", *labels, "n", "In words"),
            rows=tuple(
                (
                    role.name,
                    *shares(role.bars, 3),
                    "" if isinstance(role.n_band, Withheld) else role.n_band,
                    _said(role),
                )
                for role in page.roles
            ),
            note=page.roles_intro,
        ),
    ]


def _said(row: WishRow | RoleWishes) -> str:
    return ", ".join(filter(None, (row.reading, row.detail)))


def _capability(context: Context, page: Capability, key: str) -> list[Table]:
    lanes = [lane for lane in (context.lived, context.designed) if lane]
    columns = ["Scale"]
    for group in lanes:
        name = upper_first(context.group_name(group))
        columns += [f"{name} (likely\u00a0range)", f"{name}: what if", f"{name}: could not tell"]
    rows, items = [], []
    marks = [lane.mark for row in page.rows for lane in (row.lived, row.designed)]
    for row in page.rows:
        shown = [lane for lane in (row.lived, row.designed) if lane.group]
        cells = [cell for lane in shown for cell in _lane_cells(lane)]
        rows.append((row.name, *cells, row.gap or row.item_by_item))
        items += [(row.name, *strip_cells(strip)) for strip in (*row.strips, *row.items)]
    has_what_if = any(isinstance(mark, Mark) and mark.what_if for mark in marks)
    most = max((len(cells) - 2 for cells in items), default=0)
    return [
        Table(
            key=key,
            title=page.heading,
            columns=(*columns, "Difference"),
            rows=tuple(rows),
            note=" ".join((*page.notes, WHAT_IF_NOTE) if has_what_if else page.notes),
        ),
        Table(
            key=f"{key}-items",
            title=f"{page.heading}: single questions, {context.group_mark(context.lived)}",
            columns=("Scale", "Question", *(str(place + 1) for place in range(most))),
            rows=tuple((*cells, *[""] * (most + 2 - len(cells))) for cells in items),
            note=ITEM_NOTE,
            is_grouped=True,
        ),
    ]


def _companions(context: Context, page: Companions) -> list[Table]:
    rows, items = [], []
    for row in page.rows:
        for lane in row.lanes:
            told = lane.cant_tell.text if isinstance(lane.cant_tell, Share) else "not shown"
            n = lane.mark.n_band if isinstance(lane.mark, Mark) else ""
            cells = _figures(lane.mark) if isinstance(lane.mark, Mark) else [lane.mark.reason, ""]
            rows.append((row.name, lane.name, n, *cells, told))
        items += [(row.name, *strip_cells(strip)) for strip in row.strips]
    most = max((len(cells) - 2 for cells in items), default=0)
    gaps = [f"{row.name}: {lower_first(row.gap)}" for row in page.rows if row.gap]
    return [
        Table(
            key="companions",
            title=page.heading,
            columns=(
                "Scale",
                "Who",
                "n",
                "Figure (likely\u00a0range)",
                WHAT_IF,
                "Could not tell",
            ),
            rows=tuple(rows),
            note=" ".join((*gaps, *page.notes)),
            is_grouped=True,
        ),
        Table(
            key="companions-items",
            title=f"{page.heading}: single questions, {context.group_mark(context.lived)}",
            columns=("Scale", "Question", *(str(place + 1) for place in range(most))),
            rows=tuple((*cells, *[""] * (most + 2 - len(cells))) for cells in items),
            note=ITEM_NOTE,
            is_grouped=True,
        ),
    ]


def _lane_cells(lane: Lane) -> list[str]:
    told = lane.cant_tell
    said = told.text if isinstance(told, Share) else told.reason
    if isinstance(lane.mark, Mark):
        return [*_figures(lane.mark), said]
    return [lane.mark.reason, "", said]


def strip_cells(strip: Strip) -> list[str]:
    """One question and its shares."""
    cells = shares(strip.bars, 1 if isinstance(strip.bars, Withheld) else len(strip.bars))
    text = f"{strip.facet}: {strip.text}" if strip.facet else upper_first(strip.text)
    return [text, *cells]


def _pressures(page: Pressures) -> list[Table]:
    columns = ("Asked of", "Figure (likely\u00a0range)", WHAT_IF, "Could not tell")
    return [
        Table(
            key="pressures",
            title=page.heading,
            columns=("Pressure", *columns),
            rows=tuple((row.name, *_square_cells(row)) for row in page.rows),
            note=" ".join(page.notes),
        ),
        Table(
            key="pressure-items",
            title=f"{page.heading}: single questions",
            columns=("Pressure", "Question", *columns),
            rows=tuple(
                (row.name, item.text, *_square_cells(item))
                for row in page.rows
                for item in row.items
            ),
            is_grouped=True,
        ),
        Table(
            key="supports",
            title=page.supports_heading,
            columns=("Support", *columns),
            rows=tuple((item.text, *_square_cells(item)) for item in page.supports),
        ),
    ]


def _square_cells(row: PressureRow | ItemRow) -> list[str]:
    told = row.cant_tell.text if isinstance(row.cant_tell, Share) else row.cant_tell.reason
    if isinstance(row.mark, Mark):
        return [row.asked, *_figures(row.mark), told]
    return [row.asked, row.mark.reason, "", told]


def _figures(mark: Mark) -> list[str]:
    """A figure with its likely range, and what it could be if the silent differ."""
    outer = mark.what_if.removeprefix("could lie between ").replace(" and ", " to ")
    return [_ranged(mark), outer]


def _ranged(mark: Mark) -> str:
    likely = mark.likely.removeprefix("likely ")
    return f"{mark.text} ({likely})" if likely else mark.text


def _median(mark: Mark | Withheld) -> str:
    return mark.reason if isinstance(mark, Withheld) else _ranged(mark)


def shares(chart: tuple[Bar, ...] | Withheld, places: int) -> list[str]:
    """A distribution in as many cells as it has options; withheld, its reason in the first."""
    if isinstance(chart, Withheld):
        return [chart.reason, *[""] * (places - 1)]
    return [bar.text for bar in chart]


def changes(page: Changes) -> Table:
    """Every figure round by round, what may be said of the difference, and the least that shows."""
    when = [lane.when for lane in page.panels[0].rows[0].lanes] if page.panels else []
    rows = []
    for panel in page.panels:
        for row in panel.rows:
            figures = [
                f"{lane.mark.text} ({lane.mark.likely.removeprefix('likely ')})"
                if isinstance(lane.mark, Mark)
                else lane.mark.reason
                for lane in row.lanes
            ]
            rows.append((row.name, *figures, row.words, row.smallest))
    return Table(
        key="changes",
        title=page.heading,
        columns=("Figure", *when, "Since the last round", "Smallest change that shows"),
        rows=tuple(rows),
        note="In brackets the likely range. “Nearer to” names the end of the line.",
    )
