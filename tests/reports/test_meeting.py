"""The page for a meeting: what takes how long, and which questions the answers call for."""

from dataclasses import replace

import pytest

from instruments import registry
from instruments.definition import Instrument
from instruments.measures import Measures
from instruments.scoring import score
from instruments.simulate import simulate
from reports.profile import build_profile
from reports.profile.content import Body
from reports.profile.content_meeting import Meeting, Prompt
from reports.profile.context import Context
from reports.profile.meeting import PROMPTS, _because, _rules, meeting_of
from reports.render import profile_html
from reports.render_meeting import meeting_values
from reports.round_facts import RoundFacts
from tests.reports import measures_factory as factory

LIBRARY = "mto-learning-profile"


@pytest.fixture(scope="module")
def round_() -> tuple[Instrument, Measures, RoundFacts]:
    instrument = registry.resolve(LIBRARY)
    drawn = simulate(instrument, schools=6, staff=240, response_rate=0.7, seed=3)
    facts = RoundFacts(
        organisation="Harbour Reach",
        short_name="Harbour Reach",
        locale="en-GB",
        opens_on=factory.facts().opens_on,
        closes_on=factory.facts().closes_on,
        placeholders={name: name for name in instrument.placeholders} | {"mto": "Harbour Reach"},
    )
    return instrument, score(instrument, drawn.responses, drawn.roster), facts


def meeting(round_: tuple[Instrument, Measures, RoundFacts]) -> Meeting:
    body = build_profile(*round_).body
    assert isinstance(body, Body)
    assert body.meeting is not None
    return body.meeting


def context(round_: tuple[Instrument, Measures, RoundFacts]) -> Context:
    instrument, measures, facts = round_
    words = instrument.words(facts.locale, facts.placeholders)
    return Context(instrument, measures, facts, words, instrument.disclosure)


def test_the_meeting_takes_seventy_five_minutes() -> None:
    page = meeting_of(())
    assert page.minutes == 75
    assert [step.minutes for step in page.steps] == [10, 15, 20, 20, 10]
    assert [step.begins for step in page.steps] == [0, 10, 25, 45, 65]
    assert "two rival readings" in page.steps[3].text
    assert page.alt.startswith("The 75 minutes in five parts: predict, 10 minutes; ")


def test_the_table_to_write_on_has_its_five_columns(
    round_: tuple[Instrument, Measures, RoundFacts],
) -> None:
    headings = [column.heading for column in meeting_of(()).columns]
    assert headings == ["We thought", "We saw", "We wonder", "We will try", "How we shall know"]
    html = profile_html(build_profile(*round_))
    for heading in headings:
        assert f'<th scope="col">{heading}<br>' in html


def test_up_to_six_questions_are_chosen_in_the_instruments_order(
    round_: tuple[Instrument, Measures, RoundFacts],
) -> None:
    page = meeting(round_)
    texts = round_[0].words("en-GB", round_[2].placeholders)
    every = [texts.fill(text).replace("'", "’") for text in texts.text.prompts]
    places = [every.index(prompt.text) for prompt in page.prompts]
    assert places == sorted(places)
    assert 2 <= len(places) <= 6
    assert places[0] == 0  # before you look
    assert places[-1] == 13  # what the survey did not ask
    assert [prompt.number for prompt in page.prompts] == list(range(1, len(places) + 1))


def test_every_question_but_the_standing_ones_says_why_it_was_chosen(
    round_: tuple[Instrument, Measures, RoundFacts],
) -> None:
    standing = {rule["number"] for rule in _rules(LIBRARY)["prompt"] if "when" not in rule}
    reasons = [prompt.because for prompt in meeting(round_).prompts]
    assert reasons.count("") <= len(standing)
    assert any(reasons)


def test_a_question_goes_where_its_condition_does_not_hold(
    round_: tuple[Instrument, Measures, RoundFacts],
) -> None:
    here = context(round_)
    assert _because([{"split": {"decisions": 1}}], here, ()) is not None
    assert _because([{"split": {"decisions": 10}}], here, ()) is None
    assert _because([{"apart": {"decisions": 10}}], here, ()) is None
    apart = _because([{"apart": {"decisions": 1}}], here, ())
    assert apart is not None
    assert "placed apart by the" in apart
    assert _because(None, here, ()) == ""


def test_a_scale_that_many_cannot_see_calls_for_its_question(
    round_: tuple[Instrument, Measures, RoundFacts],
) -> None:
    instrument, measures, facts = round_
    dark = replace(measures.scales["BSR"], cant_tell={"lived": 0.46, "designed": 0.1})
    blind = replace(measures, scales={**measures.scales, "BSR": dark})
    said = _because([{"unseen": "BSR"}], context((instrument, blind, facts)), ())
    assert said == "on boundary spanning 46% could not tell from their role"
    assert _because([{"unseen": "SCF"}], context((instrument, measures, facts)), ()) is None


def test_what_is_withheld_calls_for_no_question(
    round_: tuple[Instrument, Measures, RoundFacts],
) -> None:
    instrument, measures, facts = round_
    few = {
        code: replace(
            decision,
            groups={
                name: replace(placed, distribution=replace(placed.distribution, n=9))
                for name, placed in decision.groups.items()
            },
        )
        for code, decision in measures.decisions.items()
    }
    hidden = context((instrument, replace(measures, decisions=few), facts))
    assert _because([{"split": {"decisions": 1}}], hidden, ()) is None
    assert _because([{"apart": {"decisions": 1}}], hidden, ()) is None


def test_every_rule_names_a_question_and_can_be_read(
    round_: tuple[Instrument, Measures, RoundFacts],
) -> None:
    for path in PROMPTS.glob("*.toml"):
        instrument = registry.resolve(path.stem)
        rules = _rules(path.stem)
        numbers = [rule["number"] for rule in rules["prompt"]]
        assert sorted(numbers) == list(range(1, len(instrument.texts["en"].prompts) + 1))
        ids = {pattern.id for pattern in instrument.patterns}
        for rule in rules["prompt"]:
            for condition in rule.get("when", ()):
                assert set(condition.get("reading", ())) <= ids
                _because([condition], context(round_), ())  # every code in it is known


def test_an_instrument_without_rules_asks_its_first_questions() -> None:
    body = build_profile(factory.instrument(), factory.measures(), factory.facts()).body
    assert isinstance(body, Body)
    assert body.meeting is not None
    assert body.meeting.prompts == (Prompt(1, "What do Harbour Reach’s schools expect?", ""),)


def test_rows_to_write_on_are_lower_where_questions_are_longer() -> None:
    short = meeting_of((Prompt(1, "Why?", ""), Prompt(2, "Who?", "")))
    long = meeting_of(tuple(Prompt(place, "Why so? " * 30, "of this") for place in range(1, 7)))
    assert meeting_values(short)["meeting_rows"] == "write-120"
    assert int(meeting_values(long)["meeting_rows"].removeprefix("write-")) < 90
    assert meeting_values(None) == {}
