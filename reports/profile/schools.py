"""Schools side by side: who may stand there, under which label, and what may be said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from instruments.definition import Scale
from instruments.measures import Band
from instruments.psychometrics.agreement import Agreement
from instruments.psychometrics.estimates import NotEstimated
from reports.disclosure import TO_PROTECT, Withheld
from reports.disclosure_rows import schools_showing
from reports.profile.content import Mark
from reports.profile.content_schools import SchoolPanel, SchoolRow, Schools
from reports.profile.context import Context, axis_sentence
from reports.profile.figures import (
    Axis,
    available,
    axis_of,
    held_together,
    mark,
    scale_band,
    schools_allowed,
)
from reports.words import listed, number, upper_first

#: reliability of a school's mean, ICC(2): below the first no chart, below the second with care
SEPARATES: Final = 0.50
COMPARES: Final = 0.70

HEADING: Final = "Schools side by side"
NO_PAGE: Final = Withheld(
    "not shown: schools side by side, since fewer than two have enough answers"
)
REFUSED: Final = "These answers do not separate schools reliably, so we do not show a chart."
NOT_ALIKE: Final = "These questions did not hang together this time, so we do not show a chart."

#: letters that are not taken for a figure
LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Places:
    """The schools of the page in its one order: (school, label), and those that may be shown."""

    labels: tuple[tuple[str, str], ...]
    shown: frozenset[str]
    withheld: int


def schools_page(context: Context) -> Schools | Withheld:
    """The page of schools; withheld where fewer than two may stand on it."""
    places = school_places(context)
    if len(places.shown) < 2:
        return NO_PAGE
    scales = [
        scale
        for scale in context.instrument.scales_in("capability")
        if scale.code in context.measures.school_agreement
    ]
    if not scales:
        return NO_PAGE
    response = context.usual_response([item for scale in scales for item in scale.items])
    low, high = axis_of(context.instrument.response_scales[response].options)
    panels = tuple(_panel(context, scale, places, (low, high), response) for scale in scales)
    return Schools(
        heading=HEADING,
        intro=_intro(context, places, panels),
        is_named=context.facts.schools_named,
        axis=context.axis_words(response),
        low=low,
        high=high,
        key=f"{context.group_name(context.lived)}, one school",
        panels=panels,
        how_to=_how_to(context, places, panels),
        cannot_heading="What this page cannot carry",
        cannot=_cannot(panels),
        organisation=context.say("the {organisation}"),
    )


def school_places(context: Context) -> Places:
    """Every school that has a row, in the order that was drawn at random, with its label.

    Where heads agreed to names, withheld schools keep a row under their name; else they have
    neither row nor letter and are only counted.
    """
    allowed = schools_allowed(context.measures, context.floors)
    order = context.measures.school_order
    if context.facts.schools_named:
        labels = tuple((school, school) for school in order)
    else:
        lettered = [school for school in order if school in allowed.shown]
        labels = tuple((school, letter(place)) for place, school in enumerate(lettered))
    return Places(labels, frozenset(allowed.shown), allowed.withheld)


def letter(place: int) -> str:
    """The label of the school at a place: A to Z without I and O, then AA, AB, ..."""
    lead, last = divmod(place, len(LETTERS))
    return (letter(lead - 1) if lead else "") + LETTERS[last]


def school_marks(
    context: Context, scale: str, places: Places, axis: Axis
) -> dict[str, Mark | Withheld]:
    """One scale's figure in every school that may be shown, or why it is not."""
    found = {
        school: measure.scales.get(scale) for school, measure in context.measures.schools.items()
    }
    # a school whose figure cannot be estimated has next to no answers: count it as one
    counts = {
        school: band.n if isinstance(band, Band) else 1
        for school, band in found.items()
        if band is not None
    }
    whole = context.measures.scales[scale].scores[context.lived]
    published = None if isinstance(whole, NotEstimated) else whole.n
    showing = schools_showing(counts, places.shown, context.floors)
    marks: dict[str, Mark | Withheld] = {}
    for school, _ in places.labels:
        if school not in showing:
            marks[school] = TO_PROTECT
            continue
        band = available(found.get(school), context.floors, published_n=published)
        marks[school] = mark(band, axis)
    return marks


def _panel(
    context: Context, scale: Scale, places: Places, axis: Axis, response: str
) -> SchoolPanel:
    measure = context.measures.scales[scale.code]
    reference = mark(scale_band(measure, context.lived, context.instrument, context.floors), axis)
    refused, note = _refusal(context, scale)
    rows: tuple[SchoolRow, ...] = ()
    if not refused:
        marks = school_marks(context, scale.code, places, axis)
        rows = tuple(
            SchoolRow(label, marks[school], _is_clear(marks[school], reference))
            for school, label in places.labels
        )
    sentence, short = _sentences(context, rows)
    care = _care(context, scale) if rows else ""
    name = context.scale_name(scale.code)
    return SchoolPanel(
        scale=scale.code,
        name=name,
        short=context.scale_short(scale.code),
        reference=reference,
        rows=rows,
        sentence=f"{sentence}{care}",
        short_sentence=f"{short}{care}",
        refused=refused,
        refused_note=note,
        alt=_alt(context, name, rows, reference, response, short if len(rows) > 32 else sentence),
    )


