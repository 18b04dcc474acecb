import numpy as np
import pytest
from against_r import frame, reference
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from instruments.psychometrics.careless import even_odd, long_string, synonyms, variability
from instruments.psychometrics.distance import mahalanobis
from instruments.psychometrics.estimates import NotEstimated, or_reason

R = reference("careless")
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


@pytest.fixture(scope="module")
def answered():
    """D <- na.omit(bfi[, c(items, "gender")]): items as answered, and keyed."""
    names = [f"{scale}{k}" for scale in "ACENO" for k in range(1, 6)]
    raw, keyed = frame("bfi"), frame("bfi", ("A1", "C4", "C5", "E1", "E2", "O2", "O5"))
    whole = np.isfinite([raw[name] for name in (*names, "gender")]).all(axis=0)
    return [
        np.stack([own[n][whole] for n in names], axis=1).astype(np.int8) for own in (raw, keyed)
    ]


FIVES = {name: range(5 * k, 5 * k + 5) for k, name in enumerate("ACENO")}


@pytest.mark.parametrize(
    ("name", "keyed", "sign"),
    [
        # apply(raw, 1, function(x) max(rle(x)$lengths))
        ("long_string", False, long_string),
        # apply(raw, 1, sd)
        ("irv", False, variability),
        # 2 * r / (1 + r) with r <- cor(colMeans(m[c(2, 4), ]), colMeans(m[c(1, 3, 5), ]))
        ("even_odd", True, lambda codes: even_odd(codes, FIVES)),
        # cor(x[pairs[, 1]], x[pairs[, 2]]) over pairs that correlate at .55 or more
        ("synonyms", True, lambda codes: synonyms(codes, least=0.55)),
    ],
)
def test_signs_are_those_of_r(answered, name, keyed, sign):
    found = sign(answered[keyed])
    theirs = np.array([np.nan if each is None else each for each in R[name]["value"]], float)
    own = found.values[: len(theirs)]
    # a person who gives halves no spread has no correlation: R says NA, we that nobody can judge
    assert found.judged[: len(theirs)].tolist() == np.isfinite(theirs).tolist()
    assert own == pytest.approx(theirs, abs=1e-10, nan_ok=True)


def test_distances_are_those_of_r(answered):
    # stats::mahalanobis(X, colMeans(X), cov(X)): scaled by n - 1, ours by n
    n = len(answered[1])
    found = mahalanobis(answered[1]).values[:400] * (n - 1) / n
    assert found == pytest.approx(R["mahalanobis"]["value"], rel=1e-8)


def test_the_example_of_the_careless_package_has_a_run_of_five():
    # careless 1.2, vignette: x <- c(4,4,4,3,3,3,3,3,4,4); "the longest string ... would be 5"
    codes = np.array([[4, 4, 4, 3, 3, 3, 3, 3, 4, 4]], np.int8)
    assert long_string(codes).values.tolist() == [5]


def test_currans_examples_vary_as_the_careless_package_says():
    # Curran (2016), as in careless's tests of irv(); its vignette's row of 4 and 5 has sd 0.527
    rows = [[3] * 10, [1, 2, 3, 4, 5] * 2, [1] * 5 + [5] * 5, [4, 5] * 5]
    found = variability(np.array(rows, np.int8)).values
    assert found == pytest.approx([0, 1.4907119850, 2.1081851068, 0.5270462767], abs=1e-9)


def test_synonyms_follow_the_cases_of_the_careless_package():
    # careless's tests of psychsyn(): people 101 to 104 of four pairs that go together
    rng = np.random.default_rng(1337)
    first = rng.integers(1, 13, (200, 4))
    pairs = np.stack([first, first + rng.integers(0, 2, (200, 4))], axis=2).reshape(200, 8)
    cases = [
        [5] * 8,
        [4, 5, 1, 2, 8, 9, 13, 12],
        [0, 6, 1, 5, 2, 4, 3, 3],
        [1, 5, 2, 3, 3, 3, 4, 5],
    ]
    found = synonyms(np.vstack([pairs, cases]).astype(np.int8))
    assert not found.judged[200]
    assert found.values[201] == pytest.approx(np.corrcoef([4, 1, 8, 13], [5, 2, 9, 12])[0, 1])
    assert found.values[201] > 0.85
    assert found.values[202:] == pytest.approx([-1, 0])
    assert found.flagged[200:].tolist() == [False, False, True, False]


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
