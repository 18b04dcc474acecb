"""How alike people of one group are, and how well groups can be told apart: ICC(1) and ICC(2)."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate, Estimate, Result
from instruments.psychometrics.given import as_labels
from instruments.psychometrics.labels import numbered


@dataclass(frozen=True, slots=True)
class Agreement(Result):
    """Intraclass correlations of one score over groups.

    ``icc1``: how much of the differences between people lies between groups. ``icc2``: how
    reliable a group's mean is, that is, how well groups can be told apart by it.
    """

    icc1: Estimate
    icc2: Estimate
    groups: int


def icc(
    x: NDArray[np.float64],
    groups: NDArray[Any],
    *,
    confidence: float = 0.95,
    interval: Literal["exact", "mean size"] = "exact",
) -> Agreement:
    """ICC(1) and ICC(2) of a score over groups.

    Parameters
    ----------
    x : ndarray, shape (n,)
        One score a person, none missing.
    groups : ndarray, shape (n,)
        Each person's group.
    confidence : float
        Of the intervals.
    interval : {"exact", "mean size"}
        ``exact``: Wald's, which holds for groups of any sizes. ``mean size``: as if all groups had
        the mean one, as R's; where they do not, it holds the truth too seldom.

    Returns
    -------
    Agreement
        icc1 and icc2 with their intervals, and the number of groups.

    Raises
    ------
    CannotEstimate
        With fewer than two groups, no group of two, or no differences at all.

    Notes
    -----
    One-way random analysis of variance, k the plain mean group size:
    ``ICC(1) = (MSB - MSW) / (MSB + (k - 1) MSW)``, ``ICC(2) = (MSB - MSW) / MSB``. Either may be
    negative: then groups differ less than chance would have it. Exact intervals: with t the ratio
    of the variances between and within, ``sum(w (m - sum(w m) / sum(w))^2) / (groups - 1) / MSW``,
    ``w = s / (1 + s t)`` for means m of groups of size s, follows F; the limits are the t at its
    quantiles (widened to the figure, where that lies outside). Of groups of one size they are the
    other intervals. Checked against ``multilevel::ICC1(aov(...))``, ``multilevel::ICC2(aov(...))``
    2.7 and, ``mean size``, ``psychometric::ICC1.CI``, ``psychometric::ICC2.CI`` 2.3:
    tests/reference/r/02_open_lq2002.R.

    References
    ----------
    Bliese (2000), in Klein and Kozlowski (eds), Multilevel theory, research, and methods in
    organizations, 349-381. Shrout and Fleiss (1979), Psychological Bulletin 86, 420-428. Wald
    (1940), Annals of Mathematical Statistics 11, 96-100.
    """
    if not 0 < confidence < 1:
        raise ValueError("confidence must lie between 0 and 1")
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 1 or not np.isfinite(x).all():
        raise ValueError("x must be one score a person, none missing: leave those people out")
    if interval not in ("exact", "mean size"):
        raise ValueError(f"interval must be 'exact' or 'mean size', not {interval!r}")
    labels = as_labels(groups, len(x), name="groups")
    squares = mean_squares(x, labels)
    if squares.between <= 0:
        raise CannotEstimate("the groups' means do not differ at all")
    if squares.within <= 0:
        raise CannotEstimate("people of one group do not differ at all")
    size, n = squares.n, squares.groups
    f, k = squares.between / squares.within, size / n
    one, two = (f - 1) / (f + k - 1), 1 - 1 / f
    if interval == "exact":
        ends = exact_limits(x, labels, squares, confidence)
        how = "one-way random analysis of variance, Wald's exact interval, complete cases"
    else:
        ends = [(own - 1) / (own + k - 1) for own in _limits(f, n - 1, size - n, confidence)]
        how = "one-way random analysis of variance, F interval at the mean size, complete cases"
    low, high = min(ends[0], one), max(ends[1], one)
    # the mean of k people: 1 - 1 / F at either end, as far as floats tell F from nothing
    low2, high2 = (1 - 1 / max((1 + (k - 1) * end) / (1 - end), 1e-9) for end in (low, high))
    return Agreement(
        icc1=Estimate(one, low, high, size, f"ICC(1), {how}"),
        icc2=Estimate(two, min(low2, two), max(high2, two), size, f"ICC(2), {how}"),
        groups=n,
    )


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """One-way analysis of variance: mean squares between and within groups."""

    between: float
    within: float
    n: int
    groups: int


def mean_squares(x: NDArray[np.float64], groups: NDArray[Any]) -> MeanSquares:
    """Mean squares of complete scores over groups; ``CannotEstimate`` where there are none."""
    names, of = numbered(np.asarray(groups))
    n, size = names.size, x.size
    if n < 2:
        raise CannotEstimate("fewer than two groups")
    if size <= n:
        raise CannotEstimate("no group has two people")
    counts = np.bincount(of, minlength=n)
    centre = np.bincount(of, weights=x, minlength=n) / counts
    between = float(counts @ (centre - x.mean()) ** 2) / (n - 1)
    within = float(((x - centre[of]) ** 2).sum()) / (size - n)
    return MeanSquares(between, within, size, n)


def exact_limits(
    x: NDArray[np.float64], labels: NDArray[Any], squares: MeanSquares, confidence: float
) -> list[float]:
    """Wald's limits of ICC(1), for groups of any sizes; see ``icc``."""
    from scipy.optimize import brentq
    from scipy.special import fdtri

    place = numbered(labels)[1]
    size = np.bincount(place).astype(np.float64)
    mean = np.bincount(place, weights=x) / size
    least = -1 / float(size.max())

    def beyond(u: float, wanted: float) -> float:
        """Spread of the means over that of people, were the ratio ``least + u / (1 - u)``."""
        weight = size / (1 + size * (least + u / (1 - u)))
        centre = float(weight @ mean) / float(weight.sum())
        spread = float(weight @ (mean - centre) ** 2) / (squares.groups - 1)
        return spread / squares.within - wanted

    found = []
    for tail in ((1 + confidence) / 2, (1 - confidence) / 2):
        wanted = float(fdtri(squares.groups - 1, squares.n - squares.groups, tail))
        ends = 1e-9, 1 - 1e-12
        u = ends[0]  # where means hardly differ, as low as there is
        if beyond(u, wanted) > 0:
            u = float(brentq(beyond, *ends, args=(wanted,), xtol=1e-13))
        ratio = least + u / (1 - u)
        found.append(ratio / (1 + ratio))
    return found


def _limits(f: float, between: int, within: int, confidence: float) -> tuple[float, float]:
    """Limits of the ratio of mean squares."""
    from scipy.special import fdtri

    tail = (1 + confidence) / 2
    return f / float(fdtri(between, within, tail)), f * float(fdtri(within, between, tail))
