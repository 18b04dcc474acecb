"""The schema that the models say is the schema that the migrations make."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from survey import models  # noqa: F401 (fills the metadata)
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
