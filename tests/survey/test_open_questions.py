"""Open questions: switched on with a route, asked last, kept in the draft and nowhere else."""

import re

import pytest
import sqlalchemy as sa

from survey.database import begin_writing, db
from survey.models import AuditEntry, Draft, OpenDesk
from survey.services import answers, drafts, open_questions, own_words, rounds
from survey.services.open_questions import OpenQuestionsError, Route
from tests.survey import open_kit
from tests.survey.open_kit import MOVE, ROUTE, STORY
from tests.survey.respond_kit import NO_ROLES, Visitor, begin, invite, make_round
from tests.survey.test_respond_saving import Script


def switch_on(session, round_, now, route=ROUTE):
    begin_writing(session)
    try:
        open_questions.switch_on(session, round_, route, by=None, now=now)
        session.commit()
    finally:
        session.rollback()


# --- switching on --------------------------------------------------------------------------------


def test_open_questions_are_asked_last_once_they_are_switched_on(session, now):
    round_ = make_round(session, now=now, form="short", roster=open_kit.roster())
    draft = begin(session, round_, now=now).draft
    before = answers.pages(round_, draft)
    session.rollback()
    session.execute(sa.delete(Draft))
    session.commit()
    switch_on(session, round_, now)
    draft = begin(session, round_, now=now).draft
    after = answers.pages(round_, draft)
    assert set(after[:-1]) == set(before)
    assert after[-1].items == (STORY, MOVE)
    assert not {STORY, MOVE} & {code for page in before for code in page.items}


@pytest.mark.parametrize("missing", ["reader", "goes_to", "how", "by_when"])
def test_without_a_whole_route_they_are_not_switched_on(session, now, missing):
    round_ = make_round(session, now=now, roster=open_kit.roster())
    values = {name: getattr(ROUTE, name) for name in ("reader", "goes_to", "how", "by_when")}
    with pytest.raises(OpenQuestionsError, match="to whom, how and by when"):
        switch_on(session, round_, now, Route(**{**values, missing: "  "}))
    assert session.scalars(sa.select(OpenDesk)).all() == []


def test_once_somebody_has_begun_what_staff_were_told_stays(session, now):
    round_ = open_kit.make_open_round(session, now=now)
    begin(session, round_, now=now)
    session.commit()
    with pytest.raises(OpenQuestionsError, match="has begun"):
        switch_on(session, round_, now, Route("Somebody else", "them", "so", "then"))
    begin_writing(session)
    with pytest.raises(OpenQuestionsError, match="has begun"):
        open_questions.switch_off(session, round_, by=None, now=now)
    assert open_questions.route_of(round_) == ROUTE


@pytest.mark.parametrize("schools", [1, 3, 5])
def test_few_schools_ask_no_open_questions(session, now, schools):
    round_ = make_round(session, now=now, roster=open_kit.roster(open_kit.SCHOOLS[:schools]))
    with pytest.raises(OpenQuestionsError, match="too few schools"):
        switch_on(session, round_, now)


def test_an_instrument_without_them_asks_none(session, now):
    round_ = make_round(session, now=now, instrument=NO_ROLES)
    with pytest.raises(OpenQuestionsError, match="no open questions"):
        switch_on(session, round_, now)


def test_switching_on_and_off_is_in_the_audit(session, now):
    round_ = open_kit.make_open_round(session, now=now)
    begin_writing(session)
    open_questions.switch_off(session, round_, by=None, now=now)
    session.commit()
    assert open_questions.is_on(round_) is False
    actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert sorted(actions) == ["switch_off_open_questions", "switch_on_open_questions"]


# --- what is written -----------------------------------------------------------------------------


def test_words_and_ticks_stand_in_the_draft_apart_from_answers(session, now):
    round_ = open_kit.make_open_round(session, now=now)
    draft = open_kit.write(
        session, round_, now=now, words={STORY: "We met weekly."}, ticks={STORY: True}
    )
    assert (draft.written, draft.quotable) == ({STORY: "We met weekly."}, [STORY])
    assert STORY not in draft.answers
    assert STORY not in answers.answered(round_, draft)


def test_words_alone_are_no_answer_sheet(session, now):
    round_ = open_kit.make_open_round(session, now=now)
    draft = begin(session, round_, now=now).draft
    answers.save_page(
        session, round_, draft, section="open", given={}, words={STORY: "Only this."}, now=now
    )
    with pytest.raises(answers.RefusedError, match="not answered any question"):
        drafts.send(session, round_, draft, now=now)


