"""Staff are told in plain words, in either mode, what the documentation says."""

import importlib.util
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from survey.accessibility import PARTS, TESTED_ON
from survey.database import db
from survey.promise import PROMISES
from survey.promise_words import NAMED_SCHOOLS
from survey.services import rounds
from tests.survey.respond_kit import Visitor, invite, open_app_round

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def docs():
    spec = importlib.util.spec_from_file_location("docs", ROOT / "tools" / "docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["accessibility.md", "confidentiality.md", "roles.md"])
def test_the_documentation_holds_the_words_of_today(docs, name):
    page = ROOT / "docs" / name
    assert docs.page_with_words(page) == page.read_text("utf-8"), "run make docs"


def test_the_accessibility_statement_is_at_the_foot_of_each_page_and_says_all_of_it(client):
    front = client.get("/").text
    address = re.search(r'<footer.*?href="([^"]+)">Accessibility', front, re.S)[1]
    page = re.sub(r"\s+", " ", unescape(client.get(address).text))
    assert f"Last tested on {TESTED_ON.day} {TESTED_ON:%B %Y}" in page
    texts = [text for heading, *more in PARTS for text in (heading, *more[0], *more[1])]
    assert [text for text in texts if text not in page] == []


@pytest.mark.parametrize(
    ("who", "tells"),
    [
        ("", "Tell Harbour Reach, which asked you to answer."),
        ("Ms Okafor", "Tell Harbour Reach, which asked you to answer. You can ask: Ms Okafor."),
    ],
)
@pytest.mark.parametrize("days", [-1, 1], ids=["open", "not open yet"])
def test_in_a_round_the_statement_says_whom_to_tell_as_far_as_it_is_known(app, who, tells, days):
    opens = datetime.now(UTC) + timedelta(days=days)
    link = open_app_round(app, opens_at=opens, closes_at=opens + timedelta(days=9))
    with app.app_context():
        rounds.by_link(db.session, link).results_by = who
        db.session.commit()
    visitor = Visitor(app, link)
    address = re.search(r'<footer.*?href="([^"]+)">Accessibility', visitor.get().html, re.S)[1]
    assert address == f"/r/{link}/accessibility"
    page = unescape(visitor.get("/accessibility").text)
    assert f"{tells} Say on which page" in page
    assert "does not know who they are" not in page


@pytest.mark.parametrize("mode", PROMISES)
def test_the_first_page_says_all_of_its_modes_promise(app, docs, mode):
    promise, page = PROMISES[mode], words_of(Visitor(app, open_app_round(app, mode=mode)).get())
    texts = [promise.opening, *promise.sees, *promise.never_sees, *promise.limits]
    texts += [text for row in promise.kept for text in row]
    assert [text for text in texts if docs.plain(text, "Harbour Reach") not in page] == []


@pytest.mark.parametrize("mode", PROMISES)
def test_a_page_says_what_each_onlooker_can_learn(app, docs, mode):
    visitor = Visitor(app, open_app_round(app, mode=mode))
    page = words_of(visitor.get("/who"))
    for each in PROMISES[mode].onlookers:
        for text in (each.who, each.while_open, each.after_close):
            assert docs.plain(text, "Harbour Reach") in page


@pytest.mark.parametrize("mode", PROMISES)
def test_staff_are_told_that_schools_will_be_named_and_only_then(app, docs, mode):
    link = open_app_round(app, mode=mode)
    (said,) = [docs.plain(text, "Harbour Reach") for text in NAMED_SCHOOLS.sees]
    about = [docs.plain(each.after_close) for each in NAMED_SCHOOLS.onlookers]
    before = Visitor(app, link)
    assert said not in words_of(before.get())
    assert not [text for text in about if text in words_of(before.get("/who"))]
    with app.app_context():
        rounds.by_link(db.session, link).schools_named = True
        db.session.commit()
    after = Visitor(app, link)
    assert said in words_of(after.get())
    assert [text for text in about if text not in words_of(after.get("/who"))] == []


def words_of(page) -> str:
    main = page.html[page.html.index("<main") :]
    return re.sub(r"\s+", " ", unescape(re.sub(r"</?(strong|b)>", "", main)))


def test_there_are_five_onlookers_in_either_mode():
    assert [len(promise.onlookers) for promise in PROMISES.values()] == [5, 5]


def test_a_confidential_round_is_begun_with_a_personal_link_only(app):
    link = open_app_round(app, mode="confidential")
    stranger = Visitor(app, link)
    assert "open your personal link" in stranger.get().text
    assert "I have read this. Start" not in stranger.page.html
    guest = Visitor(app, link)
    guest.open_link(invite(app, link))
    assert "I have read this. Start" in guest.page.html
