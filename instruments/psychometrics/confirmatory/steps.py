"""Do groups answer on the same scale? Models with more and more in common, one after the other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from instruments.psychometrics.confirmatory.differences import ChiSquare
from instruments.psychometrics.confirmatory.fitting import Fitted, Fitting, prepare
from instruments.psychometrics.confirmatory.samples import Columns, Sample
from instruments.psychometrics.confirmatory.steps_results import Difference, Invariance, Release
from instruments.psychometrics.estimates import CannotEstimate, NotEstimated
from instruments.psychometrics.model import Model, Structure, written
from instruments.psychometrics.moments import Moments

Estimator = Literal["ML", "MLR", "WLSMV"]

#: step -> what groups have in common, item by item
CONTINUOUS: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
#: in the order of Wu and Estabrook (2016)
ORDINAL: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "thresholds": ("thresholds",),
    "loadings": ("thresholds", "loadings"),
    "intercepts": ("thresholds", "loadings", "intercepts"),
    "unique variances": ("thresholds", "loadings", "intercepts", "residuals"),
}


def invariance(
    model: str | Model | Mapping[str, Sequence[str]],
    data: Columns | Mapping[str, Moments | Sample],
    *,
    by: str,
    estimator: Estimator = "ML",
    missing: Literal["listwise", "pairwise", "fiml"] | None = None,
    cluster: str | None = None,
    structure: Structure = "correlated",
    release: Sequence[tuple[str, str]] = (),
    one_by_one: bool = False,
    effects: bool = False,
    merge: bool = True,
) -> Invariance:
    """Measurement invariance over the groups of an attribute.

    ML and MLR: configural, metric, scalar, strict. WLSMV: configural, thresholds, loadings,
    intercepts, unique variances, identified as Wu and Estabrook (2016) show.

    Parameters
    ----------
    model, missing, cluster, structure
        As for :func:`cfa`. Factors have variance 1 in the first group.
    data : columns of answers, or mapping of group to Moments or Sample
        Columns by name; ML also works from each group's Moments.
    estimator : {"ML", "MLR", "WLSMV"}
    by : str
        Column of groups; with Moments, what to call them.
    release : sequence of (str, str)
        (what, item) in which groups may differ from the step on that restricts it: what is
        ``loadings``, ``intercepts``, ``residuals`` or ``thresholds``. Who releases an item's
        thresholds releases all of it.
    one_by_one : bool
        For every step that the test rejects at .05, or that lowers CFI by more than .01, free each
        item alone.
    effects : bool
        dMACS of every item.
    merge : bool
        Merge an option that a group lacks with its neighbour in all groups, and say so; otherwise
        refuse.

    Returns
    -------
    Invariance
        Steps with their fit, or the reason of a step that could not be taken, and what lies
        between.

    Raises
    ------
    ValueError, CannotEstimate
        As for :func:`cfa`; and where there are no two groups.

    Notes
    -----
    Checked against lavaan 0.6-14 and ``semTools::measEq.syntax`` 0.5-6. An item of two options has
    no unit of its own: its unique variance stays equal in all groups.
    """
    own = written(model, structure)
    order = ORDINAL if estimator == "WLSMV" else CONTINUOUS
    fitting = prepare(own, data, by, estimator, missing, cluster, merge=merge)
    _check_release(own, release, order)
    fits: dict[str, Fitted | NotEstimated] = {}
    for name, equal in order.items():
        fits[name] = _or_reason(fitting, equal, release)
    differences = tuple(_differences(fitting, fits))
    releases = tuple(_releases(fitting, fits, differences, order, release)) if one_by_one else ()
    return Invariance(
        estimator=estimator,
        method=f"{fitting.method}; groups of {by}",
        by=by,
        groups=fitting.groups,
        steps={
            name: fit if isinstance(fit, NotEstimated) else fitting.write(fit)
            for name, fit in fits.items()
        },
        differences=differences,
        released=tuple(release),
        releases=releases,
        dmacs=fitting.effects(frozenset(release)) if effects else {},
        notices=fitting.notices,
    )


def _check_release(
    model: Model, release: Sequence[tuple[str, str]], order: Mapping[str, tuple[str, ...]]
) -> None:
    known = tuple(order.values())[-1]
    for what, item in release:
        if what not in known:
            raise ValueError(f"release names {what!r}; it may name {', '.join(known)}")
        if item not in (*model.items, *model.factors):
            raise ValueError(f"release names {item!r}, which the model does not have")


def _or_reason(
    fitting: Fitting, equal: Sequence[str], released: Sequence[tuple[str, str]]
) -> Fitted | NotEstimated:
    try:
        return fitting.fit(frozenset(equal), frozenset(released))
    except CannotEstimate as reason:
        return NotEstimated(str(reason))


def _test(fitting: Fitting, looser: Fitted, stricter: Fitted) -> ChiSquare | NotEstimated:
    try:
        return fitting.test(looser, stricter)
    except CannotEstimate as reason:
        return NotEstimated(str(reason))


def _differences(
    fitting: Fitting, fits: Mapping[str, Fitted | NotEstimated]
) -> Iterator[Difference]:
    before: tuple[str, Fitted] | None = None
    for name, fit in fits.items():
        if isinstance(fit, NotEstimated):
            continue
        if before is not None:
            test = _test(fitting, before[1], fit)
            one, other = before[1].estimated.fit, fit.estimated.fit
            yield Difference(
                name,
                before[0],
                *_tested(test),
                cfi=_minus(_index(fit, "cfi"), _index(before[1], "cfi")),
                rmsea=_minus(_index(fit, "rmsea"), _index(before[1], "rmsea")),
                srmr=_minus(other.srmr, one.srmr),
            )
        before = name, fit


def _tested(test: ChiSquare | NotEstimated) -> tuple[float | None, int | None, float | None, str]:
    if isinstance(test, NotEstimated):
        return None, None, None, test.reason
    return test.chi2, test.df, test.p, ""


def _index(fit: Fitted, name: str) -> float | None:
    scaled: float | None = getattr(fit.estimated.fit, f"{name}_scaled")
    own: float | None = getattr(fit.estimated.fit, name)
    return own if scaled is None else scaled


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _releases(
    fitting: Fitting,
    fits: Mapping[str, Fitted | NotEstimated],
    differences: Sequence[Difference],
    order: Mapping[str, tuple[str, ...]],
    release: Sequence[tuple[str, str]],
) -> Iterator[Release]:
    for one in differences:
        stricter = fits[one.step]
        fails = (one.p or 1.0) < 0.05 or (one.cfi or 0.0) < -0.01
        if not fails or isinstance(stricter, NotEstimated):
            continue
        what = order[one.step][-1]
        found = []
        for item in fitting.model.items:
            if (what, item) in release:
                continue
            freed = _or_reason(fitting, order[one.step], (*release, (what, item)))
            test = freed if isinstance(freed, NotEstimated) else _test(fitting, freed, stricter)
            gain = None
            if not isinstance(freed, NotEstimated):
                gain = _minus(_index(freed, "cfi"), _index(stricter, "cfi"))
            found.append(Release(one.step, item, *_tested(test), cfi=gain))
        yield from sorted(found, key=lambda r: -(r.chi2 or 0.0))
