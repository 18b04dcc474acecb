"""Turning factors so that each item leans on few: oblimin, geomin, target, promax, varimax."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate, Result, Table, listed
from instruments.psychometrics.given import as_matrix

Matrix = NDArray[np.float64]
Rotation = Literal["oblimin", "geomin", "target", "promax", "Promax", "varimax", "none"]
#: the values of a criterion at some loadings, shape (starts, p, m), and its slopes
Criterion = Callable[[Matrix], tuple[Matrix, Matrix]]

#: random starts beside the plain one; a rotation criterion can have several minima
STARTS = 10
STEPS = 2000
#: slopes at which a descent is over, at which it may be left, and at which its end is known
_STILL, _FLAT, _ROUGH = 1e-8, 1e-5, 1e-3
#: added to squared loadings by geomin, as GPArotation's default
GEOMIN = 0.01
#: varimax stops where a round gains less than this share, as stats::varimax; going on until
#: nothing moves would shift loadings by up to 0.001
VARIMAX = 1e-5
#: promax raises loadings to this power for its target, as psych and stats::promax
PROMAX = 4


@dataclass(frozen=True, eq=False)
class Rotated(Result):
    """Pattern loadings, shape (p, m), and factor correlations, shape (m, m)."""

    loadings: Matrix
    factor_correlations: Matrix

    def table(self) -> Table:
        names = tuple(f"F{k + 1}" for k in range(self.loadings.shape[1]))
        rows = ((f"item {k + 1}", *row) for k, row in enumerate(self.loadings))
        return Table(("item", *names), tuple(rows))

    def notes(self) -> tuple[str, ...]:
        names = tuple(f"F{k + 1}" for k in range(self.loadings.shape[1]))
        rows = zip(names, *self.factor_correlations.T, strict=True)
        return listed(Table(("factors", *names), tuple(rows)))


def rotate(
    loadings: Matrix,
    how: Rotation,
    *,
    target: Matrix | None = None,
    seed: int = 1,
    starts: int = STARTS,
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
    seed, starts : int
        For the random starts of oblimin, geomin and target, and how many.

    Returns
    -------
    Rotated

    Raises
    ------
    ValueError
        Where ``how`` is no rotation, or ``target`` has not the loadings' shape.
    CannotEstimate
        Where a factor can be worked out from the others, or a rotation does not converge.

    Notes
    -----
    oblimin: gamma 0 (quartimin), without Kaiser normalisation; geomin with 0.01 added. Both and
    target by gradient projection for oblique rotation (Jennrich 2002, Psychometrika 67, 7-19), as
    ``GPArotation``, which psych calls. The start without a turn, R's only one (for target: the
    closest straight turn), is kept unless a random one ends lower. varimax and promax with Kaiser
    normalisation, power 4, as ``psych::fa(rotate = "varimax")`` and ``"promax"``; Promax without it
    in the second step, as ``psych::fa(rotate = "Promax")`` and ``stats::promax``.
    """
    loadings = as_matrix(loadings, name="loadings")
    if how not in get_args(Rotation):
        raise ValueError(f"{how!r} is not a rotation: {', '.join(get_args(Rotation))}")
    if how != "none" and loadings.shape[1] > 1:
        sizes = np.linalg.svd(loadings, compute_uv=False)
        if len(sizes) < loadings.shape[1] or sizes[-1] <= 1e-9 * max(float(sizes[0]), 1e-9):
            raise CannotEstimate("a factor can be worked out from the others: nothing to turn")
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
        return _in_order(
            *_oblique(loadings, _quartimin if how == "oblimin" else _geomin, seed, starts)
        )
    near = np.nan_to_num(np.asarray(target, dtype=np.float64))
    left, _, right = np.linalg.svd(loadings.T @ near)
    turned, correlations = _oblique(loadings, criterion, seed, starts, left @ right)
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


def _quartimin(loadings: Matrix) -> tuple[Matrix, Matrix]:
    """Sum over pairs of factors of products of squared loadings."""
    squares = loadings**2
    others = squares.sum(axis=-1, keepdims=True) - squares
    return (squares * others).sum(axis=(-2, -1)) / 4, loadings * others


