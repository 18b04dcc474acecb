import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from instruments.psychometrics import omegas, one_factor, reliability
from instruments.psychometrics.estimates import CannotEstimate, Estimate, NotEstimated, or_reason
from instruments.psychometrics.omegas import omega, omega_from_covariance
from instruments.psychometrics.reliability import (
    alpha,
    alpha_from_covariance,
    alpha_standardised,
    average_r,
    feldt_interval,
    item_statistics,
    spearman_brown,
    spearman_brown_from_r,
)
from instruments.psychometrics.scales import scale_reliability

BFI = [("bfi", scale, tuple(f"{scale}{k}" for k in range(1, 6))) for scale in "ACENO"]
LQ2002 = [
    ("lq2002", "LEAD", tuple(f"LEAD{k:02}" for k in range(1, 12))),
    ("lq2002", "TSIG", tuple(f"TSIG{k:02}" for k in range(1, 4))),
    ("lq2002", "HOSTILE", tuple(f"HOSTIL{k:02}" for k in range(1, 6))),
]


@pytest.fixture(params=BFI + LQ2002, ids=lambda each: f"{each[0]}-{each[1]}")
def scale(request):
    """Names, complete cases and R's values of one scale."""
    data, code, names = request.param
    data = request.getfixturevalue(data)
    return names, data.complete(*names), data.reliability[code]


def five_points(seed: int, n: int, loadings=(0.8, 0.7, 0.6, 0.5, 0.4)) -> np.ndarray:
    """Answers on five points from one factor, somewhat to the upper end."""
    rng = np.random.default_rng(seed)
    factor, own = rng.standard_normal((n, 1)), rng.standard_normal((n, len(loadings)))
    loadings = np.array(loadings)
    latent = factor * loadings + own * np.sqrt(1 - loadings**2)
    return np.searchsorted([-1.9, -1.2, -0.4, 0.7], latent).astype(float) + 1


def test_alpha_and_its_interval_are_those_of_r(scale):
    _, answers, expected = scale
    found = alpha(answers)
    total = expected["alpha_complete"]["value"]["total"]
    feldt = expected["feldt_explicit"]["value"]
    assert found.n == expected["n"]
    assert found.value == pytest.approx(total["raw_alpha"], abs=1e-10)
    assert (found.low, found.high) == pytest.approx((feldt["lower"], feldt["upper"]), abs=1e-10)


def test_standardised_alpha_and_average_r_are_those_of_r(scale):
    _, answers, expected = scale
    total = expected["alpha_complete"]["value"]["total"]
    assert alpha_standardised(answers).value == pytest.approx(total["std.alpha"], abs=1e-10)
    assert average_r(answers).value == pytest.approx(total["average_r"], abs=1e-10)


def test_item_statistics_are_those_of_r(scale):
    names, answers, expected = scale
    stats = expected["alpha_complete"]["value"]["item_stats"]["columns"]
    dropped = expected["alpha_complete"]["value"]["alpha_drop"]["columns"]
    found = item_statistics(answers, names).items
    assert [item.item for item in found] == list(names)
    for what, column in (("mean", "mean"), ("sd", "sd"), ("item_rest", "r.drop")):
        assert [getattr(item, what) for item in found] == pytest.approx(stats[column], abs=1e-10)
    without = [item.alpha_if_dropped for item in found]
    assert without == pytest.approx(dropped["raw_alpha"], abs=1e-10)


def test_omega_is_that_of_r(scale):
    names, answers, expected = scale
    found = omega(answers, names)
    assert found.value == pytest.approx(expected["omega_1factor"]["value"]["omega_tot"], abs=1e-6)
    assert found.low < found.value < found.high < 1


def test_our_alpha_and_interval_are_pingouins_before_it_rounds(scale):
    _, answers, _ = scale
    import pandas as pd
    import pingouin  # here: two seconds, which each test process would spend

    value, rounded = pingouin.cronbach_alpha(pd.DataFrame(answers))
    found = alpha(answers)
    assert alpha_from_covariance(np.cov(answers, rowvar=False)) == pytest.approx(value, abs=1e-12)
    assert np.round([found.low, found.high], 3) == pytest.approx(rounded, abs=1e-9)


