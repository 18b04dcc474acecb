"""Which cells of a model's matrices are free, fixed, or one parameter together."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.model import Model, Term

Matrix = NDArray[np.float64]
Whole = NDArray[np.int64]
Identify = Literal["variance", "marker"]

#: the matrices: item on factor, factor on factor, factor (co)variances, residual (co)variances,
#: item intercepts, factor means, item thresholds
LOADING, PATH, LATENT, RESIDUAL, INTERCEPT, MEAN, THRESHOLD = range(7)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is laid over groups.

    Attributes
    ----------
    groups : int
    means : bool
        Whether intercepts and factor means are modelled.
    identify : {"variance", "marker"}
        Factor variances are 1, or each factor's first loading is.
    equal : frozenset of str
        What groups share: loadings, intercepts, residuals, thresholds.
    released : frozenset of (str, str)
        (what, item) that groups do not share after all.
    thresholds : tuple of int
        Thresholds an item; empty for continuous items.
    delta : bool
        Ordinal items: scaled so that the latent answer has variance 1, not its residual.
    """

    groups: int = 1
    means: bool = False
    identify: Identify = "variance"
    equal: frozenset[str] = frozenset()
    released: frozenset[tuple[str, str]] = frozenset()
    thresholds: tuple[int, ...] = ()
    delta: bool = False

    def shares(self, what: str, item: str) -> bool:
        """Whether groups have one value of something of an item."""
        if ("thresholds", item) in self.released:
            return False  # without a common scale of answers nothing of the item compares
        return what in self.equal and (what, item) not in self.released


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that is named in the output: free where ``key`` is, else fixed at ``value``."""

    kind: int
    row: int
    col: int
    group: int
    lhs: str
    op: str
    rhs: str
    value: float
    key: str = ""
    label: str = ""

    @property
    def name(self) -> str:
        """As it is written, e.g. ``A =~ A1``."""
        return f"{self.lhs} {self.op} {self.rhs}".strip()


@dataclass(frozen=True, eq=False)
class Block:
    """One group's matrices with fixed values, and where the free cells are.

    ``kind``, ``row``, ``col`` and ``param`` have one entry a free cell; ``param`` is its place in
    the vector of parameters. With ``delta``, residual variances are what loadings leave of 1.
    """

    templates: tuple[Matrix, ...]
    kind: Whole
    row: Whole
    col: Whole
    param: Whole
    places: tuple[Whole, ...] = field(repr=False)
    delta: bool = False

    def fill(self, x: Matrix) -> tuple[Matrix, ...]:
        """The matrices at parameters ``x``."""
        filled = []
        for kind, template in enumerate(self.templates):
            own = self.places[kind]
            matrix = template.astype(x.dtype)
            if len(own):
                rows, cols, values = self.row[own], self.col[own], x[self.param[own]]
                matrix[rows, cols] = values
                if kind in (LATENT, RESIDUAL):
                    matrix[cols, rows] = values
            filled.append(matrix)
        return tuple(filled)


@dataclass(frozen=True, eq=False)
class Layout:
    """A model laid over groups: all named cells, and per group the free ones by parameter."""

    model: Model
    plan: Plan
    cells: tuple[Cell, ...]
    keys: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.keys)

    def name(self, param: int) -> str:
        """A parameter as it is written, e.g. ``A =~ A1``."""
        return next(cell.name for cell in self.cells if cell.key == self.keys[param])


def lay_out(model: Model, plan: Plan) -> Layout:
    """Lay a model over the groups of a plan."""
    if plan.identify not in get_args(Identify):
        raise ValueError(f"identify must be 'variance' or 'marker', not {plan.identify!r}")
    cells = tuple(cell for group in range(plan.groups) for cell in _cells(model, plan, group))
    cells = _held(cells)
    keys = tuple(dict.fromkeys(cell.key for cell in cells if cell.key))
    position = {key: k for k, key in enumerate(keys)}
    blocks = tuple(
        _block(model, plan, [cell for cell in cells if cell.group == group], position)
        for group in range(plan.groups)
    )
    return Layout(model, plan, cells, keys, blocks)


def _held(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Cells with the label of a fixed one are fixed with it, as lavaan has it."""
    at = {cell.label: cell.value for cell in cells if cell.label and not cell.key}
    return tuple(
        replace(cell, key="", value=at[cell.label]) if cell.label in at else cell for cell in cells
    )


