"""Bring a database to the head of the migrations."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

FOLDER = Path(__file__).parent.parent / "migrations"


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Run the migrations up to ``revision``; a database at that revision is left as it is."""
    _run(engine, command.upgrade, revision)


def downgrade(engine: sa.Engine, revision: str) -> None:
    """Undo the migrations down to ``revision``."""
    _run(engine, command.downgrade, revision)


def _run(engine: sa.Engine, what: object, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
        config.attributes["connection"] = connection
        what(config, revision)  # type: ignore[operator]
        connection.commit()
