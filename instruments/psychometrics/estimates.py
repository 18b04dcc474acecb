"""Frozen results: every figure with its interval, its n and its method; or the reason why not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
P = ParamSpec("P")


class CannotEstimate(ValueError):
    """A figure that the data do not support; the message is the reason, for a reader."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads, the first cell of a row its name."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Result:
    """What an estimator returns: prints as a table, converts to a DataFrame and to JSON."""

    __slots__ = ()

    def table(self) -> Table:
        """The figures as rows; a field a row unless a result knows better."""
        rows: list[tuple[Any, ...]] = []
        for each in fields(self):  # type: ignore[arg-type]
            value = getattr(self, each.name)
            if isinstance(value, Estimate):
                rows.append((each.name, value.value, value.low, value.high, value.n))
            elif isinstance(value, NotEstimated | bool | int | float | str):
                rows.append((each.name, value, None, None, None))
        if all(row[-1] is None for row in rows):  # nothing has an interval
            return Table(("figure", "value"), tuple(row[:2] for row in rows))
        return Table(("figure", "value", "low", "high", "n"), tuple(rows))

    def notes(self) -> tuple[str, ...]:
        """What is said under the table: how each figure was had."""
        named = ((each.name, getattr(self, each.name)) for each in fields(self))  # type: ignore[arg-type]
        return tuple(f"{name}: {one.method}" for name, one in named if isinstance(one, Estimate))

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for ``json.dumps``; arrays become lists."""
        found = plain(self)
        return dict(found)

    def to_frame(self) -> "pd.DataFrame":
        """The table as a DataFrame, its first column the index.

        An estimate takes columns for its limits and n; where there is none, a column says why.
        """
        import pandas as pd

        table = self.table()
        columns: dict[str, Sequence[Any]] = {}
        for head, cells in zip(table.heads, zip(*table.rows, strict=True), strict=True):
            columns |= _columns(head, cells)
        return pd.DataFrame(columns, columns=None if table.rows else list(table.heads)).set_index(
            table.heads[0]
        )

    def __str__(self) -> str:
        table = self.table()
        reasons = [
            f"{row[0]}: not estimated, {cell.reason}"
            for row in table.rows
            for cell in row
            if isinstance(cell, NotEstimated)
        ]
        notes = [*reasons, *self.notes()]
        return "\n".join([_printed(table), *([""] if notes else []), *notes])


@dataclass(frozen=True, slots=True)
class Estimate(Result):
    """A figure with its interval.

    Attributes
    ----------
    value, low, high : float
        The estimate and the limits of its interval.
    n : int
        People it rests on.
    method : str
        Estimator, interval and missing-data rule, e.g. "omega total, one-factor minres, listwise".
    """

    value: float
    low: float
    high: float
    n: int
    method: str

    def table(self) -> Table:
        heads = ("method", "value", "low", "high", "n")
        return Table(heads, ((self.method, self.value, self.low, self.high, self.n),))

    def notes(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class NotEstimated:
    """Stands where a figure would, with the reason why there is none."""

    reason: str


def or_reason(estimate: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | NotEstimated:
    """What ``estimate`` returns, or its reason why not.

    Returns
    -------
    object or NotEstimated
    """
    try:
        return estimate(*args, **kwargs)
    except CannotEstimate as reason:
        return NotEstimated(str(reason))


def plain(value: Any) -> Any:
    """A result as values that JSON knows; a figure that there is none of gives its reason."""
    if isinstance(value, NotEstimated):
        return {"not_estimated": value.reason}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def listed(table: Table) -> tuple[str, ...]:
    """A table as lines of text, for notes."""
    return tuple(_printed(table).split("\n"))


def _printed(table: Table) -> str:
    return aligned([table.heads, *(tuple(map(_cell, row)) for row in table.rows)])


def _columns(head: str, cells: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """One column of a table as columns of a DataFrame."""
    missing = [each.reason if isinstance(each, NotEstimated) else None for each in cells]
    place = "reason" if head == "value" else f"{head} reason"
    reasons: dict[str, Sequence[Any]] = {place: missing} if any(missing) else {}
    if any(isinstance(each, Estimate) for each in cells):
        name = head.removesuffix(" [interval]")
        parts = {name: "value", "low": "low", "high": "high", "n": "n"}
        return {
            column: [getattr(each, part, np.nan) for each in cells]
            for column, part in parts.items()
        } | reasons
    found = [np.nan if isinstance(each, NotEstimated | None) else each for each in cells]
    return {head: found} | reasons


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as text, first column to the left, others to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _cell(value: Any) -> str:
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    if isinstance(value, float | np.floating):
        size = abs(float(value))
        return f"{value:.1e}" if 0 < size < 0.0005 else f"{value:.3f}"
    if isinstance(value, NotEstimated):
        return "-"  # the reason stands under the table
    if isinstance(value, Estimate):
        return f"{value.value:.3f} [{value.low:.3f}, {value.high:.3f}]"
    return "" if value is None else str(value)
