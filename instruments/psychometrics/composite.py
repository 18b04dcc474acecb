"""Composite reliability and average variance extracted, from one factor by maximum likelihood."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics import intervals
from instruments.psychometrics.adequacy import check
from instruments.psychometrics.estimates import CannotEstimate, Estimate
from instruments.psychometrics.extraction import LEAST, extract
from instruments.psychometrics.samples import Answers, sample

Matrix = NDArray[np.float64]


def composite_reliability(
    answers: Answers,
    names: Sequence[str] = (),
    *,
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
) -> Estimate:
    """Composite reliability: a maximum-likelihood factor's share of the variance that it implies.

    ``(sum l)^2 / ((sum l)^2 + sum u)`` with unstandardised loadings l and residual variances u
    (Raykov 1997; Joreskog 1971). Agrees with ``semTools::compRelSEM(cfa, obs.var = FALSE)`` of a
    one-factor ``lavaan::cfa`` to 1e-5.

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
    Estimate

    Raises
    ------
    CannotEstimate
        With fewer than three items, or where one factor cannot be fitted.
    """
    given = sample(answers, names=names, clusters=clusters, least=3)

    def figure(loadings: Matrix, unique: Matrix) -> float:
        return float(loadings.sum() ** 2 / (loadings.sum() ** 2 + unique.sum()))

    value, gradient = _of_one_factor(figure, given.covariances)
    error = intervals.standard_error(gradient, given, standardised=False)
    low, high = intervals.complement(value, error, confidence)
    method = f"composite reliability, one-factor ML, {given.interval}, {given.label}"
    return Estimate(value, low, high, given.n, method)


def ave(
    answers: Answers,
    names: Sequence[str] = (),
    *,
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
) -> Estimate:
    """Average variance extracted: a maximum-likelihood factor's share of the items' variance.

    ``sum(l^2) / sum(l^2 + u)``, unstandardised (Fornell and Larcker 1981). Agrees with
    ``semTools::AVE`` of a one-factor ``lavaan::cfa`` to 1e-5.

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
    Estimate

    Raises
    ------
    CannotEstimate
        With fewer than three items, or where one factor cannot be fitted.
    """
    given = sample(answers, names=names, clusters=clusters, least=3)

    def figure(loadings: Matrix, unique: Matrix) -> float:
        return float((loadings**2).sum() / ((loadings**2).sum() + unique.sum()))

    value, gradient = _of_one_factor(figure, given.covariances)
    error = intervals.standard_error(gradient, given, standardised=False)
    low, high = intervals.share(value, error, confidence)
    method = f"average variance extracted, one-factor ML, {given.interval}, {given.label}"
    return Estimate(value, low, high, given.n, method)


def _one_by_likelihood(covariances: Matrix) -> tuple[Matrix, Matrix]:
    """Loadings and residual variances in the items' own units."""
    spread = np.sqrt(np.diag(covariances))
    correlations = covariances / np.outer(spread, spread)
    check(correlations)
    loadings = extract(correlations, 1, "ml")[:, 0]
    loadings = loadings * (-1 if loadings.sum() < 0 else 1)
    unique = 1 - loadings**2
    if unique.min() <= LEAST + 1e-9:
        raise CannotEstimate("one factor leaves an item no variance of its own (Heywood case)")
    return loadings * spread, unique * spread**2


def _of_one_factor(
    figure: Callable[[Matrix, Matrix], float], covariances: Matrix
) -> tuple[float, Matrix]:
    """A figure of a one-factor maximum-likelihood solution, and its slopes by the covariances.

    Loadings l and residual variances u move with the covariances S so that the slopes of the
    likelihood, ``2 A l`` and ``diag(A)`` with ``A = M^-1 (M - S) M^-1``, stay zero.
    """
    loadings, unique = _one_by_likelihood(covariances)
    k = len(loadings)
    place = np.concatenate([loadings, unique])
    unit = np.concatenate([np.sqrt(np.diag(covariances)), unique])

    def slopes(at: Matrix) -> Matrix:
        model = np.outer(at[:k], at[:k]) + np.diag(at[k:])
        inverse = np.linalg.inv(model)
        apart = inverse @ (model - covariances) @ inverse
        return np.concatenate([2 * apart @ at[:k], np.diag(apart)])

    bend, by_place = np.empty((2 * k, 2 * k)), np.empty(2 * k)
    for j in range(2 * k):
        ends = [place.copy(), place.copy()]
        ends[0][j] += 1e-5 * unit[j]
        ends[1][j] -= 1e-5 * unit[j]
        width = 2e-5 * unit[j]
        bend[j] = (slopes(ends[0]) - slopes(ends[1])) / width
        values = [figure(each[:k], each[k:]) for each in ends]
        by_place[j] = (values[0] - values[1]) / width
    pull = np.linalg.solve((bend + bend.T) / 2, by_place)
    inverse = np.linalg.inv(np.outer(loadings, loadings) + np.diag(unique))
    crossed = np.outer(inverse @ pull[:k], inverse @ loadings)
    gradient = crossed + crossed.T + (inverse * pull[k:]) @ inverse
    return figure(loadings, unique), gradient
