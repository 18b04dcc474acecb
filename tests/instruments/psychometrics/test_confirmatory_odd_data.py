"""Data that a confirmatory model cannot be fitted to: a result or a reason, never a silent NaN."""

import json

import numpy as np
import pytest

from instruments.psychometrics import cfa
from instruments.psychometrics.confirmatory.samples import Sample
from instruments.psychometrics.estimates import CannotEstimate

MODEL = "T =~ a + b + c + d"
ESTIMATORS = (("ML", None), ("MLR", None), ("WLSMV", None), ("ML", "fiml"), ("MLR", "fiml"))


def answers(n=300, seed=1, strength=0.8, options=5):
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(n, 1))
    latent = strength * trait + np.sqrt(1 - strength**2) * rng.normal(size=(n, 4))
    cuts = np.linspace(-1.2, 1.2, options - 1)
    return dict(zip("abcd", (np.digitize(latent, cuts) + 1.0).T, strict=True))


def assert_proper(result):
    """JSON refuses NaN and infinity."""
    json.dumps(result.to_json(), allow_nan=False)
    assert str(result)


@pytest.mark.parametrize(("estimator", "missing"), ESTIMATORS)
def test_a_constant_item_is_named(estimator, missing):
    data = answers() | {"b": np.full(300, 3.0)}
    with pytest.raises(CannotEstimate, match="everybody gave the same answer to b"):
        cfa(MODEL, data, estimator=estimator, missing=missing)


@pytest.mark.parametrize(("estimator", "missing"), ESTIMATORS)
def test_perfect_correlation_is_named(estimator, missing):
    data = answers()
    data["b"] = data["a"]
    with pytest.raises(CannotEstimate, match=r"one of a, b can be|a and b order people alike"):
        cfa(MODEL, data, estimator=estimator, missing=missing)


@pytest.mark.parametrize(("estimator", "missing"), ESTIMATORS)
def test_two_options_are_enough(estimator, missing):
    assert_proper(cfa(MODEL, answers(options=2), estimator=estimator, missing=missing))


@pytest.mark.parametrize(("estimator", "missing"), ESTIMATORS)
def test_an_option_that_nobody_used_does_no_harm(estimator, missing):
    data = answers()
    data["c"] = np.where(data["c"] == 3, 4.0, data["c"])
    result = cfa(MODEL, data, estimator=estimator, missing=missing)
    assert_proper(result)
    assert sum(one.op == "|" and one.lhs == "c" for one in result.parameters) in (0, 3)


@pytest.mark.parametrize(("estimator", "missing"), ESTIMATORS)
def test_fewer_people_than_items(estimator, missing):
    data = {name: column[:4] for name, column in answers(seed=3).items()}
    with pytest.raises(CannotEstimate, match="4 people are too few for 4 items"):
        cfa(MODEL, data, estimator=estimator, missing=missing)


@pytest.mark.parametrize(("estimator", "missing"), ESTIMATORS)
def test_a_pair_that_nobody_answered_both_of(estimator, missing):
    data = answers()
    first = np.arange(300) < 150
    data["a"] = np.where(first, data["a"], np.nan)
    data["b"] = np.where(first, np.nan, data["b"])
    with pytest.raises(CannotEstimate, match=r"0 people answered all|answered both a and b"):
        cfa(MODEL, data, estimator=estimator, missing=missing)


@pytest.mark.parametrize(("estimator", "missing"), ESTIMATORS)
def test_an_item_that_nobody_answered(estimator, missing):
    data = answers() | {"d": np.full(300, np.nan)}
    with pytest.raises(CannotEstimate, match=r"people answered all|too few|nobody answered d"):
        cfa(MODEL, data, estimator=estimator, missing=missing)


@pytest.mark.parametrize("estimator", ["MLR", "WLSMV"])
def test_one_school_is_no_sample_of_schools(estimator):
    data = answers() | {"school": np.full(300, "Hill")}
    with pytest.raises(CannotEstimate, match="everybody is in one cluster"):
        cfa(MODEL, data, estimator=estimator, cluster="school")


@pytest.mark.parametrize(("estimator", "missing"), ESTIMATORS)
def test_an_item_keyed_the_wrong_way_loads_negatively(estimator, missing):
    data = answers()
    data["d"] = 6 - data["d"]
    result = cfa(MODEL, data, estimator=estimator, missing=missing)
    assert result.parameter("T =~ d").std < -0.5
    assert_proper(result)


