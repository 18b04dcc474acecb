"""A leader looks at the pages that staff will see: the same pages, and nothing is written."""

import re

import pytest
import sqlalchemy as sa

from survey.database import Base
from survey.models import Round
from tests.survey import rooms
from tests.survey import setup_kit as kit
from tests.survey.respond_kit import Page, Visitor, check_page


@pytest.fixture
def leader(app, client):
    with rooms.store(app) as session:
        kit.organisation(session, rooms.NOW)
    rooms.sign_in(client, kit.LEADER)
    return client


@pytest.fixture
def round_id(app, leader):
    """A round that is being set up, with a roster."""
    with rooms.store(app) as session:
        trust = session.scalars(sa.select(kit.Organisation)).one()
        round_ = kit.begin(session, trust, rooms.NOW, **kit.opens_soon())
        kit.list_staff(session, round_)
        return round_.round_id


@pytest.fixture
def base(round_id):
    return f"/lead/rounds/{round_id}/preview"


def open_now(app, round_id):
    """The round as staff find it."""
    with rooms.store(app) as session:
        round_ = session.get(Round, round_id)
        round_.ready_at, round_.opens_at = rooms.NOW, rooms.NOW
        return round_.link


def rows(app) -> dict[str, list]:
    with app.app_context(), rooms.db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table)).all()))
            for table in Base.metadata.sorted_tables
        }


def walk(leader, start, *, go="on"):
    """Every page from this one on, by the form's button or the bar's link."""
    seen, path = [], start
    token = rooms.token(leader.get("/lead/organisation"))
    while path not in [known for known, _ in seen]:
        reply = leader.get(path)
        assert reply.status_code == 200, path
        check_page(Page(200, path, reply.text, dict(reply.headers)))
        seen.append((path, reply.text))
        path = leader.post(path, data={"csrf_token": token, "go": go}).headers["Location"]
    return seen


def main(html: str) -> str:
    """What stands in ``main``, without what differs from one person to the next."""
    found = html[html.index('<main id="main"') : html.index("</main>")]
    found = re.sub(r'<input[^>]* type="hidden"[^>]*>|<input type="hidden"[^>]*>', "", found)
    found = re.sub(r'(href|action|value)="[^"]*(?:/r/|/lead/)[^"]*"', r"\1", found)
    found = re.sub(r'data-draft="[^"]*"|<p class="resume-words".*?</p>', "", found)
    return re.sub(r"\s+", " ", found)


def test_the_list_says_how_long_each_role_takes(leader, base):
    page = leader.get(base)
    check_page(Page(200, base, page.text, dict(page.headers)))
    words = rooms.words(page)
    assert "Teaching or supporting pupils in one school" in words
    assert "Working in the central team" in words


@pytest.mark.parametrize("role", ["T", "H"])
def test_pages_are_those_that_a_person_of_the_role_sees(app, leader, round_id, base, role):
    previewed = {
        path.rpartition("/")[2]: html for path, html in walk(leader, f"{base}/en-GB/{role}/promise")
    }
    assert all("Nothing that you choose here is saved." in html for html in previewed.values())
    visitor = Visitor(app, open_now(app, round_id))
    assert main(visitor.get().html) == main(previewed["promise"])
    visitor.post("/start")
    assert main(visitor.page.html) == main(previewed["words"])
    page = visitor.get("/go")
    assert main(page.html) == main(previewed["you"])
    schools = re.findall(r'<option value="([^"]+)"', page.html)
    page, sections = visitor.say_role(role, "" if role == "H" else schools[0]), []
    while "/s/" in page.path:
        name = page.path.partition("/s/")[2]
        sections.append(f"section-{name}")
        if visitor.page.path.count("?") == 0:
            real, shown = main(page.html), main(previewed[f"section-{name}"])
            assert re.findall(r"<legend>.*?</legend>", real) == re.findall(
                r"<legend>.*?</legend>", shown
            )
            assert re.findall(r"<label.*?</label>", real) == re.findall(r"<label.*?</label>", shown)
            assert re.search(r"<h1>.*?</h1>", real)[0] == re.search(r"<h1>.*?</h1>", shown)[0]
        page = visitor.send_page({name: page.values(name)[0] for name in page.fields()})
    in_order = [name for name in previewed if name.startswith("section-")]
    assert sorted(sections) == sorted(in_order)
    page = visitor.post("/send")
    assert main(page.html) == main(previewed["thanks"])


def test_looking_and_pressing_every_button_writes_nothing(app, leader, base):
    before = rows(app)
    walk(leader, f"{base}/en-GB/T/promise")
    walk(leader, f"{base}/en-GB/T/thanks", go="back")
    assert rows(app) == before


def test_a_preview_keeps_to_itself(app, leader, base, round_id):
    for _, html in walk(leader, f"{base}/en-GB/B/promise"):
        body = html[html.index("<main") : html.index("</main>")]
        links = re.findall(r'(?:href|action)="(/[^"]*)"', body)
        assert [link for link in links if not link.startswith(base)] == []
        assert "answering.js" not in html
    with rooms.store(app) as session:
        round_ = session.get(Round, round_id)
        assert (
            f"/r/{round_.link}"
            not in leader.get(f"{base}/en-GB/B/who").text.partition("<footer")[0]
        )


def test_it_speaks_each_language_that_is_offered(app, leader, base, round_id):
    with rooms.store(app) as session:
        round_ = session.get(Round, round_id)
        round_.locales = ["en-GB", "en-US"]
    american = leader.get(f"{base}/en-US/T/promise").text
    assert '<html lang="en-US"' in american
    pressed = {
        "csrf_token": rooms.token(leader.get(f"{base}/en-GB/T/promise")),
        "language": "en-US",
    }
    reply = leader.post(f"{base}/en-GB/T/promise", data=pressed)
    assert reply.headers["Location"] == f"{base}/en-US/T/promise"


@pytest.mark.parametrize("path", ["/xx-YY/T/promise", "/en-GB/X/promise", "/en-GB/T/nowhere"])
def test_there_is_no_preview_of_what_there_is_not(leader, base, path):
    assert leader.get(base + path).status_code == 404


def test_questions_that_come_up_only_after_an_answer_are_shown_and_said_to_be(
    app, leader, base, round_id
):
    with rooms.store(app) as session:
        round_ = session.get(Round, round_id)
        round_.modules = ["preferred", "remembered"]
        round_.placeholders = {**round_.placeholders, "before": "the inspection"}
    said = [
        html
        for _, html in walk(leader, f"{base}/en-GB/T/promise")
        if "come up only after a certain answer" in html
    ]
    assert said
    assert any("Think back to the inspection" in html for html in said)


def test_a_confidential_round_is_shown_as_from_a_personal_link(app, leader, base, round_id):
    with rooms.store(app) as session:
        session.get(Round, round_id).mode = "confidential"
    page = rooms.words(leader.get(f"{base}/en-GB/T/promise"))
    assert "You were sent a link of your own" in page
    assert "I have read this. Start" in page
