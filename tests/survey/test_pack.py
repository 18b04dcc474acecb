"""What a leader brings to a meeting: asking for it, making it, taking it, and schools' reports."""

import io

import pypdf
import pytest
import sqlalchemy as sa

from survey import worker
from survey.models import AuditEntry, Report, RosterRow, School
from survey.services import reporting
from tests.survey import rooms

LEADER = "leader@trust.example"
#: large enough that schools may have reports
LARGE = {"schools": 5, "staff": 200, "is_closed": True}


@pytest.fixture
def round_(session):
    return rooms.round_(session, rooms.organisation(session), **LARGE)


@pytest.fixture
def round_id(app):
    """A closed round of five schools and 200 staff, and its leader."""
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        rooms.account(session, trust, email=LEADER)
        return rooms.round_(session, trust, **LARGE).round_id


@pytest.fixture
def leader(client, round_id):
    rooms.sign_in(client, LEADER)
    return client


def post(leader, round_id, path):
    page = leader.get(f"/lead/rounds/{round_id}/close")
    url = f"/lead/rounds/{round_id}/{path}"
    return leader.post(url, data={"csrf_token": rooms.token(page)}, follow_redirects=True)


def make_all(app):
    """What a worker does with every document that waits for it."""
    settings = app.extensions["midtier_settings"]
    with rooms.store(app) as session:
        engine = session.get_bind()
        waiting = session.execute(
            sa.select(Report.report_id, Report.attempt).where(Report.state == "asked")
        ).all()
    for report_id, attempt in waiting:
        result = worker.make_document(settings, engine, report_id, attempt)
        worker.record_result(engine, report_id, attempt, result, now=rooms.NOW)
    return len(waiting)


def text_of(content):
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


# The service


def test_slides_and_handout_are_made_of_the_rounds_own_dataset(session, round_):
    profile = reporting.make(session, round_, "profile")
    slides = reporting.make(session, round_, "slides")
    handout = reporting.make(session, round_, "handout")
    assert profile.fingerprint == slides.fingerprint == handout.fingerprint
    assert len(pypdf.PdfReader(io.BytesIO(handout.content)).pages) == 2
    assert "How we shall know" in text_of(slides.content)


def test_each_school_has_a_report_of_its_own_kind(session, round_):
    schools = reporting.schools_of(session, round_)
    assert len(schools) == 5
    reports = reporting.ask_schools(session, round_, by=None, now=rooms.NOW)
    assert {report.kind for report in reports} == {
        f"{what}:{school.school_id}" for school in schools for what in ("school", "school_screen")
    }
    again = reporting.ask_schools(session, round_, by=None, now=rooms.NOW)
    assert [report.report_id for report in again] == [report.report_id for report in reports]
    found = reporting.find_school_report(session, round_, schools[0].school_id)
    assert found is not None
    assert found.kind == reporting.school_kind(schools[0].school_id)
    assert reporting.find_school_report(session, round_, "nowhere") is None


def test_a_school_of_another_organisation_has_no_report_here(session, round_):
    other = rooms.organisation(session, "Far Away Schools Trust")
    school = School(organisation=other, name="Elsewhere")
    session.add(school)
    session.flush()
    for school_id in (school.school_id, "nowhere"):
        with pytest.raises(reporting.ReportError, match="no such school"):
            reporting.ask(session, round_, reporting.school_kind(school_id), by=None, now=rooms.NOW)


def test_a_schools_report_names_the_school(session, round_):
    school = reporting.schools_of(session, round_)[0]
    kind = reporting.school_kind(school.school_id)
    assert school.name in text_of(reporting.make(session, round_, kind).content)


def test_a_school_that_may_not_be_shown_is_refused_in_one_line(session, round_):
    school = reporting.schools_of(session, round_)[0]
    session.execute(
        sa.update(RosterRow)
        .where(RosterRow.round_id == round_.round_id, RosterRow.school_id == school.school_id)
        .values(headcount=400)
    )
    session.execute(
        sa.update(RosterRow)
        .where(RosterRow.round_id == round_.round_id, RosterRow.school_id != school.school_id)
        .values(headcount=1)
    )
    kind = reporting.school_kind(school.school_id)
    with pytest.raises(ValueError, match="no report can be made for") as refused:
        reporting.make(session, round_, kind)
    assert "\n" not in str(refused.value)


