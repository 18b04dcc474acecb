"""From a matrix that contradicts itself to the nearest one, by eigenvalues, that does not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import Result, Table
from instruments.psychometrics.given import as_matrix

Matrix = NDArray[np.float64]

#: smallest eigenvalue, for each item, that a smoothed matrix starts from
FLOOR = 1e-6


@dataclass(frozen=True, eq=False)
class Smoothed(Result):
    """A positive definite correlation matrix, and what was done to it.

    Attributes
    ----------
    correlations : ndarray of float64, shape (p, p)
    notice : str
        Empty where nothing had to be done; else what was, and by how much the most moved.
    """

    correlations: Matrix
    notice: str

    def table(self) -> Table:
        names = tuple(f"item {k + 1}" for k in range(len(self.correlations)))
        rows = zip(names, *self.correlations.T, strict=True)
        return Table(("", *names), tuple(rows))

    def notes(self) -> tuple[str, ...]:
        return (self.notice,) if self.notice else ()


def smooth(correlations: Matrix, *, floor: float = FLOOR) -> Smoothed:
    """A correlation matrix made positive definite, where it is not.

    Eigenvalues under the floor are raised to it, all are scaled to sum to p, and the matrix gets
    its ones back on the diagonal. As ``psych::cor.smooth``, whose floor is 1e-10 (pass
    ``floor=1e-10`` to agree with it). Source: Wothke (1993), in Bollen and Long (eds), Testing
    structural equation models.

    Parameters
    ----------
    correlations : ndarray, shape (p, p)
    floor : float
        The smallest eigenvalue that may stay.

    Returns
    -------
    Smoothed

    Raises
    ------
    ValueError
        Where the matrix is not symmetric with ones on the diagonal.
    """
    if floor <= 0:
        raise ValueError("floor must be above 0")
    correlations = as_matrix(correlations, name="correlations")
    p = len(correlations)
    if correlations.shape != (p, p) or not p or not np.allclose(correlations, correlations.T):
        raise ValueError("correlations must be a symmetric matrix")
    if not np.allclose(np.diag(correlations), 1):
        raise ValueError("correlations must have ones on the diagonal")
    roots, vectors = np.linalg.eigh((correlations + correlations.T) / 2)
    low = int((roots < floor / 100).sum())
    if not low:
        return Smoothed(correlations, "")
    raised = np.where(roots < floor / 100, floor, roots)
    raised *= p / raised.sum()
    found = (vectors * raised) @ vectors.T
    spread = np.sqrt(np.diag(found))
    found = found / np.outer(spread, spread)
    found = (found + found.T) / 2
    np.fill_diagonal(found, 1.0)
    most = float(np.abs(found - correlations).max())
    notice = (
        f"The correlations contradicted one another ({low} of {p} eigenvalues at or below zero) and"
        f" were smoothed; the most that one moved is {most:.4f}."
    )
    return Smoothed(found, notice)
