"""Moments: the mergeable sufficient statistics that most estimators need instead of rows.

All sums are whole numbers, so two Moments of the same items add up exactly, in any order. Weighted
sums are not whole; they add up to rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.estimates import CannotEstimate, Result, Table

MissingRule = Literal["pairwise", "listwise"]
Matrix = NDArray[np.float64]
Whole = NDArray[np.int64]
Sums = NDArray[Any]

#: of the file that ``save`` writes; raise it when a field changes its meaning
SCHEMA = 1
_ARRAYS = ("pairs", "mass", "sums", "squares", "products")


@dataclass(frozen=True, eq=False)
class Moments(Result):
    """Counts, sums and cross-products of named items under one missing-data rule.

    Reversed items were turned round. ``a + b`` holds both sets of people. Without ``tables`` it can
    be handed on where each figure rests on many people; with them it holds small cells.

    Attributes
    ----------
    names : tuple of str
        The p items.
    options : tuple of tuple of int
        Each item's options in ascending order.
    rule : {"pairwise", "listwise"}
        Pairwise: every pair rests on the people who answered both. Listwise: all rest on the people
        who answered every item.
    people : int
        Rows seen.
    n : int
        Rows used: with an answer to at least one item (pairwise) or to all (listwise).
    pairs : ndarray of int64, shape (p, p)
        People who answered both items; the diagonal holds each item's own n.
    mass : ndarray, shape (p, p)
        The sum of their weights; ``pairs`` where there are none.
    sums, squares : ndarray, shape (p, p)
        Row i, column j: the sum of item i (of its squares) over the people of ``pairs[i, j]``.
    products : ndarray, shape (p, p)
        Sums of products over the people of ``pairs``.
    tables : ndarray, shape (p, k, p, k), or None
        ``tables[i, a, j, b]``: people with option a of item i and b of item j, as places in
        ``options``, k the most options; zero beyond an item's own. ``tables[i, a, i, a]`` counts
        the option.
    weight_sum, weight_squares : float
        Sums over the people used of their weights and of their squares; n where there are none.
    """

    names: tuple[str, ...]
    options: tuple[tuple[int, ...], ...]
    rule: MissingRule
    people: int
    n: int
    pairs: Whole
    mass: Sums
    sums: Sums
    squares: Sums
    products: Sums
    tables: Sums | None
    weight_sum: float
    weight_squares: float

    def __add__(self, other: "Moments") -> "Moments":
        """The Moments of both sets of people together; order and grouping do not matter.

        Raises
        ------
        ValueError
            Where items, options or missing-data rule differ, or only one has tables.
        """
        if not isinstance(other, Moments):
            return NotImplemented
        for what in ("names", "options", "rule"):
            if getattr(self, what) != getattr(other, what):
                raise ValueError(f"Moments with different {what} do not add up")
        if (self.tables is None) != (other.tables is None):
            raise ValueError("Moments with and without tables do not add up")
        both = {
            each.name: getattr(self, each.name) + getattr(other, each.name)
            for each in fields(self)
            if each.name not in ("names", "options", "rule", "tables")
        }
        tables = None if self.tables is None else self.tables + other.tables
        return Moments(self.names, self.options, self.rule, tables=tables, **both)

    @property
    def weighted(self) -> bool:
        """Whether people count by weights."""
        return bool(self.mass.dtype != np.int64)

    @property
    def counts(self) -> Sums:
        """Answers per option, shape (p, most options); zero beyond an item's own options."""
        p, k = len(self.names), self.with_tables().shape[1]
        item, option = np.arange(p)[:, None], np.arange(k)[None, :]
        return np.asarray(self.with_tables()[item, option, item, option])

    @property
    def smallest_n(self) -> int:
        """People behind the pair that fewest answered (behind the item, where there is one)."""
        return int(_off_diagonal(self.pairs).min())

    @property
    def largest_n(self) -> int:
        """People behind the pair that most answered."""
        return int(_off_diagonal(self.pairs).max())

    @property
    def effective(self) -> float:
        """Share of n that weighted people are worth: (sum w)^2 / (n sum w^2), after Kish."""
        if not self.weighted or self.n == 0:
            return 1.0
        return self.weight_sum**2 / (self.n * self.weight_squares)

    def worth(self, people: int) -> int:
        """So many people as these are worth by their weights; all of them without weights."""
        return int(people * self.effective + 1e-9)

    def with_tables(self) -> Sums:
        """The tables, or ``ValueError`` where these Moments were made without."""
        if self.tables is None:
            raise ValueError("these Moments hold no tables; make them with tables=True")
        return self.tables

    def take(self, names: Sequence[str]) -> "Moments":
        """The Moments of some of the items, in the order asked for; people stay the same.

        With rule listwise they still rest on the people who answered all items.
        """
        place = [self.names.index(name) for name in names]
        block = np.ix_(place, place)
        return replace(
            self,
            names=tuple(names),
            options=tuple(self.options[k] for k in place),
            tables=None if self.tables is None else self.tables[place][:, :, place],
            **{what: getattr(self, what)[block] for what in _ARRAYS},
        )

    def means(self) -> Matrix:
        """Item means, shape (p,), each over the people who answered the item."""
        self._require_answers()
        return np.asarray(np.diag(self.sums) / np.diag(self.mass), dtype=np.float64)

    def covariances(self) -> Matrix:
        """Covariances, shape (p, p), divided by n - 1.

        Agrees with R's ``cov(x, use = "pairwise")`` or ``cov(na.omit(x))`` by rule. With weights,
        as ``cov.wt(x, w, method = "ML")$cov * n / (n - 1)``.

        Raises
        ------
        CannotEstimate
            Where a pair of items was answered by fewer than two people.
        """
        self._require_pairs()
        centred = self.products - self.sums * (self.sums.T / self.mass)
        return np.asarray(centred / self.mass * (self.pairs / (self.pairs - 1)), dtype=np.float64)

    def correlations(self) -> Matrix:
        """Pearson correlations, shape (p, p), with 1 on the diagonal.

        Each uses the standard deviations of its own pair's people, as R's
        ``cor(x, use = "pairwise")`` does; with rule listwise this is ``cor(na.omit(x))``.

        Raises
        ------
        CannotEstimate
            Where an item is constant, or a pair was answered by fewer than two people, or one item
            is constant among the people of a pair.
        """
        self._require_pairs()
        spread = self.squares - self.sums * (self.sums / self.mass)
        flat = spread <= 1e-9 * (1 + self.squares)
        constant = [name for name, same in zip(self.names, np.diag(flat), strict=True) if same]
        if constant:
            raise CannotEstimate(f"everybody gave the same answer to {', '.join(constant)}")
        if flat.any():
            first, second = (self.names[k] for k in np.argwhere(flat)[0])
            raise CannotEstimate(
                f"those who answered both {first} and {second} all gave the same answer to {first}"
            )
        centred = self.products - self.sums * (self.sums.T / self.mass)
        correlations = np.asarray(centred / np.sqrt(spread * spread.T), dtype=np.float64)
        correlations = np.clip((correlations + correlations.T) / 2, -1.0, 1.0)
        np.fill_diagonal(correlations, 1.0)
        return correlations

    def table(self) -> Table:
        """Each item's n, mean and standard deviation, as far as there are answers."""
        rows = []
        for k, (name, n) in enumerate(zip(self.names, np.diag(self.pairs).tolist(), strict=True)):
            mass, total, squares = (own[k, k] for own in (self.mass, self.sums, self.squares))
            mean = float(total / mass) if n else None
            spread = (squares - total * (total / mass)) / mass * (n / (n - 1)) if n > 1 else None
            rows.append((name, n, mean, None if spread is None else float(max(spread, 0.0)) ** 0.5))
        return Table(("item", "n", "mean", "sd"), tuple(rows))

    def save(self, file: Path | IO[bytes]) -> None:
        """Write everything to a file that ``load`` reads, in any later release or with a reason."""
        arrays = {each.name: getattr(self, each.name) for each in fields(self)}
        arrays["options"] = np.array([len(each) for each in self.options])
        arrays["option"] = np.concatenate([np.array(each) for each in self.options])
        if self.tables is None:
            del arrays["tables"]
        np.savez_compressed(file, allow_pickle=False, schema=np.array(SCHEMA), **arrays)

    def _require_answers(self) -> None:
        none = [n for n, own in zip(self.names, np.diag(self.pairs), strict=True) if own < 1]
        if none:
            raise CannotEstimate(f"nobody answered {', '.join(none)}")

    def _require_pairs(self) -> None:
        few = np.argwhere(self.pairs < 2)
        if few.size:
            first, second = (self.names[k] for k in few[0])
            both = first if first == second else f"both {first} and {second}"
            raise CannotEstimate(f"fewer than two people answered {both}")


