"""What scoring finds: frozen results that reports turn into words and pictures.

Nothing here is suppressed or rounded: these values are for ``reports.disclosure`` and for a
cleared researcher, never for a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from instruments.cells import Cells
from instruments.psychometrics.agreement import Agreement
from instruments.psychometrics.estimates import Estimate, NotEstimated

#: informant group that holds everybody who was asked
EVERYBODY = "everybody"
#: informant groups with a meaning of their own: those who live with the design, and those whose
#: design it is. An instrument that names neither is read through EVERYBODY.
LIVED = "lived"
DESIGNED = "designed"


@dataclass(frozen=True, slots=True)
class Band:
    """A figure with its two bands.

    ``low``/``high``: chance, at the instrument's confidence (stratified interval).
    ``outer_low``/``outer_high``: what if those who did not answer differ by half an SD; None where
    the response rate is unknown.
    """

    value: float
    low: float
    high: float
    outer_low: float | None
    outer_high: float | None
    n: int
    sd: float
    method: str


@dataclass(frozen=True, slots=True)
class Distribution:
    """Answers to one item by one informant group."""

    options: tuple[int, ...]
    #: unweighted answers per option
    counts: tuple[int, ...]
    #: weighted shares of substantive answers per option, summing to 1 (all 0 where n is 0)
    shares: tuple[float, ...]
    #: substantive answers
    n: int
    #: people of the group to whom the item was shown
    shown: int
    #: weighted share of those shown who could not tell
    cant_tell: float
    does_not_apply: float
    #: weight of the answer that counts most
    heaviest: float = 0.0
    #: taken out to protect people: counts, shares and n are 0
    is_concealed: bool = False


@dataclass(frozen=True, slots=True)
class ItemMeasure:
    """One rated item, by informant group; ``mean`` is of the answers as given, not reversed."""

    item: str
    distributions: Mapping[str, Distribution]
    means: Mapping[str, Band | NotEstimated]


@dataclass(frozen=True, slots=True)
class RoleScore:
    """One scale as one role answers it."""

    score: Band | NotEstimated
    #: weighted share of "can't tell" among answers shown
    cant_tell: float
    #: people of the role to whom one of its items was shown
    shown: int


@dataclass(frozen=True, slots=True)
class ScaleMeasure:
    """One scale, by informant group, on the items compared."""

    scale: str
    #: items averaged: the core items, or all where none is core
    items: tuple[str, ...]
    #: roles that were asked at least one of them
    asked: tuple[str, ...]
    scores: Mapping[str, Band | NotEstimated]
    #: within-school omega (or Spearman-Brown for two items) that the interval used
    omegas: Mapping[str, Estimate | NotEstimated]
    #: weighted share of "can't tell" among answers shown: the line-of-sight gap
    cant_tell: Mapping[str, float]
    #: whole-round omega total of the scale, for the rule "did not hang together"
    reliability: Estimate | NotEstimated
    #: designed minus lived with its interval; value > 0: the centre describes more
    gap: Estimate | NotEstimated
    #: by role, for companion scales alone
    by_role: Mapping[str, RoleScore] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PositionMeasure:
    """One decision as one informant group places it.

    ``position`` is the interpolated median with its Woodruff interval; ``lower_quartile`` and
    ``upper_quartile`` bound the middle half of answers (interpolated the same way).
    """

    distribution: Distribution
    position: Band | NotEstimated
    lower_quartile: float
    upper_quartile: float
    #: split first, then gathers at ``stop``, else none (the order of the tests)
    verdict: Literal["gathers", "split", "none"]
    stop: int | None
    #: share at the stop, and with its neighbours
    at_stop: float
    with_neighbours: float
    #: shares and mean stops of the two sides (stops below and above the middle)
    left_share: float
    right_share: float
    left_mean: float
    right_mean: float
    #: ICC(1) over schools, for saying which kind of split it is
    icc1: float | None
    split_kind: Literal["schools differ", "people differ"] | None


@dataclass(frozen=True, slots=True)
class Wants:
    """Where people would like a decision against where they see it today: weighted shares."""

    more_choice: float
    as_now: float
    more_common: float
    #: people who answered both questions
    n: int
    #: weight of the answer that counts most
    heaviest: float = 0.0
    #: taken out to protect people: shares and n are 0
    is_concealed: bool = False

    @property
    def shares(self) -> tuple[float, float, float]:
        """The three shares in the order of the stops."""
        return self.more_choice, self.as_now, self.more_common


@dataclass(frozen=True, slots=True)
class DecisionMeasure:
    """One decision: who was asked, and each informant group's view."""

    decision: str
    item: str
    asked: tuple[str, ...]
    groups: Mapping[str, PositionMeasure]
    #: informant group or role -> what they want; absent where nobody answered both questions
    wants: Mapping[str, Wants] = field(default_factory=dict)
    #: where those of the main group who were there remember it; None where it was not asked
    remembered: PositionMeasure | None = None


@dataclass(frozen=True, slots=True)
class OverallPosition:
    """Median of the decisions' positions for one informant group, with its bootstrap band."""

    position: Band
    lowest: str
    highest: str
    gathered: tuple[str, ...]
    split: tuple[str, ...]
    #: shares over the stops of all answers to all decisions, and their middle half
    shares: tuple[float, ...]
    lower_quartile: float
    upper_quartile: float


@dataclass(frozen=True, slots=True)
class Turnout:
    """Answers against the roster for one role, school or the whole; headcount None if unknown."""

    name: str
    n: int
    headcount: int | None

    @property
    def rate(self) -> float | None:
        """Share that answered, at most 1; None where the headcount is unknown or zero."""
        return min(1.0, self.n / self.headcount) if self.headcount else None


@dataclass(frozen=True, slots=True)
class SchoolMeasures:
    """One school as the main informant group there sees it."""

    school: str
    turnout: Turnout
    #: scale of capability or companion -> the group's mean in this school
    scales: Mapping[str, Band | NotEstimated]
    #: item -> the group's answers to it, and the times it was shown to them
    answers: Mapping[str, int] = field(default_factory=dict)
    shown: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything that scoring says of one round."""

    instrument: str
    version: str
    scoring_version: str
    instrument_checksum: str
    #: SHA-256 of the frozen dataset
    fingerprint: str
    simulated: bool
    seed: int
    n: int
    #: rows left out of the main results as careless (attention item wrong and one more sign)
    careless: int
    turnout: Turnout
    by_role: tuple[Turnout, ...]
    by_school: tuple[Turnout, ...]
    by_group: Mapping[str, Turnout]
    items: Mapping[str, ItemMeasure]
    scales: Mapping[str, ScaleMeasure]
    decisions: Mapping[str, DecisionMeasure]
    #: informant group -> overall position
    overall: Mapping[str, OverallPosition | NotEstimated]
    #: shares of answers per stop over the pattern decisions, lived, pooled: (shares, n)
    pattern_shares: tuple[float, ...]
    pattern_shares_n: int
    #: plain sentences a reader must know (strata merged, more answers than staff, ...)
    notices: tuple[str, ...]
    #: school -> its measures, of every school that somebody of the main group answered for
    schools: Mapping[str, SchoolMeasures] = field(default_factory=dict)
    #: scale -> how well schools can be told apart by it
    school_agreement: Mapping[str, Agreement | NotEstimated] = field(default_factory=dict)
    #: the schools in an order drawn once at random, for pages that set them side by side
    school_order: tuple[str, ...] = ()
    #: answers by school and role, for the audit of what is printed; None in measures made by hand
    cells: Cells | None = field(default=None, compare=False)
