"""The audit of one scale: would the mean of a hidden group be pinned?

A person's score is a mean of some answers, so nothing is whole here; linear programming decides.
"""

import numpy as np
from scipy.sparse import csr_array

from reports.audit._solver import Undecided, lowest_of
from reports.audit.system import (
    PINNED,
    Booleans,
    Finding,
    Floats,
    Integers,
    ScoreSystem,
    Target,
    people,
)


def audit_scores(system: ScoreSystem, *, proved: set[Target] | None = None) -> Finding | None:
    """The first hidden group whose mean would be pinned; None where there is none.

    ``proved``: as in ``audit_counts``. The attacker knows nobody's score, or that of one person of
    any cell.
    """
    proved = set() if proved is None else proved
    value = system.figures @ system.truth
    up, down = system.high - value, value - system.low
    for target in system.targets:
        if target in proved or not people(system.n, target.cells):
            continue
        low, high = _box(system, _all_but_lone(system, target))
        needed = PINNED * people(system.n, target.cells) - 1e-9
        moved = _width_by_moving(system, target, low, high, up, down)
        if moved < needed and _is_pinned(system, target):
            return Finding(target, "mean", None, None)
        proved.add(target)
    return None


def score_bounds(
    system: ScoreSystem, target: Target, low: Floats, high: Floats
) -> tuple[float, float]:
    """Lowest and highest sum of a target's scores that fits everything printed."""
    cost = np.zeros(system.n.size)
    cost[list(target.cells)] = 1
    found = []
    for sign in (1, -1):
        try:
            value, _ = lowest_of(
                sign * cost,
                matrix=csr_array(system.figures),
                between=(system.low, system.high),
                box=(low, high),
                whole=False,
            )
        except Undecided:
            return 0.0, 0.0
        found.append(sign * value)
    return found[0], found[1]


def _all_but_lone(system: ScoreSystem, target: Target) -> Booleans:
    """Cells of which one person is known to the strongest attacker: every one.

    Of a target of one person nothing is left to learn for whoever knows that person.
    """
    known = system.n > 0
    if people(system.n, target.cells) == 1:
        known[list(target.cells)] = False
    return known


def _box(system: ScoreSystem, known: Booleans) -> tuple[Floats, Floats]:
    """Sums that a cell can have, where in the cells of ``known`` one person's score is known.

    Whichever person it is: the lowest where the highest sum is asked for, and the other way round.
    """
    first, last = system.limits
    low, high = first * system.n, last * system.n
    low = np.where(known, low - first + system.highest, low)
    high = np.where(known, high - last + system.lowest, high)
    return np.minimum(low, system.truth), np.maximum(high, system.truth)


def _is_pinned(system: ScoreSystem, target: Target) -> bool:
    """Whether knowing nobody's score, or one person's, pins the mean of a target's others."""
    every = np.flatnonzero(_all_but_lone(system, target))
    return _one_pins(system, target, every) or _one_pins(system, target, every[:0])


def _one_pins(system: ScoreSystem, target: Target, cells: Integers) -> bool:
    """Whether one person of one of these cells, if known, pins the mean; of none: if nobody is.

    Where not even one of each cell does, known together, none of them does alone; else each half
    of the cells is asked.
    """
    known = np.zeros(system.n.size, dtype=bool)
    known[cells] = True
    others = people(system.n, target.cells) - (cells.size == 1 and int(cells[0]) in target.cells)
    low, high = score_bounds(system, target, *_box(system, known))
    if high - low >= PINNED * others - 1e-9:
        return False
    halves = np.array_split(cells, 2) if cells.size > 1 else []
    return not halves or any(_one_pins(system, target, half) for half in halves)


def _width_by_moving(
    system: ScoreSystem, target: Target, low: Floats, high: Floats, up: Floats, down: Floats
) -> float:
    """How far a target's sum can surely move: one of its cells against one other cell, or alone."""
    widest = 0.0
    for cell in target.cells:
        if not system.n[cell]:
            continue
        effect = np.repeat(system.figures[:, cell][:, None], system.n.size, axis=1)
        # what the other cell gives back, so that the figure they share most of stays as it is
        shared = np.argmax(system.figures[:, cell])
        rate = np.divide(
            system.figures[shared, cell],
            system.figures[shared],
            out=np.zeros(system.n.size),
            where=system.figures[shared] > 0,
        )
        rate[list(target.cells)] = 0.0
        effect = effect - system.figures * rate
        reach = []
        for sign in (1, -1):
            room = np.where(sign * effect > 0, up[:, None], down[:, None])
            size = np.abs(effect)
            steps = np.divide(room, size, out=np.full(size.shape, np.inf), where=size > 1e-15)
            own = high[cell] - system.truth[cell] if sign > 0 else system.truth[cell] - low[cell]
            other = system.truth - low if sign > 0 else high - system.truth
            other = np.divide(other, rate, out=np.full(rate.size, np.inf), where=rate > 0)
            reach.append(np.minimum(np.minimum(steps.min(axis=0), other), own))
        widest = max(widest, float((reach[0] + reach[1]).max()))
    return widest
