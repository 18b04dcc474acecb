"""Every state of every page on which staff answer, in every scheme, width and direction."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from werkzeug.exceptions import MethodNotAllowed, NotFound

from survey import create_app
from survey.models import Round
from survey.services import entry_codes
from survey.settings import read_settings
from tests.browser import states
from tests.browser.accessibility import DESK, FORCED, find_nothing, lose_nothing, tree
from tests.browser.answering import begin, checked, follow, say_place
from tests.browser.staging import invite, leader, make_round, speak, writing

pytestmark = pytest.mark.browser

#: what leads on at once and shows no page of its own
NO_PAGE = {"respond.go_on"}


def walk(device, house, locale):
    """All states; each new device speaks the locale."""
    made = []

    def speaking():
        page = device(locale=locale)
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        made.append(page)
        return page

    anonymous, code = stage_with_code(house)
    confidential = make_round(house, mode="confidential")
    later = datetime.now(UTC) + timedelta(days=1)
    waiting = make_round(house, opens_at=later, closes_at=later + timedelta(days=1))
    if locale != "en-GB":
        for stage in (anonymous, confidential, waiting):
            speak(stage, locale)
    yield from states.outside(speaking, anonymous, code)
    yield from states.arriving(speaking, anonymous)
    page = speaking()
    page.goto(waiting.link)
    yield page, "not open yet"
    yield from states.with_a_link(speaking, confidential, invite(confidential))
    for page in made:
        assert [text for text in page.complaints if "Content Security Policy" in text] == []


def stage_with_code(house):
    stage = make_round(house)
    with writing(house) as session:
        round_ = session.get_one(Round, stage.round_id)
        entry_codes.make(session, round_, by=leader(session, round_), now=datetime.now(UTC))
        return stage, entry_codes.places(session, round_)[0].code


def test_nothing_is_wrong_in_any_state_and_each_page_has_one(device, house, addresses):
    seen, visited = [], set()
    for page, name in walk(device, house, "en-GB"):
        seen.append(name)
        visited.add(urlsplit(page.url).path)
        find_nothing(page)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(DESK)
        find_nothing(page)
        page.emulate_media(color_scheme="light")
        lose_nothing(page)
    assert len(seen) == len(set(seen))
    assert pages_of_answering(addresses) - endpoints(addresses, visited) == NO_PAGE
    assert len(seen) > 40


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    """The program's addresses; made in a thread of its own, beside Playwright's event loop."""
    settings = read_settings(data_dir=tmp_path_factory.mktemp("addresses"))
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(lambda: create_app(settings).url_map).result()


def pages_of_answering(addresses) -> set[str]:
    return {
        each.endpoint
        for each in addresses.iter_rules()
        if "GET" in each.methods and each.endpoint.startswith(("respond.", "enter."))
    }


def endpoints(addresses, visited) -> set[str]:
    found = set()
    for path in visited:
        with suppress(NotFound, MethodNotAllowed):  # such a page is a state too
            found.add(addresses.bind("").match(path)[0])
    return found


@pytest.mark.parametrize(
    ("locale", "direction"),
    [("ar-XB", "rtl"), pytest.param("en-XA", "ltr", marks=pytest.mark.long)],
)
def test_nothing_is_wrong_in_a_long_language_and_from_right_to_left(
    device, house, locale, direction
):
    for page, name in walk(device, house, locale):
        if name.startswith("section "):  # they share a template with the one before them
            continue
        page.emulate_media(color_scheme="dark" if direction == "ltr" else "light")
        assert page.locator("html").get_attribute("dir") == direction, name
        assert page.locator("html").get_attribute("lang") == locale, name
        find_nothing(page)
        lose_nothing(page, ways=("320 px", "wide spaces"))


def test_what_a_question_tells_to_assistive_technology(device, house):
    page = device()
    begin(page, make_round(house).link)
    say_place(page)
    page.locator("fieldset.question").first.locator("input").nth(2).check()
    nodes = tree(page)
    by_id = {node["id"]: node for node in nodes}
    groups = [node for node in nodes if node["role"] == "group"]
    stems = page.locator("fieldset.question legend").all_inner_texts()
    assert [group["name"] for group in groups] == stems
    radios = [node for node in nodes if node["role"] == "radio"]
    told: dict[str, list[tuple[str, str]]] = {stem: [] for stem in stems}
    for radio in radios:
        above = radio
        while above["role"] != "group":
            above = by_id[above["parent"]]
        told[above["name"]].append((radio["name"], radio["checked"]))
    labels = {
        question.locator("legend").inner_text(): question.locator("label").all_inner_texts()
        for question in page.locator("fieldset.question").all()
    }
    for number, stem in enumerate(stems):
        assert [name for name, _ in told[stem]] == labels[stem]
        assert "I can't tell from my role" in labels[stem][-1].replace("\u2019", "'")
        chosen = [place for place, (_, state) in enumerate(told[stem]) if state == "true"]
        assert chosen == ([2] if number == 0 else [])
    assert [node["live"] for node in nodes if node["role"] == "status"] == ["polite"]
    assert [node for node in nodes if node["role"] == "main"]
    assert any(node["role"] == "heading" and node["level"] == 1 for node in nodes)


def test_an_error_is_told_at_its_question_and_takes_focus(device, house):
    page = device()
    begin(page, make_round(house).link)
    follow(page.locator("form#where .buttons button"))
    expect(page.locator(".error-summary")).to_be_focused()
    nodes = tree(page)
    (alert,) = [node for node in nodes if node["role"] == "alert"]
    assert alert["name"] == "There is a problem"
    (group,) = [node for node in nodes if node["role"] == "group"]
    assert group["description"].startswith("Error:")
    assert page.title().startswith("Error:")


def test_where_the_system_chooses_the_colours_a_choice_is_still_told_from_the_others(device, house):
    page = device(forced_colors="active")
    begin(page, make_round(house).link)
    say_place(page)
    page.locator("fieldset.question input").first.check()
    found = page.evaluate(FORCED)
    assert set(found["appearance"]) == {"auto"}  # the system draws the circles itself
    assert len(found["chosen"]) == 1
    assert found["chosen"][0] not in found["others"]
    assert len(checked(page)) == 1


def test_nothing_moves(device, house):
    page = device(reduced_motion="no-preference")
    begin(page, make_round(house).link)
    say_place(page)
    page.locator("fieldset.question input").first.check()
    moving = page.evaluate(
        """() => Array.from(document.querySelectorAll("*")).filter(each => {
            const style = getComputedStyle(each);
            return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0
                || style.scrollBehavior === "smooth";
        }).map(each => each.outerHTML.slice(0, 80))"""
    )
    assert moving == []
    assert page.evaluate("document.getAnimations().length") == 0
