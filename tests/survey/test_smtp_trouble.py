"""A mail server that hangs, breaks off, puts us off or locks us out: nobody is mailed twice.

Each test sends a mailing with the worker's own function through a real server that misbehaves.
"""

import asyncio
import threading
from collections import Counter

import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import AuthResult
from sqlalchemy.orm import Session

from survey import mail, sending
from survey.database import open_engine
from survey.models import Invitation, Mailing, Message
from survey.services import bounces, mailings
from tests.survey import mail_kit, rooms
from tests.survey.mail_kit import Server, serving

PEOPLE = 8


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Wait for a reply as long as a test can."""
    monkeypatch.setattr(mail, "TIMEOUT_S", 0.5)


@pytest.fixture
def engine(app, settings):
    """One of its own: an application's context around requests would keep their sign-in."""
    own = open_engine(settings.database)
    yield own
    own.dispose()


@pytest.fixture
def mailing_id(engine):
    with Session(engine) as session:
        round_ = mail_kit.invited_round(session, now=rooms.NOW, people=PEOPLE)
        rooms.account(session, round_.organisation, email="leader@trust.example")
        mailing = mailings.ask(session, round_, "invitation", by=None, now=rooms.NOW)
        session.commit()
        return mailing.mailing_id


def send(settings, engine, mailing_id, server, *, user="", **more):
    url = f"smtp://{user}127.0.0.1:{server.port}"
    changed = {"smtp_url": url, "mail_from": "Survey <survey@example.org>", **more}
    through = settings.model_copy(update=changed)
    return sending.send(through, engine, mailing_id, stop=threading.Event())


def states(engine):
    with Session(engine) as session:
        rows = session.execute(sa.select(Message.state, sa.func.count()).group_by(Message.state))
        return dict(rows.all())


def trouble(engine):
    with Session(engine) as session:
        return session.scalars(sa.select(Mailing.trouble)).one()


def addresses(engine, state):
    with Session(engine) as session:
        return set(
            session.scalars(
                sa.select(Invitation.email)
                .join(Message, Message.invitation_id == Invitation.invitation_id)
                .where(Message.state == state)
            )
        )


def taken(server):
    return Counter(address for address, _ in server.taken)


class Hangs(Server):
    """Never answers some commands for some people."""

    at = "RCPT"
    people: tuple[str, ...] = ()

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if self.at == "RCPT" and address in self.people:
            await asyncio.sleep(2)
        return await super().handle_RCPT(server, session, envelope, address, rcpt_options)

    async def handle_DATA(self, server, session, envelope):
        reply = await super().handle_DATA(server, session, envelope)
        if self.at == "DATA" and envelope.rcpt_tos[0] in self.people:
            await asyncio.sleep(2)
        return reply


EVERYBODY = tuple(f"t{n}@ashdown.example" for n in range(PEOPLE))


def test_a_server_that_hangs_at_everybody_is_left_after_two_and_tried_later(
    settings, engine, mailing_id
):
    handler = Hangs()
    handler.people = EVERYBODY
    with serving(handler) as server:
        assert send(settings, engine, mailing_id, server) == "later"
        assert server.connections == 2
    assert states(engine) == {"queued": PEOPLE}
    assert trouble(engine).startswith("went away ")
    with serving(Server()) as healed:
        assert send(settings, engine, mailing_id, healed) == "done"
    assert taken(healed) == Counter(EVERYBODY)
    assert trouble(engine) == ""


def test_a_server_that_hangs_at_one_person_holds_up_nobody_else(settings, engine, mailing_id):
    handler = Hangs()
    handler.people = EVERYBODY[3:4]
    with serving(handler) as server:
        assert send(settings, engine, mailing_id, server) == "later"
        assert send(settings, engine, mailing_id, server) == "later"
    assert addresses(engine, "queued") == {EVERYBODY[3]}
    assert taken(server) == Counter(set(EVERYBODY) - {EVERYBODY[3]})
    assert trouble(engine) == "asked to wait"


def test_a_message_that_was_taken_without_a_word_is_uncertain_and_not_sent_again(
    settings, engine, mailing_id
):
    handler = Hangs()
    handler.at, handler.people = "DATA", EVERYBODY[:1]
    with serving(handler) as server:
        assert send(settings, engine, mailing_id, server) == "done"
        assert send(settings, engine, mailing_id, server) == "done"
    assert addresses(engine, "uncertain") == {EVERYBODY[0]}
    assert taken(server) == Counter(EVERYBODY)


class Drops(Server):
    """Takes each message and hangs up before it says so."""

    async def handle_DATA(self, server, session, envelope):
        await super().handle_DATA(server, session, envelope)
        server.transport.abort()
        return "250 never heard"


def test_a_server_that_accepts_and_drops_makes_two_uncertain_and_not_all_of_them(
    settings, engine, mailing_id
):
    with serving(Drops()) as server:
        assert send(settings, engine, mailing_id, server) == "later"
    assert states(engine) == {"uncertain": 2, "queued": PEOPLE - 2}
    assert trouble(engine) == "broke off"
    with serving(Server()) as healed:
        assert send(settings, engine, mailing_id, healed) == "done"
    assert max((taken(server) + taken(healed)).values()) == 1
    assert states(engine) == {"uncertain": 2, "sent": PEOPLE - 2}


