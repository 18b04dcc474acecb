"""A tiny instrument and measures of it, made by hand: what scoring would find, at choice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from instruments.definition import (
    Decision,
    Disclosure,
    Evidence,
    Form,
    Instrument,
    Item,
    Locale,
    Pattern,
    Position,
    ResponseScale,
    Scale,
    Scoring,
    Section,
    Text,
)
from instruments.measures import (
    EVERYBODY,
    Band,
    DecisionMeasure,
    Distribution,
    ItemMeasure,
    Measures,
    OverallPosition,
    PositionMeasure,
    ScaleMeasure,
    SchoolMeasures,
    Turnout,
)
from instruments.psychometrics.agreement import Agreement
from instruments.psychometrics.estimates import Estimate, NotEstimated
from reports.round_facts import RoundFacts

ROLES = ("T", "L", "C")
GROUPS = {"lived": ("T", "L"), "designed": ("C",)}
SIZES = {"lived": 120, "designed": 24, EVERYBODY: 144}

_ALL = ("T", "L", "C")
_LEADERS = ("L", "C")

ITEMS = (
    Item(code="ROLE", section="s", kind="role"),
    Item(code="D1", section="s", response="stops", roles=_ALL, core=True),
    Item(code="D2", section="s", response="stops", roles=_ALL, core=True),
    Item(code="D3", section="s", response="stops", roles=_LEADERS),
    Item(code="A1", section="s", response="extent", roles=_ALL, facet="in_place", core=True),
    Item(code="A2", section="s", response="extent", roles=_ALL, facet="used", core=True),
    Item(code="A3", section="s", response="extent", roles=_LEADERS, facet="used"),
    Item(code="B1", section="s", response="extent", roles=_ALL, facet="in_place", core=True),
    Item(
        code="B2", section="s", response="extent", roles=_ALL, facet="used", core=True, reverse=True
    ),
    Item(code="P1", section="s", response="extent", roles=_LEADERS),
    Item(code="P2", section="s", response="extent", roles=_LEADERS),
    Item(code="S1", section="s", response="extent", roles=_LEADERS),
)

TEXT = Text(
    language="en",
    title="Tiny instrument",
    roles={
        "T": {"name": "Teachers", "option": "Teaching"},
        "L": {"name": "Leaders", "option": "Leading"},
        "C": {"name": "Central staff", "option": "At the centre"},
    },
    groups={
        "lived": {"name": "lived", "who": "people in schools", "mark": "schools"},
        "designed": {"name": "designed", "who": "the centre", "mark": "centre"},
    },
    responses={
        "stops": {
            1: "Each school decides",
            2: "With advice",
            3: "From a menu",
            4: "{mto} has a way; schools adjust",
            5: "{mto} has one way",
        },
        "extent": {1: "Not at all", 2: "A little", 3: "To some extent", 4: "Much", 5: "Fully"},
    },
    items={
        item.code: {"stem": f"What of {item.code}?", "short": f"question {item.code}"}
        for item in ITEMS
    },
    scales={
        "AA": {"name": "Alpha scale", "short": "Alpha", "definition": "The first."},
        "BB": {"name": "Beta scale", "short": "Beta", "definition": "The second."},
        "PP": {"name": "Press", "short": "Press", "definition": "What presses."},
        "SS": {"name": "Support", "short": "Support", "definition": "What helps."},
    },
    facets={"in_place": "In place", "used": "Used"},
    stops={1: "Alone", 2: "Advice", 3: "Menu", 4: "Common", 5: "One way"},
    ends={
        "left": "School autonomy",
        "left_note": "each decides",
        "right": "{Standardisation}",
        "right_note": "one way",
    },
    decisions={
        "ONE": {"name": "First things", "short": "Things"},
        "TWO": {"name": "Staff time", "short": "Staff time", "shorter": "Time"},
        "TRI": {"name": "Budget", "short": "Budget"},
    },
    decision_groups={"g": "All of them", "h": "Others"},
    patterns={
        code: {"name": f"Name {code}", "says": "It says.", "counter": "Or not.", "ask": "Why?"}
        for code in ("P01", "P02", "P03", "P04", "P00")
    },
    prompts=("What do {mto}'s schools expect?",),
)


def instrument(
    *,
    patterns: Sequence[Pattern] = (Pattern(id="P00"),),
    position: bool = True,
    disclosure: Disclosure | None = None,
    stage: int = 0,
) -> Instrument:
    """The tiny instrument: three decisions, two dimensions, one pressure, one support."""
    return Instrument(
        slug="tiny",
        version="1.0",
        status="draft",
        licence="CC0-1.0",
        source="made for tests",
        language="en",
        locale="en-GB",
        roles=ROLES,
        groups=GROUPS,
        central_roles=("C",),
        role_item="ROLE",
        response_scales={
            "stops": ResponseScale(code="stops", options=(1, 2, 3, 4, 5), cant_tell=True),
            "extent": ResponseScale(code="extent", options=(1, 2, 3, 4, 5), cant_tell=True),
        },
        sections=(Section(code="s"),),
        items=ITEMS,
        scales=(
            Scale(code="AA", block="capability", items=("A1", "A2", "A3")),
            Scale(code="BB", block="capability", items=("B1", "B2")),
            Scale(code="PP", block="pressure", kind="formative", items=("P1", "P2")),
            Scale(code="SS", block="support", kind="items", items=("S1",)),
        ),
        forms={"full": Form(code="full")},
        scoring=Scoring(version="1.0", minimum_answered={1: 1, 2: 2, 3: 2}),
        disclosure=disclosure or Disclosure(),
        position=Position(
            response="stops",
            decisions=(
                Decision(code="ONE", item="D1", group="g"),
                Decision(code="TWO", item="D2", group="g"),
                Decision(code="TRI", item="D3", group="h"),
            ),
            share_decisions=("ONE", "TWO"),
            case_decisions=("ONE",),
        )
        if position
        else None,
        patterns=tuple(patterns),
        evidence=Evidence.model_validate({"stage": stage}),
        texts={"en": TEXT},
        locales={
            "en-GB": Locale(
                code="en-GB",
                language="en",
                name="English",
                terms={"organisation": "organisation", "Standardisation": "Standardisation"},
                placeholders={"mto": "the trust"},
            )
        },
    )


def facts(**changes: object) -> RoundFacts:
    """A round's facts."""
    given = RoundFacts(
        organisation="Harbour Reach Schools Trust",
        short_name="Harbour Reach",
        locale="en-GB",
        opens_on=date(2026, 5, 4),
        closes_on=date(2026, 5, 22),
        placeholders={"mto": "Harbour Reach"},
    )
    return replace(given, **changes)  # type: ignore[arg-type] # the test names real fields


