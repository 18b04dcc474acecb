"""Which items go with which factor: minres and oblimin from a correlation matrix and its n."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.adequacy import check
from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]


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
