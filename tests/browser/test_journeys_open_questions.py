"""Open questions from the box to the leader's page, in real Chromium, with and without a script."""

import random

import pytest
from playwright.sync_api import Page, expect

from survey.models import Round
from survey.services import accounts
from tests.browser.accessibility import LOOKS, find_nothing
from tests.browser.answering import answer_page, begin, come_back, follow, go_on, say_place, waiting
from tests.browser.staging import close, make_open_round, until, writing, written
from tests.survey import open_kit

pytestmark = pytest.mark.browser

STORY, MOVE = open_kit.STORY, open_kit.MOVE
PASSWORD = "a password for tests"


@pytest.fixture
def stage(house):
    return make_open_round(house)


def to_the_boxes(page: Page, stage) -> str:
    """Begin, answer one page, and go on to the boxes; returns the resume words."""
    words = begin(page, stage.link)
    say_place(page)
    answer_page(page, random.Random(3))
    page.goto(f"{stage.link}/s/open")
    return words


def no_saving(route):
    if route.request.method == "POST":
        route.abort()
    else:
        route.fallback()


def box(page: Page, item: str):
    return page.locator(f"textarea[name=item-{item}]")


def tick(page: Page, item: str):
    return page.locator(f"input[name=quote-{item}]")


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript on", "JavaScript off"])
def test_words_and_a_tick_are_saved_counted_and_come_back_on_another_device(device, stage, script):
    page = device(java_script_enabled=script)
    words = to_the_boxes(page, stage)
    box(page, STORY).fill("We met.\nEvery week.")
    tick(page, STORY).check()
    go_on(page)
    assert "asked=1" not in page.url
    assert written(stage) == [({STORY: "We met.\nEvery week."}, [STORY])]
    page.goto(f"{stage.link}/review")
    assert page.get_by_text("1 of 2 answered").count() == 1
    other = device(java_script_enabled=script)
    come_back(other, stage.link, words)
    other.goto(f"{stage.link}/s/open")
    expect(box(other, STORY)).to_have_value("We met.\nEvery week.")
    expect(tick(other, STORY)).to_be_checked()
    expect(tick(other, MOVE)).not_to_be_checked()
    box(other, STORY).fill("")
    go_on(other)
    assert written(stage) == [({}, [])]


def test_words_are_saved_after_a_pause_and_when_the_box_is_left(device, stage):
    page = device()
    to_the_boxes(page, stage)
    asked = []
    page.on("request", lambda each: asked.append(each) if each.method == "POST" else None)
    box(page, STORY).press_sequentially("One by one", delay=30)
    assert asked == []
    until(lambda: page.wait_for_timeout(50) or written(stage)[0][0] == {STORY: "One by one"})
    assert len(asked) == 1
    box(page, MOVE).press_sequentially("Tests")
    tick(page, MOVE).focus()
    until(lambda: page.wait_for_timeout(50) or written(stage)[0][0].get(MOVE) == "Tests")
    tick(page, MOVE).check()
    until(lambda: page.wait_for_timeout(50) or written(stage)[0][1] == [MOVE])
    until(lambda: waiting(page) == {})


def test_words_typed_offline_wait_in_the_tab_outlive_a_reload_and_are_saved_later(device, stage):
    page = device()
    to_the_boxes(page, stage)
    page.route("**/s/open", no_saving)
    box(page, STORY).fill("Typed in a tunnel")
    tick(page, STORY).check()
    expect(page.locator(".unsaved-wrong")).not_to_be_empty()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(box(page, STORY)).to_have_value("Typed in a tunnel")
    expect(tick(page, STORY)).to_be_checked()
    assert written(stage) == [({}, [])]
    page.unroute("**/s/open")
    until(
        lambda: (
            page.wait_for_timeout(50) or written(stage) == [({STORY: "Typed in a tunnel"}, [STORY])]
        )
    )
    until(lambda: page.wait_for_timeout(50) or waiting(page) == {})


def test_two_devices_that_write_at_once_lose_nothing_that_was_not_typed_over(device, stage):
    page = device()
    words = to_the_boxes(page, stage)
    other = device()
    come_back(other, stage.link, words)
    other.goto(f"{stage.link}/s/open")
    box(page, STORY).fill("On the phone")
    tick(page, STORY).check()
    until(lambda: page.wait_for_timeout(50) or written(stage)[0][1] == [STORY])
    box(other, MOVE).fill("On the tablet")
    box(other, MOVE).blur()
    both = {STORY: "On the phone", MOVE: "On the tablet"}
    until(lambda: other.wait_for_timeout(50) or written(stage) == [(both, [STORY])])
    expect(box(other, STORY)).to_have_value("On the phone")
    expect(tick(other, STORY)).to_be_checked()
    expect(other.locator(".unsaved")).to_contain_text("Another device")


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript on", "JavaScript off"])
def test_too_many_words_are_said_and_stay_in_the_box(device, stage, script):
    page = device(java_script_enabled=script)
    to_the_boxes(page, stage)
    assert box(page, STORY).get_attribute("maxlength") == "800"
    box(page, STORY).evaluate("each => each.removeAttribute('maxlength')")
    box(page, STORY).fill("x" * 900)
    if script:
        box(page, STORY).blur()
        expect(page.locator(".unsaved-wrong")).to_contain_text("too long")
    else:
        follow(page.locator("main .buttons button").first)
        expect(page.locator(".error-summary a")).to_contain_text("100 characters")
    assert len(box(page, STORY).input_value()) == 900
    assert written(stage) == [({}, [])]


