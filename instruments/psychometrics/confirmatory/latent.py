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
from instruments.psychometrics.two_step import BOUND, Influence, cuts, influence_of, maximise

Matrix = NDArray[np.float64]

#: people taken at once
BLOCK = 2048
#: summed squared influence, a person, at which a correlation counts as moved by nobody
STILL = 1e-12


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
        Rows and columns of the upper triangle, the order of the correlations.
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
    The influences agree with the ``NACOV`` of lavaan's WLSMV.

    Parameters
    ----------
    rows : Rows
    categories : tuple of ndarray
        Each item's options; all of them used.

    Raises
    ------
    CannotEstimate
        Where there is one item only, or a pair has no correlation, or one that nobody moves.
    """
    names, n = rows.names, rows.n
    if len(names) < 2:
        raise CannotEstimate("a model of ordinal items needs two items or more; there is one")
    codes = _codes(rows, categories)
    sizes = tuple(len(each) for each in categories)
    tables = _tables(codes, max(sizes, default=1))
    counts = _counts(tables, names)
    pairs = np.triu_indices(len(names), 1)
    both = tables[pairs]
    cut = cuts(counts, counts.sum(axis=1))
    rho = _correlations(both, cut, np.array(sizes), pairs, names)
    found = influence_of(counts, cut, both[:, 1:, 1:], np.stack(pairs, axis=1), rho)
    influence, own = _tabled(found, n)
    thresholds = np.where(np.arange(cut.shape[1]) < np.array(sizes)[:, None] - 1, cut, np.inf)
    item, number = np.nonzero(np.isfinite(thresholds))
    diagonal = np.concatenate(
        [
            np.einsum("ta,ta->t", counts[item], own[item, 1:, number] ** 2),
            np.einsum("bij,bij->b", both, influence**2),
        ]
    )
    still = np.flatnonzero(diagonal[len(item) :] <= STILL * n)
    if still.size:
        one, other = (names[side[still[0]]] for side in pairs)
        raise CannotEstimate(
            f"{one} and {other} are answered by too few people: nobody's answer moves their"
            " polychoric correlation"
        )
    clusters = None
    if rows.clusters is not None and rows.correction:
        clusters = np.unique(rows.clusters, return_inverse=True)[1].astype(np.int64)
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
        diagonal / (n - 1),
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


def _counts(tables: Matrix, names: tuple[str, ...]) -> Matrix:
    """Answers per option, shape (p, k)."""
    p, k = len(tables), tables.shape[2] - 1
    counts = tables[np.arange(p), np.arange(p)][:, np.arange(1, k + 1), np.arange(1, k + 1)]
    nobody = [name for name, own in zip(names, counts, strict=True) if own.sum() == 0]
    if nobody:
        raise CannotEstimate(f"nobody answered {', '.join(nobody)}")
    constant = [name for name, own in zip(names, counts, strict=True) if (own > 0).sum() == 1]
    if constant:
        raise CannotEstimate(f"everybody gave the same answer to {', '.join(constant)}")
    return counts


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
    tables: Matrix,
    cut: Matrix,
    sizes: NDArray[np.int64],
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
    names: tuple[str, ...],
) -> Matrix:
    """All polychoric correlations; none of a pair that nobody, or nobody differently, answered."""
    counts = tables[:, 1:, 1:]
    for b, (one, other) in enumerate(zip(*pairs, strict=True)):
        if counts[b].sum() < 2:
            raise CannotEstimate(
                f"fewer than two people answered both {names[one]} and {names[other]}"
            )
        for axis, item in ((1, one), (0, other)):
            if (counts[b].sum(axis=axis) > 0).sum() < 2:
                raise CannotEstimate(
                    f"those who answered both {names[one]} and {names[other]} all gave the same"
                    f" answer to {names[item]}"
                )
    rho = maximise(cut[pairs[0]], cut[pairs[1]], _kept_from_empty(counts, sizes, pairs))
    perfect = np.flatnonzero(np.abs(rho) >= BOUND)
    if perfect.size:
        one, other = (names[side[perfect[0]]] for side in pairs)
        raise CannotEstimate(
            f"{one} and {other} order people alike: their polychoric correlation is 1 or -1"
        )
    return rho


def _tabled(found: Influence, n: int) -> tuple[Matrix, Matrix]:
    """Influences on correlations and thresholds by answer, "none" first, times n."""
    influence = np.pad(found.cells, ((0, 0), (1, 0), (1, 0)))
    influence[:, 1:] += found.first[:, :, None]
    influence[:, :, 1:] += found.second[:, None, :]
    own = np.pad(found.thresholds, ((0, 0), (1, 0), (0, 0)))
    return np.asarray(influence * n, dtype=np.float64), np.asarray(own * n, dtype=np.float64)


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
