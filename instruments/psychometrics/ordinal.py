"""Reliability of ordered answers: ordinal alpha, and Green and Yang's categorical omega."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics import bivariate, intervals, one_factor
from instruments.psychometrics.counting import from_codes
from instruments.psychometrics.estimates import CannotEstimate, Estimate
from instruments.psychometrics.given import as_matrix
from instruments.psychometrics.moments import Moments
from instruments.psychometrics.polychorics import Polychoric, influence, polychoric
from instruments.psychometrics.reliability import alpha_from_covariance, alpha_gradient
from instruments.psychometrics.samples import Sample, sample
from instruments.psychometrics.two_step import Influence

Matrix = NDArray[np.float64]


def ordinal_alpha(
    answers: Matrix,
    names: Sequence[str] = (),
    *,
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
) -> Estimate:
    """Alpha of the polychoric correlations: of the variables behind the answers, not of the sum.

    Parameters
    ----------
    answers : ndarray, shape (n, k)
        Complete cases, reversed items turned round, whole numbers.
    names : sequence of str
        The items, for messages.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school; the interval then allows for it.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        Where answers are not whole numbers from 0 to 127, or Moments.
    CannotEstimate
        With fewer than two items, too few people or more than 20 options, and where items cancel
        each other out so that the standard error is too large for an interval.

    Notes
    -----
    Agrees with ``psych::alpha(psych::polychoric(x, correct = 0)$rho)`` to 1e-4, which is where
    psych's polychorics stop. Zumbo, Gadermann and Zeisser (2007); it says how reliable a sum of
    unseen variables would be (Chalmers 2018). Delta interval from each person's influence on the
    polychorics.
    """
    given, ordered = _ordered(answers, names, clusters)
    value = alpha_from_covariance(ordered.found.correlations)
    moved = ordered.moved(2 * alpha_gradient(ordered.found.correlations))
    error = intervals.of_influence(moved, given.clusters)
    low, high = intervals.complement(value, error, confidence)
    method = f"ordinal alpha, polychoric, {given.interval}, {given.label}"
    return Estimate(value, low, high, given.n, method)


def omega_categorical(
    answers: Matrix,
    names: Sequence[str] = (),
    *,
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
) -> Estimate:
    """Green and Yang's (2009) reliability of the sum of ordered answers.

    Parameters
    ----------
    answers : ndarray, shape (n, k)
        Complete cases, reversed items turned round, whole numbers; k three or more.
    names : sequence of str
        The items, for messages.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school; the interval then allows for it.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        Where answers are not whole numbers from 0 to 127, or Moments.
    CannotEstimate
        With fewer than three items, too few people, more than 20 options, or no proper one-
        factor solution.

    Notes
    -----
    One factor is fitted to the polychorics by diagonally weighted least squares (weights: their
    squared errors). The sum's true covariances come from the bivariate normal at the products of
    loadings, its total ones from the polychorics themselves, as semTools' default. Agrees with
    ``semTools::compRelSEM`` of a one-factor ``lavaan::cfa(ordered = TRUE, estimator = "WLSMV")``
    to 1e-4. Delta interval from each person's influence on polychorics and thresholds; loadings
    move by the implicit function theorem.
    """
    given, ordered = _ordered(answers, names, clusters, least=3)
    found = ordered.found
    k = given.items
    weights = _weights(found)
    solution = one_factor.fit(found.correlations, given.names, weights=weights)
    loadings, cuts = solution.loadings, [np.asarray(each) for each in found.thresholds]
    total = sum_covariances(cuts, found.correlations)
    true = sum_covariances(cuts, _implied(loadings))
    value = float(true.sum() / total.sum())
    by_loading = _slopes_by_loading(cuts, loadings) / total.sum()
    by_correlation = -value / total.sum() * _slopes_by_correlation(cuts, found.correlations)
    # a weighted residual moves the loadings: d loadings = 2 H^-1 (W * dR) loadings
    pull = np.linalg.solve(solution.hessian, by_loading)
    crossed = weights * np.outer(pull, loadings)
    gradient = 2 * (crossed + crossed.T) + by_correlation
    moved = ordered.moved(gradient)
    for j in range(k):
        moved += ordered.by_threshold(j, _slopes_by_cut(cuts, found.correlations, loadings, j))
    error = intervals.of_influence(moved, given.clusters)
    low, high = intervals.complement(value, error, confidence)
    method = (
        "categorical omega (Green and Yang), one factor of polychorics by DWLS,"
        f" {given.interval}, {given.label}"
    )
    return Estimate(value, low, high, given.n, method)


def green_yang(thresholds: Sequence[Matrix], loadings: Matrix, correlations: Matrix) -> float:
    """Green and Yang's reliability from standardised loadings, thresholds and polychorics.

    Covariances of the ranks of answers, cut from normals that correlate as the factor implies, over
    those cut from normals that correlate as found (Green and Yang 2009, Psychometrika 74, 155-167).
    Agrees with ``semTools::compRelSEM(lavaan::cfa(model, ordered = TRUE))`` to 1e-4.

    Parameters
    ----------
    thresholds : sequence of ndarray
        Each item's cuts, in ascending order.
    loadings : ndarray, shape (k,)
    correlations : ndarray, shape (k, k)
        Polychoric.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ValueError
        Where shapes disagree, a loading lies beyond 1, or there are gaps.
    """
    correlations = as_matrix(correlations, name="correlations")
    loadings = np.asarray(loadings, dtype=np.float64)
    k = len(loadings)
    if not k or len(thresholds) != k or correlations.shape != (k, k):
        raise ValueError("thresholds, loadings and correlations must be of the same items")
    if not (np.abs(loadings) <= 1).all() or np.isnan(np.concatenate(thresholds)).any():
        raise ValueError("loadings must lie between -1 and 1, and thresholds have no gaps")
    total = float(sum_covariances(thresholds, correlations).sum())
    return float(sum_covariances(thresholds, _implied(loadings)).sum()) / total


def sum_covariances(thresholds: Sequence[Matrix], correlations: Matrix) -> Matrix:
    """Covariances of the ranks of answers, shape (k, k), cut from normals that correlate so.

    Over thresholds of two items the sum of P(below both) - P(below) P(below).
    """
    k = len(thresholds)
    most = max(map(len, thresholds))
    cut = np.array(
        [np.pad(each, (0, most - len(each)), constant_values=40.0) for each in thresholds]
    )
    i, j = np.triu_indices(k)
    h = np.repeat(cut[i], most, axis=1)
    other = np.tile(cut[j], (1, most))
    own = np.clip(correlations[i, j], -1, 1)
    angle = np.arcsin(own)
    sure = np.abs(own) > 1 - 1e-9
    part = bivariate.step(h, other, np.zeros_like(angle), np.where(sure, 0.0, angle))
    if sure.any():
        from scipy.special import ndtr

        same = ndtr(np.minimum(h[sure], other[sure]))
        part[sure] = same - ndtr(h[sure]) * ndtr(other[sure])
    found = np.zeros((k, k))
    found[i, j] = found[j, i] = part.sum(axis=1)
    return found


@dataclass(frozen=True, eq=False)
class _Ordered:
    """Polychorics of complete cases, and how each person moves them."""

    codes: NDArray[np.int8]
    moments: Moments
    found: Polychoric

    @cached_property
    def influence(self) -> Influence:
        return influence(self.moments, self.found)

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """Each person's options as places, shape (k, n)."""
        own = zip(self.moments.options, self.codes.T, strict=True)
        return np.array([np.searchsorted(options, column) for options, column in own])

    def moved(self, gradient: Matrix) -> Matrix:
        """n times how each person moves a figure, by its derivatives by each correlation."""
        found, n = self.influence, len(self.codes)
        total = np.zeros(n)
        for pair, (i, j) in enumerate(found.items):
            each = found.cells[pair] + found.first[pair][:, None] + found.second[pair][None, :]
            total += gradient[i, j] * each[self.places[i], self.places[j]]
        return n * total

    def by_threshold(self, item: int, gradient: Matrix) -> Matrix:
        """The same by the derivatives by each threshold of an item."""
        weights = np.zeros(self.influence.thresholds.shape[2])
        weights[: len(gradient)] = gradient
        each = self.influence.thresholds[item] @ weights
        return np.asarray(len(self.codes) * each[self.places[item]])


