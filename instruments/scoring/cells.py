"""Counts every answer by school and role, with its weight in the figures of every row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.cells import Cells, Counted, Row, Scored
from instruments.definition import Scale
from instruments.measures import EVERYBODY
from instruments.responses import CANT_TELL, NOT_SHOWN
from instruments.roster import Roster
from instruments.scoring.frame import Frame, Group, item_limits
from instruments.scoring.scales import person_scores
from instruments.scoring.weights import Booleans, Floats, Integers

#: blocks whose figures rest on everybody asked, and of which nothing stands by school or role
POOLED = ("pressure", "support")
#: the block whose scales also stand by school, and the one whose scales stand by role
BY_SCHOOL, BY_ROLE = "capability", "companion"


@dataclass(frozen=True)
class _Places:
    """Who is in which cell, and how many the roster lists there; no counts without a roster."""

    frame: Frame
    pairs: tuple[tuple[str, str], ...]
    cell: Integers
    schools: tuple[str, ...]
    listed: Mapping[tuple[str, str], int]

    def sums(self, people: Booleans, x: NDArray[np.generic] | None = None) -> Floats:
        """How many of ``people`` are in each cell; or the sum of ``x`` over them."""
        weights = None if x is None else x[people]
        found = np.bincount(self.cell[people], weights=weights, minlength=len(self.pairs))
        return found.astype(np.float64)


def count_cells(frame: Frame, roster: Roster | None) -> Cells:
    """Everything that documents print as counts, shares and means, by cell."""
    at = _places(frame, roster)
    counted: dict[str, Counted] = {}
    scored: dict[str, Scored] = {}
    _count_decisions(at, counted)
    for scale in frame.instrument.scales:
        _count_scale(at, scale, counted, scored)
    return Cells(
        school=tuple(school for school, _ in at.pairs),
        role=tuple(role for _, role in at.pairs),
        groups={name: group.roles for name, group in frame.groups.items()},
        main=frame.main_group,
        counted=counted,
        scored=scored,
    )


def _places(frame: Frame, roster: Roster | None) -> _Places:
    instrument, responses = frame.instrument, frame.responses
    central = frozenset(instrument.central_roles)
    role = responses.attribute("role").tolist() if instrument.roles else [""] * responses.n
    school = responses.attribute("school").tolist()
    found = [("" if r in central else s, r) for s, r in zip(school, role, strict=True)]
    pairs = tuple(sorted(set(found)))
    place = {pair: number for number, pair in enumerate(pairs)}
    listed: dict[tuple[str, str], int] = {}
    for row in roster.rows if roster else ():
        pair = ("" if row.role in central else row.school, row.role if instrument.roles else "")
        listed[pair] = listed.get(pair, 0) + row.headcount
    return _Places(
        frame=frame,
        pairs=pairs,
        cell=np.array([place[pair] for pair in found], dtype=np.intp),
        schools=tuple(sorted({s for s, r in pairs if s and r not in central})),
        listed=listed,
    )


# What is printed of what


def _count_decisions(at: _Places, counted: dict[str, Counted]) -> None:
    rules = at.frame.instrument.position
    for decision in rules.decisions if rules else ():
        now = at.frame.answers(decision.item)
        asked = at.frame.roles_asked([decision.item])
        options = at.frame.instrument.options(decision.item)
        rows = _rows(at, now >= 0, asked, at.frame.position_groups, by_school=True)
        counted[f"today:{decision.code}"] = _counted(at, _coded(now, options), options, rows)
        if decision.preferred is None:
            continue
        wish = at.frame.answers(decision.preferred)
        both = (now >= 0) & (wish >= 0)
        rows = _rows(at, both, asked, at.frame.position_groups, by_role=True)
        moves = np.where(both, np.sign(wish - now) + 1, -1)
        counted[f"wants:{decision.code}"] = _counted(at, moves, (-1, 0, 1), rows)


def _count_scale(
    at: _Places, scale: Scale, counted: dict[str, Counted], scored: dict[str, Scored]
) -> None:
    frame, pooled = at.frame, scale.block in POOLED
    groups = (EVERYBODY,) if pooled else frame.position_groups
    by_school, by_role = scale.block == BY_SCHOOL, scale.block == BY_ROLE
    for code in scale.items:
        raw = frame.answers(code)
        if (raw == NOT_SHOWN).all():
            continue
        options = frame.instrument.options(code)
        rows = _rows(at, raw >= 0, frame.roles_asked([code]), groups, by_school=by_school)
        counted[f"question:{code}"] = _counted(at, _coded(raw, options), options, rows)
        if pooled:
            counted[f"told:{code}"] = _told(at, (code,), groups)
    wanted = frame.instrument.core_items(scale) or scale.items
    items = tuple(code for code in wanted if (frame.answers(code) != NOT_SHOWN).any())
    if not items:
        return
    counted[f"told:{scale.code}"] = _told(at, items, groups, by_school=by_school, by_role=by_role)
    if scale.kind != "items":
        scored[f"scale:{scale.code}"] = _scored(
            at, items, groups, by_school=by_school, by_role=by_role
        )


def _coded(raw: NDArray[np.int8], options: Sequence[int]) -> Integers:
    """Each answer as the place of its option; -1 where there is none."""
    place = np.full(128, -1, dtype=np.intp)
    place[list(options)] = np.arange(len(options))
    return np.where(raw >= 0, place[np.maximum(raw, 0)], -1)


def _counted(
    at: _Places, codes: NDArray[np.signedinteger], options: Sequence[int], rows: dict[Row, Floats]
) -> Counted:
    answered, size = codes >= 0, len(options)
    flat = at.cell[answered] * size + codes[answered]
    counts = np.bincount(flat, minlength=len(at.pairs) * size).reshape(len(at.pairs), size)
    return Counted(
        counts=counts.astype(np.intp),
        people=counts.sum(axis=1).astype(np.intp),
        values=tuple(float(option) for option in options),
        weights=rows,
    )


def _told(
    at: _Places,
    items: Sequence[str],
    groups: Iterable[str],
    *,
    by_school: bool = False,
    by_role: bool = False,
) -> Counted:
    """Times that the items were shown: answered otherwise, could not tell.

    A time weighs what its person weighs, divided by the times of the cell: so it is in a round
    without gaps, where everybody of a role is shown the same items.
    """
    raw = np.column_stack([at.frame.answers(code) for code in items])
    shown = raw != NOT_SHOWN
    people = shown.any(axis=1)
    told = at.sums(people, (raw == CANT_TELL).sum(axis=1))
    times = at.sums(people, shown.sum(axis=1))
    n = at.sums(people)
    each = np.divide(n, times, out=np.zeros(times.size), where=times > 0)
    asked = at.frame.roles_asked(items)
    rows = _rows(at, people, asked, groups, by_school=by_school, by_role=by_role)
    return Counted(
        counts=np.column_stack([times - told, told]).astype(np.intp),
        people=n.astype(np.intp),
        values=(0.0, 1.0),
        weights={row: weights * each for row, weights in rows.items()},
    )


def _scored(
    at: _Places, items: Sequence[str], groups: Iterable[str], *, by_school: bool, by_role: bool
) -> Scored:
    score = person_scores(at.frame, items)
    answered = ~np.isnan(score)
    limits = item_limits(at.frame.instrument, at.frame.instrument.item(items[0]))
    lowest, highest = np.full(len(at.pairs), limits[1]), np.full(len(at.pairs), limits[0])
    np.minimum.at(lowest, at.cell[answered], score[answered])
    np.maximum.at(highest, at.cell[answered], score[answered])
    asked = at.frame.roles_asked(items)
    return Scored(
        n=at.sums(answered).astype(np.intp),
        sums=at.sums(answered, score),
        lowest=lowest,
        highest=highest,
        limits=limits,
        weights=_rows(at, answered, asked, groups, by_school=by_school, by_role=by_role),
    )


# Weights


def _rows(
    at: _Places,
    answered: Booleans,
    asked: Sequence[str],
    groups: Iterable[str],
    *,
    by_school: bool = False,
    by_role: bool = False,
) -> dict[Row, Floats]:
    """Every row that somebody answered for, with the weights of its figures."""
    frame = at.frame
    found = {
        Row("group", name): _weights(at, frame.groups[name], answered, asked) for name in groups
    }
    if by_role:
        for code, group in frame.roles.items():
            found[Row("role", code)] = _weights(at, group, answered, asked)
    if by_school and set(_roles_in_schools(frame)) <= set(asked):
        # what only some roles are asked is never shown by school: it would be a role's there
        found |= _school_rows(at, answered)
    return {row: weights for row, weights in found.items() if weights.any()}


def _weights(at: _Places, group: Group, answered: Booleans, asked: Sequence[str]) -> Floats:
    people = group.people & answered
    weights = np.zeros(len(at.pairs))
    weights[at.cell[people]] = at.frame.strata(group, answered, asked).weights[people]
    return weights


def _roles_in_schools(frame: Frame) -> list[str]:
    """Roles of the main group that belong to a school."""
    roles = frame.groups[frame.main_group].roles
    return [role for role in roles if role not in frame.instrument.central_roles]


def _school_rows(at: _Places, answered: Booleans) -> dict[Row, Floats]:
    """Each school's weights: those of the strata of that school alone.

    Its roles are one stratum where one of them, on the roster or among the answers, has fewer
    than two answers; then every answer weighs the same.
    """
    roles = _roles_in_schools(at.frame)
    place = {pair: number for number, pair in enumerate(at.pairs)}
    n = at.sums(answered)
    found = {}
    for school in at.schools:
        held = [(school, role) for role in roles]
        people = np.array([n[place[pair]] if pair in place else 0.0 for pair in held])
        size = np.array([float(at.listed.get(pair, 0)) for pair in held])
        if not people.sum():
            continue
        thin = ((people > 0) | (size > 0)) & ((people < 2) | (size <= 0))
        each = np.full(len(held), 1 / people.sum())
        if not thin.any():
            each = np.divide(size / size.sum(), people, out=each, where=people > 0)
        weights = np.zeros(len(at.pairs))
        for pair, weight, count in zip(held, each.tolist(), people.tolist(), strict=True):
            if count:
                weights[place[pair]] = weight
        found[Row("school", school)] = weights
    return found
