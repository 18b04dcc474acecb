"""A leader's way from an empty installation to what a board reads.

They name the organisation, bring a list of 600 with 14 faults, mend it, and invite; three in five
answer over HTTP through the links in their mail; a reminder goes out, the round closes, and the
documents are made and downloaded.
"""

import csv
import email
import email.policy
import io
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page, expect

from instruments import registry
from instruments.simulate import simulate
from tests.browser import staff
from tests.browser.answering import follow
from tests.browser.leading import first_password, go, heading, press, sign_in
from tests.browser.sites import Site
from tests.browser.staging import until

SCHOOLS = (
    *("Alder Lane", "Birch Field", "Cedar Bank", "Elm Grove", "Hazel Hill", "Holly Green"),
    *("Larch Lane", "Maple Field", "Oak Bank", "Rowan Grove", "Willow Hill", "Yew Green"),
)
#: people listed, and those of them who answer: in each school, and at the centre
LISTED = {"T": 38, "L": 9, "B": 18, "H": 18}
ANSWERING = {"T": 22, "L": 6, "B": 12, "H": 12}
ROLES = {"T": "Teacher", "L": "Head of department", "B": "Coach", "H": "Central team"}
HEADINGS = ["Surname", "Work e-mail", "Academy", "Job title"]
#: what stands wrongly in which column, of the last fourteen people
FAULTS = [
    (1, "person587@"),
    (1, "person five@trust.example"),
    (1, ""),
    (1, "person50@trust.example"),
    (1, "PERSON51@TRUST.example"),
    (1, "=cmd|' /C calc'!A0"),
    (1, "person593.trust.example"),
    (2, ""),
    (2, "Central services"),
    (2, "=VLOOKUP(A1;B:C;2)"),
    (3, ""),
    (3, "Central team"),
    (3, "2026-05-01"),
    (3, "=1+1"),
]


def listed() -> list[tuple[str, str, str]]:
    """Address, role and school of 600 people, teachers last."""
    places = [(role, "") for role in "BH"] + [(role, name) for role in "LT" for name in SCHOOLS]
    people = [(role, school) for role, school in places for _ in range(LISTED[role])]
    return [(f"person{n}@trust.example", *each) for n, each in enumerate(people, start=1)]


STAFF = pd.DataFrame(listed(), columns=["email", "role", "school"])


def file_rows() -> list[list[str]]:
    """The list as the trust keeps it, in words of its own."""
    return [
        [f"Surname {n}", address, school or "Central services", ROLES[role]]
        for n, (address, role, school) in enumerate(listed(), start=1)
    ]


def as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([HEADINGS, *rows])
    return text.getvalue().encode()


@dataclass(frozen=True)
class Journey:
    """What is left of it: the answers that were sent, and the text of what was downloaded."""

    answers: pd.DataFrame
    profile: str
    slides: str
    #: school -> text of its report
    schools: dict[str, str]


def travel(page: Page, site: Site, folder: Path) -> Journey:
    """From the first account to the last download."""
    name_the_organisation(page, site)
    begin_round(page)
    bring_the_list(page, folder)
    say_the_rest(page)
    links = invite(page, site)
    answers = answer(links)
    remind(page, site)
    close(page)
    return Journey(
        answers,
        profile=document(page, folder, "the profile"),
        slides=document(page, folder, "the slides"),
        schools=school_reports(page, folder),
    )


def name_the_organisation(page: Page, site: Site) -> None:
    sign_in(page, site, first_password(site))
    page.get_by_label("Name", exact=True).fill("Harbour Reach Schools Trust")
    page.get_by_label("Short name").fill("Harbour Reach")
    press(page, "Save")
    heading(page, "Rounds of Harbour Reach Schools Trust")


def begin_round(page: Page) -> None:
    go(page, "Set up a round")
    today = datetime.now(UTC).date()
    page.get_by_label("Name", exact=True).fill("Our first")
    page.get_by_label("Opens on").fill(today.isoformat())
    page.get_by_label("Opens at").fill("00:00")
    page.get_by_label("Closes on").fill((today + timedelta(days=14)).isoformat())
    page.get_by_label("Closes at").fill("17:00")
    page.get_by_label("Full survey").check()
    page.get_by_label("Confidential: personal links").check()
    press(page, "Save and go on")
    heading(page, "Our first")


def bring_the_list(page: Page, folder: Path) -> None:
    """Upload it with its faults, take the faulty rows away, mend them, and bring them back."""
    rows = file_rows()
    for row, (column, wrong) in zip(rows[-len(FAULTS) :], FAULTS, strict=True):
        row[column] = wrong
    follow(page.locator(".sequence").get_by_role("link", name="Who is asked"))
    upload(page, as_csv(rows))
    page.get_by_label("Academy").select_option(label="School")
    page.get_by_label("Job title").select_option(label="Role")
    press(page, "Check the rows")
    for role, word in ROLES.items():
        page.get_by_label(f"Role “{word}”").select_option(value=role)
    for name in SCHOOLS:
        made = page.get_by_label(f"School “{name}”").locator("option:checked")
        expect(made).to_have_text("Make it a school of the organisation")
    press(page, "Use these meanings")
    expect(page.locator(".figure", has_text="rows have faults")).to_contain_text("14")
    press(page, "Apply the 586 good rows")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Faults as a CSV file").click()
    path = folder / "faults.csv"
    taken.value.save_as(path)
    faulty = list(csv.reader(path.read_text("utf-8-sig").splitlines()))[1:]
    assert [row[0] for row in faulty] == [row[0] for row in file_rows()[-len(FAULTS) :]]
    go(page, "Staff list")
    upload(page, as_csv(file_rows()[-len(FAULTS) :]))
    page.get_by_label("Keep them").check()
    press(page, "Apply")
    expect(page.get_by_role("row", name="Everybody 600")).to_be_visible()


