"""What must not move a confirmatory model: order, units, labels; and what it must give back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.psychometrics import cfa, invariance

SCALES = {"A": ["a1", "a2", "a3", "a4"], "B": ["b1", "b2", "b3", "b4"]}
ITEMS = [item for items in SCALES.values() for item in items]
LOADING, CORRELATION = 0.7, 0.4
SEEDS = st.integers(0, 10_000)
ESTIMATORS = st.sampled_from(["ML", "MLR", "WLSMV"])


def answers(seed: int, n: int = 250) -> dict[str, np.ndarray]:
    """Five-point answers to two scales."""
    rng = np.random.default_rng(seed)
    traits = rng.multivariate_normal([0, 0], [[1, CORRELATION], [CORRELATION, 1]], size=n)
    latent = LOADING * np.repeat(traits, 4, axis=1)
    latent += np.sqrt(1 - LOADING**2) * rng.standard_normal((n, 8))
    return dict(zip(ITEMS, (np.digitize(latent, [-1.3, -0.4, 0.4, 1.3]) + 1.0).T, strict=True))


def figures(result) -> dict[str, float]:
    """Standardised estimates with their errors, and the fit."""
    found = {}
    for one in result.parameters:
        if one.op in ("=~", "~~"):
            ends = (one.lhs, one.rhs) if one.op == "=~" else tuple(sorted((one.lhs, one.rhs)))
            found[f"{ends} {one.op}"] = one.std
            found[f"{ends} {one.op} se"] = one.std_se or 0.0
    return found | {name: getattr(result.fit, name) for name in ("chi2", "cfi", "rmsea", "srmr")}


def assert_same(one, other):
    assert figures(other) == pytest.approx(figures(one), abs=2e-6, rel=2e-6)


@settings(max_examples=12, deadline=None)
@given(SEEDS, ESTIMATORS)
def test_the_order_of_items_factors_and_people_changes_nothing(seed, estimator):
    data, rng = answers(seed), np.random.default_rng(seed)
    turned = {name: list(rng.permutation(SCALES[name])) for name in rng.permutation(list(SCALES))}
    people = rng.permutation(250)
    shuffled = {name: column[people] for name, column in data.items()}
    plain = cfa(SCALES, data, estimator=estimator)
    assert_same(plain, cfa(turned, shuffled, estimator=estimator))


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.floats(0.05, 20), st.floats(-50, 50), st.sampled_from(["ML", "MLR"]))
def test_units_of_an_item_move_its_loading_and_nothing_standardised(seed, unit, origin, estimator):
    data = answers(seed)
    changed = data | {"a2": unit * data["a2"] + origin}
    plain, other = (cfa(SCALES, each, estimator=estimator) for each in (data, changed))
    assert_same(plain, other)
    name = "A =~ a2"
    assert other.parameter(name).estimate == pytest.approx(
        unit * plain.parameter(name).estimate, rel=1e-5
    )


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.lists(st.integers(0, 100), min_size=5, max_size=5, unique=True).map(sorted))
def test_labels_in_the_same_order_change_nothing_for_ordinal_items(seed, labels):
    data = answers(seed)
    codes = np.array(labels, dtype=float)
    changed = data | {"b3": codes[data["b3"].astype(int) - 1]}
    plain, other = (cfa(SCALES, each, estimator="WLSMV") for each in (data, changed))
    assert_same(plain, other)


@settings(max_examples=8, deadline=None)
@given(SEEDS, st.sampled_from(["ML", "WLSMV"]))
def test_names_of_groups_change_nothing(seed, estimator):
    data = answers(seed, 500)
    house = np.where(np.arange(500) % 2, "x", "y")
    plain = invariance(SCALES, data | {"house": house}, by="house", estimator=estimator)
    named = np.where(house == "x", "Ash", "Birch")
    other = invariance(SCALES, data | {"house": named}, by="house", estimator=estimator)
    for one, again in zip(plain.steps.values(), other.steps.values(), strict=True):
        assert again.fit.chi2 == pytest.approx(one.fit.chi2, rel=1e-7)


@pytest.mark.parametrize("estimator", ["ML", "WLSMV"])
def test_known_loadings_come_back_within_sampling_error(estimator):
    # cut into five options the loadings of ML shrink; those of WLSMV do not
    rng = np.random.default_rng(8)
    found = []
    for seed in rng.integers(0, 2**31, 40):
        result = cfa(SCALES, answers(int(seed), 400), estimator=estimator)
        own = [one.std for one in result.parameters if one.op == "=~"]
        found.append([float(np.mean(own)), result.parameter("A ~~ B").std])
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert abs(mean[1] - CORRELATION) < 3 * error[1]
    if estimator == "WLSMV":
        assert abs(mean[0] - LOADING) < 3 * error[0]
    else:
        assert LOADING - 0.08 < mean[0] < LOADING - 3 * error[0]
