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

    #: "line", "stops", "decisions", "wishes", "wishes-roles", "capability", "capability-items",
    #: "pressures", "pressure-items", "supports", "changes", "schools", "schools-what-if",
    #: "technical-scales"
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
    #: where rules put the decision, as the organisation says: "by the rules: One way", or ""
    formal: str = ""
    #: the stop that rules put it at
    formal_stop: int | None = None
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
    #: how rules and people in schools compare, or ""
    rules: str = ""
    #: what the height of the bars means; stands before the note, where there are bars
    scale_note: str = ""
    #: the centre in a key: "centre"
    centre_word: str = "centre"
    #: people in schools in a key: "schools", "this school"
    lived_word: str = "schools"
    #: whose figure the pale reference is: "the trust"
    reference_word: str = ""


# Today, remembered, preferred


@dataclass(frozen=True, slots=True)
class WishRow:
    """One decision: where it sits, where it is remembered, and where people would like it."""

    decision: str
    name: str
    short: str
    #: "asked of all staff"
    asked: str
    #: as people in schools see it today, and as those who were there remember it
    today: Mark | Withheld
    remembered: Mark | Withheld
    #: shares of people in schools: more school choice, as now, more in common
    bars: tuple[Bar, ...] | Withheld
    n_band: str | Withheld
    #: "As now" with "about two thirds"; "Opposite wishes"; "" where the shares are withheld
    reading: str
    detail: str


@dataclass(frozen=True, slots=True)
class WishGroup:
    """Decisions under one heading."""

    heading: str
    rows: tuple[WishRow, ...]


@dataclass(frozen=True, slots=True)
class RoleWishes:
    """What one role wants over all decisions, or its informant group where it may not stand."""

    name: str
    n_band: str | Withheld
    #: "seven decisions"
    over: str
    bars: tuple[Bar, ...] | Withheld
    reading: str
    detail: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """The page of today, remembered and preferred; only what was asked has a column."""

    heading: str
    intro: str
    #: "This is memory, not measured change.", or "" where nothing was to be remembered
    memory: str
    stops: tuple[AxisWord, ...]
    low: float
    high: float
    #: heads of the three bars; none where nobody was asked what they would like
    labels: tuple[str, ...]
    groups: tuple[WishGroup, ...]
    #: full height of the bars, percent
    top: int
    roles_heading: str
    roles_intro: str
    roles: tuple[RoleWishes, ...]
    notes: tuple[str, ...]
    alt: str
    #: "people in schools"
    who: str


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
class RoleLane:
    """One role's mark on a companion scale, or its informant group's."""

    name: str
    #: drawn solid and round; else hollow, a diamond
    is_lived: bool
    mark: Mark | Withheld
    cant_tell: Share | Withheld


@dataclass(frozen=True, slots=True)
class CompanionRow:
    """One companion scale, role by role."""

    scale: str
    name: str
    short: str
    definition: str
    #: none where the questions are read one by one
    lanes: tuple[RoleLane, ...]
    #: "Schools and centre: too close to tell apart."
    gap: str
    #: "Nearly half of teachers could not tell ...", or ""
    notice: str
    #: every question of the scale
    strips: tuple[Strip, ...]
    item_by_item: str


@dataclass(frozen=True, slots=True)
class Companions:
    """The page of commitment and say."""

    heading: str
    intro: str
    axis: tuple[AxisWord, ...]
    low: float
    high: float
    lived_key: str
    designed_key: str
    rows: tuple[CompanionRow, ...]
    #: full height of the strips, percent
    top: int
    notes: tuple[str, ...]
    alt: str


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
    #: the organisation's own facts: (name, then, now); a fact without a past has no "then"
    admin: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]
    #: "The organisation’s own facts"
    admin_heading: str = "The organisation’s own facts"


# Changes between rounds


@dataclass(frozen=True, slots=True)
class ChangeLane:
    """A figure in one round."""

    #: "May 2025"
    when: str
    mark: Mark | Withheld
    is_now: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One figure, round by round, this one last."""

    name: str
    lanes: tuple[ChangeLane, ...]
    #: since the last round: "higher by 0.3, likely 0.1 to 0.5", "too close to tell apart"
    words: str
    #: the least change that could have been told apart: "0.3"; "" where there is no figure
    smallest: str


@dataclass(frozen=True, slots=True)
class ChangePanel:
    """Figures of one kind on one axis."""

    heading: str
    kind: Literal["schools", "press"]
    axis: tuple[AxisWord, ...]
    low: float
    high: float
    rows: tuple[ChangeRow, ...]
    alt: str


@dataclass(frozen=True, slots=True)
class Changes:
    """The page of changes since earlier rounds."""

    heading: str
    intro: str
    panels: tuple[ChangePanel, ...]
    #: "May 2024 and May 2025"
    key_earlier: str
    #: "May 2026"
    key_now: str
    notes: tuple[str, ...]


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
class CasePlaces:
    """One reference case: how many of its decisions the source puts at each stop."""

    name: str
    period: str
    says: str
    counts: tuple[int, ...]
    #: "average 4.6; seven of seven told"
    average: str


@dataclass(frozen=True, slots=True)
class Silhouettes:
    """The page of reference cases; a round has to ask for it."""

    heading: str
    #: "Coded from the chapter, not survey data."
    label: str
    intro: str
    stops: tuple[AxisWord, ...]
    #: how many decisions the highest bar stands for
    most: int
    places: tuple[CasePlaces, ...]
    #: dimensions in words, pressures at three levels
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    alt: str


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Themes of what people wrote, a table for each open question that has any."""

    heading: str
    intro: str
    tables: tuple[Table, ...]


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
    #: None where nobody was asked what they remember or would like
    wishes: Wishes | None
    capability: Capability
    #: companion scales (commitment, say, ...) by role; None: there is none
    companions: Companions | None
    pressures: Pressures
    readings: tuple[Reading, ...]
    readings_note: str
    #: None unless the round asks for them
    silhouettes: Silhouettes | None
    #: None: the instrument has no questions for a meeting
    meeting: Meeting | None
    #: since earlier rounds; None: there is none to compare with
    changes: Changes | None = None
    #: themes of what people wrote; None: none may be told
    own_words: OwnWords | None = None
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
