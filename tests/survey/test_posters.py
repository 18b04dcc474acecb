"""Posters and slips in the leader's room: codes by a button, documents by the worker."""

import io
import re
from datetime import UTC, datetime

import html5lib
import numpy as np
import pytest
import sqlalchemy as sa
import zxingcpp
from pypdf import PdfReader

from reports.charts import qr
from survey import worker
from survey.database import begin_writing, db
from survey.models import EntryCode, Report, Round, School
from survey.services import rounds
from tests.survey import rooms
from tests.survey.respond_kit import NO_ROLES, SCHOOLS, make_round

LEADER = "leader@trust.example"


def make_led_round(app, **changes):
    """A round of the kit, and its leader; returns its id."""
    with rooms.store(app) as session:
        round_ = make_round(session, now=datetime.now(UTC), **changes)
        rooms.account(session, round_.organisation, email=LEADER)
        return round_.round_id


@pytest.fixture
def round_id(app):
    return make_led_round(app)


def page_of(round_id):
    return f"/lead/rounds/{round_id}/posters"


def make(client, round_id):
    """Sign in, press the button, and open the posters."""
    rooms.sign_in(client, LEADER)
    sent = {"csrf_token": rooms.token(client.get(page_of(round_id)))}
    return client.post(page_of(round_id), data=sent, follow_redirects=True)


def codes(app):
    with app.app_context():
        return sorted(db.session.scalars(sa.select(EntryCode.code)))


def ask(client, round_id, kind):
    sent = {"csrf_token": rooms.token(client.get(page_of(round_id)))}
    return client.post(f"{page_of(round_id)}/{kind}", data=sent, follow_redirects=True)


def work(app):
    """What a worker does with everything that was asked for."""
    settings = app.extensions["midtier_settings"]
    with app.app_context():
        asked = db.session.scalars(sa.select(Report).where(Report.state == "asked")).all()
        for report_id, attempt in [(each.report_id, each.attempt) for each in asked]:
            result = worker.make_document(settings, db.engine, report_id, attempt)
            worker.record_result(db.engine, report_id, attempt, result, now=rooms.NOW)


def pages(client, round_id, kind):
    """The words of each page of a finished document."""
    reply = client.get(f"{page_of(round_id)}/{kind}.pdf")
    assert reply.status_code == 200
    found = PdfReader(io.BytesIO(reply.data)).pages
    return [re.sub(r"\s+", " ", page.extract_text()) for page in found]


def made(app, client, round_id, kind):
    make(client, round_id)
    ask(client, round_id, kind)
    work(app)
    return pages(client, round_id, kind)


def test_looking_makes_no_codes_the_button_does(app, client, round_id):
    rooms.sign_in(client, LEADER)
    page = client.get(page_of(round_id))
    assert "Make the codes" in rooms.words(page)
    assert codes(app) == []
    sent = {"csrf_token": rooms.token(page)}
    reply = client.post(page_of(round_id), data=sent)
    assert (reply.status_code, reply.headers["Location"]) == (303, page_of(round_id))
    assert len(codes(app)) == 3


def test_a_button_pressed_without_its_token_makes_nothing(app, client, round_id):
    rooms.sign_in(client, LEADER)
    assert client.post(page_of(round_id)).status_code == 400
    assert codes(app) == []


def test_pressing_the_button_twice_keeps_the_codes(app, client, round_id):
    rooms.sign_in(client, LEADER)
    sent = {"csrf_token": rooms.token(client.get(page_of(round_id)))}
    client.post(page_of(round_id), data=sent)
    first = codes(app)
    client.post(page_of(round_id), data=sent)
    assert codes(app) == first


def test_the_page_lists_each_place_with_its_code(app, client, round_id):
    page = make(client, round_id)
    html5lib.HTMLParser(strict=True).parse(page.text)
    assert len(re.findall(r"<h1[ >]", page.text)) == 1
    assert " style=" not in page.text
    found = re.findall(r'<th scope="row">(.*?)</th><td class="code">(.*?)</td>', page.text)
    assert [place for place, _ in found] == [*SCHOOLS, "The central team"]
    assert sorted(code.replace(" ", "").lower() for _, code in found) == codes(app)


@pytest.mark.parametrize("kind", ["posters", "slips"])
def test_each_place_has_its_own_sheet_in_one_document(app, client, round_id, kind):
    sheets = made(app, client, round_id, kind)
    places = [*SCHOOLS, "The central team"]
    assert len(sheets) == len(places)
    for sheet, place in zip(sheets, places, strict=True):
        assert place in sheet
        assert sum(other in sheet for other in places) == 1
        assert sum(f"{code[:3]} {code[3:]}".upper() in sheet for code in codes(app)) == 1
        assert "Taking part is your choice" in sheet
        assert "Simulated data" not in sheet


def test_a_poster_says_who_asks_until_when_how_long_and_that_one_may_choose(app, client, round_id):
    text = made(app, client, round_id, "posters")[0]
    for words in (
        "Harbour Reach Schools Trust",
        "It sees figures for groups of 10 or more people, and never any one person’s answers.",
        "Until ",
        "About 8 to 12 minutes",
        "127.0.0.1:8000",
    ):
        assert words in text


