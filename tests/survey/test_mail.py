"""Mail leaves whole, to one person each, and never names anybody in a log or a reply."""

import os
import re
import ssl
import stat
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from survey import mail, storage
from survey.messages import Letterhead, compose, in_words_of
from survey.services.mailings import Outcome
from survey.settings import Settings, SettingsError, read_settings
from tests.survey.mail_kit import Server, parse, serving

AT = datetime(2026, 5, 11, 9, 30, tzinfo=UTC)
LINK = "https://survey.example.org/i/0123456789abcdefabcdefghijklmnopqrst"
HEAD = Letterhead(
    round_id="round",
    kind="invitation",
    sender="Midtier <survey@example.org>",
    asked_at=AT,
    organisation="Harbour Reach Schools Trust",
    short_name="Harbour Reach",
    locale="en-GB",
    opens_at=datetime(2026, 5, 11, 7, tzinfo=UTC),
    closes_at=datetime(2026, 5, 30, 0, tzinfo=UTC),
    minutes=(7, 13),
    is_simulated=False,
    address="https://survey.example.org/r/abcdefghjk",
)


def composed(**changes):
    head = replace(HEAD, **changes)
    with in_words_of(head.locale, translations=Path("none")):
        return compose(head, email="ada@ashdown.example", link=LINK)


def words(content):
    return " ".join(parse(content).get_content().split())


# The words


def test_an_invitation_says_who_asks_for_how_long_until_when_and_whose_the_link_is():
    message = parse(composed())
    assert message["To"] == "ada@ashdown.example"
    assert message["From"] == "Midtier <survey@example.org>"
    assert message["Subject"] == "A survey of staff at Harbour Reach"
    text = words(composed())
    for said in (
        "Harbour Reach Schools Trust asks everybody who works in its schools and at its centre",
        "It takes about 7 to 13 minutes",
        "The survey is open from 11 May 2026 until 29 May 2026.",
        "Opening it does not use it up",
        "The link is yours alone.",
        "whoever else opens it sees how far you are and can answer the questions that are left. "
        "They never see answers that you gave before.",
        "Nobody at Harbour Reach is told whether you answer, or what.",
    ):
        assert said in text


def test_a_reminder_thanks_those_who_have_answered():
    text = words(composed(kind="reminder"))
    assert "If you have answered already, thank you: there is nothing more to do." in text
    assert parse(composed(kind="reminder"))["Subject"].startswith("Reminder: ")


def test_the_link_stands_alone_on_its_line_and_is_the_only_one():
    content = composed()
    assert f"\r\n  {LINK}\r\n".encode() in content
    assert content.count(LINK.encode()) == 1
    assert content.count(b"http") == 2  # the round's first page, where results will stand
    assert max(len(line) for line in content.split(b"\r\n")) <= 78