def load(file: Path | IO[bytes]) -> Moments:
    """Moments that ``save`` wrote.

    Parameters
    ----------
    file : Path or file opened for reading bytes

    Returns
    -------
    Moments

    Raises
    ------
    ValueError
        Where the file is none of ours or was written under another schema.
    """
    try:
        with np.load(file, allow_pickle=False) as found:
            held = dict(found)
    except (OSError, ValueError, EOFError) as trouble:
        raise ValueError(f"{file} holds no Moments ({trouble})") from trouble
    schema = int(held.pop("schema", np.array(0)))
    if schema != SCHEMA:
        raise ValueError(f"{file} holds Moments of schema {schema}; this release reads {SCHEMA}")
    ends = np.cumsum(held["options"])[:-1]
    options = tuple(tuple(each.tolist()) for each in np.split(held["option"], ends))
    rule: Any = str(held["rule"])
    return Moments(
        names=tuple(held["names"].tolist()),
        options=options,
        rule=rule,
        people=int(held["people"]),
        n=int(held["n"]),
        tables=held.get("tables"),
        weight_sum=float(held["weight_sum"]),
        weight_squares=float(held["weight_squares"]),
        **{what: held[what] for what in _ARRAYS},
    )


def _off_diagonal(matrix: Whole) -> Whole:
    if len(matrix) == 1:
        return np.diag(matrix)
    return matrix[~np.eye(len(matrix), dtype=bool)]
