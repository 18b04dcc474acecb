"""The heads' room: rounds of their organisation, and of schools their own alone."""

from datetime import date

import pytest

from survey.models import Round
from survey.services import accounts
from tests.survey import rooms

HEAD = "head@trust.example"


@pytest.fixture
def round_id(app):
    """An open round of three schools, and the head of the first."""
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        made = rooms.round_(session, trust)
        rooms.account(session, trust, role="head", email=HEAD, school=trust.schools[0])
        return made.round_id


@pytest.fixture
def head(client, round_id):
    rooms.sign_in(client, HEAD)
    return client


def schools(app):
    with rooms.store(app) as session:
        return [each.name for each in accounts.find(session, HEAD).organisation.schools]


def test_a_head_comes_to_their_own_room(app, head):
    assert head.get("/home").headers["Location"] == "/school/"
    page = rooms.words(head.get("/school/"))
    assert "Rounds of Harbour Reach Schools Trust" in page
    assert f"You head {schools(app)[0]}." in page
    assert "May 2026" in page


def test_a_round_says_what_a_head_may_know_and_names_no_other_school(app, head, round_id):
    own, *others = schools(app)
    page = rooms.words(head.get(f"/school/rounds/{round_id}"))
    assert f"Report of {own}" in page
    assert "at least 10 people of the school answered, and half of its staff" in page
    assert "It can be made when the round has closed." in page
    assert not [name for name in others if name in page]
    assert "Share of staff" not in page  # nor how many have answered


@pytest.mark.parametrize(
    ("mode", "says", "shows_link"),
    [("anonymous", "the same link", True), ("confidential", "a link of their own", False)],
)
def test_a_head_is_told_how_staff_get_in(app, head, round_id, mode, says, shows_link):
    with rooms.store(app) as session:
        round_ = session.get_one(Round, round_id)
        round_.mode = mode
        link = f"/r/{round_.link}"
    page = head.get(f"/school/rounds/{round_id}")
    assert says in rooms.words(page)
    assert (link in page.text) == shows_link


def test_a_head_reads_what_staff_were_promised(app, head, round_id):
    assert "It has not been said yet" in head.get(f"/school/rounds/{round_id}").text
    with rooms.store(app) as session:
        round_ = session.get_one(Round, round_id)
        round_.results_on, round_.results_by = date(2030, 6, 15), "Ms Okafor"
    page = rooms.words(head.get(f"/school/rounds/{round_id}"))
    assert "15 June 2030" in page
    assert "Ms Okafor" in page


def test_a_head_without_a_school_is_told_whom_to_ask(app, head, round_id):
    with rooms.store(app) as session:
        accounts.find(session, HEAD).school = None
    for path in ("/school/", f"/school/rounds/{round_id}"):
        assert "Your account names no school." in head.get(path).text


def test_a_head_sees_no_round_of_another_organisation(app, head):
    with rooms.store(app) as session:
        other = rooms.organisation(session, "Far Away Schools Trust")
        foreign = rooms.round_(session, other).round_id
    assert head.get(f"/school/rounds/{foreign}").status_code == 404
