"""Every rule that could join answer sheets to people, and what guessing alone would reach.

People and sheets are divided into cells, one a school and role: so much anybody knows. Within a
cell of k people, a sheet is any of theirs with chance 1/k. A *rule* names a person for each sheet:
by putting both in some order and matching them by rank, or by joining them directly.
"""

import math
import random
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

Cell = Hashable
#: whom or which -> where it stands in some order
Order = Mapping[str, Any]

#: a test fails by chance at most this often, however many rules were tried
ERROR_RATE = 1e-5


@dataclass
class Evidence:
    """What an onlooker sees: who could have answered, which sheets there are, orders, joins."""

    people: dict[str, Cell]
    sheets: dict[str, Cell]
    person_orders: dict[str, Order] = field(default_factory=dict)
    sheet_orders: dict[str, Order] = field(default_factory=dict)
    #: name -> {sheet: person}
    joins: dict[str, dict[str, str]] = field(default_factory=dict)

    def __add__(self, other: "Evidence") -> "Evidence":
        """What both know together; of a later look at the same rows under the same names."""
        return Evidence(
            {**self.people, **other.people},
            {**self.sheets, **other.sheets},
            {**self.person_orders, **other.person_orders},
            {**self.sheet_orders, **other.sheet_orders},
            {**self.joins, **other.joins},
        )


@dataclass(frozen=True)
class Result:
    """How one rule did against the truth."""

    rule: str
    hits: int
    sheets: int
    #: hits of somebody who guesses: the sum of 1/k over the sheets
    expected: float
    #: no less than the chance of so many hits, or of orders so alike, by guessing
    p_hits: float
    p_order: float

    @property
    def p(self) -> float:
        return min(1.0, 2 * min(self.p_hits, self.p_order))

    def __str__(self) -> str:
        rate, chance = self.hits / self.sheets, self.expected / self.sheets
        return (
            f"{rate:.3f} ({self.hits} of {self.sheets}; by chance {chance:.3f}; "
            f"p <= {self.p:.2g}): {self.rule}"
        )


@dataclass(frozen=True)
class Verdict:
    """All rules that one onlooker tried, the one that did best first."""

    results: tuple[Result, ...]

    @property
    def joins(self) -> bool:
        """Whether some rule does better than guessing, over all the rules that were tried."""
        return any(result.p * len(self.results) < ERROR_RATE for result in self.results)

    @property
    def best(self) -> Result | None:
        return max(self.results, key=lambda result: result.hits, default=None)

    @property
    def surest(self) -> Result | None:
        return min(self.results, key=lambda result: result.p, default=None)

    def of(self, *parts: str) -> Result:
        """The surest of the rules whose name holds all of these."""
        found = [each for each in self.results if all(part in each.rule for part in parts)]
        assert found, f"no rule was tried whose name holds {parts}: {self}"
        return min(found, key=lambda result: result.p)

    def __str__(self) -> str:
        if not self.results:
            return "nothing to try"
        return f"{len(self.results)} rules\n  best   {self.best}\n  surest {self.surest}"


def judge(evidence: Evidence, truth: Mapping[str, str]) -> Verdict:
    """Try every rule that the evidence gives, and hold it against whose sheet is whose."""
    results = [
        _result(rule, guesses, alike, evidence, truth)
        for rule, guesses, alike in _rules(evidence, truth)
    ]
    return Verdict(tuple(sorted(results, key=lambda result: -result.hits)))


def _rules(
    evidence: Evidence, truth: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, str], float]]:
    """(name, guesses, chance that orders so alike come by accident)."""
    for name, guesses in evidence.joins.items():
        kept = {sheet: person for sheet, person in guesses.items() if sheet in truth}
        if kept:
            yield f"join {name}", kept, 1.0
    cells = _by_cell(evidence)
    people_told = _telling(evidence.person_orders, {c: p for c, (p, _) in cells.items()})
    sheets_told = _telling(evidence.sheet_orders, {c: s for c, (_, s) in cells.items()})
    for person_name, people in people_told.items():
        for sheet_name, sheets in sheets_told.items():
            alike = _alike(people, sheets, cells, truth)
            for way in ("", " backwards"):
                guesses = _by_rank(people, sheets, cells, backwards=bool(way))
                yield f"{person_name} ~ {sheet_name}{way}", guesses, alike


def _by_cell(evidence: Evidence) -> dict[Cell, tuple[list[str], list[str]]]:
    people: dict[Cell, list[str]] = defaultdict(list)
    sheets: dict[Cell, list[str]] = defaultdict(list)
    for person, cell in evidence.people.items():
        people[cell].append(person)
    for sheet, cell in evidence.sheets.items():
        sheets[cell].append(sheet)
    draw = random.Random(1)
    for members in (*people.values(), *sheets.values()):
        draw.shuffle(members)  # where an order has ties, nothing else decides
    return {cell: (people[cell], members) for cell, members in sheets.items()}


