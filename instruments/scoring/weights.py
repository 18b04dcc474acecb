"""Weights: who stands for whom. Strata are schools by role; the roster says how large they are.

Every figure has its own strata, because each rests on those who answered it: people of the roles
that were asked, by school and role, with the central roles as one stratum. A stratum with fewer
than two answers has no variance of its own and is merged: first the roles of its school, then that
school with the school next in size.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.definition import Instrument
from instruments.responses import Responses
from instruments.roster import Roster

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Integers = NDArray[np.intp]


@dataclass(frozen=True)
class Sampling:
    """Cells (school by role; one for the centre), who is in which, and the roster's counts.

    Attributes
    ----------
    cell : ndarray of int, shape (n,)
        Each respondent's cell.
    school : ndarray of int, shape (cells,)
        The school each cell belongs to; the centre counts as one school.
    role : ndarray of int, shape (n,)
        Each respondent's role, as a place in ``roles``.
    headcount : ndarray, shape (cells, roles), or None
        People on the roster; None without a roster.
    """

    roles: tuple[str, ...]
    cell: Integers
    school: Integers
    role: Integers
    headcount: Floats | None


@dataclass(frozen=True)
class Strata:
    """Strata of one figure.

    Attributes
    ----------
    of : ndarray of int, shape (n,)
        Each respondent's stratum; -1 for those the figure does not rest on.
    weights : ndarray, shape (n,)
        Each respondent's weight; they sum to 1, those left out have 0.
    share, n, sampled : ndarray, shape (strata,)
        W_h: share of the people spoken for; n_h: answers; f_h: min(1, n_h / N_h), 0 without a
        roster.
    merged : int
        Cells that were merged with others.
    """

    of: Integers
    weights: Floats
    share: Floats
    n: Floats
    sampled: Floats
    merged: int


def sampling(instrument: Instrument, responses: Responses, roster: Roster | None) -> Sampling:
    """Sort respondents and roster into cells."""
    roles = instrument.roles or ("",)
    role = responses.attribute("role").tolist() if instrument.roles else [""] * responses.n
    school = responses.attribute("school").tolist()
    people = [_cell(s, r, instrument.central_roles) for s, r in zip(school, role, strict=True)]
    rows = roster.rows if roster else ()
    listed = [_cell(row.school, row.role, instrument.central_roles) for row in rows]
    # sorted, so that the order of rows in a file never changes a figure
    cells = sorted({*people, *listed})
    schools = {name: place for place, name in enumerate(sorted({c[:2] for c in cells}))}
    at = {cell: place for place, cell in enumerate(cells)}
    role_at = {code: place for place, code in enumerate(roles)}
    headcount = None
    if roster is not None:
        headcount = np.zeros((len(cells), len(roles)))
        for cell, row in zip(listed, rows, strict=True):
            headcount[at[cell], role_at.get(row.role, 0)] += row.headcount
    return Sampling(
        roles=roles,
        cell=np.array([at[c] for c in people], dtype=np.intp),
        school=np.array([schools[c[:2]] for c in cells], dtype=np.intp),
        role=np.array([role_at.get(r, 0) for r in role], dtype=np.intp),
        headcount=headcount,
    )


def _cell(school: str, role: str, central: Collection[str]) -> tuple[bool, str, str]:
    return (True, "", "") if role in central else (False, school, role)


def strata(sampled: Sampling, people: Booleans, roles: Collection[str]) -> Strata:
    """Strata of a figure that rests on ``people`` and speaks for the staff of ``roles``.

    Parameters
    ----------
    sampled : Sampling
    people : ndarray of bool, shape (n,)
        Those who answered; all of them of these roles.
    roles : collection of str
        Roles that were asked and belong to the informant group.

    Returns
    -------
    Strata
        With a roster, post-stratified to its counts; without, every answer counts the same and
        there is no finite-population discount.
    """
    cells = sampled.school.size
    n: Floats = np.bincount(sampled.cell[people], minlength=cells).astype(np.float64)
    if sampled.headcount is None:
        size = n
    else:
        columns = [place for place, code in enumerate(sampled.roles) if code in roles]
        size = sampled.headcount[:, columns].sum(axis=1)
    group = _merge(n, size, sampled.school)
    used = np.unique(group[(n > 0) | (size > 0)])
    at = np.full(cells, -1, dtype=np.intp)
    at[used] = np.arange(used.size)
    group = at[group]
    n_h = _sums(group[group >= 0], n[group >= 0], used.size)
    size_h = _sums(group[group >= 0], size[group >= 0], used.size)
    total = size_h.sum()
    if not total and n.sum():  # nobody of these roles is on the roster: every answer the same
        size_h, total = n_h, n.sum()
    if sampled.headcount is None:
        fraction = np.zeros(used.size)
    else:
        fraction = np.minimum(1.0, n_h / np.maximum(size_h, 1.0))
    share = size_h / total if total else size_h
    of = np.where(people, group[sampled.cell], -1)
    in_use = int(((n > 0) | (size > 0)).sum())
    return Strata(
        of=of,
        weights=np.append(share / np.maximum(n_h, 1), 0.0)[of],
        share=share,
        n=n_h,
        sampled=fraction,
        merged=in_use - used.size,
    )


def _sums(of: Integers, x: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(of, weights=x, minlength=size), dtype=np.float64)


def _merge(n: Floats, size: Floats, school: Integers) -> Integers:
    """For every cell the number of the cell that leads its stratum."""
    lead = np.arange(n.size)
    thin = ((n > 0) | (size > 0)) & ((n < 2) | (size <= 0))
    if not thin.any():
        return lead
    schools = int(school.max()) + 1
    home = np.full(schools, n.size)
    np.minimum.at(home, school, np.arange(n.size))
    broken = np.zeros(schools, dtype=bool)
    broken[school[thin]] = True
    lead = np.where(broken[school], home[school], lead)
    n_school, size_school = _sums(school, n, schools), _sums(school, size, schools)
    alive = (n_school > 0) | (size_school > 0)
    while alive.sum() > 1:
        weak = np.flatnonzero(alive & ((n_school < 2) | (size_school <= 0)))
        if not weak.size:
            break
        weakest = int(weak[np.argmin(size_school[weak])])
        partner = _next_in_size(weakest, size_school, alive)
        for one in (weakest, partner):  # the partner's roles become one stratum too
            lead[np.isin(lead, lead[school == one])] = home[partner]
        school = np.where(school == weakest, partner, school)
        n_school[partner] += n_school[weakest]
        size_school[partner] += size_school[weakest]
        alive[weakest] = False
    return lead


def _next_in_size(one: int, size: Floats, alive: Booleans) -> int:
    """The school next above in size; the one next below for the largest."""
    others = np.flatnonzero(alive)
    others = others[others != one]
    above = others[size[others] >= size[one]]
    return int(above[np.argmin(size[above])] if above.size else others[np.argmax(size[others])])


def overfull(sampled: Sampling, people: Booleans, roles: Sequence[str]) -> int:
    """Cells in which more people answered than the roster lists."""
    if sampled.headcount is None:
        return 0
    n = np.bincount(sampled.cell[people], minlength=sampled.school.size)
    columns = [place for place, code in enumerate(sampled.roles) if code in roles]
    return int((n > sampled.headcount[:, columns].sum(axis=1)).sum())
