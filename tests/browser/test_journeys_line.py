"""Journeys on a bad line: nothing that was given is lost, and the page says what is not saved."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Error, Page, Response, Route, expect

from tests.browser.answering import (
    answer_page,
    answer_rest,
    begin,
    checked,
    choose,
    go_on,
    is_section,
    say_place,
    waiting,
)
from tests.browser.staging import as_stored, check_and_close, drafts, until

pytestmark = pytest.mark.browser

NOT_SAVED = "Not saved yet. Keep this page open: we try again by ourselves."
SAVED_AGAIN = "Everything is saved again."


@pytest.fixture
def page(device, stage) -> Page:
    """A teacher's phone on the first page of questions."""
    page = device()
    begin(page, stage.link)
    say_place(page)
    return page


def in_draft(stage, chosen: dict[str, str]) -> bool:
    """Whether the draft holds all of this."""
    (draft,) = drafts(stage)
    return draft.answers.items() >= as_stored(chosen).items()


def test_offline_halfway_and_back(page, stage, draw):
    chosen: dict[str, str] = {}
    for _ in range(3):
        chosen |= answer_page(page, draw)
    page.context.set_offline(True)
    offline = choose(page, draw)
    expect(page.get_by_role("status")).to_have_text(NOT_SAVED)
    assert waiting(page) == offline
    here = page.url
    page.locator("main .buttons button").first.click()
    assert page.url == here
    assert not in_draft(stage, offline)
    page.context.set_offline(False)
    page.wait_for_url(lambda url: url != here)  # it goes on by itself
    assert is_section(page)
    assert in_draft(stage, offline)
    assert waiting(page) == {}
    check_and_close(stage, chosen | offline | answer_rest(page, draw))


def test_the_page_warns_before_it_closes_while_answers_wait(page, stage, draw):
    page.context.set_offline(True)
    chosen = choose(page, draw)
    warnings = []

    def stay(dialog):
        warnings.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    assert warnings == ["beforeunload"]
    assert checked(page) == chosen
    page.context.set_offline(False)
    until(lambda: waiting(page) == {})
    expect(page.get_by_role("status")).to_have_text(SAVED_AGAIN)
    go_on(page)
    chosen |= answer_rest(page, draw)
    page.close(run_before_unload=True)  # nothing waits any more: no warning
    assert warnings == ["beforeunload"]
    check_and_close(stage, chosen)


def test_a_page_that_is_reloaded_while_answers_wait_brings_them_back(page, stage, draw):
    page.on("dialog", lambda dialog: dialog.accept())  # leave, though the page warns
    page.context.set_offline(True)
    chosen = choose(page, draw)
    here = page.url
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()
    page.context.set_offline(False)
    page.goto(here)
    until(lambda: waiting(page) == {})
    assert checked(page) == chosen
    assert in_draft(stage, chosen)
    go_on(page)
    check_and_close(stage, chosen | answer_rest(page, draw))


