"""Staff answer in their language, change it midway, and lose nothing by it."""

import re
from datetime import UTC, datetime

import pytest

from instruments import registry
from instruments.pseudo import END, PSEUDO, RIGHT_TO_LEFT
from survey.database import db
from survey.models import Draft, Round
from survey.services import languages, rounds
from tests.survey import rooms
from tests.survey.respond_kit import SCHOOLS, Visitor, invite, make_round
from tests.survey.test_languages import install_both

PSEUDO_CODES = tuple(PSEUDO)


def offer(app, link, *codes):
    """Confirm and offer these locales as the round's leader would."""
    folder = app.extensions["midtier_settings"].translations_dir
    with app.app_context():
        round_ = db.session.query(Round).filter_by(link=link).one()
        leader = rooms.account(db.session, round_.organisation)
        now = datetime.now(UTC)
        by_code = {each.locale: each for each in languages.of_round(round_, folder)}
        for code in codes:
            if not by_code[code].is_verified:
                languages.confirm(
                    db.session,
                    round_,
                    code,
                    checksum=by_code[code].checksum,
                    by=leader,
                    now=now,
                    folder=folder,
                )
        languages.offer(db.session, round_, codes, by=leader, now=now, folder=folder)
        db.session.commit()


@pytest.fixture
def link(app):
    with app.app_context():
        return make_round(db.session, now=datetime.now(UTC)).link


@pytest.fixture
def visitor(app, link):
    offer(app, link, "en-US")
    return Visitor(app, link)


@pytest.fixture
def pseudo_visitor(app, link):
    folder = app.extensions["midtier_settings"].translations_dir
    for code in PSEUDO_CODES:
        install_both(folder, code)
    offer(app, link, *PSEUDO_CODES)
    return Visitor(app, link)


def lang(page) -> str:
    return re.search(r'<html lang="([^"]+)"', page.html)[1]


def switch(visitor, code):
    """Press a language button where the page's form is the switch's own."""
    return visitor.post("/language", language=code, back=visitor.page.path)


def school_id(app, name=SCHOOLS[0]):
    from survey.models import School

    with app.app_context():
        return db.session.query(School).filter_by(name=name).one().school_id


def test_a_round_of_one_language_shows_no_switch(app, link):
    page = Visitor(app, link).get()
    assert 'name="language"' not in page.html


def test_each_language_is_named_in_itself(visitor):
    page = visitor.get()
    buttons = re.findall(r'<li lang="([^"]+)">\s*<(?:button|strong)[^>]*>([^<]+)<', page.html)
    assert buttons == [
        ("en-GB", "English (United Kingdom)"),
        ("en-US", "English (United States)"),
    ]


def test_a_choice_is_kept_in_a_cookie_that_holds_nothing_else(visitor, link):
    visitor.get()
    reply = visitor.client.post(
        f"/r/{link}/language",
        data={
            "csrf_token": re.search(r'name="csrf_token"[^>]* value="([^"]+)"', visitor.page.html)[
                1
            ],
            "language": "en-US",
            "back": f"/r/{link}/resume",
        },
    )
    assert (reply.status_code, reply.headers["Location"]) == (303, f"/r/{link}/resume")
    (cookie,) = [c for c in reply.headers.getlist("Set-Cookie") if c.startswith("language=")]
    assert cookie.startswith("language=en-US;")
    assert f"Path=/r/{link}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert lang(visitor.get("/resume")) == "en-US"


def test_the_choice_comes_before_the_browsers_and_the_browsers_before_the_rounds(app, visitor):
    assert lang(visitor.get()) == "en-GB"
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en-US,en;q=0.9"
    assert lang(visitor.get()) == "en-US"
    switch(visitor, "en-GB")
    assert lang(visitor.get()) == "en-GB"


def test_a_cookie_or_a_browser_that_asks_for_what_is_not_offered_gets_the_rounds(visitor, link):
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr-FR"
    visitor.client.set_cookie("language", "ar-XB", path=f"/r/{link}")
    assert lang(visitor.get()) == "en-GB"


@pytest.mark.parametrize(
    "back",
    ["https://elsewhere.example/", "//elsewhere.example", "/lead/", "/r/other", "", "{}/send"],
)
def test_the_way_back_never_leads_out_of_the_round(visitor, link, back):
    visitor.get()
    reply = visitor.post("/language", language="en-US", back=back.format(f"/r/{link}"))
    assert reply.status == 200
    assert reply.path == f"/r/{link}"
    assert lang(reply) == "en-US"


