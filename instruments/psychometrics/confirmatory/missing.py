"""Full information maximum likelihood: everybody counts with what they answered (FIML).

People with the same gaps form a pattern; a pattern's weight matrix is the inverse of the implied
covariances of what it answered, with zeros elsewhere, so that all formulas of complete data hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import Layout, Plan, lay_out
from instruments.psychometrics.confirmatory.direction import upright
from instruments.psychometrics.confirmatory.estimation import Estimated, degrees
from instruments.psychometrics.confirmatory.implied import Implied, curvature, imply, slopes
from instruments.psychometrics.confirmatory.indices import Statistic, indices, residual_srmr
from instruments.psychometrics.confirmatory.likelihood import (
    beyond,
    expected,
    inverse_information,
    invert,
    search,
)
from instruments.psychometrics.confirmatory.samples import Rows, Sample, check
from instruments.psychometrics.confirmatory.starts import starts
from instruments.psychometrics.estimates import CannotEstimate
from instruments.psychometrics.model import Model, Term

Matrix = NDArray[np.float64]

#: expectation-maximisation only has to come near: Newton's method goes the rest of the way
EM_STEPS, EM_NEAR = 500, 1e-6


@dataclass(frozen=True, eq=False)
class Pattern:
    """People who answered the same items: which, who, and their means and covariances."""

    seen: NDArray[np.int64]
    people: NDArray[np.int64]
    means: Matrix
    covariances: Matrix

    @property
    def n(self) -> int:
        return len(self.people)


def patterns(rows: Rows) -> tuple[Pattern, ...]:
    """The patterns of a group, most frequent first."""
    masks, label, count = np.unique(
        ~np.isnan(rows.answers), axis=0, return_inverse=True, return_counts=True
    )
    members = np.split(np.argsort(label, kind="stable"), np.cumsum(count)[:-1])
    found = []
    for k in np.argsort(-count, kind="stable"):
        seen = np.flatnonzero(masks[k])
        own = rows.answers[np.ix_(members[k], seen)]
        away = own - own.mean(axis=0)
        found.append(Pattern(seen, members[k], own.mean(axis=0), away.T @ away / len(own)))
    return tuple(found)


def _weights(
    own: Sequence[Pattern], implied: Implied
) -> Iterator[tuple[Pattern, Matrix, float, Matrix, Matrix]]:
    """By pattern: weight matrix, log determinant, distance of means, second moments about these."""
    for pattern in own:
        at = np.ix_(pattern.seen, pattern.seen)
        inverse = invert(implied.covariances[at])
        if inverse is None:
            raise _ImproperError
        away = pattern.means - implied.means[pattern.seen]
        yield pattern, *inverse, away, pattern.covariances + np.outer(away, away)


class _ImproperError(Exception):
    """Parameters that imply impossible covariances."""


def _loss(layout: Layout, groups: Sequence[Sequence[Pattern]], x: Matrix) -> float | None:
    """Minus the log likelihood a person, without its constant."""
    n, total = sum(p.n for own in groups for p in own), 0.0
    try:
        for block, own in zip(layout.blocks, groups, strict=True):
            for pattern, weight, logdet, _, second in _weights(own, imply(block, x)):
                total += pattern.n / (2 * n) * (logdet + float((weight * second).sum()))
    except _ImproperError:
        return None
    return total


def derivatives(
    layout: Layout, groups: Sequence[Sequence[Pattern]], x: Matrix, *, exact: bool = False
) -> tuple[Matrix, Matrix]:
    """Gradient, and expected information or Hessian, of :func:`_loss`."""
    n, p = sum(one.n for own in groups for one in own), len(layout.model.items)
    gradient, information = np.zeros(layout.size), np.zeros((layout.size, layout.size))
    for block, own in zip(layout.blocks, groups, strict=True):
        implied = imply(block, x)
        slope = slopes(block, implied)
        square = np.zeros((len(block.param), len(block.param)))
        pull, push = np.zeros((p, p)), np.zeros(p)
        for pattern, weight, _, away, second in _weights(own, implied):
            share, at = pattern.n / n, np.ix_(pattern.seen, pattern.seen)
            whole, bent, drawn = np.zeros((p, p)), np.zeros((p, p)), np.zeros(p)
            whole[at], bent[at] = weight, weight - weight @ second @ weight
            drawn[pattern.seen] = -weight @ away
            pull, push = pull + share * bent, push + share * drawn
            square += share * expected(slope, whole)
            if exact:
                square += share * beyond(slope, whole, bent, drawn)
        if exact:
            square += curvature(block, implied, slope, pull, push)
        first = slope.weight * np.einsum("ke,ke->e", slope.left, pull @ slope.right)
        np.add.at(gradient, block.param, first + push @ slope.means)
        np.add.at(information, np.ix_(block.param, block.param), square)
    return gradient, information


def _meat(
    layout: Layout, groups: Sequence[Sequence[Pattern]], rows: Sequence[Rows], x: Matrix
) -> Matrix:
    """Mean outer product of people's (or clusters') scores."""
    total = np.zeros((layout.size, layout.size))
    for block, own, everybody in zip(layout.blocks, groups, rows, strict=True):
        implied = imply(block, x)
        slope = slopes(block, implied)
        size = 0 if everybody.clusters is None else int(everybody.clusters.max()) + 1
        summed = np.zeros((size, layout.size))
        for pattern, weight, *_ in _weights(own, implied):
            seen = pattern.seen
            left, right = weight @ slope.left[seen], weight @ slope.right[seen]
            drift = slope.weight * np.einsum("ke,ke->e", slope.left[seen], right)
            away = everybody.answers[np.ix_(pattern.people, seen)] - implied.means[seen]
            scores = slope.weight * (away @ left) * (away @ right) - drift
            scores += away @ (weight @ slope.means[seen])
            spread = np.zeros((len(scores), layout.size))
            np.add.at(spread.T, block.param, scores.T)
            if everybody.clusters is None:
                total += spread.T @ spread
            else:
                np.add.at(summed, everybody.clusters[pattern.people], spread)
        total += everybody.correction * summed.T @ summed
    return total / sum(everybody.n for everybody in rows)


def full_information(layout: Layout, rows: Sequence[Rows], *, robust: bool) -> Estimated:
    """FIML estimates with errors from the Hessian or, if robust, the sandwich.

    Agrees with ``lavaan::cfa(missing = "fiml")``, estimators ``"ML"`` and ``"MLR"``.
    """
    groups = [patterns(own) for own in rows]
    if not all(groups):
        raise CannotEstimate("nobody answered the items")
    saturated = [_saturated(own, people) for own, people in zip(groups, rows, strict=True)]
    samples = [own[0] for own in saturated]
    for sample in samples:
        check(sample)
    n, p = sum(own.n for own in rows), len(layout.model.items)
    df = degrees(layout, len(rows) * (p * (p + 3) // 2))
    solution = search(
        lambda x: _loss(layout, groups, x),
        lambda x: derivatives(layout, groups, x),
        starts(layout, samples),
    )
    x = upright(layout, solution.x)
    information = derivatives(layout, groups, x, exact=True)[1]
    bread = inverse_information(layout, information)
    spread, scale, null_scale = bread / n, None, None
    nulls = [_independence(own, sample) for own, sample in zip(groups, samples, strict=True)]
    null_df = len(rows) * p * (p - 1) // 2
    if robust:
        meat = _meat(layout, groups, rows, x)
        spread = bread @ meat @ bread / n
        full = sum(_trace(*own[1:], people) for own, people in zip(saturated, rows, strict=True))
        null = sum(_trace(*own, people) for own, people in zip(nulls, rows, strict=True))
        scale = (full - float((meat * bread).sum())) / df if df else None
        null_scale = (full - null) / null_df
    best = sum(own.n * _at(*each[1:]) for own, each in zip(rows, saturated, strict=True))
    worst = sum(own.n * _at(*each) for own, each in zip(rows, nulls, strict=True))
    statistic = Statistic(max(2 * (n * solution.loss - best), 0.0), df, scale)
    implied = tuple(imply(block, x) for block in layout.blocks)
    srmr, residuals = 0.0, []
    for sample, own in zip(samples, implied, strict=True):
        away = sample.means - own.means
        one, residual = residual_srmr(sample.covariances, own.covariances, away)
        srmr += sample.n / n * one
        residuals.append(residual)
    answers = sum(one.n * len(one.seen) for own in groups for one in own)
    fit = indices(
        statistic,
        Statistic(2 * (worst - best), null_df, null_scale),
        n=n,
        groups=len(rows),
        parameters=layout.size,
        srmr=srmr,
        loglik=-n * solution.loss - answers / 2 * float(np.log(2 * np.pi)),
    )
    return Estimated(
        layout,
        x,
        spread,
        information,
        statistic,
        fit,
        tuple(residuals),
        implied,
        tuple(samples),
    )


def _at(layout: Layout, own: Sequence[Pattern], x: Matrix) -> float:
    found = _loss(layout, [own], x)
    return np.inf if found is None else found


def _trace(layout: Layout, own: Sequence[Pattern], x: Matrix, rows: Rows) -> float:
    """``tr(B A^-1)`` of a model of one group."""
    information = derivatives(layout, [own], x, exact=True)[1]
    meat = _meat(layout, [own], [rows], x)
    return float(np.trace(np.linalg.solve(information, meat)))


def _independence(
    own: Sequence[Pattern], sample: Sample
) -> tuple[Layout, Sequence[Pattern], Matrix]:
    """The model in which no two items correlate: each item's own mean and variance."""
    p = len(sample.names)
    count, sums, squares = np.zeros(p), np.zeros(p), np.zeros(p)
    for pattern in own:
        count[pattern.seen] += pattern.n
        sums[pattern.seen] += pattern.n * pattern.means
        squares[pattern.seen] += pattern.n * (np.diag(pattern.covariances) + pattern.means**2)
    means = sums / count
    layout = lay_out(Model(sample.names, (), ()), Plan(means=True))
    return layout, own, np.concatenate([squares / count - means**2, means])


