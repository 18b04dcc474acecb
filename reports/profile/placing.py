"""Decisions and the whole as informant groups place them, where enough people answered."""

from dataclasses import dataclass
from statistics import median

import numpy as np

from instruments.definition import Decision
from instruments.measures import Band, OverallPosition, PositionMeasure
from instruments.psychometrics.estimates import NotEstimated
from instruments.scoring.positions import quantile
from reports.disclosure import TO_PROTECT, Withheld, fewer_than
from reports.position import Placed
from reports.profile.content import Mark
from reports.profile.context import Context
from reports.profile.figures import NOT_ASKED, NOT_ESTIMATED, Axis, available, mark

PINNED = Withheld("not shown: a decision that rests on fewer people could be worked out from it")


@dataclass(frozen=True, slots=True)
class Pooled:
    """All answers to all decisions that may be shown: shares over the stops, and quartiles."""

    shares: tuple[float, ...]
    n: int
    lower_quartile: float
    upper_quartile: float


def position_axis(context: Context) -> Axis:
    """Limits of the line: half a stop beyond the first and the last."""
    stops = context.stop_names()
    return min(stops) - 0.5, max(stops) + 0.5


def decisions(context: Context) -> tuple[Decision, ...]:
    """The decisions that were asked of anybody in this round, in the instrument's order."""
    position = context.instrument.position
    asked = position.decisions if position else ()
    return tuple(decision for decision in asked if _was_asked(context, decision.code))


def _was_asked(context: Context, code: str) -> bool:
    measure = context.measures.decisions.get(code)
    if measure is None:
        return False
    return any(placed.distribution.shown for placed in measure.groups.values())


def placing(context: Context, code: str, group: str) -> PositionMeasure | Withheld:
    """A decision as one group places it, or why that is not shown."""
    measure = context.measures.decisions.get(code)
    placed = measure.groups.get(group) if measure else None
    if placed is None or placed.distribution.shown == 0:
        return NOT_ASKED
    if placed.distribution.is_concealed:
        return TO_PROTECT
    if placed.distribution.n < context.floors.group_n:
        return fewer_than(context.floors.group_n)
    return placed


def placing_mark(context: Context, code: str, group: str) -> Mark | Withheld:
    """A decision's median for one group with its bands, or why it is not shown."""
    placed = placing(context, code, group)
    if isinstance(placed, Withheld):
        return placed
    return mark(available(placed.position, context.floors), position_axis(context))


def placed_decisions(context: Context) -> list[Placed]:
    """The decisions that people in schools place, for the words about them."""
    stops, found = context.stop_names(), []
    for decision in decisions(context):
        placed = placing(context, decision.code, context.lived)
        drawn = placing_mark(context, decision.code, context.lived)
        if isinstance(placed, Withheld) or isinstance(drawn, Withheld):
            continue
        named = placed.verdict == "gathers" and placed.stop is not None
        found.append(
            Placed(
                decision=decision.code,
                short=context.decision_text(decision.code, "short"),
                value=drawn.value,
                verdict=placed.verdict,
                stop_name=stops[placed.stop] if named and placed.stop is not None else "",
            )
        )
    return found


def overall(context: Context, group: str) -> Band | Withheld:
    """The whole as one group places it.

    Where a decision is withheld from the group's page, the whole must be the median of those
    that are shown: otherwise it would help to work the withheld one out.
    """
    found = context.measures.overall.get(group)
    if found is None:
        return NOT_ASKED
    if isinstance(found, NotEstimated):
        few = context.turnout(group).n < context.floors.group_n
        return fewer_than(context.floors.group_n) if few else NOT_ESTIMATED
    band = available(found.position, context.floors)
    if isinstance(band, Band) and _hidden(context, group):
        values = [
            placed.position.value
            for placed in _shown(context, group)
            if isinstance(placed.position, Band)
        ]
        if not values or abs(median(values) - band.value) > 1e-6:
            return PINNED
    return band


def pooled(context: Context) -> Pooled | Withheld:
    """All answers by people in schools to the decisions that are shown."""
    found = context.measures.overall.get(context.lived)
    shown = _shown(context, context.lived)
    n = max((placed.distribution.n for placed in shown), default=0)
    if not shown or not isinstance(found, OverallPosition):
        return fewer_than(context.floors.group_n) if not shown else NOT_ESTIMATED
    if not _hidden(context, context.lived):
        return Pooled(found.shares, n, found.lower_quartile, found.upper_quartile)
    total = sum(placed.distribution.n for placed in shown)
    shares = [
        sum(placed.distribution.n * placed.distribution.shares[stop] for placed in shown) / total
        for stop in range(len(found.shares))
    ]
    first = float(min(context.stop_names()))
    quartiles = [float(quantile(np.array(shares), at, first=first)) for at in (0.25, 0.75)]
    return Pooled(tuple(shares), n, quartiles[0], quartiles[1])


def _shown(context: Context, group: str) -> list[PositionMeasure]:
    found = [placing(context, decision.code, group) for decision in decisions(context)]
    return [placed for placed in found if isinstance(placed, PositionMeasure)]


def _hidden(context: Context, group: str) -> list[str]:
    """Decisions that some of the group answered, but that are not shown."""
    hidden = []
    for decision in decisions(context):
        placed = context.measures.decisions[decision.code].groups.get(group)
        if placed is None:
            continue
        spread = placed.distribution
        if spread.is_concealed or 0 < spread.n < context.floors.group_n:
            hidden.append(decision.code)
    return hidden
