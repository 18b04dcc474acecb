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
    of each cell, then those behind each printed figure, in units of the answer that weighs most
    there: so the solver's tolerance is a small part of one answer.
    """

    system: CountSystem
    kept: Integers
    matrix: Floats
    low: Floats
    high: Floats


def programme(system: CountSystem) -> Programme:
    """A question ready for the solver."""
    kept, options = np.flatnonzero(system.n > 0), system.values.size
    each_cell = np.kron(np.eye(kept.size), np.ones((1, options)))
    printed = system.figures[:, kept].reshape(system.low.size, kept.size * options)
    unit = np.abs(printed).max(axis=1, initial=0.0, keepdims=True)
    unit[unit == 0] = 1.0
    n = system.n[kept].astype(np.float64)
    return Programme(
        system,
        kept,
        np.vstack([each_cell, printed / unit]),
        np.append(n, system.low / unit[:, 0]),
        np.append(n, system.high / unit[:, 0]),
    )


def other_count(
    given: Programme, cells: Sequence[int], option: int, *, known: Iterable[Known] = ()
) -> Integers | None:
    """Answers that print alike with fewer or more of ``cells`` at ``option``; None: there are none.

    None too where the solver gave up. What it finds is held against the rules once more.
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
        answers = np.rint(found).astype(np.intp)
        if prints_alike(system, answers):
            return answers
    return None


def prints_alike(system: CountSystem, answers: Integers) -> bool:
    """Whether these answers fit everything that is printed, and every number of people."""
    value = np.einsum("fco,co->f", system.figures, answers)
    return bool(
        (answers >= 0).all()
        and (answers.sum(axis=1) == system.n).all()
        and (value >= system.low - 1e-12).all()
        and (value <= system.high + 1e-12).all()
    )


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
    matrix, low, high = given.matrix, given.low, given.high
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
