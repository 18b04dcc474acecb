import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from instruments.psychometrics.estimates import CannotEstimate, NotEstimated
from instruments.psychometrics.moments import BLOCK, Moments, from_codes, merge, within
from instruments.psychometrics.reliability import or_reason

NAMES = ("a", "b", "c")
OPTIONS = [(1, 2, 3, 4, 5)] * 3
CODES = hnp.arrays(
    np.int8,
    st.tuples(st.integers(0, 12), st.just(3)),
    elements=st.sampled_from([-4, -3, -2, -1, 1, 2, 3, 4, 5]),
)
RULES = st.sampled_from(["pairwise", "listwise"])


def same(one: Moments, other: Moments) -> bool:
    return (one.names, one.options, one.rule, one.people, one.n) == (
        other.names,
        other.options,
        other.rule,
        other.people,
        other.n,
    ) and all(
        (getattr(one, what) == getattr(other, what)).all()
        for what in ("counts", "pairs", "sums", "squares", "products")
    )


@pytest.mark.parametrize("data", ["bfi", "lq2002"])
@pytest.mark.parametrize(
    ("rule", "reference"), [("listwise", "pearson"), ("pairwise", "pearson_pairwise")]
)
def test_correlations_are_those_of_r(data, rule, reference, request):
    data = request.getfixturevalue(data)
    found = from_codes(
        data.codes, data.names, [data.options] * len(data.names), rule, reverse=data.reverse
    )
    expected = np.array(data.structure[reference]["data"])
    assert found.correlations() == pytest.approx(expected, abs=1e-12)
    assert rule == "pairwise" or found.n == data.structure["n"]


def test_covariances_of_complete_cases_are_numpys(bfi):
    five = bfi.codes[:, :5]
    found = from_codes(five, bfi.names[:5], [bfi.options] * 5, "listwise")
    complete = five[(five >= 0).all(axis=1)].astype(float)
    assert found.covariances() == pytest.approx(np.cov(complete, rowvar=False), abs=1e-12)
    assert found.means() == pytest.approx(complete.mean(axis=0), abs=1e-12)


@given(CODES, CODES, CODES, RULES)
def test_parts_add_up_to_the_whole_in_any_order(one, two, three, rule):
    a, b, c = (from_codes(part, NAMES, OPTIONS, rule) for part in (one, two, three))
    whole = from_codes(np.concatenate([one, two, three]), NAMES, OPTIONS, rule)
    assert same(merge(merge(a, b), c), whole)
    assert same(merge(a, merge(b, c)), whole)
    assert same(merge(b, a), merge(a, b))


def test_blocks_give_what_one_block_gives():
    rng = np.random.default_rng(7)
    codes = rng.choice([-1, 1, 2, 3, 4, 5], size=(2 * BLOCK + 77, 3)).astype(np.int8)
    found = from_codes(codes, NAMES, OPTIONS)
    parts = [from_codes(part, NAMES, OPTIONS) for part in np.array_split(codes, 5)]
    whole = parts[0]
    for part in parts[1:]:
        whole = merge(whole, part)
    assert same(found, whole)


@given(CODES, RULES)
def test_turning_items_round_by_flag_or_by_hand_is_the_same(codes, rule):
    by_hand = codes.copy()
    by_hand[:, 1] = np.where(codes[:, 1] > 0, 6 - codes[:, 1], codes[:, 1])
    assert same(
        from_codes(codes, NAMES, OPTIONS, rule, reverse=["b"]),
        from_codes(by_hand, NAMES, OPTIONS, rule),
    )


@given(CODES, RULES)
def test_correlations_are_proper_or_refused_with_a_reason(codes, rule):
    found = from_codes(codes, NAMES, OPTIONS, rule)
    r = or_reason(found.correlations)
    if isinstance(r, NotEstimated):
        assert any(word in r.reason for word in ("same answer", "fewer than two people"))
        return
    assert np.isfinite(r).all()
    assert (np.abs(r) <= 1).all()
    assert (r == r.T).all()


def test_pairs_count_the_people_who_answered_both():
    codes = np.array([[1, 2, -1], [3, -2, 4], [5, 1, 2], [-4, -4, -4]], dtype=np.int8)
    found = from_codes(codes, NAMES, OPTIONS)
    assert found.pairs.tolist() == [[3, 2, 2], [2, 2, 1], [2, 1, 2]]
    assert (found.smallest_n, found.largest_n, found.n, found.people) == (1, 2, 3, 4)
    assert found.counts.tolist() == [[1, 0, 1, 0, 1], [1, 1, 0, 0, 0], [0, 1, 0, 1, 0]]


