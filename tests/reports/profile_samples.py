"""Profiles built by hand, so that drawing is tested apart from scoring."""

from dataclasses import replace

from reports.disclosure import Withheld
from reports.profile.content import (
    AxisWord,
    Bar,
    Body,
    Capability,
    CapabilityRow,
    CapsuleRow,
    Cover,
    DecisionGroup,
    DecisionRow,
    Decisions,
    EvidenceStage,
    Gathered,
    HowTo,
    Identity,
    ItemRow,
    Lane,
    Line,
    LineStop,
    Mark,
    Overall,
    PressureRow,
    Pressures,
    Profile,
    Reading,
    Refusal,
    Share,
    SplitRow,
    Stretch,
    Strip,
    Summary,
    Table,
    Technical,
    TurnoutRow,
)
from reports.profile.content_meeting import Prompt
from reports.profile.meeting import meeting_of

FEW = Withheld("not shown: fewer than 10 answers")
STOPS = ("On our own", "Tailored help", "Set menu", "Common, adjustable", "One way")
SAYS = (
    "Each school or teacher decides on its own",
    "Each school decides, with tailored advice if it asks",
    "Each school picks from options the trust sets out",
    "The trust has a common way; schools can adjust it",
    "The trust has one way; schools use it as it stands",
)
EXTENT = tuple(
    AxisWord(value, word)
    for value, word in enumerate(
        (
            "Not at all",
            "To a small extent",
            "To some extent",
            "To a large extent",
            "To a very large extent",
        ),
        1,
    )
)
NAMES = {
    "CUR": ("Curriculum content", "Curriculum", "Curriculum", "asked of all staff"),
    "MAT": ("Lesson materials", "Materials", "Materials", "asked of all staff"),
    "ASM": ("Tests and exam courses", "Tests and exams", "Tests", "asked of all staff"),
    "PED": ("How lessons are taught", "Teaching", "Teaching", "asked of all staff"),
    "PDC": ("Professional learning", "Staff learning", "Training", "asked of all staff"),
    "STF": ("Hiring", "Hiring", "Hiring", "asked of leaders and centre"),
    "TIM": ("Staff time", "Staff time", "Time", "asked of all staff"),
    "BUD": ("School budget", "School budget", "Budget", "asked of heads and centre"),
    "DAT": ("When results drop", "When results drop", "Results drop", "asked of all staff"),
    "PRI": ("Improvement priorities", "Priorities", "Priorities", "asked of leaders and centre"),
}


def mark(value: float, half: float = 0.1, outer: float | None = 0.2, n_band: str = "100+") -> Mark:
    """A mark with symmetric bands."""
    low, high = round(value - half, 1), round(value + half, 1)
    return Mark(
        value=value,
        low=low,
        high=high,
        outer_low=None if outer is None else round(value - outer, 1),
        outer_high=None if outer is None else round(value + outer, 1),
        text=f"{value:.1f}",
        likely=f"likely {low:.1f} to {high:.1f}",
        what_if="",
        n_band=n_band,
    )


def bars(*shares: float, labels: tuple[str, ...] = STOPS) -> tuple[Bar, ...]:
    """A distribution as it is drawn and printed."""
    return tuple(
        Bar(option, label, max(share, 2.5), "<5%" if share < 5 else f"{share:.0f}%")
        for option, (share, label) in enumerate(zip(shares, labels, strict=True), 1)
    )


def gathered(decision: str, value: float) -> Gathered:
    """A decision whose answers gather near ``value``."""
    name, short, shorter, _ = NAMES[decision]
    stop = min(max(round(value), 1), 5)
    return Gathered(decision, name, short, shorter, value, stop, STOPS[stop - 1])


def split(decision: str, words: str = "split: schools differ") -> SplitRow:
    """A decision whose answers stand in two groups."""
    return SplitRow(decision, NAMES[decision][1], words, 1.5, 4.45, "40%", "45%")


def capsule(decision: str, low: float = 1.5, high: float = 3.25) -> CapsuleRow:
    """A decision with no single position."""
    return CapsuleRow(decision, NAMES[decision][1], "no single position", low, high)


