"""A leader invites a head, who takes it up on a phone and sees their room and nothing else."""

import email
import email.policy
import re
from pathlib import Path

import pytest

from survey import account_mail
from survey.models import Round
from tests.browser.accessibility import DESK
from tests.browser.answering import follow
from tests.browser.staging import SCHOOLS, leader, until, writing

pytestmark = pytest.mark.browser

HEAD, PASSWORD = "robin@ashdown.example", "harbour lantern seven"


def link_in_mail(box: Path) -> str:
    """The link of the only letter in the mail folder."""
    until(lambda: box.is_dir() and any(box.glob("*.eml")))
    (letter,) = box.glob("*.eml")
    message = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
    assert message["To"] == HEAD
    return re.findall(r"https?://\S+/account/link/\w+", message.get_content())[0]


def sign_in(page, address: str, password: str) -> None:
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(password)
    follow(page.get_by_role("button", name="Sign in"))


def test_a_head_is_invited_and_sees_their_own_room_alone(device, house, stage):
    with writing(house) as session:
        address = leader(session, session.get_one(Round, stage.round_id)).email
    page = device(viewport=DESK, java_script_enabled=False)
    page.goto(f"{house.url}/sign-in")
    sign_in(page, address, "a password for tests")
    follow(page.get_by_role("link", name="Accounts"))
    follow(page.get_by_role("link", name="Invite somebody"))
    page.get_by_label("E-mail address").fill(HEAD)
    page.get_by_label("Head of a school").check()
    page.get_by_label("School", exact=True).select_option(SCHOOLS[0])
    follow(page.get_by_role("button", name="Send the invitation"))
    assert page.get_by_role("row", name=HEAD).is_visible()
    link = link_in_mail(house.settings.mail_dir / account_mail.BOX)

    phone = device(java_script_enabled=False)
    phone.goto(link)
    phone.goto(link)  # as a mail scanner did before
    assert link.rpartition("/")[2] not in phone.url
    phone.get_by_label("Your name").fill("Robin Ash")
    phone.get_by_label("Password").fill("too short")
    follow(phone.get_by_role("button", name="Set the password"))
    assert phone.get_by_role("link", name=re.compile("too short")).is_visible()
    assert phone.get_by_label("Your name").input_value() == "Robin Ash"
    phone.get_by_label("Password").fill(PASSWORD)
    follow(phone.get_by_role("button", name="Set the password"))
    sign_in(phone, HEAD, PASSWORD)
    assert phone.url == f"{house.url}/school/"
    assert phone.get_by_text(f"You head {SCHOOLS[0]}.").is_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    follow(phone.get_by_role("main").get_by_role("link").first)
    assert phone.get_by_role("heading", name=f"Report of {SCHOOLS[0]}").is_visible()
    assert SCHOOLS[1] not in phone.content()

    for path in ("/lead/", f"/lead/rounds/{stage.round_id}", "/lead/audit", "/accounts/"):
        assert phone.goto(house.url + path).status == 403, path
    assert phone.goto(f"{house.url}/research/rounds/{stage.round_id}").status == 403
    assert phone.goto(f"{house.url}/school/rounds/{'0' * 32}").status == 404
    assert phone.goto(link).status == 410  # used up
    assert all(cookie["expires"] == -1 for cookie in phone.context.cookies())
