"""An analysis as plain values for JSON, by the paths of ``docs/analysis-json.md``."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.analysis.results import Analysis, SchoolAgreement, Structure
from instruments.psychometrics.estimates import Estimate, NotEstimated, plain
from instruments.psychometrics.exploratory import FactorSolution
from instruments.psychometrics.scales import ScaleReliability
from instruments.psychometrics.validity import Between

#: a scale's figures, in the file's order
FIGURES = (
    "alpha",
    "alpha_standardised",
    "omega_total",
    "omega_hierarchical",
    "omega_categorical",
    "ordinal_alpha",
    "average_r",
    "ave",
    "composite_reliability",
    "lambda_2",
)
#: key -> figure of agreement inside schools
AGREEMENT = {
    "rwgj_uniform": "rwgj_uniform",
    "rwgj_skewed": "rwgj_skewed",
    "awg": "awg",
    "ad": "ad_mean",
    "ad_median": "ad_median",
}


def to_json(analysis: Analysis) -> dict[str, Any]:
    """Every figure at full precision; a figure that the data do not support gives its reason."""
    found: dict[str, Any] = {
        "midtier": analysis.midtier,
        "instrument": f"{analysis.instrument}@{analysis.version}",
        "simulated": analysis.simulated,
        "n": analysis.n,
        "seed": analysis.seed,
        "missing": analysis.missing,
        "notices": list(analysis.notices),
        "scales": {code: _scale(scale) for code, scale in analysis.scales.items()},
    }
    if isinstance(analysis.structure, NotEstimated):
        reason = _plain(analysis.structure)
        found |= dict.fromkeys(
            (
                "correlations",
                "kmo",
                "bartlett",
                "eigenvalues",
                "parallel_analysis",
                "map",
                "efa",
                "between_scales",
            ),
            reason,
        )
    else:
        found |= _structure(analysis.structure)
    found["agreement"] = (
        _plain(analysis.agreement)
        if isinstance(analysis.agreement, NotEstimated)
        else {code: _agreement(each) for code, each in analysis.agreement.items()}
    )
    if analysis.formative:
        found["formative"] = {code: plain(each) for code, each in analysis.formative.items()}
    if analysis.by:
        found["by"] = {
            analysis.by: {
                group.name: {
                    "n": group.n,
                    "scales": {code: _scale(scale) for code, scale in group.scales.items()},
                }
                for group in analysis.groups
            }
        }
    return found


def _plain(figure: Estimate | NotEstimated | float) -> Any:
    if isinstance(figure, NotEstimated):
        return {"not_estimated": figure.reason}
    if isinstance(figure, Estimate):
        return {
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "n": figure.n,
            "method": figure.method,
        }
    return figure


def _scale(scale: ScaleReliability) -> dict[str, Any]:
    found: dict[str, Any] = {
        "n": scale.n,
        "items": {
            item.item: {
                "n": item.n,
                "mean": item.mean,
                "sd": item.sd,
                "item_rest": _plain(item.item_rest),
                "alpha_if_dropped": _plain(item.alpha_if_dropped),
            }
            for item in scale.items
        },
    }
    for name in FIGURES:
        found[name] = _plain(getattr(scale, name))
    if scale.spearman_brown is not None:
        found["spearman_brown"] = _plain(scale.spearman_brown)
    return found


def _agreement(found: SchoolAgreement) -> dict[str, Any]:
    """ICC as estimates; the others as the mean over schools, its interval, and each school's."""
    icc, inside = found.icc, found.consensus
    refused = icc if isinstance(icc, NotEstimated) else None
    plain_: dict[str, Any] = {
        "groups": 0 if isinstance(icc, NotEstimated) else icc.groups,
        "icc1": _plain(refused or icc.icc1),  # type: ignore[union-attr]
        "icc2": _plain(refused or icc.icc2),  # type: ignore[union-attr]
    }
    for name, own in AGREEMENT.items():
        values = inside if isinstance(inside, NotEstimated) else getattr(inside, own)
        if isinstance(values, NotEstimated) or isinstance(inside, NotEstimated):
            plain_[name] = _plain(values)
        else:
            plain_[name] = _over_schools(values, inside.groups, own)
    return plain_


