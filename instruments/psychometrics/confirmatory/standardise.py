"""Named cells of a solution with their standard errors, plain and standardised (delta method)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import (
    INTERCEPT,
    LATENT,
    LOADING,
    MEAN,
    PATH,
    RESIDUAL,
    THRESHOLD,
    Cell,
    Layout,
)
from instruments.psychometrics.confirmatory.implied import (
    Implied,
    Slopes,
    factor_slopes,
    imply,
    slopes,
)

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A cell of the solution.

    Attributes
    ----------
    lhs, op, rhs : str
        ``=~`` loading, ``~~`` (co)variance, ``~ 1`` intercept or mean, ``|`` threshold.
    group : str
        Empty for one group.
    label : str
    free : bool
        Estimated, not fixed.
    estimate : float
    se, z, p, low, high : float or None
        Standard error, Wald test and 95 % interval; None where the value is fixed.
    std, std_se : float or None
        With items and factors at variance 1; residual covariances as correlations. None where a
        variance is not above zero.
    """

    lhs: str
    op: str
    rhs: str
    group: str
    label: str
    free: bool
    estimate: float
    se: float | None
    z: float | None
    p: float | None
    low: float | None
    high: float | None
    std: float | None
    std_se: float | None

    @property
    def name(self) -> str:
        """As it is written, e.g. ``A =~ A1``."""
        return f"{self.lhs} {self.op} {self.rhs}"


def parameters(
    layout: Layout, x: Matrix, spread: Matrix, groups: tuple[str, ...]
) -> tuple[Parameter, ...]:
    """All named cells, given the covariance matrix ``spread`` of the parameters."""
    from scipy.special import ndtr

    found = []
    for number, block in enumerate(layout.blocks):
        implied = imply(block, x)
        slope = slopes(block, implied)
        cells = [cell for cell in layout.cells if cell.group == number]
        by_cell = {
            (int(k), int(r), int(c)): e
            for e, (k, r, c) in enumerate(zip(block.kind, block.row, block.col, strict=True))
        }
        scales = _Scales(implied, slope, factor_slopes(block, implied), by_cell, block.delta)
        for cell in cells:
            value, own = scales.plain(cell)
            std, std_slope = scales.standardised(cell, value, own)
            error = _error(own, block.param, spread)
            z = value / error if error else None
            found.append(
                Parameter(
                    cell.lhs,
                    cell.op,
                    cell.rhs,
                    groups[number] if len(groups) > 1 else "",
                    cell.label,
                    bool(cell.key),
                    value,
                    error,
                    z,
                    None if z is None else float(2 * ndtr(-abs(z))),
                    None if error is None else value - 1.959963984540054 * error,
                    None if error is None else value + 1.959963984540054 * error,
                    std,
                    None if std_slope is None else _error(std_slope, block.param, spread),
                )
            )
    return tuple(found)


def _error(slope: Matrix, param: NDArray[np.int64], spread: Matrix) -> float | None:
    used = np.flatnonzero(slope)
    if not used.size:
        return None
    at, by = param[used], slope[used]
    variance = float(by @ spread[np.ix_(at, at)] @ by)
    return float(np.sqrt(variance)) if variance > 1e-20 else None


@dataclass(frozen=True, eq=False)
class _Scales:
    """Standard deviations of items and factors, and their derivatives by the free cells."""

    implied: Implied
    slope: Slopes
    factor_slope: Matrix
    by_cell: dict[tuple[int, int, int], int]
    delta: bool

    def plain(self, cell: Cell) -> tuple[float, Matrix]:
        """A cell's value and derivative."""
        own = np.zeros(len(self.slope.weight))
        at = self.by_cell.get((cell.kind, cell.row, cell.col))
        if at is not None:
            own[at] = 1.0
        elif self.delta and cell.kind == RESIDUAL and cell.row == cell.col:
            return float(self.implied.residual[cell.row, cell.row]), -self._item(cell.row)
        kind, implied = cell.kind, self.implied
        matrix = {
            LOADING: implied.loadings,
            PATH: implied.paths,
            LATENT: implied.latent,
            RESIDUAL: implied.residual,
            INTERCEPT: implied.intercepts[:, None],
            THRESHOLD: implied.thresholds,
        }
        if kind == MEAN:
            return float(implied.alpha[cell.row]), own
        return float(matrix[kind][cell.row, cell.col]), own

    def _item(self, row: int) -> Matrix:
        """Derivative of the variance of what an item shares with factors, and of its residual."""
        slope = self.slope
        return np.asarray(2 * slope.weight * slope.left[row] * slope.right[row], dtype=np.float64)

    def _log(self, cell: Cell, which: str, k: int) -> tuple[float, Matrix]:
        """Standard deviation of an item, a factor or a (residual) variance; slope of its log."""
        implied = self.implied
        if which == "item":
            variance = float(implied.covariances[k, k])
            own = np.zeros(len(self.slope.weight)) if self.delta else self._item(k)
        elif which == "factor":
            variance, own = float(implied.factors[k, k]), self.factor_slope[k]
        else:
            same = Cell(cell.kind, k, k, cell.group, "", "", "", 0.0)
            variance, own = self.plain(same)
        if variance <= 0:
            return np.nan, own
        return float(np.sqrt(variance)), own / (2 * variance)

    def standardised(
        self, cell: Cell, value: float, own: Matrix
    ) -> tuple[float | None, Matrix | None]:
        """A cell's standardised value and derivative; None where a variance is not above zero."""
        row, col, kind = cell.row, cell.col, cell.kind
        own_scale = "item" if kind == RESIDUAL else "factor"
        up, down = {
            LOADING: ([("factor", col)], [("item", row)]),
            PATH: ([("factor", col)], [("factor", row)]),
            INTERCEPT: ([], [("item", row)]),
            THRESHOLD: ([], [("item", row)]),
            MEAN: ([], [("factor", row)]),
            LATENT: ([], [(own_scale if row == col else "own", k) for k in (row, col)]),
            RESIDUAL: ([], [(own_scale if row == col else "own", k) for k in (row, col)]),
        }[kind]
        scale, log = 1.0, np.zeros(len(own))
        for sign, parts in ((1, up), (-1, down)):
            for which, k in parts:
                size, change = self._log(cell, which, k)
                if np.isnan(size):
                    return None, None
                scale *= size**sign
                log = log + sign * change
        return value * scale, own * scale + value * scale * log
