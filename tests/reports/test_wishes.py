"""Today, remembered, preferred: who has a row, what is pooled, and what the words say."""

from collections.abc import Mapping
from dataclasses import replace

import measures_factory as made
import numpy as np
import pytest

from instruments import registry
from instruments.measures import EVERYBODY, DecisionMeasure, Measures, PositionMeasure, Wants
from instruments.quality import careless
from instruments.scoring import score
from instruments.simulate import simulate
from reports.disclosure import Withheld
from reports.profile import build_profile
from reports.profile.content import Bar, Body, Mark, Profile, RoleWishes, Wishes, WishRow
from reports.round_facts import facts_from

FEW = Withheld("not shown: fewer than 10 answers")


def wants(choice: float, as_now: float, common: float, n: int) -> Wants:
    return Wants(choice, as_now, common, n)


def round_with(
    wanted: Mapping[str, Mapping[str, Wants]],
    remembered: Mapping[str, PositionMeasure] | None = None,
    sizes: Mapping[str, int] = made.SIZES,
) -> Measures:
    base = made.measures(sizes)
    past = remembered or {}
    decisions: dict[str, DecisionMeasure] = {
        code: replace(each, wants=wanted.get(code, {}), remembered=past.get(code))
        for code, each in base.decisions.items()
    }
    return replace(base, decisions=decisions)


def profile_of(measures: Measures) -> Profile:
    return build_profile(made.instrument(), measures, made.facts())


def page(measures: Measures) -> Wishes:
    body = profile_of(measures).body
    assert isinstance(body, Body)
    assert body.wishes is not None
    return body.wishes


def row(found: Wishes, code: str) -> WishRow:
    return next(each for group in found.groups for each in group.rows if each.decision == code)


def texts(bars: tuple[Bar, ...] | Withheld) -> list[str]:
    assert not isinstance(bars, Withheld), bars
    return [bar.text for bar in bars]


#: 80 teachers, 40 leaders, 24 at the centre
ONE = {
    "lived": wants(0.2, 0.5, 0.3, 120),
    "T": wants(0.1, 0.6, 0.3, 80),
    "L": wants(0.4, 0.3, 0.3, 40),
    "designed": wants(0.0, 0.5, 0.5, 24),
    "C": wants(0.0, 0.5, 0.5, 24),
}


def test_a_round_that_asked_neither_has_no_such_page() -> None:
    body = profile_of(made.measures()).body
    assert isinstance(body, Body)
    assert body.wishes is None
    assert profile_of(made.measures()).table("wishes") is None


def test_only_what_was_asked_has_a_place_on_the_page() -> None:
    preferred = page(round_with({"ONE": ONE}))
    assert preferred.heading == "Today and preferred"
    assert preferred.memory == ""
    assert row(preferred, "ONE").remembered == Withheld("not asked")
    remembered = page(round_with({}, {"ONE": made.placing(made.AT_TWO, 2.0, n=50)}))
    assert remembered.heading == "Today and remembered"
    assert remembered.labels == remembered.roles == ()
    assert remembered.memory == "This is memory, not measured change."


def test_the_three_shares_stand_in_the_order_of_the_stops() -> None:
    found = row(page(round_with({"ONE": ONE})), "ONE")
    assert [bar.label for bar in found.bars if isinstance(bar, Bar)] == [
        "More school choice",
        "As now",
        "More in common",
    ]
    assert texts(found.bars) == ["20%", "50%", "30%"]
    assert (found.reading, found.detail) == ("As now", "about half")


def test_opposite_wishes_are_said_where_both_reach_three_in_ten() -> None:
    both = {"lived": wants(0.3, 0.4, 0.3, 120)}
    found = row(page(round_with({"ONE": both})), "ONE")
    assert (found.reading, found.detail) == ("Opposite wishes", "30% and 30%")
    one = {"lived": wants(0.55, 0.25, 0.2, 120)}
    found = row(page(round_with({"ONE": one})), "ONE")
    assert (found.reading, found.detail) == ("More school choice", "more than half")


def test_fewer_than_ten_wishes_of_a_decision_are_not_shown() -> None:
    nine = {"lived": wants(0.3, 0.4, 0.3, 9), "L": wants(0.3, 0.4, 0.3, 9)}
    found = page(round_with({"ONE": ONE, "TRI": nine}))
    hidden = row(found, "TRI")
    assert (hidden.bars, hidden.n_band, hidden.reading) == (FEW, FEW, "")
    assert "Withheld in part or whole for budget: fewer than 10 answers." in found.notes


def test_each_role_stands_alone_where_all_of_its_group_may() -> None:
    found = page(round_with({"ONE": ONE}))
    assert [role.name for role in found.roles] == ["Teachers", "Leaders", "Central staff"]
    assert [texts(role.bars) for role in found.roles] == [
        ["10%", "60%", "30%"],
        ["40%", "30%", "30%"],
        ["<10%", "50%", "50%"],
    ]


def test_a_group_stands_for_its_roles_where_one_of_them_is_too_small() -> None:
    few = {**ONE, "L": wants(0.4, 0.3, 0.3, 9)}
    found = page(round_with({"ONE": few}))
    assert [role.name for role in found.roles] == ["People in schools", "Central staff"]
    assert texts(found.roles[0].bars) == ["20%", "50%", "30%"]


