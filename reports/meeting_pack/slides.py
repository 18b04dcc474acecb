"""Slides: one message each, in type that is read from the back of a hall.

Schools side by side have no slide: on a wall, rows of schools are read as a ranking.
"""

from dataclasses import dataclass, replace
from typing import Literal

from reports.profile.content import (
    Body,
    Capability,
    DecisionRow,
    Line,
    Mark,
    Overall,
    Pressures,
    Profile,
    Reading,
)
from reports.profile.content_meeting import Meeting, Prompt
from reports.words import listed, lower_first, number, upper_first

#: split decisions with a slide of their own
MOST_SPLIT = 3
#: headings of a list of names in a title before only their number is said
MOST_NAMED = 2


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide: its message, and the one thing that carries it."""

    kind: Literal[
        "title", "words", "line", "decision", "capability", "pressures", "reading", "minutes",
        "prompt", "write",
    ]  # fmt: skip
    #: the message: a whole sentence where there is a finding
    title: str
    #: paragraphs below it
    words: tuple[str, ...] = ()
    #: paragraphs after them, each under a word or two
    parts: tuple[tuple[str, str], ...] = ()
    chart: Line | DecisionRow | Capability | Pressures | Meeting | None = None


def build_slides(profile: Profile, body: Body) -> tuple[Slide, ...]:
    """The slides of one profile, in the order of the meeting."""
    identity, summary = profile.identity, body.summary
    slides = [
        Slide("title", identity.organisation, (f"What staff said, {identity.window}",)),
        *(_minutes(body.meeting) if body.meeting else ()),
        *(_prompts(body.meeting, first=True) if body.meeting else ()),
        Slide("words", "How to read what follows", _how_to(profile)),
        Slide("line", summary.headline, chart=_bare(summary.line)),
        *_split(body),
        Slide("capability", _capability_title(body.capability), chart=body.capability),
        Slide("pressures", _pressures_title(body.pressures), chart=body.pressures),
        *(_reading(reading) for reading in body.readings),
    ]
    if summary.uncertainty:
        slides.append(Slide("words", "What is least sure", (summary.uncertainty,)))
    if body.meeting:
        slides += _prompts(body.meeting, first=False)
        headings = tuple(column.heading for column in body.meeting.columns)
        slides.append(Slide("write", body.meeting.table_heading, headings, chart=body.meeting))
    return tuple(slides)


def _how_to(profile: Profile) -> tuple[str, ...]:
    trial = "Every figure is a trial." if profile.identity.trial else ""
    rules = (f"{rule.heading}. {rule.text}" for rule in profile.cover.how_to)
    return tuple(text for text in (*rules, trial) if text)


def _bare(line: Line) -> Line:
    """The line without what only a reader at a table can take in."""
    stops = tuple(replace(stop, description="") for stop in line.stops)
    overall = line.overall
    if isinstance(overall, Overall):
        overall = replace(overall, spread="")
    return replace(line, stops=stops, overall=overall, rows=(), notes=())


def _split(body: Body) -> list[Slide]:
    rows = [row for group in body.decisions.groups for row in group.rows if row.kind == "split"]
    return [
        Slide("decision", f"{row.name}: answers are split", (_split_words(row),), chart=row)
        for row in rows[:MOST_SPLIT]
    ]


def _split_words(row: DecisionRow) -> str:
    """Which kind of split it is, and what the bars count."""
    bars = "Bars show the share of answers at each stop."
    return f"{upper_first(row.explanation)}. {bars}" if row.explanation else bars


def _capability_title(page: Capability) -> str:
    """What may be said of all scales at once: on how many the centre and schools differ."""
    apart = [
        row
        for row in page.rows
        if isinstance(row.lived.mark, Mark) and row.gap and not row.gap.startswith(("Too", "No "))
    ]
    if not apart:
        return page.heading
    names = listed([lower_first(row.short) for row in apart])
    if len(apart) > MOST_NAMED:
        many, every = number(len(apart)), len(apart) == len(page.rows)
        names = f"all {many}" if every else f"{many} of {number(len(page.rows))}"
        names += " dimensions"
    return f"{upper_first(apart[0].lived.who)} and the {apart[0].designed.who} differ on {names}"


def _pressures_title(page: Pressures) -> str:
    """The pressure felt most; with its band, so only where no other band reaches its own."""
    shown = [row for row in page.rows if isinstance(row.mark, Mark)]
    for row in shown:
        others = [each.mark for each in shown if each is not row]
        if all(
            isinstance(row.mark, Mark) and isinstance(mark, Mark) and row.mark.low > mark.high
            for mark in others
        ):
            return f"{row.short} presses most: a setting, not a mark"
    return page.heading


def _reading(reading: Reading) -> Slide:
    parts = (("It may also be", reading.counter), ("Ask", reading.ask))
    return Slide(
        "reading",
        f"{reading.number}. {reading.name}",
        (reading.says,),
        tuple((heading, text) for heading, text in parts if text),
    )


def _minutes(meeting: Meeting) -> tuple[Slide, ...]:
    return (Slide("minutes", f"{meeting.minutes} minutes together", meeting.rules, chart=meeting),)


def _prompts(meeting: Meeting, *, first: bool) -> list[Slide]:
    """The first question before the pages are opened, the others after the readings."""
    chosen = meeting.prompts[:1] if first else meeting.prompts[1:]
    return [_prompt(prompt) for prompt in chosen]


def _prompt(prompt: Prompt) -> Slide:
    return Slide("prompt", prompt.text, (f"Here: {prompt.because}.",) if prompt.because else ())
