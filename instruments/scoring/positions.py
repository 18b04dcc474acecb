"""Where answers sit on an ordered line: interpolated quantiles, Woodruff bands, verdicts, ICC(1).

A stop k is the interval of half a stop either side, and its answers are spread evenly inside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from instruments.definition import Position
from instruments.psychometrics.agreement import mean_squares
from instruments.psychometrics.estimates import CannotEstimate
from instruments.scoring.weights import Floats, Strata


def quantile(shares: Floats, at: Floats | float, *, first: float = 1.0) -> Floats:
    """Interpolated quantile of grouped answers.

    Parameters
    ----------
    shares : ndarray, shape (..., stops)
        Shares of answers per stop, of any total above 0.
    at : float or ndarray that broadcasts with shares[..., 0]
        Which quantile, 0 to 1 (0.5: the interpolated median).
    first : float
        The first stop's number.

    Returns
    -------
    ndarray, shape (...)
        Where the cumulative share reaches ``at``. Where it does so along an empty stretch, the
        middle of the stretch, so that turning the line round turns the figure round.
    """
    shares = np.asarray(shares, dtype=np.float64)
    goal = np.clip(np.asarray(at, dtype=np.float64), 0.0, 1.0)
    stops = shares.shape[-1]
    shape = np.broadcast_shapes(goal.shape, shares.shape[:-1])
    shares = np.broadcast_to(shares / shares.sum(axis=-1, keepdims=True), (*shape, stops))
    goal = np.broadcast_to(goal, shape)
    edges = np.concatenate([np.zeros((*shape, 1)), np.cumsum(shares, axis=-1)], axis=-1)
    tolerance = 1e-12
    # the last edge at or before the goal, and the first at or after it
    before = (edges <= goal[..., None] + tolerance).sum(axis=-1) - 1
    after = np.minimum((edges < goal[..., None] - tolerance).sum(axis=-1), stops)
    start = np.minimum(before, stops - 1)
    share = np.take_along_axis(shares, start[..., None], axis=-1)[..., 0]
    base = np.take_along_axis(edges, start[..., None], axis=-1)[..., 0]
    filled = share > 0
    inside = start + np.clip((goal - base) / np.where(filled, share, 1.0), 0.0, 1.0) * filled
    # on an edge: the middle of the stretch without answers (of no length where there is none)
    place = np.where(before >= after, (before + after) / 2, inside)
    place = np.where(goal <= 0, before, np.where(goal >= 1, after, place))
    return np.asarray(place + first - 0.5)


def shares_of(x: NDArray[np.int8], strata: Strata, options: Sequence[int]) -> Floats:
    """Weighted shares of answers per option, shape (options,); all 0 without answers."""
    weights = strata.weights
    shares = np.array([weights[x == option].sum() for option in options])
    total = shares.sum()
    return shares / total if total > 0 else shares


#: what each stratum borrows from the whole group when positions are given bands: half an answer
BORROWED = 0.5


def woodruff(
    x: NDArray[np.int8], strata: Strata, shares: Floats, *, first: int, confidence: float
) -> tuple[float, float] | None:
    """Woodruff's interval of the interpolated median, stratified, without a discount.

    The interval of the weighted share below the estimate m, with a person at stop k counting
    ``clip(m - (k - 0.5), 0, 1)``, turned back through the cumulative shares. Woodruff (1952),
    Journal of the American Statistical Association 47, 635-646. None where there is no variance
    to be had.

    To the answers of each stratum ``BORROWED`` of an answer is added, spread like those of the
    whole group, before its variance is taken. Three people of one school who agree are no proof
    that a fourth would: without this, bands of decisions that schools settle each for itself
    covered 65 to 85 times in 100 instead of 90; where strata are large it changes nothing.
    """
    if not strata.n.size or (strata.n < 2).any():
        return None
    median = float(quantile(shares, 0.5, first=first))
    below = _below(median, first + np.arange(shares.size, dtype=np.float64))
    used = strata.of >= 0
    of, z = strata.of[used], _below(median, x[used].astype(np.float64))
    n = strata.n + BORROWED
    size = n.size
    mean = (np.bincount(of, weights=z, minlength=size) + BORROWED * (shares @ below)) / n
    square = (np.bincount(of, weights=z**2, minlength=size) + BORROWED * (shares @ below**2)) / n
    s2 = np.maximum(square - mean**2, 0.0) * n / (n - 1)
    variance = float(np.sum(strata.share**2 * s2 / strata.n))
    half = NormalDist().inv_cdf((1 + confidence) / 2) * variance**0.5
    low, high = quantile(shares, np.array([0.5 - half, 0.5 + half]), first=first)
    return min(float(low), median), max(float(high), median)


def _below(median: float, stop: Floats) -> Floats:
    """How much of each answer lies below the median, its stop taken as evenly spread."""
    return np.clip(median - (stop - 0.5), 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the shares at the stops allow to be said, by the instrument's rules."""

    verdict: Literal["gathers", "split", "none"]
    stop: int | None
    at_stop: float
    with_neighbours: float
    left_share: float
    right_share: float
    left_mean: float
    right_mean: float


def judge(shares: Floats, options: Sequence[int], rules: Position) -> Verdict:
    """Split, else gathered at a stop, else neither.

    Split: at least ``split_share`` of answers below the middle of the line and as many above.
    Gathers: the fullest stop holds ``named_stop_share`` and, with its neighbours,
    ``named_stop_with_neighbours``. Shares at the limits count (within 1e-9).
    """
    middle = (options[0] + options[-1]) / 2
    places = np.array(options, dtype=np.float64)
    sides = []
    for side in (places < middle, places > middle):
        share = float(shares[side].sum())
        mean = (
            float(shares[side] @ places[side]) / share if share > 0 else float(places[side].mean())
        )
        sides.append((share, mean))
    (left, left_mean), (right, right_mean) = sides
    top = _fullest(shares)
    at_stop = float(shares[top])
    near = float(shares[max(top - 1, 0) : top + 2].sum())
    verdict: Literal["gathers", "split", "none"] = "none"
    if min(left, right) >= rules.split_share - 1e-9:
        verdict = "split"
    elif (
        at_stop >= rules.named_stop_share - 1e-9 and near >= rules.named_stop_with_neighbours - 1e-9
    ):
        verdict = "gathers"
    stop = options[top] if verdict == "gathers" else None
    return Verdict(verdict, stop, at_stop, near, left, right, left_mean, right_mean)


def _fullest(shares: Floats) -> int:
    """The stop with most answers; of equals the one with fuller neighbours, then the first."""
    near = np.convolve(shares, np.ones(3), mode="same").round(9)
    ties = np.flatnonzero(shares >= shares.max() - 1e-9)
    return int(ties[np.argmax(near[ties])])


def icc1(x: Floats, groups: NDArray[np.str_]) -> float | None:
    """ICC(1): how much of the differences lies between groups.

    One-way random analysis of variance, ``(MSB - MSW) / (MSB + (k - 1) MSW)``, k the plain mean
    group size, as ``multilevel::ICC1``. None with fewer than two groups, no group of two, or no
    variance at all.
    """
    try:
        found = mean_squares(x, groups)
    except CannotEstimate:
        return None
    bottom = found.between + (found.n / found.groups - 1) * found.within
    return (found.between - found.within) / bottom if bottom > 0 else None