def test_answers_that_wait_are_shown_again_even_before_they_can_be_saved(page, stage, draw):
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/s/**", only_reading)
    chosen = choose(page, draw)
    page.reload()
    assert checked(page) == chosen
    expect(page.get_by_role("status")).to_have_text(NOT_SAVED)
    assert not in_draft(stage, chosen)
    page.unroute("**/s/**")
    until(lambda: in_draft(stage, chosen))
    go_on(page)
    check_and_close(stage, chosen | answer_rest(page, draw))


def only_reading(route: Route) -> None:
    if route.request.method == "POST":
        route.abort("connectionreset")
    else:
        route.fallback()


def test_a_section_left_while_its_answers_wait_is_saved_from_the_next_page(page, stage, draw):
    """The person goes back by the browser, although the page warned."""
    first = answer_page(page, draw)
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/s/**", only_reading)
    second = choose(page, draw)
    page.go_back()
    assert checked(page) == first
    page.unroute("**/s/**")
    until(lambda: in_draft(stage, second))
    go_on(page)
    assert checked(page) == second
    go_on(page)
    check_and_close(stage, first | second | answer_rest(page, draw))


def test_a_reply_lost_on_the_way_costs_nothing(page, stage, draw):
    """The server has saved it, and the page never heard: it says it again."""
    lost = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or len(lost) == 2:
            return route.fallback()
        lost.append(route.fetch().status)
        return route.abort("connectionreset")

    page.route("**/s/**", lose)
    chosen = answer_page(page, draw)
    assert lost == [200, 409]  # saved; then told that the draft had moved on
    check_and_close(stage, chosen | answer_rest(page, draw))


def test_what_is_not_an_answer_of_the_survey_counts_as_not_saved(page, stage, draw):
    """A sign-in page of the building's network answers in the server's place."""
    page.route(
        "**/s/**",
        lambda route: (
            route.fulfill(status=200, content_type="text/html", body="<p>Guests sign in here</p>")
            if route.request.method == "POST"
            else route.fallback()
        ),
    )
    chosen = choose(page, draw)
    expect(page.get_by_role("status")).to_have_text(NOT_SAVED)
    page.unroute("**/s/**")
    until(lambda: in_draft(stage, chosen))
    go_on(page)
    check_and_close(stage, chosen | answer_rest(page, draw))


def test_what_the_server_refused_is_never_called_saved(page, stage, draw):
    """After a bad line, too: the note says what was refused until the page is left."""
    page.route("**/s/**", only_reading)
    forged = page.locator("fieldset.question").first.locator("input[type=radio]").first
    forged.evaluate("each => { each.value = '99'; }")
    forged.check()
    status = page.get_by_role("status")
    expect(status).to_have_text(NOT_SAVED)
    page.unroute("**/s/**")
    expect(status).to_contain_text("That answer is not one of the choices.")
    page.locator("fieldset.question").last.locator("input[type=radio]").first.check()
    until(lambda: len(drafts(stage)[0].answers) == 1)
    until(lambda: waiting(page) == {})
    expect(status).to_contain_text("That answer is not one of the choices.")
    page.reload()
    expect(status).to_be_empty()
    check_and_close(stage, answer_rest(page, draw))


@contextmanager
def held_database(site) -> Iterator[None]:
    """Nobody can write meanwhile: what is being saved stays on its way."""
    connection = sqlite3.connect(site.data_dir / "midtier.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


def test_the_server_killed_while_a_save_is_on_its_way(page, house, stage, draw):
    acknowledged = answer_page(page, draw)
    with held_database(house):
        with page.expect_request(lambda asked: asked.method == "POST"):
            chosen = choose(page, draw)
        house.kill("gunicorn")
        expect(page.get_by_role("status")).to_have_text(NOT_SAVED)
    house.process.wait(60)
    assert in_draft(stage, acknowledged)
    assert not in_draft(stage, chosen)
    house.start()
    until(lambda: in_draft(stage, chosen))  # by itself
    expect(page.get_by_role("status")).to_have_text(SAVED_AGAIN)
    go_on(page)
    check_and_close(stage, acknowledged | chosen | answer_rest(page, draw))


def test_a_web_worker_killed_while_it_saves_loses_no_answer(page, house, stage, draw):
    """Three times: before anything is written, and twice as it comes."""
    acknowledged: dict[str, str] = {}

    def note(response: Response) -> None:
        asked = response.request
        if asked.method == "POST" and response.status == 200:
            sent = dict(parse_qsl(asked.post_data))
            acknowledged.update(
                {name: value for name, value in sent.items() if name.startswith("item-")}
            )

    page.on("response", note)
    with held_database(house):
        with page.expect_request(lambda asked: asked.method == "POST"):
            chosen = choose(page, draw)
        house.kill_web_worker()
        assert waiting(page) == chosen
        assert acknowledged == {}
    for _ in range(2):
        go_on(page)
        assert in_draft(stage, acknowledged)
        assert acknowledged == chosen
        chosen |= choose(page, draw)
        house.kill_web_worker()
        assert in_draft(stage, acknowledged)
    go_on(page)
    check_and_close(stage, chosen | answer_rest(page, draw))


def test_the_server_stopped_while_a_save_is_on_its_way(page, house, stage, draw):
    with held_database(house):
        with page.expect_request(lambda asked: asked.method == "POST"):
            chosen = choose(page, draw)
        house.process.terminate()
        until(lambda: waiting(page) == chosen)
    house.process.wait(60)
    house.start()
    until(lambda: in_draft(stage, chosen))
    until(lambda: waiting(page) == {})
    go_on(page)
    check_and_close(stage, chosen | answer_rest(page, draw))


def test_the_server_restarted_between_pages_without_javascript(device, house, stage, draw):
    page = device(java_script_enabled=False)
    begin(page, stage.link)
    say_place(page)
    chosen = answer_page(page, draw)
    house.stop()
    house.start()
    chosen |= answer_page(page, draw)
    check_and_close(stage, chosen | answer_rest(page, draw))


def test_a_killed_worker_does_not_touch_those_who_answer(page, house, stage, draw):
    chosen = answer_page(page, draw)
    before = house.children("survey.processes")
    house.kill("survey.processes")
    failed = []
    page.on("requestfailed", lambda asked: failed.append(asked.url))
    chosen |= answer_rest(page, draw)
    assert failed == []
    until(lambda: house.children("survey.processes") not in ([], before))
    check_and_close(stage, chosen)
