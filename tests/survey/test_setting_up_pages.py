"""The pages on which a round is set up."""

import pytest
import sqlalchemy as sa

from survey.models import Round
from survey.services import drafts
from tests.survey import rooms
from tests.survey import setup_kit as kit
from tests.survey.respond_kit import Page as Seen
from tests.survey.respond_kit import check_page

STEPS = ("basics", "parts", "words", "facts", "rules", "shown", "ready")


@pytest.fixture
def leader(app, client):
    with rooms.store(app) as session:
        kit.organisation(session, rooms.NOW)
    rooms.sign_in(client, kit.LEADER)
    return client


@pytest.fixture
def round_id(app, leader):
    with rooms.store(app) as session:
        trust = session.scalars(sa.select(kit.Organisation)).one()
        return kit.begin(session, trust, rooms.NOW, **kit.opens_soon()).round_id


@pytest.fixture
def setup(round_id):
    return f"/lead/rounds/{round_id}/setup"


def get(leader, path):
    """A page that holds what holds for every page."""
    reply = leader.get(path)
    assert reply.status_code == 200, path
    check_page(Seen(200, path, reply.text, dict(reply.headers)))
    return reply


def send(leader, path, **fields):
    return leader.post(path, data={**rooms.form(get(leader, path)), **fields})


def the_round(app) -> Round:
    with rooms.store(app) as session:
        found = session.scalars(sa.select(Round)).one()
        session.expunge(found)
        return found


def list_staff(app):
    with rooms.store(app) as session:
        kit.list_staff(session, session.scalars(sa.select(Round)).one())


def test_a_round_begins_with_its_basics_and_shows_its_steps(app, leader):
    days = {name: day.isoformat() for name, day in kit.opens_soon().items()}
    fields = {"name": "May", "mode": "anonymous", **days}
    reply = send(leader, "/lead/rounds/new", **fields, opens_time="08:00", closes_time="17:00")
    assert reply.status_code == 303
    page = get(leader, reply.headers["Location"])
    words = rooms.words(page)
    assert "08:00 (London time)" in words
    assert "Nobody is listed yet: say which schools are asked." in words
    assert "Until then every link to the round says that it is not open yet." in words
    assert "Being set up" in rooms.words(get(leader, "/lead/"))
    assert the_round(app).ready_at is None


def test_what_was_typed_stays_in_a_new_round_that_was_refused(leader):
    fields = {"name": "May {x}", "opens_on": "4 May", "opens_time": "25:99", "form": "short"}
    reply = send(leader, "/lead/rounds/new", **fields)
    assert reply.status_code == 422
    found = rooms.form(reply)
    assert (found["name"], found["opens_on"], found["form"]) == ("May {x}", "4 May", "short")
    words = rooms.words(reply)
    assert "Opens on: Give a day, such as 4 May 2026." in words
    assert "Opens at: Give a time, such as 08:00." in words
    assert "Name: Leave out the braces" in words


@pytest.mark.parametrize("step", STEPS)
def test_each_step_has_a_page(leader, setup, step):
    page = get(leader, f"{setup}/{step}")
    assert "Setting up: May" in page.text


def test_a_leader_goes_from_step_to_step_to_a_ready_round(app, leader, setup, round_id):
    reply = send(leader, f"{setup}/basics", name="June")
    assert reply.headers["Location"] == f"/lead/rounds/{round_id}/roster"
    reply = send(leader, f"{setup}/parts", modules=["remembered"])
    assert reply.headers["Location"] == f"{setup}/words"
    assert send(leader, f"{setup}/words", hub="the hub").status_code == 422
    tried = send(leader, f"{setup}/words", before="the inspection", do="try")
    assert "at the time of the inspection?" in rooms.words(tried)
    assert "before" not in the_round(app).placeholders
    reply = send(leader, f"{setup}/words", before="the inspection", hub="the hub")
    assert reply.headers["Location"] == f"{setup}/facts"
    reply = send(leader, f"{setup}/facts", **{"schools now": "12"})
    assert reply.headers["Location"] == f"{setup}/rules"
    assert send(leader, f"{setup}/rules", CUR="4", do="list").headers["Location"] == setup
    reply = leader.post(f"{setup}/ready", data=rooms.form(get(leader, f"{setup}/rules")))
    assert reply.status_code == 409
    assert the_round(app).ready_at is None
    list_staff(app)
    assert send(leader, f"{setup}/ready").headers["Location"] == setup
    found = the_round(app)
    assert found.ready_at is not None
    assert (found.name, found.modules) == ("June", ["preferred", "remembered"])
    assert (found.placeholders["before"], found.placeholders["hub"]) == (
        "the inspection",
        "the hub",
    )
    assert (found.admin, found.formal) == ({"schools now": "12"}, {"CUR": 4})


def test_boxes_that_are_not_ticked_take_a_part_out(app, leader, setup):
    send(leader, f"{setup}/parts", modules=["remembered", "focus"])
    form = rooms.form(get(leader, f"{setup}/parts"))
    assert form.pop("modules") == ["remembered", "focus"]
    leader.post(f"{setup}/parts", data=form)
    assert the_round(app).modules == ["preferred"]


