"""Which items go with which factor: extraction, rotation, and how well the factors fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.adequacy import check
from instruments.psychometrics.basis import Data, basis
from instruments.psychometrics.estimates import CannotEstimate, Result, Table, listed
from instruments.psychometrics.extraction import LEAST, Extraction, extract
from instruments.psychometrics.given import as_matrix
from instruments.psychometrics.rotation import Rotation, rotate

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FactorSolution(Result):
    """A rotated factor solution and how well it fits.

    Attributes
    ----------
    names : tuple of str
        The p items.
    extraction, rotation, basis : str
        ``basis``: which correlations, under which missing-data rule.
    n : int
        The n behind the fit figures: the smallest of any pair.
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
    notices : tuple of str
    """

    names: tuple[str, ...]
    factors: int
    extraction: str
    rotation: str
    basis: str
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
    notices: tuple[str, ...] = ()

    @property
    def structure(self) -> Matrix:
        """Correlations of items with factors, shape (p, m)."""
        return np.asarray(self.loadings @ self.factor_correlations)

    @property
    def complexity(self) -> Matrix:
        """How many factors an item leans on, shape (p,): (sum l^2)^2 / sum l^4 (Hofmann 1978)."""
        squares = self.loadings**2
        return np.asarray(squares.sum(axis=1) ** 2 / (squares**2).sum(axis=1))

    @property
    def factor_names(self) -> tuple[str, ...]:
        """F1, F2, ... in the order of the columns."""
        return tuple(f"F{k + 1}" for k in range(self.factors))

    def table(self) -> Table:
        heads = ("item", *self.factor_names, "communality", "complexity")
        columns = np.column_stack([self.loadings, self.communalities, self.complexity])
        return Table(heads, tuple((n, *row) for n, row in zip(self.names, columns, strict=True)))

    def notes(self) -> tuple[str, ...]:
        """Fit, factor correlations and what to know."""
        lines = [f"{self.extraction}, {self.rotation}, {self.basis}, n = {self.n:,}"]
        fit = [f"chi2 {self.chi2:,.2f} on {self.df:,}, RMSR {self.rmsr:.3f}"]
        if self.rmsea is not None:
            ends = (self.rmsea_low, self.rmsea_high)
            limits = "" if None in ends else " [{:.3f}, {:.3f}]".format(*ends)
            fit.append(f"RMSEA {self.rmsea:.3f}{limits}")
        if self.tli is not None:
            fit.append(f"TLI {self.tli:.3f}")
        fit.append(f"BIC {self.bic:,.2f}")
        lines.append(", ".join(fit))
        if self.rotation not in ("none", "varimax") and self.factors > 1:
            rows = zip(self.factor_names, *self.factor_correlations.T, strict=True)
            lines += ["", *listed(Table(("factors", *self.factor_names), tuple(rows)))]
        if self.heywood:
            lines.append(f"{', '.join(self.heywood)}: next to no variance of its own.")
        return (*lines, *self.notices)

    def to_json(self) -> dict[str, Any]:
        """Plain values, structure and complexity among them."""
        return {
            **super().to_json(),
            "structure": self.structure.tolist(),
            "complexity": self.complexity.tolist(),
        }


def explore(
    data: Data,
    *,
    factors: int,
    n: int | None = None,
    names: Sequence[str] = (),
    extraction: Extraction = "minres",
    rotation: Rotation = "oblimin",
    target: Matrix | None = None,
    through: Literal["midtier", "factor-analyzer"] = "midtier",
    seed: int = 1,
) -> FactorSolution:
    """Exploratory factor analysis.

    Parameters
    ----------
    data : Moments, Polychoric or ndarray, shape (p, p)
        Correlations are Pearson's of the Moments, the polychoric ones, or the matrix.
    factors : int
        How many; at least one, and few enough to leave the model degrees of freedom or none.
    n : int, optional
        People behind a matrix. Moments and polychorics bring theirs, the smallest of any pair.
    names : sequence of str
        The items of a matrix.
    extraction : {"minres", "ml", "principal axis"}
    rotation : {"oblimin", "geomin", "target", "promax", "Promax", "varimax", "none"}
        See ``rotation.rotate``.
    target : ndarray, shape (p, m), optional
        For the target rotation; NaN where a loading does not matter. See ``intended``.
    through : {"midtier", "factor-analyzer"}
        Whose extraction: ours, or that package's for a second opinion (minres and ml).
    seed : int
        For the rotation's random starts.

    Returns
    -------
    FactorSolution

    Raises
    ------
    CannotEstimate
        Where the matrix is singular, people are no more than items, or factors are too many.

    Notes
    -----
    Agrees with ``psych::fa(R, m, n.obs = n, fm, rotate)`` after matching order and sign: loadings,
    factor correlations and communalities to 1e-4, rmsr, rmsea, tli to 1e-5. chi2 is the
    likelihood-ratio figure at the solution, times ``n - 1 - (2 p + 5) / 6 - 2 m / 3``; rmsea
    ``sqrt(chi2 / (df n) - 1 / (n - 1))``; bic ``chi2 - df log(n)``. On polychorics these figures
    describe, they do not test. Sources: Harman and Jones (1966), Psychometrika 31, for minres;
    Joreskog (1967), Psychometrika 32, for maximum likelihood.
    """
    from instruments.psychometrics._factor_analyzer import loadings_of

    ground = basis(data, n=n, names=names)
    if ground.n is None:
        raise ValueError("n must say how many people are behind the matrix")
    p = check(ground.correlations, ground.n)
    if factors < 1 or factors != int(factors):
        raise ValueError("factors must be a whole number, 1 or more")
    if rotation not in get_args(Rotation):
        raise ValueError(f"{rotation!r} is not a rotation: {', '.join(get_args(Rotation))}")
    df = ((p - factors) ** 2 - p - factors) // 2
    if factors >= p or df < 0:
        raise CannotEstimate(f"{p} items cannot tell {factors} factors apart")
    take = loadings_of if through == "factor-analyzer" else extract
    unrotated = take(ground.correlations, factors, extraction)
    turned = rotate(unrotated, rotation, target=target, seed=seed)
    shared = turned.loadings @ turned.factor_correlations @ turned.loadings.T
    communalities = np.diag(shared).copy()
    residual = ground.correlations - shared
    np.fill_diagonal(residual, 0.0)
    fit = _fit(ground.correlations, shared, ground.n, factors, df)
    heywood = communalities >= 1 - LEAST - 1e-4
    return FactorSolution(
        names=ground.names,
        factors=factors,
        extraction=extraction,
        rotation=rotation if factors > 1 else "none",
        basis=ground.label,
        n=ground.n,
        loadings=turned.loadings,
        factor_correlations=turned.factor_correlations,
        communalities=communalities,
        rmsr=float(np.sqrt((residual**2).sum() / (p * (p - 1)))),
        chi2=fit[0],
        df=df,
        rmsea=fit[1],
        rmsea_low=fit[2],
        rmsea_high=fit[3],
        tli=fit[4],
        bic=fit[0] - df * float(np.log(ground.n)),
        heywood=tuple(name for name, gone in zip(ground.names, heywood, strict=True) if gone),
        notices=ground.notices,
    )


def intended(names: Sequence[str], factor_of: Mapping[str, str]) -> Matrix:
    """The target that a questionnaire means: 1 on an item's own factor, 0 elsewhere, shape (p, m).

    Factors stand in the order in which ``factor_of`` first names them.

    Parameters
    ----------
    names : sequence of str
        The p items.
    factor_of : mapping of str to str
        Item -> factor.

    Returns
    -------
    ndarray of float64, shape (p, m)

    Raises
    ------
    ValueError
        Where ``factor_of`` lacks an item.
    """
    alone = [name for name in names if name not in factor_of]
    if alone:
        raise ValueError(f"factor_of does not say whose {', '.join(alone)} is")
    order = list(dict.fromkeys(factor_of[name] for name in names))
    return np.array([[float(factor_of[name] == own) for own in order] for name in names])


def congruence(one: Matrix, other: Matrix) -> Matrix:
    """Tucker's congruence of the columns of two loading matrices, shape (m, m').

    ``sum(a b) / sqrt(sum(a^2) sum(b^2))``; .95 and above reads as the same factor, .85 to .94 as
    alike (Lorenzo-Seva and ten Berge 2006, Methodology 2, 57-64). Agrees with
    ``psych::factor.congruence(one, other, digits = 17)`` to 1e-8.

    Parameters
    ----------
    one, other : ndarray, shape (p, m) and (p, m')
        Loadings of the same items.

    Returns
    -------
    ndarray of float64, shape (m, m')
        Between -1 and 1.

    Raises
    ------
    CannotEstimate
        Where a column is all zero.
    """
    one, other = (as_matrix(each, name="loadings") for each in (one, other))
    if one.shape[0] != other.shape[0]:
        raise ValueError("both must have a row for each item")
    lengths = [np.sqrt((each**2).sum(axis=0)) for each in (one, other)]
    if any((each == 0).any() for each in lengths):
        raise CannotEstimate("a factor without loadings is congruent with nothing")
    return np.asarray(one.T @ other / np.outer(*lengths))


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
