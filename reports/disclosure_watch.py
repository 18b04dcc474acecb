"""The fence while a round is open: how far may be told, once a day, how many have answered.

Counts are told by a label that stands for three numbers or more. Whoever knows how many staff there
are in every school and role may add and subtract the labels; ``day`` tells less where that would
narrow one of them down to fewer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np

from instruments.measures import Turnout
from reports.disclosure import FINE, N_BANDS, TO_PROTECT, fewer_than, n_band, percent

#: of fewer staff a label would say too much
SMALLEST = 15
#: a label stands for so many numbers of people at least
LEAST = 3
#: from this share of the staff on, a band is replaced by words
NEARLY_ALL, NEARLY_ALL_WORDS = 0.9, "nearly all"
#: of so many staff on, everybody's share is told: a step (in percent) is ten people or more
SMALLEST_RATED, RATE_STEP = 100, 10
#: of so many staff on, ten and more who are less than 5 % of them are numbers enough
_LARGE = 400
#: stands for "no upper limit" where the number of staff is not known
_MANY = 10**9


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one group: a text, and the fewest and most people that it can stand for."""

    text: str
    low: int
    high: int
    #: False: nothing is told of it, and ``low`` and ``high`` are what everybody knows
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class Day:
    """What is told of a day; roles and schools by the names of their turnouts."""

    total: Told
    roles: Mapping[str, Told]
    schools: Mapping[str, Told]


def told(turnout: Turnout) -> Told:
    """How many of a group have answered, as it may be told: a band of numbers, or words."""
    headcount = turnout.headcount
    if headcount is None:
        return next(label for label in _labels(_MANY) if label.high >= turnout.n)
    if headcount < SMALLEST:
        return Told(fewer_than(SMALLEST, "staff").reason, 0, headcount, is_told=False)
    n = min(turnout.n, headcount)
    return next(label for label in _labels(headcount) if label.high >= n)


def told_of_everybody(total: Turnout) -> Told:
    """The same for everybody: where they are many, the share in steps of ten percent.

    A band of numbers stands in its place, never beside it: both together would say more.
    """
    headcount = total.headcount
    if headcount is None or headcount < SMALLEST_RATED:
        return told(total)
    n = min(total.n, headcount)
    if n < N_BANDS[0]:
        return _labels(headcount)[0]

    def text(count: int) -> str:
        # ten people or more who are less than 5 % may be too few for a label of their own
        lowest = 0.05 if headcount < _LARGE else 0.0
        return percent(max(count / headcount, lowest), step=RATE_STEP, mask=FINE).text

    alike = [count for count in range(N_BANDS[0], headcount + 1) if text(count) == text(n)]
    return Told(text(n), alike[0], alike[-1])


def _labels(headcount: int) -> list[Told]:
    """The labels of a group, from none to everybody; each stands for ``LEAST`` numbers or more."""
    last = headcount if headcount == _MANY else min(ceil(NEARLY_ALL * headcount), headcount - 2)
    found = [Told(f"fewer than {N_BANDS[0]} so far", 0, N_BANDS[0] - 1)]
    for low, following in zip(N_BANDS, (*N_BANDS[1:], _MANY), strict=True):
        high = min(following, last) - 1
        if high - low + 1 >= LEAST:
            found.append(Told(n_band(low), low, high))
        elif low < last:
            last = low  # what is left of this band is too little for a label of its own
    return found if headcount == _MANY else [*found, Told(NEARLY_ALL_WORDS, last, headcount)]


