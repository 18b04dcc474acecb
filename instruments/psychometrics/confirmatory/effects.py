"""dMACS: how far an item's expected answers differ between two groups (Nye and Drasgow 2011).

The root of the mean squared difference of expected answers, over the second group's factor, in
pooled standard deviations of the answers.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.implied import Implied
from instruments.psychometrics.confirmatory.latent import Ordinal
from instruments.psychometrics.confirmatory.samples import Sample
from instruments.psychometrics.estimates import NotEstimated

Matrix = NDArray[np.float64]


def linear_effect(
    implied: tuple[Implied, Implied], samples: tuple[Sample, Sample], item: int
) -> float | NotEstimated:
    """dMACS of a continuous item, in closed form for any number of factors."""
    one, other = implied
    steeper = other.loadings[item] - one.loadings[item]
    higher = float(other.intercepts[item] - one.intercepts[item] + steeper @ other.centre)
    square = higher**2 + float(steeper @ other.factors @ steeper)
    if square < 0:
        return NotEstimated("a factor's variance is negative")
    variances = [float(own.covariances[item, item]) for own in samples]
    return float(np.sqrt(square)) / _pooled(variances, [own.n for own in samples])


def ordinal_effect(
    implied: tuple[Implied, Implied], data: tuple[Ordinal, Ordinal], item: int
) -> float | NotEstimated:
    """dMACS of an ordinal item on one factor, answers scored 1, 2, 3 ..."""
    used = np.flatnonzero(implied[0].loadings[item])
    if len(used) != 1:
        return NotEstimated("the item loads on more than one factor")
    factor = int(used[0])
    if implied[1].factors[factor, factor] < 0:
        return NotEstimated("a factor's variance is negative")
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    other = implied[1]
    trait = other.centre[factor] + np.sqrt(other.factors[factor, factor]) * nodes
    away = _expected(other, item, factor, trait) - _expected(implied[0], item, factor, trait)
    square = float(weights @ away**2 / weights.sum())
    variances, counts = [], []
    for own in data:
        answers = own.codes[own.codes[:, item] > 0, item].astype(np.float64)
        variances.append(float(answers.var()))
        counts.append(len(answers))
    return float(np.sqrt(square)) / _pooled(variances, counts)


def _expected(implied: Implied, item: int, factor: int, trait: Matrix) -> Matrix:
    """Expected answer by factor score, less the lowest."""
    from scipy.special import ndtr

    spread = np.sqrt(implied.residual[item, item])
    mean = implied.intercepts[item] + implied.loadings[item, factor] * trait
    cuts = implied.thresholds[item]
    own = cuts[np.isfinite(cuts)]
    return np.asarray(ndtr((mean[:, None] - own) / spread).sum(axis=1), dtype=np.float64)


def _pooled(variances: Sequence[float], counts: Sequence[int]) -> float:
    total = sum(v * n for v, n in zip(variances, counts, strict=True))
    return float(np.sqrt(total / (sum(counts) - 2)))
