"""Two-step maximum likelihood of many polychoric correlations at once, and who moves them how.

Arrays only: ``polychorics`` turns Moments into them and back.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics import bivariate
from instruments.psychometrics.estimates import CannotEstimate, Result, Table

Matrix = NDArray[np.float64]

#: a threshold beyond which nobody is expected
_FAR = 8.3
#: a correlation is searched for up to here; one found here is named in the notices
BOUND = 0.9999
STEPS = 40
_PRECISE = 1e-10
#: of the log-likelihood; near the limit it can rise by less than rounding for ever
_GAIN = 1e-14
_TINY = 1e-300
#: a likelihood that bends less has no standard error
_FLAT = 1e-6
#: a cell of a smaller probability is not expected to hold anybody
_SEEN = 1e-16


@dataclass(frozen=True, eq=False)
class Influence(Result):
    """How far each kind of answer moves each estimate, for sandwich errors over people.

    A person in cell (a, b) of pair (i, j) moves its correlation by ``cells[pair, a, b] +
    first[pair, a] + second[pair, b]``; one who answered only i by ``first[pair, a]``. Summed over
    people these are 0, and their squares are the variance.

    Attributes
    ----------
    items : ndarray of int, shape (pairs, 2)
        Places of the two items, i < j, row by row.
    cells : ndarray, shape (pairs, k, k)
    first, second : ndarray, shape (pairs, k)
    thresholds : ndarray, shape (p, k, k - 1)
        By item, option chosen and threshold; 0 for thresholds that the data do not have.
    """

    items: NDArray[np.intp]
    cells: Matrix
    first: Matrix
    second: Matrix
    thresholds: Matrix

    def table(self) -> Table:
        """How far the answers of one person move a correlation at most."""
        whole = self.cells + self.first[:, :, None] + self.second[:, None, :]
        most = np.abs(whole).max(axis=(1, 2), initial=0.0)
        rows = ((f"{i + 1} - {j + 1}", x) for (i, j), x in zip(self.items, most, strict=True))
        return Table(("items", "moved at most"), tuple(rows))


def cuts(counts: Matrix, people: Matrix) -> Matrix:
    from scipy.special import ndtri

    share = np.cumsum(counts, axis=1)[:, :-1] / people[:, None]
    cut = np.full(share.shape, _FAR)
    cut[share <= 0] = -_FAR
    inside = (share > 0) & (share < 1 - 1e-15)
    cut[inside] = ndtri(share[inside])
    return cut


class Grid:
    """The corner points of some pairs' cells, and what their probabilities and slopes are."""

    def __init__(self, first: Matrix, second: Matrix) -> None:
        from scipy.special import ndtr

        m, corners = first.shape
        self.shape = (m, corners, corners)
        self.h = np.broadcast_to(first[:, :, None], self.shape).reshape(m, -1)
        self.k = np.broadcast_to(second[:, None, :], self.shape).reshape(m, -1)
        self.margins = ndtr(first), ndtr(second)
        self.below = (self.margins[0][:, :, None] * self.margins[1][:, None, :]).reshape(m, -1)

    def cells(self, below: Matrix) -> Matrix:
        """Probabilities of the cells from those below their corners, shape (m, k, k)."""
        m, a, b = self.shape
        whole = np.zeros((m, a + 2, b + 2))
        whole[:, 1:-1, 1:-1] = below.reshape(self.shape)
        whole[:, 1:-1, -1], whole[:, -1, 1:-1] = self.margins
        whole[:, -1, -1] = 1.0
        return np.asarray(np.diff(np.diff(whole, axis=1), axis=2))

    def slopes(self, correlation: Matrix) -> Matrix:
        """Derivatives of the cells' probabilities by the correlation, shape (m, k, k)."""
        m, a, b = self.shape
        whole = np.zeros((m, a + 2, b + 2))
        whole[:, 1:-1, 1:-1] = bivariate.density(self.h, self.k, correlation).reshape(self.shape)
        return np.asarray(np.diff(np.diff(whole, axis=1), axis=2))

    def take(self, some: NDArray[np.bool_]) -> "Grid":
        """The same for some of the pairs."""
        part = object.__new__(Grid)
        part.shape = (int(some.sum()), *self.shape[1:])
        part.h, part.k, part.below = self.h[some], self.k[some], self.below[some]
        part.margins = self.margins[0][some], self.margins[1][some]
        return part


def maximise(first: Matrix, second: Matrix, tables: Matrix) -> Matrix:
    """Fisher scoring for all pairs at once; those that stand still drop out."""
    found = _start(tables)
    active = np.arange(len(tables))
    grid = Grid(first, second)
    here = found.copy()
    angle = np.arcsin(here)
    below = grid.below + bivariate.step(grid.h, grid.k, np.zeros_like(angle), angle)
    people = tables.sum(axis=(1, 2))
    moved, earlier = np.zeros_like(here), np.zeros_like(here)
    for _ in range(STEPS):
        chance, slope = grid.cells(below), grid.slopes(here)
        ratio = np.divide(slope, chance, out=np.zeros_like(slope), where=chance > _SEEN)
        score = (tables[active] * ratio).sum(axis=(1, 2))
        information = people[active] * (slope * ratio).sum(axis=(1, 2))
        new = np.clip(here + _move(here, moved, score, earlier, information), -BOUND, BOUND)
        found[active] = new
        moving = (np.abs(new - here) > _PRECISE) & (np.abs(score * (new - here)) > _GAIN)
        if not moving.any():
            return found
        if not moving.all():
            grid, active, below = grid.take(moving), active[moving], below[moving]
            here, new, score = here[moving], new[moving], score[moving]
        below = below + bivariate.step(grid.h, grid.k, np.arcsin(here), np.arcsin(new))
        moved, earlier, here = new - here, score, new
    return _at_limit(found, active, here, grid, tables, below)


