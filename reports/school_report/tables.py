"""The figures of a school's report in tables, beside the organisation's own."""

from reports.profile.content import Capability, Decisions, Table
from reports.profile.context import Context
from reports.profile.school_tables import figure_text
from reports.profile.tables import ITEM_NOTE, strip_cells
from reports.profile.tables import shares as share_cells
from reports.words import upper_first


def tables(
    own: Context, decisions: Decisions, capability: Capability, whole: Context
) -> tuple[Table, ...]:
    """Decisions, scales and single questions."""
    whose = upper_first(whole.say("the {organisation}"))
    suffix = f" ({own.trial})" if own.trial else ""
    rows = []
    for group in decisions.groups:
        for row in group.rows:
            mine = share_cells(row.bars, len(decisions.stops))
            reading = "" if row.kind == "withheld" else row.heading  # the bars' cell has said it
            rows.append((row.name, "This school", *mine, figure_text(row.lived), reading))
            other = row.reference_bars or ()
            pale = share_cells(other, len(decisions.stops))
            rows.append((row.name, whose, *pale, figure_text(row.reference), ""))
    stops = (stop.text for stop in decisions.stops)
    scales = []
    for scale in capability.rows:
        for who, lane in (("This school", scale.lived), (whose, scale.reference)):
            if lane is None:
                continue
            told = getattr(lane.cant_tell, "text", "") or getattr(lane.cant_tell, "reason", "")
            what_if = getattr(lane.mark, "what_if", "")
            outer = what_if.removeprefix("could lie between ").replace(" and ", " to ")
            scales.append((scale.name, who, figure_text(lane.mark), outer, told))
    strips = [
        (row.name, *strip_cells(strip))
        for row in capability.rows
        for strip in (*row.strips, *row.items)
    ]
    most = max((len(cells) - 2 for cells in strips), default=0)
    return (
        Table(
            key="school-decisions",
            title=f"Where decisions sit today{suffix}",
            columns=(
                "Decision",
                "Who",
                *stops,
                "Median (likely\u00a0range)",
                "Reading",
            ),
            rows=tuple(rows),
            note=decisions.note,
            is_grouped=True,
        ),
        Table(
            key="school-capability",
            title=f"{capability.heading}{suffix}",
            columns=("Scale", "Who", "Figure (likely\u00a0range)", "What if", "Could not tell"),
            rows=tuple(scales),
            note="What if: those who did not answer differ.",
            is_grouped=True,
        ),
        Table(
            key="school-items",
            title=f"{capability.heading}: single questions{suffix}",
            columns=("Scale", "Question", *(str(place + 1) for place in range(most))),
            rows=tuple((*cells, *[""] * (most + 2 - len(cells))) for cells in strips),
            note=ITEM_NOTE,
            is_grouped=True,
        ),
    )
