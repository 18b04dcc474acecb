"""Scores of scales and single items, by informant group."""

from collections.abc import Mapping, Sequence

import numpy as np

from instruments.definition import Scale
from instruments.measures import (
    EVERYBODY,
    Band,
    Distribution,
    ItemMeasure,
    RoleScore,
    ScaleMeasure,
)
from instruments.psychometrics.estimates import CannotEstimate, Estimate, NotEstimated
from instruments.psychometrics.omegas import omega, omega_from_covariance
from instruments.psychometrics.pooled import within
from instruments.psychometrics.reliability import (
    feldt_interval,
    spearman_brown,
    spearman_brown_from_r,
)
from instruments.responses import CANT_TELL, DOES_NOT_APPLY, NOT_SHOWN
from instruments.scoring.bands import difference, mean_band, variance_of_mean
from instruments.scoring.frame import Frame, Group, item_limits, values
from instruments.scoring.positions import shares_of
from instruments.scoring.weights import Floats

#: the block whose scales are also scored role by role
COMPANION = "companion"


def minimum_answered(rule: Mapping[int, int], shown: int) -> int:
    """How many of ``shown`` items a person must have answered to have a score.

    Beyond the largest number that the rule names, every further item must be answered.
    """
    if shown in rule:
        return rule[shown]
    named = max((k for k in rule if k < shown), default=0)
    return rule.get(named, 0) + shown - named


def person_scores(frame: Frame, items: Sequence[str]) -> Floats:
    """Mean of each person's answered items after reversing, shape (n,); NaN where too few.

    "Can't tell", "does not apply" and skipped are missing: never zero, never the middle. The
    minimum depends on how many of the items were shown to the person.
    """
    x = values(frame, items)
    answered = (~np.isnan(x)).sum(axis=1)
    shown = np.zeros(frame.responses.n, dtype=np.intp)
    for code in items:
        shown += frame.answers(code) != NOT_SHOWN
    rule = frame.instrument.scoring.minimum_answered
    needed = np.array([minimum_answered(rule, k) for k in range(len(items) + 1)])
    enough = (answered >= np.maximum(needed[shown], 1)) & (shown > 0)
    return np.where(enough, np.nansum(x, axis=1) / np.maximum(answered, 1), np.nan)


def distribution(frame: Frame, code: str, group: Group) -> Distribution:
    """How one group's answers to one item fall."""
    options = frame.instrument.options(code)
    raw, asked = frame.answers(code), frame.roles_asked([code])
    answered = group.people & (raw >= 0)
    shown = group.people & (raw != NOT_SHOWN)
    of_answered = frame.strata(group, answered, asked)
    weights = frame.strata(group, shown, asked).weights
    return Distribution(
        options=options,
        counts=tuple(int((raw[answered] == option).sum()) for option in options),
        shares=tuple(shares_of(raw, of_answered, options).tolist()),
        n=int(answered.sum()),
        shown=int(shown.sum()),
        cant_tell=float(weights[shown & (raw == CANT_TELL)].sum()),
        does_not_apply=float(weights[shown & (raw == DOES_NOT_APPLY)].sum()),
        heaviest=float(of_answered.weights.max(initial=0.0)),
    )


def measure_items(frame: Frame) -> dict[str, ItemMeasure]:
    """Every rated item that is no attention check, by group; means of the answers as given."""
    found = {}
    for item in frame.instrument.items:
        if item.kind != "rated" or item.expected is not None:
            continue
        raw, asked = frame.answers(item.code), frame.roles_asked([item.code])
        distributions, means = {}, {}
        for name, group in frame.groups.items():
            distributions[name] = distribution(frame, item.code, group)
            means[name] = _not_asked(group, asked) or mean_band(
                raw.astype(np.float64),
                frame.strata(group, raw >= 0, asked),
                confidence=frame.instrument.scoring.confidence,
                limits=item_limits(frame.instrument, item),
                silent=group.silent,
                method="weighted mean of answers as given, stratified interval",
            )
        found[item.code] = ItemMeasure(item.code, distributions, means)
    return found


def _not_asked(group: Group, asked: Sequence[str]) -> NotEstimated | None:
    """The reason where nobody of the group is asked."""
    return None if set(group.roles) & set(asked) else NotEstimated("this group is not asked")


def measure_scales(frame: Frame) -> dict[str, ScaleMeasure]:
    """Every scale, by group, on its core items (all its items where none is core)."""
    return {scale.code: _measure_scale(frame, scale) for scale in frame.instrument.scales}


def _measure_scale(frame: Frame, scale: Scale) -> ScaleMeasure:
    wanted = frame.instrument.core_items(scale) or scale.items
    items = tuple(code for code in wanted if (frame.answers(code) != NOT_SHOWN).any())
    asked = frame.roles_asked(items)
    scores: dict[str, Band | NotEstimated] = {}
    omegas: dict[str, Estimate | NotEstimated] = {}
    variances: dict[str, float | None] = {}
    persons = person_scores(frame, items)
    for name, group in frame.groups.items():
        omegas[name] = within_omega(frame, scale, items, group)
        used = omega_used(frame, scale, items, omegas[name])
        reason = _no_score(scale, items) or _not_asked(group, asked)
        strata = frame.strata(group, ~np.isnan(persons), asked)
        variances[name] = variance_of_mean(persons, strata, omega=used)
        scores[name] = reason or mean_band(
            persons,
            strata,
            confidence=frame.instrument.scoring.confidence,
            limits=item_limits(frame.instrument, frame.instrument.item(items[0])),
            silent=group.silent,
            omega=used,
            method=f"weighted mean of person scores, stratified interval, omega {used:.2f}",
        )
    return ScaleMeasure(
        scale=scale.code,
        items=items,
        asked=asked,
        scores=scores,
        omegas=omegas,
        cant_tell={
            name: cant_tell_share(frame, items, group) for name, group in frame.groups.items()
        },
        reliability=reliability(frame, scale, items),
        gap=_gap(frame, scores, variances),
        by_role=_by_role(frame, scale, items, persons, omegas) if scale.block == COMPANION else {},
    )


