"""How far the people of one group say the same: rwg(j), awg, and the average deviation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate, NotEstimated, Result, Table
from instruments.psychometrics.given import as_codes, as_labels
from instruments.psychometrics.labels import numbered

Matrix = NDArray[np.float64]

#: variance of five options where answers lean a little, or somewhat, to one end (LeBreton and
#: Senter 2008, table 2); published for five options, so for no other number
SLIGHT_SKEW, MODERATE_SKEW = 1.34, 0.90


@dataclass(frozen=True, eq=False)
class Consensus(Result):
    """Agreement inside each group, on people who answered every item.

    Attributes
    ----------
    groups : tuple of str
        Groups of two people or more, sorted.
    sizes : ndarray of int, shape (g,)
    alone : int
        Groups of one person, which have no agreement.
    rwgj_uniform, rwgj_skewed, rwgj_moderate : ndarray, shape (g,), or NotEstimated
        1 where all say the same, 0 where they differ as people who answer at random, from even or
        from slightly or moderately skewed chances; held between 0 and 1. Of one item: rwg.
    rwgj_lindell : ndarray, shape (g,)
        Lindell's, with even chances, not raised by the number of items and not held.
    awg : ndarray, shape (g,)
        Against the most that people could differ at the group's mean; NaN where the mean lies too
        near an end for its size.
    ad_mean, ad_median : ndarray, shape (g,)
        Average deviation from the group's mean or median, in options; up to 1/6 of the number of
        options reads as agreement (Burke and Dunlap 2002).
    """

    groups: tuple[str, ...]
    sizes: NDArray[np.int64]
    alone: int
    items: int
    rwgj_uniform: Matrix
    rwgj_skewed: Matrix | NotEstimated
    rwgj_moderate: Matrix | NotEstimated
    rwgj_lindell: Matrix
    awg: Matrix
    ad_mean: Matrix
    ad_median: Matrix

    def table(self) -> Table:
        """Mean and median over groups."""
        rows: list[tuple[Any, ...]] = []
        for name, values in self.figures().items():
            if isinstance(values, NotEstimated):
                rows.append((name, values, "", 0))
                continue
            known = values[np.isfinite(values)]
            middle = (float(known.mean()), float(np.median(known))) if known.size else ("", "")
            rows.append((name, *middle, len(known)))
        return Table(("figure", "mean", "median", "groups"), tuple(rows))

    def figures(self) -> dict[str, Matrix | NotEstimated]:
        """Every figure by name."""
        names = ("rwgj_uniform", "rwgj_skewed", "rwgj_moderate", "rwgj_lindell", "awg")
        return {name: getattr(self, name) for name in (*names, "ad_mean", "ad_median")}

    def to_json(self) -> dict[str, Any]:
        """Plain values; a group without a figure has null."""
        found: dict[str, Any] = {"groups": list(self.groups), "sizes": self.sizes.tolist()}
        for name, values in self.figures().items():
            if isinstance(values, NotEstimated):
                found[name] = {"not_estimated": values.reason}
            else:
                found[name] = [float(x) if np.isfinite(x) else None for x in values]
        return found


def consensus(codes: NDArray[np.int8], groups: NDArray[Any], options: Sequence[int]) -> Consensus:
    """Agreement of the people of each group over the items of one scale.

    Parameters
    ----------
    codes : ndarray of int8, shape (n, j)
        Option numbers, reversed items turned round; below zero where there is no answer. People
        with a gap are left out.
    groups : ndarray, shape (n,)
        Each person's group.
    options : sequence of int
        What the items can be answered with.

    Returns
    -------
    Consensus
        Every figure by group, shape (g,); NaN for awg where a group's mean lies too near an
        end.

    Raises
    ------
    CannotEstimate
        Where no group has two people who answered every item, or there are fewer than two options.

    Notes
    -----
    With s the mean over items of the variance in a group (divided by n - 1), held at the variance v
    of people who answer at random: ``rwg(j) = j (1 - s / v) / (j (1 - s / v) + s / v)``; for even
    chances v is the variance of the options, ``(A^2 - 1) / 12`` of A that lie one apart. Agrees
    with ``multilevel::rwg.j``, ``rwg.j.lindell``, ``rwg``, ``awg`` and ``ad.m`` 2.7 to 1e-10.
    Sources: James, Demaree and Wolf (1984); Lindell, Brandt and Whitney (1999); Brown and
    Hauenstein (2005); Burke, Finkelstein and Dusig (1999).
    """
    values = np.array(sorted(options))
    codes = as_codes(codes)
    groups = as_labels(groups, len(codes), name="groups")
    if len(values) and not 0 <= values[0] <= values[-1] <= 127:
        raise ValueError("options must be numbers from 0 to 127")
    if len(values) < 2:
        raise CannotEstimate("agreement needs two options or more")
    kept = (codes >= 0).all(axis=1)
    names, label = numbered(groups[kept])
    counts = _counts(codes[kept], label, len(names), values)
    sizes = counts[:, 0].sum(axis=1) if codes.shape[1] else np.zeros(0, dtype=np.int64)
    some = sizes >= 2
    if not some.any():
        raise CannotEstimate("no group has two people who answered every item")
    counts, size = counts[some], sizes[some][:, None]
    mean = counts @ values / size
    spread = (counts @ values**2 - size * mean**2) / (size - 1)
    within = np.maximum(spread, 0.0).mean(axis=1)
    five = len(values) == 5 and (np.diff(values) == 1).all()
    unknown = NotEstimated("the variance of skewed answers is published for five options only")
    even = float(np.var(values))
    j = codes.shape[1]
    return Consensus(
        groups=tuple(str(name) for name in names[some]),
        sizes=sizes[some],
        alone=int((~some).sum()),
        items=j,
        rwgj_uniform=_rwgj(within, even, j),
        rwgj_skewed=_rwgj(within, SLIGHT_SKEW, j) if five else unknown,
        rwgj_moderate=_rwgj(within, MODERATE_SKEW, j) if five else unknown,
        rwgj_lindell=1 - within / even,
        awg=_awg(mean, spread, size, values[0], values[-1]),
        ad_mean=_deviation(counts, values, mean, size),
        ad_median=_deviation(counts, values, _medians(counts, values, size), size),
    )


def _counts(
    codes: NDArray[np.int8], label: NDArray[np.intp], groups: int, values: NDArray[np.int64]
) -> NDArray[np.int64]:
    """People of each group by item and option, shape (g, j, k)."""
    k, j = len(values), codes.shape[1]
    place = np.full(128, -1, dtype=np.int64)
    place[values] = np.arange(k)
    found = np.empty((groups, j, k), dtype=np.int64)
    first = label * k
    for item, column in enumerate(np.ascontiguousarray(codes.T)):
        option = place.take(column)
        if option.min(initial=0) < 0:
            raise ValueError(f"item {item + 1} holds an answer that is none of the options")
        option += first
        found[:, item] = np.bincount(option, minlength=groups * k).reshape(groups, k)
    return found


def _rwgj(within: Matrix, chance: float, items: int) -> Matrix:
    share = np.minimum(within / chance, 1.0)
    return np.asarray(items * (1 - share) / (items * (1 - share) + share))


def _awg(mean: Matrix, spread: Matrix, size: NDArray[np.int64], low: int, high: int) -> Matrix:
    """Mean over items: 1 where all say the same; none where the mean lies too near an end."""
    most = ((high + low) * mean - mean**2 - high * low) * size / (size - 1)
    least_mean = (low * (size - 1) + high) / size
    most_mean = (high * (size - 1) + low) / size
    fair = (mean >= least_mean) & (mean <= most_mean) & (most > 0)
    each = np.where(fair, 1 - 2 * spread / np.where(fair, most, 1.0), np.nan)
    each = np.where(spread <= 1e-12, 1.0, each)
    known = np.isfinite(each)
    total = np.where(known, each, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _medians(
    counts: NDArray[np.int64], values: NDArray[np.int64], size: NDArray[np.int64]
) -> Matrix:
    below = np.cumsum(counts, axis=2)
    low = (below < ((size + 1) // 2)[:, :, None]).sum(axis=2)
    high = (below < (size // 2 + 1)[:, :, None]).sum(axis=2)
    return np.asarray((values[low] + values[high]) / 2)


def _deviation(
    counts: NDArray[np.int64], values: NDArray[np.int64], centre: Matrix, size: NDArray[np.int64]
) -> Matrix:
    away = np.abs(values[None, None, :] - centre[:, :, None])
    return np.asarray(((counts * away).sum(axis=2) / size).mean(axis=1))
