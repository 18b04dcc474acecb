"""The line: where the organisation sits, with its decisions spread along it."""

from collections.abc import Mapping
from dataclasses import replace

from instruments.measures import Distribution, PositionMeasure
from reports.disclosure import Withheld, distribution, distribution_step, percent, tenth
from reports.position import (
    NO_SINGLE_POSITION,
    overall_words,
    split_words,
    spread_words,
)
from reports.profile.content import (
    CapsuleRow,
    Gathered,
    Line,
    LineStop,
    Mark,
    Overall,
    Share,
    SplitRow,
    Stretch,
)
from reports.profile.context import TABLE_FOLLOWS, Context
from reports.profile.figures import mark
from reports.profile.placing import (
    decisions,
    overall,
    placed_decisions,
    placing,
    placing_mark,
    pooled,
    position_axis,
)
from reports.words import listed, lower_first, number, sentence, upper_first


def line(context: Context) -> Line:
    """Everything that the line draws."""
    low, high = position_axis(context)
    ends = {key: context.words.fill(words) for key, words in context.words.text.ends.items()}
    gathered, rows, unplaced = _spread(context)
    whole, centre = _overall(context), _centre(context)
    stops, middle_half = _stops(context), _middle_half(context)
    parts = Line(
        low=low,
        high=high,
        left=ends.get("left", ""),
        left_note=ends.get("left_note", ""),
        right=ends.get("right", ""),
        right_note=ends.get("right_note", ""),
        stops=stops,
        overall=whole,
        centre=centre,
        centre_name=_centre_name(context),
        centre_word=context.group_mark(context.designed) if context.designed else "",
        middle_half=middle_half,
        gathered=gathered,
        rows=rows,
        notes=_notes(context, whole, centre, unplaced),
        alt="",
    )
    return _with_alt(context, parts)


def _overall(context: Context) -> Overall | Withheld:
    band = overall(context, context.lived)
    drawn = mark(band, position_axis(context))
    if isinstance(band, Withheld) or isinstance(drawn, Withheld):
        return band if isinstance(band, Withheld) else Withheld("not shown")
    stops = context.stop_names()
    return Overall(
        mark=drawn,
        words=overall_words(band.low, band.high, stops),
        figure=f"{drawn.text} on stops {min(stops)} to {max(stops)}, {drawn.likely}",
        spread=spread_words(placed_decisions(context)),
    )


def _centre(context: Context) -> Mark | Withheld:
    if not context.designed:
        return Withheld("not asked")
    few = context.turnout(context.designed).n < context.floors.group_n
    if few:
        return Withheld(context.not_shown(context.designed))
    return mark(overall(context, context.designed), position_axis(context))


def _centre_name(context: Context) -> str:
    if not context.designed:
        return ""
    who = context.group_who(context.designed)
    return upper_first(f"{who}'s view" if who.startswith("the ") else f"the view of {who}")


def _stops(context: Context) -> tuple[LineStop, ...]:
    position = context.instrument.position
    names = context.stop_names()
    found = pooled(context)
    shares = (
        found
        if isinstance(found, Withheld)
        else distribution(found.shares, found.n, floor=context.floors.group_n)
    )
    stops = []
    for place, (stop, name) in enumerate(names.items()):
        share = (
            shares
            if isinstance(shares, Withheld)
            else Share(shares[place].value, f"{shares[place].text} of answers")
        )
        described = context.words.option(position.response, stop) if position else ""
        stops.append(LineStop(stop, name, described, share))
    return tuple(stops)


def _middle_half(context: Context) -> Stretch | Withheld:
    found = pooled(context)
    if isinstance(found, Withheld):
        return found
    return Stretch(
        tenth(found.lower_quartile), tenth(found.upper_quartile), "middle half of all answers"
    )


def _spread(
    context: Context,
) -> tuple[tuple[Gathered, ...], tuple[SplitRow | CapsuleRow, ...], tuple[str, ...]]:
    """Decisions that gather, those that do not, and the names of those that are withheld."""
    gathered: list[Gathered] = []
    rows: list[SplitRow | CapsuleRow] = []
    withheld: list[str] = []
    for decision in decisions(context):
        code, short = decision.code, context.decision_text(decision.code, "short")
        drawn = placing_mark(context, code, context.lived)
        if isinstance(drawn, Withheld):
            withheld.append(short)
            continue
        placed = placing(context, code, context.lived)
        if isinstance(placed, Withheld):
            continue
        if placed.verdict == "gathers" and placed.stop is not None:
            gathered.append(_gathered(context, code, drawn.value, placed.stop))
        elif placed.verdict == "split":
            rows.append(_split_row(context, code, short, placed))
        else:
            rows.append(
                CapsuleRow(
                    decision=code,
                    short=short,
                    words=NO_SINGLE_POSITION,
                    low=tenth(placed.lower_quartile),
                    high=tenth(placed.upper_quartile),
                )
            )
    return tuple(gathered), tuple(rows), tuple(withheld)


