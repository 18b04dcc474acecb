"""How many factors, and which items go with which: from a correlation matrix and its n."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]

#: smallest eigenvalue of a correlation matrix below which it counts as singular
SINGULAR = 1e-8


@dataclass(frozen=True, eq=False)
class SamplingAdequacy:
    """Kaiser-Meyer-Olkin: overall, and one figure an item, shape (p,)."""

    overall: float
    items: Matrix


@dataclass(frozen=True, slots=True)
class Bartlett:
    """Test that the items do not correlate at all."""

    chi2: float
    df: int
    p: float
    n: int


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


@dataclass(frozen=True, eq=False)
class FactorSolution:
    """A rotated factor solution and how well it fits.

    Attributes
    ----------
    names : tuple of str
        The p items.
    loadings : ndarray of float64, shape (p, m)
        Pattern loadings. Factors in descending order of variance, reflected to sum above zero.
    factor_correlations : ndarray of float64, shape (m, m)
    communalities : ndarray of float64, shape (p,)
        Diagonal of ``L Phi L'``; uniquenesses are 1 minus these.
    rmsr, rmsea, rmsea_low, rmsea_high, tli, bic, chi2 : float
        As psych::fa. ``rmsea_low`` and ``rmsea_high`` bound a 90 % interval. ``tli`` is None where
        no model could improve on uncorrelated items; ``rmsea`` is None without degrees of freedom.
    heywood : tuple of str
        Items that keep (next to) no variance of their own: read such a solution with care.
    """

    names: tuple[str, ...]
    factors: int
    extraction: str
    rotation: str
    n: int
    loadings: Matrix
    factor_correlations: Matrix
    communalities: Matrix
    rmsr: float
    chi2: float
    df: int
    rmsea: float | None
    rmsea_low: float | None
    rmsea_high: float | None
    tli: float | None
    bic: float
    heywood: tuple[str, ...]


def kmo(correlations: Matrix) -> SamplingAdequacy:
    """Kaiser-Meyer-Olkin measure of sampling adequacy.

    Squared correlations against squared correlations plus squared anti-image correlations. Agrees
    with ``psych::KMO(R)`` to 1e-10.

    Raises
    ------
    CannotEstimate
        Where the matrix is singular, or no two items correlate.
    """
    check(correlations)
    inverse = np.linalg.inv(correlations)
    spread = np.sqrt(np.diag(inverse))
    partial = (inverse / np.outer(spread, spread)) ** 2
    plain = correlations**2
    np.fill_diagonal(partial, 0.0)
    np.fill_diagonal(plain, 0.0)
    both = plain.sum(axis=0) + partial.sum(axis=0)
    if (both <= 1e-20).any():
        raise CannotEstimate("an item correlates with no other item")
    return SamplingAdequacy(
        float(plain.sum() / both.sum()), np.asarray(plain.sum(axis=0) / both, dtype=np.float64)
    )


def bartlett(correlations: Matrix, n: int) -> Bartlett:
    """Bartlett's test of sphericity.

    ``-(n - 1 - (2 p + 5) / 6) * log(det(R))`` on p (p - 1) / 2 degrees of freedom. Agrees with
    ``psych::cortest.bartlett(R, n)`` to 1e-10 relative.

    Raises
    ------
    CannotEstimate
        Where the matrix is singular or there are no more people than items.
    """
    from scipy.special import chdtrc

    p = check(correlations, n)
    chi2 = -(n - 1 - (2 * p + 5) / 6) * float(np.linalg.slogdet(correlations)[1])
    df = p * (p - 1) // 2
    return Bartlett(max(chi2, 0.0), df, float(chdtrc(df, max(chi2, 0.0))), n)


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


def minres(
    correlations: Matrix, n: int, *, factors: int, names: Sequence[str] = (), seed: int = 1
) -> FactorSolution:
    """Minres factors with oblimin rotation.

    Extraction by factor-analyzer; rotation, factor correlations, communalities and fit by us.

    Parameters
    ----------
    correlations : ndarray, shape (p, p)
    n : int
        People behind the matrix; with pairwise missing data the smallest pairwise n.
    factors : int
        How many; at least one, and few enough to leave the model degrees of freedom or none.
    names : sequence of str
        The items.
    seed : int
        For the rotation's random starts.

    Raises
    ------
    CannotEstimate
        Where the matrix is singular, people are no more than items, or factors are too many.

    Notes
    -----
    Agrees with ``psych::fa(R, m, n.obs = n, fm = "minres", rotate = "oblimin")`` after matching
    order and sign: loadings, factor correlations and communalities to 1e-4, rmsr, rmsea, tli to
    1e-5. chi2 is the likelihood-ratio figure at the minres solution, times
    ``n - 1 - (2 p + 5) / 6 - 2 m / 3``; rmsea ``sqrt(chi2 / (df n) - 1 / (n - 1))``; bic
    ``chi2 - df log(n)``.
    """
    from instruments.psychometrics._factor_analyzer import minres_loadings
    from instruments.psychometrics.rotation import oblimin

    p = check(correlations, n)
    names = tuple(names) or tuple(f"item {k + 1}" for k in range(p))
    df = ((p - factors) ** 2 - p - factors) // 2
    if factors < 1:
        raise ValueError("factors must be 1 or more")
    if factors >= p or df < 0:
        raise CannotEstimate(f"{p} items cannot tell {factors} factors apart")
    rotated = oblimin(minres_loadings(correlations, factors), seed=seed)
    shared = rotated.loadings @ rotated.factor_correlations @ rotated.loadings.T
    communalities = np.diag(shared).copy()
    residual = correlations - shared
    np.fill_diagonal(residual, 0.0)
    fit = _fit(correlations, shared, n, factors, df)
    return FactorSolution(
        names=names,
        factors=factors,
        extraction="minres",
        rotation="oblimin" if factors > 1 else "none",
        n=n,
        loadings=rotated.loadings,
        factor_correlations=rotated.factor_correlations,
        communalities=communalities,
        rmsr=float(np.sqrt((residual**2).sum() / (p * (p - 1)))),
        chi2=fit[0],
        df=df,
        rmsea=fit[1],
        rmsea_low=fit[2],
        rmsea_high=fit[3],
        tli=fit[4],
        bic=fit[0] - df * float(np.log(n)),
        heywood=tuple(name for name, h2 in zip(names, communalities, strict=True) if h2 >= 0.9949),
    )


def check(correlations: Matrix, n: int | None = None, *, singular_allowed: bool = False) -> int:
    """The number of items of a proper correlation matrix.

    Raises
    ------
    ValueError
        Where it is not a symmetric matrix with ones on the diagonal and no gaps.
    CannotEstimate
        Where n is given and not above the number of items; and, unless allowed, where the matrix is
        singular or, from pairwise missing data, not positive definite.
    """
    if correlations.ndim != 2 or correlations.shape[0] != correlations.shape[1]:
        raise ValueError("correlations must be a square matrix")
    p = len(correlations)
    if (
        not np.isfinite(correlations).all()
        or not np.allclose(correlations, correlations.T, atol=1e-8)
        or not np.allclose(np.diag(correlations), 1.0, atol=1e-8)
    ):
        raise ValueError("correlations must be symmetric, without gaps, with ones on the diagonal")
    if p < 2:
        raise CannotEstimate("structure needs two items or more")
    if n is not None and n <= p:
        raise CannotEstimate(f"{n} people are too few for {p} items")
    if not singular_allowed:
        least = float(np.linalg.eigvalsh(correlations)[0])
        if least < -SINGULAR:
            raise CannotEstimate(
                "the correlations contradict one another (not positive definite): they rest on"
                " different people pair by pair"
            )
        if least < SINGULAR:
            raise CannotEstimate("some items can be worked out from the others (singular matrix)")
    return p


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


def _fit(
    correlations: Matrix, shared: Matrix, n: int, factors: int, df: int
) -> tuple[float, float | None, float | None, float | None, float | None]:
    """chi2, rmsea with its 90 % interval, and tli, as ``psych::factor.stats``."""
    p = len(correlations)
    model = shared.copy()
    np.fill_diagonal(model, 1.0)
    sign, logdet = np.linalg.slogdet(model)
    if sign <= 0:
        raise CannotEstimate("the factor solution implies impossible correlations")
    own_logdet = float(np.linalg.slogdet(correlations)[1])
    distance = float(np.trace(np.linalg.solve(model, correlations))) - p + float(logdet)
    distance -= own_logdet
    multiplier = n - 1 - (2 * p + 5) / 6 - 2 * factors / 3
    if multiplier <= 0:
        raise CannotEstimate(f"{n} people are too few for {p} items and {factors} factors")
    chi2 = max(distance * multiplier, 0.0)
    if df == 0:
        return chi2, None, None, None, None
    low, high = _noncentral(chi2, df, 0.95), _noncentral(chi2, df, 0.05)
    rmsea = float(np.sqrt(max(chi2 / (df * n) - 1 / (n - 1), 0.0)))
    # psych puts the model's multiplier, not the null model's own, into both halves of its TLI
    null = -own_logdet * multiplier / (p * (p - 1) / 2)
    tli = (null - chi2 / df) / (null - 1) if null > 1 else None
    return chi2, rmsea, float(np.sqrt(low / (n * df))), float(np.sqrt(high / (n * df))), tli


def _noncentral(chi2: float, df: int, below: float) -> float:
    """The noncentrality at which a share ``below`` of values lies under ``chi2``; 0 where none."""
    from scipy.optimize import brentq
    from scipy.stats import chi2 as central
    from scipy.stats import ncx2

    if central.cdf(chi2, df) < below:
        return 0.0

    def excess(centre: float) -> float:
        return float(ncx2.cdf(chi2, df, centre)) - below

    # cdf falls with the noncentrality; this upper end lies beyond any share asked for
    return float(brentq(excess, 1e-12, 2 * chi2 + 20 * np.sqrt(chi2 + df) + 100, xtol=1e-10))
