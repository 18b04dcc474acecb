"""Rosters: files that wait to be applied, an organisation's words, several codes of a school."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
CODES = "uq_entry_code_round_id_school_id"


def upgrade() -> None:
    op.create_table(
        "roster_upload",
        sa.Column("upload_id", sa.String(), nullable=False),
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reading", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.round_id"],
            name=op.f("fk_roster_upload_round_id_round"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_roster_upload_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_roster_upload")),
    )
    op.create_index(op.f("ix_roster_upload_round_id"), "roster_upload", ["round_id"])
    op.create_table(
        "roster_memory",
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("schools", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.organisation_id"],
            name=op.f("fk_roster_memory_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_roster_memory")),
    )
    if op.get_context().dialect.name == "postgresql":
        # the planner's statistics hold samples of a table's values, and outlive its rows
        op.execute("ALTER TABLE roster_upload ALTER COLUMN sealed SET STATISTICS 0")
    # posters of a school that was merged into another lead there beside the other's own
    with op.batch_alter_table("entry_code") as table:
        table.drop_constraint(CODES, type_="unique")
        table.create_index(op.f("ix_entry_code_round_id"), ["round_id"])


def downgrade() -> None:
    # of several codes of a school one can stay
    op.execute(
        "DELETE FROM entry_code WHERE EXISTS (SELECT 1 FROM entry_code other "
        "WHERE other.round_id = entry_code.round_id AND other.school_id = entry_code.school_id "
        "AND other.code < entry_code.code)"
    )
    with op.batch_alter_table("entry_code") as table:
        table.drop_index(op.f("ix_entry_code_round_id"))
        table.create_unique_constraint(CODES, ["round_id", "school_id"])
    op.drop_table("roster_memory")
    op.drop_table("roster_upload")