def test_a_heywood_case_is_said_aloud():
    correlations = np.array([[1, 0.8, 0.7], [0.8, 1, 0.4], [0.7, 0.4, 1.0]])
    sample = Sample(("a", "b", "c"), 200, np.zeros(3), correlations)
    result = cfa("T =~ a + b + c", sample)
    assert result.notices == (
        "The variance of a is negative (Heywood case): do not trust this solution.",
    )
    assert_proper(result)


def test_factors_that_cannot_be_told_apart_are_named():
    data = answers(n=2000)
    result = cfa("A =~ a + b\nB =~ c + d", data)
    phi = result.parameter("A ~~ B").estimate
    assert abs(phi) < 1 or any("cannot be told apart" in notice for notice in result.notices)


@pytest.mark.parametrize(("estimator", "missing"), ESTIMATORS)
def test_too_many_parameters_are_counted(estimator, missing):
    data = answers(strength=0.5)
    with pytest.raises(CannotEstimate, match=r"the model has .* parameters, and the data only"):
        cfa("A =~ a + b + c + d\nB =~ a + b + c + d", data, estimator=estimator, missing=missing)


def test_a_model_that_is_not_identified_names_the_parameters():
    with pytest.raises(CannotEstimate, match=r"not identified: see|no solution was found"):
        cfa("A =~ a + b\nB =~ c + d\nA ~~ 0*B", answers(n=1000))


def test_items_that_do_not_correlate_get_a_result_or_a_reason():
    rng = np.random.default_rng(5)
    found = 0
    for seed in range(10):
        data = dict(zip("abcd", rng.normal(size=(4, 200 + seed)), strict=True))
        try:
            assert_proper(cfa(MODEL, data))
        except CannotEstimate:
            continue
        found += 1
    assert found > 0


def test_a_just_identified_model_has_no_test():
    result = cfa("T =~ a + b + c", answers())
    assert result.fit.df == 0
    assert result.fit.p is None
    assert result.fit.rmsea is None
    assert_proper(result)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"estimator": "ULS"}, "estimator must be one of ML, MLR, WLSMV, not 'ULS'"),
        ({"missing": "mean"}, "missing must be"),
        ({"missing": "pairwise"}, "is for WLSMV"),
        ({"cluster": "school"}, "clusters need estimator"),
        ({"estimator": "MLR", "cluster": "house"}, "the data have no column house"),
    ],
)
def test_options_that_do_not_go_together_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        cfa(MODEL, answers(), **change)


def test_data_that_lack_an_item_or_hold_words_are_refused():
    with pytest.raises(ValueError, match="the data have no item e"):
        cfa("T =~ a + b + e", answers())
    with pytest.raises(ValueError, match="b holds something other than numbers"):
        cfa(MODEL, answers() | {"b": np.full(300, "often")})
    with pytest.raises(ValueError, match="MLR needs people's answers"):
        cfa(MODEL, Sample(("a", "b", "c", "d"), 9, np.zeros(4), np.eye(4)), estimator="MLR")
    with pytest.raises(ValueError, match="a has 300 different answers: too many for WLSMV"):
        cfa(MODEL, answers() | {"a": np.arange(300.0)}, estimator="WLSMV")


def test_an_ordinal_item_without_variance_of_its_own_is_named():
    rng = np.random.default_rng(1)
    trait = rng.normal(size=400)
    data = {"a": np.digitize(trait, [-1, 0, 1]) + 1.0}
    for name in "bcd":
        data[name] = np.digitize(trait + 1.2 * rng.normal(size=400), [-1, 0, 1]) + 1.0
    delta = cfa(MODEL, data, estimator="WLSMV")
    assert delta.notices == (
        "The variance of a is negative (Heywood case): do not trust this solution.",
    )
    with pytest.raises(CannotEstimate, match="a keeps no variance of its own"):
        cfa(MODEL, data, estimator="WLSMV", parameterisation="theta")


def test_a_correlation_that_nobody_moves_is_named():
    a = [4, 1, 1, 3, 1, 1, 3, 3, 4]
    b = [3, 2, 1, 2, 2, 1, 3, 3, 3]
    data = {"a": np.array(a, float), "b": np.array(b, float), "c": np.arange(9) % 3 + 1.0}
    with pytest.raises(CannotEstimate, match="a and b are answered by too few people"):
        cfa("T =~ a + b + c", data, estimator="WLSMV")
