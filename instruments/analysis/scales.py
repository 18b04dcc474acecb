"""Scale by scale: which answers, and what reliability, agreement and inflation they have."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from instruments.analysis.results import SchoolAgreement
from instruments.definition import Instrument
from instruments.psychometrics.agreement import icc
from instruments.psychometrics.estimates import NotEstimated, or_reason
from instruments.psychometrics.rwg import consensus
from instruments.psychometrics.scales import ScaleReliability, scale_reliability
from instruments.psychometrics.validity import Inflation, vif
from instruments.responses import Responses

SCHOOL = "school"
#: fewer schools say too little of how alike their people are for an interval to allow for it
FEWEST_SCHOOLS = 10


def columns(responses: Responses, items: Sequence[str]) -> NDArray[np.int8]:
    position = {code: k for k, code in enumerate(responses.items)}
    return responses.codes[:, [position[code] for code in items]]


def turned(
    instrument: Instrument, responses: Responses, items: Sequence[str]
) -> NDArray[np.float64]:
    """Answers with reversed items turned round, NaN where there is none, shape (n, items)."""
    answers = columns(responses, items).astype(np.float64)
    answers[answers < 0] = np.nan
    for k, code in enumerate(items):
        if instrument.item(code).reverse:
            options = instrument.options(code)
            answers[:, k] = min(options) + max(options) - answers[:, k]
    return answers


def reliability(
    instrument: Instrument,
    responses: Responses,
    scales: Mapping[str, tuple[str, ...]],
    seed: int,
) -> dict[str, ScaleReliability]:
    """Intervals allow for schools where people of enough schools answered."""
    school = responses.attributes.get(SCHOOL)
    found = {}
    for code, items in scales.items():
        answers = turned(instrument, responses, items)
        complete = ~np.isnan(answers).any(axis=1)
        clusters = None
        if school is not None and (school[complete] != "").all():
            clusters = school[complete]
            clusters = clusters if len(np.unique(clusters)) >= FEWEST_SCHOOLS else None
        found[code] = scale_reliability(answers[complete], items, clusters=clusters, seed=seed)
    return found


def agreement(
    instrument: Instrument, responses: Responses, scales: Mapping[str, tuple[str, ...]]
) -> dict[str, SchoolAgreement] | NotEstimated:
    if SCHOOL not in responses.attributes:
        return NotEstimated(f"the file has no column {SCHOOL}")
    school = responses.attributes[SCHOOL]
    found = {}
    for code, items in scales.items():
        if not items:
            found[code] = SchoolAgreement(*[NotEstimated("no usable items")] * 2)
            continue
        answers = turned(instrument, responses, items)
        complete = ~np.isnan(answers).any(axis=1) & (school != "")
        answers, own = answers[complete], school[complete]
        options = sorted({option for item in items for option in instrument.options(item)})
        found[code] = SchoolAgreement(
            or_reason(icc, answers.mean(axis=1), own),
            or_reason(consensus, answers.astype(np.int8), own, options),
        )
    return found


def formative(
    instrument: Instrument, responses: Responses, usable: frozenset[str]
) -> dict[str, Inflation | NotEstimated]:
    found = {}
    for scale in instrument.scales:
        items = [code for code in scale.items if code in usable]
        if scale.kind == "formative" and items:
            answers = turned(instrument, responses, items)
            complete = answers[~np.isnan(answers).any(axis=1)]
            found[scale.code] = or_reason(vif, complete, names=items)
    return found
