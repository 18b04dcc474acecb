"""Silhouettes of cases: only where asked for, with their label, pressures at three levels."""

import re

import pytest
import sample_rounds as rounds

from instruments import registry, scoring, simulate
from reports.profile import build_profile
from reports.profile.content import Body, Profile, Silhouettes
from reports.render import profile_html, sections
from reports.round_facts import facts_from

LABEL = "Coded from the chapter, not survey data."


def profile_with(**facts: object) -> Profile:
    instrument = registry.load(rounds.INSTRUMENT)
    drawn = simulate.simulate(instrument, seed=31, schools=4, staff=120)
    measures = scoring.score(instrument, drawn.responses, drawn.roster)
    return build_profile(instrument, measures, facts_from({**drawn.round, **facts}, instrument))


@pytest.fixture(scope="module")
def profile() -> Profile:
    return profile_with(silhouettes=True)


@pytest.fixture(scope="module")
def page(profile: Profile) -> Silhouettes:
    assert isinstance(profile.body, Body)
    assert profile.body.silhouettes is not None
    return profile.body.silhouettes


def test_there_are_none_unless_a_round_asks_for_them() -> None:
    found = profile_with()
    assert isinstance(found.body, Body)
    assert found.body.silhouettes is None
    assert found.table("cases") is None
    assert "silhouettes" not in [section.anchor for section in sections(found)]


def test_they_stand_after_the_organisations_own_pages(profile: Profile) -> None:
    anchors = [section.anchor for section in sections(profile)]
    assert anchors.index("silhouettes") == anchors.index("readings") + 1
    assert anchors.index("silhouettes") < anchors.index("technical")


def test_the_label_stands_on_the_page_in_its_picture_and_under_its_table(
    profile: Profile, page: Silhouettes
) -> None:
    table = profile.table("cases")
    assert page.label == LABEL
    assert LABEL.lower().rstrip(".") in page.alt
    assert table is not None
    assert table.note == LABEL
    markup = profile_html(profile).partition('id="silhouettes"')[2].partition("</section>")[0]
    assert LABEL in markup


def test_positions_are_those_of_the_seven_coded_cases(profile: Profile, page: Silhouettes) -> None:
    averages = [re.findall(r"\d\.\d", place.average)[0] for place in page.places]
    assert averages == ["1.0", "4.6", "1.5", "2.2", "4.0", "2.0", "3.0"]
    table = profile.table("cases")
    assert table is not None
    told = [sum(cell != "not told" for cell in column) for column in zip(*table.rows, strict=True)]
    assert told[1:] == [sum(place.counts) for place in page.places] == [6, 7, 6, 6, 7, 7, 7]


def test_budget_and_time_are_not_drawn(profile: Profile) -> None:
    table = profile.table("cases")
    assert table is not None
    assert not {"School budget", "Staff time"} & {row[0] for row in table.rows}


def test_pressures_are_told_at_three_levels_and_dimensions_in_words(page: Silhouettes) -> None:
    dimensions, pressures = page.tables
    cells = {cell for row in pressures.rows for cell in row[1:]}
    assert cells == {"low", "present", "strong", "not told"}
    said = {cell for row in dimensions.rows for cell in row[1:]}
    assert "in place across the organisation" in said
    assert not any(re.search(r"\d", cell) for cell in said)


def test_nothing_of_the_organisation_is_laid_beside_a_case(
    profile: Profile, page: Silhouettes
) -> None:
    markup = profile_html(profile).partition('id="silhouettes"')[2].partition("</section>")[0]
    assert "trial" not in markup
    assert "<circle" not in markup
    assert not re.search(r"likely \d", markup)
    assert len(page.places) == 7
