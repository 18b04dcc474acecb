"""Omega total of one factor."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics import intervals, one_factor
from instruments.psychometrics.estimates import CannotEstimate, Estimate
from instruments.psychometrics.samples import Answers, sample

Matrix = NDArray[np.float64]


def omega(
    answers: Answers,
    names: Sequence[str] = (),
    *,
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
) -> Estimate:
    """McDonald's omega (total) of a one-factor scale.

    Parameters
    ----------
    answers : ndarray, shape (n, k), or Moments
        Rows: complete cases, reversed items turned round; k three or more.
    names : sequence of str
        The items, for messages.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school: the interval then allows for people of one school being alike.

    Returns
    -------
    Estimate

    Raises
    ------
    CannotEstimate
        With fewer than three items (take ``spearman_brown`` for two), too few people, or where
        there is no proper one-factor solution.

    Notes
    -----
    ``1 - sum(uniquenesses) / sum(R)`` of the correlation matrix R with a one-factor minres
    solution; agrees with ``psych::omega(na.omit(x), nfactors = 1)$omega.tot`` to 1e-6. Interval by
    the delta method: the loadings move with the correlations by the implicit function theorem, the
    correlations with each person's influence on them, so that no normal distribution is assumed; on
    the scale of log(1 - omega). See ``docs/figures-against-R.md`` for its coverage. Sources:
    McDonald (1999), Test Theory; Maydeu-Olivares, Coffman and Hartmann (2007), Psychological
    Methods 12(2), for the distribution-free interval of alpha that this carries over.
    """
    given = sample(answers, names=names, clusters=clusters)
    value, gradient = omega_and_gradient(given.correlations, given.names)
    error = intervals.standard_error(gradient, given, standardised=True)
    low, high = intervals.complement(value, error, confidence)
    method = f"omega total, one-factor minres, {given.interval}, {given.label}"
    return Estimate(value, low, high, given.n, method)


def omega_from_covariance(covariances: Matrix, names: Sequence[str] = ()) -> float:
    """Omega of the plain mean of the items, unstandardised, from a covariance matrix.

    ``1 - sum(uniquenesses) / sum(S)`` with a one-factor minres solution of S, shape (k, k), k three
    or more. Given pooled-within covariances this is the within-group omega. For two items take
    ``spearman_brown_from_r``.

    Raises
    ------
    CannotEstimate
        Where there is no proper one-factor solution (see ``one_factor.fit``).
    """
    value, _ = omega_and_gradient(covariances, names)
    return value


def omega_and_gradient(matrix: Matrix, names: Sequence[str]) -> tuple[float, Matrix]:
    """Omega and its derivatives by the entries off the diagonal.

    Loadings move with the matrix by the implicit function theorem: the first derivatives of the
    loss stay zero, so d loadings = 2 H^-1 dS loadings.
    """
    solution = one_factor.fit(matrix, names)
    total = float(matrix.sum())
    if total <= 0:
        raise CannotEstimate("the sum of the items does not vary")
    unique = float(solution.uniquenesses.sum())
    pull = np.linalg.solve(solution.hessian, solution.loadings)
    crossed = np.outer(pull, solution.loadings)
    return 1 - unique / total, 2 / total * (crossed + crossed.T) + unique / total**2
