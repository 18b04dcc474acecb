"""Sends the messages of a mailing: what the worker does, batch by batch, each at most once.

A batch is committed as *sending* before a connection opens, and its outcomes in one transaction
after. Whatever a crash leaves as *sending* is *uncertain* from the next start on.
"""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import mail
from survey.database import begin_writing
from survey.messages import Letterhead, compose, in_words_of
from survey.models import Mailing, Round
from survey.services import clock, mailings, timing
from survey.services.mailings import Letter, Outcome
from survey.services.sealing import invitation_token
from survey.settings import Settings

log = logging.getLogger(__name__)

#: pauses before an outcome is written again, where the database does not take it
_PAUSES_S = (0.5, 2.0, 8.0)

#: so many connections in a row that break: then the rest waits
MOST_FAILURES = 2
#: the server took some and wants to be asked again for others
ASKED_TO_WAIT = "asked to wait"
#: it broke off before it said that it has a message
BROKE_OFF = "broke off"

#: done: nothing is left to send; later: what is left could not be sent now; stopped: asked to
End = Literal["done", "later", "stopped"]
#: a message, whom it goes to, its bytes
Sealed = tuple[Letter, bytes]


def send(settings: Settings, engine: sa.Engine, mailing_id: str, *, stop: threading.Event) -> End:
    """Send what is queued of a mailing. Nobody else may be sending it."""
    with Session(engine) as session:
        begin_writing(session)
        mailings.doubt_unfinished(session, mailing_id)
        session.commit()
        head = _letterhead(session, settings, mailing_id)
    last = ""
    while head is not None and not stop.is_set():
        batch = _take(settings, engine, mailing_id, head, after=last)
        if not batch:
            break
        outcomes, trouble = deliver(settings, head, batch, stop=stop)
        _record(engine, mailing_id, outcomes, trouble)
        if trouble and trouble != ASKED_TO_WAIT:
            return "later"
        last = batch[-1][0].message_id
    if stop.is_set():
        return "stopped"
    with Session(engine) as session:
        waits = [mailing.mailing_id for mailing in mailings.unfinished(session, now=_now())]
    return "later" if mailing_id in waits else "done"


def deliver(
    settings: Settings, head: Letterhead, batch: Sequence[Sealed], *, stop: threading.Event
) -> tuple[dict[str, Outcome], str]:
    """Send a batch; tells what became of each message, and why mail cannot be sent; empty: it can.

    A message at which the server hangs or breaks off does not hold up the others: the next is tried
    over a new connection, and only where that too breaks is the rest left for later. What was not
    handed over, because mail cannot be sent or the worker is to stop, is queued again.
    """
    outcomes = {letter.message_id: Outcome("queued") for letter, _ in batch}
    left, failures, trouble = list(batch), 0, ""
    while left and failures < MOST_FAILURES and not stop.is_set():
        try:
            with _transport(settings, head) as send_one:
                while left and not stop.is_set():
                    letter, content = left.pop(0)
                    outcome = send_one(content, letter.email, _return_path(settings, letter))
                    outcomes[letter.message_id] = outcome
                    if outcome.state == "uncertain":  # the connection broke at the very end
                        failures, trouble = failures + 1, BROKE_OFF
                        break
                    failures = 0
        except mail.UnreachableError as error:
            log.warning("mail waits: %s", error)
            trouble = f"{error.trouble} {error.codes}".strip()
            failures = failures + 1 if error.trouble == "went away" else MOST_FAILURES
    if failures >= MOST_FAILURES:
        return outcomes, trouble
    is_waiting = any(outcome.state == "queued" for outcome in outcomes.values())
    return outcomes, ASKED_TO_WAIT if is_waiting and not stop.is_set() else ""


def _return_path(settings: Settings, letter: Letter) -> str:
    """Where a message comes back to: an address of its own, which says nothing of its link."""
    if not settings.bounces_to:
        return ""
    local, _, domain = settings.bounces_to.partition("@")
    return f"{local}+{letter.message_id}@{domain}"


def _transport(settings: Settings, head: Letterhead) -> AbstractContextManager[mail.Send]:
    return mail.transport(
        settings, box=head.round_id, at=head.asked_at, is_simulated=head.is_simulated
    )


def _letterhead(session: Session, settings: Settings, mailing_id: str) -> Letterhead | None:
    mailing = session.get(Mailing, mailing_id)
    if mailing is None:
        return None
    round_ = session.get_one(Round, mailing.round_id)
    return letterhead(settings, round_, mailing.kind, asked_at=mailing.asked_at)


def letterhead(settings: Settings, round_: Round, kind: str, *, asked_at: datetime) -> Letterhead:
    """What all messages of a mailing have in common."""
    return Letterhead(
        round_id=round_.round_id,
        kind=kind,
        sender=settings.mail_from,
        asked_at=asked_at,
        organisation=round_.organisation.name,
        short_name=round_.organisation.short_name,
        locale=round_.locale,
        opens_at=clock.local(round_.organisation, round_.opens_at),
        closes_at=clock.local(round_.organisation, round_.closes_at),
        minutes=timing.minutes_asked(round_),
        is_simulated=round_.simulated,
        address=f"{settings.public_url.rstrip('/')}/r/{round_.link}",
    )


def _take(
    settings: Settings, engine: sa.Engine, mailing_id: str, head: Letterhead, *, after: str
) -> list[Sealed]:
    """Commit a batch as *sending*; its messages are put together first, so that none can fail."""
    with (
        Session(engine) as session,
        in_words_of(head.locale, translations=settings.translations_dir),
    ):
        begin_writing(session)
        letters = mailings.take_batch(session, mailing_id, after=after, now=_now())
        batch = [
            (
                letter,
                compose(
                    head,
                    email=letter.email,
                    link=_link(settings, letter),
                    message_id=letter.message_id,
                ),
            )
            for letter in letters
        ]
        session.commit()
    return batch


def _link(settings: Settings, letter: Letter) -> str:
    token = invitation_token(settings.respondent_key, invitation_id=letter.invitation_id)
    return f"{settings.public_url.rstrip('/')}/i/{token}"


def _record(engine: sa.Engine, mailing_id: str, outcomes: dict[str, Outcome], trouble: str) -> None:
    """Write outcomes, patiently: without them, messages that went out would be uncertain."""
    for pause_s in (*_PAUSES_S, None):
        try:
            with Session(engine) as session:
                begin_writing(session)
                mailings.record(session, outcomes)
                mailings.note_trouble(session, mailing_id, trouble)
                session.commit()
        except sa.exc.OperationalError:
            if pause_s is None:
                raise
            time.sleep(pause_s)
        else:
            return


def _now() -> datetime:
    return datetime.now(UTC)
