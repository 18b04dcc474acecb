"""Turning factors so that each item leans on few: oblimin, geomin, target, promax, varimax."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]
Rotation = Literal["oblimin", "geomin", "target", "promax", "Promax", "varimax", "none"]
#: the value of a criterion at some loadings, and its slope
Criterion = Callable[[Matrix], tuple[float, Matrix]]

#: random starts beside the plain one; a rotation criterion can have several minima
STARTS = 10
STEPS = 2000
#: added to squared loadings by geomin, as GPArotation's default
GEOMIN = 0.01
#: varimax stops where a round gains less than this share, as stats::varimax; going on until
#: nothing moves would shift loadings by up to 0.001
VARIMAX = 1e-5
#: promax raises loadings to this power for its target, as psych and stats::promax
PROMAX = 4


@dataclass(frozen=True, eq=False)
class Rotated:
    """Pattern loadings, shape (p, m), and factor correlations, shape (m, m)."""

    loadings: Matrix
    factor_correlations: Matrix


def rotate(
    loadings: Matrix, how: Rotation, *, target: Matrix | None = None, seed: int = 1
) -> Rotated:
    """Loadings turned by one of the rotations, with the factor correlations of the same turn.

    Conventions: a factor is reflected where its loadings sum to less than zero; factors stand in
    descending order of the variance they account for, ``diag(Phi L'L)``, as psych orders them.
    After a target rotation they stand in the target's order, reflected towards it.

    Parameters
    ----------
    loadings : ndarray, shape (p, m)
    how : {"oblimin", "geomin", "target", "promax", "Promax", "varimax", "none"}
    target : ndarray, shape (p, m), optional
        For ``target``: what each loading should be; NaN where it does not matter.
    seed : int
        For the random starts of oblimin, geomin and target.

    Notes
    -----
    oblimin: gamma 0 (quartimin), without Kaiser normalisation; geomin with 0.01 added. Both and
    target by gradient projection for oblique rotation (Jennrich 2002, Psychometrika 67, 7-19), as
    ``GPArotation``, which psych calls. The start without a turn, R's only one (for target: the
    closest straight turn), is kept unless a random one ends lower. varimax and promax with Kaiser
    normalisation, power 4, as ``psych::fa(rotate = "varimax")`` and ``"promax"``; Promax without it
    in the second step, as ``psych::fa(rotate = "Promax")`` and ``stats::promax``.
    """
    if how == "target":
        criterion = _towards(loadings, target)
    elif target is not None:
        raise ValueError("target belongs to the rotation of that name")
    if loadings.shape[1] == 1 or how == "none":
        return _in_order(loadings, np.eye(loadings.shape[1]))
    if how == "varimax":
        return _in_order(_varimax(loadings), np.eye(loadings.shape[1]))
    if how in ("promax", "Promax"):
        return _in_order(*_promax(loadings, weighted=how == "promax"))
    if how in ("oblimin", "geomin"):
        return _in_order(*_oblique(loadings, _quartimin if how == "oblimin" else _geomin, seed))
    if how != "target":
        raise ValueError(
            f"{how!r} is not a rotation: oblimin, geomin, target, promax, Promax, varimax, none"
        )
    near = np.nan_to_num(np.asarray(target, dtype=np.float64))
    left, _, right = np.linalg.svd(loadings.T @ near)
    turned, correlations = _oblique(loadings, criterion, seed, left @ right)
    signs = np.where((turned * near).sum(axis=0) < 0, -1.0, 1.0)
    return Rotated(turned * signs, correlations * np.outer(signs, signs))


def _in_order(loadings: Matrix, correlations: Matrix) -> Rotated:
    signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    loadings, correlations = loadings * signs, correlations * np.outer(signs, signs)
    variance = np.diag(correlations @ (loadings.T @ loadings))
    order = np.argsort(-variance, kind="stable")
    correlations = correlations[np.ix_(order, order)]
    np.fill_diagonal(correlations, 1.0)
    return Rotated(loadings[:, order], correlations)


def _quartimin(loadings: Matrix) -> tuple[float, Matrix]:
    """Sum over pairs of factors of products of squared loadings."""
    squares = loadings**2
    others = squares.sum(axis=1, keepdims=True) - squares
    return float((squares * others).sum()) / 4, loadings * others


def _geomin(loadings: Matrix) -> tuple[float, Matrix]:
    """Sum over items of the geometric mean of their squared loadings (Yates 1987)."""
    squares = loadings**2 + GEOMIN
    mean = np.exp(np.log(squares).mean(axis=1, keepdims=True))
    return float(mean.sum()), 2 / loadings.shape[1] * loadings / squares * mean


def _towards(loadings: Matrix, target: Matrix | None) -> Criterion:
    """Squared distance from the target, where it says something (Browne 2001)."""
    if target is None or target.shape != loadings.shape:
        raise ValueError(f"target must have the shape of the loadings, {loadings.shape}")
    said = ~np.isnan(target)
    if not said.any():
        raise ValueError("target must say something of a loading")
    wanted = np.nan_to_num(target)

    def distance(turned: Matrix) -> tuple[float, Matrix]:
        gap = np.where(said, turned - wanted, 0.0)
        return float((gap**2).sum()), 2 * gap

    return distance


def _varimax(loadings: Matrix) -> Matrix:
    """Kaiser's (1958) varimax by repeated singular value decomposition."""
    lengths = _lengths(loadings)
    unit = loadings / lengths
    turn = np.eye(loadings.shape[1])
    before = 0.0
    for _ in range(STEPS):
        turned = unit @ turn
        pull = unit.T @ (turned**3 - turned * (turned**2).mean(axis=0))
        left, sizes, right = np.linalg.svd(pull)
        turn = left @ right
        if float(sizes.sum()) < before * (1 + VARIMAX):
            break
        before = float(sizes.sum())
    return np.asarray(unit @ turn * lengths)


