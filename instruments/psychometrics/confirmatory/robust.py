"""What maximum likelihood needs rows for: errors and tests that do not assume normal answers.

Every sum streams over blocks of people, so that memory does not grow with their number. With
clusters, what people of one cluster contribute is added up before it is squared.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import Layout
from instruments.psychometrics.confirmatory.implied import imply, slopes
from instruments.psychometrics.confirmatory.likelihood import invert
from instruments.psychometrics.confirmatory.samples import Rows, Sample
from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]

BLOCK = 4096


def meat(layout: Layout, rows: Sequence[Rows], x: Matrix) -> Matrix:
    """Mean outer product of the people's (or clusters') scores, a person."""
    total = np.zeros((layout.size, layout.size))
    for block, own in zip(layout.blocks, rows, strict=True):
        implied = imply(block, x)
        inverse = invert(implied.covariances)
        if inverse is None:
            raise CannotEstimate("the model implies impossible covariances")
        weight, slope = inverse[0], slopes(block, implied)
        left, right = weight @ slope.left, weight @ slope.right
        drift = slope.weight * np.einsum("ke,ke->e", slope.left, right)
        means = weight @ slope.means
        centre = implied.means if layout.plan.means else own.answers.mean(axis=0)
        spread = np.zeros((len(block.param), layout.size))
        spread[np.arange(len(block.param)), block.param] = 1.0
        size = 0 if own.clusters is None else int(own.clusters.max()) + 1
        summed = np.zeros((size, layout.size))
        for part, labels in parts(own):
            away = part - centre
            scores = slope.weight * (away @ left) * (away @ right) - drift
            if layout.plan.means:
                scores += away @ means
            scores = scores @ spread
            if labels is None:
                total += scores.T @ scores
            else:
                np.add.at(summed, labels, scores)
        total += own.correction * summed.T @ summed
    return total / sum(own.n for own in rows)


def parts(rows: Rows) -> Iterator[tuple[Matrix, NDArray[np.int64] | None]]:
    """Blocks of answers, each with its people's clusters."""
    for start in range(0, rows.n, BLOCK):
        stop = start + BLOCK
        labels = None if rows.clusters is None else rows.clusters[start:stop]
        yield rows.answers[start:stop], labels


def saturated_trace(rows: Rows, sample: Sample, *, means: bool) -> float:
    """``tr(B A^-1)`` of the model that leaves means and covariances free.

    Without clusters this is half of Mardia's kurtosis minus p, and p more with means.
    """
    inverse = invert(sample.covariances)
    if inverse is None:
        raise CannotEstimate("the covariances of the items are singular")
    weight, p = inverse[0], len(sample.names)
    if rows.clusters is None:
        fourth = 0.0
        for part, _ in parts(rows):
            away = part - sample.means
            distance = np.einsum("ni,ij,nj->n", away, weight, away, optimize=True)
            fourth += float((distance**2).sum())
        return (fourth / rows.n - p) / 2 + (p if means else 0)
    total = 0.0
    order = np.argsort(rows.clusters, kind="stable")
    bounds = np.flatnonzero(np.diff(rows.clusters[order])) + 1
    for members in np.split(order, bounds):
        away = rows.answers[members] - sample.means
        excess = weight @ (away.T @ away - len(members) * sample.covariances)
        total += float((excess * excess.T).sum()) / 2
        if means:
            along = away.sum(axis=0)
            total += float(along @ weight @ along)
    return total * rows.correction / rows.n


def independence_trace(rows: Rows, sample: Sample, *, means: bool) -> float:
    """``tr(B A^-1)`` of the model in which no two items correlate."""
    scale = np.sqrt(np.diag(sample.covariances))
    total = 0.0
    size = 0 if rows.clusters is None else int(rows.clusters.max()) + 1
    summed = np.zeros((2, size, len(scale)))
    for part, labels in parts(rows):
        away = (part - sample.means) / scale
        if labels is None:
            total += float(((away**2 - 1) ** 2).sum()) / 2
            total += float((away**2).sum()) if means else 0.0
        else:
            np.add.at(summed[0], labels, away**2 - 1)
            np.add.at(summed[1], labels, away)
    total += float((summed[0] ** 2).sum()) / 2 + (float((summed[1] ** 2).sum()) if means else 0.0)
    return total * rows.correction / rows.n
