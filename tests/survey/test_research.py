"""The researcher's room: rounds of one's own organisation, the validation report."""

import pytest
import sqlalchemy as sa

from survey import storage
from survey.models import AuditEntry, Report
from tests.survey import rooms

RESEARCHER = "researcher@trust.example"


@pytest.fixture
def round_id(app):
    """A closed round, and a researcher of its organisation who may see its report."""
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        researcher = rooms.account(session, trust, role="researcher", email=RESEARCHER)
        round_ = rooms.round_(session, trust, is_closed=True)
        rooms.consent(session, round_, researcher)
        return round_.round_id


@pytest.fixture
def researcher(client, round_id):
    rooms.sign_in(client, RESEARCHER)
    return client


def ask(researcher, round_id):
    page = researcher.get(f"/research/rounds/{round_id}")
    data = {"csrf_token": rooms.token(page)}
    return researcher.post(f"/research/rounds/{round_id}/validation", data=data)


def test_a_researcher_comes_to_their_own_room(researcher, round_id):
    assert researcher.get("/home").headers["Location"] == "/research/"
    assert "May 2026" in researcher.get("/research/").text


def test_a_researcher_sees_which_instrument_was_asked(researcher, round_id):
    page = rooms.words(researcher.get(f"/research/rounds/{round_id}"))
    assert "mto-learning-profile 0.1" in page
    assert "Everybody 50–99" in page


def test_a_researcher_sees_no_other_organisations_round(app, researcher):
    with rooms.store(app) as session:
        other = rooms.organisation(session, "Far Away Schools Trust")
        foreign = rooms.round_(session, other, is_closed=True).round_id
    token = rooms.token(researcher.get("/research/"))
    assert researcher.get(f"/research/rounds/{foreign}").status_code == 404
    assert researcher.get(f"/research/rounds/{foreign}/validation.pdf").status_code == 404
    asked = researcher.post(f"/research/rounds/{foreign}/validation", data={"csrf_token": token})
    assert asked.status_code == 404


def test_a_researcher_may_not_lead(researcher, round_id):
    assert researcher.get("/lead/").status_code == 403
    assert researcher.get(f"/lead/rounds/{round_id}/close").status_code == 403


def test_a_researcher_asks_for_the_validation_report_and_downloads_it(app, researcher, round_id):
    ask(researcher, round_id)
    assert "The report is being made." in researcher.get(f"/research/rounds/{round_id}").text
    with rooms.store(app) as session:
        report = session.scalars(sa.select(Report)).one()
        assert (report.kind, report.state) == ("validation", "asked")
        folder = app.extensions["midtier_settings"].reports_dir
        report.checksum = storage.save(folder, "made.pdf", b"%PDF-1.7")
        report.file_name, report.state = "made.pdf", "ready"
    reply = researcher.get(f"/research/rounds/{round_id}/validation.pdf")
    assert reply.data == b"%PDF-1.7"
    assert "harbour-reach-may-2026-validation.pdf" in reply.headers["Content-Disposition"]
    with rooms.store(app) as session:
        actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert set(actions) == {
        "close_round",
        "give_consent",
        "ask_validation",
        "download_validation",
    }


def test_the_profile_is_not_for_researchers(app, researcher, round_id):
    assert researcher.get(f"/lead/rounds/{round_id}/profile.pdf").status_code == 403
