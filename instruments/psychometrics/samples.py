"""What reliability is worked out from: complete cases, or Moments where rows are not at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate
from instruments.psychometrics.given import as_labels, as_matrix
from instruments.psychometrics.labels import numbered
from instruments.psychometrics.moments import Moments

Matrix = NDArray[np.float64]
#: rows of complete cases, reversed items turned round, or Moments
Answers = Matrix | Moments


@dataclass(frozen=True, eq=False)
class Sample:
    """Covariances, shape (k, k), of n people, with their rows where there are any.

    ``clusters`` numbers each person's cluster from 0; ``label`` names the missing-data rule.
    """

    covariances: Matrix
    means: Matrix
    n: int
    names: tuple[str, ...]
    label: str
    rows: Matrix | None = None
    clusters: NDArray[np.intp] | None = None

    @property
    def items(self) -> int:
        return len(self.covariances)

    @cached_property
    def deviations(self) -> Matrix:
        """Each person's differences from the means."""
        if self.rows is None:
            raise ValueError("this needs the people's rows, not Moments")
        return self.rows - self.means

    @cached_property
    def spread(self) -> Matrix:
        return np.asarray(np.sqrt(np.diag(self.covariances)))

    @cached_property
    def correlations(self) -> Matrix:
        found = self.covariances / np.outer(self.spread, self.spread)
        found = np.clip((found + found.T) / 2, -1.0, 1.0)
        np.fill_diagonal(found, 1.0)
        return np.asarray(found)

    @property
    def interval(self) -> str:
        """What an interval by the delta method allows for."""
        if self.clusters is not None:
            return "delta interval over clusters"
        return (
            "normal-theory" * (self.rows is None)
            + "distribution-free" * (self.rows is not None)
            + " delta interval"
        )


def sample(
    data: Answers,
    *,
    names: Sequence[str] = (),
    clusters: NDArray[Any] | None = None,
    least: int = 2,
) -> Sample:
    """Complete cases or Moments, checked.

    Parameters
    ----------
    data : ndarray, shape (n, k), or Moments
        Rows of complete cases, reversed items turned round.
    names : sequence of str
        The items of rows; for messages.
    clusters : ndarray, shape (n,), optional
        Each person's school or other cluster: intervals then allow for people of one cluster being
        alike.
    least : int
        Fewest items.

    Raises
    ------
    CannotEstimate
        Where items are too few, people are no more than items, an item does not vary, or there are
        fewer than two clusters.
    """
    if isinstance(data, Moments):
        if clusters is not None:
            raise ValueError("clusters need the people's rows, not Moments")
        n = data.worth(data.n if data.rule == "listwise" else data.smallest_n)
        label = "complete cases" if data.rule == "listwise" else "pairwise, smallest n"
        label += ", weighted, effective n" * data.weighted
        _enough(n, len(data.names), least)
        found = Sample(data.covariances(), data.means(), n, data.names, label)
        if (np.diag(found.covariances) <= 1e-12).any():
            raise CannotEstimate("everybody gave the same answer to an item")
        return found
    rows = as_matrix(data, name="answers")
    n, k = rows.shape
    _enough(n, k, least)
    if (np.ptp(rows, axis=0) == 0).any():
        raise CannotEstimate("everybody gave the same answer to an item")
    names = tuple(names) or tuple(f"item {j + 1}" for j in range(k))
    if len(names) != k:
        raise ValueError("names must be one an item")
    means = rows.mean(axis=0)
    deviations = rows - means
    covariances = deviations.T @ deviations / (n - 1)
    own = None if clusters is None else _places(clusters, n)
    return Sample(covariances, means, n, names, "complete cases", rows, own)


def _enough(n: int, k: int, least: int) -> None:
    if k < least:
        few = {2: "two", 3: "three", 6: "six"}.get(least, str(least))
        raise CannotEstimate(f"a scale needs {few} items or more")
    if n <= k:
        raise CannotEstimate(f"{n} complete cases are too few for {k} items")


def _places(clusters: NDArray[Any], n: int) -> NDArray[np.intp]:
    names, places = numbered(as_labels(clusters, n, name="clusters"))
    if len(names) < 2:
        raise CannotEstimate("fewer than two clusters")
    return places
