"""Diagonally weighted least squares on polychoric correlations, robust: what is called WLSMV."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import LOADING, THRESHOLD, Block, Layout
from instruments.psychometrics.confirmatory.direction import upright
from instruments.psychometrics.confirmatory.estimation import Estimated, degrees
from instruments.psychometrics.confirmatory.implied import Implied, imply, slopes
from instruments.psychometrics.confirmatory.indices import Statistic, indices, residual_srmr
from instruments.psychometrics.confirmatory.latent import Ordinal
from instruments.psychometrics.confirmatory.likelihood import inverse_information, search
from instruments.psychometrics.confirmatory.ordinal_statistics import (
    distance,
    slope_of,
    units,
    weighted_square,
)
from instruments.psychometrics.confirmatory.samples import Sample
from instruments.psychometrics.confirmatory.starts import starts
from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]

#: share of its own below which an item's variance counts as gone (theta)
ALONE = 0.002


@dataclass(frozen=True, eq=False)
class Weighted:
    """What the adjusted tests of one fitted model, and of two against each other, are made from.

    One a group: ``slope``, derivatives of its statistics by the parameters that move them;
    ``moving``, which these are; ``weight`` of the statistics; ``gamma``, n times their asymptotic
    covariance matrix; ``passed``, gamma times weighted slope; ``people``, how many. ``bread`` is
    the inverse information.
    """

    slope: tuple[Matrix, ...]
    moving: tuple[NDArray[np.int64], ...]
    weight: tuple[Matrix, ...]
    gamma: tuple[Matrix, ...]
    passed: tuple[Matrix, ...]
    people: tuple[int, ...]
    bread: Matrix

    @cached_property
    def moved(self) -> list[Matrix]:
        """Of each group, the mean outer product of what moves its parameters."""
        return [
            (self.weight[k][:, None] * slope).T @ self.passed[k]
            for k, slope in enumerate(self.slope)
        ]

    def middle(self, less: int = 0) -> Matrix:
        """The same of all groups, each of which weighs by its people less ``less``."""
        people = [n - less for n in self.people]
        total = np.zeros(self.bread.shape)
        for k, moving in enumerate(self.moving):
            total[np.ix_(moving, moving)] += people[k] / sum(people) * self.moved[k]
        return total

    @property
    def spread(self) -> Matrix:
        """Covariance matrix of the parameters, times n; groups weigh by n - 1, as in lavaan."""
        return np.asarray(self.bread @ self.middle(less=1) @ self.bread, dtype=np.float64)

    def traces(self) -> tuple[float, float]:
        """Of U Gamma and its square; U is the weights less what the parameters explain."""
        explained = self.middle() @ self.bread
        trace, square = -float(np.trace(explained)), float((explained * explained.T).sum())
        for k, weight in enumerate(self.weight):
            own = self.bread[np.ix_(self.moving[k], self.moving[k])]
            mixed = self.passed[k].T @ (weight[:, None] * self.passed[k]) * own
            trace += float(np.diag(self.gamma[k]) @ weight)
            square += weighted_square(self.gamma[k], weight)
            square -= 2 * self.people[k] / sum(self.people) * float(mixed.sum())
        return trace, square


def weighted_least_squares(
    layout: Layout,
    data: Sequence[Ordinal],
    gammas: Sequence[Matrix],
    start: Matrix | None = None,
) -> tuple[Estimated, Weighted]:
    """WLSMV: DWLS estimates, robust errors, scaled and shifted test.

    Agrees with ``lavaan::cfa(ordered = TRUE, estimator = "WLSMV")``, delta and theta, listwise and
    ``missing = "pairwise"``.

    Notes
    -----
    With one group the thresholds fit as they are: estimates and test come from the correlations
    alone, and the thresholds' errors are added afterwards.
    """
    n, pairs = sum(own.n for own in data), len(data[0].rho)
    df = degrees(layout, sum(len(own.gamma_diagonal) for own in data))
    problem = _problem(layout, data)
    x = _fitted(problem, _start(layout, data) if start is None else start)
    found = _weighted(problem, gammas, x)
    chi2 = sum(
        own.n * float(weight @ distance(block, own, x, cuts=problem.cuts) ** 2)
        for block, own, weight in zip(layout.blocks, data, problem.weights, strict=True)
    )
    null, square = 0.0, 0.0
    for own, gamma in zip(data, gammas, strict=True):
        weight = 1 / own.gamma_diagonal[-pairs:]
        null += own.n * float(weight @ own.rho**2)
        square += weighted_square(gamma[-pairs:, -pairs:], weight)
    null_df = pairs * len(data)
    statistic = _shifted(chi2, df, *found.traces()) if df else Statistic(chi2, 0)
    implied = tuple(imply(block, x) for block in layout.blocks)
    srmr, residuals = _residuals(data, implied, layout, problem.share)
    fit = indices(
        statistic,
        _shifted(null, null_df, float(null_df), square),
        n=n - len(data),
        groups=len(data),
        parameters=layout.size,
        srmr=srmr,
    )
    spread = found.spread if problem.cuts else _with_cuts(problem, found, gammas[0], x)
    estimated = Estimated(layout, x, spread / n, found.bread, statistic, fit, residuals, implied)
    return estimated, found


@dataclass(frozen=True, eq=False)
class _Problem:
    """A layout with its data; ``cuts``: whether thresholds are fitted with the rest."""

    layout: Layout
    data: Sequence[Ordinal]
    share: tuple[float, ...]
    cuts: bool
    weights: tuple[Matrix, ...]
    sought: NDArray[np.int64]


def _problem(layout: Layout, data: Sequence[Ordinal]) -> _Problem:
    n, cuts = sum(own.n for own in data), len(data) > 1
    of_cuts = np.zeros(layout.size, dtype=bool)
    if not cuts:
        block = layout.blocks[0]
        of_cuts[block.param[block.places[THRESHOLD]]] = True
    weights = tuple(1 / own.gamma_diagonal[0 if cuts else -len(own.rho) :] for own in data)
    share = tuple(own.n / n for own in data)
    return _Problem(layout, data, share, cuts, weights, np.flatnonzero(~of_cuts))


def _weighted(problem: _Problem, gammas: Sequence[Matrix], x: Matrix) -> Weighted:
    layout, count = problem.layout, len(problem.sought)
    slopes_, moving, passed, own_gammas = [], [], [], []
    information = np.zeros((count, count))
    parts = zip(layout.blocks, problem.data, problem.weights, gammas, problem.share, strict=True)
    for block, own, weight, gamma, share in parts:
        partial = slope_of(block, own, x, cuts=problem.cuts)
        slope = np.zeros((len(partial), layout.size))
        np.add.at(slope.T, block.param, partial.T)
        slope = slope[:, problem.sought]
        moves = np.flatnonzero(slope.any(axis=0))
        slope = slope[:, moves]
        own_gamma = gamma if problem.cuts else gamma[-len(own.rho) :, -len(own.rho) :]
        weighted = weight[:, None] * slope
        information[np.ix_(moves, moves)] += share * slope.T @ weighted
        slopes_.append(slope)
        moving.append(moves)
        own_gammas.append(own_gamma)
        passed.append(own_gamma @ weighted)
    bread = inverse_information(layout, information, problem.sought)
    people = tuple(own.n for own in problem.data)
    return Weighted(
        *(tuple(slopes_), tuple(moving), problem.weights, tuple(own_gammas), tuple(passed)),
        *(people, bread),
    )


def _with_cuts(problem: _Problem, found: Weighted, gamma: Matrix, x: Matrix) -> Matrix:
    """Covariance matrix of all parameters of one group, times n, thresholds among them."""
    layout, own, block = problem.layout, problem.data[0], problem.layout.blocks[0]
    cuts = len(own.cuts)
    implied = imply(block, x)
    unit = units(implied, block)
    # a parameter moves with the sample's thresholds and correlations
    by_rho = (found.weight[0][:, None] * found.slope[0]) @ found.bread[found.moving[0]]
    rest = np.zeros((layout.size, len(problem.sought)))
    rest[problem.sought, np.arange(len(problem.sought))] = 1.0
    direct = np.zeros((layout.size, cuts))
    place = {pair: k for k, pair in enumerate(zip(*own.places, strict=True))}
    slope = slopes(block, implied)
    log = -slope.weight * slope.left * slope.right * (unit**2)[:, None]
    for e in block.places[THRESHOLD]:
        row, at = block.row[e], place[block.row[e], block.col[e]]
        direct[block.param[e], at] = 1 / unit[row]
        if not block.delta:
            along = np.zeros(layout.size)
            np.add.at(along, block.param, -x[block.param[e]] * log[row])
            rest[block.param[e]] += along[problem.sought]
    own_spread = found.spread
    crossed = gamma[:cuts, cuts:] @ by_rho
    mixed = direct @ crossed @ rest.T
    whole = direct @ gamma[:cuts, :cuts] @ direct.T + rest @ own_spread @ rest.T
    return np.asarray(whole + mixed + mixed.T, dtype=np.float64)


def _shifted(chi2: float, df: int, trace: float, square: float) -> Statistic:
    scale = float(np.sqrt(square / df))
    return Statistic(chi2, df, scale, df - trace / scale)


def _fitted(problem: _Problem, start: Matrix) -> Matrix:
    """The DWLS solution."""
    layout, sought = problem.layout, problem.sought
    parts = tuple(zip(layout.blocks, problem.data, problem.weights, problem.share, strict=True))

    def whole(part: Matrix) -> Matrix:
        full = start.copy()
        full[sought] = part
        return full

    def at(part: Matrix) -> float | None:
        x = whole(part)
        if any(np.diag(imply(block, x).covariances).min() <= 0 for block in layout.blocks):
            return None
        return sum(
            share / 2 * float(weight @ distance(block, own, x, cuts=problem.cuts) ** 2)
            for block, own, weight, share in parts
        )

    def slope(part: Matrix) -> tuple[Matrix, Matrix]:
        x = whole(part)
        gradient, information = np.zeros(layout.size), np.zeros((layout.size, layout.size))
        for block, own, weight, share in parts:
            down = slope_of(block, own, x, cuts=problem.cuts)
            weighted = share * weight[:, None] * down
            away = distance(block, own, x, cuts=problem.cuts)
            np.add.at(gradient, block.param, -(away @ weighted))
            square = _squared(block, down, weighted, len(own.cuts) if problem.cuts else 0)
            np.add.at(information, np.ix_(block.param, block.param), square)
        return gradient[sought], information[np.ix_(sought, sought)]

    x = upright(layout, whole(search(at, slope, start[sought]).x))
    _refuse_heywood(layout, x)
    if not problem.cuts:
        block, own = layout.blocks[0], problem.data[0]
        unit = units(imply(block, x), block)
        at_cut = block.places[THRESHOLD]
        row, col = block.row[at_cut], block.col[at_cut]
        x[block.param[at_cut]] = own.thresholds[row, col] / unit[row]
    return x


def _squared(block: Block, down: Matrix, weighted: Matrix, cuts: int) -> Matrix:
    """Slope times weighted slope, in two parts: correlations do not move with thresholds."""
    square = np.asarray(down[:cuts].T @ weighted[:cuts])
    others = np.setdiff1d(np.arange(down.shape[1]), block.places[THRESHOLD])
    square[np.ix_(others, others)] += down[cuts:, others].T @ weighted[cuts:, others]
    return square


def _refuse_heywood(layout: Layout, x: Matrix) -> None:
    """With unique variances of 1, an item without one of its own has an unbounded loading."""
    for block in layout.blocks:
        implied = imply(block, x)
        share = np.diag(implied.residual) / np.diag(implied.covariances)
        if not block.delta and share.min() < ALONE:
            item = layout.model.items[int(np.argmin(share))]
            raise CannotEstimate(f"{item} keeps no variance of its own (Heywood case)")


def _start(layout: Layout, data: Sequence[Ordinal]) -> Matrix:
    """Starting values of continuous items with the polychoric correlations, in the items' units."""
    samples = [Sample(own.names, own.n, np.zeros(len(own.names)), own.correlations) for own in data]
    x = starts(layout, samples)
    seen: set[str] = set()
    position = {key: k for k, key in enumerate(layout.keys)}
    common = np.zeros(len(data[0].names))
    for cell in layout.cells:
        if cell.kind == LOADING and cell.key and cell.group == 0:
            common[cell.row] += x[position[cell.key]] ** 2
    unit = np.ones(len(common)) if layout.plan.delta else np.sqrt(np.clip(1 - common, 0.2, 1.0))
    for cell in layout.cells:
        if not cell.key or cell.key in seen:
            continue
        seen.add(cell.key)
        if cell.kind == LOADING and layout.plan.identify == "variance":
            x[position[cell.key]] /= unit[cell.row]
        elif cell.kind == THRESHOLD:
            cut = data[cell.group].thresholds[cell.row, cell.col]
            x[position[cell.key]] = cut / unit[cell.row]
        elif cell.lhs == cell.rhs and cell.lhs in layout.model.items:
            x[position[cell.key]] = 1.0
    return x


def _residuals(
    data: Sequence[Ordinal], implied: Sequence[Implied], layout: Layout, share: Sequence[float]
) -> tuple[float, tuple[Matrix, ...]]:
    srmr, found = 0.0, []
    for own, moments, block, part in zip(data, implied, layout.blocks, share, strict=True):
        unit = units(moments, block)
        one, residual = residual_srmr(own.correlations, moments.covariances * np.outer(unit, unit))
        srmr += part * one
        found.append(residual)
    return srmr, tuple(found)
