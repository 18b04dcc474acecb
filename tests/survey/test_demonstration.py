"""The demonstration loads once, tells how to get in, and is marked as simulated."""

import stat
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from survey import demonstration
from survey.models import Account, AuditEntry, Mailing, Organisation, Response, RosterRow, Round
from survey.services import accounts, consents, open_desk, rounds
from tests.survey import rooms
from tests.survey.mail_kit import addresses_in


@pytest.fixture
def access(settings):
    settings.data_dir.mkdir()
    return demonstration.prepare(settings, now=rooms.NOW)


def test_the_demonstration_is_a_trust_with_a_closed_round_and_one_open_in_each_mode(
    access, session
):
    found = session.scalars(sa.select(Round).order_by(Round.opens_at)).all()
    states = [(rounds.state(round_, rooms.NOW), round_.mode) for round_ in found]
    assert states == [("closed", "anonymous"), ("open", "confidential"), ("open", "anonymous")]
    assert all(round_.simulated for round_ in found)
    closed = found[0]
    assert closed.organisation.name == "Harbour Reach Schools Trust"
    assert len(closed.organisation.schools) == 12
    staff = sa.select(sa.func.sum(RosterRow.headcount)).where(RosterRow.round_id == closed.round_id)
    assert session.scalar(staff) == 600
    answered = session.scalar(sa.select(sa.func.count()).select_from(Response))
    assert 0.6 < answered / 600 < 0.72


def test_no_panel_of_the_closed_round_is_suppressed(access, session):
    from survey.services import progress

    closed = session.scalars(sa.select(Round).order_by(Round.opens_at)).first()
    found = progress.of(session, closed)
    assert len(found.roles) == 4
    assert not any("not shown" in line.answered for line in (*found.roles, *found.schools))


def test_the_way_in_is_printed_and_works(access, client):
    printed = str(access)
    assert "Simulated demonstration" in printed
    assert f"http://127.0.0.1:8000/r/{access.link}" in printed
    for role, password in access.passwords.items():
        assert password in printed
        email = demonstration.PEOPLE[role][0]
        assert rooms.sign_in(client, email, password).status_code == 302
        page = client.get("/home", follow_redirects=True)
        client.post("/sign-out", data={"csrf_token": rooms.token(page)})
    assert client.get(f"/r/{access.link}").status_code == 200


def test_everybody_on_the_roster_is_invited_under_a_made_up_address_into_the_folder(
    access, settings, session, app
):
    from survey import sending
    from survey.database import db

    mailing = session.scalars(sa.select(Mailing)).one()
    assert mailing.recipients == 600
    stop = threading.Event()
    url = {"smtp_url": "smtp://127.0.0.1:1", "mail_from": "survey@example.org"}
    dead = settings.model_copy(update=url)  # no server is asked, whatever is set
    assert sending.send(dead, db.engine, mailing.mailing_id, stop=stop) == "done"
    addresses = addresses_in(access.mail / mailing.round_id)
    assert len(set(addresses)) == 600
    assert all(address.endswith(".example") for address in addresses)
    assert str(access.mail) in str(access)


def test_a_reader_finds_simulated_words_on_the_desk_however_long_ago(access, session):
    from survey import sweep
    from survey.database import db

    sweep.forget_words(db.engine, now=rooms.NOW + timedelta(days=3000))
    closed = session.scalars(sa.select(Round).where(Round.closed_at.is_not(None))).one()
    piles = open_desk.piles(session, closed)
    assert [pile.answers > 30 for pile in piles] == [True, True]
    assert {answer.part for answer in open_desk.answers(session, closed, "OPN1")} == {*"ABC"}


def test_the_readers_room_says_that_its_words_are_simulated(access, client):
    rooms.sign_in(client, demonstration.PEOPLE["reader"][0], access.passwords["reader"])
    page = client.get("/read/")
    assert "Simulated data" in rooms.words(page)
    assert "To the desk" in rooms.words(page)


def test_preparing_it_again_changes_nothing(access, settings, session):
    assert demonstration.prepare(settings, now=rooms.NOW) == access
    assert session.scalar(sa.select(sa.func.count()).select_from(Organisation)) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(Account)) == 4


def test_the_passwords_are_for_their_owner_only(access, settings):
    path = settings.data_dir / "demonstration.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_lost_passwords_are_replaced(access, settings, client):
    (settings.data_dir / "demonstration.toml").unlink()
    fresh = demonstration.prepare(settings, now=rooms.NOW)
    assert fresh.passwords != access.passwords
    email = demonstration.PEOPLE["leader"][0]
    assert rooms.sign_in(client, email, access.passwords["leader"]).status_code == 200
    assert rooms.sign_in(client, email, fresh.passwords["leader"]).status_code == 302


def test_nobody_needs_a_phone_to_look_at_the_demonstration(access, session, now):
    for email, _ in demonstration.PEOPLE.values():
        account = accounts.find(session, email)
        assert not account.needs_second_step(now + timedelta(days=3650))


def test_its_researcher_sees_its_rounds_because_its_leader_consents(access, session):
    researcher = accounts.find(session, demonstration.PEOPLE["researcher"][0])
    assert len(consents.rounds_of(session, researcher, now=datetime.now(UTC))) == 3
    given = session.scalars(sa.select(AuditEntry).filter_by(action="give_consent")).all()
    assert {entry.actor_name for entry in given} == {"Robin Ash (leader@harbour-reach.example)"}


def test_the_demonstration_does_not_go_into_a_database_with_real_data(settings, app):
    with rooms.store(app) as session:
        rooms.organisation(session, "Real Schools Trust")
    with pytest.raises(demonstration.DemonstrationError, match="holds Real Schools Trust"):
        demonstration.prepare(settings, now=rooms.NOW)


@pytest.mark.long  # the browser tests load the whole demonstration too
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_both_documents_are_made_by_a_job_and_copied(access, settings, monkeypatch):
    # the worker that makes them is a process of its own and reads its settings there
    monkeypatch.setenv("MIDTIER_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("MIDTIER_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("MIDTIER_RESPONDENT_KEY", settings.respondent_key)
    paths = demonstration.documents(settings)
    assert [path.name for path in paths] == ["profile.pdf", "validation.pdf"]
    made = [path.read_bytes() for path in paths]
    assert all(content.startswith(b"%PDF-1.7") for content in made)
    started = time.monotonic()
    assert demonstration.documents(settings) == paths
    assert time.monotonic() - started < 3
    assert [path.read_bytes() for path in paths] == made
