"""Words for position: which stop may be named, and how a spread of decisions is said.

Position has two equal ends, so no sentence here ranks or praises one. Numbers come ready from
``reports.disclosure``; this module only chooses words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

from instruments.measures import PositionMeasure
from reports.disclosure import distribution_step, percent
from reports.words import listed, lower_first, number, upper_first

NO_SINGLE_POSITION = "no single position"
NOTHING_GATHERS = "Answers do not gather at any stop"


@dataclass(frozen=True, slots=True)
class Placed:
    """One decision that may be shown: where it sits and how sure that is."""

    decision: str
    #: as a label: "Staff time"
    short: str
    value: float
    verdict: Literal["gathers", "split", "none"]
    #: the stop's name where answers gather
    stop_name: str = ""


def verdict_words(measure: PositionMeasure, stops: Mapping[int, str]) -> tuple[str, str, str]:
    """Heading, explanation and detail for one decision, shares rounded like its bars.

    The order of the tests is the scoring's: split first, then gathers, then none.
    """
    found = measure.distribution
    step = distribution_step(found.shares, found.n, heaviest=found.heaviest)
    if measure.verdict == "split":
        left = percent(measure.left_share, step=step).text
        right = percent(measure.right_share, step=step).text
        return "Split", split_words(measure), f"{left} left, {right} right"
    if measure.verdict == "gathers" and measure.stop is not None:
        here = percent(measure.at_stop, step=step).text
        beside = percent(min(1.0, measure.with_neighbours), step=step).text
        return stops[measure.stop], "", f"{here} here, {beside} with the stops beside it"
    return upper_first(NO_SINGLE_POSITION), "", "answers do not gather at one stop"


def split_words(measure: PositionMeasure) -> str:
    """Which kind of split it is; empty where the schools cannot be told apart for it."""
    if measure.split_kind == "schools differ":
        return "schools differ"
    if measure.split_kind == "people differ":
        return "people in the same schools see it differently"
    return ""


def overall_words(low: float, high: float, stops: Mapping[int, str]) -> str:
    """The whole in words: "Around STOP", or "Between STOP and STOP".

    ``low`` and ``high`` are the limits of the overall position's band. A stop owns the half stop
    on either side of it; the band lies around a stop when it lies within what the stop owns.
    """
    inside = [stop for stop in stops if stop - 0.5 <= low and high <= stop + 0.5]
    if inside:
        middle = (low + high) / 2
        return f"Around {stops[min(inside, key=lambda stop: abs(stop - middle))]}"
    first, last = min(stops), max(stops)
    lower = min(max(floor(low + 0.5), first), last)
    upper = min(max(ceil(high - 0.5), first), last)
    return f"Between {stops[lower]} and {stops[upper]}"


def spread_words(placed: Sequence[Placed]) -> str:
    """How far the decisions lie apart, and how many are split.

    A stop is named only for decisions whose answers gather; otherwise the figure stands instead.
    """
    if not placed:
        return ""
    lowest = min(placed, key=lambda decision: decision.value)
    highest = max(placed, key=lambda decision: decision.value)
    splits = _split_count(placed)
    if lowest.decision == highest.decision:
        return f"Only {lower_first(lowest.short)} could be placed; {splits}."
    ends = [_place(lowest), _place(highest)]
    if lowest.stop_name and lowest.stop_name == highest.stop_name:
        names = listed([lower_first(lowest.short), lower_first(highest.short)])
        return f"The lowest and the highest both sit at {lowest.stop_name} ({names}); {splits}."
    return f"Decisions range from {ends[0]} to {ends[1]}; {splits}."


def _place(decision: Placed) -> str:
    short = lower_first(decision.short)
    if decision.stop_name:
        return f"{decision.stop_name} ({short})"
    return f"{decision.value:.1f} ({short}, {_why_unnamed(decision)})"


def _why_unnamed(decision: Placed) -> str:
    return "split" if decision.verdict == "split" else NO_SINGLE_POSITION


def _split_count(placed: Sequence[Placed]) -> str:
    count = sum(decision.verdict == "split" for decision in placed)
    verb = "are" if count > 1 else "is"
    return f"{number(count)} of {number(len(placed))} {verb} split"


def headline(placed: Sequence[Placed]) -> str:
    """One line that names the two gathered decisions furthest apart."""
    gathered = [decision for decision in placed if decision.stop_name]
    if not gathered:
        return NOTHING_GATHERS
    low = min(gathered, key=lambda decision: decision.value)
    high = max(gathered, key=lambda decision: decision.value)
    if len(gathered) == 1:
        return f"Only {lower_first(low.short)} {_sits(low.short)} at one stop: {low.stop_name}"
    if low.stop_name == high.stop_name:
        count = f"{number(len(gathered))} of {number(len(placed))} decisions"
        if len(gathered) == len(placed):
            count = f"{_all(len(placed))} decisions"
        return upper_first(f"{count} sit at {low.stop_name}")
    return (
        f"{upper_first(high.short)} {_sits(high.short)} at {high.stop_name}, "
        f"{lower_first(low.short)} at {low.stop_name}"
    )


def _all(count: int) -> str:
    return "both" if count == 2 else f"all {number(count)}"


def _sits(name: str) -> str:
    return "sit" if are_many([name]) else "sits"


def are_many(names: Sequence[str]) -> bool:
    """Whether a plural verb follows: several names, or one such as "Tests and exams"."""
    if len(names) != 1:
        return True
    (name,) = names
    return " and " in name or (name.endswith("s") and not name.endswith("ss"))


def lead(placed: Sequence[Placed]) -> str:
    """What may be said of all decisions: how many gather, which are split, which neither."""
    if not placed:
        return "No decision has enough answers to be shown."
    gathered = [decision for decision in placed if decision.verdict == "gathers"]
    split = [lower_first(d.short) for d in placed if d.verdict == "split"]
    unplaced = [lower_first(d.short) for d in placed if d.verdict == "none"]
    total = number(len(placed))
    if len(gathered) == len(placed):
        return f"Answers gather at a named stop for {_all(len(placed))} decisions."
    count = number(len(gathered)) if gathered else "none"
    sentences = [f"Answers gather at a named stop for {count} of {total} decisions."]
    parts = []
    if split:
        parts.append(f"{listed(split)} {'are' if are_many(split) else 'is'} split")
    if unplaced:
        verb = "have" if are_many(unplaced) else "has"
        parts.append(f"{listed(unplaced)} {verb} {NO_SINGLE_POSITION}")
    sentences.append(upper_first(f"{'; '.join(parts)}."))
    return " ".join(sentences)
