"""Omega hierarchical: what one general factor behind groups of items explains."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics import intervals
from instruments.psychometrics.adequacy import check
from instruments.psychometrics.estimates import CannotEstimate, Estimate, Result, Table
from instruments.psychometrics.extraction import extract
from instruments.psychometrics.rotation import STARTS, rotate
from instruments.psychometrics.samples import Answers, sample

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SchmidLeiman(Result):
    """A general factor beside the groups' own.

    ``general``, shape (p,), and ``groups``, shape (p, m): loadings; ``between``: the group factors'
    loadings on the general one; ``omega_hierarchical``: the general factor's share of the variance
    of the sum; ``omega_total``: all common factors' share.
    """

    general: Matrix
    groups: Matrix
    between: Matrix
    omega_hierarchical: float
    omega_total: float

    def table(self) -> Table:
        heads = ("item", "general", *(f"F{k + 1}" for k in range(self.groups.shape[1])))
        rows = zip(range(1, len(self.general) + 1), self.general, *self.groups.T, strict=True)
        return Table(heads, tuple(rows))

    def notes(self) -> tuple[str, ...]:
        return (
            f"omega hierarchical {self.omega_hierarchical:.3f}, total {self.omega_total:.3f}",
            "groups on the general factor: " + ", ".join(f"{x:.3f}" for x in self.between),
        )


def schmid_leiman(
    correlations: Matrix, *, factors: int = 3, seed: int = 1, starts: int = STARTS
) -> SchmidLeiman:
    """Schmid-Leiman solution: minres, oblimin, and one factor of the factor correlations.

    With pattern loadings L and the factors' own loadings b on the general one: general ``L b``,
    groups ``L sqrt(1 - b^2)`` (Schmid and Leiman 1957, Psychometrika 22). Agrees with
    ``psych::omega(R, nfactors = m, flip = FALSE)`` to 1e-4. Two groups share the square root of
    their correlation.

    Parameters
    ----------
    correlations : ndarray, shape (k, k)
    factors : int
        Groups of items; two or more.
    seed, starts : int
        For the random starts of oblimin, and how many.

    Returns
    -------
    SchmidLeiman

    Raises
    ------
    CannotEstimate
        Where items are too few for the factors, or no general factor lies behind them.
    """
    p = check(correlations)
    if factors < 2 or factors != int(factors):
        raise ValueError("factors must be a whole number, 2 or more")
    if ((p - factors) ** 2 - p - factors) // 2 < 0 or p < 2 * factors:
        raise CannotEstimate(f"{p} items cannot tell {factors} groups and a general factor apart")
    turned = rotate(extract(correlations, factors, "minres"), "oblimin", seed=seed, starts=starts)
    phi = turned.factor_correlations
    if factors == 2:
        if phi[0, 1] <= 0:
            raise CannotEstimate("no general factor: the two groups do not go together")
        between = np.full(2, np.sqrt(phi[0, 1]))
    else:
        between = extract(phi, 1, "minres")[:, 0]
        between = between * (-1 if between.sum() < 0 else 1)
    general = turned.loadings @ between
    groups = turned.loadings * np.sqrt(np.maximum(1 - between**2, 0))
    total = float(correlations.sum())
    if total <= 1e-12 * p:
        raise CannotEstimate("the sum of the items does not vary")
    unique = 1 - (general**2 + (groups**2).sum(axis=1))
    return SchmidLeiman(
        general,
        groups,
        between,
        float(general.sum() ** 2 / total),
        float(1 - unique.sum() / total),
    )


def omega_hierarchical(
    answers: Answers,
    names: Sequence[str] = (),
    *,
    factors: int = 3,
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
    seed: int = 1,
    draws: int = intervals.DRAWS,
) -> Estimate:
    """Omega hierarchical: how much of the sum's variance is one general factor's.

    See ``schmid_leiman``; agrees with ``psych::omega(R, nfactors = m, flip = FALSE)$omega_h`` to
    1e-4. Among few people it lies too low, by about its own standard error among 500, because what
    oblimin leaves between groups is too little; the interval, a bootstrap over clusters or people,
    is corrected for that (docs/recovery.md). Source: Zinbarg, Revelle, Yovel and Li (2005),
    Psychometrika 70(1).

    Parameters
    ----------
    answers : ndarray, shape (n, k), or Moments
        Complete cases, reversed items turned round.
    names : sequence of str
        The items, for messages; Moments bring theirs.
    factors : int
        Groups of items; two or more.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school; resamples then draw whole schools.
    seed, draws : int
        For the bootstrap, and how many resamples.

    Returns
    -------
    Estimate

    Raises
    ------
    CannotEstimate
        With fewer than six items (two for each of three groups), or no general factor.
    """
    given = sample(answers, names=names, clusters=clusters, least=6)

    value = schmid_leiman(given.correlations, factors=factors, seed=seed).omega_hierarchical

    def again(rows: Matrix) -> float:
        # a resample lies near the sample: the plain start of the rotation does
        return schmid_leiman(
            sample(rows).correlations, factors=factors, starts=0
        ).omega_hierarchical

    low, high = intervals.bootstrap(
        again, value, given, seed=seed, confidence=confidence, draws=draws
    )
    over = "people" if given.clusters is None else "clusters"
    method = (
        f"omega hierarchical, Schmid-Leiman of {factors} oblimin minres factors,"
        f" bias-corrected bootstrap over {over} ({draws}), {given.label}"
    )
    return Estimate(value, low, high, given.n, method)
