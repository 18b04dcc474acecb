"""What stands in a profile: ready values, already suppressed, rounded and put in words.

A template or chart draws these values as they are; it neither calculates nor suppresses. Where a
figure may not be shown, a ``Withheld`` stands in its place with the sentence to print there.
All positions on an axis are in scale points (stops or options) rounded to 0.1; all ``drawn``
shares are percent from 0 to 100.
"""

from dataclasses import dataclass
from typing import Literal

from reports.disclosure import Withheld
from reports.profile.content_meeting import Meeting
from reports.profile.content_schools import Schools
from reports.profile.marks import AxisWord as AxisWord
from reports.profile.marks import Mark as Mark

NO_SCHOOLS = Withheld("not asked")


@dataclass(frozen=True, slots=True)
class Table:
    """The same numbers as a chart, suppressed alike. The first column names the row."""

    #: "line", "stops", "decisions", "capability", "capability-items", "pressures",
    #: "pressure-items", "supports", "schools", "schools-what-if", "technical-scales"
    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    #: the first column is the same in rows that belong together, and stands once above them
    is_grouped: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A share to print (``text``) and to draw (``drawn``, percent)."""

    drawn: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One option of a distribution: its share of answers."""

    option: int
    label: str
    drawn: float
    text: str


# Identity and cover


@dataclass(frozen=True, slots=True)
class EvidenceStage:
    """One of the four captions on the cover."""

    name: str
    caption: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose profile this is and what made it. Stands in the running head and foot."""

    organisation: str
    short_name: str
    #: "the trust" as the locale says it; what sentences call the organisation
    organisation_word: str
    title: str
    #: "4 to 22 May 2026"
    window: str
    #: "May 2026"
    month: str
    instrument: str
    instrument_version: str
    scoring_version: str
    #: first twelve hex digits in groups of four: "7c1e 40ab 93d2"
    fingerprint: str
    #: whole SHA-256 of the frozen dataset, for the PDF's metadata
    fingerprint_full: str
    #: "Simulated data", or "" where people answered
    simulated: str
    locale: str
    stage: int
    #: the word to stand at every figure: "trial", or ""
    trial: str
    #: "Harbour Reach Schools Trust · Profile, May 2026 · instrument 0.1, scoring 0.1"
    foot: str


@dataclass(frozen=True, slots=True)
class HowTo:
    """One of the three short rules of reading."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class TurnoutRow:
    """Who answered: a role, an informant group where roles may not stand alone, or all."""

    name: str
    #: "62%", "not known"; or withheld
    rate: str | Withheld
    #: "100+"; or withheld
    n_band: str | Withheld
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page."""

    #: "12 schools · answers collected 4 to 22 May 2026 · 64% of staff answered (n 100+)"
    facts: str
    subtitle: str
    how_to: tuple[HowTo, ...]
    #: what the two marks and the two bands mean
    mark_note: str
    lived_label: str
    designed_label: str
    inner_label: str
    outer_label: str
    turnout: tuple[TurnoutRow, ...]
    #: how many schools could have a page of their own
    schools: str
    #: response below the caution mark, or ""
    caution: str
    stages: tuple[EvidenceStage, ...]
    #: what has not been shown yet, one sentence
    not_shown_yet: str
    #: "No ranking of schools, no appraisal of people, ..."
    use_limits: str
    contents: tuple[str, ...]


# The line (chart A)


@dataclass(frozen=True, slots=True)
class LineStop:
    """A stop below the axis."""

    value: int
    name: str
    description: str
    #: share of all answers by people in schools: "22% of answers"; or withheld
    share: Share | Withheld


@dataclass(frozen=True, slots=True)
class Overall:
    """The whole, in words before numbers."""

    mark: Mark
    #: "Around Set menu" or "Between Set menu and Common, adjustable"
    words: str
    #: "3.2 on stops 1 to 5, likely 3.1 to 3.3"
    figure: str
    #: "decisions range from Tailored help (staff time) to One way (tests); two of ten are split"
    spread: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of an axis, such as the middle half of answers."""

    low: float
    high: float
    label: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """A decision where answers gather at a stop: a solid dot."""

    decision: str
    name: str
    short: str
    shorter: str
    value: float
    stop: int
    stop_name: str


