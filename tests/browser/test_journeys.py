"""Journeys of one person on one phone: in another language, by keyboard, twice over, back, out."""

import random
import re
import subprocess
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from survey.models import Round
from survey.services import entry_codes, languages
from tests.browser.answering import (
    answer_page,
    answer_rest,
    begin,
    checked,
    choose,
    come_back,
    follow,
    go_on,
    is_section,
    say_place,
    waiting,
)
from tests.browser.keyboard import check_focus, press_until, tab_to
from tests.browser.staging import (
    SCHOOLS,
    as_stored,
    check_and_close,
    close,
    drafts,
    leader,
    responses,
    until,
    writing,
)

pytestmark = pytest.mark.browser


# --- languages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript on", "JavaScript off"])
def test_the_language_is_switched_midway_and_what_was_chosen_stays(
    device, house, stage, draw, script
):
    with writing(house) as session:
        round_ = session.get_one(Round, stage.round_id)
        languages.offer(
            session,
            round_,
            ["en-US"],
            by=leader(session, round_),
            now=datetime.now(UTC),
            folder=house.settings.translations_dir,
        )
    page = device(java_script_enabled=script, locale="en-GB")
    begin(page, stage.link)
    page.locator("#role-T").check()
    page.locator("#school").select_option(index=1)
    switch(page, "en-US")
    assert page.url.endswith("/you")
    assert page.locator("#role-T").is_checked()
    go_on(page)
    chosen = answer_page(page, draw)
    page.route("**/s/**", only_whole_pages)  # with a script: nothing is saved answer by answer
    half = choose(page, draw)
    switch(page, "en-GB")
    assert checked(page) == half
    assert drafts(stage)[0].answers == as_stored(chosen | half)
    page.unroute("**/s/**")
    go_on(page)
    check_and_close(stage, chosen | half | answer_rest(page, draw))


def only_whole_pages(route):
    if "application/json" in route.request.headers.get("accept", ""):
        route.abort("connectionreset")
    else:
        route.fallback()


def switch(page: Page, code: str) -> None:
    follow(page.locator(f".languages button[value={code}]"))
    assert page.locator("html").get_attribute("lang") == code
    expect(page.locator(f".languages li[lang={code}] strong")).to_be_visible()


# --- keyboard ------------------------------------------------------------------------------------


def test_from_the_front_page_to_thanks_by_keyboard_alone(device, house, stage):
    with writing(house) as session:
        round_ = session.get_one(Round, stage.round_id)
        entry_codes.make(session, round_, by=leader(session, round_), now=datetime.now(UTC))
        code = next(
            place.code for place in entry_codes.places(session, round_) if place.name == SCHOOLS[1]
        )
    page = device()
    page.goto(house.url)
    tab_to(page, "#code")
    page.keyboard.type(code)
    press_until(page, "Enter", stage.link)
    tab_to(page, "form[action$='/start'] button")
    press_until(page, "Space", "/words")
    tab_to(page, "main .buttons a")
    press_until(page, "Enter", "/you")
    place_by_keyboard(page)
    chosen: dict[str, str] = {}
    asked = 0
    while is_section(page):
        empty = "asked=1" in page.url
        asked += empty
        chosen |= empty_question_by_keyboard(page) if empty else section_by_keyboard(page, asked)
    tab_to(page, "form[action$='/send'] button")
    press_until(page, "Enter", "/thanks")
    assert asked == 1
    check_and_close(stage, chosen, school=SCHOOLS[1])


