"""Maximum likelihood from means and covariances: discrepancy, gradient, information, search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory.cells import Layout
from instruments.psychometrics.confirmatory.implied import (
    Implied,
    Slopes,
    curvature,
    imply,
    slopes,
)
from instruments.psychometrics.confirmatory.samples import Sample
from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]

STEPS = 300
#: Newton decrement (in units of the discrepancy) below which the search has arrived
ARRIVED = 1e-14
#: smallest eigenvalue of the information, scaled to unit diagonal, that counts as identified
IDENTIFIED = 1e-9

#: loss, gradient and information at parameters; None where they imply impossible covariances
Objective = Callable[[Matrix], tuple[float, Matrix, Matrix] | None]
Loss = Callable[[Matrix], float | None]


@dataclass(frozen=True, eq=False)
class Solution:
    """Where a search ended."""

    x: Matrix
    loss: float
    steps: int


def invert(matrix: Matrix) -> tuple[Matrix, float] | None:
    """Inverse and log determinant of a positive definite matrix; None for any other."""
    try:
        root = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return None
    diagonal = np.diag(root)
    if diagonal.min() <= 1e-9 * diagonal.max():
        return None
    half = np.linalg.inv(root)
    return half.T @ half, 2 * float(np.log(diagonal).sum())


def loss(layout: Layout, samples: Sequence[Sample], x: Matrix) -> float | None:
    """Half of the ML discrepancy, groups weighted by their n; None outside the possible."""
    total, everybody = 0.0, sum(sample.n for sample in samples)
    for block, sample in zip(layout.blocks, samples, strict=True):
        implied = imply(block, x)
        inverse = invert(implied.covariances)
        if inverse is None:
            return None
        _, second = _second(layout, sample, implied)
        own = inverse[1] - float(np.linalg.slogdet(sample.covariances)[1]) - len(sample.names)
        total += sample.n / everybody * (own + float((inverse[0] * second).sum())) / 2
    return total


def _second(layout: Layout, sample: Sample, implied: Implied) -> tuple[Matrix, Matrix]:
    """Distance from the implied means, and second moments about these."""
    if not layout.plan.means:
        return np.zeros(len(sample.names)), sample.covariances
    away = sample.means - implied.means
    return away, sample.covariances + np.outer(away, away)


def derivatives(
    layout: Layout, samples: Sequence[Sample], x: Matrix, *, exact: bool = False
) -> tuple[Matrix, Matrix]:
    """Gradient of :func:`loss`, and its expected information or, if exact, its Hessian."""
    everybody = sum(sample.n for sample in samples)
    gradient, information = np.zeros(layout.size), np.zeros((layout.size, layout.size))
    for block, sample in zip(layout.blocks, samples, strict=True):
        implied = imply(block, x)
        inverse = invert(implied.covariances)
        if inverse is None:
            raise CannotEstimate("the model implies impossible covariances")
        weight, slope = inverse[0], slopes(block, implied)
        away, second = _second(layout, sample, implied)
        pull, push = weight - weight @ second @ weight, -weight @ away
        own = sample.n / everybody
        first = slope.weight * np.einsum("ke,ke->e", slope.left, pull @ slope.right)
        np.add.at(gradient, block.param, own * (first + push @ slope.means))
        square = expected(slope, weight)
        if exact:
            square += beyond(slope, weight, pull, push) + curvature(
                block, implied, slope, pull, push
            )
        np.add.at(information, np.ix_(block.param, block.param), own * square)
    return gradient, information


def expected(slope: Slopes, weight: Matrix) -> Matrix:
    """Expected information of the free cells of a group, a person."""
    left, right = weight @ slope.left, weight @ slope.right
    cross = slope.right.T @ left
    square = (slope.left.T @ left) * (slope.right.T @ right) + cross * cross.T
    square *= np.outer(slope.weight, slope.weight)
    if slope.means.any():
        square += slope.means.T @ weight @ slope.means
    return np.asarray(square, dtype=np.float64)


def beyond(slope: Slopes, weight: Matrix, pull: Matrix, push: Matrix) -> Matrix:
    """What products of first derivatives add to the expected information in the Hessian."""
    left, right = slope.left, slope.right
    by_left, by_right = weight @ left, weight @ right
    pulled_left, pulled_right = pull @ left, pull @ right
    trace = (right.T @ by_left) * (pulled_left.T @ right)
    trace += (right.T @ by_right) * (pulled_left.T @ left)
    trace += (left.T @ by_left) * (pulled_right.T @ right)
    trace += (left.T @ by_right) * (pulled_right.T @ left)
    found = -trace * np.outer(slope.weight, slope.weight)
    if push.any():
        means = weight @ slope.means
        mixed = (push @ left)[:, None] * (right.T @ means)
        mixed += (push @ right)[:, None] * (left.T @ means)
        mixed *= slope.weight[:, None]
        found -= mixed + mixed.T
    return np.asarray(found, dtype=np.float64)


def fit(layout: Layout, samples: Sequence[Sample], start: Matrix) -> Solution:
    """The maximum likelihood solution, by Fisher scoring with damped steps."""

    def at(x: Matrix) -> float | None:
        return loss(layout, samples, x)

    return search(at, lambda x: derivatives(layout, samples, x), start)


def search(at: Loss, slope: Callable[[Matrix], tuple[Matrix, Matrix]], start: Matrix) -> Solution:
    """Where a loss is least: steps by the information, damped where they overshoot.

    Raises
    ------
    CannotEstimate
        Where the search does not arrive.
    """
    x, damping = start, 1e-4
    here = at(x)
    if here is None:
        raise CannotEstimate("no proper starting values were found")
    for step in range(STEPS):
        gradient, information = slope(x)
        diagonal = np.diag(information).copy()
        diagonal[diagonal <= 0] = 1.0
        moved = False
        for _ in range(30):
            direction = _solve(information + np.diag(damping * diagonal), gradient)
            decrement = 0.0 if direction is None else float(gradient @ direction)
            if direction is not None and decrement < ARRIVED * (1 + abs(here)):
                return Solution(x, here, step)
            there = None if direction is None else at(x - direction)
            if direction is not None and there is not None and there <= here:
                gain = (here - there) / max(decrement / 2, 1e-300)
                x, here, moved = x - direction, there, True
                damping = damping / 10 if gain > 0.5 else damping
                damping = 0.0 if damping < 1e-9 else damping
                break
            damping = max(10 * damping, 1e-4)
        if not moved:
            if decrement < 1e-9 * (1 + abs(here)):
                return Solution(x, here, step)  # rounding hides any further descent
            break
    raise CannotEstimate(
        f"no solution was found in {STEPS} steps: the model does not suit the data"
    )


def _solve(matrix: Matrix, vector: Matrix) -> Matrix | None:
    try:
        np.linalg.cholesky(matrix)
        return np.asarray(np.linalg.solve(matrix, vector), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None


def inverse_information(
    layout: Layout, information: Matrix, sought: NDArray[np.int64] | None = None
) -> Matrix:
    """Inverse of the information, of all parameters or of those ``sought``.

    Raises
    ------
    CannotEstimate
        Where a direction of the parameters leaves the fit as it is; names them.
    """
    place = np.arange(layout.size) if sought is None else sought
    diagonal = np.diag(information)
    empty = np.flatnonzero(diagonal <= 0)
    if empty.size:
        raise CannotEstimate(f"the data say nothing about {layout.name(int(place[empty[0]]))}")
    scale = np.sqrt(diagonal)
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    if values[0] < IDENTIFIED:
        worst = np.argsort(-np.abs(vectors[:, 0]))[:3]
        named = ", ".join(layout.name(int(place[k])) for k in sorted(worst))
        raise CannotEstimate(f"the model is not identified: see {named}")
    inverse = (vectors / values) @ vectors.T
    return np.asarray(inverse / np.outer(scale, scale), dtype=np.float64)
