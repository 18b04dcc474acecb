"""Invitations to accounts and the way to a new password: by one link, that works once."""

import os
import re
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import account_mail, sweep
from survey.database import db
from survey.models import AccountLetter, AuditEntry
from survey.services import account_letters, accounts, sealing
from survey.services.account_letters import LetterError
from tests.survey import mail_kit, rooms

LEADER, HEAD = "leader@trust.example", "robin@trust.example"
NEW = "a fresh long password"
LINK = re.compile(r"https?://\S+(/account/link/[0-9a-z]+)")


@pytest.fixture
def school_id(app):
    """A school of the organisation whose leader invites."""
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        rooms.account(session, trust, email=LEADER)
        rooms.school(session, trust, "Bellfield High")
        return rooms.school(session, trust).school_id


@pytest.fixture
def leader(app, school_id):
    client = app.test_client()
    rooms.sign_in(client, LEADER)
    return client


def invite(leader, school_id="", **changes):
    data = {"email": HEAD, "role": "head", "school": school_id, **changes}
    token = rooms.token(leader.get("/accounts/invite"))
    return leader.post("/accounts/invite", data={**data, "csrf_token": token})


def letters(app):
    with rooms.store(app) as session:
        table = AccountLetter.__table__
        return session.execute(sa.select(table).order_by(table.c.asked_at)).all()


def press(leader, path, page="/accounts/"):
    return leader.post(path, data={"csrf_token": rooms.token(leader.get(page))})


def send_all(app, settings, **changes):
    """Do what the worker does with every letter; returns how each ended."""
    settings = settings.model_copy(update=changes)
    with app.app_context():
        engine = db.engine
        with Session(engine) as session:
            waiting = account_letters.unfinished(session, now=rooms.NOW)
        return [
            account_mail.send(settings, engine, each.letter_id, stop=threading.Event())
            for each in waiting
        ]


def mail(settings):
    return [
        mail_kit.parse(path.read_bytes())
        for path in (settings.mail_dir / account_mail.BOX).glob("*.eml")
    ]


def path_of(app, settings, letter):
    return LINK.fullmatch(account_mail.address_of(settings, letter.letter_id))[1]


def choose(client, path, **values):
    """Open a letter's link and set a password."""
    page = client.get(path, follow_redirects=True)
    if page.status_code != 200:
        return page
    data = {"csrf_token": rooms.token(page), "password": NEW, **values}
    return client.post("/account/password", data=data)


def test_a_head_is_invited_takes_it_up_and_signs_in(app, client, leader, school_id, settings):
    assert invite(leader, school_id).status_code == 302
    assert send_all(app, settings) == ["done"]
    (message,) = mail(settings)
    text = message.get_content()
    assert (message["To"], message["Subject"]) == (
        HEAD,
        "An account for you: surveys of Harbour Reach",
    )
    assert "Head of a school, Ashdown Primary." in text
    path = LINK.search(text)[1]
    page = rooms.words(client.get(path, follow_redirects=True))
    assert "Head of a school, Ashdown Primary" in page
    assert choose(client, path, name="  Robin   Ash ").headers["Location"] == "/sign-in"
    assert rooms.sign_in(client, HEAD, NEW).status_code == 302
    with rooms.store(app) as session:
        account = accounts.find(session, HEAD)
        found = (account.name, account.role, account.school_id, account.active)
        entries = session.execute(
            sa.select(AuditEntry.action, AuditEntry.actor_name, AuditEntry.object).order_by(
                AuditEntry.at
            )
        ).all()
    assert found == ("Robin Ash", "head", school_id, True)
    assert entries == [
        ("invite_account", f"A leader ({LEADER})", f"account {HEAD}: head"),
        ("accept_invitation", f"Robin Ash ({HEAD})", f"account {HEAD}: head"),
    ]


def test_opening_a_link_uses_nothing_up_and_setting_a_password_does(
    app, client, leader, school_id, settings
):
    invite(leader, school_id)
    path = path_of(app, settings, letters(app)[0])
    scanner = app.test_client()
    for _ in range(3):
        assert scanner.get(path, follow_redirects=True).status_code == 200
        assert scanner.head(path).status_code == 302
    assert choose(client, path, name="Robin").status_code == 302
    for visitor in (client, scanner):
        page = visitor.get(path, follow_redirects=True)
        assert page.status_code == 410
        assert "This link has ended" in page.text
        assert visitor.get("/account/password").status_code == 410


