"""The worker process: runs the job engine, says that it is alive, and sweeps.

``docs/operations.md`` tells step by step what happens when a worker is killed.
"""

import fcntl
import logging
import os
import re
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import account_mail, handouts, jobs, sending, storage
from survey.database import begin_writing, open_engine
from survey.models import Report, Worker
from survey.services import releases, reporting
from survey.settings import Settings
from survey.sweep import sweep

log = logging.getLogger(__name__)

#: after so many documents a worker makes room for a fresh one: each leaves 0.2 MB behind
RECYCLE_AFTER = 200
HEARTBEAT_S = 5.0
SWEEP_S = 5.0
#: how long a worker that is asked to stop may go on with the document it is making
FINISH_S = 20
#: an attempt that began this often and never ended is given up: it may be what stops the workers
MOST_STARTS = 3

GIVEN_UP = (
    "Making this document stopped the worker three times. Try again; if it happens again, tell "
    "the person who runs this installation."
)
FAULT = (
    "A fault in the program stopped this document. Try again; if it happens again, tell the "
    "person who runs this installation."
)


def run(settings: Settings, *, stop: threading.Event, recycle_after: int = RECYCLE_AFTER) -> bool:
    """Work until ``stop`` is set (returns False) or it is time for a fresh process (True)."""
    engine = open_engine(settings.database)
    with slot(settings.data_dir / "workers") as executor_id:
        beat(engine, executor_id, now=datetime.now(UTC))
        made = threading.Semaphore(0)
        workers = [
            _repeat(stop, HEARTBEAT_S, lambda: beat(engine, executor_id, now=datetime.now(UTC))),
        ]
        with _job_engine(settings, engine, executor_id, made, stop):
            workers.append(_repeat(stop, SWEEP_S, lambda: sweep(settings, engine)))
            recycle = _wait(stop, made, recycle_after)
            stop.set()
        for thread in workers:
            thread.join(timeout=FINISH_S)
        forget(engine, executor_id)
    engine.dispose()
    return recycle


def _wait(stop: threading.Event, made: threading.Semaphore, recycle_after: int) -> bool:
    """Wait for the end; True where it came because enough documents were made."""
    parent = os.getppid()
    count = 0
    while not stop.is_set():
        if made.acquire(timeout=0.5):
            count += 1
        if count >= recycle_after:
            return True
        if os.getppid() != parent:  # whoever started us was killed
            return False
    return False


def _repeat(stop: threading.Event, pause_s: float, what: Any) -> threading.Thread:
    """Do ``what`` now and every ``pause_s`` seconds, whatever becomes of it."""

    def loop() -> None:
        while True:
            try:
                what()
            except Exception:
                log.exception("a worker's routine failed; it goes on")
            if stop.wait(pause_s):
                return

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    return thread


def host_name() -> str:
    """This machine's name, in letters that a file name takes."""
    return re.sub(r"[^a-zA-Z0-9-]", "-", socket.gethostname())


