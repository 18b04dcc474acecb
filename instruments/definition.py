"""What an instrument is: frozen values, read from an instrument folder by ``registry``.

Codes (items, scales, roles, decisions) are the instrument's own; nothing in the program knows one
by name. Words live apart, one ``Text`` a language, and hold ``{placeholders}`` that a round fills
and ``{terms}`` that a locale pack fills. ``docs/instrument-format.md`` describes the files.
"""

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}$")]
Block = Literal["capability", "companion", "pressure", "support", "other"]
MissingRule = Literal["pairwise", "listwise"]

#: module of items that no form asks: questions for open words, which a round switches on apart
NOT_ASKED = "open"

#: The program's floors. An instrument may raise them, never lower them.
FLOORS: Mapping[str, float] = MappingProxyType(
    {
        "hard_floor_n": 5,
        "group_n": 10,
        "school_n": 10,
        "school_response_rate": 0.5,
        "organisation_n": 30,
        "organisation_schools": 3,
        "organisation_response_rate": 0.4,
        "caution_response_rate": 0.6,
    }
)


class Frozen(BaseModel):
    """A value that never changes and knows all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ResponseScale(Frozen):
    """The options of a closed question, in order."""

    code: Code
    kind: Literal["ordinal", "nominal"] = "ordinal"
    options: tuple[int, ...]
    #: whether "I can't tell from my role" is offered, apart from the options
    cant_tell: bool = False
    #: whether "Does not apply" is offered, apart from the options
    does_not_apply: bool = False


class Condition(Frozen):
    """Ask only a person who chose one of ``options`` in ``item``."""

    item: Code
    options: tuple[int, ...]


class Item(Frozen):
    """One question."""

    code: Code
    section: Code
    #: rated: counts on an ordinal scale; choice: context; role: which role; text: open words
    kind: Literal["rated", "choice", "role", "text"] = "rated"
    #: a ResponseScale's code; empty for role and text
    response: str = ""
    #: who is asked, in full for an instrument with roles; empty without roles: everybody
    roles: tuple[Code, ...] = ()
    facet: str = ""
    referent: str = ""
    reverse: bool = False
    #: used in comparisons between roles, schools, organisations and rounds
    core: bool = False
    #: the option that an attentive person chooses
    expected: int | None = None
    #: an optional part of the survey that a round switches on
    module: str = ""
    asked_if: Condition | None = None
    note: str = ""

    def asked_of(self, role: str) -> bool:
        """Whether people of this role are asked; items without roles are asked of everybody."""
        return not self.roles or role in self.roles


class Section(Frozen):
    """One page of questions. Sections with the same ``rotation`` may change places as a run."""

    code: Code
    rotation: str = ""


class Scale(Frozen):
    """Items that make up one construct."""

    code: Code
    block: Block
    #: reflective: one cause behind the answers; formative: the answers make up the construct;
    #: items: read one by one, never averaged
    kind: Literal["reflective", "formative", "items"] = "reflective"
    items: tuple[Code, ...]


class Form(Frozen):
    """Which items a round asks: all (``items`` empty) or those named; and which modules."""

    code: Code
    items: tuple[Code, ...] = ()
    #: modules that belong to the form
    modules: tuple[str, ...] = ()
    #: modules that a round may switch on
    optional_modules: tuple[str, ...] = ()
    note: str = ""


class Decision(Frozen):
    """One kind of decision whose place on the continuum is asked."""

    code: Code
    item: Code
    preferred: Code | None = None
    remembered: Code | None = None
    #: heading under which it stands
    group: Code


class Position(Frozen):
    """The continuum: decisions, and the rules for what may be said of them."""

    #: the response scale whose options are the stops
    response: Code
    decisions: tuple[Decision, ...]
    #: decisions over which patterns take shares
    share_decisions: tuple[Code, ...]
    #: decisions on which an organisation may be laid beside a reference case
    case_decisions: tuple[Code, ...]
    named_stop_share: float = 0.40
    named_stop_with_neighbours: float = 0.75
    split_share: float = 0.30
    split_icc: float = 0.20


class Scoring(Frozen):
    """The numbers of the scoring rules (all documented in docs/instrument-format.md)."""

    version: str
    #: of k items shown to a person, how many must be answered: {k: minimum}
    minimum_answered: Mapping[int, int]
    confidence: float = 0.90
    #: the what-if: those who did not answer differ by this many standard deviations
    silent_differ_sd: float = 0.5
    #: below this many answers, within-school omega is not estimated and this value stands in
    omega_minimum_n: int = 100
    omega_fallback: float = 0.75
    #: a scale is printed item by item when the upper limit of its omega is below this
    hangs_together_omega: float = 0.70
    #: above this share of "can't tell" the plain sentence is printed
    cant_tell_notice: float = 0.40
    low_below: float = 3.0
    high_from: float = 3.5
    missing: MissingRule = "pairwise"


class Disclosure(Frozen):
    """Floors. The program's own are the lowest an instrument may name (``reports.disclosure``)."""

    hard_floor_n: int = 5
    group_n: int = 10
    school_n: int = 10
    school_response_rate: float = 0.5
    organisation_n: int = 30
    organisation_schools: int = 3
    organisation_response_rate: float = 0.4
    caution_response_rate: float = 0.6


