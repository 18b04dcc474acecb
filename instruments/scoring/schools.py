"""Schools one by one: the main group's scores in each, and how well schools can be told apart."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from instruments.measures import Band, Measures, ScaleMeasure, SchoolMeasures, Turnout
from instruments.psychometrics.agreement import Agreement, icc
from instruments.psychometrics.estimates import CannotEstimate, NotEstimated
from instruments.responses import NOT_SHOWN
from instruments.scoring.bands import pooled_mean_band
from instruments.scoring.decisions import measure_decisions
from instruments.scoring.frame import Frame, Group, item_limits
from instruments.scoring.scales import (
    cant_tell_share,
    measure_items,
    omega_used,
    person_scores,
)
from instruments.scoring.weights import Booleans, Floats

#: blocks whose scales are measured school by school
BLOCKS = ("capability", "companion")

#: scale -> person scores over the whole round
Scores = Mapping[str, Floats]


def measure_schools(
    frame: Frame, scales: Mapping[str, ScaleMeasure], by_school: Sequence[Turnout]
) -> dict[str, SchoolMeasures]:
    """The main group's scores in every school that somebody of it answered for."""
    scores = _scores(frame, scales)
    found = {}
    for turnout in by_school:
        people = _people_of(frame, turnout.name)
        if turnout.name and people.any():
            of_school = _frame_of(frame, people, turnout)
            mine = {code: x[people] for code, x in scores.items()}
            codes, items = of_school.responses.codes, of_school.responses.items
            found[turnout.name] = SchoolMeasures(
                turnout.name,
                turnout,
                _bands(of_school, scales, mine),
                answers=dict(zip(items, (codes >= 0).sum(axis=0).tolist(), strict=True)),
                shown=dict(zip(items, (codes != NOT_SHOWN).sum(axis=0).tolist(), strict=True)),
            )
    return found


def school_agreement(
    frame: Frame, scales: Mapping[str, ScaleMeasure]
) -> dict[str, Agreement | NotEstimated]:
    """ICC(1) and ICC(2) of every scale over schools, for the main group, unweighted."""
    school = frame.responses.attribute("school")
    in_school = frame.groups[frame.main_group].people & (school != "") & ~_central(frame)
    found: dict[str, Agreement | NotEstimated] = {}
    for code, x in _scores(frame, scales).items():
        people = in_school & ~np.isnan(x)
        try:
            found[code] = icc(
                x[people], school[people], confidence=frame.instrument.scoring.confidence
            )
        except CannotEstimate as reason:
            found[code] = NotEstimated(str(reason))
    return found


def measure_school(frame: Frame, whole: Measures, turnout: Turnout) -> Measures:
    """The round as the main group of one school sees it: decisions, questions and scales.

    ``whole`` are the measures of the round that ``frame`` holds. What is not about the school
    stays as it was, so that instrument, versions and fingerprint are the round's own.
    """
    people = _people_of(frame, turnout.name)
    of_school = _frame_of(frame, people, turnout)
    main, rules = frame.main_group, frame.instrument.position
    bands = whole.schools[turnout.name].scales
    scales = {
        code: replace(
            whole.scales[code],
            scores={main: band},
            omegas={},
            cant_tell={
                main: cant_tell_share(of_school, whole.scales[code].items, of_school.groups[main])
            },
            gap=NotEstimated("one informant group alone"),
        )
        for code, band in bands.items()
    }
    return replace(
        whole,
        n=turnout.n,
        turnout=turnout,
        by_role=(),
        by_school=(turnout,),
        by_group={main: turnout},
        items=measure_items(of_school),
        scales=scales,
        decisions=measure_decisions(of_school, rules) if rules else {},
        overall={},
        pattern_shares=(),
        pattern_shares_n=0,
        notices=(),
    )


def drawn_order(names: Sequence[str], secret: str) -> tuple[str, ...]:
    """Names in an order drawn at random once: the same secret gives the same order.

    A name's place tells nothing of any figure. The secret is one that no document prints, so that
    nobody who holds a document can draw the order again and name the schools behind its letters.
    """
    return tuple(
        sorted(names, key=lambda name: hashlib.sha256(f"{secret}\0{name}".encode()).digest())
    )


def _scores(frame: Frame, scales: Mapping[str, ScaleMeasure]) -> dict[str, Floats]:
    found = {}
    for scale in frame.instrument.scales:
        measure = scales[scale.code]
        if scale.block in BLOCKS and scale.kind != "items" and measure.items:
            found[scale.code] = person_scores(frame, measure.items)
    return found


def _central(frame: Frame) -> Booleans:
    return np.isin(frame.responses.attribute("role"), frame.instrument.central_roles)


def _people_of(frame: Frame, school: str) -> Booleans:
    """The main group's people of one school."""
    there = frame.responses.attribute("school") == school
    people: Booleans = frame.groups[frame.main_group].people & there & ~_central(frame)
    return people


def _frame_of(frame: Frame, people: Booleans, turnout: Turnout) -> Frame:
    """The frame of one school alone: its people, its roster, its main group."""
    main = frame.groups[frame.main_group]
    sampled, headcount = frame.sampling, frame.sampling.headcount
    if headcount is not None:
        cells = np.unique(sampled.school[sampled.cell[people]])
        headcount = np.where(np.isin(sampled.school, cells)[:, None], headcount, 0.0)
    rate = turnout.rate
    silent = None if rate is None else (1 - rate) * frame.instrument.scoring.silent_differ_sd
    roles = tuple(role for role in main.roles if role not in frame.instrument.central_roles)
    everybody = np.ones(int(people.sum()), dtype=bool)
    return replace(
        frame,
        responses=frame.responses.rows(people),
        sampling=replace(
            sampled, cell=sampled.cell[people], role=sampled.role[people], headcount=headcount
        ),
        groups={main.name: Group(main.name, roles, everybody, silent)},
        roles={},  # a school's roles are never measured
        known={},
    )


def _bands(
    frame: Frame, scales: Mapping[str, ScaleMeasure], scores: Scores
) -> dict[str, Band | NotEstimated]:
    group = frame.groups[frame.main_group]
    found: dict[str, Band | NotEstimated] = {}
    for code, x in scores.items():
        measure, scale = scales[code], frame.instrument.scale(code)
        used = omega_used(frame, scale, measure.items, measure.omegas[group.name])
        found[code] = pooled_mean_band(
            x,
            frame.strata(group, ~np.isnan(x), frame.roles_asked(measure.items)),
            confidence=frame.instrument.scoring.confidence,
            limits=item_limits(frame.instrument, frame.instrument.item(measure.items[0])),
            silent=group.silent,
            omega=used,
        )
    return found
