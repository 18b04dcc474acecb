"""Simulated organisations whose profiles are read word by word and looked at page by page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

import numpy as np

from instruments import registry, scoring, simulate
from instruments.responses import Responses
from instruments.roster import Roster
from instruments.simulate.latent import Place
from reports.profile import Profile, build_profile
from reports.render import render_profile
from reports.round_facts import RoundFacts, facts_from

INSTRUMENT: Final = "mto-learning-profile"
DECISIONS: Final = ("CUR", "MAT", "ASM", "PED", "PDC", "STF", "TIM", "BUD", "DAT", "PRI")
SHORT_NAME: Final = "The Great Northern and Eastern Partnership of Learning Trust"
FORMAL: Final = {"CUR": 4, "MAT": 3, "ASM": 5, "STF": 5, "TIM": 1, "DAT": 4}
ADMIN: Final = {
    "schools now": "12",
    "schools three years ago": "7",
    "central staff now": "41",
    "central staff three years ago": "34",
    "budget over three years": "down 4 to 6%",
    "staff now": "600",
}


def everywhere(at: float, spread: float, split: str = "") -> dict[str, Place]:
    """Every decision at one place of the line."""
    return dict.fromkeys(DECISIONS, Place(at, spread, *([split] if split else [])))


@dataclass(frozen=True)
class Sample:
    """How one organisation is drawn, and what its round says of it."""

    seed: int
    drawn: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)
    has_roster: bool = True
    #: letters in the name of a school; 0: as drawn
    name_length: int = 0


#: the four organisations of which pictures are kept
KEPT: Final[Mapping[str, Sample]] = {
    "gathered": Sample(
        11,
        {"position": everywhere(4.0, 0.6), "modules": ["remembered"]},
        {"formal": FORMAL, "admin": ADMIN, "silhouettes": True},
    ),
    "schools-differ": Sample(12, {"position": everywhere(3.0, 0.95, "schools"), "icc": 0.25}),
    "people-differ": Sample(13, {"position": everywhere(3.0, 0.95, "people")}),
    "vanishing": Sample(14, {"schools": 3, "staff": 52, "response_rate": 0.75, "central": 0.16}),
}

#: others, at the ends of what a layout must hold
OTHERS: Final[Mapping[str, Sample]] = {
    "three-schools": Sample(
        15,
        {"schools": 3, "staff": 160},
        {"organisation": "Oak", "short_name": "Oak"},
        name_length=3,
    ),
    "sixty-schools": Sample(
        16,
        {"schools": 60, "staff": 2600, "modules": ["remembered"]},
        {
            "organisation": SHORT_NAME,
            "short_name": SHORT_NAME,
            "placeholders": {"mto": SHORT_NAME, "before": "the merger in September 2024"},
            "formal": FORMAL,
            "admin": ADMIN,
        },
        name_length=60,
    ),
    "no-roster": Sample(17, {"schools": 5, "staff": 150}, has_roster=False),
    "short-form": Sample(18, {"form": "short"}),
    "below-the-floors": Sample(3, {"schools": 3, "staff": 40, "response_rate": 0.5}),
}

SAMPLES: Final[Mapping[str, Sample]] = {**KEPT, **OTHERS}


def _renamed(names: list[str], length: int) -> dict[str, str]:
    """School names of so many letters, all different."""
    if not length:
        return {name: name for name in names}
    if length < 10:
        letters = "BCDFGHJKLMNPRSTVWZ"
        return {name: f"{letters[place]}ay"[:length] for place, name in enumerate(names)}
    tail = " Church of England Voluntary Aided Primary and Nursery School"
    return {name: f"{name}{tail}"[:length].rstrip().ljust(length, "s") for name in names}


@cache
def profile_of(name: str) -> Profile:
    """The sample's profile, by the real path from simulated answers."""
    sample = SAMPLES[name]
    instrument = registry.load(INSTRUMENT)
    drawn = simulate.simulate(instrument, seed=sample.seed, **sample.drawn)
    responses, roster = _with_names(drawn.responses, drawn.roster, sample.name_length)
    measures = scoring.score(instrument, responses, roster if sample.has_roster else None)
    return build_profile(instrument, measures, facts_of(name, drawn.round))


def facts_of(name: str, drawn: Mapping[str, object]) -> RoundFacts:
    """What the round of a sample says of its organisation."""
    return facts_from({**drawn, **SAMPLES[name].facts}, registry.load(INSTRUMENT))


def _with_names(responses: Responses, roster: Roster, length: int) -> tuple[Responses, Roster]:
    names = _renamed([name for name in roster.schools if name], length)
    school = responses.attribute("school")
    renamed = np.array([names.get(name, name) for name in school.tolist()])
    rows = tuple(replace(row, school=names.get(row.school, row.school)) for row in roster.rows)
    return (
        replace(responses, attributes={**responses.attributes, "school": renamed}),
        replace(roster, rows=rows),
    )


@cache
def pdf_of(name: str) -> bytes:
    """The sample's profile as a PDF."""
    return render_profile(profile_of(name))