def test_a_language_that_is_not_offered_changes_nothing(visitor):
    visitor.get()
    page = switch(visitor, "fr-FR")
    assert lang(page) == "en-GB"
    assert visitor.client.get_cookie("language", path=visitor.base) is None


def test_switching_on_a_section_saves_the_page_and_stays_on_it(app, visitor):
    visitor.start()
    visitor.say_role("T", school_id(app))
    first = visitor.page
    answered = {name: first.values(name)[1] for name in first.fields()}
    page = visitor.send_page(answered, language="en-US")
    assert page.path == first.path
    assert lang(page) == "en-US"
    assert page.checked() == answered
    assert page.text != first.text
    with app.app_context():
        (draft,) = db.session.query(Draft).all()
        assert len(draft.answers) == len(answered)
        assert draft.pages == []


def test_the_buttons_on_a_section_belong_to_its_form_and_enter_still_goes_on(app, visitor):
    visitor.start()
    page = visitor.say_role("T", school_id(app))
    form = re.search(r'<form id="answers"', page.html)
    assert form
    owned = re.findall(r'<button[^>]*form="answers"[^>]*>', page.html)
    assert 'name="go" value="on"' in owned[0]
    assert ['name="language"' in button for button in owned[1:]] == [True]
    assert page.html.index(owned[0]) < page.html.index(owned[1])


def test_switching_between_role_and_school_keeps_what_was_chosen(app, visitor):
    visitor.start()
    page = visitor.post("/you", role="T", school="", language="en-US")
    assert page.status == 200
    assert lang(page) == "en-US"
    assert 'value="T" checked' in page.html
    assert 'class="error-summary"' not in page.html
    page = visitor.post("/you", role="T", school=school_id(app), language="en-GB")
    assert page.path.endswith("/you")
    assert lang(page) == "en-GB"
    assert 'value="T" checked' in page.html
    assert f'value="{school_id(app)}" selected' in page.html


def test_a_switch_on_every_page_leads_back_to_it(app, visitor):
    visitor.get()
    for path in ("", "/no", "/resume", "/left", "/withdrawn"):
        visitor.get(path)
        page = switch(visitor, "en-US")
        assert page.path == visitor.base + path
        assert lang(page) == "en-US"
        switch(visitor, "en-GB")
    visitor.start()
    visitor.say_role("T", school_id(app))
    visitor.send_page({})
    for path in ("/review", "/withdraw"):
        visitor.get(path)
        assert switch(visitor, "en-US").path == visitor.base + path
        switch(visitor, "en-GB")


def test_answers_given_in_two_languages_are_one_persons(app, visitor, link):
    visitor.start()
    visitor.say_role("T", school_id(app))
    given = {}
    for turn in range(40):
        page = visitor.page
        if not page.fields():
            break
        answered = {name: page.values(name)[0] for name in page.fields()}
        given |= answered
        visitor.send_page(answered, language=("en-US", "en-GB")[turn % 2])
        assert visitor.page.checked() == answered
        visitor.send_page(answered, go="on")
    assert visitor.page.path.endswith("/review")
    visitor.post("/send")
    with app.app_context():
        (draft,) = db.session.query(Draft).all()
        assert draft.sent
        assert {f"item-{code}": str(value) for code, value in draft.answers.items()} == given


def test_a_forged_language_field_on_a_section_saves_the_page_and_goes_on(app, visitor):
    visitor.start()
    visitor.say_role("T", school_id(app))
    first = visitor.page.path
    page = visitor.send_page({}, language="xx-XX")
    assert lang(page) == "en-GB"
    assert page.path != first


def test_a_switch_without_the_token_is_refused(visitor, link):
    reply = visitor.client.post(f"/r/{link}/language", data={"language": "en-US", "back": ""})
    assert reply.status_code == 400
    assert not any(c.startswith("language=") for c in reply.headers.getlist("Set-Cookie"))