def _over_schools(values: NDArray[np.float64], names: Sequence[str], method: str) -> dict[str, Any]:
    known = np.isfinite(values)
    of_schools = dict(zip(np.array(names)[known].tolist(), values[known].tolist(), strict=True))
    if known.sum() < 2:
        return {"not_estimated": "fewer than two schools have a figure", "by_school": of_schools}
    from scipy.stats import t

    mean, n = float(values[known].mean()), int(known.sum())
    reach = float(t.ppf(0.975, n - 1) * values[known].std(ddof=1) / np.sqrt(n))
    return {
        "value": mean,
        "low": mean - reach,
        "high": mean + reach,
        "n": n,
        "method": f"{method}, mean over schools, t interval over schools, complete cases",
        "median": float(np.median(values[known])),
        "by_school": of_schools,
    }


def _structure(structure: Structure) -> dict[str, Any]:
    kmo, bartlett = structure.kmo, structure.bartlett
    parallel, partial, efa = structure.parallel_analysis, structure.map, structure.efa
    return {
        "correlations": {
            "items": list(structure.items),
            "n": structure.n,
            "smallest_n": structure.smallest_n,
            "largest_n": structure.largest_n,
            "pearson": structure.correlations.tolist(),
            **_polychoric(structure),
        },
        "kmo": _plain(kmo)
        if isinstance(kmo, NotEstimated)
        else {"overall": kmo.overall, "items": _by_item(structure.items, kmo.items.tolist())},
        "bartlett": _plain(bartlett)
        if isinstance(bartlett, NotEstimated)
        else {"chi2": bartlett.chi2, "df": bartlett.df, "p": bartlett.p, "n": bartlett.n},
        "eigenvalues": structure.eigenvalues.tolist(),
        "parallel_analysis": _plain(parallel)
        if isinstance(parallel, NotEstimated)
        else {
            "retain": parallel.retain,
            "observed": parallel.observed.tolist(),
            "random": parallel.random.tolist(),
            "of": "principal components",
            "quantile": parallel.quantile,
            "draws": parallel.draws,
            "n": parallel.n,
        },
        "map": _plain(partial)
        if isinstance(partial, NotEstimated)
        else {
            "retain": partial.retain,
            "values": partial.values.tolist(),
            "none": partial.none,
            "fourth_power": {
                "retain": partial.retain_fourth,
                "values": partial.values_fourth.tolist(),
                "none": partial.none_fourth,
            },
        },
        "efa": _plain(efa) if isinstance(efa, NotEstimated) else _efa(structure, efa),
        "between_scales": {
            "htmt": _between(structure.htmt),
            "factor_correlations": _between(structure.factor_correlations),
        },
    }


def _between(found: Between | NotEstimated) -> Any:
    return _plain(found) if isinstance(found, NotEstimated) else found.to_json()


def _polychoric(structure: Structure) -> dict[str, Any]:
    found = structure.polychoric
    if isinstance(found, NotEstimated):
        return {"polychoric": _plain(found), "thresholds": _plain(found)}
    return {
        "polychoric": found.correlations.tolist(),
        "polychoric_errors": found.errors.tolist(),
        "polychoric_notices": list(found.notices),
        "thresholds": {
            item: cuts.tolist() for item, cuts in zip(found.names, found.thresholds, strict=True)
        },
    }


def _efa(structure: Structure, efa: FactorSolution) -> dict[str, Any]:
    names = structure.factor_names()
    none = {"not_estimated": "the model has no degrees of freedom, or nothing to improve on"}
    return {
        "factors": efa.factors,
        "extraction": efa.extraction,
        "rotation": efa.rotation,
        "n": efa.n,
        "loadings": {
            item: dict(zip(names, row, strict=True))
            for item, row in zip(efa.names, efa.loadings.tolist(), strict=True)
        },
        "factor_correlations": efa.factor_correlations.tolist(),
        "communalities": _by_item(efa.names, efa.communalities.tolist()),
        "complexity": _by_item(efa.names, efa.complexity.tolist()),
        "own_factor": dict(structure.own_factor),
        "heywood": list(efa.heywood),
        "chi2": efa.chi2,
        "df": efa.df,
        "rmsr": efa.rmsr,
        "rmsea": none if efa.rmsea is None else efa.rmsea,
        "rmsea_low": none if efa.rmsea_low is None else efa.rmsea_low,
        "rmsea_high": none if efa.rmsea_high is None else efa.rmsea_high,
        "tli": none if efa.tli is None else efa.tli,
        "bic": efa.bic,
    }


def _by_item(items: Sequence[str], values: Sequence[float]) -> Mapping[str, float]:
    return dict(zip(items, values, strict=True))
