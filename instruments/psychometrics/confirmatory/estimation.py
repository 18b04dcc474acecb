"""From a layout and samples to a fitted model: maximum likelihood, plain or robust."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory import likelihood, robust
from instruments.psychometrics.confirmatory.cells import Layout
from instruments.psychometrics.confirmatory.direction import upright
from instruments.psychometrics.confirmatory.implied import Implied, imply
from instruments.psychometrics.confirmatory.indices import Fit, Statistic, indices, residual_srmr
from instruments.psychometrics.confirmatory.samples import Rows, Sample, check
from instruments.psychometrics.confirmatory.starts import starts
from instruments.psychometrics.estimates import CannotEstimate

Matrix = NDArray[np.float64]


class Sized(Protocol):
    """A layout, or several: something with a number of parameters."""

    @property
    def size(self) -> int: ...


@dataclass(frozen=True, eq=False)
class Estimated:
    """A fitted model before it is written out.

    Attributes
    ----------
    x, spread : ndarray
        Parameters and their covariance matrix.
    statistic : Statistic
    fit : Fit
    residuals, implied : tuple of ndarray
        One a group.
    information : ndarray
        What ``spread`` rests on, a person.
    samples : tuple of Sample
        What was fitted; of FIML, the saturated solution. None of WLSMV.
    """

    layout: Layout
    x: Matrix
    spread: Matrix
    information: Matrix
    statistic: Statistic
    fit: Fit
    residuals: tuple[Matrix, ...]
    implied: tuple[Implied, ...]
    samples: tuple[Sample, ...] = ()


def degrees(layout: Sized, moments: int) -> int:
    """Degrees of freedom.

    Raises
    ------
    CannotEstimate
        Where the model has more parameters than the data have moments.
    """
    df = moments - layout.size
    if df < 0:
        raise CannotEstimate(
            f"the model has {layout.size} parameters, and the data only {moments} figures to fit"
        )
    return df


def maximum_likelihood(
    layout: Layout,
    samples: Sequence[Sample],
    rows: Sequence[Rows] = (),
    start: Matrix | None = None,
) -> Estimated:
    """ML from means and covariances; with rows, robust errors and test (MLR).

    Agrees with ``lavaan::cfa(estimator = "ML")`` and ``"MLR"``: divisor n, expected information
    for ML, the exact Hessian and outer products of scores for MLR.
    """
    for sample in samples:
        check(sample)
    p, groups, means = len(samples[0].names), len(samples), layout.plan.means
    df = degrees(layout, groups * (p * (p + 1) // 2 + (p if means else 0)))
    begun = starts(layout, samples) if start is None else start
    solution = likelihood.fit(layout, samples, begun)
    x = upright(layout, solution.x)
    n = sum(sample.n for sample in samples)
    _, information = likelihood.derivatives(layout, samples, x, exact=bool(rows))
    bread = likelihood.inverse_information(layout, information)
    spread, scale, null_scale = bread / n, None, None
    null_df = groups * p * (p - 1) // 2
    if rows:
        meat = robust.meat(layout, rows, x)
        spread = bread @ meat @ bread / n
        pairs = list(zip(rows, samples, strict=True))
        full = sum(robust.saturated_trace(*pair, means=means) for pair in pairs)
        null = sum(robust.independence_trace(*pair, means=means) for pair in pairs)
        scale = (full - float((meat * bread).sum())) / df if df else None
        null_scale = (full - null) / null_df
    statistic = Statistic(max(2 * n * solution.loss, 0.0), df, scale)
    implied = tuple(imply(block, x) for block in layout.blocks)
    srmr, residuals = _residuals(samples, implied, n, means=means)
    fit = indices(
        statistic,
        Statistic(_independence(samples), null_df, null_scale),
        n=n,
        groups=groups,
        parameters=layout.size,
        srmr=srmr,
        loglik=_saturated_loglik(samples) - statistic.chi2 / 2,
        robust=bool(rows),
    )
    return Estimated(
        layout,
        x,
        spread,
        information,
        statistic,
        fit,
        residuals,
        implied,
        tuple(samples),
    )


def _independence(samples: Sequence[Sample]) -> float:
    """Statistic of the model in which no two items correlate."""
    total = 0.0
    for sample in samples:
        scale = np.sqrt(np.diag(sample.covariances))
        logdet = np.linalg.slogdet(sample.covariances / np.outer(scale, scale))[1]
        total -= sample.n * float(logdet)
    return total


def _saturated_loglik(samples: Sequence[Sample]) -> float:
    total = 0.0
    for sample in samples:
        p = len(sample.names)
        logdet = float(np.linalg.slogdet(sample.covariances)[1])
        total -= sample.n / 2 * (p * np.log(2 * np.pi) + logdet + p)
    return float(total)


def _residuals(
    samples: Sequence[Sample], implied: Sequence[Implied], n: int, *, means: bool
) -> tuple[float, tuple[Matrix, ...]]:
    srmr, found = 0.0, []
    for sample, own in zip(samples, implied, strict=True):
        away = sample.means - own.means if means else None
        one, residual = residual_srmr(sample.covariances, own.covariances, away)
        srmr += sample.n / n * one
        found.append(residual)
    return srmr, tuple(found)