def _cells(model: Model, plan: Plan, group: int) -> Iterator[Cell]:
    item = {name: k for k, name in enumerate(model.items)}
    factor = {name: k for k, name in enumerate(model.factors)}
    written = {_pair(term) for term in model.terms if term.op == "~~"}
    led: set[str] = set()

    def cell(
        kind: int, row: int, col: int, term: Term, fixed: float | None, *, shared: bool
    ) -> Cell:
        value = term.value if term.value is not None else None if term.freed else fixed
        place = f"{kind}.{row}.{col}" + ("" if shared else f".{group}")
        key = "" if value is not None else term.label or place
        return Cell(
            kind, row, col, group, term.lhs, term.op, term.rhs, value or 0.0, key, term.label
        )

    for term in model.terms:
        if term.op == "=~":
            kind, rows = (LOADING, item) if term.rhs in item else (PATH, factor)
            first = plan.identify == "marker" and term.lhs not in led
            led.add(term.lhs)
            shared = plan.shares("loadings", term.rhs)
            fixed = 1.0 if first else None
            yield cell(kind, rows[term.rhs], factor[term.lhs], term, fixed, shared=shared)
    below = {term.rhs for term in model.terms if term.op == "=~"}
    outer = [name for name in model.factors if name not in below]
    for term in (*model.terms, *_defaults(model, outer, written)):
        if term.op == "=~":
            continue
        shared, fixed = False, None
        of_items = term.lhs in item
        if term.lhs == term.rhs and of_items:
            shared, fixed = _residual(plan, term.lhs, item[term.lhs], group)
        elif of_items:
            shared = False  # as lavaan: equal residuals are equal variances
        elif term.lhs == term.rhs and plan.identify == "variance":
            fixed = None if group and "loadings" in plan.equal else 1.0
        place, kind = (item, RESIDUAL) if of_items else (factor, LATENT)
        row, col = sorted((place[term.lhs], place[term.rhs]), reverse=True)
        yield cell(kind, row, col, term, fixed, shared=shared)
    if plan.means or plan.thresholds:
        yield from _mean_cells(model, plan, group, outer)


def _pair(term: Term) -> tuple[str, ...]:
    return tuple(sorted((term.lhs, term.rhs)))


def _defaults(model: Model, outer: list[str], written: set[tuple[str, ...]]) -> Iterator[Term]:
    """Variances, and covariances of the outermost factors, that nobody wrote."""
    for name in (*model.items, *model.factors):
        if (name, name) not in written:
            yield Term(name, "~~", name)
    if not model.orthogonal:
        for k, one in enumerate(outer):
            for other in outer[k + 1 :]:
                if tuple(sorted((one, other))) not in written:
                    yield Term(one, "~~", other)


def _residual(plan: Plan, item: str, k: int, group: int) -> tuple[bool, float | None]:
    """(shared over groups, fixed value) of an item's residual variance."""
    if not plan.thresholds:
        return plan.shares("residuals", item), None
    # two common thresholds or more set the unit of an item's latent answer; one does not
    has_unit = plan.thresholds[k] >= 2 and plan.shares("thresholds", item)
    return False, None if group and has_unit and not plan.shares("residuals", item) else 1.0


def _mean_cells(model: Model, plan: Plan, group: int, outer: list[str]) -> Iterator[Cell]:
    def cell(
        kind: int, row: int, col: int, names: tuple[str, str, str], free: bool, own: bool
    ) -> Cell:
        key = f"{kind}.{row}.{col}" + (f".{group}" if own else "") if free else ""
        return Cell(kind, row, col, group, *names, 0.0, key)

    for k, item in enumerate(model.items):
        shared = plan.shares("intercepts", item)
        free = True
        if plan.thresholds:
            free = bool(group) and plan.shares("thresholds", item) and not shared
            common = plan.shares("thresholds", item)
            for t in range(plan.thresholds[k]):
                names = (item, "|", f"t{t + 1}")
                yield cell(THRESHOLD, k, t, names, True, not common)
        if plan.means or free:
            yield cell(INTERCEPT, k, 0, (item, "~", "1"), free, not shared)
    for k, factor in enumerate(model.factors):
        if plan.means:
            free = bool(group) and "intercepts" in plan.equal and factor in outer
            yield cell(MEAN, k, 0, (factor, "~", "1"), free, True)


def _block(model: Model, plan: Plan, cells: list[Cell], position: dict[str, int]) -> Block:
    p, m = len(model.items), len(model.factors)
    width = max(plan.thresholds, default=0)
    shapes = ((p, m), (m, m), (m, m), (p, p), (p, 1), (m, 1), (p, width))
    templates = tuple(np.zeros(shape) for shape in shapes)
    for cell in cells:
        if not cell.key:
            templates[cell.kind][cell.row, cell.col] = cell.value
            if cell.kind in (LATENT, RESIDUAL):
                templates[cell.kind][cell.col, cell.row] = cell.value
    free = [cell for cell in cells if cell.key]
    kind, row, col = (
        np.array([getattr(cell, name) for cell in free], dtype=np.int64)
        for name in ("kind", "row", "col")
    )
    param = np.array([position[cell.key] for cell in free], dtype=np.int64)
    places = tuple(np.flatnonzero(kind == k) for k in range(7))
    return Block(templates, kind, row, col, param, places, plan.delta)
