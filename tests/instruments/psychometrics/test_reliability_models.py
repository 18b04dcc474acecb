"""Reliability from factor models and splits, and whether scales differ, against R."""

import json
import re
from itertools import combinations

import numpy as np
import pytest
from against_r import frame, reference
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from instruments.psychometrics import composite, from_codes, intervals
from instruments.psychometrics.composite import ave, composite_reliability
from instruments.psychometrics.estimates import CannotEstimate, Estimate, NotEstimated, or_reason
from instruments.psychometrics.halves import guttman, split_halves
from instruments.psychometrics.hierarchical import omega_hierarchical, schmid_leiman
from instruments.psychometrics.omega_levels import omega_by_level
from instruments.psychometrics.omegas import omega
from instruments.psychometrics.ordinal import green_yang, omega_categorical, ordinal_alpha
from instruments.psychometrics.polychorics import polychoric
from instruments.psychometrics.reliability import (
    alpha,
    alpha_standardised,
    average_r,
    feldt_interval,
    spearman_brown,
)
from instruments.psychometrics.validity import factor_correlations, htmt, vif
from tests.instruments.psychometrics.conftest import REFERENCE

SCALES = {
    **{code: ("bfi", tuple(f"{code}{k}" for k in range(1, 6))) for code in "ACENO"},
    "LEAD": ("lq2002", tuple(f"LEAD{k:02}" for k in range(1, 12))),
    "TSIG": ("lq2002", tuple(f"TSIG{k:02}" for k in range(1, 4))),
    "HOSTILE": ("lq2002", tuple(f"HOSTIL{k:02}" for k in range(1, 6))),
}
BIG_FIVE = {code: SCALES[code][1] for code in "ACENO"}


@pytest.fixture(params=SCALES)
def scale(request):
    """Names, complete cases and R's values of one scale."""
    name, items = SCALES[request.param]
    data = request.getfixturevalue(name)
    return items, data.complete(*items), data.reliability[request.param]


def value_of(expected, name):
    found = expected[name]["value"]
    return found["f"] if set(found) == {"f"} else found


def one_factor_answers(seed, n=300, loadings=(0.8, 0.7, 0.6, 0.5, 0.7), groups=None):
    rng = np.random.default_rng(seed)
    factor, own = rng.standard_normal((n, 1)), rng.standard_normal((n, len(loadings)))
    if groups is not None:
        factor = 0.8 * factor + 0.6 * rng.standard_normal((groups.max() + 1, 1))[groups]
    lam = np.array(loadings)
    return np.searchsorted([-1.5, -0.7, 0.2, 1.1], factor * lam + own * np.sqrt(1 - lam**2)) + 1.0


def test_alpha_of_pairs_is_that_of_r(request):
    # psych::alpha(x) with missing answers, and psych::alpha.ci with n = rows
    for code, (name, items) in SCALES.items():
        data = request.getfixturevalue(name)
        expected = data.reliability[code]["alpha_pairwise"]["value"]
        places = [data.names.index(item) for item in items]
        reverse = [item for item in items if item in data.reverse]
        options = [data.options] * len(items)
        moments = from_codes(data.codes[:, places], items, options, reverse=reverse)
        found = alpha(moments)
        assert found.value == pytest.approx(expected["total"]["raw_alpha"], abs=1e-10)
        assert found.n == moments.smallest_n
        feldt = expected["feldt_ci_psych_alpha_ci"]
        # psych takes all rows for n, with missing answers too
        limits = feldt_interval(found.value, moments.people, len(items))
        assert limits == pytest.approx((feldt["lower.ci"], feldt["upper.ci"]), abs=1e-10)
        assert found.low <= limits[0] + 1e-12


