"""Compression: of what, for whom, and what it must not give away."""

import gzip

import pytest
from flask import Response

from instruments import registry
from survey import create_app
from tests.survey.respond_kit import ROLES, Visitor, open_app_round

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def serve(settings):
    """Gives a client of an application with one more view, at /it."""

    def serve(view):
        app = create_app(settings)
        app.add_url_rule("/it", view_func=view)
        return app.test_client()

    return serve


def test_a_page_comes_compressed_and_says_the_same(client):
    plain, zipped = client.get("/"), client.get("/", headers=GZIP)
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert int(zipped.headers["Content-Length"]) == len(zipped.data) < len(plain.data) * 0.7


@pytest.mark.parametrize("accepted", [None, "", "br", "gzip;q=0, br", "identity"])
def test_a_browser_that_does_not_read_gzip_gets_the_page_plain(client, accepted):
    reply = client.get("/", headers={} if accepted is None else {"Accept-Encoding": accepted})
    assert "Content-Encoding" not in reply.headers
    assert reply.data.startswith(b"<!doctype html>")


def test_a_cache_on_the_way_is_told_that_there_are_two_forms(client):
    for headers in ({}, GZIP):
        assert "Accept-Encoding" in client.get("/", headers=headers).vary


def test_an_error_is_compressed_too_and_keeps_its_status(client):
    reply = client.get("/nowhere", headers=GZIP)
    assert (reply.status_code, reply.headers["Content-Encoding"]) == (404, "gzip")


def test_a_compressed_page_keeps_the_security_headers(client):
    reply = client.get("/", headers=GZIP)
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("mimetype", "expected"),
    [
        ("text/html", "gzip"),
        ("application/json", "gzip"),
        ("application/pdf", None),
        ("text/csv", None),
        ("font/woff2", None),
    ],
)
def test_only_text_for_browsers_is_compressed(serve, mimetype, expected):
    client = serve(lambda: Response(b"word " * 1000, mimetype=mimetype))
    reply = client.get("/it", headers=GZIP)
    assert reply.headers.get("Content-Encoding") == expected


def test_what_is_streamed_goes_on_its_way_piece_by_piece(serve):
    made = []

    def pieces():
        for number in range(3):
            made.append(number)
            yield b"piece " * 1000

    client = serve(lambda: Response(pieces(), mimetype="application/json"))
    reply = client.get("/it", headers=GZIP, buffered=False)
    assert "Content-Encoding" not in reply.headers
    assert made == [0]  # the client reads one piece to have the headers
    reply.close()


def test_what_fits_into_a_packet_stays_as_it_is(serve):
    client = serve(lambda: Response(b"x" * 999, mimetype="text/html"))
    assert "Content-Encoding" not in client.get("/it", headers=GZIP).headers


def test_the_length_of_a_compressed_page_says_little(client):
    lengths = {len(client.get("/", headers=GZIP).data) for _ in range(40)}
    assert len(lengths) > 10
    assert max(lengths) - min(lengths) <= 101


def test_the_page_for_signing_in_shows_its_address_and_is_not_compressed(client):
    reply = client.get("/sign-in?next=/lead/zebracrossing", headers=GZIP)
    assert b"zebracrossing" in reply.data
    assert "Content-Encoding" not in reply.headers


def test_no_page_of_those_who_answer_shows_anything_of_its_address(app):
    visitor = Visitor(app, open_app_round(app))
    word = "zebracrossing"
    names = ("next", "words", "role", "school", "go", "clear", "csrf_token", "item-SCF1", "lang")
    query = "?" + "&".join(f"{name}={word}" for name in names)
    seen = set()

    def look(*paths):
        for path in paths:
            page = visitor.get(path + query)
            assert word not in page.html, path
            seen.add(page.path.partition("?")[0].removeprefix(visitor.base))

    look("", "/no", "/resume", "/nowhere")
    visitor.get()
    visitor.post("/start")
    look("/words", "/you")
    visitor.get("/you")
    visitor.say_role(registry.load(ROLES).central_roles[0])
    look("", "/go", "/review", "/withdraw", f"/s/{word.removesuffix('crossing')}")
    assert {"", "/no", "/resume", "/words", "/you", "/review", "/withdraw"} <= seen
    assert any(path.startswith("/s/") for path in seen)