def _refusal(context: Context, scale: Scale) -> tuple[str, str]:
    """What stands in place of a chart, and why; two empty strings where there is a chart."""
    if not held_together(context.measures.scales[scale.code], context.instrument):
        return NOT_ALIKE, "See the questions one by one."
    found = context.measures.school_agreement[scale.code]
    if not isinstance(found, Agreement):
        return REFUSED, "The reliability of a school’s figure cannot be estimated."
    if found.icc2.value < SEPARATES:
        return REFUSED, "The reliability of a school’s figure is below .50."
    return "", ""


def _care(context: Context, scale: Scale) -> str:
    found = context.measures.school_agreement[scale.code]
    if isinstance(found, Agreement) and found.icc2.value < COMPARES:
        return " Read with care: the reliability of a school’s figure is below .70."
    return ""


def _is_clear(own: Mark | Withheld, reference: Mark | Withheld) -> bool:
    """Whether the chance bands, as they are drawn, stand apart."""
    if isinstance(own, Withheld) or isinstance(reference, Withheld):
        return False
    return own.low > reference.high or own.high < reference.low


def _sentences(context: Context, rows: Sequence[SchoolRow]) -> tuple[str, str]:
    """Whose band is clear of the organisation's, with their labels and in numbers only."""
    shown = [row for row in rows if isinstance(row.mark, Mark)]
    clear = [row.label for row in shown if row.is_clear]
    rest = len(shown) - len(clear)
    whose = context.say("the {organisation}’s figure")
    if not shown:
        return "", ""
    if not clear:
        text = f"No band is clear of {whose}: all {number(rest)} are too close to tell apart."
        return text, text
    if not rest:
        others = ""
    elif rest == 1:
        others = " The other one is too close to tell apart."
    else:
        others = f" The other {number(rest)} are too close to tell apart."
    many = f"{number(len(clear))} school{'s' if len(clear) > 1 else ''}, in bold"
    return (
        f"Band clear of {whose}: {listed(clear)}.{others}",
        f"Band clear of {whose}: {many}.{others}",
    )


def _intro(context: Context, places: Places, panels: Sequence[SchoolPanel]) -> str:
    floors = context.floors
    half = round(100 * floors.school_response_rate)
    of_staff = "half of its staff" if half == 50 else f"{half}% of its staff"
    if not any(panel.rows for panel in panels):
        return (
            f"{upper_first(number(len(places.shown)))} schools each have at least "
            f"{floors.school_n} answers and {of_staff}; their figures cannot be told apart."
        )
    names = (
        "Names are printed because every head agreed beforehand."
        if context.facts.schools_named
        else "Letters stand for schools because not every head agreed beforehand to print names."
    )
    return (
        f"{upper_first(context.group_name(context.lived))} capability in "
        f"{number(len(places.shown))} schools, each with at least {floors.school_n} answers and "
        f"{of_staff}. {names}"
    )


def _how_to(context: Context, places: Places, panels: Sequence[SchoolPanel]) -> tuple[str, ...]:
    chance = (
        "Where answers within schools differ as much as answers between them, a chart of schools "
        "would show chance."
    )
    if not any(panel.rows for panel in panels):
        return (chance,)
    notes = [
        "Each row is one school. The order was drawn at random once and is the same for every "
        "scale. It says nothing of them.",
        "Where two solid bands overlap, read the schools as too close to tell apart.",
        context.say("The pale column is the {organisation}’s own figure with its chance band."),
    ]
    if places.withheld:
        head = "" if context.facts.schools_named else " Each head knows their own letter."
        notes.append(
            f"{upper_first(number(places.withheld))} schools are not shown, to protect "
            f"people.{head}"
        )
    elif not context.facts.schools_named:
        notes.append("Each head knows their own letter.")
    if any(panel.refused for panel in panels):
        notes.append(chance)
    return tuple(notes)


def _cannot(panels: Sequence[SchoolPanel]) -> str:
    halves = [
        (row.mark.high - row.mark.low) / 2
        for panel in panels
        for row in panel.rows
        if isinstance(row.mark, Mark)
    ]
    moves = (
        f" By chance alone a school’s figure here moves by about {max(median(halves), 0.1):.1f} "
        "either way."
        if halves
        else ""
    )
    return (
        f"It cannot put schools in an order.{moves} Roles within a school are never printed. It is "
        "not for the appraisal of heads or staff, and not for outside accountability."
    )


def _alt(
    context: Context,
    name: str,
    rows: Sequence[SchoolRow],
    reference: Mark | Withheld,
    response: str,
    finding: str,
) -> str:
    if not rows:
        return ""
    hidden = sum(isinstance(row.mark, Withheld) for row in rows)
    figure = (
        f"{reference.text}, {reference.likely}" if isinstance(reference, Mark) else reference.reason
    )
    sentences = [
        f"{name} in {number(len(rows) - hidden)} schools as {context.group_who(context.lived)} "
        "see it, one row a school with a solid dot and its bands, in an order drawn at random.",
        axis_sentence(context.axis_words(response)),
        context.say(f"The {{organisation}}’s figure (pale column): {figure}."),
        finding.replace(", in bold", ""),
    ]
    if hidden:
        verb = "row is" if hidden == 1 else "rows are"
        sentences.append(f"{upper_first(number(hidden))} {verb} not shown, to protect people.")
    return " ".join(filter(None, [*sentences, "The tables at the end give all values."]))
