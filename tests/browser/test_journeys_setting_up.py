"""A new leader, with nothing but the README: from the first account to a round that staff answer.

On a phone, by form posts, without JavaScript.
"""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from survey.models import Draft, Round
from tests.browser.accessibility import DESK, find_nothing
from tests.browser.answering import PHONE, answer_page, begin, follow, is_section, say_place
from tests.browser.leading import first_password, fits, go, heading, press, sign_in
from tests.browser.sites import Site, make_site
from tests.survey import setup_kit as kit

pytestmark = pytest.mark.browser


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation in which there is nobody yet."""
    site = make_site(tmp_path_factory.mktemp("new"))
    site.start()
    yield site
    site.engine.dispose()
    site.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="en-GB")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def name_the_organisation(page: Page, site: Site, password: str) -> None:
    sign_in(page, site, password)
    heading(page, "Welcome. What is your organisation called?")
    page.get_by_label("Name", exact=True).fill("Harbour Reach Schools Trust")
    press(page, "Save")
    expect(page.get_by_role("alert")).to_contain_text("Short name: Fill this in.")
    page.get_by_label("Short name").fill("Harbour Reach")
    press(page, "Save")
    heading(page, "Rounds of Harbour Reach Schools Trust")
    go(page, "Organisation")
    go(page, "Add and change schools")
    page.get_by_label("Schools to add").fill("\n".join(kit.SCHOOLS))
    press(page, "Add these schools")
    expect(page.get_by_text("3 schools were added.")).to_be_visible()
    fits(page)


def begin_round(page: Page) -> None:
    go(page, "Rounds")
    go(page, "Set up a round")
    today = datetime.now(UTC).date()
    page.get_by_label("Name", exact=True).fill("Our first")
    page.get_by_label("Opens on").fill(today.isoformat())
    page.get_by_label("Opens at").fill("00:00")
    page.get_by_label("Closes on").fill((today - timedelta(days=1)).isoformat())
    page.get_by_label("Closes at").fill("17:00")
    page.get_by_label("Short survey").check()
    page.get_by_label("Anonymous: one link for everybody").check()
    press(page, "Save and go on")
    expect(page.get_by_role("alert")).to_contain_text("A round closes after it opens.")
    assert page.get_by_label("Name", exact=True).input_value() == "Our first"
    page.get_by_label("Closes on").fill((today + timedelta(days=14)).isoformat())
    press(page, "Save and go on")
    heading(page, "Our first")
    expect(page.get_by_text("Nobody is listed yet: say which schools are asked.")).to_be_visible()


def list_staff(site: Site) -> str:
    """Head counts, in the database; returns the round's link."""
    with Session(site.engine) as session:
        round_ = session.scalars(sa.select(Round)).one()
        kit.list_staff(session, round_)
        link = f"{site.url}/r/{round_.link}"
        session.commit()
    return link


def walk_the_steps(page: Page) -> None:
    go(page, "Optional parts and languages")
    press(page, "Save and go on")
    heading(page, "Words in the questions")
    page.get_by_label("The team in the middle").fill("the hub")
    press(page, "Show the questions with these words")
    expect(page.get_by_text("Working in the hub")).to_be_visible()
    press(page, "Save and go on")
    heading(page, "Facts about the organisation")
    page.get_by_label("Schools now").fill("3")
    press(page, "Save and go on")
    heading(page, "What your rules say")
    page.get_by_label("Curriculum content").select_option(label="Common, adjustable")
    press(page, "Save and go on")
    heading(page, "What the profile shows")
    press(page, "Save and go on")
    heading(page, "Letters to staff")
    page.get_by_label("Who signs the letter").fill("Robin Ash, chief executive")
    press(page, "Save and go on")
    heading(page, "What staff will see")


def look_and_try(page: Page) -> None:
    follow(page.get_by_role("link", name=re.compile("Look at it in English")).first)
    heading(page, "Our promise to you")
    press(page, "I have read this. Start")
    heading(page, "Your resume words")
    while page.get_by_role("link", name="Next page").count():
        expect(page.get_by_text("Nothing that you choose here is saved.")).to_be_visible()
        go(page, "Next page")
        fits(page)
    heading(page, "Thank you. Your answers are sent")
    go(page, "All previews")
    go(page, "Back to the steps")
    go(page, "Dry run")
    press(page, "Do a dry run")
    expect(page.get_by_role("status")).to_contain_text("It works.")
    fits(page)
    go(page, "Back to the steps")


def test_from_the_first_account_to_a_round_that_staff_answer(page, site, browser, looks):
    name_the_organisation(page, site, first_password(site))
    begin_round(page)
    link = list_staff(site)
    page.reload()
    walk_the_steps(page)
    look_and_try(page)

    staff = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    staff.goto(link)
    expect(staff.get_by_role("heading", level=1)).to_have_text("This survey is not open")

    go(page, "Look at it as a whole")
    press(page, "The round is ready")
    expect(page.get_by_role("status")).to_contain_text("The round is ready.")
    fits(page)
    go(page, "Go to the round")
    heading(page, "Round: Our first")

    begin(staff, link)
    say_place(staff, role="T", school=kit.SCHOOLS[0])
    draw = random.Random(2)
    while is_section(staff):
        answer_page(staff, draw)
    follow(staff.get_by_role("button", name="Send my answers"))
    expect(staff.get_by_role("heading", level=1)).to_contain_text("Thank you")
    staff.context.close()
    with Session(site.engine) as session:
        assert session.scalars(sa.select(Draft.sent)).all() == [True]
        round_ = session.scalars(sa.select(Round)).one()
        assert (round_.admin, round_.formal) == ({"schools now": "3"}, {"CUR": 4})
        round_id = round_.round_id

    page.goto(f"{site.url}/lead/rounds/{round_id}/setup/words")
    expect(page.get_by_text("The round is ready, and this stays as it is.")).to_be_visible()
    look_at_every_page(browser, page, site, round_id, looks)


def look_at_every_page(
    browser: Browser, page: Page, site: Site, round_id: str, looks: tuple[str, ...]
) -> None:
    """axe finds nothing on any of them, and none scrolls sideways on a phone or at a desk."""
    base = f"{site.url}/lead/rounds/{round_id}"
    steps = ("basics", "parts", "words", "facts", "rules", "shown", "letters", "dry-run", "ready")
    paths = [
        f"{site.url}/lead/organisation",
        f"{site.url}/lead/organisation/words",
        f"{site.url}/lead/organisation/schools",
        f"{site.url}/lead/rounds/new",
        f"{base}/setup",
        *(f"{base}/setup/{step}" for step in steps),
        f"{base}/letters/information",
        f"{base}/letters/privacy",
        f"{base}/preview",
        f"{base}/preview/en-GB/T/promise",
        f"{base}/preview/en-GB/T/section-framework",
        f"{base}/preview/en-GB/T/you",
    ]
    context = browser.new_context(viewport=PHONE)
    context.add_cookies(page.context.cookies())
    seen = context.new_page()
    for path in paths:
        seen.goto(path)
        find_nothing(seen, looks=looks)
        for window in (DESK, PHONE):
            seen.set_viewport_size(window)
            fits(seen)
    context.close()