def test_composite_reliability_and_its_error_are_those_of_r(scale):
    # semTools::compRelSEM(cfa, obs.var = FALSE); lavaan's delta-method interval of the same
    names, answers, expected = scale
    found = composite_reliability(answers, names)
    value = value_of(expected, "compRelSEM_ml_obsvarF")
    assert found.value == pytest.approx(value, abs=1e-5)
    raykov = value_of(expected, "omega_ci_delta")
    options = [sorted(set(column.astype(int))) for column in answers.T]
    moments = from_codes(answers.astype(np.int8), names, options, "listwise")
    normal = composite_reliability(moments)
    # lavaan's interval is plain Wald: compare the width
    assert (normal.high - normal.low) / 2 / 1.96 == pytest.approx(raykov["se"], rel=0.08)
    assert "normal-theory" in normal.method


def test_the_slopes_behind_intervals_of_a_likelihood_factor_are_right():
    covariances = np.cov(one_factor_answers(1), rowvar=False)

    def figure(loadings, unique):
        return float(loadings.sum() ** 2 / (loadings.sum() ** 2 + unique.sum()))

    _, found = composite._of_one_factor(figure, covariances)

    def again(matrix):
        return composite._of_one_factor(figure, matrix)[0]

    assert found == pytest.approx(intervals.slopes(again, covariances, diagonal=True), abs=1e-6)


def test_average_variance_extracted_is_that_of_r(scale):
    # semTools::AVE(lavaan::cfa(one factor))
    names, answers, expected = scale
    assert ave(answers, names).value == pytest.approx(value_of(expected, "AVE"), abs=1e-5)


def test_ordinal_alpha_is_that_of_r(scale):
    # psych::alpha(psych::polychoric(na.omit(x), correct = 0)$rho)
    names, answers, expected = scale
    total = expected["ordinal_alpha"]["value"]["total"]
    assert ordinal_alpha(answers, names).value == pytest.approx(total["raw_alpha"], abs=1e-4)


def test_categorical_omega_is_that_of_r(scale):
    # semTools::compRelSEM(lavaan::cfa(one factor, ordered = TRUE, estimator = "WLSMV"))
    names, answers, expected = scale
    found = omega_categorical(answers, names)
    assert found.value == pytest.approx(value_of(expected, "compRelSEM_ordinal"), abs=1e-4)
    assert found.low < found.value < found.high < 1


@pytest.mark.parametrize("name", ["bfi", "lq2002"])
def test_green_and_yangs_formula_is_that_of_r_for_several_factors(name, request):
    # semTools::compRelSEM(lavaan::cfa(model, ordered = TRUE)): loadings and thresholds of the fit
    expected = json.loads((REFERENCE / f"{name}_factors.json").read_text())
    fit = expected["wlsmv_delta"]["value"]
    rows = list(zip(fit["lhs"], fit["op"], fit["rhs"], fit["est"], strict=True))
    data = request.getfixturevalue(name)
    options = [range(1, 7)] * 25 if name == "bfi" else [range(1, 6)] * 14 + [range(5)] * 5
    moments = from_codes(data.codes, data.names, options, "listwise", reverse=data.reverse)
    for factor, value in expected["compRelSEM_ord"]["value"].items():
        loadings = {rhs: est for lhs, op, rhs, est in rows if (lhs, op) == (factor, "=~")}
        cuts = [
            np.array([est for lhs, op, _, est in rows if (lhs, op) == (item, "|")])
            for item in loadings
        ]
        r = polychoric(moments.take(tuple(loadings))).correlations
        found = green_yang(cuts, np.array(list(loadings.values())), r)
        assert found == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(("name", "code"), [("bfi", "all25"), ("lq2002", "LEAD")])
def test_omega_hierarchical_is_that_of_r(name, code, request):
    # psych::omega(na.omit(x), nfactors = 3, fm = "minres", flip = FALSE)
    data = request.getfixturevalue(name)
    items = data.names if code == "all25" else SCALES[code][1]
    answers = data.complete(*items)
    expected = data.reliability[code]["omega_3factor"]["value"]
    found = schmid_leiman(np.corrcoef(answers, rowvar=False))
    assert found.omega_hierarchical == pytest.approx(expected["omega_h"], abs=1e-4)
    assert found.omega_total == pytest.approx(expected["omega_tot"], abs=1e-4)