def _by_role(
    frame: Frame,
    scale: Scale,
    items: Sequence[str],
    persons: Floats,
    omegas: Mapping[str, Estimate | NotEstimated],
) -> dict[str, RoleScore]:
    """A scale role by role; a role's band takes the omega of its informant group."""
    asked = frame.roles_asked(items)
    found = {}
    for name, role in frame.roles.items():
        of = next(
            (group for group in frame.position_groups if name in frame.groups[group].roles),
            EVERYBODY,
        )
        used = omega_used(frame, scale, items, omegas[of])
        score = (
            _no_score(scale, items)
            or _not_asked(role, asked)
            or mean_band(
                persons,
                frame.strata(role, ~np.isnan(persons), asked),
                confidence=frame.instrument.scoring.confidence,
                limits=item_limits(frame.instrument, frame.instrument.item(items[0])),
                silent=role.silent,
                omega=used,
                method=f"weighted mean of person scores, stratified interval, omega {used:.2f}",
            )
        )
        shown = [int((role.people & (frame.answers(code) != NOT_SHOWN)).sum()) for code in items]
        found[name] = RoleScore(score, cant_tell_share(frame, items, role), max(shown, default=0))
    return found


def _no_score(scale: Scale, items: Sequence[str]) -> NotEstimated | None:
    if scale.kind == "items":
        return NotEstimated("read item by item, never averaged")
    return None if items else NotEstimated("not asked in this round")


def _gap(
    frame: Frame,
    scores: Mapping[str, Band | NotEstimated],
    variances: Mapping[str, float | None],
) -> Estimate | NotEstimated:
    if frame.contrast is None:
        return NotEstimated("this instrument does not set two groups side by side")
    one, other = (variances[name] for name in frame.contrast)
    both = None if one is None or other is None else one + other
    designed, lived = (scores[name] for name in frame.contrast)
    confidence = frame.instrument.scoring.confidence
    return difference(designed, lived, variances=both, confidence=confidence)


def cant_tell_share(frame: Frame, items: Sequence[str], group: Group) -> float:
    """Weighted share of "can't tell" among all times that the items were shown to the group."""
    told = shown_weight = 0.0
    for code in items:
        raw = frame.answers(code)
        shown = group.people & (raw != NOT_SHOWN)
        weights = frame.strata(group, shown, frame.roles_asked([code])).weights * int(shown.sum())
        told += float(weights[shown & (raw == CANT_TELL)].sum())
        shown_weight += float(weights.sum())
    return told / shown_weight if shown_weight else 0.0


def within_omega(
    frame: Frame, scale: Scale, items: Sequence[str], group: Group
) -> Estimate | NotEstimated:
    """Omega of the mean of the items within schools, for one group.

    From pooled-within covariances of complete cases: one-factor omega, Spearman-Brown for two
    items. Its interval is Feldt's, an approximation.
    """
    if scale.kind != "reflective" or len(items) < 2:
        return NotEstimated("answers to one item, or to items that make up their construct")
    x = values(frame, items)[group.people]
    try:
        pooled = within(x, frame.schools(group.people))
        if pooled.n < frame.instrument.scoring.omega_minimum_n:
            return NotEstimated(
                f"{pooled.n} complete cases, under {frame.instrument.scoring.omega_minimum_n}"
            )
        s = pooled.covariances
        if (np.diag(s) <= 1e-12).any():
            return NotEstimated("an item does not vary within schools")
        if len(items) == 2:
            value = spearman_brown_from_r(float(s[0, 1] / np.sqrt(s[0, 0] * s[1, 1])))
            method = "Spearman-Brown within schools, Feldt interval, complete cases"
        else:
            value = omega_from_covariance(s, items)
            method = "omega total within schools, one-factor minres, Feldt interval, complete cases"
    except CannotEstimate as reason:
        return NotEstimated(str(reason))
    people = pooled.n - pooled.groups + 1
    confidence = frame.instrument.scoring.confidence
    low, high = feldt_interval(value, people, len(items), confidence=confidence)
    return Estimate(value, low, high, pooled.n, method)


def omega_used(
    frame: Frame, scale: Scale, items: Sequence[str], found: Estimate | NotEstimated
) -> float:
    """The omega that an interval uses: as found, the instrument's fallback, or 0."""
    if scale.kind != "reflective" or len(items) < 2:
        return 0.0
    if isinstance(found, NotEstimated):
        return frame.instrument.scoring.omega_fallback
    return min(max(found.value, 0.0), 1.0)


def reliability(frame: Frame, scale: Scale, items: Sequence[str]) -> Estimate | NotEstimated:
    """Omega total of the whole round (Spearman-Brown for two items), complete cases."""
    if scale.kind != "reflective":
        return NotEstimated("its items make up the construct; they need not hang together")
    if len(items) < 2:
        return NotEstimated("one item has no reliability of this kind")
    x = values(frame, items)
    x = x[~np.isnan(x).any(axis=1)]
    confidence = frame.instrument.scoring.confidence
    try:
        if len(items) == 2:
            return spearman_brown(x, confidence=confidence)
        return omega(x, items, confidence=confidence)
    except CannotEstimate as reason:
        return NotEstimated(str(reason))
