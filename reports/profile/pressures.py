"""What presses and what helps: facets of pressure, supports, and the organisation's own facts."""

from collections.abc import Mapping, Sequence

from instruments.definition import Block, Scale
from instruments.measures import EVERYBODY, ScaleMeasure
from reports.disclosure import Withheld
from reports.profile.content import AxisWord, ItemRow, Mark, PressureRow, Pressures
from reports.profile.context import TABLE_FOLLOWS, Context, axis_sentence
from reports.profile.figures import (
    NOT_ALIKE,
    axis_of,
    cant_tell,
    held_together,
    item_band,
    mark,
    scale_band,
)
from reports.words import number, upper_first

HEADING = "What presses and what helps"
MAKE_UP = "Different things make up this pressure; they are also shown one by one."


def pressures_page(context: Context) -> Pressures:
    """The page of pressures and supports; each figure rests on everybody who was asked."""
    scales = _asked_scales(context, "pressure")
    items = [item for scale, _ in scales for item in scale.items]
    response = context.usual_response(items) if items else ""
    low, high = _axis(context, response)
    rows = tuple(_row(context, scale, measure) for scale, measure in scales)
    axis = context.axis_words(response) if response else ()
    supports = tuple(
        item_row(context, code)
        for scale in context.instrument.scales_in("support")
        for code in scale.items
        if context.shown_to([code], EVERYBODY)
    )
    support_response = context.usual_response([row.item for row in supports]) if supports else ""
    supports_axis = context.axis_words(support_response) if supports else ()
    return Pressures(
        heading=HEADING,
        intro=context.say(
            "Pressures describe the setting; they are not a mark, and high is neither good nor "
            "bad. The same force can push an {organisation} together and get in its way."
        ),
        axis=axis,
        low=low,
        high=high,
        key="all who were asked; a setting, not a mark",
        rows=rows,
        alt=_alt(f"{upper_first(number(len(rows)))} pressures", rows, axis) if rows else "",
        supports_heading="What helps",
        supports=supports,
        supports_axis=supports_axis,
        supports_alt=(
            _alt(f"{upper_first(number(len(supports)))} supports", supports, supports_axis)
            if supports
            else ""
        ),
        admin_heading=context.say("The {organisation}'s own facts"),
        admin=own_facts(context.facts.admin),
        notes=_notes(rows, supports),
    )


def own_facts(admin: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """Facts as rows of name, then and now.

    "schools now" and "schools three years ago" stand in one row, the past with its time; a fact
    that has no past stands under now.
    """
    facts = {name.replace("_", " ").strip(): value for name, value in admin.items()}
    stems = [name.removesuffix(" now") for name in facts if name.endswith(" now")]
    past = {
        stem: name
        for stem in stems
        for name in facts
        if name.startswith(f"{stem} ") and name.endswith((" ago", " then", " before"))
    }
    rows = []
    for name, value in facts.items():
        if name in past.values():
            continue
        stem = name.removesuffix(" now")
        then = past.get(stem, "")
        when = then.removeprefix(f"{stem} ")
        said = f"{facts[then]} ({when})" if then and when != "then" else facts.get(then, "")
        rows.append((upper_first(stem), said, value))
    return tuple(rows)


def _asked_scales(context: Context, block: Block) -> list[tuple[Scale, ScaleMeasure]]:
    return [
        (scale, context.measures.scales[scale.code])
        for scale in context.instrument.scales_in(block)
        if scale.code in context.measures.scales and context.shown_to(scale.items, EVERYBODY)
    ]


def _axis(context: Context, response: str) -> tuple[float, float]:
    options = context.instrument.response_scales[response].options if response else (1, 5)
    return axis_of(options)


def _row(context: Context, scale: Scale, measure: ScaleMeasure) -> PressureRow:
    together = held_together(measure, context.instrument)
    response = context.usual_response(scale.items)
    asked = measure.asked or _roles(context, scale.items)
    singly = scale.kind == "formative" or not together
    note = MAKE_UP if scale.kind == "formative" else "" if together else NOT_ALIKE
    items = tuple(
        item_row(context, code) for code in scale.items if context.shown_to([code], EVERYBODY)
    )
    return PressureRow(
        scale=scale.code,
        name=context.scale_name(scale.code),
        short=context.scale_short(scale.code),
        asked=context.asked(asked),
        mark=mark(
            scale_band(measure, EVERYBODY, context.instrument, context.floors),
            _axis(context, response),
        ),
        cant_tell=cant_tell(
            measure.cant_tell.get(EVERYBODY),
            context.shown_to(measure.items or scale.items, EVERYBODY),
            context.floors,
        ),
        items=items if singly else (),
        note=note,
    )


def _roles(context: Context, items: Sequence[str]) -> tuple[str, ...]:
    asked = {role for item in items for role in context.asked_roles(item)}
    return tuple(role for role in context.instrument.roles if role in asked)


def item_row(context: Context, code: str) -> ItemRow:
    """One question as everybody who was asked answered it."""
    measure, item = context.measures.items[code], context.instrument.item(code)
    found = measure.distributions.get(EVERYBODY)
    asked = context.asked_roles(code)
    options = context.instrument.response_scales[item.response].options
    return ItemRow(
        item=code,
        text=upper_first(context.words.short(code)),
        asked=context.asked(asked),
        mark=mark(item_band(measure, EVERYBODY, context.floors), axis_of(options)),
        cant_tell=cant_tell(
            found.cant_tell if found else None, found.shown if found else 0, context.floors
        ),
    )


def _notes(rows: Sequence[PressureRow], supports: Sequence[ItemRow]) -> tuple[str, ...]:
    notes = []
    if len({row.asked for row in rows}) > 1:
        notes.append("Under each name: who was asked. The figure rests on their answers.")
    marks = [row.mark for row in rows] + [row.mark for row in supports]
    if any(isinstance(found, Withheld) for found in marks):
        notes.append("Marks that are not shown rest on too few answers, or on answers all alike.")
    return tuple(notes)


def _alt(what: str, rows: Sequence[PressureRow | ItemRow], axis: Sequence[AxisWord]) -> str:
    sentences = [f"{what} as all who were asked see them (solid square)."]
    if axis:
        sentences.append(axis_sentence(axis))
    for row in rows:
        name = row.name if isinstance(row, PressureRow) else row.text
        said = (
            f"{row.mark.text}, {row.mark.likely}"
            if isinstance(row.mark, Mark)
            else row.mark.reason.rstrip(".")
        )
        sentences.append(f"{name}: {said}.")
    return " ".join([*sentences, TABLE_FOLLOWS])