def _at_limit(
    found: Matrix,
    active: NDArray[np.intp],
    here: Matrix,
    grid: "Grid",
    tables: Matrix,
    below: Matrix,
) -> Matrix:
    """What creeps towards a limit for ever is put there, where that is no less likely."""
    limit = np.where(here > 0, BOUND, -BOUND)
    there = below + bivariate.step(grid.h, grid.k, np.arcsin(here), np.arcsin(limit))
    gain = [
        (tables[active] * np.log(np.maximum(grid.cells(each), _SEEN))).sum(axis=(1, 2))
        for each in (below, there)
    ]
    if (gain[1] < gain[0] - 1e-6).any():
        raise CannotEstimate("a polychoric correlation was not found: its likelihood is flat")
    found[active] = limit
    return found


def _move(
    here: Matrix, moved: Matrix, score: Matrix, earlier: Matrix, information: Matrix
) -> Matrix:
    """A scoring step, by the curvature that the last step met where that says more.

    Towards a limit of the correlation the expected information says little and scoring creeps.
    """
    met = np.divide(earlier - score, moved, out=np.zeros_like(score), where=moved != 0)
    curvature = np.where(met > 1e-3 * information, met, information)
    move = score / np.maximum(curvature, _TINY)
    room = np.where(move > 0, 1 - here, 1 + here) / 2
    return np.asarray(np.clip(move, -room, room))


def _start(tables: Matrix) -> Matrix:
    """Pearson correlations of the places of the options, somewhat towards 0."""
    k = np.arange(tables.shape[1], dtype=np.float64)
    n = tables.sum(axis=(1, 2))
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    x, y = rows @ k / n, columns @ k / n
    both = np.einsum("pab,a,b->p", tables, k, k) / n - x * y
    spread = (rows @ k**2 / n - x * x) * (columns @ k**2 / n - y * y)
    return np.asarray(np.clip(both / np.sqrt(spread), -0.9, 0.9))


def influence_of(
    counts: Matrix, cut: Matrix, tables: Matrix, items: NDArray[np.intp], found: Matrix
) -> Influence:
    from scipy.special import ndtr

    grid = Grid(cut[items[:, 0]], cut[items[:, 1]])
    chance = grid.cells(
        grid.below + bivariate.step(grid.h, grid.k, np.zeros_like(found), np.arcsin(found))
    )
    seen = chance > _SEEN
    safe = np.where(seen, chance, 1.0)
    score = np.where(seen, grid.slopes(found) / safe, 0.0)
    information = (tables * score**2).sum(axis=(1, 2))
    sure = (np.abs(found) < BOUND) & (information > _FLAT)
    thresholds = _threshold_influence(counts, cut)
    weight = np.where(seen, tables * score / safe, 0.0)
    free = np.sqrt(1 - found**2)[:, None, None]
    carried = []
    for own, other, turned in ((0, 1, weight), (1, 0, weight.transpose(0, 2, 1))):
        mine, theirs = cut[items[:, own]], cut[items[:, other]]
        given = ndtr((theirs[:, None, :] - found[:, None, None] * mine[:, :, None]) / free)
        ends = np.zeros((*given.shape[:2], given.shape[2] + 2))
        ends[:, :, 1:-1], ends[:, :, -1] = given, 1.0
        # how the cells of a row move with the threshold above it, times the scores there
        moved = np.diff(ends, axis=2) * _normal(mine)[:, :, None]
        crossed = ((turned[:, :-1] - turned[:, 1:]) * moved).sum(axis=2)
        carried.append(-np.einsum("pat,pt->pa", thresholds[items[:, own]], crossed))
    scale = np.divide(1, information, out=np.zeros_like(information), where=sure)[:, None]
    return Influence(
        items, score * scale[:, :, None], carried[0] * scale, carried[1] * scale, thresholds
    )


def _threshold_influence(counts: Matrix, cut: Matrix) -> Matrix:
    """Shape (p, k, k - 1): (whether the answer lies below - share below) / (density n)."""
    n = counts.sum(axis=1)
    k = counts.shape[1]
    share = np.cumsum(counts, axis=1)[:, :-1] / n[:, None]
    below = np.triu(np.ones((k, k)))[:, :-1]
    real = (np.abs(cut) < _FAR)[:, None, :]
    height = np.where(np.abs(cut) < _FAR, _normal(cut), 1.0)
    gap = (below[None] - share[:, None, :]) / (height * n[:, None])[:, None, :]
    return np.asarray(np.where(real, gap, 0.0))


def _normal(x: Matrix) -> Matrix:
    return np.asarray(np.exp(-x * x / 2) / np.sqrt(2 * np.pi))
