"""Documents of a round: asking for one, the frozen dataset behind it, and making it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments.responses import Responses, fingerprint
from instruments.roster import Roster, RosterRow
from reports.make import (
    Answers,
    make_handout,
    make_profile,
    make_profile_screen,
    make_school_report,
    make_school_screen,
    make_slides,
    make_staff_page,
    make_validation,
    plan_of,
)
from reports.profile.change import MOST_EARLIER
from reports.profile.own_words import Told
from reports.round_facts import RoundFacts
from survey import models
from survey.marked import N_
from survey.models import Account, Report, Response, Round, School
from survey.services import audit, clock, coding, open_answers, releases, rounds

NO_SCHOOL = N_("There is no such school here.")
STILL_OPEN = N_("answers are counted when the round has closed; close it first")
RELEASED = N_(
    "Staff were shown another page than the one that would be made now, so it stays away. Put the "
    "stored file {file_name} back from a backup."
)


NO_CODES = N_(
    "Posters and slips need codes, and a round that has not closed; make the codes first."
)


class ReportError(ValueError):
    """A document cannot be asked for or made; one line says why."""


@dataclass(frozen=True, slots=True)
class Document:
    """A finished document, the fingerprint of its dataset, and its line for the ledger."""

    content: bytes
    fingerprint: str
    #: what it shows of the round (``releases.entry_of``); empty where it is for researchers
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: what makes it of answers (None: it holds none), and what its file is."""

    make: Callable[..., bytes] | None
    #: ".pdf"
    suffix: str
    content_type: str
    #: whether it says what changed since the organisation's earlier rounds
    compares: bool = False
    #: whether it tells the themes of what people wrote
    tells: bool = False
    #: shown to leaders or staff: made by the round's plan of release, and kept in the ledger
    is_released: bool = True


PDF = (".pdf", "application/pdf")
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "profile": Kind(make_profile, *PDF, compares=True, tells=True),
        "profile_screen": Kind(
            make_profile_screen, ".json", "application/json", compares=True, tells=True
        ),
        "slides": Kind(make_slides, *PDF),
        "handout": Kind(make_handout, *PDF),
        "validation": Kind(make_validation, *PDF, is_released=False),
        "staff_page": Kind(make_staff_page, ".json", "application/json", tells=True),
        # the way in, on paper: see survey/handouts.py
        "posters": Kind(None, *PDF),
        "slips": Kind(None, *PDF),
    }
)
#: what there is of one school is a kind of its own for each: "school:<school_id>"
SCHOOL, SCHOOL_SCREEN = "school", "school_screen"
SCHOOL_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        SCHOOL: Kind(make_school_report, *PDF),
        SCHOOL_SCREEN: Kind(make_school_screen, ".json", "application/json"),
    }
)


def school_kind(school_id: str, what: str = SCHOOL) -> str:
    """The kind of the report of one school, on paper or on screen."""
    return f"{what}:{school_id}"


def kind_of(kind: str) -> Kind:
    """What makes a kind of document, and what its file is.

    Raises
    ------
    ReportError
        If there is no such kind.
    """
    what, _, school_id = kind.partition(":")
    if school_id and what in SCHOOL_KINDS:
        return SCHOOL_KINDS[what]
    if kind not in KINDS:
        raise ReportError(f"there is no document {kind!r}; there are {', '.join(KINDS)}")
    return KINDS[kind]


def school_of(session: Session, round_: Round, kind: str) -> School | None:
    """The school whose report a kind is; None for a document of the whole round.

    Raises
    ------
    ReportError
        If it is the report of a school of another organisation, or of none.
    """
    school_id = kind.partition(":")[2]
    if not school_id:
        return None
    school = session.get(School, school_id)
    if school is None or school.organisation_id != round_.organisation_id:
        raise ReportError(NO_SCHOOL)
    return school


def entry_of(round_: Round, kind: str) -> tuple[str, str]:
    """How the audit log names a document: what it is, and of what."""
    what, _, school_id = kind.partition(":")
    if school_id:
        name = "school_report" if what == SCHOOL else what
        return name, f"round {round_.round_id}, school {school_id}"
    return kind, f"round {round_.round_id}"


