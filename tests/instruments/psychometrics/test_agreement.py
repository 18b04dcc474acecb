"""ICC(1) and ICC(2) against multilevel and psychometric, and where there is none to be had."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.psychometrics.agreement import agreement
from instruments.psychometrics.estimates import CannotEstimate

REFERENCE = Path(__file__).parents[2] / "reference"
PREFIX = {"LEAD": "LEAD", "TSIG": "TSIG", "HOSTILE": "HOSTIL"}


@pytest.mark.parametrize("scale", PREFIX)
def test_intraclass_correlations_and_their_intervals_are_those_of_r(scale: str) -> None:
    with (REFERENCE / "lq2002.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    names = [name for name in rows[0] if name.startswith(PREFIX[scale])]
    scores = np.array([[float(row[name]) for name in names] for row in rows]).mean(axis=1)
    company = np.array([row["COMPID"] for row in rows])
    r = json.loads((REFERENCE / "lq2002_aggregation.json").read_text())[scale]
    found = agreement(scores, company, confidence=0.95)
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
    one, other = agreement(x, groups), agreement(unit * x[order] + shift, groups[order])
    assert other.icc1.value == pytest.approx(one.icc1.value, abs=1e-6)
    assert other.icc2.value == pytest.approx(one.icc2.value, rel=1e-6, abs=1e-6)
    assert one.icc2.low <= one.icc2.value <= one.icc2.high


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
        agreement(np.array(x), np.array(groups))


def test_bad_input_names_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="x holds missing values"):
        agreement(np.array([1.0, np.nan, 2.0]), np.array(["a", "a", "b"]))
    with pytest.raises(ValueError, match="confidence must lie between"):
        agreement(np.array([1.0, 2.0, 2.0]), np.array(["a", "a", "b"]), confidence=1.0)
