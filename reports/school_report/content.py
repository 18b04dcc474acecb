"""What stands in a school's report: ready values, as in a profile."""

from dataclasses import dataclass

from reports.profile.content import Capability, Decisions, Identity, Table


@dataclass(frozen=True, slots=True)
class SchoolReport:
    """Two pages of one school, with the organisation's figures behind its own, and the tables."""

    identity: Identity
    school: str
    #: "Harbour Reach Schools Trust · answers collected 4 to 22 May 2026 · n 25–49"
    facts: str
    decisions: Decisions
    #: decisions that are never shown for one school, and why; or ""
    not_here: str
    capability: Capability
    #: what this may be used for, and what not
    limits: str
    #: "In the profile, this school is letter K on the page of schools."
    place: str
    tables: tuple[Table, ...]
