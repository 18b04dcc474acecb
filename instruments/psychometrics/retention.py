"""How many factors: eigenvalues, parallel analysis, minimum average partial."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from instruments.psychometrics.adequacy import check
from instruments.psychometrics.basis import Data, basis
from instruments.psychometrics.estimates import CannotEstimate, Result, Table
from instruments.psychometrics.given import as_codes

Matrix = NDArray[np.float64]
#: whose eigenvalues a parallel analysis compares
Of = Literal["principal components", "common factors"]


@dataclass(frozen=True, eq=False)
class ParallelAnalysis(Result):
    """Observed eigenvalues against those of uncorrelated items.

    ``retain`` counts the leading observed eigenvalues that lie above the ``quantile`` of the random
    ones; ``n`` is the n that these were drawn with, ``of`` whose eigenvalues they are.
    """

    retain: int
    observed: Matrix
    random: Matrix
    n: int
    draws: int
    quantile: float
    of: str
    method: str
    notices: tuple[str, ...] = ()

    def table(self) -> Table:
        above = np.arange(len(self.observed)) < self.retain
        places = range(1, len(self.observed) + 1)
        rows = zip(places, self.observed, self.random, map(bool, above), strict=True)
        return Table(("eigenvalue", "observed", "random", "retained"), tuple(rows))

    def notes(self) -> tuple[str, ...]:
        return (f"{self.retain} to retain: {self.method}, n = {self.n:,}", *self.notices)


@dataclass(frozen=True, eq=False)
class AveragePartial(Result):
    """Velicer's minimum average partial correlation.

    ``values[m - 1]`` is the mean squared partial correlation after m components; ``none`` is the
    mean squared correlation before any. ``retain_fourth``, ``none_fourth`` and ``values_fourth``
    are the same with fourth powers (Velicer, Eaton and Fava 2000).
    """

    retain: int
    none: float
    values: Matrix
    retain_fourth: int
    none_fourth: float
    values_fourth: Matrix
    notices: tuple[str, ...] = ()

    def table(self) -> Table:
        values = zip(
            (self.none, *self.values), (self.none_fourth, *self.values_fourth), strict=True
        )
        rows = tuple((m, *row) for m, row in enumerate(values))
        return Table(("components", "squared", "fourth power"), rows)

    def notes(self) -> tuple[str, ...]:
        kept = f"{self.retain} to retain by squares, {self.retain_fourth} by fourth powers"
        return (kept, *self.notices)


def eigenvalues(data: Data) -> Matrix:
    """Eigenvalues in descending order, shape (p,), as ``eigen(R)$values``.

    Parameters
    ----------
    data : Moments, Polychoric or ndarray, shape (p, p)

    Returns
    -------
    ndarray of float64, shape (p,)

    Raises
    ------
    ValueError, CannotEstimate
        Where the matrix is no correlation matrix, or of one item.
    """
    correlations = basis(data).correlations
    check(correlations, singular_allowed=True)
    return np.asarray(np.linalg.eigvalsh(correlations)[::-1], dtype=np.float64)


def parallel_analysis(
    data: Data,
    *,
    smallest_n: int | None = None,
    largest_n: int | None = None,
    seed: int,
    draws: int = 1000,
    quantile: float = 0.95,
    of: Of = "principal components",
) -> ParallelAnalysis:
    """Horn's parallel analysis by draws from the Wishart.

    Parameters
    ----------
    data : Moments, Polychoric or ndarray, shape (p, p)
    smallest_n, largest_n : int, optional
        Fewest and most people behind a pair of items, for a matrix. Random matrices are drawn with
        the fewest: with the number of all people, items that few were asked keep false factors.
    seed : int
    draws : int
        Random correlation matrices of uncorrelated normal items.
    quantile : float
        An observed eigenvalue must lie above this quantile of the random ones (Glorfeld 1995).
    of : {"principal components", "common factors"}
        Eigenvalues of the correlations, or of the correlations with squared multiple correlations
        on the diagonal (Humphreys and Ilgen 1969), which retains more.

    Returns
    -------
    ParallelAnalysis

    Raises
    ------
    CannotEstimate
        Where the smallest n is under half of the largest, or no more than the number of items.

    Notes
    -----
    The number of components agrees with ``psych::fa.parallel(R, n.obs, fa = "pc")``, what is
    observed of common factors with ``psych::fa.parallel(R, n.obs, SMC = TRUE)$fa.values``. Draws
    are of normal items; for polychorics of few people ``permuted_parallel_analysis`` compares like
    with like.
    """
    ground = basis(data)
    few = ground.n if smallest_n is None else smallest_n
    many = (ground.largest_n if ground.largest_n else few) if largest_n is None else largest_n
    if few is None or many is None:
        raise ValueError("smallest_n must say how many people are behind the matrix")
    _check_draws(draws, quantile, of)
    if 2 * few < many:
        raise CannotEstimate(
            f"the pair of items that fewest answered has {few} people, under half of the"
            f" {many} behind the most answered: no one n fits"
        )
    p = check(ground.correlations, few, singular_allowed=of == "principal components")
    take = _TAKES[of]
    rng = np.random.default_rng(seed)
    drawn = [
        take(_random_correlations(rng, p, few, min(100, draws - k))) for k in range(0, draws, 100)
    ]
    method = f"{of}, {draws} Wishart draws, {ground.label}"
    found = _compare(
        take(ground.correlations[None])[0], np.concatenate(drawn), few, quantile, of, method
    )
    return replace(found, notices=ground.notices)


def permuted_parallel_analysis(
    correlate: Callable[[NDArray[np.int8]], Data],
    codes: ArrayLike,
    *,
    seed: int,
    draws: int = 100,
    quantile: float = 0.95,
    of: Of = "principal components",
) -> ParallelAnalysis:
    """Parallel analysis against the people's own answers, shuffled item by item.

    Shuffling keeps each item's distribution and who answered what, so that polychoric correlations
    are compared with polychoric ones.

    Parameters
    ----------
    correlate : callable
        From codes to Moments or polychorics, e.g. ``lambda c: polychoric(from_codes(c, ...))``.
    codes : ndarray of int8, shape (n, p)
        Option numbers; below zero where there is no answer.
    seed, draws, quantile, of
        As in ``parallel_analysis``.

    Returns
    -------
    ParallelAnalysis

    Raises
    ------
    ValueError
        Where draws, quantile or ``of`` are none.
    CannotEstimate
        Where correlations cannot be had.

    Notes
    -----
    Counterpart in R: ``psych::fa.parallel(x, cor = "poly", sim = FALSE)``. Both shuffle at random;
    no value is compared.
    """
    _check_draws(draws, quantile, of)
    codes = as_codes(codes)
    take, rng = _TAKES[of], np.random.default_rng(seed)
    ground = basis(correlate(codes))
    check(ground.correlations, singular_allowed=of == "principal components")
    answered = [np.flatnonzero(column >= 0) for column in codes.T]
    shuffled = codes.copy()
    drawn = []
    for _ in range(draws):
        for item, rows in enumerate(answered):
            shuffled[rows, item] = rng.permutation(codes[rows, item])
        drawn.append(take(basis(correlate(shuffled)).correlations[None])[0])
    method = f"{of}, {draws} permutations, {ground.label}"
    observed = take(ground.correlations[None])[0]
    found = _compare(observed, np.array(drawn), ground.n or len(codes), quantile, of, method)
    return replace(found, notices=ground.notices)


def minimum_average_partial(data: Data) -> AveragePartial:
    """Velicer's minimum average partial correlation, squared (1976) and to the fourth power.

    Agrees with ``psych::vss(R)$map`` to 1e-10. Values stop where an item has no variance left.

    Parameters
    ----------
    data : Moments, Polychoric or ndarray, shape (p, p)

    Returns
    -------
    AveragePartial

    Raises
    ------
    CannotEstimate
        Where the matrix is singular or holds fewer than three items.
    """
    ground = basis(data)
    correlations = ground.correlations
    p = check(correlations)
    if p < 3:
        raise CannotEstimate("fewer than three items have no partial correlations to compare")
    roots, vectors = np.linalg.eigh(correlations)
    components = vectors[:, ::-1] * np.sqrt(roots[::-1])
    values = [_mean_powers(correlations)]
    for m in range(1, p - 1):
        partial = correlations - components[:, :m] @ components[:, :m].T
        left = np.diag(partial)
        if left.min() < 1e-10:
            break
        values.append(_mean_powers(partial / np.sqrt(np.outer(left, left))))
    if len(values) == 1:
        raise CannotEstimate("one component takes all the variance of an item")
    squared, fourth = np.array(values).T
    least = [int(np.argmin(each)) for each in (squared, fourth)]
    return AveragePartial(
        least[0],
        float(squared[0]),
        squared[1:],
        least[1],
        float(fourth[0]),
        fourth[1:],
        ground.notices,
    )


def _mean_powers(correlations: Matrix) -> tuple[float, float]:
    p = len(correlations)
    squares = correlations**2
    pairs = p * (p - 1)
    return float((squares.sum() - p) / pairs), float(((squares**2).sum() - p) / pairs)


def _check_draws(draws: int, quantile: float, of: str) -> None:
    if of not in _TAKES:
        raise ValueError(f"of must be one of {', '.join(_TAKES)}, not {of!r}")
    if draws < 20:
        raise ValueError("draws must be 20 or more")
    if not 0 < quantile < 1:
        raise ValueError("quantile must lie between 0 and 1")


def _compare(
    observed: Matrix, drawn: Matrix, n: int, quantile: float, of: str, method: str
) -> ParallelAnalysis:
    random = np.quantile(drawn, quantile, axis=0)
    above = observed > random
    retain = len(observed) if above.all() else int(np.argmin(above))
    return ParallelAnalysis(retain, observed, random, n, len(drawn), quantile, of, method)


def _of_components(correlations: Matrix) -> Matrix:
    return np.asarray(np.linalg.eigvalsh(correlations)[:, ::-1])


def _of_factors(correlations: Matrix) -> Matrix:
    """Eigenvalues, descending, with squared multiple correlations on the diagonal."""
    places = np.arange(correlations.shape[1])
    reduced = correlations.copy()
    reduced[:, places, places] -= 1 / np.linalg.inv(correlations)[:, places, places]
    return np.asarray(np.linalg.eigvalsh(reduced)[:, ::-1])


_TAKES: dict[str, Callable[[Matrix], Matrix]] = {
    "principal components": _of_components,
    "common factors": _of_factors,
}


def _random_correlations(rng: np.random.Generator, p: int, n: int, draws: int) -> Matrix:
    """Sample correlations of p independent normal items, n people, shape (draws, p, p).

    Bartlett's decomposition: a Wishart matrix with n - 1 degrees of freedom is A A' with A lower
    triangular, standard normal below the diagonal and chi with n - 1, n - 2, ... on it.
    """
    lower = np.tril(rng.standard_normal((draws, p, p)), -1)
    diagonal = np.sqrt(rng.chisquare(n - 1 - np.arange(p), size=(draws, p)))
    lower[:, np.arange(p), np.arange(p)] = diagonal
    lower /= np.sqrt((lower**2).sum(axis=2, keepdims=True))
    return np.asarray(lower @ lower.transpose(0, 2, 1))