def test_a_role_too_small_on_the_cover_takes_its_group_with_it() -> None:
    measures = round_with({"ONE": ONE})
    small = tuple(
        replace(each, n=9, headcount=20) if each.name == "L" else each for each in measures.by_role
    )
    found = page(replace(measures, by_role=small))
    assert [role.name for role in found.roles] == ["People in schools", "Central staff"]


def test_a_small_centre_has_its_words_in_place_of_its_bars() -> None:
    few = {**ONE, "designed": wants(0, 0.5, 0.5, 6), "C": wants(0, 0.5, 0.5, 6)}
    sizes = {"lived": 120, "designed": 6, EVERYBODY: 126}
    last = page(round_with({"ONE": few}, sizes=sizes)).roles[-1]
    assert last.name == "The centre"
    assert last.bars == last.n_band == FEW
    assert last.reading == ""


def test_roles_pool_the_decisions_that_each_of_their_group_can_show() -> None:
    two = {**ONE, "T": wants(0.5, 0.5, 0.0, 70), "L": wants(0.0, 0.5, 0.5, 8)}
    found = {role.name: role for role in page(round_with({"ONE": ONE, "TWO": two})).roles}
    assert texts(found["Teachers"].bars) == ["10%", "60%", "30%"]
    assert found["Teachers"].over == "one decision"
    both = {**ONE, "T": wants(0.5, 0.5, 0.0, 40), "L": wants(0.0, 0.5, 0.5, 40)}
    found = {role.name: role for role in page(round_with({"ONE": ONE, "TWO": both})).roles}
    # 80 answers to the one, 40 to the other: (8 + 20) / 120 = 23%, (48 + 20) / 120 = 57%
    assert texts(found["Teachers"].bars) == ["23%", "57%", "20%"]
    assert found["Teachers"].over == "two decisions"


def test_what_is_remembered_is_a_mark_beside_todays_and_never_a_change() -> None:
    found = page(round_with({}, {"ONE": made.placing(made.AT_TWO, 2.0, n=50)}))
    drawn = row(found, "ONE")
    assert isinstance(drawn.today, Mark)
    assert isinstance(drawn.remembered, Mark)
    assert (drawn.today.text, drawn.remembered.text) == ("4.6", "2.0")
    note = next(each for each in found.notes if "ring" in each)
    assert "n 50–99" in note
    assert "is no change" in note
    text = " ".join((found.intro, found.alt, *found.notes))
    assert "moved" not in text
    assert "4.6 to 2.0" not in text


def test_few_who_were_there_are_not_shown() -> None:
    found = page(round_with({}, {"ONE": made.placing(made.AT_TWO, 2.0, n=9)}))
    assert row(found, "ONE").remembered == FEW


def test_the_tables_hold_what_is_drawn() -> None:
    found = profile_of(round_with({"ONE": ONE}, {"ONE": made.placing(made.AT_TWO, 2.0, n=50)}))
    decisions, roles = found.table("wishes"), found.table("wishes-roles")
    assert decisions is not None
    assert roles is not None
    first = dict(zip(decisions.columns, decisions.rows[0], strict=True))
    assert first["As remembered (likely\u00a0range)"] == "2.0 (1.9 to 2.1)"
    assert first["More in common"] == "30%"
    assert first["In words"] == "As now, about half"
    assert roles.rows[1] == (
        "Leaders",
        "40%",
        "30%",
        "30%",
        "25–49",
        "Opposite wishes, 40% and 30%",
    )


@pytest.fixture(scope="module")
def simulated() -> tuple[RoleWishes, ...]:
    instrument = registry.load("mto-learning-profile")
    drawn = simulate(instrument, seed=21)
    facts = facts_from(drawn.round, instrument)
    body = build_profile(instrument, score(instrument, drawn.responses), facts).body
    assert isinstance(body, Body)
    assert body.wishes is not None
    return body.wishes.roles


def test_the_shares_of_a_role_are_those_of_its_answers(simulated: tuple[RoleWishes, ...]) -> None:
    """Without a roster every answer counts the same, so plain counting must agree."""
    instrument = registry.load("mto-learning-profile")
    drawn = simulate(instrument, seed=21).responses
    kept = drawn.rows(~careless(instrument, drawn).left_out)
    teachers = kept.rows(kept.attribute("role") == "T")
    counts = np.zeros(3)
    for decision in ("CUR", "MAT", "ASM", "PED", "PDC", "TIM", "DAT"):
        now, wish = (
            teachers.codes[:, list(teachers.items).index(f"LOC_{decision}_{when}")]
            for when in ("NOW", "PREF")
        )
        moves = np.sign(wish[(now > 0) & (wish > 0)].astype(int) - now[(now > 0) & (wish > 0)])
        counts += [(moves == move).sum() for move in (-1, 0, 1)]
    expected = [f"{round(100 * share)}%" for share in counts / counts.sum()]
    assert simulated[0].name == "Teachers and support staff"
    assert texts(simulated[0].bars) == expected
