"""Exact answers to what an attacker can say of a hidden group: linear and integer programming."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from reports.audit._solver import Undecided, lowest_of
from reports.audit.system import CountSystem, Floats, Integers, Known


@dataclass(frozen=True)
class Programme:
    """Everything that the attacker knows of one question, as a solver takes it.

    Unknown are the counts of the cells ``kept``, which have answers. ``matrix`` adds up the counts
    of each cell, then those behind each printed figure.
    """

    system: CountSystem
    kept: Integers
    matrix: Floats


def programme(system: CountSystem) -> Programme:
    """A question ready for the solver."""
    kept, options = np.flatnonzero(system.n > 0), system.values.size
    each_cell = np.kron(np.eye(kept.size), np.ones((1, options)))
    printed = system.figures[:, kept].reshape(system.low.size, kept.size * options)
    return Programme(system, kept, np.vstack([each_cell, printed]))


def other_count(
    given: Programme, cells: Sequence[int], option: int, *, known: Iterable[Known] = ()
) -> Integers | None:
    """Answers that print alike with fewer or more of ``cells`` at ``option``; None: there are none.

    None too where the solver did not find any in time.
    """
    system, known = given.system, tuple(known)
    row = np.zeros(system.truth.shape)
    row[list(cells), option] = 1
    true, most = int(system.truth[list(cells), option].sum()), int(system.n[list(cells)].sum())
    for low, high in ((true + 1, most), (0, true - 1)):
        if low > high:
            continue
        try:
            _, found = _lowest(given, np.zeros_like(row), known=known, also=(row, low, high))
        except Undecided:
            continue
        return np.rint(found).astype(np.intp)
    return None


def sum_bounds(
    given: Programme, cells: Sequence[int], *, known: Iterable[Known] = (), whole: bool = True
) -> tuple[float, float]:
    """Lowest and highest sum of the answers of ``cells`` that fits everything printed.

    Raises
    ------
    Undecided
        The solver did not find them in time.
    """
    objective = np.zeros(given.system.truth.shape)
    objective[list(cells)] = given.system.values
    known = tuple(known)
    low, _ = _lowest(given, objective, known=known, whole=whole)
    high, _ = _lowest(given, -objective, known=known, whole=whole)
    return low, -high


def _lowest(
    given: Programme,
    objective: Floats,
    *,
    known: Iterable[Known] = (),
    also: tuple[Floats, float, float] | None = None,
    whole: bool = True,
) -> tuple[float, Floats]:
    """Lowest value of a sum over counts, and answers that have it.

    ``also``: one more sum over counts, and its limits.
    """
    system, kept = given.system, given.kept
    n = system.n[kept].astype(np.float64)
    least = np.zeros(system.truth.shape)
    for one in known:
        least[one.cell, one.option] += 1
    matrix, low, high = given.matrix, np.append(n, system.low), np.append(n, system.high)
    if also:
        matrix = np.vstack([matrix, also[0][kept].ravel()])
        low, high = np.append(low, also[1]), np.append(high, also[2])
    value, found = lowest_of(
        objective[kept].ravel(),
        matrix=csr_array(matrix),
        between=(low, high),
        box=(least[kept].ravel(), np.repeat(n, system.values.size)),
        whole=whole,
    )
    answers = np.zeros(system.truth.shape)
    answers[kept] = found.reshape(kept.size, -1)
    return value, answers