def test_schools_by_name_and_the_cases_are_off_until_somebody_ticks_them(app, leader, setup):
    form = rooms.form(get(leader, f"{setup}/shown"))
    assert not {"schools_named", "silhouettes"} & set(form)
    assert "Schools under letters" in rooms.words(get(leader, setup))
    send(leader, f"{setup}/shown", schools_named="y", silhouettes="y")
    found = the_round(app)
    assert (found.schools_named, found.silhouettes) == (True, True)
    assert "Schools by name · the cases of the chapter" in rooms.words(get(leader, setup))
    form = rooms.form(get(leader, f"{setup}/shown"))
    del form["silhouettes"]
    leader.post(f"{setup}/shown", data=form)
    found = the_round(app)
    assert (found.schools_named, found.silhouettes) == (True, False)


def test_two_leaders_who_edit_one_round_lose_nothing(app, leader, setup):
    mine = rooms.form(get(leader, f"{setup}/words"))
    send(leader, f"{setup}/words", hub="the hub", threat="a merger")
    reply = leader.post(f"{setup}/words", data={**mine, "hub": "the core team"})
    assert reply.status_code == 409
    check_page(Seen(409, setup, reply.text, dict(reply.headers)))
    words = rooms.words(reply)
    assert "Saved meanwhile: the hub Typed by you: the core team" in words
    assert "Saved meanwhile: a merger You had not changed it." in words
    assert the_round(app).placeholders["hub"] == "the hub"
    again = rooms.form(reply)
    assert (again["hub"], again["threat"]) == ("the core team", "a merger")
    assert leader.post(f"{setup}/words", data=again).status_code == 303
    saved = the_round(app).placeholders
    assert (saved["hub"], saved["threat"]) == ("the core team", "a merger")


def test_who_edits_another_step_is_in_nobodys_way(app, leader, setup):
    mine = rooms.form(get(leader, f"{setup}/facts"))
    send(leader, f"{setup}/words", hub="the hub")
    assert leader.post(f"{setup}/facts", data={**mine, "budget": "1"}).status_code == 303
    assert the_round(app).placeholders["hub"] == "the hub"


def test_a_choice_that_somebody_else_changed_is_shown_by_its_name(app, leader, setup):
    mine = rooms.form(get(leader, f"{setup}/rules"))
    send(leader, f"{setup}/rules", CUR="5")
    reply = leader.post(f"{setup}/rules", data={**mine, "CUR": "1"})
    assert reply.status_code == 409
    assert "Saved meanwhile: One way Typed by you: On our own" in rooms.words(reply)


def test_nobody_says_ready_to_a_round_that_has_changed_meanwhile(app, leader, setup):
    list_staff(app)
    seen = rooms.form(get(leader, f"{setup}/ready"))
    send(leader, f"{setup}/words", hub="the hub")
    reply = leader.post(f"{setup}/ready", data=seen)
    assert reply.status_code == 409
    assert "Somebody else has changed this round meanwhile" in rooms.words(reply)
    assert the_round(app).ready_at is None
    assert leader.post(f"{setup}/ready", data=rooms.form(reply)).status_code == 303


def test_the_link_of_a_round_that_is_not_ready_says_that_it_is_not_open(app, leader, setup):
    link = the_round(app).link
    page = get(leader, f"/r/{link}")
    assert "It is still being prepared." in rooms.words(page)
    assert app.test_client().get(f"/r/{link}/s/x").status_code == 200
    assert "being prepared" in app.test_client().get(f"/r/{link}/s/x").text


def test_a_ready_round_is_taken_back_and_its_locked_steps_say_why(app, leader, setup):
    list_staff(app)
    send(leader, f"{setup}/ready")
    for step in ("parts", "words"):
        page = get(leader, f"{setup}/{step}")
        assert "The round is ready, and this stays as it is." in rooms.words(page)
        assert 'value="on"' not in page.text
    locked = rooms.form(get(leader, f"{setup}/basics"))
    assert "form" not in locked
    assert "closes_on" in locked
    page = get(leader, f"{setup}/ready")
    form = {"csrf_token": rooms.token(page)}
    assert leader.post(f"{setup}/take-back", data=form).headers["Location"] == setup
    assert the_round(app).ready_at is None
    assert rooms.form(get(leader, f"{setup}/basics"))["form"] == "full"


def test_the_pages_of_a_round_that_is_being_set_up_lead_to_its_steps(leader, setup, round_id):
    for path in (f"/lead/rounds/{round_id}", f"/lead/rounds/{round_id}/close"):
        assert leader.get(path).headers["Location"] == setup


def test_no_page_tells_when_somebody_began_but_taking_back_is_refused(app, leader, setup):
    list_staff(app)
    send(leader, f"{setup}/ready")
    get(leader, setup)  # what was just done is said once
    pages = ("", "/basics", "/words", "/ready")
    before = [rooms.words(get(leader, f"{setup}{path}")) for path in pages]
    with rooms.store(app) as session:
        round_ = session.scalars(sa.select(Round)).one()
        drafts.begin(session, round_, respondent_key="key", now=round_.opens_at)
    assert [rooms.words(get(leader, f"{setup}{path}")) for path in pages] == before
    form = {"csrf_token": rooms.token(leader.get(f"{setup}/ready"))}
    leader.post(f"{setup}/take-back", data=form)
    assert "Somebody has begun to answer." in rooms.words(leader.get(setup))
    assert the_round(app).ready_at is not None
    reply = send(leader, f"{setup}/basics", mode="confidential")
    assert reply.status_code == 422
    assert "How staff get in: Somebody has begun to answer." in rooms.words(reply)
