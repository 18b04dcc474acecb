"""Reminders that are sent by themselves, addresses that mail does not reach, why mail waits."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
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
    op.create_table(
        "bounce",
        sa.Column("invitation_id", sa.String(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("retry", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.invitation_id"],
            name=op.f("fk_bounce_invitation_id_invitation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f("pk_bounce")),
        sqlite_with_rowid=False,
    )
    op.add_column("mailing", sa.Column("trouble", sa.String(), nullable=False, server_default=""))
    if op.get_context().dialect.name == "postgresql":  # SQLite cannot take a default back
        op.alter_column("mailing", "trouble", server_default=None)
        # the planner's statistics hold samples of a table's values, and outlive its rows
        for column in ("invitation_id", "email", "code", "retry"):
            op.execute(f'ALTER TABLE bounce ALTER COLUMN "{column}" SET STATISTICS 0')


def downgrade() -> None:
    op.drop_column("mailing", "trouble")
    op.drop_table("bounce")
    op.drop_table("planned_reminder")
