"""Commitment and say: companion scales by role, with every question of each scale."""

from collections.abc import Sequence

from instruments.definition import Scale
from instruments.measures import Band, ScaleMeasure
from reports.disclosure import Withheld
from reports.profile.capability import (
    NO_SCALE,
    TOO_CLOSE,
    asked_scales,
    beside,
    gap_words,
    many_could_not_tell,
    strips,
)
from reports.profile.content import CompanionRow, Companions, Mark, RoleLane
from reports.profile.context import TABLE_FOLLOWS, Context, axis_sentence
from reports.profile.decisions import top_of
from reports.profile.figures import (
    NOT_ALIKE,
    Axis,
    available,
    axis_of,
    cant_tell,
    held_together,
    mark,
    scale_band,
)
from reports.profile.roles import Unit, units
from reports.words import listed, lower_first, upper_first

HEADING = "Beside the dimensions"


def companions_page(context: Context) -> Companions | None:
    """The companion scales; None where the instrument or the round has none."""
    scales = asked_scales(context, "companion")
    if not scales:
        return None
    response = context.usual_response([item for scale, _ in scales for item in scale.items])
    axis = axis_of(context.instrument.response_scales[response].options)
    together = [each for each in scales if held_together(each[1], context.instrument)]
    found = units(context, _answers(context, [measure for _, measure in together]))
    rows = tuple(_row(context, scale, measure, found, axis) for scale, measure in scales)
    shorts = [lower_first(context.scale_short(s.code)) for s, _ in scales if s.kind != "items"]
    words = context.axis_words(response)
    return Companions(
        heading=upper_first(listed(shorts)) or HEADING,
        intro=(
            f"What {context.group_who(context.lived)} report ({context.group_name(context.lived)})"
            + beside(context)
            + " Each role stands by itself where its people are enough."
        ),
        axis=words,
        low=axis[0],
        high=axis[1],
        lived_key=_key(context, context.lived),
        designed_key=_key(context, context.designed),
        rows=rows,
        top=top_of([strip.bars for row in rows for strip in row.strips]),
        notes=_notes(context, rows, found),
        alt=_alt(context, rows, axis_sentence(words)),
    )


def _key(context: Context, group: str) -> str:
    return f"{context.group_name(group)}: {context.group_mark(group)}" if group else ""


def _answers(context: Context, measures: Sequence[ScaleMeasure]) -> dict[str, int]:
    """The smallest number of answers that each role gave to one of these scales."""
    answers = {}
    for role in context.instrument.roles:
        scores = [
            measure.by_role[role].score
            for measure in measures
            if role in measure.asked and role in measure.by_role
        ]
        if scores:
            answers[role] = min(found.n if isinstance(found, Band) else 0 for found in scores)
    return answers


def _row(
    context: Context, scale: Scale, measure: ScaleMeasure, found: Sequence[Unit], axis: Axis
) -> CompanionRow:
    together = held_together(measure, context.instrument)
    asked = [unit for unit in found if _was_asked(context, measure, unit)] if together else []
    lanes = tuple(_lane(context, measure, unit, axis) for unit in asked)
    return CompanionRow(
        scale=scale.code,
        name=context.scale_name(scale.code),
        short=context.scale_short(scale.code),
        definition=context.words.fill(context.words.text.scales[scale.code].get("definition", "")),
        lanes=lanes,
        gap=_gap(context, measure) if together else "",
        notice=_notice(context, measure, asked, lanes),
        strips=strips(context, scale.items),
        item_by_item="" if together else NO_SCALE if scale.kind == "items" else NOT_ALIKE,
    )


def _was_asked(context: Context, measure: ScaleMeasure, unit: Unit) -> bool:
    if unit.is_role:
        return unit.code in measure.asked
    return bool(context.shown_to(measure.items, unit.code))


def _lane(context: Context, measure: ScaleMeasure, unit: Unit, axis: Axis) -> RoleLane:
    if unit.is_role:
        role = measure.by_role[unit.code]
        band = available(role.score, context.floors)
        told, shown = role.cant_tell, role.shown
    else:
        band = scale_band(measure, unit.code, context.instrument, context.floors)
        told = measure.cant_tell.get(unit.code, 0.0)
        shown = context.shown_to(measure.items, unit.code)
    return RoleLane(
        name=unit.name,
        is_lived=unit.group == context.lived,
        mark=mark(band, axis),
        cant_tell=cant_tell(told, shown, context.floors),
    )


def _gap(context: Context, measure: ScaleMeasure) -> str:
    said = gap_words(context, measure)
    if not said or said.startswith("No comparison"):
        return said
    said = said if said == TOO_CLOSE else lower_first(said)
    both = [context.group_mark(context.lived), context.group_mark(context.designed)]
    return f"{upper_first(listed(both))}: {lower_first(said)}"


def _notice(
    context: Context, measure: ScaleMeasure, asked: Sequence[Unit], lanes: Sequence[RoleLane]
) -> str:
    sentences = []
    for unit, lane in zip(asked, lanes, strict=True):
        role = measure.by_role.get(unit.code)
        told = role.cant_tell if role else measure.cant_tell.get(unit.code, 0.0)
        who = lower_first(unit.name) if unit.is_role else context.group_who(unit.code)
        sentences += many_could_not_tell(context, told, lane.cant_tell, who, "their")
    return " ".join(sentences)


def _notes(
    context: Context, rows: Sequence[CompanionRow], found: Sequence[Unit]
) -> tuple[str, ...]:
    notes = []
    if any(not unit.is_role for unit in found):
        notes.append(
            f"A role below {context.floors.group_n} answers is not shown alone: all roles of its "
            "side stand as one."
        )
    if any(isinstance(lane.mark, Withheld) for row in rows for lane in row.lanes):
        notes.append(f"Groups under {context.floors.group_n} are not shown, to protect people.")
    return tuple(notes)


def _alt(context: Context, rows: Sequence[CompanionRow], axis: str) -> str:
    marks = [f"solid dot: {context.group_mark(context.lived)}"]
    if context.designed:
        marks.append(f"hollow diamond: {context.group_mark(context.designed)}")
    sentences = [f"Companion scales by role ({', '.join(marks)}).", axis]
    for row in rows:
        said = [f"{lane.name} {_figure(lane)}" for lane in row.lanes] or [row.item_by_item]
        sentences.append(f"{row.name}: {'; '.join(said).rstrip('.')}.")
    return " ".join([*sentences, TABLE_FOLLOWS])


def _figure(lane: RoleLane) -> str:
    if isinstance(lane.mark, Mark):
        return f"{lane.mark.text}, {lane.mark.likely}"
    return lane.mark.reason
