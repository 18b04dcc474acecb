"""Readings hold where their rules do, rest on figures that may be shown, and are at most three."""

from dataclasses import replace
from typing import Any

import measures_factory as made
import pytest

from instruments import registry
from instruments.definition import Disclosure, Pattern
from instruments.measures import EVERYBODY, Measures, Wants
from instruments.psychometrics.estimates import Estimate, NotEstimated
from reports.profile import patterns
from reports.profile.patterns import PatternError, Round


def round_(measures: Measures | None = None) -> Round:
    instrument = made.instrument()
    return Round(
        instrument=instrument,
        measures=measures or made.measures(),
        words=instrument.words("en-GB"),
        floors=Disclosure(),
    )


def holds(when: object, measures: Measures | None = None) -> bool:
    return patterns.grounds_of(when, round_(measures)) is not None


def with_scale(code: str, **values: Any) -> Measures:
    base = made.measures()
    given = {"lived": 3.7, "designed": 3.7, **values}
    scale = made.scale(code, base.scales[code].items, asked=base.scales[code].asked, **given)
    return replace(base, scales={**base.scales, code: scale})


def with_wants(choice: float, as_now: float, common: float, n: int = 100) -> Measures:
    base = made.measures()
    wants = {"lived": Wants(choice, as_now, common, n)}
    one = replace(base.decisions["ONE"], wants=wants)
    return replace(base, decisions={**base.decisions, "ONE": one})


# Predicates


def test_high_needs_the_lower_limit_at_the_mark() -> None:
    assert holds({"high": "AA"}, with_scale("AA", lived=3.7, half=0.2))
    assert not holds({"high": "AA"}, with_scale("AA", lived=3.7, half=0.25))


def test_low_needs_the_upper_limit_below_the_mark() -> None:
    assert holds({"low": "AA"}, with_scale("AA", lived=2.8, half=0.15))
    assert not holds({"low": "AA"}, with_scale("AA", lived=2.8, half=0.2))


def test_a_scale_is_read_as_people_in_schools_see_it() -> None:
    assert not holds({"high": "AA"}, with_scale("AA", lived=2.0, designed=4.9))


def test_a_facet_that_teachers_are_not_asked_rests_on_those_who_are() -> None:
    measures = with_scale("PP", lived=2.0)
    everybody = replace(
        measures.scales["PP"],
        scores={**measures.scales["PP"].scores, EVERYBODY: made.band(4.2, n=60)},
    )

    assert holds({"high": "PP"}, replace(measures, scales={**measures.scales, "PP": everybody}))


def test_an_item_is_read_before_reversing() -> None:
    base = made.measures()
    item = replace(base.items["B2"], means={**base.items["B2"].means, "lived": made.band(4.4)})

    assert holds({"high": "B2"}, replace(base, items={**base.items, "B2": item}))


def test_share_sums_the_stops_over_the_named_decisions() -> None:
    assert holds({"share": {"stops": [4, 5], "at_least": 0.48}})
    assert not holds({"share": {"stops": [4, 5], "at_least": 0.5}})
    assert holds({"share": {"stops": [4, 5], "at_least": 0.8, "decisions": ["ONE"]}})


def test_position_is_of_one_decision_or_of_all() -> None:
    assert holds({"position": {"decision": "ONE", "at_least": 4}})
    assert holds({"position": {"decision": "TWO", "at_most": 2}})
    assert not holds({"position": {"decision": "TWO", "at_least": 3}})
    assert holds({"position": {"at_least": 3}})
    assert not holds({"position": {"at_least": 3.2}})


def test_modal_needs_one_stop_chosen_most() -> None:
    tied = replace(made.measures(), pattern_shares=(0.3, 0.1, 0.1, 0.2, 0.3))

    assert holds({"modal": {"stop": 5}})
    assert not holds({"modal": {"stop": 2}})
    assert not holds({"modal": {"stop": 5}}, tied)


def test_gap_counts_dimensions_where_the_centre_describes_more() -> None:
    assert holds({"gap": {"dimensions": 1}})
    assert not holds({"gap": {"dimensions": 2}})


def test_gap_of_none_needs_every_gap_known_and_none_above_nought() -> None:
    even = Estimate(0.0, -0.1, 0.1, 100, "by hand")
    base = made.measures()
    closed = {
        code: replace(scale, gap=even) if code in ("AA", "BB") else scale
        for code, scale in base.scales.items()
    }
    unknown = {**closed, "BB": replace(closed["BB"], gap=NotEstimated("too few"))}

    assert not holds({"gap": {"dimensions": 0}})
    assert holds({"gap": {"dimensions": 0}}, replace(base, scales=closed))
    assert not holds({"gap": {"dimensions": 0}}, replace(base, scales=unknown))


def test_wants_looks_where_the_smaller_wish_is_largest() -> None:
    condition = {"wants": {"more_common": 0.3, "more_choice": 0.3}}

    assert holds(condition, with_wants(0.38, 0.28, 0.34))
    assert not holds(condition, with_wants(0.2, 0.2, 0.6))
    assert not holds(condition)


