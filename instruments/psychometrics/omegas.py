"""Reliability from a factor model: omega total and hierarchical, composite reliability, AVE."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics import intervals, one_factor
from instruments.psychometrics.adequacy import check
from instruments.psychometrics.estimates import CannotEstimate, Estimate, Result, Table
from instruments.psychometrics.extraction import LEAST, extract
from instruments.psychometrics.pooled import within
from instruments.psychometrics.rotation import STARTS, rotate
from instruments.psychometrics.samples import Answers, Sample, sample

Matrix = NDArray[np.float64]


def omega(
    answers: Answers,
    names: Sequence[str] = (),
    *,
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
) -> Estimate:
    """McDonald's omega (total) of a one-factor scale.

    Parameters
    ----------
    answers : ndarray, shape (n, k), or Moments
        Rows: complete cases, reversed items turned round; k three or more.
    names : sequence of str
        The items, for messages.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school: the interval then allows for people of one school being alike.

    Raises
    ------
    CannotEstimate
        With fewer than three items (take ``spearman_brown`` for two), too few people, or where
        there is no proper one-factor solution.

    Notes
    -----
    ``1 - sum(uniquenesses) / sum(R)`` of the correlation matrix R with a one-factor minres
    solution; agrees with ``psych::omega(na.omit(x), nfactors = 1)$omega.tot`` to 1e-6. Interval by
    the delta method: the loadings move with the correlations by the implicit function theorem, the
    correlations with each person's influence on them, so that no normal distribution is assumed; on
    the scale of log(1 - omega). See ``docs/figures-against-R.md`` for its coverage. Sources:
    McDonald (1999), Test Theory; Maydeu-Olivares, Coffman and Hartmann (2007), Psychological
    Methods 12(2), for the distribution-free interval of alpha that this carries over.
    """
    given = sample(answers, names=names, clusters=clusters)
    value, gradient = omega_and_gradient(given.correlations, given.names)
    error = intervals.standard_error(gradient, given, standardised=True)
    low, high = intervals.complement(value, error, confidence)
    method = f"omega total, one-factor minres, {given.interval}, {given.label}"
    return Estimate(value, low, high, given.n, method)


def omega_from_covariance(covariances: Matrix, names: Sequence[str] = ()) -> float:
    """Omega of the plain mean of the items, unstandardised, from a covariance matrix.

    ``1 - sum(uniquenesses) / sum(S)`` with a one-factor minres solution of S, shape (k, k), k three
    or more. Given pooled-within covariances this is the within-group omega. For two items take
    ``spearman_brown_from_r``.

    Raises
    ------
    CannotEstimate
        Where there is no proper one-factor solution (see ``one_factor.fit``).
    """
    value, _ = omega_and_gradient(covariances, names)
    return value


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


@dataclass(frozen=True, eq=False)
class SchmidLeiman(Result):
    """A general factor beside the groups' own.

    ``general``, shape (p,), and ``groups``, shape (p, m): loadings; ``between``: the group factors'
    loadings on the general one; ``omega_hierarchical``: the general factor's share of the variance
    of the sum; ``omega_total``: all common factors' share.
    """

    general: Matrix
    groups: Matrix
    between: Matrix
    omega_hierarchical: float
    omega_total: float

    def table(self) -> Table:
        heads = ("item", "general", *(f"F{k + 1}" for k in range(self.groups.shape[1])))
        rows = zip(range(1, len(self.general) + 1), self.general, *self.groups.T, strict=True)
        return Table(heads, tuple(rows))


def schmid_leiman(
    correlations: Matrix, *, factors: int = 3, seed: int = 1, starts: int = STARTS
) -> SchmidLeiman:
    """Schmid-Leiman solution: minres, oblimin, and one factor of the factor correlations.

    Agrees with ``psych::omega(R, nfactors = m, flip = FALSE)`` to 1e-4. Two groups share the square
    root of their correlation.

    Parameters
    ----------
    correlations : ndarray, shape (k, k)
    factors : int
        Groups of items; two or more.
    seed, starts : int
        For the random starts of oblimin, and how many.

    Raises
    ------
    CannotEstimate
        Where items are too few for the factors, or no general factor lies behind them.
    """
    p = check(correlations)
    if factors < 2:
        raise ValueError("factors must be 2 or more")
    if ((p - factors) ** 2 - p - factors) // 2 < 0 or p < 2 * factors:
        raise CannotEstimate(f"{p} items cannot tell {factors} groups and a general factor apart")
    turned = rotate(extract(correlations, factors, "minres"), "oblimin", seed=seed, starts=starts)
    phi = turned.factor_correlations
    if factors == 2:
        if phi[0, 1] <= 0:
            raise CannotEstimate("no general factor: the two groups do not go together")
        between = np.full(2, np.sqrt(phi[0, 1]))
    else:
        between = extract(phi, 1, "minres")[:, 0]
        between = between * (-1 if between.sum() < 0 else 1)
    general = turned.loadings @ between
    groups = turned.loadings * np.sqrt(np.maximum(1 - between**2, 0))
    total = float(correlations.sum())
    if total <= 1e-12 * p:
        raise CannotEstimate("the sum of the items does not vary")
    unique = 1 - (general**2 + (groups**2).sum(axis=1))
    return SchmidLeiman(
        general,
        groups,
        between,
        float(general.sum() ** 2 / total),
        float(1 - unique.sum() / total),
    )


def omega_hierarchical(
    answers: Answers,
    names: Sequence[str] = (),
    *,
    factors: int = 3,
    confidence: float = 0.95,
    clusters: NDArray[Any] | None = None,
    seed: int = 1,
    draws: int = intervals.DRAWS,
) -> Estimate:
    """Omega hierarchical: how much of the sum's variance is one general factor's.

    See ``schmid_leiman``; agrees with ``psych::omega(R, nfactors = m, flip = FALSE)$omega_h`` to
    1e-4. The interval is a percentile bootstrap over clusters, or people.

    Parameters
    ----------
    answers : ndarray, shape (n, k), or Moments
        Complete cases, reversed items turned round.
    names : sequence of str
        The items, for messages; Moments bring theirs.
    factors : int
        Groups of items; two or more.
    confidence : float
        Of the interval.
    clusters : ndarray, shape (n,), optional
        Each person's school; resamples then draw whole schools.
    seed, draws : int
        For the bootstrap, and how many resamples.

    Raises
    ------
    CannotEstimate
        With fewer than six items (two for each of three groups), or no general factor.
    """
    given = sample(answers, names=names, clusters=clusters, least=6)

    value = schmid_leiman(given.correlations, factors=factors, seed=seed).omega_hierarchical

    def again(rows: Matrix) -> float:
        # a resample lies near the sample: the plain start of the rotation does
        return schmid_leiman(
            sample(rows).correlations, factors=factors, starts=0
        ).omega_hierarchical

    low, high = intervals.bootstrap(again, given, seed=seed, confidence=confidence, draws=draws)
    over = "people" if given.clusters is None else "clusters"
    method = (
        f"omega hierarchical, Schmid-Leiman of {factors} oblimin minres factors, percentile"
        f" bootstrap over {over} ({draws}), {given.label}"
    )
    return Estimate(value, low, high, given.n, method)


@dataclass(frozen=True, slots=True)
class OmegaByLevel(Result):
    """Omega inside schools and between schools.

    ``within``: how surely a person's place among colleagues is known; ``between``: a school's place
    among schools, from the covariances of true school means, so that it does not rest on how many
    people answered.
    """

    within: Estimate
    between: Estimate


def omega_by_level(
    answers: Matrix,
    clusters: NDArray[Any],
    names: Sequence[str] = (),
    *,
    confidence: float = 0.95,
    seed: int = 1,
) -> OmegaByLevel:
    """Omega total within and between schools, from a one-factor minres solution at each level.

    Within: pooled-within covariances. Between: ``(B - W) / c`` with B and W the mean cross-products
    between and within, c the size of schools (Muthen 1994; Geldhof, Preacher and Zyphur 2014).
    Intervals: percentile bootstrap over schools. No call of R gives the same; recovered from a
    known population (docs/recovery.md).

    Parameters
    ----------
    answers : ndarray, shape (n, k)
        Complete cases, reversed items turned round.
    clusters : ndarray, shape (n,)
        Each person's school.
    names : sequence of str
        The items, for messages; Moments bring theirs.
    confidence : float
        Of the interval.
    seed : int
        For the bootstrap.

    Raises
    ------
    CannotEstimate
        Where there are fewer than two schools, nobody shares one, or schools differ too little for
        a factor.
    """
    given = sample(answers, names=names, clusters=clusters, least=3)
    assert given.rows is not None  # noqa: S101 - from rows
    rows, labels = given.rows, np.asarray(given.clusters)
    estimates = []
    for level, figure in (("within", _omega_within), ("between", _omega_between)):
        value = figure(rows, labels)
        low, high = _over_clusters(figure, given, labels, confidence, seed)
        method = (
            f"omega total {level} clusters, one-factor minres, percentile bootstrap over clusters"
            f" ({intervals.DRAWS}), {given.label}"
        )
        estimates.append(Estimate(value, low, high, given.n, method))
    return OmegaByLevel(within=estimates[0], between=estimates[1])


def _over_clusters(
    figure: Callable[[Matrix, NDArray[np.intp]], float],
    given: Sample,
    labels: NDArray[np.intp],
    confidence: float,
    seed: int,
) -> tuple[float, float]:
    """A resampled cluster that comes twice counts as two: its rows carry new labels."""
    rows = np.asarray(given.rows)
    numbered = Sample(
        given.covariances,
        given.means,
        given.n,
        given.names,
        given.label,
        np.column_stack([rows, labels, np.arange(given.n)]),
        given.clusters,
    )

    def of(resampled: Matrix) -> float:
        # a new cluster starts where the label changes or the row numbers start over
        label, row = resampled[:, -2], resampled[:, -1]
        fresh = np.concatenate([[0], np.cumsum((np.diff(label) != 0) | (np.diff(row) <= 0))])
        return figure(resampled[:, :-2], fresh)

    return intervals.bootstrap(of, numbered, seed=seed, confidence=confidence)


def _omega_within(rows: Matrix, labels: NDArray[np.intp]) -> float:
    return omega_from_covariance(within(rows - rows.min(), labels).covariances)


def _omega_between(rows: Matrix, labels: NDArray[np.intp]) -> float:
    inside = within(rows - rows.min(), labels)
    sizes = np.bincount(labels).astype(np.float64)
    n, count = len(rows), len(sizes)
    sums = np.stack([np.bincount(labels, weights=column) for column in rows.T], axis=1)
    gaps = sums / sizes[:, None] - rows.mean(axis=0)
    between = (gaps * sizes[:, None]).T @ gaps / (count - 1)
    size = (n - float((sizes**2).sum()) / n) / (count - 1)
    covariances = (between - inside.covariances) / size
    if (np.diag(covariances) <= 0).any():
        raise CannotEstimate("schools do not differ in an item beyond chance")
    return omega_from_covariance(covariances)


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


def omega_and_gradient(matrix: Matrix, names: Sequence[str]) -> tuple[float, Matrix]:
    """Omega and its derivatives by the entries off the diagonal.

    Loadings move with the matrix by the implicit function theorem: the first derivatives of the
    loss stay zero, so d loadings = 2 H^-1 dS loadings.
    """
    solution = one_factor.fit(matrix, names)
    total = float(matrix.sum())
    if total <= 0:
        raise CannotEstimate("the sum of the items does not vary")
    unique = float(solution.uniquenesses.sum())
    pull = np.linalg.solve(solution.hessian, solution.loadings)
    crossed = np.outer(pull, solution.loadings)
    return 1 - unique / total, 2 / total * (crossed + crossed.T) + unique / total**2
