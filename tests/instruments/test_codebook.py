"""One dictionary of variables, in the words of a round."""

from pathlib import Path

import pytest

from instruments import codebook, registry
from instruments.codebook import Variable
from instruments.responses import CANT_TELL, DOES_NOT_APPLY, NOT_SHOWN, SKIPPED

TINY = Path(__file__).parent.parent / "instruments_data" / "tiny"


@pytest.fixture(scope="module")
def by_name() -> dict[str, Variable]:
    tiny = registry.load_folder(TINY)
    words = tiny.words("en-US", {"mto": "Harbor District"})
    return {variable.name: variable for variable in codebook.variables(tiny, words)}


def test_every_item_is_one_variable_in_the_instruments_order() -> None:
    for instrument in (registry.load_folder(TINY), registry.load("bfi25")):
        names = [v.name for v in codebook.variables(instrument, instrument.words("en-GB"))]

        assert names == [item.code for item in instrument.items]


def test_a_rated_item_has_its_options_its_scale_and_its_missing_codes(
    by_name: dict[str, Variable],
) -> None:
    variable = by_name["IDE1"]

    assert (
        variable.label == "To what extent does Harbor District have an idea of what students need?"
    )
    assert variable.short == "an idea of needs"
    assert variable.kind == "ordinal"
    assert list(variable.values) == [1, 2, 3, 4, 5]
    assert variable.values[5] == "To a very large extent"
    assert variable.missing == {
        SKIPPED: "Skipped",
        NOT_SHOWN: "Not shown",
        CANT_TELL: "I can't tell from my role",
    }
    assert (variable.scale, variable.reverse) == ("IDE", False)
    assert by_name["IDE3"].reverse


def test_does_not_apply_is_listed_where_it_is_offered(by_name: dict[str, Variable]) -> None:
    assert by_name["FOOD_NOW"].missing[DOES_NOT_APPLY] == "Does not apply to my school"
    assert DOES_NOT_APPLY not in by_name["IDE1"].missing
    assert by_name["FOOD_NOW"].values[5] == "Harbor District has one way"


def test_the_role_question_is_answered_with_role_codes(by_name: dict[str, Variable]) -> None:
    assert by_name["WHO"].kind == "role"
    assert by_name["WHO"].values == {
        "T": "Teaching students",
        "L": "Leading a school",
        "B": "Working across schools",
        "H": "Working at the center of Harbor District",
    }


def test_a_context_question_is_nominal_and_cannot_be_untellable(
    by_name: dict[str, Variable],
) -> None:
    assert by_name["HERE"].kind == "nominal"
    assert by_name["HERE"].values == {1: "Yes", 2: "No"}
    assert CANT_TELL not in by_name["HERE"].missing


def test_open_words_have_no_values(by_name: dict[str, Variable]) -> None:
    assert by_name["STORY"].kind == "text"
    assert by_name["STORY"].values == {}


def test_roles_say_who_was_asked(by_name: dict[str, Variable]) -> None:
    assert by_name["BUS_NOW"].roles == ("L", "H")
    bfi = registry.load("bfi25")
    assert {v.roles for v in codebook.variables(bfi, bfi.words("en-US"))} == {()}


def test_a_placeholder_that_the_round_left_open_stands_as_its_name(
    by_name: dict[str, Variable],
) -> None:
    assert by_name["HERE"].label == "Were you here at [before]?"
