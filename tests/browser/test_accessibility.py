"""The rooms of leaders and researchers, and the page for staff: axe-core finds nothing.

The pages on which staff answer are in test_accessibility_of_answering.py.
"""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from survey import account_mail
from survey.database import begin_writing
from survey.models import AccountLetter, Organisation
from survey.services import accounts
from tests.browser.accessibility import DESK, find_nothing
from tests.browser.answering import PHONE, follow
from tests.browser.test_main_job import open_round_name, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, site, looks):
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.looks = looks
    page.strangers = []
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(site.url) else page.strangers.append(asked.url),
    )
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    yield page
    assert page.strangers == []
    assert [text for text in page.complaints if "Content Security Policy" in text] == []
    context.close()


def check(page: Page) -> None:
    """Assert that axe finds nothing, and that the page does not scroll sideways."""
    find_nothing(page, looks=page.looks)
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{page.url} is {wide} px wider than the window"


def check_mail_and_mode(page, site):
    """The pages of a confidential round, with errors too."""
    page.goto(f"{site.url}/lead/")
    follow(page.get_by_role("link", name="personal links"))
    check(page)
    follow(page.get_by_role("link", name="What that means, and the other way"))
    check(page)
    follow(page.get_by_role("link", name="Back to the round"))
    follow(page.get_by_role("link", name="Staff list and invitations"))
    check(page)
    follow(page.get_by_role("link", name="Choose the days, and read the text"))
    check(page)
    page.get_by_label("Day 1").fill("2001-01-01")
    follow(page.get_by_role("button", name="Save these days"))
    check(page)
    follow(page.get_by_role("link", name="Leave it as it is"))
    follow(page.get_by_role("link", name="Addresses that could not be reached"))
    page.get_by_label("Addresses from which mail came back to you").fill("who@x.example")
    follow(page.get_by_role("button", name="Send no more mail to these"))
    check(page)
    follow(page.get_by_role("link", name="Back to the mail"))
    follow(page.get_by_role("link", name="Upload or change the staff list"))
    check(page)
    wrong = {"name": "staff.csv", "mimeType": "text/csv", "buffer": b"email,role,school\nx,y,z\n"}
    page.get_by_label("Staff list (Excel or CSV file)").set_input_files(wrong)
    follow(page.get_by_role("button", name="Upload and check"))
    if page.get_by_role("button", name="Check the rows").count():  # the states share one site
        check(page)
        follow(page.get_by_role("button", name="Check the rows"))
    assert page.get_by_text("“x” is not an e-mail address.").is_visible()
    check(page)
    follow(page.get_by_role("button", name="Apply nothing and delete this file"))
    follow(page.get_by_role("link", name="Rename or merge schools"))
    check(page)


def test_every_page_of_leader_and_researcher(page, site):
    for path in ("/", "/c/zzzzzz", "/i/no-such-link", "/sign-in", "/no-such-page"):
        page.goto(site.url + path)
        check(page)
    sign_in(page, site, "leader")
    check(page)
    follow(page.get_by_role("link", name=open_round_name(site), exact=True))
    check(page)
    follow(page.get_by_role("link", name="By school and by role"))
    check(page)
    page.go_back()
    if page.get_by_role("link", name="Posters and slips").count():
        follow(page.get_by_role("link", name="Posters and slips"))
        check(page)
        if page.get_by_role("button", name="Make the codes").count():
            follow(page.get_by_role("button", name="Make the codes"))
            check(page)
        follow(page.get_by_role("link", name="Back to the round"))
    if page.get_by_role("link", name="Close the round now").count():
        follow(page.get_by_role("link", name="Close the round now"))
        check(page)
    check_mail_and_mode(page, site)
    page.context.clear_cookies()
    sign_in(page, site, "researcher")
    check(page)
    follow(page.get_by_role("main").get_by_role("link").first)
    check(page)


def test_the_profile_on_screen(page, site):
    sign_in(page, site, "leader")
    follow(page.get_by_role("main").get_by_role("row").last.get_by_role("link"))
    follow(page.get_by_role("link", name="The profile on screen"))
    if page.get_by_role("button", name="Show the profile on screen").count():
        check(page)
        follow(page.get_by_role("button", name="Show the profile on screen"))
        while page.get_by_role("link", name="Look again").count():
            page.wait_for_timeout(300)
            follow(page.get_by_role("link", name="Look again"))
    check(page)
    assert page.get_by_role("img").count() > 20