def ask(session: Session, round_: Round, kind: str, *, by: Account | None, now: datetime) -> Report:
    """Ask for a document of a round; the row is handed to the job engine after the commit.

    Call ``begin_writing`` before. A document of answers needs a closed round, posters and slips one
    that has not closed. Asking again for one that is on its way or ready changes nothing, but that
    ready posters and slips are made anew, and so is what was made before the themes of what people
    wrote were handed over; asking for one that failed starts another attempt.

    Raises
    ------
    ReportError
        If there is no such kind of document, or the round is still open (has closed).
    """
    holds_answers = kind_of(kind).make is not None
    school_of(session, round_, kind)
    # one at a time for a round, so that two people who ask at once get the same row
    session.execute(
        sa.select(Round.round_id).where(Round.round_id == round_.round_id).with_for_update()
    )
    if rounds.state(round_, now) == "closed":
        rounds.close(session, round_, by=None, now=now)  # its time may be up since a second ago
    if (round_.closed_at is None) is holds_answers:
        raise ReportError(STILL_OPEN if holds_answers else NO_CODES)
    report = find(session, round_, kind)
    if report is None:
        report = Report(round=round_, kind=kind, asked_at=now)
        session.add(report)
    elif (
        report.state == "failed"
        or (report.state == "ready" and not holds_answers)
        or lacks_themes(session, report)
    ):
        start_again(report, now=now)
    else:
        return report
    name, of_what = entry_of(round_, kind)
    audit.note(session, actor=by, action=f"ask_{name}", object_=of_what, now=now)
    session.flush()
    return report


def ask_schools(
    session: Session, round_: Round, *, by: Account | None, now: datetime
) -> list[Report]:
    """Ask for the reports of every school of the round, as ``ask`` does for one.

    Which of them may have one is found when it is made: a school that may not be shown is refused
    then, in one line.
    """
    return [
        ask(session, round_, school_kind(school.school_id, what), by=by, now=now)
        for school in schools_of(session, round_)
        for what in SCHOOL_KINDS
    ]


def schools_of(session: Session, round_: Round) -> list[School]:
    """The schools whose staff were asked, by name; none where their number was not given."""
    listed = sa.select(models.RosterRow.school_id).where(
        models.RosterRow.round_id == round_.round_id, models.RosterRow.school_id.is_not(None)
    )
    return list(
        session.scalars(sa.select(School).where(School.school_id.in_(listed)).order_by(School.name))
    )


def find_school_report(
    session: Session, round_: Round, school_id: str, what: str = SCHOOL
) -> Report | None:
    """The report of one school that was asked for, if any was."""
    return find(session, round_, school_kind(school_id, what))


def start_again(report: Report, *, now: datetime) -> None:
    """Begin a fresh attempt: its workflow has another id, and what the old one writes is void."""
    report.attempt += 1
    report.starts = 0
    report.state = "asked"
    report.failure = ""
    report.asked_at = now


def find(session: Session, round_: Round, kind: str) -> Report | None:
    """The document of this kind that was asked for, if any was."""
    return session.scalar(
        sa.select(Report).where(Report.round_id == round_.round_id, Report.kind == kind)
    )


def frozen(session: Session, round_: Round) -> Responses:
    """The frozen dataset of a closed round: its responses in the order of their random ids."""
    if round_.closed_at is None:
        raise ReportError(STILL_OPEN)
    rows = session.execute(
        sa.select(Response.answers, Response.role, Response.school_id)
        .where(Response.round_id == round_.round_id)
        .order_by(Response.response_id)
    ).all()
    names = round_.school_names
    return coding.as_responses(
        rounds.instrument_of(round_),
        [coding.Sheet(row.role, names.get(row.school_id, ""), row.answers) for row in rows],
        form=round_.form,
        modules=round_.modules,
        simulated=round_.simulated,
    )


def earlier_answers(session: Session, round_: Round) -> list[Answers]:
    """The frozen answers of the organisation's last rounds before this one, oldest first.

    Rounds with the same version of the instrument that had closed before this one opened;
    simulated answers are compared with simulated ones only.
    """
    found = session.scalars(
        sa.select(Round)
        .where(
            Round.organisation_id == round_.organisation_id,
            Round.instrument_slug == round_.instrument_slug,
            Round.instrument_version == round_.instrument_version,
            Round.instrument_checksum == round_.instrument_checksum,
            Round.simulated == round_.simulated,
            Round.closed_at.is_not(None),
            Round.closed_at <= round_.opens_at,
        )
        .order_by(Round.opens_at.desc(), Round.round_id)
        .limit(MOST_EARLIER)
    ).all()
    return [
        Answers(frozen(session, each), roster(session, each), facts(each))
        for each in reversed(found)
    ]


