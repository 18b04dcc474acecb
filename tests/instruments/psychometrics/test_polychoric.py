import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.psychometrics import bivariate, influence, polychoric, smooth
from instruments.psychometrics.counting import from_codes
from instruments.psychometrics.estimates import CannotEstimate, NotEstimated, or_reason
from tests.instruments.psychometrics.conftest import REFERENCE, read_codes

ROUTED = tuple(f"i{k}" for k in range(1, 13))


@pytest.fixture(scope="module", params=["bfi", "lq2002"])
def data(request):
    """Moments of complete cases, and R's values."""
    given_ = request.getfixturevalue(request.param)
    options = [given_.options] * len(given_.names)
    if request.param == "lq2002":
        options = [range(1, 6)] * 14 + [range(5)] * 5
    found = from_codes(given_.codes, given_.names, options, "listwise", reverse=given_.reverse)
    return found, given_.structure


def answers(seed, n=500, rho=0.5, cuts=((-1, 0.2, 0.9), (-0.3, 0.8)), missing=0.0):
    rng = np.random.default_rng(seed)
    latent = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], n)
    codes = [np.searchsorted(cut, own) for cut, own in zip(cuts, latent.T, strict=True)]
    codes = np.stack(codes, axis=1).astype(np.int8)
    codes[rng.random(codes.shape) < missing] = -1
    return codes


def of(codes, options=(range(4), range(3)), **kwargs):
    return polychoric(from_codes(np.array(codes, np.int8), ("a", "b"), options), **kwargs)


def test_correlations_and_thresholds_are_lavaans(data):
    # lavaan::lavCor(na.omit(x), ordered = names(x), output = "cor" and "th")
    moments, expected = data
    found = polychoric(moments)
    r = np.array(expected["lavCor"]["value"]["data"])
    assert found.correlations == pytest.approx(r, abs=1e-6)
    thresholds = list(expected["lavCor_th"]["value"].values())
    assert np.concatenate(found.thresholds) == pytest.approx(thresholds, abs=1e-10)


def test_correlations_with_routed_items_are_lavaans():
    # lavaan::lavCor(routed_items, ordered = TRUE, missing = "pairwise")
    expected = json.loads((REFERENCE / "routed.json").read_text())
    codes = read_codes("routed", ROUTED)
    moments = from_codes(codes, ROUTED, [range(1, 6)] * 12)
    assert np.array_equal(moments.pairs, expected["pairwise_n"]["value"])
    r = np.array(expected["lavcor_pairwise"]["value"])
    assert polychoric(moments).correlations == pytest.approx(r, abs=1e-6)


def test_empty_cells_are_filled_as_psych_fills_them(lq2002):
    # psych::polychoric(na.omit(x), correct = 0) and psych::polychoric(na.omit(x)), correct = .5
    options = [range(1, 6)] * 14 + [range(5)] * 5
    moments = from_codes(lq2002.codes, lq2002.names, options, "listwise")
    for correct, key in ((0, "polychoric"), (0.5, "polychoric_correct05")):
        r = np.array(lq2002.structure[key]["value"]["rho"]["data"])
        found = polychoric(moments, correct=correct)
        assert found.correlations == pytest.approx(r, abs=3e-5)
    assert "0.5 in empty cells" in found.method
    assert any("empty cell" in notice for notice in found.notices)


@pytest.mark.parametrize(("rho", "missing"), [(0.5, 0), (0.8, 0), (-0.3, 0.3)])
def test_errors_are_the_spread_of_the_estimates(rho, missing):
    found = [of(answers(k, rho=rho, missing=missing)) for k in range(300)]
    spread = np.std([each.correlations[0, 1] for each in found])
    errors = np.mean([each.errors[0, 1] for each in found])
    # three standard errors of a standard deviation of 300 draws are 12 %
    assert errors == pytest.approx(spread, rel=0.12)


@pytest.mark.parametrize("rho", [-0.98, -0.6, 0.0, 0.3, 0.95])
def test_a_true_correlation_is_recovered(rho):
    found = of(answers(1, 200_000, rho))
    assert found.correlations[0, 1] == pytest.approx(rho, abs=4 * found.errors[0, 1])
    assert found.thresholds[0] == pytest.approx([-1, 0.2, 0.9], abs=0.02)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(-0.9, 0.9), st.floats(0, 0.3))
def test_order_of_items_people_and_labels_do_not_matter(seed, rho, missing):
    codes = answers(seed, 80, rho, missing=missing)
    plain = or_reason(of, codes)
    if isinstance(plain, NotEstimated):
        assert "same answer" in plain.reason
        return
    rng = np.random.default_rng(seed)
    turned = of(rng.permutation(codes)[:, ::-1], (range(3), range(4)))
    assert turned.correlations[0, 1] == pytest.approx(plain.correlations[0, 1], abs=1e-7)
    assert turned.errors[0, 1] == pytest.approx(plain.errors[0, 1], rel=1e-4)
    # other labels in the same order: 0, 1, 2, 3 become 1, 5, 6, 9
    labels = np.array([1, 5, 6, 9, -1], dtype=np.int8)
    relabelled = of(labels[codes], ((1, 5, 6, 9), (1, 5, 6)))
    assert relabelled.correlations == pytest.approx(plain.correlations, abs=1e-12)
    opposed = of(np.where(codes >= 0, [3, 0] + [-1, 1] * codes, -1))
    assert opposed.correlations[0, 1] == pytest.approx(-plain.correlations[0, 1], abs=1e-7)


