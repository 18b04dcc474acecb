"""One model fitted to groups again and again, with more or less in common."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeGuard, cast

import numpy as np
from numpy.typing import NDArray

from instruments.psychometrics.confirmatory import differences
from instruments.psychometrics.confirmatory.analysis import METHODS, check_estimator, left_out
from instruments.psychometrics.confirmatory.cells import Plan, lay_out
from instruments.psychometrics.confirmatory.effects import linear_effect, ordinal_effect
from instruments.psychometrics.confirmatory.estimation import Estimated, maximum_likelihood
from instruments.psychometrics.confirmatory.groups import parted, same_options
from instruments.psychometrics.confirmatory.latent import Ordinal, gamma, ordinal
from instruments.psychometrics.confirmatory.missing import full_information
from instruments.psychometrics.confirmatory.ordinal import Weighted, weighted_least_squares
from instruments.psychometrics.confirmatory.results import Confirmatory
from instruments.psychometrics.confirmatory.samples import (
    Columns,
    Rows,
    Sample,
    check,
    from_moments,
)
from instruments.psychometrics.confirmatory.write import write
from instruments.psychometrics.estimates import CannotEstimate, NotEstimated
from instruments.psychometrics.model import Model
from instruments.psychometrics.moments import Moments

Matrix = NDArray[np.float64]
Released = frozenset[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted step; ``weighted`` of WLSMV alone."""

    estimated: Estimated
    weighted: Weighted | None = None


@dataclass(frozen=True, eq=False)
class Fitting:
    """A model and the data of its groups, made ready once."""

    model: Model
    estimator: str
    method: str
    groups: dict[str, int]
    notices: tuple[str, ...]
    samples: tuple[Sample, ...] = ()
    rows: tuple[Rows, ...] = ()
    data: tuple[Ordinal, ...] = ()
    gammas: tuple[Matrix, ...] = ()
    fiml: bool = False

    def fit(self, equal: frozenset[str], released: Released) -> Fitted:
        """The model with something equal over groups."""
        plan = Plan(groups=len(self.groups), means=True, equal=equal, released=released)
        if self.data:
            thresholds = tuple(size - 1 for size in self.data[0].sizes)
            layout = lay_out(self.model, replace(plan, thresholds=thresholds))
            return Fitted(*weighted_least_squares(layout, self.data, self.gammas))
        layout = lay_out(self.model, plan)
        if self.fiml:
            return Fitted(full_information(layout, self.rows, robust=self.estimator == "MLR"))
        return Fitted(maximum_likelihood(layout, self.samples, self.rows))

    def test(self, looser: Fitted, stricter: Fitted) -> differences.ChiSquare:
        """Whether what the stricter step adds holds."""
        one, other = looser.estimated.statistic, stricter.estimated.statistic
        if looser.weighted is not None and stricter.weighted is not None:
            return differences.shifted((one, looser.weighted), (other, stricter.weighted))
        return (
            differences.scaled(one, other)
            if self.estimator == "MLR"
            else differences.plain(one, other)
        )

    def write(self, fitted: Fitted) -> Confirmatory:
        """A step as a result."""
        return write(fitted.estimated, self.groups, estimator=self.estimator, method=self.method)

    def effects(self, released: Released) -> dict[str, dict[str, float | NotEstimated]]:
        """dMACS of every item, all others held equal, group by group against the first."""
        others = tuple(self.groups)[1:]
        found: dict[str, dict[str, float | NotEstimated]] = {name: {} for name in others}
        what = ("thresholds",) if self.data else ("loadings", "intercepts")
        equal = frozenset(("loadings", "intercepts", *(("thresholds",) if self.data else ())))
        for k, item in enumerate(self.model.items):
            try:
                own = self.fit(equal, released | {(name, item) for name in what})
            except CannotEstimate as reason:
                for name in others:
                    found[name][item] = NotEstimated(str(reason))
                continue
            for number, name in enumerate(others, start=1):
                found[name][item] = self._effect(own.estimated, k, number)
        return found

    def _effect(self, own: Estimated, k: int, group: int) -> float | NotEstimated:
        pair = own.implied[0], own.implied[group]
        if not self.data:
            return linear_effect(pair, (own.samples[0], own.samples[group]), k)
        return ordinal_effect(pair, (self.data[0], self.data[group]), k)


