"""The frozen result of a confirmatory analysis: prints as tables, converts to frames and JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.indices import Fit, Index
from instruments.psychometrics.confirmatory.standardise import Parameter
from instruments.psychometrics.confirmatory.text import fit_lines, index_lines, parameter_lines

if TYPE_CHECKING:
    from pandas import DataFrame

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Confirmatory:
    """A fitted confirmatory model.

    Attributes
    ----------
    estimator : {"ML", "MLR", "FIML", "WLSMV"}
    method : str
        Estimator, errors, test and missing-data rule in words.
    n : int
        People used, all groups together.
    groups : mapping of str to int
        Group -> people used; one entry without a name where there is one group.
    items, factors : tuple of str
    parameters : tuple of Parameter
        Free and fixed ones, group by group.
    fit : Fit
    residuals : mapping of str to ndarray
        Group -> residual correlations, shape (p, p): sample minus implied, in the sample's standard
        deviations.
    implied : mapping of str to ndarray
        Group -> implied covariances (correlations of ordinal items), shape (p, p).
    r_squared : mapping of str to mapping of str to float
        Group -> item or lower factor -> share of its variance that factors explain.
    modification : tuple of Index
        Largest first; empty unless asked for.
    notices : tuple of str
        What to know before trusting the figures, one sentence each.
    """

    estimator: str
    method: str
    n: int
    groups: Mapping[str, int]
    items: tuple[str, ...]
    factors: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    fit: Fit
    residuals: Mapping[str, Matrix]
    implied: Mapping[str, Matrix]
    r_squared: Mapping[str, Mapping[str, float]]
    modification: tuple[Index, ...] = ()
    notices: tuple[str, ...] = ()

    def parameter(self, name: str, group: str = "") -> Parameter:
        """One parameter, by how it is written: ``parameter("A =~ A1")``."""
        wanted = " ".join(name.split())
        for one in self.parameters:
            turned = f"{one.rhs} {one.op} {one.lhs}" if one.op == "~~" else one.name
            if wanted in (one.name, turned) and group in ("", one.group):
                return one
        raise KeyError(f"the model has no parameter {name!r}")

    def loadings(self, group: str = "", *, standardised: bool = True) -> Matrix:
        """Loadings as a matrix, shape (p, m), zero where the model has none."""
        found = np.zeros((len(self.items), len(self.factors)))
        for one in self.parameters:
            if one.op == "=~" and one.rhs in self.items and group in ("", one.group):
                value = one.std if standardised else one.estimate
                at = self.items.index(one.rhs), self.factors.index(one.lhs)
                found[at] = np.nan if value is None else value
        return found

    def to_frame(self) -> "DataFrame":
        """The parameters as a pandas DataFrame, one row each."""
        from pandas import DataFrame

        return DataFrame([asdict(one) for one in self.parameters])

    def to_json(self) -> dict[str, Any]:
        """Plain values, without matrices; figures that do not apply are left out."""
        return {
            "estimator": self.estimator,
            "method": self.method,
            "n": self.n,
            "groups": dict(self.groups),
            "fit": fit_values(self.fit),
            "parameters": [plain(asdict(one)) for one in self.parameters],
            "r_squared": {name: dict(values) for name, values in self.r_squared.items()},
            "modification": [plain(asdict(one)) for one in self.modification],
            "notices": list(self.notices),
        }

    def __str__(self) -> str:
        lines = [self.method, "", *fit_lines(self.fit)]
        for group in self.groups:
            lines += parameter_lines(self.parameters, group)
        lines += index_lines(self.modification)
        lines += [""] * bool(self.notices) + [f"Note: {notice}" for notice in self.notices]
        return "\n".join(lines)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values that apply."""
    return {name: value for name, value in values.items() if value is not None and value != ""}


def fit_values(fit: Fit) -> dict[str, Any]:
    """Fit by name, with ``df_scaled`` beside the scaled statistic; what does not apply left out."""
    found = plain(asdict(fit))
    if fit.chi2_scaled is not None:
        found["df_scaled"] = fit.df
    return found
