"""What people do on a real server who are not lucky, and what is kept of it.

Wrong words, a second device, broken links, forms without their token, lines nobody can read.
"""

import json
import re
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from survey.models import Account, EntryCode, Organisation, Round
from survey.services import accounts, entry_codes, sealing
from tests.browser import staging
from tests.linkage.caller import ADDRESS, AGENT, Caller

LEADER, PASSWORD = "leader@trust.example", "a password for tests"
WRONG_WORDS = "abacus badge cable dagger earful"


@dataclass
class Told:
    """What one round left behind."""

    mode: str
    stage: staging.Stage
    callers: list[Caller] = field(default_factory=list)
    #: text -> what it is
    secrets: dict[str, str] = field(default_factory=dict)
    #: (table, column) -> kinds of secrets found there; while the round is open, and afterwards
    opened: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    closed: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    #: tables in which codes of answered items stand
    answers_opened: set[str] = field(default_factory=set)
    answers_closed: set[str] = field(default_factory=set)
    log: str = ""
    files: dict[str, set[str]] = field(default_factory=dict)


def kinds_in(text, secrets):
    """Which kinds of secrets stand in a text."""
    low = text.casefold()
    return {kind for secret, kind in secrets.items() if secret.casefold() in low}


def way_in(told):
    """A personal link, or the code of a poster."""
    if told.mode == "confidential":
        link = staging.invite(told.stage)
        token = link.rpartition("/")[2]
        told.secrets |= {token: "token", token[16:]: "token", staging.PERSON: "address"}
        return link
    now = datetime.now(UTC)
    with staging.writing(told.stage.site) as session:
        round_ = session.get_one(Round, told.stage.round_id)
        leader = _leader(session)
        entry_codes.make(session, round_, by=leader, now=now)
        code = session.scalars(
            sa.select(EntryCode.code).where(EntryCode.round_id == told.stage.round_id)
        ).first()
    return f"{told.stage.site.url}/c/{code}"


def _device(told, number):
    caller = Caller(told.stage.site.url, number)
    told.callers.append(caller)
    told.secrets |= {ADDRESS: "internet address", AGENT: "browser"}
    return caller


def answer_everything(told, way_in):
    """From the way in to the last page; returns the resume words as they are shown."""
    phone, base = _device(told, 11), told.stage.link
    assert phone.open(way_in).status == 200
    phone.send(f"{base}/start")
    words = phone.cookies["resume_words"].value.partition(".")[0].replace("-", " ")
    told.secrets |= dict.fromkeys(
        (words, words.replace(" ", "-"), sealing.normalise(words)), "resume words"
    )
    assert words in phone.pages[-1][1]
    school = re.search(r'<option value="([0-9a-f]{32})"', phone.open(f"{base}/you").text)
    phone.send(f"{base}/you", role="T", school=school[1])
    while "/s/" in phone.urls[-1]:
        page, given = phone.urls[-1], _chosen(phone.pages[-1][1])
        name = next(iter(given))
        hidden = {"revision": phone.hidden("revision"), "before": "{}"}
        assert phone.send(page, **hidden, **{name: "99"}).status == 400
        phone.open(page)
        saved = phone.open(
            page,
            {"csrf_token": phone.csrf, "revision": phone.hidden("revision"), "go": "stay", **given},
            Accept="application/json",
        )
        assert json.loads(saved.text)["revision"]
        phone.send(page, go="on", **given)
    assert phone.urls[-1].endswith("/review")
    return words


def _chosen(page):
    """The last choice of every question on a page."""
    return dict(re.findall(r'<input type="radio" name="(item-[^"]+)"[^>]* value="([^"]+)"', page))


def come_back_on_another_device(told, way_in, words):
    tablet, base = _device(told, 12), told.stage.link
    tablet.open(way_in)
    tablet.open(f"{base}/resume")
    assert tablet.send(f"{base}/resume", words=WRONG_WORDS).status == 422
    assert tablet.send(f"{base}/resume", words=words).status == 200
    tablet.open(f"{base}/you")
    tablet.send(f"{base}/language", language="en-US", back="review")
    tablet.open(f"{base}/review")
    assert tablet.send(f"{base}/send").status == 200
    tablet.open(f"{base}/withdraw")
    tablet.send(f"{base}/leave")
    assert "resume_words" not in tablet.cookies


def go_wrong(told, way_in, words):
    """Broken links, a form without its token, too much of everything, lines nobody can read."""
    phone, base = told.callers[0], told.stage.link
    start, _, secret = way_in.rpartition("/")
    stranger = _device(told, 13)
    assert stranger.open(f"{start}/{secret[:-1]}").status == 404
    assert stranger.open(f"{base}x/{words.replace(' ', '-')[:9]}").status == 404
    assert phone.open(f"{base}/send", {"go": "on"}).status >= 400
    assert phone.open(f"{base}/resume", {"words": words * 4000}).status == 413
    cookie = f"resume_words={phone.cookies['resume_words'].value}"
    host, port = told.stage.site.url.removeprefix("http://").split(":")
    for line in (f"GET /i/{secret} of nothing", f"GET / HTTP/1.1\r\nCookie {cookie}"):
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(f"{line}\r\nX-Forwarded-For: {ADDRESS}14\r\n\r\n".encode())
            connection.recv(64)


def lead(told):
    """The leader signs in and looks."""
    with staging.writing(told.stage.site) as session:
        _leader(session)
    leader = _device(told, 15)
    leader.open("/sign-in")
    leader.send("/sign-in", email=LEADER, password=PASSWORD)
    for path in ("", "/results", "/mode", "/answered"):
        assert leader.open(f"/lead/rounds/{told.stage.round_id}{path}").status == 200


def _leader(session):
    return session.scalar(sa.select(Account)) or accounts.create(
        session,
        email=LEADER,
        name="A leader",
        organisation=session.scalars(sa.select(Organisation)).first(),
        role="leader",
        password=PASSWORD,
    )
