"""Positions: interpolated quantiles, Woodruff bands, verdicts and ICC(1), by hand."""

from pathlib import Path
from statistics import NormalDist, median_grouped

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from instruments import registry
from instruments.definition import Position
from instruments.scoring.positions import BORROWED, icc1, judge, quantile, woodruff
from instruments.scoring.weights import Strata

RULES = registry.load_folder(Path(__file__).parents[1] / "instruments_data" / "tiny").position
STOPS = (1, 2, 3, 4, 5)
shares_of_five = st.lists(st.integers(0, 20), min_size=5, max_size=5).filter(lambda c: sum(c) > 0)


def rules() -> Position:
    assert RULES is not None
    return RULES


def one_stratum(n: int) -> Strata:
    return Strata(
        np.zeros(n, int), np.full(n, 1 / n), np.ones(1), np.full(1, float(n)), np.zeros(1), 0
    )


@pytest.mark.parametrize(
    ("shares", "median"),
    [
        ([0, 0, 1, 0, 0], 3.0),
        ([0.1, 0.2, 0.4, 0.2, 0.1], 3.0),
        ([0.5, 0.5, 0, 0, 0], 1.5),
        ([0, 0.5, 0, 0.5, 0], 3.0),
        ([0, 0.25, 0.5, 0.25, 0], 3.0),
        ([0.4, 0.4, 0.2, 0, 0], 1.75),
        ([1, 0, 0, 0, 0], 1.0),
    ],
)
def test_the_median_is_interpolated_inside_its_stop(shares: list[float], median: float) -> None:
    assert float(quantile(np.array(shares), 0.5)) == pytest.approx(median)


def test_quartiles_are_interpolated_the_same_way() -> None:
    found = quantile(np.array([0.1, 0.2, 0.4, 0.2, 0.1]), np.array([0.25, 0.75, 0.0, 1.0]))
    assert found == pytest.approx([2.25, 3.75, 0.5, 5.5])


def test_the_ends_are_those_of_the_stops_with_answers() -> None:
    found = quantile(np.array([0, 0.5, 0.5, 0, 0]), np.array([0.0, 1.0]))
    assert found.tolist() == [1.5, 3.5]


@given(counts=shares_of_five)
def test_the_median_agrees_with_the_standard_library(counts: list[int]) -> None:
    answers = [stop for stop, count in zip(STOPS, counts, strict=True) for _ in range(count)]
    half = np.cumsum(counts) * 2 == sum(counts)
    assume(not half.any())  # at an edge the standard library takes one side
    found = float(quantile(np.array(counts, dtype=float), 0.5))
    assert found == pytest.approx(median_grouped(answers, interval=1))


@given(counts=shares_of_five, at=st.floats(0, 1))
def test_turning_the_line_round_turns_every_quantile(counts: list[int], at: float) -> None:
    shares = np.array(counts, dtype=float)
    edges = np.append(0.0, np.cumsum(shares)) / shares.sum()
    assume(np.abs(edges - at).min() > 1e-9 or at in (0.5,))
    here, there = quantile(shares, at), quantile(shares[::-1], 1 - at)
    assert float(here) == pytest.approx(6 - float(there), abs=1e-6)
    assert 0.5 <= float(here) <= 5.5


def test_woodruffs_interval_is_that_of_the_formula() -> None:
    x = np.repeat(np.array(STOPS, dtype=np.int8), [2, 4, 8, 4, 2])
    shares = np.array([0.1, 0.2, 0.4, 0.2, 0.1])
    # median 3: answers at 1 and 2 count 1, at 3 one half, at 4 and 5 nothing
    z = np.repeat([1.0, 1.0, 0.5, 0.0, 0.0], [2, 4, 8, 4, 2])
    n = 20 + BORROWED
    s2 = z.var() * n / (n - 1)  # what is borrowed is spread as the answers are
    half = NormalDist().inv_cdf(0.95) * (s2 / 20) ** 0.5
    low, high = woodruff(x, one_stratum(20), shares, first=1, confidence=0.9) or (0, 0)
    assert (low, high) == pytest.approx((3 - half / 0.4, 3 + half / 0.4))


