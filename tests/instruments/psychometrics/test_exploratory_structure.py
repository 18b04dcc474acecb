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
from instruments.psychometrics.exploratory import congruence, explore, intended
from instruments.psychometrics.factor_scores import score_weights
from instruments.psychometrics.polychorics import polychoric
from instruments.psychometrics.retention import (
    eigenvalues,
    minimum_average_partial,
    parallel_analysis,
    permuted_parallel_analysis,
)
from instruments.psychometrics.rotation import rotate


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


def matched(found, value):
    """R's loadings and factor correlations in our order and direction."""
    loadings = np.array(value["loadings"]["data"])
    rows, columns = linear_sum_assignment(-np.abs(found.loadings.T @ loadings))
    signs = np.sign((found.loadings.T @ loadings)[rows, columns])
    phi = np.eye(len(columns))
    if value.get("Phi"):
        phi = np.array(value["Phi"]["data"])[np.ix_(columns, columns)]
    return loadings[:, columns] * signs, phi * np.outer(signs, signs)


@pytest.mark.parametrize("extraction", ["minres", "ml"])
@pytest.mark.parametrize("rotation", ["none", "varimax", "promax", "Promax", "oblimin"])
def test_factors_are_those_of_r(data, extraction, rotation):
    # psych::fa(Rp, nfactors = m, n.obs = Nc, fm = extraction, rotate = rotation)
    r, n, factors, expected = data
    found = explore(r, n=n, factors=factors, extraction=extraction, rotation=rotation)
    value = expected[f"fa_{extraction}_{rotation}_pearson"]["value"]
    loadings, phi = matched(found, value)
    assert found.loadings == pytest.approx(loadings, abs=1e-4)
    assert found.factor_correlations == pytest.approx(phi, abs=1e-4)
    assert found.communalities == pytest.approx(list(value["communality"].values()), abs=1e-4)
    for ours, theirs in (("rmsr", "rms"), ("tli", "TLI"), ("chi2", "STATISTIC")):
        assert getattr(found, ours) == pytest.approx(value[theirs], rel=1e-5)


def test_geomin_is_that_of_r(data):
    # psych::fa(Rp, nfactors = m, n.obs = Nc, fm = "minres", rotate = "geominQ")
    r, n, factors, expected = data
    found = explore(r, n=n, factors=factors, rotation="geomin")
    loadings, phi = matched(found, expected["geomin"]["value"])
    assert found.loadings == pytest.approx(loadings, abs=1e-3)
    assert found.factor_correlations == pytest.approx(phi, abs=1e-3)


@pytest.mark.parametrize("rotation", ["varimax", "Promax"])
def test_maximum_likelihood_is_that_of_factanal(data, rotation):
    # stats::factanal(covmat = Rp, n.obs = Nc, factors = m, rotation = ...)
    r, n, factors, expected = data
    found = explore(r, n=n, factors=factors, extraction="ml", rotation=rotation)
    value = expected[f"factanal_{rotation.lower()}"]["value"]
    assert found.loadings == pytest.approx(matched(found, value)[0], abs=1e-6)
    assert found.chi2 == pytest.approx(value["STATISTIC"], rel=1e-8)
    assert found.df == value["dof"]
    unique = 1 - found.communalities
    assert unique == pytest.approx(list(value["uniquenesses"].values()), abs=1e-6)


def test_factors_of_polychorics_are_those_of_r(request, data):
    # psych::fa(P$rho, nfactors = m, n.obs = Nc, fm, rotate = "oblimin")
    _, n, factors, expected = data
    name = "bfi" if factors == 5 else "lq2002"
    given_ = request.getfixturevalue(name)
    options = [range(1, 7)] * 25 if name == "bfi" else [range(1, 6)] * 14 + [range(5)] * 5
    moments = from_codes(given_.codes, given_.names, options, "listwise", reverse=given_.reverse)
    polychorics = polychoric(moments)
    for extraction in ("minres", "ml"):
        found = explore(polychorics, factors=factors, extraction=extraction)
        value = expected[f"fa_{extraction}_oblimin_polychoric"]["value"]
        loadings, phi = matched(found, value)
        assert found.loadings == pytest.approx(loadings, abs=1e-3)
        assert found.factor_correlations == pytest.approx(phi, abs=1e-3)
        assert found.tli == pytest.approx(value["TLI"], abs=1e-4)
        assert found.n == n
    assert kmo(polychorics).overall == pytest.approx(expected["KMO_poly"]["value"]["MSA"], abs=1e-4)
    partial = minimum_average_partial(polychorics)
    assert partial.values[:8] == pytest.approx(expected["vss_poly"]["value"]["map"], abs=1e-4)


def test_structure_complexity_and_score_weights_are_those_of_r(data):
    # psych::fa(...)$Structure, $complexity and $weights, regression
    r, n, factors, expected = data
    found = explore(r, n=n, factors=factors)
    value = expected["fa_minres_oblimin_pearson"]["value"]
    assert found.structure == pytest.approx(np.array(value["Structure"]["data"]), abs=1e-3)
    assert found.complexity == pytest.approx(list(value["complexity"].values()), abs=1e-3)
    weights = score_weights(found, r).weights
    assert weights == pytest.approx(np.array(value["weights"]["data"]), abs=1e-3)


