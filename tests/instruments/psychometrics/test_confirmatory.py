"""Confirmatory models against lavaan 0.6-14; the R call stands beside each value."""

import json

import numpy as np
import pytest
from against_r import assert_agrees, bfi, frame, reference

from instruments.psychometrics import cfa, from_codes
from instruments.psychometrics.confirmatory.samples import Sample

BFI = reference("bfi_cfa")
LQ = reference("lq2002_cfa")
ROUTED = reference("routed_cfa")


@pytest.mark.parametrize(("key", "identify"), [("ml_stdlv", "variance"), ("ml_marker", "marker")])
def test_ml_agrees_with_lavaan(key, identify):
    # lavaan::cfa(model, data = na.omit(x), std.lv = TRUE / FALSE, estimator = "ML")
    assert_agrees(cfa(BFI["model"], bfi(), identify=identify), BFI[key])
    assert_agrees(cfa(LQ["model"], frame("lq2002"), identify=identify), LQ[key])


def test_mlr_agrees_with_lavaan():
    # lavaan::cfa(model, data = na.omit(x), std.lv = TRUE, estimator = "MLR")
    assert_agrees(cfa(BFI["model"], bfi(), estimator="MLR"), BFI["mlr"])
    assert_agrees(cfa(LQ["model"], frame("lq2002"), estimator="MLR"), LQ["mlr"])


def test_errors_that_allow_for_clusters_agree_with_lavaan():
    # lavaan::cfa(model, data, std.lv = TRUE, estimator = "MLR", cluster = "COMPID")
    result = cfa(LQ["model"], frame("lq2002"), estimator="MLR", cluster="COMPID")
    assert_agrees(result, LQ["cluster_robust"])


@pytest.mark.parametrize("parameterisation", ["delta", "theta"])
def test_wlsmv_agrees_with_lavaan(parameterisation):
    # lavaan::cfa(model, data = na.omit(x), std.lv = TRUE, ordered = TRUE, estimator = "WLSMV")
    for values, data in ((BFI, bfi()), (LQ, frame("lq2002"))):
        result = cfa(
            values["model"],
            data,
            estimator="WLSMV",
            missing="listwise",
            parameterisation=parameterisation,
        )
        assert_agrees(result, values[f"wlsmv_{parameterisation}"])


def test_wlsmv_with_pairwise_present_answers_agrees_with_lavaan():
    # lavaan::cfa(model, data = x, ordered = TRUE, missing = "pairwise", std.lv = TRUE)
    assert_agrees(
        cfa(ROUTED["model"], frame("routed"), estimator="WLSMV"), ROUTED["wlsmv_pairwise"]
    )
    assert_agrees(cfa(BFI["model"], bfi(), estimator="WLSMV"), ROUTED["bfi_wlsmv_pairwise"])


@pytest.mark.parametrize(("estimator", "key"), [("ML", "ml_fiml"), ("MLR", "mlr_fiml")])
def test_full_information_agrees_with_lavaan(estimator, key):
    # lavaan::cfa(model, data = x, std.lv = TRUE, estimator = "ML" / "MLR", missing = "fiml")
    result = cfa(BFI["model"], bfi(), estimator=estimator, missing="fiml")
    assert_agrees(result, BFI[key])
    assert result.n == 2800
    assert result.notices[-1].startswith("87 patterns of missing answers")


def test_full_information_with_items_asked_of_a_fifth_agrees_with_lavaan():
    # lavaan::cfa(model, data = routed_items, estimator = "ML", missing = "fiml", std.lv = TRUE)
    assert_agrees(cfa(ROUTED["model"], frame("routed"), missing="fiml"), ROUTED["fiml_ml"])


def test_full_information_of_complete_answers_is_ml():
    complete = frame("lq2002")
    fiml, ml = (cfa(LQ["model"], complete, missing=rule) for rule in ("fiml", "listwise"))
    assert fiml.fit.chi2 == pytest.approx(ml.fit.chi2, rel=1e-8)
    assert fiml.fit.loglik == pytest.approx(ml.fit.loglik, rel=1e-10)


def test_ml_from_moments_is_ml_from_rows():
    data = bfi()
    names = [f"{scale}{k}" for scale in "ACENO" for k in range(1, 6)]
    codes = np.stack([data[name] for name in names], axis=1)
    codes = np.where(np.isnan(codes), -1, codes).astype(np.int8)
    summed = from_codes(codes, names, [range(1, 7)] * 25, "listwise")
    by_moments, by_rows = cfa(BFI["model"], summed), cfa(BFI["model"], data)
    assert by_moments.fit.chi2 == pytest.approx(by_rows.fit.chi2, abs=1e-6)
    assert by_moments.n == by_rows.n == 2436
    partly = from_codes(codes, names, [range(1, 7)] * 25, "pairwise")
    assert "pair by pair" in cfa(BFI["model"], partly).notices[0]


