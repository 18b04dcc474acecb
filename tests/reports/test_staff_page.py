"""The page for staff holds nothing that the profile of the same round does not print."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import cache
from typing import Any

import measures_factory as made
import profile_samples as samples
import pypdf
import pytest

from instruments import registry, scoring, simulate
from reports.charts.staff import draw_decision, draw_row
from reports.disclosure import Withheld
from reports.profile import Profile, build_profile
from reports.profile.content import Body
from reports.profile.figures import NOT_ALIKE, ONE_BY_ONE
from reports.render import render_profile
from reports.round_facts import RoundFacts
from reports.staff_page import StaffPage, StaffPageError, build_staff_page, from_json, to_json

#: rounds of every size: large, a small centre, small roles, no roster, below the floors
ROUNDS: dict[str, dict[str, Any]] = {
    "large": {"schools": 12, "staff": 600, "response_rate": 0.66},
    "a small centre": {"schools": 4, "staff": 70, "response_rate": 0.7},
    "another small centre": {"schools": 6, "staff": 90, "response_rate": 0.6, "seed": 3},
    "no roster": {"schools": 5, "staff": 150, "response_rate": 0.5, "roster": False},
    "just above the floors": {"schools": 3, "staff": 50, "response_rate": 0.75},
    "below the floors": {"schools": 2, "staff": 20, "response_rate": 0.8},
}


@cache
def profile_of(name: str) -> Profile:
    """A profile made by the real path from simulated answers."""
    settings = dict(ROUNDS[name])
    roster = settings.pop("roster", True)
    instrument = registry.load("mto-learning-profile")
    drawn = simulate.simulate(instrument, **{"seed": 5, **settings})
    measures = scoring.score(instrument, drawn.responses, drawn.roster if roster else None)
    facts = RoundFacts(
        organisation="Harbour Reach Schools Trust",
        short_name="Harbour Reach",
        locale="en-GB",
        opens_on=date(2026, 5, 4),
        closes_on=date(2026, 5, 22),
        simulated=True,
        placeholders={"mto": "Harbour Reach"},
    )
    return build_profile(instrument, measures, facts)


@pytest.fixture(params=ROUNDS)
def profile(request: pytest.FixtureRequest) -> Profile:
    return profile_of(request.param)


def parts(value: object) -> Iterator[object]:
    """Every value within a content, itself first."""
    yield value
    if isinstance(value, tuple):
        for each in value:
            yield from parts(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from parts(getattr(value, each.name))


def texts(value: object) -> list[str]:
    return [each for each in parts(value) if isinstance(each, str)]


def figures(text: str) -> set[str]:
    """Every figure in a text as it is printed: "<5%", "3.7", "100+", "25–49", "12"."""
    return set(re.findall(r"[<>]?\d[\d.,–]*\d?[%+]?|\d", text))


# Nothing beyond the profile


def test_every_sentence_with_a_figure_is_one_of_the_profiles(profile: Profile) -> None:
    printed = [*texts(profile), *(text.casefold() for text in texts(profile))]
    page = build_staff_page(profile)
    for text in texts(page):
        if re.search(r"\d", text) and not is_built_of(text, printed):
            raise AssertionError(text)


def is_built_of(text: str, printed: list[str]) -> bool:
    """Whether the text stands in the profile, whole or after words of its own without figures."""
    words = text.removeprefix("Not shown, ").split(": not shown, ")[-1]
    pieces = re.split(r"(?<=\.) ", words)  # an introduction may join two sentences
    return all(
        any(piece in each or piece.casefold() in each for each in printed)
        for piece in pieces
        if re.search(r"\d", piece)
    )


def test_every_number_that_is_drawn_is_drawn_in_the_profile(profile: Profile) -> None:
    known = {each for each in parts(profile) if isinstance(each, int | float)}
    page = build_staff_page(profile)
    drawn = {
        each
        for each in parts((page.said, page.answered))
        if isinstance(each, int | float) and not isinstance(each, bool)
    }
    assert drawn <= known


@pytest.mark.parametrize("name", ["large", "a small centre", "below the floors"])
def test_every_figure_is_printed_in_the_pdf_of_the_same_round(name: str) -> None:
    profile = profile_of(name)
    pdf = pypdf.PdfReader(io.BytesIO(render_profile(profile)))
    printed = figures(" ".join(page.extract_text() for page in pdf.pages))
    for text in texts(build_staff_page(profile)):
        assert figures(text) <= printed, text


def test_no_school_is_named_and_no_role_but_those_of_the_cover(profile: Profile) -> None:
    page = build_staff_page(profile)
    assert [row.name for row in page.answered] == [row.name for row in profile.cover.turnout]
    keys = set(re.findall(r'"(\w+)":', to_json(page).decode()))
    assert not {key for key in keys if "school" in key}


def test_no_reading_of_the_profile_is_on_the_page() -> None:
    profile = profile_of("large")
    assert isinstance(profile.body, Body)
    assert profile.body.readings
    said = " ".join(texts(build_staff_page(profile)))
    for reading in profile.body.readings:
        assert reading.says not in said


# What people said


def test_the_line_is_said_in_words_first_and_each_decision_with_its_whole_distribution() -> None:
    profile = profile_of("large")
    assert isinstance(profile.body, Body)
    said = build_staff_page(profile).said
    assert said is not None
    assert said.headline == profile.body.summary.headline
    decisions = [decision for group in said.where.groups for decision in group.decisions]
    rows = [row for group in profile.body.decisions.groups for row in group.rows]
    assert len(decisions) == 10
    for decision, row in zip(decisions, rows, strict=True):
        assert (decision.name, decision.heading) == (row.name, row.heading)
        assert not isinstance(row.bars, Withheld)
        assert [part.text for part in decision.shares] == [bar.text for bar in row.bars]


def test_dimensions_are_lived_and_designed_and_pressures_of_all_who_were_asked() -> None:
    said = build_staff_page(profile_of("large")).said
    assert said is not None
    assert [len(row.figures) for row in said.dimensions.rows] == [2] * 5
    assert {figure.who for row in said.dimensions.rows for figure in row.figures} == {
        "Lived (schools)",
        "Designed (centre)",
    }
    assert [len(row.figures) for row in said.pressures.rows] == [1] * 9
    assert all(re.fullmatch(r"\d\.\d", row.figures[0].text) for row in said.pressures.rows)


def test_trial_stands_on_the_page_until_the_structure_is_supported() -> None:
    profile = profile_of("large")
    page = build_staff_page(profile)
    assert (page.trial, page.simulated) == ("trial", "Simulated data")
    assert page.evidence == "Wording agreed, not yet tried with staff: every figure is a trial."
    plain = replace(profile, identity=replace(profile.identity, trial="", simulated=""))
    assert (build_staff_page(plain).trial, build_staff_page(plain).simulated) == ("", "")


# What could not be shown


def test_what_is_withheld_is_named_with_its_reason() -> None:
    page = build_staff_page(profile_of("a small centre"))
    hidden = {reason.why: reason.what for reason in page.not_shown}
    assert "How many answered: The centre" in hidden["Fewer than 10 answers"]
    assert "Hiring" in hidden["Fewer than 10 answers"]
    assert "Shared sensemaking, designed" in hidden["Fewer than 10 answers"]


def test_a_withheld_decision_has_no_share_and_says_so_in_its_place() -> None:
    said = build_staff_page(profile_of("a small centre")).said
    assert said is not None
    decisions = {row.name: row for group in said.where.groups for row in group.decisions}
    hiring = decisions["Hiring"]
    assert hiring.shares == ()
    assert (hiring.heading, hiring.detail) == (
        "Not shown, to protect people",
        "fewer than 10 answers",
    )
    assert draw_decision(hiring, top=50) == ""


def test_a_dimension_without_the_centre_shows_the_schools_and_says_why() -> None:
    said = build_staff_page(profile_of("a small centre")).said
    assert said is not None
    for row in said.dimensions.rows:
        assert [figure.who for figure in row.figures] == ["Lived (schools)"]
        assert row.withheld == ("Designed (centre): not shown, fewer than 10 answers",)
        assert row.gap == ""


def test_every_withheld_figure_of_the_page_is_listed(profile: Profile) -> None:
    page = build_staff_page(profile)
    listed = [what for reason in page.not_shown for what in reason.what]
    said = page.said
    if said is None:
        return
    hidden = sum(
        1
        for group in said.where.groups
        for row in group.decisions
        if not row.shares and row.heading != "Not asked"
    )
    hidden += sum(len(row.withheld) for row in (*said.dimensions.rows, *said.pressures.rows))
    hidden += not said.where.figure
    hidden += sum(
        row.people.startswith("not shown") or row.rate.startswith("not shown")
        for row in page.answered
    )
    assert len(listed) == hidden


def test_questions_that_did_not_hang_together_say_so_and_do_not_send_to_single_questions() -> None:
    profile = samples.profile()
    assert isinstance(profile.body, Body)
    rows = profile.body.capability.rows
    apart = replace(
        rows[0],
        lived=replace(rows[0].lived, mark=ONE_BY_ONE),
        designed=replace(rows[0].designed, mark=ONE_BY_ONE),
        item_by_item=NOT_ALIKE,
    )
    capability = replace(profile.body.capability, rows=(apart, *rows[1:]))
    page = build_staff_page(replace(profile, body=replace(profile.body, capability=capability)))
    assert page.said is not None
    first = page.said.dimensions.rows[0]
    assert first.figures == ()
    assert first.withheld[0] == (
        "Lived (schools): not shown, the questions did not hang together this time"
    )
    assert page.not_shown[-1].why == "The questions did not hang together this time"
    assert not any("one by one" in text for text in texts(page))


def test_below_the_floors_the_page_says_only_what_cannot_be_shown_and_why() -> None:
    page = build_staff_page(profile_of("below the floors"))
    assert page.said is None
    assert "Fewer than 30 people answered." in page.refusal
    assert [row.people for row in page.answered] == ["not shown: fewer than 30 people"]
    assert not re.search(r"\d\.\d|\d%", " ".join(texts((page.answered, page.not_shown))))


# As JSON


def test_a_page_comes_back_from_its_json_as_it_was(profile: Profile) -> None:
    page = build_staff_page(profile)
    assert from_json(to_json(page)) == page


def test_json_comes_back_from_its_page_as_it_was(profile: Profile) -> None:
    content = to_json(build_staff_page(profile))
    assert to_json(from_json(content)) == content
    assert json.loads(content)["version"] == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "version"),
        ({"said": 1}, "said"),
        ({"answered": [{"name": "All"}]}, "answered.0"),
    ],
)
def test_what_is_no_page_of_this_version_is_refused_in_one_line(
    change: dict[str, object], said: str
) -> None:
    content = json.loads(to_json(build_staff_page(profile_of("below the floors"))))
    with pytest.raises(StaffPageError, match=said) as refused:
        from_json(json.dumps(content | change).encode())
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"[]", b"\xff"])
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(StaffPageError, match="this is no page for staff of version 1"):
        from_json(content)


# Drawings


def page_of(name: str) -> StaffPage:
    return build_staff_page(profile_of(name))


def test_bars_are_one_tint_on_one_scale_with_a_share_above_each() -> None:
    said = page_of("large").said
    assert said is not None
    for group in said.where.groups:
        for decision in group.decisions:
            drawn = draw_decision(decision, top=said.where.top)
            bars = re.findall(r'<rect class="bar"[^>]* height="([\d.]+)" fill="(#\w+)"', drawn)
            assert len({fill for _, fill in bars}) == 1
            for (high, _), part in zip(bars, decision.shares, strict=True):
                wanted = max(part.drawn / said.where.top * 46, 1)
                assert float(high) == pytest.approx(wanted, abs=0.01)
            shares = re.findall(r"<text[^>]*>([^<]+)</text>", drawn)
            assert [each.replace("&lt;", "<").replace("&gt;", ">") for each in shares] == [
                part.text for part in decision.shares
            ]


def test_every_drawing_says_its_numbers_in_its_title_and_styles_nothing_inline() -> None:
    said = page_of("large").said
    assert said is not None
    drawn = [
        (draw_decision(row, top=said.where.top), [part.text for part in row.shares])
        for group in said.where.groups
        for row in group.decisions
    ]
    drawn += [
        (draw_row(row, block), [figure.text for figure in row.figures])
        for block in (said.dimensions, said.pressures)
        for row in block.rows
    ]
    for drawing, numbers in drawn:
        title = re.search(r'<svg role="img"[^>]*><title>(.*?)</title>', drawing)
        assert title, drawing
        for text in numbers:
            assert text.replace("<", "&lt;").replace(">", "&gt;") in title[1]
        assert "style=" not in drawing


def test_shapes_carry_the_meaning() -> None:
    said = page_of("large").said
    assert said is not None
    dimension = draw_row(said.dimensions.rows[0], said.dimensions)
    pressure = draw_row(said.pressures.rows[0], said.pressures, is_pressure=True)
    assert ("schools-mark" in dimension, "centre-mark" in dimension) == (True, True)
    assert ("press-mark" in pressure, "schools-mark" in pressure) == (True, False)


def test_a_round_of_the_factory_has_a_page_too() -> None:
    profile = build_profile(made.instrument(), made.measures(), made.facts())
    page = build_staff_page(profile)
    assert from_json(to_json(page)) == page
    assert page.said is not None