@contextmanager
def slot(folder: Path) -> Iterator[str]:
    """A name that no other living process has: host and the first slot whose file lock is free.

    A worker that starts after a crash gets the slot, and with it the unfinished jobs, of the
    one before it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    host = host_name()
    number = 0
    while True:
        name = f"{host}-{number}"
        with (folder / f"{name}.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                number += 1
                continue
            yield name
            return


def beat(engine: sa.Engine, executor_id: str, *, now: datetime) -> None:
    """Say that this worker is alive."""
    with Session(engine) as session:
        begin_writing(session)
        session.merge(Worker(executor_id=executor_id, seen_at=now))
        session.commit()


def forget(engine: sa.Engine, executor_id: str) -> None:
    """Say that this worker has ended; what it left unfinished is put back at once."""
    with Session(engine) as session:
        begin_writing(session)
        session.execute(sa.delete(Worker).where(Worker.executor_id == executor_id))
        session.commit()


@contextmanager
def _job_engine(
    settings: Settings,
    engine: sa.Engine,
    executor_id: str,
    made: threading.Semaphore,
    stop: threading.Event,
) -> Iterator[None]:
    """Run the job engine: it takes up what this slot left unfinished, then what is asked."""
    from dbos import DBOS, DBOSPortableJSONSerializer

    url = sa.make_url(jobs.jobs_url(settings))
    if url.get_backend_name() == "sqlite" and url.database:
        connection = sqlite3.connect(url.database)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
    DBOS(
        config={
            "name": jobs.APPLICATION,
            "system_database_url": jobs.jobs_url(settings),
            "serializer": DBOSPortableJSONSerializer(),  # the default is pickle
            "executor_id": executor_id,  # the default would run another process's live steps again
            "application_version": jobs.CONTRACT,
            "log_level": "WARNING",
            "console_log_level": "WARNING",
        }
    )
    _register_documents(settings, engine, made)
    _register_mail(settings, engine, stop)
    DBOS.launch()
    # at the engine's own second between looks short jobs run at a third of the possible rate; at
    # twenty looks a second two empty queues take an eighth of a core for as long as the site runs
    for queue in jobs.QUEUES.values():
        DBOS.register_queue(
            queue,
            worker_concurrency=1,
            polling_interval_sec=0.2,
            on_conflict="always_update",
        )
    try:
        yield
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=FINISH_S)


def _register_documents(settings: Settings, engine: sa.Engine, made: threading.Semaphore) -> None:
    """One workflow: make the document, then say so. Only ids and checksums pass between."""
    from dbos import DBOS

    @DBOS.step(name="make", retries_allowed=True, max_attempts=5, interval_seconds=1.0)
    def make(report_id: str, attempt: int) -> dict[str, str]:
        return make_document(settings, engine, report_id, attempt)

    @DBOS.step(name="record", retries_allowed=True, max_attempts=5, interval_seconds=1.0)
    def record(report_id: str, attempt: int, result: dict[str, str]) -> None:
        record_result(engine, report_id, attempt, result, now=datetime.now(UTC))

    @DBOS.workflow(name=jobs.MAKE_REPORT)
    def make_report(report_id: str, attempt: int) -> str:
        if begin(engine, report_id, attempt):
            record(report_id, attempt, make(report_id, attempt))
        made.release()
        return jobs.CONTRACT


def _register_mail(settings: Settings, engine: sa.Engine, stop: threading.Event) -> None:
    """The other workflow: send what is queued; where something is left, come back later."""
    from dbos import DBOS

    @DBOS.step(name="send")
    def send(mailing_id: str) -> str:
        try:
            sender = account_mail if account_mail.is_letter(engine, mailing_id) else sending
            return sender.send(settings, engine, mailing_id, stop=stop)
        except Exception as error:  # its text might hold an address
            log.error("mailing %s waits: %s", mailing_id, type(error).__name__)
            return "later"

    @DBOS.step(name="come back", retries_allowed=True, max_attempts=5, interval_seconds=1.0)
    def come_back(mailing_id: str, attempt: int, failures: int) -> None:
        with jobs.engine_client(settings) as client:
            jobs.enqueue_later(client, mailing_id, attempt, failures=failures)

    @DBOS.workflow(name=jobs.SEND_MAILING)
    def send_mailing(mailing_id: str, attempt: int, failures: int) -> str:
        end = send(mailing_id)
        if end != "done":
            come_back(mailing_id, attempt, failures + 1 if end == "later" else 0)
        return jobs.CONTRACT


def begin(engine: sa.Engine, report_id: str, attempt: int) -> bool:
    """Count that a worker has begun this attempt; False where there is nothing (more) to do."""
    with Session(engine) as session:
        begin_writing(session)
        report = session.get(Report, report_id)
        if report is None or report.attempt != attempt or report.state != "asked":
            return False
        report.starts += 1
        if report.starts > MOST_STARTS:
            report.state, report.failure = "failed", GIVEN_UP
        session.commit()
        return report.state == "asked"


def make_document(
    settings: Settings, engine: sa.Engine, report_id: str, attempt: int
) -> dict[str, str]:
    """Make and store a document: its name and checksums, or one line that says why not.

    A database or disk that does not answer is raised, for the engine to try again.
    """
    with Session(engine) as session:
        report = session.get(Report, report_id)
        if report is None:
            return {"failure": "The round was deleted."}
        try:
            started = time.monotonic()
            kind = reporting.kind_of(report.kind)
            document = (
                handouts.make(session, settings, report.round, report.kind)
                if kind.make is None
                else reporting.make(session, report.round, report.kind)
            )
            suffix = kind.suffix
        except (sa.exc.SQLAlchemyError, OSError):
            raise
        except ValueError as error:
            log.warning("report %s failed", report_id, exc_info=True)
            return {"failure": " ".join(str(error).split()) or FAULT}
        except Exception:
            log.exception("report %s failed", report_id)
            return {"failure": FAULT}
        log.info("report %s took %.1f s", report_id, time.monotonic() - started)
    name = f"{report_id}-{attempt}{suffix}"
    checksum = storage.save(settings.reports_dir, name, document.content)
    return {
        "file_name": name,
        "checksum": checksum,
        "fingerprint": document.fingerprint,
        "entry": document.entry,
    }


def record_result(
    engine: sa.Engine, report_id: str, attempt: int, result: dict[str, str], *, now: datetime
) -> None:
    """Write the outcome into row and ledger, unless it is written or a newer attempt has begun."""
    outcome = {"state": "failed"} if "failure" in result else {"state": "ready", "ready_at": now}
    entry = result.get("entry", "")
    columns = {name: value for name, value in result.items() if name != "entry"}
    with Session(engine) as session:
        begin_writing(session)
        written = session.execute(
            sa.update(Report)
            .where(
                Report.report_id == report_id,
                Report.attempt == attempt,
                Report.state == "asked",
            )
            .values(**outcome, **columns)
            .returning(Report.round_id)
        ).scalar_one_or_none()
        if written is not None and entry:
            releases.keep(
                session,
                written,
                entry=entry,
                fingerprint=result["fingerprint"],
                checksum=result["checksum"],
                now=now,
            )
        session.commit()