def test_a_page_that_was_open_when_the_link_ended_sets_no_password(
    app, client, leader, school_id, settings
):
    invite(leader, school_id)
    letter = letters(app)[0]
    page = client.get(path_of(app, settings, letter), follow_redirects=True)
    press(leader, f"/accounts/invitations/{letter.letter_id}/take-back")
    data = {"csrf_token": rooms.token(page), "password": NEW, "name": "Robin"}
    assert client.post("/account/password", data=data).status_code == 410
    with rooms.store(app) as session:
        assert accounts.find(session, HEAD) is None


def test_a_token_stays_out_of_addresses_and_works_only_with_the_key(
    app, client, leader, school_id, settings
):
    invite(leader, school_id)
    letter = letters(app)[0]
    reply = client.get(path_of(app, settings, letter))
    assert reply.headers["Location"] == "/account/password"
    forged = sealing.letter_token("another key", letter_id=letter.letter_id)
    personal = sealing.invitation_token(settings.secret_key, invitation_id=letter.letter_id)
    for token in (forged, personal, letter.letter_id, "x"):
        assert (
            app.test_client().get(f"/account/link/{token}", follow_redirects=True).status_code
            == 410
        )


def test_a_link_ends_with_its_time(session, school_id):
    trust = accounts.find(session, LEADER).organisation
    letter = account_letters.invite(
        session, trust, email=HEAD, role="reader", school=None, by=None, now=rooms.NOW
    )
    token = sealing.letter_token("k", letter_id=letter.letter_id)
    late = rooms.NOW + timedelta(days=7)
    just = late - timedelta(seconds=1)
    assert account_letters.by_token(session, "k", token, now=just) is letter
    with pytest.raises(LetterError):
        account_letters.by_token(session, "k", token, now=late)
    with pytest.raises(LetterError):
        account_letters.accept(session, letter, name="R", hashed="x", now=late)
    assert account_letters.pending(session, trust, now=late) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"email": "robin"}, "This is not an e-mail address."),
        ({"email": "robin@trust.example\nBcc: x@y.example"}, "This is not an e-mail address."),
        ({"email": LEADER.upper()}, "This address has an account already."),
        ({"role": "chief"}, "Choose a role."),
        ({"school": ""}, "Choose the school that this person heads."),
        ({"school": "elsewhere"}, "Choose the school that this person heads."),
    ],
)
def test_an_invitation_that_cannot_be_sent_says_why_and_keeps_what_was_typed(
    app, leader, school_id, changes, message
):
    page = invite(leader, school_id, **changes)
    assert page.status_code == 422
    assert page.text.count(message) == 2  # in the summary and at the field
    assert letters(app) == []
    typed = changes.get("email", HEAD).partition("\n")[0]
    assert typed in page.text


def test_an_address_is_invited_once_until_the_invitation_is_taken_back(app, leader, school_id):
    invite(leader, school_id)
    assert "This address is invited already." in invite(leader, school_id).text
    page = leader.get("/accounts/")
    assert HEAD in page.text
    press(leader, f"/accounts/invitations/{letters(app)[0].letter_id}/take-back")
    assert "Nobody is invited at present." in leader.get("/accounts/").text
    assert invite(leader, school_id, role="reader").status_code == 302
    assert [letter.school_id for letter in letters(app)] == [school_id, None]


def test_a_password_that_is_too_short_says_so_and_the_link_goes_on_working(
    app, client, leader, school_id, settings
):
    invite(leader, school_id)
    path = path_of(app, settings, letters(app)[0])
    page = choose(client, path, password="short", name="Robin Ash")
    assert page.status_code == 422
    assert "use at least 12 characters" in page.text
    assert 'value="Robin Ash"' in page.text
    assert choose(client, path, name="").status_code == 422
    assert choose(client, path, name="Robin Ash").status_code == 302


def test_whoever_was_signed_in_on_the_device_is_signed_out(app, leader, school_id, settings):
    invite(leader, school_id)
    choose(leader, path_of(app, settings, letters(app)[0]), name="Robin")
    assert leader.get("/lead/").status_code == 302


# --- a new password ------------------------------------------------------------------------------


def forget(client, email):
    token = rooms.token(client.get("/forgotten"))
    return client.post("/forgotten", data={"email": email, "csrf_token": token})


