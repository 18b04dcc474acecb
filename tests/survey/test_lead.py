"""The leader's room: rounds of one's own organisation, closing, the profile."""

import re

import pytest
import sqlalchemy as sa

from survey import storage
from survey.database import db
from survey.models import AuditEntry, Draft, Report, Response, Round
from survey.services import progress, reporting
from tests.survey import rooms

LEADER = "leader@trust.example"
#: of 60 staff
ANSWERS = 52


@pytest.fixture
def round_id(app):
    """An open round of three schools and 60 staff, and its leader."""
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        rooms.account(session, trust, email=LEADER)
        return rooms.round_(session, trust).round_id


@pytest.fixture
def leader(client, round_id):
    rooms.sign_in(client, LEADER)
    return client


def close(leader, round_id):
    page = leader.get(f"/lead/rounds/{round_id}/close")
    return leader.post(f"/lead/rounds/{round_id}/close", data={"csrf_token": rooms.token(page)})


def ask(leader, round_id):
    page = leader.get(f"/lead/rounds/{round_id}/close")
    return leader.post(f"/lead/rounds/{round_id}/profile", data={"csrf_token": rooms.token(page)})


def the_report(app):
    with rooms.store(app) as session:
        report = session.scalars(sa.select(Report)).one()
        session.expunge(report)
        return report


def make_ready(app, content=b"%PDF-1.7 of a test"):
    """What a worker does when it has made the document."""
    with rooms.store(app) as session:
        report = session.scalars(sa.select(Report)).one()
        folder = app.extensions["midtier_settings"].reports_dir
        name = f"{report.report_id}-{report.attempt}.pdf"
        report.checksum = storage.save(folder, name, content)
        report.file_name, report.state = name, "ready"


def test_a_leader_sees_the_rounds_of_their_organisation(leader):
    page = leader.get("/lead/")
    assert "Rounds of Harbour Reach Schools Trust" in page.text
    assert "May 2026" in page.text
    assert "Simulated data" in page.text


def test_a_leader_sees_no_other_organisations_round(app, leader):
    with rooms.store(app) as session:
        other = rooms.organisation(session, "Far Away Schools Trust")
        foreign = rooms.round_(session, other, name="Theirs").round_id
    assert "Theirs" not in leader.get("/lead/").text
    for path in ("", "/close", "/profile.pdf"):
        assert leader.get(f"/lead/rounds/{foreign}{path}").status_code == 404
    assert ask_foreign(leader, foreign) == 404
    with rooms.store(app) as session:
        assert session.get(Round, foreign).closed_at is None


def ask_foreign(leader, foreign):
    page = leader.get("/lead/")  # the token of the sign-out form is this session's
    data = {"csrf_token": rooms.token(page)}
    assert leader.post(f"/lead/rounds/{foreign}/close", data=data).status_code == 404
    return leader.post(f"/lead/rounds/{foreign}/profile", data=data).status_code


def test_the_page_of_a_round_says_the_window_the_state_and_the_link(app, leader, round_id):
    page = rooms.words(leader.get(f"/lead/rounds/{round_id}"))
    with rooms.store(app) as session:
        link = session.get(Round, round_id).link
    assert "Open" in page
    assert f"http://127.0.0.1:8000/r/{link}" in page
    assert "The profile can be made when the round has closed." in page


def test_responses_are_counted_once_a_day_and_in_bands(app, leader, round_id):
    before = rooms.words(leader.get(f"/lead/rounds/{round_id}"))
    assert "The first count is made on the day the round opens." in before
    with rooms.store(app) as session:
        progress.take_due(session, now=rooms.NOW)
    counted = rooms.words(leader.get(f"/lead/rounds/{round_id}"))
    assert "50–99 answered." in counted
    with rooms.store(app) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Draft)) == ANSWERS
        session.execute(sa.delete(Draft))
        progress.take_due(session, now=rooms.NOW)  # the same day
    assert rooms.words(leader.get(f"/lead/rounds/{round_id}")) == counted


