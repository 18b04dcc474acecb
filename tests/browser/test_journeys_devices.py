"""Journeys on two devices and in two tabs: what the server heard last counts, nothing is lost."""

import pytest
from playwright.sync_api import Page, expect

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
    send,
)
from tests.browser.staging import as_stored, check_and_close, drafts, invite, make_round, until

pytestmark = pytest.mark.browser


@pytest.fixture
def confidential(house):
    """A confidential round, and the personal link from its one person's mail."""
    stage = make_round(house, mode="confidential")
    return stage, invite(stage)


def names_on(page: Page) -> set[str]:
    """The questions that the page shows."""
    return {str(each.get_attribute("id")) for each in page.locator("fieldset.question").all()}


def option(page: Page, number: int):
    """The choice so many places on, of the first question of the page."""
    return page.locator("fieldset.question").first.locator("input[type=radio]").nth(number)


def told_to_say_again(page: Page):
    """Waits for the reply to a save that the other device was faster."""
    return page.expect_response(lambda reply: reply.status == 409)


def without(chosen: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in chosen.items() if key != name}


def saved(stage, chosen: dict[str, str]) -> bool:
    (draft,) = drafts(stage)
    return draft.answers.items() >= as_stored(chosen).items()


def test_the_link_alone_shows_on_another_device_only_what_is_left(device, confidential, draw):
    stage, personal_link = confidential
    first, second = device(), device()
    begin(first, personal_link)
    say_place(first)
    chosen = answer_page(first, draw)
    half = choose(first, draw)
    until(lambda: saved(stage, half))
    first.reload()
    taken_back = first.locator("fieldset.question").first
    del half[str(taken_back.get_attribute("id"))]  # so that the page has one question left
    follow(taken_back.locator("button[name=clear]"))
    chosen |= half

    second.goto(personal_link)
    expect(second.get_by_role("link", name="Go on with what is left")).to_be_visible()
    follow(second.get_by_role("link", name="Go on with what is left"))
    there: dict[str, str] = {}
    while is_section(second):
        assert not names_on(second) & set(chosen)
        assert checked(second) == {}
        there |= answer_page(second, draw)
    assert second.get_by_role("link", name="Change", exact=False).count() == 0
    for path in ("words", "withdraw"):
        second.goto(f"{stage.link}/{path}")
        assert second.url == f"{stage.link}/resume"

    first.goto(personal_link)  # the device with the words shows its own answers, and no others
    follow(first.locator(".notice a.button"))
    while is_section(first):
        assert checked(first).items() <= chosen.items()
        go_on(first)
    send(first)
    check_and_close(stage, chosen | there)


def test_with_the_resume_words_the_other_device_shows_everything(device, confidential, draw):
    stage, personal_link = confidential
    first, second = device(java_script_enabled=False), device(java_script_enabled=False)
    words = begin(first, personal_link)
    say_place(first)
    chosen = answer_page(first, draw)
    here = answer_page(first, draw)

    second.goto(personal_link)
    come_back(second, stage.link, words.upper())
    assert is_section(second)
    follow(second.locator(".buttons button[value=back]"))
    assert checked(second) == here
    option(second, 0).check()
    here |= checked(second)
    go_on(second)
    chosen |= here | answer_page(second, draw)

    first.goto(f"{stage.link}/go")  # and the first goes on where the second stopped
    chosen |= answer_rest(first, draw)
    second.goto(personal_link)
    expect(second.locator(".notice")).to_contain_text("You have begun on this device.")
    check_and_close(stage, chosen)


@pytest.mark.parametrize("mode", ["anonymous", "confidential"])
@pytest.mark.parametrize("last", ["the first device", "the second device"])
def test_of_two_devices_the_later_save_decides(device, house, draw, mode, last):
    stage = make_round(house, mode=mode)
    link = stage.link if mode == "anonymous" else invite(stage)
    first, second = device(), device()
    words = begin(first, link)
    say_place(first)
    second.goto(link)
    come_back(second, stage.link, words)
    assert second.url == first.url  # both have the same page open, empty
    early, late = (second, first) if last == "the first device" else (first, second)
    option(early, 0).check()
    until(lambda: saved(stage, checked(early)))
    with told_to_say_again(late):
        option(late, 1).check()
    until(lambda: saved(stage, checked(late)))
    late.context.set_offline(True)
    chosen = choose(early, draw)
    option(late, 2).check()
    name = str(option(late, 2).get_attribute("name"))
    chosen[name] = str(option(late, 2).get_attribute("value"))
    expect(late.get_by_role("status")).to_contain_text("Not saved yet.")
    until(lambda: saved(stage, without(chosen, name)))
    with told_to_say_again(late):
        late.context.set_offline(False)
    until(lambda: saved(stage, chosen))
    expect(late.get_by_role("status")).to_have_text(
        "Another device changed answers on this page. You see them as they are now."
    )
    assert checked(late) == chosen
    go_on(late)
    chosen |= answer_page(late, draw)
    early.goto(f"{stage.link}/go")
    check_and_close(stage, chosen | answer_rest(early, draw))


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript on", "JavaScript off"])
def test_two_tabs_of_one_page_lose_nothing(device, house, draw, script):
    stage = make_round(house)
    left = device(java_script_enabled=script)
    begin(left, stage.link)
    say_place(left)
    right = left.context.new_page()
    right.goto(left.url)
    questions = left.locator("fieldset.question").all()
    chosen = {}
    for number, question in enumerate(questions):
        tab = left if number % 2 else right
        field = str(question.get_attribute("id"))
        tab.bring_to_front()
        radio = tab.locator(f"#{field} input").nth(number)
        radio.check()
        chosen[field] = str(radio.get_attribute("value"))
    if script:
        until(lambda: saved(stage, chosen))
        assert checked(right) == chosen
        go_on(right)
    else:
        right.bring_to_front()
        go_on(right)  # asks about the question that this tab shows as empty
        left.bring_to_front()
        go_on(left)
    left.bring_to_front()
    left.goto(f"{stage.link}/go")
    chosen |= answer_rest(left, draw)
    check_and_close(stage, chosen)