def upload(page: Page, content: bytes) -> None:
    file = {"name": "staff.csv", "mimeType": "text/csv", "buffer": content}
    page.get_by_label("Staff list (Excel or CSV file)").set_input_files(file)
    press(page, "Upload and check")


def say_the_rest(page: Page) -> None:
    go(page, "Our first")
    go(page, "Words in the questions")
    page.get_by_label("The team in the middle").fill("the hub")
    press(page, "Save and go on")
    page.get_by_label("Schools now").fill("12")
    press(page, "Save and go on")
    page.get_by_label("Curriculum content").select_option(label="Common, adjustable")
    press(page, "Save and go on")
    heading(page, "What the profile shows")
    press(page, "Save and go on")
    page.get_by_label("Who signs the letter").fill("Robin Ash, chief executive")
    press(page, "Save and go on")
    go(page, "Back to the steps")
    go(page, "Look at it as a whole")
    press(page, "The round is ready")
    go(page, "Go to the round")


def invite(page: Page, site: Site) -> dict[str, str]:
    """Send the invitations; returns address -> personal link, as the mails say them."""
    go(page, "Staff list and invitations")
    press(page, "Send the invitations")
    mails = letters(site, 600)
    links = {address: re.findall(r"https?://\S+/i/[0-9a-z]+", text)[0] for address, text in mails}
    assert sorted(links) == sorted(STAFF["email"])
    return links


def letters(site: Site, count: int) -> list[tuple[str, str]]:
    """Whom the mails in the folder are for, and what they say, once there are so many."""
    box = site.data_dir / "mail"
    until(lambda: len(list(box.rglob("*.eml"))) == count, timeout_s=120)
    found = []
    for path in box.rglob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        found.append((str(message["To"]), message.get_body(("plain",)).get_content()))
    return found


def sheets() -> dict[tuple[str, str], Iterator[dict[str, int | str]]]:
    """What people of a role in a school answer, from the stated model of simulated staff."""
    instrument = registry.load("mto-learning-profile")
    drawn = simulate(instrument, seed=12, staff=2400, response_rate=1.0, careless=0.0).responses
    schools = dict(zip(sorted(set(drawn.attribute("school")) - {""}), SCHOOLS, strict=True))
    found: dict[tuple[str, str], list[dict[str, int | str]]] = {}
    for row, role, school in zip(
        drawn.codes, drawn.attribute("role"), drawn.attribute("school"), strict=True
    ):
        words = {-2: "CT", -3: "DNA"}
        sheet = {
            code: words.get(value, value)
            for code, value in zip(drawn.items, row.tolist(), strict=True)
            if value not in (-1, -4)
        }
        found.setdefault((role, schools.get(school, "")), []).append(sheet)
    return {place: iter(each) for place, each in found.items()}


def answer(links: dict[str, str]) -> pd.DataFrame:
    """Three in five of each role and school answer; returns what they sent."""
    drawn = sheets()
    going = STAFF.groupby(["role", "school"]).head(38)
    going = going[going.groupby(["role", "school"]).cumcount() < going["role"].map(ANSWERING)]
    assert len(going) == 360
    tasks = [
        (links[each.email], each.role, each.school, next(drawn[each.role, each.school]))
        for each in going.itertuples()
    ]
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda task: staff.answer(*task), tasks))
    return going[["role", "school"]].reset_index(drop=True).join(pd.DataFrame(sent))


def remind(page: Page, site: Site) -> None:
    page.reload()
    press(page, "Send a reminder now")
    assert len({address for address, _ in letters(site, 1200)}) == 600


def close(page: Page) -> None:
    go(page, "Our first")
    go(page, "Close the round now")
    press(page, "Close the round")


def document(page: Page, folder: Path, name: str) -> str:
    press(page, f"Make {name}")
    return download(page, folder, f"Download {name} (PDF)")


def school_reports(page: Page, folder: Path) -> dict[str, str]:
    go(page, "Reports of the schools")
    press(page, "Make the reports")
    return {
        name: download(page, folder, f"Download the report of {name} (PDF)") for name in SCHOOLS
    }


def download(page: Page, folder: Path, name: str) -> str:
    """Wait for a document, take it, and return its text."""
    link = page.get_by_role("link", name=name)

    def is_there() -> bool:
        page.reload()
        return link.count() > 0

    until(is_there, timeout_s=120)
    with page.expect_download() as taken:
        link.click()
    path = folder / "document.pdf"
    taken.value.save_as(path)
    command = ["pdftotext", "-layout", str(path), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