def test_the_exact_number_of_answers_is_nowhere_on_the_page(app, leader, round_id):
    with rooms.store(app) as session:
        progress.take_due(session, now=rooms.NOW)
        round_ = session.get(Round, round_id)
        assert not re.search(rf"(?<![\d.]){ANSWERS}(?![\d.])", str(round_.tally))
    assert f" {ANSWERS} " not in rooms.words(leader.get(f"/lead/rounds/{round_id}"))
    close(leader, round_id)
    assert f" {ANSWERS} " not in rooms.words(leader.get(f"/lead/rounds/{round_id}"))


def test_closing_asks_first(app, leader, round_id):
    page = leader.get(f"/lead/rounds/{round_id}/close")
    assert "A closed round cannot be opened again." in page.text
    with rooms.store(app) as session:
        assert session.get(Round, round_id).closed_at is None


def test_a_leader_closes_a_round(app, leader, round_id):
    assert close(leader, round_id).status_code == 302
    page = leader.get(f"/lead/rounds/{round_id}")
    assert "The round is closed." in page.text
    with rooms.store(app) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == ANSWERS
        assert session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0
        entry = session.scalars(sa.select(AuditEntry)).one()
        assert (entry.action, entry.object) == ("close_round", f"round {round_id}")


def test_closing_twice_is_closing_once(app, leader, round_id):
    close(leader, round_id)
    assert close(leader, round_id).status_code == 302
    with rooms.store(app) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == ANSWERS
        assert len(session.scalars(sa.select(AuditEntry)).all()) == 1


def test_closing_needs_the_pages_token(app, leader, round_id):
    assert leader.post(f"/lead/rounds/{round_id}/close").status_code == 400
    with rooms.store(app) as session:
        assert session.get(Round, round_id).closed_at is None


def test_a_profile_cannot_be_asked_for_while_the_round_is_open(app, leader, round_id):
    ask(leader, round_id)
    page = leader.get(f"/lead/rounds/{round_id}")
    assert "answers are counted when the round has closed" in page.text
    with rooms.store(app) as session:
        assert session.scalars(sa.select(Report)).all() == []


def test_a_leader_asks_for_the_profile_and_sees_that_it_is_being_made(app, leader, round_id):
    close(leader, round_id)
    assert "Make the profile" in leader.get(f"/lead/rounds/{round_id}").text
    ask(leader, round_id)
    page = leader.get(f"/lead/rounds/{round_id}").text
    assert "The profile is being made." in page
    assert "Look again" in page
    assert the_report(app).state == "asked"


def test_asking_twice_makes_one_document(app, leader, round_id):
    close(leader, round_id)
    ask(leader, round_id)
    ask(leader, round_id)
    assert the_report(app).attempt == 1


def test_a_leader_downloads_the_profile(app, leader, round_id):
    close(leader, round_id)
    ask(leader, round_id)
    assert leader.get(f"/lead/rounds/{round_id}/profile.pdf").status_code == 404
    make_ready(app)
    assert "Download the profile (PDF)" in leader.get(f"/lead/rounds/{round_id}").text
    reply = leader.get(f"/lead/rounds/{round_id}/profile.pdf")
    assert reply.data == b"%PDF-1.7 of a test"
    assert reply.mimetype == "application/pdf"
    assert reply.headers["Cache-Control"] == "no-store"
    assert (
        reply.headers["Content-Disposition"]
        == 'attachment; filename="harbour-reach-may-2026-profile.pdf"'
    )


def test_who_asked_and_who_took_the_profile_is_written_down(app, leader, round_id):
    close(leader, round_id)
    ask(leader, round_id)
    make_ready(app)
    leader.get(f"/lead/rounds/{round_id}/profile.pdf")
    with rooms.store(app) as session:
        entries = session.execute(
            sa.select(AuditEntry.action, AuditEntry.object, AuditEntry.actor).order_by(
                AuditEntry.at
            )
        ).all()
    assert [entry.action for entry in entries] == [
        "close_round",
        "ask_profile",
        "download_profile",
    ]
    assert {entry.object for entry in entries} == {f"round {round_id}"}
    assert len({entry.actor for entry in entries}) == 1


