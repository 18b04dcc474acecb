"""Thresholds and polychoric correlations of ordinal items, with what each person does to them.

A person's influence on a correlation depends on their two answers only, so that one table a pair
holds it, with a row and a column for "no answer"; the full asymptotic covariance matrix is then a
sum of products of table look-ups.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.samples import Rows
from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]
Small = NDArray[np.float32]

#: people taken at once, and correlations taken at once
BLOCK = 2048
STEPS = 60
#: largest correlation that counts as estimated
LARGEST = 0.9999


@dataclass(frozen=True, eq=False)
class Ordinal:
    """Ordinal answers of a group and their thresholds and polychoric correlations.

    Attributes
    ----------
    codes : ndarray of int16, shape (n, p)
        Place of the answer among the options that anybody used, from 1 on; 0 where there is none.
    sizes : tuple of int
        Options used, an item.
    thresholds : ndarray, shape (p, most options - 1)
        Infinite beyond an item's own.
    pairs : tuple of ndarray
        Rows and columns of the lower triangle, the order of the correlations.
    rho : ndarray, shape (pairs,)
    influence : ndarray, shape (pairs, K + 1, K + 1)
        A person's influence on each correlation, by their answers to its two items.
    own_influence : ndarray, shape (p, K + 1, K - 1)
        A person's influence on each threshold, by their answer.
    gamma_diagonal : ndarray
        n times the sampling variance of every threshold and then of every correlation.
    """

    names: tuple[str, ...]
    codes: NDArray[np.int16]
    clusters: NDArray[np.int64] | None
    sizes: tuple[int, ...]
    thresholds: Matrix
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]]
    rho: Matrix
    influence: Matrix
    own_influence: Matrix
    gamma_diagonal: Matrix

    @property
    def n(self) -> int:
        return len(self.codes)

    @property
    def correlations(self) -> Matrix:
        """Polychoric correlations, shape (p, p)."""
        p = len(self.names)
        full = np.eye(p)
        full[self.pairs] = self.rho
        full[self.pairs[::-1]] = self.rho
        return full

    @property
    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Item and number of each threshold, in the order of the statistics."""
        item = np.repeat(np.arange(len(self.sizes)), np.array(self.sizes) - 1)
        number = np.concatenate([np.arange(size - 1) for size in self.sizes])
        return item, number

    @property
    def cuts(self) -> Matrix:
        """The finite thresholds, item by item."""
        return np.asarray(self.thresholds[self.places], dtype=np.float64)


def ordinal(rows: Rows, categories: tuple[Matrix, ...]) -> Ordinal:
    """Thresholds and polychoric correlations of everybody who answered both items of a pair.

    Two steps: thresholds from each item's own shares, then each correlation by maximum likelihood.
    Agrees with ``lavaan::lavCor(x, ordered = TRUE)`` to 1e-6, and the influences with the ``NACOV``
    of its WLSMV.

    Parameters
    ----------
    rows : Rows
    categories : tuple of ndarray
        Each item's options; all of them used.
    """
    names, p = rows.names, len(rows.names)
    codes = _codes(rows, categories)
    clusters = None
    if rows.clusters is not None and rows.correction:
        clusters = np.unique(rows.clusters, return_inverse=True)[1].astype(np.int64)
    sizes = tuple(len(each) for each in categories)
    k = max(sizes)
    tables = _tables(codes, k)
    shares = _shares(tables, names)
    thresholds = _thresholds(shares, sizes)
    pairs = np.tril_indices(p, -1)
    few = [b for b in range(len(pairs[0])) if tables[pairs[0][b], pairs[1][b], 1:, 1:].sum() < 2]
    if few:
        one, other = names[pairs[1][few[0]]], names[pairs[0][few[0]]]
        raise CannotEstimate(f"fewer than two people answered both {one} and {other}")
    counts = tables[pairs[0], pairs[1]]
    observed = _kept_from_empty(counts[:, 1:, 1:], np.array(sizes), pairs)
    at = (thresholds[pairs[0]], thresholds[pairs[1]])
    rho = _correlations(observed, at, [names[r] for r in pairs[0]], [names[c] for c in pairs[1]])
    own = _own_influence(thresholds, shares, tables, len(codes))
    influence = _influence(counts, at, rho, own[pairs[0]], own[pairs[1]], len(codes))
    item, number = np.nonzero(np.isfinite(thresholds))
    answers = tables[np.arange(p), np.arange(p)][:, np.arange(k + 1), np.arange(k + 1)]
    diagonal = np.concatenate(
        [
            np.einsum("ta,ta->t", answers[item], own[item, :, number] ** 2),
            np.einsum("bij,bij->b", counts, influence**2),
        ]
    )
    return Ordinal(
        names,
        codes,
        clusters,
        sizes,
        thresholds,
        pairs,
        rho,
        influence,
        own,
        diagonal / (len(codes) - 1),
    )


