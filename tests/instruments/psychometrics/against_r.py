"""Comparing a fitted model with what lavaan says of it."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.results import Confirmatory

REFERENCE = Path(__file__).parents[2] / "reference"
BFI_REVERSED = ("A1", "C4", "C5", "E1", "E2", "O2", "O5")
#: ours -> lavaan's
FIT = {
    "chi2": "chisq",
    "df": "df",
    "p": "pvalue",
    "chi2_scaled": "chisq.scaled",
    "p_scaled": "pvalue.scaled",
    "scale": "chisq.scaling.factor",
    "baseline_chi2": "baseline.chisq",
    "baseline_df": "baseline.df",
    "baseline_chi2_scaled": "baseline.chisq.scaled",
    "cfi": "cfi",
    "tli": "tli",
    "rmsea": "rmsea",
    "rmsea_low": "rmsea.ci.lower",
    "rmsea_high": "rmsea.ci.upper",
    "rmsea_close_p": "rmsea.pvalue",
    "cfi_scaled": "cfi.scaled",
    "tli_scaled": "tli.scaled",
    "rmsea_scaled": "rmsea.scaled",
    "rmsea_low_scaled": "rmsea.ci.lower.scaled",
    "rmsea_high_scaled": "rmsea.ci.upper.scaled",
    "rmsea_close_p_scaled": "rmsea.pvalue.scaled",
    "cfi_robust": "cfi.robust",
    "tli_robust": "tli.robust",
    "rmsea_robust": "rmsea.robust",
    "rmsea_low_robust": "rmsea.ci.lower.robust",
    "rmsea_high_robust": "rmsea.ci.upper.robust",
    "srmr": "srmr",
    "loglik": "logl",
    "aic": "aic",
    "bic": "bic",
}


def reference(name: str) -> dict[str, Any]:
    """R's values of one file."""
    return json.loads((REFERENCE / f"{name}.json").read_text())


def frame(name: str, reverse: tuple[str, ...] = (), top: int = 7) -> dict[str, NDArray[np.float64]]:
    """A data set by column, NaN where there is no answer, reversed items turned round."""
    with (REFERENCE / f"{name}.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    columns = {
        column: np.array([float(row[column] or "nan") for row in rows]) for column in rows[0]
    }
    return columns | {column: top - columns[column] for column in reverse}


def bfi() -> dict[str, NDArray[np.float64]]:
    """The bfi data, keyed."""
    return frame("bfi", BFI_REVERSED)


def written(lhs: str, op: str, rhs: str) -> str:
    return f"{lhs} ~ 1" if op == "~1" else f"{lhs} {op} {rhs}"


def assert_agrees(
    result: Confirmatory,
    lavaan: dict[str, Any],
    *,
    groups: tuple[str, ...] = ("",),
    chi2: float = 1e-6,
    near: float = 1e-4,
    errors: float = 1e-3,
) -> None:
    """Estimates to ``near`` and fit to 1e-4 (relative above 1), ``errors`` to that of their size.

    Statistics may differ by ``chi2`` of their size.
    """
    compared = _estimates(result, lavaan["parameter_estimates"], "est", groups, near, errors)
    compared += _estimates(result, lavaan["standardized_solution"], "est.std", groups, near, errors)
    assert compared > len(result.items)
    _residuals_and_shares(result, lavaan, groups, near)
    seen = 0
    for ours, theirs in FIT.items():
        value = lavaan["fit"].get(theirs)
        if value is None or _not_ours(result, ours):
            continue
        got = getattr(result.fit, ours)
        within = max(1e-4, chi2 * abs(value))
        assert got is not None, ours
        assert abs(got - value) <= within, f"{ours}: {got}, lavaan has {value}"
        seen += 1
    assert seen > 8


def _residuals_and_shares(
    result: Confirmatory, lavaan: dict[str, Any], groups: tuple[str, ...], near: float
) -> None:
    """``lavInspect(fit, "r2")`` and ``lavResiduals(fit)$cov``, where they were kept."""
    shares = lavaan.get("r2") or {}
    if len(groups) == 1 and isinstance(shares, dict):
        own = result.r_squared[""]
        for name, value in shares.items():
            assert abs(own[name] - value) <= near, f"r2 of {name}: {own[name]}, not {value}"
    table = lavaan.get("resid_cor")
    if table and len(groups) == 1:
        at = [result.items.index(name) for name in table["rows"]]
        found = result.residuals[""][np.ix_(at, at)]
        assert np.abs(found - np.array(table["data"])).max() <= near


def _not_ours(result: Confirmatory, name: str) -> bool:
    """lavaan's "robust" figures of ordinal items and of FIML are another method's."""
    return result.estimator not in ("ML", "MLR") and name.endswith("_robust")


def _estimates(
    result: Confirmatory,
    table: dict[str, Any],
    column: str,
    groups: tuple[str, ...],
    near: float,
    errors: float,
) -> int:
    if not table:
        return 0
    ours, error = ("estimate", "se") if column == "est" else ("std", "std_se")
    count, signs = 0, _directions(result, table, column, groups)
    for k, op in enumerate(table["op"]):
        if op == "~*~" or (op == "~1" and not any(one.op == "~" for one in result.parameters)):
            continue
        group = groups[table["group"][k] - 1] if len(groups) > 1 else ""
        name = written(table["lhs"][k], op, table["rhs"][k])
        found = result.parameter(name, group)
        value, se = table[column][k], table["se"][k]
        ends = (table["lhs"][k], table["rhs"][k]) if op in ("=~", "~~") else (table["lhs"][k],)
        value *= np.prod([signs.get((end, group), 1.0) for end in ends])
        got, got_se = getattr(found, ours), getattr(found, error)
        assert abs(got - value) <= near * max(1, abs(value)), (
            f"{name} {group}: {got}, lavaan has {value}"
        )
        if se:
            assert abs(got_se / se - 1) <= errors, f"{name} {group}: se {got_se}, lavaan has {se}"
            count += 1
    return count


def _directions(
    result: Confirmatory, table: dict[str, Any], column: str, groups: tuple[str, ...]
) -> dict[tuple[str, str], float]:
    """Factors that lavaan left pointing the other way: which way it is, the data cannot say."""
    along: dict[tuple[str, str], float] = {}
    for k, op in enumerate(table["op"]):
        if op == "=~":
            group = groups[table["group"][k] - 1] if len(groups) > 1 else ""
            factor, below = table["lhs"][k], table["rhs"][k]
            found = result.parameter(written(factor, op, below), group)
            got = found.estimate if column == "est" else found.std
            turned = np.sign(along.get((below, group), 1.0))
            along[factor, group] = along.get((factor, group), 0.0) + turned * got * table[column][k]
    return {key: float(np.sign(value)) for key, value in along.items()}
