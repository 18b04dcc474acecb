"""Omega inside schools and between schools."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics import intervals
from instruments.psychometrics.estimates import CannotEstimate, Estimate, NotEstimated, Result
from instruments.psychometrics.omegas import omega_and_gradient
from instruments.psychometrics.samples import sample

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OmegaByLevel(Result):
    """Omega inside schools and between schools.

    ``within``: how surely a person's place among colleagues is known; ``between``: a school's place
    among schools, from the covariances of true school means, so that it does not rest on how many
    people answered.
    """

    within: Estimate | NotEstimated
    between: Estimate | NotEstimated


@dataclass(frozen=True, eq=False)
class _Levels:
    """People's differences from their school, schools' differences from all, both covariances."""

    inside: Matrix
    means: Matrix
    school: NDArray[np.intp]
    sizes: Matrix
    within: Matrix
    between: Matrix
    size: float


def omega_by_level(
    answers: Matrix,
    clusters: NDArray[Any],
    names: Sequence[str] = (),
    *,
    confidence: float = 0.95,
) -> OmegaByLevel:
    """Omega total within and between schools, from a one-factor minres solution at each level.

    Within: pooled-within covariances W. Between: ``(B - W) / c`` with B the mean cross-products
    between schools and c their size (Muthen 1994; Geldhof, Preacher and Zyphur 2014). Agrees to
    1e-8 with ``l <- stats::optim(l, function(l) sum((S - tcrossprod(l))[upper.tri(S)]^2))`` of the
    same S: ``1 - sum(diag(S) - l^2) / sum(S)``. Intervals by the delta method: how each school
    moves the covariances, on the scale of log(1 - omega); recovered from a known population
    (docs/recovery.md).

    Parameters
    ----------
    answers : ndarray, shape (n, k)
        Complete cases, reversed items turned round.
    clusters : ndarray, shape (n,)
        Each person's school.
    names : sequence of str
        The items, for messages.
    confidence : float
        Of the interval.

    Returns
    -------
    OmegaByLevel
        A level that has no proper one-factor solution gives its reason.

    Raises
    ------
    CannotEstimate
        With fewer than three items, too few people, fewer than two schools, or where nobody shares
        one.
    """
    given = sample(answers, names=names, clusters=clusters, least=3)
    assert given.rows is not None and given.clusters is not None  # noqa: PT018, S101 - from rows
    levels = _levels(given.rows, given.clusters)
    found: dict[str, Estimate | NotEstimated] = {}
    for level in ("within", "between"):
        method = (
            f"omega total {level} clusters, one-factor minres, delta interval over clusters,"
            f" {given.label}"
        )
        try:
            value, error = _value_and_error(levels, level, given.names)
        except CannotEstimate as reason:
            found[level] = NotEstimated(str(reason))
            continue
        low, high = intervals.complement(value, error, confidence)
        found[level] = Estimate(value, low, high, given.n, method)
    return OmegaByLevel(**found)


def _levels(rows: Matrix, school: NDArray[np.intp]) -> _Levels:
    sizes = np.bincount(school).astype(np.float64)
    n, count = len(rows), len(sizes)
    if n == count:
        raise CannotEstimate("nobody shares a school: there is no difference inside one")
    sums = np.stack([np.bincount(school, weights=column) for column in rows.T], axis=1)
    means = sums / sizes[:, None]
    inside = rows - means[school]
    within = inside.T @ inside / (n - count)
    means = means - rows.mean(axis=0)
    size = (n - float((sizes**2).sum()) / n) / (count - 1)
    between = ((means * sizes[:, None]).T @ means / (count - 1) - within) / size
    return _Levels(inside, means, school, sizes, within, between, size)


def _value_and_error(levels: _Levels, level: str, names: Sequence[str]) -> tuple[float, float]:
    """Omega at a level, and its standard error from what each school adds."""
    matrix = levels.within if level == "within" else levels.between
    if (np.diag(matrix) <= 0).any():
        where = "people of one school" if level == "within" else "schools"
        raise CannotEstimate(f"{where} do not differ in an item beyond chance")
    value, gradient = omega_and_gradient(matrix, names)
    total = float(matrix.sum())
    np.fill_diagonal(gradient, (1 - value) / total - 1 / total)
    n, count = len(levels.inside), len(levels.sizes)
    moved = ((levels.inside @ gradient) * levels.inside).sum(axis=1)
    each = np.bincount(levels.school, weights=moved)
    mean = float(each.sum()) / (n - count)
    added = (each - (levels.sizes - 1) * mean) / (n - count)
    if level == "between":
        moved = levels.sizes * ((levels.means @ gradient) * levels.means).sum(axis=1)
        added = ((moved - mean) / (count - 1) - added) / levels.size
    return value, float(np.sqrt((added**2).sum() * count / (count - 1)))