def test_a_poster_of_a_simulated_round_says_so(app, client):
    sheets = made(app, client, make_led_round(app, simulated=True), "posters")
    assert all("Simulated data" in sheet for sheet in sheets)


def test_posters_speak_the_words_of_the_rounds_country(app, client):
    closes_at = datetime(2126, 5, 23, tzinfo=UTC)
    round_id = make_led_round(app, locale="en-US", closes_at=closes_at)
    assert "Until May 22, 2126" in made(app, client, round_id, "posters")[0]
    assert '<html lang="en-GB" dir="ltr">' in client.get(page_of(round_id)).text


def test_a_round_without_schools_has_one_poster_for_all_staff(app, client):
    (sheet,) = made(app, client, make_led_round(app, instrument=NO_ROLES), "posters")
    assert "All staff" in sheet


def test_a_school_that_was_renamed_stands_on_new_posters(app, client, round_id):
    made(app, client, round_id, "posters")
    with rooms.store(app) as session:
        school = session.scalars(sa.select(School).where(School.name == SCHOOLS[0])).one()
        school.name = "Ashdown Academy"
    before = codes(app)
    assert "Make the posters again" in client.get(page_of(round_id)).text
    reply = ask(client, round_id, "posters")
    assert "The posters are being made." in reply.text
    work(app)
    assert "Ashdown Academy" in pages(client, round_id, "posters")[0]
    assert codes(app) == before


def test_without_codes_nothing_is_made_and_the_page_asks_for_them(app, client, round_id):
    rooms.sign_in(client, LEADER)
    assert "Make the codes" in ask(client, round_id, "posters").text
    work(app)
    with rooms.store(app) as session:
        report = session.scalars(sa.select(Report)).one()
        assert report.state == "failed"
        assert "make the codes first" in report.failure


def test_an_unknown_handout_is_not_there(app, client, round_id):
    make(client, round_id)
    assert client.get(f"{page_of(round_id)}/flyers.pdf").status_code == 404
    assert client.get(f"{page_of(round_id)}/slips.pdf").status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("closed", "This round has closed, and the codes of its posters are deleted."),
        ("confidential", "everybody on the staff list gets a link of their own"),
    ],
)
def test_other_rounds_send_the_leader_back_and_say_why(app, client, round_id, what, words, method):
    rooms.sign_in(client, LEADER)
    sent = {"csrf_token": rooms.token(client.get(page_of(round_id)))}
    with app.app_context():
        begin_writing(db.session)
        round_ = db.session.get(Round, round_id)
        if what == "closed":
            rounds.close(db.session, round_, by=None, now=datetime.now(UTC))
        else:
            rounds.set_mode(db.session, round_, "confidential", by=None, now=datetime.now(UTC))
        db.session.commit()
    page = client.open(
        page_of(round_id),
        method=method,
        data=sent if method == "POST" else None,
        follow_redirects=True,
    )
    assert page.request.path == f"/lead/rounds/{round_id}"
    assert words in rooms.words(page)
    assert "Posters and slips" not in rooms.words(page)
    assert codes(app) == []
    for kind in ("posters", "slips"):
        page = client.open(
            f"{page_of(round_id)}/{kind}" + (".pdf" if method == "GET" else ""),
            method=method,
            data=sent if method == "POST" else None,
            follow_redirects=True,
        )
        assert words in rooms.words(page)


def test_a_code_on_a_poster_leads_to_the_survey(app, client, round_id):
    shown = re.search(r'<td class="code">(.*?)</td>', make(client, round_id).text)[1]
    staff = app.test_client()
    page = staff.post("/", data={"code": shown}, follow_redirects=True)
    assert page.request.path.startswith("/r/")
    assert page.status_code == 200


# ---- the picture ----


def paint(svg, scale=8):
    """The picture's modules, as a reader's camera has them: 0 is black."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    picture = np.full((size, size), 255, dtype=np.uint8)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        picture[int(y), int(x) : int(x) + int(width)] = 0
    return picture.repeat(scale, axis=0).repeat(scale, axis=1)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8000/c/k7mqzs", "https://survey.a-long-name-of-a-trust.sch.uk/c/k7mqzs"],
)
def test_the_picture_leads_to_the_codes_address(address):
    (found,) = zxingcpp.read_barcodes(paint(qr.draw(address, title="A title")))
    assert found.text == address
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    assert found.ec_level in "MQH"


def test_the_picture_keeps_four_light_modules_around():
    picture = paint(qr.draw("http://127.0.0.1:8000/c/k7mqzs", title="A title"), scale=1)
    dark = np.argwhere(picture == 0)
    assert dark.min() == 4
    assert dark.max() == picture.shape[0] - 5


def test_the_picture_names_itself_and_carries_no_style():
    svg = qr.draw("http://127.0.0.1:8000/c/k7mqzs", title='A "title" <b>')
    assert svg.startswith('<svg class="qr" role="img"')
    assert "<title>A &#34;title&#34; &lt;b&gt;</title>" in svg
    assert "style" not in svg