def test_principal_axis_ends_where_minres_does(data):
    r, n, factors, _ = data
    axis = explore(r, n=n, factors=factors, extraction="principal axis")
    assert axis.loadings == pytest.approx(explore(r, n=n, factors=factors).loadings, abs=1e-3)


@pytest.mark.parametrize("extraction", ["minres", "ml"])
def test_factor_analyzer_extracts_the_same(data, extraction):
    r, n, factors, _ = data
    ours = explore(r, n=n, factors=factors, extraction=extraction)
    call = {"factors": factors, "extraction": extraction, "through": "factor-analyzer"}
    assert explore(r, n=n, **call).loadings == pytest.approx(ours.loadings, abs=1e-4)


def test_a_target_rotation_keeps_the_order_and_direction_of_its_target(data):
    r, n, factors, _ = data
    oblimin = explore(r, n=n, factors=factors)
    target = -np.roll(np.where(np.abs(oblimin.loadings) > 0.3, oblimin.loadings, 0), 1, axis=1)
    found = explore(r, n=n, factors=factors, rotation="target", target=target)
    own = np.diag(congruence(found.loadings, target))
    assert (own > 0.9).all()
    loose = np.where(target == 0, 0, np.nan)
    free = explore(r, n=n, factors=factors, rotation="target", target=loose)
    assert np.abs(free.loadings[target == 0]).max() < 0.4
    with pytest.raises(ValueError, match="shape of the loadings"):
        explore(r, n=n, factors=factors, rotation="target", target=target[:, 1:])
    with pytest.raises(ValueError, match="say something"):
        explore(r, n=n, factors=factors, rotation="target", target=np.full_like(target, np.nan))
    with pytest.raises(ValueError, match="rotation of that name"):
        explore(r, n=n, factors=factors, target=target)


def test_the_intended_structure_is_recognised(bfi):
    moments = from_codes(bfi.codes, bfi.names, [bfi.options] * 25, "listwise", reverse=bfi.reverse)
    meant = intended(bfi.names, {name: name[0] for name in bfi.names})
    found = explore(moments, factors=5)
    alike = congruence(found.loadings, meant)
    assert (alike.max(axis=0) > 0.8).all()
    assert congruence(found.loadings, found.loadings).diagonal() == pytest.approx(1)
    with pytest.raises(CannotEstimate, match="without loadings"):
        congruence(np.zeros((4, 1)), np.ones((4, 1)))


def test_scores_recover_people_and_keep_what_each_method_promises():
    loadings, between, r = two_factors()
    solution = explore(r, n=500, factors=2, rotation="oblimin")
    rng = np.random.default_rng(1)
    factors = rng.multivariate_normal([0, 0], between, 50_000)
    own = rng.standard_normal((50_000, 8)) * np.sqrt(1 - np.diag(loadings @ between @ loadings.T))
    answers = factors @ loadings.T + own
    scores = {
        how: score_weights(solution, r, how=how).scores(answers)
        for how in ("regression", "bartlett", "ten berge")
    }
    determinacy = score_weights(solution, r).determinacy
    for each in scores.values():
        likeness = [np.corrcoef(each[:, k], factors[:, k])[0, 1] ** 2 for k in range(2)]
        assert likeness == pytest.approx(determinacy, abs=0.03)
    # bartlett is unbiased, ten berge keeps the factors' correlation
    slopes = np.linalg.lstsq(factors, scores["bartlett"], rcond=None)[0]
    assert slopes == pytest.approx(np.eye(2), abs=0.03)
    kept = np.corrcoef(scores["ten berge"], rowvar=False)
    assert kept == pytest.approx(solution.factor_correlations, abs=0.02)
    with pytest.raises(ValueError, match="every item"):
        score_weights(solution, r).scores(np.full((1, 8), np.nan))
    with pytest.raises(ValueError, match="how must be"):
        score_weights(solution, r, how="anderson")


def test_common_factors_are_compared_with_those_of_noise(data):
    r, n, factors, _ = data
    found = parallel_analysis(r, smallest_n=n, largest_n=n, seed=1, of="common factors")
    assert found.retain >= factors
    assert found.of == "common factors"
    assert "common factors" in found.method


def test_permuted_answers_keep_no_factor_but_real_ones_do(lq2002):
    names = lq2002.names[:6]
    codes = lq2002.codes[:400, :6]

    def correlate(some):
        return polychoric(from_codes(some, names, [range(1, 6)] * 6))

    found = permuted_parallel_analysis(correlate, codes, seed=1, draws=40)
    assert found.retain == 1
    assert (codes == lq2002.codes[:400, :6]).all()
    rng = np.random.default_rng(3)
    noise = np.column_stack([rng.permutation(column) for column in codes.T])
    assert permuted_parallel_analysis(correlate, noise, seed=1, draws=40).retain == 0
    with pytest.raises(ValueError, match="draws must be 20"):
        permuted_parallel_analysis(correlate, codes, seed=1, draws=3)