def band(value: float, *, half: float = 0.1, n: int = 120, outer: float | None = 0.1) -> Band:
    """A figure with even bands."""
    return Band(
        value=value,
        low=value - half,
        high=value + half,
        outer_low=None if outer is None else value - half - outer,
        outer_high=None if outer is None else value + half + outer,
        n=n,
        sd=1.0,
        method="by hand",
    )


def distribution(
    shares: Sequence[float], *, n: int = 120, shown: int | None = None, cant_tell: float = 0.1
) -> Distribution:
    """A distribution over five options with given shares."""
    return Distribution(
        options=(1, 2, 3, 4, 5),
        counts=tuple(round(share * n) for share in shares),
        shares=tuple(shares),
        n=n,
        shown=n if shown is None else shown,
        cant_tell=cant_tell,
        does_not_apply=0.0,
    )


def placing(
    shares: Sequence[float],
    value: float,
    *,
    n: int = 120,
    verdict: str = "none",
    stop: int | None = None,
    split_kind: str | None = None,
) -> PositionMeasure:
    """A decision as one group places it."""
    top = max(range(5), key=lambda place: shares[place])
    return PositionMeasure(
        distribution=distribution(shares, n=n),
        position=band(value, n=n) if n else NotEstimated("nobody answered"),
        lower_quartile=value - 0.7,
        upper_quartile=value + 0.7,
        verdict=verdict,  # type: ignore[arg-type] # tests name real verdicts
        stop=stop,
        at_stop=shares[top],
        with_neighbours=sum(shares[max(0, top - 1) : top + 2]),
        left_share=shares[0] + shares[1],
        right_share=shares[3] + shares[4],
        left_mean=1.5,
        right_mean=4.5,
        icc1=0.1,
        split_kind=split_kind,  # type: ignore[arg-type] # tests name real kinds
    )


AT_FIVE = (0.02, 0.03, 0.10, 0.30, 0.55)
AT_TWO = (0.30, 0.42, 0.16, 0.07, 0.05)
SPLIT = (0.22, 0.20, 0.13, 0.24, 0.21)


def decision(
    code: str, item: str, lived: PositionMeasure, designed: PositionMeasure, asked: Sequence[str]
) -> DecisionMeasure:
    """A decision as both groups place it."""
    return DecisionMeasure(
        decision=code,
        item=item,
        asked=tuple(asked),
        groups={"lived": lived, "designed": designed},
    )


def decisions(sizes: Mapping[str, int] = SIZES, *, leaders: int = 40) -> dict[str, DecisionMeasure]:
    """One decision at each end, and one that is split and asked of leaders and the centre."""
    lived, centre = sizes["lived"], sizes["designed"]
    at_five = placing(AT_FIVE, 4.6, n=lived, verdict="gathers", stop=5)
    at_two = placing(AT_TWO, 2.0, n=lived, verdict="gathers", stop=2)
    split = placing(SPLIT, 3.1, n=leaders, verdict="split", split_kind="people differ")
    return {
        "ONE": decision("ONE", "D1", at_five, placing(AT_FIVE, 4.5, n=centre), _ALL),
        "TWO": decision("TWO", "D2", at_two, placing(AT_TWO, 2.3, n=centre), _ALL),
        "TRI": decision("TRI", "D3", split, placing(SPLIT, 3.0, n=centre), _LEADERS),
    }


