import pytest

from reports.disclosure import PROGRAM_FLOORS, DisclosureError, Withheld
from reports.disclosure_themes import theme_people, words_allowed


@pytest.mark.parametrize(("n", "band"), [(5, "5–9"), (9, "5–9"), (10, "10–14"), (100, "100+")])
def test_a_theme_from_two_schools_is_told_with_a_band(n, band):
    assert theme_people(n, from_two_schools=True) == band


@pytest.mark.parametrize("n", [0, 1, 4])
def test_a_theme_from_fewer_than_five_people_is_withheld(n):
    assert theme_people(n, from_two_schools=True) == Withheld("not shown: fewer than 5 people")


@pytest.mark.parametrize("n", [5, 60])
def test_a_theme_that_may_be_one_schools_is_withheld(n):
    assert isinstance(theme_people(n, from_two_schools=False), Withheld)


def test_words_are_told_from_the_floor_of_a_profile_on():
    assert [words_allowed(PROGRAM_FLOORS, answered=n) for n in (0, 29, 30)] == [False, False, True]
    higher = PROGRAM_FLOORS.model_copy(update={"organisation_n": 50})
    assert not words_allowed(higher, answered=40)
    lower = PROGRAM_FLOORS.model_copy(update={"organisation_n": 20})
    with pytest.raises(DisclosureError, match="may not go below 30"):
        words_allowed(lower, answered=40)
