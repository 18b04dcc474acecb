"""Agreement in groups against multilevel, psychometric and lme4, and where there is none."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.psychometrics.agreement import icc
from instruments.psychometrics.estimates import CannotEstimate, NotEstimated, or_reason
from instruments.psychometrics.labels import numbered
from instruments.psychometrics.partition import variance_partition
from instruments.psychometrics.rwg import consensus

REFERENCE = Path(__file__).parents[2] / "reference"
PREFIX = {"LEAD": "LEAD", "TSIG": "TSIG", "HOSTILE": "HOSTIL"}


OPTIONS = {"LEAD": range(1, 6), "TSIG": range(1, 6), "HOSTILE": range(5)}


def answers_of(prefix: str) -> tuple[np.ndarray, np.ndarray]:
    """Codes and companies of the items whose names start so."""
    with (REFERENCE / "lq2002.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    names = [name for name in rows[0] if name.startswith(prefix)]
    codes = np.array([[int(row[name]) for name in names] for row in rows], dtype=np.int8)
    return codes, np.array([row["COMPID"] for row in rows])


@pytest.mark.parametrize("scale", PREFIX)
def test_agreement_in_each_company_is_that_of_r(scale: str) -> None:
    # multilevel::rwg.j, rwg.j.lindell, awg, ad.m(type = "mean" and "median")
    codes, company = answers_of(PREFIX[scale])
    found = consensus(codes, company, OPTIONS[scale])
    r = json.loads((REFERENCE / "lq2002_aggregation.json").read_text())[scale]
    for ours, call, column in (
        ("rwgj_uniform", "rwg_j_uniform", "rwg.j"),
        ("rwgj_skewed", "rwg_j_slight_skew_1.34", "rwg.j"),
        ("rwgj_moderate", "rwg_j_moderate_skew_0.90", "rwg.j"),
        ("rwgj_lindell", "rwg_j_lindell", "rwg.lindell"),
        ("awg", "awg", "a.wg"),
        ("ad_mean", "ad_mean", "AD.M"),
        ("ad_median", "ad_median", "AD.M"),
    ):
        value = r[call]["value"]
        groups = value.get("groups", value)
        theirs = dict(zip(groups["grpid"], groups[column], strict=True))
        expected = [theirs[name] for name in found.groups]
        assert getattr(found, ours) == pytest.approx(expected, abs=1e-10), ours


@pytest.mark.parametrize("item", ["LEAD01", "TSIG01", "HOSTIL01"])
def test_agreement_over_one_item_is_that_of_r(item: str) -> None:
    # multilevel::rwg(x, grpid, ranvar = 2 and 1.34)
    codes, company = answers_of(item)
    options = range(5) if item.startswith("HOST") else range(1, 6)
    found = consensus(codes, company, options)
    r = json.loads((REFERENCE / "lq2002_aggregation.json").read_text())[item]
    for ours, call in (("rwgj_uniform", "rwg_uniform"), ("rwgj_skewed", "rwg_skew")):
        groups = r[call]["value"]["groups"]
        theirs = dict(zip(groups["grpid"], groups["rwg"], strict=True))
        assert getattr(found, ours) == pytest.approx([theirs[g] for g in found.groups], abs=1e-10)
    icc_ = icc(codes[:, 0].astype(float), company)
    assert icc_.icc1.value == pytest.approx(r["ICC1"]["value"], abs=1e-12)
    assert icc_.icc2.value == pytest.approx(r["ICC2"]["value"], abs=1e-12)


@pytest.mark.parametrize("scale", PREFIX)
def test_variance_between_companies_is_that_of_r(scale: str) -> None:
    # lme4::lmer(scale_score ~ 1 + (1 | gg), REML = TRUE)
    codes, company = answers_of(PREFIX[scale])
    found = variance_partition(codes.mean(axis=1), {"company": company}, draws=20)
    r = json.loads((REFERENCE / "lq2002_aggregation.json").read_text())[scale]["lmer"]["value"]
    assert found.variances["company"] == pytest.approx(r["tau00"], rel=1e-4)
    assert found.variances["people"] == pytest.approx(r["sigma2"], rel=1e-5)
    share = found.shares["company"]
    assert share.value == pytest.approx(r["icc"], rel=1e-4)
    assert share.low < share.value < share.high
    assert found.mean == pytest.approx(r["fixef"], abs=1e-6)
    assert sum(each.value for each in found.shares.values()) == pytest.approx(1)


def test_variance_of_organisations_and_schools_is_recovered() -> None:
    rng = np.random.default_rng(2)
    mto = np.repeat(np.arange(60), 8 * 12)
    school = np.tile(np.repeat(np.arange(8), 12), 60)
    x = rng.normal(0, 0.5, 60)[mto] + rng.normal(0, 0.7, 480)[mto * 8 + school]
    x = x + rng.normal(size=mto.size)
    found = variance_partition(x, {"mto": mto, "school": school})
    assert found.groups == {"mto": 60, "school": 480, "people": 5760}
    truth = {"mto": 0.25, "school": 0.49, "people": 1.0}
    for level, variance in truth.items():
        share = found.shares[level]
        assert share.low < variance / 1.74 < share.high
    # two schools of one name in two organisations are two
    assert "mto" in str(found)


@pytest.mark.parametrize(
    ("x", "levels", "reason"),
    [
        ([1, 2, 3], {"school": [1, 1, 1]}, "fewer than two groups"),
        ([1, 2, 3], {"school": [1, 2, 3]}, "no group has two people"),
        ([1, 1, 2, 2], {"school": [1, 1, 2, 2]}, "do not differ at all"),
        ([1, 2, 3, 4], {"mto": [1, 1, 1, 1], "school": [1, 1, 2, 2]}, "fewer than two groups"),
    ],
)
def test_variance_that_cannot_be_parted_says_why(x: list, levels: dict, reason: str) -> None:
    with pytest.raises(CannotEstimate, match=reason):
        variance_partition(np.array(x, float), {k: np.array(v) for k, v in levels.items()})


def test_levels_are_one_or_two_and_scores_complete() -> None:
    x = np.arange(4.0)
    with pytest.raises(ValueError, match="one or two"):
        variance_partition(x, {})
    with pytest.raises(ValueError, match="none missing"):
        variance_partition(np.array([1.0, np.nan]), {"school": np.array([1, 2])})


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(2, 7))
def test_agreement_is_proper_and_does_not_depend_on_order(seed: int, j: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(-1, k, (30, j)).astype(np.int8)
    groups = rng.choice(["a", "b", "c", "d"], 30)
    found = or_reason(consensus, codes, groups, range(k))
    if isinstance(found, NotEstimated):
        assert "two people" in found.reason
        return
    order, items = rng.permutation(30), rng.permutation(j)
    again = consensus(codes[order][:, items], groups[order], range(k))
    for name, values in found.figures().items():
        if isinstance(values, NotEstimated):
            assert k != 5
            continue
        assert getattr(again, name) == pytest.approx(values, nan_ok=True)
        if name.startswith("rwgj") and name != "rwgj_lindell":
            assert ((values >= 0) & (values <= 1)).all()
    turned = consensus(np.where(codes >= 0, k - 1 - codes, codes).astype(np.int8), groups, range(k))
    assert turned.ad_mean == pytest.approx(found.ad_mean)
    assert turned.awg == pytest.approx(found.awg, nan_ok=True)


def test_groups_of_one_and_people_with_gaps_are_left_out_of_agreement() -> None:
    codes = np.array([[1, 1], [1, 2], [3, 3], [4, -1], [4, 4]], np.int8)
    found = consensus(codes, np.array(["a", "a", "b", "b", "c"]), range(1, 6))
    assert (found.groups, found.alone) == (("a",), 2)
    assert found.to_json()["sizes"] == [2]
    with pytest.raises(CannotEstimate, match="two people who answered every item"):
        consensus(codes[2:], np.array(["b", "b", "c"]), range(1, 6))
    with pytest.raises(ValueError, match="item 1 holds an answer"):
        consensus(codes, np.array(["a", "a", "b", "b", "c"]), range(1, 3))
    with pytest.raises(CannotEstimate, match="two options"):
        consensus(codes, np.array(["a"] * 5), [1])


def test_people_who_say_the_same_agree_wholly() -> None:
    codes = np.array([[1, 5], [1, 5], [2, 2], [4, 4]], np.int8)
    found = consensus(codes, np.array([0, 0, 1, 1]), range(1, 6))
    assert found.rwgj_uniform[0] == found.awg[0] == 1
    assert found.ad_mean[0] == 0
    assert found.ad_mean[1] == 1


@given(st.lists(st.integers(-50, 50), max_size=30))
def test_labels_are_numbered_as_numpy_numbers_them(labels: list[int]) -> None:
    for given_ in (np.array(labels, int), np.array([str(x) for x in labels], dtype="U4")):
        names, places = numbered(given_)
        expected = np.unique(given_, return_inverse=True)
        assert np.array_equal(names, expected[0])
        assert np.array_equal(places, expected[1])


@pytest.mark.parametrize("scale", PREFIX)
def test_intraclass_correlations_and_their_intervals_are_those_of_r(scale: str) -> None:
    with (REFERENCE / "lq2002.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    names = [name for name in rows[0] if name.startswith(PREFIX[scale])]
    scores = np.array([[float(row[name]) for name in names] for row in rows]).mean(axis=1)
    company = np.array([row["COMPID"] for row in rows])
    r = json.loads((REFERENCE / "lq2002_aggregation.json").read_text())[scale]
    found = icc(scores, company, confidence=0.95, interval="mean size")
    assert found.groups == 49
    assert found.icc1.n == 2042
    assert found.icc1.value == pytest.approx(r["ICC1"]["value"], abs=1e-12)
    assert found.icc2.value == pytest.approx(r["ICC2"]["value"], abs=1e-12)
    for name, ours in (("ICC1_CI", found.icc1), ("ICC2_CI", found.icc2)):
        theirs = r[name]["value"]
        assert (ours.low, ours.high) == pytest.approx((theirs["LCL"], theirs["UCL"]), abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 3.0), st.floats(-5, 5))
def test_neither_order_nor_unit_changes_them(seed: int, unit: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(6), rng.integers(1, 9, 6))
    x = rng.normal(size=groups.size) + groups * 0.2
    if groups.size <= 6:
        return
    order = rng.permutation(groups.size)
    one, other = icc(x, groups), icc(unit * x[order] + shift, groups[order])
    assert other.icc1.value == pytest.approx(one.icc1.value, abs=1e-6)
    assert other.icc2.value == pytest.approx(one.icc2.value, rel=1e-6, abs=1e-6)
    assert one.icc2.low <= one.icc2.value <= one.icc2.high


def test_exact_limits_of_groups_of_one_size_are_those_of_f() -> None:
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(12), 9)
    x = rng.normal(size=108) + rng.normal(size=12)[groups] * 0.5
    exact, plain = (icc(x, groups, interval=how) for how in ("exact", "mean size"))
    for one, other in ((exact.icc1, plain.icc1), (exact.icc2, plain.icc2)):
        assert (one.low, one.value, one.high) == pytest.approx((other.low, other.value, other.high))


def test_groups_of_one_size_whose_means_hardly_differ_have_limits() -> None:
    x = np.array([1.0, 5.0, 1.0, 5.0 + 1e-9, 2.0, 4.0])
    found = icc(x, np.repeat(np.arange(3), 2))
    for one in (found.icc1, found.icc2):
        assert np.isfinite([one.low, one.value, one.high]).all()
        assert one.low <= one.value <= one.high
    assert found.icc1.value == pytest.approx(-1, abs=1e-6)


def test_exact_limits_follow_walds_equation() -> None:
    # at either limit the weighted spread of means is the F quantile
    from scipy.stats import f

    rng = np.random.default_rng(3)
    sizes = rng.integers(2, 60, 25)
    groups = np.repeat(np.arange(25), sizes)
    x = rng.normal(size=groups.size) + rng.normal(size=25)[groups] * 0.4
    found = icc(x, groups, confidence=0.9)
    means = np.array([x[groups == k].mean() for k in range(25)])
    within = sum(((x[groups == k] - means[k]) ** 2).sum() for k in range(25)) / (len(x) - 25)
    for rho, tail in ((found.icc1.low, 0.95), (found.icc1.high, 0.05)):
        weight = 1 / (rho / (1 - rho) + 1 / sizes)
        centre = (weight * means).sum() / weight.sum()
        spread = (weight * (means - centre) ** 2).sum() / 24 / within
        assert spread == pytest.approx(f.ppf(tail, 24, len(x) - 25), rel=1e-8)


@pytest.mark.parametrize(
    ("x", "groups", "reason"),
    [
        ([1.0, 2.0], ["a", "a"], "fewer than two groups"),
        ([1.0, 2.0], ["a", "b"], "no group has two people"),
        ([3.0] * 4, ["a", "a", "b", "b"], "means do not differ"),
        ([1.0, 1.0, 2.0, 2.0], ["a", "a", "b", "b"], "people of one group do not differ"),
    ],
)
def test_what_cannot_be_estimated_says_why(x: list[float], groups: list[str], reason: str) -> None:
    with pytest.raises(CannotEstimate, match=reason):
        icc(np.array(x), np.array(groups))


def test_bad_input_names_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="none missing"):
        icc(np.array([1.0, np.nan, 2.0]), np.array(["a", "a", "b"]))
    with pytest.raises(ValueError, match="confidence must lie between"):
        icc(np.array([1.0, 2.0, 2.0]), np.array(["a", "a", "b"]), confidence=1.0)
