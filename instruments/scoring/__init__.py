"""From answers to measures: everything that the scoring rules say of one round."""

from collections.abc import Mapping, Sequence

import numpy as np

from instruments.definition import Instrument
from instruments.measures import EVERYBODY, Band, Measures, ScaleMeasure, Turnout
from instruments.psychometrics.estimates import NotEstimated
from instruments.quality import careless
from instruments.responses import Responses, fingerprint, order_secret
from instruments.roster import Roster
from instruments.scoring.cells import count_cells
from instruments.scoring.decisions import (
    measure_decisions,
    measure_overall,
    people_answering,
    pooled_shares,
)
from instruments.scoring.frame import Frame, Group
from instruments.scoring.scales import measure_items, measure_scales
from instruments.scoring.schools import (
    drawn_order,
    measure_school,
    measure_schools,
    school_agreement,
)
from instruments.scoring.weights import overfull, sampling, strata

SEED = 20260101


def score(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None = None,
    *,
    seed: int = SEED,
) -> Measures:
    """Measures of one round, by the instrument's scoring rules.

    Parameters
    ----------
    instrument : Instrument
    responses : Responses
        The frozen dataset.
    roster : Roster, optional
        Head counts. Without them every answer counts the same, no finite-population discount is
        taken, and no figure has an outer band.
    seed : int
        Of the bootstrap for the overall position; the same seed gives the same figures.

    Notes
    -----
    Answer sheets that fail the attention item and show one more sign of careless answering are
    left out of every figure but the turnout. The order of rows changes no figure.
    """
    flags = careless(instrument, responses)
    by_group = _turnout_by_group(instrument, responses, roster)
    kept = responses.rows(~flags.left_out)
    by_role = _turnout_by_role(instrument, responses, roster)
    frame = _frame(instrument, kept, roster, by_group, by_role)
    rules = instrument.position
    decisions = measure_decisions(frame, rules) if rules else {}
    main = frame.main_group
    stops = pooled_shares(decisions, rules.share_decisions, main) if rules else np.empty(0)
    scales = measure_scales(frame)
    by_school = _turnout_by_school(instrument, responses, roster)
    schools = measure_schools(frame, scales, by_school)
    return Measures(
        instrument=instrument.slug,
        version=instrument.version,
        scoring_version=instrument.scoring.version,
        instrument_checksum=instrument.checksum,
        fingerprint=fingerprint(responses, instrument),
        simulated=responses.simulated,
        seed=seed,
        n=responses.n,
        careless=int(flags.left_out.sum()),
        turnout=by_group[EVERYBODY],
        by_role=by_role,
        by_school=by_school,
        by_group=by_group,
        items=measure_items(frame),
        scales=scales,
        decisions=decisions,
        overall=measure_overall(frame, rules, decisions, seed=seed) if rules else {},
        pattern_shares=tuple(stops.tolist()),
        pattern_shares_n=people_answering(frame, rules, rules.share_decisions, main)
        if rules
        else 0,
        notices=_notices(frame, scales, roster, responses.notices + flags.notices),
        schools=schools,
        school_agreement=school_agreement(frame, scales),
        school_order=drawn_order(
            [turnout.name for turnout in by_school if turnout.name],
            order_secret(responses, instrument),
        ),
        cells=count_cells(frame, roster),
    )


def score_school(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    school: str,
    *,
    whole: Measures,
) -> Measures:
    """Measures of one school's main informant group, for that school's own report.

    Parameters
    ----------
    instrument, responses, roster
        As for ``score``: the whole round, not the school's part of it.
    school : str
    whole : Measures
        What ``score`` found in the same round.

    Raises
    ------
    KeyError
        Nobody answered for a school of this name.
    """
    kept = responses.rows(~careless(instrument, responses).left_out)
    frame = _frame(
        instrument,
        kept,
        roster,
        _turnout_by_group(instrument, responses, roster),
        _turnout_by_role(instrument, responses, roster),
    )
    return measure_school(frame, whole, whole.schools[school].turnout)


def _group_roles(instrument: Instrument) -> dict[str, tuple[str, ...]]:
    return {**instrument.groups, EVERYBODY: instrument.roles or ("",)}


