"""Modification indices: what freeing one more parameter would do to the fit (score tests)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import (
    LATENT,
    LOADING,
    RESIDUAL,
    Block,
    Cell,
    Layout,
)
from instruments.psychometrics.confirmatory.estimation import Estimated
from instruments.psychometrics.confirmatory.implied import Implied, Slopes, imply, slopes
from instruments.psychometrics.confirmatory.indices import Index
from instruments.psychometrics.confirmatory.latent import Ordinal
from instruments.psychometrics.confirmatory.likelihood import expected, invert
from instruments.psychometrics.confirmatory.missing import derivatives, patterns
from instruments.psychometrics.confirmatory.ordinal_statistics import distance, slope_of
from instruments.psychometrics.confirmatory.samples import Rows
from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]

#: share of its own information that a parameter must keep beside the model's own
DISTINCT = 1e-6


def candidates(layout: Layout) -> list[Cell]:
    """What one group's model fixes: cross loadings, residual and factor covariances."""
    model = layout.model
    own = [cell for cell in layout.cells if cell.group == 0]
    taken = {(cell.kind, cell.row, cell.col) for cell in own if cell.key}
    values = {(cell.kind, cell.row, cell.col): cell.value for cell in own}
    below = {term.rhs for term in model.terms if term.op == "=~"}
    found = []

    def add(kind: int, row: int, col: int, lhs: str, op: str, rhs: str) -> None:
        if (kind, row, col) not in taken:
            value = values.get((kind, row, col), 0.0)
            found.append(Cell(kind, row, col, 0, lhs, op, rhs, value))

    for col, factor in enumerate(model.factors):
        for row, item in enumerate(model.items):
            add(LOADING, row, col, factor, "=~", item)
        for row in range(col + 1, len(model.factors)):
            if (factor in below) == (model.factors[row] in below):
                add(LATENT, row, col, factor, "~~", model.factors[row])
    for col, item in enumerate(model.items):
        for row in range(col + 1, len(model.items)):
            add(RESIDUAL, row, col, item, "~~", model.items[row])
    return found


def modification_indices(
    estimated: Estimated, count: int, data: Ordinal | Rows | None = None
) -> tuple[Index, ...]:
    """The largest indices of one group's model, by the plain statistic and expected information.

    Agree with ``lavaan::modindices`` of ML and MLR, of FIML and of WLSMV.

    Parameters
    ----------
    count : int
        How many.
    data : Ordinal or Rows, optional
        Ordinal answers of WLSMV, answers with gaps of FIML; else none.
    """
    layout, cells = estimated.layout, candidates(estimated.layout)
    if not cells or count < 1:
        return ()
    block, x = _extended(layout, cells, estimated.x)
    inner = slice(0, len(layout.blocks[0].kind))
    outer = slice(inner.stop, None)
    implied = imply(block, x)
    mapped, information = np.zeros((len(cells), layout.size)), estimated.information
    if isinstance(data, Rows):
        n = data.n
        first, own, mapped, information = _with_gaps(layout, block, x, data)
    elif data is None:
        n = estimated.samples[0].n
        first, own, cross, square = _likelihood(estimated, block, implied, inner, outer)
        param = layout.blocks[0].param
        information = np.zeros((layout.size, layout.size))  # that of MLR is the Hessian
        np.add.at(information, np.ix_(param, param), square)
        np.add.at(mapped.T, layout.blocks[0].param, cross.T)
    else:
        n = data.n - 1  # as lavaan, whose statistic has n
        first, own, cross = _least_squares(data, block, x, inner, outer)
        np.add.at(mapped.T, layout.blocks[0].param, cross.T)
        mapped = mapped[:, _others(layout)]  # thresholds fit whatever is freed
    # of WLSMV it comes inverted
    bread = information if isinstance(data, Ordinal) else np.linalg.inv(information)
    rest = own - np.einsum("cq,qr,cr->c", mapped, bread, mapped, optimize=True)
    found = [
        Index(
            cell.lhs,
            cell.op,
            cell.rhs,
            "",
            float(n * first[k] ** 2 / rest[k]),
            float(-first[k] / rest[k]),
            _standardised(cell, implied, float(-first[k] / rest[k])),
        )
        for k, cell in enumerate(cells)
        if rest[k] > DISTINCT * own[k]
    ]
    return tuple(sorted(found, key=lambda index: -index.chi2)[:count])