def test_a_constant_item_is_named():
    codes = np.array([[1, 2, 3], [1, 3, 4], [1, 4, 5]], dtype=np.int8)
    with pytest.raises(CannotEstimate, match="everybody gave the same answer to a"):
        from_codes(codes, NAMES, OPTIONS).correlations()


def test_an_item_that_is_constant_beside_another_is_named_with_it():
    codes = np.array([[1, 2, 3], [1, 3, 4], [2, -1, 5]], dtype=np.int8)
    with pytest.raises(CannotEstimate, match="both a and b all gave the same answer to a"):
        from_codes(codes, NAMES, OPTIONS).correlations()


def test_items_that_nobody_answered_together_are_named():
    codes = np.array([[1, -1, 3], [2, -1, 4], [-1, 2, 1], [-1, 3, 2]], dtype=np.int8)
    with pytest.raises(CannotEstimate, match="fewer than two people answered both a and b"):
        from_codes(codes, NAMES, OPTIONS).covariances()


def test_a_mean_that_nobody_answered_is_refused():
    with pytest.raises(CannotEstimate, match="nobody answered b"):
        from_codes(np.array([[1, -1, 3]], dtype=np.int8), NAMES, OPTIONS).means()


def test_a_code_that_is_no_option_is_refused_by_name():
    with pytest.raises(ValueError, match="b: 7 is not one of its options"):
        from_codes(np.array([[1, 7, 3]], dtype=np.int8), NAMES, OPTIONS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"names": ("a", "a", "b")}, "all different"),
        ({"names": ("a", "b")}, "one column"),
        ({"options": [(1, 2), (), (1, 2)]}, "at least one an item"),
        ({"rule": "available"}, "pairwise"),
        ({"reverse": ["x"]}, "unknown items: x"),
    ],
)
def test_a_wrong_call_says_what_is_allowed(change, message):
    call = {"names": NAMES, "options": OPTIONS, "rule": "pairwise", "reverse": []} | change
    with pytest.raises(ValueError, match=message):
        from_codes(np.ones((2, 3), dtype=np.int8), **call)


def test_moments_of_different_rules_do_not_add_up():
    codes = np.ones((2, 3), dtype=np.int8)
    with pytest.raises(ValueError, match="different rule"):
        merge(from_codes(codes, NAMES, OPTIONS), from_codes(codes, NAMES, OPTIONS, "listwise"))


def test_within_covariances_pool_over_groups():
    rng = np.random.default_rng(3)
    x = rng.integers(1, 6, size=(60, 3))
    groups = rng.choice(["north", "south", "west"], size=60)
    found = within(x, groups)
    parts = [(x[groups == g], (groups == g).sum()) for g in ("north", "south", "west")]
    pooled = sum(np.cov(part, rowvar=False) * (n - 1) for part, n in parts) / (60 - 3)
    assert found.covariances == pytest.approx(pooled, abs=1e-12)
    assert (found.n, found.groups) == (60, 3)


def test_within_leaves_out_gaps_and_differences_between_groups():
    x = np.array([[1, 2], [2, 1], [101, 102], [102, 101], [-1, 5], [np.nan, 5]])
    found = within(x, ["a", "a", "b", "b", "b", "c"])
    assert found.n == 4
    assert found.covariances == pytest.approx(np.array([[0.5, -0.5], [-0.5, 0.5]]))


@settings(max_examples=50)
@given(CODES, st.integers(0, 50))
def test_shifting_whole_groups_leaves_within_covariances_alone(codes, shift):
    groups = np.arange(len(codes)) % 3
    plain = or_reason(within, codes, groups)
    if isinstance(plain, NotEstimated):
        assert "no group has two people" in plain.reason
        return
    moved = np.where(codes < 0, np.nan, codes + shift * groups[:, None])
    assert within(moved, groups).covariances == pytest.approx(plain.covariances, abs=1e-9)


def test_within_wants_a_label_for_each_person():
    with pytest.raises(ValueError, match="one label a person"):
        within(np.ones((3, 2)), ["a"])


def test_no_rows_are_no_moments_and_no_crash():
    empty = from_codes(np.empty((0, 3), dtype=np.int8), NAMES, OPTIONS)
    assert (empty.n, empty.people, empty.largest_n) == (0, 0, 0)
    with pytest.raises(CannotEstimate):
        empty.covariances()
