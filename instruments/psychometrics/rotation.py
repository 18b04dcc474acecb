"""Oblimin rotation by gradient projection, with its factor correlations."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]

#: random starts beside the plain one; a rotation criterion can have several minima
STARTS = 10
STEPS = 2000


@dataclass(frozen=True, eq=False)
class Rotated:
    """Pattern loadings, shape (p, m), and factor correlations, shape (m, m)."""

    loadings: Matrix
    factor_correlations: Matrix


def oblimin(loadings: Matrix, *, seed: int = 1) -> Rotated:
    """Direct oblimin with gamma 0 (quartimin), without Kaiser normalisation.

    Gradient projection for oblique rotation (Jennrich 2002, Psychometrika 67, 7-19), as
    ``GPArotation::oblimin``, which ``psych::fa(rotate = "oblimin")`` calls. The start without a
    turn, which is R's only one, is kept unless a random one ends lower. Loadings and factor
    correlations come from the same turn, so they belong together by construction; factor-analyzer's
    ``phi_`` does not.

    Conventions: a factor is reflected where its loadings sum to less than zero; factors stand in
    descending order of the variance they account for, ``diag(Phi L'L)``, as psych orders them.
    """
    factors = loadings.shape[1]
    if factors == 1:
        sign = -1.0 if loadings.sum() < 0 else 1.0
        return Rotated(loadings * sign, np.eye(1))
    rng = np.random.default_rng(seed)
    best, turn = _descend(loadings, np.eye(factors))
    for _ in range(STARTS):
        start, _ = np.linalg.qr(rng.standard_normal((factors, factors)))
        value, other = _descend(loadings, start)
        if value < best - 1e-6 * max(1.0, abs(best)):
            best, turn = value, other
    if not np.isfinite(best):
        raise CannotEstimate("the oblimin rotation did not converge")
    return _in_order(loadings @ np.linalg.inv(turn).T, turn.T @ turn)


def _in_order(loadings: Matrix, correlations: Matrix) -> Rotated:
    signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    loadings, correlations = loadings * signs, correlations * np.outer(signs, signs)
    variance = np.diag(correlations @ (loadings.T @ loadings))
    order = np.argsort(-variance, kind="stable")
    correlations = correlations[np.ix_(order, order)]
    np.fill_diagonal(correlations, 1.0)
    return Rotated(loadings[:, order], correlations)


def _criterion(loadings: Matrix) -> tuple[float, Matrix]:
    """The quartimin criterion, sum over pairs of factors of products of squares, and its slope."""
    squares = loadings**2
    others = squares.sum(axis=1, keepdims=True) - squares
    return float((squares * others).sum()) / 4, loadings * others


def _descend(unrotated: Matrix, turn: Matrix) -> tuple[float, Matrix]:
    """Gradient projection from one start; infinite where it does not converge."""
    step = 1.0
    inverse = np.linalg.inv(turn)
    rotated = unrotated @ inverse.T
    value, slope = _criterion(rotated)
    for _ in range(STEPS):
        gradient = -(rotated.T @ slope @ inverse).T
        projected = gradient - turn * (turn * gradient).sum(axis=0)
        size = float(np.sqrt((projected**2).sum()))
        if size < 1e-8:
            return value, turn
        step *= 2
        for _ in range(30):
            trial = turn - step * projected
            trial = trial / np.sqrt((trial**2).sum(axis=0))
            trial_inverse = np.linalg.inv(trial)
            trial_rotated = unrotated @ trial_inverse.T
            trial_value, trial_slope = _criterion(trial_rotated)
            if value - trial_value > 0.5 * size**2 * step:
                break
            step /= 2
        else:
            # no step goes down: rounding is all that is left, or the slope is still steep
            return (value, turn) if size < 1e-5 else (np.inf, turn)
        turn, inverse, rotated = trial, trial_inverse, trial_rotated
        value, slope = trial_value, trial_slope
    return (value, turn) if size < 1e-5 else (np.inf, turn)