def line() -> Line:
    """The line of the look's summary."""
    places = {"CUR": 3.9, "MAT": 3.1, "ASM": 4.6, "PED": 3.7, "PDC": 3.75, "TIM": 2.0, "PRI": 2.9}
    shares = ("13%", "19%", "22%", "29%", "17%")
    return Line(
        low=0.5,
        high=5.5,
        left="School autonomy",
        left_note="each school decides",
        right="Standardisation",
        right_note="one way for all",
        stops=tuple(
            LineStop(value, name, says, Share(float(text[:-1]), f"{text} of answers"))
            for value, (name, says, text) in enumerate(zip(STOPS, SAYS, shares, strict=True), 1)
        ),
        overall=Overall(
            mark(3.2),
            "Around Set menu",
            "3.2 on stops 1 to 5, likely 3.1 to 3.3",
            "decisions range from Tailored help (staff time) to One way (tests); "
            "two of ten are split",
        ),
        centre=mark(3.7),
        centre_name="The centre’s view",
        middle_half=Stretch(2.15, 4.2, "middle half of all answers"),
        gathered=tuple(gathered(code, value) for code, value in places.items()),
        rows=(
            split("STF"),
            capsule("BUD"),
            split("DAT", "split: people in the same schools see it differently"),
        ),
        notes=(),
        alt="Where decisions sit between School autonomy and Standardisation. Five stops. "
        "Overall (tall bar) 3.2; the centre (hollow diamond) 3.7. Nothing is withheld. "
        "The table after this picture gives all values.",
    )


def decision_row(code: str, *shares: float, kind: str = "gathers", **given: object) -> DecisionRow:
    """One decision as a distribution."""
    name, short, _, asked = NAMES[code]
    median = sum(option * share for option, share in enumerate(shares, 1)) / sum(shares)
    heading = {"gathers": STOPS[round(median) - 1], "split": "Split", "none": "No single position"}
    detail = {
        "gathers": "48% here, 87% with the stops beside it",
        "split": "schools differ 40% left, 45% right",
        "none": "answers do not gather at one stop",
    }
    row = DecisionRow(
        decision=code,
        name=name,
        short=short,
        asked=asked,
        n_band="100+",
        bars=bars(*shares),
        lived=mark(round(median, 1), 0.1, None),
        designed=mark(round(median + 0.4, 1), 0.2, None),
        kind=kind,  # type: ignore[arg-type]
        heading=heading[kind],
        detail=detail[kind],
    )
    return replace(row, **given)  # type: ignore[arg-type]


def decisions() -> Decisions:
    """The page of ten decisions."""
    groups = (
        DecisionGroup(
            "Teaching and learning",
            (
                decision_row("CUR", 4, 9, 17, 48, 22),
                decision_row("MAT", 6, 18, 46, 22, 8),
                decision_row("ASM", 3, 2, 7, 35, 55),
                decision_row("PED", 5, 13, 23, 43, 16),
                decision_row("PDC", 4, 12, 24, 44, 16),
            ),
        ),
        DecisionGroup(
            "Running each school",
            (
                decision_row("STF", 20, 20, 15, 25, 20, kind="split"),
                decision_row("TIM", 30, 41, 17, 9, 3),
                decision_row("BUD", 25, 35, 20, 15, 5, kind="none", designed=FEW),
            ),
        ),
        DecisionGroup(
            "Improving",
            (
                decision_row("DAT", 21, 16, 15, 27, 21, kind="split"),
                decision_row("PRI", 10, 25, 40, 20, 5),
            ),
        ),
    )
    return Decisions(
        intro="Bars show all answers from schools, stop by stop. A stop is named only when at "
        "least 40% of answers are on it and 75% with its neighbours. Left and right are choices "
        "of equal standing.",
        stops=tuple(AxisWord(value, name) for value, name in enumerate(STOPS, 1)),
        groups=groups,
        top=60,
        note="All bars share one scale (full height 60%). Shares below 5% print as <5%.",
        alt="Ten decisions as bars over five stops.",
    )


def strips(top: float = 42) -> tuple[Strip, ...]:
    """Three questions as small distributions."""
    facets = (
        ("In place", "clear idea of good teaching"),
        ("Shared", "same words mean the same things"),
        ("Used", "helps make sense of surprises"),
    )
    labels = tuple(word.text for word in EXTENT)
    return tuple(
        Strip(
            f"Q{number}", facet, text, bars(3, 9, 26, top, 20, labels=labels), "not at all",
            "very large extent",
        )
        for number, (facet, text) in enumerate(facets)
    )  # fmt: skip


def capability_row(
    name: str, short: str, lived: float, designed: float, told: str = "6%"
) -> CapabilityRow:
    """One scale, lived and designed."""
    return CapabilityRow(
        scale=short[:3].upper(),
        name=name,
        short=short,
        definition="A view of good teaching that people in different schools hold in common.",
        lived=Lane("lived", "lived", "schools", mark(lived), Share(float(told[:-1]), told)),
        designed=Lane("designed", "designed", "centre", mark(designed, 0.2), Share(2.5, "<5%")),
        gap="The centre describes more than schools do.",
        notice="Nearly half of people in schools could not tell from their role: read the lived "
        "mark as the view of those who can see it."
        if told == "46%"
        else "",
        strips=strips(),
        item_by_item="",
        items=(),
    )


