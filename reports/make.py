"""From answers to a finished document: the one path that the command line and the jobs take."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from instruments.definition import Instrument, MissingRule
from instruments.responses import Responses, fingerprint
from instruments.roster import Roster
from reports.round_facts import RoundFacts

if TYPE_CHECKING:
    from instruments.measures import Measures
    from reports.plan import Plan
    from reports.profile import Profile, Told
    from reports.school_report import SchoolReport

#: draws of bootstrap and parallel analysis start here unless somebody says otherwise
SEED = 20260101


@dataclass(frozen=True, slots=True)
class Answers:
    """The frozen answers of one round, with its roster and facts."""

    responses: Responses
    roster: Roster | None
    facts: RoundFacts


def typesetting() -> Executor:
    """A second process that loads the typesetter while this one reads and scores.

    For commands: call it before anything starts a thread. A worker keeps its typesetter loaded.
    """
    from reports.document import warm_up

    fork = multiprocessing.get_context("fork")  # shares what is imported already
    executor = ProcessPoolExecutor(1, mp_context=fork)
    executor.submit(warm_up)
    return executor


@dataclass(frozen=True, slots=True)
class Planned:
    """A round's measures, and the plan of what may be shown of them in all documents together."""

    measures: "Measures"
    plan: "Plan"


#: the round that was planned last, by its answers, roster and seed: a worker makes all documents of
#: a round one after another, and a plan for 60 schools takes longer than a document
_last: dict[tuple[str, Roster | None, int], Planned] = {}


def plan_of(
    instrument: Instrument, responses: Responses, roster: Roster | None, *, seed: int = SEED
) -> Planned:
    """Score a round and plan its release: the same for every document of the round."""
    from instruments.scoring import score
    from reports.release import plan_release

    key = fingerprint(responses, instrument) + instrument.checksum, roster, seed
    found = _last.get(key)
    if found is None:
        measures = score(instrument, responses, roster, seed=seed)
        found = Planned(measures, plan_release(instrument, measures))
        _last.clear()
        _last[key] = found
    return found


def make_profile(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    facts: RoundFacts,
    *,
    seed: int = SEED,
    typesetter: Executor | None = None,
    earlier: Sequence[Answers] = (),
    told: "Sequence[Told]" = (),
    planned: Planned | None = None,
) -> bytes:
    """The profile of one round as a PDF; with ``earlier`` rounds, what changed since.

    ``told``: themes of what people wrote.

    ``typesetter`` sets it in another process (see ``typesetting``); else it is set in this one.
    ``planned``: measures and plan of the same answers, where they were worked out before.

    Raises
    ------
    ValueError
        With one line, where the instrument has no continuum or the data cannot be read.
    """
    from reports.render import render_profile

    profile = _profile(
        instrument,
        responses,
        roster,
        facts,
        seed=seed,
        earlier=earlier,
        told=told,
        planned=planned,
    )
    if typesetter:
        return typesetter.submit(render_profile, profile).result()
    return render_profile(profile)


def make_school_report(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    facts: RoundFacts,
    school: str,
    *,
    seed: int = SEED,
    typesetter: Executor | None = None,
    planned: Planned | None = None,
) -> bytes:
    """One school's report of two pages as a PDF, from the answers of the whole round.

    Raises
    ------
    ValueError
        With one line, where the school is not known or may not be shown.
    """
    from reports.school_report.render import render_school_report

    report = _school_report(
        instrument, responses, roster, facts, school, seed=seed, planned=planned
    )
    if typesetter:
        return typesetter.submit(render_school_report, report).result()
    return render_school_report(report)


def make_school_screen(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    facts: RoundFacts,
    school: str,
    *,
    seed: int = SEED,
    planned: Planned | None = None,
) -> bytes:
    """One school's report as a part of a web page, stored as JSON.

    Raises
    ------
    ValueError
        As ``make_school_report``.
    """
    from reports.screen import build_school_screen, to_json

    report = _school_report(
        instrument, responses, roster, facts, school, seed=seed, planned=planned
    )
    return to_json(build_school_screen(report))


