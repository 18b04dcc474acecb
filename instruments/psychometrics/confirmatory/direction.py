"""Which way a factor points: the data cannot say, so its loadings sum to more than zero."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import LATENT, LOADING, MEAN, PATH, Cell, Layout

Matrix = NDArray[np.float64]


def upright(layout: Layout, x: Matrix) -> Matrix:
    """The same solution with each factor turned so that its loadings sum to more than zero.

    A factor stays as it is where a fixed value or a label that it shares with others sets its
    direction.
    """
    position = {key: k for k, key in enumerate(layout.keys)}
    found = x.copy()
    for factor in range(len(layout.model.factors)):
        own = [c for c in layout.cells if c.kind in (LOADING, PATH) and c.col == factor]
        if sum(found[position[c.key]] if c.key else c.value for c in own) >= 0:
            continue
        turned = list(_turning(layout, factor))
        keys = {cell.key for cell in turned}
        fixed = any(not cell.key and cell.value for cell in turned)
        kept = {cell.key for cell in layout.cells if cell not in turned}
        if not fixed and not (keys - {""}) & kept:
            found[[position[key] for key in keys if key]] *= -1
    return found


def _turning(layout: Layout, factor: int) -> Iterator[Cell]:
    """The cells that change sign with a factor."""
    for cell in layout.cells:
        if cell.kind in (LOADING, PATH):
            is_own = cell.col == factor
            if is_own or (cell.kind == PATH and cell.row == factor):
                yield cell
        elif cell.kind == LATENT and cell.row != cell.col and factor in (cell.row, cell.col):
            yield cell
        elif cell.kind == MEAN and cell.row == factor:
            yield cell