class Pattern(Frozen):
    """A reading and the condition under which the rules support it, in a closed vocabulary."""

    id: Code
    when: Mapping[str, object] | None = None  # None: holds when no other does
    source: str = ""
    status: str = ""


class CaseCode(Frozen):
    """One cell of a reference case, with both readings of the source."""

    code: int | None = None  # None: the source does not say
    range: tuple[int, int] | None = None
    confidence: Literal["H", "M", "L"] | None = None
    basis: str = ""
    pointer: str = ""
    paraphrase: str = ""
    first_reading: int | None = None
    second_reading: int | None = None
    settled: str = ""


class Case(Frozen):
    """A reference case, coded from the literature: a silhouette to think with, never a norm."""

    id: Code
    organisation: str
    country: str
    stage: str
    period: str
    label: str
    position: Mapping[str, CaseCode]
    dimensions: Mapping[str, CaseCode]
    pressures: Mapping[str, CaseCode]
    position_lived: Mapping[str, CaseCode] = Field(default_factory=dict)
    dimensions_lived: Mapping[str, CaseCode] = Field(default_factory=dict)
    commitment: CaseCode | None = None


class Study(Frozen):
    """One piece of evidence about the instrument."""

    study: str
    kind: str
    n: int
    schools: int
    organisations: int
    date: str
    checksum: str


class Evidence(Frozen):
    """What has been shown so far: 0 draft, 1 piloted, 2 structure supported, 3 across MTOs."""

    stage: Literal[0, 1, 2, 3] = 0
    studies: tuple[Study, ...] = ()


class Text(Frozen):
    """All words of an instrument in one language. Keys are codes."""

    language: str
    title: str
    cant_tell: str = ""
    does_not_apply: str = ""
    #: role -> {"name": "Teachers and support staff", "option": what a person chooses}
    roles: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    #: informant group -> {"name", "who", "mark"}
    groups: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    #: response scale -> {option: label}
    responses: Mapping[str, Mapping[int, str]] = Field(default_factory=dict)
    #: section -> {"title", "intro"}
    sections: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    #: item -> {"stem", "short"}
    items: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    #: scale -> {"name", "short", "definition"}
    scales: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    #: facet -> name
    facets: Mapping[str, str] = Field(default_factory=dict)
    #: stop -> name
    stops: Mapping[int, str] = Field(default_factory=dict)
    #: {"left", "left_note", "right", "right_note"}
    ends: Mapping[str, str] = Field(default_factory=dict)
    #: decision -> {"name", "short", "shorter", "asks"}
    decisions: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    #: decision group -> heading
    decision_groups: Mapping[str, str] = Field(default_factory=dict)
    #: pattern -> {"name", "says", "counter", "ask"}
    patterns: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    #: prompts for the meeting
    prompts: tuple[str, ...] = ()
    #: form -> {"name", "about"}
    forms: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    #: module -> {"name", "about"}
    modules: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    #: the words that stand wherever a reference case is shown
    case_label: str = ""
    #: "dimensions" or "pressures" -> {code of a reference case: what it means}
    rubric: Mapping[str, Mapping[int, str]] = Field(default_factory=dict)


class Locale(Frozen):
    """A locale pack: the country's words, and defaults for what a round may fill."""

    code: str  # "en-GB"
    language: str  # "en"
    name: str
    terms: Mapping[str, str]
    placeholders: Mapping[str, str] = Field(default_factory=dict)


