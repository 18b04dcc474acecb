"""A fitted model as a result: parameters, shares explained, and what a reader should know."""

from collections.abc import Mapping, Sequence

import numpy as np

from instruments.psychometrics.confirmatory.cells import LATENT, LOADING, PATH, RESIDUAL
from instruments.psychometrics.confirmatory.estimation import Estimated
from instruments.psychometrics.confirmatory.indices import Index
from instruments.psychometrics.confirmatory.results import Confirmatory
from instruments.psychometrics.confirmatory.standardise import parameters


def write(
    estimated: Estimated,
    groups: Mapping[str, int],
    *,
    estimator: str,
    method: str,
    notices: Sequence[str] = (),
    modification: tuple[Index, ...] = (),
) -> Confirmatory:
    """The result of a fitted model."""
    layout = estimated.layout
    names = tuple(groups)
    return Confirmatory(
        estimator=estimator,
        method=method,
        n=sum(groups.values()),
        groups=dict(groups),
        items=layout.model.items,
        factors=layout.model.factors,
        parameters=parameters(layout, estimated.x, estimated.spread, names),
        fit=estimated.fit,
        residuals=dict(zip(names, estimated.residuals, strict=True)),
        implied={name: own.covariances for name, own in zip(names, estimated.implied, strict=True)},
        r_squared={name: _explained(estimated, k) for k, name in enumerate(names)},
        modification=modification,
        notices=(*notices, *_improper(estimated, names)),
    )


def _explained(estimated: Estimated, group: int) -> dict[str, float]:
    """Share of variance explained, of items and of factors that load on a factor."""
    model, own = estimated.layout.model, estimated.implied[group]
    found = {
        item: 1 - float(own.residual[k, k] / own.covariances[k, k])
        for k, item in enumerate(model.items)
    }
    below = {c.row for c in estimated.layout.cells if c.kind == PATH}
    for k, factor in enumerate(model.factors):
        if k in below:
            found[factor] = 1 - float(own.latent[k, k] / own.factors[k, k])
    return found


def _improper(estimated: Estimated, names: Sequence[str]) -> list[str]:
    """Heywood cases and factors that cannot be told apart."""
    found = []
    model = estimated.layout.model
    for group, (name, own) in enumerate(zip(names, estimated.implied, strict=True)):
        where = f" in {name}" if len(names) > 1 else ""
        cells = [c for c in estimated.layout.cells if c.group == group and c.kind != LOADING]
        for cell in cells:
            matrix = {RESIDUAL: own.residual, LATENT: own.latent}.get(cell.kind)
            if matrix is None or cell.row != cell.col:
                continue
            if cell.key or estimated.layout.plan.delta:
                if matrix[cell.row, cell.row] < 0:
                    found.append(
                        f"The variance of {cell.lhs}{where} is negative (Heywood case): do not"
                        " trust this solution."
                    )
        variances = np.diag(own.factors)
        if len(variances) > 1 and (variances > 0).all():
            scale = np.sqrt(variances)
            least = float(np.linalg.eigvalsh(own.factors / np.outer(scale, scale))[0])
            if least < 1e-6:
                found.append(
                    f"The factors {', '.join(model.factors)} cannot be told apart{where}: their"
                    " correlations are not proper."
                )
    return found
