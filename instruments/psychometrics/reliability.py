"""How well a scale's items hang together: alpha, average correlation, item by item."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics import intervals
from instruments.psychometrics.estimates import (
    CannotEstimate,
    Estimate,
    NotEstimated,
    Result,
    Table,
)
from instruments.psychometrics.samples import Answers, sample

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ItemStatistics(Result):
    """One item of a scale, on the scale's complete cases.

    Attributes
    ----------
    n : int
        People.
    mean, sd : float
        After reversal; ``sd`` divides by n - 1.
    item_rest : float or NotEstimated
        Correlation with the sum of the other items.
    alpha_if_dropped : float or NotEstimated
        Alpha of the other items.
    """

    item: str
    n: int
    mean: float
    sd: float
    item_rest: float | NotEstimated
    alpha_if_dropped: float | NotEstimated


@dataclass(frozen=True, slots=True)
class ItemTable(Result):
    """The items of a scale, one a row."""

    items: tuple[ItemStatistics, ...]

    def table(self) -> Table:
        heads = ("item", "n", "mean", "sd", "item-rest", "alpha if dropped")
        rows = tuple(
            tuple(getattr(item, each.name) for each in fields(item)) for item in self.items
        )
        return Table(heads, rows)


def alpha_from_covariance(covariances: Matrix) -> float:
    """Cronbach's alpha of a covariance (or, standardised, correlation) matrix, shape (k, k).

    ``k / (k - 1) * (1 - trace(S) / sum(S))``; agrees with ``psych::alpha(S)$total$raw_alpha``.

    Raises
    ------
    CannotEstimate
        Where there is one item only, or the sum of the items does not vary.
    """
    k = len(covariances)
    if k < 2:
        raise CannotEstimate("alpha needs two items or more")
    total = float(covariances.sum())
    if total <= 1e-12 * float(np.trace(covariances)) or total <= 0:
        raise CannotEstimate("the sum of the items does not vary")
    return k / (k - 1) * (1 - float(np.trace(covariances)) / total)


def feldt_interval(
    alpha: float, n: int, k: int, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Feldt's interval for alpha from n people and k items, at full precision.

    ``1 - (1 - alpha) * F`` with F's quantiles at n - 1 and (n - 1)(k - 1) degrees of freedom
    (Feldt, Woodruff and Salih 1987). Agrees with ``psych::alpha.ci`` to 1e-12.
    """
    from scipy.special import fdtri

    intervals.quantile(confidence)  # refuses what is no confidence
    tail = (1 - confidence) / 2
    first, second = n - 1, (n - 1) * (k - 1)
    low = 1 - (1 - alpha) * float(fdtri(first, second, 1 - tail))
    high = 1 - (1 - alpha) * float(fdtri(first, second, tail))
    return low, high