def _promax(loadings: Matrix, *, weighted: bool) -> tuple[Matrix, Matrix]:
    """Varimax, then least squares towards its own loadings raised to a power."""
    lengths = _lengths(loadings) if weighted else np.ones((len(loadings), 1))
    straight = _varimax(loadings / lengths)
    wanted = straight * np.abs(straight) ** (PROMAX - 1)
    turn = np.linalg.lstsq(straight, wanted, rcond=None)[0]
    turn = turn * np.sqrt(np.diag(np.linalg.inv(turn.T @ turn)))
    inverse = np.linalg.inv(turn)
    return straight @ turn * lengths, inverse @ inverse.T


def _lengths(loadings: Matrix) -> Matrix:
    lengths = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    return np.asarray(np.where(lengths > 0, lengths, 1.0))


def _oblique(
    loadings: Matrix, criterion: Criterion, seed: int, first: Matrix | None = None
) -> tuple[Matrix, Matrix]:
    factors = loadings.shape[1]
    rng = np.random.default_rng(seed)
    best, turn = _descend(loadings, np.eye(factors) if first is None else first, criterion)
    for _ in range(STARTS):
        start, _ = np.linalg.qr(rng.standard_normal((factors, factors)))
        value, other = _descend(loadings, start, criterion)
        if value < best - 1e-6 * max(1.0, abs(best)):
            best, turn = value, other
    if not np.isfinite(best):
        raise CannotEstimate("the rotation did not converge")
    return loadings @ np.linalg.inv(turn).T, turn.T @ turn


def _descend(unrotated: Matrix, turn: Matrix, criterion: Criterion) -> tuple[float, Matrix]:
    """Gradient projection from one start; infinite where it does not converge."""
    step = 1.0
    inverse = np.linalg.inv(turn)
    rotated = unrotated @ inverse.T
    value, slope = criterion(rotated)
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
            trial_value, trial_slope = criterion(trial_rotated)
            if value - trial_value > 0.5 * size**2 * step:
                break
            step /= 2
        else:
            # no step goes down: rounding is all that is left, or the slope is still steep
            return (value, turn) if size < 1e-5 else (np.inf, turn)
        turn, inverse, rotated = trial, trial_inverse, trial_rotated
        value, slope = trial_value, trial_slope
    return (value, turn) if size < 1e-5 else (np.inf, turn)
