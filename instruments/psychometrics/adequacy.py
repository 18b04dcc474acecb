"""Whether a correlation matrix is fit for factor analysis: proper, adequate, not all noise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.basis import Data, basis
from instruments.psychometrics.estimates import CannotEstimate, Result, Table
from instruments.psychometrics.given import as_matrix

Matrix = NDArray[np.float64]

#: smallest eigenvalue of a correlation matrix below which it counts as singular
SINGULAR = 1e-8


@dataclass(frozen=True, eq=False)
class SamplingAdequacy(Result):
    """Kaiser-Meyer-Olkin: overall, and one figure an item, shape (p,).

    ``notices`` say what was done to the correlations first.
    """

    overall: float
    items: Matrix
    names: tuple[str, ...]
    notices: tuple[str, ...] = ()

    def notes(self) -> tuple[str, ...]:
        return self.notices

    def table(self) -> Table:
        rows = zip(("overall", *self.names), (self.overall, *self.items), strict=True)
        return Table(("item", "KMO"), tuple(rows))


@dataclass(frozen=True, slots=True)
class Bartlett(Result):
    """Test that the items do not correlate at all."""

    chi2: float
    df: int
    p: float
    n: int
    notices: tuple[str, ...] = ()

    def notes(self) -> tuple[str, ...]:
        return self.notices


def kmo(data: Data, *, names: Sequence[str] = ()) -> SamplingAdequacy:
    """Kaiser-Meyer-Olkin measure of sampling adequacy.

    ``sum r^2 / (sum r^2 + sum q^2)`` with q the anti-image (partial) correlations, off the diagonal
    (Kaiser and Rice 1974, Educational and Psychological Measurement 34). Agrees with
    ``psych::KMO(R)`` to 1e-10.

    Parameters
    ----------
    data : Moments, Polychoric or ndarray, shape (p, p)
    names : sequence of str
        The items of a matrix.

    Returns
    -------
    SamplingAdequacy
        Overall, and by item; between 0 and 1.

    Raises
    ------
    CannotEstimate
        Where the matrix is singular, or no two items correlate.
    """
    ground = basis(data, names=names)
    correlations = ground.correlations
    check(correlations)
    inverse = np.linalg.inv(correlations)
    spread = np.sqrt(np.diag(inverse))
    partial = (inverse / np.outer(spread, spread)) ** 2
    plain = correlations**2
    np.fill_diagonal(partial, 0.0)
    np.fill_diagonal(plain, 0.0)
    both = plain.sum(axis=0) + partial.sum(axis=0)
    if (both <= 1e-20).any():
        raise CannotEstimate("an item correlates with no other item")
    return SamplingAdequacy(
        float(plain.sum() / both.sum()),
        np.asarray(plain.sum(axis=0) / both),
        ground.names,
        ground.notices,
    )


def bartlett(data: Data, n: int | None = None) -> Bartlett:
    """Bartlett's test of sphericity.

    ``-(n - 1 - (2 p + 5) / 6) * log(det(R))`` on p (p - 1) / 2 degrees of freedom. Agrees with
    ``psych::cortest.bartlett(R, n)`` to 1e-10 relative. Source: Bartlett (1951), Biometrika 38.

    Parameters
    ----------
    data : Moments, Polychoric or ndarray, shape (p, p)
    n : int, optional
        People behind a matrix. Moments and polychorics bring theirs, the smallest of any pair.

    Returns
    -------
    Bartlett
        chi2, df, p and the n that it took.

    Raises
    ------
    CannotEstimate
        Where the matrix is singular or there are no more people than items.
    """
    from scipy.special import chdtrc

    ground = basis(data, n=n)
    correlations, n = ground.correlations, ground.n
    if n is None:
        raise ValueError("n must say how many people are behind the matrix")
    p = check(correlations, n)
    chi2 = -(n - 1 - (2 * p + 5) / 6) * float(np.linalg.slogdet(correlations)[1])
    df = p * (p - 1) // 2
    chi2 = max(chi2, 0.0)
    return Bartlett(chi2, df, float(chdtrc(df, chi2)), n, ground.notices)


def check(correlations: Matrix, n: int | None = None, *, singular_allowed: bool = False) -> int:
    """The number of items of a proper correlation matrix.

    Raises
    ------
    ValueError
        Where it is not a symmetric matrix with ones on the diagonal and no gaps.
    CannotEstimate
        Where n is given and not above the number of items; and, unless allowed, where the matrix is
        singular or, from pairwise missing data, not positive definite.
    """
    correlations = as_matrix(correlations, name="correlations")
    if correlations.shape[0] != correlations.shape[1]:
        raise ValueError("correlations must be a square matrix")
    p = len(correlations)
    if (
        not np.isfinite(correlations).all()
        or not np.allclose(correlations, correlations.T, atol=1e-8)
        or not np.allclose(np.diag(correlations), 1.0, atol=1e-8)
    ):
        raise ValueError("correlations must be symmetric, without gaps, with ones on the diagonal")
    if p < 2:
        raise CannotEstimate("structure needs two items or more")
    if n is not None and n <= p:
        raise CannotEstimate(f"{n} people are too few for {p} items")
    if not singular_allowed:
        least = float(np.linalg.eigvalsh(correlations)[0])
        if least < -SINGULAR:
            raise CannotEstimate(
                "the correlations contradict one another (not positive definite): they rest on"
                " different people pair by pair"
            )
        if least < SINGULAR:
            raise CannotEstimate("some items can be worked out from the others (singular matrix)")
    return p
