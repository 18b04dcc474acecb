"""Bodies, addresses and cookies that no page of ours sends: the right status, a page in words."""

import json
import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from survey import create_app
from survey.database import begin_writing, db
from survey.models import Draft, Response, Round
from survey.services import rounds
from tests.survey import rooms
from tests.survey.respond_kit import (
    NO_ROLES,
    Page,
    Visitor,
    check_page,
    invite,
    open_app_round,
)

DEEP = "[" * 15_000
#: where no database plays a part
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
#: content type, body
ODD_BODIES = {
    "a JSON list": ("application/json", b"[1, 2]"),
    "a JSON number": ("application/json", b"5"),
    "a JSON object": ("application/json", b'{"code": 5, "words": {"a": 1}, "role": [1]}'),
    "JSON of another kind": ("application/vnd.api+json", b"[1]"),
    "deep JSON": ("application/json", DEEP.encode()),
    "half a surrogate": ("application/json", b'{"code": "\\ud800", "words": "\\ud800"}'),
    "XML": ("text/xml", b"<a/>"),
    "text": ("text/plain", b"code=abc"),
    "bytes": ("application/octet-stream", b"\xff\x00"),
}


@pytest.fixture
def link(app):
    return open_app_round(app, instrument=NO_ROLES)


@pytest.fixture
def visitor(app, link):
    """A person who has one answer saved and the page still open."""
    found = Visitor(app, link)
    found.words = found.start()
    found.send_page({found.page.fields()[0]: "2"}, go="stay")
    return found


def stored(app):
    with app.app_context():
        return [(draft.answers, draft.sent) for draft in db.session.scalars(sa.select(Draft))]


def checked(reply) -> Page:
    """A reply as a page that holds what every page holds."""
    page = Page(reply.status_code, reply.request.path, reply.text, dict(reply.headers))
    check_page(page)
    return page


# --- bodies --------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize("body", ODD_BODIES)
def test_a_body_that_is_no_form_is_refused_in_words(app, visitor, body):
    before = stored(app)
    content_type, data = ODD_BODIES[body]
    of_round = (visitor.base + path for path in ("/start", "/resume", "/you", "/send", "/language"))
    for address in ("/", "/sign-in", visitor.page.path, *of_round):
        reply = visitor.client.post(
            address, data=data, content_type=content_type, headers={"X-CSRFToken": visitor.token}
        )
        assert checked(reply).status == 415, address
    assert stored(app) == before


@on_sqlite
@pytest.mark.parametrize(
    ("path", "name"), [("/", "code"), ("/resume", "words"), ("/sign-in", "email")]
)
def test_a_file_in_the_place_of_words_is_refused(app, visitor, path, name):
    address = visitor.base + path if path == "/resume" else path
    head = f'Content-Disposition: form-data; name="{name}"; filename="a.txt"'
    body = f"--x\r\n{head}\r\n\r\nabc\r\n--x--\r\n".encode()
    reply = visitor.client.post(
        address,
        data=body,
        content_type="multipart/form-data; boundary=x",
        headers={"X-CSRFToken": visitor.token},
    )
    assert checked(reply).status == 400


@on_sqlite
@pytest.mark.parametrize("before", [DEEP, '{"A":' * 3000, "1" * 9000])
def test_a_note_of_what_was_shown_may_be_nested_as_deep_as_it_likes(app, visitor, before):
    name = visitor.page.fields()[1]
    page = visitor.send_page({name: "3"}, before=before, go="stay")
    assert page.status == 200
    assert stored(app)[0][0][name.removeprefix("item-")] == 3


@pytest.mark.parametrize(
    ("path", "name"),
    [("/sign-in", "email"), ("/resume", "words"), ("/you", "role")],
)
def test_a_zero_byte_in_a_field_is_refused(app, visitor, path, name):
    address = path if path == "/sign-in" else visitor.base + path
    reply = visitor.client.post(address, data={"csrf_token": visitor.token, name: "a\0b@c.example"})
    assert checked(reply).status == 400


