"""What workers do every few seconds, one at a time: nothing that was asked for may be lost."""

import fcntl
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments.registry import InstrumentError
from survey import account_mail, jobs, returned, storage
from survey.database import begin_writing
from survey.models import Report, Round, Worker
from survey.services import (
    account_letters,
    guessing,
    mailings,
    open_answers,
    progress,
    reminders,
    reporting,
    roster_uploads,
    rounds,
)
from survey.settings import Settings

if TYPE_CHECKING:
    from dbos import DBOSClient

log = logging.getLogger(__name__)

#: a worker that was not seen for so long is dead
DEAD_AFTER = timedelta(seconds=60)
#: finished workflows are kept so long
KEEP = timedelta(days=30)
#: any number that nothing else locks on this database
_LOCK = 7_164_025

ENDED = (
    "The database or the disk did not answer for some time. Try again; if it happens again, tell "
    "the person who runs this installation."
)


def sweep(settings: Settings, engine: sa.Engine, *, now: datetime | None = None) -> None:
    """Do all that is due, unless another worker is doing it."""
    now = now or datetime.now(UTC)
    with _alone(settings, engine) as alone:
        if not alone:
            return
        forget_words(engine, now=now)
        close_rounds(engine, now=now)
        clear_mail(settings, engine)
        returned.read_folder(engine, settings.returned_dir, now_s=time.time())
        count_answers(engine, now=now)
        forget_guesses(engine, now=now)
        ask_reminders(engine, now=now)
        forget_uploads(engine, now=now)
        with jobs.engine_client(settings) as client:
            put_back(client, engine, now=now)
            hand_over_again(client, engine, now=now)
            hand_over_mailings(client, engine, now=now)
            forget_finished(client, now=now)
        for folder in (settings.reports_dir, *clear_mail(settings, engine)):
            storage.clear_unfinished(folder, older_than_s=3600, now_s=time.time())


def close_rounds(engine: sa.Engine, *, now: datetime) -> None:
    """Close rounds whose time is up, then rewrite the files so that deleted drafts leave no trace.

    A round that was closed by hand, or just before a crash, is scrubbed here too. One that cannot
    be closed (its instrument's files changed) is told to the log, and holds up nothing else.
    """
    due = sa.select(Round.round_id).where(
        Round.ready_at.is_not(None), Round.closed_at.is_(None), Round.closes_at <= now
    )
    with Session(engine) as session:
        waiting = session.scalars(due.order_by(Round.closes_at, Round.round_id)).all()
    for round_id in waiting:
        with Session(engine) as session:
            begin_writing(session)
            try:
                rounds.close(session, session.get_one(Round, round_id), by=None, now=now)
            except (InstrumentError, rounds.RoundError) as error:
                log.error("round %s cannot be closed: %s", round_id, error)
            else:
                session.commit()
    with Session(engine) as session:
        unscrubbed = rounds.needs_scrub(session)
    rounds.scrub(engine, unscrubbed, now=now)


def forget_words(engine: sa.Engine, *, now: datetime) -> None:
    """Delete words that nobody handed over in time; ``close_rounds`` then rewrites the files."""
    with Session(engine) as session:
        if open_answers.out_of_date(session, now=now):
            begin_writing(session)
            for round_ in open_answers.out_of_date(session, now=now):
                open_answers.forget(session, round_)
            session.commit()


def clear_mail(settings: Settings, engine: sa.Engine) -> list[Path]:
    """Delete the mail folders of rounds that have closed; returns those of rounds that have not.

    The files hold addresses and personal links, which the database no longer has. Letters to
    accounts are deleted when their links have expired.
    """
    storage.clear_mail(
        settings.mail_dir / account_mail.BOX,
        older_than_s=account_letters.VALID["invitation"].total_seconds(),
        now_s=time.time(),
    )
    boxes = list(settings.mail_dir.iterdir()) if settings.mail_dir.is_dir() else []
    if not boxes:
        return []
    with Session(engine) as session:
        is_open = sa.select(Round.round_id).where(Round.closed_at.is_(None))
        kept = {account_mail.BOX, *session.scalars(is_open)}
    for box in boxes:
        if box.is_dir() and box.name not in kept:
            shutil.rmtree(box, ignore_errors=True)  # what is left is tried again in 5 seconds
    return [box for box in boxes if box.name in kept]


def count_answers(engine: sa.Engine, *, now: datetime) -> None:
    """Take the day's response figures of open rounds."""
    with Session(engine) as session:
        if progress.due(session, now=now):
            begin_writing(session)
            progress.take_due(session, now=now)
            session.commit()


