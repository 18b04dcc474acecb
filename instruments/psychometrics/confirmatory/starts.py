"""Starting values, close enough that the search arrives in a few steps."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import (
    INTERCEPT,
    LATENT,
    LOADING,
    PATH,
    RESIDUAL,
    Layout,
)
from instruments.psychometrics.confirmatory.samples import Sample
from instruments.psychometrics.model import Model

Matrix = NDArray[np.float64]


def starts(layout: Layout, samples: Sequence[Sample]) -> Matrix:
    """Parameters to begin with: centroid loadings, factor by factor, on what earlier ones leave."""
    x = np.zeros(layout.size)
    done: set[str] = set()
    position = {key: k for k, key in enumerate(layout.keys)}
    found = [_group(layout.model, sample) for sample in samples]
    marker = layout.plan.identify == "marker"
    lead = _leads(layout, found[0][0]) if marker else np.ones(len(layout.model.factors))
    for cell in layout.cells:
        if not cell.key or cell.key in done:
            continue
        done.add(cell.key)
        loadings, left = found[cell.group]
        value = 0.0
        if cell.kind == LOADING:
            value = loadings[cell.row, cell.col] / lead[cell.col]
        elif cell.kind == PATH:
            value = 0.7
        elif cell.row == cell.col and cell.kind == LATENT:
            value = lead[cell.row] ** 2
        elif cell.row == cell.col and cell.kind == RESIDUAL:
            value = left[cell.row]
        elif cell.kind == INTERCEPT:
            value = samples[cell.group].means[cell.row]
        x[position[cell.key]] = value
    return x


def _leads(layout: Layout, loadings: Matrix) -> Matrix:
    """By factor, the loading of the item that sets its unit."""
    lead = np.ones(len(layout.model.factors))
    for cell in reversed(layout.cells):
        if cell.kind == LOADING and not cell.key and cell.value:
            own = loadings[cell.row, cell.col] / cell.value
            lead[cell.col] = own if abs(own) > 0.1 else 0.1
    return lead


def _group(model: Model, sample: Sample) -> tuple[Matrix, Matrix]:
    """Loadings of factors with variance 1, and what they leave of each item's variance."""
    variances = np.diag(sample.covariances)
    scale = np.sqrt(variances)
    rest = sample.covariances / np.outer(scale, scale)
    loadings = np.zeros((len(model.items), len(model.factors)))
    item = {name: k for k, name in enumerate(model.items)}
    own = [
        [item[name] for name in model.measured_by(factor) if name in item]
        for factor in model.factors
    ]
    for col in sorted(range(len(own)), key=lambda k: -len(own[k])):
        at = own[col]
        if at:
            loadings[at, col] = _centroid(rest[np.ix_(at, at)])
            rest[np.ix_(at, at)] -= np.outer(loadings[at, col], loadings[at, col])
    left = variances * np.clip(1 - (loadings**2).sum(axis=1), 0.2, 0.95)
    return loadings * scale[:, None], left


def _centroid(block: Matrix) -> Matrix:
    """Centroid loadings of a block of correlations, between -.9 and .9."""
    off = block - np.diag(np.diag(block))
    sums, total = off.sum(axis=0), off.sum()
    if len(block) < 3 or total <= 1e-3 or (np.abs(sums) < 1e-6).all():
        vector = np.linalg.eigh(block)[1][:, -1]
        sign = 1.0 if vector.sum() >= 0 else -1.0
        return np.asarray(0.6 * sign * vector * np.sqrt(len(block)), dtype=np.float64)
    return np.asarray(np.clip(sums / np.sqrt(total), -0.9, 0.9), dtype=np.float64)
