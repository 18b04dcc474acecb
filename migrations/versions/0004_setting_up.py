"""Setting up: what an organisation says of itself, and a round that is not asked yet.

Rounds that are there count as ready. Organisations keep showing times in UTC, as they did until
now and as their posters say, until a leader chooses a time zone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)

#: table -> columns that are never empty, and what rows that are there hold in them
ADDED = {
    "organisation": (
        ("kind", sa.String(), "other"),
        ("country", sa.String(), "GB"),
        ("time_zone", sa.String(), "UTC"),
        ("words", JSON, "{}"),
        ("revision", sa.Integer(), "0"),
    ),
    "round": (
        ("formal", JSON, "{}"),
        ("letters", JSON, "{}"),
        ("revision", sa.Integer(), "0"),
    ),
}
#: table -> a time that may be empty
TIMES = {"school": "closed_at", "round": "ready_at"}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind, filled in columns:
            op.add_column(table, sa.Column(name, kind, nullable=False, server_default=filled))
            if op.get_context().dialect.name == "postgresql":  # SQLite cannot take a default back
                op.alter_column(table, name, server_default=None)
    for table, name in TIMES.items():
        op.add_column(table, sa.Column(name, TIME, nullable=True))
    op.execute("UPDATE organisation SET country = substr(locale, 4, 2) WHERE length(locale) = 5")
    op.execute("UPDATE round SET ready_at = opens_at")


def downgrade() -> None:
    for table, name in TIMES.items():
        op.drop_column(table, name)
    for table, columns in ADDED.items():
        for name, _, _ in columns:
            op.drop_column(table, name)