def test_too_many_words_are_refused_and_words_for_another_question_too(session, now):
    round_ = open_kit.make_open_round(session, now=now)
    draft = begin(session, round_, now=now).draft
    page = {"section": "open", "given": {}, "now": now}
    most = "x" * own_words.MOST_CHARACTERS
    answers.save_page(session, round_, draft, words={STORY: most}, **page)
    with pytest.raises(answers.RefusedError, match="too long"):
        answers.save_page(session, round_, draft, words={STORY: most + "x"}, **page)
    closed = answers.pages(round_, draft)[0]
    with pytest.raises(answers.RefusedError, match="not on this page"):
        answers.save_page(session, round_, draft, words={closed.items[0]: "x"}, **page)
    with pytest.raises(answers.RefusedError, match="not one of the choices"):
        answers.save_page(session, round_, draft, section="open", given={STORY: 1}, now=now)
    assert draft.written == {STORY: most}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  one\r\ntwo\n", "one\ntwo"),
        ("a\x00b\x1bc", "abc"),
        ("first\u2028second", "first\nsecond"),
        (" \r\n\t ", ""),
    ],
)
def test_words_are_kept_with_plain_line_breaks_and_without_control_characters(typed, kept):
    assert own_words.clean(typed) == kept


def draft_of(**values):
    return Draft(**{"written": {}, "quotable": [], "unseen": [], "answers": {}, **values})


def test_words_that_replace_those_of_another_device_class_start_without_their_tick():
    draft = draft_of(written={STORY: "by the link"}, quotable=[STORY], unseen=[STORY])
    own_words.save(draft, words={STORY: "my own"}, ticks={}, is_own=True)
    assert (draft.written, draft.quotable, draft.unseen) == ({STORY: "my own"}, [], [])
    own_words.save(draft, words={}, ticks={STORY: True}, is_own=False)
    assert draft.quotable == []
    own_words.save(draft, words={}, ticks={STORY: True}, is_own=True)
    assert draft.quotable == [STORY]
    own_words.save(draft, words={STORY: "by the link"}, ticks={}, is_own=False)
    assert (draft.quotable, draft.unseen) == ([], [STORY])


def test_a_tick_may_come_before_the_words_and_goes_with_them():
    draft = draft_of()
    own_words.save(draft, words={}, ticks={STORY: True})
    own_words.save(draft, words={STORY: "now"}, ticks={})
    assert draft.quotable == [STORY]
    own_words.save(draft, words={STORY: ""}, ticks={})
    assert (draft.written, draft.quotable) == ({}, [])


# --- the page ------------------------------------------------------------------------------------


@pytest.fixture
def link(app):
    return open_kit.open_app_round(app)


@pytest.fixture
def visitor(app, link):
    return open_kit.visitor_at_the_boxes(app, link)


def stored(app):
    with app.app_context():
        draft = db.session.scalars(sa.select(Draft)).one()
        return draft.written, draft.quotable


def boxes(page):
    """Name -> what stands in each box."""
    found = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\r?\n?(.*?)</textarea>', page.html, re.S)
    return {name: text.strip() for name, text in found}


def ticked(page):
    return re.findall(r'<input type="checkbox" name="([^"]+)"[^>]* checked>', page.html)


def send(visitor, **fields):
    fields = {name.replace("__", "-"): value for name, value in fields.items()}
    return visitor.send_page(fields, insists=False)


def test_who_reads_and_where_harm_goes_stands_above_the_boxes(visitor):
    html = visitor.page.html
    for text in (ROUTE.reader, ROUTE.goes_to, ROUTE.how, ROUTE.by_when):
        assert html.index(text) < html.index("<textarea")
    assert boxes(visitor.page) == {"item-OPN1": "", "item-OPN2": ""}
    assert ticked(visitor.page) == []


def test_boxes_may_stay_empty_and_nobody_asks_again(app, visitor):
    page = send(visitor, item__OPN1="", item__OPN2="")
    assert "/s/open" not in page.path
    assert "still empty" not in page.text
    assert stored(app) == ({}, [])


def test_without_a_script_a_page_saves_words_and_ticks_and_takes_them_back(app, visitor):
    both = {"item__OPN1": "One way\r\nor another", "item__OPN2": "Tests", "quote__OPN2": "yes"}
    send(visitor, **both, go="stay")
    assert stored(app) == ({STORY: "One way\nor another", MOVE: "Tests"}, [MOVE])
    assert boxes(visitor.page)["item-OPN1"] == "One way\nor another"
    assert ticked(visitor.page) == ["quote-OPN2"]
    assert "2 of 2 answered" in visitor.get("/review").text
    visitor.get("/s/open")
    send(visitor, item__OPN1="", item__OPN2="Tests", go="stay")
    assert stored(app) == ({MOVE: "Tests"}, [])


def test_a_page_opened_earlier_takes_back_nothing_that_it_did_not_show(app, visitor, link):
    tablet = Visitor(app, link)
    tablet.get("/resume")
    tablet.post("/resume", words=visitor.words)
    tablet.get("/s/open")
    send(visitor, item__OPN1="on the phone", quote__OPN1="yes", go="stay")
    send(tablet, item__OPN1="", item__OPN2="on the tablet", go="stay")
    assert stored(app) == ({STORY: "on the phone", MOVE: "on the tablet"}, [STORY])


