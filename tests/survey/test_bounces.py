"""Mail that comes back: read from a folder, noted, shown, and not sent there again."""

import os
import secrets
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey import returned
from survey.models import AuditEntry, Bounce, Invitation, Mailing, Message, Round
from survey.services import bounces, mailings, rounds
from survey.services.mailings import MailingError, Outcome
from survey.services.sealing import invitation_token
from tests.survey import mail_kit, rooms

DAY = timedelta(days=1)
LEADER = "leader@trust.example"


@pytest.fixture
def round_(session, now):
    """Four people, all of whom were sent an invitation two days ago."""
    made = mail_kit.invited_round(session, now=now, people=4)
    mailings.ask(session, made, "invitation", by=None, now=now - 2 * DAY)
    session.execute(sa.update(Message).values(state="sent"))
    session.commit()
    return made


@pytest.fixture
def leader(session, round_):
    return rooms.account(session, round_.organisation)


def message_of(session, email):
    return session.scalars(
        sa.select(Message)
        .join(Invitation, Message.invitation_id == Invitation.invitation_id)
        .where(Invitation.email == email)
    ).first()


def report(
    message_id,
    *,
    action="failed",
    status="5.1.1",
    to="survey@example.org",
    copied=True,
    whole=False,
):
    """A delivery status as mail servers send it (RFC 3464)."""
    ours = f"Message-ID: <{message_id}@example.org>\r\nTo: t0@ashdown.example\r\n"
    kind, part = ("message/rfc822", f"{ours}\r\nText.\r\n") if whole else (
        "text/rfc822-headers", ours)  # fmt: skip
    last = f"--B\r\nContent-Type: {kind}\r\n\r\n{part}\r\n" if copied else ""
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nSubject: Undelivered\r\n"
        f"Message-ID: <{secrets.token_hex(16)}@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; t0@ashdown.example\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 no such user\r\n\r\n{last}--B--\r\n"
    ).encode()


# Reading


ID = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("whole", [False, True])
def test_a_copy_of_our_message_says_which_came_back(whole):
    assert returned.returned(report(ID, whole=whole)) == (ID, "5.1.1")


def test_the_address_that_it_came_back_to_says_it_too():
    content = report("x", to=f"bounces+{ID}@example.org", copied=False)
    assert returned.returned(content) == (ID, "5.1.1")
    content = b"Delivered-To: bounces+" + ID.encode() + b"@example.org\r\n" + report("x")
    assert returned.returned(content) == (ID, "5.1.1")


@pytest.mark.parametrize(
    "content",
    [
        report(ID, action="delayed", status="4.4.1"),
        report(ID, action="delivered", status="2.0.0"),
        report(ID, action="failed", status="4.2.2"),
        report("x", copied=False),
        b"",
        b"From: a\r\n\r\nI am on holiday until Monday.",
        b"\xff\xfe\x00 not mail at all",
        b"Content-Type: message/delivery-status\r\n\r\n" + b"Status: 5.1.1\r\n" * 3,
        b"Content-Type: multipart/report; boundary=B\r\n\r\n--B\r\nContent-Type: message/rfc822",
    ],
)
def test_what_is_no_failure_of_a_message_of_ours_is_passed_over(content):
    assert returned.returned(content) is None


def test_the_token_is_not_the_links(session, round_):
    message = message_of(session, "t0@ashdown.example")
    token = invitation_token("a key", invitation_id=message.invitation_id)
    assert message.message_id not in token
    assert message.invitation_id not in message.message_id


# Noting


def test_a_message_that_came_back_is_counted_as_failed_and_its_address_listed(session, round_):
    message_id = message_of(session, "t0@ashdown.example").message_id
    assert bounces.note(session, {message_id: "5.1.1", "f" * 32: "5.1.1"}) == 1
    (summary,) = mailings.of(session, round_)
    assert dict(summary.states) == {"sent": 3, "failed": 1}
    assert dict(summary.failures) == {"5.1.1": 1}
    (found,) = bounces.of(session, round_)
    assert (found.email, found.school, found.code) == (
        "t0@ashdown.example",
        "Ashdown Primary",
        "5.1.1",
    )
    bounces.note(session, {message_id: "5.1.1"})  # a worker was killed before it deleted the file
    assert len(bounces.of(session, round_)) == 1


@pytest.mark.parametrize(
    ("code", "is_about"),
    [
        ("550 5.1.1", True),
        ("5.2.1", True),
        ("5.4.4", True),
        ("550", True),
        ("553", True),
        ("550 5.7.1", False),  # they do not want our mail: every address would be listed
        ("554 5.6.0", False),
        ("552", False),
        ("554", False),
    ],
)
def test_only_some_refusals_are_about_an_address(code, is_about):
    assert bounces.is_about_an_address(code) is is_about


