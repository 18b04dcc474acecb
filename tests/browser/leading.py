"""What a new leader does on the pages of their room: the steps that several journeys share."""

import re
import subprocess
import sys

from playwright.sync_api import Page, expect

from tests.browser.answering import follow
from tests.browser.sites import Site

ADDRESS = "robin@trust.example"


def first_password(site: Site) -> str:
    """What the README says: the command that makes the first account."""
    command = [sys.executable, "-m", "survey.cli", "accounts", "first", ADDRESS]
    said = subprocess.run(
        [*command, "--name", "Robin Ash"],
        env=site.environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"{site.url}/sign-in" in said
    return re.search(r"password\s+(\S+)", said)[1]


def press(page: Page, name: str) -> None:
    follow(page.get_by_role("button", name=name, exact=True))


def go(page: Page, name: str) -> None:
    follow(page.get_by_role("link", name=name, exact=True))


def fits(page: Page) -> None:
    """The page does not scroll sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the window"


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)
    fits(page)


def sign_in(page: Page, site: Site, password: str) -> None:
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_label("Password").fill(password)
    press(page, "Sign in")