@pytest.mark.parametrize(("name", "factors"), [("bfi", 5), ("lq2002", 3)])
def test_schmid_and_leimans_loadings_are_those_of_r(name, factors, request):
    # psych::omega(na.omit(x), nfactors = m, fm = "minres", flip = FALSE)$schmid$sl
    data = request.getfixturevalue(name)
    expected = data.structure["omega"]["value"]
    found = schmid_leiman(np.array(data.structure["pearson"]["data"]), factors=factors)
    general = np.array(expected["schmid_sl"]["data"])[:, 0]
    sign = np.sign(general @ found.general)
    assert sign * found.general == pytest.approx(general, abs=1e-3)
    assert found.omega_hierarchical == pytest.approx(expected["omega_h"], abs=1e-4)


def test_guttmans_lambdas_are_those_of_r(scale):
    # psych::guttman(na.omit(x))
    _, answers, expected = scale
    value = expected["guttman_complete"]["value"]
    for which in (1, 2, 3, 5, 6):
        found = guttman(answers, which)
        assert found.value == pytest.approx(value[f"lambda.{which}"], abs=1e-10)
        assert found.low < found.value < found.high


def test_split_halves_are_those_of_r_over_the_splits_that_r_looks_at(scale):
    # psych::splitHalf(na.omit(x)): of an odd number of items, the first half of the splits
    names, answers, expected = scale
    k, r = len(names), np.corrcoef(answers, rowvar=False)
    every = [
        4 * r[np.ix_(one, [j for j in range(k) if j not in one])].sum() / r.sum()
        for one in combinations(range(k), k // 2)
    ]
    found = split_halves(answers)
    assert found.best.value == pytest.approx(max(every), abs=1e-10)
    assert found.worst.value == pytest.approx(min(every), abs=1e-10)
    assert found.mean.value == pytest.approx(np.mean(every), abs=1e-10)
    assert (found.splits, found.every) == (len(every), True)
    value = expected["splitHalf_complete"]["value"]
    if k > 3:  # of three items psych looks at one split and mixes in something else
        seen = every[: len(every) // 2]
        figures = (value["maxrb"], value["minrb"], value["meanr"])
        assert (max(seen), min(seen), np.mean(seen)) == pytest.approx(figures, abs=1e-10)


def test_of_many_items_some_splits_are_drawn():
    rng = np.random.default_rng(1)
    answers = rng.standard_normal((100, 1)) + rng.standard_normal((100, 20))
    found = split_halves(answers, seed=3)
    assert (found.splits, found.every) == (10_000, False)
    assert found.worst.value < found.mean.value < found.best.value
    assert split_halves(answers, seed=3) == found


@pytest.mark.parametrize("name", ["bfi", "lq2002"])
def test_heterotrait_monotrait_ratios_are_those_of_r(name, request):
    # semTools::htmt(model, data = na.omit(x), htmt2 = TRUE), its default in 0.5-6
    data = request.getfixturevalue(name)
    expected = json.loads((REFERENCE / f"{name}_factors.json").read_text())
    scales = BIG_FIVE
    if name == "lq2002":
        scales = {
            "LEAD": SCALES["LEAD"][1],
            "TSIG": SCALES["TSIG"][1],
            "HOST": SCALES["HOSTILE"][1],
        }
    answers = data.complete(*data.names)
    matrix = expected["htmt2"]["value"]
    found = htmt(answers, scales, names=data.names)
    for (one, other), each in found.pairs.items():
        row, column = matrix["rows"].index(one), matrix["cols"].index(other)
        assert each.value == pytest.approx(matrix["data"][row][column], abs=1e-8)
        assert each.low < each.value < each.high
    first = htmt(answers, scales, names=data.names, mean="arithmetic")
    one, other = list(scales.values())[:2]
    size = np.abs(np.corrcoef(data.complete(*one, *other), rowvar=False))
    if name == "lq2002":  # complete on both scales is complete on all
        k = len(one)
        inside = [size[:k, :k][np.triu_indices(k, 1)], size[k:, k:][np.triu_indices(len(other), 1)]]
        ratio = size[:k, k:].mean() / np.sqrt(inside[0].mean() * inside[1].mean())
        assert first.pairs["LEAD", "TSIG"].value == pytest.approx(ratio)


def test_correlations_of_factors_are_near_those_of_a_confirmatory_model(bfi):
    # lavaan::cfa(model, std.lv = TRUE): a model of all scales at once moves them a little
    expected = json.loads((REFERENCE / "bfi_factors.json").read_text())["ml_stdlv"]["value"]
    found = factor_correlations(bfi.complete(*bfi.names), BIG_FIVE, names=bfi.names)
    rows = zip(expected["lhs"], expected["op"], expected["rhs"], expected["est"], strict=True)
    compared = 0
    for lhs, op, rhs, est in rows:
        if op == "~~" and (lhs, rhs) in found.pairs:
            each = found.pairs[lhs, rhs]
            assert each.value == pytest.approx(est, abs=0.08)
            assert each.low < each.value < each.high
            compared += 1
    assert compared == 10


def test_a_true_correlation_of_factors_is_recovered_and_covered():
    covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        factors = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 250)
        answers = np.repeat(factors, 4, axis=1) * 0.7 + rng.standard_normal((250, 8)) * 0.7
        names = [f"i{k}" for k in range(8)]
        scales = {"a": names[:4], "b": names[4:]}
        each = factor_correlations(answers, scales, names=names).pairs["a", "b"]
        covered += each.low <= 0.5 <= each.high
    # nominal 190; three standard errors of 200 rounds are 9
    assert covered >= 180


def test_inflation_is_that_of_regressions():
    rng = np.random.default_rng(2)
    answers = rng.standard_normal((200, 3)) + 0.8 * rng.standard_normal((200, 1))
    found = vif(answers, names=("a", "b", "c"))
    design = np.column_stack([np.ones(200), answers[:, 1:]])
    left = answers[:, 0] - design @ np.linalg.lstsq(design, answers[:, 0], rcond=None)[0]
    share = 1 - left @ left / ((answers[:, 0] - answers[:, 0].mean()) ** 2).sum()
    assert found.items["a"].value == pytest.approx(1 / (1 - share))
    assert 1 <= found.items["a"].low < found.items["a"].value < found.items["a"].high
    with pytest.raises(CannotEstimate, match="worked out from the others"):
        vif(np.column_stack([answers, answers.sum(axis=1)]))


def test_what_scales_cannot_be_told_apart_by_has_a_reason():
    answers = one_factor_answers(1)
    names = list("abcde")
    with pytest.raises(ValueError, match="unknown items: x"):
        htmt(answers, {"one": ["a", "b"], "two": ["c", "x"]}, names=names)
    with pytest.raises(CannotEstimate, match="fewer than two scales"):
        htmt(answers, {"one": ["a", "b"]}, names=names)
    single = htmt(answers, {"one": ["a", "b"], "two": ["c"]}, names=names).pairs["one", "two"]
    assert isinstance(single, NotEstimated)
    two = factor_correlations(answers, {"one": ["a", "b"], "two": list("cde")}, names=names)
    assert "three items" in two.pairs["one", "two"].reason


def test_a_general_factor_is_recovered():
    general, groups = np.full(9, 0.6), np.kron(np.eye(3), np.ones((3, 1))) * 0.5
    r = np.outer(general, general) + groups @ groups.T
    np.fill_diagonal(r, 1)
    found = schmid_leiman(r)
    assert found.general == pytest.approx(general, abs=1e-4)
    assert found.omega_hierarchical == pytest.approx(general.sum() ** 2 / r.sum(), abs=1e-4)


def test_omega_hierarchical_says_how_its_interval_was_had():
    rng = np.random.default_rng(5)
    general = rng.standard_normal((400, 1))
    groups = np.repeat(rng.standard_normal((400, 3)), 3, axis=1)
    answers = 0.6 * general + 0.5 * groups + 0.6 * rng.standard_normal((400, 9))
    found = omega_hierarchical(answers, draws=50)
    assert found.low < found.value < found.high
    assert "bootstrap over people (50)" in found.method
    schools = np.repeat(np.arange(20), 20)
    assert (
        "bootstrap over clusters" in omega_hierarchical(answers, clusters=schools, draws=20).method
    )
    with pytest.raises(CannotEstimate, match="six items or more"):
        omega_hierarchical(answers[:, :5])


def test_two_items_of_people_who_say_the_same_as_their_cluster_count_once():
    answers = one_factor_answers(3)[:, :2]
    plain = spearman_brown(answers)
    over = spearman_brown(np.repeat(answers, 3, axis=0), clusters=np.repeat(np.arange(300), 3))
    assert over.value == pytest.approx(plain.value)
    assert over.high - over.low == pytest.approx(plain.high - plain.low, rel=0.15)
    assert "over clusters" in over.method


FIGURES = [
    omega,
    alpha_standardised,
    average_r,
    composite_reliability,
    ave,
    ordinal_alpha,
    omega_categorical,
]


@pytest.mark.parametrize("figure", FIGURES)
def test_people_who_say_the_same_as_their_cluster_count_once(figure):
    answers = one_factor_answers(3)
    plain = figure(answers)
    thrice = np.repeat(answers, 3, axis=0)
    over = figure(thrice, clusters=np.repeat(np.arange(300), 3))
    assert over.value == pytest.approx(plain.value, abs=1e-8)
    assert over.high - over.low == pytest.approx(plain.high - plain.low, rel=0.01)
    narrow = figure(thrice)
    assert narrow.high - narrow.low == pytest.approx((plain.high - plain.low) / 3**0.5, rel=0.05)
    assert "over clusters" in over.method
    with pytest.raises(CannotEstimate, match="fewer than two clusters"):
        figure(answers, clusters=np.zeros(300))


@pytest.mark.parametrize("figure", [composite_reliability, ave, ordinal_alpha, omega_categorical])
def test_intervals_cover_the_truth_at_about_their_rate(figure):
    truth = figure(one_factor_answers(0, 200_000)).value
    found = [figure(one_factor_answers(1000 + k, 200)) for k in range(100)]
    covered = sum(each.low <= truth <= each.high for each in found) / 100
    # nominal .95; three standard errors of 100 rounds are .065
    assert covered >= 0.885


@pytest.mark.parametrize("name", ["lead", "lead_late", "task", "hostility"])
def test_omega_by_level_is_that_of_r(name):
    # optim() of one factor's squared residuals, of W and of (B - W) / c (09_levels.R)
    value = reference("levels")[name]["value"]
    data = frame("lq2002")
    answers = np.stack([data[item] for item in value["items"]], axis=1)
    whole = np.isfinite(answers).all(axis=1)
    found = omega_by_level(answers[whole], data["COMPID"][whole].astype(int), value["items"])
    assert found.within.value == pytest.approx(value["within"], abs=1e-8)
    if name.startswith("lead"):
        assert found.between.value == pytest.approx(value["between"], abs=1e-8)
    else:  # R gives a figure where an item keeps no variance of its own; we the reason
        assert "Heywood" in found.between.reason


def test_omega_inside_and_between_schools_are_recovered():
    rng = np.random.default_rng(4)
    school = np.repeat(np.arange(150), 20)
    inside = np.array([0.5, 0.6, 0.7, 0.6])
    between = np.array([0.5, 0.4, 0.5, 0.6])
    answers = rng.standard_normal((3000, 1)) * inside + rng.standard_normal((3000, 4)) * 0.8
    means = rng.standard_normal((150, 1)) * between + rng.standard_normal((150, 4)) * 0.3
    found = omega_by_level(answers + means[school], school)
    true_within = inside.sum() ** 2 / (inside.sum() ** 2 + 4 * 0.64)
    true_between = between.sum() ** 2 / (between.sum() ** 2 + 4 * 0.09)
    assert found.within.value == pytest.approx(true_within, abs=0.03)
    assert found.within.low < true_within < found.within.high
    assert found.between.low < true_between < found.between.high
    assert "between clusters" in found.between.method


def test_schools_that_do_not_differ_have_no_omega_between_them():
    answers = one_factor_answers(8)
    found = omega_by_level(answers, np.arange(300) % 30)
    assert isinstance(found.within, Estimate)
    assert isinstance(found.between, NotEstimated)
    assert re.search("do not differ|share too little|no variance", found.between.reason)
    assert "not estimated" in str(found)
    with pytest.raises(CannotEstimate, match="fewer than two clusters"):
        omega_by_level(answers, np.zeros(300))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([ordinal_alpha, omega_categorical]))