def roster(session: Session, round_: Round) -> Roster | None:
    """Head counts of a closed round, in a fixed order; None where none were given."""
    rows = session.scalars(
        sa.select(models.RosterRow).where(models.RosterRow.round_id == round_.round_id)
    ).all()
    names = round_.school_names
    listed = sorted((names.get(row.school_id or "", ""), row.role, row.headcount) for row in rows)
    return Roster(tuple(RosterRow(*row) for row in listed)) if listed else None


def told(session: Session, round_: Round) -> list[Told]:
    """The themes of what people wrote, as far as they are handed over; no quotation."""
    return [
        Told(each.item, each.answered, tuple((theme.name, theme.people) for theme in each.themes))
        for each in open_answers.themes(session, round_)
    ]


def lacks_themes(session: Session, report: Report | None) -> bool:
    """Whether a document is ready, and themes that it could tell were handed over since."""
    if report is None or report.state != "ready" or not kind_of(report.kind).tells:
        return False
    round_, desk = report.round, report.round.open_desk
    if desk is None or desk.handed_over_at is None or desk.handed_over_at <= report.asked_at:
        return False
    is_shown = report.kind == "staff_page" and round_.released_at is not None
    return not is_shown and any(each.themes for each in told(session, round_))


def facts(round_: Round) -> RoundFacts:
    """What a document says of the round itself."""
    organisation = round_.organisation
    instrument = rounds.instrument_of(round_)
    # documents speak what the instrument speaks, not an installation's translations
    locale = round_.locale if round_.locale in instrument.locales else instrument.locale
    return RoundFacts(
        organisation=organisation.name,
        short_name=organisation.short_name,
        locale=locale,
        opens_on=clock.local(organisation, round_.opens_at).date(),
        closes_on=clock.local(
            organisation, min(round_.closes_at, round_.closed_at or round_.closes_at)
        ).date(),
        mode="confidential" if round_.mode == "confidential" else "anonymous",
        form=round_.form,
        modules=tuple(round_.modules),
        simulated=round_.simulated,
        silhouettes=round_.silhouettes,
        schools_named=round_.schools_named,
        placeholders=MappingProxyType(
            {"mto": organisation.short_name, **rounds.fills_of(round_, locale)}
        ),
        admin=MappingProxyType(dict(round_.admin)),
        formal=MappingProxyType(dict(round_.formal)),
    )


def make(session: Session, round_: Round, kind: str) -> Document:
    """Make a document of answers from a closed round's frozen dataset.

    Raises
    ------
    ValueError
        With one line, if the data do not allow it.
    """
    found = kind_of(kind)
    if found.make is None:
        raise ReportError(f"{kind} hold no answers")
    responses = frozen(session, round_)
    instrument = rounds.instrument_of(round_)
    given = (instrument, responses, roster(session, round_), facts(round_))
    mark = fingerprint(responses, instrument)
    if not found.is_released:
        return Document(found.make(*given), mark)
    planned = plan_of(*given[:3])
    reason = releases.reason_against(session, round_.round_id, planned.plan, mark)
    if reason:
        raise ReportError(reason)
    more: dict[str, Any] = {"earlier": earlier_answers(session, round_)} if found.compares else {}
    if found.tells:
        more["told"] = told(session, round_)
    if school := school_of(session, round_, kind):
        more["school"] = round_.school_names[school.school_id]
    content = found.make(*given, planned=planned, **more)
    _keep_released(session, round_, kind, content)
    entry = releases.entry_of(planned.plan, kind, school=more.get("school", ""))
    return Document(content, mark, entry)


def _keep_released(session: Session, round_: Round, kind: str, content: bytes) -> None:
    """Refuse to put another page in the place of one that staff were shown."""
    if kind != "staff_page" or round_.released_at is None:
        return
    shown = find(session, round_, kind)
    if shown is not None and shown.checksum != hashlib.sha256(content).hexdigest():
        raise ReportError(RELEASED.format(file_name=shown.file_name))