def test_no_mail_goes_to_an_address_until_it_is_corrected(session, round_, leader, now):
    message_id = message_of(session, "t0@ashdown.example").message_id
    bounces.note(session, {message_id: "5.1.1"})
    reminder = mailings.ask(session, round_, "reminder", by=None, now=now)
    assert reminder.recipients == mailings.count_recipients(session, round_, "reminder") == 3
    assert mailings.why_not(session, round_, "invitation", now=now) == "nobody new"

    session.execute(
        sa.update(Invitation)
        .where(Invitation.email == "t0@ashdown.example")
        .values(email="t.zero@ashdown.example")
    )
    assert bounces.of(session, round_) == []
    later = now + 2 * DAY
    assert mailings.why_not(session, round_, "reminder", now=later) == "not invited"
    invited = mailings.ask(session, round_, "invitation", by=None, now=later)
    assert invited.recipients == 1
    with pytest.raises(MailingError):
        mailings.ask(session, round_, "invitation", by=None, now=later)
    assert mailings.ask(session, round_, "reminder", by=None, now=later).recipients == 4
    assert session.scalars(sa.select(Bounce)).all() == []


def test_what_comes_back_late_from_an_old_address_says_nothing_of_the_new_one(session, round_, now):
    old = message_of(session, "t0@ashdown.example").message_id
    bounces.note(session, {old: "5.1.1"})
    session.execute(
        sa.update(Invitation)
        .where(Invitation.email == "t0@ashdown.example")
        .values(email="t.zero@ashdown.example")
    )
    bounces.note(session, {old: "5.1.1"})
    assert bounces.of(session, round_) == []
    mailings.ask(session, round_, "invitation", by=None, now=now)
    bounces.note(session, {old: "5.1.1"})
    assert bounces.of(session, round_) == []
    new = session.scalars(sa.select(Message.message_id).where(Message.state == "queued")).one()
    bounces.note(session, {new: "5.1.1"})
    assert [each.email for each in bounces.of(session, round_)] == ["t.zero@ashdown.example"]


def test_an_address_that_is_right_after_all_is_invited_once_more(session, round_, leader, now):
    bounces.note(session, {message_of(session, "t0@ashdown.example").message_id: "5.2.2"})
    (found,) = bounces.of(session, round_)
    assert bounces.try_again(session, round_, found.invitation_id, by=leader, now=now)
    assert not bounces.try_again(session, round_, found.invitation_id, by=leader, now=now)
    assert bounces.of(session, round_) == []
    assert mailings.ask(session, round_, "invitation", by=None, now=now).recipients == 1
    assert mailings.why_not(session, round_, "invitation", now=now) == "nobody new"


def test_a_refusal_at_once_is_noted_and_what_waits_for_the_person_is_not_sent(session, round_, now):
    reminder = mailings.ask(session, round_, "reminder", by=None, now=now)
    letters = mailings.take_batch(session, reminder.mailing_id, after="", now=now)
    outcomes = {each.message_id: Outcome("queued") for each in letters}
    refused = letters[0]
    outcomes[refused.message_id] = Outcome("failed", "550 5.1.1", is_unreachable=True)
    mailings.record(session, outcomes)
    assert [each.email for each in bounces.of(session, round_)] == [refused.email]
    bounces.note(session, {letters[1].message_id: "5.1.1"})
    again = mailings.take_batch(session, reminder.mailing_id, after="", now=now)
    assert {each.email for each in again} == {each.email for each in letters[2:]}


def test_an_uncertain_message_to_such_an_address_is_not_sent_again(session, round_, now):
    session.execute(sa.update(Message).values(state="uncertain"))
    message_id = message_of(session, "t0@ashdown.example").message_id
    bounces.note(session, {message_id: "5.1.1"})
    session.execute(
        sa.update(Message).where(Message.message_id == message_id).values(state="uncertain")
    )
    mailing = session.scalars(sa.select(Mailing)).one()
    assert mailings.send_again(session, mailing, by=None, now=now) == 3


def test_a_leader_names_addresses_and_hears_which_are_not_on_the_list(session, round_, leader, now):
    typed = ["T0@ashdown.example", "t1@ashdown.example", "t1@ashdown.example", "who@x.example"]
    named = bounces.name(session, round_, typed, by=leader, now=now)
    assert (named.new, named.known, named.unknown) == (2, 0, ("who@x.example",))
    again = bounces.name(session, round_, typed[:1], by=leader, now=now)
    assert (again.new, again.known) == (0, 1)
    assert [each.code for each in bounces.of(session, round_)] == [bounces.TOLD] * 2
    actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert actions.count("name_unreachable") == 1


