"""Alembic's environment. ``survey.database_upgrade`` runs it with a connection of its own."""

from alembic import context

from survey import models  # noqa: F401 (fills the metadata)
from survey.database import Base


def run() -> None:
    """Bring the connection that the caller handed over to the wanted revision."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
