"""What structure is worked out from: a correlation matrix, and how many people are behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.given import as_matrix
from instruments.psychometrics.moments import Moments
from instruments.psychometrics.polychorics import Polychoric
from instruments.psychometrics.smoothing import smooth

Matrix = NDArray[np.float64]
#: what estimators of structure take
Data = Moments | Polychoric | Matrix


@dataclass(frozen=True, eq=False)
class Basis:
    """Correlations, shape (p, p), with the items' names and what they rest on.

    ``n`` is the smallest of any pair, ``largest_n`` the largest, weighted people by what they are
    worth; both None where only a matrix was given.
    """

    correlations: Matrix
    names: tuple[str, ...]
    n: int | None
    largest_n: int | None
    label: str
    notices: tuple[str, ...] = ()


def basis(data: Data, *, n: int | None = None, names: Sequence[str] = ()) -> Basis:
    """The correlations to work from: Pearson of Moments, polychoric (smoothed), or as given.

    Parameters
    ----------
    data : Moments, Polychoric or ndarray, shape (p, p)
    n : int, optional
        People behind a matrix; for Moments and polychorics the smallest n of a pair is taken.
    names : sequence of str
        The items of a matrix.
    """
    if n is not None and n != int(n):
        raise ValueError("n must be a whole number")
    if isinstance(data, Moments):
        label = f"Pearson correlations, {data.rule}" + ", weighted, effective n" * data.weighted
        few, many = data.worth(data.smallest_n), data.worth(data.largest_n)
        return Basis(data.correlations(), data.names, few, many, label)
    if isinstance(data, Polychoric):
        people = data.pairs[~np.eye(len(data.names), dtype=bool)]
        smoothed = smooth(data.correlations)
        notices = (smoothed.notice,) if smoothed.notice else ()
        few, many = (int(own * data.effective + 1e-9) for own in (people.min(), people.max()))
        return Basis(smoothed.correlations, data.names, few, many, data.method, notices)
    data = as_matrix(data, name="correlations")
    names = tuple(names) or tuple(f"item {k + 1}" for k in range(len(data)))
    if len(names) != len(data):
        raise ValueError("names must be one an item")
    return Basis(data, names, n, n, "correlations as given")
