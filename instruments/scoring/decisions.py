"""Where decisions sit: each by itself, all together, and where people would like them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Literal

import numpy as np

from instruments.definition import Decision, Position
from instruments.measures import (
    Band,
    DecisionMeasure,
    OverallPosition,
    PositionMeasure,
    Wants,
)
from instruments.psychometrics.estimates import NotEstimated
from instruments.scoring.bands import band
from instruments.scoring.frame import Frame, Group, item_limits
from instruments.scoring.positions import BORROWED, icc1, judge, quantile, woodruff
from instruments.scoring.scales import distribution
from instruments.scoring.weights import Booleans, Floats, Integers, Strata

#: draws of the bootstrap for the overall position
DRAWS = 1000


def measure_decisions(frame: Frame, rules: Position) -> dict[str, DecisionMeasure]:
    """Every decision, by informant group."""
    found = {}
    for decision in rules.decisions:
        found[decision.code] = DecisionMeasure(
            decision=decision.code,
            item=decision.item,
            asked=frame.roles_asked([decision.item]),
            groups={
                name: _measure(frame, decision.item, frame.groups[name], rules)
                for name in frame.position_groups
            },
            wants=_wants(frame, decision),
            remembered=_remembered(frame, decision, rules),
        )
    return found


def _strata(frame: Frame, item: str, group: Group) -> Strata:
    return frame.strata(group, frame.answers(item) >= 0, frame.roles_asked([item]))


def _measure(frame: Frame, item: str, group: Group, rules: Position) -> PositionMeasure:
    spread = distribution(frame, item, group)
    shares = np.array(spread.shares)
    first = spread.options[0]
    if not spread.n:
        asked = set(group.roles) & set(frame.roles_asked([item]))
        reason = NotEstimated("nobody answered" if asked else "this group is not asked")
        middle = sum(spread.options) / len(spread.options)
        return PositionMeasure(
            spread, reason, middle, middle, "none", None, 0, 0, 0, 0, middle, middle, None, None
        )
    quartiles = quantile(shares, np.array([0.25, 0.75]), first=first)
    ruling = judge(shares, spread.options, rules)
    between = _icc1(frame, item, group)
    split_kind: Literal["schools differ", "people differ"] | None = None
    if ruling.verdict == "split" and between is not None:
        split_kind = "schools differ" if between >= rules.split_icc else "people differ"
    return PositionMeasure(
        distribution=spread,
        position=_position(frame, item, group, shares),
        lower_quartile=float(quartiles[0]),
        upper_quartile=float(quartiles[1]),
        **asdict(ruling),
        icc1=between,
        split_kind=split_kind,
    )


def _position(frame: Frame, item: str, group: Group, shares: Floats) -> Band | NotEstimated:
    raw, strata = frame.answers(item), _strata(frame, item, group)
    low, high = item_limits(frame.instrument, frame.instrument.item(item))
    inner = woodruff(
        raw, strata, shares, first=int(low), confidence=frame.instrument.scoring.confidence
    )
    n = int(strata.n.sum())
    if inner is None:
        if n < 2:
            return NotEstimated(f"{n} answer: too few for a figure")
        return NotEstimated("no two answers can be compared within a school and role")
    value = float(quantile(shares, 0.5, first=low))
    limits = (low - 0.5, high + 0.5)
    method = "interpolated median, weighted; stratified Woodruff interval"
    return band(value, inner, raw.astype(np.float64), strata, limits, group.silent, method)


def _icc1(frame: Frame, item: str, group: Group) -> float | None:
    """ICC(1) over schools, of people who belong to one."""
    raw = frame.answers(item)
    school = frame.responses.attribute("school")
    people = group.people & (raw >= 0) & (school != "")
    if frame.instrument.central_roles:
        people &= ~np.isin(frame.responses.attribute("role"), frame.instrument.central_roles)
    return icc1(raw[people].astype(np.float64), school[people])


def _wants(frame: Frame, decision: Decision) -> dict[str, Wants]:
    """Who would like it more common, as now, or with more choice: by group and by role."""
    if decision.preferred is None:
        return {}
    now, wish = frame.answers(decision.item), frame.answers(decision.preferred)
    asked = frame.roles_asked([decision.item])
    found = {}
    for name in (*frame.position_groups, *frame.roles):
        group = frame.roles.get(name) or frame.groups[name]
        both = group.people & (now >= 0) & (wish >= 0)
        if both.any():
            weights = frame.strata(group, both, asked).weights
            found[name] = Wants(
                more_choice=float(weights[both & (wish < now)].sum()),
                as_now=float(weights[both & (wish == now)].sum()),
                more_common=float(weights[both & (wish > now)].sum()),
                n=int(both.sum()),
                heaviest=float(weights.max()),
            )
    return found


def _remembered(frame: Frame, decision: Decision, rules: Position) -> PositionMeasure | None:
    """Where the main group remember it; only those who were there are asked."""
    if decision.remembered is None or decision.remembered not in frame.place:
        return None
    return _measure(frame, decision.remembered, frame.groups[frame.main_group], rules)


def pooled_shares(
    decisions: Mapping[str, DecisionMeasure], codes: Sequence[str], group: str
) -> Floats:
    """Shares per stop of all answers to these decisions, each decision by its weighted shares.

    A decision counts by its number of answers. All 0 where there are none.
    """
    found = [decisions[code].groups[group].distribution for code in codes]
    answers = sum(each.n for each in found)
    total = sum((np.array(each.shares) * each.n for each in found), np.zeros(len(found[0].shares)))
    return total / answers if answers else total


def people_answering(frame: Frame, rules: Position, codes: Sequence[str], group: str) -> int:
    """People of the group who placed at least one of these decisions."""
    items = [decision.item for decision in rules.decisions if decision.code in codes]
    answered = np.any([frame.answers(item) >= 0 for item in items], axis=0)
    return int((frame.groups[group].people & answered).sum())


def measure_overall(
    frame: Frame, rules: Position, decisions: Mapping[str, DecisionMeasure], *, seed: int
) -> dict[str, OverallPosition | NotEstimated]:
    """The median of the decisions' positions, for each informant group.

    A decision counts where enough people placed it to be shown (``disclosure.group_n``): a figure
    that rests on hidden ones would tell of them. Where there is no such decision, all count.
    """
    return {
        name: _overall(frame, rules, decisions, frame.groups[name], seed)
        for name in frame.position_groups
    }


def _overall(
    frame: Frame,
    rules: Position,
    decisions: Mapping[str, DecisionMeasure],
    group: Group,
    seed: int,
) -> OverallPosition | NotEstimated:
    positions = {
        decision: measure.groups[group.name].position for decision, measure in decisions.items()
    }
    placed = {code: found for code, found in positions.items() if isinstance(found, Band)}
    enough = frame.instrument.disclosure.group_n
    placed = {code: found for code, found in placed.items() if found.n >= enough} or placed
    used = [decision for decision in rules.decisions if decision.code in placed]
    if not used:
        return NotEstimated("no decision can be placed")
    draws = _bootstrap(frame, used, group, seed)
    if draws is None:
        return NotEstimated("no two answers can be compared within a school and role")
    tail = (1 - frame.instrument.scoring.confidence) / 2
    at = np.array([found.value for found in placed.values()])
    value = float(np.median(at))
    low, high = (float(limit) for limit in np.quantile(draws, [tail, 1 - tail]))
    low, high = min(low, value), max(high, value)
    sd = np.array([found.sd for found in placed.values()])
    outer_low = outer_high = None
    if group.silent is not None:
        stops = frame.instrument.response_scales[rules.response].options
        pull = group.silent * sd
        outer_low = max(low - (value - float(np.median(at - pull))), stops[0] - 0.5)
        outer_high = min(high + float(np.median(at + pull)) - value, stops[-1] + 0.5)
    n = people_answering(frame, rules, list(placed), group.name)
    method = "median of the decisions' positions; stratified bootstrap over people"
    shares = pooled_shares(decisions, list(placed), group.name)
    first = frame.instrument.response_scales[rules.response].options[0]
    quartiles = quantile(shares, np.array([0.25, 0.75]), first=first)
    verdicts = {code: decisions[code].groups[group.name].verdict for code in placed}
    return OverallPosition(
        position=Band(value, low, high, outer_low, outer_high, n, float(np.median(sd)), method),
        lowest=min(placed, key=lambda code: placed[code].value),
        highest=max(placed, key=lambda code: placed[code].value),
        gathered=tuple(code for code in placed if verdicts[code] == "gathers"),
        split=tuple(code for code in placed if verdicts[code] == "split"),
        shares=tuple(shares.tolist()),
        lower_quartile=float(quartiles[0]),
        upper_quartile=float(quartiles[1]),
    )


def _bootstrap(
    frame: Frame, decisions: Sequence[Decision], group: Group, seed: int
) -> Floats | None:
    """Overall positions of resampled people, shape (DRAWS,); None without two in each stratum.

    People are drawn with replacement within strata, n_h - 1 of n_h with weights
    n_h / (n_h - 1), which keeps the variance of small strata right (Rao and Wu 1988, Journal of
    the American Statistical Association 83, 231-241), for all decisions at once, because one
    person answers them jointly. As in ``woodruff`` a stratum borrows ``BORROWED`` of an answer:
    so often, somebody of the same role elsewhere is drawn in place of one of its own.
    """
    items = [decision.item for decision in decisions]
    answered = group.people & np.any([frame.answers(item) >= 0 for item in items], axis=0)
    base = frame.strata(group, answered, frame.roles_asked(items))
    if (base.n < 2).any():
        return None
    people = np.flatnonzero(answered)
    # an order that the file's order does not change
    answers = np.column_stack([frame.answers(item)[people] for item in items])
    people = people[np.lexsort((*answers.T, base.of[people]))]
    role = frame.sampling.role[people]
    rng = np.random.default_rng(seed)
    counts = _resample(base.of[people], base.weights[people], role, rng)
    medians = [_replicates(counts, frame, decision, group, people) for decision in decisions]
    return np.asarray(np.median(np.stack(medians), axis=0), dtype=np.float64)


def _resample(of: Integers, weights: Floats, role: Integers, rng: np.random.Generator) -> Floats:
    """How often each person is drawn, shape (DRAWS, people); ``of`` is sorted."""
    drawn, scale = [], []
    start = 0
    for size in np.unique(of, return_counts=True)[1].tolist():
        own = rng.integers(start, start + size, (DRAWS, size - 1))
        like = np.flatnonzero(np.isin(role, role[start : start + size]))
        reach = np.cumsum(weights[like])
        borrowed = rng.random(own.shape) < BORROWED / (size + BORROWED)
        guests = rng.random(int(borrowed.sum())) * reach[-1]
        own[borrowed] = like[np.searchsorted(reach[:-1], guests, side="right")]
        drawn.append(own)
        # a guest stands with the weight of the stratum that borrows
        scale.append(weights[start] / weights[own] * (size / (size - 1)))
        start += size
    cells = np.arange(DRAWS)[:, None] * of.size + np.concatenate(drawn, axis=1)
    counts = np.bincount(
        cells.ravel(), np.concatenate(scale, axis=1).ravel(), minlength=DRAWS * of.size
    )
    return np.asarray(counts.reshape(DRAWS, of.size), dtype=np.float64)


def _replicates(
    counts: Floats,
    frame: Frame,
    decision: Decision,
    group: Group,
    people: Integers,
) -> Floats:
    raw = frame.answers(decision.item)[people]
    weights = _strata(frame, decision.item, group).weights[people]
    options = frame.instrument.options(decision.item)
    hot: Booleans = raw[:, None] == np.array(options)
    shares = counts @ (hot * weights[:, None])
    # a draw without anybody who answered says nothing: the figure itself stands for it
    empty = shares.sum(axis=1) <= 0
    shares[empty] = weights @ hot
    return quantile(shares, 0.5, first=options[0])
