"""How well a scale's items hang together: alpha, omega total, average correlation, item by item."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics import intervals, one_factor
from instruments.psychometrics.estimates import CannotEstimate, Estimate, NotEstimated, or_reason

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ItemStatistics:
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
class ScaleReliability:
    """What a researcher reads of one scale; ``n`` counts its complete cases."""

    n: int
    items: tuple[ItemStatistics, ...]
    alpha: Estimate | NotEstimated
    alpha_standardised: Estimate | NotEstimated
    omega_total: Estimate | NotEstimated
    average_r: Estimate | NotEstimated
    #: for scales of two items only, which have no omega
    spearman_brown: Estimate | NotEstimated | None


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

    tail = (1 - confidence) / 2
    first, second = n - 1, (n - 1) * (k - 1)
    low = 1 - (1 - alpha) * float(fdtri(first, second, 1 - tail))
    high = 1 - (1 - alpha) * float(fdtri(first, second, tail))
    return low, high


def alpha(answers: Matrix, *, confidence: float = 0.95) -> Estimate:
    """Cronbach's alpha of complete cases (through pingouin) with Feldt's interval (ours).

    Parameters
    ----------
    answers : ndarray, shape (n, k)
        Complete cases, reversed items turned round.

    Raises
    ------
    CannotEstimate
        Where people are no more than items, or an item or the sum does not vary.

    Notes
    -----
    Agrees with ``psych::alpha(na.omit(x))`` and ``psych::alpha.ci`` to 1e-10.
    """
    from instruments.psychometrics._pingouin import cronbach_alpha

    n, k = _enough(answers)
    alpha_from_covariance(_covariances(answers))  # refuses what pingouin answers with NaN
    value = cronbach_alpha(answers)
    low, high = feldt_interval(value, n, k, confidence=confidence)
    return Estimate(value, low, high, n, "Cronbach's alpha, Feldt interval, complete cases")


def average_r(answers: Matrix, *, confidence: float = 0.95) -> Estimate:
    """Mean correlation between the items of complete cases, shape (n, k).

    Agrees with ``psych::alpha(na.omit(x))$total$average_r``.
    """
    n, k = _enough(answers)
    scores, correlations = _standardise(answers)
    value = min(1.0, float((correlations.sum() - k) / (k * (k - 1))))  # rounding goes past 1
    gradient = np.full((k, k), 1 / (k * (k - 1)))
    error = intervals.standard_error(gradient, correlations, scores)
    low, high = intervals.fisher(value, error, confidence)
    return Estimate(value, low, high, n, f"mean correlation, {_DELTA}, complete cases")


def alpha_standardised(answers: Matrix, *, confidence: float = 0.95) -> Estimate:
    """Alpha of the standardised items of complete cases, shape (n, k).

    ``k r / (1 + (k - 1) r)`` with r the mean correlation; agrees with
    ``psych::alpha(na.omit(x))$total$std.alpha``.
    """
    n, _ = _enough(answers)
    scores, correlations = _standardise(answers)
    value = alpha_from_covariance(correlations)
    error = intervals.standard_error(_alpha_gradient(correlations), correlations, scores)
    low, high = intervals.complement(value, error, confidence)
    return Estimate(value, low, high, n, f"standardised alpha, {_DELTA}, complete cases")


def spearman_brown(answers: Matrix, *, confidence: float = 0.95) -> Estimate:
    """Reliability of the sum of two items, ``2 r / (1 + r)``, of complete cases, shape (n, 2).

    The interval turns round Fisher's interval for r.

    Raises
    ------
    ValueError
        Where there are not two items.
    CannotEstimate
        Where there are too few people, an item is constant, or the items are opposed (r = -1).
    """
    n, k = _enough(answers)
    if k != 2:
        raise ValueError("spearman_brown takes two items")
    _, correlations = _standardise(answers)
    r = float(correlations[0, 1])
    if n < 4:
        raise CannotEstimate(f"{n} people are too few for an interval")
    low, high = intervals.fisher(r, (1 - r * r) / np.sqrt(n - 3), confidence)
    value, below, above = (spearman_brown_from_r(each) for each in (r, low, high))
    return Estimate(value, below, above, n, "Spearman-Brown, Fisher interval, complete cases")


def spearman_brown_from_r(r: float) -> float:
    """Reliability of the sum of two items that correlate ``r``: ``2 r / (1 + r)``."""
    if r <= -1 + 1e-12:
        raise CannotEstimate("the two items are exactly opposed")
    return 2 * r / (1 + r)


def omega(answers: Matrix, names: Sequence[str] = (), *, confidence: float = 0.95) -> Estimate:
    """McDonald's omega total of the standardised items of complete cases.

    ``1 - sum(u2) / sum(R)`` with the uniquenesses u2 of a one-factor minres solution of the
    correlations R.

    Parameters
    ----------
    answers : ndarray, shape (n, k)
        Complete cases, reversed items turned round, k three or more.
    names : sequence of str
        For messages.

    Raises
    ------
    CannotEstimate
        Where people are no more than items, an item is constant, or there is no proper one-factor
        solution (see ``one_factor.fit``).

    Notes
    -----
    Agrees with ``psych::omega(na.omit(x), nfactors = 1)$omega.tot`` to 1e-4, and closer to the
    optimum, for scales whose loadings all have one sign (psych turns the others round; we do not).
    The interval: delta method without an assumption of normality, from each person's influence on
    the correlations, on the scale of ``log(1 - omega)``; see ``docs/figures-against-R.md`` for its
    coverage. Sources: McDonald (1999), Test Theory; Maydeu-Olivares, Coffman and Hartmann (2007),
    Psychological Methods 12(2), for the distribution-free interval of alpha that this carries over.
    """
    n, _ = _enough(answers)
    scores, correlations = _standardise(answers)
    value, gradient = _omega_and_gradient(correlations, names)
    error = intervals.standard_error(gradient, correlations, scores)
    low, high = intervals.complement(value, error, confidence)
    return Estimate(
        value, low, high, n, f"omega total, one-factor minres, {_DELTA}, complete cases"
    )


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
    value, _ = _omega_and_gradient(covariances, names)
    return value


def item_statistics(answers: Matrix, names: Sequence[str]) -> tuple[ItemStatistics, ...]:
    """Mean, spread, item-rest correlation and alpha without the item, of complete cases.

    Agrees with ``psych::alpha(na.omit(x))``: ``item.stats$r.drop``, ``alpha.drop$raw_alpha``.
    """
    n, k = _enough(answers)
    covariances = _covariances(answers)
    found = []
    for own, name in enumerate(names):
        others = [j for j in range(k) if j != own]
        rest = covariances[np.ix_(others, others)]
        found.append(
            ItemStatistics(
                item=name,
                n=n,
                mean=float(answers[:, own].mean()),
                sd=float(np.sqrt(covariances[own, own])),
                item_rest=or_reason(_item_rest, covariances, own),
                alpha_if_dropped=or_reason(alpha_from_covariance, rest),
            )
        )
    return tuple(found)


def scale_reliability(answers: Matrix, names: Sequence[str]) -> ScaleReliability:
    """Every figure of one scale that can be estimated, and the reason for each that cannot.

    Parameters
    ----------
    answers : ndarray, shape (n, k)
        Complete cases, reversed items turned round.
    names : sequence of str
        The k items.
    """
    n, k = answers.shape
    try:
        items = item_statistics(answers, names)
    except CannotEstimate as reason:
        refused = NotEstimated(str(reason))
        return ScaleReliability(n, (), refused, refused, refused, refused, None)
    return ScaleReliability(
        n=n,
        items=items,
        alpha=or_reason(alpha, answers),
        alpha_standardised=or_reason(alpha_standardised, answers),
        omega_total=or_reason(omega, answers, names),
        average_r=or_reason(average_r, answers),
        spearman_brown=or_reason(spearman_brown, answers) if k == 2 else None,
    )


_DELTA = "distribution-free delta interval"


def _enough(answers: Matrix) -> tuple[int, int]:
    """People and items, where there are more people than items and no item is constant."""
    if answers.ndim != 2 or not np.isfinite(answers).all():
        raise ValueError("answers must be people x items, without gaps")
    n, k = answers.shape
    if k < 2:
        raise CannotEstimate("a scale needs two items or more")
    if n <= k:
        raise CannotEstimate(f"{n} complete cases are too few for {k} items")
    if (np.ptp(answers, axis=0) == 0).any():
        raise CannotEstimate("everybody gave the same answer to an item")
    return n, k


def _covariances(answers: Matrix) -> Matrix:
    return np.asarray(np.cov(answers, rowvar=False), dtype=np.float64)


def _standardise(answers: Matrix) -> tuple[Matrix, Matrix]:
    """Standard scores (population formula) and their correlations."""
    scores = (answers - answers.mean(axis=0)) / answers.std(axis=0)
    return scores, scores.T @ scores / len(scores)


def _item_rest(covariances: Matrix, own: int) -> float:
    shared = float(covariances[own].sum() - covariances[own, own])
    spread = float(covariances.sum()) - 2 * shared - float(covariances[own, own])
    if spread <= 1e-12 * float(np.trace(covariances)):
        raise CannotEstimate("the sum of the other items does not vary")
    return float(shared / np.sqrt(covariances[own, own] * spread))


def _alpha_gradient(matrix: Matrix) -> Matrix:
    """Derivatives of alpha by the entries of its matrix (those off the diagonal are used)."""
    k = len(matrix)
    return np.full_like(matrix, k / (k - 1) * float(np.trace(matrix)) / float(matrix.sum()) ** 2)


def _omega_and_gradient(matrix: Matrix, names: Sequence[str]) -> tuple[float, Matrix]:
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
