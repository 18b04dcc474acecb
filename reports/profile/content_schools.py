"""What stands on the pages that set schools side by side: ready values, as in ``content``."""

from dataclasses import dataclass

from reports.disclosure import Withheld
from reports.profile.marks import AxisWord, Mark


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """One school in one panel."""

    #: the school's letter, or its name where every head agreed
    label: str
    mark: Mark | Withheld
    #: its chance band does not touch the organisation's
    is_clear: bool


@dataclass(frozen=True, slots=True)
class SchoolPanel:
    """One scale over all schools that may stand here, in the one order of the page."""

    scale: str
    name: str
    short: str
    #: the organisation's own figure: the pale column
    reference: Mark | Withheld
    #: none where ``refused`` stands in their place
    rows: tuple[SchoolRow, ...]
    #: whose band is clear of the organisation's; the rest are too close to tell apart
    sentence: str
    #: the same where so many names do not fit under a chart, which then sets them in bold
    short_sentence: str
    #: what is said in place of the chart and why, or ""
    refused: str
    refused_note: str
    alt: str


@dataclass(frozen=True, slots=True)
class Schools:
    """Schools side by side."""

    heading: str
    intro: str
    #: labels are names, not letters
    is_named: bool
    axis: tuple[AxisWord, ...]
    low: float
    high: float
    #: "lived, one school"
    key: str
    panels: tuple[SchoolPanel, ...]
    how_to: tuple[str, ...]
    cannot_heading: str
    cannot: str
    #: "the trust"
    organisation: str
