"""Intervals for reliability figures and correlations."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate
from instruments.psychometrics.samples import Sample

Matrix = NDArray[np.float64]

#: resamples of a bootstrap, and the share of them that may fail
DRAWS = 200
FAILING = 0.1
#: an interval that reaches further on the scale of logarithms (e to this power) says nothing
FURTHEST = 20


def standard_error(gradient: Matrix, sample: Sample, *, standardised: bool) -> float:
    """Delta-method standard error of a function of covariances (or of correlations).

    With a symmetric gradient G, ``dF = sum(G * dS)``, a person with deviations z moves the figure
    by ``z' G z``. For a function of correlations z is standardised, and G's diagonal, by way of the
    standard deviations, is minus the row sums of gradient times correlation. People of one cluster
    move it together. Without rows: ``2 tr(G S G S) / (n - 1)``, as if answers were normal.
    """
    matrix = sample.correlations if standardised else sample.covariances
    full = gradient.copy()
    if standardised:
        np.fill_diagonal(full, 0.0)
        np.fill_diagonal(full, -(full * matrix).sum(axis=1))
    if sample.rows is None:
        moved = full @ matrix
        return float(np.sqrt(2 * max(float((moved * moved.T).sum()), 0.0) / (sample.n - 1)))
    scores = sample.deviations
    if standardised:
        scores = scores / (sample.spread * np.sqrt((sample.n - 1) / sample.n))
    return of_influence(((scores @ full) * scores).sum(axis=1), sample.clusters)


def of_influence(influence: Matrix, clusters: NDArray[np.intp] | None) -> float:
    """Standard error of a figure from how each of n people moves n times it."""
    n = len(influence)
    if clusters is None:
        return float(influence.std(ddof=1) / np.sqrt(n))
    totals = np.bincount(clusters, weights=influence - influence.mean())
    count = len(totals)
    return float(np.sqrt((totals**2).sum() * count / (count - 1)) / n)


def slopes(figure: Callable[[Matrix], float], matrix: Matrix, *, diagonal: bool) -> Matrix:
    """Numerical gradient of a function of a symmetric matrix, ``dF = sum(G * dS)``."""
    k = len(matrix)
    unit = np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    found = np.zeros((k, k))
    for i in range(k):
        for j in range(i if diagonal else i + 1, k):
            ends = []
            for sign in (1, -1):
                moved = matrix.copy()
                moved[i, j] += sign * 1e-5 * unit[i, j]
                moved[j, i] = moved[i, j]
                ends.append(figure(moved))
            slope = (ends[0] - ends[1]) / (2e-5 * unit[i, j])
            found[i, j] = found[j, i] = slope if i == j else slope / 2
    return found


def complement(value: float, error: float, confidence: float) -> tuple[float, float]:
    """Interval on the scale of log(1 - value), which keeps it below 1; refuses a hopeless one."""
    rest = 1 - value
    if rest <= 1e-12:
        return value, value
    factor = _factor(quantile(confidence) * error / rest)
    return 1 - rest * factor, 1 - rest / factor


def fisher(r: float, error: float, confidence: float) -> tuple[float, float]:
    """Interval for a correlation on Fisher's scale."""
    if 1 - r * r <= 1e-12:
        return r, r
    centre, reach = np.arctanh(r), quantile(confidence) * error / (1 - r * r)
    return float(np.tanh(centre - reach)), float(np.tanh(centre + reach))


def positive(value: float, error: float, confidence: float) -> tuple[float, float]:
    """Interval on the scale of logarithms, for a figure above 0; refuses a hopeless one."""
    factor = _factor(quantile(confidence) * error / value)
    return value / factor, value * factor


def _factor(reach: float) -> float:
    if reach > FURTHEST:
        raise CannotEstimate(
            "its standard error is too large for an interval: too few people, or items that cancel"
            " each other out"
        )
    return float(np.exp(reach))


def share(value: float, error: float, confidence: float) -> tuple[float, float]:
    """Interval on the logit scale, for a figure between 0 and 1."""
    if not 1e-12 < value < 1 - 1e-12:
        return value, value
    from scipy.special import expit

    reach = quantile(confidence) * error / (value * (1 - value))
    odds = np.log(value / (1 - value))
    return float(expit(odds - reach)), float(expit(odds + reach))


def bootstrap(
    figure: Callable[[Matrix], float],
    value: float,
    sample: Sample,
    *,
    seed: int,
    confidence: float,
    draws: int = DRAWS,
) -> tuple[float, float]:
    """Interval for a share that is estimated with bias, over resampled clusters, or people.

    Resamples lie as far from the sample as the sample from the truth, on the scale of logits: the
    interval is centred on twice the sample's less their mean, and reaches as many of their standard
    deviations as that of a normal figure. It is widened to hold ``value`` where it does not (Efron
    and Tibshirani 1993, An Introduction to the Bootstrap, chapters 10 and 13).

    Parameters
    ----------
    figure : callable
        Of rows, shape (n, k).
    value : float
        Of all rows.

    Raises
    ------
    CannotEstimate
        Where the figure cannot be had in more than a tenth of the resamples.
    """
    if sample.rows is None:
        raise ValueError("this needs the people's rows, not Moments")
    if draws < 20:
        raise ValueError("draws must be 20 or more")
    rng = np.random.default_rng(seed)
    found = []
    for take in resamples(sample, rng, draws):
        try:
            found.append(figure(sample.rows[take]))
        except CannotEstimate:
            continue
    if len(found) < (1 - FAILING) * draws:
        raise CannotEstimate(
            f"an interval could not be had: the figure failed in {draws - len(found)} of {draws}"
            " resamples"
        )
    inside = np.clip([value, *found], 1e-12, 1 - 1e-12)
    here, *drawn = np.log(inside / (1 - inside))
    centre, reach = 2 * here - np.mean(drawn), quantile(confidence) * np.std(drawn, ddof=1)
    low, high = 1 / (1 + np.exp(reach - centre)), 1 / (1 + np.exp(-reach - centre))
    return min(float(low), value), max(float(high), value)


def resamples(sample: Sample, rng: np.random.Generator, draws: int) -> "list[NDArray[np.intp]]":
    """Rows of each resample."""
    if sample.clusters is None:
        return [rng.integers(0, sample.n, sample.n) for _ in range(draws)]
    order = np.argsort(sample.clusters, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(sample.clusters))[:-1])
    count = len(members)
    return [
        np.concatenate([members[k] for k in rng.integers(0, count, count)]) for _ in range(draws)
    ]


def quantile(confidence: float) -> float:
    """How many standard errors an interval reaches to either side."""
    from scipy.special import ndtri

    if not 0 < confidence < 1:
        raise ValueError("confidence must lie between 0 and 1")
    return float(ndtri((1 + confidence) / 2))
