"""Whether scales are different things: HTMT, correlations of factors, and VIF of formative sets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics import intervals, one_factor
from instruments.psychometrics.adequacy import check
from instruments.psychometrics.estimates import (
    CannotEstimate,
    Estimate,
    NotEstimated,
    Result,
    Table,
    or_reason,
)
from instruments.psychometrics.samples import Answers, Sample, sample

Matrix = NDArray[np.float64]
Figure = Estimate | NotEstimated
#: from correlations to a figure and its slopes
Figured = Callable[[Matrix], tuple[float, Matrix]]
#: scale -> its items
Scales = Mapping[str, Sequence[str]]


@dataclass(frozen=True, eq=False)
class Between(Result):
    """One figure for each pair of scales, ``pairs[one, other]`` with ``one`` named first."""

    scales: tuple[str, ...]
    pairs: Mapping[tuple[str, str], Figure]

    def table(self) -> Table:
        rows = tuple((f"{one} - {other}", each) for (one, other), each in self.pairs.items())
        return Table(("scales", "estimate [interval]"), rows)

    def to_json(self) -> dict[str, Any]:
        from instruments.psychometrics.estimates import plain

        return {f"{one}~~{other}": plain(each) for (one, other), each in self.pairs.items()}


def htmt(
    answers: Answers,
    scales: Scales,
    *,
    names: Sequence[str] = (),
    mean: Literal["arithmetic", "geometric"] = "geometric",
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
) -> Between:
    """Heterotrait-monotrait ratio (HTMT2) of each pair of scales, with an interval.

    Parameters
    ----------
    answers : ndarray, shape (n, p), or Moments
        Rows: complete cases, reversed items turned round.
    scales : mapping of str to sequence of str
    names : sequence of str
        The items of rows.
    mean : {"geometric", "arithmetic"}
        geometric: HTMT2, which does not need equal loadings; arithmetic: the first HTMT.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school; the interval then allows for it. Needs rows.

    Returns
    -------
    Between
        A figure for each pair of scales, or the reason why there is none.

    Raises
    ------
    ValueError
        Where a scale names an item that is not there.
    CannotEstimate
        With fewer than two scales, or too few people.

    Notes
    -----
    Mean absolute correlation between items of the two scales, over the geometric mean of the mean
    absolute correlations inside each (Henseler, Ringle and Sarstedt 2015; Roemer, Schuberth and
    Henseler 2021). .85 or .90 is the usual limit. Agrees with ``semTools::htmt`` 0.5-6, which gives
    HTMT2, to 1e-8. Interval by the delta method, on the logarithm.
    """
    if mean not in ("arithmetic", "geometric"):
        raise ValueError(f"mean must be arithmetic or geometric, not {mean!r}")
    given, places = _of_scales(answers, scales, names, clusters)

    def ratio(one: Sequence[int], other: Sequence[int]) -> Figured:
        def figure(correlations: Matrix) -> float:
            size = np.abs(correlations)
            inside = [_average(_upper(size[np.ix_(own, own)]), mean) for own in (one, other)]
            between = _average(size[np.ix_(one, other)].ravel(), mean)
            return float(between / np.sqrt(inside[0] * inside[1]))

        return lambda correlations: _numerically(figure, correlations)

    label = "HTMT" if mean == "arithmetic" else "HTMT2 (geometric means)"
    return _each_pair(given, places, ratio, label, intervals.positive, confidence)


def factor_correlations(
    answers: Answers,
    scales: Scales,
    *,
    names: Sequence[str] = (),
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
) -> Between:
    """Correlation of the factors behind each pair of scales, with an interval.

    Parameters
    ----------
    answers : ndarray, shape (n, k), or Moments
        Complete cases, reversed items turned round.
    scales : mapping of str to sequence of str
        The items of each scale, three or more.
    names : sequence of str
        The columns; Moments bring theirs.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school; the interval then allows for it. Needs rows.

    Returns
    -------
    Between
        A figure for each pair of scales, or the reason why there is none.

    Raises
    ------
    ValueError
        Where a scale names an item that is not there.
    CannotEstimate
        With fewer than two scales, or too few people.

    Notes
    -----
    One minres factor a scale; then the correlation that lies nearest, by least squares, to the
    correlations between the two scales' items: ``a' R b / (a'a b'b)``. Without a model of all
    scales at once; a confirmatory one gives nearly the same. Interval by the delta method on
    Fisher's scale; one that includes 1 says that the scales cannot be told apart. No call of R
    gives the same; near ``lavaan::cfa(model, std.lv = TRUE)``'s correlations of factors.
    """
    given, places = _of_scales(answers, scales, names, clusters)

    def shared(one: Sequence[int], other: Sequence[int]) -> Figured:
        def figure(correlations: Matrix) -> tuple[float, Matrix]:
            a, b = (
                one_factor.fit(correlations[np.ix_(own, own)], [given.names[j] for j in own])
                for own in (one, other)
            )
            between = correlations[np.ix_(one, other)]
            square_a, square_b = a.loadings @ a.loadings, b.loadings @ b.loadings
            value = float(a.loadings @ between @ b.loadings / (square_a * square_b))
            gradient = np.zeros_like(correlations)
            gradient[np.ix_(one, other)] = (
                np.outer(a.loadings, b.loadings) / square_a / square_b / 2
            )
            by_a = between @ b.loadings / square_a / square_b - 2 * value * a.loadings / square_a
            by_b = a.loadings @ between / square_a / square_b - 2 * value * b.loadings / square_b
            for own, by, solution in ((one, by_a, a), (other, by_b, b)):
                # the loadings move with their own correlations: d l = 2 H^-1 dR l
                pull = np.linalg.solve(solution.hessian, by)
                gradient[np.ix_(own, own)] = np.outer(pull, solution.loadings)
            return value, gradient + gradient.T

        return figure

    label = "factor correlation, one minres factor a scale, least squares"
    return _each_pair(given, places, shared, label, _wald, confidence)


@dataclass(frozen=True, eq=False)
class Inflation(Result):
    """Variance inflation of each item of a formative set."""

    items: Mapping[str, Figure]

    def table(self) -> Table:
        return Table(("item", "VIF [interval]"), tuple(self.items.items()))


def vif(
    answers: Answers,
    *,
    names: Sequence[str] = (),
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
) -> Inflation:
    """Variance inflation factors of a formative set: ``1 / (1 - R^2)`` of each item on the others.

    Above 3.3 or 5 items of a formative index say the same (Diamantopoulos and Siguaw 2006; Hair et
    al. 2019). Interval by the delta method, on the logarithm. Agrees with
    ``1 / (1 - summary(lm(item ~ others))$r.squared)`` to 1e-8.

    Parameters
    ----------
    answers : ndarray, shape (n, k), or Moments
        Complete cases, reversed items turned round.
    names : sequence of str
        The items, for messages; Moments bring theirs.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school; the interval then allows for it. Needs rows.

    Returns
    -------
    Inflation
        A figure an item, 1 or more.

    Raises
    ------
    CannotEstimate
        Where an item can be worked out from the others.
    """
    given = sample(answers, names=names, clusters=clusters)
    check(given.correlations)
    inverse = np.linalg.inv(given.correlations)
    found: dict[str, Figure] = {}
    for j, name in enumerate(given.names):
        value, gradient = float(inverse[j, j]), -np.outer(inverse[j], inverse[j])
        error = intervals.standard_error(gradient, given, standardised=True)
        low, high = intervals.positive(value, error, confidence)
        method = f"VIF, {given.interval}, {given.label}"
        found[name] = Estimate(value, max(low, 1.0), high, given.n, method)
    return Inflation(found)


def _of_scales(
    answers: Answers, scales: Scales, names: Sequence[str], clusters: NDArray[Any] | None
) -> tuple[Sample, dict[str, list[int]]]:
    given = sample(answers, names=names, clusters=clusters)
    unknown = {item for items in scales.values() for item in items} - set(given.names)
    if unknown:
        raise ValueError(f"scales name unknown items: {', '.join(sorted(unknown))}")
    if len(scales) < 2:
        raise CannotEstimate("fewer than two scales")
    return given, {
        scale: [given.names.index(item) for item in items] for scale, items in scales.items()
    }


def _each_pair(
    given: Sample,
    places: Mapping[str, list[int]],
    make: Callable[[Sequence[int], Sequence[int]], Figured],
    label: str,
    limits: Callable[[float, float, float], tuple[float, float]],
    confidence: float,
) -> Between:
    pairs: dict[tuple[str, str], Figure] = {}
    order = tuple(places)
    for k, one in enumerate(order):
        for other in order[k + 1 :]:
            if min(len(places[one]), len(places[other])) < 2:
                pairs[one, other] = NotEstimated("a scale of one item cannot be told apart")
                continue
            if set(places[one]) & set(places[other]):
                pairs[one, other] = NotEstimated("the scales share items")
                continue
            # only the two scales' own correlations move the figure
            own = [*places[one], *places[other]]
            split = len(places[one])
            part = _part(given, own)
            figure = make(range(split), range(split, len(own)))
            pairs[one, other] = or_reason(_estimate, part, figure, label, limits, confidence)
    return Between(order, pairs)


def _part(given: Sample, items: Sequence[int]) -> Sample:
    return Sample(
        given.covariances[np.ix_(items, items)],
        given.means[items],
        given.n,
        tuple(given.names[j] for j in items),
        given.label,
        None if given.rows is None else given.rows[:, items],
        given.clusters,
    )


def _estimate(
    given: Sample,
    figure: Figured,
    label: str,
    limits: Callable[[float, float, float], tuple[float, float]],
    confidence: float,
) -> Estimate:
    value, gradient = figure(given.correlations)
    error = intervals.standard_error(gradient, given, standardised=True)
    low, high = limits(value, error, confidence)
    return Estimate(value, low, high, given.n, f"{label}, {given.interval}, {given.label}")


def _numerically(figure: Callable[[Matrix], float], correlations: Matrix) -> tuple[float, Matrix]:
    return figure(correlations), intervals.slopes(figure, correlations, diagonal=False)


def _wald(value: float, error: float, confidence: float) -> tuple[float, float]:
    """Fisher's scale inside -1 and 1; plain where sampling has taken the estimate beyond."""
    if abs(value) < 1:
        return intervals.fisher(value, error, confidence)
    reach = intervals.quantile(confidence) * error
    return value - reach, value + reach


def _upper(size: Matrix) -> Matrix:
    return np.asarray(size[np.triu_indices(len(size), 1)])


def _average(sizes: Matrix, mean: str) -> float:
    if (sizes <= 1e-12).any() if mean == "geometric" else sizes.max() <= 1e-12:
        raise CannotEstimate("items that do not correlate have no ratio")
    if mean == "geometric":
        return float(np.exp(np.log(sizes).mean()))
    return float(sizes.mean())
