"""What a respondent does, in real Chromium: the steps that several journeys share.

Pages are worked by what they are made of, not by their words, so that every language can be walked.
"""

import random
import re
from pathlib import Path

from playwright.sync_api import Locator, Page

PHONE = {"width": 360, "height": 740}


def staff_link(data_dir: Path) -> str:
    """The shared link of the open round, as the demonstration's log prints it."""
    log = (data_dir.parent / "site.log").read_text("utf-8")
    return re.findall(r"staff\s+(http\S+)", log)[-1]


def begin(page: Page, link: str) -> str:
    """Read the promise, start, and return the resume words."""
    page.goto(link)
    follow(page.locator("form[action$='/start'] button"))
    words = page.locator(".resume-words").inner_text()
    follow(page.locator("main .buttons a"))
    return words


def follow(target: Locator) -> None:
    """Click what leads to another page, and wait until the whole of that is there.

    A click waits for no more than the beginning of the page, and on a busy machine not for that:
    whoever then looks for its questions finds those of the page before, or half of them.
    """
    with target.page.expect_navigation():
        target.click()


def say_place(page: Page, *, role: str = "T", school: str = "") -> None:
    """Say the role, by its code, and the school; without a name the first one."""
    page.locator(f"#role-{role}").check()
    page.locator("#school").select_option(**({"label": school} if school else {"index": 1}))
    go_on(page)


def come_back(page: Page, link: str, words: str) -> None:
    """Type the resume words on this device."""
    page.goto(f"{link}/resume")
    page.locator("#words").fill(words)
    follow(page.locator("main form button"))


def choose(page: Page, draw: random.Random) -> dict[str, str]:
    """Choose an option for every question of the page; returns field -> value."""
    chosen = {}
    for fieldset in page.locator("fieldset.question").all():
        option = draw.choice(fieldset.locator("input[type=radio]").all())
        option.check()
        chosen[str(option.get_attribute("name"))] = str(option.get_attribute("value"))
    return chosen


def answer_page(page: Page, draw: random.Random) -> dict[str, str]:
    """Choose an option for every question of the page, save it, and return what was chosen."""
    chosen = choose(page, draw)
    go_on(page)
    return chosen


def answer_rest(page: Page, draw: random.Random) -> dict[str, str]:
    """Answer every page that is left, and send."""
    chosen: dict[str, str] = {}
    while is_section(page):
        chosen |= answer_page(page, draw)
    send(page)
    return chosen


def go_on(page: Page) -> None:
    """Save the page and wait for the next: the page's script goes on when all is saved."""
    follow(page.locator("main .buttons button").first)


def send(page: Page) -> None:
    """Send the answers from the last page."""
    follow(page.locator("form[action$='/send'] button"))
    assert page.url.endswith("/thanks")


def is_section(page: Page) -> bool:
    return "/s/" in page.url


def checked(page: Page) -> dict[str, str]:
    """What the page shows as chosen."""
    return page.evaluate(
        """() => Object.fromEntries(Array.from(
            document.querySelectorAll("input[type=radio]:checked"), each => [each.name, each.value]
        ))"""
    )


def waiting(page: Page) -> dict[str, str]:
    """The answers that wait in this tab, of all its pages."""
    return page.evaluate(
        """() => Object.assign({}, ...Object.keys(sessionStorage).flatMap(key =>
            Object.values(JSON.parse(sessionStorage.getItem(key))).map(each => each.answers)))"""
    )