def test_a_true_factor_is_found_exactly():
    loadings = np.array([1.2, 0.9, 0.4, 0.8])
    unique = np.array([0.5, 0.3, 0.8, 1.1])
    covariances = np.outer(loadings, loadings) + np.diag(unique)
    solution = one_factor.fit(covariances)
    assert solution.loadings == pytest.approx(loadings, abs=1e-8)
    assert solution.uniquenesses == pytest.approx(unique, abs=1e-8)
    truth = loadings.sum() ** 2 / covariances.sum()
    assert omega_from_covariance(covariances) == pytest.approx(truth, abs=1e-8)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 9), st.floats(0.01, 100))
def test_omega_does_not_depend_on_order_or_unit(seed, k, unit):
    rng = np.random.default_rng(seed)
    loadings = rng.uniform(0.4, 0.9, k)
    noise = rng.standard_normal((400, k)) * np.sqrt(1 - loadings**2)
    x = rng.standard_normal((400, 1)) * loadings + noise
    covariances = np.cov(x, rowvar=False)
    order = rng.permutation(k)
    plain = or_reason(omega_from_covariance, covariances)
    if isinstance(plain, NotEstimated):
        assert "Heywood" in plain.reason
        return
    turned = omega_from_covariance(covariances[np.ix_(order, order)])
    assert turned == pytest.approx(plain, abs=1e-7)
    assert omega_from_covariance(unit * covariances) == pytest.approx(plain, abs=1e-7)
    assert omega(3 * x + 1).value == pytest.approx(omega(x).value, abs=1e-7)


def test_the_slopes_behind_the_intervals_are_right():
    r = np.corrcoef(five_points(1, 300), rowvar=False)
    for figure, slopes in (
        (lambda m: omega_from_covariance(m), omegas.omega_and_gradient(r, ())[1]),
        (alpha_from_covariance, reliability.alpha_gradient(r)),
    ):
        for i, j in ((0, 1), (2, 4), (1, 3)):
            up, down = r.copy(), r.copy()
            up[i, j] = up[j, i] = r[i, j] + 1e-5
            down[i, j] = down[j, i] = r[i, j] - 1e-5
            slope = (figure(up) - figure(down)) / 2e-5
            assert slope == pytest.approx(2 * slopes[i, j], abs=1e-6)


@pytest.mark.parametrize("figure", [omega, alpha_standardised, average_r, alpha])
def test_intervals_cover_the_truth_at_about_their_rate(figure):
    truth = (
        figure(five_points(0, 400_000)).value
        if figure is not alpha
        else alpha_from_covariance(np.cov(five_points(0, 400_000), rowvar=False))
    )
    rounds = 400
    found = [figure(five_points(1000 + k, 120)) for k in range(rounds)]
    covered = sum(each.low <= truth <= each.high for each in found) / rounds
    # nominal .95; three standard errors of 400 rounds are .033
    assert 0.915 <= covered <= 0.985


def test_the_interval_of_spearman_brown_covers_the_truth_at_about_its_rate():
    truth = spearman_brown(five_points(0, 400_000, (0.8, 0.7))).value
    found = [spearman_brown(five_points(5000 + k, 80, (0.8, 0.7))) for k in range(400)]
    covered = sum(each.low <= truth <= each.high for each in found) / 400
    assert 0.915 <= covered <= 0.985


def test_for_two_items_spearman_brown_is_standardised_alpha():
    answers = five_points(3, 200, (0.8, 0.7))
    assert spearman_brown(answers).value == pytest.approx(alpha_standardised(answers).value)
    found = scale_reliability(answers, ("a", "b"))
    assert isinstance(found.spearman_brown, Estimate)
    assert found.omega_total == NotEstimated("one factor needs three items or more")
    assert found.items[0].alpha_if_dropped == NotEstimated("alpha needs two items or more")


ANSWERS = hnp.arrays(
    np.float64,
    st.tuples(st.integers(0, 14), st.integers(1, 5)),
    elements=st.integers(1, 5).map(float),
)


@settings(max_examples=120, deadline=None)
@given(ANSWERS)
def test_every_figure_is_proper_or_has_a_reason(answers):
    names = [f"i{k}" for k in range(answers.shape[1])]
    found = scale_reliability(answers, names)
    for figure in (found.alpha, found.alpha_standardised, found.omega_total, found.average_r):
        if isinstance(figure, NotEstimated):
            assert len(figure.reason) > 10
        else:
            assert np.isfinite([figure.low, figure.value, figure.high]).all()
            assert figure.low <= figure.value <= figure.high <= 1
            assert figure.n == len(answers)
    for item in found.items:
        assert np.isfinite([item.mean, item.sd]).all()
        for value in (item.item_rest, item.alpha_if_dropped):
            assert isinstance(value, NotEstimated) or np.isfinite(value)