@pytest.mark.parametrize("path", ["/r/%00", "/r/a%00b/go", "/i/%00", "/c/%00", "/r/%ff", "/i/%ff"])
def test_a_zero_byte_in_an_address_is_not_found(client, path):
    assert checked(client.get(path)).status == 404


def test_a_thousand_fields_and_more_are_refused(app, visitor):
    before = stored(app)
    many = {f"item-{number}": "1" for number in range(2000)}
    reply = visitor.client.post(visitor.page.path, data={"csrf_token": visitor.token, **many})
    assert checked(reply).status in (400, 413)
    assert stored(app) == before


@pytest.mark.parametrize("name", ["resume_words", "invitation", "entry_code", "language"])
def test_whatever_a_cookie_holds_the_page_is_shown(app, name):
    visitor = Visitor(app, open_app_round(app, mode="confidential"))
    odd = ("\x01", "é" * 500, "a" * 4000, "a;b", '"', "%00", '"\\000"', "a.1", ".", "\u2603")
    for value in odd:
        visitor.client.set_cookie(name, value, path=visitor.base)
        assert visitor.get().status == 200
        assert visitor.get("/go").path.endswith("/resume")


# --- scanners and readers that change nothing ----------------------------------------------------


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "GET"])
def test_no_way_of_asking_for_a_page_changes_anything(app, method):
    link = open_app_round(app, instrument=NO_ROLES, mode="confidential")
    token = invite(app, link)
    visitor = Visitor(app, link)
    visitor.open_link(token)
    visitor.start()
    visitor.send_page({visitor.page.fields()[0]: "2"}, go="stay")

    def everything():
        with app.app_context():
            tables = (Draft.__table__, Round.__table__)
            return [db.session.execute(sa.select(table)).all() for table in tables]

    before = everything()
    paths = ["", "/go", "/review", "/send", "/start", "/withdraw", "/leave", "/thanks", "/language"]
    for path in (f"/i/{token}", *(visitor.base + path for path in paths)):
        status = visitor.client.open(path, method=method).status_code
        assert status in (200, 303, 405), path
    assert everything() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_ways_of_sending_are_refused_in_words(app, visitor, method):
    before = stored(app)
    assert checked(visitor.client.open(visitor.page.path, method=method)).status == 405
    assert stored(app) == before


# --- cookies -------------------------------------------------------------------------------------


def test_a_cookie_from_before_a_restart_goes_on_where_the_person_was(app, settings, visitor):
    name = visitor.page.fields()[1]
    again = create_app(settings)
    restarted = again.test_client()
    for cookie, path in (("session", "/"), ("resume_words", visitor.base)):
        value = visitor.client.get_cookie(cookie, path=path).value
        restarted.set_cookie(cookie, value, path=path)
    visitor.client = restarted
    page = visitor.send_page({name: "4"}, go="stay")
    assert (page.status, page.checked()[name]) == (200, "4")
    with again.app_context():
        db.engine.dispose()


def test_after_a_change_of_the_secret_key_the_page_is_asked_for_once_more(app, settings, visitor):
    """The one that signs forms: the words, under the other key, still lead to the draft."""
    name = visitor.page.fields()[1]
    again = create_app(settings.model_copy(update={"secret_key": "another secret key"}))
    kept = {
        cookie: visitor.client.get_cookie(cookie, path=path).value
        for cookie, path in (("session", "/"), ("resume_words", visitor.base))
    }
    visitor.client = again.test_client()
    for cookie, value in kept.items():
        visitor.client.set_cookie(cookie, value, path="/" if cookie == "session" else visitor.base)
    page = visitor.send_page({name: "4"}, go="stay")
    assert (page.status, page.checked()[name]) == (422, "4")
    assert visitor.send_page({name: "4"}, go="stay").status == 200
    with again.app_context():
        db.engine.dispose()


def test_a_round_that_closed_takes_its_cookies_off_the_device(app, visitor):
    with app.app_context():
        begin_writing(db.session)
        round_ = db.session.scalars(sa.select(Round)).one()
        rounds.close(db.session, round_, by=None, now=datetime.now(UTC))
        db.session.commit()
    visitor.client.set_cookie("entry_code", "bcdfgh", path=visitor.base)
    page = visitor.get("/review")
    assert (page.status, page.heading) == (200, "This survey has closed")
    for name in ("resume_words", "invitation", "entry_code"):
        assert visitor.client.get_cookie(name, path=visitor.base) is None


