"""Reminders that are sent by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "planned_reminder",
        sa.Column("reminder_id", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailing_id", sa.String(), nullable=True),
        sa.Column("skipped", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.round_id"],
            name=op.f("fk_planned_reminder_round_id_round"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["mailing_id"],
            ["mailing.mailing_id"],
            name=op.f("fk_planned_reminder_mailing_id_mailing"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("reminder_id", name=op.f("pk_planned_reminder")),
        sa.UniqueConstraint("round_id", "due_at", name=op.f("uq_planned_reminder_round_id_due_at")),
    )


def downgrade() -> None:
    op.drop_table("planned_reminder")
