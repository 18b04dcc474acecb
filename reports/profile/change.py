"""What changed since earlier rounds of the same organisation, with the same questions.

A figure is compared only where both profiles print it. What is printed of a difference follows
from the two printed figures; its interval and the words rest on the two bands.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from instruments.definition import Block, Disclosure, Instrument
from instruments.measures import EVERYBODY, Band, Measures, PositionMeasure
from instruments.scoring.change import change
from reports.disclosure import Withheld, tenth
from reports.disclosure_rows import reasons_to_refuse
from reports.profile.content import (
    AxisWord,
    ChangeLane,
    ChangePanel,
    ChangeRow,
    Changes,
    Mark,
)
from reports.profile.context import TABLE_FOLLOWS, Context, axis_sentence
from reports.profile.figures import Axis, available, axis_of, mark, scale_band
from reports.profile.placing import decisions, placing, position_axis
from reports.round_facts import RoundFacts
from reports.words import listed, lower_first, month, number, upper_first

#: so many earlier rounds stand beside this one; the newest of them
MOST_EARLIER = 4

TOO_CLOSE = "too close to tell apart"
OTHER_QUESTIONS = Withheld("asked with other questions")
NO_POSITION = Withheld("no single position")
SPLIT = Withheld("split")


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier round of the same organisation."""

    facts: RoundFacts
    measures: Measures


def changes_page(context: Context, earlier: Sequence[Earlier]) -> Changes | None:
    """The page of changes, or None where there is no earlier round to compare with.

    Compared are rounds of the same version of the instrument whose own profile may be shown;
    of others a sentence says why they are not.
    """
    ordered = sorted(earlier, key=lambda each: (each.facts.opens_on, each.facts.closes_on))
    comparable = [each for each in ordered if not _why_not(context, each)][-MOST_EARLIER:]
    left_out = tuple(
        f"{month(each.facts.opens_on)}: {why}."
        for each in ordered
        if (why := _why_not(context, each))
    )
    if not comparable:
        return None
    rounds = [*comparable, Earlier(context.facts, context.measures)]
    names = _names(rounds)
    panels = tuple(panel for panel in _panels(context, rounds, names) if panel.rows)
    last = names[-2]
    return Changes(
        heading=f"Since {last}",
        intro=(
            f"The same questions, asked {_asked(names)}. Nothing links a person across rounds: "
            "each round stands for the staff of its time, and people come and go."
        ),
        panels=panels,
        key_earlier=listed(names[:-1]),
        key_now=names[-1],
        notes=(*_notes(context, panels, last), *left_out),
    )


def _why_not(context: Context, each: Earlier) -> str:
    measures = each.measures
    here = (context.measures.instrument, context.measures.version)
    if (measures.instrument, measures.version) != here or (
        measures.instrument_checksum != context.measures.instrument_checksum
    ):
        return "another version of the questions was asked, so it is not compared"
    if reasons_to_refuse(measures.turnout, measures.by_school, context.floors):
        return "its answers were too few to be shown, so it is not compared"
    return ""


def _names(rounds: Sequence[Earlier]) -> list[str]:
    """A name for each round that no other has: its month, else its first day."""
    months = [month(each.facts.opens_on) for each in rounds]
    return [
        name if months.count(name) == 1 else f"{each.facts.opens_on.day} {name}"
        for name, each in zip(months, rounds, strict=True)
    ]


def _asked(names: Sequence[str]) -> str:
    return f"in {listed([*names[:-1], f'now ({names[-1]})'])}"


def _panels(
    context: Context, rounds: Sequence[Earlier], names: Sequence[str]
) -> tuple[ChangePanel, ...]:
    lived = context.group_who(context.lived)
    seen = f"as {lived} see them"
    return (
        _scales(context, rounds, names, "capability", f"The dimensions, {seen}"),
        _scales(context, rounds, names, "companion", f"Beside the dimensions, {seen}"),
        _positions(context, rounds, names, f"Where decisions sit, as {lived} place them"),
        _scales(context, rounds, names, "pressure", "Pressures, as all who were asked see them"),
    )  # fmt: skip


def _scales(
    context: Context,
    rounds: Sequence[Earlier],
    names: Sequence[str],
    block: Block,
    heading: str,
) -> ChangePanel:
    instrument, now = context.instrument, context.measures
    kept = [
        scale
        for scale in instrument.scales_in(block)
        if scale.kind != "items" and scale.code in now.scales
    ]
    group = EVERYBODY if block == "pressure" else context.lived
    items = [item for scale in kept for item in scale.items]
    response = context.usual_response(items) if items else ""
    axis = axis_of(instrument.response_scales[response].options) if response else (1.0, 5.0)
    rows = []
    for scale in kept:
        bands = [
            _scale_band(instrument, context.floors, each, now, scale.code, group) for each in rounds
        ]
        if not all(isinstance(band, Withheld) for band in bands):
            rows.append(_row(context.scale_name(scale.code), bands, names, axis))
    words = context.axis_words(response) if response else ()
    return ChangePanel(
        heading=heading,
        kind="press" if block == "pressure" else "schools",
        axis=words,
        low=axis[0],
        high=axis[1],
        rows=tuple(rows),
        alt=_alt(heading, words, rows),
    )