def scale(
    code: str,
    items: Sequence[str],
    lived: float,
    designed: float,
    *,
    asked: Sequence[str] = _ALL,
    sizes: Mapping[str, int] = SIZES,
    half: float = 0.1,
    omega_high: float = 0.9,
    cant_tell: float = 0.1,
    gap: Estimate | NotEstimated | None = None,
) -> ScaleMeasure:
    """A scale with a score for each group."""
    omega = Estimate(omega_high - 0.05, omega_high - 0.1, omega_high, 144, "by hand")
    values = {"lived": lived, "designed": designed, EVERYBODY: lived}
    difference = designed - lived
    return ScaleMeasure(
        scale=code,
        items=tuple(items),
        asked=tuple(asked),
        scores={group: band(value, half=half, n=sizes[group]) for group, value in values.items()},
        omegas=dict.fromkeys(values, omega),
        cant_tell=dict.fromkeys(values, cant_tell),
        reliability=omega,
        gap=gap
        or Estimate(difference, difference - 0.15, difference + 0.15, sizes["lived"], "by hand"),
    )


def items(sizes: Mapping[str, int] = SIZES) -> dict[str, ItemMeasure]:
    """All rated items with one plain distribution."""
    shares = (0.10, 0.20, 0.30, 0.25, 0.15)
    return {
        item.code: ItemMeasure(
            item=item.code,
            distributions={group: distribution(shares, n=n) for group, n in sizes.items()},
            means={group: band(3.2, n=n) for group, n in sizes.items()},
        )
        for item in ITEMS
        if item.kind == "rated"
    }


def scales(sizes: Mapping[str, int] = SIZES) -> dict[str, ScaleMeasure]:
    """All scales: the centre describes more of Beta, as much of Alpha."""
    return {
        "AA": scale("AA", ("A1", "A2"), 3.7, 3.75, sizes=sizes),
        "BB": scale("BB", ("B1", "B2"), 2.8, 3.8, sizes=sizes),
        "PP": scale("PP", ("P1", "P2"), 3.9, 3.9, asked=_LEADERS, sizes=sizes),
        "SS": scale("SS", ("S1",), 3.0, 3.0, asked=_LEADERS, sizes=sizes),
    }


def overall(value: float, n: int) -> OverallPosition:
    """The whole as one group places it."""
    return OverallPosition(
        position=band(value, n=n),
        lowest="TWO",
        highest="ONE",
        gathered=("ONE", "TWO"),
        split=("TRI",),
        shares=(0.18, 0.22, 0.13, 0.20, 0.27),
        lower_quartile=1.9,
        upper_quartile=4.4,
    )


def agreement(icc2: float) -> Agreement:
    """How well schools can be told apart."""
    one, two = (Estimate(value, value - 0.1, value + 0.1, 120, "by hand") for value in (0.1, icc2))
    return Agreement(one, two, 6)


def side_by_side(by_school: Sequence[Turnout]) -> dict[str, Any]:
    """Both dimensions in every school, which both tell apart."""
    bands = {"AA": 3.7, "BB": 2.8}
    return {
        "schools": {
            turnout.name: SchoolMeasures(
                turnout.name,
                turnout,
                {code: band(value, n=turnout.n) for code, value in bands.items()},
            )
            for turnout in by_school
        },
        "school_agreement": {code: agreement(0.8) for code in bands},
        "school_order": tuple(turnout.name for turnout in by_school)[::-1],
    }


def measures(
    sizes: Mapping[str, int] = SIZES, *, roster: bool = True, schools: int = 6, **changes: object
) -> Measures:
    """A whole round; ``sizes`` says how many of each group answered."""
    lived, centre = sizes["lived"], sizes["designed"]
    rate = 0.64 if roster else None
    people = {"T": lived - lived // 3, "L": lived // 3, "C": centre}

    def staff(n: int) -> int | None:
        return None if rate is None else round(n / rate)

    given = Measures(
        instrument="tiny",
        version="1.0",
        scoring_version="1.0",
        instrument_checksum="c" * 64,
        fingerprint="7c1e40ab93d2" + "0" * 52,
        simulated=False,
        seed=1,
        n=lived + centre,
        careless=3,
        turnout=Turnout(EVERYBODY, lived + centre, staff(lived + centre)),
        by_role=tuple(Turnout(role, n, staff(n)) for role, n in people.items()),
        by_school=tuple(
            Turnout(f"School {place}", lived // schools, staff(lived // schools))
            for place in range(schools)
        ),
        by_group={name: Turnout(name, n, staff(n)) for name, n in sizes.items()},
        items=items(sizes),
        scales=scales(sizes),
        decisions=decisions(sizes, leaders=lived // 3),
        overall={"lived": overall(3.1, lived), "designed": overall(3.0, centre)},
        pattern_shares=(0.16, 0.225, 0.13, 0.185, 0.30),
        pattern_shares_n=lived,
        notices=(),
    )
    given = replace(given, **side_by_side(given.by_school))
    return replace(given, **changes)  # type: ignore[arg-type] # the test names real fields