def _codes(rows: Rows, categories: tuple[Matrix, ...]) -> NDArray[np.int16]:
    codes = np.zeros(rows.answers.shape, dtype=np.int16, order="F")
    for k, own in enumerate(categories):
        column = rows.answers[:, k]
        given = ~np.isnan(column)
        codes[given, k] = np.searchsorted(own, column[given]) + 1
    return codes


def _tables(codes: NDArray[np.int16], k: int) -> Matrix:
    """Counts of every pair of answers, "none" first, shape (p, p, k + 1, k + 1)."""
    p = codes.shape[1]
    total = np.zeros((p * (k + 1), p * (k + 1)))
    for start in range(0, len(codes), BLOCK):
        block = codes[start : start + BLOCK]
        hot = (block[:, :, None] == np.arange(k + 1)).astype(np.float32).reshape(len(block), -1)
        total += hot.T @ hot
    return total.reshape(p, k + 1, p, k + 1).transpose(0, 2, 1, 3)


def _shares(tables: Matrix, names: tuple[str, ...]) -> Matrix:
    p, k = len(tables), tables.shape[2] - 1
    counts = tables[np.arange(p), np.arange(p)][:, np.arange(1, k + 1), np.arange(1, k + 1)]
    nobody = [name for name, own in zip(names, counts, strict=True) if own.sum() == 0]
    if nobody:
        raise CannotEstimate(f"nobody answered {', '.join(nobody)}")
    constant = [name for name, own in zip(names, counts, strict=True) if (own > 0).sum() == 1]
    if constant:
        raise CannotEstimate(f"everybody gave the same answer to {', '.join(constant)}")
    return np.asarray(counts / counts.sum(axis=1, keepdims=True), dtype=np.float64)


def _thresholds(shares: Matrix, sizes: tuple[int, ...]) -> Matrix:
    from scipy.special import ndtri

    below = np.cumsum(shares, axis=1)[:, :-1]
    own = np.arange(shares.shape[1] - 1) < np.array(sizes)[:, None] - 1
    return np.where(own, ndtri(np.where(own, np.clip(below, 1e-12, 1 - 1e-12), 0.5)), np.inf)


