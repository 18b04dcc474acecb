"""Polychoric correlations: those of the normal variables that ordered answers are cut from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate, Result, Table
from instruments.psychometrics.moments import Moments
from instruments.psychometrics.two_step import BOUND, Influence, cuts, influence_of, maximise

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Polychoric(Result):
    """Polychoric correlations with their standard errors.

    Attributes
    ----------
    names : tuple of str
        The p items.
    correlations : ndarray of float64, shape (p, p)
    errors : ndarray of float64, shape (p, p)
        Standard errors, those of the thresholds allowed for; 0 on the diagonal, and for
        correlations at the limit, which have none.
    thresholds : tuple of ndarray of float64
        An item's thresholds, one fewer than the options that anybody chose.
    pairs : ndarray of int64, shape (p, p)
        People behind each correlation.
    method : str
    notices : tuple of str
        Options that nobody chose, pairs with empty cells, correlations at the limit.
    effective : float
        Share of n that weighted people are worth (Kish).
    """

    names: tuple[str, ...]
    correlations: Matrix
    errors: Matrix
    thresholds: tuple[Matrix, ...]
    pairs: NDArray[np.int64]
    method: str
    notices: tuple[str, ...]
    effective: float = 1.0

    def table(self) -> Table:
        rows = zip(self.names, *self.correlations.T, strict=True)
        return Table(("", *self.names), tuple(rows))

    def notes(self) -> tuple[str, ...]:
        return (self.method, *self.notices)


def polychoric(moments: Moments, *, correct: float = 0.0) -> Polychoric:
    """Polychoric correlations of all pairs of items, by two-step maximum likelihood.

    Parameters
    ----------
    moments : Moments
        With tables. Rule pairwise: each pair rests on the people who answered both, thresholds on
        those who answered the item.
    correct : float
        Put into the empty cells of a table that has any, which then has thresholds of its own. 0:
        nothing. 0.5: as ``psych::polychoric`` does by default where items differ in their options
        (where they do not, it leaves empty cells alone whatever it is told).

    Returns
    -------
    Polychoric

    Raises
    ------
    ValueError
        Where the moments hold no tables, or ``correct`` is below 0.
    CannotEstimate
        Where an item is constant, or constant among the people of a pair, or nobody answered both
        items of a pair.

    Notes
    -----
    Thresholds are normal quantiles of an item's cumulative shares; then each correlation maximises
    the likelihood of its table (Olsson 1979, Psychometrika 44, 443-460), found by Fisher scoring
    for all pairs at once. Errors are those of the two-step estimator from the answers' own scores,
    as lavaan's (Muthen 1984, Psychometrika 49, 115-132). With weights the people count as their
    effective number. Agrees with ``lavaan::lavCor(x, ordered = TRUE)`` to 1e-6, with
    ``missing = "pairwise"`` too, and with ``psych::polychoric(x, correct = 0)`` and
    ``correct = .5`` to 1e-4, which is where psych stops.
    """
    if correct < 0:
        raise ValueError("correct must be 0 or more")
    cut, tables, items = _prepare(moments)
    filled = np.where((tables == 0) & _within(moments, items), correct, tables)
    first, second = cut[items[:, 0]], cut[items[:, 1]]
    if correct:
        touched = (filled != tables).any(axis=(1, 2))
        # as psych: shares of the people before the correction
        people = tables[touched].sum(axis=(1, 2))
        first[touched] = cuts(filled[touched].sum(axis=2), people)
        second[touched] = cuts(filled[touched].sum(axis=1), people)
    found = maximise(first, second, filled)
    influence = influence_of(moments.counts.astype(np.float64), cut, tables, items, found)
    p = len(moments.names)
    correlations, errors = np.eye(p), np.zeros((p, p))
    place = tuple(items.T)
    correlations[place] = correlations[place[::-1]] = found
    errors[place] = errors[place[::-1]] = _errors(moments, tables, influence)
    taken = "empty cells as they are" if correct == 0 else f"{correct:g} in empty cells"
    return Polychoric(
        moments.names,
        correlations,
        errors,
        _thresholds(moments, cut),
        moments.pairs,
        f"polychoric, two-step maximum likelihood, {taken}, {moments.rule}",
        _notices(moments, tables, items, found, errors[place]),
        moments.effective,
    )


def influence(moments: Moments, found: Polychoric) -> Influence:
    """How far each kind of answer moves each threshold and correlation (see ``Influence``).

    Parameters
    ----------
    moments : Moments
        With tables.
    found : Polychoric
        What ``polychoric`` made of them.

    Returns
    -------
    Influence
        A person's share of each correlation and threshold, by the answers given.

    Raises
    ------
    ValueError
        Where the Moments hold no tables.
    """
    cut, tables, items = _prepare(moments)
    return influence_of(
        moments.counts.astype(np.float64), cut, tables, items, found.correlations[tuple(items.T)]
    )


def _prepare(moments: Moments) -> tuple[Matrix, Matrix, NDArray[np.intp]]:
    """Thresholds, shape (p, k - 1), tables, shape (pairs, k, k), and the pairs' items."""
    held, names = moments.with_tables(), moments.names
    p = len(names)
    if p < 2:
        raise CannotEstimate("correlations need two items or more")
    counts = moments.counts.astype(np.float64)
    constant = [name for name, own in zip(names, counts, strict=True) if (own > 0).sum() < 2]
    if constant:
        raise CannotEstimate(f"nobody or everybody gave the same answer to {', '.join(constant)}")
    items = np.stack(np.triu_indices(p, 1), axis=1)
    tables = held[items[:, 0], :, items[:, 1], :].astype(np.float64)
    for axis, own in ((2, 0), (1, 1)):
        flat = np.flatnonzero((tables.sum(axis=axis) > 0).sum(axis=1) < 2)
        if flat.size:
            i, j = items[flat[0]]
            if moments.pairs[i, j] == 0:
                raise CannotEstimate(f"nobody answered both {names[i]} and {names[j]}")
            raise CannotEstimate(
                f"those who answered both {names[i]} and {names[j]} all gave the same answer to"
                f" {names[items[flat[0], own]]}"
            )
    return cuts(counts, counts.sum(axis=1)), tables, items


