"""Schools by name, silhouettes, and the release of schools' reports to their heads."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("schools_named", "silhouettes"):
        op.add_column(
            "round", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.add_column("round", sa.Column("schools_released_at", sa.DateTime(timezone=True)))
    if op.get_context().dialect.name == "postgresql":  # SQLite cannot take a default back
        for name in ("schools_named", "silhouettes"):
            op.alter_column("round", name, server_default=None)


def downgrade() -> None:
    for name in ("schools_released_at", "silhouettes", "schools_named"):
        op.drop_column("round", name)