def test_conditions_combine() -> None:
    yes, no = {"high": "PP"}, {"high": "BB"}

    assert holds({"all": [yes, yes]})
    assert not holds({"all": [yes, no]})
    assert holds({"any": [no, yes]})
    assert not holds({"any": [no, no]})
    assert holds({"at_least": {"n": 2, "of": [yes, no, yes]}})
    assert not holds({"at_least": {"n": 3, "of": [yes, no, yes]}})


# Disclosure


def test_a_condition_on_withheld_figures_does_not_hold() -> None:
    few = made.measures({"lived": 9, "designed": 9, EVERYBODY: 9})

    for condition in (
        {"high": "PP"},
        {"low": "BB"},
        {"high": "S1"},
        {"share": {"stops": [1, 2, 3, 4, 5], "at_least": 0}},
        {"position": {"decision": "ONE", "at_least": 1}},
        {"position": {"at_least": 1}},
        {"modal": {"stop": 5}},
        {"gap": {"dimensions": 1}},
        {"gap": {"dimensions": 0}},
    ):
        assert not holds(condition, few), condition
    nine = with_wants(0.5, 0.0, 0.5, n=9)
    assert not holds({"wants": {"more_common": 0.3, "more_choice": 0.3}}, nine)


def test_a_gap_needs_both_groups_shown() -> None:
    few = made.measures({"lived": 120, "designed": 9, EVERYBODY: 129})

    assert not holds({"gap": {"dimensions": 1}}, few)


def test_a_scale_that_did_not_hang_together_supports_no_reading() -> None:
    assert not holds({"high": "AA"}, with_scale("AA", lived=4.2, omega_high=0.69))


# Readings


def pattern(code: str, when: dict[str, object] | None) -> Pattern:
    return Pattern(id=code, when=when, source="A page", status="provisional")


def found(*given: Pattern) -> list[str]:
    instrument = made.instrument(patterns=given)
    return [
        reading.id
        for reading in patterns.readings(
            instrument, made.measures(), instrument.words("en-GB"), Disclosure()
        )
    ]


def test_readings_are_shown_in_order_and_at_most_three() -> None:
    yes = {"high": "PP"}

    assert found(
        pattern("P01", yes), pattern("P02", {"high": "BB"}), pattern("P03", yes),
        pattern("P04", yes), pattern("P05", yes), pattern("P00", None),
    ) == ["P01", "P03", "P04"]  # fmt: skip


def test_the_default_reading_stands_where_no_other_holds() -> None:
    assert found(pattern("P02", {"high": "BB"}), pattern("P00", None)) == ["P00"]


def test_an_instrument_without_a_default_may_have_no_reading() -> None:
    assert found(pattern("P02", {"high": "BB"})) == []


def test_a_reading_brings_its_words_and_the_figures_it_rests_on() -> None:
    instrument = made.instrument(patterns=[pattern("P01", {"high": "PP"})])
    (reading,) = patterns.readings(
        instrument, made.measures(), instrument.words("en-GB"), Disclosure()
    )

    assert (reading.number, reading.name, reading.says) == (1, "Name P01", "It says.")
    assert (reading.counter, reading.ask, reading.source) == ("Or not.", "Why?", "A page")
    assert reading.because == "press likely 3.8 to 4.0"


def test_the_grounds_of_a_wish_name_the_decision_and_both_shares() -> None:
    measures = with_wants(0.38, 0.28, 0.34)
    grounds = patterns.grounds_of(
        {"wants": {"more_common": 0.3, "more_choice": 0.3}}, round_(measures)
    )

    assert grounds == ("on first things 34% want more in common and 38% want more school choice",)


# Errors


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ({"higher": "AA"}, "unknown predicate 'higher'; the vocabulary is all, any, at_least"),
        ({"high": "ZZ"}, "'ZZ' is no scale or item"),
        ({"high": "AA", "low": "BB"}, "one predicate with its value"),
        ({"all": []}, "all needs a list of conditions"),
        ({"at_least": {"n": "two", "of": [{"high": "AA"}]}}, "must be a whole number"),
        ({"share": {"stops": [4], "atleast": 0.6}}, "share does not know 'atleast'"),
        ({"share": {"stops": 4, "at_least": 0.6}}, "must be a list of stops"),
        ({"share": {"stops": [4], "at_least": "much"}}, "share.at_least must be a number"),
        ({"position": {"decision": "ZZ", "at_least": 3}}, "'ZZ' is no decision"),
        ({"position": {"decision": "ONE"}}, "at_least or at_most"),
        ({"gap": 2}, "gap needs a table"),
    ],
)
def test_a_pattern_that_cannot_be_read_says_what_is_wrong(when: object, message: str) -> None:
    with pytest.raises(PatternError, match=message):
        holds(when)


def test_an_unreadable_pattern_is_named() -> None:
    with pytest.raises(PatternError, match="pattern P01: unknown predicate"):
        found(pattern("P01", {"higher": "AA"}))


def test_every_pattern_of_the_library_can_be_read() -> None:
    for slug, version in registry.available():
        instrument = registry.load(slug, version)
        nothing = replace(made.measures(), scales={}, items={}, decisions={}, overall={})
        against = Round(
            instrument, nothing, instrument.words(instrument.locale, {"mto": "us"}), Disclosure()
        )
        for each in instrument.patterns:
            assert each.when is None or patterns.grounds_of(each.when, against) is None
