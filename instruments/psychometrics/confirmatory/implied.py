"""What a model implies, and its derivatives, in closed form.

The derivative of the covariances by any free cell has rank two, ``c (u v' + v u')``; with the
columns u and v side by side in U and V, gradients and both information matrices are a few matrix
products.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import (
    INTERCEPT,
    LATENT,
    LOADING,
    MEAN,
    PATH,
    RESIDUAL,
    Block,
)

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Implied:
    """Matrices of one group, and the covariances and means that they imply.

    Attributes
    ----------
    spread : ndarray, shape (m, m)
        ``(I - B)^-1``.
    factors : ndarray, shape (m, m)
        Factor covariances.
    alpha, centre : ndarray, shape (m,)
        Factors' intercepts, and their means.
    covariances, means : ndarray
        Of the items.
    """

    loadings: Matrix
    paths: Matrix
    latent: Matrix
    residual: Matrix
    intercepts: Matrix
    alpha: Matrix
    thresholds: Matrix
    spread: Matrix
    factors: Matrix
    centre: Matrix
    covariances: Matrix
    means: Matrix


@dataclass(frozen=True, eq=False)
class Slopes:
    """Derivatives by the e free cells of one group.

    ``weight[k] * (left[:, k] right[:, k]' + right[:, k] left[:, k]')`` is that of the covariances,
    ``means[:, k]`` that of the means.
    """

    left: Matrix
    right: Matrix
    weight: Matrix
    means: Matrix


def imply(block: Block, x: Matrix) -> Implied:
    """Covariances and means at parameters ``x``."""
    loadings, paths, latent, residual, intercepts, alpha, thresholds = block.fill(x)
    m = len(latent)
    spread = np.eye(m)
    if paths.any():
        spread = np.asarray(np.linalg.inv(np.eye(m) - paths), dtype=np.float64)
    factors = spread @ latent @ spread.T
    centre = (spread @ alpha)[:, 0]
    common = loadings @ factors @ loadings.T
    if block.delta:
        residual = residual + np.diag(1 - np.diag(residual) - np.diag(common))
    return Implied(
        loadings,
        paths,
        latent,
        residual,
        intercepts[:, 0],
        alpha[:, 0],
        thresholds,
        spread,
        factors,
        centre,
        common + residual,
        intercepts[:, 0] + loadings @ centre,
    )


def slopes(block: Block, implied: Implied) -> Slopes:
    """First derivatives by every free cell."""
    p, e = len(implied.loadings), len(block.kind)
    kind, row, col = block.kind, block.row, block.col
    total = implied.loadings @ implied.spread
    mixed = implied.loadings @ implied.factors
    identity = np.eye(p)
    left, right, means = np.zeros((p, e)), np.zeros((p, e)), np.zeros((p, e))
    at = block.places
    for k in (LOADING, RESIDUAL):
        left[:, at[k]] = identity[:, row[at[k]]]
    for k in (PATH, LATENT):
        left[:, at[k]] = total[:, row[at[k]]]
    for k in (LOADING, PATH):
        right[:, at[k]] = mixed[:, col[at[k]]]
        means[:, at[k]] = left[:, at[k]] * implied.centre[col[at[k]]]
    right[:, at[LATENT]] = total[:, col[at[LATENT]]]
    right[:, at[RESIDUAL]] = identity[:, col[at[RESIDUAL]]]
    means[:, at[INTERCEPT]] = identity[:, row[at[INTERCEPT]]]
    means[:, at[MEAN]] = total[:, row[at[MEAN]]]
    weight = np.ones(e)
    weight[(row == col) & np.isin(kind, (LATENT, RESIDUAL))] = 0.5
    return Slopes(left, right, weight, means)


def factor_slopes(block: Block, implied: Implied) -> Matrix:
    """Derivatives of the factor variances, shape (m, e)."""
    found = np.zeros((len(implied.latent), len(block.kind)))
    at, spread = block.places, implied.spread
    for kind, other in ((PATH, implied.factors), (LATENT, spread)):
        own = at[kind]
        found[:, own] = 2 * spread[:, block.row[own]] * other[:, block.col[own]]
    same = at[LATENT][block.row[at[LATENT]] == block.col[at[LATENT]]]
    found[:, same] /= 2
    return found


def curvature(block: Block, implied: Implied, slope: Slopes, pull: Matrix, push: Matrix) -> Matrix:
    """Second derivatives of ``tr(pull covariances) / 2 + push' means``, shape (e, e).

    ``pull`` (symmetric) and ``push`` count as constants: what is missing from a product of first
    derivatives to the exact Hessian.
    """
    kind, row, col = block.kind, block.row, block.col
    if not len(implied.latent):
        return np.zeros((len(kind), len(kind)))  # without factors all is linear
    # how a cell b (column) moves the u and v of a cell a (row), in units of b's own u and v
    is_u = np.isin(kind, (PATH, LATENT))
    is_v = np.isin(kind, (LOADING, PATH))
    outer = np.isin(kind, (LOADING, PATH))
    by_latent = np.where(kind == LATENT, slope.weight, 0.0)
    first = np.where(is_u[:, None] & outer[None, :], _pick(implied.spread.T, row, col), 0.0)
    direct = np.where(outer[None, :], _pick(implied.factors, col, col), 0.0)
    over_u = direct + by_latent * _pick(implied.spread, col, col)
    over_v = np.where(kind == PATH, 1.0, by_latent) * _pick(implied.spread, col, row)
    both_latent = np.where(outer[None, :], _pick(implied.spread.T, col, col), 0.0)
    second_u = np.where(is_v[:, None], over_u, np.where((kind == LATENT)[:, None], both_latent, 0))
    second_v = np.where(is_v[:, None], over_v, 0.0)
    left, right = pull @ slope.left, pull @ slope.right
    found = first * (right.T @ slope.left)
    found += second_u * (slope.left.T @ left) + second_v * (slope.left.T @ right)
    found *= slope.weight[:, None]
    if push.any():
        found += _mean_curvature(block, implied, slope, push, first)
    return np.asarray((found + found.T) / 2, dtype=np.float64)


def _mean_curvature(
    block: Block, implied: Implied, slope: Slopes, push: Matrix, first: Matrix
) -> Matrix:
    kind, row, col = block.kind, block.row, block.col
    outer = np.isin(kind, (LOADING, PATH))
    along = push @ slope.left
    centre = np.where(outer, implied.centre[np.where(outer, col, 0)], 0.0)
    found = centre[:, None] * first * along[None, :]
    moved = np.where(kind == MEAN, 1.0, np.where(kind == PATH, centre, 0.0))
    found += np.where(outer, along, 0.0)[:, None] * moved * _pick(implied.spread, col, row)
    by_mean = (kind == MEAN)[:, None] & outer[None, :]
    found += np.where(by_mean, _pick(implied.spread.T, row, col) * along[None, :], 0.0)
    return found


def _pick(matrix: Matrix, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> Matrix:
    """``matrix[rows_a, cols_b]``; cells of items, whose places lie outside, are masked later."""
    limit = len(matrix) - 1
    return np.asarray(
        matrix[np.ix_(np.minimum(rows, limit), np.minimum(cols, limit))], dtype=np.float64
    )
