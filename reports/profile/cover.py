"""A profile's identity and cover, and the page that stands for a profile below the floors."""

from reports.disclosure import TO_PROTECT, Withheld, people
from reports.disclosure_rows import PeopleRow, caution, response_rate, role_rows, school_rows
from reports.profile.content import (
    Cover,
    EvidenceStage,
    HowTo,
    Identity,
    Refusal,
    TurnoutRow,
)
from reports.profile.context import Context
from reports.words import listed, month, number, upper_first, window

STAGES = (
    (
        "Draft items",
        "wording agreed, not yet tried with staff: every figure is a trial",
        "Not shown yet: that staff understand the questions as they are meant, that the questions "
        "of a scale hang together, and that {organisations} can be compared.",
    ),
    (
        "Piloted",
        "tried with staff: figures are a trial",
        "Not shown yet: that the questions of a scale hang together alike for every role, and "
        "that {organisations} can be compared.",
    ),
    (
        "Structure supported",
        "the scales hold together",
        "Not shown yet: that {organisations} can be compared with one another.",
    ),
    (
        "Supported across {organisations}",
        "comparable between {organisations}",
        "What has been shown rests on the studies that are listed with the instrument.",
    ),
)

HOW_TO = (
    (
        "Position is a choice",
        "The line from {left} to {right} has two equal ends. Neither is a goal.",
    ),
    (
        "Capability is perception",
        "The dimensions report what staff see, not what an inspector would find.",
    ),
    (
        "The environment is not your mark",
        "Pressures describe the setting you work in. High is neither good nor bad.",
    ),
)

USE_LIMITS = (
    "No ranking of schools, no appraisal of people, no use as evidence for outside accountability."
)


def identity(context: Context) -> Identity:
    """Whose profile this is and what made it."""
    measures, facts, instrument = context.measures, context.facts, context.instrument
    digits = measures.fingerprint[:12]
    versions = f"instrument {measures.version}, scoring {measures.scoring_version}"
    return Identity(
        organisation=facts.organisation,
        short_name=facts.short_name,
        organisation_word=context.say("the {organisation}"),
        title=context.words.fill(context.words.text.title),
        window=window(facts.opens_on, facts.closes_on),
        month=month(facts.closes_on),
        instrument=instrument.slug,
        instrument_version=measures.version,
        scoring_version=measures.scoring_version,
        fingerprint=" ".join(digits[start : start + 4] for start in range(0, len(digits), 4)),
        fingerprint_full=measures.fingerprint,
        simulated="Simulated data" if measures.simulated or facts.simulated else "",
        locale=facts.locale,
        stage=instrument.evidence.stage,
        trial=context.trial,
        foot=f"{facts.organisation} · Profile, {month(facts.closes_on)} · {versions}",
    )


def cover(context: Context, *, refused: bool) -> Cover:
    """The first page; of an organisation below the floors it says no more than the total."""
    text, fill = context.words.text, context.words.fill
    ends = {key: fill(words) for key, words in text.ends.items()}
    ends = {key: words[:1].lower() + words[1:] for key, words in ends.items()}
    stage = context.instrument.evidence.stage
    rows = _refused_rows(context) if refused else turnout_rows(context)
    outer = context.turnout(context.lived).rate is not None
    return Cover(
        facts=_facts(context, rows[-1]),
        subtitle=(
            f"Profile: where decisions sit, how {context.facts.short_name} learns, "
            "what presses on it"
        ),
        how_to=tuple(HowTo(heading, words.format_map(ends)) for heading, words in HOW_TO),
        mark_note=_mark_note(context, outer=outer),
        lived_label=_sees(context, context.lived),
        designed_label=_sees(context, context.designed) if context.designed else "",
        inner_label="solid: chance",
        outer_label="hatched: what if those who did not answer differ" if outer else "",
        turnout=rows,
        schools="" if refused else schools_sentence(context),
        caution="" if refused else caution(context.measures.turnout, context.floors),
        stages=tuple(
            EvidenceStage(context.say(name), context.say(caption), place == stage)
            for place, (name, caption, _) in enumerate(STAGES)
        ),
        not_shown_yet=context.say(STAGES[stage][2]),
        use_limits=USE_LIMITS,
        contents=_contents(context, refused=refused),
    )


def _contents(context: Context, *, refused: bool) -> tuple[str, ...]:
    if refused:
        return "What cannot be shown, and why", "How it was done"
    pages = ["Summary on one page", "Where decisions sit today", "Capability, lived and designed"]
    if context.instrument.scales_in("companion"):
        pages.append("Beside the dimensions")
    pages += ["What presses and what helps", "Reading the three together"]
    if context.words.text.prompts:
        pages.append("For your meeting")
    return (*pages, "How it was done", "The same numbers in tables")


def _sees(context: Context, group: str) -> str:
    who = context.group_who(group)
    verb = "sees" if who.startswith("the ") else "see"
    return f"as {who} {verb} it: {context.group_name(group)}"