def ask_reminders(engine: sa.Engine, *, now: datetime) -> None:
    """Ask for the reminders whose time has come; what is asked for is handed over below."""
    with Session(engine) as session:
        waiting = reminders.due(session, now=now)
    for reminder_id in waiting:
        with Session(engine) as session:
            begin_writing(session)
            reminders.send_due(session, reminder_id, now=now)
            session.commit()


def forget_guesses(engine: sa.Engine, *, now: datetime) -> None:
    """Delete counters of wrong codes and words to which nothing was added for 15 minutes."""
    with Session(engine) as session:
        if guessing.has_faded(session, now):
            begin_writing(session)
            guessing.forget_faded(session, now)
            session.commit()


def forget_uploads(engine: sa.Engine, *, now: datetime) -> None:
    """Delete rosters that were uploaded and not applied within the hour."""
    with Session(engine) as session:
        if roster_uploads.has_old(session, now=now):
            begin_writing(session)
            roster_uploads.forget_old(session, now=now)
            session.commit()


def put_back(client: "DBOSClient", engine: sa.Engine, *, now: datetime) -> None:
    """Queue what dead workers left unfinished; a finished step is not done again."""
    long_ago = now - DEAD_AFTER
    with Session(engine) as session:
        workers = session.execute(sa.select(Worker.executor_id, Worker.seen_at)).all()
        living = {executor_id for executor_id, seen_at in workers if seen_at >= long_ago}
        if len(living) < len(workers):
            begin_writing(session)
            session.execute(sa.delete(Worker).where(Worker.seen_at < long_ago))
            session.commit()
    pending = client.list_workflows(
        status="PENDING",
        app_version=jobs.CONTRACT,
        name=list(jobs.QUEUES),
        load_input=False,
        load_output=False,
    )
    for workflow in pending:
        if workflow.executor_id not in living:
            client.resume_workflow(workflow.workflow_id, queue_name=jobs.QUEUES[workflow.name])


def hand_over_again(client: "DBOSClient", engine: sa.Engine, *, now: datetime) -> None:
    """Hand over every row that asks and that the engine does not know.

    A row whose workflow ended without a word is marked as failed; one whose workflow belongs to
    another contract, which no worker of today picks up, gets a new attempt.
    """
    with Session(engine) as session:
        asked = {
            jobs.workflow_id(report): report
            for report in session.scalars(sa.select(Report).where(Report.state == "asked"))
        }
        if not asked:
            return
        known = {
            workflow.workflow_id: workflow
            for workflow in client.list_workflows(
                workflow_ids=list(asked), load_input=False, load_output=False
            )
        }
        session.rollback()
        begin_writing(session)
        for workflow_id, report in asked.items():
            if report.state != "asked" or jobs.workflow_id(report) != workflow_id:
                continue  # it went on while we looked
            workflow = known.get(workflow_id)
            if workflow is not None and workflow.status not in jobs.RUNNING:
                report.state, report.failure = "failed", ENDED
            elif workflow is not None and workflow.app_version != jobs.CONTRACT:
                reporting.start_again(report, now=now)
        session.commit()
        for report in asked.values():
            if report.state == "asked" and jobs.workflow_id(report) not in known:
                jobs.enqueue(client, report)


def hand_over_mailings(client: "DBOSClient", engine: sa.Engine, *, now: datetime) -> None:
    """Hand over every mailing with messages to send, and every letter, that is not on its way."""
    with Session(engine) as session:
        waiting = [mailing.mailing_id for mailing in mailings.unfinished(session, now=now)]
        waiting += [letter.letter_id for letter in account_letters.unfinished(session, now=now)]
    for mailing_id in waiting:
        jobs.enqueue_mailing(client, mailing_id)


def forget_finished(client: "DBOSClient", *, now: datetime) -> None:
    """Delete workflows that ended long ago; the rows that asked for them stay."""
    finished = client.list_workflows(
        completed_before=(now - KEEP).isoformat(), limit=500, load_input=False, load_output=False
    )
    if finished:
        client.delete_workflows([workflow.workflow_id for workflow in finished])


@contextmanager
def _alone(settings: Settings, engine: sa.Engine) -> Iterator[bool]:
    """Whether this is the only sweep: an advisory lock, on SQLite one on a file."""
    if engine.dialect.name == "postgresql":
        # outside any transaction: scrubbing waits for those that are open
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            alone = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_LOCK))))
            try:
                yield alone
            finally:
                if alone:
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK)))
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "sweep.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
