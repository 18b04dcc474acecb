"""Where differences lie: between organisations, between their schools, or between people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.agreement import exact_limits, mean_squares
from instruments.psychometrics.estimates import CannotEstimate, Estimate, Result, Table
from instruments.psychometrics.given import as_labels
from instruments.psychometrics.intervals import DRAWS, quantile
from instruments.psychometrics.labels import numbered

Matrix = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class VariancePartition(Result):
    """Variance of a score by level, widest first, people last.

    ``shares`` of all variance, with intervals; ``variances``, in squared units of the score;
    ``groups``: how many there are at each level.
    """

    shares: Mapping[str, Estimate]
    variances: Mapping[str, float]
    groups: Mapping[str, int]
    mean: float

    def table(self) -> Table:
        rows = tuple(
            (level, self.variances[level], share.value, share.low, share.high, self.groups[level])
            for level, share in self.shares.items()
        )
        return Table(("level", "variance", "share", "low", "high", "groups"), rows)


@dataclass(frozen=True, eq=False)
class _Schools:
    """What the likelihood needs of people: each school's size and mean, and all differences within.

    ``own`` says which wider group each school belongs to.
    """

    size: Matrix
    mean: Matrix
    own: Places
    within: float
    n: int


def variance_partition(
    x: NDArray[np.float64],
    levels: Mapping[str, NDArray[Any]],
    *,
    confidence: float = 0.95,
    seed: int = 1,
    draws: int = DRAWS,
) -> VariancePartition:
    """Variance of a score over one level of groups, or over groups inside wider groups.

    Parameters
    ----------
    x : ndarray, shape (n,)
        One score a person, none missing.
    levels : mapping of str to ndarray
        Each person's group, widest first: ``{"mto": ..., "school": ...}`` or ``{"school": ...}``.
        Schools of two organisations are two, even under one name.
    confidence : float
        Of the interval.
    seed, draws : int
        For the bootstrap of two levels, and how many resamples.

    Returns
    -------
    VariancePartition
        Shares between 0 and 1, variances in squared units of x.

    Raises
    ------
    CannotEstimate
        Where a level has fewer than two groups, no group has two people, or people do not differ.

    Notes
    -----
    Restricted maximum likelihood of the model of random means; agrees with
    ``lme4::lmer(x ~ 1 + (1 | group))`` 1.1-31 to 1e-5. Intervals of one level: Wald's exact ones,
    as of ICC(1), held at 0. Of two: bootstrap over the widest groups, corrected for bias, on the
    scale of arcsin(sqrt(share)), with Student's t; under ten groups too narrow (Huang 2018).
    """
    from scipy.special import stdtrit

    if not 1 <= len(levels) <= 2:
        raise ValueError("levels must be one or two, widest first")
    quantile(confidence)  # refuses what is no confidence
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 1 or not np.isfinite(x).all():
        raise ValueError("x must be one score a person, none missing: leave those people out")
    if draws < 20:
        raise ValueError("draws must be 20 or more")
    places = [numbered(as_labels(own, len(x), name=name))[1] for name, own in levels.items()]
    wide = places[0]
    nested = numbered(wide * (places[-1].max(initial=0) + 1) + places[-1])[1]
    found = _fit(_summed(x, nested, wide), nested=len(levels) == 2)
    names = (*levels, "people")
    value = found[0] / found[0].sum()
    if len(levels) == 1:
        ends = exact_limits(x, wide, mean_squares(x, wide), confidence)
        limits = np.array([[max(end, 0.0), 1 - max(end, 0.0)] for end in ends])
        low, high = limits.min(axis=0), limits.max(axis=0)
        how = "Wald's exact interval"
    else:
        drawn = _resampled(x, nested, wide, seed=seed, draws=draws)
        here, there = np.arcsin(np.sqrt(value)), np.arcsin(np.sqrt(drawn))
        centre = 2 * here - there.mean(axis=0)
        reach = float(stdtrit(wide.max(), (1 + confidence) / 2)) * there.std(axis=0, ddof=1)
        low, high = np.sin(np.clip([centre - reach, centre + reach], 0.0, np.pi / 2)) ** 2
        how = f"bias-corrected bootstrap over {names[0]} ({draws})"
    low, high = np.minimum(low, value), np.maximum(high, value)
    method = f"share of variance, REML, {how}"
    shares = {
        name: Estimate(float(value[k]), float(low[k]), float(high[k]), x.size, method)
        for k, name in enumerate(names)
    }
    counts = [int(wide.max()) + 1, int(nested.max()) + 1][: len(levels)]
    return VariancePartition(
        shares,
        dict(zip(names, found[0].tolist(), strict=True)),
        dict(zip(names, [*counts, x.size], strict=True)),
        found[1],
    )


def _summed(x: Matrix, nested: Places, wide: Places) -> _Schools:
    size = np.bincount(nested).astype(np.float64)
    mean = np.bincount(nested, weights=x) / size
    own = np.zeros(size.size, dtype=np.intp)
    own[nested] = wide
    return _Schools(size, mean, own, float(((x - mean[nested]) ** 2).sum()), x.size)


def _fit(schools: _Schools, *, nested: bool) -> tuple[Matrix, float]:
    """Variances, widest level first and people last, and the mean."""
    from scipy.optimize import minimize

    if schools.size.size < 2 or (nested and schools.own.max() < 1):
        raise CannotEstimate("a level has fewer than two groups")
    if schools.n <= schools.size.size:
        raise CannotEstimate("no group has two people")
    if schools.within <= 1e-12:
        raise CannotEstimate("people of one group do not differ at all")

    def objective(roots: Matrix) -> float:
        return _deviance(schools, roots, nested=nested)[0]

    ends = []
    for start in (0.3, 0.05):
        first: Matrix = np.full(2 if nested else 1, start**0.5)
        options: Any = {"ftol": 1e-15, "gtol": 1e-9}
        end = minimize(objective, first, method="L-BFGS-B", options=options)
        ends.append((float(end.fun), np.asarray(end.x)))
    roots = min(ends, key=lambda end: end[0])[1]
    _, error, mean = _deviance(schools, roots, nested=nested)
    return error * np.append(roots[::-1] ** 2, 1.0), mean


def _deviance(schools: _Schools, roots: Matrix, *, nested: bool) -> tuple[float, float, float]:
    """Restricted deviance, the people's variance and the mean.

    ``roots`` squared are the variances of schools, and of wider groups, over that of people.
    """
    of_schools = float(roots[0]) ** 2
    of_wide = float(roots[1]) ** 2 if nested else 0.0
    weight = 1 / (of_schools + 1 / schools.size)
    summed = np.bincount(schools.own, weights=weight)
    scale = 1 + of_wide * summed
    pull = np.bincount(schools.own, weights=weight * schools.mean)
    certain = float((summed / scale).sum())
    mean = float((pull / scale).sum()) / certain
    gap = schools.mean - mean
    shared = np.bincount(schools.own, weights=weight * gap)
    squares = schools.within + float((weight * gap**2).sum())
    squares -= float((of_wide * shared**2 / scale).sum())
    free = schools.n - 1
    deviance = free * np.log(squares) + float(np.log1p(of_schools * schools.size).sum())
    deviance += float(np.log(scale).sum()) + np.log(certain)
    return float(deviance), squares / free, mean


def _resampled(x: Matrix, nested: Places, wide: Places, *, seed: int, draws: int) -> Matrix:
    """Shares of each resample; a group that is drawn twice counts as two."""
    rng = np.random.default_rng(seed)
    order = np.argsort(wide, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(wide))[:-1])
    width = int(nested.max()) + 1
    found = []
    for _ in range(draws):
        drawn = rng.integers(0, len(members), len(members))
        rows = np.concatenate([members[k] for k in drawn])
        copy = np.repeat(np.arange(len(drawn)), [len(members[k]) for k in drawn])
        own = numbered(copy * width + nested[rows])[1]
        try:
            variances, _ = _fit(_summed(x[rows], own, copy), nested=True)
        except CannotEstimate:
            continue
        found.append(variances / variances.sum())
    if len(found) < draws // 2:
        raise CannotEstimate("an interval could not be had: most resamples do not vary")
    return np.array(found)
