"""What ``08_indices.R`` asked: modification indices, shared labels, equal residuals."""

import numpy as np
import pytest
from against_r import bfi, reference

from instruments.psychometrics import cfa, invariance

R = reference("indices")
FEW = {name: column[:400] for name, column in bfi().items()}
MODELS = R["models"]


def assert_indices_agree(found, table, near):
    """A factor may point the other way, and a change with it."""
    ours = {frozenset((one.lhs, one.op, one.rhs)): one for one in found}
    columns = [table[name] for name in ("lhs", "op", "rhs", "mi", "epc", "sepc.all")]
    for lhs, op, rhs, index, change, standardised in zip(*columns, strict=True):
        one = ours[frozenset((lhs, op, rhs))]
        assert one.chi2 == pytest.approx(index, rel=near, abs=2 * near), (lhs, op, rhs)
        assert abs(one.change) == pytest.approx(abs(change), rel=3e-3, abs=1e-4)
        assert abs(one.std_change) == pytest.approx(abs(standardised), rel=3e-3, abs=1e-4)


@pytest.mark.parametrize(
    ("key", "options"),
    [
        # lavaan::modindices(lavaan::cfa(m2, few, std.lv = TRUE, ...))
        ("fiml", {"missing": "fiml"}),
        ("fiml_mlr", {"missing": "fiml", "estimator": "MLR"}),
        ("mlr", {"estimator": "MLR"}),
        ("wlsmv", {"estimator": "WLSMV", "missing": "listwise"}),
        ("wlsmv_pairwise", {"estimator": "WLSMV", "missing": "pairwise"}),
    ],
)
def test_indices_of_few_people_are_lavaans(key, options):
    found = cfa(MODELS["two"], FEW, modification=60, **options).modification
    # lavaan ends its search for WLSMV early, and an index is what is left of the slope
    assert_indices_agree(found, R[key]["value"], 1e-3 if key.startswith("wlsmv") else 1e-4)


def test_what_a_higher_factor_leaves_may_go_together():
    # modindices(cfa(second, B, std.lv = TRUE)): A ~~ C and the other nine
    found = cfa(MODELS["second"], bfi(), modification=1_000).modification
    assert len(R["second"]["value"]["lhs"]) == 10
    assert_indices_agree(found, R["second"]["value"], 1e-3)


def test_who_shares_the_label_of_a_first_loading_is_fixed_with_it():
    # lavaan::cfa("N =~ l*N1+l*N2+N3+N4+N5", B)
    value = R["label"]["value"]
    everybody = cfa({name: [f"{name}{k}" for k in range(1, 6)] for name in "ACENO"}, bfi())
    whole = np.isfinite([bfi()[name] for name in everybody.items]).all(axis=0)
    found = cfa(MODELS["label"], {n: c[whole] for n, c in bfi().items()}, identify="marker")
    assert found.parameter("N =~ N2").estimate == 1
    assert found.fit.df == value["fit_measures"]["df"]
    assert found.fit.chi2 == pytest.approx(value["fit_measures"]["chisq"], abs=1e-4)
    table = value["parameter_estimates"]
    for lhs, op, rhs, est in zip(
        *(table[name] for name in ("lhs", "op", "rhs", "est")), strict=True
    ):
        assert found.parameter(f"{lhs} {op} {rhs}").estimate == pytest.approx(est, abs=1e-4)


def test_equal_residuals_are_equal_variances():
    # lavaan::cfa(strict, D, group.equal = c("loadings", "intercepts", "residuals"))
    fit = R["strict"]["value"]["fit_measures"]
    names = [f"{scale}{k}" for scale in "ACENO" for k in range(1, 6)]
    data = bfi()
    whole = np.isfinite([data[name] for name in (*names, "gender")]).all(axis=0)
    own = {name: data[name][whole] for name in (*names, "gender")}
    found = invariance(MODELS["strict"], own, by="gender").steps["strict"]
    assert found.fit.df == fit["df"]
    assert found.fit.chi2 == pytest.approx(fit["chisq"], abs=1e-4)
    apart = [found.parameter("N1 ~~ N2", group).estimate for group in ("1", "2")]
    assert apart[0] != pytest.approx(apart[1], abs=1e-3)
