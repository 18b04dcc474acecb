"""In their own words: themes in the profile, on screen and on the page for staff, or nothing."""

import sample_rounds as rounds

from instruments import registry, scoring, simulate
from reports.profile import Profile, Told, build_profile
from reports.profile.content import Body
from reports.render import profile_html, sections
from reports.round_facts import facts_from
from reports.screen import build_screen
from reports.staff_page import build_staff_page, from_json, to_json

TOLD = (
    Told("OPN1", "25–49", (("Meetings that end without a decision", "15–24"), ("Buses", "5–9"))),
    Told("OPN2", "10–14", ()),
)


def profile_with(told=(), *, staff=120) -> Profile:
    instrument = registry.load(rounds.INSTRUMENT)
    drawn = simulate.simulate(instrument, seed=31, schools=4, staff=staff)
    measures = scoring.score(instrument, drawn.responses, drawn.roster)
    return build_profile(instrument, measures, facts_from(drawn.round, instrument), told=told)


def test_where_no_theme_may_be_told_there_is_no_block() -> None:
    for told in ((), TOLD[1:]):
        found = profile_with(told)
        assert isinstance(found.body, Body)
        assert found.body.own_words is None
        assert "own-words" not in [section.anchor for section in sections(found)]
        assert "own-words" not in profile_html(found)
        said = build_staff_page(found).said
        assert said is not None
        assert said.own_words is None


def test_themes_stand_with_their_bands_wherever_the_profile_is_read() -> None:
    found = profile_with(TOLD)
    anchors = [section.anchor for section in sections(found)]
    assert anchors.index("own-words") == anchors.index("readings") + 1
    for html in (profile_html(found), build_screen(found).html):
        block = html.partition('id="own-words"')[2].partition("</section>")[0]
        for text in ("Meetings that end without a decision", "15–24", "Buses", "5–9", "25–49"):
            assert text in block
        assert block.count("<table") == 1  # the second question has no theme
    page = build_staff_page(found)
    assert from_json(to_json(page)) == page
    assert page.said is not None
    assert page.said.own_words is not None
    (question,) = page.said.own_words.questions
    assert question.rows == TOLD[0].themes
    assert question.note == "People who wrote: 25–49."


def test_below_the_floors_no_theme_is_told() -> None:
    found = profile_with(TOLD, staff=32)
    assert not isinstance(found.body, Body)
    assert "Buses" not in profile_html(found)
    assert build_staff_page(found).said is None
