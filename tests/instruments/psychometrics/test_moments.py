import io
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from instruments.psychometrics.counting import BLOCK, from_codes
from instruments.psychometrics.estimates import CannotEstimate, NotEstimated, or_reason
from instruments.psychometrics.moments import SCHEMA, Moments, load
from instruments.psychometrics.pooled import within

NAMES = ("a", "b", "c")
OPTIONS = [(1, 2, 3, 4, 5)] * 3
CODES = hnp.arrays(
    np.int8,
    st.tuples(st.integers(0, 12), st.just(3)),
    elements=st.sampled_from([-4, -3, -2, -1, 1, 2, 3, 4, 5]),
)
RULES = st.sampled_from(["pairwise", "listwise"])


def same(one: Moments, other: Moments) -> bool:
    if (one.tables is None) != (other.tables is None):
        return False
    return (one.names, one.options) == (other.names, other.options) and all(
        np.array_equal(getattr(one, each.name), getattr(other, each.name))
        for each in fields(one)
        if each.name not in ("names", "options") and getattr(one, each.name) is not None
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
    assert same((a + b) + c, whole)
    assert same(a + (b + c), whole)
    assert same(b + a, a + b)


def test_blocks_give_what_one_block_gives():
    rng = np.random.default_rng(7)
    codes = rng.choice([-1, 1, 2, 3, 4, 5], size=(2 * BLOCK + 77, 3)).astype(np.int8)
    found = from_codes(codes, NAMES, OPTIONS)
    parts = [from_codes(part, NAMES, OPTIONS) for part in np.array_split(codes, 5)]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
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
        from_codes(codes, NAMES, OPTIONS) + from_codes(codes, NAMES, OPTIONS, "listwise")


def test_moments_with_and_without_tables_do_not_add_up():
    codes = np.ones((2, 3), dtype=np.int8)
    with pytest.raises(ValueError, match="without tables"):
        from_codes(codes, NAMES, OPTIONS) + from_codes(codes, NAMES, OPTIONS, tables=False)


@given(CODES, RULES, st.sampled_from([[], ["b"], ["a", "c"]]))
def test_without_tables_the_sums_are_the_same(codes, rule, reverse):
    full = from_codes(codes, NAMES, OPTIONS, rule, reverse=reverse)
    bare = from_codes(codes, NAMES, OPTIONS, rule, reverse=reverse, tables=False)
    for what in ("n", "pairs", "mass", "sums", "squares", "products"):
        assert np.array_equal(getattr(full, what), getattr(bare, what)), what
    with pytest.raises(ValueError, match="tables=True"):
        bare.counts  # noqa: B018 - a property that refuses


@given(CODES, RULES)
def test_tables_count_people_by_two_answers(codes, rule):
    found = from_codes(codes, NAMES, OPTIONS, rule)
    kept = codes[(codes >= 0).all(axis=1)] if rule == "listwise" else codes
    for i in range(3):
        for j in range(3):
            for a in range(5):
                for b in range(5):
                    count = ((kept[:, i] == a + 1) & (kept[:, j] == b + 1)).sum()
                    assert found.tables[i, a, j, b] == count


@given(CODES, RULES, st.data())
def test_weights_that_are_whole_count_people_so_often(codes, rule, data):
    often = np.array(
        data.draw(st.lists(st.integers(1, 3), min_size=len(codes), max_size=len(codes)))
    )
    weights = often.astype(np.float64)
    for tables in (True, False):
        weighted = from_codes(codes, NAMES, OPTIONS, rule, weights=weights, tables=tables)
        repeated = from_codes(np.repeat(codes, often.astype(int), axis=0), NAMES, OPTIONS, rule)
        for what in ("mass", "sums", "squares", "products"):
            expected = getattr(repeated, what)
            assert getattr(weighted, what) == pytest.approx(expected, abs=1e-9), what
        plain = from_codes(codes, NAMES, OPTIONS, rule)
        assert np.array_equal(weighted.pairs, plain.pairs)
        assert weighted.n == plain.n
        r = or_reason(repeated.correlations)
        if not isinstance(r, NotEstimated) and weighted.smallest_n > 1:
            assert weighted.correlations() == pytest.approx(r, abs=1e-9)


def test_equal_weights_change_no_covariance_and_unequal_ones_cost_people():
    rng = np.random.default_rng(2)
    codes = rng.integers(1, 6, (400, 3)).astype(np.int8)
    plain = from_codes(codes, NAMES, OPTIONS)
    equal = from_codes(codes, NAMES, OPTIONS, weights=np.full(400, 0.3))
    assert equal.covariances() == pytest.approx(plain.covariances())
    assert (plain.effective, equal.effective) == pytest.approx((1, 1))
    unequal = from_codes(codes, NAMES, OPTIONS, weights=np.repeat([1.0, 3.0], 200))
    assert unequal.effective == pytest.approx(0.8)


@pytest.mark.parametrize("weights", [[1, 0], [1, np.nan], [1], [1, -2]])
def test_weights_that_cannot_be_are_refused(weights):
    with pytest.raises(ValueError, match="one number above zero"):
        from_codes(np.ones((2, 3), np.int8), NAMES, OPTIONS, weights=np.array(weights, float))


@settings(max_examples=20)
@given(CODES, RULES, st.booleans())
def test_what_was_saved_comes_back_to_the_last_count(codes, rule, tables):
    file = io.BytesIO()
    found = from_codes(
        codes, NAMES, [(1, 2, 3, 4, 5), (1, 2, 3, 4, 5), range(1, 7)], rule, tables=tables
    )
    found.save(file)
    file.seek(0)
    again = load(file)
    assert same(found, again)
    assert same(found + again, again + found)


def test_a_file_of_another_schema_or_kind_is_refused(tmp_path):
    file = tmp_path / "moments.npz"
    found = from_codes(np.ones((4, 3), np.int8), NAMES, OPTIONS)
    found.save(file)
    assert same(load(file), found)
    held = dict(np.load(file))
    held["schema"] = np.array(SCHEMA + 1)
    np.savez(file, **held)
    with pytest.raises(ValueError, match=f"schema {SCHEMA + 1}; this release reads {SCHEMA}"):
        load(file)
    file.write_text("item,answer")
    with pytest.raises(ValueError, match="holds no Moments"):
        load(file)


def test_some_of_the_items_are_as_if_asked_alone():
    rng = np.random.default_rng(5)
    codes = rng.choice([-1, 1, 2, 3, 4, 5], (50, 3)).astype(np.int8)
    part = from_codes(codes, NAMES, OPTIONS).take(("c", "a"))
    alone = from_codes(codes[:, [2, 0]], ("c", "a"), OPTIONS[:2])
    for what in ("pairs", "sums", "squares", "products", "tables", "options"):
        assert np.array_equal(getattr(part, what), getattr(alone, what))


def test_moments_print_their_items_and_convert():
    codes = np.array([[1, 2, 3], [2, 3, 4], [5, 1, 1]], dtype=np.int8)
    found = from_codes(codes, NAMES, OPTIONS)
    assert str(found).splitlines()[1].split() == ["a", "3", "2.667", "2.082"]
    assert found.to_frame().loc["b", "mean"] == 2
    assert found.to_json()["pairs"] == [[3] * 3] * 3


def test_a_million_people_do_not_need_more_memory_than_ten_thousand():
    import tracemalloc

    codes = np.tile(np.arange(1, 6, dtype=np.int8), (100_000, 3))[:, :15]
    names, peaks = [f"i{k}" for k in range(15)], []
    for n in (20_000, 100_000):
        tracemalloc.start()
        from_codes(codes[:n], names, [range(1, 6)] * 15)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.05


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
