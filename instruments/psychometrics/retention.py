"""How many factors: eigenvalues, parallel analysis, minimum average partial."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.adequacy import check
from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ParallelAnalysis:
    """Observed eigenvalues against those of uncorrelated items.

    ``retain`` counts the leading observed eigenvalues, of principal components, that lie above the
    ``quantile`` of the random ones; ``n`` is the n that the random matrices were drawn with.
    """

    retain: int
    observed: Matrix
    random: Matrix
    n: int
    draws: int
    quantile: float


@dataclass(frozen=True, eq=False)
class AveragePartial:
    """Velicer's minimum average partial correlation.

    ``values[m - 1]`` is the mean squared partial correlation after m components; ``none`` is the
    mean squared correlation before any.
    """

    retain: int
    none: float
    values: Matrix


def eigenvalues(correlations: Matrix) -> Matrix:
    """Eigenvalues in descending order, shape (p,), as ``eigen(R)$values``."""
    check(correlations, singular_allowed=True)
    return np.asarray(np.linalg.eigvalsh(correlations)[::-1], dtype=np.float64)


def parallel_analysis(
    correlations: Matrix,
    *,
    smallest_n: int,
    largest_n: int,
    seed: int,
    draws: int = 1000,
    quantile: float = 0.95,
) -> ParallelAnalysis:
    """Horn's parallel analysis on principal-component eigenvalues, by draws from the Wishart.

    Parameters
    ----------
    correlations : ndarray, shape (p, p)
    smallest_n, largest_n : int
        Fewest and most people behind a pair of items. Random matrices are drawn with the fewest:
        with the number of all people, items that few were asked keep false factors.
    seed : int
    draws : int
        Random correlation matrices of uncorrelated normal items.
    quantile : float
        An observed eigenvalue must lie above this quantile of the random ones (Glorfeld 1995).

    Raises
    ------
    CannotEstimate
        Where the smallest n is under half of the largest, or no more than the number of items.

    Notes
    -----
    The number of components agrees with ``psych::fa.parallel(R, n.obs, fa = "pc")``.
    """
    if 2 * smallest_n < largest_n:
        raise CannotEstimate(
            f"the pair of items that fewest answered has {smallest_n} people, under half of the"
            f" {largest_n} behind the most answered: no one n fits"
        )
    p = check(correlations, smallest_n, singular_allowed=True)
    observed = eigenvalues(correlations)
    rng = np.random.default_rng(seed)
    drawn = np.concatenate(
        [_random_eigenvalues(rng, p, smallest_n, min(100, draws - k)) for k in range(0, draws, 100)]
    )
    random = np.quantile(drawn, quantile, axis=0)
    above = observed > random
    retain = p if above.all() else int(np.argmin(above))
    return ParallelAnalysis(retain, observed, random, smallest_n, draws, quantile)


def minimum_average_partial(correlations: Matrix) -> AveragePartial:
    """Velicer's (1976) minimum average partial correlation, squared version.

    Agrees with ``psych::vss(R)$map`` to 1e-10. Values stop where an item has no variance left.

    Raises
    ------
    CannotEstimate
        Where the matrix is singular or holds fewer than three items.
    """
    p = check(correlations)
    if p < 3:
        raise CannotEstimate("fewer than three items have no partial correlations to compare")
    roots, vectors = np.linalg.eigh(correlations)
    components = vectors[:, ::-1] * np.sqrt(roots[::-1])
    values = []
    for m in range(1, p - 1):
        partial = correlations - components[:, :m] @ components[:, :m].T
        left = np.diag(partial)
        if left.min() < 1e-10:
            break
        values.append(_mean_square(partial / np.sqrt(np.outer(left, left))))
    none = _mean_square(correlations)
    if not values:
        raise CannotEstimate("one component takes all the variance of an item")
    retain = 0 if none <= min(values) else int(np.argmin(values)) + 1
    return AveragePartial(retain, none, np.array(values))


def _mean_square(correlations: Matrix) -> float:
    p = len(correlations)
    return float(((correlations**2).sum() - p) / (p * (p - 1)))


def _random_eigenvalues(rng: np.random.Generator, p: int, n: int, draws: int) -> Matrix:
    """Eigenvalues, descending, of sample correlations of p independent normal items, n people.

    Bartlett's decomposition: a Wishart matrix with n - 1 degrees of freedom is A A' with A lower
    triangular, standard normal below the diagonal and chi with n - 1, n - 2, ... on it.
    """
    lower = np.tril(rng.standard_normal((draws, p, p)), -1)
    diagonal = np.sqrt(rng.chisquare(n - 1 - np.arange(p), size=(draws, p)))
    lower[:, np.arange(p), np.arange(p)] = diagonal
    lower /= np.sqrt((lower**2).sum(axis=2, keepdims=True))
    return np.asarray(np.linalg.eigvalsh(lower @ lower.transpose(0, 2, 1))[:, ::-1])
