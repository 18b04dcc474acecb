"""What was tampered with, forged or stale: refused in one clear line, nothing lost."""

import logging
import re

import pytest
import sqlalchemy as sa

from instruments import registry
from instruments.routing import shown
from survey.database import db
from survey.models import Draft, Round
from survey.services import rounds
from tests.survey.respond_kit import ROLES, Visitor, open_app_round


@pytest.fixture
def instrument():
    return registry.load(ROLES)


@pytest.fixture
def link(app):
    return open_app_round(app)


@pytest.fixture
def visitor(app, link, instrument):
    """A person who has begun, saved one answer on the first page, and has its second page open."""
    visitor = Visitor(app, link)
    visitor.words = visitor.start()
    with app.app_context():
        round_ = db.session.scalars(sa.select(Round)).one()
        school = rounds.schools_of(db.session, round_)[0].school_id
    visitor.say_role(instrument.roles[0], school)
    name = visitor.page.fields()[0]
    visitor.send_page({name: "2"}, go="on")
    visitor.saved = {name.removeprefix("item-"): 2}
    return visitor


def stored(app):
    with app.app_context():
        draft = db.session.scalars(sa.select(Draft)).one()
        return draft.answers, draft.revision


def hidden_item(instrument, section=None):
    """An item that the first role does not see, on a page that it does see."""
    sees = shown(instrument, role=instrument.roles[0], form="full")
    sections = {instrument.item(code).section for code in sees}
    return next(
        item.code
        for item in instrument.items
        if item.response and item.code not in sees and item.section in sections - {None}
    )


@pytest.mark.parametrize(
    "value", ["0", "6", "-1", "3.0", "ct", "CT ", "DNA", "", "<b>", "1" * 5000]
)
def test_an_option_that_does_not_exist_is_refused_whole(app, visitor, caplog, value):
    before = stored(app)
    one, two = visitor.page.fields()[:2]
    page = visitor.send_page({one: "3", two: value}, go="on")
    if value == "":  # as a browser sends a question that was left empty
        assert page.status == 200
        return
    assert page.status == 400
    assert page.title.startswith("Error:")
    assert "That answer is not one of the choices." in page.text
    assert "Nothing that was saved before is lost." in page.text
    assert stored(app) == before
    refusals = [r.getMessage() for r in caplog.records if r.name == "midtier.respond"]
    assert refusals == [
        f"refused: That answer is not one of the choices. (item {two.removeprefix('item-')})"
    ]


def test_an_item_of_another_role_is_refused_and_logged_without_its_answer(
    app, visitor, instrument, caplog
):
    before = stored(app)
    code = hidden_item(instrument)
    page = visitor.send_page({f"item-{code}": "4", visitor.page.fields()[0]: "3"}, go="on")
    assert page.status == 400
    assert "not on this page of your survey" in page.text
    assert stored(app) == before
    assert f"(item {code})" in caplog.text
    assert "4" not in re.sub(r"\(item \w+\)|\w+\.py:\d+", "", caplog.text)


def test_an_item_of_another_page_is_refused(app, visitor):
    before = stored(app)
    other = f"item-{next(iter(visitor.saved))}"
    assert visitor.send_page({other: "5"}, go="on").status == 400
    assert stored(app) == before


@pytest.mark.parametrize("name", ["item-NOPE", "role", "school_id", "sent", "answers", "item-"])
def test_an_unknown_field_is_refused_and_its_name_not_logged(app, visitor, caplog, name):
    before = stored(app)
    assert visitor.send_page({name: "5"}, go="on").status == 400
    assert stored(app) == before
    assert "(item unknown)" in caplog.text


def test_a_question_answered_twice_over_is_refused(app, visitor):
    before = stored(app)
    name = visitor.page.fields()[0]
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', visitor.page.html)[1]
    response = visitor.client.post(
        visitor.page.path, data={"csrf_token": token, name: ["1", "5"], "go": "on"}
    )
    assert response.status_code == 400
    assert stored(app) == before


def test_taking_back_an_item_of_another_page_is_refused(app, visitor):
    before = stored(app)
    assert visitor.send_page({}, clear=next(iter(visitor.saved))).status == 400
    assert stored(app) == before


def test_a_page_that_is_not_the_persons_is_refused(app, visitor, instrument):
    before = stored(app)
    assert visitor.post("/s/nowhere").status == 400
    assert stored(app) == before


def test_a_role_that_is_no_choice_is_refused(app, visitor):
    before = stored(app)
    visitor.get("/you")
    page = visitor.post("/you", role="Z", school="")
    assert page.status == 422
    assert "Choose one of the roles." in page.text
    page = visitor.post("/you", role="T", school="0" * 32)
    assert page.status == 422
    assert "Choose one of the schools." in page.text
    assert stored(app) == before


