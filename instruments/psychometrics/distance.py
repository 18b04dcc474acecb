"""Mahalanobis distance: answers far from everybody's, as a sign of careless answering."""

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.careless import (
    CarelessSign,
    answered,
    centre,
    correlations,
    sign,
)
from instruments.psychometrics.estimates import CannotEstimate
from instruments.psychometrics.given import Codes, as_codes

Matrix = NDArray[np.float64]

#: probability under which a distance flags
DISTANCE_P = 0.001
_BLOCK = 4096


def mahalanobis(codes: Codes) -> CarelessSign:
    """How far a person's answers lie from everybody's, given how items go together.

    Squared Mahalanobis distance of standardised items. Means, spreads and correlations are
    pairwise; a person's distance is over the items that they answered, with as many degrees of
    freedom. Of complete answers, ``n / (n - 1)`` times
    ``stats::mahalanobis(scale(x), rep(0, p), cor(x))``, to 1e-8.

    Parameters
    ----------
    codes : ndarray of int8, shape (n, p)

    Returns
    -------
    CarelessSign
        Squared distances; far is careless.

    Raises
    ------
    CannotEstimate
        Where there are fewer than two items, fewer than five people an item answered some pair, or
        items repeat each other.
    """
    from scipy.special import chdtrc

    codes = as_codes(codes)
    codes = codes[:, (codes >= 0).any(axis=0)]
    if codes.shape[1] < 2:
        raise CannotEstimate("too few items")
    given, present = answered(codes)
    shown = present.astype(np.float64)
    if (shown.T @ shown).min() < 5 * codes.shape[1]:
        raise CannotEstimate("too few answers")
    r = correlations(given, present)
    if np.linalg.eigvalsh(r)[0] <= 1e-6:
        raise CannotEstimate("items that repeat each other")
    mean, spread = centre(given, present)
    z = np.where(present, (given - mean) / spread, 0.0)
    blocks = range(0, len(z), _BLOCK)
    squared = np.concatenate(
        [_squared(z[k : k + _BLOCK], shown[k : k + _BLOCK], r) for k in blocks]
    )
    count = present.sum(axis=1)
    p = chdtrc(np.maximum(count, 1), squared)
    return sign(
        "distance",
        squared,
        np.asarray(p < DISTANCE_P),
        count > 0,
        DISTANCE_P,
        "Mahalanobis (1936); Meade and Craig (2012), Psychological Methods 17, 437-455",
        "p < .001 of the chi-square: Tabachnick and Fidell (2013), Using Multivariate Statistics",
    )


def _squared(z: Matrix, shown: Matrix, r: Matrix) -> Matrix:
    """Squared distances; a missing item stands apart with deviation 0, so that it adds nothing."""
    own = r * shown[:, :, None] * shown[:, None, :]
    places = np.arange(len(r))
    own[:, places, places] += 1 - shown
    solved = np.linalg.solve(own, z[:, :, None])[:, :, 0]
    return np.asarray((z * solved).sum(axis=1))
