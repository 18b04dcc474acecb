"""Second-order, bifactor and method models, equality and partial invariance, against lavaan."""

import numpy as np
import pytest
from against_r import assert_agrees, bfi, reference

from instruments.psychometrics import cfa, invariance

R = reference("more")
ITEMS = [f"{scale}{k}" for scale in "ACENO" for k in range(1, 6)]


def complete(*more: str) -> dict[str, np.ndarray]:
    """The people who answered every item: the models are laid over all in R."""
    data = bfi()
    kept = ~np.isnan([data[name] for name in (*ITEMS, *more)]).any(axis=0)
    return {name: column[kept] for name, column in data.items()}


def near(name: str, estimator: str) -> float:
    """lavaan stops at slopes of 1e-4 or so; flat models of ordinal items lie further off."""
    return 3e-4 if (name, estimator) == ("bifactor", "WLSMV") else 1e-4


@pytest.mark.parametrize("estimator", ["ML", "MLR", "WLSMV"])
@pytest.mark.parametrize("name", ["second_order", "bifactor", "method"])
def test_a_structure_agrees_with_lavaan(name, estimator):
    # lavaan::cfa(model, na.omit(x), std.lv = TRUE, estimator = ..., ordered = TRUE for WLSMV)
    result = cfa(R["models"][name], complete(), estimator=estimator)
    assert_agrees(result, R[f"{name}_{estimator}"], near=near(name, estimator))


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_equal_and_fixed_parameters_agree_with_lavaan(estimator):
    # A =~ A1 + l*A2 + l*A3 + 0.9*A4 + A5; A1 ~~ e*A1; A4 ~~ e*A4
    assert_agrees(
        cfa(R["models"]["equal"], complete(), estimator=estimator), R[f"equal_{estimator}"]
    )


def test_partial_invariance_agrees_with_lavaan():
    # lavaan::cfa(group.equal = c("loadings", "intercepts"), group.partial = c("N4~1", "C =~ C2"))
    result = invariance(
        R["models"]["second_order"].rsplit("\n", 1)[0],
        complete("gender"),
        by="gender",
        release=[("intercepts", "N4"), ("loadings", "C2")],
    )
    assert_agrees(result.steps["scalar"], R["partial"], groups=("1", "2"))


def test_equal_unique_variances_of_ordinal_items_agree_with_semtools():
    # semTools::measEq.syntax(group.equal = c("thresholds", "loadings", "intercepts", "residuals"))
    result = invariance(
        R["small_model"], complete("gender"), by="gender", estimator="WLSMV", missing="listwise"
    )
    for ours, theirs in (("intercepts", "intercepts"), ("unique variances", "residuals")):
        lavaan = R[f"ordinal_{theirs}"]
        assert_agrees(result.steps[ours], lavaan, groups=("1", "2"), chi2=1e-5, near=2e-4)
    table = R["ordinal_lrt"]["value"]
    at = [table["cols"].index(name) for name in ("Chisq diff", "Df diff")]
    chi2, df = (table["data"][1][k] for k in at)
    assert result.differences[-1].chi2 == pytest.approx(chi2, rel=1e-4)
    assert result.differences[-1].df == df
