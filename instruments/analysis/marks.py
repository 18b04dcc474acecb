"""Which factor belongs to which scale, and which items keep the conventional marks."""

from collections.abc import Mapping

import numpy as np

from instruments.analysis.results import MARKS, ItemDistribution, Mark, MarkName, Structure
from instruments.psychometrics.estimates import NotEstimated
from instruments.psychometrics.exploratory import FactorSolution
from instruments.psychometrics.scales import ScaleReliability


def own_factors(efa: FactorSolution, scale_of: Mapping[str, str]) -> dict[str, str]:
    """Scale -> factor: one to one where there are enough factors, so that sizes sum highest."""
    codes = tuple(dict.fromkeys(scale_of.values()))
    member = np.array([[scale_of[name] == code for name in efa.names] for code in codes])
    size = (member @ np.abs(efa.loadings)) / member.sum(axis=1, keepdims=True)
    if efa.factors < len(codes):
        return {code: f"F{k + 1}" for code, k in zip(codes, size.argmax(axis=1), strict=True)}
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-size)
    return {codes[row]: f"F{column + 1}" for row, column in zip(rows, columns, strict=True)}


def marks(
    scales: Mapping[str, ScaleReliability],
    structure: Structure | NotEstimated,
    distributions: Mapping[str, ItemDistribution],
) -> tuple[Mark, ...]:
    """Every mark that can be laid beside an item of a reflective scale."""
    loadings = {} if isinstance(structure, NotEstimated) else _own_loadings(structure)
    found = []
    for code, scale in scales.items():
        for item in scale.items:
            values: dict[MarkName, float] = {}
            if item.item in loadings:
                values["loading"], others = loadings[item.item]
                if others:
                    values["gap"] = values["loading"] - max(others)
            if not isinstance(item.item_rest, NotEstimated):
                values["item_rest"] = item.item_rest
            spread = distributions[item.item]
            values["floor"] = spread.counts[0] / spread.n
            values["ceiling"] = spread.counts[-1] / spread.n
            for name, value in values.items():
                limit = MARKS[name]
                holds = value <= limit if name in ("floor", "ceiling") else value >= limit
                found.append(Mark(item.item, code, name, value, limit, holds))
    return tuple(found)


def _own_loadings(structure: Structure) -> dict[str, tuple[float, list[float]]]:
    """Item -> loading on its scale's factor, in the scale's direction; sizes of the others."""
    if isinstance(structure.efa, NotEstimated):
        return {}
    loadings = structure.efa.loadings
    column = {name: k for k, name in enumerate(structure.factor_names())}
    found = {}
    for scale, factor in structure.own_factor.items():
        rows = [k for k, item in enumerate(structure.items) if structure.scale_of[item] == scale]
        own = column[factor]
        direction = -1.0 if loadings[rows, own].sum() < 0 else 1.0
        for row in rows:
            others = [abs(float(x)) for k, x in enumerate(loadings[row]) if k != own]
            found[structure.items[row]] = (direction * float(loadings[row, own]), others)
    return found