def capability() -> Capability:
    """The page of five dimensions."""
    return Capability(
        heading="Capability, lived and designed",
        intro="What people in schools report (lived) beside what the centre reports (designed). "
        "More is better for learning, at a cost in time and attention.",
        axis=EXTENT,
        low=1,
        high=5,
        lived_key="lived: schools, n 100+",
        designed_key="designed: centre, n 25–49",
        rows=(
            capability_row("Shared conceptual framework", "Shared framework", 3.7, 3.9),
            capability_row("Codified routines and tools", "Routines and tools", 3.6, 3.8, "9%"),
            capability_row("Boundary spanning", "Boundary spanning", 3.1, 3.5, "46%"),
            capability_row("Shared sensemaking", "Shared sensemaking", 2.8, 3.7, "12%"),
            capability_row("Measurement system", "Measurement system", 3.2, 4.0, "18%"),
        ),
        top=50,
        notes=(),
        alt="Five learning dimensions from Not at all to To a very large extent. "
        "The table after this picture gives all values.",
    )


def pressures() -> Pressures:
    """Nine pressures and three supports."""
    values = {
        "Scale and growth": 3.4,
        "Rigour of standards": 3.3,
        "Equity demands": 3.0,
        "Accountability": 4.1,
        "Competition": 2.6,
        "Scarce resources": 3.9,
        "Changing rules": 3.1,
        "Clashing guidance": 2.9,
        "Proving our worth": 2.4,
    }
    axis = (AxisWord(1, "None at all"), AxisWord(3, "Some"), AxisWord(5, "A great deal"))
    return Pressures(
        heading="What presses and what helps",
        intro="Pressures describe the setting. High is neither good nor bad.",
        axis=axis,
        low=1,
        high=5,
        key="all who were asked; a setting, not a mark",
        rows=tuple(
            PressureRow(name[:3], name, name, "everybody", mark(value), Share(6, "6%"), (), "")
            for name, value in values.items()
        ),
        alt="Nine pressures (squares) from None at all to A great deal.",
        supports_heading="What helps",
        supports=tuple(
            ItemRow(f"S{n}", text, "everybody", mark(3.0 + n / 5), Share(12, "12%"))
            for n, text in enumerate(
                ("Help from other schools", "Useful partners outside", "Time given by the state")
            )
        ),
        supports_axis=EXTENT,
        supports_alt="Three supports.",
        admin=(("Schools", "9 (two years ago)", "12"), ("Central staff", "", "34")),
        notes=(),
    )


def readings(count: int = 3) -> tuple[Reading, ...]:
    """Readings as the look words them."""
    texts = (
        (
            "Designed more than lived",
            "On shared sensemaking and the measurement system the centre describes more than "
            "schools do.",
            "Central staff see more of the whole; check line of sight first.",
            "Which meeting changed someone’s reading of evidence?",
        ),
        (
            "Common without a say",
            "Ways of teaching are mostly common; schools see little room to shape them.",
            "Some decisions may be settled by law or contract.",
            "Which common way would schools like to reopen, and who decides?",
        ),
        (
            "Wants diverge",
            "On lesson materials 34% want more common ways and 38% want more choice.",
            "Roles may differ more than opinions do.",
            "Whose reasons have we not heard yet?",
        ),
    )
    return tuple(
        Reading(f"P{n}", n, *text, source="", status="not yet tested against experts")
        for n, text in enumerate(texts[:count], 1)
    )


def identity(organisation: str = "Harbour Reach Schools Trust") -> Identity:
    """Whose profile it is."""
    return Identity(
        organisation=organisation,
        short_name="Harbour Reach",
        organisation_word="the trust",
        title="Profile",
        window="4 to 22 May 2026",
        month="May 2026",
        instrument="mto-learning-profile",
        instrument_version="0.1",
        scoring_version="0.1",
        fingerprint="7c1e 40ab 93d2",
        fingerprint_full="7c1e40ab93d2" * 5 + "7c1e",
        simulated="Simulated data",
        locale="en-GB",
        stage=0,
        trial="trial",
        foot=f"{organisation} · Profile, May 2026 · instrument 0.1, scoring 0.1",
    )


