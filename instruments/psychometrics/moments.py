"""Moments: the mergeable sufficient statistics that most estimators need instead of rows.

All sums are whole numbers, so two Moments of the same items add up exactly, in any order.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from instruments.psychometrics.estimates import CannotEstimate

MissingRule = Literal["pairwise", "listwise"]
Matrix = NDArray[np.float64]
Whole = NDArray[np.int64]

#: rows taken at once: memory does not grow with the number of people
BLOCK = 8192


@dataclass(frozen=True, eq=False)
class Moments:
    """Counts, sums and cross-products of named items under one missing-data rule.

    Attributes
    ----------
    names : tuple of str
        The p items.
    options : tuple of tuple of int
        Each item's options in ascending order.
    rule : {"pairwise", "listwise"}
        Pairwise: every pair rests on the people who answered both. Listwise: all rest on the people
        who answered every item.
    people : int
        Rows seen.
    n : int
        Rows used: with an answer to at least one item (pairwise) or to all (listwise).
    counts : ndarray of int64, shape (p, most options)
        Answers per option after reversal; zero beyond an item's own options.
    pairs : ndarray of int64, shape (p, p)
        People who answered both items; the diagonal holds each item's own n.
    sums, squares : ndarray of int64, shape (p, p)
        Row i, column j: the sum of item i (of its squares) over the people of ``pairs[i, j]``.
    products : ndarray of int64, shape (p, p)
        Sums of products over the people of ``pairs``.
    """

    names: tuple[str, ...]
    options: tuple[tuple[int, ...], ...]
    rule: MissingRule
    people: int
    n: int
    counts: Whole
    pairs: Whole
    sums: Whole
    squares: Whole
    products: Whole

    @property
    def smallest_n(self) -> int:
        """People behind the pair that fewest answered (behind the item, where there is one)."""
        return int(_off_diagonal(self.pairs).min())

    @property
    def largest_n(self) -> int:
        """People behind the pair that most answered."""
        return int(_off_diagonal(self.pairs).max())

    def means(self) -> Matrix:
        """Item means, shape (p,), each over the people who answered the item."""
        _require(np.diag(self.pairs) >= 1, self.names, "nobody answered {}")
        return np.asarray(np.diag(self.sums) / np.diag(self.pairs), dtype=np.float64)

    def covariances(self) -> Matrix:
        """Covariances, shape (p, p), divided by n - 1.

        Agrees with R's ``cov(x, use = "pairwise")`` or ``cov(na.omit(x))`` by rule.

        Raises
        ------
        CannotEstimate
            Where a pair of items was answered by fewer than two people.
        """
        self._require_pairs()
        centred = self.products - self.sums * (self.sums.T / self.pairs)
        return np.asarray(centred / (self.pairs - 1), dtype=np.float64)

    def correlations(self) -> Matrix:
        """Pearson correlations, shape (p, p), with 1 on the diagonal.

        Each uses the standard deviations of its own pair's people, as R's
        ``cor(x, use = "pairwise")`` does; with rule listwise this is ``cor(na.omit(x))``.

        Raises
        ------
        CannotEstimate
            Where an item is constant, or a pair was answered by fewer than two people, or one item
            is constant among the people of a pair.
        """
        self._require_pairs()
        spread = self.squares - self.sums * (self.sums / self.pairs)
        flat = spread <= 1e-9
        constant = [name for name, same in zip(self.names, np.diag(flat), strict=True) if same]
        if constant:
            raise CannotEstimate(f"everybody gave the same answer to {', '.join(constant)}")
        if flat.any():
            first, second = (self.names[k] for k in np.argwhere(flat)[0])
            raise CannotEstimate(
                f"those who answered both {first} and {second} all gave the same answer to {first}"
            )
        centred = self.products - self.sums * (self.sums.T / self.pairs)
        correlations = np.asarray(centred / np.sqrt(spread * spread.T), dtype=np.float64)
        correlations = np.clip((correlations + correlations.T) / 2, -1.0, 1.0)
        np.fill_diagonal(correlations, 1.0)
        return correlations

    def _require_pairs(self) -> None:
        few = np.argwhere(self.pairs < 2)
        if few.size:
            first, second = (self.names[k] for k in few[0])
            both = first if first == second else f"both {first} and {second}"
            raise CannotEstimate(f"fewer than two people answered {both}")


def from_codes(
    codes: NDArray[np.int8],
    names: Sequence[str],
    options: Sequence[Sequence[int]],
    rule: MissingRule = "pairwise",
    *,
    reverse: Collection[str] = (),
) -> Moments:
    """Moments of answers, in one pass over blocks of rows.

    Parameters
    ----------
    codes : ndarray of int8, shape (n, p)
        Option numbers; below zero where there is no answer.
    names : sequence of str
        The p items.
    options : sequence of sequence of int
        Each item's options.
    rule : {"pairwise", "listwise"}
        Who is left out.
    reverse : collection of str
        Items to turn round first: lowest + highest option - answer.

    Raises
    ------
    ValueError
        Where shapes disagree, a name occurs twice or is unknown, or a code is not one of its
        item's options.
    """
    names, ordered = tuple(names), tuple(tuple(sorted(each)) for each in options)
    _check_shapes(codes, names, ordered, rule, reverse)
    low = np.array([each[0] for each in ordered], dtype=np.float64)
    high = np.array([each[-1] for each in ordered], dtype=np.float64)
    turned = np.array([name in reverse for name in names], dtype=bool)
    p = len(names)
    tally = np.zeros((p, 256), dtype=np.int64)
    totals = [np.zeros((p, p), dtype=np.int64) for _ in range(4)]
    used = 0
    for start in range(0, len(codes), BLOCK):
        block = codes[start : start + BLOCK]
        _check_codes(_tally(block), names, ordered)
        present = block >= 0
        keep = np.all(present, axis=1) if rule == "listwise" else np.any(present, axis=1)
        block, present = block[keep], present[keep]
        used += len(block)
        tally += _tally(block)
        answers = np.where(present, np.where(turned, low + high - block, block), 0.0)
        shown = present.astype(np.float64)
        parts = (shown.T @ shown, answers.T @ shown, (answers**2).T @ shown, answers.T @ answers)
        for total, part in zip(totals, parts, strict=True):
            total += np.rint(part).astype(np.int64)
    counts = np.zeros((p, max(map(len, ordered))), dtype=np.int64)
    for k, own in enumerate(ordered):
        found = tally[k, 128 + np.array(own)]
        counts[k, : len(own)] = found[::-1] if turned[k] else found
    return Moments(names, ordered, rule, len(codes), used, counts, *totals)


def merge(one: Moments, other: Moments) -> Moments:
    """The Moments of both sets of people together; order and grouping do not matter.

    Raises
    ------
    ValueError
        Where items, options or missing-data rule differ.
    """
    for what in ("names", "options", "rule"):
        if getattr(one, what) != getattr(other, what):
            raise ValueError(f"Moments with different {what} do not add up")
    return Moments(
        one.names,
        one.options,
        one.rule,
        one.people + other.people,
        one.n + other.n,
        one.counts + other.counts,
        one.pairs + other.pairs,
        one.sums + other.sums,
        one.squares + other.squares,
        one.products + other.products,
    )


@dataclass(frozen=True, eq=False)
class Within:
    """Covariances inside groups, pooled over groups.

    Attributes
    ----------
    covariances : ndarray of float64, shape (p, p)
        Pooled-within covariances, divided by n - groups.
    n, groups : int
        Complete cases, and the groups that they fall in.
    """

    covariances: Matrix
    n: int
    groups: int


def within(codes: ArrayLike, groups: ArrayLike) -> Within:
    """Pooled-within covariances of complete cases.

    Parameters
    ----------
    codes : array, shape (n, p)
        Answers, reversed by the caller; below zero or NaN where there is none. People with a gap
        are left out (listwise).
    groups : array, shape (n,)
        Each person's group, of any kind that can be sorted.

    Raises
    ------
    ValueError
        Where ``groups`` has another length.
    CannotEstimate
        Where no group holds two complete cases.
    """
    answers = np.asarray(codes, dtype=np.float64)
    labels = np.asarray(groups)
    if answers.ndim != 2 or labels.shape != (len(answers),):
        raise ValueError("codes must be people x items, and groups one label a person")
    complete = (answers >= 0).all(axis=1)  # NaN >= 0 is False
    answers = answers[complete]
    _, label = np.unique(labels[complete], return_inverse=True)
    size = np.bincount(label).astype(np.float64)
    spare = len(answers) - len(size)
    if spare < 1:
        raise CannotEstimate("no group has two people who answered every item")
    sums = np.stack([np.bincount(label, weights=column) for column in answers.T], axis=1)
    centred = answers - (sums / size[:, None])[label]
    return Within(centred.T @ centred / spare, len(answers), len(size))


def _tally(block: NDArray[np.int8]) -> Whole:
    """How often each item has each code from -128 to 127, shape (p, 256)."""
    p = block.shape[1]
    places = block.astype(np.int64) + (128 + 256 * np.arange(p))
    return np.bincount(places.ravel(), minlength=256 * p).reshape(p, 256)


def _check_codes(
    tally: Whole, names: tuple[str, ...], options: tuple[tuple[int, ...], ...]
) -> None:
    """Refuse a code that is no option of its item."""
    given = tally[:, 128:] > 0
    for name, own, used in zip(names, options, given, strict=True):
        unknown = [code for code in np.flatnonzero(used) if code not in own]
        if unknown:
            raise ValueError(f"{name}: {unknown[0]} is not one of its options {own}")


def _check_shapes(
    codes: NDArray[np.int8],
    names: tuple[str, ...],
    options: tuple[tuple[int, ...], ...],
    rule: str,
    reverse: Collection[str],
) -> None:
    if rule not in ("pairwise", "listwise"):
        raise ValueError(f"rule must be 'pairwise' or 'listwise', not {rule!r}")
    if codes.ndim != 2 or codes.shape[1] != len(names) or len(names) != len(options):
        raise ValueError("codes must have one column, and options one entry, for each name")
    if not names or len(set(names)) != len(names):
        raise ValueError("names must be at least one, and all different")
    if not all(options) or any(each[0] < 0 for each in options):
        raise ValueError("options must be numbers from 0 on, at least one an item")
    unknown = set(reverse) - set(names)
    if unknown:
        raise ValueError(f"reverse names unknown items: {', '.join(sorted(unknown))}")


def _off_diagonal(matrix: Whole) -> Whole:
    if len(matrix) == 1:
        return np.diag(matrix)
    return matrix[~np.eye(len(matrix), dtype=bool)]


def _require(holds: NDArray[np.bool_], names: tuple[str, ...], message: str) -> None:
    missing = [name for name, yes in zip(names, holds, strict=True) if not yes]
    if missing:
        raise CannotEstimate(message.format(", ".join(missing)))