# The rooms


@pytest.mark.parametrize("kind", ["slides", "handout"])
def test_a_leader_asks_for_the_pack_and_takes_it(app, leader, round_id, kind):
    page = leader.get(f"/lead/rounds/{round_id}").text
    assert f"Make the {kind}" in page
    assert f"The {kind} are being made." in (
        post(leader, round_id, f"pack/{kind}").text.replace("handout is", "handout are")
    )
    assert leader.get(f"/lead/rounds/{round_id}/pack/{kind}.pdf").status_code == 404
    assert make_all(app) == 1
    assert f"Download the {kind} (PDF)" in leader.get(f"/lead/rounds/{round_id}").text
    reply = leader.get(f"/lead/rounds/{round_id}/pack/{kind}.pdf")
    assert reply.data.startswith(b"%PDF")
    assert f'filename="harbour-reach-may-2026-{kind}.pdf"' in reply.headers["Content-Disposition"]
    assert reply.headers["Cache-Control"] == "no-store"


def test_no_other_document_comes_by_the_way_of_the_pack(leader, round_id):
    for kind in ("validation", "profile", "school:1"):
        assert post(leader, round_id, f"pack/{kind}").status_code == 404
        assert leader.get(f"/lead/rounds/{round_id}/pack/{kind}.pdf").status_code == 404


def test_a_leader_has_the_schools_reports_made_and_takes_them(app, leader, round_id):
    path = f"/lead/rounds/{round_id}/school-reports"
    assert "Make the reports" in leader.get(path).text
    assert "The reports are being made." in post(leader, round_id, "school-reports").text
    assert make_all(app) == 10
    page = leader.get(path).text
    with rooms.store(app) as session:
        reports = session.scalars(sa.select(Report)).all()
        states = {
            report.kind: (report.state, report.failure)
            for report in reports
            if report.kind.startswith("school:")
        }
        schools = {school.school_id: school.name for school in session.scalars(sa.select(School))}
    ready = [kind for kind, (state, _) in states.items() if state == "ready"]
    assert ready
    for kind, (state, failure) in states.items():
        name = schools[kind.removeprefix("school:")]
        if state == "ready":
            assert f"Download the report of {name} (PDF)" in page
        else:
            assert failure in page
    school_id = ready[0].removeprefix("school:")
    reply = leader.get(f"{path}/{school_id}.pdf")
    assert schools[school_id] in text_of(reply.data)
    slug = schools[school_id].lower().replace(" ", "-")
    assert reply.headers["Content-Disposition"].endswith(f'may-2026-school-{slug}.pdf"')
    with rooms.store(app) as session:
        taken = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "download_school_report")
        ).one()
        assert taken.object == f"round {round_id}, school {school_id}"
        asked = sa.select(AuditEntry).where(AuditEntry.action == "ask_school_report")
        assert len(session.scalars(asked).all()) == 5


def test_an_open_round_has_no_reports_of_schools(app, client):
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        rooms.account(session, trust, email=LEADER)
        open_round = rooms.round_(session, trust).round_id
    rooms.sign_in(client, LEADER)
    page = client.get(f"/lead/rounds/{open_round}/school-reports").text
    assert "when the round has closed" in page
    assert "Make the reports" not in page
    said = post(client, open_round, "school-reports").text
    assert "close it first" in said
    with rooms.store(app) as session:
        assert not session.scalars(sa.select(Report)).all()


def test_a_damaged_report_of_a_school_is_not_sent(app, leader, round_id):
    post(leader, round_id, "school-reports")
    make_all(app)
    with rooms.store(app) as session:
        ready = sa.select(Report).where(Report.state == "ready", Report.kind.like("school:%"))
        report = session.scalars(ready).first()
        assert report is not None
        report.checksum = "0" * 64
        school_id = report.kind.removeprefix("school:")
    path = f"/lead/rounds/{round_id}/school-reports/{school_id}.pdf"
    page = leader.get(path, follow_redirects=True)
    assert b"%PDF" not in page.data
    assert "Make the reports" in page.text
