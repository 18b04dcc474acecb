"""The answering journey as a browser without JavaScript walks it."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from instruments import registry
from instruments.roster import Roster, RosterRow
from survey.database import db
from survey.models import Draft, Response, Round, School
from survey.services import rounds
from tests.survey.respond_kit import NO_ROLES, ROLES, SCHOOLS, Visitor, open_app_round


@pytest.fixture
def link(app):
    return open_app_round(app, modules=["preferred", "remembered"])


@pytest.fixture
def visitor(app, link):
    return Visitor(app, link)


@pytest.fixture
def instrument():
    return registry.load(ROLES)


def school_id(app, number=0):
    with app.app_context():
        round_ = db.session.scalars(sa.select(Round)).one()
        return rounds.schools_of(db.session, round_)[number].school_id


def drafts(app):
    with app.app_context():
        return db.session.scalars(sa.select(Draft)).all()


def start(app, visitor, instrument, role=0):
    words = visitor.start()
    code = instrument.roles[role]
    place = "" if code in instrument.central_roles else school_id(app)
    visitor.say_role(code, place)
    return words


def answer_all(visitor, pick=0):
    """Answer every page as it comes; returns what was chosen, by item code."""
    chosen = {}
    while visitor.page.fields():
        given = {}
        for number, name in enumerate(visitor.page.fields()):
            values = visitor.page.values(name)
            given[name] = values[(pick + number) % len(values)]
        chosen |= {name.removeprefix("item-"): value for name, value in given.items()}
        visitor.send_page(given, go="on")
    return chosen


def test_the_promise_stands_before_the_first_question(visitor):
    page = visitor.get()
    assert page.heading == "Our promise to you"
    assert page.fields() == []
    for claim in (
        "Figures for groups of 10 or more people",
        "Until the survey closes, someone who runs the server and has both its database and its "
        "key could join a person to their answers",
        "where a school has only one person of a role",
        "until",
    ):
        assert claim in page.text
    assert visitor.get("/you").path.endswith("/resume")


def test_a_person_answers_sends_and_is_thanked(app, visitor, instrument):
    start(app, visitor, instrument)
    chosen = answer_all(visitor, pick=1)
    assert visitor.page.path.endswith("/review")
    visitor.post("/send")
    assert "Your answers are sent" in visitor.page.heading
    (draft,) = drafts(app)
    assert draft.sent
    assert draft.role == instrument.roles[0]
    assert {code: str(value) for code, value in draft.answers.items()} == chosen


@pytest.mark.parametrize("role", [0, 1, 2, 3])
def test_each_role_gets_its_items_and_every_page_of_them(app, visitor, instrument, role):
    from instruments.routing import shown

    start(app, visitor, instrument, role=role)
    chosen = answer_all(visitor)
    (draft,) = drafts(app)
    expected = shown(
        instrument,
        role=instrument.roles[role],
        form="full",
        modules=["preferred", "remembered"],
        answers={code: v if isinstance(v, int) else None for code, v in draft.answers.items()},
    )
    assert set(chosen) == {code for code in expected if instrument.item(code).response}


def test_nothing_is_chosen_before_the_person_chooses(app, visitor, instrument):
    start(app, visitor, instrument)
    assert visitor.page.fields()
    assert visitor.page.checked() == {}


def test_what_cannot_be_told_stands_apart_and_what_does_not_apply_only_where_it_may(
    app, visitor, instrument
):
    start(app, visitor, instrument)
    pages_seen = 0
    while visitor.page.fields():
        pages_seen += 1
        for name in visitor.page.fields():
            scale = instrument.response_scales[instrument.item(name.removeprefix("item-")).response]
            values = visitor.page.values(name)
            assert [v for v in values if v.lstrip("-").isdigit()] == [str(o) for o in scale.options]
            assert ("CT" in values) == scale.cant_tell
            assert ("DNA" in values) == scale.does_not_apply
            apart = visitor.page.html.count(f'option-apart"><input type="radio" name="{name}"')
            assert apart == scale.cant_tell + scale.does_not_apply
        visitor.send_page({}, go="on")
    assert pages_seen > 5


def test_saved_answers_are_shown_when_the_person_comes_back(app, visitor, instrument):
    start(app, visitor, instrument)
    path = visitor.page.path.removeprefix(visitor.base)
    names = visitor.page.fields()
    visitor.send_page({names[0]: "3", names[1]: "CT"}, go="on")
    assert visitor.get(path).checked() == {names[0]: "3", names[1]: "CT"}


def test_back_saves_the_page_too(app, visitor, instrument):
    start(app, visitor, instrument)
    first = visitor.page.path
    visitor.send_page({}, go="on")
    second, name = visitor.page.path, visitor.page.fields()[0]
    visitor.send_page({name: "2"}, go="back")
    assert visitor.page.path == first
    assert visitor.get(second.removeprefix(visitor.base)).checked() == {name: "2"}


def test_an_answer_can_be_taken_back(app, visitor, instrument):
    start(app, visitor, instrument)
    path = visitor.page.path
    one, two = visitor.page.fields()[:2]
    visitor.send_page({one: "3", two: "3"}, go="on")
    visitor.get(path.removeprefix(visitor.base))
    visitor.send_page({one: "3", two: "4"}, clear=one.removeprefix("item-"))
    assert visitor.page.path == path
    assert visitor.page.checked() == {two: "4"}


def test_the_words_bring_a_person_back_on_another_device_however_typed(
    app, visitor, link, instrument
):
    words = start(app, visitor, instrument)
    names = visitor.page.fields()
    first = visitor.page.path
    visitor.send_page({names[0]: "2"}, go="on")
    waiting = visitor.page.path
    other = Visitor(app, link)
    other.get("/resume")
    page = other.post("/resume", words=f" {words.upper().replace(' ', '-')} ")
    assert page.path == waiting
    assert other.get(first.removeprefix(other.base)).checked() == {names[0]: "2"}


def test_two_devices_in_turn_keep_each_others_answers(app, visitor, link, instrument):
    words = start(app, visitor, instrument)
    path = visitor.page.path.removeprefix(visitor.base)
    one, two = visitor.page.fields()[:2]
    other = Visitor(app, link)
    other.get("/resume")
    other.post("/resume", words=words)
    other.get(path)
    visitor.send_page({one: "2"}, go="on")
    other.send_page({two: "5"}, go="on")
    (draft,) = drafts(app)
    assert draft.answers == {one.removeprefix("item-"): 2, two.removeprefix("item-"): 5}


def test_the_words_are_shown_once(app, visitor, instrument):
    words = start(app, visitor, instrument)
    page = visitor.get("/words")
    assert words not in page.html
    assert page.fields()


def test_the_cookie_holds_the_words_for_this_round_only_and_script_cannot_read_it(app, link):
    visitor = Visitor(app, link)
    visitor.get()
    token = visitor.page.html.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    response = visitor.client.post(f"/r/{link}/start", data={"csrf_token": token})
    cookie = next(
        value
        for value in response.headers.getlist("Set-Cookie")
        if value.startswith("resume_words=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert f"Path=/r/{link}" in cookie
    assert "Expires=" in cookie
    assert response.headers["Location"] == f"/r/{link}/words"


def test_on_a_shared_device_another_person_can_start_their_own(app, visitor, instrument):
    words = start(app, visitor, instrument)
    name = visitor.page.fields()[0]
    visitor.send_page({name: "1"}, go="on")
    assert "Answers were begun on this device" in visitor.get().text
    other_words = visitor.start()
    assert other_words != words
    assert len(drafts(app)) == 2
    visitor.get("/resume")
    visitor.post("/resume", words=words)
    assert visitor.page.fields()


def test_a_device_can_forget_a_person(app, visitor, instrument):
    words = start(app, visitor, instrument)
    answer_all(visitor)
    visitor.post("/send")
    visitor.post("/leave")
    assert visitor.cookie() is None
    assert "go on with them" not in visitor.get().text
    visitor.get("/resume")
    assert "sent" in visitor.post("/resume", words=words).heading


def test_sending_twice_shows_the_same_thanks_and_counts_once(app, visitor, instrument):
    start(app, visitor, instrument)
    answer_all(visitor)
    review = visitor.page
    first = visitor.post("/send").text
    visitor.page = review
    assert visitor.post("/send").text == first
    assert sum(draft.sent for draft in drafts(app)) == 1


def test_answers_can_be_changed_after_sending(app, visitor, instrument):
    start(app, visitor, instrument)
    path = visitor.page.path.removeprefix(visitor.base)
    name = visitor.page.fields()[0]
    answer_all(visitor)
    visitor.post("/send")
    visitor.get(path)
    visitor.send_page({name: "5"}, go="on")
    (draft,) = drafts(app)
    assert draft.sent
    assert draft.answers[name.removeprefix("item-")] == 5


def test_withdrawing_asks_once_more_and_deletes(app, visitor, instrument):
    words = start(app, visitor, instrument)
    answer_all(visitor)
    visitor.get("/withdraw")
    assert len(drafts(app)) == 1
    assert visitor.post("/withdraw").heading == "Your answers are deleted"
    assert drafts(app) == []
    assert visitor.cookie() is None
    visitor.get("/resume")
    assert visitor.post("/resume", words=words).status == 422


def test_whoever_skips_everything_is_asked_for_one_answer(app, visitor, instrument):
    start(app, visitor, instrument)
    while visitor.page.fields():
        visitor.send_page({}, go="on")
    page = visitor.post("/send")
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert "not answered any question" in page.text


def test_the_role_page_says_what_is_missing_and_links_to_it(app, visitor, instrument):
    visitor.start()
    page = visitor.say_role("", "")
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert f'href="#role-{instrument.roles[0]}"' in page.html
    assert f'id="role-{instrument.roles[0]}"' in page.html
    page = visitor.say_role(instrument.roles[0], "")
    assert 'href="#school"' in page.html
    assert "Choose your school." in page.text
    (draft,) = drafts(app)
    assert draft.role == ""


def test_people_at_the_centre_need_no_school(app, visitor, instrument):
    visitor.start()
    visitor.say_role(instrument.central_roles[0], "")
    assert visitor.page.fields()


def test_progress_is_said_in_words(app, visitor, instrument):
    start(app, visitor, instrument)
    text = visitor.page.text
    assert "Section 1 of " in text
    assert "minutes left" in text
    visitor.send_page({}, go="on")
    assert "Section 2 of " in visitor.page.text


def test_an_instrument_without_roles_goes_straight_to_its_questions(app):
    visitor = Visitor(app, open_app_round(app, instrument=NO_ROLES))
    visitor.start()
    assert visitor.page.fields()
    answer_all(visitor)
    assert visitor.post("/send").status == 200


def test_opening_pages_changes_nothing(app, visitor, instrument):
    start(app, visitor, instrument)
    name = visitor.page.fields()[0]
    visitor.send_page({name: "2"}, go="on")

    def stored():
        with app.app_context():
            tables = (Draft, Response, Round)
            return [
                sorted(map(str, db.session.execute(sa.select(table.__table__)).all()))
                for table in tables
            ]

    before = stored()
    sections = [section.code for section in instrument.sections]
    paths = ["", "/no", "/words", "/resume", "/go", "/you", "/review", "/thanks", "/withdraw"]
    paths += ["/left", "/withdrawn", "/accessibility"]
    for path in paths + [f"/s/{code}" for code in sections]:
        response = visitor.client.get(visitor.base + path)
        assert response.status_code in (200, 303, 404), path
        assert visitor.client.head(visitor.base + path).status_code == response.status_code
    for path in ("/start", "/send", "/leave"):
        assert visitor.client.get(visitor.base + path).status_code == 405
    assert stored() == before


def test_a_round_that_waits_says_when_it_opens(app):
    now = datetime.now(UTC)
    opens = (now + timedelta(days=5)).replace(hour=0, minute=0, second=0, microsecond=0)
    link = open_app_round(app, opens_at=opens, closes_at=opens + timedelta(days=5))
    page = Visitor(app, link).get()
    assert page.status == 200
    assert page.heading == "This survey has not opened yet"
    assert f"{opens.day} {opens:%B %Y}" in page.text
    last = opens + timedelta(days=4)  # it closes at midnight after this day
    assert f"closes after {last.day} {last:%B %Y}" in page.text


def test_a_closed_round_says_so_kindly_and_takes_nothing(app, visitor, link, instrument):
    start(app, visitor, instrument)
    section = visitor.page
    name = section.fields()[0]
    with app.app_context():
        round_ = db.session.scalars(sa.select(Round)).one()
        round_.closes_at = datetime.now(UTC) - timedelta(minutes=1)
        db.session.commit()
    for path in ("", "/you", "/review", "/thanks", "/resume", "/words"):
        page = visitor.get(path)
        assert page.status == 200
        assert page.heading == "This survey has closed"
    visitor.page = section
    page = visitor.send_page({name: "2"}, go="on")
    assert page.status == 409
    assert page.heading == "This survey has closed"
    (draft,) = drafts(app)
    assert draft.answers == {}


def test_the_room_has_these_pages_and_no_others(app):
    known = {
        rule.endpoint.removeprefix("respond.")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("respond.")
    }
    reading = {"front", "who", "decline", "words", "go_on", "review", "thanks", "left", "withdrawn"}
    sending = {"start", "resume", "place", "section", "send", "leave", "withdraw"}
    assert known == reading | sending | {"switch_language", "read_accessibility"}


def test_whoever_would_rather_not_take_part_is_left_alone(app, visitor):
    page = visitor.get("/no")
    assert "Nothing was stored" in page.text
    assert drafts(app) == []
    assert visitor.cookie() is None


def test_an_unknown_link_is_not_found(app):
    assert app.test_client().get("/r/nothing").status_code == 404


def test_simulated_rounds_carry_their_mark(app):
    visitor = Visitor(app, open_app_round(app, simulated=True))
    assert "Simulated data" in visitor.get().html
    real = Visitor(app, open_app_round(app))
    assert "Simulated data" not in real.get().html


def test_the_words_of_the_country_and_the_round_are_on_the_page(app, instrument):
    from instruments.routing import asked

    link = open_app_round(app, locale="en-US", placeholders={"before": "the merger"})
    visitor = Visitor(app, link)
    visitor.get()
    assert 'lang="en-US"' in visitor.page.html
    start(app, visitor, instrument)
    code = visitor.page.fields()[0].removeprefix("item-")
    assert code in asked(instrument, form="full")
    words = instrument.words("en-US", {"mto": "Harbour Reach", "before": "the merger"})
    assert words.stem(code).replace("'", "&#39;") in visitor.page.html
    assert "{" not in visitor.page.text


def test_schools_of_the_roster_are_offered_by_name(app, visitor):
    visitor.start()
    for name in SCHOOLS:
        assert f">{name}</option>" in visitor.page.html


def test_a_round_without_roles_asks_for_the_school_where_it_has_schools(app):
    roster = Roster(tuple(RosterRow(name, "", 20) for name in SCHOOLS))
    visitor = Visitor(app, open_app_round(app, instrument=NO_ROLES, roster=roster))
    visitor.start()
    page = visitor.post("/you", school="")
    assert page.status == 422
    assert "Choose your school." in page.text
    visitor.post("/you", school=school_id(app, 1))
    assert visitor.page.fields()
    answer_all(visitor)
    assert SCHOOLS[1] in drafts_school(app)


def drafts_school(app):
    with app.app_context():
        draft = db.session.scalars(sa.select(Draft)).one()
        return db.session.get(School, draft.school_id).name
