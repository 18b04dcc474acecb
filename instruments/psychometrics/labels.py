"""Groups as numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def numbered(labels: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """The different labels, sorted, and the place of each person's own among them.

    As ``np.unique(labels, return_inverse=True)``, without sorting people where labels are whole
    numbers that lie close together.
    """
    if labels.dtype.kind in "iu" and labels.size:
        low, high = int(labels.min()), int(labels.max())
        if high - low < 4 * labels.size:
            shifted = labels.astype(np.intp) - low
            present = np.bincount(shifted, minlength=high - low + 1) > 0
            place = np.cumsum(present) - 1
            return np.flatnonzero(present) + low, np.asarray(place[shifted], dtype=np.intp)
    names, places = np.unique(labels, return_inverse=True)
    return names, np.asarray(places, dtype=np.intp)
