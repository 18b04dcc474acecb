"""Results for staff and for heads: when and by whom, and the release of what each may read."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from survey.models import Account, Round
from survey.services import audit, clock, reporting, rounds

PAGE = "staff_page"
#: characters that may say who shares the results
MOST_CHARACTERS = 200


class ResultsError(ValueError):
    """What was said or asked cannot be done; one line says why."""


def earliest(round_: Round) -> date:
    """The first day on which results may be promised: the day on which the round closes."""
    last = min(round_.closes_at, round_.closed_at or round_.closes_at)
    return clock.local(round_.organisation, last).date()


def say(
    session: Session,
    round_: Round,
    *,
    results_on: date | None,
    results_by: str,
    account: Account | None,
    now: datetime,
) -> None:
    """Set when results are shared with staff and by whom; None and "" take it back.

    It may change until the page is released. Call ``begin_writing`` before.

    Raises
    ------
    ResultsError
        If the day is before the round closes, the words are too long, or the page is released.
    """
    held = rounds.hold(session, round_)
    results_by = " ".join(results_by.split())
    if (held.results_on, held.results_by) == (results_on, results_by):
        return
    if held.released_at is not None:
        raise ResultsError("results: the page is released, and what it says stays as it is")
    if results_on is not None and results_on < earliest(held):
        raise ResultsError(f"results_on: choose {earliest(held)}, when the round closes, or later")
    if len(results_by) > MOST_CHARACTERS:
        raise ResultsError(f"results_by: use at most {MOST_CHARACTERS} characters")
    held.results_on, held.results_by = results_on, results_by
    audit.note(
        session, actor=account, action="say_results", object_=f"round {held.round_id}", now=now
    )
    session.flush()


def release(session: Session, round_: Round, *, account: Account | None, now: datetime) -> None:
    """Show the page to staff. It cannot be taken back, and releasing again changes nothing.

    Look first whether its stored file can be read. Call ``begin_writing`` before.

    Raises
    ------
    ResultsError
        If the round is open, the page is not made yet, or nobody is named whom staff can ask.
    """
    held = rounds.hold(session, round_)
    if held.released_at is not None:
        return
    report = reporting.find(session, held, PAGE)
    if held.closed_at is None or report is None or report.state != "ready":
        raise ResultsError("release: make the page first, when the round has closed")
    if not held.results_by:
        raise ResultsError("results_by: say first who shares the results, so that staff can ask")
    held.released_at = now
    audit.note(
        session,
        actor=account,
        action="release_staff_page",
        object_=f"round {held.round_id}",
        now=now,
    )
    session.flush()


def has_school_reports(session: Session, round_: Round) -> bool:
    """Whether the report of at least one school is made."""
    made = [
        reporting.find_school_report(session, round_, school.school_id)
        for school in reporting.schools_of(session, round_)
    ]
    return any(report is not None and report.state == "ready" for report in made)


def release_schools(
    session: Session, round_: Round, *, account: Account | None, now: datetime
) -> None:
    """Let heads read the reports of their schools. It cannot be taken back; again changes nothing.

    Call ``begin_writing`` before.

    Raises
    ------
    ResultsError
        If no report is made yet.
    """
    held = rounds.hold(session, round_)
    if held.schools_released_at is not None:
        return
    if not has_school_reports(session, held):
        raise ResultsError("release: have the reports of the schools made first")
    held.schools_released_at = now
    what = f"round {held.round_id}"
    audit.note(session, actor=account, action="release_school_reports", object_=what, now=now)
    session.flush()
