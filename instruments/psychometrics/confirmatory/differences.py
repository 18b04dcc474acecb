"""Tests of a model against one that it is nested in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.indices import Statistic
from instruments.psychometrics.confirmatory.ordinal import Weighted
from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """A test of a restriction."""

    chi2: float
    df: int
    p: float


def plain(looser: Statistic, stricter: Statistic) -> ChiSquare:
    """Difference of two likelihood ratios."""
    return _tested(stricter.chi2 - looser.chi2, _degrees(looser, stricter))


def scaled(looser: Statistic, stricter: Statistic) -> ChiSquare:
    """Scaled difference of Satorra and Bentler (2001).

    Agrees with ``lavaan::lavTestLRT(method = "satorra.bentler.2001")``.
    """
    df = _degrees(looser, stricter)
    loose = looser.df * (looser.scale or 0.0)
    scale = (stricter.df * (stricter.scale or 0.0) - loose) / df
    if scale <= 0:
        raise CannotEstimate("the scaled difference is not above zero: compare the fit instead")
    return _tested((stricter.chi2 - looser.chi2) / scale, df)


def shifted(looser: tuple[Statistic, Weighted], stricter: tuple[Statistic, Weighted]) -> ChiSquare:
    """Scaled and shifted difference of Satorra (2000), for WLSMV.

    Agrees with ``lavaan::lavTestLRT(method = "satorra.2000")``. The restriction is read off the
    derivatives of both models.
    """
    df = _degrees(looser[0], stricter[0])
    free, bound = looser[1], stricter[1]
    left, values, _ = np.linalg.svd(_within(free, bound), full_matrices=True)
    rank = int((values > 1e-8 * values.max()).sum())
    across = left[:, rank:].T
    moved = free.bread @ across.T
    inner = moved @ np.linalg.pinv(across @ moved) @ moved.T
    product = inner @ free.middle()
    trace, square = float(np.trace(product)), float((product * product.T).sum())
    if square <= 0:
        raise CannotEstimate("the restriction cannot be told from the derivatives")
    scale = float(np.sqrt(square / df))
    chi2 = (stricter[0].chi2 - looser[0].chi2) / scale + df - trace / scale
    return _tested(chi2, df)


def _within(free: Weighted, bound: Weighted) -> Matrix:
    """The stricter model's parameters by the looser one's: least squares from slope to slope."""
    square = np.zeros(free.bread.shape)
    crossed = np.zeros((len(free.bread), len(bound.bread)))
    for k, rows in enumerate(free.moving):
        square[np.ix_(rows, rows)] += free.slope[k].T @ free.slope[k]
        crossed[np.ix_(rows, bound.moving[k])] += free.slope[k].T @ bound.slope[k]
    scale = np.sqrt(np.diag(square))
    found = np.linalg.solve(square / np.outer(scale, scale), crossed / scale[:, None])
    return np.asarray(found / scale[:, None], dtype=np.float64)


def _degrees(looser: Statistic, stricter: Statistic) -> int:
    df = stricter.df - looser.df
    if df <= 0:
        raise CannotEstimate("this step restricts nothing further: there is nothing to test")
    return df


def _tested(chi2: float, df: int) -> ChiSquare:
    from scipy.special import chdtrc

    return ChiSquare(chi2, df, float(chdtrc(df, max(chi2, 0.0))))