def prepare(
    model: Model,
    data: Columns | Mapping[str, Moments | Sample],
    by: str,
    estimator: str,
    missing: str | None,
    cluster: str | None,
    *,
    merge: bool,
) -> Fitting:
    """Samples, rows or polychorics of every group."""
    check_estimator(estimator)
    if _are_moments(data):
        return _from_moments(model, data, estimator)
    if cluster and estimator == "ML":
        raise ValueError("clusters need estimator 'MLR' or 'WLSMV'")
    groups, without = parted(cast(Columns, data), model.items, by, cluster)
    notices = left_out(without, f"without a value of {by}")
    if missing not in (None, "listwise", "pairwise" if estimator == "WLSMV" else "fiml"):
        raise ValueError(f"missing={missing!r} does not go with {estimator}")
    fiml = missing == "fiml"
    pairwise = fiml or (estimator == "WLSMV" and missing != "listwise")
    kept = {name: rows.answered() if pairwise else rows.complete() for name, rows in groups.items()}
    gone = sum(rows.n for rows in groups.values()) - sum(rows.n for rows in kept.values())
    notices += left_out(gone, "without an answer" if pairwise else "with a gap")
    few = {name: rows.n for name, rows in kept.items() if rows.n <= len(model.items)}
    if few:
        named = ", ".join(f"{name} ({n})" for name, n in few.items())
        reason = f"too few people for {len(model.items)} items in {named}"
        if len(kept) - len(few) < 2:
            raise CannotEstimate(reason)
        notices.append(f"Left out, {reason}.")
        kept = {name: rows for name, rows in kept.items() if name not in few}
    method = f"{METHODS[estimator]}, {'pairwise' if pairwise else 'listwise'}"
    if estimator == "WLSMV":
        kept, options, merged = same_options(kept, merge=merge)
        tables = tuple(ordinal(rows, options) for rows in kept.values())
        return Fitting(
            model,
            estimator,
            method,
            {name: rows.n for name, rows in kept.items()},
            (*notices, *merged),
            data=tables,
            gammas=tuple(gamma(own) for own in tables),
        )
    if fiml:
        name = "FIML" if estimator == "ML" else "FIML, robust"
        counts = {name: rows.n for name, rows in kept.items()}
        own = tuple(kept.values())
        return Fitting(model, estimator, METHODS[name], counts, tuple(notices), rows=own, fiml=True)
    samples = {name: rows.sample() for name, rows in kept.items()}
    for name, sample in samples.items():
        try:
            check(sample)
        except CannotEstimate as reason:
            raise CannotEstimate(f"in {name}: {reason}") from None
    return Fitting(
        model,
        estimator,
        method,
        {name: rows.n for name, rows in kept.items()},
        tuple(notices),
        samples=tuple(samples.values()),
        rows=tuple(kept.values()) if estimator == "MLR" else (),
    )


def _are_moments(
    data: Columns | Mapping[str, Moments | Sample],
) -> TypeGuard[Mapping[str, Moments | Sample]]:
    if not isinstance(data, Mapping):
        return False
    return all(isinstance(own, Moments | Sample) for own in data.values())


def _from_moments(model: Model, data: Mapping[str, Moments | Sample], estimator: str) -> Fitting:
    if estimator != "ML":
        raise ValueError(f"{estimator} needs people's answers, not their moments")
    if len(data) < 2:
        raise CannotEstimate("there are no groups to compare")
    samples = tuple(
        (own if isinstance(own, Sample) else from_moments(own)).only(model.items)
        for own in data.values()
    )
    return Fitting(
        model,
        estimator,
        f"{METHODS[estimator]}, from moments",
        {name: sample.n for name, sample in zip(data, samples, strict=True)},
        (),
        samples=samples,
    )
