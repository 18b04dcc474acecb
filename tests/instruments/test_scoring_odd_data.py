"""Scoring of answers that no figure can be made from: reasons, never errors or NaN."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments import registry
from instruments.responses import CANT_TELL, NOT_SHOWN, SKIPPED, Responses
from instruments.roster import Roster, RosterRow
from instruments.scoring import score

TINY = registry.load_folder(Path(__file__).parents[1] / "instruments_data" / "tiny")
ITEMS = ("IDE1", "IDE2", "IDE3", "CHECK", "TOO1", "FOOD_NOW", "PRE1", "FOOD_WISH")
answer = st.sampled_from([1, 2, 3, 4, 5, 5, SKIPPED, CANT_TELL])
person = st.tuples(
    st.sampled_from(["Ash", "Elm", "Oak", ""]),
    st.sampled_from("TTTLBH"),
    st.lists(answer, min_size=len(ITEMS), max_size=len(ITEMS)),
)
rosters = st.none() | st.lists(st.integers(0, 12), min_size=6, max_size=6).filter(any)


def made(people: list[tuple[str, str, list[int]]]) -> Responses:
    school, role, codes = zip(*people, strict=True)
    attributes = {"school": np.array(school), "role": np.array(role)}
    return Responses(ITEMS, np.array(codes, dtype=np.int8), attributes)


def numbers(value: object) -> list[float]:
    """Every number in a nest of results."""
    if isinstance(value, float):
        return [value]
    if dataclasses.is_dataclass(value):
        return [n for f in dataclasses.fields(value) for n in numbers(getattr(value, f.name))]
    if isinstance(value, dict):
        return [n for each in value.values() for n in numbers(each)]
    if isinstance(value, tuple):
        return [n for each in value for n in numbers(each)]
    return []


@settings(max_examples=60, deadline=None)
@given(people=st.lists(person, min_size=1, max_size=25), counts=rosters)
def test_any_answers_give_figures_or_reasons(
    people: list[tuple[str, str, list[int]]], counts: list[int] | None
) -> None:
    places = [("Ash", "T"), ("Ash", "L"), ("Elm", "T"), ("Oak", "L"), ("", "B"), ("", "H")]
    roster = None
    if counts is not None:
        rows = (RosterRow(*place, n) for place, n in zip(places, counts, strict=True))
        roster = Roster(tuple(rows))
    found = score(TINY, made(people), roster)
    assert all(math.isfinite(n) for n in numbers(found))
    for decision in found.decisions.values():
        for measure in decision.groups.values():
            band = measure.position
            if hasattr(band, "value"):
                assert 0.5 <= band.low <= band.value <= band.high <= 5.5


@pytest.mark.parametrize("code", [3, CANT_TELL, SKIPPED, NOT_SHOWN])
def test_a_round_in_which_everybody_says_the_same_is_scored(code: int) -> None:
    row = [code] * len(ITEMS)
    people = [(school, role, row) for school in ("Ash", "Elm") for role in "TL" for _ in range(30)]
    found = score(TINY, made(people))
    assert all(math.isfinite(n) for n in numbers(found))
    reliability = found.scales["IDE"].reliability
    assert hasattr(reliability, "reason")


def test_fewer_people_than_items_is_a_stated_reason() -> None:
    rng = np.random.default_rng(1)
    people = [("Ash", "T", rng.integers(1, 6, len(ITEMS)).tolist()) for _ in range(3)]
    found = score(TINY, made(people))
    assert "too few" in getattr(found.scales["IDE"].reliability, "reason", "")