@dataclass(frozen=True, slots=True)
class SplitRow:
    """A decision whose answers stand in two groups: two squares joined by a dotted link."""

    decision: str
    short: str
    #: "split: schools differ"
    words: str
    left: float
    right: float
    left_text: str
    right_text: str


@dataclass(frozen=True, slots=True)
class CapsuleRow:
    """A decision with no single position: a capsule over the middle half of its answers."""

    decision: str
    short: str
    #: "no single position"
    words: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """Everything that the line draws."""

    #: limits of the axis: half a stop beyond the first and last stop
    low: float
    high: float
    left: str
    left_note: str
    right: str
    right_note: str
    stops: tuple[LineStop, ...]
    overall: Overall | Withheld
    #: the centre's overall view: a hollow diamond
    centre: Mark | Withheld
    #: "The centre's view"
    centre_name: str
    middle_half: Stretch | Withheld
    gathered: tuple[Gathered, ...]
    #: decisions that do not gather, in the instrument's order
    rows: tuple[SplitRow | CapsuleRow, ...]
    #: sentences under the line: the centre withheld, "Not shown: ..."
    notes: tuple[str, ...]
    alt: str
    #: the centre in a key: "centre"
    centre_word: str = "centre"


# Decisions (chart B)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision as a whole distribution."""

    decision: str
    name: str
    short: str
    #: "asked of all staff"
    asked: str
    n_band: str | Withheld
    #: bars of the schools' answers; withheld: no bars, no bracket, no dot
    bars: tuple[Bar, ...] | Withheld
    lived: Mark | Withheld
    designed: Mark | Withheld
    kind: Literal["gathers", "split", "none", "withheld"]
    #: "Common, adjustable", "Split", "No single position", or the words of withholding
    heading: str
    #: "48% here, 87% with the stops beside it"; may be ""
    detail: str
    #: stands between heading and detail where there is one: "schools differ"
    explanation: str = ""
    #: where rules put the decision, as the organisation says: "the rules say One way", or ""
    formal: str = ""
    #: in a school's report, the organisation's own bars and median: pale, behind the school's
    reference_bars: tuple[Bar, ...] | Withheld | None = None
    reference: Mark | Withheld | None = None


@dataclass(frozen=True, slots=True)
class DecisionGroup:
    """Decisions under one heading."""

    heading: str
    rows: tuple[DecisionRow, ...]


@dataclass(frozen=True, slots=True)
class Decisions:
    """The page of decisions."""

    intro: str
    stops: tuple[AxisWord, ...]
    groups: tuple[DecisionGroup, ...]
    #: full height of the bars, percent
    top: int
    note: str
    alt: str
    #: what the height of the bars means; stands before the note, where there are bars
    scale_note: str = ""
    #: the centre in a key: "centre"
    centre_word: str = "centre"
    #: people in schools in a key: "schools", "this school"
    lived_word: str = "schools"
    #: whose figure the pale reference is: "the trust"
    reference_word: str = ""


# Capability (chart C)


@dataclass(frozen=True, slots=True)
class Lane:
    """One informant group's mark in a row."""

    #: the group's code and its word: "lived", "designed"
    group: str
    name: str
    #: "schools", "centre"
    who: str
    mark: Mark | Withheld
    cant_tell: Share | Withheld


@dataclass(frozen=True, slots=True)
class Strip:
    """One question as a small distribution.

    Answers of people in schools; of the centre, and then ``text`` says so, where only it is asked.
    """

    item: str
    #: "In place", "Shared", "Used"; "" where the item has none
    facet: str
    text: str
    bars: tuple[Bar, ...] | Withheld
    low_word: str
    high_word: str


