import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from instruments.psychometrics.careless import (
    even_odd,
    long_string,
    mahalanobis,
    synonyms,
    variability,
)
from instruments.psychometrics.estimates import NotEstimated, or_reason

CODES = hnp.arrays(
    np.int8, st.tuples(st.integers(0, 20), st.integers(1, 8)), elements=st.integers(-2, 5)
)
SCALES = {"a": range(4), "b": range(4, 8), "c": range(8, 12), "d": range(12, 16)}


def staff(seed=1, n=400, careless=20) -> np.ndarray:
    """Four scales of four items, answered with care but for the last people, who answer anyhow."""
    rng = np.random.default_rng(seed)
    factors = np.repeat(rng.standard_normal((n, 4)), 4, axis=1)
    latent = 0.85 * factors + 0.53 * rng.standard_normal((n, 16))
    codes = np.searchsorted([-1.5, -0.5, 0.5, 1.5], latent).astype(np.int8) + 1
    codes[n - careless :] = rng.integers(1, 6, (careless, 16))
    return codes.astype(np.int8)


def test_the_longest_run_is_counted_and_a_gap_ends_it():
    codes = np.array(
        [[3, 3, 3, 3, 1, 2], [3, 3, -1, 3, 3, 3], [1, 2, 1, 2, 1, 2], [-1] * 6], np.int8
    )
    found = long_string(codes)
    assert found.values[:3].tolist() == [4, 3, 1]
    assert found.flagged.tolist() == [True, False, False, False]
    assert found.judged.tolist() == [True, True, True, False]
    assert found.limit == 3
    assert "Curran" in found.limit_source
    assert long_string(codes, limit=5).flagged.sum() == 0


def test_variability_is_the_standard_deviation_of_a_persons_answers():
    codes = np.array([[1, 2, 3, 4], [3, 3, 3, 3], [1, 5, -1, -1], [2, -1, -1, -1]], np.int8)
    found = variability(codes)
    expected = [np.std([1, 2, 3, 4], ddof=1), 0, np.std([1, 5], ddof=1)]
    assert found.values[:3] == pytest.approx(expected)
    assert found.flagged.tolist() == [False, True, False, False]
    assert not found.judged[3]


@pytest.mark.parametrize("sign", [lambda c: even_odd(c, SCALES), synonyms])
def test_people_who_answer_anyhow_are_told_from_those_who_take_care(sign):
    found = sign(staff())
    assert found.flagged[380:].mean() > 0.3
    assert found.flagged[:380].mean() < 0.12
    assert found.values[found.judged].max() <= 1


def test_a_far_away_pattern_is_flagged_and_chance_flags_few():
    codes = staff(careless=0)
    codes[0] = [1, 5, 1, 5] * 4
    found = mahalanobis(codes)
    assert found.flagged[0]
    assert found.flagged.mean() < 0.03
    z = (codes - codes.mean(axis=0)) / codes.std(axis=0)
    r = np.corrcoef(codes, rowvar=False)
    expected = np.einsum("ni,ij,nj->n", z, np.linalg.inv(r), z)
    assert found.values == pytest.approx(expected)


def test_a_missing_answer_leaves_the_others_to_be_judged():
    codes = staff(careless=0)
    codes[1, :8] = -1
    codes[2] = -1
    found = mahalanobis(codes)
    assert found.judged[1]
    assert not found.judged[2]
    assert found.values[1] < 60
    assert found.to_json()["values"][2] is None


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: mahalanobis(np.ones((50, 1), np.int8)), "too few items"),
        (lambda: mahalanobis(staff()[:20]), "too few answers"),
        (lambda: mahalanobis(np.repeat(staff()[:, :2], 2, axis=1)), "repeat each other"),
        (lambda: mahalanobis(np.ones((90, 3), np.int8)), "answered one alike"),
        (lambda: even_odd(staff(), {"a": range(4), "b": range(4, 8)}), "three scales"),
        (lambda: synonyms(np.random.default_rng(1).integers(1, 6, (99, 5)).astype(np.int8)), "0 p"),
    ],
)
def test_what_cannot_be_judged_says_why(call, reason):
    found = or_reason(call)
    assert isinstance(found, NotEstimated)
    assert reason in found.reason


@settings(max_examples=100, deadline=None)
@given(CODES)
def test_every_sign_is_proper_or_has_a_reason(codes):
    scales = {name: range(k, codes.shape[1], 3) for k, name in enumerate("abc")}
    calls = (long_string, variability, synonyms, mahalanobis, lambda c: even_odd(c, scales))
    for call in calls:
        found = or_reason(call, codes)
        if isinstance(found, NotEstimated):
            assert found.reason
            continue
        assert np.isfinite(found.values[found.judged]).all()
        assert not (found.flagged & ~found.judged).any()
        assert len(found.values) == len(codes)
        assert "flagged" in str(found)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_the_order_of_people_changes_nothing_but_the_order(seed):
    codes = staff(seed, 150)
    order = np.random.default_rng(seed).permutation(150)
    for call in (long_string, variability, lambda c: even_odd(c, SCALES), mahalanobis):
        expected = call(codes).values[order]
        assert call(codes[order]).values == pytest.approx(expected, abs=1e-9, nan_ok=True)