def test_a_message_is_plain_text_that_carries_nothing_but_its_link():
    first, second = composed(), composed()
    message = parse(first)
    assert message.get_content_type() == "text/plain"
    assert set(message.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Language",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    }
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(message["Date"]) == AT
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", message["Message-ID"])
    assert message["Message-ID"] != parse(second)["Message-ID"]


def test_a_demonstration_says_so():
    assert "simulated people" in words(composed(is_simulated=True))
    assert "simulated" not in words(composed())


def test_other_letters_and_the_days_of_the_country_arrive_whole():
    head = {"organisation": "Écoles d’Armorique", "short_name": "Écoles « Mer »", "locale": "en-US"}
    content = composed(**head, closes_at=datetime(2026, 5, 29, 16, 30, tzinfo=UTC))
    assert content.isascii()
    assert parse(content)["Subject"] == "A survey of staff at Écoles « Mer »"
    text = words(content)
    assert "Écoles d’Armorique asks" in text
    assert "until May 29, 2026, 4:30 PM UTC." in text.replace("\u202f", " ")


@pytest.mark.parametrize("field", ["organisation", "short_name", "sender"])
def test_no_value_begins_another_header(field):
    evil = "Reach\r\nBcc: everybody@example.org\r\n\r\nBody"
    if field == "sender":
        evil = f'"{evil}" <survey@example.org>'
    message = parse(composed(**{field: evil}))
    assert "Bcc" not in message
    assert message["To"] == "ada@ashdown.example"


def test_an_address_that_would_begin_another_header_is_refused():
    with in_words_of("en-GB", translations=Path("none")), pytest.raises(ValueError, match=r"."):
        compose(HEAD, email="ada@ashdown.example\r\nBcc: b@x.example", link=LINK)


# The folder


def test_the_folder_holds_whole_files_of_one_time_for_their_owner_only(tmp_path):
    settings = Settings(data_dir=tmp_path)
    contents = [composed() for _ in range(3)]
    with mail.transport(settings, box="box", at=AT, is_simulated=False) as send:
        assert [send(each, "ada@ashdown.example") for each in contents] == [Outcome("sent")] * 3
    files = list((settings.mail_dir / "box").iterdir())
    assert sorted(path.read_bytes() for path in files) == sorted(contents)
    for path in files:
        assert re.fullmatch(r"[0-9a-f]{32}\.eml", path.name)
        assert path.stat().st_mtime == AT.timestamp()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((settings.mail_dir / "box").stat().st_mode) == 0o700


def test_a_sweep_in_the_middle_of_a_batch_of_an_old_mailing_clears_nothing_away(tmp_path):
    settings = Settings(data_dir=tmp_path)
    box = settings.mail_dir / "box"
    with mail.transport(settings, box="box", at=AT, is_simulated=False) as send:
        send(b"a message", "a@x.example")
        storage.clear_unfinished(box, older_than_s=3600, now_s=time.time())
    (file,) = box.iterdir()
    assert file.read_bytes() == b"a message"
    assert file.stat().st_mtime == AT.timestamp()


def test_a_folder_that_cannot_be_written_is_tried_again_later(tmp_path):
    settings = Settings(data_dir=tmp_path)
    (settings.data_dir / "mail").write_text("a file in its place")
    with (
        pytest.raises(mail.UnreachableError, match="mail folder"),
        mail.transport(settings, box="box", at=AT, is_simulated=False),
    ):
        raise AssertionError("it opened")


# The server


def through(server, **changes):
    return Settings(
        smtp_url=f"smtp://127.0.0.1:{server.port}", mail_from="Survey <s@example.org>", **changes
    )


def test_a_server_takes_each_message_for_one_person(tmp_path):
    with serving(Server()) as server:
        content = composed()
        with mail.transport(through(server), box="box", at=AT, is_simulated=False) as send:
            assert send(content, "ada@ashdown.example") == Outcome("sent")
            assert send(content, "ben@ashdown.example") == Outcome("sent")
    assert [address for address, _ in server.taken] == [
        "ada@ashdown.example",
        "ben@ashdown.example",
    ]
    assert server.taken[0][1] == content
    assert server.connections == 1


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (
            "550 5.1.1 no such user gone@ashdown.example",
            Outcome("failed", "550 5.1.1", is_unreachable=True),
        ),
        ("550 5.7.1 not from gone@ashdown.example", Outcome("failed", "550 5.7.1")),
        ("553 gone@ashdown.example?", Outcome("failed", "553", is_unreachable=True)),
        ("451 4.7.1 try gone@ashdown.example later", Outcome("queued")),
    ],
)
def test_a_refused_person_is_told_from_the_others_by_codes_alone(reply, outcome):
    with serving(Server(refusals={"gone@ashdown.example": reply})) as server:
        with mail.transport(through(server), box="box", at=AT, is_simulated=False) as send:
            assert send(composed(), "gone@ashdown.example") == outcome
            assert send(composed(), "ada@ashdown.example") == Outcome("sent")
    assert [address for address, _ in server.taken] == ["ada@ashdown.example"]


class Grumpy(Server):
    """Refuses at a later point than the recipient."""

    reply = "250 OK"

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.reply.startswith("530"):
            return self.reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.reply == "hang up":
            self.taken += [(address, b"") for address in envelope.rcpt_tos]
            server.transport.abort()
            return "250 never heard"
        return self.reply


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("554 5.6.0 not this text", Outcome("failed", "554 5.6.0")),
        ("452 4.3.1 no room", Outcome("queued")),
        ("hang up", Outcome("uncertain")),
    ],
)
def test_what_a_server_says_of_the_text_decides(reply, outcome):
    handler = Grumpy()
    handler.reply = reply
    with serving(handler) as server:
        with mail.transport(through(server), box="box", at=AT, is_simulated=False) as send:
            assert send(composed(), "ada@ashdown.example") == outcome


def send_two(send):
    for _ in range(2):
        send(composed(), "ada@ashdown.example")


@pytest.mark.parametrize("reply", ["530 5.7.0 sign in first", "hang up"])
def test_a_server_that_is_gone_or_refuses_us_stops_the_batch(reply):
    handler = Grumpy()
    handler.reply = reply
    with serving(handler) as server:
        with (
            pytest.raises(mail.UnreachableError) as gone,
            mail.transport(through(server), box="box", at=AT, is_simulated=False) as send,
        ):
            send_two(send)
    assert "@" not in str(gone.value)


def test_a_server_that_does_not_answer_is_unreachable():
    server = Server(port=1)
    with (
        pytest.raises(mail.UnreachableError, match="cannot be reached"),
        mail.transport(through(server), box="box", at=AT, is_simulated=False),
    ):
        raise AssertionError("it connected")


