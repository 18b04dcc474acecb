"""Rewrites the database's files after a round closed, so that deleted drafts leave no trace.

So it does after words were deleted, which empties ``Round.scrubbed_at`` again.

It runs outside any transaction, after the commit that closed the round. A process killed between
the two leaves ``Round.scrubbed_at`` empty; ``needs_scrub`` finds such rounds again.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Round

#: how long to wait for others who use the files; on PostgreSQL everybody else waits meanwhile
_PATIENCE_MS = 2000


def needs_scrub(session: Session) -> list[str]:
    """Ids of the closed rounds whose drafts may still leave traces in the database's files."""
    return list(
        session.scalars(
            sa.select(Round.round_id)
            .where(Round.closed_at.is_not(None), Round.scrubbed_at.is_(None))
            .order_by(Round.round_id)
        )
    )


def scrub(engine: sa.Engine, round_ids: Sequence[str], *, now: datetime) -> bool:
    """Rewrite the tables of drafts, invitations, responses and words; record it with these rounds.

    SQLite: VACUUM, and the write-ahead log emptied. PostgreSQL: the tables in new files, which
    waits until nobody uses them. Hold no transaction open on another connection meanwhile.

    Returns
    -------
    bool
        Whether it was done. False where other connections kept the files in use: nothing is
        recorded then, and the next sweep tries again.
    """
    if not round_ids:
        return True
    rewrite = _rewrite_sqlite if engine.dialect.name == "sqlite" else _rewrite_postgresql
    try:
        done = rewrite(engine)
    except sa.exc.OperationalError:
        return False
    if done:
        _record(engine, round_ids, now)
    return done


def _rewrite_sqlite(engine: sa.Engine) -> bool:
    """VACUUM writes every live page anew; TRUNCATE moves them to the file and empties the log."""
    # the engine says BEGIN on each of its connections; VACUUM cannot run inside a transaction
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        if driver is None:
            return False
        try:
            driver.execute("VACUUM")
            usual = driver.execute("PRAGMA busy_timeout").fetchone()[0]
            driver.execute(f"PRAGMA busy_timeout={min(usual, _PATIENCE_MS)}")
            try:
                busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                driver.execute(f"PRAGMA busy_timeout={usual}")
        except engine.dialect.loaded_dbapi.OperationalError:
            return False
    return not busy


#: what is destroyed when a round closes, or when words are handed over, in the order in which rows
#: refer to one another
_DESTROYED = (
    "draft",
    "entry_code",
    "invitation",
    "message",
    "bounce",
    "roster_upload",
    "open_answer",
    "open_answer_theme",
)


def _rewrite_postgresql(engine: sa.Engine) -> bool:
    """Rows that other rounds still need are put into new files, in random order.

    VACUUM FULL would keep a deleted row for as long as any transaction of the whole server is
    older than its deletion; TRUNCATE drops the old file whoever is looking.
    """
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_PATIENCE_MS}")
        connection.exec_driver_sql(f"LOCK TABLE {', '.join(_DESTROYED)} IN ACCESS EXCLUSIVE MODE")
        for table in _DESTROYED:
            connection.exec_driver_sql(
                f"CREATE TEMPORARY TABLE kept_{table} ON COMMIT DROP AS TABLE {table}"
            )
        connection.exec_driver_sql(f"TRUNCATE {', '.join(_DESTROYED)}")
        for table in _DESTROYED:
            connection.exec_driver_sql(f"INSERT INTO {table} TABLE kept_{table} ORDER BY random()")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"SET lock_timeout = {_PATIENCE_MS}")
        try:
            connection.exec_driver_sql("VACUUM (FULL, FREEZE) response")
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
    return True


def _record(engine: sa.Engine, round_ids: Sequence[str], now: datetime) -> None:
    with engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
        connection.execute(
            sa.update(Round)
            .where(Round.round_id.in_(round_ids), Round.scrubbed_at.is_(None))
            .values(scrubbed_at=now)
        )
        connection.commit()
