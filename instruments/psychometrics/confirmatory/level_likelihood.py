"""The likelihood of a two-level model.

Clusters of one size s have means with covariances ``(within + s between) / s``; what is left inside
clusters has those of the within level. Sums over sizes give the likelihood of unbalanced data
exactly (McDonald and Goldstein 1989).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import (
    INTERCEPT,
    RESIDUAL,
    Layout,
    Plan,
    lay_out,
)
from instruments.psychometrics.confirmatory.implied import Slopes, curvature, imply, slopes
from instruments.psychometrics.confirmatory.likelihood import (
    Solution,
    beyond,
    expected,
    invert,
    search,
)
from instruments.psychometrics.confirmatory.samples import Rows, Sample, check
from instruments.psychometrics.confirmatory.starts import starts
from instruments.psychometrics.estimates import CannotEstimate
from instruments.psychometrics.model import Model, Term

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """``count`` observations with covariances within + size * between; size 0: inside clusters.

    ``means`` and ``second`` are of cluster means times the root of the size.
    """

    count: int
    size: int
    means: Matrix
    second: Matrix


@dataclass(frozen=True, eq=False)
class Levels:
    """Both layouts; parameters within come first."""

    within: Layout
    between: Layout

    @property
    def size(self) -> int:
        return self.within.size + self.between.size

    def parted(self, x: Matrix) -> tuple[Matrix, Matrix]:
        return x[: self.within.size], x[self.within.size :]


def sufficient(rows: Rows, fewest: int) -> tuple[tuple[Part, ...], Sample, Sample, int]:
    """What the likelihood needs; and samples of each level to start from."""
    names, p = rows.names, len(rows.names)
    if rows.n <= p or rows.clusters is None:
        raise CannotEstimate(f"{rows.n} people are too few for {p} items")
    check(rows.sample())
    label = np.unique(rows.clusters, return_inverse=True)[1]
    sizes = np.bincount(label)
    clusters = len(sizes)
    if clusters < max(fewest, p + 1):
        raise CannotEstimate(
            f"{clusters} clusters are too few for the level between them; it takes"
            f" {max(fewest, p + 1)}"
        )
    if rows.n - clusters <= p:
        raise CannotEstimate("hardly a cluster holds two people: there is no level within")
    sums = np.stack([np.bincount(label, weights=c) for c in rows.answers.T], axis=1)
    means = sums / sizes[:, None]
    away = rows.answers - means[label]
    pooled = away.T @ away / (rows.n - clusters)
    check(Sample(names, rows.n - clusters, np.zeros(p), pooled))
    parts = [Part(rows.n - clusters, 0, np.zeros(p), pooled)]
    for size in np.unique(sizes):
        own = means[sizes == size] * np.sqrt(size)
        centred = own - own.mean(axis=0)
        parts.append(Part(len(own), int(size), own.mean(axis=0), centred.T @ centred / len(own)))
    grand = means.mean(axis=0)
    spread = (means - grand).T @ (means - grand) / clusters - pooled * float(np.mean(1 / sizes))
    floor = 0.05 * np.diag(pooled)
    lifted = spread + np.diag(np.maximum(floor - np.diag(spread), 0.0))
    apart = Sample(names, clusters, grand, lifted)
    return tuple(parts), Sample(names, rows.n, np.zeros(p), pooled), apart, clusters


def free(items: tuple[str, ...]) -> Levels:
    terms = tuple(Term(one, "~~", other) for k, one in enumerate(items) for other in items[: k + 1])
    model = Model(items, (), terms)
    return Levels(lay_out(model, Plan()), lay_out(model, Plan(means=True)))


def unrelated(items: tuple[str, ...]) -> Levels:
    model = Model(items, (), ())
    return Levels(lay_out(model, Plan()), lay_out(model, Plan(means=True)))


def _proper(items: tuple[str, ...]) -> Levels:
    """As :func:`free`, but covariances between are made of uncorrelated factors: never improper."""
    within = Model(items, (), free(items).within.model.terms)
    factors = tuple(f"root {k}" for k in range(len(items)))
    loadings = [Term(factor, "=~", item) for k, factor in enumerate(factors) for item in items[k:]]
    gone = [Term(item, "~~", item, value=0.0) for item in items]
    between = Model(items, factors, (*loadings, *gone), orthogonal=True)
    return Levels(lay_out(within, Plan()), lay_out(between, Plan(means=True)))


def saturated(
    items: tuple[str, ...], parts: Sequence[Part], pooled: Sample, apart: Sample, n: int
) -> tuple[Matrix, float]:
    """The model that leaves all free, with proper covariances between; parameters as free's."""
    whole = free(items)
    x, loss = solved(whole, parts, pooled, apart, n)
    found_between = imply(whole.between.blocks[0], whole.parted(x)[1])
    if float(np.linalg.eigvalsh(found_between.covariances)[0]) >= 0:
        return x, loss
    proper = _proper(items)
    values, vectors = np.linalg.eigh(found_between.covariances)
    if values.max() <= 1e-12:
        raise CannotEstimate("clusters do not differ beyond chance: nothing between them to model")
    values = np.maximum(values, 0.01 * values.max())
    root = np.linalg.cholesky((vectors * values) @ vectors.T)
    start = np.zeros(proper.size)
    start[: whole.within.size] = x[: whole.within.size]
    block = proper.between.blocks[0]
    for e, place in enumerate(block.param):
        is_mean = e in block.places[INTERCEPT]
        row, col = block.row[e], block.col[e]
        start[proper.within.size + place] = found_between.means[row] if is_mean else root[row, col]
    found = _searched(proper, parts, start)
    within, between = proper.parted(found.x)
    kept = np.zeros(whole.size)
    kept[: whole.within.size] = within
    own = imply(block, between)
    outer = whole.between.blocks[0]
    for e, place in enumerate(outer.param):
        row, col = outer.row[e], outer.col[e]
        is_mean = e in outer.places[INTERCEPT]
        kept[whole.within.size + place] = own.means[row] if is_mean else own.covariances[row, col]
    return kept, found.loss