def test_a_closed_round_says_so_in_each_language(app, visitor, link):
    with app.app_context():
        round_ = db.session.query(Round).filter_by(link=link).one()
        rounds.close(db.session, round_, by=None, now=datetime.now(UTC))
        db.session.commit()
    visitor.get()
    page = switch(visitor, "en-US")
    assert "This survey has closed" in page.text


def test_dates_are_written_as_the_chosen_locale_writes_them(app, visitor, link):
    with app.app_context():
        closes = db.session.query(Round).filter_by(link=link).one().closes_at
    assert f"{closes.day} {closes:%B} {closes.year}" in visitor.get().text
    assert f"{closes:%B} {closes.day}, {closes.year}" in switch(visitor, "en-US").text


def test_staff_who_answer_in_an_unverified_translation_are_told(pseudo_visitor):
    told = "This translation has not been checked by a translator."
    assert told not in pseudo_visitor.get().text
    page = switch(pseudo_visitor, "en-XA")
    assert PSEUDO["en-XA"](told) in page.text


def test_a_translation_that_changed_is_off_the_pages_at_once(app, pseudo_visitor, settings):
    pseudo_visitor.get()
    assert lang(switch(pseudo_visitor, "en-XA")) == "en-XA"
    path = settings.translations_dir / "mto-learning-profile" / "0.1" / "en-XA.toml"
    path.write_text(path.read_text("utf-8").replace("[", "[!", 1), "utf-8")
    page = pseudo_visitor.get()
    assert lang(page) == "en-GB"
    assert "(en-XA)" not in page.html


# Every page in the pseudo-locales: whatever is still English was never marked for translation

#: what is data and stays as it is
DATA = ("Harbour Reach Schools Trust", "Harbour Reach", "the review", "Midtier", *SCHOOLS)
TURNED = re.compile(f"{RIGHT_TO_LEFT}[^{END}]*{END}")
MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"


def untranslated(page, code) -> list[str]:
    """Plain English words that a person sees or hears on the page."""
    html = re.sub(r"<(ul)>\s*<li lang=.*?</\1>", " ", page.html, flags=re.S)  # the switch's names
    html = re.sub(r'<(p|a)[^>]* translate="no"[^>]*>.*?</\1>', " ", html, flags=re.S)
    spoken = re.findall(
        r'(?:aria-label|alt|placeholder|title|data-(?!draft)[a-z]+)="([^"]*)"', html
    )
    text = " ".join([re.sub(r"<[^>]+>", " ", html), *spoken])
    text = re.sub(r"&[a-z#0-9]+;", " ", text)
    text = re.sub(r"https?://\S+", " ", text)  # the round's own address
    for name in DATA:
        text = text.replace(name, " ")
    text = re.sub(rf"\b\d{{1,2}} {MONTH} \d{{4}}", " ", text)
    if code == "ar-XB":
        text = TURNED.sub(" ", text)
    return re.findall(r"[A-Za-z]{2,}", text)


def check_pseudo(page, code):
    assert lang(page) == code
    wanted = "rtl" if code == "ar-XB" else "ltr"
    assert f'<html lang="{code}" dir="{wanted}">' in page.html
    assert untranslated(page, code) == [], page.path


@pytest.mark.parametrize("code", PSEUDO_CODES)
@pytest.mark.parametrize("role", ["T", "H"])
def test_no_page_of_answering_shows_an_untranslated_word(app, pseudo_visitor, code, role):
    visitor = pseudo_visitor
    visitor.get()
    check_pseudo(switch(visitor, code), code)
    for path in ("/who", "/no", "/resume", "/left", "/withdrawn"):
        check_pseudo(visitor.get(path), code)
    visitor.get("/resume")
    check_pseudo(visitor.post("/resume", words=""), code)
    check_pseudo(visitor.post("/resume", words="none of them leads anywhere"), code)
    visitor.get()
    check_pseudo(visitor.post("/start"), code)
    check_pseudo(visitor.get("/go"), code)
    check_pseudo(visitor.post("/you", role="", school=""), code)
    check_pseudo(visitor.post("/you", role="T", school=""), code)
    visitor.say_role(role, school_id(app) if role == "T" else "")
    check_pseudo(visitor.send_page({}, insists=False), code)  # it asks about what is left empty
    sections = 0
    while visitor.page.fields():
        check_pseudo(visitor.page, code)
        page = visitor.page
        answered = {name: page.values(name)[0] for name in page.fields()}
        check_pseudo(visitor.send_page(answered, clear=page.fields()[0][5:]), code)
        visitor.send_page(answered)
        sections += 1
    assert sections > 8
    check_pseudo(visitor.page, code)  # the last look
    check_pseudo(visitor.post("/send"), code)
    for path in ("", "/review", "/withdraw", "/thanks"):
        check_pseudo(visitor.get(path), code)
    check_pseudo(visitor.post("/s/framework", **{"item-XXX": "1"}), code)  # a refusal
    check_pseudo(visitor.get("/s/nowhere"), code)
    visitor.get("/withdraw")
    check_pseudo(visitor.post("/withdraw"), code)
    check_pseudo(visitor.post("/send", token=token_of(visitor)), code)


