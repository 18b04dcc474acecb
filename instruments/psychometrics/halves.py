"""Reliability from splits of a scale: Guttman's lambdas and split halves."""

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics import intervals
from instruments.psychometrics.estimates import CannotEstimate, Estimate, Result
from instruments.psychometrics.samples import Answers, sample

Matrix = NDArray[np.float64]

#: splits that are looked at; beyond, so many are drawn at random
SPLITS = 10_000


@dataclass(frozen=True, slots=True)
class SplitHalves(Result):
    """Split-half reliabilities ``4 cov(A, B) / var(A + B)`` of standardised items.

    ``best`` (Guttman's lambda 4), ``worst`` and ``mean`` over ``splits`` splits, ``every`` whether
    these are all there are. ``best`` is chosen for being high: it flatters short or small samples.
    """

    best: Estimate
    worst: Estimate
    mean: Estimate
    splits: int
    every: bool


def guttman(
    answers: Answers,
    which: int,
    *,
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
    seed: int = 1,
) -> Estimate:
    """One of Guttman's (1945) six lower bounds of the reliability, of standardised items.

    Parameters
    ----------
    answers : ndarray, shape (n, k), or Moments
    which : int
        1 to 6. 3 is alpha, 4 the best split half, 6 rests on squared multiple correlations.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school; the interval then allows for it. Needs rows.
    seed : int
        For lambda 4 where not every split can be looked at.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        Where ``which`` is none of the six.
    CannotEstimate
        With fewer than two items, too few people, a sum that does not vary or, for lambda 6,
        items that can be worked out from the others.

    Notes
    -----
    Agrees with ``psych::guttman(na.omit(x))`` to 1e-10, but for lambda 4 of an odd number of items,
    where psych looks at half of the splits only.
    """
    if which not in range(1, 7):
        raise ValueError("which must be 1 to 6")
    given = sample(answers, clusters=clusters)
    if which == 4:
        return split_halves(answers, confidence=confidence, clusters=clusters, seed=seed).best

    def figure(correlations: Matrix) -> float:
        return _bound(correlations, which)

    value = figure(given.correlations)
    gradient = intervals.slopes(figure, given.correlations, diagonal=False)
    error = intervals.standard_error(gradient, given, standardised=True)
    low, high = intervals.complement(value, error, confidence)
    method = f"Guttman's lambda {which}, standardised, {given.interval}, {given.label}"
    return Estimate(value, low, high, given.n, method)


def split_halves(
    answers: Answers,
    *,
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
    seed: int = 1,
) -> SplitHalves:
    """Reliabilities over all splits into halves (of an odd number: halves and one more).

    Beyond 10,000 splits so many are drawn. ``psych::splitHalf(na.omit(x))`` gives the same figures,
    but of an odd number of items it looks at the first half of the splits only. The intervals take
    the split as given. ``4 c / sum(R)``, c the covariance of the two halves (Guttman 1945,
    Psychometrika 10).

    Parameters
    ----------
    answers : ndarray, shape (n, k), or Moments
        Complete cases, reversed items turned round.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school; the interval then allows for it. Needs rows.
    seed : int
        For the splits drawn.

    Returns
    -------
    SplitHalves
        The best and the worst split, and the mean of all.

    Raises
    ------
    CannotEstimate
        With fewer than two items, too few people, or a sum that does not vary.
    """
    given = sample(answers, clusters=clusters)
    correlations, k = given.correlations, given.items
    total = float(correlations.sum())
    if total <= 1e-12 * k:
        raise CannotEstimate("the sum of the items does not vary")
    chosen, every = _splits(k, seed)
    values = 4 * np.einsum("si,ij,sj->s", chosen, correlations, 1 - chosen) / total
    found = []
    for name, side in (
        ("best", chosen[np.argmax(values)]),
        ("worst", chosen[np.argmin(values)]),
        ("mean", None),
    ):
        if side is None:
            apart = (chosen.T @ (1 - chosen)) / len(chosen)
        else:
            apart = np.outer(side, 1 - side)
        apart = (apart + apart.T) / 2
        value = 4 * float((apart * correlations).sum()) / total
        gradient = 4 * apart / total - value / total
        error = intervals.standard_error(gradient, given, standardised=True)
        low, high = intervals.complement(value, error, confidence)
        method = f"{name} split half, standardised, {given.interval}, {given.label}"
        found.append(Estimate(value, low, high, given.n, method))
    best, worst, mean = found
    return SplitHalves(best, worst, mean, len(chosen), every)


def _splits(k: int, seed: int) -> tuple[Matrix, bool]:
    """Which items the first half holds, shape (splits, k); and whether these are all splits."""
    half = k // 2
    count = comb(k, half) // (1 if k % 2 else 2)
    if count <= SPLITS:
        places = [each for each in combinations(range(k), half) if k % 2 or each[0] == 0]
        chosen = np.zeros((len(places), k))
        chosen[np.arange(len(places))[:, None], np.array(places)] = 1
        return chosen, True
    rng = np.random.default_rng(seed)
    order = np.argsort(rng.random((SPLITS, k)), axis=1)
    return (order < half).astype(np.float64), False


def _bound(correlations: Matrix, which: int) -> float:
    k, total = len(correlations), float(correlations.sum())
    if total <= 1e-12 * k:
        raise CannotEstimate("the sum of the items does not vary")
    first = 1 - float(np.trace(correlations)) / total
    off = correlations - np.diag(np.diag(correlations))
    squares = off**2
    if which == 1:
        return first
    if which == 2:
        return first + float(np.sqrt(k / (k - 1) * squares.sum())) / total
    if which == 3:
        return k / (k - 1) * first
    if which == 5:
        return first + 2 * float(np.sqrt(squares.sum(axis=0).max())) / total
    if np.linalg.eigvalsh(correlations)[0] <= 1e-10:
        raise CannotEstimate("some items can be worked out from the others")
    left = 1 / np.diag(np.linalg.inv(correlations))
    return 1 - float(left.sum()) / total
