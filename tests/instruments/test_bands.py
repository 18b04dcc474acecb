"""Means and their bands, by hand."""

from statistics import NormalDist

import numpy as np
import pytest

from instruments.measures import Band
from instruments.psychometrics.estimates import Estimate, NotEstimated
from instruments.scoring.bands import difference, mean_band, variance_of_mean, weighted_sd
from instruments.scoring.expected import expected_widths
from instruments.scoring.weights import Strata

Z = NormalDist().inv_cdf(0.95)


def two_strata(fraction: float = 0.5) -> Strata:
    """Two answers that stand for a quarter, four that stand for the rest."""
    return Strata(
        of=np.array([0, 0, 1, 1, 1, 1, -1]),
        weights=np.array([0.125] * 2 + [0.1875] * 4 + [0]),
        share=np.array([0.25, 0.75]),
        n=np.array([2.0, 4.0]),
        sampled=np.array([fraction, fraction]),
        merged=0,
    )


X = np.array([1.0, 3.0, 2.0, 2.0, 4.0, 4.0, np.nan])


def band(**changes: object) -> Band:
    settings = {"confidence": 0.9, "limits": (1.0, 5.0), "silent": 0.1, "omega": 0.8} | changes
    found = mean_band(X, two_strata(), **settings)  # type: ignore[arg-type]
    assert isinstance(found, Band)
    return found


def test_the_stratified_interval_is_that_of_the_formula() -> None:
    # stratum means 2 and 3, variances 2 and 4/3; W 1/4 and 3/4; n 2 and 4; 1 - omega f = 0.6
    variance = 0.6 * (1 / 16 * 2 / 2 + 9 / 16 * (4 / 3) / 4)
    assert variance_of_mean(X, two_strata(), omega=0.8) == pytest.approx(variance)
    found = band()
    assert found.value == pytest.approx(0.25 * 2 + 0.75 * 3)
    assert found.high - found.value == pytest.approx(Z * variance**0.5)
    assert found.value - found.low == pytest.approx(Z * variance**0.5)
    assert found.n == 6


def test_without_omega_the_sampled_fraction_takes_nothing_off() -> None:
    full = variance_of_mean(X, two_strata(fraction=1.0))
    assert full == variance_of_mean(X, two_strata(fraction=0.0))


def test_the_outer_band_adds_the_what_if() -> None:
    found = band()
    assert found.outer_high == pytest.approx(found.high + 0.1 * found.sd)
    assert found.outer_low == pytest.approx(found.low - 0.1 * found.sd)
    assert band(silent=None).outer_low is None


def test_no_band_leaves_the_answer_scale() -> None:
    found = band(silent=9.0)
    assert (found.outer_low, found.outer_high) == (1.0, 5.0)


def test_the_sd_is_the_usual_one_where_weights_are_equal() -> None:
    x = np.array([1.0, 2.0, 4.0, 5.0])
    strata = Strata(np.zeros(4, int), np.full(4, 0.25), np.ones(1), np.full(1, 4.0), np.zeros(1), 0)
    assert weighted_sd(x, strata) == pytest.approx(x.std(ddof=1))


def test_one_answer_is_no_figure() -> None:
    one = Strata(np.array([0]), np.ones(1), np.ones(1), np.ones(1), np.zeros(1), 0)
    found = mean_band(np.array([3.0]), one, confidence=0.9, limits=(1, 5), silent=None)
    assert found == NotEstimated("1 answer: too few for a figure")


def test_a_difference_has_the_interval_of_the_difference() -> None:
    found = difference(band(), band(silent=None), variances=0.04, confidence=0.9)
    assert isinstance(found, Estimate)
    assert found.value == 0
    assert (found.low, found.high) == pytest.approx((-Z * 0.2, Z * 0.2))
    assert found.n == 12
    reason = NotEstimated("why")
    assert difference(reason, band(), variances=0.04, confidence=0.9) == reason


# Said beforehand


def test_the_expected_width_is_what_sampling_from_a_finite_staff_gives() -> None:
    """Everybody has a true score; an answer adds error, so that omega is the share of truth."""
    random = np.random.default_rng(3)
    headcounts, rate, omega, sd = (20, 40, 60), 0.6, 0.75, 0.7
    truth = [random.normal(0, (omega**0.5) * sd, size) for size in headcounts]
    # each stratum's spread is made exactly what is assumed
    truth = [(each - each.mean()) / each.std(ddof=1) * omega**0.5 * sd for each in truth]
    weights = np.array(headcounts) / sum(headcounts)
    found = []
    for _ in range(20_000):
        means = [
            random.choice(each, round(rate * each.size), replace=False).mean()
            + random.normal(0, sd * ((1 - omega) / round(rate * each.size)) ** 0.5)
            for each in truth
        ]
        found.append(weights @ means)
    expected = expected_widths(headcounts, rate=rate, omega=omega, sd=sd)
    assert expected.chance == pytest.approx(Z * np.std(found), rel=0.03)
    inside = np.mean(np.abs(found) <= expected.chance)
    assert inside == pytest.approx(0.9, abs=0.01)


def test_the_expected_width_is_the_one_that_such_answers_get() -> None:
    answers = np.tile([1.0, 3.0], 15)
    strata = Strata(
        of=np.repeat([0, 1], [10, 20]),
        weights=np.full(30, 1 / 30),
        share=np.array([1 / 3, 2 / 3]),
        n=np.array([10.0, 20.0]),
        sampled=np.array([0.5, 0.5]),
        merged=0,
    )
    variances = [answers[:10].var(ddof=1), answers[10:].var(ddof=1)]
    assert variances == pytest.approx([10 / 9, 20 / 19])
    by_hand = variance_of_mean(answers, strata, omega=0.8)
    low, high = (
        (expected_widths((20, 40), rate=0.5, omega=0.8, sd=v**0.5).chance / Z) ** 2
        for v in sorted(variances)
    )
    assert by_hand is not None
    assert low < by_hand < high


def test_the_what_if_ends_where_everybody_answers() -> None:
    found = expected_widths([100], rate=1.0, omega=0.75)
    assert found.what_if == found.chance
    half = expected_widths([100], rate=0.5, omega=0.75, sd=0.8)
    assert half.what_if - half.chance == pytest.approx(0.5 * 0.5 * 0.8)


@pytest.mark.parametrize(("headcounts", "rate"), [([10], 0.0), ([10], 1.2), ([0], 0.5), ([], 0.5)])
def test_no_width_without_people_or_answers(headcounts: list[int], rate: float) -> None:
    with pytest.raises(ValueError, match=r"^(rate|headcounts): "):
        expected_widths(headcounts, rate=rate, omega=0.75)
