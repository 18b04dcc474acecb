"""A change between two rounds, and the least that can be told from none."""

import math

import numpy as np
import pytest

from instruments.measures import Band
from instruments.scoring.change import change


def band(value: float, low: float, high: float) -> Band:
    return Band(value, low, high, None, None, 100, 1.0, "by hand")


def test_even_intervals_give_the_usual_interval_of_a_difference():
    found = change(band(3.4, 3.4 - 0.3, 3.4 + 0.3), band(3.7, 3.7 - 0.4, 3.7 + 0.4))
    assert found.value == pytest.approx(0.3)
    assert found.low == pytest.approx(0.3 - 0.5)
    assert found.high == pytest.approx(0.3 + 0.5)
    assert found.smallest == pytest.approx(0.5)


def test_uneven_intervals_keep_their_sides():
    # lower limit: this round's lower arm with the earlier one's upper arm
    found = change(band(2.0, 1.9, 2.4), band(3.0, 2.7, 3.2))
    assert found.low == pytest.approx(1.0 - math.hypot(0.3, 0.4))
    assert found.high == pytest.approx(1.0 + math.hypot(0.2, 0.1))
    assert found.smallest == pytest.approx(0.5)


def test_the_other_way_round_is_the_same_with_its_sign_turned():
    first, second = band(2.0, 1.9, 2.4), band(3.0, 2.7, 3.2)
    there, back = change(first, second), change(second, first)
    assert (back.value, back.low, back.high) == pytest.approx(
        (-there.value, -there.high, -there.low)
    )


@pytest.mark.parametrize("truth", [0.0, 0.4])
def test_the_interval_holds_the_truth_nine_times_in_ten(truth):
    rng = np.random.default_rng(20260101)
    z, runs, held = 1.6449, 4000, 0
    for _ in range(runs):
        means = rng.normal([3.0, 3.0 + truth], [0.11, 0.07])
        bands = [
            band(mean, mean - z * se, mean + z * se)
            for mean, se in zip(means, (0.11, 0.07), strict=True)
        ]
        found = change(*bands)
        held += found.low <= truth <= found.high
    assert held / runs == pytest.approx(0.90, abs=0.015)
