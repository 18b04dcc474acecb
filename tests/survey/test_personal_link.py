"""A personal link is not the answers: what it shows and does without the resume words."""

import pytest
import sqlalchemy as sa

from survey.database import db
from survey.models import Draft, Invitation, Round
from survey.services import rounds
from tests.survey.respond_kit import Visitor, invite, open_app_round


@pytest.fixture
def link(app):
    return open_app_round(app, mode="confidential")


@pytest.fixture
def token(app, link):
    return invite(app, link)


@pytest.fixture
def phone(app, link, token):
    """The device on which the person began, role and school said."""
    visitor = Visitor(app, link)
    visitor.open_link(token)
    visitor.words = visitor.start()
    visitor.say_role("T", school_id(app))
    return visitor


@pytest.fixture
def laptop(app, link):
    return Visitor(app, link)


def school_id(app):
    with app.app_context():
        round_ = db.session.scalars(sa.select(Round)).one()
        return rounds.schools_of(db.session, round_)[0].school_id


def drafts(app):
    with app.app_context():
        return db.session.scalars(sa.select(Draft)).all()


def answer_page(visitor, value="2"):
    given = dict.fromkeys(visitor.page.fields(), value)
    visitor.send_page(given, go="on")
    return given


def test_another_device_goes_on_at_the_first_open_page_and_shows_nothing_answered(
    phone, laptop, token
):
    answer_page(phone)
    first_open = phone.page.path
    page = laptop.open_link(token)
    assert "Go on with what is left" in page.text
    assert laptop.get("/go").path == first_open
    assert laptop.page.checked() == {}


def test_a_page_answered_in_part_shows_only_what_is_left(phone, laptop, token):
    names = phone.page.fields()
    phone.send_page({names[0]: "5", names[1]: "1"}, go="stay")
    laptop.open_link(token)
    page = laptop.get("/go")
    assert page.fields() == names[2:]
    assert "2 questions of this section are answered already" in page.text
    assert "before" not in page.hidden()


def test_a_page_answered_whole_but_not_gone_on_from_is_passed_over(phone, laptop, token):
    phone.send_page(dict.fromkeys(phone.page.fields(), "3"), go="stay")
    whole = phone.page.path
    laptop.open_link(token)
    page = laptop.get("/go")
    assert page.fields()
    assert page.path != whole


def test_nothing_answered_can_be_opened_changed_or_withdrawn(app, phone, laptop, token):
    done = phone.page.path.removeprefix(phone.base)
    answer_page(phone, "4")
    laptop.open_link(token)
    assert laptop.get(done).path.endswith(laptop.page.path)
    assert laptop.page.path != phone.base + done
    for address in ("/you", "/withdraw", "/words"):
        assert laptop.get(address).path.endswith("/resume")
    laptop.get("/go")
    laptop.post("/withdraw")
    assert laptop.page.path.endswith("/resume")
    assert len(drafts(app)) == 1
    review = laptop.get("/review")
    assert "Change" not in review.text
    assert "Ashdown" not in review.text


def test_an_answered_question_cannot_be_overwritten_with_the_link_alone(app, phone, laptop, token):
    names, address = phone.page.fields(), phone.page.path.removeprefix(phone.base)
    phone.send_page({names[0]: "5"}, go="stay")
    laptop.open_link(token)
    laptop.get("/go")
    refused = laptop.post(address, **{names[0]: "1"})
    assert refused.status == 400
    assert "not on this page" in refused.text
    refused = laptop.post(address, opened="forged", clear=names[0].removeprefix("item-"))
    assert refused.status == 400
    (draft,) = drafts(app)
    assert draft.answers == {names[0].removeprefix("item-"): 5}


def test_what_the_other_device_answers_itself_it_may_change_on_the_open_page(
    app, phone, laptop, token
):
    laptop.open_link(token)
    laptop.get("/go")
    name = laptop.page.fields()[0]
    opened = laptop.page.hidden()["opened"]
    address = laptop.page.path.removeprefix(laptop.base)
    laptop.post(address, **{name: "2"}, go="stay", opened=opened)
    laptop.get("/go")
    laptop.post(address, **{name: "3"}, go="stay", opened=opened)
    (draft,) = drafts(app)
    assert draft.answers == {name.removeprefix("item-"): 3}


