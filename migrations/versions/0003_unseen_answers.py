"""Which answers of a draft were given with the personal link alone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("draft", sa.Column("unseen", JSON, nullable=False, server_default="[]"))
    if op.get_context().dialect.name == "postgresql":  # SQLite cannot take a default back
        op.alter_column("draft", "unseen", server_default=None)


def downgrade() -> None:
    op.drop_column("draft", "unseen")