def _telling(
    orders: Mapping[str, Order], cells: Mapping[Cell, list[str]]
) -> dict[str, dict[str, float]]:
    """Orders as numbers, without those that put nobody before anybody and those seen already."""
    found: dict[str, dict[str, float]] = {}
    seen = set()
    for name, order in orders.items():
        values = sorted({value for value in order.values() if value is not None}, key=_key)
        place = {repr(value): float(number) for number, value in enumerate(values)}
        ranks = {who: place[repr(at)] for who, at in order.items() if at is not None}
        within = tuple(
            tuple(np.unique([ranks.get(who, -1.0) for who in members], return_inverse=True)[1])
            for members in cells.values()
        )
        if within not in seen and any(len(set(cell)) > 1 for cell in within):
            seen.add(within)
            found[name] = ranks
    return found


def _key(value: Any) -> tuple[str, Any]:
    """Values of one kind among themselves."""
    if isinstance(value, (int, float)):
        return "number", value
    return type(value).__name__, value


def _by_rank(
    people: Mapping[str, float],
    sheets: Mapping[str, float],
    cells: Mapping[Cell, tuple[list[str], list[str]]],
    *,
    backwards: bool,
) -> dict[str, str]:
    """Within each cell, the first sheet to the first person, and so on, spread over all people."""
    guesses = {}
    for members, held in cells.values():
        ranked = sorted((who for who in members if who in people), key=lambda who: people[who])
        order = sorted((each for each in held if each in sheets), key=lambda each: sheets[each])
        if len(ranked) < len(order):
            ranked += [who for who in members if who not in people]
        if backwards:
            ranked.reverse()
        for number, sheet in enumerate(order):
            guesses[sheet] = ranked[int((number + 0.5) * len(ranked) / len(order))]
    return guesses


def _alike(
    people: Mapping[str, float],
    sheets: Mapping[str, float],
    cells: Mapping[Cell, tuple[list[str], list[str]]],
    truth: Mapping[str, str],
) -> float:
    """How likely orders so alike (rank correlation within cells, either way) come by accident.

    Sharper than counting hits: an order that is only near the truth is found too. Under chance a
    correlation over m pairs has mean 0 and variance 1 / (m - 1).
    """
    total, weight = 0.0, 0
    for _, held in cells.values():
        pairs = [
            (people[truth[sheet]], sheets[sheet])
            for sheet in held
            if sheet in sheets and truth.get(sheet) in people
        ]
        if len(pairs) < 2:
            continue
        a, b = (_midranks(values) for values in zip(*pairs, strict=True))
        if a.std() and b.std():
            total += (len(pairs) - 1) * float(np.corrcoef(a, b)[0, 1])
            weight += len(pairs) - 1
    return min(1.0, 2 * math.exp(-(total**2) / (2 * weight))) if weight else 1.0


def _midranks(values: Any) -> np.ndarray:
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    upto = np.cumsum(counts)
    return (upto - (counts - 1) / 2)[at]


def _result(
    rule: str,
    guesses: Mapping[str, str],
    alike: float,
    evidence: Evidence,
    truth: Mapping[str, str],
) -> Result:
    cells: dict[Cell, list[str]] = defaultdict(list)
    for sheet in guesses:
        cells[evidence.sheets[sheet]].append(sheet)
    sizes: dict[Cell, int] = defaultdict(int)
    for cell in evidence.people.values():
        sizes[cell] += 1
    shape = tuple(sorted((sizes[cell], len(held)) for cell, held in cells.items()))
    hits = sum(truth.get(sheet) == person for sheet, person in guesses.items())
    expected = sum(m / k for k, m in shape)
    return Result(rule, hits, len(guesses), expected, _tail(shape, hits), alike)


@cache
def _tail(shape: tuple[tuple[int, int], ...], hits: int) -> float:
    """No less than the chance of ``hits`` or more by guessing (Chernoff's bound).

    Of the m sheets in a cell of k people, r given ones are all guessed right with chance
    (k - r)! / k! at most: whose they are is drawn without putting back. So the r-th binomial moment
    of the hits is at most C(m, r) (k - r)! / k!, which gives their moment generating function.
    """
    if not hits:
        return 1.0

    def log_bound(theta: float) -> float:
        step = math.expm1(theta)
        return sum(math.log(_generating(k, m, step)) for k, m in shape) - theta * hits

    grid = np.linspace(0.0, 8.0, 401)
    return math.exp(min(0.0, min(log_bound(float(theta)) for theta in grid)))


@cache
def _generating(k: int, m: int, step: float) -> float:
    return sum(
        math.comb(m, r) * math.factorial(k - r) / math.factorial(k) * step**r
        for r in range(min(m, k) + 1)
    )