def test_a_forgotten_password_is_replaced_and_sessions_end(app, client, leader, settings):
    forget(client, LEADER.title())
    assert send_all(app, settings) == ["done"]
    (message,) = mail(settings)
    assert message["Subject"] == "A new password for your account"
    path = LINK.search(message.get_content())[1]
    assert 'type="text"' not in client.get(path, follow_redirects=True).text  # asks no name
    assert choose(client, path).headers["Location"] == "/sign-in"
    assert leader.get("/lead/").status_code == 302
    assert rooms.sign_in(client, LEADER).status_code == 200  # the old one
    assert rooms.sign_in(client, LEADER, NEW).status_code == 302


def test_the_answer_does_not_tell_whether_there_is_an_account(app, client, school_id):
    found = []
    for email in (LEADER, "nobody@trust.example"):
        visitor = app.test_client()
        forget(visitor, email)
        found.append(re.sub(r'value="[^"]+"', "", visitor.get("/sign-in").text))
    assert found[0] == found[1]
    assert [letter.email for letter in letters(app)] == [LEADER]


def test_nobodys_mailbox_is_filled_by_asking_again_and_again(app, client, school_id):
    for _ in range(5):
        forget(client, LEADER)
    assert len(letters(app)) == 1


def test_an_account_that_is_switched_off_gets_no_link_and_its_links_end(session, school_id):
    account = accounts.find(session, LEADER)
    letter = account_letters.ask_password(session, account, by=None, now=rooms.NOW)
    account.active = False
    later = rooms.NOW + account_letters.BETWEEN_PASSWORDS
    assert account_letters.ask_password(session, account, by=None, now=later) is None
    with pytest.raises(LetterError):
        account_letters.change_password(session, letter, hashed="x", now=later)


def test_a_new_password_ends_every_other_link_to_one(session, school_id):
    account = accounts.find(session, LEADER)
    later = rooms.NOW + account_letters.BETWEEN_PASSWORDS
    first = account_letters.ask_password(session, account, by=None, now=rooms.NOW)
    second = account_letters.ask_password(session, account, by=None, now=later)
    account_letters.change_password(session, second, hashed="x", now=later)
    session.refresh(first)
    assert first.ended_at == later


# --- sending -------------------------------------------------------------------------------------


def test_a_letter_goes_out_at_most_once_whatever_a_crash_leaves(app, leader, school_id, settings):
    invite(leader, school_id)
    letter_id = letters(app)[0].letter_id
    with rooms.store(app) as session:
        assert account_letters.take(session, letter_id, now=rooms.NOW) is not None
    assert send_all(app, settings) == ["done"]  # found as *sending*: in doubt, not sent
    assert letters(app)[0].state == "uncertain"
    assert mail(settings) == []
    assert "it may have gone out or not" in leader.get("/accounts/").text
    press(leader, f"/accounts/invitations/{letter_id}/again")
    assert send_all(app, settings) == ["done"]
    assert send_all(app, settings) == []
    assert (letters(app)[0].state, len(mail(settings))) == ("sent", 1)
    press(leader, f"/accounts/invitations/{letter_id}/again")  # it was sent
    assert letters(app)[0].state == "sent"


def test_a_server_that_refuses_or_is_not_there_is_said(app, leader, school_id, settings):
    invite(leader, school_id)
    away = {"smtp_url": "smtp://127.0.0.1:1", "mail_from": "Survey <survey@site.example>"}
    assert send_all(app, settings, **away) == ["later"]
    assert letters(app)[0].state == "queued"
    server = mail_kit.Server(refusals={HEAD: "550 5.1.1 no such person"})
    with mail_kit.serving(server):
        here = {**away, "smtp_url": f"smtp://127.0.0.1:{server.port}"}
        assert send_all(app, settings, **here) == ["done"]
    page = rooms.words(leader.get("/accounts/"))
    assert "The mail server refused it (550 5.1.1)" in page
    assert "Send it again" in page


def test_mail_of_a_demonstration_goes_to_nobody(app, leader, school_id, settings):
    invite(leader, school_id)
    server = mail_kit.Server()
    with mail_kit.serving(server):
        url = f"smtp://127.0.0.1:{server.port}"
        assert send_all(app, settings, smtp_url=url, demonstration=True) == ["done"]
    assert server.taken == []
    assert len(mail(settings)) == 1


def test_the_sweep_keeps_letters_until_their_links_have_expired(app, leader, school_id, settings):
    invite(leader, school_id)
    send_all(app, settings)
    with app.app_context():
        sweep.clear_mail(settings, db.engine)
        (path,) = (settings.mail_dir / account_mail.BOX).glob("*.eml")
        old = (rooms.NOW - timedelta(days=8)).timestamp()
        os.utime(path, (old, old))
        sweep.clear_mail(settings, db.engine)
    assert mail(settings) == []