def _geomin(loadings: Matrix) -> tuple[Matrix, Matrix]:
    """Sum over items of the geometric mean of their squared loadings (Yates 1987)."""
    squares = loadings**2 + GEOMIN
    mean = np.exp(np.log(squares).mean(axis=-1, keepdims=True))
    return mean.sum(axis=(-2, -1)), 2 / loadings.shape[-1] * loadings / squares * mean


def _towards(loadings: Matrix, target: Matrix | None) -> Criterion:
    """Squared distance from the target, where it says something (Browne 2001)."""
    if target is None or target.shape != loadings.shape:
        raise ValueError(f"target must have the shape of the loadings, {loadings.shape}")
    said = ~np.isnan(target)
    if not said.any():
        raise ValueError("target must say something of a loading")
    wanted = np.nan_to_num(target)

    def distance(turned: Matrix) -> tuple[Matrix, Matrix]:
        gap = np.where(said, turned - wanted, 0.0)
        return (gap**2).sum(axis=(-2, -1)), 2 * gap

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
    loadings: Matrix, criterion: Criterion, seed: int, starts: int, first: Matrix | None = None
) -> tuple[Matrix, Matrix]:
    """The plain start, unless a random one, followed roughly, promises less."""
    factors = loadings.shape[1]
    plain = np.eye(factors) if first is None else first
    values, turns = _descend(loadings, plain[None], criterion, _STILL)
    value, turn = values[0], turns[0]
    if starts:
        rng = np.random.default_rng(seed)
        drawn = np.linalg.qr(rng.standard_normal((starts, factors, factors)))[0]
        rough, roughly = _descend(loadings, drawn, criterion, _ROUGH)
        best = int(np.argmin(rough))
        if rough[best] < value - 1e-6 * max(1.0, abs(value)):
            values, turns = _descend(loadings, roughly[best][None], criterion, _STILL)
            value, turn = values[0], turns[0]
    if not np.isfinite(value):
        raise CannotEstimate("the rotation did not converge")
    return loadings @ np.linalg.inv(turn).T, turn.T @ turn


def _descend(
    unrotated: Matrix, turns: Matrix, criterion: Criterion, still: float
) -> tuple[Matrix, Matrix]:
    """Gradient projection from all starts at once; infinite where one does not converge."""
    turns = turns.copy()
    ended = np.full(len(turns), np.inf)
    active = np.arange(len(turns))
    turn, step = turns.copy(), np.ones(len(turns))
    inverse = np.linalg.inv(turn)
    rotated = unrotated @ inverse.transpose(0, 2, 1)
    value, slope = criterion(rotated)
    for _ in range(STEPS):
        gradient = -(rotated.transpose(0, 2, 1) @ slope @ inverse).transpose(0, 2, 1)
        projected = gradient - turn * (turn * gradient).sum(axis=1, keepdims=True)
        size = np.sqrt((projected**2).sum(axis=(1, 2)))
        step *= 2
        going = size >= still
        stuck = going.copy()
        new = [turn.copy(), inverse.copy(), rotated.copy(), value.copy(), slope.copy()]
        for _ in range(30):
            own = np.flatnonzero(stuck)
            if not own.size:
                break
            trial = turn[own] - step[own, None, None] * projected[own]
            trial /= np.sqrt((trial**2).sum(axis=1, keepdims=True))
            back = np.linalg.inv(trial)
            moved = unrotated @ back.transpose(0, 2, 1)
            at, tilt = criterion(moved)
            lower = value[own] - at > 0.5 * size[own] ** 2 * step[own]
            for array, each in zip(new, (trial, back, moved, at, tilt), strict=True):
                array[own[lower]] = each[lower]
            stuck[own[lower]] = False
            step[own[~lower]] /= 2
        # where no step goes down, rounding is all that is left, or the slope is still steep
        over = ~going | stuck
        fine = over & (size < max(still, _FLAT))
        turns[active[over]], ended[active[fine]] = turn[over], value[fine]
        if over.all():
            return ended, turns
        active, step = active[~over], step[~over]
        turn, inverse, rotated, value, slope = (each[~over] for each in new)
    fine = size[~over] < max(still, _FLAT)
    turns[active], ended[active[fine]] = turn, value[fine]
    return ended, turns
