"""Static files: kept by browsers for a year, and never those of another release."""

import re
from urllib.parse import urljoin

import pytest

from survey import static_files
from survey.static_files import FOLDER, TYPES

FILES = [path for path in sorted(FOLDER.rglob("*")) if path.is_file()]


def addresses(client) -> list[str]:
    return re.findall(
        r'<link rel="(?:preload|stylesheet|icon)" href="([^"]+)"', client.get("/").text
    )


def test_every_static_file_is_of_a_type_that_is_served():
    assert {path.suffix for path in FILES} <= set(TYPES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_served_under_this_releases_address(app, path):
    name = path.relative_to(FOLDER).as_posix()
    with app.test_request_context():
        address = app.url_for("static", filename=name)
    reply = app.test_client().get(address)
    assert reply.data == path.read_bytes()
    assert reply.mimetype == TYPES[path.suffix]
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in reply.headers


def test_a_page_names_its_files_under_one_address_that_tells_the_release(client):
    found = addresses(client)
    assert len(found) == 3
    assert len({re.match(r"/static/[0-9a-f]{12}/", address)[0] for address in found}) == 1


def test_the_font_is_loaded_ahead_under_the_address_that_the_style_sheet_asks_for(client):
    font, style_sheet = addresses(client)[:2]
    asked = re.findall(r'url\("([^"]+)"\)', client.get(style_sheet).text)
    assert [urljoin(style_sheet, address) for address in asked] == [font]


def test_a_page_of_another_release_gets_its_style_sheet_and_nobody_keeps_it(client):
    reply = client.get("/static/000000000000/midtier.css")
    assert reply.data == (FOLDER / "midtier.css").read_bytes()
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["nothing.css", "../settings.py", "..%2fsettings.py", "fonts", "fonts/", "/etc/passwd"]
)
def test_nothing_else_is_served(client, name):
    assert client.get(f"/static/000000000000/{name}").status_code in (308, 404)


def test_any_change_of_any_file_changes_the_address():
    files = {"a.css": b"one", "b.css": b"two"}
    changed = [
        {"a.css": b"One", "b.css": b"two"},
        {"a.css": b"one"},
        {"c.css": b"one", "b.css": b"two"},
    ]
    hashes = {static_files._hash_of(each) for each in (files, *changed)}
    assert len(hashes) == 4