def test_both_devices_together_make_one_draft_that_is_sent_once(app, phone, laptop, token):
    answer_page(phone)
    laptop.open_link(token)
    laptop.get("/go")
    while laptop.page.fields():
        answer_page(laptop, "3")
    assert laptop.page.path.endswith("/review")
    laptop.post("/send")
    assert "Your answers are sent" in laptop.page.heading
    (draft,) = drafts(app)
    assert draft.sent
    assert set(draft.answers.values()) >= {2, 3}


def test_the_resume_words_open_everything_on_the_other_device(phone, laptop, token):
    names, address = phone.page.fields(), phone.page.path.removeprefix(phone.base)
    phone.send_page({names[0]: "5"}, go="stay")
    laptop.open_link(token)
    laptop.get("/resume")
    laptop.post("/resume", words=phone.words)
    assert laptop.get(address).checked() == {names[0]: "5"}


def test_a_colleagues_link_on_the_same_device_never_shows_the_answers_begun_there(
    app, link, phone, token
):
    name = phone.page.fields()[0]
    phone.send_page({name: "5"}, go="stay")
    colleague = invite(app, link, email="colleague@example.org")
    page = phone.open_link(colleague)
    assert "I have read this. Start" in page.html
    assert "Go on with" not in page.text
    assert phone.get("/go").path.endswith("/resume")
    phone.open_link(token)
    assert phone.get("/go").checked() == {name: "5"}


def test_starting_twice_with_one_link_makes_one_draft(app, phone, laptop, token):
    laptop.open_link(token)
    answer_page(phone)
    laptop.get("/resume")
    laptop.post("/start")
    assert len(drafts(app)) == 1
    assert "Answers were begun with your link" in laptop.page.text


def test_a_start_whose_words_never_arrived_makes_room_for_another(app, link, token):
    lost, second = Visitor(app, link), Visitor(app, link)
    lost.open_link(token)
    lost.post("/start")
    second.open_link(token)
    words = second.start()
    assert len(words.split()) == 5
    assert len(drafts(app)) == 1


def test_withdrawing_lets_the_same_link_begin_again(app, phone):
    answer_page(phone)
    phone.get("/withdraw")
    phone.post("/withdraw")
    assert drafts(app) == []
    assert "I have read this. Start" in phone.get().html
    phone.start()
    assert len(drafts(app)) == 1


@pytest.mark.parametrize("change", ["truncated", "flipped", "other key", "empty"])
def test_a_forged_link_begins_nothing(app, link, token, change):
    forged = {
        "truncated": token[:-1],
        "flipped": token[:-1] + ("a" if token[-1] != "a" else "b"),
        "other key": token[:16] + "a" * 20,
        "empty": "",
    }[change]
    visitor = Visitor(app, link)
    page = visitor.open_link(forged)
    assert "open your personal link" in page.text
    visitor.get("/resume")
    refused = visitor.post("/start")
    assert refused.status == 400
    assert drafts(app) == []


def test_a_link_of_another_round_begins_nothing_here(app, token):
    other = Visitor(app, open_app_round(app, mode="confidential", name="June"))
    assert "open your personal link" in other.open_link(token).text


def test_answering_writes_nothing_to_the_invitation(app, phone):
    with app.app_context():
        before = db.session.execute(sa.select(Invitation.__table__)).all()
    while phone.page.fields():
        answer_page(phone)
    phone.post("/send")
    with app.app_context():
        assert db.session.execute(sa.select(Invitation.__table__)).all() == before


def test_forgetting_takes_the_link_off_the_device_too(phone):
    answer_page(phone)
    phone.get("/thanks")
    phone.get("/review")
    phone.post("/leave")
    assert "open your personal link" in phone.get().text