def token_of(visitor) -> str:
    visitor.get("/resume")
    return re.search(r'name="csrf_token"[^>]* value="([^"]+)"', visitor.page.html)[1]


@pytest.mark.parametrize("code", PSEUDO_CODES)
def test_no_page_behind_a_personal_link_shows_an_untranslated_word(app, settings, code):
    with app.app_context():
        link = make_round(db.session, now=datetime.now(UTC), mode="confidential").link
    install_both(settings.translations_dir, code)
    offer(app, link, code)
    stranger = Visitor(app, link)
    stranger.get()
    check_pseudo(switch(stranger, code), code)  # without a personal link
    check_pseudo(stranger.post("/start"), code)
    token = invite(app, link)
    visitor = Visitor(app, link)
    visitor.open_link(token)
    check_pseudo(switch(visitor, code), code)
    check_pseudo(visitor.get("/who"), code)
    check_pseudo(visitor.post("/start"), code)
    visitor.get("/go")
    page = visitor.say_role("T", school_id(app))
    name = page.fields()[0]
    visitor.send_page({name: page.values(name)[0]}, insists=False)
    elsewhere = Visitor(app, link)  # the same link on another device shows nothing of it
    elsewhere.open_link(token)
    check_pseudo(switch(elsewhere, code), code)
    check_pseudo(elsewhere.get("/go"), code)
    assert name not in elsewhere.page.fields()
    check_pseudo(visitor.get("/review"), code)


def test_a_switch_on_a_second_device_keeps_what_was_chosen_there(app):
    with app.app_context():
        link = make_round(db.session, now=datetime.now(UTC), mode="confidential").link
    offer(app, link, "en-US")
    token = invite(app, link)
    first, second = Visitor(app, link), Visitor(app, link)
    first.open_link(token)
    first.post("/start")
    first.get("/go")
    first.say_role("T", school_id(app))
    second.open_link(token)
    page = second.get("/go")
    name = page.fields()[0]
    value = page.values(name)[0]
    page = second.send_page({name: value}, language="en-US")
    assert lang(page) == "en-US"
    with app.app_context():
        (draft,) = db.session.query(Draft).all()
        assert {f"item-{code}": str(given) for code, given in draft.answers.items()} == {
            name: value
        }


@pytest.mark.parametrize("code", PSEUDO_CODES)
def test_nothing_of_a_closed_round_is_untranslated(app, pseudo_visitor, link, code):
    pseudo_visitor.get()
    switch(pseudo_visitor, code)
    with app.app_context():
        round_ = db.session.query(Round).filter_by(link=link).one()
        rounds.close(db.session, round_, by=None, now=datetime.now(UTC))
        db.session.commit()
    check_pseudo(pseudo_visitor.get(), code)


def test_the_search_for_untranslated_words_finds_one(app, pseudo_visitor):
    page = pseudo_visitor.get()
    assert "promise" in untranslated(page, "en-XA")
    assert "promise" in untranslated(page, "ar-XB")


def test_every_instrument_of_the_library_can_be_answered_in_a_pseudo_locale(app, settings):
    for slug, version in registry.available():
        install_both(settings.translations_dir, "ar-XB", instrument=f"{slug}@{version}")
    with app.app_context():
        link = make_round(db.session, now=datetime.now(UTC), instrument="bfi25").link
    offer(app, link, "ar-XB")
    visitor = Visitor(app, link)
    visitor.get()
    switch(visitor, "ar-XB")
    visitor.post("/start")
    check_pseudo(visitor.get("/go"), "ar-XB")