def test_what_is_sent_to_the_script_is_kept_nowhere_either(visitor):
    reply = visitor.client.post(
        visitor.page.path,
        data={"csrf_token": visitor.token, "revision": "0"},
        headers={"Accept": "application/json"},
    )
    assert (reply.status_code, reply.headers["Cache-Control"]) == (409, "no-store")


# --- clocks --------------------------------------------------------------------------------------


def test_a_clock_that_goes_back_opens_no_closed_round(app, visitor):
    """Two servers whose clocks differ, or one whose clock was put back by a week."""
    with app.app_context():
        begin_writing(db.session)
        round_ = db.session.scalars(sa.select(Round)).one()
        rounds.close(db.session, round_, by=None, now=datetime.now(UTC) + timedelta(days=7))
        db.session.commit()
    page = visitor.send_page({visitor.page.fields()[1]: "4"}, go="stay")
    assert (page.status, page.heading) == (409, "This survey has closed")


def test_a_round_whose_time_is_up_takes_nothing_and_keeps_its_drafts_until_it_is_closed(
    app, visitor
):
    """Between the hour and the worker's sweep; a server whose clock is ahead loses nothing."""
    with app.app_context():
        round_ = db.session.scalars(sa.select(Round)).one()
        round_.closes_at = datetime.now(UTC) - timedelta(seconds=1)
        db.session.commit()
    before = stored(app)
    late = visitor.send_page({visitor.page.fields()[1]: "4"}, go="stay")
    assert (late.status, late.heading) == (409, "This survey has closed")
    assert visitor.post("/send").status == 409
    assert stored(app) == before
    assert visitor.cookie() is not None
    with app.app_context():
        round_ = db.session.scalars(sa.select(Round)).one()
        round_.closes_at = datetime.now(UTC) + timedelta(days=1)
        db.session.commit()
    assert visitor.get("/go").status == 200


# --- races ---------------------------------------------------------------------------------------


def together(*works) -> None:
    """Run all at the same moment, in threads."""
    start = threading.Barrier(len(works))
    problems = []

    def run(work):
        start.wait()
        try:
            work()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def close(app) -> None:
    with app.app_context():
        begin_writing(db.session)
        round_ = db.session.scalars(sa.select(Round)).one()
        rounds.close(db.session, round_, by=None, now=datetime.now(UTC))
        db.session.commit()


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_sends_that_race_a_close_what_was_thanked_for_is_counted(app, visitor, attempt):
    """And nothing else: who was told that the survey has closed is not in its responses."""
    name = visitor.page.fields()[1]
    section = visitor.page.path
    other = Visitor(app, visitor.base.removeprefix("/r/"))
    other.start()
    other.send_page({name: "3"}, go="stay")
    said = {}

    def send(who, key):
        reply = who.client.post(f"{who.base}/send", data={"csrf_token": who.token})
        said[key] = reply.status_code

    def save():
        data = {"csrf_token": visitor.token, name: "5", "go": "stay"}
        said["save"] = visitor.client.post(section, data=data).status_code

    def begin():
        late = Visitor(app, visitor.base.removeprefix("/r/"))
        page = late.get()
        if 'name="csrf_token"' in page.html and "/start" in page.html:
            late.post("/start")
            said["begin"] = late.page.status

    twin = app.test_client()
    for cookie, path in (("session", "/"), ("resume_words", visitor.base)):
        twin.set_cookie(cookie, visitor.client.get_cookie(cookie, path=path).value, path=path)

    def send_again():
        said["again"] = twin.post(
            f"{visitor.base}/send", data={"csrf_token": visitor.token}
        ).status_code

    together(
        lambda: send(visitor, "first"),
        send_again,
        lambda: send(other, "other"),
        begin,
        lambda: close(app),
    )
    assert set(said.values()) <= {200, 303, 409}
    with app.app_context():
        born = [answers for (answers,) in db.session.execute(sa.select(Response.answers))]
        assert db.session.scalars(sa.select(Draft)).all() == []
    first = 303 in (said["first"], said["again"])
    assert len(born) == first + (said["other"] == 303)
    assert visitor.get("/thanks").heading == "This survey has closed"


