"""Does the instrument's own structure fit, and do groups answer on one scale?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.analysis import cfa
from instruments.psychometrics.confirmatory.results import Confirmatory, fit_values
from instruments.psychometrics.confirmatory.steps import invariance
from instruments.psychometrics.confirmatory.steps_results import Invariance
from instruments.psychometrics.confirmatory.text import number, table
from instruments.psychometrics.estimates import CannotEstimate, NotEstimated, or_reason

#: patterns of gaps times squared items beyond which full information takes more than a minute
MOST_WORK = 5_000_000
#: items times groups beyond which ordinal steps take gigabytes
MOST_ORDINAL = 160


@dataclass(frozen=True, eq=False, slots=True)
class Confirming:
    """Confirmatory models of the instrument's scales, by estimator; and steps over groups.

    ``steps`` is None where no groups were asked for.
    """

    models: Mapping[str, Confirmatory | NotEstimated]
    by: str | None
    steps: Invariance | NotEstimated | None


def confirm(
    columns: Mapping[str, NDArray[np.float64]],
    scale_of: Mapping[str, str],
    by: str | None,
    labels: NDArray[np.str_] | None,
) -> Confirming:
    """ML, MLR, FIML and WLSMV of one factor a scale; invariance over ``labels``.

    Parameters
    ----------
    columns : mapping of str to ndarray
        Item -> answers, reversed ones turned round, NaN where there is none.
    scale_of : mapping of str to str
    """
    scales: dict[str, list[str]] = {}
    for item, scale in scale_of.items():
        scales.setdefault(scale, []).append(item)
    models: dict[str, Confirmatory | NotEstimated] = {
        "ML": or_reason(cfa, scales, columns, estimator="ML"),
        "MLR": or_reason(cfa, scales, columns, estimator="MLR"),
        "FIML": or_reason(_full_information, scales, columns),
        "WLSMV": or_reason(cfa, scales, columns, estimator="WLSMV"),
    }
    if by is None or labels is None:
        return Confirming(models, by, None)
    return Confirming(models, by, or_reason(_steps, scales, columns, by, labels))


def _full_information(
    scales: Mapping[str, list[str]], columns: Mapping[str, NDArray[np.float64]]
) -> Confirmatory:
    gaps = np.isnan(np.stack(list(columns.values()), axis=1))
    patterns = len(np.unique(gaps, axis=0))
    if patterns * len(columns) ** 2 > MOST_WORK:
        raise CannotEstimate(
            f"{patterns:,} patterns of missing answers in {len(columns)} items take too long here"
        )
    return cfa(scales, columns, missing="fiml")


def _steps(
    scales: Mapping[str, list[str]],
    columns: Mapping[str, NDArray[np.float64]],
    by: str,
    labels: NDArray[np.str_],
) -> Invariance:
    """Steps of ordinal items, or of continuous ones where those would be too many."""
    groups = len(np.unique(labels[labels != ""]))
    is_small = groups * len(columns) <= MOST_ORDINAL
    # the column may itself be an item
    column = f"{by} (groups)" if by in columns else by
    data: dict[str, NDArray[Any]] = {**columns, column: labels}
    return invariance(scales, data, by=column, estimator="WLSMV" if is_small else "MLR")


def confirming_json(found: Confirming) -> dict[str, Any]:
    """Keys ``cfa`` and, where groups were asked for, ``invariance``."""
    written: dict[str, Any] = {
        "cfa": {
            name: {"not_estimated": model.reason}
            if isinstance(model, NotEstimated)
            else _cfa(model)
            for name, model in found.models.items()
        }
    }
    if found.steps is not None:
        steps = found.steps
        written["invariance"] = {
            found.by: {"not_estimated": steps.reason}
            if isinstance(steps, NotEstimated)
            else steps.to_json()
        }
    return written


def _cfa(model: Confirmatory | NotEstimated) -> dict[str, Any]:
    if isinstance(model, NotEstimated):
        return {"not_estimated": model.reason}
    loadings: dict[str, dict[str, Any]] = {factor: {} for factor in model.factors}
    correlations, residuals = {}, {}
    for one in model.parameters:
        error = {} if one.se is None else {"se": one.se}
        figures = {"estimate": one.estimate, **error}
        if one.op == "=~":
            loadings[one.lhs][one.rhs] = figures | ({} if one.std is None else {"std": one.std})
        elif one.op == "~~" and one.lhs in model.factors and one.lhs != one.rhs:
            correlations[f"{one.lhs}~~{one.rhs}"] = figures
        elif one.op == "~~" and one.lhs in model.items and one.lhs == one.rhs:
            residuals[one.lhs] = figures
    fit = fit_values(model.fit)
    return {
        "method": model.method,
        "n": model.n,
        "fit": fit,
        "loadings": loadings,
        "factor_correlations": correlations,
        "residual_variances": residuals,
        "notices": list(model.notices),
    }


def confirming_text(found: Confirming) -> str:
    """The fit of each model, and the steps."""
    head = ("", "n", "chi2", "df", "CFI", "TLI", "RMSEA [90 %]", "SRMR")
    rows, reasons = [], []
    for name, model in found.models.items():
        if isinstance(model, NotEstimated):
            reasons.append(f"  {name} not estimated: {model.reason}")
            continue
        fit, suffix = model.fit, "" if model.fit.chi2_scaled is None else "_scaled"
        low, high = (getattr(fit, f"rmsea_{end}{suffix}") for end in ("low", "high"))
        figures = [getattr(fit, f"{what}{suffix}") for what in ("chi2", "cfi", "tli", "rmsea")]
        chi2, cfi, tli, rmsea = map(number, figures)
        within = f"{rmsea} [{number(low)}, {number(high)}]"
        rows.append((name, f"{model.n:,}", chi2, str(fit.df), cfi, tli, within, number(fit.srmr)))
        reasons += [f"  {name}: {notice}" for notice in model.notices]
    lines = ["Confirmatory models, one factor a scale; adjusted where an estimator adjusts"]
    lines += [f"  {line}" for line in table(head, rows)] if rows else []
    lines += reasons
    if isinstance(found.steps, NotEstimated):
        lines += ["", f"Invariance over {found.by}\n  not estimated: {found.steps.reason}"]
    elif found.steps is not None:
        lines += [
            "",
            f"Invariance over {found.by}",
            *(f"  {s}" for s in str(found.steps).split("\n")),
        ]
    return "\n".join(lines)
