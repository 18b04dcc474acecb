"""Answers as whole numbers by school and role, and what one answer weighs in each row's figure.

This is what somebody works with who tries to solve back a hidden group from printed figures: a
figure of a row is a sum, over the cells of the row, of answers times weights. Nothing here is
suppressed; ``reports.release`` and ``reports.audit`` read it, and no document does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """Whose figure it is: an informant group, a school (its main group), or a role."""

    kind: Literal["group", "school", "role"]
    name: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Answers to one question, by cell and option.

    ``weights``: row -> what one answer of a cell weighs in the row's shares, shape (cells,); over
    the row's answers they sum to 1. ``values``: what an option counts in a mean.
    """

    counts: NDArray[np.intp]
    #: people of each cell behind the counts: as many as the counts, but where times are counted
    people: NDArray[np.intp]
    values: tuple[float, ...]
    weights: Mapping[Row, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of one scale by cell: people, their sum, the lowest and the highest of a person."""

    n: NDArray[np.intp]
    sums: NDArray[np.float64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    limits: tuple[float, float]
    weights: Mapping[Row, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Cells:
    """All that is counted of one round. Keys: ``kind:code``, such as "today:CUR", "scale:SCF".

    Kinds: ``today`` (a decision), ``wants`` (more choice, as now, more common), ``question`` (a
    single question), ``told`` (answered, could not tell), ``scale`` (a mean of scores).
    """

    #: school and role of each cell; central roles have no school
    school: tuple[str, ...]
    role: tuple[str, ...]
    #: informant group -> its roles
    groups: Mapping[str, tuple[str, ...]]
    #: the group that a school's row rests on
    main: str
    counted: Mapping[str, Counted]
    scored: Mapping[str, Scored]

    def members(self, row: Row) -> NDArray[np.bool_]:
        """The cells that a row rests on."""
        role, school = np.array(self.role), np.array(self.school)
        if row.kind == "role":
            return np.asarray(role == row.name)
        of_group = np.isin(role, self.groups[self.main if row.kind == "school" else row.name])
        if row.kind == "group":
            return of_group
        return np.asarray(of_group & (school == row.name) & (school != ""))
