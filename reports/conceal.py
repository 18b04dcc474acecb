"""Takes out of a round's measures what its plan of release hides.

Every document is built from measures, so what is taken out here no document can show: builders
meet a figure that is concealed and print that it is not shown, to protect people.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from instruments.cells import Row
from instruments.measures import (
    Band,
    DecisionMeasure,
    Distribution,
    ItemMeasure,
    Measures,
    PositionMeasure,
    RoleScore,
    ScaleMeasure,
    SchoolMeasures,
    Wants,
)
from instruments.psychometrics.estimates import NotEstimated
from reports.disclosure import CONCEALED
from reports.plan import Plan

#: asks the plan of a key and an informant group or role
Hides = Callable[[str, str], bool]

_HIDDEN = NotEstimated(CONCEALED)
_NOT_TOLD = float("nan")
_NO_WANTS = Wants(0.0, 0.0, 0.0, n=0, is_concealed=True)


def conceal(measures: Measures, plan: Plan, *, school: str = "") -> Measures:
    """The measures without what the plan hides; of one school, where they are that school's."""
    if not plan.hidden:
        return measures
    roles = {turnout.name for turnout in measures.by_role}

    def hides(key: str, who: str) -> bool:
        if school:  # a school's measures hold its main group under the group's own name
            return plan.hides(key, Row("school", school))
        return plan.hides(key, Row("role" if who in roles else "group", who))

    return replace(
        measures,
        items={code: _item(found, hides) for code, found in measures.items.items()},
        scales={code: _scale(found, hides) for code, found in measures.scales.items()},
        decisions={code: _decision(found, hides) for code, found in measures.decisions.items()},
        schools={name: _school(found, plan) for name, found in measures.schools.items()},
    )


def _item(found: ItemMeasure, hides: Hides) -> ItemMeasure:
    key = f"question:{found.item}"
    return replace(
        found,
        distributions={
            group: _distribution(
                each, all_of_it=hides(key, group), told=hides(f"told:{found.item}", group)
            )
            for group, each in found.distributions.items()
        },
        means={
            group: _HIDDEN if hides(key, group) else each for group, each in found.means.items()
        },
    )


def _distribution(found: Distribution, *, all_of_it: bool, told: bool = False) -> Distribution:
    if told:
        found = replace(found, cant_tell=_NOT_TOLD)
    if not all_of_it:
        return found
    nothing = len(found.options)
    return replace(found, counts=(0,) * nothing, shares=(0.0,) * nothing, n=0, is_concealed=True)


def _scale(found: ScaleMeasure, hides: Hides) -> ScaleMeasure:
    key, told = f"scale:{found.scale}", f"told:{found.scale}"
    return replace(
        found,
        scores=_bands(found.scores, key, hides),
        cant_tell={
            group: _NOT_TOLD if hides(told, group) else each
            for group, each in found.cant_tell.items()
        },
        by_role={
            role: RoleScore(
                score=_HIDDEN if hides(key, role) else each.score,
                cant_tell=_NOT_TOLD if hides(told, role) else each.cant_tell,
                shown=each.shown,
            )
            for role, each in found.by_role.items()
        },
    )


def _bands(
    found: Mapping[str, Band | NotEstimated], key: str, hides: Hides
) -> dict[str, Band | NotEstimated]:
    return {group: _HIDDEN if hides(key, group) else each for group, each in found.items()}


def _decision(found: DecisionMeasure, hides: Hides) -> DecisionMeasure:
    today, wants = f"today:{found.decision}", f"wants:{found.decision}"
    return replace(
        found,
        groups={
            group: _position(each) if hides(today, group) else each
            for group, each in found.groups.items()
        },
        wants={
            name: _NO_WANTS if hides(wants, name) else each for name, each in found.wants.items()
        },
    )


def _position(found: PositionMeasure) -> PositionMeasure:
    spread = _distribution(found.distribution, all_of_it=True)
    return replace(found, distribution=spread, position=_HIDDEN)


def _school(found: SchoolMeasures, plan: Plan) -> SchoolMeasures:
    row = Row("school", found.school)
    return replace(
        found,
        scales={
            code: _HIDDEN if plan.hides(f"scale:{code}", row) else each
            for code, each in found.scales.items()
        },
    )