def test_scales_and_syntax_are_two_ways_to_write_one_model():
    scales = {scale: [f"{scale}{k}" for k in range(1, 6)] for scale in "ACENO"}
    assert cfa(scales, bfi()).fit == cfa(BFI["model"], bfi()).fit


@pytest.mark.parametrize(
    ("options", "lavaan"),
    [
        ({}, BFI["ml_stdlv"]),
        ({"identify": "marker"}, BFI["ml_marker"]),
        ({"estimator": "WLSMV", "missing": "listwise"}, BFI["wlsmv_delta"]),
        ({"estimator": "WLSMV"}, ROUTED["bfi_wlsmv_pairwise"]),
    ],
)
def test_modification_indices_agree_with_lavaan(options, lavaan):
    # lavaan::modindices(fit, sort. = TRUE)
    table = lavaan["modindices_top15"]
    found = cfa(BFI["model"], bfi(), modification=15, **options).modification
    assert [(one.lhs, one.op, one.rhs) for one in found] == list(
        zip(table["lhs"], table["op"], table["rhs"], strict=True)
    )
    for k, one in enumerate(found):
        assert one.chi2 == pytest.approx(table["mi"][k], rel=1e-3)
        assert one.change == pytest.approx(table["epc"][k], rel=1e-3)
        assert one.std_change == pytest.approx(table["sepc.all"][k], rel=1e-3)


def test_the_largest_modification_index_finds_what_was_left_out():
    loadings = np.array([0.8, 0.7, 0.6, 0.7, 0.5])[:, None]
    residual = np.diag(1 - loadings[:, 0] ** 2)
    residual[1, 3] = residual[3, 1] = 0.1
    sample = _population(loadings, np.eye(1), residual)
    result = cfa("T =~ x1 + x2 + x3 + x4 + x5", sample, modification=1)
    assert (result.modification[0].lhs, result.modification[0].rhs) == ("x2", "x4")
    assert "x2 ~~ x4" in str(result)


def _population(loadings, factors, residual=None):
    """A sample whose covariances are exactly those of a model."""
    loadings = np.asarray(loadings, dtype=float)
    common = loadings @ np.asarray(factors, dtype=float) @ loadings.T
    residual = np.diag(1 - np.diag(common)) if residual is None else residual
    p = len(loadings)
    return Sample(tuple(f"x{k + 1}" for k in range(p)), 500, np.zeros(p), common + residual)


def test_a_second_order_model_finds_the_loadings_that_made_the_covariances():
    above = np.array([0.8, 0.7, 0.6, 0.5])
    factors = np.outer(above, above) + np.diag(1 - above**2)
    loadings = np.kron(np.eye(4), [[0.8], [0.7], [0.6]])
    scales = {f"F{k + 1}": [f"x{3 * k + j + 1}" for j in range(3)] for k in range(4)}
    sample = _population(loadings, factors)
    result = cfa(scales, sample, structure="second-order")
    assert result.fit.chi2 == pytest.approx(0, abs=1e-6)
    assert result.fit.df == 50
    for k in range(4):
        assert result.parameter(f"general =~ F{k + 1}").std == pytest.approx(above[k], abs=1e-5)
        assert result.r_squared[""][f"F{k + 1}"] == pytest.approx(above[k] ** 2, abs=1e-5)
    marked = cfa(scales, sample, structure="second-order", identify="marker")
    assert marked.parameter("general =~ F1").estimate == 1
    assert marked.parameter("general =~ F2").std == pytest.approx(0.7, abs=1e-5)


def test_a_bifactor_model_finds_the_loadings_that_made_the_covariances():
    general = np.full((12, 1), 0.6)
    special = np.kron(np.eye(3), [[0.5], [0.4], [0.45], [0.35]])
    loadings = np.hstack([general, special])
    scales = {f"F{k + 1}": [f"x{4 * k + j + 1}" for j in range(4)] for k in range(3)}
    result = cfa(scales, _population(loadings, np.eye(4)), structure="bifactor")
    assert result.fit.df == 78 - 36
    assert result.loadings() == pytest.approx(loadings, abs=1e-4)


