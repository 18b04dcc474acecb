"""Somebody who holds every document of a round and tries to work out what few people answered.

It reads what is printed, turns the rules of ``docs/disclosure.md`` round by itself, and knows the
roster, so every number of people and every weight. It shares no code with the program's own audit.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

Floats = NDArray[np.float64]

#: fewer answers than this: percent that shares are rounded to, masked below and above
RULES = ((21, 10, 25, 75), (41, 5, 10, 90), (10**9, 1, 5, 90))
_SLACK = 1e-7


@dataclass
class Question:
    """What is known of one question: people and weights by cell, and figures as ranges."""

    #: (school, role) of each cell
    cells: list[tuple[str, str]]
    #: the answers, which the attacker is after: shape (cells, options)
    truth: NDArray[np.intp]
    values: Sequence[float]
    figures: list[tuple[Floats, float, float]] = field(default_factory=list)
    #: answers that fit all that is printed, as far as they were found
    others: list[NDArray[np.intp]] = field(default_factory=list)

    @property
    def n(self) -> NDArray[np.intp]:
        return np.asarray(self.truth.sum(axis=1), dtype=np.intp)

    def reads(self, weights: Floats, texts: Sequence[str], sums: Iterable[list[int]] = ()) -> None:
        """Read the shares of a row, and then those of sums of options."""
        n = int(self.n[weights > 0].sum())
        heaviest = float(weights.max())
        step, low, high = rule(n, heaviest, texts)
        options = len(self.values)
        for place, text in enumerate(texts[:options]):
            self._add(weights, [place], share_range(text, step, low, high))
        for of, text in zip(sums, texts[options:], strict=True):
            _, _, low, high = next(each for each in RULES if each[1] == step)
            self._add(weights, of, share_range(text, step, low, high))

    def _add(self, weights: Floats, options: list[int], limits: tuple[float, float]) -> None:
        row = np.zeros(self.truth.shape)
        row[:, options] = weights[:, None]
        self.figures.append((row, *limits))

    def gives_away(self, cells: Sequence[int], option: int, known: tuple[int, int] | None) -> bool:
        """Whether only the true count fits, for somebody who knows one answer (cell, option)."""
        cells = list(cells)
        true, most = int(self.truth[cells, option].sum()), int(self.n[cells].sum())
        for other in self.others:  # other answers that fit, found before
            if other[cells, option].sum() != true and (known is None or other[known] > 0):
                return False
        return not any(
            low <= high and self._fits(cells, option, low, high, known)
            for low, high in ((true + 1, most), (0, true - 1))
        )

    def _fits(
        self, cells: list[int], option: int, low: int, high: int, known: tuple[int, int] | None
    ) -> bool:
        shape = self.truth.shape
        count = np.zeros(shape)
        count[cells, option] = 1
        least = np.zeros(shape)
        if known:
            least[known] = 1
        each = np.kron(np.eye(shape[0]), np.ones((1, shape[1])))
        # in answers, not in shares: then the solver's tolerance is far below one answer
        units = [np.abs(row).max() or 1.0 for row, _, _ in self.figures]
        rows = [row.ravel() / u for (row, _, _), u in zip(self.figures, units, strict=True)]
        lows = [low_ / u for (_, low_, _), u in zip(self.figures, units, strict=True)]
        highs = [high_ / u for (_, _, high_), u in zip(self.figures, units, strict=True)]
        found = milp(
            np.zeros(count.size),
            integrality=np.ones(count.size),
            bounds=Bounds(least.ravel(), np.repeat(self.n, shape[1])),
            constraints=LinearConstraint(
                np.vstack([each, *rows, count.ravel()]),
                [*self.n, *lows, low],
                [*self.n, *highs, high],
            ),
        )
        if found.status != 0:
            return False
        other = np.rint(found.x).astype(np.intp).reshape(shape)
        sums = [(float((row * other).sum()), low_, high_) for row, low_, high_ in self.figures]
        if all(low_ - 1e-6 <= value <= high_ + 1e-6 for value, low_, high_ in sums):
            self.others.append(other)
        return True


def rule(n: int, heaviest: float, texts: Sequence[str]) -> tuple[int, int, int]:
    """Step of rounding and both masks of a row of shares."""
    alike = n if n >= 200 else min(n, int(1 / heaviest + 1e-9))
    _, step, low, high = next(each for each in RULES if alike < each[0])
    masked = sum(text.startswith("<") for text in texts)
    if masked and alike < 200:
        step = {1: 5, 5: 10, 10: 10}[step]
    elif masked == 1:
        step = max(step, 5)
    return step, low, high


def share_range(text: str, step: int, low: int, high: int) -> tuple[float, float]:
    """Shares that print so."""
    number = int(re.sub(r"\D", "", text))
    if text.startswith("<"):
        assert number == low, text
        return 0.0, low / 100 - _SLACK
    if text.startswith(">"):
        assert number == high, text
        first = next(at for at in range(0, 200, step) if at > high) - step / 2
        return min(high, first) / 100 - _SLACK, 1.0
    assert number % step == 0, text
    return (
        max(low, number - step / 2) / 100 - _SLACK,
        min(high, number + step / 2) / 100 + _SLACK,
    )


def mean_range(text: str, first: float, last: float) -> tuple[float, float]:
    """Means that print so on an axis with these ends."""
    number = float(re.sub(r"[^\d.]", "", text))
    if text.startswith("above"):
        return number + 0.05 - _SLACK, last
    if text.startswith("below"):
        return first, number - 0.05 + _SLACK
    return number - 0.05 - _SLACK, number + 0.05 + _SLACK


@dataclass
class Scale:
    """What is known of one scale: people and weights by cell, and means as ranges."""

    cells: list[tuple[str, str]]
    n: NDArray[np.intp]
    limits: tuple[float, float]
    figures: list[tuple[Floats, float, float]] = field(default_factory=list)

    def reads(self, weights: Floats, text: str) -> None:
        """Read the mean of a row."""
        self.figures.append((weights, *mean_range(text, *self.limits)))

    def width(self, cells: Sequence[int]) -> float:
        """How wide all is that the mean of some cells could be."""
        goal = np.zeros(self.n.size)
        goal[list(cells)] = 1 / self.n[list(cells)].sum()
        rows = [sign * row for row, _, _ in self.figures for sign in (1, -1)]
        most = [limit for _, low, high in self.figures for limit in (high, -low)]
        first, last = self.limits
        box = list(zip(first * self.n, last * self.n, strict=True))
        ends = [
            linprog(
                sign * goal, A_ub=np.array(rows) if rows else None, b_ub=most or None, bounds=box
            )
            for sign in (1, -1)
        ]
        assert all(end.status == 0 for end in ends)
        return float(-ends[1].fun - ends[0].fun)
