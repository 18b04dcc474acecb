"""Intervals for reliability figures and correlations."""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def standard_error(gradient: Matrix, correlations: Matrix, scores: Matrix) -> float:
    """Delta-method standard error of a function of correlations, from each person's influence.

    With a symmetric gradient by the correlations, person z moves the figure by
    ``z' G z`` where G's diagonal, by way of the standard deviations, is minus the row sums of
    gradient times correlation.
    """
    full = gradient.copy()
    np.fill_diagonal(full, 0.0)
    np.fill_diagonal(full, -(full * correlations).sum(axis=1))
    influence = np.einsum("ni,ij,nj->n", scores, full, scores, optimize=True)
    return float(influence.std(ddof=1) / np.sqrt(len(influence)))


def complement(value: float, error: float, confidence: float) -> tuple[float, float]:
    """Interval on the scale of log(1 - value), which keeps it below 1."""
    rest = 1 - value
    if rest <= 1e-12:
        return value, value
    factor = float(np.exp(_quantile(confidence) * error / rest))
    return 1 - rest * factor, 1 - rest / factor


def fisher(r: float, error: float, confidence: float) -> tuple[float, float]:
    """Interval for a correlation on Fisher's scale."""
    if 1 - r * r <= 1e-12:
        return r, r
    centre, reach = np.arctanh(r), _quantile(confidence) * error / (1 - r * r)
    return float(np.tanh(centre - reach)), float(np.tanh(centre + reach))


def _quantile(confidence: float) -> float:
    from scipy.special import ndtri

    if not 0 < confidence < 1:
        raise ValueError("confidence must lie between 0 and 1")
    return float(ndtri((1 + confidence) / 2))
