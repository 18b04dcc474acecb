"""The heads' room: rounds of their organisation, and of schools their own alone."""

from datetime import date

import pytest
import sqlalchemy as sa

from survey.models import AuditEntry, Report, Round, School
from survey.services import accounts, reporting, results
from tests.survey import rooms
from tests.survey.respond_kit import Page as Seen
from tests.survey.respond_kit import check_page
from tests.survey.test_pack import make_all, text_of

HEAD = "head@trust.example"


@pytest.fixture
def round_id(app):
    """An open round of five schools, and the head of the first."""
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        made = rooms.round_(session, trust, schools=5, staff=200)
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


# The report of the own school


@pytest.fixture
def closed(app, round_id):
    """The same round closed, with a report of every school that may have one; the schools' ids."""
    with rooms.store(app) as session:
        round_ = session.get_one(Round, round_id)
        rooms.close(session, round_)
        reporting.ask_schools(session, round_, by=None, now=rooms.NOW)
    make_all(app)
    with rooms.store(app) as session:
        made = session.scalars(sa.select(Report).where(Report.state == "ready")).all()
        return sorted({report.kind.partition(":")[2] for report in made})


def release(app, round_id):
    with rooms.store(app) as session:
        round_ = session.get_one(Round, round_id)
        results.release_schools(session, round_, account=None, now=rooms.NOW)


def move(app, school_id):
    """Let the account head this school."""
    with rooms.store(app) as session:
        accounts.find(session, HEAD).school = session.get_one(School, school_id)


def downloads(app):
    with rooms.store(app) as session:
        found = sa.select(AuditEntry).where(AuditEntry.action == "download_school_report")
        return [(entry.actor_name, entry.object) for entry in session.scalars(found)]


def test_before_the_release_a_head_reads_no_report(app, head, round_id, closed):
    move(app, closed[0])
    assert "has not let heads read the reports yet" in head.get(f"/school/rounds/{round_id}").text
    for path in ("report", "report.pdf"):
        assert head.get(f"/school/rounds/{round_id}/{path}").status_code == 404
    assert "Read the report" not in head.get("/school/").text


def test_after_the_release_a_head_reads_and_takes_the_report_of_their_school(
    app, head, round_id, closed
):
    move(app, closed[0])
    release(app, round_id)
    with rooms.store(app) as session:
        own = session.get_one(School, closed[0]).name
        others = [each.name for each in session.scalars(sa.select(School)) if each.name != own]
    for path in ("/school/", f"/school/rounds/{round_id}"):
        page = head.get(path)
        assert f'href="/school/rounds/{round_id}/report"' in page.text
        assert f'href="/school/rounds/{round_id}/report.pdf"' in page.text
    page = head.get(f"/school/rounds/{round_id}/report")
    check_page(Seen(200, "report", page.text, dict(page.headers)))
    assert own in page.text
    assert not [name for name in others if name in page.text]
    assert page.text.count("<svg") > 5
    assert downloads(app) == []
    reply = head.get(f"/school/rounds/{round_id}/report.pdf")
    text = text_of(reply.data)
    assert own in text
    assert not [name for name in others if name in text]
    assert reply.headers["Cache-Control"] == "no-store"
    assert downloads(app) == [(f"A head ({HEAD})", f"round {round_id}, school {closed[0]}")]


def test_a_head_who_guesses_ids_reads_no_other_schools_report(app, head, round_id, closed):
    own, other = closed[0], closed[-1]
    assert own != other
    move(app, own)
    release(app, round_id)
    with rooms.store(app) as session:
        foreign = rooms.organisation(session, "Far Away Schools Trust")
        far = rooms.round_(session, foreign, is_closed=True)
        far.schools_released_at = rooms.NOW
        far_id, name = far.round_id, session.get_one(School, other).name
    guesses = [
        (f"/lead/rounds/{round_id}/school-reports", 403),
        (f"/lead/rounds/{round_id}/school-reports/{other}.pdf", 403),
        (f"/lead/rounds/{round_id}/profile.pdf", 403),
        (f"/lead/rounds/{round_id}/profile", 403),
        (f"/school/rounds/{round_id}/report/{other}", 404),
        (f"/school/rounds/{round_id}/report/{other}.pdf", 404),
        (f"/school/rounds/{round_id}/{other}.pdf", 404),
        (f"/school/rounds/{far_id}/report", 404),
        (f"/school/rounds/{far_id}/report.pdf", 404),
        (f"/school/rounds/{round_id}/report?school={other}&school_id={other}", 200),
        (f"/school/rounds/{round_id}/report.pdf?school={other}&school_id={other}", 200),
    ]
    for path, status in guesses:
        page = head.get(path)
        assert page.status_code == status, path
        text = text_of(page.data) if page.data.startswith(b"%PDF") else page.text
        assert name not in text, path
    assert [what for _, what in downloads(app)] == [f"round {round_id}, school {own}"]


def test_a_head_whose_school_may_not_be_shown_is_told_why_there_is_none(app, head, round_id):
    with rooms.store(app) as session:
        round_ = session.get_one(Round, round_id)
        rooms.close(session, round_)
        round_.schools_released_at = rooms.NOW
    page = rooms.words(head.get(f"/school/rounds/{round_id}"))
    assert "There is none for this round." in page
    assert head.get(f"/school/rounds/{round_id}/report.pdf").status_code == 404


def test_a_head_without_a_school_reads_no_report(app, head, round_id, closed):
    release(app, round_id)
    with rooms.store(app) as session:
        accounts.find(session, HEAD).school = None
    for path in ("report", "report.pdf"):
        assert head.get(f"/school/rounds/{round_id}/{path}").status_code == 404


def test_a_page_that_cannot_be_read_leads_back_and_the_file_stays(app, head, round_id, closed):
    move(app, closed[0])
    release(app, round_id)
    with rooms.store(app) as session:
        kind = reporting.school_kind(closed[0], reporting.SCHOOL_SCREEN)
        reporting.find(session, session.get_one(Round, round_id), kind).checksum = "0" * 64
    page = head.get(f"/school/rounds/{round_id}/report", follow_redirects=True)
    assert "Read the report" not in page.text
    assert head.get(f"/school/rounds/{round_id}/report.pdf").status_code == 200


def test_a_leader_lets_heads_read_once_a_report_is_made(app, client, round_id, closed):
    with rooms.store(app) as session:
        trust = session.get_one(Round, round_id).organisation
        rooms.account(session, trust, email="leader@trust.example")
    rooms.sign_in(client, "leader@trust.example")
    at = f"/lead/rounds/{round_id}/school-reports"
    page = rooms.words(client.get(at))
    assert "Heads do not see them yet." in page
    assert page.count("No account yet") == len(schools(app)) - 1
    form = rooms.form(client.get(f"{at}/release"))
    page = client.post(f"{at}/release", data=form, follow_redirects=True)
    assert "Heads can read the reports of their schools now." in page.text
    assert "Heads can read the report of their own school since" in page.text
    with rooms.store(app) as session:
        said = sa.select(AuditEntry.object).where(AuditEntry.action == "release_school_reports")
        assert session.scalars(said).all() == [f"round {round_id}"]


def test_nothing_is_released_before_a_report_is_made(app, round_id):
    with rooms.store(app) as session:
        round_ = session.get_one(Round, round_id)
        with pytest.raises(results.ResultsError, match="made first"):
            results.release_schools(session, round_, account=None, now=rooms.NOW)
        assert round_.schools_released_at is None
