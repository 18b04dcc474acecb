"""A leader brings a list of 600 with 14 faults, and mends it: two widths, no script."""

import csv
import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from survey.models import Invitation, RosterMemory, RosterRow, RosterUpload, Round, School
from tests.browser.accessibility import find_nothing
from tests.browser.answering import follow
from tests.browser.staging import SCHOOLS, Stage, leader, make_round, writing

pytestmark = pytest.mark.browser

HEADINGS = ["Surname", "Work e-mail", "Academy", "Job title"]
CENTRE = "Central services"
#: what stands wrongly in which column, of the last fourteen people
FAULTS = [
    ("Work e-mail", "person587@"),
    ("Work e-mail", "person five@trust.example"),
    ("Work e-mail", ""),
    ("Work e-mail", "person50@trust.example"),
    ("Work e-mail", "PERSON51@TRUST.example"),
    ("Work e-mail", "=cmd|' /C calc'!A0"),
    ("Work e-mail", "person593.trust.example"),
    ("Academy", ""),
    ("Academy", "Central services"),
    ("Academy", "=VLOOKUP(A1;B:C;2)"),
    ("Job title", ""),
    ("Job title", "Central team"),
    ("Job title", "2026-05-01"),
    ("Job title", "=1+1"),
]
ROLES = {"Teacher": "T", "Head of department": "L", "Central team": "H"}


def people() -> list[list[str]]:
    """600 people in words of their trust's own, as they should be."""
    made = []
    for n in range(1, 601):
        place = CENTRE if n % 30 == 0 and n < 587 else SCHOOLS[n % 2]
        job = "Head of department" if n % 9 == 0 and n < 587 else "Teacher"
        job = "Central team" if place == CENTRE else job
        made.append([f"Surname {n}", f"person{n}@trust.example", place, job])
    return made


def with_faults() -> list[list[str]]:
    made = people()
    for row, (heading, wrong) in zip(made[-len(FAULTS) :], FAULTS, strict=True):
        row[HEADINGS.index(heading)] = wrong
    return made