def test_method_factors_and_correlated_residuals_are_found():
    loadings = np.zeros((8, 3))
    loadings[:4, 0], loadings[4:, 1], loadings[[0, 2, 4, 6], 2] = 0.7, 0.6, 0.4
    factors = np.array([[1, 0.3, 0], [0.3, 1, 0], [0, 0, 1.0]])
    residual = np.diag(1 - np.diag(loadings @ factors @ loadings.T))
    residual[1, 5] = residual[5, 1] = 0.2
    text = """
        A =~ x1 + x2 + x3 + x4       # two traits
        B =~ x5 + x6 + x7 + x8
        M =~ x1 + x3 + x5 + x7       ! and the wording
        M ~~ 0*A + 0*B
        x2 ~~ x6
    """
    result = cfa(text, _population(loadings, factors, residual))
    assert result.parameter("x6 ~~ x2").estimate == pytest.approx(0.2, abs=1e-5)
    assert result.parameter("A ~~ B").estimate == pytest.approx(0.3, abs=1e-5)
    assert result.parameter("M =~ x7").estimate == pytest.approx(0.4, abs=1e-5)
    assert not result.parameter("M ~~ A").free


def test_one_label_is_one_parameter_and_a_number_is_fixed():
    free = cfa("A =~ A1 + A2 + A3 + A4 + A5", bfi())
    tied = cfa("A =~ A1 + l*A2 + l*A3 + 0.8*A4 + A5", bfi())
    assert tied.fit.df == free.fit.df + 2
    assert tied.parameter("A =~ A2").estimate == tied.parameter("A =~ A3").estimate
    assert tied.parameter("A =~ A4").estimate == 0.8
    assert tied.parameter("A =~ A4").se is None
    assert tied.fit.chi2 > free.fit.chi2


def test_freeing_the_first_loading_with_a_fixed_variance_is_the_variance_way():
    marked = cfa("A =~ NA*A1 + A2 + A3 + A4\nA ~~ 1*A", bfi(), identify="marker")
    plain = cfa("A =~ A1 + A2 + A3 + A4", bfi())
    assert marked.fit.chi2 == pytest.approx(plain.fit.chi2, abs=1e-6)
    assert marked.parameter("A =~ A1").estimate == pytest.approx(
        plain.parameter("A =~ A1").estimate, abs=1e-5
    )


def test_a_result_prints_and_becomes_a_frame_and_json():
    result = cfa(LQ["model"], frame("lq2002"), estimator="MLR")
    text = str(result)
    assert "scaled chi2(149) = 2634.5, p < .001" in text
    assert "TSIG =~ TSIG01" in text
    table = result.to_frame().set_index(["lhs", "op", "rhs"])
    assert table.loc[("TSIG", "=~", "TSIG02"), "std"] == pytest.approx(0.83, abs=0.005)
    values = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert values["fit"]["df_scaled"] == 149
    assert values["n"] == 2042


@pytest.mark.long
def test_intervals_of_loadings_cover_the_truth_at_their_rate():
    """MLR on skewed five-point answers' continuous kin; 200 samples, nominal 95 %."""
    rng = np.random.default_rng(20260101)
    truth, covered = 0.7, []
    for _ in range(200):
        trait = rng.normal(size=300)
        answers = truth * trait[:, None] + rng.standard_exponential((300, 5)) - 1
        data = dict(zip("abcde", answers.T, strict=True))
        found = cfa("t =~ a + b + c + d + e", data, estimator="MLR").parameter("t =~ a")
        covered.append(found.low <= truth <= found.high)
    assert 0.91 <= np.mean(covered) <= 0.98


@pytest.mark.long
def test_errors_of_ordinal_items_allow_for_schools_at_their_rate():
    """WLSMV with clusters, 200 samples of 60 schools; nominal 95 %, without clusters far below."""
    covered: dict[str | None, list[bool]] = {None: [], "school": []}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        school = np.repeat(np.arange(60), 12)
        trait = rng.normal(size=(720, 1)) * np.sqrt(0.6) + rng.normal(size=(60, 1))[school] * 0.632
        latent = 0.7 * trait + np.sqrt(0.51) * rng.normal(size=(720, 4))
        codes = np.digitize(latent, [-1, -0.2, 0.5, 1.2]) + 1.0
        data = dict(zip("abcd", codes.T, strict=True)) | {"school": school}
        for cluster, found in covered.items():
            result = cfa("t =~ a + b + c + d", data, estimator="WLSMV", cluster=cluster)
            one = result.parameter("a | t2")
            # one threshold, P(latent < -.2), moves with the schools drawn
            found.append(one.low <= -0.2 <= one.high)
    assert 0.90 <= np.mean(covered["school"]) <= 0.99
    assert np.mean(covered[None]) < 0.85
