"""What a respondent does, in real Chromium: the steps that several journeys share."""

import random
import re
from pathlib import Path

from playwright.sync_api import Page

PHONE = {"width": 360, "height": 740}


def staff_link(data_dir: Path) -> str:
    """The shared link of the open round, as the demonstration's log prints it."""
    log = (data_dir.parent / "site.log").read_text("utf-8")
    return re.findall(r"staff\s+(http\S+)", log)[-1]


def begin(page: Page, link: str) -> str:
    """Read the promise, start, and return the resume words."""
    page.goto(link)
    page.get_by_role("button", name="I have read this. Start").click()
    words = page.locator(".resume-words").inner_text()
    page.get_by_role("link", name="I have noted them. Go on").click()
    return words


def say_place(page: Page, *, role: str, school: str) -> None:
    """Say the role and the school."""
    page.get_by_label(role).check()
    page.get_by_label(re.compile("school", re.IGNORECASE)).last.select_option(label=school)
    page.get_by_role("button", name="Save and continue").last.click()


def answer_page(page: Page, draw: random.Random) -> dict[str, str]:
    """Choose an option for every question of the page, save it, and return what was chosen."""
    chosen = {}
    for fieldset in page.locator("fieldset.question").all():
        options = fieldset.locator("input[type=radio]").all()
        option = draw.choice(options)
        option.check()
        chosen[str(option.get_attribute("name"))] = str(option.get_attribute("value"))
    go_on(page)
    return chosen


def go_on(page: Page) -> None:
    """Save the page and wait for the next: the page's script goes on when all is saved."""
    here = page.url
    page.get_by_role("button", name="Save and continue").last.click()
    page.wait_for_url(lambda url: url != here)


def is_section(page: Page) -> bool:
    return "/s/" in page.url