def as_csv(table: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue().encode("cp1252")


@pytest.fixture
def confidential(house) -> Stage:
    """A round of its own in an organisation of which nothing is remembered."""
    stage = make_round(house, mode="confidential")
    with writing(house) as session:
        session.execute(sa.delete(RosterMemory))
    return stage


def enter(page: Page, stage: Stage) -> None:
    """Sign in as a leader and open the roster."""
    with writing(stage.site) as session:
        address = leader(session, session.get_one(Round, stage.round_id)).email
    page.goto(f"{stage.site.url}/lead/")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill("a password for tests")
    follow(page.get_by_role("button", name="Sign in"))
    page.goto(f"{stage.site.url}/lead/rounds/{stage.round_id}/roster")


def upload(page: Page, content: bytes) -> None:
    file = {"name": "staff.csv", "mimeType": "text/csv", "buffer": content}
    page.get_by_label("Staff list (Excel or CSV file)").set_input_files(file)
    follow(page.get_by_role("button", name="Upload and check"))


def figure(page: Page, words: str) -> str:
    return page.locator(".figure", has_text=words).locator(".figure-value").inner_text()


def change(page: Page, words: str) -> str:
    return page.get_by_role("row").filter(has_text=words).get_by_role("cell").inner_text()


def test_a_list_of_600_with_14_faults_is_mapped_mended_and_applied(device, confidential, tmp_path):
    page = device(java_script_enabled=False, accept_downloads=True)
    enter(page, confidential)
    upload(page, as_csv([HEADINGS, *with_faults()]))

    # mapped on screen
    assert page.get_by_role("heading", level=1).inner_text() == "Which column is what?"
    assert page.get_by_label("Work e-mail").input_value() == "email"
    page.get_by_label("Academy").select_option(label="School")
    page.get_by_label("Job title").select_option(label="Role")
    follow(page.get_by_role("button", name="Check the rows"))
    page.get_by_label("Role “Head of department”").select_option(value="L")
    page.get_by_label("Role “Central team”").select_option(value="H")
    page.get_by_label("Role “Teacher”").select_option(value="T")
    follow(page.get_by_role("button", name="Use these meanings"))
    assert (figure(page, "rows are good"), figure(page, "rows have faults")) == ("586", "14")

    # the good ones now
    assert change(page, "New") == "586"
    follow(page.get_by_role("button", name="Apply the 586 good rows"))
    assert page.get_by_text("Saved: 586 new, 0 changed, 0 taken off.").is_visible()

    # the others are taken away, mended and brought back as they are
    with page.expect_download() as taken:
        page.get_by_role("link", name="Faults as a CSV file").click()
    path = tmp_path / "faults.csv"
    taken.value.save_as(path)
    upload_again(page, confidential, mended(path))
    assert page.get_by_role("heading", level=1).inner_text() == "Check the staff list"
    assert (figure(page, "rows are good"), figure(page, "rows have faults")) == ("14", "0")
    page.get_by_label("Keep them").check()
    follow(page.get_by_role("button", name="Apply", exact=True))
    assert page.get_by_text("Saved: 14 new, 0 changed, 0 taken off.").is_visible()
    assert page.get_by_role("row", name="Everybody 600").is_visible()
    check_database(confidential)


def mended(path: Path) -> bytes:
    """The file of faults, each mended in its own column and the rest left alone."""
    table = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    assert table[0] == [*HEADINGS, "Row", "What is wrong", "What to do"]
    assert len(table) == 15
    meant = people()[-len(FAULTS) :]
    for row, right, (heading, wrong) in zip(table[1:], meant, FAULTS, strict=True):
        place = HEADINGS.index(heading)
        assert row[place] == ("'" + wrong if wrong.startswith("=") else wrong)
        assert all(row[-3:])
        row[place] = right[place]
    return as_csv(table)


def upload_again(page: Page, stage: Stage, content: bytes) -> None:
    page.goto(f"{stage.site.url}/lead/rounds/{stage.round_id}/roster")
    upload(page, content)


def check_database(stage: Stage) -> None:
    """What the list holds is what the file says, counted by hand."""
    expected = sorted(
        (email, ROLES[job], "" if place == CENTRE else place) for _, email, place, job in people()
    )
    with writing(stage.site) as session:
        found = session.execute(
            sa.select(Invitation.email, Invitation.role, School.name)
            .outerjoin(School, School.school_id == Invitation.school_id)
            .where(Invitation.round_id == stage.round_id)
        ).all()
        assert sorted((email, role, school or "") for email, role, school in found) == expected
        heads = sa.select(sa.func.sum(RosterRow.headcount))
        assert session.scalar(heads.where(RosterRow.round_id == stage.round_id)) == 600
        waiting = sa.select(RosterUpload).where(RosterUpload.round_id == stage.round_id)
        assert session.scalars(waiting).all() == []


def test_every_page_of_a_roster_is_accessible(device, confidential, looks):
    """Each as it stands after the one before, errors too; nothing scrolls sideways at 360 px."""
    page = device()
    page.looks = looks
    enter(page, confidential)
    look(page)
    upload(page, b"%PDF-1.7")
    assert page.get_by_text("This is a PDF.").first.is_visible()
    look(page)
    upload(page, as_csv([HEADINGS, *with_faults()[-40:]]))
    look(page)
    page.get_by_label("Surname").select_option(label="Role")
    page.get_by_label("Job title").select_option(label="Role")
    follow(page.get_by_role("button", name="Check the rows"))
    assert page.get_by_role("link", name="“Role” is chosen twice.").is_visible()
    look(page)
    page.get_by_label("Surname").select_option(label="Not used")
    follow(page.get_by_role("button", name="Check the rows"))
    look(page)
    page.get_by_label("Role “Teacher”").select_option(value="T")
    follow(page.get_by_role("button", name="Use these meanings"))
    look(page)
    follow(page.get_by_role("button", name="Apply the"))
    look(page)
    follow(page.get_by_role("link", name="Staff list"))
    look(page)
    upload(page, b"Work e-mail,Academy,Job title\nx@x.example,Ashdown Primary,Teacher\n")
    follow(page.get_by_role("button", name="Apply", exact=True))
    assert page.get_by_role("link", name="Choose one of the two.").is_visible()
    look(page)
    follow(page.get_by_role("link", name="Staff list"))
    follow(page.get_by_role("link", name="Rename or merge schools"))
    look(page)
    follow(page.get_by_role("button", name="Save the name"))
    look(page)
    page.get_by_label("School that ends").select_option(label=SCHOOLS[1])
    page.get_by_label("School that it goes into").select_option(label=SCHOOLS[0])
    follow(page.get_by_role("button", name="See what would move"))
    look(page)
    follow(page.get_by_role("button", name="Merge them"))
    look(page)


def look(page: Page) -> None:
    find_nothing(page, looks=page.looks)
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the window"
