"""What a confirmatory model says: written in lavaan's syntax, or made from an instrument's scales.

Nothing here estimates; :func:`parse` and :func:`from_scales` give a :class:`Model`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Structure = Literal["correlated", "uncorrelated", "one", "second-order", "bifactor"]
Operator = Literal["=~", "~~"]

NAME = re.compile(r"[A-Za-z_.][\w.]*")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Term:
    """One line of a model: ``lhs =~ rhs`` (is measured by) or ``lhs ~~ rhs`` (varies with).

    Attributes
    ----------
    value : float or None
        What the parameter is fixed at.
    freed : bool
        Written ``NA*``: estimated even where it would be fixed by default.
    label : str
        Terms of one label are one parameter; empty where there is none.
    """

    lhs: str
    op: Operator
    rhs: str
    value: float | None = None
    freed: bool = False
    label: str = ""

    def __str__(self) -> str:
        return f"{self.lhs} {self.op} {self.rhs}"


@dataclass(frozen=True, slots=True)
class Model:
    """A measurement model.

    Attributes
    ----------
    items, factors : tuple of str
        In the order in which they are first named.
    terms : tuple of Term
        What was written, without what is added by default.
    orthogonal : bool
        Factors do not correlate unless a term says so.
    """

    items: tuple[str, ...]
    factors: tuple[str, ...]
    terms: tuple[Term, ...]
    orthogonal: bool = False

    def measured_by(self, factor: str) -> tuple[str, ...]:
        """The items, or lower factors, that load on a factor."""
        return tuple(t.rhs for t in self.terms if t.op == "=~" and t.lhs == factor)


def parse(text: str, *, orthogonal: bool = False) -> Model:
    """The model that a text in lavaan's syntax describes.

    Parameters
    ----------
    text : str
        Lines (or parts between semicolons) such as ``A =~ NA*x1 + l*x2 + x3``, ``x1 ~~ x2``,
        ``A ~~ 1*A``. ``#`` and ``!`` start a comment; a line that ends or begins with ``+`` goes
        on. ``NA*`` frees, a number fixes, a name labels; one label, one parameter.
    orthogonal : bool
        Factors do not correlate unless a line says so.

    Raises
    ------
    ValueError
        Where a line cannot be read, an item has no factor, or a factor measures itself.

    Examples
    --------
    >>> parse("warmth =~ w1 + w2 + w3").items
    ('w1', 'w2', 'w3')
    """
    terms: dict[tuple[str, str, str], Term] = {}
    for number, statement in _statements(text):
        for term in _read(number, statement):
            key = _key(term)
            terms[key] = _together(number, terms.get(key), term)
    return _checked(tuple(terms.values()), orthogonal)


def from_scales(
    scales: Mapping[str, Sequence[str]],
    structure: Structure = "correlated",
    *,
    general: str = "general",
) -> Model:
    """The model of an instrument whose scales are factors.

    Parameters
    ----------
    scales : mapping of str to sequence of str
        Scale -> its items.
    structure : {"correlated", "uncorrelated", "one", "second-order", "bifactor"}
        ``one``: all items on one factor. ``second-order``: the scales load on one factor.
        ``bifactor``: every item loads on one factor and on its scale, and none of these correlate.
    general : str
        Name of the factor above or beside the scales.

    Raises
    ------
    ValueError
        Where there are no scales, or a structure of another name.
    """
    if not scales or not all(scales.values()):
        raise ValueError("scales must be at least one, each with an item")
    lines = [f"{name} =~ {' + '.join(items)}" for name, items in scales.items()]
    everything = " + ".join(dict.fromkeys(item for items in scales.values() for item in items))
    if structure == "one":
        lines = [f"{general} =~ {everything}"]
    elif structure == "second-order":
        lines.append(f"{general} =~ {' + '.join(scales)}")
    elif structure == "bifactor":
        lines.insert(0, f"{general} =~ {everything}")
    elif structure not in ("correlated", "uncorrelated"):
        raise ValueError(f"structure {structure!r} is unknown")
    return parse("\n".join(lines), orthogonal=structure in ("uncorrelated", "bifactor"))


def written(
    model: "str | Model | Mapping[str, Sequence[str]]", structure: Structure = "correlated"
) -> Model:
    """The model, however it is given: as such, in lavaan's syntax, or as scales."""
    if isinstance(model, Model | str):
        if structure != "correlated":
            raise ValueError("structure is of a model made from scales; write it into the model")
        return parse(model) if isinstance(model, str) else model
    if not isinstance(model, Mapping):
        raise TypeError("model must be text in lavaan's syntax, scale -> items, or a Model")
    return from_scales(model, structure)