# --- the desk ------------------------------------------------------------------------------------


def accounts_of(house, stage):
    """A leader and a reader of the round's organisation; returns their addresses."""
    with writing(house) as session:
        round_ = session.get_one(Round, stage.round_id)
        found = {}
        for role in ("leader", "reader"):
            email = f"{role}@{stage.round_id}.example"
            made = accounts.create(
                session,
                email=email,
                name=f"A {role}",
                organisation=round_.organisation,
                role=role,
                password=PASSWORD,
            )
            found[role] = made.email
        return found


def sign_in(page: Page, house, email: str) -> None:
    page.goto(f"{house.url}/sign-in")
    page.locator("input[type=email]").fill(email)
    page.locator("input[type=password]").fill(PASSWORD)
    follow(page.locator("main form button"))


def look(page: Page, looked: list[str], looks: tuple[str, ...]) -> None:
    """Nothing is wrong with the page, as far as a script can say; it does not scroll sideways."""
    looked.append(page.url)
    if looks:
        find_nothing(page, looks=looks)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, page.url


@pytest.mark.parametrize(
    "looks",
    [
        pytest.param((), id="JavaScript off"),
        pytest.param(("phone",), id="JavaScript on"),
        pytest.param(tuple(LOOKS), id="all looks", marks=pytest.mark.long),
    ],
)
def test_a_reader_reads_flags_gathers_and_hands_over_and_a_leader_sees_themes(device, house, looks):
    stage = make_open_round(house)
    people = accounts_of(house, stage)
    looked: list[str] = []
    lead, read = (device(java_script_enabled=bool(looks)) for _ in range(2))
    sign_in(lead, house, people["leader"])
    round_page = f"{house.url}/lead/rounds/{stage.round_id}"
    lead.goto(f"{round_page}/words")
    look(lead, looked, looks)
    lead.locator("#how").fill("")
    follow(lead.get_by_role("button", name="Save"))
    expect(lead.locator(".error-summary a")).to_have_attribute("href", "#how")
    look(lead, looked, looks)
    with writing(house) as session:
        open_kit.fill_with_words(session, session.get_one(Round, stage.round_id))
    sign_in(read, house, people["reader"])
    assert read.url == f"{house.url}/read/"
    look(read, looked, looks)
    lead.goto(f"{round_page}/words")
    look(lead, looked, looks)
    lead.goto(f"{round_page}/themes")
    look(lead, looked, looks)
    close(stage)
    read.reload()
    look(read, looked, looks)
    follow(read.get_by_role("link", name="To the desk").first)
    look(read, looked, looks)
    follow(read.get_by_role("link", name="Read the next").first)
    look(read, looked, looks)
    follow(read.get_by_role("button", name="Flag it and show the route"))
    expect(read.locator("#harm ~ .notice")).to_contain_text(open_kit.ROUTE.goes_to)
    look(read, looked, looks)
    follow(read.get_by_role("button", name="I have passed it on"))
    name = read.get_by_label("A new theme")
    name.evaluate("each => each.removeAttribute('maxlength')")
    name.fill("x" * 130)
    follow(read.get_by_role("button", name="Save and read the next"))
    expect(read.locator(".error-summary a")).to_have_attribute("href", "#new_theme")
    look(read, looked, looks)
    name.fill("Time to meet")
    follow(read.get_by_role("button", name="Save and read the next"))
    while "/answers/" in read.url:
        read.get_by_label("Time to meet").check()
        if read.locator("#redacted").count():
            read.locator("#redacted").fill("Somebody said so")
            read.locator("#is_cleared").check()
        follow(read.get_by_role("button", name="Save and read the next"))
    look(read, looked, looks)
    follow(read.get_by_role("link", name="All answers").first)
    look(read, looked, looks)
    follow(read.get_by_role("link", name="Back to the desk"))
    follow(read.get_by_role("link", name="Time to meet"))
    look(read, looked, looks)
    follow(read.get_by_role("link", name="Back to the desk"))
    follow(read.get_by_role("link", name="Hand over the themes"))
    look(read, looked, looks)
    follow(read.get_by_role("button", name="Hand over, and delete the words"))
    look(read, looked, looks)
    lead.goto(f"{round_page}/themes")
    expect(lead.get_by_role("row", name="Time to meet 25–49")).to_be_visible()
    look(lead, looked, looks)
    follow(lead.get_by_role("link", name="Ask for quotations"))
    look(lead, looked, looks)
    follow(lead.get_by_role("button", name="Show the quotations"))
    assert lead.get_by_text("Somebody said so").count() > 3
    look(lead, looked, looks)
    lead.goto(round_page)
    look(lead, looked, looks)
    assert len(looked) == 19
