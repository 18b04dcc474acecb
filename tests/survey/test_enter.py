"""The ways in: the front page, codes from posters, personal links, and whoever guesses."""

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from survey import cookies, create_app
from survey.database import Base, begin_writing, db
from survey.models import EntryCode, GuessCount, Invitation, Round
from survey.services import guessing, rounds, sealing
from tests.survey.respond_kit import KEY, Page, Visitor, check_page, make_round

CODE = "k7mqzs"


@pytest.fixture
def link(app):
    """The link of an open anonymous round with a code on its centre's poster."""
    with app.app_context():
        round_ = make_round(db.session, now=datetime.now(UTC))
        db.session.add(EntryCode(code=CODE, round_id=round_.round_id))
        db.session.commit()
        return round_.link


def make_invited(app, *, now=None):
    """The link of a confidential round with one invitation, and the token of its personal link."""
    with app.app_context():
        round_ = make_round(db.session, now=now or datetime.now(UTC), mode="confidential")
        invitation = Invitation(round_id=round_.round_id, email="jo@trust.example", role="T")
        db.session.add(invitation)
        db.session.commit()
        token = sealing.invitation_token(KEY, invitation_id=invitation.invitation_id)
        return round_.link, token


@pytest.fixture
def invited(app):
    return make_invited(app)


def opened(reply) -> Page:
    """A page that holds what holds for every page."""
    html = reply.get_data(as_text=True)
    page = Page(reply.status_code, reply.request.path, html, dict(reply.headers))
    check_page(page)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    return page


def type_code(client, code, **more):
    return client.post("/", data={"code": code}, **more)


def contents(app):
    """Every row of every table."""
    with app.app_context():
        return {
            name: sorted(map(repr, db.session.execute(sa.select(table)).all()))
            for name, table in Base.metadata.tables.items()
        }


def counted(app):
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(GuessCount.failures), 0)))


def make_wait(app, *, addresses=("127.0.0.1",)):
    """Have so much guessed that these addresses wait for a full minute, to the test's end."""
    with app.app_context():
        begin_writing(db.session)
        for address in addresses:
            row = {"kind": "code", "group": guessing.group_of(KEY, address), "failures": 30}
            at = datetime.now(UTC) + timedelta(seconds=40)
            db.session.add(GuessCount(**row, failed_at=at))
        db.session.commit()


def cookie_of(reply) -> dict[str, str]:
    """The attributes of the one cookie that a reply sets."""
    (line,) = reply.headers.getlist("Set-Cookie")
    parts = dict(part.strip().partition("=")[::2] for part in line.split(";"))
    return parts


def unsealed(app, value):
    with app.app_context():
        return cookies.unsealed(value)


@pytest.mark.parametrize(("is_sealed", "is_chosen"), [(True, True), (False, False)])
def test_a_code_tried_in_a_cookie_tells_nothing(app, link, is_sealed, is_chosen):
    with app.app_context():
        round_ = db.session.scalars(sa.select(Round)).one()
        school = rounds.schools_of(db.session, round_)[0]
        db.session.add(
            EntryCode(code="bcdfgh", round_id=round_.round_id, school_id=school.school_id)
        )
        db.session.commit()
        value = cookies.sealed("bcdfgh") if is_sealed else "bcdfgh"
        option = f'value="{school.school_id}" selected'
    visitor = Visitor(app, link)
    visitor.client.set_cookie("entry_code", value, path=f"/r/{link}")
    visitor.start()
    assert (option in visitor.get("/you").html) is is_chosen


# ---- the front page ----


def test_the_front_page_takes_a_code_and_sets_no_cookie(client):
    reply = client.get("/")
    page = opened(reply)
    assert 'action="/" method="post"' in page.html
    assert page.status == 200
    assert "Sign in" in page.text
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("typed", [CODE, "K7M QZS", " k7m-qzs ", "K7M 0Z5"])
def test_a_typed_code_leads_to_its_round(app, client, link, typed):
    reply = type_code(client, typed)
    assert (reply.status_code, reply.headers["Location"]) == (303, f"/r/{link}")
    assert unsealed(app, client.get_cookie("entry_code", path=f"/r/{link}").value) == CODE
    assert counted(app) == 0


def test_whoever_comes_by_a_code_reads_the_promise(app, link):
    visitor = Visitor(app, link)
    type_code(visitor.client, CODE)
    assert visitor.get().heading == "Our promise to you"


