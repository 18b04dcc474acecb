"""An analysis as plain values for JSON, by the paths of ``docs/analysis-json.md``."""

from collections.abc import Mapping, Sequence
from typing import Any

from instruments.analysis.results import Analysis, Structure
from instruments.psychometrics.estimates import Estimate, NotEstimated
from instruments.psychometrics.exploratory import FactorSolution
from instruments.psychometrics.scales import ScaleReliability


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
            ),
            reason,
        )
    else:
        found |= _structure(analysis.structure)
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
        "alpha": _plain(scale.alpha),
        "alpha_standardised": _plain(scale.alpha_standardised),
        "omega_total": _plain(scale.omega_total),
        "average_r": _plain(scale.average_r),
    }
    if scale.spearman_brown is not None:
        found["spearman_brown"] = _plain(scale.spearman_brown)
    return found


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
        else {"retain": partial.retain, "values": partial.values.tolist(), "none": partial.none},
        "efa": _plain(efa) if isinstance(efa, NotEstimated) else _efa(structure, efa),
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
