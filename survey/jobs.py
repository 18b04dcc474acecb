"""Handing a row that asks for work to the job engine.

The row (a ``Report``, a ``Mailing``) is the truth; the engine only carries it out. A web process
hands it over after its commit and goes on; where that fails, the workers' sweep hands it over
again (``survey/sweep.py``). Web processes import this module and none that makes documents.

A report counts its attempts itself, because what an older attempt writes must be void. A mailing
does not: what is still to be sent stands in its messages, so its attempts are only told apart.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.models import AccountLetter, Mailing, Report
from survey.settings import Settings

if TYPE_CHECKING:
    from dbos import DBOSClient

log = logging.getLogger(__name__)

APPLICATION = "midtier"
#: raise it when a workflow's steps change: an engine of another contract never picks a job up
CONTRACT = "1"
MAKE_REPORT = "make_report"
SEND_MAILING = "send_mailing"
#: workflow -> its queue: mail has one of its own, so that no document waits for a mail server
QUEUES = {MAKE_REPORT: "reports", SEND_MAILING: "mail"}
#: what the engine calls a workflow that has not ended
RUNNING = ("ENQUEUED", "DELAYED", "PENDING")
#: seconds before a mailing is tried again: doubled with each failure in a row, up to half an hour
FIRST_WAIT_S, LONGEST_WAIT_S = 15, 1800


def jobs_url(settings: Settings) -> str:
    """Where the engine keeps its tables: beside an SQLite database, else in the same database.

    In the same SQLite file, jobs would hold up people who save a page.
    """
    url = sa.make_url(settings.database)
    if url.get_backend_name() != "sqlite":
        return settings.database
    return f"sqlite:///{Path(url.database or '').with_name('jobs.sqlite').absolute()}"


def workflow_id(report: Report) -> str:
    """One workflow for each attempt: asking twice within an attempt runs once."""
    return f"{report.report_id}:{report.attempt}"


@contextmanager
def engine_client(settings: Settings) -> "Iterator[DBOSClient]":
    """A connection to the job engine that can hand over and look, and runs nothing."""
    from dbos import DBOSClient, DBOSPortableJSONSerializer

    client = DBOSClient(
        system_database_url=jobs_url(settings),
        serializer=DBOSPortableJSONSerializer(),  # the default is pickle
        application_name=APPLICATION,
        system_database_pool_size=1,
        lazy=True,
        retry_connection_errors=False,  # nobody waits for an engine that is down
    )
    try:
        yield client
    finally:
        client.destroy()


def enqueue(client: "DBOSClient", report: Report) -> None:
    """Hand one document over; one that is known already stays as it is."""
    _enqueue(client, MAKE_REPORT, report.report_id, report.attempt)


def enqueue_mailing(client: "DBOSClient", mailing_id: str) -> None:
    """Hand a mailing, or a letter to an account, over, unless it is on its way."""
    known = client.list_workflows(
        workflow_id_prefix=f"{mailing_id}:", load_input=False, load_output=False
    )
    if any(found.status in RUNNING and found.app_version == CONTRACT for found in known):
        return
    attempts = [int(found.workflow_id.rpartition(":")[2]) for found in known]
    _enqueue(client, SEND_MAILING, mailing_id, max(attempts, default=0) + 1, 0)


def enqueue_later(client: "DBOSClient", mailing_id: str, attempt: int, *, failures: int) -> None:
    """Hand over the next attempt of a mailing, which begins after a wait.

    ``failures``: how many attempts in a row could not send all; 0 where there is no need to wait.
    """
    wait_s = min(FIRST_WAIT_S * 2 ** (failures - 1), LONGEST_WAIT_S) if failures else 0
    _enqueue(client, SEND_MAILING, mailing_id, attempt + 1, failures, wait_s=wait_s)


def _enqueue(
    client: "DBOSClient", workflow: str, row_id: str, attempt: int, *more: int, wait_s: float = 0
) -> None:
    """One workflow for each attempt: asking twice within an attempt runs once."""
    options: dict[str, object] = {
        "workflow_name": workflow,
        "queue_name": QUEUES[workflow],
        "workflow_id": f"{row_id}:{attempt}",
        "app_version": CONTRACT,
    }
    if wait_s:
        options["delay_seconds"] = wait_s
    client.enqueue(options, row_id, attempt, *more)


def hand_over(settings: Settings, rows: Iterable[Report | Mailing | AccountLetter]) -> bool:
    """Hand over rows that were committed; False where the engine cannot be reached.

    Nothing is lost then: the workers' sweep finds rows that the engine does not know.
    """
    from dbos import error as engine_error

    url = sa.make_url(jobs_url(settings))
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return False  # no worker has started yet; opening the file would create an empty one
    try:
        with engine_client(settings) as client:
            for row in rows:
                if isinstance(row, Report):
                    enqueue(client, row)
                elif isinstance(row, Mailing):
                    enqueue_mailing(client, row.mailing_id)
                else:
                    enqueue_mailing(client, row.letter_id)
    except (sa.exc.SQLAlchemyError, engine_error.DBOSException) as error:
        log.warning("a job could not be handed over yet: %s", type(error).__name__)
        return False
    return True