def _ordered(
    answers: Matrix, names: Sequence[str], clusters: NDArray[Any] | None, *, least: int = 2
) -> tuple[Sample, _Ordered]:
    given = sample(answers, names=names, clusters=clusters, least=least)
    if given.rows is None:
        raise ValueError("this needs the people's rows, not Moments")
    rows = given.rows
    if (rows != np.rint(rows)).any() or rows.min() < 0 or rows.max() > 127:
        raise ValueError("ordered answers must be whole numbers from 0 to 127")
    codes = rows.astype(np.int8)
    options = [np.unique(column).tolist() for column in codes.T]
    if max(map(len, options)) > 20:
        raise CannotEstimate("an item has more than 20 different answers: too many for polychorics")
    moments = from_codes(codes, given.names, options, "listwise")
    return given, _Ordered(codes, moments, polychoric(moments))


def _weights(found: Polychoric) -> Matrix:
    """Inverse variances of the correlations, on average 1; those without an error count most."""
    off = ~np.eye(len(found.errors), dtype=bool)
    known = off & (found.errors > 0)
    if not known.any():
        raise CannotEstimate("no polychoric correlation has a standard error")
    least = found.errors[known].min()
    weights = np.where(off, 1 / np.where(known, found.errors, least) ** 2, 0.0)
    return np.asarray(weights / weights[off].mean())