def _others(layout: Layout) -> NDArray[np.int64]:
    of_cuts = np.array(["|" in layout.name(k) for k in range(layout.size)], dtype=bool)
    return np.flatnonzero(~of_cuts)


def _extended(layout: Layout, cells: Sequence[Cell], x: Matrix) -> tuple[Block, Matrix]:
    """The block with the candidates as free cells, and parameters that leave them as they are."""
    block = layout.blocks[0]
    kind, row, col = (
        np.concatenate([getattr(block, name), [getattr(cell, name) for cell in cells]])
        for name in ("kind", "row", "col")
    )
    extended = replace(
        block,
        kind=kind,
        row=row,
        col=col,
        param=np.concatenate([block.param, layout.size + np.arange(len(cells))]),
        places=tuple(np.flatnonzero(kind == k) for k in range(7)),
    )
    return extended, np.concatenate([x, [cell.value for cell in cells]])


def _likelihood(
    estimated: Estimated, block: Block, implied: Implied, inner: slice, outer: slice
) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    """Slope, information, information shared with the model's free cells, and theirs."""
    sample = estimated.samples[0]
    inverse = invert(implied.covariances)
    if inverse is None:
        raise CannotEstimate("the model implies impossible covariances")
    weight, slope = inverse[0], slopes(block, implied)
    away = np.zeros(len(weight))
    if estimated.layout.plan.means:
        away = sample.means - implied.means
    second = sample.covariances + np.outer(away, away)
    pull = weight - weight @ second @ weight
    one, other = _part(slope, outer), _part(slope, inner)
    first = one.weight * np.einsum("ke,ke->e", one.left, pull @ one.right)
    first -= (weight @ away) @ one.means
    left, right = weight @ one.left, weight @ one.right

    def along(a: Matrix, b: Matrix) -> Matrix:
        return np.asarray(np.einsum("ke,ke->e", a, b), dtype=np.float64)

    own = along(one.left, left) * along(one.right, right) + along(one.left, right) ** 2
    own = own * one.weight**2 + along(one.means, weight @ one.means)
    cross = (left.T @ other.left) * (right.T @ other.right)
    cross += (right.T @ other.left) * (left.T @ other.right)
    cross *= np.outer(one.weight, other.weight)
    cross += one.means.T @ weight @ other.means
    return first, own, cross, expected(other, weight)


def _with_gaps(
    layout: Layout, block: Block, x: Matrix, rows: Rows
) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    """The same of people with gaps; shared and own information by parameter."""
    extended = replace(layout, keys=tuple(map(str, range(len(x)))), blocks=(block,))
    gradient, whole = derivatives(extended, [patterns(rows)], x)
    old, new = slice(layout.size), slice(layout.size, None)
    return gradient[new], np.diag(whole)[new], whole[new, old], whole[old, old]


def _part(slope: Slopes, which: slice) -> Slopes:
    return Slopes(
        slope.left[:, which], slope.right[:, which], slope.weight[which], slope.means[:, which]
    )


def _least_squares(
    data: Ordinal, block: Block, x: Matrix, inner: slice, outer: slice
) -> tuple[Matrix, Matrix, Matrix]:
    down = slope_of(block, data, x, cuts=False)
    weight = 1 / data.gamma_diagonal[-len(data.rho) :]
    away = distance(block, data, x, cuts=False)
    one = down[:, outer]
    weighted = weight[:, None] * one
    own = np.einsum("se,se->e", one, weighted)
    return -(away @ weighted), own, weighted.T @ down[:, inner]


def _standardised(cell: Cell, implied: Implied, change: float) -> float | None:
    items = np.diag(implied.covariances)
    if cell.kind == LOADING:
        square = implied.factors[cell.col, cell.col] / items[cell.row]
    else:
        matrix = implied.residual if cell.kind == RESIDUAL else implied.latent
        product = matrix[cell.row, cell.row] * matrix[cell.col, cell.col]
        square = 1 / product if product > 0 else 0.0
    return change * float(np.sqrt(square)) if square > 0 else None
