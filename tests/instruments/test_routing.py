"""Which items a person sees, and on which pages."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments import registry, routing
from instruments.definition import Instrument

PROFILE = ("mto-learning-profile", "0.1")
TINY = Path(__file__).parent.parent / "instruments_data" / "tiny"


@pytest.fixture
def tiny() -> Instrument:
    return _tiny()


def test_a_teacher_is_not_shown_what_teachers_are_not_asked(tiny: Instrument) -> None:
    teacher = routing.shown(tiny, role="T", form="full")
    leader = routing.shown(tiny, role="L", form="full")

    assert set(leader) - set(teacher) == {"TOO3", "BUS_NOW", "BUS_WISH"}
    assert set(teacher) <= set(leader)


def test_the_modules_of_a_form_are_always_on_and_the_optional_ones_on_request(
    tiny: Instrument,
) -> None:
    plain = routing.shown(tiny, role="T", form="full")
    remembered = routing.shown(tiny, role="T", form="full", modules=["preferred", "remembered"])

    assert "FOOD_WISH" in plain
    assert set(remembered) - set(plain) == {"HERE", "FOOD_PAST"}


def test_a_form_with_a_list_asks_what_it_lists(tiny: Instrument) -> None:
    short = routing.shown(tiny, role="H", form="short")

    assert short == ("WHO", "IDE1", "TOO1", "FOOD_NOW")


@pytest.mark.parametrize(
    ("answers", "is_shown"),
    [(None, True), ({}, False), ({"HERE": 1}, True), ({"HERE": 2}, False), ({"HERE": None}, False)],
)
def test_an_item_with_a_condition_waits_for_the_answer(
    tiny: Instrument, answers: dict[str, int | None] | None, is_shown: bool
) -> None:
    codes = routing.shown(tiny, role="T", form="full", modules=["remembered"], answers=answers)

    assert ("FOOD_PAST" in codes) is is_shown


def test_a_page_whose_items_all_wait_is_left_out(tiny: Instrument) -> None:
    pages = routing.pages(tiny, role="T", form="full", modules=["remembered"], answers={"HERE": 2})

    assert "memory" not in [page.section for page in pages]
    assert "past" in [page.section for page in pages]


def test_the_second_order_reverses_the_sections_that_rotate_and_no_others(
    tiny: Instrument,
) -> None:
    first = [page.section for page in routing.pages(tiny, role="T", form="full", order=0)]
    second = [page.section for page in routing.pages(tiny, role="T", form="full", order=1)]

    assert routing.orders(tiny) == 2
    assert first == ["who", "ideas", "tools", "now", "outside", "wish"]
    assert second == ["who", "tools", "ideas", "now", "outside", "wish"]


def test_an_instrument_without_rotation_has_one_order() -> None:
    bfi = registry.load("bfi25")

    assert routing.orders(bfi) == 1
    with pytest.raises(ValueError, match="order 1 is unknown"):
        routing.pages(bfi, role="", form="full", order=1)


def test_an_instrument_without_roles_asks_everybody_everything() -> None:
    bfi = registry.load("bfi25")

    assert len(routing.shown(bfi, role="", form="full")) == 25
    assert [len(page.items) for page in routing.pages(bfi, role="", form="full")] == [5] * 5
    with pytest.raises(ValueError, match="no roles: leave it empty"):
        routing.shown(bfi, role="T", form="full")


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"role": "X"}, "role 'X' is unknown; tiny has: T, L, B, H"),
        ({"role": ""}, "role '' is unknown; tiny has: T, L, B, H"),
        ({"form": "long"}, "form 'long' is unknown; tiny has: full, short"),
        ({"modules": ["wishes"]}, "has no module 'wishes'; it has: preferred, remembered"),
        ({"modules": ["open"]}, "has no module 'open'"),
        ({"form": "short", "modules": ["preferred"]}, "has no module 'preferred'; it has: none"),
    ],
)
def test_an_unknown_name_is_refused_with_what_there_is(
    tiny: Instrument, wrong: dict[str, Any], line: str
) -> None:
    with pytest.raises(ValueError, match=line):
        routing.shown(tiny, **{"role": "T", "form": "full", **wrong})


def test_a_round_is_told_which_placeholders_it_must_still_fill(tiny: Instrument) -> None:
    plain = routing.unfilled(tiny, locale="en-GB", form="full")
    remembered = routing.unfilled(tiny, locale="en-GB", form="full", modules=["remembered"])
    filled = routing.unfilled(
        tiny,
        locale="en-GB",
        form="full",
        modules=["remembered"],
        placeholders={"before": "the merger"},
    )
    blank = routing.unfilled(tiny, locale="en-GB", form="full", placeholders={"mto": " "})

    assert (plain, remembered, filled, blank) == ((), ("before",), (), ("mto",))


@cache
def _tiny() -> Instrument:
    return registry.load_folder(TINY)


@st.composite
def surveys(draw: st.DrawFn) -> dict[str, Any]:
    """One person's survey: any instrument, role, form, modules, order and answers."""
    instrument = draw(st.sampled_from([_tiny(), registry.load(*PROFILE)]))
    form = instrument.forms[draw(st.sampled_from(sorted(instrument.forms)))]
    optional = st.sampled_from(form.optional_modules) if form.optional_modules else st.nothing()
    gates = sorted({item.asked_if.item for item in instrument.items if item.asked_if})
    return {
        "instrument": instrument,
        "role": draw(st.sampled_from(instrument.roles)),
        "form": form.code,
        "modules": draw(st.lists(optional, unique=True)),
        "order": draw(st.integers(0, routing.orders(instrument) - 1)),
        "answers": draw(
            st.none() | st.dictionaries(st.sampled_from(gates), st.integers(1, 3), max_size=2)
        ),
    }


