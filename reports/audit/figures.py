"""Figures as documents print them, stated for the audit: what adds up, and what prints alike."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from instruments.cells import Cells, Counted, Row, Scored
from instruments.definition import Position
from instruments.scoring.positions import judge
from reports.audit.printed import Range, mean_range, share_range
from reports.audit.system import PINNED, CountSystem, Floats, Integers, ScoreSystem, Target
from reports.disclosure import distribution_step, mask_of, percent_step, rounded_as


@dataclass(frozen=True)
class Figure:
    """One printed figure: what one answer of a cell at an option adds to it, and its range."""

    weights: Floats
    low: float
    high: float


def count_system(
    counted: Counted,
    figures: Sequence[Figure],
    targets: Sequence[Target],
    *,
    pinned: float = PINNED,
) -> CountSystem:
    """One question with its figures, ready to be attacked."""
    shape = counted.counts.shape
    return CountSystem(
        truth=counted.counts,
        values=np.array(counted.values),
        figures=np.array([figure.weights for figure in figures]).reshape(-1, *shape),
        low=np.array([figure.low for figure in figures]),
        high=np.array([figure.high for figure in figures]),
        targets=tuple(targets),
        pinned=pinned,
    )


def score_system(scored: Scored, rows: Iterable[Row], targets: Sequence[Target]) -> ScoreSystem:
    """One scale with its means, ready to be attacked."""
    kept = [scored.weights[row] for row in rows]
    means = [float(weights @ scored.sums) for weights in kept]
    ranges = [mean_range(mean, limits=scored.limits) for mean in means]
    return ScoreSystem(
        n=scored.n,
        truth=scored.sums,
        lowest=scored.lowest,
        highest=scored.highest,
        limits=scored.limits,
        figures=np.array(kept).reshape(-1, scored.n.size),
        low=np.array([low for low, _ in ranges]),
        high=np.array([high for _, high in ranges]),
        targets=tuple(targets),
    )


def shares_of(counted: Counted, row: Row) -> Floats:
    """The exact shares of a row."""
    return np.asarray(counted.weights[row] @ counted.counts)


def answers(counted: Counted, row: Row) -> int:
    """How many people a row's figure rests on."""
    return int(counted.people[counted.weights[row] > 0].sum())


def distribution_figures(
    counted: Counted, row: Row, sums: Sequence[Sequence[int]] = ()
) -> list[Figure]:
    """Every share of a question as printed, and ``sums`` of options that are printed beside it."""
    shares, n = shares_of(counted, row), answers(counted, row)
    heaviest = float(counted.weights[row].max())
    step = distribution_step(shares.tolist(), n, heaviest=heaviest)
    mask = mask_of(rounded_as(n, heaviest))
    found = [
        _sum_figure(counted, row, [option], share_range(shares[option], step=step, mask=mask))
        for option in range(shares.size)
    ]
    for of in sums:
        share = min(1.0, float(shares[list(of)].sum()))
        found.append(_sum_figure(counted, row, of, share_range(share, step=step)))
    return found


def sums_beside(counted: Counted, row: Row, rules: Position) -> list[list[int]]:
    """Options of a decision whose shares are also printed as a sum.

    Either side of the middle where answers are split, a stop with its neighbours where they
    gather there.
    """
    shares = shares_of(counted, row)
    ruling = judge(shares, [int(value) for value in counted.values], rules)
    options, middle = range(shares.size), (shares.size - 1) / 2
    if ruling.verdict == "split":
        return [[o for o in options if o < middle], [o for o in options if o > middle]]
    if ruling.stop is None:
        return []
    top = counted.values.index(float(ruling.stop))
    return [[option for option in options if abs(option - top) <= 1]]


def share_figure(counted: Counted, row: Row, option: int) -> Figure:
    """One share printed by itself, such as of those who could not tell."""
    share = float(shares_of(counted, row)[option])
    step = percent_step(answers(counted, row))
    return _sum_figure(counted, row, [option], share_range(share, step=step))


def mean_figure(counted: Counted, row: Row) -> Figure:
    """The mean of a question."""
    values = np.array(counted.values)
    weights = counted.weights[row][:, None] * values
    mean = float((weights * counted.counts).sum())
    low, high = mean_range(mean, limits=(float(values.min()), float(values.max())))
    return Figure(weights, low, high)


def pooled_figures(counted: Mapping[str, Counted], row: Row, code: str) -> list[Figure]:
    """Shares over the stops of all answers to several questions, as they bound one of them.

    Of each other question the attacker knows what is printed of it for the same row.
    """
    n = {key: answers(each, row) for key, each in counted.items()}
    total, most = sum(n.values()), max(n.values())
    weighed = [n[key] * shares_of(each, row) for key, each in counted.items()]
    pooled = np.sum(weighed, axis=0) / total
    step, mask = distribution_step(pooled.tolist(), most), mask_of(most)
    others = [
        (n[key], distribution_figures(each, row)) for key, each in counted.items() if key != code
    ]
    found = []
    for option in range(len(counted[code].values)):
        low, high = share_range(float(pooled[option]), step=step, mask=mask)
        least = sum(each * figures[option].low for each, figures in others)
        most_of = sum(each * figures[option].high for each, figures in others)
        mine = ((low * total - most_of) / n[code], (high * total - least) / n[code])
        found.append(_sum_figure(counted[code], row, [option], mine))
    return found


def _sum_figure(counted: Counted, row: Row, options: Sequence[int], range_: Range) -> Figure:
    weights = np.zeros(counted.counts.shape)
    weights[:, list(options)] = counted.weights[row][:, None]
    return Figure(weights, *range_)


def targets_of(
    cells: Cells, n: Integers, shown: Collection[Row], hidden: Iterable[Row], *, floor: int
) -> tuple[Target, ...]:
    """Hidden groups of fewer people than the floor: every school by role, and rows not shown.

    What is not printed and holds as many people as the floor or more is no target: a figure of
    its own could have been printed of it.
    """
    found: dict[tuple[int, ...], str] = {}
    for cell, (school, role) in enumerate(zip(cells.school, cells.role, strict=True)):
        found[(cell,)] = f"{role} in {school}" if school else role
    for row in hidden:
        if row not in shown:
            place = tuple(np.flatnonzero(cells.members(row) & (n > 0)).tolist())
            found.setdefault(place, row.name)
    return tuple(
        Target(name, place) for place, name in found.items() if 0 < n[list(place)].sum() < floor
    )