def test_relabelled_answers_are_as_reliable(seed, figure):
    answers = one_factor_answers(seed, 150)
    labels = np.array([0, 1, 4, 5, 9, 12])
    plain, again = or_reason(figure, answers), or_reason(figure, labels[answers.astype(int)] * 1.0)
    order = np.random.default_rng(seed).permutation(5)
    turned = or_reason(figure, answers[:, order])
    if isinstance(plain, NotEstimated):
        assert isinstance(again, NotEstimated)
        return
    assert again.value == pytest.approx(plain.value, abs=1e-9)
    assert turned.value == pytest.approx(plain.value, abs=1e-6)
    assert (turned.low, turned.high) == pytest.approx((plain.low, plain.high), abs=1e-4)


ANSWERS = hnp.arrays(
    np.float64,
    st.tuples(st.integers(0, 14), st.integers(1, 6)),
    elements=st.integers(1, 3).map(float),
)
ANY = [*FIGURES, alpha, lambda x: guttman(x, 2), lambda x: guttman(x, 6), lambda x: guttman(x, 4)]


@settings(max_examples=150, deadline=None)
@given(ANSWERS)
def test_every_figure_is_proper_or_has_a_reason(answers):
    for figure in ANY:
        found = or_reason(figure, answers)
        if isinstance(found, NotEstimated):
            assert len(found.reason) > 10
        else:
            assert isinstance(found, Estimate)
            assert np.isfinite([found.low, found.value, found.high]).all()
            assert found.low <= found.value + 1e-9
            assert found.value <= found.high + 1e-9


