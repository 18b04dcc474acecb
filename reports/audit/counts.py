"""The audit of one question: would a hidden count be exact, or a hidden mean pinned?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from reports.audit._solver import Undecided
from reports.audit.bounds import Programme, other_count, programme, sum_bounds
from reports.audit.moves import Proved, Room, known_of, room_of, try_moves
from reports.audit.repair import others_near
from reports.audit.system import CountSystem, Finding, Integers, Known, Target, people


@dataclass
class _Attack:
    """One question under attack, with the other answers found so far that would print alike."""

    system: CountSystem
    room: Room
    programme: Programme
    others: list[Integers] = field(default_factory=list)


def audit_counts(system: CountSystem, *, proved: set[Target] | None = None) -> Finding | None:
    """The first thing that an attack on one question would learn; None where it learns nothing.

    ``proved`` are targets known to be safe: they are passed over, and those found safe join them.
    To show less never makes a safe target unsafe.

    The attacker knows nobody's answer, or one person's, of any cell. Where that person belongs to
    the target, it is the count and the mean of the others that are attacked.
    """
    attack = _Attack(system, room_of(system), programme(system))
    proved = set() if proved is None else proved
    for target in system.targets:
        if target in proved or not people(system.n, target.cells):
            continue
        found = try_moves(attack.room, target)
        finding = None if found.is_done else _attack(attack, target, found)
        if finding is not None:
            return finding
        proved.add(target)
    return None


def _attack(attack: _Attack, target: Target, proved: Proved) -> Finding | None:
    size = attack.system.values.size
    for option, codes in proved.left.items():
        left = None if codes is None else frozenset(known_of(each, size) for each in codes)
        finding = _attack_count(attack, target, option, left)
        if finding is not None:
            return finding
    return None if proved.is_mean_open else _attack_mean(attack, target)


# Counts


def _attack_count(
    attack: _Attack, target: Target, option: int, left: frozenset[Known] | None
) -> Finding | None:
    """Look for other answers that print alike until nobody's answer helps the attacker.

    ``left``: those whose answer still may help; None where it is not known whether any is needed.
    """
    if left == frozenset():
        return None
    for other in _of_pool(attack, target, option):
        left = _without(left, _emptied(attack.system, target, other))
        if not left:
            return None
    elsewhere = _elsewhere(attack.system, target)
    while left is None or left:
        known = None if left is None else min(left, key=lambda each: (each.cell, each.option))
        before = left
        for other in _repaired(attack, target, option, known):
            attack.others.append(other)
            left = _without(left, _emptied(attack.system, target, other))
            break
        if left != before:
            continue
        held = [known] if known else []
        found = None
        if elsewhere:  # once: answers that serve whoever is known are worth one look
            found = other_count(attack.programme, target.cells, option, known=[*held, *elsewhere])
            elsewhere = []
        if found is None:
            found = other_count(attack.programme, target.cells, option, known=held)
        if found is None:
            return Finding(target, "count", option, known)
        attack.others.append(found)
        left = _without(left, _emptied(attack.system, target, found))
    return None


def _repaired(
    attack: _Attack, target: Target, option: int, known: Known | None
) -> Iterator[Integers]:
    for ways in (1, 3):
        for other in others_near(attack.room, target, option, known=known, ways=ways):
            if _differs(attack, target, option, other) and _holds(other, known):
                yield other


def _differs(attack: _Attack, target: Target, option: int, other: Integers) -> bool:
    cells = list(target.cells)
    return bool(other[cells, option].sum() != attack.system.truth[cells, option].sum())


def _holds(other: Integers, known: Known | None) -> bool:
    """Whether the person who is known may have answered so."""
    return known is None or bool(other[known.cell, known.option] > 0)


def _without(left: frozenset[Known] | None, emptied: frozenset[Known]) -> frozenset[Known]:
    return emptied if left is None else left & emptied


def _of_pool(attack: _Attack, target: Target, option: int) -> Iterator[Integers]:
    """Other answers found for other targets that serve here too."""
    yield from (each for each in attack.others if _differs(attack, target, option, each))


def _emptied(system: CountSystem, target: Target, other: Integers) -> frozenset[Known]:
    """People whose answer, if known, rules the other answers out."""
    gone = (system.truth > 0) & (other == 0)
    if people(system.n, target.cells) == 1:
        # nothing is left to learn for whoever knows the one person
        gone[list(target.cells)] = False
    return frozenset(Known(cell, option) for cell, option in np.argwhere(gone).tolist())


# Means


def _attack_mean(attack: _Attack, target: Target) -> Finding | None:
    """Bounds of the mean; first for somebody who knows one answer of each kind everywhere else."""
    system = attack.system
    if _is_spread(attack, target):
        return None
    elsewhere = _elsewhere(system, target)
    is_one = people(system.n, target.cells) == 1
    own: list[Known | None] = [None]
    own += [] if is_one else _everybody(system, target.cells)
    for known in own:
        given = [known] if known else []
        if not _is_pinned(attack, target, [*given, *elsewhere]):
            continue
        if _is_pinned(attack, target, given):
            return Finding(target, "mean", None, known)
        for other in [] if known else elsewhere:
            if _is_pinned(attack, target, [other]):
                return Finding(target, "mean", None, other)
    return None


def _is_spread(attack: _Attack, target: Target) -> bool:
    """Whether other answers that print alike spread the mean wide enough, whoever is known."""
    system, cells = attack.system, list(target.cells)
    for option in range(system.values.size):
        attack.others.extend(others_near(attack.room, target, option))
    sums = [float((each[cells] @ system.values).sum()) for each in (system.truth, *attack.others)]
    emptied = [frozenset[Known](), *(_emptied(system, target, each) for each in attack.others)]
    for known in {None, *(one for each in emptied for one in each)}:
        kept = [x for x, gone in zip(sums, emptied, strict=True) if known not in gone]
        others = people(system.n, cells) - bool(known and known.cell in target.cells)
        if max(kept) - min(kept) < system.pinned * others - 1e-9:
            return False
    return True


def _elsewhere(system: CountSystem, target: Target) -> list[Known]:
    return _everybody(system, [cell for cell in range(system.n.size) if cell not in target.cells])


def _everybody(system: CountSystem, cells: Iterable[int]) -> list[Known]:
    """One person for each answer that was given in these cells."""
    return [
        Known(cell, option)
        for cell in cells
        for option, count in enumerate(system.truth[cell].tolist())
        if count
    ]


def _is_pinned(attack: _Attack, target: Target, known: Sequence[Known]) -> bool:
    others = people(attack.system.n, target.cells)
    others -= sum(one.cell in target.cells for one in known)
    width = attack.system.pinned * others - 1e-6
    try:
        low, high = sum_bounds(attack.programme, target.cells, known=known, whole=False)
        if high - low >= width:
            low, high = sum_bounds(attack.programme, target.cells, known=known)
    except Undecided:
        return True
    return high - low < width
