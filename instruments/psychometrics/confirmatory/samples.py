"""What the estimators are given: one group's sample, and the rows where rows are needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from instruments.psychometrics.estimates import CannotEstimate
from instruments.psychometrics.moments import Moments

Matrix = NDArray[np.float64]

#: smallest eigenvalue of a correlation matrix below which items count as dependent
SINGULAR = 1e-10


class Columns(Protocol):
    """A pandas DataFrame, a dict of arrays: anything that gives a column by its name."""

    def __getitem__(self, name: str, /) -> ArrayLike: ...


@dataclass(frozen=True, eq=False)
class Sample:
    """n, means and covariances (divided by n) of the items of one group.

    ``people`` counts the rows that were looked at.
    """

    names: tuple[str, ...]
    n: int
    means: Matrix
    covariances: Matrix
    people: int = 0

    def only(self, names: Sequence[str]) -> "Sample":
        """The sample of some of its items."""
        missing = [name for name in names if name not in self.names]
        if missing:
            raise ValueError(f"the data have no item {', '.join(missing)}")
        at = [self.names.index(name) for name in names]
        return Sample(
            tuple(names),
            self.n,
            self.means[at],
            self.covariances[np.ix_(at, at)],
            self.people,
        )


@dataclass(frozen=True, eq=False)
class Rows:
    """Answers of the people of one group, NaN where there is none; and each one's cluster."""

    names: tuple[str, ...]
    answers: Matrix
    clusters: NDArray[np.int64] | None = None

    @property
    def n(self) -> int:
        return len(self.answers)

    @property
    def correction(self) -> float:
        """What sums over clusters are multiplied by, as in lavaan: c / (c - 1).

        Raises
        ------
        CannotEstimate
            Where all people are of one cluster.
        """
        if self.clusters is None:
            return 1.0
        count = len(np.unique(self.clusters))
        if count < 2:
            raise CannotEstimate("everybody is in one cluster: errors cannot allow for clusters")
        return count / (count - 1)

    def complete(self) -> "Rows":
        """Those who answered everything."""
        return self._kept(np.all(~np.isnan(self.answers), axis=1))

    def answered(self) -> "Rows":
        """Those who answered anything."""
        return self._kept(np.any(~np.isnan(self.answers), axis=1))

    def _kept(self, keep: NDArray[np.bool_]) -> "Rows":
        if keep.all():
            return self
        clusters = None if self.clusters is None else self.clusters[keep]
        return Rows(self.names, self.answers[keep], clusters)

    def sample(self) -> Sample:
        """Means and covariances, of rows without a gap."""
        if self.n < 2:
            raise CannotEstimate(f"{self.n} people answered all {len(self.names)} items")
        means = self.answers.mean(axis=0)
        centred = self.answers - means
        return Sample(self.names, self.n, means, centred.T @ centred / self.n, self.n)


def read(data: Columns, names: Sequence[str], cluster: str | None = None) -> Rows:
    """The rows of some items, with the cluster of each where a column of clusters is named."""
    columns = [_column(data, name) for name in names]
    lengths = {len(column) for column in columns}
    if len(lengths) != 1:
        raise ValueError("the columns of the items have different lengths")
    answers = np.stack(columns, axis=1)
    if cluster is None:
        return Rows(tuple(names), answers)
    labels = labelled(data, cluster)
    if (labels == "").any():
        raise ValueError(f"some people have no {cluster}: leave them out first")
    return Rows(tuple(names), answers, np.unique(labels, return_inverse=True)[1].astype(np.int64))


def labelled(data: Columns, name: str) -> NDArray[np.str_]:
    """A column of labels; empty where there is none."""
    try:
        column = np.asarray(data[name])
    except KeyError:
        raise ValueError(f"the data have no column {name}") from None
    if column.dtype.kind == "f":
        gone = np.isnan(column)
    elif column.dtype.kind == "O":
        gone = np.array([value is None or value != value for value in column], dtype=bool)
    else:
        gone = np.zeros(len(column), dtype=bool)
    if column.dtype.kind == "f" and (column[~gone] == np.round(column[~gone])).all():
        column = np.where(gone, 0, column).astype(np.int64)
    return np.where(gone, "", column.astype(np.str_))


def _column(data: Columns, name: str) -> Matrix:
    try:
        column = np.asarray(data[name], dtype=np.float64)
    except KeyError:
        raise ValueError(f"the data have no item {name}") from None
    except (TypeError, ValueError):
        raise ValueError(f"{name} holds something other than numbers") from None
    if column.ndim != 1 or np.isinf(column).any():
        raise ValueError(f"{name} must be one column of finite numbers")
    return column


def from_moments(moments: Moments) -> Sample:
    """The sample behind Moments; n is the smallest of any pair, of weighted people their worth."""
    n = moments.smallest_n
    if n < 2:
        moments.covariances()  # says which pair nobody answered
    share = (n - 1) / n
    covariances = moments.covariances() * share
    return Sample(moments.names, moments.worth(n), moments.means(), covariances, moments.people)


def check(sample: Sample) -> None:
    """Refuse a sample whose covariances no model can be fitted to, and say which item it is.

    Raises
    ------
    CannotEstimate
        Where an item is constant, people are too few, or items depend on one another.
    """
    variances = np.diag(sample.covariances)
    constant = [
        name
        for name, variance, mean in zip(sample.names, variances, sample.means, strict=True)
        if variance <= 1e-12 * max(1.0, mean * mean)
    ]
    if constant:
        raise CannotEstimate(f"everybody gave the same answer to {', '.join(constant)}")
    if sample.n <= len(sample.names):
        raise CannotEstimate(f"{sample.n} people are too few for {len(sample.names)} items")
    scale = np.sqrt(variances)
    values, vectors = np.linalg.eigh(sample.covariances / np.outer(scale, scale))
    if values[0] < -SINGULAR:
        raise CannotEstimate(
            "the covariances contradict one another (not positive definite): they rest on"
            " different people pair by pair"
        )
    if values[0] < SINGULAR:
        heavy = np.abs(vectors[:, 0]) > 0.1
        named = ", ".join(name for name, is_in in zip(sample.names, heavy, strict=True) if is_in)
        raise CannotEstimate(f"one of {named} can be worked out from the others")
