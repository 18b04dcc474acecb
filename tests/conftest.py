"""Fixtures for the whole suite: a migrated database of its own for each test, on both engines."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests import postgres

#: the moment at which tests happen, unless they say otherwise
NOW = datetime(2026, 5, 11, 9, 30, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.choose_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.stop()


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
    """The URL of an empty migrated database: each test runs on SQLite and on PostgreSQL."""
    with empty_database(request, request.param, tmp_path) as url:
        yield url


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
def app(settings):
    """The application on an empty migrated database."""
    from survey import create_app
    from survey.database import db

    app = create_app(settings)
    app.testing = True
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def session(app):
    """A database session inside an application context."""
    from survey.database import db

    with app.app_context():
        yield db.session


@pytest.fixture
def client(app):
    return app.test_client()