def test_a_constant_item_gives_a_reason():
    answers = five_points(1, 50)
    answers[:, 2] = 4
    for figure in (alpha, omega, alpha_standardised, average_r):
        with pytest.raises(CannotEstimate, match="everybody gave the same answer"):
            figure(answers)
    with pytest.raises(CannotEstimate, match="same answer to item 3"):
        omega_from_covariance(np.cov(answers, rowvar=False))


def test_an_item_that_varies_by_rounding_only_counts_as_constant():
    covariances = np.cov(five_points(1, 50), rowvar=False)
    covariances[2] = covariances[:, 2] = 0
    covariances[2, 2] = 1e-30
    with pytest.raises(CannotEstimate, match="same answer to item 3"):
        omega_from_covariance(covariances)


def test_fewer_people_than_items_give_a_reason():
    with pytest.raises(CannotEstimate, match="5 complete cases are too few for 5 items"):
        alpha(five_points(1, 5))
    assert scale_reliability(np.empty((0, 4)), "abcd").alpha == NotEstimated(
        "0 complete cases are too few for 4 items"
    )


def test_one_item_gives_a_reason():
    with pytest.raises(CannotEstimate, match="two items or more"):
        alpha(five_points(1, 50)[:, :1])


def test_items_that_say_the_same_leave_nothing_unique():
    answers = np.repeat(five_points(1, 60)[:, :1], 3, axis=1)
    with pytest.raises(CannotEstimate, match="Heywood"):
        omega(answers)
    found = alpha(answers)
    assert found.value == pytest.approx(1)
    assert average_r(answers).high == pytest.approx(1)


def test_opposed_items_give_a_reason():
    one = five_points(1, 60)[:, :1]
    opposed = np.hstack([one, 6 - one])
    for figure in (alpha, spearman_brown):
        with pytest.raises(CannotEstimate, match=r"does not vary|opposed"):
            figure(opposed)
    with pytest.raises(CannotEstimate, match="opposed"):
        spearman_brown_from_r(-1.0)


def test_a_heywood_case_names_its_item():
    # the only solution through these three correlations needs a loading above 1 for b
    r = np.array([[1, 0.8, 0.3], [0.8, 1, 0.6], [0.3, 0.6, 1.0]])
    with pytest.raises(CannotEstimate, match="leaves b no variance of its own"):
        omega_from_covariance(r, ("a", "b", "c"))


def test_items_that_share_nothing_give_a_reason():
    with pytest.raises(CannotEstimate, match="share too little"):
        omega_from_covariance(np.eye(5))


@pytest.mark.parametrize(
    "matrix", [np.ones((2, 3)), np.array([[1, 0.5, 0.2], [0.1, 1, 0.3], [0.2, 0.3, 1]])]
)
def test_a_matrix_that_is_no_covariance_is_refused(matrix):
    with pytest.raises(ValueError, match="matrix must be"):
        one_factor.fit(matrix)


def test_wrong_arguments_say_what_is_allowed():
    answers = five_points(1, 50)
    with pytest.raises(ValueError, match="between 0 and 1"):
        omega(answers, confidence=95)
    with pytest.raises(ValueError, match="two items"):
        spearman_brown(answers)
    answers[3, 1] = np.nan
    with pytest.raises(ValueError, match="must have no gaps"):
        alpha(answers)


def test_feldts_interval_narrows_with_people_and_with_confidence():
    wide, narrow = feldt_interval(0.8, 50, 5), feldt_interval(0.8, 500, 5)
    assert wide[0] < narrow[0] < 0.8 < narrow[1] < wide[1]
    less = feldt_interval(0.8, 50, 5, confidence=0.90)
    assert wide[0] < less[0] < less[1] < wide[1]


def test_what_scoring_takes_never_imports_pingouin():
    code = (
        "import sys, numpy as np\n"
        "from instruments.psychometrics import omegas as o, reliability as r\n"
        "x = np.random.default_rng(1).normal(size=(90, 1)) + np.random.default_rng(2)"
        ".normal(size=(90, 4))\n"
        "o.omega(x), o.omega_from_covariance(np.cov(x.T)), r.spearman_brown(x[:, :2])\n"
        "r.feldt_interval(.8, 90, 4)\n"
        "heavy = {'pingouin', 'factor_analyzer', 'pandas', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
