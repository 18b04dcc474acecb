"""Twenty-five personality items prove that nothing knows the first instrument by name."""

from instruments import registry


def test_five_scales_of_five_core_items_hold_all_25() -> None:
    bfi = registry.load("bfi25")

    assert [scale.code for scale in bfi.scales] == list("ACENO")
    assert sorted(code for scale in bfi.scales for code in scale.items) == sorted(
        f"{letter}{number}" for letter in "ACENO" for number in range(1, 6)
    )
    assert all(item.core for item in bfi.items)
    assert len(bfi.items) == 25


def test_seven_items_are_keyed_the_other_way() -> None:
    bfi = registry.load("bfi25")

    reversed_ = {item.code for item in bfi.items if item.reverse}
    assert reversed_ == {"A1", "C4", "C5", "E1", "E2", "O2", "O5"}


def test_it_is_answered_on_six_options_and_analysed_on_complete_cases() -> None:
    bfi = registry.load("bfi25")

    assert {bfi.options(item.code) for item in bfi.items} == {(1, 2, 3, 4, 5, 6)}
    words = bfi.words("en-US")
    response = bfi.items[0].response
    assert words.option(response, 1) == "Very inaccurate"
    assert words.option(response, 6) == "Very accurate"
    assert bfi.scoring.missing == "listwise"


def test_it_has_neither_roles_nor_a_continuum_nor_patterns() -> None:
    bfi = registry.load("bfi25")

    assert bfi.roles == ()
    assert bfi.groups == {}
    assert bfi.position is None
    assert bfi.patterns == ()
    assert all(item.asked_of("") for item in bfi.items)


def test_its_stems_are_those_of_the_public_items() -> None:
    words = registry.load("bfi25").words("en-GB")

    assert words.stem("A1") == "Am indifferent to the feelings of others."
    assert words.stem("E1") == "Don't talk a lot."
    assert words.stem("O5") == "Will not probe deeply into a subject."