def test_a_profile_that_failed_says_why_and_can_be_tried_again(app, leader, round_id):
    close(leader, round_id)
    ask(leader, round_id)
    with rooms.store(app) as session:
        report = session.scalars(sa.select(Report)).one()
        report.state, report.failure = "failed", "The disk is full."
    page = leader.get(f"/lead/rounds/{round_id}").text
    assert "The profile could not be made." in page
    assert "The disk is full." in page
    ask(leader, round_id)
    report = the_report(app)
    assert (report.state, report.attempt, report.failure) == ("asked", 2, "")


def test_a_damaged_file_is_not_sent(app, leader, round_id):
    close(leader, round_id)
    ask(leader, round_id)
    make_ready(app)
    folder = app.extensions["midtier_settings"].reports_dir
    (folder / the_report(app).file_name).write_bytes(b"%PDF-1.7 of somebody else")
    assert leader.get(f"/lead/rounds/{round_id}/profile.pdf").status_code == 302
    page = leader.get(f"/lead/rounds/{round_id}").text
    assert "The stored file is damaged." in page
    assert "Try again" in page


def test_a_round_whose_time_is_up_is_closed_by_asking_for_its_profile(app, leader, round_id):
    with rooms.store(app) as session:
        round_ = session.get(Round, round_id)
        round_.closes_at = rooms.NOW
    assert "Make the profile" in leader.get(f"/lead/rounds/{round_id}").text
    ask(leader, round_id)
    with rooms.store(app) as session:
        assert session.get(Round, round_id).closed_at is not None
        assert reporting.frozen(session, session.get(Round, round_id)).n == ANSWERS


def test_the_database_is_left_free_by_every_page(app, leader, round_id):
    for path in ("/lead/", f"/lead/rounds/{round_id}", f"/lead/rounds/{round_id}/close"):
        leader.get(path)
    with app.app_context():
        assert db.engine.pool.checkedout() == 0


# The profile on screen


def ask_screen(leader, round_id):
    page = leader.get(f"/lead/rounds/{round_id}/profile")
    address = f"/lead/rounds/{round_id}/profile/screen"
    return leader.post(address, data={"csrf_token": rooms.token(page)})


def test_the_profile_on_screen_waits_for_the_close(leader, round_id):
    page = leader.get(f"/lead/rounds/{round_id}/profile")
    assert "when the round has closed" in page.text
    assert "Show the profile on screen" not in page.text


def test_the_profile_on_screen_is_made_by_a_job_and_shown(app, leader, round_id):
    close(leader, round_id)
    assert ask_screen(leader, round_id).location.endswith(f"/lead/rounds/{round_id}/profile")
    assert "It takes a few seconds" in leader.get(f"/lead/rounds/{round_id}/profile").text
    with rooms.store(app) as session:
        made = reporting.make(session, session.get(Round, round_id), "profile_screen")
    make_ready(app, made.content)
    page = leader.get(f"/lead/rounds/{round_id}/profile")
    assert page.headers["Cache-Control"] == "no-store"
    assert 'aria-label="In this profile"' in page.text
    assert "Where decisions sit today" in page.text
    assert page.text.count('<div class="chart-scroll"') > 10
    with rooms.store(app) as session:
        pdf = session.scalar(sa.select(Report).where(Report.kind == "profile"))
    assert pdf is None  # asked for by itself


def test_a_damaged_page_on_screen_is_made_again(app, leader, round_id):
    close(leader, round_id)
    ask_screen(leader, round_id)
    make_ready(app, b"{}")
    page = leader.get(f"/lead/rounds/{round_id}/profile")
    assert page.status_code == 200
    assert "have it made again" in leader.get(f"/lead/rounds/{round_id}/profile").text
    ask_screen(leader, round_id)
    assert the_report(app).state == "asked"