def test_items_that_cancel_each_other_out_have_no_ordinal_alpha():
    # its value is -3273, its standard error two million
    rows = ["211", "122", "213", "222", "222", "213", "231", "311", "132"]
    with pytest.raises(CannotEstimate, match="cancel each other out"):
        ordinal_alpha(np.array([list(row) for row in rows], dtype=float))


@pytest.mark.parametrize("value", [1e-10, 0.5, 1 - 1e-10])
def test_the_interval_of_a_share_that_is_hardly_known_is_everything(value):
    assert intervals.share(value, 1.0, 0.95) == pytest.approx((0, 1), abs=0.02)


def test_items_that_follow_from_others_have_no_sixth_bound():
    # singular, but rounding lets it be inverted, to zeros
    rows = ["11121", "12112", "22111", "11121", "11121", "11211"]
    with pytest.raises(CannotEstimate, match="worked out from the others"):
        guttman(np.array([list(row) for row in rows], dtype=float), 6)


def test_what_needs_rows_says_so():
    moments = from_codes(one_factor_answers(1).astype(np.int8), list("abcde"), [range(1, 6)] * 5)
    with pytest.raises(ValueError, match="rows, not Moments"):
        omega(moments, clusters=np.zeros(300))
    with pytest.raises(ValueError, match="whole numbers"):
        ordinal_alpha(one_factor_answers(1) + 0.5)
    with pytest.raises(ValueError, match="1 to 6"):
        guttman(one_factor_answers(1), 7)
    assert omega(moments).value == pytest.approx(omega(one_factor_answers(1)).value)