def alpha(
    answers: Answers,
    *,
    confidence: float = 0.95,
    interval: Literal["feldt", "delta"] = "feldt",
    clusters: NDArray[Any] | None = None,
    through: Literal["midtier", "pingouin"] = "midtier",
) -> Estimate:
    """Cronbach's alpha with Feldt's interval.

    Parameters
    ----------
    answers : ndarray, shape (n, k), or Moments
        Rows: complete cases, reversed items turned round. Moments: with rule pairwise the interval
        takes the smallest n of any pair.
    confidence : float
        Of the interval.
    interval : {"feldt", "delta"}
        Feldt's supposes normal answers and items that differ in level only. ``delta`` does not:
        distribution-free of rows (Maydeu-Olivares, Coffman and Hartmann 2007).
    clusters : ndarray, shape (n,), optional
        Each person's school; the interval then allows for it, by delta. Needs rows.
    through : {"midtier", "pingouin"}
        Whose alpha: ours, or pingouin's for a second opinion (rows only). The interval is ours.

    Returns
    -------
    Estimate
        Value, limits, n and method.

    Raises
    ------
    CannotEstimate
        Where people are no more than items, or an item or the sum does not vary.

    Notes
    -----
    ``k / (k - 1) * (1 - trace(S) / sum(S))`` of the covariances S (Cronbach 1951, Psychometrika 16;
    Feldt, Woodruff and Salih 1987, Applied Psychological Measurement 11). Agrees with
    ``psych::alpha(na.omit(x))``, ``psych::alpha(x)`` (pairwise) and ``psych::alpha.ci`` to 1e-10.
    """
    if interval not in ("feldt", "delta"):
        raise ValueError(f"interval must be 'feldt' or 'delta', not {interval!r}")
    given = sample(answers, clusters=clusters)
    value = alpha_from_covariance(given.covariances)
    if through == "pingouin":
        from instruments.psychometrics._pingouin import cronbach_alpha

        if given.rows is None:
            raise ValueError("pingouin needs the people's rows, not Moments")
        value = cronbach_alpha(given.rows)
    if clusters is None and interval == "feldt":
        low, high = feldt_interval(value, given.n, given.items, confidence=confidence)
        method = f"Cronbach's alpha, Feldt interval, {given.label}"
        return Estimate(value, low, high, given.n, method)
    gradient = alpha_gradient(given.covariances)
    k, total = given.items, float(given.covariances.sum())
    gradient[np.diag_indices(k)] -= k / (k - 1) / total
    error = intervals.standard_error(gradient, given, standardised=False)
    low, high = intervals.complement(value, error, confidence)
    method = f"Cronbach's alpha, {given.interval}, {given.label}"
    return Estimate(value, low, high, given.n, method)


def average_r(
    answers: Answers, *, confidence: float = 0.95, clusters: NDArray[Any] | None = None
) -> Estimate:
    """Mean correlation between the items.

    ``sum(r_ij, i < j) / (k (k - 1) / 2)``; agrees with ``psych::alpha(na.omit(x))$total$average_r``
    to 1e-10. Interval by the delta method, on Fisher's scale.

    Parameters
    ----------
    answers : ndarray, shape (n, k), or Moments
        Complete cases, reversed items turned round.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school; the interval then allows for it. Needs rows.

    Returns
    -------
    Estimate

    Raises
    ------
    CannotEstimate
        With fewer than two items, too few people, or an item that does not vary.
    """
    given = sample(answers, clusters=clusters)
    k = given.items
    value = float((given.correlations.sum() - k) / (k * (k - 1)))
    value = min(1.0, value)  # rounding goes past 1
    gradient = np.full((k, k), 1 / (k * (k - 1)))
    error = intervals.standard_error(gradient, given, standardised=True)
    low, high = intervals.fisher(value, error, confidence)
    method = f"mean correlation, {given.interval}, {given.label}"
    return Estimate(value, low, high, given.n, method)


def alpha_standardised(
    answers: Answers, *, confidence: float = 0.95, clusters: NDArray[Any] | None = None
) -> Estimate:
    """Alpha of the standardised items.

    ``k r / (1 + (k - 1) r)`` with r the mean correlation; agrees with
    ``psych::alpha(na.omit(x))$total$std.alpha``.

    Parameters
    ----------
    answers : ndarray, shape (n, k), or Moments
        Complete cases, reversed items turned round.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school; the interval then allows for it. Needs rows.

    Returns
    -------
    Estimate

    Raises
    ------
    CannotEstimate
        With fewer than two items, too few people, or an item that does not vary.
    """
    given = sample(answers, clusters=clusters)
    value = alpha_from_covariance(given.correlations)
    gradient = alpha_gradient(given.correlations)
    error = intervals.standard_error(gradient, given, standardised=True)
    low, high = intervals.complement(value, error, confidence)
    method = f"standardised alpha, {given.interval}, {given.label}"
    return Estimate(value, low, high, given.n, method)


