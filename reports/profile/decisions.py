"""Decisions one by one, as whole distributions."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from instruments.definition import Decision
from reports.disclosure import TO_PROTECT as PROTECTED
from reports.disclosure import Withheld, fewer_than, people
from reports.position import verdict_words
from reports.profile.content import (
    AxisWord,
    Bar,
    DecisionGroup,
    DecisionRow,
    Decisions,
    Mark,
)
from reports.profile.context import TABLE_FOLLOWS, Context
from reports.profile.figures import NOT_ASKED, bars, hidden_note
from reports.profile.placing import decisions, placing, placing_mark
from reports.words import listed, lower_first, number, upper_first

LEAST_TOP = 50
TO_PROTECT = "Not shown, to protect people"


def decisions_page(context: Context) -> Decisions:
    """The page of decisions, in the instrument's groups and order."""
    return decisions_of(context, {each.code: row_of(context, each) for each in decisions(context)})


def decisions_of(context: Context, rows: Mapping[str, DecisionRow]) -> Decisions:
    """The page that holds these rows, by decision."""
    headings: dict[str, list[DecisionRow]] = {}
    for decision in decisions(context):
        if decision.code in rows:
            headings.setdefault(decision.group, []).append(rows[decision.code])
    stops = context.stop_words()
    charts = [chart for row in rows.values() for chart in (row.bars, row.reference_bars)]
    top = top_of([chart for chart in charts if chart is not None])
    found = list(rows.values())
    return Decisions(
        intro=_intro(context),
        stops=stops,
        groups=tuple(
            DecisionGroup(
                context.words.fill(context.words.text.decision_groups.get(group, group)),
                tuple(members),
            )
            for group, members in headings.items()
        ),
        top=top,
        note=_note(context, found),
        rules=_rules(context, found),
        alt=_alt(context, found, stops),
        centre_word=context.group_mark(context.designed) if context.designed else "",
        scale_note=f"All bars share one scale (full height {top}%).",
    )


def top_of(charts: list[tuple[Bar, ...] | Withheld]) -> int:
    """Full height of bars that share a scale: the largest share up to the next 10, at least 50."""
    drawn = [bar.drawn for chart in charts if not isinstance(chart, Withheld) for bar in chart]
    return max(LEAST_TOP, ceil(max(drawn, default=0) / 10) * 10)


def _intro(context: Context) -> str:
    position = context.instrument.position
    here, near = (
        (position.named_stop_share, position.named_stop_with_neighbours) if position else (0, 0)
    )
    who = context.group_who(context.lived)
    left, right = (
        lower_first(context.words.fill(context.words.text.ends.get(end, end)))
        for end in ("left", "right")
    )
    return (
        f"Bars show all answers from {who}, stop by stop. A stop is named only when at least "
        f"{round(100 * here)}% of answers are on it and {round(100 * near)}% with its neighbours. "
        f"{upper_first(left)} and {right} are choices of equal standing."
    )


def row_of(context: Context, decision: Decision) -> DecisionRow:
    """One decision as the context's people place it."""
    code, stops = decision.code, context.stop_names()
    measure = context.measures.decisions[code]
    placed = placing(context, code, context.lived)
    designed = placing_mark(context, code, context.designed) if context.designed else NOT_ASKED
    lived = placing_mark(context, code, context.lived)
    formal = context.facts.formal.get(code)
    common: dict[str, Any] = {
        "decision": code,
        "name": context.decision_text(code, "name"),
        "short": context.decision_text(code, "short"),
        "asked": f"asked of {context.asked(measure.asked)}",
        "formal": _formal(context, code),
    }
    if isinstance(placed, Withheld):
        heading = "Not asked" if placed == NOT_ASKED else TO_PROTECT
        return DecisionRow(
            **common,
            formal_stop=formal,
            n_band=placed,
            bars=placed,
            lived=placed,
            designed=designed,
            kind="withheld",
            heading=heading,
            detail=_why(placed),
        )
    heading, explanation, detail = verdict_words(placed, stops)
    return DecisionRow(
        **common,
        formal_stop=formal,
        n_band=people(placed.distribution.n, floor=context.floors.group_n),
        bars=bars(placed.distribution, stops, context.floors),
        lived=lived,
        designed=designed,
        kind=placed.verdict,
        heading=heading,
        detail=detail,
        explanation=explanation,
    )


