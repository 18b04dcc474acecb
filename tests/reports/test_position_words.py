"""Position is said in words that rank neither end, and names a stop only where answers gather."""

import re

import measures_factory as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import position, words
from reports.position import Placed

STOPS = {1: "On our own", 2: "Tailored help", 3: "Set menu", 4: "Common, adjustable", 5: "One way"}
FORBIDDEN = re.compile(r"\b(levels?|stages?|matur\w+|progress\w*|scores?)\b", re.IGNORECASE)


@st.composite
def placed(draw: st.DrawFn) -> list[Placed]:
    found = []
    for place in range(draw(st.integers(0, 10))):
        verdict = draw(st.sampled_from(["gathers", "split", "none"]))
        value = draw(st.floats(0.6, 5.4))
        found.append(
            Placed(
                decision=f"D{place}",
                short=draw(st.sampled_from(["Tests", "Staff time", "ICT", "When results drop"])),
                value=value,
                verdict=verdict,
                stop_name=STOPS[min(5, max(1, round(value)))] if verdict == "gathers" else "",
            )
        )
    return found


def gathers(short: str, value: float) -> Placed:
    return Placed(short, short, value, "gathers", STOPS[round(value)])


def split(short: str, value: float = 3.0) -> Placed:
    return Placed(short, short, value, "split")


def unplaced(short: str, value: float = 3.0) -> Placed:
    return Placed(short, short, value, "none")


TEN = [
    gathers("Curriculum", 3.9), gathers("Materials", 3.1), gathers("Tests", 4.6),
    gathers("Teaching", 3.7), gathers("Staff learning", 3.8), split("Hiring"),
    gathers("Staff time", 2.0), unplaced("School budget", 2.2), split("When results drop", 3.2),
    gathers("Priorities", 2.9),
]  # fmt: skip


# The whole


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (3.1, 3.3, "Around Set menu"),
        (2.5, 3.5, "Around Set menu"),
        (2.4, 3.5, "Between Tailored help and Set menu"),
        (2.5, 3.6, "Between Set menu and Common, adjustable"),
        (1.2, 4.8, "Between On our own and One way"),
        (0.6, 0.9, "Around On our own"),
        (5.2, 5.5, "Around One way"),
        (3.5, 3.5, "Around Set menu"),
    ],
)
def test_the_whole_is_around_one_stop_or_between_two(low: float, high: float, said: str) -> None:
    assert position.overall_words(low, high, STOPS) == said


@settings(deadline=None)
@given(st.floats(0.5, 5.5), st.floats(0.5, 5.5))
def test_turning_the_line_round_turns_the_words_round(one: float, other: float) -> None:
    low, high = sorted((one, other))
    turned = {stop: STOPS[6 - stop] for stop in STOPS}

    said = position.overall_words(low, high, STOPS)
    back = position.overall_words(6 - high, 6 - low, turned)

    if said.startswith("Between"):
        first, second = said.removeprefix("Between ").split(" and ")
        assert back == f"Between {second} and {first}"
    else:
        # a band of no length on the edge between two stops belongs to either
        assert back == said or low == high


# The spread


def test_the_spread_names_the_ends_and_counts_the_splits() -> None:
    assert position.spread_words(TEN) == (
        "Decisions range from Tailored help (staff time) to One way (tests); two of ten are split."
    )


def test_the_spread_names_no_stop_for_a_decision_that_does_not_gather() -> None:
    said = position.spread_words([split("Hiring", 1.9), unplaced("Budget", 4.4)])

    assert said == (
        "Decisions range from 1.9 (hiring, split) to 4.4 (budget, no single position); "
        "one of two is split."
    )


def test_decisions_that_sit_at_one_stop_are_said_to() -> None:
    said = position.spread_words([gathers("Tests", 3.2), gathers("Hiring", 2.9)])

    assert said == (
        "The lowest and the highest both sit at Set menu (hiring and tests); none of two is split."
    )


def test_nothing_is_said_of_no_decisions() -> None:
    assert position.spread_words([]) == ""


# Headline and lead


def test_the_headline_names_the_two_gathered_decisions_furthest_apart() -> None:
    assert position.headline(TEN) == "Tests sit at One way, staff time at Tailored help"


def test_the_headline_takes_the_verb_of_its_subject() -> None:
    found = position.headline([gathers("Hiring", 5.0), gathers("Tests", 1.0)])

    assert found == "Hiring sits at One way, tests at On our own"