def test_nothing_of_it_is_left_when_the_round_has_closed(session, round_, now):
    message_id = message_of(session, "t0@ashdown.example").message_id
    bounces.note(session, {message_id: "5.1.1"})
    session.commit()
    rounds.close(session, round_, by=None, now=now)
    session.commit()
    assert session.scalars(sa.select(Bounce)).all() == []
    assert bounces.note(session, {message_id: "5.1.1"}) == 0


# The folder


@pytest.fixture
def folder(settings):
    settings.returned_dir.mkdir(parents=True)
    return settings.returned_dir


def test_files_are_read_noted_and_deleted_and_others_are_put_aside(app, session, round_, folder):
    from survey.database import db

    message_id = message_of(session, "t0@ashdown.example").message_id
    session.commit()
    (folder / "1.eml").write_bytes(report(message_id))
    (folder / "2.eml").write_bytes(b"Subject: I am on holiday\r\n\r\nUntil Monday.")
    (folder / "3.eml").write_bytes(b"x" * (returned.MOST_BYTES + 1))
    (folder / "4.part").write_bytes(report(message_id))
    with app.app_context():
        assert returned.read_folder(db.engine, folder, now_s=time.time()) == 1
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["2.eml.unknown", "3.eml.unknown", "4.part"]
    session.rollback()
    assert len(bounces.of(session, round_)) == 1


def test_files_that_say_nothing_are_deleted_after_a_week(app, folder):
    from survey.database import db

    old = folder / "1.eml.unknown"
    old.write_bytes(b"x")
    os.utime(old, (0, time.time() - returned.KEEP_S - 60))
    (folder / "2.eml.unknown").write_bytes(b"x")
    with app.app_context():
        assert returned.read_folder(db.engine, folder, now_s=time.time()) == 0
        assert returned.read_folder(db.engine, folder / "nowhere", now_s=time.time()) == 0
    assert [path.name for path in folder.iterdir()] == ["2.eml.unknown"]


# The page


@pytest.fixture
def at(app, client):
    with rooms.store(app) as session:
        round_ = mail_kit.invited_round(session, now=rooms.NOW, people=3)
        mailings.ask(session, round_, "invitation", by=None, now=rooms.NOW)
        session.execute(sa.update(Message).values(state="sent"))
        rooms.account(session, round_.organisation, email=LEADER)
        round_id = round_.round_id
    rooms.sign_in(client, LEADER)
    return f"/lead/rounds/{round_id}/invitations/unreachable"


def send(client, at, path="", **data):
    data["csrf_token"] = rooms.token(client.get(at))
    return client.post(at + path, data=data, follow_redirects=True)


def test_the_page_lists_addresses_with_school_and_reason(app, client, at):
    assert "There are none." in client.get(at).text
    with rooms.store(app) as session:
        bounces.note(session, {message_of(session, "t1@ashdown.example").message_id: "5.1.1"})
    text = rooms.words(client.get(at))
    assert "t1@ashdown.example Ashdown Primary there is no such address (5.1.1)" in text
    mail = client.get(at.removesuffix("/unreachable")).text
    assert "Addresses that could not be reached</a>: <strong>1</strong>" in mail
    assert "1 refused by a mail server (5.1.1)" in mail
    assert "@ashdown" not in mail


def test_named_addresses_are_added_and_unknown_ones_stay_in_the_form(app, client, at):
    page = send(client, at, addresses="t0@ashdown.example\r\n\r\n who@x.example \r\n<b>@x")
    assert page.status_code == 422
    assert "Not on the staff list: “who@x.example”, “&lt;b&gt;@x”." in page.text.replace(
        "&#34;", '"'
    )
    assert "who@x.example\n&lt;b&gt;@x</textarea>" in page.text.replace("\r", "")
    assert "as you said" in page.text
    assert send(client, at, addresses=" ").status_code == 422
    many = send(client, at, addresses="a@x.example\n" * (bounces.MOST_ADDRESSES + 1))
    assert "Write at most 1000 addresses at once." in many.text
    assert "1 address was added." in send(client, at, addresses="t1@ashdown.example").text


def test_a_button_lets_an_address_be_tried_again(app, client, at):
    send(client, at, addresses="t0@ashdown.example")
    with rooms.store(app) as session:
        invitation_id = session.scalars(sa.select(Bounce.invitation_id)).one()
    page = send(client, at, f"/{invitation_id}/again")
    assert "This address is written to again" in page.text
    assert "There are none." in page.text
    with rooms.store(app) as session:
        round_ = session.scalars(sa.select(Round)).one()
        assert mailings.count_recipients(session, round_, "invitation") == 1