def _saturated(
    own: Sequence[Pattern], rows: Rows
) -> tuple[Sample, Layout, Sequence[Pattern], Matrix]:
    """Means and covariances of a normal population, by EM and then Newton's method.

    Raises
    ------
    CannotEstimate
        Where an item is constant or a pair of items was answered by fewer than two people.
    """
    names, p = rows.names, len(rows.names)
    if rows.n <= p:
        raise CannotEstimate(f"{rows.n} people are too few for {p} items")
    given = ~np.isnan(rows.answers)
    nobody = [name for name, any_ in zip(names, np.any(given, axis=0), strict=True) if not any_]
    if nobody:
        raise CannotEstimate(f"nobody answered {', '.join(nobody)}")
    both = given.T.astype(np.float64) @ given
    few = np.argwhere(both < 2)
    if few.size:
        one, other = (names[k] for k in few[0])
        raise CannotEstimate(f"fewer than two people answered both {one} and {other}")
    means = np.nanmean(rows.answers, axis=0)
    covariances = np.diag(np.nanvar(rows.answers, axis=0))
    check(Sample(names, max(rows.n, p + 1), means, covariances))
    for _ in range(EM_STEPS):
        moved, spread = _em(own, names, means, covariances, rows.n)
        scale = np.sqrt(np.diag(covariances))
        change = np.abs((spread - covariances) / np.outer(scale, scale)).max()
        means, covariances = moved, spread
        if change < EM_NEAR:
            break
    terms = tuple(Term(names[i], "~~", names[j]) for i in range(p) for j in range(i + 1))
    layout = lay_out(Model(names, (), terms), Plan(means=True))
    x = np.concatenate([covariances[np.tril_indices(p)], means])
    if layout.size <= 500:
        x = search(lambda x: _loss(layout, [own], x), lambda x: derivatives(layout, [own], x), x).x
    implied = imply(layout.blocks[0], x)
    sample = Sample(names, rows.n, implied.means, implied.covariances, rows.n)
    return sample, layout, own, x


def _em(
    own: Sequence[Pattern], names: tuple[str, ...], means: Matrix, covariances: Matrix, n: int
) -> tuple[Matrix, Matrix]:
    """One step of expectation and maximisation."""
    p = len(means)
    first, second = np.zeros(p), np.zeros((p, p))
    for pattern in own:
        seen = pattern.seen
        inverse = invert(covariances[np.ix_(seen, seen)])
        if inverse is None:
            check(Sample(names, n, means, covariances))  # says which item
            raise CannotEstimate("some items can be worked out from the others")
        along = covariances[:, seen] @ inverse[0]
        filled = means + along @ (pattern.means - means[seen])
        rest = covariances - along @ covariances[seen]
        about = along @ pattern.covariances @ along.T + rest
        first += pattern.n * filled
        second += pattern.n * (about + np.outer(filled, filled))
    first /= n
    return first, second / n - np.outer(first, first)