def _key(term: Term) -> tuple[str, str, str]:
    one, other = term.lhs, term.rhs
    return (term.op, *((one, other) if term.op == "=~" or one <= other else (other, one)))


def _statements(text: str) -> list[tuple[int, str]]:
    """(line number, statement) with comments gone and continued lines joined."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        for part in re.split(r"[#!]", line, maxsplit=1)[0].split(";"):
            part = part.strip()
            if not part:
                continue
            goes_on = found and (part.startswith("+") or re.search(r"(\+|~|\*)$", found[-1][1]))
            if goes_on:
                found[-1] = (found[-1][0], f"{found[-1][1]} {part}")
            else:
                found.append((number, part))
    if not found:
        raise ValueError("the model is empty: write a line such as 'factor =~ item1 + item2'")
    return found


def _read(number: int, statement: str) -> list[Term]:
    match = re.fullmatch(r"(.*?)\s*(=~|~~)\s*(.*)", statement)
    if match is None:
        raise ValueError(f"line {number}: {statement!r} has neither =~ nor ~~; {_hint(statement)}")
    left, op, right = match.groups()
    names = [name.strip() for name in left.split("+")]
    for name in names:
        if not NAME.fullmatch(name):
            raise ValueError(f"line {number}: {name!r} is no name of a factor or item")
    found = []
    for part in right.split("+"):
        *modifiers, rhs = (piece.strip() for piece in part.split("*"))
        if not NAME.fullmatch(rhs):
            raise ValueError(f"line {number}: {part.strip()!r} is no item, or modifier*item")
        for lhs in names:
            term = Term(lhs, "=~" if op == "=~" else "~~", rhs)
            for modifier in modifiers:
                term = _together(number, term, _modified(number, term, modifier))
            found.append(term)
    return found


def _hint(statement: str) -> str:
    if "==" in statement:
        return "give parameters that are equal the same label"
    if "~" in statement:
        return "regressions and intercepts are not part of a measurement model"
    return "write 'factor =~ item1 + item2'"


def _modified(number: int, term: Term, modifier: str) -> Term:
    plain = Term(term.lhs, term.op, term.rhs)
    if modifier == "NA":
        return replace(plain, freed=True)
    if NUMBER.fullmatch(modifier):
        return replace(plain, value=float(modifier))
    if NAME.fullmatch(modifier):
        return replace(plain, label=modifier)
    raise ValueError(
        f"line {number}: {modifier!r} before {term.rhs} is neither NA, a number nor a label"
    )


def _together(number: int, one: Term | None, other: Term) -> Term:
    """Two writings of one term as one."""
    if one is None:
        return other
    if None not in (one.value, other.value) and one.value != other.value:
        raise ValueError(f"line {number}: {one} is fixed twice, at {one.value} and {other.value}")
    if one.label and other.label and one.label != other.label:
        raise ValueError(f"line {number}: {one} has two labels, {one.label} and {other.label}")
    value = one.value if other.value is None else other.value
    freed = one.freed or other.freed
    if freed and value is not None:
        raise ValueError(f"line {number}: {one} is both freed and fixed")
    return replace(one, value=value, freed=freed, label=one.label or other.label)


def _checked(terms: tuple[Term, ...], orthogonal: bool) -> Model:
    loadings = [term for term in terms if term.op == "=~"]
    if not loadings:
        raise ValueError("the model has no factor: write a line such as 'factor =~ item1 + item2'")
    factors = tuple(dict.fromkeys(term.lhs for term in loadings))
    items = tuple(dict.fromkeys(term.rhs for term in loadings if term.rhs not in factors))
    above = {f: {t.rhs for t in loadings if t.lhs == f and t.rhs in factors} for f in factors}
    for factor in factors:
        seen: set[str] = set()
        below = set(above[factor])
        while below:
            seen |= below
            below = {low for name in below for low in above[name]} - seen
        if factor in seen:
            raise ValueError(f"factor {factor} measures itself")
    known = {*factors, *items}
    for term in terms:
        for name in (term.lhs, term.rhs):
            if name not in known:
                raise ValueError(f"{term}: no factor is measured by {name}")
        if term.op == "~~" and (term.lhs in factors) != (term.rhs in factors):
            raise ValueError(f"{term}: an item's residual cannot vary with a factor")
    return Model(items, factors, terms, orthogonal)