@dataclass(frozen=True, slots=True)
class CapabilityRow:
    """One scale, lived and designed."""

    scale: str
    name: str
    short: str
    definition: str
    lived: Lane
    designed: Lane
    #: what may be said of the difference: "the centre describes more" / "too close to tell apart"
    gap: str
    #: "Nearly half of people in schools could not tell ...", or ""
    notice: str
    strips: tuple[Strip, ...]
    #: where the questions did not hang together: the sentence, and every question by itself
    item_by_item: str
    items: tuple[Strip, ...]
    #: in a school's report, the organisation's own figure: a pale column behind the school's
    reference: Lane | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """The page of capability; the summary draws the same rows small."""

    heading: str
    intro: str
    axis: tuple[AxisWord, ...]
    low: float
    high: float
    #: "lived: schools, n 100+"
    lived_key: str
    designed_key: str
    rows: tuple[CapabilityRow, ...]
    #: full height of the strips, percent
    top: int
    notes: tuple[str, ...]
    alt: str


# Pressures and supports (chart D)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One question as a mark."""

    item: str
    text: str
    asked: str
    mark: Mark | Withheld
    cant_tell: Share | Withheld


@dataclass(frozen=True, slots=True)
class PressureRow:
    """One facet of pressure: a square."""

    scale: str
    name: str
    short: str
    #: "all staff" or "leaders and centre"
    asked: str
    mark: Mark | Withheld
    cant_tell: Share | Withheld
    #: questions read one by one, where they make up the facet or did not hang together
    items: tuple[ItemRow, ...]
    #: why the questions are read one by one, or ""
    note: str


@dataclass(frozen=True, slots=True)
class Pressures:
    """The page of what presses and what helps."""

    heading: str
    intro: str
    axis: tuple[AxisWord, ...]
    low: float
    high: float
    key: str
    rows: tuple[PressureRow, ...]
    alt: str
    supports_heading: str
    supports: tuple[ItemRow, ...]
    supports_axis: tuple[AxisWord, ...]
    supports_alt: str
    #: the organisation's own facts: (name, value)
    admin: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    #: "The organisation’s own facts"
    admin_heading: str = "The organisation’s own facts"


# Readings, summary, technical page, refusal


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading that the rules support, with its doubt and its question."""

    id: str
    number: int
    name: str
    says: str
    counter: str
    ask: str
    source: str
    status: str
    #: the figures that met the rule: "routines and tools likely 3.6 to 3.8; ..."
    because: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """The one page."""

    headline: str
    lead: str
    line: Line
    readings_heading: str
    readings: tuple[Reading, ...]
    #: "36 in 100 did not answer. If they see things somewhat differently, ..."
    uncertainty: str


@dataclass(frozen=True, slots=True)
class Technical:
    """How it was done: pairs of term and text, in order, under headings; and sentences."""

    facts: tuple[tuple[str, str], ...]
    suppressions: tuple[tuple[str, str], ...]
    thresholds: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """The pages of an organisation above the floors."""

    summary: Summary
    decisions: Decisions
    capability: Capability
    #: companion scales (commitment, say, ...) in the same dress as capability; None: there is none
    companions: Capability | None
    pressures: Pressures
    readings: tuple[Reading, ...]
    readings_note: str
    #: None: the instrument has no questions for a meeting
    meeting: Meeting | None
    #: schools side by side; withheld where fewer than two may stand there
    schools: Schools | Withheld = NO_SCHOOLS


@dataclass(frozen=True, slots=True)
class Refusal:
    """Stands for the body where the organisation is below the floors."""

    heading: str
    #: what cannot be shown and why, one paragraph each
    reasons: tuple[str, ...]
    #: what may be done next
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A whole profile."""

    identity: Identity
    cover: Cover
    body: Body | Refusal
    technical: Technical
    #: for every chart the same numbers
    tables: tuple[Table, ...]

    def table(self, key: str) -> Table | None:
        """The table of one chart, or None where that chart is not shown."""
        return next((table for table in self.tables if table.key == key), None)
