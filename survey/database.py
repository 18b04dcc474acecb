"""The database: one extension, one declarative base, and how a transaction begins on SQLite."""

from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: JSON on SQLite, JSONB on PostgreSQL
Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = sa.MetaData(naming_convention=NAMING)


db = SQLAlchemy()

#: parameters stay out of error texts, and so out of logs: they hold answers and draft keys
ENGINE_OPTIONS = {"hide_parameters": True, "pool_pre_ping": True}


def open_engine(url: str) -> sa.Engine:
    """An engine for use without Flask, prepared as the application's is."""
    engine = sa.create_engine(url, **ENGINE_OPTIONS)
    prepare_engine(engine)
    return engine


def begin_writing(session: Session) -> None:
    """Start a transaction that will write.

    On SQLite it takes the write lock at once: one that reads first and writes later may find its
    snapshot outdated and fail. Call it before reading what the change rests on; what the session
    has read so far is read again.
    """
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("begin_writing() must come before the first change")
    session.rollback()
    session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})


def prepare_engine(engine: sa.Engine) -> None:
    """Set what each new SQLite connection needs; nothing on other databases."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # an acknowledged page survives a power cut
            "busy_timeout=10000",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is deleted is overwritten
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        how = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {how}")
