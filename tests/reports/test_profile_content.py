"""A profile's content is ready to print: suppressed, rounded, in words, with a table a chart."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import measures_factory as made
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments import registry
from instruments.cells import Row
from instruments.definition import Disclosure, Pattern
from instruments.measures import EVERYBODY, Band, Measures, Turnout
from instruments.psychometrics.estimates import Estimate, NotEstimated
from instruments.scoring import score
from instruments.simulate import simulate
from reports.disclosure import DisclosureError, Withheld
from reports.plan import Plan, Printed
from reports.profile import ProfileError, build_profile
from reports.profile.content import (
    Bar,
    Body,
    CapsuleRow,
    Mark,
    Overall,
    Profile,
    Refusal,
    Share,
    SplitRow,
)
from reports.profile.figures import available

FORBIDDEN = re.compile(r"\b(levels?|stages?|matur\w+|progress\w*|scores?)\b", re.IGNORECASE)


def profile(measures: Measures | None = None, **changes: Any) -> Profile:
    return build_profile(
        changes.pop("instrument", made.instrument()),
        measures or made.measures(**changes.pop("measures", {})),
        made.facts(**changes),
    )


def body(measures: Measures | None = None, **changes: Any) -> Body:
    found = profile(measures, **changes).body
    assert isinstance(found, Body)
    return found


def sizes(lived: int, designed: int) -> dict[str, int]:
    return {"lived": lived, "designed": designed, EVERYBODY: lived + designed}


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


# Identity and cover


def test_the_identity_says_whose_it_is_and_what_made_it() -> None:
    identity = profile().identity

    assert identity.organisation == "Harbour Reach Schools Trust"
    assert (identity.window, identity.month) == ("4 to 22 May 2026", "May 2026")
    assert identity.fingerprint == "7c1e 40ab 93d2"
    assert identity.foot == (
        "Harbour Reach Schools Trust · Profile, May 2026 · instrument 1.0, scoring 1.0"
    )
    assert identity.simulated == ""


def test_simulated_answers_mark_the_profile_whoever_says_so() -> None:
    assert profile(simulated=True).identity.simulated == "Simulated data"
    measures = replace(made.measures(), simulated=True)
    assert profile(measures).identity.simulated == "Simulated data"


@pytest.mark.parametrize(("stage", "trial"), [(0, "trial"), (1, "trial"), (2, ""), (3, "")])
def test_the_evidence_sets_the_words_and_never_empties_a_page(stage: int, trial: str) -> None:
    found = profile(instrument=made.instrument(stage=stage))

    assert found.identity.trial == trial
    assert [each.is_current for each in found.cover.stages] == [
        place == stage for place in range(4)
    ]
    assert isinstance(found.body, Body)
    line = found.table("line")
    assert line is not None
    assert line.title.endswith(" (trial)") == bool(trial)


def test_the_cover_says_who_answered_in_bands() -> None:
    cover = profile().cover

    assert (
        cover.facts
        == "6 schools · answers collected 4 to 22 May 2026 · 64% of staff answered (n 100+)"
    )
    assert [row.name for row in cover.turnout] == [
        "Teachers", "Leaders", "Central staff", "All staff",
    ]  # fmt: skip
    assert [row.n_band for row in cover.turnout] == ["50–99", "25–49", "15–24", "100+"]
    assert cover.schools.startswith("All 6 schools pass the mark for a page of their own")


def test_the_cover_never_counts_one_school_alone() -> None:
    schools = tuple(
        Turnout(f"School {place}", 4 if place == 0 else 20 + place, 30) for place in range(6)
    )
    cover = profile(replace(made.measures(), by_school=schools)).cover

    assert cover.schools.startswith("Of the 6 schools, 4 pass the mark")


def test_without_a_roster_the_rate_is_unknown_and_no_outer_band_is_drawn() -> None:
    measures = made.measures(roster=False)
    bare = {
        code: replace(
            scale,
            scores={
                group: made.band(3.5, n=made.SIZES[group], outer=None) for group in scale.scores
            },
        )
        for code, scale in measures.scales.items()
    }
    found = profile(replace(measures, scales=bare))

    assert "response rate unknown (n 100+)" in found.cover.facts
    assert found.cover.outer_label == ""
    assert "no hatched band" in found.cover.mark_note
    assert "how many staff each school has is not known" in found.cover.schools
    assert isinstance(found.body, Body)
    for row in found.body.capability.rows:
        assert isinstance(row.lived.mark, Mark)
        assert row.lived.mark.outer_low is None
        assert row.lived.mark.what_if == ""
    assert found.body.summary.uncertainty.startswith("How many staff did not answer cannot be said")


# The line


def test_the_line_holds_what_gathers_what_is_split_and_the_whole() -> None:
    line = body().summary.line

    assert [(dot.short, dot.value, dot.stop_name) for dot in line.gathered] == [
        ("Things", 4.6, "One way"), ("Staff time", 2.0, "Advice"),
    ]  # fmt: skip
    (row,) = line.rows
    assert isinstance(row, SplitRow)
    assert (row.words, row.left_text, row.right_text) == (
        "split: people in the same schools see it differently", "40%", "45%",
    )  # fmt: skip
    assert isinstance(line.overall, Overall)
    assert line.overall.words == "Around Menu"
    assert line.overall.figure == "3.1 on stops 1 to 5, likely 3.0 to 3.2"
    assert isinstance(line.centre, Mark)
    assert (line.low, line.high) == (0.5, 5.5)
    assert [stop.share.text for stop in line.stops if isinstance(stop.share, Share)] == [
        "18% of answers", "22% of answers", "13% of answers", "20% of answers", "27% of answers",
    ]  # fmt: skip


def test_a_decision_without_a_single_position_is_a_capsule() -> None:
    measures = made.measures()
    none = made.placing((0.2, 0.2, 0.35, 0.15, 0.1), 2.8)
    one = replace(measures.decisions["ONE"], groups={"lived": none, "designed": none})
    line = body(replace(measures, decisions={**measures.decisions, "ONE": one})).summary.line

    assert line.rows[0] == CapsuleRow("ONE", "Things", "no single position", 2.1, 3.5)


def test_the_stops_of_the_line_speak_of_the_organisation() -> None:
    assert body().summary.line.stops[4].description == "Harbour Reach has one way"


def test_a_small_centre_is_withheld_with_the_sentence() -> None:
    found = body(made.measures(sizes(120, 9)))
    sentence = "The centre’s view is not shown: fewer than 10 people at the centre answered."

    assert found.summary.line.centre == Withheld(sentence)
    assert sentence in found.summary.line.notes
    assert sentence in found.capability.notes
    assert sentence in found.summary.line.alt
    for row in found.capability.rows:
        assert row.designed.mark == Withheld("not shown: fewer than 10 answers")
        assert row.gap == "No comparison: one of the two marks is not shown."


def test_a_decision_that_few_answered_keeps_its_name_and_nothing_else() -> None:
    # 27 people in schools: 9 leaders among them
    found = body(made.measures(sizes(27, 12)))
    row = found.decisions.groups[1].rows[0]

    assert (row.name, row.kind) == ("Budget", "withheld")
    assert row.heading == "Not shown, to protect people"
    for value in (row.bars, row.lived, row.n_band):
        assert value == Withheld("not shown: fewer than 10 answers")
    assert found.summary.line.rows == ()
    assert "Not shown: budget (fewer than 10 answers)." in found.summary.line.notes


def test_the_whole_does_not_give_a_withheld_decision_away() -> None:
    measures = made.measures(sizes(27, 12))
    with_hidden = body(measures).summary.line
    # the median of the two decisions that are shown
    shown = replace(measures, overall={**measures.overall, "lived": made.overall(3.3, 27)})
    without_hidden = body(shown).summary.line

    assert isinstance(with_hidden.overall, Withheld)
    assert isinstance(without_hidden.overall, Overall)
    for line in (with_hidden, without_hidden):
        # all answers at One way, of the decisions that are shown: (0.55 + 0.05) / 2
        assert isinstance(line.stops[4].share, Share)
        assert line.stops[4].share.text == "30% of answers"


# Decisions


def test_decisions_stand_in_groups_with_bars_that_share_a_scale() -> None:
    page = body().decisions

    assert [group.heading for group in page.groups] == ["All of them", "Others"]
    first = page.groups[0].rows[0]
    assert not isinstance(first.bars, Withheld)
    assert [bar.text for bar in first.bars] == ["<5%", "<5%", "10%", "30%", "55%"]
    assert first.asked == "asked of all staff"
    assert page.groups[1].rows[0].asked == "asked of leaders and the centre"
    assert page.top == 60
    assert (first.heading, first.detail) == ("One way", "55% here, 85% with the stops beside it")


def test_a_decision_that_the_rules_settle_says_so() -> None:
    rows = body(formal={"ONE": 5}).decisions.groups[0].rows

    assert rows[0].formal == "by the rules: One way"
    assert rows[1].formal == ""


# Capability


def test_lived_and_designed_stand_side_by_side() -> None:
    alpha, beta = body().capability.rows

    assert isinstance(beta.lived.mark, Mark)
    assert isinstance(beta.designed.mark, Mark)
    assert (beta.lived.mark.text, beta.lived.mark.likely) == ("2.8", "likely 2.7 to 2.9")
    assert (beta.designed.mark.text, beta.designed.mark.n_band) == ("3.8", "15–24")
    assert beta.gap == ("The centre describes 0.8 to 1.1 more.")
    assert alpha.gap == "Too close to tell apart."


def test_the_other_way_round_is_said_as_plainly() -> None:
    measures = made.measures()
    less = replace(measures.scales["BB"], gap=Estimate(-0.6, -0.8, -0.4, 100, "by hand"))
    rows = body(replace(measures, scales={**measures.scales, "BB": less})).capability.rows

    assert rows[1].gap == ("People in schools describe 0.4 to 0.8 more.")


def test_strips_show_the_first_core_question_of_each_facet() -> None:
    alpha = body().capability.rows[0]

    assert [(strip.item, strip.facet) for strip in alpha.strips] == [
        ("A1", "In place"), ("A2", "Used"),
    ]  # fmt: skip
    assert (alpha.strips[0].low_word, alpha.strips[0].high_word) == ("not at all", "fully")


def test_a_facet_without_a_core_question_shows_one_that_everybody_is_asked() -> None:
    instrument = made.instrument()
    changed = instrument.model_copy(
        update={
            "items": tuple(
                item.model_copy(update={"core": item.core and item.code != "A2"})
                for item in instrument.items
            )
        }
    )
    alpha = body(instrument=changed).capability.rows[0]

    assert [strip.item for strip in alpha.strips] == ["A1", "A2"]


def test_many_who_could_not_tell_are_said_in_words() -> None:
    measures = made.measures()
    scale = made.scale("AA", ("A1", "A2"), 3.7, 3.7, cant_tell=0.46)
    alpha = body(replace(measures, scales={**measures.scales, "AA": scale})).capability.rows[0]

    assert alpha.lived.cant_tell == Share(46.0, "46%")
    assert alpha.notice.startswith(
        "Nearly half of people in schools could not tell from their role: read the lived mark"
    )


def test_questions_that_did_not_hang_together_are_printed_one_by_one() -> None:
    measures = made.measures()
    scale = made.scale("AA", ("A1", "A2"), 3.7, 3.7, omega_high=0.69)
    alpha = body(replace(measures, scales={**measures.scales, "AA": scale})).capability.rows[0]

    assert alpha.lived.mark == Withheld("see the questions one by one")
    assert alpha.item_by_item == (
        "These questions did not hang together this time; see them one by one."
    )
    assert [strip.item for strip in alpha.items] == ["A1", "A2", "A3"]
    assert alpha.strips == ()


def test_an_instrument_without_companions_has_no_such_page() -> None:
    found = profile()

    assert isinstance(found.body, Body)
    assert found.body.companions is None
    assert "Beside the dimensions" not in found.cover.contents


# The rules beside what people see


def test_where_rules_and_people_name_different_stops_it_is_said() -> None:
    found = body(formal={"ONE": 3, "TWO": 2, "TRI": 5}).decisions
    one, two, tri = (row for group in found.groups for row in group.rows)

    assert (one.formal, one.formal_stop) == ("by the rules: Menu", 3)
    assert (two.formal_stop, tri.formal_stop) == (2, 5)
    assert found.rules == (
        "Rules and people in schools name different stops for things (rules: Menu; people in "
        "schools: One way)."
    )


def test_rules_that_people_see_alike_are_said_too_and_no_rules_are_no_words() -> None:
    alike = body(formal={"ONE": 5, "TWO": 2}).decisions
    assert alike.rules == "Where rules and people in schools both name a stop, they name the same."
    assert body().decisions.rules == ""
    assert body(formal={"TRI": 5}).decisions.rules == ""  # split: no stop to lay beside the rule


def test_the_rules_have_their_column_in_the_table_of_decisions() -> None:
    table = profile(formal={"ONE": 3}).table("decisions")
    assert table is not None
    column = table.columns.index("By the rules")
    assert [row[column] for row in table.rows] == ["Menu", "", ""]
    plain = profile().table("decisions")
    assert plain is not None
    assert "By the rules" not in plain.columns


# Pressures and supports


def test_a_fact_of_today_stands_beside_the_same_fact_of_then() -> None:
    admin = {
        "schools_now": "12",
        "schools three years ago": "7",
        "central staff then": "34",
        "central staff now": "41",
        "budget over three years": "down 4 to 6%",
        "staff now": "600",
    }
    assert body(admin=admin).pressures.admin == (
        ("Schools", "7 (three years ago)", "12"),
        ("Central staff", "34", "41"),
        ("Budget over three years", "", "down 4 to 6%"),
        ("Staff", "", "600"),
    )


def test_a_pressure_says_who_was_asked_and_prints_what_makes_it_up() -> None:
    pressures = body(admin={"schools_now": "12"}).pressures
    (row,) = pressures.rows

    assert row.asked == "leaders and the centre"
    assert isinstance(row.mark, Mark)
    assert [item.item for item in row.items] == ["P1", "P2"]
    assert [item.item for item in pressures.supports] == ["S1"]
    assert pressures.admin == (("Schools", "", "12"),)


def test_a_question_that_nearly_all_answer_alike_shows_no_mean() -> None:
    measures = made.measures()
    alike = made.distribution((0.0, 0.0, 0.0, 0.05, 0.95), n=144)
    item = replace(measures.items["P1"], distributions={EVERYBODY: alike})
    row = body(replace(measures, items={**measures.items, "P1": item})).pressures.rows[0]

    assert row.items[0].mark == Withheld("not shown: nearly all gave the same answer")


# Summary


def test_the_greatest_uncertainty_is_the_widest_what_if() -> None:
    measures = made.measures()
    wide = made.scale("BB", ("B1", "B2"), 2.8, 3.8, half=0.3)
    found = body(replace(measures, scales={**measures.scales, "BB": wide}))

    assert found.summary.uncertainty == (
        "36 in 100 people in schools did not answer. If they see things somewhat differently, "
        "beta scale as lived could lie between 2.4 and 3.2."
    )


def test_the_summary_carries_the_readings_that_hold() -> None:
    when: dict[str, object] = {"high": "PP"}
    instrument = made.instrument(patterns=[Pattern(id="P01", when=when), Pattern(id="P00")])
    found = body(instrument=instrument)

    assert found.summary.readings_heading == "One reading to test in a meeting"
    assert [reading.id for reading in found.summary.readings] == ["P01"]
    assert found.readings == found.summary.readings


# Below the floors


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sizes": sizes(20, 9)}, "Fewer than 30 people answered."),
        ({"schools": 2}, "Answers came from fewer than 3 schools."),
    ],
)
def test_an_organisation_below_the_floors_gets_the_reasons_and_no_figure(
    changes: dict[str, Any], reason: str
) -> None:
    found = profile(made.measures(**changes))

    assert isinstance(found.body, Refusal)
    assert found.body.reasons[0] == reason
    assert not [each for each in parts(found) if isinstance(each, Mark | Bar | Share)]
    assert found.tables == ()
    assert [row.name for row in found.cover.turnout] == ["All staff"]


def test_a_response_below_the_floor_is_refused_without_its_figure() -> None:
    measures = made.measures()
    few = replace(measures, turnout=Turnout(EVERYBODY, 144, 400))
    found = profile(few)

    assert isinstance(found.body, Refusal)
    assert found.body.reasons[0] == "Fewer than 40% of staff answered."


def test_an_instrument_may_not_lower_the_floors() -> None:
    instrument = made.instrument(disclosure=Disclosure(group_n=5))

    with pytest.raises(DisclosureError, match=r"disclosure\.group_n is 5"):
        profile(instrument=instrument)


def test_an_instrument_may_raise_the_floors() -> None:
    raised = made.instrument(disclosure=Disclosure(group_n=30))
    found = body(instrument=raised)

    assert isinstance(found.summary.line.centre, Withheld)
    assert "fewer than 30 people at the centre" in found.summary.line.centre.reason


# No profile at all


def test_an_instrument_without_position_has_no_profile() -> None:
    instrument = registry.load("bfi25")

    with pytest.raises(ProfileError, match=r"bfi25 .* asks no position") as error:
        build_profile(instrument, made.measures(), made.facts())
    assert "\n" not in str(error.value)


def test_measures_of_another_instrument_are_refused() -> None:
    with pytest.raises(ProfileError, match=r"the measures are of other 1\.0, not of tiny 1\.0"):
        profile(replace(made.measures(), instrument="other"))


def test_an_unknown_locale_is_refused() -> None:
    with pytest.raises(ProfileError, match="no locale 'fr-FR'; it has en-GB"):
        profile(locale="fr-FR")


def test_an_unfilled_placeholder_is_named() -> None:
    instrument = made.instrument()
    text = instrument.texts["en"]
    asks = text.model_copy(update={"prompts": ("What of {focus}?",)})
    changed = instrument.model_copy(update={"texts": {"en": asks}})

    with pytest.raises(ProfileError, match="no words for 'focus'"):
        profile(instrument=changed)


# Every figure of every profile


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.integers(0, 30), st.booleans())
def test_no_figure_rests_on_fewer_than_ten_people(lived: int, designed: int, roster: bool) -> None:
    measures = made.measures(sizes(lived, designed), roster=roster)
    found = profile(measures)

    schools = sum(school.n > 0 for school in measures.by_school)
    if lived + designed < 30 or schools < 3:
        assert isinstance(found.body, Refusal)
        return
    assert lived + designed >= 30
    assert isinstance(found.body, Body)
    of_lived = [row.lived for row in found.body.capability.rows]
    of_designed = [row.designed for row in found.body.capability.rows]
    decisions = [row for group in found.body.decisions.groups for row in group.rows]
    if lived < 10:
        assert not [each for each in parts(of_lived) if isinstance(each, Mark | Share)]
        assert not [row for row in decisions if isinstance(row.lived, Mark)]
        assert isinstance(found.body.summary.line.overall, Withheld)
    if designed < 10:
        assert not [each for each in parts(tuple(of_designed)) if isinstance(each, Mark | Share)]
        assert not [row for row in decisions if isinstance(row.designed, Mark)]
        assert isinstance(found.body.summary.line.centre, Withheld)
    for row in decisions:
        n = lived // 3 if row.decision == "TRI" else lived
        assert isinstance(row.bars, Withheld) == (n < 10)
    for row in found.cover.turnout:
        if row.name == "Central staff" and designed < 10:
            assert isinstance(row.n_band, Withheld)


@settings(max_examples=40, deadline=None)
@given(st.integers(31, 97), st.integers(11, 97))
def test_no_exact_number_of_people_is_printed(lived: int, designed: int) -> None:
    found = profile(made.measures(sizes(lived, designed), roster=False))

    exact = {str(n) for n in (lived, designed, lived + designed)} - {"100", "50", "49", "99"}
    for text in texts(replace(found.cover, stages=())):
        words = set(re.findall(r"(?<![\d.])\d+(?![\d.]*\d)(?!%)", text))
        assert not words & exact - {"4", "22", "2026", "6", "10", "24", "15", "25", "14"}


def test_every_drawn_figure_is_rounded_and_inside_its_bands() -> None:
    for mark in [each for each in parts(profile().body) if isinstance(each, Mark)]:
        for value in (mark.value, mark.low, mark.high, mark.outer_low, mark.outer_high):
            assert value is None or value == round(value, 1)
        assert mark.low <= mark.value <= mark.high
        assert mark.outer_low is None or mark.outer_low <= mark.low
        assert mark.outer_high is None or mark.outer_high >= mark.high


def test_no_sentence_about_position_ranks_it() -> None:
    found = body()

    for text in [*texts(found.summary.line), *texts(found.decisions), found.summary.lead]:
        assert not FORBIDDEN.search(text), text


def test_every_picture_has_words_and_a_table() -> None:
    found = profile()

    assert isinstance(found.body, Body)
    for alt in (
        found.body.summary.line.alt,
        found.body.decisions.alt,
        found.body.capability.alt,
        found.body.pressures.alt,
        found.body.pressures.supports_alt,
    ):
        assert alt.endswith("The table after this picture gives all values.")
    for key in (
        "line", "stops", "decisions", "capability", "capability-items", "pressures",
        "pressure-items", "supports", "technical-scales",
    ):  # fmt: skip
        table = found.table(key)
        assert table is not None, key
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.columns)}
    assert found.table("companions") is None


def test_a_figure_and_its_likely_range_share_a_cell_of_a_table() -> None:
    found = profile()
    capability, decisions = found.table("capability"), found.table("decisions")

    assert isinstance(found.body, Body)
    assert capability is not None
    assert decisions is not None
    mark = found.body.capability.rows[0].lived.mark
    assert isinstance(mark, Mark)
    assert capability.rows[0][1] == f"{mark.text} ({mark.likely.removeprefix('likely ')})"
    first = [re.findall(r"\b[1-5]\.\d\b", " ".join(row))[:1] for row in decisions.rows]
    rows = [row for group in found.body.decisions.groups for row in group.rows]
    assert first == [[row.lived.text] if isinstance(row.lived, Mark) else [] for row in rows]


def test_what_the_line_draws_of_a_decision_stands_in_its_row() -> None:
    found = profile()
    decisions = found.table("decisions")

    assert isinstance(found.body, Body)
    assert decisions is not None
    cells = " ".join(row[-1] for row in decisions.rows)
    for row in found.body.summary.line.rows:
        assert (
            f"around {row.left:.1f}" if isinstance(row, SplitRow) else f"{row.low:.1f} to "
        ) in cells
    for dot in found.body.summary.line.gathered:
        mine = next(row for row in decisions.rows if row[0] == dot.name)
        assert f" {dot.value:.1f} (" in f" {' '.join(mine)}"


def test_a_column_that_is_empty_in_every_row_is_left_out() -> None:
    for table in profile().tables:
        for place in range(1, len(table.columns)):
            assert any(row[place] for row in table.rows), (table.key, place)


def test_tables_are_suppressed_as_their_pictures() -> None:
    found = profile(made.measures(sizes(120, 9)))
    capability, line = found.table("capability"), found.table("line")

    assert capability is not None
    assert line is not None
    designed = capability.columns.index("Designed (likely\u00a0range)")
    assert {row[designed] for row in capability.rows} == {"not shown: fewer than 10 answers"}
    assert "not shown" in line.rows[1][1]


def test_a_figure_that_could_not_be_estimated_is_said_without_its_reason() -> None:
    measures = made.measures()
    scale = measures.scales["AA"]
    broken = replace(
        scale, scores={**scale.scores, "designed": NotEstimated("only 1 answer of Jo Smith")}
    )
    found = profile(replace(measures, scales={**measures.scales, "AA": broken}))

    assert isinstance(found.body, Body)
    assert found.body.capability.rows[0].designed.mark == Withheld(
        "not shown: these answers do not allow a figure"
    )
    assert not [text for text in texts(found) if "Jo Smith" in text]


def test_a_band_is_withheld_where_a_larger_group_shows_who_is_left_over() -> None:
    band = made.band(3.2, n=30)

    assert available(band, Disclosure()) is band
    assert available(band, Disclosure(), published_n=40) is band
    assert available(band, Disclosure(), published_n=35) == Withheld("not shown, to protect people")


def test_the_technical_page_counts_what_was_withheld() -> None:
    everything = profile().technical.suppressions
    something = profile(made.measures(sizes(120, 9))).technical.suppressions

    assert everything == (("Nothing", "no figure of this profile had to be withheld"),)
    assert something[0][0] == "Fewer than 10 answers"


# With real scoring


def test_printed_shares_equal_a_plain_count_of_the_answers() -> None:
    instrument = registry.load("mto-learning-profile")
    simulation = simulate(instrument, seed=7, careless=0.0)
    measures = score(instrument, simulation.responses)
    found = build_profile(instrument, measures, made.facts())

    assert isinstance(found.body, Body)
    role = simulation.responses.attributes["role"]
    schools = np.isin(role, instrument.groups["lived"])
    assert instrument.position is not None
    rows = {row.decision: row for group in found.body.decisions.groups for row in group.rows}
    assert len(rows) == len(instrument.position.decisions)
    for decision in instrument.position.decisions:
        column = simulation.responses.items.index(decision.item)
        answers = simulation.responses.codes[schools, column]
        answers = answers[answers > 0]
        percents = [100 * float(np.mean(answers == stop)) for stop in range(1, 6)]
        bars = rows[decision.code].bars
        assert not isinstance(bars, Withheld)
        assert answers.size > 40
        masked = sum(percent < 5 for percent in percents)
        step = 5 if masked == 1 or (masked and answers.size < 200) else 1
        for percent, bar in zip(percents, bars, strict=True):
            if percent < 5:
                assert bar.text == "<5%"
            else:
                assert abs(float(bar.text.removesuffix("%")) - percent) <= step / 2 + 1e-9


def test_printed_means_equal_those_that_scoring_found() -> None:
    instrument = registry.load("mto-learning-profile")
    simulation = simulate(instrument, seed=8)
    measures = score(instrument, simulation.responses, simulation.roster)
    found = build_profile(instrument, measures, made.facts())

    assert isinstance(found.body, Body)
    for row in found.body.capability.rows:
        band = measures.scales[row.scale].scores["lived"]
        assert isinstance(band, Band)
        assert isinstance(row.lived.mark, Mark)
        assert row.lived.mark.text == f"{band.value:.1f}"
    assert found.body.summary.headline != "Answers do not gather at any stop"


def test_another_country_reads_its_own_words() -> None:
    instrument = registry.load("mto-learning-profile")
    simulation = simulate(instrument, seed=9)
    measures = score(instrument, simulation.responses, simulation.roster)
    found = build_profile(instrument, measures, made.facts(locale="en-US"))

    british = re.compile(r"organis|centre|standardis|programme|pupil|rigour", re.IGNORECASE)
    assert not [text for text in texts(found) if british.search(text)]
    assert [text for text in texts(found) if "organizations" in text]


def test_a_row_that_the_plan_hides_says_so_and_the_note_says_why() -> None:
    measures = made.measures()
    lived = Row("group", "lived")
    plan = Plan({"today:TWO": {lived: Printed(120, "x")}}, {"today:ONE": frozenset({lived})}, (), 0)
    found = build_profile(made.instrument(), measures, made.facts(), plan=plan).body

    assert isinstance(found, Body)
    rows = {row.decision: row for group in found.decisions.groups for row in group.rows}
    assert rows["ONE"].bars == Withheld("not shown, to protect people")
    assert rows["ONE"].lived == rows["ONE"].bars
    assert isinstance(rows["TWO"].bars, tuple)
    assert "Things: hidden, since answers of fewer than ten people" in found.decisions.note
    assert not any(dot.short == "Things" for dot in found.summary.line.gathered)


def test_a_profile_of_which_nothing_is_left_is_refused_and_says_which_rows_to_merge() -> None:
    lived = frozenset({Row("group", "lived")})
    plan = Plan({}, {f"today:{code}": lived for code in ("ONE", "TWO", "TRI")}, (), 0)
    found = build_profile(made.instrument(), made.measures(), made.facts(), plan=plan).body

    assert isinstance(found, Refusal)
    reason = found.reasons[0]
    assert reason.startswith("The rows of all schools cannot be shown")
    assert "Merge rows of the smallest schools" in reason
