"""What is saved, when, and whose save stands: with the page's script and without it."""

import json
import resource
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from survey.database import db
from survey.models import Draft, Round
from survey.services import rounds
from tests.survey.respond_kit import NO_ROLES, Visitor, open_app_round


@pytest.fixture
def link(app):
    return open_app_round(app, instrument=NO_ROLES)


@pytest.fixture
def visitor(app, link):
    found = Visitor(app, link)
    found.start()
    return found


def stored(app) -> dict:
    with app.app_context():
        return dict(db.session.scalars(sa.select(Draft)).one().answers)


class Script:
    """What the page's script does: it sends the page's form by itself, and reads JSON."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.address = visitor.page.path
        self.revision = visitor.page.hidden()["revision"]
        self.token = visitor.token

    def save(self, given: dict[str, str], **more):
        data = {"csrf_token": self.token, "revision": self.revision, "go": "stay"}
        response = self.visitor.client.post(
            self.address, data={**data, **given, **more}, headers={"Accept": "application/json"}
        )
        if response.status_code == 200:
            self.revision = str(response.json["revision"])
        return response


def test_the_script_saves_answer_by_answer(app, visitor):
    script = Script(visitor)
    first, second = visitor.page.fields()[:2]
    assert script.save({first: "2"}).json["next"] is None
    assert script.save({second: "5"}).status_code == 200
    assert stored(app) == {first.removeprefix("item-"): 2, second.removeprefix("item-"): 5}


def test_a_save_that_was_held_up_on_the_way_overwrites_nothing(app, visitor):
    """The first save arrives after the second, which was sent because the first seemed lost."""
    name = visitor.page.fields()[0]
    script, held_up = Script(visitor), Script(visitor)
    script.save({name: "3"})
    late = held_up.save({name: "2"})
    assert late.status_code == 409
    assert late.json == {"revision": int(script.revision), "answers": {name: "3"}}
    assert stored(app) == {name.removeprefix("item-"): 3}


def test_between_two_devices_the_later_save_decides_once_it_knows_of_the_other(app, visitor):
    name = visitor.page.fields()[0]
    phone, laptop = Script(visitor), Script(visitor)
    phone.save({name: "3"})
    laptop.revision = str(laptop.save({name: "4"}).json["revision"])
    assert laptop.save({name: "4"}).status_code == 200
    assert stored(app) == {name.removeprefix("item-"): 4}


def test_the_script_is_told_where_to_go_on(visitor):
    script = Script(visitor)
    names = visitor.page.fields()
    done = script.save(dict.fromkeys(names, "1"), go="on").json
    assert "/s/" in done["next"]
    assert done["next"] != script.address


def test_a_page_without_script_saves_only_what_was_touched(app, visitor):
    """Opened on a laptop, changed on a phone, then sent from the laptop as it was shown there."""
    first, second = visitor.page.fields()[:2]
    address = visitor.page.path.removeprefix(visitor.base)
    visitor.send_page({first: "2"}, go="stay")
    visitor.get(address)  # the laptop: shows 2
    shown = visitor.page.hidden()
    assert json.loads(shown["before"]) == {first.removeprefix("item-"): 2}
    Script(visitor).save({first: "4"})  # the phone
    visitor.send_page({first: "2", second: "5"}, go="stay")
    assert stored(app) == {first.removeprefix("item-"): 4, second.removeprefix("item-"): 5}


@pytest.mark.parametrize("before", ["", "{", "[1]", '"x"', '{"A1":[]}'])
def test_an_unreadable_note_of_what_was_shown_saves_what_was_sent(app, visitor, before):
    name = visitor.page.fields()[0]
    visitor.send_page({name: "2"}, before=before, go="stay")
    assert stored(app) == {name.removeprefix("item-"): 2}


@pytest.mark.parametrize("revision", ["", "x", "-1", "99", "1" * 40, "²"])
def test_a_revision_that_never_was_saves_nothing(app, visitor, revision):
    script = Script(visitor)
    script.revision = revision
    assert script.save({visitor.page.fields()[0]: "2"}).status_code == 409
    assert stored(app) == {}


def test_questions_left_empty_are_asked_about_once(app, visitor):
    names = visitor.page.fields()
    section = visitor.page.path
    page = visitor.send_page({names[0]: "2"}, insists=False, go="on")
    assert page.path == f"{section}?asked=1"
    assert f"{len(names) - 1} questions are still empty" in page.text
    assert page.status == 200
    assert stored(app) == {names[0].removeprefix("item-"): 2}
    page = visitor.send_page({}, insists=False, go="on")
    assert page.path != section
    assert "still empty" not in page.text
    visitor.get(section.removeprefix(visitor.base))
    page = visitor.send_page({}, insists=False, go="on")
    assert "still empty" not in page.text


def test_a_page_with_every_question_answered_asks_nothing(visitor):
    section = visitor.page.path
    page = visitor.send_page(dict.fromkeys(visitor.page.fields(), "1"), insists=False, go="on")
    assert not page.path.startswith(section)


def test_the_script_gets_a_fresh_token_where_the_browser_lost_its_cookie(app, visitor):
    app.config["WTF_CSRF_ENABLED"] = True
    script = Script(visitor)
    visitor.client.delete_cookie("session")
    name = visitor.page.fields()[0]
    refused = script.save({name: "2"})
    assert refused.status_code == 403
    script.token = refused.json["csrf_token"]
    assert script.save({name: "2"}).status_code == 200
    assert stored(app) == {name.removeprefix("item-"): 2}


def test_the_script_is_told_that_the_round_has_closed(app, visitor):
    script = Script(visitor)
    with app.app_context():
        round_ = db.session.scalars(sa.select(Round)).one()
        rounds.close(db.session, round_, by=None, now=round_.opens_at)
        db.session.commit()
    late = script.save({visitor.page.fields()[0]: "2"})
    assert late.status_code == 409
    assert late.json == {"closed": True, "next": visitor.base}


def test_what_is_refused_is_said_in_words_to_the_script_too(visitor):
    refused = Script(visitor).save({"item-NOPE": "2"})
    assert refused.status_code == 400
    assert "not on this page" in refused.json["message"]


def test_a_body_far_larger_than_a_page_is_refused(app, visitor):
    response = visitor.client.post(visitor.page.path, data={"csrf_token": "x" * 70_000})
    assert response.status_code == 413
    assert stored(app) == {}


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"]
)
def test_a_malformed_body_saves_nothing_and_breaks_nothing(app, visitor, kind):
    response = visitor.client.post(
        visitor.page.path,
        data=b"\xff\x00{{{--x",
        headers={"Content-Type": kind, "X-CSRFToken": visitor.token},
    )
    assert response.status_code in (302, 303, 400, 415, 422)
    assert stored(app) == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_said_and_what_was_chosen_stays_on_the_page(app, visitor):
    name = visitor.page.fields()[0]
    script = Script(visitor)
    with full_disk():
        page = visitor.send_page({name: "2"}, go="on")
        by_script = script.save({name: "2"})
    assert page.status == 503
    assert "could not be stored" in page.text
    assert page.checked() == {name: "2"}
    assert by_script.status_code == 503
    assert stored(app) == {}
    visitor.send_page({name: "2"}, go="stay")
    assert stored(app) == {name.removeprefix("item-"): 2}


@contextmanager
def full_disk():
    """No file of this process takes another byte."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
