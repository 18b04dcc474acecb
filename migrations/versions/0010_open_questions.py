"""Open questions: what people write in their drafts, the reader's desk, answers apart from all."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
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


def upgrade() -> None:
    op.create_table(
        "open_desk",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("goes_to", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("by_when", sa.String(), nullable=False),
        sa.Column("handed_over_at", TIME, nullable=True),
        sa.Column("answered", JSON, nullable=False),
        sa.Column("quoted_at", TIME, nullable=True),
        _of_round("open_desk"),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_open_desk")),
    )
    op.create_table(
        "open_answer",
        sa.Column("open_answer_id", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("may_quote", sa.Boolean(), nullable=False),
        sa.Column("redacted", sa.String(), nullable=False),
        sa.Column("is_cleared", sa.Boolean(), nullable=False),
        sa.Column("is_read", sa.Boolean(), nullable=False),
        sa.Column("harm", sa.String(), nullable=False),
        _of_round("open_answer"),
        sa.PrimaryKeyConstraint("open_answer_id", name=op.f("pk_open_answer")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_open_answer_round_id"), "open_answer", ["round_id"])
    op.create_table(
        "theme",
        sa.Column("theme_id", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("people", sa.String(), nullable=False),
        _of_round("theme"),
        sa.PrimaryKeyConstraint("theme_id", name=op.f("pk_theme")),
        sa.UniqueConstraint("round_id", "item", "name", name=op.f("uq_theme_round_id_item_name")),
    )
    op.create_table(
        "open_answer_theme",
        sa.Column("open_answer_id", sa.String(), nullable=False),
        sa.Column("theme_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["open_answer_id"],
            ["open_answer.open_answer_id"],
            name=op.f("fk_open_answer_theme_open_answer_id_open_answer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"],
            ["theme.theme_id"],
            name=op.f("fk_open_answer_theme_theme_id_theme"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("open_answer_id", "theme_id", name=op.f("pk_open_answer_theme")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_open_answer_theme_theme_id"), "open_answer_theme", ["theme_id"])
    op.add_column("draft", sa.Column("written", JSON, nullable=False, server_default="{}"))
    op.add_column("draft", sa.Column("quotable", JSON, nullable=False, server_default="[]"))
    if op.get_context().dialect.name == "postgresql":  # SQLite cannot take a default back
        for column in ("written", "quotable"):
            op.alter_column("draft", column, server_default=None)
        # the planner's statistics hold samples of a table's values, and outlive its rows
        for table, column in (
            ("draft", "unseen"),
            ("draft", "written"),
            ("draft", "quotable"),
            ("open_answer", "open_answer_id"),
            ("open_answer", "part"),
            ("open_answer", "words"),
            ("open_answer", "redacted"),
            ("open_answer_theme", "open_answer_id"),
        ):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def downgrade() -> None:
    op.drop_column("draft", "quotable")
    op.drop_column("draft", "written")
    op.drop_table("open_answer_theme")
    op.drop_table("theme")
    op.drop_table("open_answer")
    op.drop_table("open_desk")
