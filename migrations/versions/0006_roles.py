"""Heads of schools, letters to accounts, consent to researchers, an audit log that only grows.

Columns are added in place, never by making the table anew: on SQLite that would drop the old
table, and every row that hangs on it with it.
"""

import secrets
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    school = sa.ForeignKey("school.school_id", name=op.f("fk_account_school_id_school"))
    op.add_column("account", sa.Column("school_id", sa.String(), school), inline_references=True)
    _add_reference()
    _add_second_step()
    _add_consent()
    _add_letter()
    _tell_more_in_audit()
    _let_audit_only_grow()


def _add_reference() -> None:
    op.add_column("account", sa.Column("reference", sa.String(), nullable=False, server_default=""))
    account = sa.table("account", sa.column("id"), sa.column("reference"))
    connection = op.get_bind()
    for (account_id,) in connection.execute(sa.select(account.c.id)).all():
        connection.execute(
            account.update()
            .where(account.c.id == account_id)
            .values(reference=secrets.token_hex(16))
        )
    op.create_index(op.f("ix_account_reference"), "account", ["reference"], unique=True)
    if op.get_context().dialect.name == "postgresql":  # SQLite cannot take a default back
        op.alter_column("account", "reference", server_default=None)


def _add_second_step() -> None:
    """Accounts that are there already have two weeks to set one up, like new ones."""
    op.add_column("account", sa.Column("second_step_due", TIME, nullable=True))
    op.add_column("account", sa.Column("last_code", sa.Integer(), nullable=True))
    account = sa.table("account", sa.column("second_step_due", TIME))
    due = datetime.now(UTC) + timedelta(days=14)
    op.execute(account.update().values(second_step_due=due))


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


def _add_letter() -> None:
    op.create_table(
        "account_letter",
        sa.Column("letter_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("failure", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.organisation_id"],
            name=op.f("fk_account_letter_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.school_id"], name=op.f("fk_account_letter_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_account_letter_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_account_letter")),
    )
    op.create_index(
        op.f("ix_account_letter_organisation_id"), "account_letter", ["organisation_id"]
    )


def _tell_more_in_audit() -> None:
    """Whom an entry names, whose it is and of which round: of older entries as far as known."""
    op.add_column(
        "audit_entry", sa.Column("actor_name", sa.String(), nullable=False, server_default="")
    )
    op.add_column("audit_entry", sa.Column("organisation_id", sa.String(), nullable=True))
    op.add_column("audit_entry", sa.Column("round_id", sa.String(), nullable=True))
    op.create_index(
        op.f("ix_audit_entry_organisation_id_at"), "audit_entry", ["organisation_id", "at"]
    )
    if op.get_context().dialect.name == "postgresql":  # SQLite cannot take a default back
        op.alter_column("audit_entry", "actor_name", server_default=None)
    for statement in (
        "UPDATE audit_entry SET round_id = (SELECT round.round_id FROM round"
        " WHERE audit_entry.object LIKE 'round ' || round.round_id || '%')",
        "UPDATE audit_entry SET round_id = (SELECT mailing.round_id FROM mailing"
        " WHERE audit_entry.object = 'mailing ' || mailing.mailing_id) WHERE round_id IS NULL",
        "UPDATE audit_entry SET organisation_id = (SELECT round.organisation_id FROM round"
        " WHERE round.round_id = audit_entry.round_id)",
        "UPDATE audit_entry SET organisation_id = (SELECT account.organisation_id FROM account"
        " WHERE CAST(account.id AS VARCHAR) = audit_entry.actor) WHERE organisation_id IS NULL",
        "UPDATE audit_entry SET actor_name = coalesce((SELECT CASE account.name WHEN ''"
        " THEN account.email ELSE account.name || ' (' || account.email || ')' END FROM account"
        " WHERE CAST(account.id AS VARCHAR) = audit_entry.actor), '')",
    ):
        op.execute(statement)


def _let_audit_only_grow() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_to_change_audit() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit entries are never changed or deleted'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_entry_only_grows BEFORE UPDATE OR DELETE ON audit_entry "
            "FOR EACH ROW EXECUTE FUNCTION refuse_to_change_audit()"
        )
        return
    for change in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER audit_entry_refuses_{change} BEFORE {change} ON audit_entry BEGIN "
            "SELECT RAISE(ABORT, 'audit entries are never changed or deleted'); END"
        )


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_entry_only_grows ON audit_entry")
        op.execute("DROP FUNCTION refuse_to_change_audit()")
    else:
        op.execute("DROP TRIGGER audit_entry_refuses_update")
        op.execute("DROP TRIGGER audit_entry_refuses_delete")
    op.drop_index(op.f("ix_audit_entry_organisation_id_at"), "audit_entry")
    for column in ("round_id", "organisation_id", "actor_name"):
        op.drop_column("audit_entry", column)
    op.drop_table("account_letter")
    op.drop_table("consent")
    op.drop_index(op.f("ix_account_reference"), "account")
    for column in ("last_code", "second_step_due", "reference"):
        op.drop_column("account", column)
    op.drop_column("account", "school_id")