def _school_report(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    facts: RoundFacts,
    school: str,
    *,
    seed: int,
    planned: Planned | None,
) -> "SchoolReport":
    from instruments.scoring import score_school
    from reports.school_report import build_school_report, check_school

    planned = planned or plan_of(instrument, responses, roster, seed=seed)
    whole, plan = planned.measures, planned.plan
    check_school(instrument, whole, facts, school, plan=plan)
    mine = score_school(instrument, responses, roster, school, whole=whole)
    return build_school_report(instrument, whole, mine, facts, school, plan=plan)


def make_slides(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    facts: RoundFacts,
    *,
    seed: int = SEED,
    planned: Planned | None = None,
) -> bytes:
    """Slides for a meeting as a PDF, from the profile that is made of the same answers.

    Raises
    ------
    ValueError
        With one line, where no profile can be made, or it may show no figure.
    """
    from reports.meeting_pack.render import render_slides

    return render_slides(_profile(instrument, responses, roster, facts, seed=seed, planned=planned))


def make_handout(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    facts: RoundFacts,
    *,
    seed: int = SEED,
    planned: Planned | None = None,
) -> bytes:
    """A handout for a meeting as a PDF of two pages, from the profile of the same answers.

    Raises
    ------
    ValueError
        With one line, where no profile can be made, or it may show no figure.
    """
    from reports.meeting_pack.render import render_handout

    return render_handout(
        _profile(instrument, responses, roster, facts, seed=seed, planned=planned)
    )


def make_validation(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    facts: RoundFacts | None,
    *,
    missing: MissingRule | None = None,
    seed: int = SEED,
) -> bytes:
    """The validation report as a PDF; careless answers are left out, as a profile leaves them out.

    Raises
    ------
    ValueError
        With one line, where nothing can be analysed.
    """
    from instruments.analysis import analyse
    from instruments.quality import careless
    from instruments.scoring import score
    from reports.validation import build_validation, render_validation

    measures = score(instrument, responses, roster, seed=seed) if instrument.groups else None
    kept = responses.rows(~careless(instrument, responses).left_out)
    analysis = analyse(instrument, kept, missing=missing, seed=seed)
    report = build_validation(
        instrument,
        analysis,
        measures,
        facts,
        simulated=responses.simulated,
        fingerprint=fingerprint(responses, instrument),
    )
    return render_validation(report)


def make_profile_screen(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    facts: RoundFacts,
    *,
    seed: int = SEED,
    earlier: Sequence[Answers] = (),
    told: "Sequence[Told]" = (),
    planned: Planned | None = None,
) -> bytes:
    """The profile of one round as a part of a web page, stored as JSON.

    Raises
    ------
    ValueError
        As ``make_profile``.
    """
    from reports.screen import build_screen, to_json

    return to_json(
        build_screen(
            _profile(
                instrument,
                responses,
                roster,
                facts,
                seed=seed,
                earlier=earlier,
                told=told,
                planned=planned,
            )
        )
    )


def _profile(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    facts: RoundFacts,
    *,
    seed: int,
    earlier: Sequence[Answers] = (),
    told: "Sequence[Told]" = (),
    planned: Planned | None = None,
) -> "Profile":
    from instruments.scoring import score
    from reports.profile import Earlier, build_profile

    planned = planned or plan_of(instrument, responses, roster, seed=seed)
    scored = [
        Earlier(each.facts, score(instrument, each.responses, each.roster, seed=seed))
        for each in earlier
    ]
    return build_profile(
        instrument, planned.measures, facts, earlier=scored, told=told, plan=planned.plan
    )


def make_staff_page(
    instrument: Instrument,
    responses: Responses,
    roster: Roster | None,
    facts: RoundFacts,
    *,
    seed: int = SEED,
    told: "Sequence[Told]" = (),
    planned: Planned | None = None,
) -> bytes:
    """The page for staff of one round as JSON, from the profile that is made of the same answers.

    Raises
    ------
    ValueError
        With one line, where no profile can be made.
    """
    from reports.staff_page import build_staff_page, to_json

    profile = _profile(instrument, responses, roster, facts, seed=seed, told=told, planned=planned)
    return to_json(build_staff_page(profile))
