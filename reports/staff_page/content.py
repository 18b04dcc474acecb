"""What stands on the page for staff: ready values of a finished profile, kept as JSON."""

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

#: raise it when these values change, and go on reading older ones: a released page stays as it is
VERSION: Final = 1


class StaffPageError(ValueError):
    """Stored bytes that are no page for staff of this version; one line says why."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Who answered: a row of the profile's cover. Words stand where a number is withheld."""

    name: str
    people: str
    rate: str
    is_total: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One stop of a distribution: a share to print (``text``) and to draw (percent)."""

    label: str
    drawn: float
    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of the line, what it means, and its share of all answers ("" where withheld)."""

    name: str
    says: str
    share: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: the reading in words, then the whole distribution."""

    code: str
    name: str
    asked: str
    #: "Common, adjustable", "Split", "No single position", or the words of withholding
    heading: str
    explanation: str
    detail: str
    #: where rules put it, or ""
    formal: str
    #: nothing where it is withheld
    shares: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class DecisionGroup:
    """Decisions under one heading."""

    heading: str
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Where:
    """Where decisions sit. Words first, numbers after them."""

    lead: str
    #: "School autonomy", "each school decides", "Standardisation", "one way for all"
    ends: tuple[str, str, str, str]
    #: that the line has two equal ends
    how_to_read: str
    #: "Around Set menu", or the words of withholding
    overall: str
    #: "3.2 on stops 1 to 5, likely 3.1 to 3.3"
    figure: str
    spread: str
    stops: tuple[Stop, ...]
    groups: tuple[DecisionGroup, ...]
    #: full height of the bars, percent
    top: int
    note: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its likely range; limits as they are printed."""

    #: "Lived (schools)"; "" where there is only one
    who: str
    value: float
    low: float
    high: float
    text: str
    likely: str
    #: drawn hollow: the view of the centre
    is_designed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A dimension or a pressure: its figures, or none where all are withheld."""

    code: str
    name: str
    #: what the dimension is, or who was asked about the pressure
    about: str
    figures: tuple[Figure, ...]
    #: words where a figure is withheld: "Designed (centre): not shown, fewer than 10 answers"
    withheld: tuple[str, ...]
    #: what may be said of lived beside designed, or ""
    gap: str
    #: that many could not tell, or ""
    notice: str


@dataclass(frozen=True, slots=True)
class AxisWord:
    """A word at a value of an axis."""

    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The dimensions, or the pressures, on one axis."""

    #: "Five learning dimensions"
    heading: str
    intro: str
    low: float
    high: float
    axis: tuple[AxisWord, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class NotShown:
    """Things that are withheld for one reason."""

    why: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Themes:
    """What several people wrote about, of one open question."""

    question: str
    #: theme and number of people, in bands
    rows: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Themes of what people wrote."""

    heading: str
    intro: str
    questions: tuple[Themes, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What people said, of an organisation above the floors."""

    headline: str
    where: Where
    dimensions: Rows
    pressures: Rows
    #: what is least sure, one sentence
    uncertainty: str
    #: None: no theme may be told
    own_words: OwnWords | None = None


@dataclass(frozen=True, slots=True)
class StaffPage:
    """The whole page. Who shares it and when is said by the round, not here."""

    version: Literal[1]
    organisation: str
    short_name: str
    locale: str
    window: str
    #: "7c1e 40ab 93d2": the dataset that this page and the profile were made from
    fingerprint: str
    #: "Simulated data", or ""
    simulated: str
    #: the word at every figure, or ""
    trial: str
    #: how far the questions have been tried out, one sentence
    evidence: str
    answered: tuple[Answered, ...]
    #: response below the caution mark, or ""
    caution: str
    #: None below the floors
    said: Said | None
    #: why nothing may be shown, below the floors
    refusal: tuple[str, ...]
    not_shown: tuple[NotShown, ...]
    use_limits: str


_ADAPTER: Final[TypeAdapter[StaffPage]] = TypeAdapter(StaffPage)


def to_json(page: StaffPage) -> bytes:
    """The page as JSON; the same page gives the same bytes."""
    return _ADAPTER.dump_json(page)


def from_json(content: bytes) -> StaffPage:
    """The page that ``to_json`` wrote.

    Raises
    ------
    StaffPageError
        If it is no such page, or one of another version.
    """
    try:
        return _ADAPTER.validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"]) or "the whole"
        raise StaffPageError(
            f"this is no page for staff of version {VERSION} ({place}: {first['msg']}); "
            "make it again"
        ) from error
