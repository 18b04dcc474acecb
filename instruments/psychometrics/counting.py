"""From rows to Moments: one pass over blocks, so that memory does not grow with the people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from instruments.psychometrics.given import as_codes
from instruments.psychometrics.moments import MissingRule, Moments, Sums

#: rows taken at once
BLOCK = 8192
#: whole numbers up to here are exact in float32, which is twice as fast
_EXACT = 2**24
Weights = NDArray[np.float64] | None


@dataclass(frozen=True, eq=False)
class _Places:
    """Where an answer counts: codes as answered and values as counted, shape (k, p)."""

    codes: NDArray[np.int8]
    values: NDArray[np.int64]
    exists: NDArray[np.bool_]
    #: items to turn round, and lowest + highest option
    turned: NDArray[np.bool_]
    ends: NDArray[np.int64]


def from_codes(
    codes: ArrayLike,
    names: Sequence[str],
    options: Sequence[Sequence[int]],
    rule: MissingRule = "pairwise",
    *,
    reverse: Collection[str] = (),
    weights: NDArray[np.float64] | None = None,
    tables: bool = True,
) -> Moments:
    """Moments of answers, in one pass over blocks of rows.

    Parameters
    ----------
    codes : ndarray of int8 or DataFrame, shape (n, p)
        Option numbers; below zero, or NaN, where there is no answer.
    names : sequence of str
        The p items.
    options : sequence of sequence of int
        Each item's options.
    rule : {"pairwise", "listwise"}
        Who is left out.
    reverse : collection of str
        Items to turn round first: lowest + highest option - answer.
    weights : ndarray of float64, shape (n,), optional
        What each person counts; more than zero.
    tables : bool
        Whether to keep the table of each pair of items, which polychorics need. Without, the pass
        is several times faster.

    Returns
    -------
    Moments

    Raises
    ------
    ValueError
        Where shapes disagree, a name occurs twice or is unknown, a weight is not above zero, or a
        code is not one of its item's options.
    """
    codes = as_codes(codes)
    weights = None if weights is None else np.asarray(weights, dtype=np.float64)
    names, ordered = tuple(names), tuple(tuple(sorted(map(int, each))) for each in options)
    _check_shapes(codes, names, ordered, rule, reverse)
    _check_weights(weights, len(codes))
    places = _places(names, ordered, reverse)
    p, k = len(names), len(places.codes)
    exact = weights is None and max(each[-1] for each in ordered) ** 2 * BLOCK < _EXACT
    kind = np.dtype(np.float32 if exact else np.float64)
    shape = (k * p, k * p) if tables else (4, p, p)
    total = np.zeros(shape, np.int64 if weights is None else np.float64)
    pairs = np.zeros((p, p), dtype=np.int64)
    used, weight_sum, weight_squares = 0, 0.0, 0.0
    for start in range(0, len(codes), BLOCK):
        block = codes[start : start + BLOCK]
        _check_codes(block, names, ordered)
        worth = None if weights is None else weights[start : start + BLOCK]
        block, worth = _keep(block, worth, rule)
        used += len(block)
        found = (_tables if tables else _sums)(block, places, worth, kind)
        total += np.rint(found).astype(np.int64) if worth is None else found
        if worth is not None:
            shown = (block >= 0).astype(np.float32)
            pairs += np.rint(shown.T @ shown).astype(np.int64)
            weight_sum += float(worth.sum())
            weight_squares += float(worth @ worth)
    table = total.reshape(k, p, k, p).transpose(1, 0, 3, 2).copy() if tables else None
    mass, *moved = tuple(total) if table is None else _from_tables(table, places)
    if weights is None:
        pairs, weight_sum, weight_squares = mass, float(used), float(used)
    sums, squares, products = moved
    return Moments(
        names=names,
        options=ordered,
        rule=rule,
        people=len(codes),
        n=used,
        pairs=pairs,
        mass=mass,
        sums=sums,
        squares=squares,
        products=products,
        tables=table,
        weight_sum=weight_sum,
        weight_squares=weight_squares,
    )


def _places(
    names: tuple[str, ...], options: tuple[tuple[int, ...], ...], reverse: Collection[str]
) -> _Places:
    shape = (max(map(len, options)), len(names))
    codes, values = np.zeros(shape, dtype=np.int8), np.zeros(shape, dtype=np.int64)
    exists = np.zeros(shape, dtype=bool)
    ends = np.array([own[0] + own[-1] for own in options])
    turned = np.array([name in reverse for name in names], dtype=bool)
    for item, own in enumerate(options):
        # place 0 is the lowest option after turning
        order = np.array(own[::-1] if turned[item] else own)
        codes[: len(own), item] = order
        values[: len(own), item] = ends[item] - order if turned[item] else order
        exists[: len(own), item] = True
    return _Places(codes, values, exists, turned, ends)


def _keep(
    block: NDArray[np.int8], worth: Weights, rule: MissingRule
) -> tuple[NDArray[np.int8], Weights]:
    keep = block.min(axis=1) >= 0 if rule == "listwise" else block.max(axis=1) >= 0
    if keep.all():
        return block, worth
    return block[keep], None if worth is None else worth[keep]


def _tables(
    block: NDArray[np.int8], places: _Places, worth: Weights, kind: np.dtype[Any]
) -> NDArray[Any]:
    """Every pair of options, shape (k p, k p)."""
    k, p = places.codes.shape
    chosen = np.empty((len(block), k * p), dtype=kind)
    for place in range(k):
        hit = block == places.codes[place]
        if not places.exists[place].all():
            hit &= places.exists[place]
        chosen[:, place * p : (place + 1) * p] = hit
    if worth is not None:
        chosen *= np.sqrt(worth)[:, None]
    return np.asarray(chosen.T @ chosen)


def _sums(
    block: NDArray[np.int8], places: _Places, worth: Weights, kind: np.dtype[Any]
) -> NDArray[Any]:
    """Mass, sums, squares and products, shape (4, p, p)."""
    shown = block >= 0
    answers = block.astype(kind)
    answers[:, places.turned] = (places.ends[places.turned] - answers[:, places.turned]).astype(
        kind
    )
    if worth is None and shown.all():
        products = answers.T @ answers
        row = np.ones(len(products))
        sums, squares = np.outer(answers.sum(axis=0), row), np.outer(np.diag(products), row)
        return np.stack([np.full_like(sums, len(block)), sums, squares, products])
    answers *= shown
    weighed = shown.astype(kind)
    if worth is not None:
        root = np.sqrt(worth)[:, None]
        answers, weighed = answers * root, weighed * root
    mass, sums = weighed.T @ weighed, answers.T @ weighed
    squares = (answers * np.where(shown, answers, 0)).T @ shown.astype(kind)
    return np.stack([mass, sums, squares, answers.T @ answers])


def _from_tables(table: Sums, places: _Places) -> tuple[Sums, Sums, Sums, Sums]:
    values = places.values.T.astype(table.dtype)
    first = table.sum(axis=3)
    sums, squares = (np.einsum("iaj,ia->ij", first, values**power) for power in (1, 2))
    products = np.einsum("iaj,ia->ij", np.einsum("iajb,jb->iaj", table, values), values)
    return first.sum(axis=1), sums, squares, products


def _check_codes(
    block: NDArray[np.int8], names: tuple[str, ...], options: tuple[tuple[int, ...], ...]
) -> None:
    """Refuse a code that is no option of its item."""
    low, high = np.array([[own[0], own[-1]] for own in options], dtype=np.int8).T
    off = (block > high).any()
    off = off or (low.max() > 0 and ((block >= 0) & (block < low)).any())
    if not off and all(len(own) == own[-1] - own[0] + 1 for own in options):
        return
    for item, (name, own) in enumerate(zip(names, options, strict=True)):
        given = np.unique(block[:, item])
        unknown = [int(code) for code in given if code >= 0 and code not in own]
        if unknown:
            raise ValueError(f"{name}: {unknown[0]} is not one of its options {own}")


def _check_weights(weights: Weights, n: int) -> None:
    if weights is None:
        return
    if weights.shape != (n,) or not np.isfinite(weights).all() or (weights <= 0).any():
        raise ValueError("weights must be one number above zero for each row of codes")


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
    if not all(options) or any(own[0] < 0 or own[-1] > 127 for own in options):
        raise ValueError("options must be numbers from 0 to 127, at least one an item")
    unknown = set(reverse) - set(names)
    if unknown:
        raise ValueError(f"reverse names unknown items: {', '.join(sorted(unknown))}")
