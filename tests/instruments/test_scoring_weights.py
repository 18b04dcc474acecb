"""Weights: strata, their counts, and how thin ones are merged."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments import registry
from instruments.responses import Responses
from instruments.roster import Roster, RosterRow
from instruments.scoring.weights import Strata, sampling, strata

TINY = registry.load_folder(Path(__file__).parents[1] / "instruments_data" / "tiny")
People = list[tuple[str, str]]


def made(people: People, roster: Roster | None, roles: tuple[str, ...] = ("T", "L")) -> Strata:
    school, role = (np.array(column, dtype=np.str_) for column in zip(*people, strict=True))
    codes = np.ones((len(people), 1), dtype=np.int8)
    responses = Responses(("IDE1",), codes, {"school": school, "role": role})
    return strata(sampling(TINY, responses, roster), np.isin(role, roles), roles)


def listed(*rows: tuple[str, str, int]) -> Roster:
    return Roster(tuple(RosterRow(*row) for row in rows))


def test_strata_are_weighted_to_the_roster() -> None:
    people = [("Elm", "T")] * 4 + [("Oak", "T")] * 2 + [("", "H")]
    found = made(people, listed(("Elm", "T", 10), ("Oak", "T", 30), ("", "H", 5)))
    assert found.share.tolist() == [0.25, 0.75]
    assert found.sampled == pytest.approx([0.4, 2 / 30])
    assert found.weights == pytest.approx([0.0625] * 4 + [0.375] * 2 + [0])


def test_without_a_roster_every_answer_counts_the_same() -> None:
    people = [("Elm", "T")] * 3 + [("Oak", "T")] * 2 + [("Oak", "L")] * 5
    found = made(people, None)
    assert found.weights == pytest.approx([0.1] * 10)
    assert not found.sampled.any()
    assert found.n.tolist() == [3, 5, 2]


def test_a_thin_role_is_merged_inside_its_school_first() -> None:
    people = [("Elm", "T")] * 3 + [("Elm", "L")] + [("Oak", "T")] * 2 + [("Oak", "L")] * 2
    roster = listed(("Elm", "T", 8), ("Elm", "L", 2), ("Oak", "T", 5), ("Oak", "L", 5))
    found = made(people, roster)
    assert found.n.tolist() == [4, 2, 2]
    assert found.share == pytest.approx([0.5, 0.25, 0.25])
    assert found.merged == 1


def test_a_thin_school_is_merged_with_the_school_next_in_size() -> None:
    people = [("Ash", "T")] + [("Elm", "T")] * 2 + [("Oak", "T")] * 2
    roster = listed(("Ash", "T", 10), ("Elm", "T", 40), ("Oak", "T", 15))
    found = made(people, roster)
    assert sorted(found.n.tolist()) == [2, 3]
    assert found.of[0] == found.of[3] != found.of[1]
    assert found.share[found.of[0]] == pytest.approx(25 / 65)


def test_the_largest_school_is_merged_with_the_next_below() -> None:
    people = [("Ash", "T")] * 2 + [("Elm", "T")] + [("Oak", "T")] * 2
    found = made(people, listed(("Ash", "T", 10), ("Elm", "T", 40), ("Oak", "T", 15)))
    assert found.of[2] == found.of[3] != found.of[0]


def test_a_school_where_nobody_answered_is_spoken_for_by_its_neighbour() -> None:
    people = [("Elm", "T")] * 2 + [("Oak", "T")] * 2
    found = made(people, listed(("Ash", "T", 12), ("Elm", "T", 40), ("Oak", "T", 15)))
    assert found.share[found.of[2]] == pytest.approx(27 / 67)


def test_people_who_are_not_on_the_roster_join_a_school_that_is() -> None:
    people = [("Fir", "T")] * 3 + [("Elm", "T")] * 2 + [("Oak", "T")] * 2
    found = made(people, listed(("Elm", "T", 40), ("Oak", "T", 15)))
    assert found.of[0] == found.of[5]
    assert found.share[found.of[0]] == pytest.approx(15 / 55)


def test_more_answers_than_staff_count_as_everybody() -> None:
    found = made([("Elm", "T")] * 5, listed(("Elm", "T", 4)))
    assert found.sampled.tolist() == [1.0]


def test_the_centre_is_one_stratum_whatever_school_people_name() -> None:
    people = [("Elm", "B"), ("", "B"), ("Oak", "H"), ("", "H")]
    found = made(people, listed(("", "B", 6), ("", "H", 4)), roles=("B", "H"))
    assert found.n.tolist() == [4]
    assert found.sampled.tolist() == [0.4]


@settings(max_examples=100, deadline=None)
@given(
    people=st.lists(
        st.tuples(st.sampled_from(["Ash", "Elm", "Oak", ""]), st.sampled_from("TLBH")),
        min_size=1,
        max_size=30,
    ),
    counts=st.none()
    | st.lists(st.integers(0, 30), min_size=8, max_size=8).filter(lambda c: sum(c) > 0),
)
def test_weights_sum_to_one_and_no_stratum_is_thin_while_another_stands(
    people: People, counts: list[int] | None
) -> None:
    places = [(s, r) for s in ("Ash", "Elm", "Oak") for r in "TL"] + [("", "B"), ("", "H")]
    roster = counts and listed(*((*p, n) for p, n in zip(places, counts, strict=True)))
    found = made(people, roster or None, ("T", "L", "B", "H"))
    assert found.weights.sum() == pytest.approx(1)
    assert found.share.sum() == pytest.approx(1)
    assert (found.weights >= 0).all()
    assert found.n.sum() == len(people)
    if found.n.size > 1:
        assert (found.n >= 2).all()