def test_too_many_words_stay_on_the_page_with_one_clear_line(app, visitor):
    long = "y" * (own_words.MOST_CHARACTERS + 7)
    page = send(visitor, item__OPN1=long, quote__OPN1="yes", item__OPN2="kept")
    assert page.status == 422
    assert 'href="#item-OPN1">Shorten your words by 7 characters' in page.html
    assert boxes(page) == {"item-OPN1": long, "item-OPN2": "kept"}
    assert ticked(page) == ["quote-OPN1"]
    assert stored(app) == ({}, [])


def test_the_script_saves_words_and_tick_piece_by_piece(app, visitor):
    script = Script(visitor)
    script.save({"quote-OPN1": "yes"})
    script.save({"item-OPN1": "A long "})
    script.save({"item-OPN1": "A long story"})
    assert stored(app) == ({STORY: "A long story"}, [STORY])
    script.save({"quote-OPN1": "no"})
    assert stored(app) == ({STORY: "A long story"}, [])
    refused = script.save({"item-OPN1": "z" * 801})
    assert refused.status_code == 400
    assert "too long" in refused.json["message"]


def test_a_script_that_was_overtaken_is_told_what_stands_there(app, visitor):
    first, late = Script(visitor), Script(visitor)
    first.save({"item-OPN1": "first", "quote-OPN1": "yes"})
    reply = late.save({"item-OPN1": "late"})
    assert reply.status_code == 409
    told = {"item-OPN1": "first", "quote-OPN1": "yes", "quote-OPN2": "no"}
    assert reply.json["answers"] == told
    assert stored(app)[0] == {STORY: "first"}


def test_withdrawing_deletes_words_too(app, visitor):
    send(visitor, item__OPN1="soon gone", go="stay")
    visitor.get("/withdraw")
    visitor.post("/withdraw")
    with app.app_context():
        assert db.session.scalars(sa.select(Draft)).all() == []


def test_words_stand_in_no_log_line(app, visitor, caplog):
    caplog.set_level("DEBUG")
    script = Script(visitor)
    script.save({"item-OPN1": "a marmalade secret"})
    script.save({"item-OPN1": "a marmalade secret" * 60})
    script.save({"item-NONE": "a marmalade secret"})
    assert "refused" in caplog.text
    assert "marmalade" not in caplog.text


# --- the personal link ---------------------------------------------------------------------------


@pytest.fixture
def guest(app):
    """Somebody in a confidential round, at the boxes, with their resume words."""
    link = open_kit.open_app_round(app, mode="confidential")
    visitor = Visitor(app, link)
    visitor.token_of_link = invite(app, link)
    visitor.open_link(visitor.token_of_link)
    visitor.words = visitor.start()
    with app.app_context():
        school = rounds.schools_of(db.session, rounds.by_link(db.session, link))[0].school_id
    visitor.say_role("T", school)
    visitor.get("/s/open")
    return visitor


def other_device(app, visitor):
    other = Visitor(app, visitor.base.removeprefix("/r/"))
    other.open_link(visitor.token_of_link)
    return other


def test_the_link_alone_does_not_show_what_was_written(app, guest):
    send(guest, item__OPN1="only for me", quote__OPN1="yes", go="stay")
    page = other_device(app, guest).get("/s/open")
    assert boxes(page) == {"item-OPN2": ""}
    assert "only for me" not in page.html


def test_what_is_written_with_the_link_alone_is_shown_nowhere_and_can_be_replaced(app, guest):
    other = other_device(app, guest)
    other.get("/s/open")
    send(other, item__OPN2="by whoever has the mail", quote__OPN2="yes", go="stay")
    assert stored(app) == ({MOVE: "by whoever has the mail"}, [MOVE])
    page = guest.get("/s/open")
    assert boxes(page) == {"item-OPN1": "", "item-OPN2": ""}
    assert ticked(page) == []
    assert "Written with your personal link alone" in page.text
    send(guest, item__OPN1="", item__OPN2="", go="stay")
    assert stored(app)[0] == {MOVE: "by whoever has the mail"}
    send(guest, item__OPN2="mine", go="stay")
    assert stored(app) == ({MOVE: "mine"}, [])


def test_words_of_the_link_alone_can_be_taken_back_unseen(app, guest):
    other = other_device(app, guest)
    other.get("/s/open")
    send(other, item__OPN2="by whoever has the mail", go="stay")
    guest.get("/s/open")
    send(guest, clear=MOVE, item__OPN1="", item__OPN2="")
    assert stored(app) == ({}, [])


# --- the promise ---------------------------------------------------------------------------------


def test_the_promise_tells_of_open_questions_only_where_they_are_asked(app, link):
    asked = Visitor(app, link)
    assert "Themes of what people write" in asked.get().text
    assert "The reader of what people write" in asked.get("/who").text
    assert asked.page.text.count("Six people who might look") == 1
    with app.app_context():
        from datetime import UTC, datetime

        plain = make_round(db.session, now=datetime.now(UTC)).link
    other = Visitor(app, plain)
    assert "Themes of what people write" not in other.get().text
    assert "The reader of what people write" not in other.get("/who").text
