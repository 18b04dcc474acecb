"""Differences inside groups: covariances with the groups' own means taken out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from instruments.psychometrics.estimates import CannotEstimate, Result, Table
from instruments.psychometrics.given import as_labels

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Within(Result):
    """Covariances inside groups, pooled over groups.

    Attributes
    ----------
    covariances : ndarray of float64, shape (p, p)
        Pooled-within covariances, divided by n - groups.
    n, groups : int
        Complete cases, and the groups that they fall in.
    names : tuple of str
        The items.
    """

    covariances: Matrix
    n: int
    groups: int
    names: tuple[str, ...]

    def table(self) -> Table:
        rows = zip(self.names, *self.covariances.T, strict=True)
        return Table(("", *self.names), tuple(rows))


def within(codes: ArrayLike, groups: ArrayLike, names: Sequence[str] = ()) -> Within:
    """Pooled-within covariances of complete cases.

    ``sum((x - m_g) (x - m_g)') / (n - groups)`` with m_g a group's own means; their correlations
    are ``psych::statsBy(x, group)$rwg`` (Muthen 1994, Sociological Methods and Research 22).

    Parameters
    ----------
    codes : array, shape (n, p)
        Answers, reversed by the caller; below zero or NaN where there is none. People with a gap
        are left out (listwise).
    groups : array, shape (n,)
        Each person's group, of any kind that can be sorted.
    names : sequence of str
        The items; numbered where not given.

    Returns
    -------
    Within

    Raises
    ------
    ValueError
        Where ``groups`` has another length.
    CannotEstimate
        Where no group holds two complete cases.
    """
    answers = np.asarray(codes, dtype=np.float64)
    if answers.ndim != 2 or not answers.shape[1] or np.isinf(answers).any():
        raise ValueError("codes must be numbers, people x items")
    labels = as_labels(groups, len(answers), name="groups")
    complete = (answers >= 0).all(axis=1)  # NaN >= 0 is False
    answers = answers[complete]
    _, label = np.unique(labels[complete], return_inverse=True)
    size = np.bincount(label).astype(np.float64)
    spare = len(answers) - len(size)
    if spare < 1:
        raise CannotEstimate("no group has two people who answered every item")
    sums = np.stack([np.bincount(label, weights=column) for column in answers.T], axis=1)
    centred = answers - (sums / size[:, None])[label]
    items = tuple(names) or tuple(f"item {k + 1}" for k in range(answers.shape[1]))
    return Within(centred.T @ centred / spare, len(answers), len(size), items)
