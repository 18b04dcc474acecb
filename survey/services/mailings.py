"""Mail to the people on a staff list: asking for it, and what became of each message.

A message is *queued*, then *sending* (committed before the connection opens), then *sent* or
*failed*. One that a crash left as *sending* becomes *uncertain*: it may have gone out, so it is
not sent again unless the leader asks for it. A reminder goes to everybody, whether they have
answered or not (``docs/adr/0004-reminders-go-to-everybody.md``).
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Account, Invitation, Mailing, Message, Round
from survey.models.columns import random_id
from survey.services import audit, bounces, rounds

Kind = Literal["invitation", "reminder"]
#: a day, less what two mornings may differ in
BETWEEN_REMINDERS = timedelta(hours=20)
#: messages that are *sending* at one time: so many are uncertain after a crash
BATCH = 25

Refusal = Literal[
    "anonymous",
    "closed",
    "not ready",
    "not open",
    "nobody",
    "nobody new",
    "not invited",
    "too soon",
]


class MailingError(ValueError):
    """A mailing that cannot be asked for; ``refusal`` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"no mailing can be asked for: {refusal}")
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Summary:
    """A mailing as the leader sees it: counts, nobody's name or address."""

    mailing_id: str
    kind: str
    asked_at: datetime
    recipients: int
    #: {state: how many}
    states: Mapping[str, int]
    #: why messages failed: {one line without an address: how many}
    failures: Mapping[str, int]
    #: why mail could not be sent when it was last tried; empty: it could
    trouble: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is being sent: to whom, and the invitation whose link it carries."""

    message_id: str
    invitation_id: str
    email: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message: its state, and one line without an address where it failed."""

    state: Literal["queued", "sent", "uncertain", "failed"]
    failure: str = ""
    #: it failed because the server does not know the person
    is_unreachable: bool = False


def ask(
    session: Session, round_: Round, kind: Kind, *, by: Account | None, now: datetime
) -> Mailing:
    """Ask for an invitation mailing or a reminder; hand it to the job engine after the commit.

    An invitation goes to everybody who has been mailed none yet, or whose address was corrected
    after mail came back, a reminder to everybody on the staff list; neither to an address that
    mail does not reach. Call ``begin_writing`` before.

    Raises
    ------
    MailingError
        If the round is anonymous or closed; an invitation has nobody new to go to; a reminder
        comes before the round opened, before everybody was invited, or within a day of the last.
    """
    held = rounds.hold(session, round_)
    refusal = why_not(session, held, kind, now=now)
    if refusal:
        raise MailingError(refusal)
    recipients = list(session.scalars(_recipients(held, kind)))
    secrets.SystemRandom().shuffle(recipients)
    bounces.forget_mended(session, recipients)
    mailing = Mailing(
        round_id=held.round_id, kind=kind, asked_at=now, recipients=len(recipients), outcome=None
    )
    session.add(mailing)
    session.flush()
    session.execute(
        sa.insert(Message),
        [
            {
                "message_id": random_id(),
                "mailing_id": mailing.mailing_id,
                "invitation_id": invitation_id,
                "state": "queued",
                "failure": "",
            }
            for invitation_id in recipients
        ],
    )
    audit.note(
        session, actor=by, action=f"ask_{kind}", object_=f"mailing {mailing.mailing_id}", now=now
    )
    return mailing


def why_not(session: Session, round_: Round, kind: Kind, *, now: datetime) -> Refusal | None:
    """Why a mailing of this kind cannot be asked for now; None where it can."""
    state = rounds.state(round_, now)
    if round_.mode != "confidential":
        return "anonymous"
    if state == "closed":
        return "closed"
    if state == "planned":
        return "not ready"
    if session.scalars(_recipients(round_, "reminder").limit(1)).first() is None:
        return "nobody"
    has_new = session.scalars(_recipients(round_, "invitation").limit(1)).first() is not None
    if kind == "invitation":
        return None if has_new else "nobody new"
    if state != "open":
        return "not open"
    if has_new:
        return "not invited"
    last = session.scalar(
        sa.select(sa.func.max(Mailing.asked_at)).where(
            Mailing.round_id == round_.round_id, Mailing.kind == "reminder"
        )
    )
    return "too soon" if last is not None and now - last < BETWEEN_REMINDERS else None


def count_recipients(session: Session, round_: Round, kind: Kind) -> int:
    """To how many people a mailing would go now: a fact of the staff list alone."""
    recipients = _recipients(round_, kind).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(recipients)) or 0


def send_again(session: Session, mailing: Mailing, *, by: Account | None, now: datetime) -> int:
    """Queue the uncertain messages of a mailing again; returns how many.

    Hand the mailing to the job engine after the commit. Call ``begin_writing`` before.

    Raises
    ------
    MailingError
        If the round has closed.
    """
    round_ = session.get_one(Round, mailing.round_id)
    held = rounds.hold(session, round_)
    if rounds.state(held, now) == "closed":
        raise MailingError("closed")
    queued = session.execute(
        sa.update(Message)
        .where(
            Message.mailing_id == mailing.mailing_id,
            Message.state == "uncertain",
            Message.invitation_id.in_(_recipients(held, "reminder")),
        )
        .values(state="queued")
        .returning(Message.message_id)
    ).all()
    if queued:
        audit.note(
            session,
            actor=by,
            action="send_again",
            object_=f"mailing {mailing.mailing_id}",
            now=now,
        )
    return len(queued)


