"""Every state of every page on which staff answer, and how to get there.

A walk yields the name of each state when its page stands there. It works pages by what they are
made of, not by their words, so that every language can be walked.
"""

import random
from collections.abc import Callable, Iterator

from playwright.sync_api import Locator, Page, expect

from tests.browser.answering import answer_page, choose, follow, go_on, is_section, waiting
from tests.browser.staging import Stage, close, forget_guesses, release, until

Walk = Iterator[tuple[Page, str]]
Device = Callable[[], Page]

#: template of a page -> a state that shows it; the program has no other templates for staff
SHOWN = {
    "accessibility.html": "accessibility statement",
    "error.html": "not found",
    "enter/broken_link.html": "broken personal link",
    "enter/front.html": "front page",
    "respond/decline.html": "declined",
    "respond/front.html": "promise",
    "respond/left.html": "left",
    "respond/not_open.html": "closed",
    "respond/place.html": "place",
    "respond/results.html": "results released",
    "respond/resume.html": "resume",
    "respond/review.html": "review",
    "respond/section.html": "section",
    "respond/thanks.html": "thanks",
    "respond/who.html": "who can learn what",
    "respond/withdraw.html": "withdraw",
    "respond/withdrawn.html": "withdrawn",
    "respond/words.html": "resume words",
}


def outside(device: Device, stage: Stage, code: str) -> Walk:
    """Before a round: the front page, codes, broken links, the statement, errors."""
    page, site = device(), stage.site.url
    page.goto(site)
    yield page, "front page"
    follow(page.locator("main form button"))
    yield page, "front page: nothing typed"
    for number in range(7):
        page.locator("#code").fill("zzzzzz")
        follow(page.locator("main form button"))
        if number == 0:
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
    """In an anonymous round: the promise, resume words, role and school; then all that follows."""
    page = device()
    page.goto(stage.link)
    yield page, "promise"
    follow(page.locator(".site-foot a"))
    yield page, "accessibility statement: in a round"
    page.goto(f"{stage.link}/who")
    yield page, "who can learn what"
    page.goto(f"{stage.link}/no")
    yield page, "declined"
    page.goto(f"{stage.link}/resume")
    yield page, "resume"
    for number in range(7):
        page.locator("#words").fill("five words of nobody ever")
        follow(page.locator("main form .button").first)
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
    follow(page.locator("form#where .buttons button"))
    yield page, "place: no school"
    page.locator("#school").select_option(index=1)
    go_on(page)
    first = page.url
    page.goto(f"{stage.link}/review")
    yield page, "review: nothing answered"
    follow(page.locator("form[action$='/send'] button"))
    yield page, "review: error"
    page.goto(first)
    yield from first_section(page)
    yield from refusals(page)
    page.goto(first)
    yield from answering(page)
    page.goto(f"{stage.link}/review")
    yield page, "review"
    yield from leaving(page, stage)


def first_section(page: Page) -> Walk:
    """A section with its script: fresh, not saved, saved again, changed elsewhere, answered."""
    yield page, "section"
    page.context.set_offline(True)
    choose(page, random.Random(7))
    expect(page.locator(".unsaved-wrong")).not_to_be_empty()
    yield page, "section: not saved yet"
    page.context.set_offline(False)
    expect(page.locator(".unsaved:not(.unsaved-wrong)")).not_to_be_empty()
    yield page, "section: saved again"
    said = page.locator(".unsaved").inner_text()
    other = page.context.new_page()
    other.goto(page.url)
    question(other, 0).locator("input:not(:checked)").first.check()
    until(lambda: waiting(other) == {})
    other.close()
    question(page, 1).locator("input:not(:checked)").first.check()
    expect(page.locator(".unsaved:not(.unsaved-wrong)")).not_to_have_text(said)
    yield page, "section: changed on another device"
    page.reload()
    yield page, "section: answered"


def question(page: Page, number: int) -> Locator:
    return page.locator("fieldset.question").nth(number)


def refusals(page: Page) -> Walk:
    """What is not taken: said on the page, or on a page of its own."""
    radio = question(page, 0).locator("input").first
    radio.evaluate("each => { each.value = '99'; each.checked = false; }")
    page.locator(f"label[for='{radio.get_attribute('id')}']").click()
    expect(page.locator(".unsaved-wrong a")).to_be_visible()
    yield page, "section: refused"
    page.evaluate("sessionStorage.clear()")
    page.reload()
    send_whole(page, "csrf_token", "wrong")
    yield page, "section: not saved, said above"
    page.goto(page.url)
    send_whole(page, "before", "x" * 70_000)
    yield page, "too much was sent"
    page.go_back()
    rename_first(page)
    yield page, "refused: a question that is not asked"


