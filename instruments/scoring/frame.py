"""What every figure of a round rests on: its people, their weights, its informant groups."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from instruments.definition import Instrument, Item
from instruments.measures import DESIGNED, EVERYBODY, LIVED
from instruments.responses import NOT_SHOWN, Responses
from instruments.scoring.weights import Booleans, Floats, Sampling, Strata, strata


@dataclass(frozen=True)
class Group:
    """An informant group: its roles, its people, and how far its silent ones may pull a figure.

    ``silent`` is (1 - response rate) times the instrument's ``silent_differ_sd``; None where the
    response rate is unknown.
    """

    name: str
    roles: tuple[str, ...]
    people: Booleans
    silent: float | None


@dataclass(frozen=True)
class Frame:
    """The answers that count, sorted into cells, with their groups."""

    instrument: Instrument
    responses: Responses
    sampling: Sampling
    groups: Mapping[str, Group]
    #: each role as a group of its own
    roles: Mapping[str, Group]
    place: Mapping[str, int]
    #: strata already worked out: many items were answered by the same people
    known: dict[tuple[bytes, tuple[str, ...]], Strata] = field(default_factory=dict)

    @property
    def main_group(self) -> str:
        """The group that patterns, wants and schools rest on: lived, or everybody."""
        return LIVED if LIVED in self.groups else EVERYBODY

    @property
    def position_groups(self) -> tuple[str, ...]:
        """Groups whose view of a decision is shown: never pooled where there are several."""
        named = tuple(name for name in self.groups if name != EVERYBODY)
        return named or (EVERYBODY,)

    @property
    def contrast(self) -> tuple[str, str] | None:
        """The two groups whose gap is reported: designed minus lived."""
        both = DESIGNED in self.groups and LIVED in self.groups
        return (DESIGNED, LIVED) if both else None

    def answers(self, code: str) -> NDArray[np.int8]:
        """Everybody's answers to an item; not shown where the file has no such column."""
        if code in self.place:
            return self.responses.codes[:, self.place[code]]
        return np.full(self.responses.n, NOT_SHOWN, dtype=np.int8)

    def roles_asked(self, items: Collection[str]) -> tuple[str, ...]:
        """Roles that are asked at least one of these items, in the instrument's order."""
        every = self.instrument.roles or ("",)
        found = [self.instrument.item(code).roles or every for code in items]
        return tuple(role for role in every if any(role in roles for roles in found))

    def strata(self, group: Group, answered: Booleans, asked: Collection[str]) -> Strata:
        """Strata of a figure that rests on those of ``group`` who ``answered``."""
        people = group.people & answered
        roles = tuple(role for role in group.roles if role in asked)
        key = (people.tobytes(), roles)
        if key not in self.known:
            self.known[key] = strata(self.sampling, people, roles)
        return self.known[key]

    def schools(self, people: Booleans) -> NDArray[np.intp]:
        """The school of each of ``people``; the centre counts as one."""
        return self.sampling.school[self.sampling.cell[people]]


def item_limits(instrument: Instrument, item: Item) -> tuple[float, float]:
    """Lowest and highest option of a closed item."""
    options = instrument.response_scales[item.response].options
    return float(options[0]), float(options[-1])


def values(frame: Frame, items: Collection[str], *, reverse: bool = True) -> Floats:
    """Answers to ``items`` as numbers, shape (n, items); NaN where there is none.

    Reversed items are turned round (lowest + highest option - answer) where ``reverse``.
    """
    columns = []
    for code in items:
        item = frame.instrument.item(code)
        raw = frame.answers(code)
        x = np.where(raw >= 0, raw.astype(np.float64), np.nan)
        columns.append(
            sum(item_limits(frame.instrument, item)) - x if item.reverse and reverse else x
        )
    return np.column_stack(columns) if columns else np.empty((frame.responses.n, 0))
