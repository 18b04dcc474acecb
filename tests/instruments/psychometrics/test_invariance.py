"""Measurement invariance against lavaan 0.6-14 and semTools 0.5-6, and on groups made to differ."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from against_r import assert_agrees, bfi, frame, reference

from instruments.psychometrics import from_codes, invariance
from instruments.psychometrics.confirmatory.effects import linear_effect
from instruments.psychometrics.confirmatory.samples import Sample
from instruments.psychometrics.estimates import CannotEstimate

R = reference("bfi_invariance")
MODEL = "T =~ a + b + c + d + e"


def assert_tests_agree(result, key, diff, df, p):
    """The difference tests of lavaan::lavTestLRT."""
    table = R[key]["value"]
    at = [table["cols"].index(name) for name in ("Chisq diff", "Df diff", "Pr(>Chisq)")]
    for ours, row in zip(result.differences, table["data"][1:], strict=False):
        chi2, degrees, probability = (row[k] for k in at)
        assert ours.chi2 == pytest.approx(chi2, rel=diff)
        assert ours.df == degrees == df[ours.step]
        assert ours.p == pytest.approx(probability, abs=p)


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_steps_of_continuous_items_agree_with_lavaan(estimator):
    # lavaan::cfa(model, data, group = "gender", group.equal = ..., std.lv = TRUE); lavTestLRT
    result = invariance(R["model"], bfi(), by="gender", estimator=estimator)
    assert list(result.steps) == ["configural", "metric", "scalar", "strict"]
    for name, step in result.steps.items():
        assert_agrees(step, R[f"{estimator}_{name}"], groups=("1", "2"))
    assert_tests_agree(
        result, f"{estimator}_lrt", 1e-5, {"metric": 20, "scalar": 20, "strict": 25}, 1e-5
    )
    assert result.differences[1].cfi < -0.01


def test_steps_of_ordinal_items_agree_with_semtools():
    # semTools::measEq.syntax(ID.cat = "Wu.Estabrook.2016", parameterization = "theta"); lavTestLRT
    result = invariance(R["model"], bfi(), by="gender", estimator="WLSMV", missing="listwise")
    names = {
        "configural": "configural",
        "thresholds": "thresholds",
        "loadings": "thresholds_loadings",
        "intercepts": "thresholds_loadings_intercepts",
    }
    for ours, theirs in names.items():
        step, lavaan = result.steps[ours], R[f"WLSMV_{theirs}"]
        # lavaan stops its search early: our minimum is as low or lower
        assert step.fit.chi2 <= lavaan["fit"]["chisq"] + 1e-6
        assert_agrees(step, lavaan, groups=("1", "2"), chi2=1e-5, near=2e-4)
    assert_tests_agree(
        result, "WLSMV_lrt", 1e-4, {"thresholds": 75, "loadings": 20, "intercepts": 20}, 1e-4
    )
    assert result.differences[3].df == 25


@pytest.mark.parametrize("step", ["thresholds", "intercepts"])
def test_ordinal_steps_of_few_people_are_semtools(step):
    # semTools::measEq.syntax(few_of_both, ...): at this n, weighing groups by n or n - 1 shows
    found = reference("indices")
    data = bfi()
    items = [f"{scale}{k}" for scale in "ACENO" for k in range(1, 6)]
    whole = np.flatnonzero(np.isfinite([data[name] for name in items]).all(axis=0))[:420]
    few = {name: data[name][whole] for name in (*items, "gender")}
    result = invariance(found["models"]["two"], few, by="gender", estimator="WLSMV")
    lavaan = found[f"few_of_both_{step}"]["value"]
    # lavaan stops its search early, and its scaled test is off by 2e-5
    assert_agrees(result.steps[step], lavaan, groups=("1", "2"), chi2=1e-4, errors=5e-4)


def test_ml_steps_from_moments_are_those_from_rows():
    data = bfi()
    names = [f"{scale}{k}" for scale in "ACENO" for k in range(1, 6)]
    codes = np.stack([data[name] for name in names], axis=1)
    codes = np.where(np.isnan(codes), -1, codes).astype(np.int8)
    options = [range(1, 7)] * 25
    groups = {
        name: from_codes(codes[data["gender"] == k], names, options, "listwise")
        for k, name in ((1, "1"), (2, "2"))
    }
    by_moments = invariance(R["model"], groups, by="gender")
    by_rows = invariance(R["model"], data, by="gender")
    assert by_moments.groups == by_rows.groups
    for ours, same in zip(by_moments.differences, by_rows.differences, strict=True):
        assert ours.chi2 == pytest.approx(same.chi2, abs=1e-6)


def two_groups(shift=0.0, steepness=0.8, n=500):
    """Exact samples of two groups; in the second, item c is off by ``shift``."""
    loadings = np.array([0.8, 0.7, 0.8, 0.6, 0.7])
    first = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    other = loadings.copy()
    other[2] = steepness
    second = 1.5 * np.outer(other, other) + np.diag(1 - loadings**2)
    means = 3 + 0.4 * other
    means[2] += shift
    names = tuple("abcde")
    return {
        "x": Sample(names, n, np.full(5, 3.0), first),
        "y": Sample(names, n, means, second),
    }


def test_groups_on_one_scale_pass_every_step():
    result = invariance(MODEL, two_groups(), by="house")
    assert all(abs(one.chi2) < 1e-6 for one in result.differences)
    scalar = result.steps["scalar"]
    assert scalar.parameter("T ~ 1", "y").estimate == pytest.approx(0.4, abs=1e-5)
    assert scalar.parameter("T ~~ T", "y").estimate == pytest.approx(1.5, abs=1e-5)


def test_freeing_one_item_at_a_time_finds_the_one_that_differs():
    result = invariance(MODEL, two_groups(shift=0.5), by="house", one_by_one=True)
    best = result.releases[0]
    assert (best.step, best.item) == ("scalar", "c")
    assert best.chi2 == pytest.approx(result.differences[1].chi2, abs=1e-6)
    partial = invariance(MODEL, two_groups(shift=0.5), by="house", release=[("intercepts", "c")])
    assert partial.differences[1].chi2 == pytest.approx(0, abs=1e-6)
    assert partial.differences[1].df == 3
    assert partial.steps["scalar"].parameter("c ~ 1", "y").estimate == pytest.approx(3.5, abs=1e-4)


def test_dmacs_is_that_of_lavaans_estimates():
    # lavaan::cfa(..., group.partial = the item's), then integrate() over the second group's factor
    value = reference("careless")["dmacs"]
    data = frame("bfi")
    names = [f"{scale}{k}" for scale in "ACENO" for k in range(1, 6)]
    whole = np.isfinite([data[name] for name in (*names, "gender")]).all(axis=0)
    own = {name: data[name][whole] for name in (*names, "gender")}
    found = invariance(value["model"], own, by="gender", effects=True).dmacs["2"]
    assert found == pytest.approx(value["value"], abs=1e-4)


@pytest.mark.parametrize(
    ("loadings", "intercepts", "pooled", "mean", "spread", "expected"),
    [
        # examples of dmacs() in the tests of the R package pinsearch
        ((1, 1), (0.3, 0.5), 1, 0, 1, 0.2),
        ((1, 0.5), (0.8, 0.5), 2, 0.5, 2, np.sqrt(0.3**2 + 2 * 0.3 * 0.25 + 0.25 * 4.25) / 2),
        # the example of dmacs::item_dmacs(), whose 0.38997 has one root of the factor's spread too
        # many: what it sums over standard scores it multiplies by the spread once more
        ((0.76, 0.74), (0.65, 1.28), 1.85, 0.21, np.sqrt(1.76), 0.3899707 / 1.76**0.25),
    ],
)
def test_dmacs_follows_its_worked_examples(loadings, intercepts, pooled, mean, spread, expected):
    def implied(k):
        return SimpleNamespace(
            loadings=np.array([[loadings[k]]]),
            intercepts=np.array([intercepts[k]]),
            centre=np.array([mean]),
            factors=np.array([[spread**2]]),
        )

    sample = SimpleNamespace(n=1000, covariances=np.array([[pooled**2 * 1998 / 2000]]))
    found = linear_effect((implied(0), implied(1)), (sample, sample), 0)
    assert found == pytest.approx(expected, abs=1e-5)


def test_dmacs_is_the_shift_in_pooled_standard_deviations():
    groups = two_groups(shift=0.5)
    result = invariance(MODEL, groups, by="house", effects=True)
    pooled = np.sqrt(sum(500 * own.covariances[2, 2] for own in groups.values()) / 998)
    assert result.dmacs["y"]["c"] == pytest.approx(0.5 / pooled, abs=1e-4)
    assert result.dmacs["y"]["c"] == max(result.dmacs["y"].values())
    steep = invariance(MODEL, two_groups(steepness=0.5), by="house", effects=True).dmacs["y"]["c"]
    spread = two_groups(steepness=0.5)["y"].covariances[2, 2]
    # 0.3 steeper for the first, over a factor with mean 0.4 and variance 1.5
    expected = 0.3 * np.sqrt(0.4**2 + 1.5) / np.sqrt((500 + 500 * spread) / 998)
    assert steep == pytest.approx(expected, abs=1e-4)


def answers(n=1200, seed=1, odd=0.0, options=5):
    """Ordinal answers of two houses; in the second, item c is ``odd`` harder."""
    rng = np.random.default_rng(seed)
    house = np.repeat(["x", "y"], n // 2)
    trait = rng.normal(size=n) + 0.4 * (house == "y")
    latent = 0.7 * trait[:, None] + rng.normal(size=(n, 5)) * 0.7
    latent[house == "y", 2] -= odd
    cuts = np.linspace(-1.1, 1.1, options - 1)
    columns = dict(zip("abcde", (np.digitize(latent, cuts) + 1.0).T, strict=True))
    return columns | {"house": house}


def test_ordinal_steps_find_the_item_that_differs():
    result = invariance(
        MODEL, answers(odd=0.6), by="house", estimator="WLSMV", one_by_one=True, effects=True
    )
    against = {one.step: one for one in result.differences}
    assert against["thresholds"].p > 0.01
    assert against["loadings"].p > 0.01
    assert against["intercepts"].p < 1e-6
    own = [one for one in result.releases if one.step == "intercepts"]
    assert own[0].item == "c"
    assert max(result.dmacs["y"], key=result.dmacs["y"].get) == "c"
    assert result.dmacs["y"]["c"] > 0.3
    freed = invariance(
        MODEL,
        answers(odd=0.6),
        by="house",
        estimator="WLSMV",
        release=[("intercepts", "c")],
    )
    step = freed.steps["intercepts"]
    assert step.parameter("c ~ 1", "y").estimate < -0.5
    assert {one.step: one.p for one in freed.differences}["intercepts"] > 0.01


def test_releasing_thresholds_releases_all_of_an_item():
    result = invariance(
        MODEL, answers(), by="house", estimator="WLSMV", release=[("thresholds", "c")]
    )
    step = result.steps["intercepts"]
    assert step.parameter("c | t1", "x").estimate != step.parameter("c | t1", "y").estimate
    assert step.parameter("c ~~ c", "y").estimate == 1
    assert [one.df for one in result.differences] == [8, 3, 3, 4]


def test_items_of_two_and_three_options_have_less_to_test():
    two = invariance(MODEL, answers(options=2), by="house", estimator="WLSMV")
    assert [one.df for one in two.differences if one.df] == [4, 4]
    assert two.differences[0].reason == (
        "this step restricts nothing further: there is nothing to test"
    )
    three = invariance(MODEL, answers(options=3), by="house", estimator="WLSMV")
    assert [one.df for one in three.differences] == [None, 4, 4, 5]


def test_an_option_that_a_group_lacks_is_merged_in_all_or_refused():
    data = answers()
    data["b"] = np.where((data["house"] == "y") & (data["b"] == 5), 4, data["b"])
    result = invariance(MODEL, data, by="house", estimator="WLSMV")
    assert result.notices == ("Options of b merged in all groups: 5 with 4 (nobody in y).",)
    thresholds = [one for one in result.steps["thresholds"].parameters if one.op == "|"]
    assert sum(one.lhs == "b" and one.group == "x" for one in thresholds) == 3
    with pytest.raises(CannotEstimate, match="nobody in y answered 5 to b"):
        invariance(MODEL, data, by="house", estimator="WLSMV", merge=False)


@pytest.mark.parametrize("estimator", ["ML", "MLR", "WLSMV"])
def test_groups_that_cannot_be_compared_get_a_reason(estimator):
    data = answers()
    with pytest.raises(CannotEstimate, match="house has one value only"):
        invariance(MODEL, data | {"house": np.full(1200, "x")}, by="house", estimator=estimator)
    house = np.full(1200, "x")
    house[:5] = "z"
    with pytest.raises(CannotEstimate, match=r"too few people for 5 items in z \(5\)"):
        invariance(MODEL, data | {"house": house}, by="house", estimator=estimator)
    with pytest.raises(CannotEstimate, match="house has 1200 values; choose a column with 30"):
        invariance(MODEL, data | {"house": np.arange(1200)}, by="house", estimator=estimator)
    same = np.where(data["house"] == "y", 3.0, data["a"])
    with pytest.raises(CannotEstimate, match=r"(in y|in y: everybody) gave the same answer to a"):
        invariance(MODEL, data | {"a": same}, by="house", estimator=estimator)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"release": [("slopes", "a")]}, "release names 'slopes'; it may name loadings"),
        ({"release": [("loadings", "z")]}, "release names 'z', which the model does not have"),
        ({"by": "team"}, "the data have no column team"),
        ({"estimator": "ULS"}, "estimator must be one of"),
        ({"missing": "pairwise"}, "missing='pairwise' does not go with ML"),
    ],
)
def test_options_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        invariance(MODEL, answers(), **({"by": "house"} | change))


def test_a_group_of_few_people_is_left_out_and_named():
    data = answers()
    house = data["house"].copy()
    house[:5] = "z"
    result = invariance(MODEL, data | {"house": house}, by="house")
    assert list(result.groups) == ["x", "y"]
    assert result.notices == ("Left out, too few people for 5 items in z (5).",)


def test_steps_with_missing_answers_use_everybody():
    data = answers(odd=0.6)
    gone = np.random.default_rng(3).random(1200) < 0.2
    data["a"] = np.where(gone, np.nan, data["a"])
    for estimator in ("ML", "MLR"):
        result = invariance(
            MODEL, data, by="house", estimator=estimator, missing="fiml", effects=True
        )
        assert sum(result.groups.values()) == 1200
        assert result.differences[0].p > 0.001
        assert result.differences[1].p < 1e-6
        assert max(result.dmacs["y"], key=result.dmacs["y"].get) == "c"


def test_people_without_a_group_are_left_out_and_counted():
    data = answers()
    house = data["house"].astype(object)
    house[:7] = None
    result = invariance(MODEL, data | {"house": house}, by="house")
    assert result.notices == ("7 people without a value of house left out.",)
    assert sum(result.groups.values()) == 1193


def test_a_result_prints_and_becomes_a_frame_and_json():
    result = invariance(
        MODEL, answers(odd=0.6), by="house", estimator="WLSMV", one_by_one=True, effects=True
    )
    assert "unique variances" in str(result)
    assert "If one item may differ" in str(result)
    assert result.to_frame().loc["intercepts", "difference_df"] == 4
    values = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert values["differences"][0]["against"] == "configural"
    assert values["dmacs"]["y"]["c"] > 0.3


@pytest.mark.long
def test_the_difference_test_rejects_at_its_rate_where_groups_are_alike():
    """WLSMV thresholds step, 200 samples; nominal 5 %."""
    rejected = [
        invariance(MODEL, answers(n=600, seed=seed), by="house", estimator="WLSMV").differences[0].p
        < 0.05
        for seed in range(200)
    ]
    assert 0.01 <= np.mean(rejected) <= 0.10


def test_three_groups_are_compared_with_the_first():
    groups = two_groups(shift=0.5)
    groups["z"] = replace(groups["x"], n=300)
    result = invariance(MODEL, groups, by="house", effects=True)
    assert result.groups == {"x": 500, "y": 500, "z": 300}
    assert result.dmacs["z"]["c"] < 0.05 < result.dmacs["y"]["c"]
    assert result.differences[0].df == 8