def _scale_band(
    instrument: Instrument,
    floors: Disclosure,
    each: Earlier,
    now: Measures,
    code: str,
    group: str,
) -> Band | Withheld:
    measure = each.measures.scales.get(code)
    if measure is None or measure.items != now.scales[code].items:
        return OTHER_QUESTIONS
    return scale_band(measure, group, instrument, floors)


def _positions(
    context: Context, rounds: Sequence[Earlier], names: Sequence[str], heading: str
) -> ChangePanel:
    low, high = position_axis(context)
    stops = context.stop_names()
    words = tuple(AxisWord(stop, stops[stop]) for stop in (min(stops), max(stops)))
    contexts = [_as_of(context, each) for each in rounds]
    ends = _ends(context)
    rows = []
    for decision in decisions(context):
        bands = [_position_band(there, decision.code) for there in contexts]
        if all(isinstance(band, Withheld) for band in bands):
            continue
        name = context.decision_text(decision.code, "name")
        rows.append(_row(name, bands, names, (low, high), ends=ends))
    alt = _alt(heading, words, rows)
    return ChangePanel(heading, "schools", words, low, high, tuple(rows), alt)


def _as_of(context: Context, each: Earlier) -> Context:
    return Context(context.instrument, each.measures, each.facts, context.words, context.floors)


def _ends(context: Context) -> tuple[str, str]:
    ends = context.words.text.ends
    left, right = (lower_first(context.words.fill(ends.get(end, end))) for end in ("left", "right"))
    return left, right


def _position_band(context: Context, code: str) -> Band | Withheld:
    """A decision's place where answers gather; a median of answers that do not would mislead."""
    placed = placing(context, code, context.lived)
    if not isinstance(placed, PositionMeasure):
        return placed
    if placed.verdict != "gathers":
        return SPLIT if placed.verdict == "split" else NO_POSITION
    return available(placed.position, context.floors)


def _row(
    name: str,
    bands: Sequence[Band | Withheld],
    names: Sequence[str],
    axis: Axis,
    *,
    ends: tuple[str, str] | None = None,
) -> ChangeRow:
    lanes = tuple(
        ChangeLane(when, mark(band, axis), is_now=when == names[-1])
        for when, band in zip(names, bands, strict=True)
    )
    words, smallest = _words(bands[-2], bands[-1], lanes[-2].mark, lanes[-1].mark, ends)
    return ChangeRow(name=name, lanes=lanes, words=words, smallest=smallest)


def _words(
    earlier: Band | Withheld,
    now: Band | Withheld,
    earlier_mark: Mark | Withheld,
    now_mark: Mark | Withheld,
    ends: tuple[str, str] | None,
) -> tuple[str, str]:
    """What may be said of a change, and the smallest that could have been told apart."""
    if isinstance(earlier, Withheld) or isinstance(earlier_mark, Withheld):
        return _not_compared(earlier, now), ""
    if isinstance(now, Withheld) or isinstance(now_mark, Withheld):
        return _not_compared(earlier, now), ""
    found = change(earlier, now)
    by = tenth(now_mark.value - earlier_mark.value)
    low, high = min(tenth(found.low), by), max(tenth(found.high), by)
    smallest = f"{max(tenth(found.smallest), 0.1):.1f}"
    if low <= 0 <= high:
        return TOO_CLOSE, smallest
    least, most = sorted((abs(low), abs(high)))
    likely = f"likely {least:.1f} to {most:.1f}"
    if ends is None:
        return f"{'higher' if by > 0 else 'lower'} by {abs(by):.1f}, {likely}", smallest
    return f"{abs(by):.1f} of a stop nearer to {ends[by > 0]}, {likely}", smallest


def _not_compared(earlier: Band | Withheld, now: Band | Withheld) -> str:
    if isinstance(earlier, Withheld) and isinstance(now, Withheld):
        return "not compared"
    return "not compared: a figure in one round only"


def _notes(context: Context, panels: Sequence[ChangePanel], last: str) -> tuple[str, ...]:
    rows = [row for panel in panels for row in panel.rows]
    smallest = sorted(float(row.smallest) for row in rows if row.smallest)
    confidence = round(100 * context.instrument.scoring.confidence)
    notes = [
        f"“{upper_first(TOO_CLOSE)}” stands where the {confidence}% interval of the difference "
        "holds none at all; it does not say that nothing changed."
    ]
    if smallest:
        span = (
            f"{smallest[0]:.1f}"
            if smallest[0] == smallest[-1]
            else f"between {smallest[0]:.1f} and {smallest[-1]:.1f}"
        )
        notes.append(
            f"Since {last}, a change smaller than {span} could not have been told apart; the table "
            "gives it for each row."
        )
    return tuple(notes)


def _alt(heading: str, axis: Sequence[AxisWord], rows: Sequence[ChangeRow]) -> str:
    if not rows:
        return ""
    sentences = [f"{heading}: {number(len(rows[0].lanes))} rounds a row, this one last and solid."]
    sentences.append(axis_sentence(axis))
    for row in rows:
        lanes = "; ".join(
            f"{lane.when} {lane.mark.text}, {lane.mark.likely}"
            if isinstance(lane.mark, Mark)
            else f"{lane.when} {lane.mark.reason}"
            for lane in row.lanes
        )
        sentences.append(f"{row.name}: {lanes}; {row.words}.")
    return " ".join([*sentences, TABLE_FOLLOWS])