def day(
    total: Turnout,
    by_role: Sequence[Turnout],
    by_school: Sequence[Turnout],
    *,
    central: Collection[str],
    staff: Mapping[tuple[str, str], int] | None = None,
) -> Day:
    """Labels of everybody, the roles and the schools that together give no number away.

    ``central``: the roles that belong to no school. ``staff``: (school, role) -> how many there
    are; the centre's school is "". Where what is told would narrow a number down, the total is not
    told; where it still would, the roles are not told either.
    """
    found = Day(
        told_of_everybody(total),
        {each.name: told(each) for each in by_role},
        {each.name: told(each) for each in by_school},
    )
    staff = staff or {}
    if _gives_away(found, central) or _solved_back(found, staff):
        found = replace(found, total=_silent(total))
    if _gives_away(found, central) or _solved_back(found, staff):
        found = replace(found, roles={each.name: _silent(each) for each in by_role})
    return found


def _silent(turnout: Turnout) -> Told:
    high = _MANY if turnout.headcount is None else turnout.headcount
    return Told(TO_PROTECT.reason, 0, high, is_told=False)


def _gives_away(found: Day, central: Collection[str]) -> bool:
    """Whether some label, with all others, can stand for fewer than ``LEAST`` numbers.

    Everybody is the people in schools and those of the central roles. The people in schools are
    the sum of the schools, and also the sum of the other roles.
    """
    schools = list(found.schools.values())
    hub = [label for role, label in found.roles.items() if role in central]
    others = [label for role, label in found.roles.items() if role not in central]
    hub_low, hub_high = _sum(hub)
    sums = [_sum(rows) for rows in (schools, others) if rows]
    low = max([found.total.low - hub_high, *(fewest for fewest, _ in sums)])
    high = min([found.total.high - hub_low, *(most for _, most in sums)])
    return (
        _narrowed(schools, low, high)
        or _narrowed(others, low, high)
        or _narrowed(hub, found.total.low - high, found.total.high - low)
        or _narrowed([found.total], low + hub_low, high + hub_high)
    )


def _solved_back(found: Day, staff: Mapping[tuple[str, str], int]) -> bool:
    """Whether somebody who knows the staff of every school and role learns a number too well.

    Bounds by linear programming over the numbers who answered in each school and role. Rows and
    columns of a table make a network, whose corners are whole numbers.
    """
    from scipy.optimize import linprog

    cells = [cell for cell, headcount in staff.items() if headcount]
    if not cells or any(label.high >= _MANY for label in (found.total, *found.roles.values())):
        return False
    school, role = (np.array([cell[part] for cell in cells]) for part in (0, 1))
    groups = [(np.ones(len(cells), dtype=bool), found.total)]
    groups += [(role == name, label) for name, label in found.roles.items()]
    groups += [(school == name, label) for name, label in found.schools.items()]
    matrix = np.array([mask for mask, _ in groups], dtype=float)
    rows = np.vstack([matrix, -matrix])
    limits = np.array([*(each.high for _, each in groups), *(-each.low for _, each in groups)])
    headcounts = np.array([staff[cell] for cell in cells])
    bounds = [(0, n) for n in headcounts.tolist()]
    hub = school == ""
    for mask in [*(mask for mask, _ in groups), *([hub] if hub.any() else [])]:
        least = min(LEAST, int(headcounts[mask].sum()))
        ends: list[Any] = [
            linprog(sign * mask.astype(float), A_ub=rows, b_ub=limits, bounds=bounds)
            for sign in (1, -1)
        ]
        if any(end.status != 0 for end in ends):
            return True  # more answers than staff somewhere: what follows is anybody's guess
        if -ends[1].fun - ends[0].fun + 1 < least - 1e-6:
            return True
    return False


def _sum(rows: Sequence[Told]) -> tuple[int, int]:
    return sum(row.low for row in rows), sum(row.high for row in rows)


def _narrowed(rows: Sequence[Told], low: int, high: int) -> bool:
    """Whether a sum between ``low`` and ``high`` narrows down one of the rows that add up to it."""
    fewest, most = _sum(rows)
    for row in rows:
        least = max(row.low, low - (most - row.high))
        greatest = min(row.high, high - (fewest - row.low))
        if greatest - least + 1 < min(LEAST, row.high - row.low + 1):
            return True
    return False