CELLS = st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 2)), max_size=12)


@settings(max_examples=300, deadline=None)
@given(CELLS)
def test_every_table_has_a_correlation_or_a_reason(cells):
    found = or_reason(of, np.array(cells, np.int8).reshape(-1, 2))
    if isinstance(found, NotEstimated):
        assert any(word in found.reason for word in ("same answer", "nobody answered both"))
        return
    assert np.isfinite(found.correlations).all()
    assert np.isfinite(found.errors).all()
    assert (np.abs(found.correlations) <= 1).all()


def test_what_the_data_do_not_have_is_named():
    perfect = of([[0, 0], [1, 1], [0, 0], [1, 1]])
    assert perfect.correlations[0, 1] == pytest.approx(0.9999, abs=1e-3)
    assert "Nobody chose option 2, 3 of a." in perfect.notices
    assert any("empty cell" in notice for notice in perfect.notices)
    assert [len(each) for each in perfect.thresholds] == [1, 1]
    with pytest.raises(CannotEstimate, match="same answer to b"):
        of([[0, 0], [1, 0], [2, 0]])
    with pytest.raises(CannotEstimate, match="nobody answered both a and b"):
        of([[0, -1], [1, -1], [-1, 0], [-1, 2]])
    with pytest.raises(CannotEstimate, match="both a and b all gave the same answer to a"):
        of([[0, 0], [0, 1], [1, -1]])
    with pytest.raises(CannotEstimate, match="two items or more"):
        polychoric(from_codes(np.array([[1], [2]], np.int8), ("a",), [(1, 2)]))
    with pytest.raises(ValueError, match="0 or more"):
        of(answers(1), correct=-1)


def test_influences_sum_to_nothing_and_their_squares_to_the_variance():
    codes = answers(4, 300, 0.4, missing=0.2)
    moments = from_codes(codes, ("a", "b"), (range(4), range(3)))
    found = polychoric(moments)
    moved = influence(moments, found)
    a, b = codes.T.astype(int)
    both = (a >= 0) & (b >= 0)
    total = np.where(a >= 0, moved.first[0, a], 0) + np.where(b >= 0, moved.second[0, b], 0)
    total += np.where(both, moved.cells[0, a, b], 0)
    assert total.sum() == pytest.approx(0, abs=1e-9)
    assert np.sqrt((total**2).sum()) == pytest.approx(found.errors[0, 1])
    of_threshold = np.where(a[:, None] >= 0, moved.thresholds[0, a], 0)
    assert of_threshold.sum(axis=0) == pytest.approx(0, abs=1e-9)


def test_weights_that_repeat_people_repeat_the_table():
    codes = answers(2, 200)
    weights = np.repeat([1.0, 3.0], 100)
    weighted = polychoric(from_codes(codes, ("a", "b"), (range(4), range(3)), weights=weights))
    repeated = of(np.repeat(codes, weights.astype(int), axis=0))
    assert weighted.correlations == pytest.approx(repeated.correlations, abs=1e-9)
    assert weighted.errors[0, 1] > repeated.errors[0, 1]
    scaled = polychoric(from_codes(codes, ("a", "b"), (range(4), range(3)), weights=7 * weights))
    assert scaled.errors == pytest.approx(weighted.errors)


@pytest.mark.parametrize("rho", [-0.99, -0.5, 0.0, 0.7, 0.93, 0.999])
def test_the_bivariate_normal_is_that_of_scipy(rho):
    from scipy.stats import multivariate_normal

    rng = np.random.default_rng(3)
    h, k = rng.normal(size=(2, 20)) * 1.3
    k[:5] = h[:5] + 0.01
    expected = [
        multivariate_normal.cdf(point, cov=[[1, rho], [rho, 1]], abseps=1e-12, releps=1e-12)
        for point in zip(h, k, strict=True)
    ]
    found = bivariate.cumulative(h[None], k[None], np.array([rho]))[0]
    assert found == pytest.approx(expected, abs=1e-9)


def test_smoothing_says_what_it_did_and_leaves_proper_matrices_alone():
    proper = np.array([[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]])
    assert smooth(proper).correlations is proper
    assert smooth(proper).notice == ""
    torn = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    found = smooth(torn)
    assert np.linalg.eigvalsh(found.correlations)[0] > 0
    assert np.diag(found.correlations) == pytest.approx(1)
    assert "1 of 3 eigenvalues" in found.notice
    with pytest.raises(ValueError, match="no gaps"):
        smooth(np.full((2, 2), np.nan))
    with pytest.raises(ValueError, match="above 0"):
        smooth(proper, floor=0)


def test_polychorics_print_as_a_matrix_and_convert():
    found = of(answers(1))
    assert str(found).splitlines()[0].split() == ["a", "b"]
    assert found.to_frame().loc["a", "b"] == found.correlations[0, 1]
    assert json.loads(json.dumps(found.to_json()))["names"] == ["a", "b"]
