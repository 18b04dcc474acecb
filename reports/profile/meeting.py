"""The page for a meeting: a protocol of 75 minutes, and the questions that the answers call for."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from reports.disclosure import Withheld
from reports.position import are_many
from reports.profile.content import Mark, Reading
from reports.profile.content_meeting import Column, Meeting, Prompt, Step
from reports.profile.context import Context
from reports.profile.figures import cant_tell
from reports.profile.pattern_terms import Grounds, PatternError, Round, count_of, table_of
from reports.profile.patterns import grounds_of
from reports.profile.placing import decisions, placed_decisions, placing_mark
from reports.words import listed, lower_first, number, upper_first

PROMPTS: Final = Path(__file__).parents[1] / "prompts"
#: questions where an instrument's own choice is not laid down
MOST: Final = 6
#: decisions named in a reason
MOST_NAMED: Final = 4

STEPS: Final = (
    (10, "Predict", "Pages stay closed. Each writes down what they expect to see."),
    (15, "Read alone", "In silence. Mark what surprises you and what you do not follow."),
    (20, "What do we see?", "Say what stands on the page, and where. No causes yet."),
    (20, "What might explain it?", "Find at least two rival readings of the same figure."),
    (10, "What will we try?", "One thing: who, until when, and what would show it."),
)

RULES: Final = (
    "Mixed roles at every table",
    "a facilitator who is not the chief executive",
    "teachers speak first",
    "everybody has had the summary beforehand",
)

COLUMNS: Final = (
    ("We thought", "before the pages were opened", 1),
    ("We saw", "and on which page", 3),
    ("We wonder", "what explains it, and what else might", 4),
    ("We will try", "one thing: who, until when", 5),
    ("How we shall know", "what would show it, and when we look", 5),
)


def meeting_page(context: Context, readings: Sequence[Reading]) -> Meeting | None:
    """The page for a meeting; None where the instrument has no questions for one."""
    if not context.words.text.prompts:
        return None
    return meeting_of(chosen_prompts(context, readings))


def meeting_of(chosen: tuple[Prompt, ...]) -> Meeting:
    """The page with these questions."""
    steps, begins = [], 0
    for place, (minutes, name, text) in enumerate(STEPS, start=1):
        steps.append(Step(place, minutes, begins, name, text))
        begins += minutes
    return Meeting(
        heading="For your meeting",
        lead=(
            f"{begins} minutes to find out together what these answers mean: they raise questions "
            "and settle none."
        ),
        steps=tuple(steps),
        rules=RULES,
        prompts_heading=f"{upper_first(number(len(chosen)))} questions for the table",
        prompts_note="Chosen by rule from what the answers show.",
        prompts=chosen,
        table_heading="What we make of it",
        columns=tuple(Column(*column) for column in COLUMNS),
        alt=(
            f"The {begins} minutes in {number(len(steps))} parts: "
            + "; ".join(
                f"{step.name.rstrip('?').lower()}, {step.minutes} minutes" for step in steps
            )
            + "."
        ),
    )


def chosen_prompts(context: Context, readings: Sequence[Reading]) -> tuple[Prompt, ...]:
    """The questions that fit these answers, in the instrument's order, each with its reason."""
    texts = context.words.text.prompts
    rules = _rules(context.instrument.slug)
    if not rules:
        return tuple(
            Prompt(place, context.words.fill(text), "")
            for place, text in enumerate(texts[:MOST], start=1)
        )
    found: dict[int, str] = {}
    for rule in rules["prompt"]:
        because = _because(rule.get("when"), context, readings)
        if because is not None and len(found) < rules["most"] and rule["number"] <= len(texts):
            found[rule["number"]] = because
    return tuple(
        Prompt(place, context.words.fill(texts[which - 1]), found[which])
        for place, which in enumerate(sorted(found), start=1)
    )


@cache
def _rules(slug: str) -> Mapping[str, Any]:
    path = PROMPTS / f"{slug}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _because(when: object, context: Context, readings: Sequence[Reading]) -> str | None:
    """Why a question fits: the first condition that holds; "" without any, None where none does."""
    if when is None:
        return ""
    if not isinstance(when, list):
        raise PatternError(f"a question's when must be a list of conditions, not {when!r}")
    for condition in when:
        grounds = _grounds(condition, context, readings)
        if grounds is not None:
            return "; ".join(grounds)
    return None


def _grounds(condition: object, context: Context, readings: Sequence[Reading]) -> Grounds:
    if isinstance(condition, Mapping) and len(condition) == 1:
        ((name, value),) = condition.items()
        match name:
            case "split":
                return _split(value, context)
            case "apart":
                return _apart(value, context)
            case "unseen":
                return _unseen(value, context)
            case "reading":
                return _reading(value, readings)
    round_ = Round(context.instrument, context.measures, context.words, context.floors)
    return grounds_of(condition, round_)


def _split(value: object, context: Context) -> Grounds:
    wanted = count_of("split.decisions", table_of("split", value, ("decisions",)).get("decisions"))
    names = [
        lower_first(each.short) for each in placed_decisions(context) if each.verdict == "split"
    ]
    verb = "are" if are_many(names) else "is"
    return (f"{listed(names)} {verb} split",) if len(names) >= wanted else None


def _apart(value: object, context: Context) -> Grounds:
    wanted = count_of("apart.decisions", table_of("apart", value, ("decisions",)).get("decisions"))
    names = []
    for decision in decisions(context) if context.designed else ():
        own = placing_mark(context, decision.code, context.lived)
        other = placing_mark(context, decision.code, context.designed)
        if isinstance(own, Mark) and isinstance(other, Mark) and _are_apart(own, other):
            names.append(lower_first(context.decision_text(decision.code, "short")))
    if len(names) < wanted:
        return None
    verb = "are" if are_many(names) else "is"
    if len(names) > MOST_NAMED:
        names = [*names[: MOST_NAMED - 1], f"{number(len(names) - MOST_NAMED + 1)} more"]
    sides = f"{context.group_who(context.designed)} and {context.group_who(context.lived)}"
    return (f"{listed(names)} {verb} placed apart by {sides}",)


def _are_apart(own: Mark, other: Mark) -> bool:
    return own.low > other.high or own.high < other.low


def _unseen(value: object, context: Context) -> Grounds:
    measure = context.measures.scales.get(str(value))
    if measure is None:
        return None
    share = measure.cant_tell.get(context.lived, 0.0)
    shown = cant_tell(share, context.shown_to(measure.items, context.lived), context.floors)
    if isinstance(shown, Withheld) or share < context.instrument.scoring.cant_tell_notice:
        return None
    name = lower_first(context.scale_name(measure.scale))
    return (f"on {name} {shown.text} could not tell from their role",)


def _reading(value: object, readings: Sequence[Reading]) -> Grounds:
    if not isinstance(value, list):
        raise PatternError(f"reading needs a list of readings, not {value!r}")
    held = [reading for reading in readings if reading.id in value]
    return (f"reading {held[0].number}, {held[0].name}",) if held else None
