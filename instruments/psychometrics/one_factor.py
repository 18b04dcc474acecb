"""One common factor by minres, fast: for omega, which scoring asks for thousands of times."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]

#: share of an item's variance below which its uniqueness counts as gone (psych's lower bound)
HEYWOOD = 0.005
STEPS = 200


@dataclass(frozen=True, eq=False)
class OneFactor:
    """A one-factor solution.

    Attributes
    ----------
    loadings, uniquenesses : ndarray of float64, shape (p,)
        In the units of the matrix: standardised for correlations. Loadings sum to 0 or more.
    hessian : ndarray of float64, shape (p, p)
        Second derivatives of the sum of squared residuals (each pair once) by the loadings.
    """

    loadings: Matrix
    uniquenesses: Matrix
    hessian: Matrix


def fit(matrix: Matrix, names: Sequence[str] = (), *, weights: Matrix | None = None) -> OneFactor:
    """The one-factor minres solution of a covariance or correlation matrix.

    Minimises the squared residuals off the diagonal (unweighted least squares) by damped Newton
    steps on the loadings. Agrees with ``psych::fa(R, 1, fm = "minres")`` to 1e-5, which is where
    psych stops.

    Parameters
    ----------
    matrix : ndarray, shape (p, p)
        Symmetric, three items or more.
    names : sequence of str
        For messages; "item 1", "item 2" ... where empty.
    weights : ndarray, shape (p, p), optional
        What each squared residual counts; 1 where not given. With the inverse squared errors of
        polychorics this is diagonally weighted least squares, as ``lavaan``'s WLSMV.

    Raises
    ------
    ValueError
        Where the matrix is not square and symmetric, or not finite.
    CannotEstimate
        Where a factor is not identified (fewer than three items), an item is constant, the items
        share nothing, no minimum is found, or an item keeps no variance of its own (Heywood case).
    """
    names = names or [f"item {k + 1}" for k in range(len(matrix))]
    variances = _check(matrix, names)
    unit = float(variances.mean())
    scaled = matrix / unit
    own = variances / unit
    count = np.ones_like(scaled) if weights is None else weights
    loadings, hessian = _minimise(scaled, _start(scaled), count, names)
    if loadings.sum() < 0:
        loadings = -loadings
    uniquenesses = own - loadings**2
    gone = uniquenesses <= HEYWOOD * own
    if gone.any():
        item = names[int(np.argmin(uniquenesses / own))]
        raise CannotEstimate(f"one factor leaves {item} no variance of its own (Heywood case)")
    return OneFactor(loadings * np.sqrt(unit), uniquenesses * unit, hessian * unit)


def _check(matrix: Matrix, names: Sequence[str]) -> Matrix:
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError("matrix must be square")
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T, atol=1e-8):
        raise ValueError("matrix must be symmetric and without gaps")
    if len(matrix) < 3:
        raise CannotEstimate("one factor needs three items or more")
    variances = np.diag(matrix)
    for name, variance in zip(names, variances, strict=True):
        if variance <= 1e-12 * float(np.abs(variances).max()):
            raise CannotEstimate(f"everybody gave the same answer to {name}")
    return variances


def _start(matrix: Matrix) -> Matrix:
    """Loadings of the leading principal axis, with half of each variance taken as shared."""
    reduced = matrix - np.diag(np.diag(matrix) / 2)
    values, vectors = np.linalg.eigh(reduced)
    return np.asarray(vectors[:, -1] * np.sqrt(max(float(values[-1]), 1e-4)), dtype=np.float64)


def _loss(matrix: Matrix, loadings: Matrix, count: Matrix) -> tuple[float, Matrix]:
    """Half the weighted sum of squares off the diagonal, and the weighted residuals."""
    residual = matrix - np.outer(loadings, loadings)
    np.fill_diagonal(residual, 0.0)
    weighted = count * residual
    return float((weighted * residual).sum()) / 2, weighted


def _hessian(loadings: Matrix, weighted: Matrix, count: Matrix) -> Matrix:
    hessian = 2 * (count * np.outer(loadings, loadings) - weighted)
    own = count @ loadings**2 - np.diag(count) * loadings**2
    np.fill_diagonal(hessian, 2 * own)
    return np.asarray(hessian, dtype=np.float64)


def _minimise(
    matrix: Matrix, loadings: Matrix, count: Matrix, names: Sequence[str]
) -> tuple[Matrix, Matrix]:
    """Levenberg-Marquardt on the exact Hessian."""
    damping = 1e-3
    loss, weighted = _loss(matrix, loadings, count)
    identity = np.eye(len(matrix))
    for _ in range(STEPS):
        gradient = -2 * weighted @ loadings
        hessian = _hessian(loadings, weighted, count)
        if float(np.abs(gradient).max()) < 1e-10:
            return loadings, _definite(hessian)
        try:
            np.linalg.cholesky(hessian + damping * identity)
            step = np.linalg.solve(hessian + damping * identity, gradient)
        except np.linalg.LinAlgError:
            damping = max(10 * damping, 1e-3)
            continue
        trial = loadings - step
        trial_loss, trial_weighted = _loss(matrix, trial, count)
        if trial_loss <= loss + 1e-15:
            loadings, loss, weighted = trial, trial_loss, trial_weighted
            damping = damping / 10 if damping > 1e-12 else 0.0
        else:
            damping = max(10 * damping, 1e-6)
        if float((loadings**2 / np.diag(matrix)).max()) > 25:
            item = names[int(np.argmax(loadings**2 / np.diag(matrix)))]
            raise CannotEstimate(f"one factor leaves {item} no variance of its own (Heywood case)")
    raise CannotEstimate("no one-factor solution was found: the items share too little")


def _definite(hessian: Matrix) -> Matrix:
    if float(np.linalg.eigvalsh(hessian)[0]) < 1e-8:
        raise CannotEstimate("no one-factor solution was found: the items share too little")
    return hessian