def test_nothing_typed_is_said_at_the_field_and_not_counted(app, client):
    for typed in ("", "   "):
        page = opened(type_code(client, typed))
        assert page.status == 422
        assert page.title.startswith("Error:")
        assert '<a href="#code">Type the code that stands on your poster.</a>' in page.html
    assert opened(client.post("/")).status == 422
    assert counted(app) == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("k7mqzz", "k7mqzz"),
        (" k7m qz", "k7m qz"),
        ('"><b>&', "&#34;&gt;&lt;b&gt;&amp;"),
        ("k7m\0qz\r\n", "k7mqz"),
        ("é" * 9000, "é" * 40),
    ],
)
def test_a_wrong_code_keeps_what_was_typed_and_is_counted(app, client, link, typed, kept):
    page = opened(type_code(client, typed))
    assert page.status == 422
    assert "No survey has this code." in page.text
    assert re.search(r'<input[^>]* name="code"[^>]* value="([^"]*)"', page.html)[1] == kept
    assert counted(app) == 1


# ---- the picture on a poster ----


def test_the_picture_on_a_poster_leads_to_the_round_and_changes_nothing(app, client, link):
    before = contents(app)
    for open_ in (client.get, client.head):
        reply = open_(f"/c/{CODE}")
        assert (reply.status_code, reply.headers["Location"]) == (303, f"/r/{link}")
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert CODE not in reply.get_data(as_text=True)
    assert contents(app) == before


def test_the_cookie_of_a_code_goes_to_the_rounds_pages_alone_until_it_closes(app, client, link):
    cookie = cookie_of(client.get(f"/c/{CODE.upper()}"))
    assert unsealed(app, cookie["entry_code"]) == CODE
    assert (cookie["Path"], cookie["SameSite"]) == (f"/r/{link}", "Lax")
    assert "HttpOnly" in cookie
    assert "Secure" not in cookie
    with app.app_context():
        closes_at = db.session.scalars(sa.select(Round.closes_at)).one()
    left = (closes_at - datetime.now(UTC)).total_seconds()
    # a span decides, where there is one: the clock of the phone may be wrong
    assert abs(int(cookie["Max-Age"]) - left) < 60


def test_cookies_insist_on_tls_where_the_site_has_it(app, link, invited, settings):
    secure = create_app(settings.model_copy(update={"public_url": "https://survey.example.org"}))
    client = secure.test_client()
    for path in (f"/c/{CODE}", f"/i/{invited[1]}"):
        reply = client.get(path)
        assert "Secure" in cookie_of(reply)
        assert reply.headers["Strict-Transport-Security"] == "max-age=31536000"
    with secure.app_context():
        for engine in db.engines.values():
            engine.dispose()


def test_a_wrong_code_in_an_address_is_not_found_and_counted(app, client, link):
    page = opened(client.get("/c/zzzzzz"))
    assert page.status == 404
    assert 'value="zzzzzz"' in page.html
    client.head("/c/zzzzzz")
    assert counted(app) == 2


def test_the_code_of_a_closed_round_is_like_any_wrong_code(app, client, link):
    with app.app_context():
        begin_writing(db.session)
        round_ = db.session.scalars(sa.select(Round)).one()
        rounds.close(db.session, round_, by=None, now=datetime.now(UTC))
        db.session.commit()
    closed = client.get(f"/c/{CODE}").data
    assert closed.replace(CODE.encode(), b"zzzzzz") == client.get("/c/zzzzzz").data


# ---- guessing at speed ----


def test_the_seventh_wrong_code_in_a_row_is_not_looked_at(app, client, link):
    statuses = [type_code(client, "zzzzzz").status_code for _ in range(8)]
    assert statuses == [422] * 6 + [429] * 2
    assert counted(app) == 6


@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
def test_while_one_waits_a_right_and_a_wrong_code_get_the_same_bytes(app, client, link, method):
    make_wait(app)
    before = contents(app)

    def reply(code):
        if method == "POST":
            return type_code(client, code)
        return client.open(f"/c/{code}", method=method)

    right, wrong = reply(CODE), reply("zzzzzz")
    assert right.status_code == wrong.status_code == 429
    assert right.data.replace(CODE.encode(), b"zzzzzz") == wrong.data
    assert dict(right.headers) == dict(wrong.headers)
    assert right.headers["Retry-After"] == "60"
    assert contents(app) == before


def test_the_waiting_page_says_how_long_and_keeps_what_was_typed(app, client, link):
    make_wait(app)
    page = opened(type_code(client, "K7M QZS"))
    assert "Too many wrong codes were typed. Wait 60 seconds, then send your code again." in (
        page.text
    )
    assert 'value="K7M QZS"' in page.html
    assert page.title.startswith("Error:")


def test_who_guesses_holds_up_only_their_own_group_of_addresses(app, client, link):
    make_wait(app)
    mine = guessing.group_of(KEY, "127.0.0.1")
    other = next(
        address
        for address in (f"192.0.2.{n}" for n in range(1, 255))
        if guessing.group_of(KEY, address) != mine
    )
    reply = type_code(client, CODE, environ_base={"REMOTE_ADDR": other})
    assert reply.status_code == 303


def test_a_right_code_after_wrong_ones_writes_nothing(app, client, link):
    for _ in range(3):
        type_code(client, "zzzzzz")
    before = contents(app)
    assert type_code(client, CODE).status_code == 303
    assert contents(app) == before