def of(session: Session, round_: Round) -> list[Summary]:
    """The mailings of a round, newest first."""
    mailings = session.scalars(
        sa.select(Mailing)
        .where(Mailing.round_id == round_.round_id)
        .order_by(Mailing.asked_at.desc(), Mailing.mailing_id)
    ).all()
    states: dict[str, Counter[str]] = defaultdict(Counter)
    failures: dict[str, Counter[str]] = defaultdict(Counter)
    for mailing_id, state, failure, n in session.execute(
        sa.select(Message.mailing_id, Message.state, Message.failure, sa.func.count())
        .where(Message.mailing_id.in_([mailing.mailing_id for mailing in mailings]))
        .group_by(Message.mailing_id, Message.state, Message.failure)
    ):
        states[mailing_id][state] += n
        if state == "failed":
            failures[mailing_id][failure] += n
    return [
        Summary(
            mailing_id=mailing.mailing_id,
            kind=mailing.kind,
            asked_at=mailing.asked_at,
            recipients=mailing.recipients,
            states=mailing.outcome or states[mailing.mailing_id],
            failures=failures[mailing.mailing_id],
            trouble=mailing.trouble,
        )
        for mailing in mailings
    ]


def unfinished(session: Session, *, now: datetime) -> list[Mailing]:
    """Mailings of rounds that have not closed with messages that still have to be sent."""
    waiting = sa.exists().where(
        Message.mailing_id == Mailing.mailing_id, Message.state.in_(("queued", "sending"))
    )
    return list(
        session.scalars(
            sa.select(Mailing)
            .join(Round, Mailing.round_id == Round.round_id)
            .where(Round.closed_at.is_(None), Round.closes_at > now, waiting)
            .order_by(Mailing.asked_at, Mailing.mailing_id)
        )
    )


# --- what the worker does ------------------------------------------------------------------------


def doubt_unfinished(session: Session, mailing_id: str) -> None:
    """Mark what a crash left as *sending* as *uncertain*: nobody knows whether it went out.

    Only for a worker that begins with this mailing: no other works on it.
    """
    session.execute(
        sa.update(Message)
        .where(Message.mailing_id == mailing_id, Message.state == "sending")
        .values(state="uncertain")
    )


def take_batch(
    session: Session, mailing_id: str, *, after: str, now: datetime
) -> tuple[Letter, ...]:
    """Mark the next queued messages as *sending* and return them, in the order of their random ids.

    ``after`` is the id of the last message of the batch before. Empty where none is left, and
    where the round has closed or its time is up. Call ``begin_writing`` before, and commit before
    anything is sent.
    """
    mailing = session.get(Mailing, mailing_id)
    if mailing is None or rounds.state(session.get_one(Round, mailing.round_id), now) == "closed":
        return ()
    rows = session.execute(
        sa.select(Message.message_id, Invitation.invitation_id, Invitation.email)
        .join(Invitation, Message.invitation_id == Invitation.invitation_id)
        .where(
            Message.mailing_id == mailing_id,
            Message.state == "queued",
            Message.message_id > after,
        )
        .order_by(Message.message_id)
        .limit(BATCH)
        .with_for_update(of=Message)
    ).all()
    letters = tuple(Letter(*row) for row in rows)
    if letters:
        session.execute(
            sa.update(Message)
            .where(Message.message_id.in_([letter.message_id for letter in letters]))
            .values(state="sending")
        )
    return letters


def record(session: Session, outcomes: Mapping[str, Outcome]) -> None:
    """Write what became of a batch, in one transaction: no row version tells an order within it.

    A message that is not *sending* any more is left as it is: the round closed meanwhile.
    """
    by_outcome: dict[Outcome, list[str]] = defaultdict(list)
    for message_id, outcome in outcomes.items():
        by_outcome[outcome].append(message_id)
    for outcome, message_ids in by_outcome.items():
        session.execute(
            sa.update(Message)
            .where(Message.message_id.in_(message_ids), Message.state == "sending")
            .values(state=outcome.state, failure=outcome.failure)
        )
    refused = {each: found.failure for each, found in outcomes.items() if found.is_unreachable}
    if refused:
        bounces.note(session, refused)


def note_trouble(session: Session, mailing_id: str, trouble: str) -> None:
    """Say why mail cannot be sent now; empty: it can."""
    session.execute(
        sa.update(Mailing)
        .where(Mailing.mailing_id == mailing_id, Mailing.trouble != trouble)
        .values(trouble=trouble)
    )


# --- parts ---------------------------------------------------------------------------------------


def _recipients(round_: Round, kind: Kind) -> sa.Select[str]:
    everybody = sa.select(Invitation.invitation_id).where(
        Invitation.round_id == round_.round_id, ~bounces.is_unreachable()
    )
    if kind == "reminder":
        return everybody
    invited = (
        sa.select(Message.invitation_id)
        .join(Mailing, Message.mailing_id == Mailing.mailing_id)
        .where(Mailing.round_id == round_.round_id, Mailing.kind == "invitation")
    )
    return everybody.where(sa.or_(Invitation.invitation_id.not_in(invited), bounces.is_mended()))