def _within(moments: Moments, items: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Cells between options that somebody chose."""
    chosen = moments.counts > 0
    return np.asarray(chosen[items[:, 0], :, None] & chosen[items[:, 1], None, :])


def _thresholds(moments: Moments, cut: Matrix) -> tuple[Matrix, ...]:
    found = []
    for own, counts in zip(cut, moments.counts, strict=True):
        used = np.flatnonzero(counts > 0)
        found.append(own[used[:-1]])
    return tuple(found)


def _notices(
    moments: Moments,
    tables: Matrix,
    items: NDArray[np.intp],
    found: Matrix,
    errors: Matrix,
) -> tuple[str, ...]:
    notices, names = [], moments.names
    for name, own, counts in zip(names, moments.options, moments.counts, strict=True):
        unused = [str(code) for code, count in zip(own, counts, strict=False) if count == 0]
        if unused:
            notices.append(f"Nobody chose option {', '.join(unused)} of {name}.")

    def listed(holds: NDArray[np.bool_], what: Callable[[int], str]) -> None:
        some = items[holds]
        if len(some):
            shown = ", ".join(f"{names[i]} with {names[j]}" for i, j in some[:5])
            notices.append(what(len(some)) + f": {shown}{' ...' if len(some) > 5 else ''}.")

    empty = ((tables == 0) & _within(moments, items)).any(axis=(1, 2))
    listed(empty, lambda count: f"Pairs with an empty cell, {count}")
    listed(
        (np.abs(found) >= BOUND) | (errors <= 0),
        lambda count: f"Correlations at the limit of {BOUND}, or that nobody moves, {count}",
    )
    return tuple(notices)


def _errors(moments: Moments, tables: Matrix, found: Influence) -> Matrix:
    """Standard errors: the root of the summed squares of everybody's influence."""
    both = found.cells + found.first[:, :, None] + found.second[:, None, :]
    total = (tables * both**2).sum(axis=(1, 2))
    counts = moments.counts.astype(np.float64)
    for own, part, axis in ((0, found.first, 2), (1, found.second, 1)):
        alone = counts[found.items[:, own]] - tables.sum(axis=axis)
        total += (alone * part**2).sum(axis=1)
    # with weights the influence is per unit of weight; people are worth their effective number
    scale = moments.weight_sum / max(moments.n, 1) if moments.weighted else 1.0
    return np.asarray(np.sqrt(total * scale / moments.effective))
