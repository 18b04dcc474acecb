"""For every chart the same numbers in a table, suppressed exactly as the chart."""

from reports.disclosure import Withheld
from reports.profile.content import (
    Bar,
    Body,
    Capability,
    CapsuleRow,
    Cover,
    Decisions,
    ItemRow,
    Lane,
    Line,
    Mark,
    Overall,
    PressureRow,
    Pressures,
    Share,
    SplitRow,
    Stretch,
    Strip,
    Table,
)
from reports.profile.context import Context
from reports.words import upper_first

ITEM_NOTE = "1 is the lowest answer that could be given, the last column the highest."


def tables(context: Context, cover: Cover, body: Body | None) -> tuple[Table, ...]:
    """All tables of a profile, in the order of its pages."""
    found = [turnout(cover)]
    if body is None:
        return tuple(found)
    found += [line(context, body.summary.line), stops(body.summary.line)]
    found += [decisions(context, body.decisions)]
    found += _capability(context, body.capability, "capability")
    if body.companions is not None:
        found += _capability(context, body.companions, "companions")
    found += _pressures(body.pressures)
    suffix = f" ({context.trial})" if context.trial else ""
    return tuple(
        table
        if table.key == "turnout"
        else Table(table.key, table.title + suffix, table.columns, table.rows, table.note)
        for table in found
        if table.rows
    )


def turnout(cover: Cover) -> Table:
    """Who answered."""
    return Table(
        key="turnout",
        title="Who answered",
        columns=("Role", "Answered", "n, in bands"),
        rows=tuple((row.name, _said(row.rate), _said(row.n_band)) for row in cover.turnout),
    )


def line(context: Context, drawn: Line) -> Table:
    """Everything on the line, one row a mark."""
    rows = []
    if isinstance(drawn.overall, Overall):
        mark = drawn.overall.mark
        rows.append(("Overall", drawn.overall.words, mark.text, *_ranges(mark)))
    else:
        rows.append(("Overall", drawn.overall.reason, "", "", ""))
    if drawn.centre_name:
        if isinstance(drawn.centre, Mark):
            rows.append((drawn.centre_name, "", drawn.centre.text, *_ranges(drawn.centre)))
        else:
            rows.append((drawn.centre_name, drawn.centre.reason, "", "", ""))
    if isinstance(drawn.middle_half, Stretch):
        half = drawn.middle_half
        rows.append((upper_first(half.label), "", "", f"{half.low:.1f} to {half.high:.1f}", ""))
    for dot in drawn.gathered:
        rows.append((dot.short, dot.stop_name, f"{dot.value:.1f}", "", ""))
    for row in drawn.rows:
        if isinstance(row, SplitRow):
            sides = (
                f"{row.left_text} around {row.left:.1f}, {row.right_text} around {row.right:.1f}"
            )
            rows.append((row.short, row.words, "", sides, ""))
        elif isinstance(row, CapsuleRow):
            middle = f"middle half {row.low:.1f} to {row.high:.1f}"
            rows.append((row.short, row.words, "", middle, ""))
    return Table(
        key="line",
        title="Where decisions sit, on one line",
        columns=(
            "Mark",
            "In words",
            f"On stops {drawn.stops[0].value} to {drawn.stops[-1].value}",
            "Likely range",
            "If those who did not answer differ",
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


def decisions(context: Context, page: Decisions) -> Table:
    """Every decision: its distribution, medians and reading."""
    lived, designed = context.group_mark(context.lived), context.group_mark(context.designed)
    columns = ["Decision", "Asked of", "n", *(stop.text for stop in page.stops)]
    columns += [f"Median, {lived}", "Likely range"]
    columns += [f"Median, {designed}", f"Likely range, {designed}"] if context.designed else []
    rows = []
    for group in page.groups:
        for row in group.rows:
            cells = [row.name, row.asked.removeprefix("asked of "), _said(row.n_band)]
            cells += _shares(row.bars, len(page.stops))
            cells += _mark_cells(row.lived)
            cells += _mark_cells(row.designed) if context.designed else []
            reading = ", ".join(filter(None, (row.heading, row.explanation)))
            rows.append((*cells, reading))
    return Table(
        key="decisions",
        title="Where decisions sit today",
        columns=(*columns, "Where answers gather"),
        rows=tuple(rows),
        note=page.note,
    )


def _capability(context: Context, page: Capability, key: str) -> list[Table]:
    lanes = [lane for lane in (context.lived, context.designed) if lane]
    columns = ["Scale"]
    for group in lanes:
        name = upper_first(context.group_name(group))
        columns += [name, f"{name}: likely range", f"{name}: if the silent differ"]
        columns += [f"{name}: could not tell"]
    rows, items = [], []
    for row in page.rows:
        shown = [lane for lane in (row.lived, row.designed) if lane.group]
        cells = [cell for lane in shown for cell in _lane_cells(lane)]
        rows.append((row.name, *cells, row.gap or row.item_by_item))
        items += [(row.name, *_strip_cells(strip)) for strip in (*row.strips, *row.items)]
    most = max((len(cells) - 3 for cells in items), default=0)
    return [
        Table(
            key=key,
            title=page.heading,
            columns=(*columns, "Difference"),
            rows=tuple(rows),
            note=" ".join(page.notes),
        ),
        Table(
            key=f"{key}-items",
            title=f"{page.heading}: single questions, {context.group_mark(context.lived)}",
            columns=("Scale", "Step", "Question", *(str(place + 1) for place in range(most))),
            rows=tuple((*cells, *[""] * (most + 3 - len(cells))) for cells in items),
            note=ITEM_NOTE,
        ),
    ]


def _lane_cells(lane: Lane) -> list[str]:
    told = lane.cant_tell
    said = told.text if isinstance(told, Share) else told.reason
    if isinstance(lane.mark, Mark):
        return [lane.mark.text, *_ranges(lane.mark), said]
    return [lane.mark.reason, "", "", said]


def _strip_cells(strip: Strip) -> list[str]:
    shares = _shares(strip.bars, 1 if isinstance(strip.bars, Withheld) else len(strip.bars))
    return [strip.facet, upper_first(strip.text), *shares]


def _pressures(page: Pressures) -> list[Table]:
    columns = ("Asked of", "Figure", "Likely range", "If the silent differ", "Could not tell")
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
        return [row.asked, row.mark.text, *_ranges(row.mark), told]
    return [row.asked, row.mark.reason, "", "", told]


def _ranges(mark: Mark) -> list[str]:
    return [mark.likely.removeprefix("likely "), _outer(mark)]


def _outer(mark: Mark) -> str:
    return mark.what_if.removeprefix("could lie between ").replace(" and ", " to ")


def _mark_cells(mark: Mark | Withheld) -> list[str]:
    if isinstance(mark, Withheld):
        return [mark.reason, ""]
    return [mark.text, mark.likely.removeprefix("likely ")]


def _shares(chart: tuple[Bar, ...] | Withheld, places: int) -> list[str]:
    if isinstance(chart, Withheld):
        return [chart.reason, *[""] * (places - 1)]
    return [bar.text for bar in chart]


def _said(value: str | Withheld) -> str:
    return value.reason if isinstance(value, Withheld) else value