def test_mail_of_a_simulated_round_reaches_no_server(tmp_path):
    with serving(Server()) as server:
        settings = through(server, data_dir=tmp_path)
        with mail.transport(settings, box="box", at=AT, is_simulated=True) as send:
            send(composed(), "ada@ashdown.example")
    assert server.connections == 0
    assert len(list((settings.mail_dir / "box").iterdir())) == 1


# TLS: 127.0.0.2 stands for another machine


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """A certificate of 127.0.0.2 that this process trusts, and a server's context with it."""
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.2 "
        "-addext subjectAltName=IP:127.0.0.2 -keyout key.pem -out cert.pem"
    )
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context


def password_of(user):
    def check(_server, _session, _envelope, _mechanism, data):
        from aiosmtpd.smtp import AuthResult

        return AuthResult(success=(data.login, data.password) == user, handled=False)

    return check


def test_starttls_comes_before_the_password(certificate):
    secret = (b"us@r", b"p/ss")
    options = {
        "tls_context": certificate,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": password_of(secret),
    }
    with serving(Server(), host="127.0.0.2", **options) as server:
        url = f"smtp://us%40r:p%2Fss@127.0.0.2:{server.port}"
        settings = Settings(smtp_url=url, mail_from="s@example.org")
        with mail.transport(settings, box="box", at=AT, is_simulated=False) as send:
            assert send(composed(), "ada@ashdown.example") == Outcome("sent")
        wrong = Settings(smtp_url=url.replace("p%2Fss", "guess"), mail_from="s@example.org")
        with (
            pytest.raises(mail.UnreachableError, match=r"does not let us in \(535"),
            mail.transport(wrong, box="box", at=AT, is_simulated=False),
        ):
            raise AssertionError("it let us in")
    assert len(server.taken) == 1


def test_a_server_elsewhere_without_tls_or_with_a_strange_certificate_gets_no_mail(
    certificate, monkeypatch
):
    with serving(Server(), host="127.0.0.2") as plain:
        settings = Settings(smtp_url=f"smtp://127.0.0.2:{plain.port}", mail_from="s@example.org")
        with (
            pytest.raises(mail.UnreachableError),
            mail.transport(settings, box="box", at=AT, is_simulated=False),
        ):
            raise AssertionError("it went on without TLS")
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    with serving(Server(), host="127.0.0.2", tls_context=certificate) as strange:
        settings = Settings(smtp_url=f"smtp://127.0.0.2:{strange.port}", mail_from="s@example.org")
        with (
            pytest.raises(mail.UnreachableError, match="SSL"),
            mail.transport(settings, box="box", at=AT, is_simulated=False),
        ):
            raise AssertionError("it trusted a stranger")
    assert plain.taken == strange.taken == []


# Settings


def test_the_password_of_the_mail_server_does_not_show_when_settings_are_printed():
    settings = Settings(smtp_url="smtp://us:secret@mail.example.org", mail_from="s@example.org")
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SMTP_URL", "http://us:secret@mail.example.org", "must be like smtp://"),
        ("SMTP_URL", "smtp://", "must be like smtp://"),
        ("SMTP_URL", "smtp://us:secret@mail.example.org:port", "must be like smtp://"),
        ("MAIL_FROM", "Survey", "must be an address"),
        ("MAIL_FROM", "Survey <s@example.org>\nBcc: b@example.org", "must be an address"),
    ],
)
def test_mail_settings_that_cannot_be_used_are_named_without_the_password(
    monkeypatch, tmp_path, name, value, said
):
    monkeypatch.setenv(f"MIDTIER_{name}", value)
    with pytest.raises(SettingsError, match=rf"^MIDTIER_{name}: .*{said}") as refused:
        read_settings(data_dir=tmp_path)
    assert "secret" not in str(refused.value)


def test_a_server_needs_a_sender(tmp_path):
    with pytest.raises(SettingsError, match=r"^MIDTIER_MAIL_FROM is not set"):
        read_settings(data_dir=tmp_path, smtp_url="smtp://mail.example.org")


# The language


def test_mail_speaks_the_rounds_language(tmp_path):
    from click.testing import CliRunner

    from survey.cli import main

    environment = {"MIDTIER_DATA_DIR": str(tmp_path)}
    made = CliRunner().invoke(main, ["translation", "pseudo"], env=environment)
    assert made.exit_code == 0, made.output
    with in_words_of("en-XA", translations=Settings(data_dir=tmp_path).translations_dir):
        text = words(compose(replace(HEAD, locale="en-XA"), email="a@x.example", link=LINK))
    assert "The link is yours alone" not in text
    assert LINK in text
    assert "Harbour Reach Schools Trust" in text
