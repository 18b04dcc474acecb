"""Fixtures for the whole suite: an empty migrated database for each test, on both engines."""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests import postgres

# `make test` tries the same examples every time, `make test-all` others: a search that fails once
# in many runs belongs to whoever looks for it. No deadline: a busy machine makes any example slow.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("searching", deadline=None)
settings.load_profile("same")

#: the moment at which tests happen, unless they say otherwise
NOW = datetime(2026, 5, 11, 9, 30, tzinfo=UTC)

#: ends what the test before left open, drops the job engine's schema, deletes every row (the audit
#: log's trigger would refuse) and begins every number at 1 again; deleting from tables that hold
#: a few rows is far quicker than truncating them all
EMPTY_POSTGRESQL = sa.text(r"""
DO $$ DECLARE name text; found boolean;
BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  FOR name IN SELECT nspname FROM pg_namespace
    WHERE nspname NOT IN ('public', 'information_schema') AND nspname NOT LIKE 'pg\_%'
  LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', name);
  END LOOP;
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO found;
    IF found THEN EXECUTE 'DELETE FROM ' || name; END IF;
  END LOOP;
  PERFORM setval(format('%I.%I', schemaname, sequencename), 1, false) FROM pg_sequences
    WHERE last_value IS NOT NULL;
END $$
""")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.choose_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.stop()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave pages on PostgreSQL to ``make test-all``: the services they call are tested on both.

    So with what is marked ``long_on_postgresql``.
    """
    for item in items:
        values = getattr(getattr(item, "callspec", None), "params", {})
        if values.get("database_url") == "postgresql" and (
            "client" in item.fixturenames or item.get_closest_marker("long_on_postgresql")
        ):
            item.add_marker(pytest.mark.long)


@sa.event.listens_for(sa.Engine, "connect")
def _turn_the_rows(connection, _record) -> None:
    """Let SQLite return what a query does not order from the last row to the first.

    PostgreSQL may return it in any order, but seldom does: neither code nor test may rest on one.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects=ON")


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from survey.database import prepare_engine
    from survey.migrate import upgrade

    path = tmp_path_factory.mktemp("migrated") / "midtier.sqlite"
    engine = sa.create_engine(f"sqlite:///{path}")
    prepare_engine(engine)
    upgrade(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgresql() -> str:
    from survey.migrate import upgrade

    name = f"migrated_{secrets.token_hex(6)}"
    _on_server(f"CREATE DATABASE {name}")
    engine = sa.create_engine(postgres.url(name))
    upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty migrated database: each test runs on SQLite and on PostgreSQL.

    The tests of a process use the same two databases, one after the other: making one takes
    PostgreSQL a quarter of a second. A test marked ``own_database`` has one that no other had.
    """
    if request.node.get_closest_marker("own_database"):
        with empty_database(request, request.param, tmp_path) as url:
            yield url
        return
    yield request.getfixturevalue(f"emptied_{request.param}")


@pytest.fixture
def emptied_sqlite(migrated_sqlite: Path, sqlite_folder: Path) -> str:
    shutil.rmtree(sqlite_folder)
    sqlite_folder.mkdir()
    shutil.copy(migrated_sqlite, sqlite_folder / "midtier.sqlite")
    return f"sqlite:///{sqlite_folder / 'midtier.sqlite'}"


@pytest.fixture(scope="session")
def sqlite_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sqlite")


@pytest.fixture
def emptied_postgresql(used_postgresql: sa.Engine) -> str:
    with used_postgresql.connect() as connection:
        connection.execute(EMPTY_POSTGRESQL)
    return used_postgresql.url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def used_postgresql(migrated_postgresql: str) -> Iterator[sa.Engine]:
    name = f"used_{secrets.token_hex(6)}"
    _on_server(f"CREATE DATABASE {name} TEMPLATE {migrated_postgresql}")
    engine = sa.create_engine(postgres.url(name), isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@contextmanager
def empty_database(request: pytest.FixtureRequest, engine: str, folder: Path) -> Iterator[str]:
    """A migrated database of its own until the end of the block; its URL."""
    if engine == "sqlite":
        path = folder / "midtier.sqlite"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("migrated_postgresql")
    name = f"test_{secrets.token_hex(6)}"
    _on_server(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield postgres.url(name)
    _on_server(f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(statement: str) -> None:
    engine = sa.create_engine(postgres.url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture
def settings(database_url: str, tmp_path: Path):
    from survey.settings import Settings

    return Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        secret_key="secret key of the tests",
        respondent_key="respondent key of the tests",
    )


@pytest.fixture
def app(settings, applications):
    """The application on an empty migrated database.

    It is made once for each database: binding its routes and compiling its templates and queries
    take longer than most tests. What a test changes of its configuration is put back.
    """
    from survey import create_app
    from survey.database import db

    if settings.database_url not in applications:
        applications[settings.database_url] = create_app(settings)
    app = applications[settings.database_url]
    app.extensions["midtier_settings"] = settings
    before = dict(app.config)
    app.testing = True
    yield app
    app.config.clear()
    app.config.update(before)
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def applications() -> dict:
    """URL of a database -> the application on it."""
    return {}


@pytest.fixture
def session(app):
    """A database session inside an application context."""
    from survey.database import db

    with app.app_context():
        yield db.session


@pytest.fixture
def client(app):
    return app.test_client()
