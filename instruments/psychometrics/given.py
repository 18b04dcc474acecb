"""What callers hand in, as the arrays that estimators work on: arrays, lists, DataFrames."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]
Codes = NDArray[np.int8]


def as_codes(codes: ArrayLike, *, name: str = "codes") -> Codes:
    """Option numbers of people by items; -1 for NaN.

    Raises
    ------
    ValueError
        Where there are not two dimensions, or anything but whole numbers up to 127 and NaN.
    """
    found = np.asarray(codes)
    if found.ndim != 2:
        raise ValueError(f"{name} must be people x items")
    if found.dtype == np.int8:
        return found
    numbers = _numbers(found, name)
    none = np.isnan(numbers)
    whole = np.where(none, -1.0, numbers)
    if (whole != np.rint(whole)).any() or (np.abs(whole) > 127).any():
        raise ValueError(f"{name} must be whole numbers up to 127, NaN where there is no answer")
    return whole.astype(np.int8)


def as_matrix(values: ArrayLike, *, name: str) -> Matrix:
    """Finite numbers in two dimensions.

    Raises
    ------
    ValueError
        Where they are not.
    """
    found = _numbers(np.asarray(values), name)
    if found.ndim != 2:
        raise ValueError(f"{name} must be a matrix")
    if not np.isfinite(found).all():
        raise ValueError(f"{name} must have no gaps")
    return found


def as_labels(labels: ArrayLike, n: int, *, name: str) -> NDArray[Any]:
    """One label a person, none missing.

    Raises
    ------
    ValueError
        Where they are not.
    """
    found = np.asarray(labels)
    if found.shape != (n,):
        raise ValueError(f"{name} must be one label a person")
    if found.dtype.kind == "O":
        missing = any(each is None or each != each for each in found)
    else:
        missing = found.dtype.kind in "fcmM" and bool((found != found).any())
    if missing:
        raise ValueError(f"{name} must not be missing: leave those people out")
    return found


def _numbers(values: NDArray[Any], name: str) -> Matrix:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as trouble:
        raise ValueError(f"{name} must be numbers") from trouble
