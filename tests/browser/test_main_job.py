"""The main job, end to end: a teacher answers, the round closes, a leader holds the profile."""

import json
import random
import re
import sqlite3
import subprocess
import tomllib

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from instruments import registry
from survey import demonstration
from tests.browser.answering import (
    PHONE,
    answer_page,
    begin,
    follow,
    is_section,
    say_place,
    staff_link,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def teacher(browser: Browser, site) -> dict[str, str]:
    """What a teacher answered, JavaScript off, half on one device and half on another."""
    draw = random.Random(5)
    first = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = first.new_page()
    words = begin(page, staff_link(site.data_dir))
    say_place(page, role="T", school="Saltmarsh Academy")
    chosen: dict[str, str] = {}
    for _ in range(4):
        assert is_section(page)
        chosen |= answer_page(page, draw)
    stopped_at = page.url
    first.close()
    site.stop()
    site.start()  # what was acknowledged outlives the server

    second = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = second.new_page()
    page.goto(staff_link(site.data_dir) + "/resume")
    page.get_by_label(re.compile("words", re.IGNORECASE)).fill(words.upper())
    follow(page.get_by_role("button", name="Go on"))
    assert page.url == stopped_at
    while is_section(page):
        chosen |= answer_page(page, draw)
    follow(page.get_by_role("button", name="Send my answers"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    second.close()
    return chosen


@pytest.fixture(scope="module")
def profile_text(browser: Browser, site, teacher, tmp_path_factory) -> str:
    """The text of the profile that a leader downloads after closing the round."""
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    sign_in(page, site, "leader")
    follow(page.get_by_role("link", name=open_round_name(site), exact=True))
    follow(page.get_by_role("link", name="Close the round now"))
    follow(page.get_by_role("button", name="Close the round"))
    follow(page.get_by_role("button", name="Make the profile"))
    link = page.get_by_role("link", name="Download the profile (PDF)")
    for _ in range(120):
        if link.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    with page.expect_download() as download:
        link.first.click()
    path = tmp_path_factory.mktemp("downloaded") / "profile.pdf"
    download.value.save_as(path)
    context.close()
    command = ["pdftotext", "-layout", str(path), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def sign_in(page: Page, site, role: str) -> None:
    password = tomllib.loads((site.data_dir / "demonstration.toml").read_text("utf-8"))[role]
    page.goto(f"{site.url}/{demonstration.ROOMS[role]}/")
    page.get_by_label("E-mail address").fill(f"{role}@harbour-reach.example")
    page.get_by_label("Password").fill(password)
    follow(page.get_by_role("button", name="Sign in"))


def rows(site, query: str) -> pd.DataFrame:
    with sqlite3.connect(site.data_dir / "midtier.sqlite") as connection:
        return pd.read_sql_query(query, connection)


def open_round_name(site) -> str:
    return str(rows(site, "SELECT name FROM round ORDER BY opens_at DESC LIMIT 1")["name"][0])


@pytest.fixture(scope="module")
def people(site, profile_text) -> pd.DataFrame:
    """One row a response of the round, items as columns, answers as they are stored."""
    stored = rows(
        site,
        "SELECT response.*, school.name AS school FROM response "
        "JOIN round USING (round_id) LEFT JOIN school USING (school_id) "
        "WHERE opens_at = (SELECT max(opens_at) FROM round)",
    )
    answers = pd.DataFrame([json.loads(text) for text in stored["answers"]])
    return stored[["role", "school", "careless"]].join(answers)


def lived_people(people: pd.DataFrame) -> pd.DataFrame:
    """People in schools, without sheets that failed the attention item and show another sign."""
    attention = pd.to_numeric(people["ATT1"], errors="coerce")
    careless = (people["careless"] == 1) & attention.notna() & (attention != 2)
    return people[people["role"].isin(["T", "L"]) & ~careless]


def weights(site, people: pd.DataFrame) -> pd.Series:
    """Roster headcount of a person's school and role over the answers from there."""
    roster = rows(
        site,
        "SELECT role, school.name AS school, headcount FROM roster_row "
        "JOIN round USING (round_id) LEFT JOIN school USING (school_id) "
        "WHERE opens_at = (SELECT max(opens_at) FROM round)",
    )
    counts = people.groupby(["school", "role"]).size().rename("answered").reset_index()
    cells = roster.merge(counts, on=["school", "role"])
    return people.merge(cells, on=["school", "role"], how="left").eval("headcount / answered")


def test_the_teachers_answers_became_one_response_item_by_item(people, teacher):
    given = {key.removeprefix("item-"): value for key, value in teacher.items()}
    matching = people.astype(str)
    for item, value in given.items():
        column = matching[item].str.replace(r"\.0$", "", regex=True)
        matching = matching[column == value]
    assert len(matching) == 1
    assert matching.iloc[0][["role", "school"]].tolist() == ["T", "Saltmarsh Academy"]


def test_the_demonstration_wrote_its_two_documents(site):
    for name in ("profile.pdf", "validation.pdf"):
        assert (site.data_dir / name).read_bytes().startswith(b"%PDF-")


def test_no_draft_is_left_after_the_round_closed(site, profile_text):
    left = "SELECT count(*) AS n FROM draft JOIN round USING (round_id) WHERE closed_at IS NOT NULL"
    assert rows(site, left)["n"][0] == 0


def test_scores_in_the_profile_equal_a_few_lines_of_pandas(site, people, profile_text):
    lived = lived_people(people)
    for name, items in {
        "Shared conceptual": ["SCF1", "SCF3", "SCF4", "SCF5", "SCF6"],
        "Shared sensemaking": ["SSM1", "SSM2", "SSM4", "SSM5", "SSM6"],
    }.items():
        answers = lived[items].apply(pd.to_numeric, errors="coerce")
        answers[items[-1]] = 6 - answers[items[-1]]  # the last of each is reversed
        enough = answers.notna().sum(axis=1) >= 4
        person = answers.mean(axis=1)[enough]
        weight = weights(site, lived[enough].reset_index(drop=True)).to_numpy()
        expected = np.average(person, weights=weight)
        assert f"{expected:.1f}" == table_value(profile_text, name)


def table_row(text: str, name: str) -> str:
    """The line that begins with ``name`` in the profile's tables of decisions and dimensions."""
    tables = text[text.rindex("Where decisions sit today (trial)") :]
    return next(line for line in tables.splitlines() if line.startswith(name))


def table_value(text: str, name: str) -> str:
    """The first figure with a decimal, the lived one, in the row that begins with ``name``."""
    return re.findall(r"\b[1-5]\.\d\b", table_row(text, name))[0]


def test_a_decision_in_the_profile_equals_a_few_lines_of_pandas(site, people, profile_text):
    lived = lived_people(people)
    answers = pd.to_numeric(lived["LOC_ASM_NOW"], errors="coerce")
    lived = lived[answers.notna()].reset_index(drop=True)
    stops = answers.dropna().astype(int).to_numpy()
    weight = weights(site, lived).to_numpy()
    shares = np.bincount(stops, weights=weight, minlength=6)[1:] / weight.sum()
    before = np.concatenate([[0], np.cumsum(shares)])
    stop = int(np.searchsorted(before, 0.5))
    expected = stop - 0.5 + (0.5 - before[stop - 1]) / shares[stop - 1]
    assert f"{expected:.1f}" == table_value(profile_text, "Tests and exam")
    printed = re.findall(r"([<>]?)(\d+)%", table_row(profile_text, "Tests and exam"))[:5]
    coarse = sum(share < 0.05 for share in shares) == 1  # one small share alone hides in fives
    for share, (sign, figure) in zip(100 * shares, printed, strict=True):
        if sign:
            assert share < 5 if sign == "<" else share > 90
        else:
            assert abs(share - int(figure)) <= (2.5 if coarse else 0.5)


def test_what_was_printed_is_the_shipped_instrument(profile_text):
    version = registry.load("mto-learning-profile").version
    assert f"Instrument {version}" in profile_text
    assert "Simulated data" in profile_text