def _implied(loadings: Matrix) -> Matrix:
    return np.outer(loadings, loadings)


def _slopes_by_loading(cuts: Sequence[Matrix], loadings: Matrix) -> Matrix:
    """Derivatives of the sum of the true covariances."""
    slope = _slope_sums(cuts, _implied(loadings))
    off = slope - np.diag(np.diag(slope))
    return np.asarray(2 * off @ loadings + 2 * np.diag(slope) * loadings)


def _slopes_by_correlation(cuts: Sequence[Matrix], correlations: Matrix) -> Matrix:
    """Derivatives of the sum of all covariances by each correlation, both its entries."""
    near = np.clip(correlations, -1 + 1e-6, 1 - 1e-6)
    return 2 * _slope_sums(cuts, near)


def _slope_sums(cuts: Sequence[Matrix], correlations: Matrix) -> Matrix:
    """Derivative of each covariance by its correlation: densities summed over thresholds."""
    k = len(cuts)
    found = np.zeros((k, k))
    for i in range(k):
        for j in range(i, k):
            h, other = np.repeat(cuts[i], len(cuts[j])), np.tile(cuts[j], len(cuts[i]))
            own = np.array([correlations[i, j]])
            found[i, j] = found[j, i] = bivariate.density(h[None], other[None], own).sum()
    return found


def _slopes_by_cut(
    cuts: Sequence[Matrix], correlations: Matrix, loadings: Matrix, item: int
) -> Matrix:
    """Derivatives of the reliability by one item's thresholds, numerically."""
    found = []
    for place in range(len(cuts[item])):
        ends = []
        for sign in (1, -1):
            moved = [each.copy() for each in cuts]
            moved[item][place] += sign * 1e-4
            ends.append(green_yang(moved, loadings, correlations))
        found.append((ends[0] - ends[1]) / 2e-4)
    return np.array(found)
