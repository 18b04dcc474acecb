"""Capability, lived and designed; companion scales in the same dress."""

from collections.abc import Sequence

from instruments.definition import Block, Scale
from instruments.measures import ScaleMeasure
from reports.disclosure import Withheld, tenth
from reports.profile.content import Capability, CapabilityRow, Lane, Mark, Share, Strip
from reports.profile.context import TABLE_FOLLOWS, Context, axis_sentence
from reports.profile.decisions import top_of
from reports.profile.figures import (
    NOT_ALIKE,
    NOT_ASKED,
    axis_of,
    bars,
    cant_tell,
    gap_of,
    held_together,
    mark,
    scale_band,
)
from reports.words import listed, lower_first, number, roughly, upper_first

TOO_CLOSE = "Too close to tell apart."
NO_SCALE = "These questions are read one by one; they make up no scale."


def capability_page(context: Context) -> Capability:
    """The page of the instrument's dimensions."""
    count = upper_first(number(len(context.instrument.scales_in("capability"))))
    return _page(
        context,
        "capability",
        heading=f"{count} learning dimensions",
        intro=(
            f"What {context.group_who(context.lived)} report ({context.group_name(context.lived)})"
            + beside(context)
            + " More is better for learning, at a cost in time and attention."
        ),
    )


def beside(context: Context) -> str:
    """The rest of a sentence on what the lived group report: beside whom."""
    if not context.designed:
        return "."
    who, name = context.group_who(context.designed), context.group_name(context.designed)
    verb = "reports" if who.startswith("the ") else "report"
    return f" beside what {who} {verb} ({name})."


def asked_scales(context: Context, block: Block) -> list[tuple[Scale, ScaleMeasure]]:
    """The scales of a block that either group was asked."""
    found = []
    for scale in context.instrument.scales_in(block):
        measure = context.measures.scales.get(scale.code)
        groups = [group for group in (context.lived, context.designed) if group]
        if measure is not None and any(context.shown_to(scale.items, group) for group in groups):
            found.append((scale, measure))
    return found


def _page(context: Context, block: Block, *, heading: str, intro: str) -> Capability:
    scales = asked_scales(context, block)
    items = [item for scale, _ in scales for item in scale.items]
    response = context.usual_response(items) if items else ""
    options = context.instrument.response_scales[response].options if response else (1, 5)
    low, high = axis_of(options)
    rows = tuple(row_of(context, scale, measure, (low, high)) for scale, measure in scales)
    return capability_of(context, rows, response, heading=heading, intro=intro)


def capability_of(
    context: Context,
    rows: tuple[CapabilityRow, ...],
    response: str,
    *,
    heading: str,
    intro: str,
) -> Capability:
    """The page that holds these rows; ``response`` is the answer scale of its axis."""
    options = context.instrument.response_scales[response].options if response else (1, 5)
    low, high = axis_of(options)
    strips = [strip.bars for row in rows for strip in (*row.strips, *row.items)]
    return Capability(
        heading=heading,
        intro=intro,
        axis=context.axis_words(response) if response else (),
        low=low,
        high=high,
        lived_key=context.group_key(context.lived),
        designed_key=context.group_key(context.designed),
        rows=rows,
        top=top_of(strips),
        notes=_notes(context, rows),
        alt=_alt(context, rows, response),
    )


def row_of(
    context: Context, scale: Scale, measure: ScaleMeasure, axis: tuple[float, float]
) -> CapabilityRow:
    """One scale, lived and designed."""
    together = held_together(measure, context.instrument)
    lived = lane_of(context, scale, measure, context.lived, axis)
    designed = lane_of(context, scale, measure, context.designed, axis)
    one_by_one = NO_SCALE if scale.kind == "items" else NOT_ALIKE
    text = context.words.text.scales[scale.code]
    return CapabilityRow(
        scale=scale.code,
        name=context.scale_name(scale.code),
        short=context.scale_short(scale.code),
        definition=context.words.fill(text.get("definition", "")),
        lived=lived,
        designed=designed,
        gap=gap_words(context, measure) if together else "",
        notice=_notice(context, measure, (lived, designed)),
        strips=strips(context, _first_of_each_facet(context, scale)) if together else (),
        item_by_item="" if together else one_by_one,
        items=() if together else strips(context, scale.items),
    )


def lane_of(
    context: Context,
    scale: Scale,
    measure: ScaleMeasure,
    group: str,
    axis: tuple[float, float],
) -> Lane:
    """One group's mark on a scale, and who of it could not tell."""
    found: Mark | Withheld = NOT_ASKED
    told: Share | Withheld = NOT_ASKED
    if group:
        shown = context.shown_to(measure.items or scale.items, group)
        found = mark(scale_band(measure, group, context.instrument, context.floors), axis)
        told = cant_tell(measure.cant_tell.get(group), shown, context.floors)
    return Lane(group, context.group_name(group), context.group_mark(group), found, told)


