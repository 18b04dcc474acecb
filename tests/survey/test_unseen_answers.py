"""Whoever opened a link first holds the words: they do not show what was answered without them."""

import re

import pytest
import sqlalchemy as sa

from instruments import registry
from survey.database import db
from survey.models import Draft, Round
from survey.services import rounds, sealing
from tests.survey.respond_kit import ROLES, Visitor, invite, open_app_round


@pytest.fixture
def link(app):
    return open_app_round(app, mode="confidential", modules=["remembered"])


@pytest.fixture
def token(app, link):
    return invite(app, link)


@pytest.fixture
def spy(app, link, token):
    """Somebody who read the mail and began with the link of another person, one answer given."""
    visitor = Visitor(app, link)
    visitor.open_link(token)
    visitor.words = visitor.start()
    with app.app_context():
        round_ = db.session.scalars(sa.select(Round)).one()
        school = rounds.schools_of(db.session, round_)[0].school_id
    visitor.say_role("T", school)
    visitor.send_page({visitor.page.fields()[0]: "1"}, go="stay")
    return visitor


@pytest.fixture
def person(app, link, token):
    """The person whose link it is, on a device of their own."""
    visitor = Visitor(app, link)
    visitor.open_link(token)
    return visitor


def stored(app) -> dict[str, object]:
    with app.app_context():
        return dict(db.session.scalars(sa.select(Draft)).one().answers)


def code_of(name: str) -> str:
    return name.removeprefix("item-")


def test_the_words_do_not_show_what_was_answered_with_the_link_alone(app, spy, person):
    section = person.get("/go").path.removeprefix(person.base)
    name = person.page.fields()[0]
    person.send_page({name: "4"}, go="stay")
    assert stored(app)[code_of(name)] == 4
    page = spy.get(section)
    assert name in page.fields()
    assert name not in page.checked()
    assert code_of(name) not in page.hidden()["before"]
    assert "Answered with your personal link alone, and not shown." in page.text


def test_a_script_of_a_device_with_the_words_is_not_told_either(app, spy, person):
    section = person.get("/go").path.removeprefix(person.base)
    name, other = person.page.fields()[:2]
    person.send_page({name: "4"}, go="stay")
    reply = spy.client.post(
        spy.base + section,
        data={"csrf_token": spy.token, "revision": "0", "go": "stay", other: "2"},
        headers={"Accept": "application/json"},
    )
    assert reply.status_code == 409
    assert name not in reply.json["answers"]


def test_with_the_words_one_may_answer_anew_or_take_back_what_is_not_shown(app, spy, person):
    section = person.get("/go").path.removeprefix(person.base)
    one, two = person.page.fields()[:2]
    person.send_page({one: "4", two: "4"}, go="stay")
    spy.get(section)
    page = spy.send_page({one: "2"}, go="stay")
    assert page.checked()[one] == "2"
    assert stored(app)[code_of(two)] == 4
    spy.send_page({}, clear=code_of(two))
    assert code_of(two) not in stored(app)
    assert "not shown" not in spy.page.text


def test_a_question_that_is_not_shown_is_not_asked_about_as_empty(app, spy, person):
    section = person.get("/go").path.removeprefix(person.base)
    person.send_page(dict.fromkeys(person.page.fields(), "3"), go="stay")
    spy.get(section)
    assert "asked=1" not in spy.send_page({}, insists=False, go="on").path


def test_a_section_that_tells_of_an_answer_comes_up_only_where_the_answer_may_be_shown(
    app, spy, person
):
    item = registry.load(ROLES).item("CTX_HERE")
    conditional = next(
        each.section
        for each in registry.load(ROLES).items
        if each.asked_if and each.asked_if.item == item.code
    )
    spy.get(f"/s/{item.section}")
    spy.send_page({f"item-{item.code}": "1"}, go="stay")
    assert f"/s/{conditional}" in spy.get("/review").html
    assert f"/s/{conditional}" not in person.get("/review").html
    assert person.get(f"/s/{conditional}").status == 404
    spy.get(f"/s/{item.section}")
    spy.send_page({}, clear=item.code)
    person.get(f"/s/{item.section}")
    person.send_page({f"item-{item.code}": "1"}, go="stay")
    assert stored(app)[item.code] == 1
    assert f"/s/{conditional}" not in spy.get("/review").html


def test_a_draft_in_which_nothing_is_saved_is_never_gone_on_with_by_the_link_alone(
    app, link, token, person
):
    """A person reads their words; meanwhile somebody begins with the same link."""
    person.start()
    other = Visitor(app, link)
    other.open_link(token)
    other.start()
    assert person.get("/go").path.endswith("/resume")
    assert "I have read this. Start" in person.get().html
    refused = person.post("/you", role="T", school="")
    assert refused.status == 403
    person.start()
    assert person.get("/go").path.endswith("/you")


def test_the_tag_on_a_page_leads_to_no_draft_without_the_servers_key(app, spy, person):
    page = person.get("/go")
    tag = re.search(r'data-draft="([^"]+)"', page.html)[1]
    with app.app_context():
        key = db.session.scalars(sa.select(Draft.key)).one()
    secret = app.extensions["midtier_settings"].respondent_key
    assert tag == sealing.draft_tag(secret, key=key)
    assert tag != sealing.draft_tag("another key", key=key)


@pytest.mark.parametrize("change", [lambda kept: kept.rpartition(".")[0], lambda kept: kept + "0"])
def test_words_in_a_cookie_are_looked_at_only_if_this_server_put_them_there(spy, change):
    kept = spy.cookie()
    assert spy.get("/review").path.endswith("/review")
    spy.client.delete_cookie("invitation", path=spy.base)
    spy.client.set_cookie("resume_words", change(kept), path=spy.base)
    assert spy.get("/review").path.endswith("/resume")
    spy.client.set_cookie("resume_words", kept, path=spy.base)
    assert spy.get("/review").path.endswith("/review")


def test_words_typed_where_somebody_elses_link_was_opened_lead_to_ones_own_answers(app, link, spy):
    """A computer in the staff room: one person opened their link there, another types words."""
    shared = Visitor(app, link)
    shared.open_link(invite(app, link, email="colleague@example.org"))
    shared.get("/resume")
    page = shared.post("/resume", words=spy.words)
    assert "/s/" in page.path
    assert page.checked() != {}
