"""The schema that the models say is the schema that the migrations make."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from survey import models
from survey.database import Base, prepare_engine
from survey.migrate import FOLDER, downgrade, upgrade


def test_models_and_migrations_agree(database_url):
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_first_migration_goes_down_and_up_again(database_url):
    engine = sa.create_engine(database_url)
    prepare_engine(engine)
    downgrade(engine, "base")
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(engine)
    assert "response" in sa.inspect(engine).get_table_names()
    engine.dispose()


def test_there_is_one_head_and_it_is_the_one_written_down():
    assert ScriptDirectory(str(FOLDER)).get_heads() == [
        (FOLDER / ".current-alembic-head").read_text().strip()
    ]


def test_an_error_of_the_database_tells_nothing_of_what_was_stored(session):
    with pytest.raises(sa.exc.DBAPIError) as caught:
        session.execute(sa.text("INSERT INTO nowhere VALUES (:answer)"), {"answer": "secret words"})
    assert "secret words" not in str(caught.value)


def upgraded_from_0001(database_url: str) -> sa.Engine:
    """A database with a row of each kind of the first schema, brought to the newest."""
    engine = sa.create_engine(database_url)
    prepare_engine(engine)
    downgrade(engine, "0001")
    with engine.begin() as connection:
        for statement in _ROWS_OF_0001:
            connection.execute(sa.text(statement))
    upgrade(engine)
    return engine


def test_the_second_migration_keeps_every_row(database_url):
    """Rows that hang on a round outlive the change of its table, down and up."""
    engine = upgraded_from_0001(database_url)
    tables = ("organisation", "round", "draft", "response")

    def counts() -> dict[str, int]:
        with engine.connect() as connection:
            return {
                name: connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in tables
            }

    assert counts() == dict.fromkeys(tables, 1)
    with Session(engine) as session:
        round_ = session.scalars(sa.select(models.Round)).one()
        assert (round_.locales, round_.confirmed_translations) == (["en-US"], {})
        assert (round_.results_on, round_.results_by, round_.released_at) == (None, "", None)
        assert session.scalars(sa.select(models.Draft)).one().invitation_key is None
    downgrade(engine, "0001")
    assert counts() == dict.fromkeys(tables, 1)
    engine.dispose()


def test_the_third_migration_keeps_drafts_and_calls_none_of_their_answers_unseen(database_url):
    engine = upgraded_from_0001(database_url)
    with Session(engine) as session:
        assert session.scalars(sa.select(models.Draft)).one().unseen == []
    downgrade(engine, "0002")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM draft")) == 1
    engine.dispose()


def test_the_fifth_migration_keeps_codes_and_going_back_leaves_each_school_one(database_url):
    engine = upgraded_from_0001(database_url)
    codes = "SELECT code FROM entry_code ORDER BY code"
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO school (school_id, organisation_id, name) VALUES ('s', 'o', 'Ashdown')",
            "INSERT INTO entry_code VALUES ('b', 'r', 's')",
            "INSERT INTO entry_code VALUES ('a', 'r', 's')",
            "INSERT INTO entry_code VALUES ('c', 'r', NULL)",
        ):
            connection.execute(sa.text(statement))
    downgrade(engine, "0003")
    with engine.connect() as connection:
        assert list(connection.scalars(sa.text(codes))) == ["a", "c"]
    upgrade(engine)
    with engine.connect() as connection:
        assert list(connection.scalars(sa.text(codes))) == ["a", "c"]
    engine.dispose()


_ROWS_OF_0001 = (
    "INSERT INTO organisation VALUES ('o', 'Harbour Reach', 'Harbour', 'en-US')",
    "INSERT INTO round (round_id, organisation_id, name, instrument_slug, instrument_version, "
    "instrument_checksum, form, modules, locale, placeholders, admin, mode, link, opens_at, "
    "closes_at, simulated) VALUES ('r', 'o', 'May', 's', '1', 'c', 'full', '[]', 'en-US', '{}', "
    "'{}', 'anonymous', 'link', '2026-05-01 00:00:00', '2026-06-01 00:00:00', FALSE)",
    "INSERT INTO draft VALUES ('k', 'r', 'T', NULL, 0, '{}', '[]', 0, FALSE)",
    "INSERT INTO response VALUES ('p', 'r', 'T', NULL, 'full', 0, FALSE, '{}')",
)