def cover() -> Cover:
    """The first page."""
    return Cover(
        facts="12 schools · answers collected 4 to 22 May 2026 · 64% of staff answered (n 100+)",
        subtitle="Profile: where decisions sit, how the trust learns, what presses on it",
        how_to=(
            HowTo(
                "Position is a choice",
                "The line from school autonomy to standardisation has two equal ends. "
                "Neither is a goal.",
            ),
            HowTo(
                "Capability is perception",
                "The five dimensions report what staff see, not what an inspector would find.",
            ),
            HowTo(
                "The environment is not your mark",
                "Pressures describe the setting you work in. High is neither good nor bad.",
            ),
        ),
        mark_note="The centre: the central team and people who work across schools. Chance: "
        "another set of answers from the same staff would likely fall in the solid band. The "
        "hatched band is a what-if, not an estimate: it supposes that those who did not answer "
        "differ by half a standard deviation.",
        lived_label="as people in schools see it: lived",
        designed_label="as the centre sees it: designed",
        inner_label="solid: chance",
        outer_label="hatched: what if those who did not answer differ",
        turnout=(
            TurnoutRow("Teachers and support staff", "62%", "100+"),
            TurnoutRow("School and department leaders", "71%", "25–49"),
            TurnoutRow("People who work across schools", "80%", "15–24"),
            TurnoutRow("Central team", "75%", "15–24"),
            TurnoutRow("All", "64%", "100+", is_total=True),
        ),
        schools="Of the 12 schools, 10 pass the mark for a page of their own.",
        caution="",
        stages=(
            EvidenceStage(
                "Draft items", "wording agreed, not yet tried with staff: every figure is a trial",
                is_current=True,
            ),
            EvidenceStage("Piloted", "tried with staff: figures are a trial", is_current=False),
            EvidenceStage("Structure supported", "the scales hold together", is_current=False),
            EvidenceStage(
                "Supported across trusts", "comparable between organisations", is_current=False
            ),
        ),
        not_shown_yet="Not shown yet: that the scales hold together, or that they mean the same "
        "in every role.",
        use_limits="No ranking of schools, no appraisal of people, no use as evidence for outside "
        "accountability.",
        contents=(),
    )  # fmt: skip


def technical() -> Technical:
    """How it was done."""
    return Technical(
        facts=(("Answers", "100+"), ("Weights", "To the roster, school by role.")),
        suppressions=(("Groups under 10", "not shown, to protect people"),),
        thresholds=(("A stop is named", "at 40% on it and 75% with its neighbours"),),
        notices=(),
    )


def table(key: str, title: str) -> Table:
    """The figures of one chart."""
    rows = tuple(
        (name, asked, "100+", "4%", "9%", "17%", "48%", "22%", "3.9 trial", "3.8 to 4.0")
        for name, _, _, asked in NAMES.values()
    )
    columns = ("Decision", "Asked of", "n", *STOPS, "Median, schools", "Likely")
    return Table(key, title, columns, rows, "Trial: wording agreed, not yet tried with staff.")


def body() -> Body:
    """All pages of an organisation above the floors."""
    return Body(
        summary=Summary(
            headline="Tests sit at One way, staff time at Tailored help",
            lead="Answers gather at a named stop for seven of ten decisions. Hiring and what "
            "happens when results drop are split; the school budget has no single position.",
            line=line(),
            readings_heading="Three readings to test in a meeting",
            readings=readings(),
            uncertainty="36 in 100 did not answer. If they see things somewhat differently, "
            "shared sensemaking as lived could lie between 2.6 and 3.0.",
        ),
        decisions=decisions(),
        wishes=None,
        capability=capability(),
        companions=None,
        pressures=pressures(),
        readings=readings(),
        readings_note="Rules chose these readings; each has a doubt and a question.",
        silhouettes=None,
        meeting=meeting_of(
            (
                Prompt(
                    1, "Before you look: on which decision do you expect most disagreement?", ""
                ),
                Prompt(
                    2,
                    "Where answers split, is it schools that differ or people in one school?",
                    "hiring is split",
                ),
            )
        ),
    )


def profile(organisation: str = "Harbour Reach Schools Trust") -> Profile:
    """A whole profile, as in the look's pictures."""
    return Profile(
        identity=identity(organisation),
        cover=cover(),
        body=body(),
        technical=technical(),
        tables=(table("decisions", "Where decisions sit today"), table("line", "The line")),
    )


def refused() -> Profile:
    """An organisation below the floors."""
    return replace(
        profile(),
        body=Refusal(
            heading="Too few answers for a profile",
            reasons=(
                "A profile needs at least 30 answers from at least 3 schools; "
                "fewer would let readers tell who said what.",
            ),
            advice=("Keep the round open for longer, or repeat it.",),
        ),
        tables=(),
    )
