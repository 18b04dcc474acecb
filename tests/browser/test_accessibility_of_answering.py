"""Every state of every page on which staff answer, in every scheme, width and direction."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound

import survey
from survey import create_app
from survey.models import Round
from survey.services import entry_codes, languages
from survey.settings import read_settings
from tests.browser import states
from tests.browser.accessibility import EACH_ONCE, LOOKS, find_nothing, lose_nothing, stand_still
from tests.browser.staging import (
    close,
    invite,
    leader,
    make_open_round,
    make_round,
    speak,
    writing,
)
from tests.survey import open_kit

pytestmark = pytest.mark.browser

#: what leads on at once and shows no page of its own
NO_PAGE = {"respond.go_on"}
#: frames, and the page on which a leader looks at previews (``test_journeys_setting_up``)
NO_TEMPLATE = {"base.html", "respond/layout.html", "respond/preview_index.html"}


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
    worded = make_open_round(house, mode="confidential")
    for stage in (anonymous, confidential, waiting, worded):
        speak_two(stage, locale)
    yield from states.outside(speaking, anonymous, code)
    yield from states.arriving(speaking, anonymous)
    page = speaking()
    page.goto(waiting.link)
    yield page, "not open yet"
    yield from states.with_a_link(speaking, confidential, invite(confidential))
    yield from states.own_words(speaking, worded, invite(worded, school=open_kit.SCHOOLS[0]))
    close(anonymous)
    yield from states.results(speaking(), anonymous, confidential)
    for page in made:
        assert [text for text in page.complaints if "Content Security Policy" in text] == []


def stage_with_code(house):
    stage = make_round(house)
    with writing(house) as session:
        round_ = session.get_one(Round, stage.round_id)
        entry_codes.make(session, round_, by=leader(session, round_), now=datetime.now(UTC))
        return stage, entry_codes.places(session, round_)[0].code


def speak_two(stage, locale):
    """Two languages, so that the buttons for them are on every page."""
    if locale != "en-GB":
        return speak(stage, locale)
    folder, now = stage.site.settings.translations_dir, datetime.now(UTC)
    with writing(stage.site) as session:
        round_ = session.get_one(Round, stage.round_id)
        by = leader(session, round_)
        languages.offer(session, round_, ["en-US"], by=by, now=now, folder=folder)


@pytest.mark.parametrize(
    ("first", "others"),
    [
        pytest.param(EACH_ONCE, (), id="each template"),
        pytest.param(tuple(LOOKS), EACH_ONCE, id="each state", marks=pytest.mark.long),
    ],
)
def test_nothing_is_wrong_in_any_state_and_each_page_has_one(
    device, house, addresses, first, others
):
    """``first``: the looks of the state that stands for a template; ``others``: of each other."""
    seen, visited = [], set()
    for page, name in walk(device, house, "en-GB"):
        seen.append(name)
        visited.add(urlsplit(page.url).path)
        looks = first if name in states.SHOWN.values() else others
        if looks:
            find_nothing(page, looks=looks)
            lose_nothing(page)
            stand_still(page)
    assert len(seen) == len(set(seen))
    assert pages_of_answering(addresses) - endpoints(addresses, visited) == NO_PAGE
    assert set(states.SHOWN) == templates_for_staff()
    assert set(states.SHOWN.values()) <= set(seen)


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


def templates_for_staff() -> set[str]:
    home = Path(survey.__file__).parent
    folders = [home / "templates", *(home / room / "templates" for room in ("enter", "respond"))]
    found = {
        str(path.relative_to(folder))
        for folder in folders
        for path in folder.rglob("*.html")
        if not path.name.startswith("_")
    }
    return found - NO_TEMPLATE


@pytest.mark.parametrize(
    ("locale", "direction"),
    [("ar-XB", "rtl"), ("en-XA", "ltr")],
)
@pytest.mark.long
def test_nothing_is_wrong_in_a_long_language_and_from_right_to_left(
    device, house, locale, direction
):
    for page, name in walk(device, house, locale):
        assert page.locator("html").get_attribute("dir") == direction, name
        assert page.locator("html").get_attribute("lang") == locale, name
        if not name.startswith("section "):
            find_nothing(page, looks=("phone",))
        lose_nothing(page, ways=("320 px", "text at 200 %, phone", "wide spaces"))
