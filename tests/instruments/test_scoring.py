"""Scoring: by hand on small data, by pandas on large, and what must never change a figure."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from instruments import registry
from instruments.measures import DESIGNED, EVERYBODY, LIVED, Band, Measures, Wants
from instruments.psychometrics.estimates import Estimate, NotEstimated
from instruments.responses import CANT_TELL, DOES_NOT_APPLY, NOT_SHOWN, SKIPPED, Responses, read
from instruments.roster import Roster, RosterRow
from instruments.scoring import score
from instruments.scoring.scales import minimum_answered
from instruments.simulate import Simulation, simulate

ROOT = Path(__file__).parents[1]
TINY = registry.load_folder(ROOT / "instruments_data" / "tiny")
PROFILE = registry.load("mto-learning-profile")


@pytest.fixture(scope="module")
def drawn() -> Simulation:
    return simulate(PROFILE, seed=7)


@pytest.fixture(scope="module")
def measures(drawn: Simulation) -> Measures:
    return score(PROFILE, drawn.responses, drawn.roster)


def answers(items: str, people: list[tuple[str, str, list[int]]]) -> Responses:
    school, role, codes = zip(*people, strict=True)
    attributes = {"school": np.array(school), "role": np.array(role)}
    return Responses(tuple(items.split()), np.array(codes, dtype=np.int8), attributes)


def band(found: object) -> Band:
    assert isinstance(found, Band), found
    return found


def frame_of(drawn: Simulation) -> pd.DataFrame:
    """Main results as a plain table: careless sheets out, only numbers."""
    from instruments.quality import careless

    kept = drawn.responses.rows(~careless(PROFILE, drawn.responses).left_out)
    table = pd.DataFrame(kept.codes.astype(float), columns=list(kept.items))
    table = table.mask(table < 0)
    return table.assign(role=kept.attribute("role"), school=kept.attribute("school"))


def weights_of(table: pd.DataFrame, roster: Roster, roles: str) -> pd.Series:
    """Roster count over answers, per school and role (no cell is thin here)."""
    counts = pd.DataFrame([vars_of(row) for row in roster.rows])
    counts = counts[counts.role.isin(list(roles))].set_index(["school", "role"]).headcount
    n = table.groupby(["school", "role"]).size()
    assert (n >= 2).all()
    assert set(n.index) == set(counts.index)
    each = (counts / n).rename("w")
    return table.join(each, on=["school", "role"]).w


def vars_of(row: RosterRow) -> dict[str, object]:
    return {"school": row.school, "role": row.role, "headcount": row.headcount}


def test_a_score_is_the_mean_of_answered_items_after_reversing() -> None:
    # IDE3 is reversed; two of three must be answered
    people = [
        ("Elm", "T", [4, 2, 1]),  # (4 + 2 + 5) / 3
        ("Elm", "T", [5, CANT_TELL, 3]),  # (5 + 3) / 2
        ("Elm", "T", [5, SKIPPED, CANT_TELL]),  # too few
        ("Elm", "T", [NOT_SHOWN, 2, NOT_SHOWN]),  # one shown, one answered
    ]
    found = score(TINY, answers("IDE1 IDE2 IDE3", people)).scales["IDE"]
    assert found.items == ("IDE1", "IDE2", "IDE3")
    lived = band(found.scores[LIVED])
    assert lived.value == pytest.approx((11 / 3 + 4 + 2) / 3)
    assert lived.n == 3
    assert isinstance(found.scores[DESIGNED], NotEstimated)
    # told 2 times "can't tell" of 10 times shown
    assert found.cant_tell[LIVED] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("shown", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 5), (7, 5), (9, 7)]
)
def test_the_minimum_answered_depends_on_what_was_shown(shown: int, needed: int) -> None:
    assert minimum_answered(PROFILE.scoring.minimum_answered, shown) == needed


def test_comparisons_rest_on_core_items_and_on_all_where_none_is_core(
    measures: Measures,
) -> None:
    for scale in PROFILE.scales:
        core = PROFILE.core_items(scale)
        assert measures.scales[scale.code].items == (core or scale.items)


def test_lived_and_designed_means_agree_with_pandas(drawn: Simulation, measures: Measures) -> None:
    table = frame_of(drawn)
    for scale in PROFILE.scales_in("capability"):
        core = list(PROFILE.core_items(scale))
        x = table[core].copy()
        turned = [code for code in core if PROFILE.item(code).reverse]
        x[turned] = 6 - x[turned]
        needed = PROFILE.scoring.minimum_answered[len(core)]
        person = x.mean(axis=1).where(x.notna().sum(axis=1) >= needed)
        for group, roles in ((LIVED, "TL"), (DESIGNED, "BH")):
            own = table.assign(person=person)[table.role.isin(list(roles))].dropna(
                subset=["person"]
            )
            if group == DESIGNED:
                expected = own.person.mean()
            else:
                w = weights_of(own, drawn.roster, roles)
                expected = np.average(own.person, weights=w)
            found = band(measures.scales[scale.code].scores[group])
            assert found.value == pytest.approx(expected)
            assert found.n == len(own)


def test_the_interval_of_a_score_agrees_with_pandas(drawn: Simulation, measures: Measures) -> None:
    table, code = frame_of(drawn), "RES3"
    own = table[table.role.isin(["T", "L"])].dropna(subset=[code])
    heads = pd.DataFrame([vars_of(row) for row in drawn.roster.rows])
    heads = heads[heads.role.isin(["T", "L"])].set_index(["school", "role"]).headcount
    share = heads / heads.sum()
    by = own.groupby(["school", "role"])[code]
    error = np.sqrt((share**2 * by.var() / by.size()).sum())
    found = band(measures.items[code].means[LIVED])
    assert found.value == pytest.approx((share * by.mean()).sum())
    assert found.high - found.value == pytest.approx(1.6448536 * error)
    rate = table.role.isin(["T", "L"]).sum()  # answers that count
    assert rate <= measures.by_group[LIVED].n
    silent = (1 - measures.by_group[LIVED].n / heads.sum()) * 0.5 * found.sd
    assert found.outer_high == pytest.approx(found.high + silent)


def test_shares_and_positions_agree_with_pandas(drawn: Simulation, measures: Measures) -> None:
    table = frame_of(drawn)
    decision = measures.decisions["CUR"]
    own = table[table.role.isin(["T", "L"])].dropna(subset=[decision.item])
    w = weights_of(own, drawn.roster, "TL")
    shares = w.groupby(own[decision.item]).sum().reindex([1, 2, 3, 4, 5], fill_value=0)
    shares /= shares.sum()
    found = decision.groups[LIVED]
    assert found.distribution.shares == pytest.approx(shares.tolist())
    assert found.distribution.n == len(own) == sum(found.distribution.counts)
    below = shares.cumsum()
    stop = int(below[below >= 0.5].index[0])
    median = stop - 0.5 + (0.5 - (below[stop] - shares[stop])) / shares[stop]
    assert band(found.position).value == pytest.approx(median)


def test_without_a_roster_a_mean_is_the_plain_mean(drawn: Simulation) -> None:
    found = score(PROFILE, drawn.responses)
    table = frame_of(drawn)
    own = table[table.role.isin(["T", "L"])]["SCF1"].dropna()
    mean = band(found.items["SCF1"].means[LIVED])
    assert mean.value == pytest.approx(own.mean())
    assert mean.sd == pytest.approx(own.std())
    assert mean.outer_low is None
    assert found.turnout.headcount is None
    assert any("number of staff is unknown" in notice for notice in found.notices)


def test_the_overall_position_is_the_median_of_the_decisions(measures: Measures) -> None:
    for group in (LIVED, DESIGNED):
        positions = {
            code: band(decision.groups[group].position).value
            for code, decision in measures.decisions.items()
        }
        overall = measures.overall[group]
        assert not isinstance(overall, NotEstimated)
        assert overall.position.value == pytest.approx(np.median(list(positions.values())))
        assert overall.lowest == min(positions, key=positions.__getitem__)
        assert overall.highest == max(positions, key=positions.__getitem__)
        assert overall.position.low < overall.position.value < overall.position.high
        assert overall.position.outer_low is not None
        assert overall.position.outer_low < overall.position.low
        assert sum(overall.shares) == pytest.approx(1)


def test_decisions_that_teachers_are_not_asked_rest_on_leaders(measures: Measures) -> None:
    decision = measures.decisions["STF"]
    assert decision.asked == ("L", "B", "H")
    leaders = next(each for each in measures.by_role if each.name == "L").n
    assert decision.groups[LIVED].distribution.shown <= leaders
    assert set(measures.decisions["STF"].groups) == {LIVED, DESIGNED}


def test_wants_compare_the_wish_with_today_person_by_person() -> None:
    people = [
        ("Elm", "T", [2, 4]),
        ("Elm", "T", [2, 2]),
        ("Elm", "T", [5, 1]),
        ("Elm", "T", [3, 4]),
        ("Elm", "T", [3, CANT_TELL]),
        ("", "H", [3, 5]),
    ]
    found = score(TINY, answers("FOOD_NOW FOOD_WISH", people)).decisions["FOOD"]
    assert found.wants == {
        LIVED: Wants(more_choice=0.25, as_now=0.25, more_common=0.5, n=4, heaviest=0.25),
        DESIGNED: Wants(0, 0, 1, n=1, heaviest=1),
        "T": Wants(0.25, 0.25, 0.5, n=4, heaviest=0.25),
        "H": Wants(0, 0, 1, n=1, heaviest=1),
    }


def test_what_is_remembered_rests_on_the_main_group_alone() -> None:
    people = [("Elm", "T", [2, past]) for past in (1, 1, 2, 3, NOT_SHOWN)]
    people += [("", "H", [5, 5])]
    found = score(TINY, answers("FOOD_NOW FOOD_PAST", people)).decisions
    remembered = found["FOOD"].remembered
    assert remembered is not None
    assert remembered.distribution.n == 4
    assert remembered.distribution.shares == (0.5, 0.25, 0.25, 0, 0)
    assert band(remembered.position).value == pytest.approx(1.5)
    assert found["BUS"].remembered is None
    assert (
        score(TINY, answers("FOOD_NOW", [("Elm", "T", [2])])).decisions["FOOD"].remembered is None
    )


def test_companion_scales_are_scored_role_by_role(drawn: Simulation, measures: Measures) -> None:
    table = frame_of(drawn)
    own = (table["CME1"] + 6 - table["CME2"]) / 2  # its core items, the second turned round
    found = measures.scales["CME"]
    for role in "TLBH":
        answered = own[table.role == role].dropna()
        assert band(found.by_role[role].score).n == len(answered)
    leaders = table.assign(own=own)[table.role == "L"].dropna(subset=["own"])
    per_school = leaders.groupby("school").own.mean()
    staff = {row.school: row.headcount for row in drawn.roster.rows if row.role == "L"}
    expected = np.average(per_school, weights=[staff[name] for name in per_school.index])
    assert band(found.by_role["L"].score).value == pytest.approx(expected)
    assert measures.scales["SCF"].by_role == {}


def test_shares_of_cant_tell_and_does_not_apply_are_of_those_shown() -> None:
    codes = [4, 4, CANT_TELL, DOES_NOT_APPLY, SKIPPED, NOT_SHOWN]
    people = [("Elm", "T", [code]) for code in codes]
    found = score(TINY, answers("FOOD_NOW", people)).decisions["FOOD"].groups[LIVED].distribution
    assert (found.n, found.shown) == (2, 5)
    assert (found.cant_tell, found.does_not_apply) == pytest.approx((0.2, 0.2))
    assert found.shares == (0, 0, 0, 1, 0)


def test_the_gap_is_designed_minus_lived(measures: Measures) -> None:
    found = measures.scales["SSM"]
    gap = found.gap
    assert isinstance(gap, Estimate)
    lived, designed = band(found.scores[LIVED]), band(found.scores[DESIGNED])
    assert gap.value == pytest.approx(designed.value - lived.value)
    halves = np.hypot(lived.high - lived.value, designed.high - designed.value)
    assert gap.high - gap.value == pytest.approx(halves)


def test_the_fallback_stands_in_where_omega_cannot_be_estimated(measures: Measures) -> None:
    scale = measures.scales["SSM"]
    assert isinstance(scale.omegas[LIVED], Estimate)
    assert isinstance(scale.omegas[DESIGNED], NotEstimated)
    assert "omega 0.75" in band(scale.scores[DESIGNED]).method
    assert any("0.75 stands in" in notice for notice in measures.notices)
    assert "omega 0.00" in band(measures.scales["CMP"].scores[LIVED]).method


def test_the_order_of_rows_changes_no_figure(drawn: Simulation, measures: Measures) -> None:
    order = np.random.default_rng(1).permutation(drawn.responses.n)
    mixed = drawn.responses
    turned = Responses(
        mixed.items,
        mixed.codes[order],
        {name: values[order] for name, values in mixed.attributes.items()},
        mixed.simulated,
    )
    again = score(PROFILE, turned, drawn.roster)
    for code, scale in measures.scales.items():
        for group, found in scale.scores.items():
            if isinstance(found, Band):
                other = band(again.scales[code].scores[group])
                assert (other.value, other.low) == pytest.approx((found.value, found.low))
    here, there = measures.overall[LIVED], again.overall[LIVED]
    assert not isinstance(here, NotEstimated)
    assert not isinstance(there, NotEstimated)
    assert there.position.low == pytest.approx(here.position.low)
    assert again.fingerprint != measures.fingerprint


def test_turning_every_answer_round_turns_a_score_round() -> None:
    rng = np.random.default_rng(2)
    x = rng.integers(1, 6, (40, 3))
    there = [("Elm", "T", row.tolist()) for row in x]
    back = [("Elm", "T", row.tolist()) for row in 6 - x]
    one = band(score(TINY, answers("IDE1 IDE2 IDE3", there)).scales["IDE"].scores[LIVED])
    other = band(score(TINY, answers("IDE1 IDE2 IDE3", back)).scales["IDE"].scores[LIVED])
    assert one.value == pytest.approx(6 - other.value)
    assert (one.low, one.high) == pytest.approx((6 - other.high, 6 - other.low))


def test_turnout_counts_every_sheet_against_the_roster() -> None:
    roster = Roster((RosterRow("Elm", "T", 4), RosterRow("Oak", "T", 0), RosterRow("", "H", 2)))
    people = [("Elm", "T", [1]), ("Elm", "T", [2]), ("Fir", "T", [2]), ("", "H", [3])]
    found = score(TINY, answers("IDE1", people), roster)
    assert [(t.name, t.n, t.headcount) for t in found.by_school] == [
        ("Elm", 2, 4),
        ("Oak", 0, 0),
        ("Fir", 1, 0),
    ]
    assert found.by_school[1].rate is None
    assert found.turnout.rate == pytest.approx(4 / 6)
    assert found.by_group[LIVED].rate == pytest.approx(3 / 4)
    assert any("More people answered than the roster lists" in each for each in found.notices)
    assert any("merged" in each for each in found.notices)


@pytest.mark.parametrize("people", [1, 2, 3])
def test_a_handful_of_answers_gives_reasons_and_no_error(people: int) -> None:
    rows = [("Elm", "T", [2, 2, 4, 3, 3])] * people
    found = score(TINY, answers("IDE1 IDE2 IDE3 FOOD_NOW PRE1", rows))
    assert found.n == people
    assert isinstance(found.scales["IDE"].reliability, NotEstimated)
    assert isinstance(found.overall[DESIGNED], NotEstimated)
    assert isinstance(found.scales["TOO"].scores[LIVED], NotEstimated)
    assert isinstance(found.overall[LIVED], NotEstimated) == (people == 1)


def test_an_instrument_without_roles_or_positions_is_scored_for_everybody() -> None:
    bfi = registry.load("bfi25")
    found = score(bfi, simulate(bfi, seed=4, schools=3, staff=300).responses)
    assert set(found.scales["A"].scores) == {EVERYBODY}
    assert isinstance(found.scales["A"].reliability, Estimate)
    assert found.decisions == {}
    assert found.overall == {}
    assert found.by_role == ()


def test_real_answers_of_2800_people_are_scored_as_pandas_scores_them() -> None:
    path = ROOT / "reference" / "bfi.csv"
    bfi = registry.load("bfi25")
    found = score(bfi, read(path, bfi))
    items = ["A1", "A2", "A3", "A4", "A5"]
    table = pd.read_csv(path)[items]
    table["A1"] = 7 - table["A1"]
    own = table.dropna().mean(axis=1)  # this instrument wants all five
    agreeable = band(found.scales["A"].scores[EVERYBODY])
    assert agreeable.n == len(own)
    assert agreeable.value == pytest.approx(own.mean())
