"""From answers to people's places on factors, and how sure these are."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.adequacy import check
from instruments.psychometrics.estimates import CannotEstimate, Result, Table
from instruments.psychometrics.exploratory import FactorSolution

Matrix = NDArray[np.float64]
Scoring = Literal["regression", "bartlett", "ten berge"]


@dataclass(frozen=True, eq=False)
class ScoreWeights(Result):
    """Weights of standardised items for factor scores.

    Attributes
    ----------
    names : tuple of str
        The p items.
    weights : ndarray of float64, shape (p, m)
    determinacy : ndarray of float64, shape (m,)
        Squared multiple correlation of the items with each factor: below .7 or so different people
        could trade places (Grice 2001, Psychological Methods 6, 430-450).
    method : str
    """

    names: tuple[str, ...]
    weights: Matrix
    determinacy: Matrix
    method: str

    def table(self) -> Table:
        heads = ("item", *(f"F{k + 1}" for k in range(self.weights.shape[1])))
        rows = tuple((name, *row) for name, row in zip(self.names, self.weights, strict=True))
        return Table(heads, rows)

    def notes(self) -> tuple[str, ...]:
        return (self.method, "determinacy: " + ", ".join(f"{x:.3f}" for x in self.determinacy))

    def scores(self, standardised: Matrix) -> Matrix:
        """Scores, shape (n, m), of people whose items are standardised, shape (n, p), no gaps."""
        if standardised.ndim != 2 or standardised.shape[1] != len(self.names):
            raise ValueError("standardised must have a column for each item")
        if not np.isfinite(standardised).all():
            raise ValueError("scores need an answer to every item")
        return np.asarray(standardised @ self.weights)


def score_weights(
    solution: FactorSolution, correlations: Matrix, *, how: Scoring = "regression"
) -> ScoreWeights:
    """Weights for factor scores.

    Parameters
    ----------
    solution : FactorSolution
    correlations : ndarray, shape (p, p)
        Those that the solution came from.
    how : {"regression", "bartlett", "ten berge"}
        regression (Thurstone 1935): closest to the factors, shrunk. bartlett (1937): unbiased for
        a person. ten berge (et al. 1999): keep the factors' own correlations.

    Returns
    -------
    ScoreWeights

    Raises
    ------
    CannotEstimate
        Where the matrix is singular; for bartlett where an item has no variance of its own.

    Notes
    -----
    regression: ``R^-1 L Phi``, agrees with ``psych::fa(...)$weights``. bartlett:
    ``U^-1 L (L' U^-1 L)^-1``. ten berge: ``R^-1/2 C Phi^1/2`` with C the orthonormal part of
    ``R^-1/2 L Phi^1/2``, so that the scores' correlations are Phi.
    """
    check(correlations)
    if len(correlations) != len(solution.names):
        raise ValueError("correlations must be those of the solution's items")
    loadings, phi = solution.loadings, solution.factor_correlations
    regression = np.linalg.solve(correlations, solution.structure)
    if how == "regression":
        weights = regression
    elif how == "bartlett":
        unique = 1 - solution.communalities
        if unique.min() <= 1e-6:
            raise CannotEstimate("an item without variance of its own has no Bartlett scores")
        scaled = loadings / unique[:, None]
        weights = scaled @ np.linalg.inv(loadings.T @ scaled)
    elif how == "ten berge":
        back, root = _power(correlations, -0.5), _power(phi, 0.5)
        left, _, right = np.linalg.svd(back @ loadings @ root, full_matrices=False)
        weights = back @ left @ right @ root
    else:
        raise ValueError(f"how must be regression, bartlett or ten berge, not {how!r}")
    determinacy = (regression * solution.structure).sum(axis=0)
    return ScoreWeights(solution.names, np.asarray(weights), determinacy, f"{how} factor scores")


def _power(matrix: Matrix, power: float) -> Matrix:
    roots, vectors = np.linalg.eigh(matrix)
    if roots[0] <= 1e-10:
        raise CannotEstimate("the factors' correlations are singular")
    return np.asarray((vectors * roots**power) @ vectors.T)
