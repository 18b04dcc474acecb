"""Two-level models: one structure within clusters, one between them, by full maximum likelihood."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import Identify, Plan, lay_out
from instruments.psychometrics.confirmatory.estimation import degrees
from instruments.psychometrics.confirmatory.implied import imply
from instruments.psychometrics.confirmatory.indices import (
    Fit,
    Statistic,
    indices,
    residual_srmr,
)
from instruments.psychometrics.confirmatory.level_likelihood import (
    Levels,
    derivatives,
    free,
    saturated,
    solved,
    sufficient,
    unrelated,
)
from instruments.psychometrics.confirmatory.results import fit_values, plain
from instruments.psychometrics.confirmatory.samples import Columns, read
from instruments.psychometrics.confirmatory.standardise import Parameter, parameters
from instruments.psychometrics.confirmatory.text import fit_lines, number, parameter_lines
from instruments.psychometrics.estimates import CannotEstimate
from instruments.psychometrics.model import Model, Structure, written

if TYPE_CHECKING:
    from pandas import DataFrame

Matrix = NDArray[np.float64]
Written = str | Model | Mapping[str, Sequence[str]]

#: fewer clusters than this say too little about the level between them
FEWEST = 50


@dataclass(frozen=True, eq=False)
class TwoLevel:
    """A fitted two-level model.

    Attributes
    ----------
    n, clusters : int
        People and clusters.
    parameters : tuple of Parameter
        Groups ``within`` and ``between``; intercepts are between.
    fit : Fit
        Of both levels together.
    srmr_within, srmr_between : float
    icc : mapping of str to float
        Item -> share of its variance between clusters, in the saturated model.
    """

    method: str
    n: int
    clusters: int
    parameters: tuple[Parameter, ...]
    fit: Fit
    srmr_within: float
    srmr_between: float
    icc: Mapping[str, float]
    notices: tuple[str, ...]

    def parameter(self, name: str, level: str) -> Parameter:
        """One parameter: ``parameter("A =~ A1", "between")``."""
        for one in self.parameters:
            if one.group == level and one.name == " ".join(name.split()):
                return one
        raise KeyError(f"the model has no parameter {name!r} {level}")

    def to_frame(self) -> "DataFrame":
        """The parameters as a pandas DataFrame, one row each."""
        from pandas import DataFrame

        return DataFrame([asdict(one) for one in self.parameters])

    def to_json(self) -> dict[str, Any]:
        """Plain values; figures that do not apply are left out."""
        return {
            "method": self.method,
            "n": self.n,
            "clusters": self.clusters,
            "fit": fit_values(self.fit)
            | {"srmr_within": self.srmr_within, "srmr_between": self.srmr_between},
            "icc": dict(self.icc),
            "parameters": [plain(asdict(one)) for one in self.parameters],
            "notices": list(self.notices),
        }

    def __str__(self) -> str:
        lines = [self.method, "", *fit_lines(self.fit)]
        lines.append(f"SRMR within {number(self.srmr_within)}, between {number(self.srmr_between)}")
        for level in ("within", "between"):
            lines += parameter_lines(self.parameters, level)
        lines += [""] * bool(self.notices) + [f"Note: {notice}" for notice in self.notices]
        return "\n".join(lines)


def two_level(
    within: Written,
    data: Columns,
    *,
    cluster: str,
    between: Written | None = None,
    structure: Structure = "correlated",
    identify: Identify = "variance",
    fewest: int = FEWEST,
) -> TwoLevel:
    """Confirmatory factor analysis within and between clusters.

    Parameters
    ----------
    within, between : str, Model or mapping of str to sequence of str
        The model of each level, of the same items; between as within where None.
    data : columns of answers
        NaN where there is no answer; people with a gap are left out.
    cluster : str
        Column of clusters.
    structure, identify
        As for :func:`cfa`.
    fewest : int
        Clusters below which the model is refused.

    Returns
    -------
    TwoLevel

    Raises
    ------
    ValueError, CannotEstimate
        As for :func:`cfa`; and where clusters are fewer than ``fewest``.

    Notes
    -----
    Full maximum likelihood for clusters of any sizes, errors from the Hessian. Agrees with
    ``lavaan::cfa(cluster = ...)`` with a ``level: 1`` and a ``level: 2`` block. Source: Muthen
    (1994), Sociological Methods and Research 22, 376-398.
    """
    inner = written(within, structure)
    outer = inner if between is None else written(between, structure)
    if sorted(outer.items) != sorted(inner.items):
        raise ValueError("both levels must have the same items")
    outer = Model(inner.items, outer.factors, outer.terms, outer.orthogonal)
    everybody = read(data, inner.items, cluster)
    rows = everybody.complete()
    parts, pooled, apart, clusters = sufficient(rows, fewest)
    levels = Levels(
        lay_out(inner, Plan(identify=identify)),
        lay_out(outer, Plan(identify=identify, means=True)),
    )
    p = len(inner.items)
    df = degrees(levels, p * (p + 1) + p)
    best = saturated(inner.items, parts, pooled, apart, rows.n)
    null = solved(unrelated(inner.items), parts, pooled, apart, rows.n)
    fitted = solved(levels, parts, pooled, apart, rows.n)
    hessian = derivatives(levels, parts, fitted[0], exact=True)[1]
    spread = _inverse(levels, hessian) / rows.n
    fit = indices(
        Statistic(max(2 * rows.n * (fitted[1] - best[1]), 0.0), df),
        Statistic(2 * rows.n * (null[1] - best[1]), p * (p - 1)),
        n=rows.n,
        groups=1,
        parameters=levels.size,
        srmr=None,
        loglik=-rows.n * (fitted[1] + p / 2 * float(np.log(2 * np.pi))),
    )
    return _result(levels, best[0], fitted[0], spread, fit, rows.n, clusters, everybody.n)


def _inverse(levels: Levels, hessian: Matrix) -> Matrix:
    scale = np.sqrt(np.abs(np.diag(hessian)))
    values, vectors = np.linalg.eigh(hessian / np.outer(scale, scale))
    if values[0] < 1e-9:
        worst = int(np.argmax(np.abs(vectors[:, 0])))
        cut = levels.within.size
        name = levels.within.name(worst) if worst < cut else levels.between.name(worst - cut)
        raise CannotEstimate(f"the model is not identified: see {name}")
    return np.asarray((vectors / values) @ vectors.T / np.outer(scale, scale), dtype=np.float64)


def _result(
    levels: Levels,
    best: Matrix,
    x: Matrix,
    spread: Matrix,
    fit: Fit,
    n: int,
    clusters: int,
    people: int,
) -> TwoLevel:
    cut, items = levels.within.size, levels.within.model.items
    named: list[Parameter] = []
    srmr, notices, variances = [], [], []
    if people > n:
        notices.append(f"{people - n:,} people with a gap left out.")
    whole_levels = free(items)
    sides = zip(
        ("within", "between"),
        (levels.within, levels.between),
        levels.parted(x),
        (whole_levels.within, whole_levels.between),
        whole_levels.parted(best),
        (spread[:cut, :cut], spread[cut:, cut:]),
        strict=True,
    )
    for name, layout, own, whole, values, errors in sides:
        named += parameters(layout, own, errors, (name, ""))
        implied = imply(layout.blocks[0], own)
        sample = imply(whole.blocks[0], values)
        variances.append(np.diag(sample.covariances))
        away = sample.means - implied.means if name == "between" else None
        srmr.append(residual_srmr(sample.covariances, implied.covariances, away)[0])
        for item, variance in zip(items, np.diag(implied.residual), strict=True):
            if variance < 0:
                notices.append(f"The variance of {item} {name} clusters is negative.")
    total = variances[0] + variances[1]
    return TwoLevel(
        "two-level maximum likelihood, errors from the Hessian, listwise,"
        f" n = {n:,} in {clusters:,} clusters",
        n,
        clusters,
        tuple(named),
        fit,
        srmr[0],
        srmr[1],
        dict(zip(items, (variances[1] / total).tolist(), strict=True)),
        tuple(notices),
    )
