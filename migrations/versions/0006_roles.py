"""Heads of schools, and a leader's consent to a researcher.

Columns are added in place, never by making the table anew: on SQLite that would drop the old
table, and every row that hangs on it with it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    school = sa.ForeignKey("school.school_id", name=op.f("fk_account_school_id_school"))
    op.add_column("account", sa.Column("school_id", sa.String(), school), inline_references=True)
    _add_consent()


def _add_consent() -> None:
    op.create_table(
        "consent",
        sa.Column("consent_id", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("shows", JSON, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("given_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.round_id"],
            name=op.f("fk_consent_round_id_round"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_consent_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_round_id"), "consent", ["round_id"])


def downgrade() -> None:
    op.drop_table("consent")
    op.drop_column("account", "school_id")
