"""How alike people of one group are, and how well groups can be told apart: ICC(1) and ICC(2)."""

from dataclasses import dataclass
from typing import Any

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


def icc(x: NDArray[np.float64], groups: NDArray[Any], *, confidence: float = 0.95) -> Agreement:
    """ICC(1) and ICC(2) of a score over groups.

    Parameters
    ----------
    x : ndarray, shape (n,)
        One score a person, none missing.
    groups : ndarray, shape (n,)
        Each person's group.
    confidence : float
        Of the intervals.

    Raises
    ------
    CannotEstimate
        With fewer than two groups, no group of two, or no differences at all.

    Notes
    -----
    One-way random analysis of variance, k the plain mean group size:
    ``ICC(1) = (MSB - MSW) / (MSB + (k - 1) MSW)``, ``ICC(2) = (MSB - MSW) / MSB``. Either may be
    negative: then groups differ less than chance would have it. Intervals from the F distribution.
    Checked against ``multilevel::ICC1(aov(...))``, ``multilevel::ICC2(aov(...))`` 2.7 and
    ``psychometric::ICC1.CI``, ``psychometric::ICC2.CI`` 2.3: tests/reference/r/02_open_lq2002.R.

    References
    ----------
    Bliese (2000), in Klein and Kozlowski (eds), Multilevel theory, research, and methods in
    organizations, 349-381. Shrout and Fleiss (1979), Psychological Bulletin 86, 420-428.
    """
    if not 0 < confidence < 1:
        raise ValueError("confidence must lie between 0 and 1")
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 1 or not np.isfinite(x).all():
        raise ValueError("x must be one score a person, none missing: leave those people out")
    squares = mean_squares(x, as_labels(groups, len(x), name="groups"))
    if squares.between <= 0:
        raise CannotEstimate("the groups' means do not differ at all")
    if squares.within <= 0:
        raise CannotEstimate("people of one group do not differ at all")
    size, n = squares.n, squares.groups
    f, k = squares.between / squares.within, size / n
    low, high = _limits(f, n - 1, size - n, confidence)

    def icc1(f: float) -> float:
        return (f - 1) / (f + k - 1)

    def icc2(f: float) -> float:
        return 1 - 1 / f

    how = "one-way random analysis of variance, F interval, complete cases"
    return Agreement(
        icc1=Estimate(icc1(f), icc1(low), icc1(high), size, f"ICC(1), {how}"),
        icc2=Estimate(icc2(f), icc2(low), icc2(high), size, f"ICC(2), {how}"),
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


def _limits(f: float, between: int, within: int, confidence: float) -> tuple[float, float]:
    """Limits of the ratio of mean squares."""
    from scipy.special import fdtri

    tail = (1 + confidence) / 2
    return f / float(fdtri(between, within, tail)), f * float(fdtri(within, between, tail))