@settings(deadline=None)  # the machine may be busy
@given(surveys())
def test_pages_hold_what_is_shown_once_each_in_whole_sections(survey: dict[str, Any]) -> None:
    instrument = survey.pop("instrument")
    pages = routing.pages(instrument, **survey)
    order = survey.pop("order")
    shown = routing.shown(instrument, **survey)

    on_pages = [code for page in pages for code in page.items]
    assert sorted(on_pages) == sorted(shown)
    assert len(set(on_pages)) == len(on_pages)
    assert all(page.items for page in pages)
    assert all(
        instrument.item(code).section == page.section for page in pages for code in page.items
    )
    sections = [page.section for page in pages]
    assert sections == [s for s in routing.section_order(instrument, order) if s in sections]


@settings(deadline=None)  # the machine may be busy
@given(surveys())
def test_nobody_is_shown_an_item_of_another_role_or_one_that_is_not_asked_yet(
    survey: dict[str, Any],
) -> None:
    instrument = survey.pop("instrument")
    del survey["order"]

    for code in routing.shown(instrument, **survey):
        item = instrument.item(code)
        assert survey["role"] in item.roles
        assert item.module != "open"
        assert item.kind != "text"


@settings(deadline=None)  # the machine may be busy
@given(surveys())
def test_answers_and_orders_never_add_an_item(survey: dict[str, Any]) -> None:
    instrument = survey.pop("instrument")
    del survey["order"]
    everything = routing.shown(instrument, **{**survey, "answers": None})

    assert set(routing.shown(instrument, **survey)) <= set(everything)
    assert set(everything) <= set(
        routing.asked(instrument, form=survey["form"], modules=survey["modules"])
    )


@settings(deadline=None)  # the machine may be busy
@given(surveys())
def test_a_condition_rests_on_an_item_of_an_earlier_page_that_the_person_was_shown(
    survey: dict[str, Any],
) -> None:
    instrument = survey.pop("instrument")
    pages = routing.pages(instrument, **{**survey, "answers": None})
    place = {code: number for number, page in enumerate(pages) for code in page.items}

    for code in place:
        condition = instrument.item(code).asked_if
        if condition is not None:
            assert place[condition.item] < place[code]