def spearman_brown(
    answers: Answers, *, confidence: float = 0.95, clusters: NDArray[Any] | None = None
) -> Estimate:
    """Reliability of the sum of two items, ``2 r / (1 + r)``.

    The interval turns round Fisher's interval for r, or with clusters the delta method's. The same
    as ``psych::alpha(na.omit(x))$total$std.alpha`` of two items. Source: Eisinga, Te Grotenhuis
    and Pelzer (2013), International Journal of Public Health 58, 637-642.

    Parameters
    ----------
    answers : ndarray, shape (n, 2), or Moments
        Complete cases, reversed items turned round.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school; the interval then allows for it. Needs rows.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        Where there are not two items.
    CannotEstimate
        Where there are too few people, an item is constant, or the items are opposed (r = -1).
    """
    given = sample(answers, clusters=clusters)
    if given.items != 2:
        raise ValueError("spearman_brown takes two items")
    r = float(given.correlations[0, 1])
    if given.n < 4:
        raise CannotEstimate(f"{given.n} people are too few for an interval")
    error, how = (1 - r * r) / np.sqrt(given.n - 3), "Fisher interval"
    if clusters is not None:
        error = intervals.standard_error(np.full((2, 2), 0.5), given, standardised=True)
        how = given.interval
    low, high = intervals.fisher(r, error, confidence)
    value, below, above = (spearman_brown_from_r(each) for each in (r, low, high))
    method = f"Spearman-Brown, {how}, {given.label}"
    return Estimate(value, below, above, given.n, method)


def spearman_brown_from_r(r: float) -> float:
    """Reliability of the sum of two items that correlate ``r``: ``2 r / (1 + r)``."""
    if r <= -1 + 1e-12:
        raise CannotEstimate("the two items are exactly opposed")
    return 2 * r / (1 + r)


def item_statistics(answers: Answers, names: Sequence[str] = ()) -> ItemTable:
    """Mean, spread, item-rest correlation and alpha without the item.

    Item-rest: ``(s_i. - s_ii) / sqrt(s_ii (s.. - 2 s_i. + s_ii))`` of the covariances s, a dot for
    a sum. Agrees with ``psych::alpha(na.omit(x))``: ``item.stats$r.drop``,
    ``alpha.drop$raw_alpha``, to 1e-10.

    Parameters
    ----------
    answers : ndarray, shape (n, k), or Moments
        Complete cases, reversed items turned round.
    names : sequence of str
        The items, for messages; Moments bring theirs.

    Returns
    -------
    ItemTable
        One row an item.

    Raises
    ------
    CannotEstimate
        With fewer than two items, too few people, or items that do not vary.
    """
    given = sample(answers, names=names)
    covariances, k = given.covariances, given.items
    own = np.diag(covariances)
    shared = covariances.sum(axis=1) - own
    rest = covariances.sum() - 2 * shared - own
    inside = own.sum() - own
    varies = (rest > 1e-12 * own.sum()) & (rest > 0)
    safe = np.where(varies, rest, 1.0)
    with_rest = shared / np.sqrt(own * safe)
    without = (k - 1) / max(k - 2, 1) * (1 - inside / safe)
    flat = NotEstimated("the sum of the other items does not vary")
    short = NotEstimated("alpha needs two items or more")
    found = tuple(
        ItemStatistics(
            item=name,
            n=given.n,
            mean=float(given.means[j]),
            sd=float(given.spread[j]),
            item_rest=float(with_rest[j]) if varies[j] else flat,
            alpha_if_dropped=short if k == 2 else float(without[j]) if varies[j] else flat,
        )
        for j, name in enumerate(given.names)
    )
    return ItemTable(found)


def alpha_gradient(matrix: Matrix) -> Matrix:
    """Derivatives of alpha by the entries of its matrix (those off the diagonal are used)."""
    k = len(matrix)
    return np.full_like(matrix, k / (k - 1) * float(np.trace(matrix)) / float(matrix.sum()) ** 2)