class Instrument(Frozen):
    """One version of one instrument, complete with its words."""

    slug: str
    version: str
    #: draft: may change; published: the checksum is pinned in the library's ``checksums.toml``
    status: Literal["draft", "published"]
    licence: str
    source: str
    language: str
    locale: str
    #: role codes in the order of the role question
    roles: tuple[Code, ...] = ()
    #: informant group -> roles, e.g. {"lived": ("T", "L"), "designed": ("B", "H")}
    groups: Mapping[str, tuple[Code, ...]] = Field(default_factory=dict)
    #: roles whose people belong to one central stratum and to no school
    central_roles: tuple[Code, ...] = ()
    role_item: Code | None = None
    #: placeholder -> what it stands for (filled by a round, else by the locale pack)
    placeholders: Mapping[str, str] = Field(default_factory=dict)
    response_scales: Mapping[str, ResponseScale]
    sections: tuple[Section, ...]
    items: tuple[Item, ...]
    scales: tuple[Scale, ...]
    forms: Mapping[str, Form]
    scoring: Scoring
    disclosure: Disclosure = Disclosure()
    position: Position | None = None
    patterns: tuple[Pattern, ...] = ()
    cases: tuple[Case, ...] = ()
    evidence: Evidence = Evidence()
    texts: Mapping[str, Text]
    locales: Mapping[str, Locale]
    #: SHA-256 over the folder's files, names included
    checksum: str = ""

    @cached_property
    def items_by_code(self) -> Mapping[str, Item]:
        """Item code -> item, in the instrument's order."""
        return {item.code: item for item in self.items}

    @cached_property
    def scales_by_code(self) -> Mapping[str, Scale]:
        """Scale code -> scale, in the instrument's order."""
        return {scale.code: scale for scale in self.scales}

    @cached_property
    def scale_of(self) -> Mapping[str, str]:
        """Item code -> code of the scale it belongs to; items in no scale are absent."""
        return {item: scale.code for scale in self.scales for item in scale.items}

    def item(self, code: str) -> Item:
        """The item with this code; ``KeyError`` if there is none."""
        return self.items_by_code[code]

    def scale(self, code: str) -> Scale:
        """The scale with this code; ``KeyError`` if there is none."""
        return self.scales_by_code[code]

    def roles_of(self, item: str) -> tuple[str, ...]:
        """Roles that are asked this item, in the instrument's order; empty without roles."""
        return tuple(role for role in self.roles if self.item(item).asked_of(role))

    def scales_in(self, block: Block) -> tuple[Scale, ...]:
        """The scales of one block, in the instrument's order."""
        return tuple(scale for scale in self.scales if scale.block == block)

    def core_items(self, scale: Scale) -> tuple[str, ...]:
        """Codes of the scale's items that every role sees."""
        return tuple(code for code in scale.items if self.item(code).core)

    def options(self, item: str) -> tuple[int, ...]:
        """The numbered options of a closed item."""
        return self.response_scales[self.item(item).response].options

    def words(self, locale: str, placeholders: Mapping[str, str] | None = None) -> "Words":
        """The instrument's words in a locale, with a round's placeholders filled in."""
        pack = self.locales[locale]
        fills = {**pack.terms, **pack.placeholders, **(placeholders or {})}
        return Words(text=self.texts[pack.language], locale=locale, fills=fills)


class Words(Frozen):
    """An instrument's words for one round: look up, then fill."""

    text: Text
    locale: str
    fills: Mapping[str, str]

    def fill(self, template: str) -> str:
        """``template`` with placeholders and terms filled; ``KeyError`` names an unfilled one.

        A sentence that begins with a placeholder begins with a capital ("{mto} has one way" gives
        "The trust has one way"), unless the word carries a capital of its own ("eSchools"). A
        text that is nothing but a placeholder stays as it is filled.
        """
        filled = template.format_map(self.fills)
        first = filled.split(maxsplit=1)[0] if filled.strip() else ""
        if template.startswith("{") and template.find("}") < len(template) - 1 and first.islower():
            return filled[0].upper() + filled[1:]
        return filled

    def stem(self, item: str) -> str:
        return self.fill(self.text.items[item]["stem"])

    def short(self, item: str) -> str:
        return self.fill(self.text.items[item].get("short", self.text.items[item]["stem"]))

    def option(self, response: str, option: int) -> str:
        return self.fill(self.text.responses[response][option])
