"""The leader chooses a mode and has mail sent; the pages show only counts."""

import re

import pytest
import sqlalchemy as sa

from survey.models import Invitation, Mailing, Message, Round
from survey.services import invitations, mailings, rounds
from tests.survey import mail_kit, respond_kit, rooms
from tests.survey.respond_kit import Page, check_page

LEADER = "leader@trust.example"
LIST = """email,role,school
ada@ashdown.example,T,Ashdown Primary
ben@ashdown.example,T,Ashdown Primary
"""


@pytest.fixture
def round_id(app):
    """A confidential round that nobody has begun to answer, and its leader."""
    with rooms.store(app) as session:
        round_ = respond_kit.make_round(session, now=rooms.NOW, mode="confidential")
        rooms.account(session, round_.organisation, email=LEADER)
        return round_.round_id


@pytest.fixture
def leader(client, round_id):
    rooms.sign_in(client, LEADER)
    return client


@pytest.fixture
def at(round_id):
    return f"/lead/rounds/{round_id}"


def get(leader, path, status=200):
    """A page, checked as a browser would have it."""
    reply = leader.get(path)
    page = Page(reply.status_code, path, reply.text, dict(reply.headers))
    assert page.status == status
    check_page(page)
    return page


def send(leader, at, path, **data):
    """Send a form with the token of the mode's page, which every state has."""
    token = rooms.token(leader.get(f"{at}/mode"))
    return leader.post(at + path, data={"csrf_token": token, **data}, follow_redirects=True)


def add(app, round_id, text=LIST):
    """Put people on the staff list; tests/survey/test_lead_rosters.py does it by the pages."""
    with rooms.store(app) as session:
        round_ = session.get(Round, round_id)
        invitations.add(session, round_, text.encode(), name="x", by=None, now=rooms.NOW)


def begin(session, round_id):
    """Somebody on the list begins to answer."""
    round_ = session.get(Round, round_id)
    invitation_id = session.scalars(sa.select(Invitation.invitation_id)).first()
    if invitation_id is None:
        mail_kit.add_people(session, round_, ["ada@ashdown.example"], now=rooms.NOW)
        invitation_id = session.scalars(sa.select(Invitation.invitation_id)).one()
    begun = respond_kit.begin(session, round_, now=rooms.NOW, role="T", invitation_id=invitation_id)
    respond_kit.fill(session, round_, begun.draft, now=rooms.NOW)


def all_of(app, table):
    with rooms.store(app) as session:
        found = session.scalars(sa.select(table)).all()
        session.expunge_all()
        return found


# The mode


def test_the_rounds_page_says_the_mode_and_shows_a_shared_link_only_in_anonymous_mode(
    app, leader, at, round_id
):
    page = get(leader, at)
    assert "Confidential: personal links" in page.text
    assert "/r/" not in page.html
    with rooms.store(app) as session:
        rounds.set_mode(session, session.get(Round, round_id), "anonymous", by=None, now=rooms.NOW)
    page = get(leader, at)
    assert "Anonymous: one link for everybody" in page.text
    assert "/r/" in page.html


def test_a_leader_changes_the_mode_after_reading_what_it_means(app, leader, at, round_id):
    page = get(leader, f"{at}/mode")
    assert 'value="confidential" checked' in page.html
    assert "Nobody is told who has answered" in page.text
    reply = send(leader, at, "/mode", mode="anonymous")
    assert "Saved: Anonymous: one link for everybody." in reply.text
    assert all_of(app, Round)[0].mode == "anonymous"


def test_a_mode_that_does_not_exist_is_refused(app, leader, at):
    for data in ({}, {"mode": "open"}):
        reply = send(leader, at, "/mode", **data)
        assert reply.status_code == 422
        assert "There is a problem" in reply.text
    assert all_of(app, Round)[0].mode == "confidential"


def test_the_mode_is_locked_once_somebody_began_and_the_page_says_why(app, leader, at, round_id):
    with rooms.store(app) as session:
        begin(session, round_id)
    page = get(leader, f"{at}/mode")
    assert "Somebody has begun to answer under what staff were promised." in page.text
    assert "Save" not in page.text
    send(leader, at, "/mode", mode="anonymous")
    assert all_of(app, Round)[0].mode == "confidential"


def test_the_mode_of_a_closed_round_stays(app, leader, at, round_id):
    with rooms.store(app) as session:
        rounds.close(session, session.get(Round, round_id), by=None, now=rooms.NOW)
    assert "This round has closed." in get(leader, f"{at}/mode").text
    assert send(leader, at, "/mode", mode="anonymous").status_code == 200
    assert all_of(app, Round)[0].mode == "confidential"