def _gathered(context: Context, code: str, value: float, stop: int) -> Gathered:
    return Gathered(
        decision=code,
        name=context.decision_text(code, "name"),
        short=context.decision_text(code, "short"),
        shorter=context.decision_text(code, "shorter"),
        value=value,
        stop=stop,
        stop_name=context.stop_names()[stop],
    )


def _split_row(context: Context, code: str, short: str, placed: PositionMeasure) -> SplitRow:
    found = placed.distribution
    step = distribution_step(found.shares, found.n, heaviest=found.heaviest)
    shown = {
        stop: percent(share, step=step).value
        for stop, share in zip(found.options, found.shares, strict=True)
    }
    middle = (min(shown) + max(shown)) / 2
    kind = split_words(placed)
    return SplitRow(
        decision=code,
        short=short,
        words=f"split: {kind}" if kind else "split",
        left=_mean_stop({stop: share for stop, share in shown.items() if stop < middle}),
        right=_mean_stop({stop: share for stop, share in shown.items() if stop > middle}),
        left_text=percent(placed.left_share, step=step).text,
        right_text=percent(placed.right_share, step=step).text,
    )


def _mean_stop(shown: Mapping[int, float]) -> float:
    # one side may hold few people: its mean is taken from the shares as they are printed
    return tenth(sum(stop * share for stop, share in shown.items()) / sum(shown.values()))


def _notes(
    context: Context,
    whole: Overall | Withheld,
    centre: Mark | Withheld,
    unplaced: tuple[str, ...],
) -> tuple[str, ...]:
    notes = []
    if isinstance(whole, Withheld):
        notes.append(sentence(f"overall position {whole.reason}"))
    if isinstance(centre, Withheld) and context.designed:
        is_sentence = centre.reason.endswith(".")
        reason = centre.reason if is_sentence else f"{_centre_name(context)}: {centre.reason}."
        notes.append(reason)
    if unplaced:
        names = listed([lower_first(name) for name in unplaced])
        few = f"fewer than {context.floors.group_n} answers"
        hidden = any(found.is_concealed for found in _lived_spreads(context))
        notes.append(f"Not shown: {names} ({'to protect people' if hidden else few}).")
    return tuple(notes)


def _lived_spreads(context: Context) -> list[Distribution]:
    return [
        measure.groups[context.lived].distribution
        for measure in context.measures.decisions.values()
        if context.lived in measure.groups
    ]


def _with_alt(context: Context, drawn: Line) -> Line:
    count = number(len(drawn.gathered) + len(drawn.rows))
    who = context.group_who(context.lived)
    sentences = [
        f"Where {count} decisions sit on a line from {lower_first(drawn.left)} to "
        f"{lower_first(drawn.right)}, as {who} see it.",
        f"The line has {number(len(drawn.stops))} stops: "
        f"{listed([stop.name for stop in drawn.stops])}.",
    ]
    if isinstance(drawn.overall, Overall):
        sentences.append(
            f"Overall (solid bar): {lower_first(drawn.overall.words)}, {drawn.overall.figure}."
        )
        sentences.append(drawn.overall.spread)
    if isinstance(drawn.centre, Mark):
        sentences.append(
            f"{drawn.centre_name} (hollow diamond): {drawn.centre.text}, {drawn.centre.likely}."
        )
    if drawn.gathered:
        dots = [
            f"{lower_first(dot.short)} at {dot.stop_name}, {dot.value:.1f}"
            for dot in drawn.gathered
        ]
        sentences.append(f"Decisions where answers gather (solid dots): {'; '.join(dots)}.")
    for row in drawn.rows:
        if isinstance(row, SplitRow):
            sentences.append(
                f"{row.short} (two squares) {row.words}, {row.left_text} left, "
                f"{row.right_text} right."
            )
        else:
            sentences.append(
                f"{row.short} (capsule): {row.words}, middle half {row.low:.1f} to {row.high:.1f}."
            )
    sentences += [*drawn.notes, TABLE_FOLLOWS]
    return replace(drawn, alt=" ".join(each for each in sentences if each))
