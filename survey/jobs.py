"""Handing a row that asks for work to the job engine.

The row (a ``Report``) is the truth; the engine only carries it out. A web process hands it over
after its commit and goes on; where that fails, the workers' sweep hands it over again
(``survey/worker.py``). Web processes import this module and none that makes documents.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.settings import Settings

if TYPE_CHECKING:
    from dbos import DBOSClient

    from survey.models import Report

log = logging.getLogger(__name__)

APPLICATION = "midtier"
#: raise it when a workflow's steps change: an engine of another contract never picks a job up
CONTRACT = "1"
QUEUE = "reports"
MAKE_REPORT = "make_report"


def jobs_url(settings: Settings) -> str:
    """Where the engine keeps its tables: beside an SQLite database, else in the same database.

    In the same SQLite file, jobs would hold up people who save a page.
    """
    url = sa.make_url(settings.database)
    if url.get_backend_name() != "sqlite":
        return settings.database
    return f"sqlite:///{Path(url.database or '').with_name('jobs.sqlite').absolute()}"


def workflow_id(report: "Report") -> str:
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


def enqueue(client: "DBOSClient", report: "Report") -> None:
    """Hand one row over; one that is known already stays as it is."""
    client.enqueue(
        {
            "workflow_name": MAKE_REPORT,
            "queue_name": QUEUE,
            "workflow_id": workflow_id(report),
            "app_version": CONTRACT,
        },
        report.report_id,
        report.attempt,
    )


def hand_over(settings: Settings, reports: "Iterable[Report]") -> bool:
    """Hand over rows that were committed; False where the engine cannot be reached.

    Nothing is lost then: the workers' sweep finds rows that the engine does not know.
    """
    from dbos import error as engine_error

    url = sa.make_url(jobs_url(settings))
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return False  # no worker has started yet; opening the file would create an empty one
    try:
        with engine_client(settings) as client:
            for report in reports:
                enqueue(client, report)
    except (sa.exc.SQLAlchemyError, engine_error.DBOSException) as error:
        log.warning("a job could not be handed over yet: %s", type(error).__name__)
        return False
    return True