def _frame(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    by_group: Mapping[str, Turnout],
    by_role: Sequence[Turnout],
) -> Frame:
    role = responses.attribute("role")

    def group(turnout: Turnout, roles: tuple[str, ...]) -> Group:
        people = np.isin(role, roles) if instrument.roles else np.ones(responses.n, dtype=bool)
        rate = turnout.rate
        silent = None if rate is None else (1 - rate) * instrument.scoring.silent_differ_sd
        return Group(turnout.name, roles, people, silent)

    return Frame(
        instrument=instrument,
        responses=responses,
        sampling=sampling(instrument, responses, roster),
        groups={
            name: group(by_group[name], roles) for name, roles in _group_roles(instrument).items()
        },
        roles={turnout.name: group(turnout, (turnout.name,)) for turnout in by_role},
        place={code: column for column, code in enumerate(responses.items)},
    )


def _turnout_by_group(
    instrument: Instrument, responses: Responses, roster: Roster | None
) -> dict[str, Turnout]:
    role = responses.attribute("role")
    found = {}
    for name, roles in _group_roles(instrument).items():
        n = int(np.isin(role, roles).sum()) if instrument.roles else responses.n
        headcount = None
        if roster is not None:
            headcount = roster.headcount(roles=roles if instrument.roles else None)
        found[name] = Turnout(name, n, headcount)
    return found


def _turnout_by_role(
    instrument: Instrument, responses: Responses, roster: Roster | None
) -> tuple[Turnout, ...]:
    role = responses.attribute("role")
    return tuple(
        Turnout(code, int((role == code).sum()), roster.headcount(roles=[code]) if roster else None)
        for code in instrument.roles
    )


def _turnout_by_school(
    instrument: Instrument, responses: Responses, roster: Roster | None
) -> tuple[Turnout, ...]:
    """Schools of the roster in its order, then others that people named, by name."""
    central = np.isin(responses.attribute("role"), instrument.central_roles)
    school = responses.attribute("school")[~central]
    listed = roster.schools if roster else ()
    others = sorted({name for name in school.tolist() if name and name not in listed})
    return tuple(
        Turnout(
            name, int((school == name).sum()), roster.headcount(school=name) if roster else None
        )
        for name in (*listed, *others)
    )


def _notices(
    frame: Frame,
    scales: Mapping[str, ScaleMeasure],
    roster: Roster | None,
    others: tuple[str, ...],
) -> tuple[str, ...]:
    """Plain sentences that a reader must know; none names a school or a person."""
    found = list(others)
    if roster is None:
        found.append(
            "The number of staff is unknown: every answer counts the same, no allowance is made "
            "for how many answered, and nothing is said of those who did not."
        )
    for name in frame.position_groups:
        group = frame.groups[name]
        merged = strata(frame.sampling, group.people, group.roles).merged
        if merged:
            cells = "group" if merged == 1 else "groups"
            found.append(
                f"Weights ({name}): {merged} school-by-role {cells} with fewer than two answers, "
                "or not on the roster, merged with others."
            )
    over = overfull(
        frame.sampling, np.ones(frame.responses.n, dtype=bool), frame.instrument.roles or ("",)
    )
    if over:
        found.append(
            f"More people answered than the roster lists in {over} school-by-role "
            f"{'group' if over == 1 else 'groups'}; there everybody counts as having answered."
        )
    found.extend(_omega_notices(frame, scales))
    return tuple(dict.fromkeys(found))


def _omega_notices(frame: Frame, scales: Mapping[str, ScaleMeasure]) -> list[str]:
    """Where the instrument's fallback stood in for a within-school omega."""
    fallback = frame.instrument.scoring.omega_fallback
    found = []
    for name in frame.groups:
        codes = [
            code
            for code, measure in scales.items()
            if isinstance(measure.scores[name], Band)
            and isinstance(measure.omegas[name], NotEstimated)
            and frame.instrument.scale(code).kind == "reflective"
            and len(measure.items) > 1
        ]
        if codes:
            found.append(
                f"Bands ({name}): the reliability within schools could not be estimated for "
                f"{', '.join(codes)}; {fallback} stands in."
            )
    return found