def _mark_note(context: Context, *, outer: bool) -> str:
    sentences = []
    if context.designed:
        roles = context.instrument.groups[context.designed]
        who = upper_first(context.group_who(context.designed))
        sentences.append(f"{who}: {listed([context.role_name(role) for role in roles])}.")
    sentences.append(
        "Chance: another set of answers from the same staff would likely fall in the solid band."
    )
    if outer:
        differ = context.instrument.scoring.silent_differ_sd
        amount = "half a standard deviation" if differ == 0.5 else f"{differ:g} standard deviations"
        sentences.append(
            "The hatched band is a what-if, not an estimate: it supposes that those who did not "
            f"answer differ by {amount}."
        )
    else:
        sentences.append(
            "There is no hatched band, because the number of staff is not known: nobody can say "
            "how many did not answer."
        )
    return " ".join(sentences)


def _facts(context: Context, total: TurnoutRow) -> str:
    schools = sum(1 for turnout in context.measures.by_school if turnout.name)
    parts = [f"{schools} {'school' if schools == 1 else 'schools'}"] if schools else []
    parts.append(f"answers collected {window(context.facts.opens_on, context.facts.closes_on)}")
    if isinstance(total.n_band, Withheld):
        if total.n_band != TO_PROTECT:
            parts.append("too few answers for a profile")
    elif isinstance(total.rate, Withheld):
        rate = total.rate.reason
        parts.append(
            f"response rate unknown (n {total.n_band})"
            if rate == "not known"
            else f"n {total.n_band}"
        )
    else:
        parts.append(f"{total.rate} of staff answered (n {total.n_band})")
    return " · ".join(parts)


def turnout_rows(context: Context) -> tuple[TurnoutRow, ...]:
    """Who answered, by role where each may stand alone, else by informant group."""
    measures = context.measures
    rows = role_rows(
        measures.by_role,
        context.instrument.groups,
        measures.turnout,
        floor=context.floors.group_n,
    )
    return tuple(_turnout_row(context, row) for row in rows)


def _turnout_row(context: Context, row: PeopleRow) -> TurnoutRow:
    if row.kind == "total":
        name = "All staff"
    elif row.kind == "group":
        name = upper_first(context.group_who(row.code))
    else:
        texts = context.words.text.roles.get(row.code, {})
        name = context.words.fill(texts.get("name", row.code))
    rate = row.rate if isinstance(row.rate, Withheld) else row.rate.text
    return TurnoutRow(name, rate, row.n_band, is_total=row.kind == "total")


def _refused_rows(context: Context) -> tuple[TurnoutRow, ...]:
    total, floors = context.measures.turnout, context.floors
    n = people(total.n, floor=floors.organisation_n)
    if isinstance(n, Withheld):
        n = rate = Withheld(f"not shown: fewer than {floors.organisation_n} people")
        return (TurnoutRow("All staff", rate, n, is_total=True),)
    shown = response_rate(total, floor=floors.group_n)
    return (
        TurnoutRow(
            "All staff", shown if isinstance(shown, Withheld) else shown.text, n, is_total=True
        ),
    )


def schools_sentence(context: Context) -> str:
    """How many schools could have a page of their own, never counting one school alone."""
    schools = [turnout for turnout in context.measures.by_school if turnout.name]
    if not schools:
        return "No answer names a school."
    floors = context.floors
    half = round(100 * floors.school_response_rate)
    of_staff = "half of staff" if half == 50 else f"{half}% of staff"
    mark = f"at least {floors.school_n} answers and {of_staff}"
    if all(turnout.headcount is None for turnout in schools):
        return (
            f"A page of its own needs {mark}; how many staff each school has is not known, so no "
            "school can have one."
        )
    found = school_rows(schools, floors)
    if len(found.shown) == len(schools):
        passing = f"All {len(schools)} schools pass"
    elif found.shown:
        passing = f"Of the {len(schools)} schools, {len(found.shown)} pass"
    else:
        passing = f"Of the {len(schools)} schools, none passes"
    return (
        f"{passing} the mark for a page of their own: {mark}. "
        f"Groups under {floors.group_n} are not shown, to protect people; the next smallest may "
        "be withheld with them."
    )


def refusal(context: Context, reasons: tuple[str, ...]) -> Refusal:
    """What stands for the body of a profile that may not be shown."""
    floors = context.floors
    needs = (
        f"A profile needs at least {floors.organisation_n} answers, from at least "
        f"{number(floors.organisation_schools)} schools, and at least "
        f"{round(100 * floors.organisation_response_rate)}% of staff where their number is known."
    )
    return Refusal(
        heading="This profile cannot be shown",
        reasons=(
            *reasons,
            needs,
            "With fewer, a figure could be traced to the people behind it, and chance alone "
            "could move it far. So no position, no dimension, no pressure and no reading is "
            "shown, in pictures or in tables.",
        ),
        advice=(
            "Tell staff that their answers were too few to be shown safely: nobody has seen them.",
            "Ask again in a later round, with time set aside for answering.",
            "Answers of this round stay as they are; a later round is not added to them.",
        ),
    )
