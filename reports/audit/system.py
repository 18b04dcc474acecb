"""What somebody who attacks a release has before them: cells, printed figures, what is hidden.

A release is audited one question or scale at a time. Its *cells* are people of one role in one
school, and how many of them answered is known. Its *figures* are sums of answers times weights,
each known to lie in the range of values that print alike. Its *targets* are the groups of one to
nine people that no figure of their own stands for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

#: a group's mean is pinned where all that it could be lies within this many points of a scale
PINNED = 0.3


@dataclass(frozen=True, slots=True)
class Target:
    """A hidden group: its cells, and its name for a sentence."""

    name: str
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """One person whose answer the attacker knows: a person of ``cell`` who chose ``option``."""

    cell: int
    option: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What an attack would learn of a hidden group."""

    target: Target
    #: "count" or "mean"
    what: str
    #: place of the option whose count is exact; None for a mean
    option: int | None
    known: Known | None


@dataclass(frozen=True)
class CountSystem:
    """Answers to one question.

    Attributes
    ----------
    truth : ndarray of int, shape (cells, options)
        The answers; the attacker knows only how many there are in each cell.
    values : ndarray, shape (options,)
        What an option counts in a mean.
    figures : ndarray, shape (figures, cells, options)
        What one answer adds to each printed figure.
    low, high : ndarray, shape (figures,)
        The range of values of each figure that print alike, both ends included.
    """

    truth: Integers
    values: Floats
    figures: Floats
    low: Floats
    high: Floats
    targets: tuple[Target, ...]
    #: how narrow all that a hidden mean could be must not get; 0 for shares, which have no mean
    pinned: float = PINNED

    @property
    def n(self) -> Integers:
        """Answers in each cell."""
        return np.asarray(self.truth.sum(axis=1), dtype=np.intp)


@dataclass(frozen=True)
class ScoreSystem:
    """Scores of one scale: a person's is the mean of some answers, a figure a mean of persons'.

    ``figures``: what one point of a cell's sum adds, shape (figures, cells). ``lowest`` and
    ``highest``: the scores of the persons at either end in each cell.
    """

    n: Integers
    truth: Floats
    lowest: Floats
    highest: Floats
    limits: tuple[float, float]
    figures: Floats
    low: Floats
    high: Floats
    targets: tuple[Target, ...]


def people(n: Integers, cells: Sequence[int]) -> int:
    """How many people some cells hold."""
    return int(n[list(cells)].sum())
