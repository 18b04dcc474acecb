"""The page on which a leader watches a round that is open."""

import re
from datetime import timedelta

import html5lib
import pytest
import sqlalchemy as sa

from instruments import registry
from instruments.roster import Roster, RosterRow
from survey.models import Draft, Round
from survey.services import drafts, progress, rounds
from tests.survey import rooms
from tests.survey.respond_kit import KEY

LEADER = "leader@trust.example"
#: school -> (staff, answers): one told nearly all, one that may be enough, one short, one too small
SCHOOLS = {
    "Ashdown Primary": (28, 26),
    "Bellfield High": (80, 30),
    "Carr Lane Primary": (32, 12),
    "Dunmere Academy": (12, 11),
    "Elm Park Infants": (40, 4),
}


@pytest.fixture
def round_id(app):
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        rooms.account(session, trust, email=LEADER)
        roster = [RosterRow(name, "T", staff) for name, (staff, _) in SCHOOLS.items()]
        round_ = rounds.create(
            session,
            trust,
            name="May 2026",
            instrument=registry.load("mto-learning-profile"),
            locale="en-GB",
            placeholders={"before": "the review"},
            opens_at=rooms.NOW - timedelta(days=4),
            closes_at=rooms.NOW + timedelta(days=9),
            roster=Roster((*roster, RosterRow("", "H", 20))),
        )
        for school, (_, n) in SCHOOLS.items():
            for _ in range(n):
                answer(session, round_, school)
        return round_.round_id


@pytest.fixture
def leader(client, round_id):
    rooms.sign_in(client, LEADER)
    return client


def answer(session, round_, school):
    """Somebody of a school sends their answers."""
    begun = drafts.begin(session, round_, respondent_key=KEY, invitation_id=None, now=rooms.NOW)
    school_id = next(
        each.school_id for each in rounds.schools_of(session, round_) if each.name == school
    )
    drafts.set_place(session, round_, begun.draft, role="T", school_id=school_id, now=rooms.NOW)
    session.execute(sa.update(Draft).where(Draft.key == begun.draft.key).values(sent=True))


def count(app, *, days=0):
    with rooms.store(app) as session:
        progress.take_due(session, now=rooms.NOW + timedelta(days=days))


def watch(leader, round_id):
    page = leader.get(f"/lead/rounds/{round_id}/answered")
    assert page.status_code == 200
    html5lib.HTMLParser(strict=True).parse(page.text)
    assert len(re.findall(r"<h1[ >]", page.text)) == 1
    assert " style=" not in page.text
    return page


def rows(page):
    """Name -> what its row says, in one line."""
    found = re.findall(
        r'<tr role="row"><th scope="row" role="rowheader">(.*?)</tr>', page.text, re.S
    )
    lines = [re.sub(r"\s+", " ", re.sub(r"<title>.*?</title>|<[^>]+>", " ", row)) for row in found]
    return {name: line for line in lines for name in (*SCHOOLS, "Teacher") if name in line}


def test_before_the_first_count_the_page_says_when_it_comes(leader, round_id):
    assert "The first count is made on the day the round opens." in watch(leader, round_id).text


def test_a_row_says_its_band_and_whether_it_is_enough(app, leader, round_id):
    count(app)
    found = rows(watch(leader, round_id))
    assert "nearly all" in found["Ashdown Primary"]
    assert "enough for a row" in found["Ashdown Primary"]
    assert "25–49 , 31 to 61% of staff may be enough" in found["Bellfield High"]
    # 16 are needed, and of 10 to 14 it may be 14
    assert "10–14" in found["Carr Lane Primary"]
    assert "2 or more to go" in found["Carr Lane Primary"]
    assert "not shown: fewer than 15 staff told at the close" in found["Dunmere Academy"]
    assert "fewer than 10 so far" in found["Elm Park Infants"]
    assert "11 or more to go" in found["Elm Park Infants"]


def test_every_bar_says_in_words_what_it_draws(app, leader, round_id):
    count(app)
    page = watch(leader, round_id)
    titles = re.findall(r"<title>(.*?)</title>", page.text)
    assert "Carr Lane Primary: 31 to 44% of staff. Minimum for a row: 50%." in titles


def test_the_width_of_bands_is_told_for_today_and_for_two_higher_rates(app, leader, round_id):
    count(app)
    text = rooms.words(watch(leader, round_id))
    assert "If you closed today, at about 40%" in text
    assert "At 60% answered" in text
    assert "At 80% answered" in text
    assert "(standard deviation)" in text


def test_reloading_every_page_after_each_answer_tells_nothing_within_the_day(app, leader, round_id):
    def seen():
        paths = ("", "/answered", "/mode", "/languages", "/posters", "/results", "/close")
        pages = [leader.get(f"/lead/rounds/{round_id}{path}").text for path in paths]
        return [
            re.sub(r'value="[^"]{40,}"', "", page) for page in [leader.get("/lead/").text, *pages]
        ]

    count(app)
    before = seen()
    for school in ("Elm Park Infants", "Ashdown Primary", "Carr Lane Primary"):
        with rooms.store(app) as session:
            answer(session, session.get(Round, round_id), school)
        count(app)
        assert seen() == before


def test_one_person_more_the_next_day_changes_no_row_that_could_name_one(app, leader, round_id):
    count(app)
    before = rows(watch(leader, round_id))
    with rooms.store(app) as session:
        answer(session, session.get(Round, round_id), "Carr Lane Primary")
    count(app, days=1)
    assert rows(watch(leader, round_id)) == before


def test_the_days_figures_are_the_same_for_every_number_in_a_band(app, round_id):
    count(app)
    with rooms.store(app) as session:
        round_ = session.get(Round, round_id)
        first = dict(round_.tally)
        answer(session, round_, "Carr Lane Primary")
        answer(session, round_, "Bellfield High")
    count(app, days=1)
    with rooms.store(app) as session:
        assert session.get(Round, round_id).tally == first | {
            "on": (rooms.NOW + timedelta(days=1)).date().isoformat()
        }


def test_a_closed_round_leads_back_to_its_page(app, leader, round_id):
    with rooms.store(app) as session:
        rounds.close(session, session.get(Round, round_id), by=None, now=rooms.NOW)
    reply = leader.get(f"/lead/rounds/{round_id}/answered")
    assert reply.headers["Location"] == f"/lead/rounds/{round_id}"


def test_figures_of_an_older_version_are_still_read(app, leader, round_id):
    line = {"kind": "total", "name": "", "answered": "50–99", "rate": ""}
    with rooms.store(app) as session:
        session.get(Round, round_id).tally = {
            "on": "2026-05-04",
            "total": line,
            "roles": [line | {"kind": "role", "name": "Teachers"}],
            "schools": [],
        }
    text = rooms.words(watch(leader, round_id))
    assert "50–99" in text
    assert "If you closed today" not in text
