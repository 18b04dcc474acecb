"""Reminders that are sent by themselves, on days that the leader chose beforehand.

A reminder goes to everybody on the staff list, as one that is sent by hand does; nothing here looks
up who has answered (``docs/adr/0004-reminders-go-to-everybody.md``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Account, Mailing, PlannedReminder, Round
from survey.services import audit, mailings, rounds
from survey.services.mailings import MailingError

#: days after the opening, and days before the close, on which a reminder is suggested
AFTER_OPENING, BEFORE_CLOSE = (4, 9), 2
#: the hour of day that is suggested, before lessons begin
HOUR = 7
#: how many may be planned for a round
MOST = 5
#: one that is later than this is not sent: the next day's people would wonder
LATEST = timedelta(hours=8)

Problem = Literal["twice", "past", "not open", "closed"]


@dataclass(frozen=True, slots=True)
class Fault:
    """A day that cannot be chosen: its place among those that were, and why."""

    place: int
    problem: Problem


class PlanError(ValueError):
    """Days on which no reminder can be sent."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} days on which no reminder can be sent")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Planned:
    """A planned reminder as the leader sees it."""

    due_at: datetime
    state: Literal["to come", "sent", "skipped"]
    #: why it was not sent
    skipped: str
    sent_at: datetime | None


def suggested(round_: Round, *, zone: ZoneInfo, now: datetime) -> list[date]:
    """Days that suit most rounds, of those that are still to come and lie within the round."""
    opens = round_.opens_at.astimezone(zone).date()
    closes = round_.closes_at.astimezone(zone).date()
    days = {opens + timedelta(days=n) for n in AFTER_OPENING}
    days.add(closes - timedelta(days=BEFORE_CLOSE))
    return [
        day for day in sorted(days) if _problem(round_, at(day, HOUR, zone=zone), now=now) is None
    ]


def at(day: date, hour: int, *, zone: ZoneInfo) -> datetime:
    """An hour of a day where the organisation is."""
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def plan(
    session: Session,
    round_: Round,
    moments: Sequence[datetime],
    *,
    by: Account,
    now: datetime,
) -> None:
    """Put these moments in the place of those that were planned and are still to come.

    Call ``begin_writing`` before.

    Raises
    ------
    MailingError
        If the round is anonymous or closed.
    PlanError
        If a moment is past, outside the round, or there twice.
    """
    held = _hold(session, round_.round_id)
    if held.mode != "confidential":
        raise MailingError("anonymous")
    if rounds.state(held, now) == "closed":
        raise MailingError("closed")
    if len(moments) > MOST:
        raise ValueError(f"moments: at most {MOST}, not {len(moments)}")
    faults = [
        Fault(place, problem)
        for place, moment in enumerate(moments)
        if (problem := "twice" if moment in moments[:place] else _problem(held, moment, now=now))
    ]
    if faults:
        raise PlanError(faults)
    session.execute(
        sa.delete(PlannedReminder).where(
            PlannedReminder.round_id == held.round_id, _is_to_come(), PlannedReminder.due_at > now
        )
    )
    handled = set(session.scalars(
        sa.select(PlannedReminder.due_at).where(PlannedReminder.round_id == held.round_id)
    ))  # fmt: skip
    session.add_all(
        PlannedReminder(round_id=held.round_id, due_at=moment)
        for moment in sorted(moments)
        if moment not in handled
    )
    about = f"round {held.round_id}"
    audit.note(session, actor=by, action="plan_reminders", object_=about, now=now)


def of(session: Session, round_: Round) -> list[Planned]:
    """The planned reminders of a round, in the order of their days."""
    rows = session.execute(
        sa.select(PlannedReminder, Mailing.asked_at)
        .outerjoin(Mailing, PlannedReminder.mailing_id == Mailing.mailing_id)
        .where(PlannedReminder.round_id == round_.round_id)
        .order_by(PlannedReminder.due_at)
    )
    return [
        Planned(
            due_at=row.due_at,
            state="sent" if row.mailing_id else "skipped" if row.skipped else "to come",
            skipped=row.skipped,
            sent_at=sent_at,
        )
        for row, sent_at in rows
    ]


# --- what the worker does ------------------------------------------------------------------------


def due(session: Session, *, now: datetime) -> list[str]:
    """Ids of reminders whose time has come, in rounds that have not closed."""
    return list(
        session.scalars(
            sa.select(PlannedReminder.reminder_id)
            .join(Round, PlannedReminder.round_id == Round.round_id)
            .where(
                _is_to_come(),
                PlannedReminder.due_at <= now,
                Round.closed_at.is_(None),
                Round.closes_at > now,
            )
            .order_by(PlannedReminder.due_at, PlannedReminder.reminder_id)
        )
    )


def send_due(session: Session, reminder_id: str, *, now: datetime) -> Mailing | None:
    """Ask for the mailing of a reminder whose time has come; None where there is nothing to send.

    One that is more than ``LATEST`` late, or follows another within a day, is never sent. Where
    something else is in the way (somebody on the list was not invited), it waits that long. The
    mailing and the word that it was sent are one transaction, so that it is asked for once.
    Call ``begin_writing`` before.
    """
    planned = session.get(PlannedReminder, reminder_id)
    if planned is None:
        return None
    round_ = _hold(session, planned.round_id)
    session.refresh(planned)  # another worker may have been first
    if planned.mailing_id is not None or planned.skipped:
        return None
    is_late = now - planned.due_at > LATEST
    refusal = mailings.why_not(session, round_, "reminder", now=now)
    if refusal == "too soon" or (refusal and is_late):
        planned.skipped = refusal
    elif is_late:
        planned.skipped = "missed"
    elif refusal is None:
        mailing = mailings.ask(session, round_, "reminder", by=None, now=now)
        planned.mailing_id = mailing.mailing_id
        session.flush()
        return mailing
    session.flush()
    return None


# --- parts ---------------------------------------------------------------------------------------


def _problem(round_: Round, moment: datetime, *, now: datetime) -> Problem | None:
    if moment >= round_.closes_at:
        return "closed"
    if moment <= round_.opens_at:
        return "not open"
    return "past" if moment <= now else None


def _is_to_come() -> sa.ColumnElement[bool]:
    return sa.and_(PlannedReminder.mailing_id.is_(None), PlannedReminder.skipped == "")


def _hold(session: Session, round_id: str) -> Round:
    """Keep the round from closing, and other mailings out, until the transaction ends."""
    return session.scalars(
        sa.select(Round)
        .where(Round.round_id == round_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
