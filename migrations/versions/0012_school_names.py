"""Names of the schools as they were when a round closed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column(
        "round", sa.Column("school_names", JSON, nullable=False, server_default=sa.text("'{}'"))
    )
    connection = op.get_bind()
    rounds = sa.table(
        "round", sa.column("round_id"), sa.column("closed_at"), sa.column("school_names", JSON)
    )
    listed = sa.text(
        "SELECT DISTINCT round_id, school.school_id, school.name FROM roster_row "
        "JOIN school USING (school_id) JOIN round USING (round_id) "
        "WHERE round.closed_at IS NOT NULL"
    )
    names: dict[str, dict[str, str]] = {}
    for round_id, school_id, name in connection.execute(listed):
        names.setdefault(round_id, {})[school_id] = name
    for round_id, held in names.items():
        connection.execute(
            rounds.update().where(rounds.c.round_id == round_id).values(school_names=held)
        )
    if op.get_context().dialect.name == "postgresql":  # SQLite cannot take a default back
        op.alter_column("round", "school_names", server_default=None)


def downgrade() -> None:
    op.drop_column("round", "school_names")