def gap_words(context: Context, measure: ScaleMeasure) -> str:
    """What may be said of designed against lived."""
    gap = gap_of(measure, context.instrument, context.floors)
    if isinstance(gap, Withheld):
        return "" if gap == NOT_ASKED else "No comparison: one of the two marks is not shown."
    if gap.low <= 0 <= gap.high:
        return TOO_CLOSE
    who = context.group_who(context.designed if gap.low > 0 else context.lived)
    verb = "describes" if who.startswith("the ") else "describe"
    low, high = sorted((tenth(abs(gap.low)), tenth(abs(gap.high))))
    likely = f"{low:.1f} to {high:.1f}" if low else f"up to {high:.1f}"
    # short: it stands beside two marks
    return f"{upper_first(who)} {verb} {likely} more."


def _notice(context: Context, measure: ScaleMeasure, lanes: Sequence[Lane]) -> str:
    """The plain sentence where many could not tell from their role."""
    sentences = []
    for lane in lanes:
        told = measure.cant_tell.get(lane.group, 0.0)
        who = context.group_who(lane.group) if lane.group else ""
        sentences += many_could_not_tell(context, told, lane.cant_tell, who, f"the {lane.name}")
    return " ".join(sentences)


def many_could_not_tell(
    context: Context, told: float, shown: Share | Withheld, who: str, which: str
) -> list[str]:
    """The plain sentence where many of ``who`` could not tell; ``which`` mark is theirs."""
    if isinstance(shown, Withheld) or told < context.instrument.scoring.cant_tell_notice:
        return []
    of_whom = f"people at {who}" if who.startswith("the ") else who
    quantity = roughly(shown.drawn)
    link = "of " if quantity.endswith(("half", "third", "thirds", "quarters")) else ""
    return [
        f"{upper_first(quantity)} {link}{of_whom} could not tell from their role: read "
        f"{which} mark as the view of those who can see it."
    ]


def _first_of_each_facet(context: Context, scale: Scale) -> list[str]:
    """The first core item of each facet; where it has none, the first that everybody is asked."""
    chosen: dict[str, str] = {}
    for wants_core in (True, False):
        for code in scale.items:
            item = context.instrument.item(code)
            asked_of_all = set(context.asked_roles(code)) >= set(context.instrument.roles)
            may_stand = item.core if wants_core else asked_of_all
            if may_stand and item.facet and _was_asked(context, code):
                chosen.setdefault(item.facet, code)
    order = dict.fromkeys(context.instrument.item(code).facet for code in scale.items)
    return [chosen[facet] for facet in order if facet in chosen]


def strips(context: Context, items: Sequence[str]) -> tuple[Strip, ...]:
    """These questions as small distributions."""
    return tuple(_strip(context, code) for code in items if _was_asked(context, code))


def _was_asked(context: Context, code: str) -> bool:
    return any(context.shown_to([code], group) for group in (context.lived, context.designed))


def _strip(context: Context, code: str) -> Strip:
    item = context.instrument.item(code)
    labels = {
        option: context.words.option(item.response, option)
        for option in context.instrument.options(code)
    }
    facet = context.words.text.facets.get(item.facet, "")
    group, text = context.lived, context.words.short(code)
    if context.designed and not context.shown_to([code], group):
        group = context.designed
        text = f"{text} ({context.group_mark(group)})"
    members = context.instrument.groups.get(group, ())
    asked = [role for role in context.asked_roles(code) if role in members]
    if len(asked) < len(members) and group == context.lived:
        text = f"{text} ({listed([context.role_name(role) for role in asked])})"
    found = context.measures.items[code].distributions.get(group)
    options = tuple(labels)
    return Strip(
        item=code,
        facet=context.words.fill(facet),
        text=text,
        bars=bars(found, labels, context.floors),
        low_word=lower_first(labels[options[0]]),
        high_word=lower_first(labels[options[-1]]),
    )


def _notes(context: Context, rows: Sequence[CapabilityRow]) -> tuple[str, ...]:
    notes = []
    for group in (context.lived, context.designed):
        if group and context.turnout(group).n < context.floors.group_n:
            notes.append(context.not_shown(group))
    alone = [row.short for row in rows if row.item_by_item == NOT_ALIKE]
    if alone:
        notes.append(
            f"{upper_first(listed([lower_first(name) for name in alone]))}: the questions did not "
            "hang together this time; see them one by one."
        )
    return tuple(notes)


def _alt(context: Context, rows: Sequence[CapabilityRow], response: str) -> str:
    if not rows:
        return ""
    lived, designed = context.group_who(context.lived), context.group_who(context.designed)
    sentences = [
        f"{upper_first(number(len(rows)))} scales as {lived} see them (solid dot)"
        + (
            f" and as {designed} {_sees(designed)} them (hollow diamond)."
            if context.designed
            else "."
        ),
        axis_sentence(context.axis_words(response)),
    ]
    for row in rows:
        lanes = [
            f"{lane.name} {lane.mark.text}, {lane.mark.likely}"
            if isinstance(lane.mark, Mark)
            else f"{lane.name} {lane.mark.reason}"
            for lane in (row.lived, row.designed)
            if lane.group
        ]
        sentences.append(f"{row.name}: {'; '.join(lanes).rstrip('.')}.")
    return " ".join([*sentences, TABLE_FOLLOWS])


def _sees(who: str) -> str:
    return "sees" if who.startswith("the ") else "see"
