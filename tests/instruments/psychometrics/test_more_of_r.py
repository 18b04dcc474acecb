"""What ``06_more.R`` asked beside confirmatory models; the R call stands beside each value."""

from types import SimpleNamespace

import numpy as np
import pytest
from against_r import frame, reference
from scipy.optimize import linear_sum_assignment
from scipy.stats import rankdata

from instruments.psychometrics import (
    congruence,
    explore,
    from_codes,
    intended,
    mahalanobis,
    parallel_analysis,
    polychoric,
    rotate,
    score_weights,
    variance_partition,
    vif,
)

R = {name: each["value"] for name, each in reference("more").items() if "value" in each}
ITEMS = tuple(f"{scale}{k}" for scale in "ACENO" for k in range(1, 6))
MEANT = intended(ITEMS, {name: name[0] for name in ITEMS})


def matrix(value: dict) -> np.ndarray:
    return np.array(value["data"])


@pytest.fixture(scope="module")
def complete(bfi):
    """B <- na.omit(X); R <- cor(B)"""
    return bfi.complete(*ITEMS)


@pytest.fixture(scope="module")
def oblimin(complete):
    return explore(np.corrcoef(complete, rowvar=False), n=len(complete), factors=5, names=ITEMS)


def assert_same_factors(loadings, phi, value, near=1e-3):
    """Whatever the order and direction of factors."""
    theirs = matrix(value["loadings"])
    rows, columns = linear_sum_assignment(-np.abs(loadings.T @ theirs))
    signs = np.sign((loadings.T @ theirs)[rows, columns])
    assert loadings == pytest.approx(theirs[:, columns] * signs, abs=near)
    between = matrix(value["Phi"])[np.ix_(columns, columns)] * np.outer(signs, signs)
    assert phi == pytest.approx(between, abs=near)


def test_principal_axis_is_that_of_psych(complete):
    # psych::fa(R, 5, n.obs = N, fm = "pa", rotate = "oblimin", min.err = 1e-12)
    r, value = np.corrcoef(complete, rowvar=False), R["principal_axis"]
    found = explore(r, n=len(complete), factors=5, extraction="principal axis")
    assert_same_factors(found.loadings, found.factor_correlations, value)
    assert found.communalities == pytest.approx(list(value["communality"].values()), abs=1e-4)


@pytest.mark.parametrize("rule", ["target", "target_partial"])
def test_a_target_rotation_is_that_of_gparotation(complete, rule):
    # GPArotation::targetQ(fa$loadings, Target), and pstQ where only zeros are aimed at
    r = np.corrcoef(complete, rowvar=False)
    plain = explore(r, n=len(complete), factors=5, rotation="none").loadings
    target = MEANT if rule == "target" else np.where(MEANT == 0, 0, np.nan)
    found = rotate(plain, "target", target=target)
    assert_same_factors(found.loadings, found.factor_correlations, R[rule])


@pytest.mark.parametrize("how", ["Thurstone", "Bartlett", "tenBerge"])
def test_weights_of_factor_scores_are_those_of_psych(complete, how):
    # psych::factor.scores(R, o$loadings, Phi = o$Phi, method = how)$weights
    value = R["scores_loadings"]
    loadings, phi = matrix(value["loadings"]), matrix(value["Phi"])
    given = SimpleNamespace(
        names=ITEMS,
        loadings=loadings,
        factor_correlations=phi,
        structure=loadings @ phi,
        communalities=np.diag(loadings @ phi @ loadings.T),
    )
    ours = {"Thurstone": "regression", "Bartlett": "bartlett", "tenBerge": "ten berge"}[how]
    found = score_weights(given, np.corrcoef(complete, rowvar=False), how=ours)
    assert found.weights == pytest.approx(matrix(R[f"scores_{how}"]), abs=1e-8)


def test_congruence_is_that_of_psych():
    # psych::factor.congruence(o$loadings, T0, digits = 17)
    loadings = matrix(R["scores_loadings"]["loadings"])
    assert congruence(loadings, MEANT) == pytest.approx(matrix(R["congruence"]), abs=1e-8)


def test_eigenvalues_of_common_factors_are_those_of_psych(complete):
    # psych::fa.parallel(R, n.obs = N, fm = "minres", fa = "both", SMC = TRUE)$fa.values
    r = np.corrcoef(complete, rowvar=False)
    found = parallel_analysis(r, smallest_n=len(complete), seed=1, of="common factors", draws=20)
    assert found.observed == pytest.approx(R["parallel_smc_values"], abs=1e-8)


def test_errors_of_polychorics_are_lavaans(bfi, complete):
    # lavaan::lavCor(small, ordered = names(small), se = "standard", output = "est")
    value, names = R["polychoric_errors"], ITEMS[:10]
    codes = complete[:, :10].astype(np.int8)
    found = polychoric(from_codes(codes, names, [bfi.options] * 10))
    place = {name: k for k, name in enumerate(names)}
    compared = 0
    columns = [value[name] for name in ("lhs", "op", "rhs", "est", "se")]
    for lhs, op, rhs, est, se in zip(*columns, strict=True):
        i = place[lhs]
        if op == "|":
            assert found.thresholds[i][int(rhs[1:]) - 1] == pytest.approx(est, abs=1e-6)
            continue
        assert found.correlations[i, place[rhs]] == pytest.approx(est, abs=1e-6)
        assert found.errors[i, place[rhs]] == pytest.approx(se, rel=1e-3)
        compared += 1
    assert compared == 45


def test_variance_inflation_is_that_of_regressions_in_r(complete):
    # 1 / (1 - summary(lm(B[, j] ~ others))$r.squared)
    found = vif(complete[:, :5], names=ITEMS[:5])
    ours = [found.items[name].value for name in ITEMS[:5]]
    assert ours == pytest.approx(R["vif"], rel=1e-8)


def test_mahalanobis_distances_are_those_of_r(complete):
    # stats::mahalanobis(scale(B), rep(0, 25), R): scaled by n - 1, ours by n
    n = len(complete)
    found = mahalanobis(complete.astype(np.int8)).values[:50] * (n - 1) / n
    assert found == pytest.approx(R["mahalanobis"], rel=1e-8)


def test_variance_of_two_nested_levels_is_that_of_nlme():
    # nlme::lme(lead ~ 1, random = ~1 | bat/COMPID, data = L); battalions are made up:
    # bat <- (rank(tapply(lead, COMPID, mean))[COMPID] + 25 * (COMPID %% 2)) %/% 10
    data = frame("lq2002")
    lead = np.mean([data[f"LEAD{k:02}"] for k in range(1, 12)], axis=0)
    company = data["COMPID"].astype(int)
    own, place = np.unique(company, return_inverse=True)
    rank = rankdata([lead[company == each].mean() for each in own])
    battalion = (rank[place] + 25 * (company % 2)) // 10
    found = variance_partition(lead, {"battalion": battalion, "company": company}, draws=20)
    # nlme stops early: its restricted likelihood is the lower one, at the ninth digit
    assert list(found.variances.values()) == pytest.approx(R["nested"]["variances"], rel=1e-4)
    assert found.mean == pytest.approx(R["nested"]["fixef"], rel=1e-6)
