"""The schema that the models say is the schema that the migrations make."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from survey import models
from survey.database import Base, prepare_engine
from survey.migrate import FOLDER, downgrade, upgrade
from tests.conftest import NOW

pytestmark = pytest.mark.own_database


def test_models_and_migrations_agree(database_url):
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_first_migration_goes_down_and_up_again(database_url):
    engine = sa.create_engine(database_url)
    prepare_engine(engine)
    downgrade(engine, "base")
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(engine)
    assert "response" in sa.inspect(engine).get_table_names()
    engine.dispose()


def test_there_is_one_head_and_it_is_the_one_written_down():
    assert ScriptDirectory(str(FOLDER)).get_heads() == [
        (FOLDER / ".current-alembic-head").read_text().strip()
    ]


def test_an_error_of_the_database_tells_nothing_of_what_was_stored(session):
    with pytest.raises(sa.exc.DBAPIError) as caught:
        session.execute(sa.text("INSERT INTO nowhere VALUES (:answer)"), {"answer": "secret words"})
    assert "secret words" not in str(caught.value)


def upgraded_from_0001(database_url: str) -> sa.Engine:
    """A database with a row of each kind of the first schema, brought to the newest."""
    engine = sa.create_engine(database_url)
    prepare_engine(engine)
    downgrade(engine, "0001")
    with engine.begin() as connection:
        for statement in _ROWS_OF_0001:
            connection.execute(sa.text(statement))
    upgrade(engine)
    return engine


def test_the_second_migration_keeps_every_row(database_url):
    """Rows that hang on a round outlive the change of its table, down and up."""
    engine = upgraded_from_0001(database_url)
    tables = ("organisation", "round", "draft", "response")

    def counts() -> dict[str, int]:
        with engine.connect() as connection:
            return {
                name: connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in tables
            }

    assert counts() == dict.fromkeys(tables, 1)
    with Session(engine) as session:
        round_ = session.scalars(sa.select(models.Round)).one()
        assert (round_.locales, round_.confirmed_translations) == (["en-US"], {})
        assert (round_.results_on, round_.results_by, round_.released_at) == (None, "", None)
        assert session.scalars(sa.select(models.Draft)).one().invitation_key is None
    downgrade(engine, "0001")
    assert counts() == dict.fromkeys(tables, 1)
    engine.dispose()


def test_the_third_migration_keeps_drafts_and_calls_none_of_their_answers_unseen(database_url):
    engine = upgraded_from_0001(database_url)
    with Session(engine) as session:
        assert session.scalars(sa.select(models.Draft)).one().unseen == []
    downgrade(engine, "0002")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM draft")) == 1
    engine.dispose()


def test_after_the_fourth_migration_rounds_are_ready_and_times_are_as_they_were(database_url):
    engine = upgraded_from_0001(database_url)
    with Session(engine) as session:
        round_ = session.scalars(sa.select(models.Round)).one()
        assert (round_.ready_at, round_.revision) == (round_.opens_at, 0)
        assert (round_.formal, round_.letters) == ({}, {})
        organisation = round_.organisation
        assert (organisation.kind, organisation.country) == ("other", "US")
        assert (organisation.time_zone, organisation.words) == ("UTC", {})
    downgrade(engine, "0003")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM draft")) == 1
    engine.dispose()


def test_after_the_eleventh_migration_no_round_names_schools_and_no_head_reads_yet(database_url):
    engine = upgraded_from_0001(database_url)
    with Session(engine) as session:
        round_ = session.scalars(sa.select(models.Round)).one()
        assert (round_.schools_named, round_.silhouettes) == (False, False)
        assert round_.schools_released_at is None
    downgrade(engine, "0010")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM draft")) == 1
    engine.dispose()


def test_the_twelfth_migration_keeps_the_schools_names_of_closed_rounds_alone(database_url):
    engine = upgraded_from_0001(database_url)
    downgrade(engine, "0011")
    with engine.begin() as connection:
        for statement in (
            "UPDATE round SET closed_at = '2026-06-01 00:00:00'",
            "INSERT INTO school (school_id, organisation_id, name) VALUES ('s', 'o', 'Hill')",
            "INSERT INTO school (school_id, organisation_id, name) VALUES ('n', 'o', 'Not asked')",
            "INSERT INTO roster_row (roster_row_id, round_id, school_id, role, headcount) "
            "SELECT 'row', round_id, 's', 'T', 12 FROM round",
        ):
            connection.execute(sa.text(statement))
    upgrade(engine)
    with Session(engine) as session:
        assert session.scalars(sa.select(models.Round)).one().school_names == {"s": "Hill"}
    engine.dispose()


def test_the_sixth_migration_tells_more_of_accounts_and_of_what_they_did(database_url):
    engine = sa.create_engine(database_url)
    prepare_engine(engine)
    downgrade(engine, "0003")
    with engine.begin() as connection:
        connection.execute(sa.text(_ROWS_OF_0001[0]))
        connection.execute(
            sa.text(
                "INSERT INTO round (round_id, organisation_id, name, instrument_slug, "
                "instrument_version, instrument_checksum, form, modules, locale, placeholders, "
                "admin, mode, link, opens_at, closes_at, simulated, locales, "
                "confirmed_translations, results_by) VALUES ('r', 'o', 'May', 's', '1', 'c', "
                "'full', '[]', 'en-US', '{}', '{}', 'anonymous', 'link', '2026-05-01 00:00:00', "
                "'2026-06-01 00:00:00', FALSE, '[]', '{}', '')"
            )
        )
        connection.execute(
            sa.text(
                "INSERT INTO account (id, organisation_id, name, email, active, fs_uniquifier) "
                "VALUES (7, 'o', 'Robin Ash', 'robin@trust.example', TRUE, 'u')"
            )
        )
        for row in ("'a', '7', 'x', 'round r: new'", "'b', 'system', 'y', 'round r'"):
            key, *rest = row.split(", ", 1)
            values = f"{key}, '2026-05-01 00:00:00', {rest[0]}"
            connection.execute(sa.text(f"INSERT INTO audit_entry VALUES ({values})"))
    upgrade(engine)
    with Session(engine) as session:
        rows = session.execute(
            sa.select(
                models.AuditEntry.actor_name,
                models.AuditEntry.organisation_id,
                models.AuditEntry.round_id,
            ).order_by(models.AuditEntry.action)
        ).all()
        account = session.scalars(sa.select(models.Account)).one()
    assert rows == [("Robin Ash (robin@trust.example)", "o", "r"), ("", "o", "r")]
    assert len(account.reference) == 32
    assert account.second_step_due is not None  # it has the same two weeks as a new one
    engine.dispose()


@pytest.mark.parametrize(
    "change", ["UPDATE audit_entry SET action = 'z'", "DELETE FROM audit_entry"]
)
def test_the_database_refuses_to_change_an_audit_entry(database_url, change):
    engine = sa.create_engine(database_url)
    prepare_engine(engine)
    with Session(engine) as session:
        session.add(models.AuditEntry(at=NOW, actor="system", action="x", object="y"))
        session.commit()
        with pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"):
            session.execute(sa.text(change))
        session.rollback()
        assert session.scalars(sa.select(models.AuditEntry.action)).all() == ["x"]
    engine.dispose()


def test_the_seventh_migration_keeps_rounds_and_going_back_forgets_what_was_shown(database_url):
    engine = upgraded_from_0001(database_url)
    with Session(engine) as session:
        session.add(
            models.Release(round_id="r", kind="profile", made_at=NOW, rules="1", fingerprint="f",
                           checksum="c", figures={"group:lived": {"today:CUR": "3fa9c2d1"}})
        )  # fmt: skip
        session.commit()
        session.expire_all()
        release = session.scalars(sa.select(models.Release)).one()
        assert release.figures == {"group:lived": {"today:CUR": "3fa9c2d1"}}
    downgrade(engine, "0006")
    with engine.connect() as connection:
        assert not sa.inspect(connection).has_table("release")
        assert connection.scalar(sa.text("SELECT count(*) FROM round")) == 1
    engine.dispose()


def test_the_ninth_migration_keeps_mailings_and_says_of_none_that_it_waits(database_url):
    engine = upgraded_from_0001(database_url)
    downgrade(engine, "0003")
    row = "INSERT INTO mailing (mailing_id, round_id, kind, asked_at, recipients) VALUES "
    with engine.begin() as connection:
        connection.execute(sa.text(f"{row} ('m', 'r', 'reminder', '2026-05-08 07:00:00', 5)"))
    upgrade(engine)
    with Session(engine) as session:
        assert session.scalars(sa.select(models.Mailing)).one().trouble == ""
        now = datetime(2026, 5, 9, tzinfo=UTC)
        session.add(models.PlannedReminder(round_id="r", due_at=now, mailing_id="m"))
        session.add(models.Invitation(invitation_id="i", round_id="r", email="a@x.example"))
        session.flush()
        session.add(models.Bounce(invitation_id="i", email="a@x.example", code="5.1.1"))
        session.commit()
    downgrade(engine, "0003")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM mailing")) == 1
        assert connection.scalar(sa.text("SELECT count(*) FROM invitation")) == 1
    engine.dispose()


def test_the_tenth_migration_keeps_drafts_and_says_that_nothing_was_written(database_url):
    engine = upgraded_from_0001(database_url)
    with Session(engine) as session:
        draft = session.scalars(sa.select(models.Draft)).one()
        assert (draft.written, draft.quotable) == ({}, [])
        assert session.scalars(sa.select(models.Round)).one().open_desk is None
    downgrade(engine, "0003")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM draft")) == 1
        assert not sa.inspect(connection).has_table("open_answer")
    engine.dispose()


def test_the_fifth_migration_keeps_codes_and_going_back_leaves_each_school_one(database_url):
    engine = upgraded_from_0001(database_url)
    codes = "SELECT code FROM entry_code ORDER BY code"
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO school (school_id, organisation_id, name) VALUES ('s', 'o', 'Ashdown')",
            "INSERT INTO entry_code VALUES ('b', 'r', 's')",
            "INSERT INTO entry_code VALUES ('a', 'r', 's')",
            "INSERT INTO entry_code VALUES ('c', 'r', NULL)",
        ):
            connection.execute(sa.text(statement))
    downgrade(engine, "0003")
    with engine.connect() as connection:
        assert list(connection.scalars(sa.text(codes))) == ["a", "c"]
    upgrade(engine)
    with engine.connect() as connection:
        assert list(connection.scalars(sa.text(codes))) == ["a", "c"]
    engine.dispose()


_ROWS_OF_0001 = (
    "INSERT INTO organisation VALUES ('o', 'Harbour Reach', 'Harbour', 'en-US')",
    "INSERT INTO round (round_id, organisation_id, name, instrument_slug, instrument_version, "
    "instrument_checksum, form, modules, locale, placeholders, admin, mode, link, opens_at, "
    "closes_at, simulated) VALUES ('r', 'o', 'May', 's', '1', 'c', 'full', '[]', 'en-US', '{}', "
    "'{}', 'anonymous', 'link', '2026-05-01 00:00:00', '2026-06-01 00:00:00', FALSE)",
    "INSERT INTO draft VALUES ('k', 'r', 'T', NULL, 0, '{}', '[]', 0, FALSE)",
    "INSERT INTO response VALUES ('p', 'r', 'T', NULL, 'full', 0, FALSE, '{}')",
)