@pytest.mark.parametrize("attempt", range(3))
def test_a_save_and_a_withdrawal_that_race_a_close_do_what_they_were_answered(
    app, visitor, attempt
):
    first, name = (each.removeprefix("item-") for each in visitor.page.fields()[:2])
    visitor.post("/send")
    visitor.get("/withdraw")
    leaver = Visitor(app, visitor.base.removeprefix("/r/"))
    leaver.start()
    leaver.send_page({leaver.page.fields()[0]: "1"}, go="stay")
    leaver.post("/send")
    section = f"{visitor.base}/s/{section_of(app, visitor)}"
    said = {}

    def save():
        data = {"csrf_token": visitor.token, f"item-{name}": "5", "go": "stay"}
        said["save"] = visitor.client.post(section, data=data).status_code

    def withdraw():
        data = {"csrf_token": leaver.token}
        reply = leaver.client.post(f"{leaver.base}/withdraw", data=data)
        said["withdraw"] = reply.status_code

    together(save, withdraw, lambda: close(app))
    assert set(said.values()) <= {303, 409}
    with app.app_context():
        born = [answers for (answers,) in db.session.execute(sa.select(Response.answers))]
    mine = [answers for answers in born if answers[first] == 2]
    assert mine == [{first: 2, name: 5} if said["save"] == 303 else {first: 2}]
    assert len(born) == 1 + (said["withdraw"] == 409)


def section_of(app, visitor) -> str:
    from survey.services import answers

    with app.app_context():
        round_ = db.session.scalars(sa.select(Round)).one()
        draft = db.session.scalars(sa.select(Draft)).first()
        return answers.pages(round_, draft)[0].section


@pytest.mark.parametrize("attempt", range(2))
def test_two_devices_that_begin_with_one_link_at_once_make_one_draft(app, attempt):
    link = open_app_round(app, instrument=NO_ROLES, mode="confidential")
    token = invite(app, link)
    devices = [Visitor(app, link) for _ in range(4)]
    for device in devices:
        device.open_link(token)
    said = []

    def begin(device):
        data = {"csrf_token": device.token}
        reply = device.client.post(f"{device.base}/start", data=data)
        said.append((reply.status_code, reply.headers["Location"]))

    together(*(lambda device=device: begin(device) for device in devices))
    assert {status for status, _ in said} == {303}
    assert len(stored(app)) == 1
    holders = [device for device in devices if device.get("/go").fields()]
    assert len(holders) == 1


# --- what logs hold ------------------------------------------------------------------------------


def test_nothing_that_was_sent_in_an_odd_way_reaches_a_log(app, visitor, caplog):
    caplog.set_level(logging.DEBUG)
    secret = "albatross"
    visitor.client.post(f"/?{secret}", data=json.dumps([secret]), content_type="application/json")
    visitor.client.post(visitor.page.path, data={"csrf_token": secret, secret: secret})
    visitor.client.get(f"/i/{secret}")
    visitor.client.get(f"/c/{secret}")
    visitor.client.get(f"/r/{secret}%00")
    visitor.client.get(f"/lead/rounds/{secret}%00")
    assert secret not in caplog.text


def test_a_leaders_pages_take_no_odd_body_either(app):
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        rooms.account(session, trust, email="leader@trust.example")
        round_id = rooms.round_(session, trust).round_id
    client = app.test_client()
    token = rooms.token(client.get("/sign-in"))
    rooms.sign_in(client, "leader@trust.example")
    for action in ("results", "mode", "languages", "close"):
        reply = client.post(
            f"/lead/rounds/{round_id}/{action}",
            data=b"[1]",
            content_type="application/json",
            headers={"X-CSRFToken": token},
        )
        assert checked(reply).status == 415
    assert checked(client.get("/lead/rounds/%00")).status == 404