def test_an_anonymous_or_foreign_round_has_no_mail(app, leader, at, round_id):
    with rooms.store(app) as session:
        other = rooms.organisation(session, "Far Away Schools Trust")
        foreign = rooms.round_(session, other, schools=2, staff=20).round_id
    for path in ("", "/send", "/remind", "/0/again"):
        token = rooms.token(leader.get(f"{at}/mode"))
        reply = leader.post(f"/lead/rounds/{foreign}/invitations{path}", data={"csrf_token": token})
        assert reply.status_code == (404 if path else 405)
    send(leader, at, "/mode", mode="anonymous")
    assert leader.get(f"{at}/invitations").status_code == 404


# Mail


def test_invitations_are_asked_for_and_their_progress_is_shown_in_counts(app, leader, at, round_id):
    page = get(leader, f"{at}/invitations")
    assert "There is nobody on the staff list yet." in page.text
    assert f'href="{at}/roster"' in page.html
    add(app, round_id)
    reply = send(leader, at, "/invitations/send")
    assert "2 messages are on their way." in reply.text
    assert "2 waiting to be sent" in reply.text
    assert "Everybody on the staff list has been sent an invitation." in reply.text
    assert len(all_of(app, Message)) == 2
    send(leader, at, "/invitations/send")
    assert len(all_of(app, Mailing)) == 1


def test_a_reminder_is_asked_for_at_most_once_a_day(app, leader, at, round_id):
    add(app, round_id)
    assert "Send the invitations first." in get(leader, f"{at}/invitations").text
    send(leader, at, "/invitations/send")
    assert "2 messages are on their way." in send(leader, at, "/invitations/remind").text
    reply = send(leader, at, "/invitations/remind")
    assert "A reminder was sent less than a day ago." in reply.text
    assert sorted(mailing.kind for mailing in all_of(app, Mailing)) == ["invitation", "reminder"]


def test_uncertain_messages_are_counted_and_sent_again_by_a_button(app, leader, at, round_id):
    add(app, round_id)
    send(leader, at, "/invitations/send")
    with rooms.store(app) as session:
        mailing = session.scalars(sa.select(Mailing)).one()
        letters = mailings.take_batch(session, mailing.mailing_id, after="", now=rooms.NOW)
        mailings.record(session, {letters[0].message_id: mailings.Outcome("failed", "550 5.1.1")})
        mailings.doubt_unfinished(session, mailing.mailing_id)
        mailing_id = mailing.mailing_id
    page = get(leader, f"{at}/invitations")
    assert "1 refused by a mail server (550 5.1.1)" in page.text
    assert "1 uncertain" in page.text
    assert "Send these again" in page.text
    reply = send(leader, at, f"/invitations/{mailing_id}/again")
    assert "1 message is sent again." in reply.text
    assert "1 waiting to be sent" in reply.text
    assert "Send these again" not in reply.text


def test_no_page_shows_an_address_a_link_or_who_has_answered(app, leader, at, round_id):
    add(app, round_id)
    send(leader, at, "/invitations/send")
    before = get(leader, f"{at}/invitations").text
    with rooms.store(app) as session:
        begin(session, round_id)
    page = get(leader, f"{at}/invitations")
    assert page.text == before
    assert not re.search(r"\bada\b", page.html, re.IGNORECASE)
    assert "/i/" not in page.html
    assert "@" not in page.html.replace(LEADER, "")


def test_a_closed_round_keeps_the_counts_of_its_mail(app, leader, at, round_id):
    add(app, round_id)
    send(leader, at, "/invitations/send")
    with rooms.store(app) as session:
        rounds.close(session, session.get(Round, round_id), by=None, now=rooms.NOW)
    page = get(leader, f"{at}/invitations")
    assert "2 waiting to be sent" not in page.text
    assert "2 not sent: the round closed" in page.text
    assert "Send the invitations" not in page.text
    assert "Upload or change the staff list" not in page.text


def test_a_mailing_is_handed_to_the_engine_after_the_commit(app, leader, at, round_id):
    from dbos import DBOS

    from survey import jobs

    settings = app.extensions["midtier_settings"]
    DBOS.migrate(jobs.jobs_url(settings))
    add(app, round_id)
    send(leader, at, "/invitations/send")
    with jobs.engine_client(settings) as client:
        (found,) = client.list_workflows()
    assert found.workflow_id == f"{all_of(app, Mailing)[0].mailing_id}:1"