def place_by_keyboard(page: Page) -> None:
    """Send it empty; the summary takes focus, its link leads to the question; choose by arrows."""
    tab_to(page, "form#where .buttons button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    check_focus(page, ".error-summary")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    check_focus(page, "#role-T")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.locator("#role-T").is_checked()
    tab_to(page, "#school")  # the poster's school is chosen already
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    tab_to(page, "form#where .buttons button")
    press_until(page, "Enter", "/s/")


def section_by_keyboard(page: Page, asked: int) -> dict[str, str]:
    """Answer with Space and arrows, the last question not at first; Enter in a radio goes on."""
    questions = page.locator("fieldset.question").all()
    kept = questions if asked or len(questions) == 1 else questions[:-1]
    for number, question in enumerate(kept):
        field = question.get_attribute("id")
        tab_to(page, f"#{field} input")
        page.keyboard.press("Space")
        for _ in range(number):
            page.keyboard.press("ArrowDown")
            check_focus(page)
    chosen = checked(page)
    assert set(chosen) == {each.get_attribute("id") for each in kept}
    press_until(page, "Enter", None)
    return chosen


def empty_question_by_keyboard(page: Page) -> dict[str, str]:
    """The notice takes focus, its link leads to the question; arrows go to the last choice."""
    check_focus(page, "#empty")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    focused = check_focus(page, "input[type=radio]:focus")
    page.keyboard.press("ArrowUp")  # from the first to the last
    last = check_focus(page)
    assert last["name"] == focused["name"]
    assert last["value"] == "CT"
    press_until(page, "Enter", None)
    return {last["name"]: last["value"]}


def test_the_note_that_answers_are_not_saved_never_hides_what_has_focus(device, stage):
    page = device(viewport={"width": 360, "height": 420})
    begin(page, stage.link)
    say_place(page)
    page.context.set_offline(True)
    chosen = section_offline(page)
    expect(page.get_by_role("status")).to_be_in_viewport()
    for _ in range(40):  # and back again to the top
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        check_focus(page)
    page.context.set_offline(False)
    until(lambda: waiting(page) == {})
    assert drafts(stage)[0].answers == as_stored(chosen)


def section_offline(page: Page) -> dict[str, str]:
    for question in page.locator("fieldset.question").all():
        tab_to(page, f"#{question.get_attribute('id')} input")
        page.keyboard.press("Space")
        expect(page.get_by_role("status")).not_to_be_empty()
        for _ in range(5):
            page.keyboard.press("ArrowDown")
            check_focus(page)
    tab_to(page, "main .buttons button[value=back]")
    return checked(page)


# --- twice, and back -----------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript on", "JavaScript off"])
def test_double_clicks_on_start_save_and_send_count_once(device, stage, draw, script):
    page = device(java_script_enabled=script)
    page.goto(stage.link)
    page.locator("form[action$='/start'] button").dblclick()
    arrive(page, "/words")
    words = page.locator(".resume-words").inner_text()
    page.locator("main .buttons a").dblclick()
    arrive(page, "/you")
    say_place(page)
    chosen = choose(page, draw)
    here = page.url
    page.locator("main .buttons button").first.dblclick()
    expect(page).not_to_have_url(here)
    page.wait_for_load_state()
    while is_section(page):
        chosen |= answer_page(page, draw)
    page.locator("form[action$='/send'] button").dblclick()
    arrive(page, "/thanks")
    (draft,) = [each for each in drafts(stage) if each.role]
    assert draft.answers == as_stored(chosen)
    close(stage)
    assert [each.answers for each in responses(stage)] == [as_stored(chosen)]
    assert len(words.split()) == 5


def arrive(page: Page, path: str) -> None:
    """Wait for an address: the second click may break off the way there that the first began."""
    expect(page).to_have_url(re.compile(f"{path}$"))
    page.wait_for_load_state()


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript on", "JavaScript off"])
def test_the_back_button_shows_what_was_saved_and_takes_nothing_back(device, stage, draw, script):
    page = device(java_script_enabled=script)
    begin(page, stage.link)
    say_place(page)
    first = answer_page(page, draw)
    second = answer_page(page, draw)
    page.go_back()
    assert checked(page) == second
    page.go_back()
    assert checked(page) == first
    radio = page.locator("fieldset.question").first.locator("input[type=radio]").last
    radio.check()
    first = checked(page)
    go_on(page)
    go_on(page)
    third = answer_page(page, draw)
    page.go_back()
    page.go_forward()
    chosen = first | second | third | answer_rest(page, draw)
    page.go_back()  # and after sending, too
    assert page.locator("h1").is_visible()
    check_and_close(stage, chosen)


# --- out -----------------------------------------------------------------------------------------


def test_withdrawal_deletes_and_leaves_no_trace_once_the_round_has_closed(device, house, stage):
    other = device(java_script_enabled=False)
    begin(other, stage.link)
    say_place(other, school=SCHOOLS[1])
    kept = answer_rest(other, random.Random(4))

    page = device()
    words = begin(page, stage.link)
    say_place(page)
    # answers of nobody else in this house, whose files are searched for them
    withdrawn = answer_rest(page, random.Random("withdrawn"))
    pattern = stored_text(house, stage, SCHOOLS[0])
    assert pattern in files(house)
    follow(page.locator("a[href$='/withdraw']"))
    withdraw(page)
    assert [each.school for each in drafts(stage)] == [SCHOOLS[1]]
    assert waiting(page) == {}
    assert not [each for each in page.context.cookies() if each["name"] == "resume_words"]
    come_back(page, stage.link, words)
    expect(page.locator("#words-error")).to_be_visible()

    check_and_close(stage, kept, school=SCHOOLS[1])
    assert as_stored(withdrawn) != as_stored(kept)
    left = files(house)
    assert [piece for piece in pieces(pattern) if piece in left] == []
    assert stored_text_of_response(house, stage) in left


def withdraw(page: Page) -> None:
    follow(page.locator(".button-danger"))
    assert page.url.endswith("/withdrawn")


def stored_text(site, stage, school: str) -> bytes:
    """A person's answers as they stand in the file."""
    return one_text(
        site,
        "SELECT answers FROM draft JOIN school USING (school_id) WHERE draft.round_id = ? "
        "AND school.name = ?",
        (stage.round_id, school),
    )


def stored_text_of_response(site, stage) -> bytes:
    return one_text(site, "SELECT answers FROM response WHERE round_id = ?", (stage.round_id,))


def one_text(site, query: str, values: tuple[str, ...]) -> bytes:
    with site.engine.connect() as connection:
        (text,) = connection.exec_driver_sql(query, values).one()
    return str(text).encode()


def pieces(text: bytes) -> list[bytes]:
    """The text in overlapping pieces, some eight answers each."""
    return [text[start : start + 80] for start in range(0, len(text) - 80, 20)]


def files(site) -> bytes:
    """Everything in the database's files, as another process reads them.

    This one has the database open, and a process that closes a file gives up every lock it holds
    on it: SQLite's too.
    """
    paths = sorted(site.data_dir.glob("midtier.sqlite*"))
    return subprocess.run(["cat", *paths], check=True, capture_output=True).stdout


def test_a_withdrawn_person_can_take_part_again_from_the_start(device, stage, draw):
    page = device()
    begin(page, stage.link)
    say_place(page)
    answer_page(page, draw)
    page.goto(f"{stage.link}/withdraw")
    withdraw(page)
    begin(page, stage.link)
    say_place(page, school=SCHOOLS[1])
    assert checked(page) == {}
    until(lambda: len(drafts(stage)) == 1)
    check_and_close(stage, answer_rest(page, draw), school=SCHOOLS[1])