@settings(max_examples=60, deadline=None)
@given(counts=shares_of_five.filter(lambda c: sum(c) > 1))
def test_woodruffs_interval_turns_with_the_line_and_holds_the_median(counts: list[int]) -> None:
    shares = np.array(counts) / sum(counts)
    x = np.repeat(np.array(STOPS, dtype=np.int8), counts)
    found = woodruff(x, one_stratum(len(x)), shares, first=1, confidence=0.9)
    back = woodruff(
        (6 - x).astype(np.int8), one_stratum(len(x)), shares[::-1], first=1, confidence=0.9
    )
    assert found is not None
    assert back is not None
    assert found[0] <= float(quantile(shares, 0.5)) <= found[1]
    assert found == pytest.approx((6 - back[1], 6 - back[0]), abs=1e-6)


def test_agreement_in_small_strata_is_no_certainty() -> None:
    # ten schools of two people who agree: five schools at stop 1, five at stop 5
    x = np.repeat(np.array([1, 5], dtype=np.int8), 10)
    strata = Strata(
        np.arange(20) // 2, np.full(20, 0.05), np.full(10, 0.1), np.full(10, 2.0), np.zeros(10), 0
    )
    found = woodruff(x, strata, np.array([0.5, 0, 0, 0, 0.5]), first=1, confidence=0.9)
    assert found is not None
    assert found[0] < 1.5
    assert found[1] > 4.5


def test_a_split_comes_before_a_gathering() -> None:
    found = judge(np.array([0.3, 0.0, 0.05, 0.15, 0.5]), STOPS, rules())
    assert (found.verdict, found.stop) == ("split", None)
    assert (found.left_share, found.right_share) == pytest.approx((0.3, 0.65))
    assert (found.left_mean, found.right_mean) == pytest.approx((1.0, (4 * 0.15 + 5 * 0.5) / 0.65))


@pytest.mark.parametrize(
    ("shares", "verdict", "stop"),
    [
        ([0.05, 0.1, 0.2, 0.4, 0.25], "gathers", 4),  # 40 % and 85 %
        ([0.0, 0.0, 0.0, 0.4, 0.6], "gathers", 5),
        ([0.25, 0.0, 0.4, 0.35, 0.0], "gathers", 3),  # neighbours bring exactly 75 %
        ([0.26, 0.0, 0.4, 0.34, 0.0], "none", None),  # 74 %
        ([0.15, 0.2, 0.39, 0.16, 0.1], "none", None),  # 39 % at its fullest
        ([0.15, 0.15, 0.4, 0.15, 0.15], "split", None),  # 30 % on both sides
        ([0.16, 0.14, 0.41, 0.2, 0.09], "gathers", 3),  # 29 % on the right is no split
    ],
)
def test_the_named_stop_rule(shares: list[float], verdict: str, stop: int | None) -> None:
    found = judge(np.array(shares), STOPS, rules())
    assert (found.verdict, found.stop) == (verdict, stop)


def test_icc1_is_that_of_the_analysis_of_variance() -> None:
    # groups a: 1 2 3, b: 4 5; grand mean 3; SSB 3*1 + 2*2.25 = 7.5, SSW 2 + .5; k = 2.5
    x, groups = np.array([1.0, 2, 3, 4, 5]), np.array(["a", "a", "a", "b", "b"])
    msb, msw = 7.5 / 1, 2.5 / 3
    assert icc1(x, groups) == pytest.approx((msb - msw) / (msb + 1.5 * msw))


@pytest.mark.parametrize(
    ("x", "groups"),
    [([1.0, 2.0], ["a", "a"]), ([1.0, 2.0], ["a", "b"]), ([3.0] * 4, ["a", "a", "b", "b"])],
)
def test_icc1_that_cannot_be_estimated_is_none(x: list[float], groups: list[str]) -> None:
    assert icc1(np.array(x), np.array(groups)) is None