def send_whole(page: Page, name: str, value: str) -> None:
    """Send the page's form as a browser does without its script, with this in one field."""
    with page.expect_navigation():
        page.evaluate(
            """([name, value]) => {
                const form = document.getElementById("answers");
                form.elements.namedItem(name).value = value;
                form.submit();
            }""",
            [name, value],
        )


def rename_first(page: Page) -> None:
    page.locator("#answers [name=before]").evaluate("each => { each.name = 'item-NONE'; }")
    with page.expect_navigation():
        page.evaluate("document.getElementById('answers').submit()")


def answering(page: Page) -> Walk:
    """The sections that follow; the second is left empty at first."""
    draw = random.Random(7)
    go_on(page)
    go_on(page)
    assert "asked=1" in page.url
    yield page, "section: questions still empty"
    go_on(page)
    while is_section(page):
        yield page, f"section {page.url.rpartition('/')[2]}"
        answer_page(page, draw)


def leaving(page: Page, stage: Stage) -> Walk:
    """Sending, with and without a token; withdrawing; forgetting."""
    form = page.locator("form[action$='/send']")
    form.locator("[name=csrf_token]").evaluate("each => { each.value = 'wrong'; }")
    follow(form.locator("button"))
    yield page, "refused: no token"
    page.goto(f"{stage.link}/review")
    follow(page.locator("form[action$='/send'] button"))
    yield page, "thanks"
    page.goto(f"{stage.link}/review")
    yield page, "review: sent"
    kept = page.context.cookies()
    page.goto(f"{stage.link}/withdraw")
    yield page, "withdraw"
    follow(page.locator(".button-danger"))
    yield page, "withdrawn"
    page.context.add_cookies(kept)
    page.goto(f"{stage.link}/resume")
    yield page, "resume: what was begun is gone"
    page.goto(stage.link)
    follow(page.locator("form[action$='/start'] button"))
    page.goto(f"{stage.link}/left")
    yield page, "left"


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
    for number in (0, 1):
        question(first, number).locator("input[type=radio]").first.check()
    go_on(first)
    second = device()
    second.goto(link)
    yield second, "promise: begun on another device"
    second.goto(section)
    yield second, "section: answered on another device"
    answer_page(second, random.Random(7))
    first.goto(section)
    yield first, "section: answered with the link alone"
    second.goto(f"{stage.link}/review")
    yield second, "review: on another device"
    second.goto(f"{stage.link}/resume")
    yield second, "resume: on another device"
    first.goto(f"{stage.link}/review")
    follow(first.locator("form[action$='/send'] button"))
    yield first, "thanks: confidential"
    second.goto(f"{stage.link}/thanks")
    yield second, "thanks: on another device"
    close(stage)
    first.goto(stage.link)
    yield first, "closed"
    follow(first.locator(".site-foot a"))
    yield first, "accessibility statement: in a closed round"


def own_words(device: Device, stage: Stage, link: str) -> Walk:
    """In a confidential round with open questions: its promise, and the boxes in every state."""
    first = device()
    first.goto(link)
    yield first, "promise: with open questions"
    first.goto(f"{stage.link}/who")
    yield first, "who can learn what: with open questions"
    first.goto(stage.link)
    follow(first.locator("form[action$='/start'] button"))
    first.goto(f"{stage.link}/you")
    first.locator("#role-T").check()
    first.locator("#school").select_option(index=1)
    go_on(first)
    boxes = f"{stage.link}/s/open"
    first.goto(boxes)
    yield first, "own words"
    first.context.set_offline(True)
    first.locator("textarea").first.fill("We met once a week.")
    first.locator("input[type=checkbox]").first.check()
    expect(first.locator(".unsaved-wrong")).not_to_be_empty()
    yield first, "own words: not saved yet"
    first.context.set_offline(False)
    expect(first.locator(".unsaved:not(.unsaved-wrong)")).not_to_be_empty()
    first.reload()
    yield first, "own words: written"
    first.locator("textarea").last.evaluate("each => { each.value = 'far too long '.repeat(90); }")
    with first.expect_navigation():
        first.evaluate("document.getElementById('answers').submit()")
    yield first, "own words: too long"
    second = device()
    second.goto(link)
    second.goto(boxes)
    yield second, "own words: on another device"
    second.locator("textarea").first.fill("Written with the link alone.")
    go_on(second)
    first.goto(boxes)
    yield first, "own words: written with the link alone"
    first.goto(f"{stage.link}/review")
    yield first, "review: with open questions"


def results(page: Page, few: Stage, many: Stage) -> Walk:
    """What staff said, in two closed rounds; what stands there where it cannot be shown."""
    release(few, schools=2, staff=20)
    page.goto(few.link)
    yield page, "results released: too few answers"
    file = release(many, schools=12, staff=600)
    page.goto(many.link)
    page.locator("details summary").first.click()
    assert page.locator("svg[role=img]").count() > 20
    yield page, "results released"
    file.write_bytes(b"damaged")
    page.goto(many.link)
    yield page, "results that cannot be shown"
