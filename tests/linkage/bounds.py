"""How likely so much comes by accident: bounds that are never below the true chance.

Under chance the sheets of a cell belong to its people in any order with the same probability, and
cells are independent. Both bounds are Chernoff's: the chance that a sum reaches s is at most the
mean of exp(theta x sum), divided by exp(theta x s), for every theta that is not negative.
"""

import math
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np

#: where the bounds are tried; they hold at each of these
_FOR_HITS = np.linspace(0.0, 8.0, 401)
_FOR_LIKENESS = np.linspace(0.0, 6.0, 61)


@cache
def of_hits(shape: tuple[tuple[int, int], ...], hits: int) -> float:
    """No less than the chance of ``hits`` or more by guessing; ``shape``: (people, sheets) a cell.

    Of the m sheets in a cell of k people, r given ones are all guessed right with chance
    (k - r)! / k! at most: whose they are is drawn without putting back. So the r-th binomial moment
    of the hits is at most C(m, r) (k - r)! / k!, which gives the mean of exp(theta x hits).
    """
    if not hits:
        return 1.0
    steps = np.expm1(_FOR_HITS)
    log_means = np.sum([np.log(_mean(k, m, steps)) for k, m in shape], axis=0)
    return math.exp(min(0.0, float(np.min(log_means - _FOR_HITS * hits))))


def _mean(k: int, m: int, steps: np.ndarray) -> np.ndarray:
    mean = np.zeros_like(steps)
    for r in range(min(m, k) + 1):
        mean += math.comb(m, r) / math.perm(k, r) * steps**r
    return mean


def of_likeness(cells: Iterable[Sequence[tuple[float, float]]]) -> float:
    """No less than the chance that two orders so alike, either way, come by accident.

    ``cells``: for each cell where its pairs stand in one order and in the other. How alike: the sum
    over the cells of (m - 1) times the rank correlation of their m pairs. Sharper than counting
    hits: an order that is only near the truth is found too.
    """
    likeness, shape = 0.0, []
    for pairs in cells:
        if len(pairs) < 2:
            continue
        a, b = (_ranks(values) for values in zip(*pairs, strict=True))
        if any(a) and any(b):
            likeness += float(np.dot(a, b))
            shape.append((a, b))
    if likeness**2 < 2 * sum(len(a) - 1 for a, _ in shape):
        return 1.0  # so near to nothing that the bound would not be far from it
    way = math.copysign(1.0, likeness)
    log_means = sum(
        _log_means(tuple(sorted(a)), tuple(sorted(way * each for each in b))) for a, b in shape
    )
    return min(1.0, 2 * math.exp(float(np.min(log_means - _FOR_LIKENESS * abs(likeness)))))


@cache
def _log_means(a: tuple[float, ...], b: tuple[float, ...]) -> np.ndarray:
    """The log of the mean of exp(theta x sum of a_i b_p(i)) over all orders p, at each theta.

    Exact, ties included: the sum over all orders, gathered by the set of places taken so far.
    """
    m = len(a)
    masks = np.arange(2**m)
    taken = np.zeros((2**m, len(_FOR_LIKENESS)))
    taken[0] = 1.0
    for i in range(m):
        after = np.zeros_like(taken)
        for j in range(m):
            free = masks[(masks >> j) & 1 == 0]
            after[free | (1 << j)] += taken[free] * np.exp(_FOR_LIKENESS * a[i] * b[j])
        taken = after
    found: np.ndarray = np.log(taken[-1]) - math.lgamma(m + 1)
    return found


def _ranks(values: Sequence[float]) -> tuple[float, ...]:
    """Ranks (ties at their middle) such that the product of two is m - 1 times their correlation.

    All 0 where all are tied.
    """
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[at]
    centred = ranks - ranks.mean()
    length = math.sqrt(float(centred @ centred))
    if not length:
        return (0.0,) * len(values)
    return tuple(round(float(each), 9) for each in centred * math.sqrt(len(values) - 1) / length)