def test_noise_that_is_routed_by_role_keeps_no_false_factor_in_more_than_a_twentieth_of_runs():
    rng = np.random.default_rng(5)
    names, routed, kept = [f"i{k}" for k in range(16)], np.arange(16) >= 10, 0
    for run in range(400):
        codes = rng.integers(1, 6, (300, 16)).astype(np.int8)
        asked = rng.random(300) < 0.75
        codes[np.ix_(~asked, routed)] = -1
        moments = from_codes(codes, names, [range(1, 6)] * 16)
        kept += parallel_analysis(moments, seed=run, draws=200).retain > 0
    assert kept <= 20


def test_factors_of_items_that_are_routed_by_role_are_recovered():
    # the routing of the noise above: every factor has items that only three quarters were asked
    names, routed = [f"i{k}" for k in range(15)], np.arange(15) % 5 >= 3
    meant = intended(names, {name: f"F{k // 5}" for k, name in enumerate(names)})
    kept = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        traits = rng.multivariate_normal(np.zeros(3), 0.7 * np.eye(3) + 0.3, size=400)
        latent = 0.7 * traits @ meant.T + 0.71 * rng.standard_normal((400, 15))
        codes = (np.digitize(latent, [-1.2, -0.4, 0.4, 1.2]) + 1).astype(np.int8)
        codes[np.ix_(rng.random(400) >= 0.75, routed)] = -1
        moments = from_codes(codes, names, [range(1, 6)] * 15)
        kept.append(parallel_analysis(moments, seed=seed, draws=200).retain)
        found = explore(moments, factors=3, rotation="target", target=meant)
        assert np.diag(congruence(found.loadings, meant)).min() > 0.95
    assert np.mean(np.array(kept) == 3) >= 0.95


def test_the_fit_of_minres_is_that_of_r(data):
    r, n, factors, expected = data
    found = explore(r, n=n, factors=factors)
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
    found = explore(r, n=n, factors=factors)
    unrotated = _factor_analyzer.loadings_of(r, factors, "minres")
    implied = found.loadings @ found.factor_correlations @ found.loadings.T
    assert implied == pytest.approx(unrotated @ unrotated.T, abs=1e-5)


def test_known_factors_are_found_again():
    loadings, between, r = two_factors()
    found = explore(r, n=500, factors=2)
    assert found.loadings == pytest.approx(loadings, abs=1e-3)
    assert found.factor_correlations == pytest.approx(between, abs=2e-3)
    assert found.communalities == pytest.approx((loadings**2).sum(axis=1), abs=1e-4)
    assert found.rmsr == pytest.approx(0, abs=1e-4)
    assert found.rmsea == 0


def test_one_factor_needs_no_rotation_and_points_up():
    loadings = np.array([0.8, 0.7, 0.6, 0.5])
    r = np.outer(loadings, loadings)
    np.fill_diagonal(r, 1)
    found = explore(r, n=300, factors=1)
    assert found.rotation == "none"
    assert found.loadings[:, 0] == pytest.approx(loadings, abs=1e-4)
    assert found.factor_correlations.tolist() == [[1.0]]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(6, 12))
def test_rotation_changes_neither_fit_nor_variance(seed, factors, p):
    unrotated = np.random.default_rng(seed).uniform(-0.6, 0.6, (p, factors))
    found = rotate(unrotated, "oblimin")
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
    assert other.values_fourth == pytest.approx(one.values_fourth, abs=1e-9)


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
        solution = or_reason(explore, r, n=n, factors=factors)
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
        explore(random_correlations(1, 5, 100), n=100, factors=factors)


def test_a_singular_matrix_gives_a_reason():
    r = random_correlations(1, 4, 100)
    doubled = np.block([[r, r], [r, r]])
    for figure in (
        lambda: kmo(doubled),
        lambda: bartlett(doubled, 100),
        lambda: minimum_average_partial(doubled),
        lambda: explore(doubled, n=100, factors=2),
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
        lambda: explore(r, n=4, factors=2),
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
    found = explore(r * 0.9999 + np.eye(4) * 0.0001, n=200, factors=1, names=("a", "b", "c", "d"))
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
    with pytest.raises(ValueError, match="correlations must"):
        kmo(matrix)
    with pytest.raises(ValueError, match="factors must be a whole number"):
        explore(np.eye(4), n=100, factors=0)


def test_the_adapter_gives_both_of_factor_analyzers_modules_a_check_that_works():
    from factor_analyzer import confirmatory_factor_analyzer, factor_analyzer

    _factor_analyzer.loadings_of(two_factors()[2], 2, "minres")
    for module in (factor_analyzer, confirmatory_factor_analyzer):
        checked = module.check_array(np.array([[1.0, np.nan]]), force_all_finite="allow-nan")
        assert checked.shape == (1, 2)
        with pytest.raises(ValueError, match="NaN"):
            module.check_array(np.array([[1.0, np.nan]]), force_all_finite=True)
