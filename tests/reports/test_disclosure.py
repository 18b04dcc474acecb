"""Nothing that rests on too few people is shown, and nothing shown gives them away."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.definition import FLOORS, Disclosure
from instruments.measures import EVERYBODY, Turnout
from reports import disclosure, disclosure_rows
from reports.disclosure import DisclosureError, Shown, Withheld

counts = st.integers(min_value=0, max_value=400)
small = st.integers(min_value=0, max_value=9)
enough = st.integers(min_value=10, max_value=1000)


@st.composite
def shares(draw: st.DrawFn) -> tuple[float, ...]:
    parts = draw(st.lists(st.integers(0, 100), min_size=5, max_size=5).filter(any))
    return tuple(part / sum(parts) for part in parts)


# Floors


def test_the_programs_floors_are_those_of_the_instrument_format() -> None:
    assert disclosure.PROGRAM_FLOORS.model_dump() == dict(FLOORS)


@pytest.mark.parametrize("name", FLOORS)
def test_an_instrument_may_raise_a_floor_and_never_lower_it(name: str) -> None:
    raised = Disclosure.model_validate({name: type(FLOORS[name])(FLOORS[name] * 1.25 + 0.001)})
    lowered = Disclosure.model_validate({name: FLOORS[name] / 2 if FLOORS[name] < 1 else 1})

    assert disclosure.floors(raised) is raised
    with pytest.raises(DisclosureError, match=f"disclosure.{name} is .*: an instrument may not"):
        disclosure.floors(lowered)


def test_no_call_can_ask_for_a_floor_below_the_programs() -> None:
    for call in (
        lambda: disclosure.people(20, floor=9),
        lambda: disclosure.share(0.5, 20, floor=9),
        lambda: disclosure.distribution((0.5, 0.5), 20, floor=9),
        lambda: disclosure.complement_allows(20, published_n=40, floor=9),
    ):
        with pytest.raises(DisclosureError, match="below the program's floor of 10"):
            call()


# Numbers of people


@pytest.mark.parametrize(
    ("n", "band"),
    [(10, "10–14"), (14, "10–14"), (15, "15–24"), (24, "15–24"), (25, "25–49"),
     (49, "25–49"), (50, "50–99"), (99, "50–99"), (100, "100+"), (5000, "100+")],
)  # fmt: skip
def test_people_are_printed_in_bands(n: int, band: str) -> None:
    assert disclosure.n_band(n) == band


@settings(deadline=None)
@given(small)
def test_fewer_than_ten_people_have_no_band(n: int) -> None:
    with pytest.raises(DisclosureError):
        disclosure.n_band(n)
    with pytest.raises(DisclosureError):
        disclosure.n_band_limits(n)
    assert disclosure.people(n) == Withheld("not shown: fewer than 10 answers")


@settings(deadline=None)
@given(enough)
def test_a_band_never_tells_the_exact_number(n: int) -> None:
    alike = [other for other in range(10, 1100) if disclosure.n_band(other) == disclosure.n_band(n)]

    assert len(alike) >= 5


# Shares


@pytest.mark.parametrize(("n", "step"), [(10, 10), (20, 10), (21, 5), (40, 5), (41, 1), (900, 1)])
def test_shares_are_rounded_by_how_many_answered(n: int, step: int) -> None:
    assert disclosure.percent_step(n) == step


@pytest.mark.parametrize(
    ("share", "step", "text", "drawn"),
    [
        (0.0, 1, "<5%", 2.5),
        (0.249, 10, "<25%", 12.5),
        (0.25, 10, "30%", 30),
        (0.099, 5, "<10%", 5),
        (0.1, 5, "10%", 10),
        (0.05, 1, "5%", 5),
        (0.32, 5, "30%", 30),
        (0.9, 1, "90%", 90),
        (0.9, 5, "90%", 90),
        (0.901, 1, ">90%", 95),
        (0.93, 5, ">90%", 95),
        (0.751, 10, ">75%", 87.5),
        (1.0, 10, ">75%", 87.5),
    ],
)
def test_a_share_is_masked_at_both_ends(share: float, step: int, text: str, drawn: float) -> None:
    assert disclosure.percent(share, step=step) == Shown(drawn, text)


def test_a_share_outside_nought_and_one_is_refused() -> None:
    with pytest.raises(DisclosureError, match="between 0 and 1"):
        disclosure.percent(1.2, step=1)


@settings(deadline=None)
@given(shares(), small)
def test_a_distribution_of_fewer_than_ten_answers_is_withheld(
    given_shares: tuple[float, ...], n: int
) -> None:
    assert isinstance(disclosure.distribution(given_shares, n), Withheld)


@settings(deadline=None)
@given(shares(), enough)
def test_a_printed_distribution_holds_only_masked_and_rounded_shares(
    given_shares: tuple[float, ...], n: int
) -> None:
    shown = disclosure.distribution(given_shares, n)

    assert not isinstance(shown, Withheld)
    step, mask = disclosure.percent_step(n), disclosure.mask_of(n)
    for exact, each in zip(given_shares, shown, strict=True):
        if each.text == f"<{mask.low}%":
            assert each.value == mask.low / 2
        elif each.text == f">{mask.high}%":
            assert each.value == (100 + mask.high) / 2
        else:
            assert each.text == f"{each.value:.0f}%"
            assert each.value % step == 0
            assert mask.low - step / 2 <= each.value <= mask.high
        assert (100 * exact < mask.low) == (each.text == f"<{mask.low}%")


@settings(deadline=None)
@given(shares(), enough)
def test_a_lone_small_share_cannot_be_taken_from_the_others(
    given_shares: tuple[float, ...], n: int
) -> None:
    shown = disclosure.distribution(given_shares, n)

    assert not isinstance(shown, Withheld)
    hidden = [each for each in shown if each.text == "<5%"]
    if len(hidden) == 1:
        others = [each.value for each in shown if each.text not in ("<5%", ">90%")]
        assert all(value % 5 == 0 for value in others)


def test_shares_print_to_the_percent_where_two_are_small() -> None:
    shown = disclosure.distribution((0.02, 0.03, 0.18, 0.44, 0.33), 200)

    assert not isinstance(shown, Withheld)
    assert [each.text for each in shown] == ["<5%", "<5%", "18%", "44%", "33%"]


def test_shares_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(DisclosureError, match="add up to 1"):
        disclosure.distribution((0.5, 0.6), 100)


# Figures


def test_figures_print_to_one_decimal() -> None:
    assert disclosure.figure(3.449, low=1, high=5) == Shown(3.4, "3.4")


@settings(deadline=None)
@given(st.floats(1, 5), st.just(1.0), st.just(5.0))
def test_no_figure_stands_at_the_very_end_of_its_axis(
    value: float, low: float, high: float
) -> None:
    shown = disclosure.figure(value, low=low, high=high)

    assert low < shown.value < high
    if value > 4.95:
        assert shown.text == "above 4.9"
    if value < 1.05:
        assert shown.text == "below 1.1"


def test_a_figure_that_is_not_a_number_never_reaches_a_page() -> None:
    with pytest.raises(DisclosureError, match="NaN"):
        disclosure.tenth(float("nan"))


@pytest.mark.parametrize(
    ("n", "published", "allowed"),
    [(30, None, True), (9, None, False), (30, 30, True), (30, 35, False), (30, 40, True)],
)
def test_a_median_needs_nobody_or_enough_people_outside_its_group(
    n: int, published: int | None, allowed: bool
) -> None:
    assert disclosure.complement_allows(n, published_n=published) is allowed


# Rates


@settings(deadline=None)
@given(st.integers(0, 600), st.integers(1, 900))
def test_no_rate_gives_the_number_who_answered_away(n: int, headcount: int) -> None:
    turnout = Turnout("T", n, headcount)
    shown = disclosure_rows.response_rate(turnout)

    if n < 10:
        assert isinstance(shown, Withheld)
    if isinstance(shown, Shown):
        band = disclosure.n_band(n)
        # an onlooker who knows the head count tries every number that would print like this
        alike = [
            count
            for count in range(10, headcount + 1)
            if disclosure.n_band(count) == band
            and any(
                disclosure.percent(count / headcount, step=step, mask=disclosure.FINE).text
                == shown.text
                for step in (1, 5, 10)
            )
        ]
        assert len(alike) >= 2


def test_a_rate_without_a_roster_is_not_known() -> None:
    assert disclosure_rows.response_rate(Turnout("T", 50, None)) == Withheld("not known")


def test_a_large_group_prints_its_rate_to_the_percent() -> None:
    assert disclosure_rows.response_rate(Turnout("T", 245, 400)) == Shown(61.0, "61%")


# Roles


def rows(people: dict[str, tuple[int, int | None]]) -> tuple[disclosure_rows.PeopleRow, ...]:
    by_role = [Turnout(role, n, headcount) for role, (n, headcount) in people.items()]
    heads = [turnout.headcount for turnout in by_role]
    known = [head for head in heads if head is not None]
    total = Turnout(
        EVERYBODY,
        sum(turnout.n for turnout in by_role),
        sum(known) if len(known) == len(heads) else None,
    )
    groups = {"lived": ("T", "L"), "designed": ("B", "H")}
    return disclosure_rows.role_rows(by_role, groups, total)


def test_roles_stand_alone_where_all_of_their_group_may() -> None:
    found = rows({"T": (200, 320), "L": (40, 60), "B": (15, 20), "H": (18, 25)})

    assert [(row.kind, row.code) for row in found] == [
        ("role", "T"), ("role", "L"), ("role", "B"), ("role", "H"), ("total", EVERYBODY),
    ]  # fmt: skip


def test_a_small_role_is_shown_only_within_its_group() -> None:
    found = rows({"T": (200, 320), "L": (40, 60), "B": (7, 20), "H": (18, 25)})

    assert [(row.kind, row.code) for row in found] == [
        ("role", "T"), ("role", "L"), ("group", "designed"), ("total", EVERYBODY),
    ]  # fmt: skip
    assert found[2].n_band == "25–49"


def test_a_small_group_is_withheld() -> None:
    found = rows({"T": (200, 320), "L": (40, 60), "B": (3, 4), "H": (4, 6)})

    assert found[2].code == "designed"
    assert found[2].n_band == Withheld("not shown: fewer than 10 answers")
    assert found[2].rate == Withheld("not shown: fewer than 10 people")


def test_a_role_that_nobody_holds_takes_nothing_from_the_others() -> None:
    found = rows({"T": (200, 320), "L": (40, 60), "B": (15, 20), "H": (0, 0)})

    assert [row.code for row in found] == ["T", "L", "B", EVERYBODY]


def test_the_totals_rate_is_withheld_where_it_would_count_a_hidden_group() -> None:
    total = Turnout(EVERYBODY, 29, 31)
    by_role = [Turnout("T", 20, 21), Turnout("B", 9, 10)]
    groups = {"lived": ("T",), "designed": ("B",)}

    found = disclosure_rows.role_rows(by_role, groups, total)

    shown = disclosure_rows.counts_behind(found[0], by_role[0], 10)
    whole = disclosure_rows.counts_behind(found[-1], total, 10)
    low, high = disclosure_rows.solve_back(whole, [shown])
    assert high is None or min(high, 9) > low


@settings(deadline=None)
@given(st.lists(st.tuples(counts, st.integers(0, 300)), min_size=4, max_size=4))
def test_no_row_of_people_rests_on_fewer_than_ten(people: list[tuple[int, int]]) -> None:
    given_people = {role: (n, n + more) for role, (n, more) in zip("TLBH", people, strict=True)}
    numbers = {role: n for role, (n, _) in given_people.items()}
    numbers["lived"] = numbers["T"] + numbers["L"]
    numbers["designed"] = numbers["B"] + numbers["H"]
    numbers[EVERYBODY] = sum(n for n, _ in given_people.values())
    found = rows(dict(given_people))
    shown_roles = {row.code for row in found if row.kind == "role"}

    for row in found:
        if not isinstance(row.n_band, Withheld):
            assert numbers[row.code] >= 10
        if not isinstance(row.rate, Withheld):
            assert numbers[row.code] >= 10
    # subtraction inside a group: a group's row never stands beside a row of one of its roles
    for group, roles in {"lived": "TL", "designed": "BH"}.items():
        if any(row.code == group for row in found):
            assert not shown_roles & set(roles)


@settings(deadline=None)
@given(st.integers(10, 120), st.integers(0, 9), st.integers(0, 40), st.integers(0, 40))
def test_a_hidden_groups_number_never_follows_exactly(
    lived: int, designed: int, silent: int, silent_centre: int
) -> None:
    by_role = [
        Turnout("T", lived, lived + silent),
        Turnout("B", designed, designed + silent_centre),
    ]
    total = Turnout(EVERYBODY, lived + designed, lived + designed + silent + silent_centre)
    found = disclosure_rows.role_rows(by_role, {"lived": ("T",), "designed": ("B",)}, total)

    if len(found) == 3 and not isinstance(found[-1].n_band, Withheld):
        shown = disclosure_rows.counts_behind(found[0], by_role[0], 10)
        whole = disclosure_rows.counts_behind(found[-1], total, 10)
        low, high = disclosure_rows.solve_back(whole, [shown])
        assert low <= designed
        assert high is None or (designed <= high and low < min(high, 9))


def test_the_totals_band_is_withheld_where_even_that_would_count_a_hidden_group() -> None:
    # 25 or more in all, at most 16 in schools (64 % of 25): nine at the centre, exactly
    by_role = [Turnout("T", 16, 25), Turnout("B", 9, 9)]
    found = disclosure_rows.role_rows(
        by_role, {"lived": ("T",), "designed": ("B",)}, Turnout(EVERYBODY, 25, 34)
    )

    assert found[0].n_band == "15–24"
    assert found[-1].rate == Withheld("not shown, to protect people")
    assert found[-1].n_band == Withheld("not shown, to protect people")


# Solving back


def test_a_remainder_is_the_total_less_what_is_shown() -> None:
    assert disclosure_rows.solve_back((100, 100), [(40, 40), (50, 55)]) == (5, 10)
    assert disclosure_rows.solve_back((100, None), [(40, 49)]) == (51, None)
    assert disclosure_rows.solve_back((100, 120), [(100, None)]) == (0, 20)


@settings(deadline=None)
@given(st.integers(0, 300), st.lists(st.integers(0, 100), max_size=4))
def test_rows_that_isolate_fewer_than_ten_people_are_refused(
    total: int, shown: Sequence[int]
) -> None:
    remainder = total - sum(shown)

    if 0 < remainder < 10:
        with pytest.raises(DisclosureError, match="leave fewer than 10 people"):
            disclosure_rows.check_remainder(total, shown, floor=10)
    else:
        disclosure_rows.check_remainder(total, shown, floor=10)


# Schools


def school_rows(
    *schools: tuple[int, int | None], declared: Disclosure | None = None
) -> disclosure_rows.SchoolRows:
    turnouts = [Turnout(f"School {place}", n, heads) for place, (n, heads) in enumerate(schools)]
    return disclosure_rows.school_rows(turnouts, declared or Disclosure())


def test_a_school_needs_ten_answers_and_half_of_its_staff() -> None:
    found = school_rows((20, 30), (30, 40), (9, 10), (12, 30), (25, 30))

    assert found.shown == ("School 0", "School 1", "School 4")
    assert found.withheld == 2


def test_one_withheld_school_takes_the_next_smallest_with_it() -> None:
    found = school_rows((20, 30), (15, 20), (9, 10), (25, 30))

    assert found.shown == ("School 0", "School 3")
    assert found.withheld == 2


def test_two_withheld_schools_with_few_people_take_a_third() -> None:
    found = school_rows((3, 10), (4, 10), (15, 20), (20, 30), (30, 40))

    assert found.shown == ("School 3", "School 4")
    assert found.withheld == 3


def test_one_school_never_stands_alone() -> None:
    assert school_rows((20, 30), (9, 30), (8, 30), (7, 30)).shown == ()


def test_schools_without_a_roster_have_no_row() -> None:
    assert school_rows((20, None), (30, None)).shown == ()


def test_all_schools_may_be_shown_where_none_is_small() -> None:
    assert school_rows((20, 30), (30, 40), (12, 20)) == disclosure_rows.SchoolRows(
        ("School 0", "School 1", "School 2"), 0
    )


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40)), max_size=14))
def test_subtracting_schools_never_isolates_fewer_than_ten_people(
    schools: list[tuple[int, int]],
) -> None:
    given_schools = [(n, n + more) for n, more in schools]
    found = school_rows(*given_schools)
    numbers = {f"School {place}": n for place, (n, _) in enumerate(given_schools)}

    hidden = sum(n for name, n in numbers.items() if name not in found.shown)
    assert all(numbers[name] >= 10 for name in found.shown)
    assert len(found.shown) != 1
    assert found.withheld == len(schools) - len(found.shown)
    if found.shown:
        assert hidden == 0 or hidden >= 10
        assert found.withheld != 1


# The organisation


def test_an_organisation_below_the_floors_is_told_every_reason() -> None:
    schools = [Turnout("A", 20, 90), Turnout("B", 5, 90), Turnout("C", 0, 90)]

    assert disclosure_rows.reasons_to_refuse(
        Turnout(EVERYBODY, 25, 270), schools, Disclosure()
    ) == (
        "Fewer than 30 people answered.",
        "Answers came from fewer than 3 schools.",
        "Fewer than 40% of staff answered.",
    )


def test_an_organisation_at_the_floors_may_be_shown() -> None:
    schools = [Turnout(name, 10, 25) for name in "ABC"]

    assert (
        disclosure_rows.reasons_to_refuse(Turnout(EVERYBODY, 30, 75), schools, Disclosure()) == ()
    )


@settings(deadline=None)
@given(st.integers(0, 29), st.integers(0, 100))
def test_reasons_never_tell_how_many_answered(n: int, silent: int) -> None:
    total = Turnout(EVERYBODY, n, n + silent)
    text = " ".join(disclosure_rows.reasons_to_refuse(total, [], Disclosure()))

    digits = {int(word) for word in text.replace("%", " ").split() if word.isdigit()}
    assert digits <= {30, 3, 40}


@pytest.mark.parametrize(
    ("n", "heads", "words"),
    [(50, 100, "Fewer than 60% of staff"), (60, 100, ""), (50, None, "not known")],
)
def test_a_low_response_calls_for_caution(n: int, heads: int | None, words: str) -> None:
    said = disclosure_rows.caution(Turnout(EVERYBODY, n, heads), Disclosure())

    assert words in said
    assert bool(said) is bool(words)
