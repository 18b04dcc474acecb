"""Ways into a round: personal links, mailings, codes on posters; languages; the page for staff.

Columns are added and dropped in place, never by making the table anew: on SQLite that would drop
the old ``round``, and every row that hangs on it with it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)


def _of_round(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["round_id"],
        ["round.round_id"],
        name=op.f(f"fk_{table}_round_id_round"),
        ondelete="CASCADE",
    )


def _of_school(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["school_id"], ["school.school_id"], name=op.f(f"fk_{table}_school_id_school")
    )


def upgrade() -> None:
    is_postgresql = op.get_context().dialect.name == "postgresql"
    op.create_table(
        "guess_count",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("group", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", TIME, nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_guess_count_failures_not_negative")),
        sa.PrimaryKeyConstraint("kind", "group", name=op.f("pk_guess_count")),
    )
    op.create_table(
        "entry_code",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=True),
        _of_round("entry_code"),
        _of_school("entry_code"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_entry_code")),
        sa.UniqueConstraint("round_id", "school_id", name=op.f("uq_entry_code_round_id_school_id")),
    )
    op.create_table(
        "invitation",
        sa.Column("invitation_id", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=True),
        _of_round("invitation"),
        _of_school("invitation"),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("round_id", "email", name=op.f("uq_invitation_round_id_email")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mailing",
        sa.Column("mailing_id", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.JSON(none_as_null=True), nullable=True),
        _of_round("mailing"),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_mailing")),
    )
    op.create_index(op.f("ix_mailing_round_id"), "mailing", ["round_id"])
    op.create_table(
        "message",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("mailing_id", sa.String(), nullable=False),
        sa.Column("invitation_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("failure", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"],
            ["mailing.mailing_id"],
            name=op.f("fk_message_mailing_id_mailing"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.invitation_id"],
            name=op.f("fk_message_invitation_id_invitation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "mailing_id", "invitation_id", name=op.f("uq_message_mailing_id_invitation_id")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_message_invitation_id"), "message", ["invitation_id"])

    op.add_column("draft", sa.Column("invitation_key", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_draft_invitation_key"), "draft", ["invitation_key"], unique=True)
    if is_postgresql:
        # the planner's statistics hold samples of a table's values, and outlive its rows
        for table, column in (
            ("draft", "invitation_key"),
            ("invitation", "invitation_id"),
            ("invitation", "email"),
            ("message", "message_id"),
            ("message", "invitation_id"),
        ):
            op.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" SET STATISTICS 0')

    op.add_column("round", sa.Column("locales", JSON, nullable=False, server_default="[]"))
    op.add_column(
        "round", sa.Column("confirmed_translations", JSON, nullable=False, server_default="{}")
    )
    op.add_column("round", sa.Column("results_on", sa.Date(), nullable=True))
    op.add_column("round", sa.Column("results_by", sa.String(), nullable=False, server_default=""))
    op.add_column("round", sa.Column("released_at", TIME, nullable=True))
    array = "jsonb_build_array(locale)" if is_postgresql else "json_array(locale)"
    op.execute(f"UPDATE round SET locales = {array}")  # noqa: S608 (no value comes from outside)


def downgrade() -> None:
    for column in ("released_at", "results_by", "results_on", "confirmed_translations", "locales"):
        op.drop_column("round", column)
    op.drop_index(op.f("ix_draft_invitation_key"), "draft")
    op.drop_column("draft", "invitation_key")
    op.drop_table("message")
    op.drop_table("mailing")
    op.drop_table("invitation")
    op.drop_table("entry_code")
    op.drop_table("guess_count")
