import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from instruments.psychometrics import _factor_analyzer
from instruments.psychometrics.adequacy import bartlett, kmo
from instruments.psychometrics.counting import from_codes
from instruments.psychometrics.estimates import CannotEstimate, NotEstimated, or_reason
from instruments.psychometrics.exploratory import minres
from instruments.psychometrics.retention import (
    eigenvalues,
    minimum_average_partial,
    parallel_analysis,
)
from instruments.psychometrics.rotation import oblimin


@pytest.fixture(params=[("bfi", 5), ("lq2002", 3)], ids=["bfi", "lq2002"])
def data(request):
    """Correlations of complete cases, their n, the number of factors and R's values."""
    name, factors = request.param
    given_ = request.getfixturevalue(name)
    found = from_codes(
        given_.codes,
        given_.names,
        [given_.options] * len(given_.names),
        "listwise",
        reverse=given_.reverse,
    )
    return found.correlations(), found.n, factors, given_.structure


def random_correlations(seed: int, p: int, n: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 2)) @ rng.uniform(-0.7, 0.9, (2, p))
    return np.corrcoef(x + rng.standard_normal((n, p)), rowvar=False)


def two_factors() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Loadings, factor correlations and the correlations that they imply."""
    loadings = np.zeros((8, 2))
    loadings[:4, 0], loadings[4:, 1] = [0.8, 0.7, 0.6, 0.5], [0.75, 0.65, 0.6, 0.4]
    between = np.array([[1, 0.3], [0.3, 1]])
    r = loadings @ between @ loadings.T
    np.fill_diagonal(r, 1)
    return loadings, between, r


def test_kmo_is_that_of_r(data):
    r, _, _, expected = data
    found = kmo(r)
    assert found.overall == pytest.approx(expected["KMO"]["value"]["MSA"], abs=1e-10)
    assert found.items == pytest.approx(list(expected["KMO"]["value"]["MSAi"].values()), abs=1e-10)


def test_bartletts_test_is_that_of_r(data):
    r, n, _, expected = data
    found = bartlett(r, n)
    value = expected["bartlett"]["value"]
    assert found.chi2 == pytest.approx(value["chisq"], rel=1e-10)
    assert (found.df, found.p, found.n) == (value["df"], value["p.value"], n)


def test_bartletts_p_is_found_where_it_is_not_zero():
    # chi2 = -(100 - 1 - 11 / 6) ln(1 - .3^2) = 9.16 on 3; upper tail from a table of chi-squares
    r = np.array([[1, 0.3, 0], [0.3, 1, 0], [0, 0, 1.0]])
    found = bartlett(r, 100)
    assert found.chi2 == pytest.approx(-(99 - 11 / 6) * np.log(0.91))
    assert 0.025 < found.p < 0.05


def test_eigenvalues_are_those_of_r(data):
    r, _, _, expected = data
    assert eigenvalues(r) == pytest.approx(np.array(expected["eigen"]), abs=1e-10)


def test_minimum_average_partial_is_that_of_r(data):
    r, _, factors, expected = data
    found = minimum_average_partial(r)
    assert found.values[:8] == pytest.approx(expected["vss"]["value"]["map"], abs=1e-10)
    assert found.retain == factors


def test_parallel_analysis_retains_as_many_components_as_r(data):
    r, n, _, expected = data
    for seed in (1, 2, 3):
        found = parallel_analysis(r, smallest_n=n, largest_n=n, seed=seed)
        assert found.retain == expected["parallel_fromR"]["value"]["ncomp"]


def test_minres_and_oblimin_are_those_of_r(data):
    r, n, factors, expected = data
    found = minres(r, n, factors=factors)
    value = expected["fa_minres_oblimin_pearson"]["value"]
    loadings = np.array(value["loadings"]["data"])
    rows, columns = linear_sum_assignment(-np.abs(found.loadings.T @ loadings))
    signs = np.sign((found.loadings.T @ loadings)[rows, columns])
    assert found.loadings * signs == pytest.approx(loadings[:, columns], abs=1e-4)
    phi = np.array(value["Phi"]["data"])[np.ix_(columns, columns)]
    assert found.factor_correlations * np.outer(signs, signs) == pytest.approx(phi, abs=1e-4)
    assert found.communalities == pytest.approx(list(value["communality"].values()), abs=1e-4)


def test_the_fit_of_minres_is_that_of_r(data):
    r, n, factors, expected = data
    found = minres(r, n, factors=factors)
    value = expected["fa_minres_oblimin_pearson"]["value"]
    assert found.df == value["dof"]
    assert found.rmsr == pytest.approx(value["rms"], abs=1e-8)
    assert found.chi2 == pytest.approx(value["STATISTIC"], rel=1e-6)
    assert found.tli == pytest.approx(value["TLI"], abs=1e-6)
    assert found.bic == pytest.approx(value["BIC"], abs=2e-3)
    assert found.rmsea == pytest.approx(value["RMSEA"]["RMSEA"], abs=1e-6)
    assert found.rmsea_low == pytest.approx(value["RMSEA"]["lower"], abs=1e-4)
    assert found.rmsea_high == pytest.approx(value["RMSEA"]["upper"], abs=1e-4)


def test_factor_correlations_belong_to_the_loadings_where_factor_analyzers_do_not(data):
    r, n, factors, _ = data
    found = minres(r, n, factors=factors)
    unrotated = _factor_analyzer.minres_loadings(r, factors)
    implied = found.loadings @ found.factor_correlations @ found.loadings.T
    assert implied == pytest.approx(unrotated @ unrotated.T, abs=1e-10)


def test_known_factors_are_found_again():
    loadings, between, r = two_factors()
    found = minres(r, 500, factors=2)
    assert found.loadings == pytest.approx(loadings, abs=1e-3)
    assert found.factor_correlations == pytest.approx(between, abs=2e-3)
    assert found.communalities == pytest.approx((loadings**2).sum(axis=1), abs=1e-4)
    assert found.rmsr == pytest.approx(0, abs=1e-4)
    assert found.rmsea == 0


def test_one_factor_needs_no_rotation_and_points_up():
    loadings = np.array([0.8, 0.7, 0.6, 0.5])
    r = np.outer(loadings, loadings)
    np.fill_diagonal(r, 1)
    found = minres(r, 300, factors=1)
    assert found.rotation == "none"
    assert found.loadings[:, 0] == pytest.approx(loadings, abs=1e-4)
    assert found.factor_correlations.tolist() == [[1.0]]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(6, 12))
def test_rotation_changes_neither_fit_nor_variance(seed, factors, p):
    unrotated = np.random.default_rng(seed).uniform(-0.6, 0.6, (p, factors))
    found = oblimin(unrotated)
    implied = found.loadings @ found.factor_correlations @ found.loadings.T
    assert implied == pytest.approx(unrotated @ unrotated.T, abs=1e-8)
    assert np.diag(found.factor_correlations) == pytest.approx(np.ones(factors))
    assert (found.loadings.sum(axis=0) >= 0).all()
    variance = np.diag(found.factor_correlations @ found.loadings.T @ found.loadings)
    assert (np.diff(variance) <= 1e-9).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_items_changes_nothing_but_the_order(seed):
    r = random_correlations(seed, 7, 300)
    order = np.random.default_rng(seed).permutation(7)
    turned = r[np.ix_(order, order)]
    assert kmo(turned).items == pytest.approx(kmo(r).items[order], abs=1e-9)
    assert bartlett(turned, 300).chi2 == pytest.approx(bartlett(r, 300).chi2, rel=1e-9)
    assert eigenvalues(turned) == pytest.approx(eigenvalues(r), abs=1e-9)
    one, other = minimum_average_partial(r), minimum_average_partial(turned)
    assert other.values == pytest.approx(one.values, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8), st.integers(2, 40), st.integers(1, 5))
def test_every_figure_of_small_samples_is_proper_or_has_a_reason(seed, p, n, factors):
    rng = np.random.default_rng(seed)
    codes = rng.integers(1, 4, (n, p)).astype(np.int8)
    found = from_codes(codes, [f"i{k}" for k in range(p)], [(1, 2, 3)] * p)
    r = or_reason(found.correlations)
    if isinstance(r, NotEstimated):
        assert r.reason
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solution = or_reason(minres, r, n, factors=factors)
        adequacy, test = or_reason(kmo, r), or_reason(bartlett, r, n)
        draws = or_reason(parallel_analysis, r, smallest_n=n, largest_n=n, seed=1, draws=20)
        partial = or_reason(minimum_average_partial, r)
    if not isinstance(solution, NotEstimated):
        assert np.isfinite(solution.loadings).all()
        assert np.isfinite([solution.rmsr, solution.bic, solution.chi2]).all()
        assert all(np.isfinite(x) for x in (solution.rmsea, solution.tli) if x is not None)
    assert isinstance(adequacy, NotEstimated) or 0 <= adequacy.overall <= 1
    assert isinstance(test, NotEstimated) or 0 <= test.p <= 1
    assert isinstance(draws, NotEstimated) or 0 <= draws.retain <= p
    assert isinstance(partial, NotEstimated) or np.isfinite(partial.values).all()


def test_noise_is_seldom_taken_for_factors():
    rng = np.random.default_rng(11)
    kept = 0
    for k in range(100):
        r = np.corrcoef(rng.standard_normal((150, 20)), rowvar=False)
        kept += parallel_analysis(r, smallest_n=150, largest_n=150, seed=k, draws=200).retain > 0
    # the first eigenvalue of noise lies above its own 95 % quantile one time in twenty
    assert kept <= 12


def test_random_eigenvalues_are_those_of_drawn_people():
    found = parallel_analysis(np.eye(6), smallest_n=80, largest_n=80, seed=5, draws=4000)
    rng = np.random.default_rng(6)
    drawn = [
        np.linalg.eigvalsh(np.corrcoef(rng.standard_normal((80, 6)), rowvar=False))[::-1]
        for _ in range(4000)
    ]
    assert found.random == pytest.approx(np.quantile(drawn, 0.95, axis=0), abs=0.015)


def test_parallel_analysis_repeats_itself_by_seed():
    one, two, other = (
        parallel_analysis(np.eye(5), smallest_n=60, largest_n=70, seed=seed).random
        for seed in (1, 1, 2)
    )
    assert (one == two).all()
    assert not (one == other).all()


def test_parallel_analysis_is_refused_where_a_pair_has_under_half_of_the_people():
    with pytest.raises(CannotEstimate, match="49 people, under half of the 100"):
        parallel_analysis(np.eye(5), smallest_n=49, largest_n=100, seed=1)
    assert parallel_analysis(np.eye(5), smallest_n=50, largest_n=100, seed=1).n == 50


@pytest.mark.parametrize("factors", [4, 5, 9])
def test_more_factors_than_items_can_tell_apart_are_refused(factors):
    with pytest.raises(CannotEstimate, match=f"5 items cannot tell {factors} factors apart"):
        minres(random_correlations(1, 5, 100), 100, factors=factors)


def test_a_singular_matrix_gives_a_reason():
    r = random_correlations(1, 4, 100)
    doubled = np.block([[r, r], [r, r]])
    for figure in (
        lambda: kmo(doubled),
        lambda: bartlett(doubled, 100),
        lambda: minimum_average_partial(doubled),
        lambda: minres(doubled, 100, factors=2),
    ):
        with pytest.raises(CannotEstimate, match="worked out from the others"):
            figure()
    assert eigenvalues(doubled)[-1] == pytest.approx(0, abs=1e-9)


def test_correlations_that_contradict_one_another_give_a_reason():
    r = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    with pytest.raises(CannotEstimate, match="contradict"):
        kmo(r)


def test_too_few_people_give_a_reason():
    r = random_correlations(1, 6, 100)
    for figure in (
        lambda: bartlett(r, 6),
        lambda: minres(r, 4, factors=2),
        lambda: parallel_analysis(r, smallest_n=6, largest_n=6, seed=1),
    ):
        with pytest.raises(CannotEstimate, match="people are too few for 6 items"):
            figure()


def test_items_that_do_not_correlate_give_a_reason():
    with pytest.raises(CannotEstimate, match="correlates with no other"):
        kmo(np.eye(4))
    assert bartlett(np.eye(4), 100).chi2 == 0
    assert minimum_average_partial(random_correlations(2, 5, 200)).retain >= 0


def test_an_item_without_variance_of_its_own_is_named():
    loadings = np.array([1.0, 0.6, 0.5, 0.4])
    r = np.outer(loadings, loadings)
    np.fill_diagonal(r, 1)
    found = minres(r * 0.9999 + np.eye(4) * 0.0001, 200, factors=1, names=("a", "b", "c", "d"))
    assert found.heywood == ("a",)


@pytest.mark.parametrize(
    "matrix",
    [
        np.ones((2, 3)),
        np.array([[1, np.nan], [np.nan, 1]]),
        np.array([[2, 0.5], [0.5, 1]]),
        np.array([[1, 0.5], [0.2, 1]]),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(matrix):
    with pytest.raises(ValueError, match="correlations must be"):
        kmo(matrix)
    with pytest.raises(ValueError, match="factors must be 1 or more"):
        minres(np.eye(4), 100, factors=0)


def test_the_adapter_gives_both_of_factor_analyzers_modules_a_check_that_works():
    from factor_analyzer import confirmatory_factor_analyzer, factor_analyzer

    _factor_analyzer.minres_loadings(two_factors()[2], 2)
    for module in (factor_analyzer, confirmatory_factor_analyzer):
        checked = module.check_array(np.array([[1.0, np.nan]]), force_all_finite="allow-nan")
        assert checked.shape == (1, 2)
        with pytest.raises(ValueError, match="NaN"):
            module.check_array(np.array([[1.0, np.nan]]), force_all_finite=True)
