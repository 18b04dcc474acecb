"""What stands in a validation report: ready values, in words and figures to print.

A template or chart draws these values as they are. Shares of answers have passed
``reports.disclosure``. Where a figure cannot be estimated, its ``Figure`` holds the reason, and the
letter under which a table too narrow for it prints the reason below.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure to print, or the reason why there is none."""

    text: str = ""
    reason: str = ""
    #: letter of the note below the table that gives the reason
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A reason printed below a table, with the letter that stands in the cells."""

    letter: str
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a plain table."""

    name: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A plain table; the first column names the row."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a list of facts."""

    name: str
    value: str


# Identity


@dataclass(frozen=True, slots=True)
class Identity:
    """What the report is about. Stands on the title page, in the running head and foot."""

    title: str
    instrument: str
    slug: str
    instrument_version: str
    #: "Harbour Reach Schools Trust", or "" where no round is known
    organisation: str
    #: "4 to 22 May 2026", or ""
    window: str
    #: first twelve hex digits in groups of four; "" where unknown
    fingerprint: str
    fingerprint_full: str
    #: "Simulated data", or "" where people answered
    simulated: str
    locale: str
    stage: int
    #: "draft items: wording agreed, not yet tried with staff; every figure is a trial"
    stage_words: str
    foot: str


# Sample and flow


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One step from invited to analysed; ``count`` None where the number is not known."""

    name: str
    count: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Who answered, who was left out, what is missing."""

    steps: tuple[FlowStep, ...]
    flow_alt: str
    sentences: tuple[str, ...]
    #: response by role, in bands; None where there is no roster or there are no roles
    roles: Table | None
    missing: Table


# Items


@dataclass(frozen=True, slots=True)
class Share:
    """A share as printed and as drawn (percent)."""

    text: str
    drawn: float


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item: how it was answered and how it sits in its scale."""

    code: str
    text: str
    n: str
    #: one an option, or the sentence that stands in their place
    shares: tuple[Share, ...] | str
    shares_alt: str
    mean: Figure
    sd: Figure
    cant_tell: Figure
    item_rest: Figure
    alpha_if_dropped: Figure
    #: "floor", "ceiling" or ""
    at_an_end: str


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """The items of one scale, or of none."""

    code: str
    name: str
    #: whether its items are set beside the rest of a scale
    is_scale: bool
    rows: tuple[ItemRow, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """All items, those of scales with item statistics first."""

    groups: tuple[ItemGroup, ...]
    #: percentage of a full bar
    top: float
    #: whether anybody could say that they could not tell
    has_cant_tell: bool
    #: most options of an item, for the width of the bars
    options: int
    notes: tuple[Note, ...]
    legend: tuple[str, ...]


# Reliability


@dataclass(frozen=True, slots=True)
class ReliabilityRow:
    """One scale. ``omega`` is Spearman-Brown where ``is_spearman_brown``."""

    code: str
    name: str
    items: str
    n: str
    omega: Figure
    #: ".80–.84"
    omega_interval: str
    #: value, low, high for the strip; None where it is not estimated
    drawn: tuple[float, float, float] | None
    strip_alt: str
    is_spearman_brown: bool
    alpha: Figure
    alpha_interval: str
    alpha_standardised: Figure
    average_r: Figure


@dataclass(frozen=True, slots=True)
class Reliability:
    """Reliability of every reflective scale."""

    rows: tuple[ReliabilityRow, ...]
    notes: tuple[Note, ...]
    sentences: tuple[str, ...]
    #: scales that stand in no table, and why
    left_out: str


# Number of factors


@dataclass(frozen=True, slots=True)
class Scree:
    """What the scree draws, and its words."""

    observed: tuple[float, ...]
    random: tuple[float, ...]
    retain: int
    above: str
    below: str
    #: what the marks mean
    key: str
    alt: str


@dataclass(frozen=True, slots=True)
class NumberOfFactors:
    """How many factors the answers support."""

    basis: str
    adequacy: tuple[Fact, ...]
    kmo_items: Table | None
    scree: Scree | None
    #: stands in the place of the scree
    scree_reason: str
    reading: tuple[str, ...]
    #: eigenvalues and MAP in blocks of so many columns that they fit the page
    values: tuple[Table, ...]
    values_note: str


# Structure


@dataclass(frozen=True, slots=True)
class Loading:
    """One cell of the loadings; ``tint`` 0 below .20, 1 to .39, 2 to .59, 3 from .60."""

    text: str
    tint: Literal[0, 1, 2, 3]


@dataclass(frozen=True, slots=True)
class LoadingRow:
    """One item; ``starts_scale`` draws the rule above it."""

    code: str
    text: str
    cells: tuple[Loading, ...]
    communality: str
    uniqueness: str
    starts_scale: bool


@dataclass(frozen=True, slots=True)
class FactorHead:
    """Head of a factor's column: "F1", and the scale that it carries, if one."""

    name: str
    scale: str


@dataclass(frozen=True, slots=True)
class Structure:
    """The exploratory solution; ``reason`` stands in its place where there is none."""

    reason: str = ""
    basis: str = ""
    factors: tuple[FactorHead, ...] = ()
    rows: tuple[LoadingRow, ...] = ()
    correlations: Table | None = None
    fit: Table | None = None
    holds: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()


# Marks and methods


@dataclass(frozen=True, slots=True)
class MarkCell:
    """A figure beside its mark; ``fails`` prints it in bold behind a cross."""

    text: str
    fails: bool


@dataclass(frozen=True, slots=True)
class MarkRow:
    """An item with at least one figure on the wrong side of its mark."""

    code: str
    text: str
    scale: str
    cells: tuple[MarkCell, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """Which items and scales lie on the wrong side of which mark."""

    sentence: str
    columns: tuple[str, ...]
    rows: tuple[MarkRow, ...]
    #: what an empty mark means, mark by mark
    legend: str
    scales: Table | None
    conventions: Table


@dataclass(frozen=True, slots=True)
class Methods:
    """How every figure was made, and how to make it again."""

    figures: Table
    disclosure: tuple[str, ...]
    commands: tuple[str, ...]
    versions: tuple[Fact, ...]
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Validation:
    """Everything that the validation report prints."""

    identity: Identity
    facts: tuple[Fact, ...]
    claims: tuple[str, ...]
    #: what the answers show, in a few sentences
    findings: tuple[str, ...]
    #: plain sentences that a reader must know before any figure
    notices: tuple[str, ...]
    sample: Sample
    items: Items
    reliability: Reliability
    number_of_factors: NumberOfFactors
    structure: Structure
    marks: Marks
    methods: Methods