def test_the_counter_holds_no_address(app, client, link):
    type_code(client, "zzzzzz", environ_base={"REMOTE_ADDR": "203.0.113.77"})
    assert "203.0.113.77" not in str(contents(app))


# ---- personal links ----


def test_a_personal_link_leads_to_its_round_with_the_token_in_a_cookie(app, client, invited):
    link, token = invited
    reply = client.get(f"/i/{token}")
    assert (reply.status_code, reply.headers["Location"]) == (303, f"/r/{link}")
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["Cache-Control"] == "no-store"
    assert token not in reply.get_data(as_text=True)
    cookie = cookie_of(reply)
    assert cookie["invitation"] == token
    assert (cookie["Path"], cookie["SameSite"]) == (f"/r/{link}", "Lax")
    assert "HttpOnly" in cookie
    assert "Secure" not in cookie
    assert client.get_cookie("invitation", path=f"/r/{link}").value == token


def test_a_mail_scanner_may_open_a_link_as_often_as_it_likes(app, client, invited):
    link, token = invited
    before = contents(app)
    scanner = app.test_client()
    for _ in range(100):
        assert scanner.get(f"/i/{token}").status_code == 303
        assert scanner.head(f"/i/{token}").status_code == 303
    assert contents(app) == before
    assert client.get(f"/i/{token}").headers["Location"] == f"/r/{link}"


def test_a_personal_link_leads_on_before_its_round_opens(app, client):
    link, token = make_invited(app, now=datetime.now(UTC) + timedelta(days=5))
    reply = client.get(f"/i/{token}", follow_redirects=True)
    assert reply.request.path == f"/r/{link}"
    assert opened(reply).heading == "This survey has not opened yet"


def test_every_link_that_leads_nowhere_gets_the_same_page(app, client, invited):
    token = invited[1]
    closed = make_invited(app)
    with app.app_context():
        begin_writing(db.session)
        round_ = rounds.by_link(db.session, closed[0])
        rounds.close(db.session, round_, by=None, now=datetime.now(UTC))
        db.session.commit()
    bad = {
        "forged": token[:-1] + ("a" if token[-1] != "a" else "b"),
        "forged id": ("0" if token[0] != "0" else "1") + token[1:],
        "truncated": token[:20],
        "cut by one": token[:-1],
        "nothing": "",
        "longer": token + "x",
        "under another key": sealing.invitation_token("another key", invitation_id=token[:16]),
        "never made": sealing.invitation_token(KEY, invitation_id="0" * 16),
        "closed": closed[1],
        "odd": "%00%ff%F0%9F%92%A9",
        "long": "a" * 5000,
    }
    pages = {}
    for name, wrong in bad.items():
        reply = client.get(f"/i/{wrong}")
        page = opened(reply)
        assert page.status == 404, name
        assert "Set-Cookie" not in page.headers, name
        assert client.head(f"/i/{wrong}").status_code == 404, name
        pages[name] = reply.data
    assert len(set(pages.values())) == 1
    assert "Copy the whole of it" in page.text
    assert "Answers that were sent are counted" in page.text


def test_a_link_that_leads_nowhere_writes_nothing(app, client, invited):
    before = contents(app)
    client.get(f"/i/{invited[1][:-1]}")
    assert contents(app) == before


# ---- logs ----


def test_no_token_code_or_address_reaches_a_log(app, client, link, invited, caplog):
    caplog.set_level(logging.DEBUG)
    token = invited[1]
    from_afar = {"environ_base": {"REMOTE_ADDR": "203.0.113.77"}}
    client.get(f"/i/{token}", **from_afar)
    client.get(f"/i/{token[:-1]}", **from_afar)
    client.get(f"/c/{CODE}", **from_afar)
    client.get("/c/zzzzzz", **from_afar)
    type_code(client, "yyyyyy", **from_afar)
    assert [r.getMessage() for r in caplog.records if r.name == "midtier.enter"] == [
        "refused: a personal link that leads to no round",
        "refused: a code that leads to no round",
        "refused: a code that leads to no round",
    ]
    for secret in (token, token[:-1], token[:16], CODE, "zzzzzz", "yyyyyy", "203.0.113.77"):
        assert secret not in caplog.text


@pytest.mark.own_database
def test_not_even_when_the_database_fails(app, client, link, invited, caplog):
    token = invited[1]
    app.testing = False
    with app.app_context():
        begin_writing(db.session)
        for table in ("bounce", "message", "invitation", "entry_code"):
            db.session.execute(sa.text(f"DROP TABLE {table}"))
        db.session.commit()
    for path in (f"/i/{token}", f"/c/{CODE}"):
        assert opened(client.get(path)).status == 500
    assert "Exception in enter.follow_invitation [GET]" in caplog.text
    assert "Exception in enter.follow_code [GET]" in caplog.text
    for secret in (token, token[:16], CODE):
        assert secret not in caplog.text