def test_every_page_about_accounts(page, site):
    sign_in(page, site, "leader")
    for path in ("/lead/audit", "/accounts/", "/account", "/account/second-step"):
        page.goto(site.url + path)
        check(page)
    follow(page.get_by_role("button", name="Begin"))
    check(page)
    page.goto(f"{site.url}/account/recovery-codes")
    check(page)
    follow(page.get_by_role("button", name="Make recovery codes"))
    check(page)
    page.goto(f"{site.url}/lead/")
    follow(page.get_by_role("main").get_by_role("row").last.get_by_role("link"))
    follow(page.get_by_role("link", name="Who may see its validation report"))
    follow(page.get_by_role("button", name="Let them see the report"))
    check(page)  # the error summary
    page.goto(f"{site.url}/accounts/invite")
    follow(page.get_by_role("button", name="Send the invitation"))
    check(page)
    address = f"head{page.viewport_size['width']}-{datetime.now(UTC):%f}@saltmarsh.example"
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Head of a school").check()
    page.get_by_label("School", exact=True).select_option("Saltmarsh Academy")
    follow(page.get_by_role("button", name="Send the invitation"))
    check(page)
    follow(page.get_by_role("main").get_by_role("link", name="Sam Lund"))
    check(page)
    page.context.clear_cookies()
    with Session(site.engine) as session:
        (letter,) = session.scalars(sa.select(AccountLetter).filter_by(email=address))
        page.goto(account_mail.address_of(site.settings, letter.letter_id))
    check(page)
    follow(page.get_by_role("button", name="Set the password"))
    check(page)
    page.get_by_label("Your name").fill("Robin Ash")
    page.get_by_label("Password").fill("harbour lantern seven")
    follow(page.get_by_role("button", name="Set the password"))
    check(page)
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill("harbour lantern seven")
    follow(page.get_by_role("button", name="Sign in"))
    check(page)
    follow(page.get_by_role("main").get_by_role("link").first)
    check(page)
    page.goto(f"{site.url}/account/link/ended")
    check(page)
    page.context.clear_cookies()
    page.goto(f"{site.url}/forgotten")
    check(page)


def test_every_page_of_the_second_step(page, site):
    """As a person whose password is right: what comes after it."""
    address = f"reader{datetime.now(UTC):%f}@harbour-reach.example"
    with Session(site.engine) as session:
        begin_writing(session)
        organisation = session.scalars(sa.select(Organisation)).one()
        password = accounts.random_password()
        made = accounts.create(
            session,
            email=address,
            name="A reader",
            organisation=organisation,
            role="reader",
            password=password,
        )
        made.tf_primary_method, made.tf_totp_secret = "authenticator", "none"
        session.commit()
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(password)
    follow(page.get_by_role("button", name="Sign in"))
    check(page)
    follow(page.get_by_role("link", name="Use a recovery code"))
    check(page)
    page.get_by_label("Recovery code").fill("0000")
    follow(page.get_by_role("button", name="Sign in"))
    check(page)
    page.context.clear_cookies()
    sign_in(page, site, "leader")
    page.goto(f"{site.url}/account/verify")
    check(page)


def look_at_school_reports(page, site):
    """The leader has them made and lets heads read them; a head reads their own."""
    follow(page.get_by_role("link", name="Reports of the schools"))
    check(page)
    if not page.get_by_role("link", name="Download the report").count():
        follow(page.get_by_role("button", name="Make the reports"))
        check(page)
    while page.get_by_role("link", name="Look again").count():
        page.wait_for_timeout(1000)
        follow(page.get_by_role("link", name="Look again"))
    if page.get_by_role("link", name="Let heads read them").count():  # the states share one site
        follow(page.get_by_role("link", name="Let heads read them"))
        check(page)
        follow(page.get_by_role("button", name="Let them read the reports"))
    check(page)
    page.context.clear_cookies()
    sign_in(page, site, "head")
    check(page)
    follow(page.get_by_role("main").get_by_role("row").last.get_by_role("link"))
    assert page.get_by_role("link", name="The results, as all staff see them").is_visible()
    check(page)
    follow(page.get_by_role("link", name="Read the report"))
    check(page)
    assert page.get_by_role("img").count() > 10


def test_the_page_for_staff_and_its_release(page, site):
    sign_in(page, site, "leader")
    follow(page.get_by_role("main").get_by_role("row").last.get_by_role("link"))
    follow(page.get_by_role("link", name="When, by whom, and the page for staff"))
    if page.get_by_role("button", name="Save").count():  # the states share one site
        page.get_by_label("Who shares them, and whom staff can ask").fill("x" * 201)
        follow(page.get_by_role("button", name="Save"))
        check(page)  # the error summary
        page.get_by_label("Who shares them, and whom staff can ask").fill("The staff council")
        follow(page.get_by_role("button", name="Save"))
        check(page)
    if page.get_by_role("button", name="Make the page for staff").count():
        follow(page.get_by_role("button", name="Make the page for staff"))
        while page.get_by_role("link", name="Look again").count():
            page.wait_for_timeout(300)
            follow(page.get_by_role("link", name="Look again"))
        follow(page.get_by_role("link", name="Release it to staff"))
        check(page)
        follow(page.get_by_role("button", name="Release it now"))
    check(page)
    link = page.get_by_role("main").get_by_role("link").first.get_attribute("href")
    page.goto(f"{site.url}/lead/")
    follow(page.get_by_role("main").get_by_role("row").last.get_by_role("link"))
    check(page)
    look_at_school_reports(page, site)
    page.context.clear_cookies()
    page.goto(link)
    page.get_by_text("The same numbers in a table").click()
    check(page)
    assert page.get_by_role("img").count() > 20
    assert page.context.cookies() == []
