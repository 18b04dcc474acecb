"""Thresholds and correlations that a model of ordinal items implies, and how they move with it."""

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import THRESHOLD, Block
from instruments.psychometrics.confirmatory.implied import Implied, imply, slopes
from instruments.psychometrics.confirmatory.latent import Ordinal

Matrix = NDArray[np.float64]


def units(implied: Implied, block: Block) -> Matrix:
    """What an item's latent answer is multiplied by to have variance 1."""
    if block.delta:
        return np.ones(len(implied.means))
    return np.asarray(1 / np.sqrt(np.diag(implied.covariances)), dtype=np.float64)


def distance(block: Block, own: Ordinal, x: Matrix, *, cuts: bool = True) -> Matrix:
    """Statistics minus what the model implies: thresholds, then correlations."""
    implied = imply(block, x)
    unit = units(implied, block)
    correlations = implied.covariances * np.outer(unit, unit)
    away = own.rho - correlations[own.pairs]
    if not cuts:
        return np.asarray(away, dtype=np.float64)
    item, _ = own.places
    at = unit[item] * (implied.thresholds[own.places] - implied.means[item])
    return np.concatenate([own.cuts - at, away])


def slope_of(block: Block, own: Ordinal, x: Matrix, *, cuts: bool = True) -> Matrix:
    """Derivatives of the implied statistics by the free cells, shape (statistics, e)."""
    implied = imply(block, x)
    slope, unit = slopes(block, implied), units(implied, block)
    rows, cols = own.pairs
    found = slope.left[rows] * slope.right[cols]
    found += slope.right[rows] * slope.left[cols]
    found *= slope.weight * (unit[rows] * unit[cols])[:, None]
    log = np.zeros(slope.left.shape)
    if not block.delta:
        # an item's unit follows its variance
        log = -slope.weight * slope.left * slope.right * (unit**2)[:, None]
        rho = implied.covariances[rows, cols] * unit[rows] * unit[cols]
        found += rho[:, None] * (log[rows] + log[cols])
    if not cuts:
        return found
    item, _ = own.places
    at = unit[item] * (implied.thresholds[own.places] - implied.means[item])
    above = at[:, None] * log[item] - unit[item][:, None] * slope.means[item]
    place = {pair: k for k, pair in enumerate(zip(*own.places, strict=True))}
    for e in block.places[THRESHOLD]:
        k = place[block.row[e], block.col[e]]
        above[k, e] += unit[block.row[e]]
    return np.concatenate([above, found])


def weighted_square(gamma: Matrix, weight: Matrix) -> float:
    """Sum over i and j of weight i, gamma ij squared, weight j; some rows at a time."""
    step = 128
    return sum(
        float(weight[k : k + step] @ (gamma[k : k + step] ** 2 @ weight))
        for k in range(0, len(weight), step)
    )