class Crashes(Server):
    """Takes three messages, then hangs up for good."""

    async def handle_MAIL(self, server, session, envelope, address, options):
        if len(self.taken) >= 3:
            server.transport.abort()
        envelope.mail_from = address
        return "250 OK"


def test_a_server_that_fails_in_the_middle_of_a_batch_keeps_what_it_took(
    settings, engine, mailing_id
):
    with serving(Crashes()) as server:
        assert send(settings, engine, mailing_id, server) == "later"
    assert states(engine) == {"sent": 3, "queued": PEOPLE - 3}
    with serving(Server()) as healed:
        assert send(settings, engine, mailing_id, healed) == "done"
    assert taken(server) + taken(healed) == Counter(EVERYBODY)


class Greylists(Server):
    """Puts each person off the first time, as servers do that are wary of strangers."""

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address not in self.refusals:
            self.refusals[address] = "250 OK"
            return "451 4.7.1 Greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def test_who_is_put_off_is_tried_later_and_mailed_once(settings, engine, mailing_id):
    with serving(Greylists()) as server:
        assert send(settings, engine, mailing_id, server) == "later"
        assert states(engine) == {"queued": PEOPLE}
        assert trouble(engine) == "asked to wait"
        assert taken(server) == Counter()
        assert send(settings, engine, mailing_id, server) == "done"
    assert taken(server) == Counter(EVERYBODY)
    assert states(engine) == {"sent": PEOPLE}
    assert trouble(engine) == ""


def refuse_password(_server, _session, _envelope, _mechanism, _data):
    return AuthResult(success=False, handled=False)


# of the server of the test, which is on this machine
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_wrong_password_is_one_clear_line_to_the_leader_and_loses_nothing(
    app, client, settings, engine, mailing_id
):
    options = {"auth_require_tls": False, "auth_required": True, "authenticator": refuse_password}
    with serving(Server(), **options) as server:
        assert send(settings, engine, mailing_id, server, user="us:secret@") == "later"
    assert states(engine) == {"queued": PEOPLE}
    assert trouble(engine) == "not let in 535 5.7.8"
    with Session(engine) as session:
        round_id = session.get_one(Mailing, mailing_id).round_id
    rooms.sign_in(client, "leader@trust.example")
    text = rooms.words(client.get(f"/lead/rounds/{round_id}/invitations"))
    assert "The mail server does not accept our name and password." in text
    assert "(535 5.7.8)" in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("folder", "mail folder on the server cannot be written"),
        ("no server ConnectionRefusedError", "cannot be reached"),
        ("sender refused 550 5.7.1", "does not take mail from our sender"),
        ("closing 421", "closing down"),
        ("went away TimeoutError", "stopped answering"),
        ("broke off", "broke off before it said"),
        ("asked to wait", "asked us to come back later"),
    ],
)
def test_every_trouble_has_its_line(app, client, engine, mailing_id, said, words):
    with Session(engine) as session:
        mailings.note_trouble(session, mailing_id, said)
        session.commit()
        round_id = session.get_one(Mailing, mailing_id).round_id
    rooms.sign_in(client, "leader@trust.example")
    page = client.get(f"/lead/rounds/{round_id}/invitations")
    assert words in rooms.words(page)
    assert "Mail waits (Invitation" in rooms.words(page)


def test_a_person_whom_the_server_does_not_know_is_listed_and_not_written_to_again(
    settings, engine, mailing_id
):
    with serving(Server(refusals={EVERYBODY[2]: "550 5.1.1 no such user"})) as server:
        assert send(settings, engine, mailing_id, server) == "done"
    with Session(engine) as session:
        mailing = session.get_one(Mailing, mailing_id)
        round_ = mail_kit.round_of(session, mailing)
        assert [each.email for each in bounces.of(session, round_)] == [EVERYBODY[2]]
        assert mailings.count_recipients(session, round_, "reminder") == PEOPLE - 1


def test_each_message_comes_back_to_an_address_of_its_own(settings, engine, mailing_id):
    seen = []

    class Notes(Server):
        async def handle_MAIL(self, server, session, envelope, address, options):
            seen.append(address)
            envelope.mail_from = address
            return "250 OK"

    with serving(Notes()) as server:
        send(settings, engine, mailing_id, server, bounces_to="bounces@example.org")
    with Session(engine) as session:
        ids = set(session.scalars(sa.select(Message.message_id)))
        links = set(session.scalars(sa.select(Invitation.invitation_id)))
    assert set(seen) == {f"bounces+{message_id}@example.org" for message_id in ids}
    assert not any(link in address for link in links for address in seen)
    for _, content in server.taken:
        message = mail_kit.parse(content)
        assert message["From"] == "Survey <survey@example.org>"
        assert message["Message-ID"].split("@")[0].lstrip("<") in ids