def test_wrong_words_are_refused_kindly_and_not_logged(app, visitor, link, caplog):
    before = stored(app)
    caplog.set_level(logging.DEBUG)
    other = Visitor(app, link)
    other.get("/resume")
    page = other.post("/resume", words="albatross-like pudding")
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert "No answers were found for these words" in page.text
    assert 'href="#words"' in page.html
    assert other.cookie() is None
    assert "albatross" not in caplog.text
    assert "refused: resume words that lead to no draft" in caplog.text
    assert stored(app) == before


@pytest.mark.parametrize("words", ["", " ", "x" * 5000, "--- ---", "\u2603"])
def test_words_that_cannot_be_words_are_refused(app, link, words):
    other = Visitor(app, link)
    other.get("/resume")
    assert other.post("/resume", words=words).status == 422


def test_words_of_another_round_lead_nowhere(app, visitor):
    other = Visitor(app, open_app_round(app))
    other.get("/resume")
    assert other.post("/resume", words=visitor.words).status == 422


@pytest.mark.parametrize("forged", ["one-two-three-four-five", "%00", "x" * 3000])
def test_a_forged_cookie_saves_nothing_and_shows_nothing(app, visitor, link, caplog, forged):
    before = stored(app)
    name, path = visitor.page.fields()[0], visitor.page.path
    visitor.client.set_cookie("resume_words", forged, path=visitor.base)
    page = visitor.send_page({name: "5"}, go="on")
    assert page.status == 403
    assert "type your resume words" in page.text
    assert forged not in caplog.text
    assert stored(app) == before
    page = visitor.get(path.removeprefix(visitor.base))
    assert page.path.endswith("/resume")
    assert page.checked() == {}


def test_a_stale_cookie_after_withdrawal_is_told_so(app, visitor, link):
    words = visitor.words
    visitor.get("/withdraw")
    visitor.post("/withdraw")
    visitor.client.set_cookie("resume_words", words.replace(" ", "-"), path=visitor.base)
    page = visitor.get("/go")
    assert "cannot be found" in page.text


def test_a_form_without_its_token_saves_nothing(app, visitor):
    before = stored(app)
    for path in ("/start", "/send", "/leave", "/withdraw", "/you", "/resume"):
        page = visitor.post(path, token="forged")
        assert page.status == 400
        assert "allow cookies for this site" in page.text
    assert stored(app) == before


def test_a_page_whose_token_the_browser_lost_is_shown_again_with_what_was_chosen(app, visitor):
    before = stored(app)
    name, path = visitor.page.fields()[0], visitor.page.path
    visitor.client.delete_cookie("session")
    page = visitor.send_page({name: "5"}, go="on")
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert page.checked() == {name: "5"}
    assert stored(app) == before
    assert page.path == path
    assert visitor.send_page({name: "5"}, go="on").status == 200
    assert stored(app)[0][name.removeprefix("item-")] == 5


def test_a_browser_that_keeps_no_cookies_is_told_in_one_sentence(app, link):
    first = Visitor(app, link)
    first.get()
    without = app.test_client(use_cookies=False)
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', first.page.html)[1]
    response = without.post(f"/r/{link}/start", data={"csrf_token": token})
    assert response.status_code == 400
    assert "allow cookies for this site" in response.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0


def test_a_token_is_still_good_after_a_long_lunch(app, visitor, monkeypatch):
    import time

    real = time.time
    name = visitor.page.fields()[0]
    monkeypatch.setattr(time, "time", lambda: real() + 20 * 3600)
    assert visitor.send_page({name: "5"}, go="on").status == 200
    assert name.removeprefix("item-") in stored(app)[0]


def test_too_much_at_once_is_refused(app, visitor):
    before = stored(app)
    page = visitor.send_page({visitor.page.fields()[0]: "1" * (2 * 1024 * 1024)}, go="on")
    assert page.status == 413
    assert stored(app) == before


def test_neither_addresses_nor_logs_nor_pages_hold_the_words(app, visitor, caplog):
    caplog.set_level(logging.DEBUG)
    seen = []
    for path in ("", "/go", "/you", "/review", "/resume", "/withdraw"):
        page = visitor.get(path)
        seen += [page.path, page.html]
    text = " ".join(seen) + caplog.text
    for form in (visitor.words, visitor.words.replace(" ", "-"), visitor.words.replace(" ", "")):
        assert form not in text


def test_answers_are_never_in_an_address(app, visitor):
    name = visitor.page.fields()[0]
    page = visitor.send_page({name: "5"}, go="on")
    assert "?" not in page.path
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
