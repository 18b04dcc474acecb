"""Unrotated factors of a correlation matrix: minres, maximum likelihood, principal axis.

Minres and maximum likelihood are minimised over the uniquenesses by Newton steps with the exact
second derivatives: some ten eigenvalue problems where factor-analyzer, whose loadings are the same
to 1e-5, needs a hundred.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]
Extraction = Literal["minres", "ml", "principal axis"]

#: the least uniqueness that an item may keep, as in psych and stats::factanal
LEAST = 0.005
STEPS = 200
#: principal axis stops when no communality moves by more
STILL = 1e-7
AXIS_STEPS = 20_000

#: value, slopes and second derivatives, and the eigenvalues and vectors behind them
_Place = tuple[float, Matrix, Matrix, Matrix, Matrix]


def extract(correlations: Matrix, factors: int, how: Extraction) -> Matrix:
    """Unrotated loadings, shape (p, m), of a positive definite correlation matrix.

    Raises
    ------
    CannotEstimate
        Where the search does not converge.
    """
    if how == "principal axis":
        return _principal_axis(correlations, factors)
    start = (1 - factors / (2 * len(correlations))) / np.diag(np.linalg.inv(correlations))
    start = np.clip(start, LEAST, 1.0)
    if how == "minres":
        place = _search(lambda unique: _minres(correlations, unique, factors), start, (LEAST, 1.0))
    elif how == "ml":
        logs, limits = np.log(start), (float(np.log(LEAST)), 0.0)
        place = _search(lambda logs: _likelihood(correlations, logs, factors), logs, limits)
    else:
        raise ValueError(f"extraction must be minres, ml or principal axis, not {how!r}")
    if place is None:
        raise CannotEstimate(f"{how} with {factors} factors did not converge")
    free, roots, vectors = place
    if how == "minres":
        return np.asarray(vectors * np.sqrt(np.maximum(roots, 0)))
    scale = np.exp(free / 2)[:, None]
    return np.asarray(scale * vectors * np.sqrt(np.maximum(roots - 1, 0)))


def _search(
    evaluate: Callable[[Matrix], _Place], free: Matrix, limits: tuple[float, float]
) -> tuple[Matrix, Matrix, Matrix] | None:
    """Newton steps inside limits; an item at its limit stays there while its slope points out."""
    low, high = limits
    value, slope, bend, roots, vectors = evaluate(free)
    for _ in range(STEPS):
        held = ((free <= low) & (slope > 0)) | ((free >= high) & (slope < 0))
        open_ = ~held
        if not open_.any() or np.abs(slope[open_]).max() < 1e-9:
            return free, roots, vectors
        step = np.zeros_like(free)
        step[open_] = _newton(bend[np.ix_(open_, open_)], slope[open_])
        length, rounding = 1.0, 1e-13 * (1 + abs(value))
        for _ in range(40):
            trial = np.clip(free - length * step, low, high)
            place = evaluate(trial)
            if place[0] <= value - 1e-4 * float(slope @ (free - trial)) + rounding:
                break
            length /= 2
        else:
            # rounding is all that is left
            return (free, roots, vectors) if np.abs(slope[open_]).max() < 1e-5 else None
        free, (value, slope, bend, roots, vectors) = trial, place
    return None


def _newton(bend: Matrix, slope: Matrix) -> Matrix:
    """A Newton step; where the function bends down, along its absolute curvature."""
    try:
        np.linalg.cholesky(bend)
        return np.asarray(np.linalg.solve(bend, slope), dtype=np.float64)
    except np.linalg.LinAlgError:
        roots, vectors = np.linalg.eigh(bend)
        size = np.maximum(np.abs(roots), 1e-3 * float(np.abs(roots).max()) + 1e-12)
        return np.asarray(vectors @ ((vectors.T @ slope) / size))


def _minres(correlations: Matrix, unique: Matrix, factors: int) -> _Place:
    """Half the sum of the squared eigenvalues left over (Harman and Jones 1966; Joreskog 1977)."""
    roots, vectors = np.linalg.eigh(correlations - np.diag(unique))
    rest, left = roots[:-factors], vectors[:, :-factors]
    kept = roots[-factors:]
    squares = left**2
    bend = (left @ left.T) ** 2
    for root, vector in zip(kept, vectors[:, -factors:].T, strict=True):
        weight = 2 * rest / np.minimum(rest - root, -1e-12)
        bend += (left * weight) @ left.T * np.outer(vector, vector)
    slope = -squares @ rest
    order = slice(None, -factors - 1, -1)
    return float(rest @ rest) / 2, slope, bend, kept[::-1], vectors[:, order]


def _likelihood(correlations: Matrix, logs: Matrix, factors: int) -> _Place:
    """Sum of root - log(root) - 1 over the roots left over, by log uniquenesses (Clarke 1970)."""
    scale = np.exp(-logs / 2)
    roots, vectors = np.linalg.eigh(correlations * np.outer(scale, scale))
    roots = np.maximum(roots, 1e-12)
    rest, left, kept = roots[:-factors], vectors[:, :-factors], roots[-factors:]
    bend = ((left * rest) @ left.T) * (left @ left.T)
    for root, vector in zip(kept, vectors[:, -factors:].T, strict=True):
        weight = (rest - 1) * (rest + root) / np.minimum(rest - root, -1e-12)
        bend += (left * weight) @ left.T * np.outer(vector, vector)
    slope = left**2 @ (1 - rest)
    order = slice(None, -factors - 1, -1)
    value = float((rest - np.log(rest) - 1).sum())
    return value, slope, (bend + bend.T) / 2, kept[::-1], vectors[:, order]


def _principal_axis(correlations: Matrix, factors: int) -> Matrix:
    """Communalities put on the diagonal and taken anew, until they stand still."""
    shared = 1 - 1 / np.diag(np.linalg.inv(correlations))
    reduced = correlations.copy()
    for _ in range(AXIS_STEPS):
        np.fill_diagonal(reduced, shared)
        roots, vectors = np.linalg.eigh(reduced)
        loadings = (vectors * np.sqrt(np.maximum(roots, 0)))[:, : -factors - 1 : -1]
        found = (loadings**2).sum(axis=1)
        if found.max() > 1:
            raise CannotEstimate("principal axis takes more than all the variance of an item")
        if np.abs(found - shared).max() < STILL:
            return np.asarray(loadings)
        shared = found
    raise CannotEstimate(f"principal axis with {factors} factors did not converge")