def _why(withheld: Withheld) -> str:
    """The reason, where the heading does not say it all."""
    said = (NOT_ASKED, PROTECTED)
    return "" if withheld in said else withheld.reason.removeprefix("not shown: ")


def _formal(context: Context, code: str) -> str:
    stop = context.facts.formal.get(code)
    return f"by the rules: {context.stop_names()[stop]}" if stop is not None else ""


def _rules(context: Context, rows: list[DecisionRow]) -> str:
    """Where rules and people in schools name different stops, or that they name the same."""
    stops = context.stop_names()
    both = [row for row in rows if row.formal_stop is not None and row.kind == "gathers"]
    if not both:
        return ""
    who = context.group_who(context.lived)
    apart = [
        f"{lower_first(row.short)} (rules: {stops[row.formal_stop]}; {who}: {row.heading})"
        for row in both
        if row.formal_stop is not None and stops[row.formal_stop] != row.heading
    ]
    if not apart:
        return f"Where rules and {who} both name a stop, they name the same."
    return f"Rules and {who} name different stops for {listed(apart)}."


def _note(context: Context, rows: list[DecisionRow]) -> str:
    sentences = [
        "Shares below 5% print as <5%, those above 90% as >90%. The fewer answers there are, and "
        "where shares are masked so, the coarser all are rounded and the more is masked, so that "
        "nobody can be picked out."
    ]
    floor = context.floors.group_n
    few = [
        lower_first(row.short)
        for row in rows
        if isinstance(row.designed, Withheld) and row.designed.reason.startswith("not shown")
    ]
    if few and context.designed and len(few) < len(rows):
        who = context.group_who(context.designed)
        sentences.append(
            f"The median of {who} is not shown for {listed(few)}: fewer than {floor} answers."
        )
    elif few and context.designed:
        sentences.append(context.not_shown(context.designed))
    hidden = [lower_first(row.short) for row in rows if row.n_band == fewer_than(floor)]
    if hidden:
        sentences.append(f"{upper_first(listed(hidden))}: fewer than {floor} answers.")
    sentences += filter(None, [hidden_note([r.short for r in rows if r.n_band == PROTECTED])])
    bands: dict[str, list[str]] = {}
    for row in rows:
        if not isinstance(row.n_band, Withheld):
            bands.setdefault(row.n_band, []).append(lower_first(row.short))
    if len(bands) == 1:
        sentences.append(f"n in bands: {next(iter(bands))}.")
    elif bands:
        widest = max(bands, key=lambda band: len(bands[band]))
        others = [f"{band} for {listed(names)}" for band, names in bands.items() if band != widest]
        sentences.append(f"n in bands: {widest}; {'; '.join(others)}.")
    return " ".join(sentences)


def _alt(context: Context, rows: list[DecisionRow], stops: tuple[AxisWord, ...]) -> str:
    who = context.group_who(context.lived)
    sentences = [
        f"{upper_first(number(len(rows)))} decisions, each with five bars: the share of answers "
        f"from {who} at each stop."
        if len(stops) == 5
        else f"{upper_first(number(len(rows)))} decisions, each with one bar a stop.",
        f"The stops are {listed([stop.text for stop in stops])}.",
        "Below the bars a solid dot marks the median of "
        f"{who} with its likely range"
        + (
            f", a hollow diamond that of {context.group_who(context.designed)}."
            if context.designed
            else "."
        ),
    ]
    for row in rows:
        words = [row.heading if row.kind == "gathers" else lower_first(row.heading)]
        words += [row.explanation] if row.explanation else []
        words += [row.detail] if row.detail else []
        figure = f", median {row.lived.text}" if isinstance(row.lived, Mark) else ""
        sentences.append(f"{row.name}: {', '.join(words)}{figure}.")
    return " ".join([*sentences, TABLE_FOLLOWS])