def test_the_headline_says_where_nothing_gathers() -> None:
    found = position.headline([split("Hiring"), unplaced("Budget")])

    assert found == "Answers do not gather at any stop"


def test_the_headline_does_not_name_one_stop_twice() -> None:
    found = [gathers("Tests", 4.2), gathers("Hiring", 3.8)]

    assert position.headline(found) == "Both decisions sit at Common, adjustable"
    assert position.headline([*found, split("Budget")]) == (
        "Two of three decisions sit at Common, adjustable"
    )


def test_the_headline_of_one_gathered_decision_says_so() -> None:
    assert position.headline([gathers("Tests", 5.0), split("Hiring")]) == (
        "Only tests sit at one stop: One way"
    )


def test_the_lead_says_what_gathers_what_is_split_and_what_is_neither() -> None:
    assert position.lead(TEN) == (
        "Answers gather at a named stop for seven of ten decisions. "
        "Hiring and when results drop are split; school budget has no single position."
    )


def test_the_lead_says_that_all_gather_or_none() -> None:
    assert position.lead([gathers("Tests", 5), gathers("Time", 2)]) == (
        "Answers gather at a named stop for both decisions."
    )
    assert position.lead([split("Tests"), split("Time")]) == (
        "Answers gather at a named stop for none of two decisions. Tests and time are split."
    )
    assert position.lead([]) == "No decision has enough answers to be shown."


# One decision


def test_a_stop_is_named_with_the_shares_behind_it() -> None:
    found = made.placing(made.AT_TWO, 2.0, verdict="gathers", stop=2)

    assert position.verdict_words(found, STOPS) == (
        "Tailored help", "", "42% here, 88% with the stops beside it",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("schools differ", "schools differ"),
        ("people differ", "people in the same schools see it differently"),
        (None, ""),
    ],
)
def test_a_split_says_which_kind_it_is(kind: str | None, said: str) -> None:
    found = made.placing(made.SPLIT, 3.1, verdict="split", split_kind=kind)

    assert position.verdict_words(found, STOPS) == ("Split", said, "42% left, 45% right")


def test_answers_that_do_not_gather_have_no_stop() -> None:
    found = made.placing((0.2, 0.2, 0.35, 0.15, 0.1), 2.8)

    assert position.verdict_words(found, STOPS)[0] == "No single position"


def test_shares_in_words_are_rounded_like_the_bars() -> None:
    # one share alone is below 5 %: everything prints to the nearest 5
    found = made.placing((0.03, 0.07, 0.33, 0.41, 0.16), 3.7, verdict="gathers", stop=4)

    assert position.verdict_words(found, STOPS)[2] == "40% here, 90% with the stops beside it"


@settings(deadline=None)
@given(placed(), st.floats(0.5, 5.5), st.floats(0.5, 5.5))
def test_no_sentence_about_position_ranks_it(found: list[Placed], one: float, other: float) -> None:
    low, high = sorted((one, other))
    sentences = [
        position.headline(found),
        position.lead(found),
        position.spread_words(found),
        position.overall_words(low, high, STOPS),
    ]

    for said in sentences:
        assert not FORBIDDEN.search(said)
        assert "  " not in said
        assert said[:1] == said[:1].upper()


# Small words


def test_numbers_lists_and_dates_are_said_plainly() -> None:
    assert [words.number(n) for n in (0, 1, 10, 12, 13)] == ["none", "one", "ten", "twelve", "13"]
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.lower_first("ICT use") == "ICT use"
    assert words.lower_first("Staff time") == "staff time"


@pytest.mark.parametrize(
    ("percent", "said"),
    [(3, "hardly any"), (46, "nearly half"), (50, "about half"), (66, "about two thirds"),
     (85, "most"), (95, "nearly all")],
)  # fmt: skip
def test_rough_shares_come_from_a_fixed_table(percent: float, said: str) -> None:
    assert words.roughly(percent) == said


def test_a_window_names_month_and_year_once() -> None:
    from datetime import date

    may = date(2026, 5, 4)

    assert words.window(may, date(2026, 5, 22)) == "4 to 22 May 2026"
    assert words.window(may, may) == "4 May 2026"
    assert words.window(may, date(2026, 6, 2)) == "4 May to 2 June 2026"
    assert words.window(date(2025, 12, 30), may) == "30 December 2025 to 4 May 2026"