def solved(
    levels: Levels, parts: Sequence[Part], pooled: Sample, apart: Sample, n: int
) -> tuple[Matrix, float]:
    start = np.concatenate([starts(levels.within, [pooled]), starts(levels.between, [apart])])
    if not levels.within.model.factors:
        start = _saturated_start(levels, pooled, apart)
    found = _searched(levels, parts, start)
    return found.x, found.loss


def _searched(levels: Levels, parts: Sequence[Part], start: Matrix) -> Solution:
    return search(lambda x: _loss(levels, parts, x), lambda x: derivatives(levels, parts, x), start)


def _saturated_start(levels: Levels, pooled: Sample, apart: Sample) -> Matrix:
    found = []
    for layout, sample, shrink in ((levels.within, pooled, 1.0), (levels.between, apart, 0.5)):
        block, x = layout.blocks[0], np.zeros(layout.size)
        for e, place in enumerate(block.param):
            row, col = block.row[e], block.col[e]
            if e in block.places[RESIDUAL]:
                value = sample.covariances[row, col]
                x[place] = value if row == col else shrink * value
            else:
                x[place] = sample.means[row]
        found.append(x)
    return np.concatenate(found)


def _walk(
    levels: Levels, parts: Sequence[Part], x: Matrix
) -> Iterator[tuple[Part, Matrix, float, Matrix, Matrix]] | None:
    """By part: weight matrix, log determinant, distance of means, second moments about these."""
    inside, outside = levels.parted(x)
    within = imply(levels.within.blocks[0], inside)
    between = imply(levels.between.blocks[0], outside)
    found = []
    for part in parts:
        inverse = invert(within.covariances + part.size * between.covariances)
        if inverse is None:
            return None
        away = part.means - np.sqrt(part.size) * between.means
        found.append((part, *inverse, away, part.second + np.outer(away, away)))
    return iter(found)


def _loss(levels: Levels, parts: Sequence[Part], x: Matrix) -> float | None:
    """Minus the log likelihood a person, without its constant."""
    walked, n = _walk(levels, parts, x), sum(part.count for part in parts)
    if walked is None:
        return None
    return sum(
        part.count / (2 * n) * (logdet + float((weight * second).sum()))
        for part, weight, logdet, _, second in walked
    )


def derivatives(
    levels: Levels, parts: Sequence[Part], x: Matrix, *, exact: bool = False
) -> tuple[Matrix, Matrix]:
    """Gradient, and expected information or Hessian, of :func:`_loss`."""
    walked, n = _walk(levels, parts, x), sum(part.count for part in parts)
    if walked is None:
        raise CannotEstimate("the model implies impossible covariances")
    inside, outside = levels.parted(x)
    blocks = levels.within.blocks[0], levels.between.blocks[0]
    implied = imply(blocks[0], inside), imply(blocks[1], outside)
    own = slopes(blocks[0], implied[0]), slopes(blocks[1], implied[1])
    param = np.concatenate([blocks[0].param, levels.within.size + blocks[1].param])
    first, square = np.zeros(len(param)), np.zeros((len(param), len(param)))
    p = len(levels.within.model.items)
    pulls, push = [np.zeros((p, p)), np.zeros((p, p))], np.zeros(p)
    for part, weight, _, away, second in walked:
        share, root = part.count / n, float(np.sqrt(part.size))
        pull, drawn = weight - weight @ second @ weight, -weight @ away
        slope = Slopes(
            np.hstack([own[0].left, own[1].left]),
            np.hstack([own[0].right, own[1].right]),
            np.concatenate([own[0].weight, part.size * own[1].weight]),
            np.hstack([np.zeros_like(own[0].means), root * own[1].means]),
        )
        along = np.einsum("ke,ke->e", slope.left, pull @ slope.right)
        first += share * (slope.weight * along + drawn @ slope.means)
        square += share * expected(slope, weight)
        if exact:
            square += share * beyond(slope, weight, pull, drawn)
        pulls = [pulls[0] + share * pull, pulls[1] + share * part.size * pull]
        push = push + share * root * drawn
    if exact:
        cut = len(blocks[0].param)
        square[:cut, :cut] += curvature(blocks[0], implied[0], own[0], pulls[0], np.zeros(p))
        square[cut:, cut:] += curvature(blocks[1], implied[1], own[1], pulls[1], push)
    gradient, information = np.zeros(levels.size), np.zeros((levels.size, levels.size))
    np.add.at(gradient, param, first)
    np.add.at(information, np.ix_(param, param), square)
    return gradient, information
