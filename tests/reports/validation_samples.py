"""A small instrument and answers drawn for it, for tests of the validation report."""

import numpy as np

from instruments.definition import (
    Disclosure,
    Form,
    Instrument,
    Item,
    Locale,
    ResponseScale,
    Scale,
    Scoring,
    Section,
    Text,
)
from instruments.responses import CANT_TELL, NOT_SHOWN, Responses

WARM = ("w1", "w2", "w3", "w4")
CALM = ("c1", "c2", "c3")
PAIR = ("p1", "p2")
LISTED = ("l1",)
ALL = WARM + CALM + PAIR + LISTED
REVERSED = "w4"
LEADERS_ONLY = "w3"


def instrument(*, leaders_only: bool = False) -> Instrument:
    """Three reflective scales (one of two items) and a list of single items; two roles."""
    items = tuple(
        Item(
            code=code,
            section="page",
            response="five",
            roles=("L",) if leaders_only and code == LEADERS_ONLY else ("T", "L"),
            core=not (leaders_only and code == LEADERS_ONLY),
            reverse=code == REVERSED,
        )
        for code in ALL
    )
    return Instrument(
        slug="small",
        version="1.0",
        status="draft",
        licence="CC0-1.0",
        source="made for a test",
        language="en",
        locale="en-GB",
        roles=("T", "L"),
        groups={"staff": ("T",), "heads": ("L",)},
        placeholders={"place": "where people work"},
        response_scales={
            "five": ResponseScale(code="five", options=(1, 2, 3, 4, 5), cant_tell=True)
        },
        sections=(Section(code="page"),),
        items=items,
        scales=(
            Scale(code="WARM", block="capability", items=WARM),
            Scale(code="CALM", block="capability", items=CALM),
            Scale(code="PAIR", block="companion", items=PAIR),
            Scale(code="LIST", block="support", kind="items", items=LISTED),
        ),
        forms={"full": Form(code="full")},
        scoring=Scoring(version="1", minimum_answered={1: 1}),
        disclosure=Disclosure(),
        texts={
            "en": Text(
                language="en",
                title="Small survey",
                roles={"T": {"name": "teachers"}, "L": {"name": "leaders"}},
                groups={"staff": {"who": "staff"}, "heads": {"who": "heads"}},
                items={code: {"stem": f"{code} at {{place}}"} for code in ALL},
                scales={"WARM": {"name": "Warmth"}},
            )
        },
        locales={"en-GB": Locale(code="en-GB", language="en", name="UK", terms={})},
        checksum="0123456789abcdef",
    )


def answers(n: int = 240, *, seed: int = 5, leaders: int = 60, loading: float = 0.8) -> Responses:
    """Answers with a cause behind each scale; some people cannot tell at ``c1``."""
    rng = np.random.default_rng(seed)
    columns = {}
    for items in (WARM, CALM, PAIR, LISTED):
        cause = rng.standard_normal(n)
        for code in items:
            noise = rng.standard_normal(n)
            latent = loading * cause + np.sqrt(1 - loading**2) * noise
            latent = -latent if code == REVERSED else latent
            columns[code] = np.clip(np.round(3 + 1.1 * latent), 1, 5)
    codes = np.array([columns[code] for code in ALL]).T.astype(np.int8)
    codes[rng.random(n) < 0.1, ALL.index("c1")] = CANT_TELL
    role = np.where(np.arange(n) < leaders, "L", "T")
    return Responses(items=ALL, codes=codes, attributes={"role": role})


def with_column(responses: Responses, code: str, values: object) -> Responses:
    """The same answers with one item's answered differently."""
    codes = responses.codes.copy()
    codes[:, responses.items.index(code)] = values
    return Responses(responses.items, codes, responses.attributes, responses.simulated)


def hidden_from_teachers(responses: Responses) -> Responses:
    """The same answers where teachers were not asked the leaders' item."""
    codes = responses.codes.copy()
    codes[responses.attributes["role"] == "T", ALL.index(LEADERS_ONLY)] = NOT_SHOWN
    return Responses(responses.items, codes, responses.attributes, responses.simulated)
