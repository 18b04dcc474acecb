"""Every state of every page on which staff answer, and how to get there.

A walk yields the name of each state when its page stands there. It works pages by what they are
made of, not by their words, so that every language can be walked.
"""

import random
from collections.abc import Callable, Iterator

from playwright.sync_api import Page, expect

from tests.browser.answering import answer_page, choose, follow, go_on, is_section
from tests.browser.staging import Stage, close, forget_guesses

Walk = Iterator[tuple[Page, str]]
Device = Callable[[], Page]


def outside(device: Device, stage: Stage, code: str) -> Walk:
    """Before a round: the front page, codes, broken links, the statement, errors."""
    page, site = device(), stage.site.url
    page.goto(site)
    yield page, "front page"
    follow(page.locator("main form button"))
    yield page, "front page: nothing typed"
    for _ in range(7):
        page.locator("#code").fill("zzzzzz")
        follow(page.locator("main form button"))
        if _ == 0:
            yield page, "front page: wrong code"
    yield page, "front page: too many wrong codes"
    forget_guesses(stage.site)
    page.goto(f"{site}/c/yyyyyy")
    yield page, "a poster's address with a wrong code"
    page.goto(f"{site}/i/no-such-link")
    yield page, "broken personal link"
    page.goto(f"{site}/accessibility")
    yield page, "accessibility statement"
    page.goto(f"{site}/r/nosuchlink")
    yield page, "not found"
    page.goto(f"{site}/c/{code}")
    assert page.url == stage.link
    forget_guesses(stage.site)


def arriving(device: Device, stage: Stage) -> Walk:
    """In an anonymous round: the promise, resume words, role and school."""
    page = device()
    page.goto(stage.link)
    yield page, "promise"
    page.goto(f"{stage.link}/who")
    yield page, "who can learn what"
    page.goto(f"{stage.link}/no")
    yield page, "declined"
    page.goto(f"{stage.link}/resume")
    yield page, "resume"
    for number in range(7):
        page.locator("#words").fill("five words of nobody ever")
        follow(page.locator("main form button"))
        if number == 0:
            yield page, "resume: wrong words"
    yield page, "resume: too many wrong words"
    forget_guesses(stage.site)
    page.goto(stage.link)
    follow(page.locator("form[action$='/start'] button"))
    yield page, "resume words"
    page.goto(stage.link)
    yield page, "promise: begun on this device"
    page.goto(f"{stage.link}/you")
    yield page, "place"
    follow(page.locator("form#where .buttons button"))
    yield page, "place: errors"
    page.locator("#role-T").check()
    page.locator("#school").select_option(index=1)
    go_on(page)
    first = page.url
    page.goto(f"{stage.link}/review")
    yield page, "review: nothing answered"
    follow(page.locator("form[action$='/send'] button"))
    yield page, "review: error"
    page.goto(first)
    yield from answering(page, stage)


def answering(page: Page, stage: Stage) -> Walk:
    """In an anonymous round: the sections, sending, withdrawing, leaving."""
    draw = random.Random(7)
    yield page, "section"
    page.context.set_offline(True)
    choose(page, draw)
    expect(page.locator(".unsaved")).not_to_be_empty()
    yield page, "section: not saved yet"
    page.context.set_offline(False)
    expect(page.locator(".unsaved-wrong")).to_have_count(0)
    page.reload()
    yield page, "section: answered"
    go_on(page)
    go_on(page)
    assert "asked=1" in page.url
    yield page, "section: questions still empty"
    go_on(page)
    while is_section(page):
        yield page, f"section {page.url.rpartition('/')[2]}"
        answer_page(page, draw)
    page.goto(f"{stage.link}/review")
    yield page, "review"
    send_with_a_wrong_token(page)
    yield page, "refused"
    page.goto(f"{stage.link}/review")
    follow(page.locator("form[action$='/send'] button"))
    yield page, "thanks"
    page.goto(f"{stage.link}/review")
    yield page, "review: sent"
    page.goto(f"{stage.link}/withdraw")
    yield page, "withdraw"
    follow(page.locator(".button-danger"))
    yield page, "withdrawn"
    page.goto(stage.link)
    follow(page.locator("form[action$='/start'] button"))
    page.goto(f"{stage.link}/thanks")
    page.goto(f"{stage.link}/left")
    yield page, "left"


def send_with_a_wrong_token(page: Page) -> None:
    form = page.locator("form[action$='/send']")
    form.locator("[name=csrf_token]").evaluate("each => { each.value = 'wrong'; }")
    follow(form.locator("button"))


def with_a_link(device: Device, stage: Stage, link: str) -> Walk:
    """In a confidential round: with a personal link, without, on a second device; the close."""
    stranger = device()
    stranger.goto(stage.link)
    yield stranger, "promise: no personal link"
    first = device()
    first.goto(link)
    yield first, "promise: confidential"
    first.goto(f"{stage.link}/who")
    yield first, "who can learn what: confidential"
    first.goto(stage.link)
    follow(first.locator("form[action$='/start'] button"))
    yield first, "resume words: confidential"
    first.goto(f"{stage.link}/you")
    first.locator("#role-T").check()
    first.locator("#school").select_option(index=1)
    go_on(first)
    section = first.url
    for question in first.locator("fieldset.question").all()[:2]:
        question.locator("input[type=radio]").first.check()
    go_on(first)
    second = device()
    second.goto(link)
    yield second, "promise: begun on another device"
    second.goto(section)
    yield second, "section: answered on another device"
    second.goto(f"{stage.link}/review")
    yield second, "review: on another device"
    first.goto(f"{stage.link}/review")
    follow(first.locator("form[action$='/send'] button"))
    second.goto(f"{stage.link}/thanks")
    yield second, "thanks: on another device"
    close(stage)
    first.goto(stage.link)
    yield first, "closed"