def _kept_from_empty(
    counts: Matrix, sizes: NDArray[np.int64], pairs: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> Matrix:
    """Two by two tables with one empty cell get half a person there, margins kept, as in lavaan."""
    two = (sizes[pairs[0]] == 2) & (sizes[pairs[1]] == 2)
    cells = counts[:, :2, :2]
    empty = two & ((cells == 0).sum(axis=(1, 2)) == 1)
    if not empty.any():
        return counts
    counts = counts.copy()
    on_diagonal = (cells[:, [0, 1], [0, 1]] == 0).any(axis=1)
    half = np.where(on_diagonal, 0.5, -0.5)[empty]
    turn = np.array([[1.0, -1.0], [-1.0, 1.0]])
    counts[empty, :2, :2] += half[:, None, None] * turn
    return counts


def _correlations(
    counts: Matrix, at: tuple[Matrix, Matrix], rows: list[str], cols: list[str]
) -> Matrix:
    """All correlations at once by Fisher scoring."""
    n = counts.sum(axis=(1, 2))
    rho = np.zeros(len(counts))
    active = np.arange(len(counts))
    for _ in range(STEPS):
        own = (at[0][active], at[1][active])
        probability, slope = _cells(own, rho[active])
        score = slope / probability
        change = (counts[active] * score).sum(axis=(1, 2))
        change /= n[active] * (probability * score**2).sum(axis=(1, 2))
        # a step halfway to the edge at most keeps rho inside
        room = np.where(change > 0, 1 - rho[active], 1 + rho[active])
        change = np.clip(change, -room / 2, room / 2)
        rho[active] += change
        active = active[(np.abs(change) > 1e-10) & (np.abs(rho[active]) <= LARGEST)]
        if not active.size:
            break
    perfect = np.flatnonzero(np.abs(rho) > LARGEST)
    if perfect.size or active.size:
        k = perfect[0] if perfect.size else active[0]
        raise CannotEstimate(
            f"{cols[k]} and {rows[k]} order people alike: their polychoric correlation is 1 or -1"
        )
    return rho


def _cells(at: tuple[Matrix, Matrix], rho: Matrix) -> tuple[Matrix, Matrix]:
    """Probability of each cell, and its derivative by the correlation."""
    below = _edged(bivariate(at[0][:, :, None], at[1][:, None, :], rho[:, None, None]), at)
    density = _density(at[0][:, :, None], at[1][:, None, :], rho[:, None, None])
    density = np.pad(density, ((0, 0), (1, 1), (1, 1)))
    probability = np.diff(np.diff(below, axis=1), axis=2)
    return np.maximum(probability, 1e-14), np.diff(np.diff(density, axis=1), axis=2)


def _edged(inner: Matrix, at: tuple[Matrix, Matrix]) -> Matrix:
    """Distribution function at thresholds, with the rows and columns of minus and plus infinity."""
    from scipy.special import ndtr

    full = np.pad(inner, ((0, 0), (1, 1), (1, 1)))
    full[:, 1:-1, -1] = ndtr(at[0])
    full[:, -1, 1:-1] = ndtr(at[1])
    full[:, -1, -1] = 1.0
    return full


def _density(a: Matrix, b: Matrix, rho: Matrix) -> Matrix:
    rest = 1 - rho**2
    a, b = np.clip(a, -40, 40), np.clip(b, -40, 40)
    power = np.minimum((a * a + b * b - 2 * rho * a * b) / (2 * rest), 700.0)
    return np.asarray(np.exp(-power) / (2 * np.pi * np.sqrt(rest)), dtype=np.float64)


def bivariate(a: Matrix, b: Matrix, rho: Matrix) -> Matrix:
    """Bivariate normal distribution function, by Gauss-Legendre over the arc sine of rho."""
    from scipy.special import ndtr

    a, b = np.clip(a, -9, 9), np.clip(b, -9, 9)
    found = ndtr(a) * ndtr(b)
    steep = float(np.abs(rho).max(initial=0.0))
    nodes, weights = np.polynomial.legendre.leggauss(
        12 if steep < 0.8 else 24 if steep < 0.95 else 96
    )
    angle = np.arcsin(rho) / 2
    squares, product = (a * a + b * b) / 2, a * b
    for node, weight in zip(nodes, weights, strict=True):
        sine = np.sin(angle * (node + 1))
        rest = 1 - sine**2
        power = np.minimum((squares - product * sine) / rest, 700.0)
        found += weight * angle / (2 * np.pi) * np.exp(-power)
    return np.asarray(found, dtype=np.float64)


def _own_influence(thresholds: Matrix, shares: Matrix, tables: Matrix, n: int) -> Matrix:
    """A person's influence on the thresholds of an item, by answer; none without one."""
    p, k = shares.shape
    own = np.isfinite(thresholds)
    safe = np.where(own, thresholds, 0.0)
    density = np.exp(-(safe**2) / 2) / np.sqrt(2 * np.pi)
    below = np.cumsum(shares, axis=1)[:, :-1]
    at_most = np.arange(k)[:, None] <= np.arange(k - 1)
    found = np.zeros((p, k + 1, k - 1))
    found[:, 1:] = np.where(
        own[:, None, :], (at_most - below[:, None, :]) / density[:, None, :], 0.0
    )
    answered = tables[np.arange(p), np.arange(p)][:, 1:, 1:].sum(axis=(1, 2))
    return np.asarray(found * (n / answered)[:, None, None], dtype=np.float64)


def _influence(
    counts: Matrix, at: tuple[Matrix, Matrix], rho: Matrix, first: Matrix, second: Matrix, n: int
) -> Matrix:
    """A person's influence on every correlation, by answers, thresholds being estimated too."""
    probability, slope = _cells(at, rho)
    score = slope / probability
    seen = counts[:, 1:, 1:]
    information = (seen * score**2).sum(axis=(1, 2))
    by_first = _threshold_slopes(at[0], at[1], rho) / probability[:, :, None, :]
    turned = _threshold_slopes(at[1], at[0], rho).transpose(0, 3, 2, 1)
    by_second = turned / probability[:, :, None, :]
    mixed_first = np.einsum("bij,bij,bitj->bt", seen, score, by_first)
    mixed_second = np.einsum("bij,bij,bitj->bt", seen, score, by_second)
    found = np.zeros(counts.shape)
    found[:, 1:, 1:] = score * n
    found -= np.einsum("bt,bit->bi", mixed_first, first)[:, :, None]
    found -= np.einsum("bt,bjt->bj", mixed_second, second)[:, None, :]
    return np.asarray(found / information[:, None, None], dtype=np.float64)


def _threshold_slopes(own: Matrix, other: Matrix, rho: Matrix) -> Matrix:
    """Derivatives of cell probabilities by the thresholds of the rows, shape (b, k, k - 1, k)."""
    from scipy.special import ndtr

    safe = np.where(np.isfinite(own), own, 0.0)
    density = np.where(np.isfinite(own), np.exp(-(safe**2) / 2) / np.sqrt(2 * np.pi), 0.0)
    edges = np.pad(other, ((0, 0), (1, 1)), constant_values=((0, 0), (-np.inf, np.inf)))
    rest = np.sqrt(1 - rho**2)[:, None, None]
    below = ndtr((edges[:, None, :] - rho[:, None, None] * safe[:, :, None]) / rest)
    along = density[:, :, None] * np.diff(below, axis=2)
    b, t, k = along.shape
    found = np.zeros((b, t + 1, t, k))
    number = np.arange(t)
    found[:, number, number] = along
    found[:, number + 1, number] = -along
    return found


def gamma(data: Ordinal) -> Matrix:
    """n times the asymptotic covariance matrix of thresholds and correlations, streamed.

    With clusters, the influences of the people of one are added up before they are squared.
    """
    item, number = data.places
    size = len(item) + len(data.rho)
    width = data.influence.shape[1]
    tables = data.influence.reshape(len(data.rho), -1).astype(np.float32)
    own = data.own_influence[item, :, number].astype(np.float32)
    total = np.zeros((size, size))
    count = 0 if data.clusters is None else len(np.unique(data.clusters))
    summed = np.zeros((count, size))
    values = np.empty((BLOCK, size), dtype=np.float32, order="F")
    for start in range(0, data.n, BLOCK):
        codes = data.codes[start : start + BLOCK].astype(np.intp)
        block = values[: len(codes)]
        for k in range(len(item)):
            block[:, k] = own[k][codes[:, item[k]]]
        scaled = codes * width
        for k, (row, col) in enumerate(zip(*data.pairs, strict=True)):
            block[:, len(item) + k] = tables[k][scaled[:, row] + codes[:, col]]
        if data.clusters is None:
            total += block.T @ block
        else:
            np.add.at(summed, data.clusters[start : start + BLOCK], block)
    if data.clusters is not None:
        total = summed.T @ summed * (count / (count - 1))
    return total / (data.n - 1)
