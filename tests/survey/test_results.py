"""The page for staff: promised, made, looked at, released; what the round's link shows."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from instruments import registry
from instruments.simulate import simulate
from reports.make import make_staff_page
from reports.round_facts import RoundFacts
from reports.staff_page import from_json
from survey import storage, worker
from survey.database import db
from survey.models import AuditEntry, Report, Round
from survey.services import reporting, results, rounds
from tests.survey import rooms
from tests.survey.respond_kit import NO_ROLES, Page, Visitor, check_page, open_app_round

LEADER = "leader@trust.example"
WHO = "Robin Ash, chief executive, room 12"


@pytest.fixture(scope="module")
def content() -> bytes:
    """A page for staff, made as a worker makes it."""
    return made_of(schools=3, staff=60)


@pytest.fixture(scope="module")
def small_content() -> bytes:
    """The page of an organisation below the floors."""
    return made_of(schools=2, staff=20)


def made_of(**size) -> bytes:
    instrument = registry.load("mto-learning-profile")
    drawn = simulate(instrument, seed=1, response_rate=0.8, **size)
    facts = RoundFacts(
        organisation="Harbour Reach Schools Trust",
        short_name="Harbour Reach",
        locale="en-GB",
        opens_on=rooms.NOW.date(),
        closes_on=rooms.NOW.date(),
        simulated=True,
        placeholders={"mto": "Harbour Reach"},
    )
    return make_staff_page(instrument, drawn.responses, drawn.roster, facts)


@pytest.fixture
def round_id(app):
    """A small open round and its leader; most tests put a larger round's page in its storage."""
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        rooms.account(session, trust, email=LEADER)
        return rooms.round_(session, trust, schools=2, staff=20).round_id


@pytest.fixture
def leader(client, round_id):
    rooms.sign_in(client, LEADER)
    return client


def close(app, round_id):
    with rooms.store(app) as session:
        rounds.close(session, session.get(Round, round_id), by=None, now=rooms.NOW)


def make_ready(app, round_id, content):
    """What a worker does when it has made the page."""
    with rooms.store(app) as session:
        round_ = session.get(Round, round_id)
        report = reporting.ask(session, round_, "staff_page", by=None, now=rooms.NOW)
        name = f"{report.report_id}-{report.attempt}.json"
        folder = app.extensions["midtier_settings"].reports_dir
        report.checksum = storage.save(folder, name, content)
        report.file_name, report.state = name, "ready"
        return folder / name


@pytest.fixture
def page_file(app, round_id, content):
    """The round is closed and its page lies in storage."""
    close(app, round_id)
    return make_ready(app, round_id, content)


def post(client, round_id, path="", **data):
    page = client.get(f"/lead/rounds/{round_id}/results")
    data = {"csrf_token": rooms.token(page), **data}
    return client.post(f"/lead/rounds/{round_id}/results{path}", data=data)


def say(client, round_id, **data):
    return post(client, round_id, **{"results_on": "", "results_by": WHO, **data})


def release(client, round_id):
    page = client.get(f"/lead/rounds/{round_id}/close")  # any page's token is the session's
    data = {"csrf_token": rooms.token(page)}
    return client.post(f"/lead/rounds/{round_id}/results/release", data=data)


def the_round(app, round_id):
    with rooms.store(app) as session:
        round_ = session.get(Round, round_id)
        session.expunge(round_)
        return round_


def staff(app, round_id, path=""):
    """What anybody gets who opens the round's link: no cookie, no account."""
    return app.test_client().get(f"/r/{the_round(app, round_id).link}{path}")


def main_of(reply):
    return re.search(r"<main.*?</main>", reply.text, re.S)[0]


def actions(app):
    with rooms.store(app) as session:
        found = sa.select(AuditEntry.action).order_by(AuditEntry.at, AuditEntry.action)
        return list(session.scalars(found))


# When and by whom


def test_a_leader_says_when_and_by_whom_while_the_round_is_open(app, leader, round_id):
    day = (rooms.NOW + timedelta(days=30)).date()
    assert say(leader, round_id, results_on=day.isoformat()).status_code == 302
    round_ = the_round(app, round_id)
    assert (round_.results_on, round_.results_by) == (day, WHO)
    assert WHO in rooms.words(leader.get(f"/lead/rounds/{round_id}"))
    assert actions(app) == ["say_results"]


def test_it_can_be_said_before_the_round_opens(app, leader, round_id):
    with rooms.store(app) as session:
        round_ = session.get(Round, round_id)
        round_.opens_at = rooms.NOW + timedelta(days=1)
    say(leader, round_id)
    assert the_round(app, round_id).results_by == WHO


def test_saying_the_same_again_is_no_second_entry(app, leader, round_id):
    say(leader, round_id)
    say(leader, round_id)
    assert actions(app) == ["say_results"]


def test_it_can_be_taken_back(app, leader, round_id):
    say(leader, round_id)
    say(leader, round_id, results_by="  ")
    assert the_round(app, round_id).results_by == ""


def test_a_day_before_the_round_closes_is_refused(app, leader, round_id):
    day = (rooms.NOW + timedelta(days=8)).date()
    reply = say(leader, round_id, results_on=day.isoformat())
    assert reply.status_code == 422
    assert "the day on which the round closes, or a later day." in reply.text
    assert 'href="#results_on"' in reply.text
    assert "<title>Error:" in reply.text
    assert the_round(app, round_id).results_on is None


def test_the_day_on_which_the_round_closes_is_accepted(app, leader, round_id):
    day = (rooms.NOW + timedelta(days=9)).date()
    say(leader, round_id, results_on=day.isoformat())
    assert the_round(app, round_id).results_on == day


def test_a_round_closed_early_takes_any_day_from_then_on(app, leader, round_id):
    close(app, round_id)
    say(leader, round_id, results_on=rooms.NOW.date().isoformat())
    assert the_round(app, round_id).results_on == rooms.NOW.date()


@pytest.mark.parametrize("typed", ["soon", "2026-13-01", "0000-00-00", "٢٠٢٦"])
def test_what_is_no_date_is_refused(app, leader, round_id, typed):
    reply = say(leader, round_id, results_on=typed)
    assert reply.status_code == 422
    assert "The day is not a date" in reply.text
    assert the_round(app, round_id).results_by == ""


def test_more_than_200_characters_are_refused_and_200_are_kept(app, leader, round_id):
    reply = say(leader, round_id, results_by="x" * 201)
    assert reply.status_code == 422
    assert "Use at most 200 characters." in reply.text
    say(leader, round_id, results_by="x" * 200)
    assert the_round(app, round_id).results_by == "x" * 200


def test_who_shares_them_is_shown_as_text(app, leader, round_id):
    say(leader, round_id, results_by="<script>alert(1)</script>")
    close(app, round_id)
    assert "<script>alert" not in staff(app, round_id).text
    assert "&lt;script&gt;" in staff(app, round_id).text


def test_the_service_refuses_what_the_form_refuses(session):
    round_ = rooms.round_(session, rooms.organisation(session))
    at = {"account": None, "now": rooms.NOW}
    with pytest.raises(results.ResultsError, match="results_on"):
        results.say(session, round_, results_on=rooms.NOW.date(), results_by="", **at)
    with pytest.raises(results.ResultsError, match="at most 200"):
        results.say(session, round_, results_on=None, results_by="x" * 201, **at)


# Making and looking


def test_the_page_cannot_be_made_while_the_round_is_open(app, leader, round_id):
    assert "It can be made when the round has closed." in (
        leader.get(f"/lead/rounds/{round_id}/results").text
    )
    assert post(leader, round_id, "/page").status_code == 302
    with rooms.store(app) as session:
        assert session.scalars(sa.select(Report)).all() == []


def test_a_worker_makes_the_page_from_the_frozen_answers(app, leader, round_id):
    close(app, round_id)
    assert post(leader, round_id, "/page").status_code == 302
    assert "is being made" in leader.get(f"/lead/rounds/{round_id}/results").text
    make_for_real(app)
    reply = leader.get(f"/lead/rounds/{round_id}/results/preview")
    assert "Who answered" in reply.text
    with rooms.store(app) as session:
        report = session.scalars(sa.select(Report)).one()
        assert (report.kind, report.state) == ("staff_page", "ready")
        assert report.file_name == f"{report.report_id}-1.json"
        made = reporting.make(session, report.round, "profile")
        assert made.fingerprint == report.fingerprint


def make_for_real(app):
    settings = app.extensions["midtier_settings"]
    with app.app_context():
        report = db.session.scalars(sa.select(Report)).one()
        report_id, attempt = report.report_id, report.attempt
        db.session.rollback()
        assert worker.begin(db.engine, report_id, attempt)
        result = worker.make_document(settings, db.engine, report_id, attempt)
        worker.record_result(db.engine, report_id, attempt, result, now=rooms.NOW)
        return result


def test_a_leader_sees_exactly_what_staff_will_see(app, leader, round_id, page_file):
    say(leader, round_id, results_on=rooms.NOW.date().isoformat())
    leader.get(f"/lead/rounds/{round_id}/results")  # takes "Saved." off
    before = leader.get(f"/lead/rounds/{round_id}/results/preview")
    release(leader, round_id)
    assert main_of(before) == main_of(staff(app, round_id))


def test_there_is_nothing_to_look_at_before_it_is_made(app, leader, round_id):
    close(app, round_id)
    assert leader.get(f"/lead/rounds/{round_id}/results/preview").status_code == 404
    assert leader.get(f"/lead/rounds/{round_id}/results/release").status_code == 404
    assert release(leader, round_id).status_code == 404
    assert the_round(app, round_id).released_at is None


def test_a_damaged_page_is_not_shown_and_can_be_made_again(app, leader, round_id, page_file):
    page_file.write_bytes(b"{}")
    assert leader.get(f"/lead/rounds/{round_id}/results/preview").status_code == 302
    page = leader.get(f"/lead/rounds/{round_id}/results").text
    assert "The stored file is damaged." in page
    assert "Try again" in page


def test_a_page_of_another_version_says_so_and_can_be_made_again(app, leader, round_id, content):
    close(app, round_id)
    make_ready(app, round_id, content.replace(b'"version":1', b'"version":0'))
    assert leader.get(f"/lead/rounds/{round_id}/results/preview").status_code == 302
    page = leader.get(f"/lead/rounds/{round_id}/results").text
    assert "no page for staff of version 1" in page
    assert "Try again" in page


def test_the_leaders_pages_hold_what_holds_for_every_page(app, leader, round_id, page_file):
    say(leader, round_id)
    wrong = say(leader, round_id, results_on="2020-01-01")
    paths = ("", "/release", "/preview")
    for reply in (wrong, *(leader.get(f"/lead/rounds/{round_id}/results{path}") for path in paths)):
        check_page(Page(reply.status_code, reply.request.path, reply.text, dict(reply.headers)))


# Releasing


def test_releasing_asks_first_and_changes_nothing_by_that(app, leader, round_id, page_file):
    say(leader, round_id)
    page = leader.get(f"/lead/rounds/{round_id}/results/release")
    assert "It cannot be taken back." in page.text
    assert the_round(app, round_id).released_at is None


def test_a_leader_releases_the_page_and_staff_read_it(app, leader, round_id, page_file, content):
    say(leader, round_id)
    assert "This survey has closed" in staff(app, round_id).text
    assert release(leader, round_id).status_code == 302
    assert "Released on" in leader.get(f"/lead/rounds/{round_id}/results").text
    said = from_json(content).said
    Visitor(app, the_round(app, round_id).link).get()  # checks what holds for every page
    page = rooms.words(staff(app, round_id))
    assert said.headline in page
    assert said.uncertainty in page
    assert f"Whom to tell: {WHO}." in page
    assert "tell Harbour Reach Schools Trust" in page
    assert actions(app)[-1] == "release_staff_page"


def test_releasing_twice_is_releasing_once(app, leader, round_id, page_file):
    say(leader, round_id)
    release(leader, round_id)
    first = the_round(app, round_id).released_at
    assert release(leader, round_id).status_code == 302
    with rooms.store(app) as session:
        round_ = session.get(Round, round_id)
        results.release(session, round_, account=None, now=rooms.NOW + timedelta(days=1))
    assert the_round(app, round_id).released_at == first
    assert actions(app).count("release_staff_page") == 1


def test_releasing_needs_the_pages_token(app, leader, round_id, page_file):
    say(leader, round_id)
    assert leader.post(f"/lead/rounds/{round_id}/results/release").status_code == 400
    assert the_round(app, round_id).released_at is None


def test_releasing_needs_somebody_whom_staff_can_ask(app, leader, round_id, page_file):
    assert release(leader, round_id).status_code == 302
    page = leader.get(f"/lead/rounds/{round_id}/results").text
    assert "Say first who shares the results" in page
    assert the_round(app, round_id).released_at is None
    with rooms.store(app) as session, pytest.raises(results.ResultsError, match="results_by"):
        results.release(session, session.get(Round, round_id), account=None, now=rooms.NOW)


def test_a_page_that_cannot_be_read_is_not_released(app, leader, round_id, page_file):
    say(leader, round_id)
    page_file.unlink()
    release(leader, round_id)
    assert the_round(app, round_id).released_at is None


def test_after_the_release_nothing_of_it_changes(app, leader, round_id, page_file):
    say(leader, round_id)
    release(leader, round_id)
    shown = main_of(staff(app, round_id))
    assert 'name="results_by"' not in leader.get(f"/lead/rounds/{round_id}/results").text
    data = {"csrf_token": rooms.token(leader.get("/lead/")), "results_by": "Somebody else"}
    reply = leader.post(f"/lead/rounds/{round_id}/results", data=data, follow_redirects=True)
    assert "That was not saved" in reply.text
    leader.post(f"/lead/rounds/{round_id}/results/page", data=data)
    with rooms.store(app) as session:
        assert session.scalars(sa.select(Report)).one().attempt == 1
    assert main_of(staff(app, round_id)) == shown


def test_a_released_page_that_was_lost_comes_back_only_as_it_was(app, leader, round_id):
    close(app, round_id)
    post(leader, round_id, "/page")
    made = make_for_real(app)
    say(leader, round_id)
    release(leader, round_id)
    shown = main_of(staff(app, round_id))
    folder = app.extensions["midtier_settings"].reports_dir
    (folder / made["file_name"]).unlink()
    assert staff(app, round_id).status_code == 503
    leader.get(f"/lead/rounds/{round_id}/results/preview")  # finds that it is gone
    post(leader, round_id, "/page")
    assert make_for_real(app)["checksum"] == made["checksum"]
    assert main_of(staff(app, round_id)) == shown


def test_another_page_never_takes_the_place_of_a_released_one(
    app, leader, round_id, page_file, small_content
):
    """A program of a later day may make another page of the same answers."""
    say(leader, round_id)
    kept = page_file.read_bytes()
    release(leader, round_id)
    page_file.unlink()
    leader.get(f"/lead/rounds/{round_id}/results/preview")
    post(leader, round_id, "/page")
    # the page in storage was not made of this round's answers, so this one differs from it
    assert f"Put the stored file {page_file.name} back" in make_for_real(app)["failure"]
    assert staff(app, round_id).status_code == 503
    page_file.write_bytes(kept)
    assert staff(app, round_id).status_code == 200


# What staff see


def test_before_the_release_the_link_says_when_and_by_whom(app, leader, round_id):
    day = (rooms.NOW + timedelta(days=30)).date()
    say(leader, round_id, results_on=day.isoformat())
    close(app, round_id)
    page = rooms.words(staff(app, round_id))
    assert f"Results are shared with staff on {day.day} " in page
    assert f"Who shares them: {WHO}." in page


def test_whoever_has_sent_reads_when_and_by_whom(app):
    link = open_app_round(app, instrument=NO_ROLES)
    with rooms.store(app) as session:
        round_ = session.scalars(sa.select(Round)).one()
        results.say(session, round_, results_on=None, results_by=WHO, account=None, now=rooms.NOW)
    visitor = Visitor(app, link)
    visitor.start()
    while names := visitor.page.fields():
        visitor.send_page({name: visitor.page.values(name)[0] for name in names}, go="on")
    visitor.post("/send")
    assert "Your answers are sent" in visitor.page.heading
    assert WHO in visitor.page.text


def test_where_nothing_was_said_nothing_is_promised(app, leader, round_id):
    close(app, round_id)
    assert "The results" not in staff(app, round_id).text


def test_a_page_that_is_made_and_not_released_is_shown_to_nobody(
    app, leader, round_id, page_file, content
):
    headline = from_json(content).said.headline
    for path in ("", "/go", "/thanks", "/review"):
        assert headline not in staff(app, round_id, path).text


def test_no_cookie_is_needed_and_none_is_set(app, leader, round_id, page_file):
    say(leader, round_id)
    release(leader, round_id)
    reply = staff(app, round_id)
    assert reply.status_code == 200
    assert "Set-Cookie" not in reply.headers
    assert "unsafe" not in reply.headers["Content-Security-Policy"]
    assert "<script" not in reply.text
    assert "style=" not in reply.text


def test_every_address_of_the_closed_round_leads_to_the_page(app, leader, round_id, page_file):
    say(leader, round_id)
    release(leader, round_id)
    for path in ("/go", "/thanks", "/resume"):
        assert main_of(staff(app, round_id, path)) == main_of(staff(app, round_id))


def test_what_is_sent_to_the_closed_round_is_refused_with_a_way_to_the_page(
    app, leader, round_id, page_file
):
    say(leader, round_id)
    release(leader, round_id)
    visitor = app.test_client()
    data = {"csrf_token": rooms.token(visitor.get("/sign-in"))}
    reply = visitor.post(f"/r/{the_round(app, round_id).link}/start", data=data)
    assert reply.status_code == 409
    assert "See what people said" in reply.text


def test_the_page_shows_every_figure_twice_in_a_picture_and_in_words(
    app, leader, round_id, page_file, content
):
    say(leader, round_id)
    release(leader, round_id)
    page = staff(app, round_id).text
    said = from_json(content).said
    without_drawings = re.sub(r'<svg role="img".*?</svg>(?=\s*<)', "", page, flags=re.S)
    assert page.count('<svg role="img"') > 15
    for group in said.where.groups:
        for decision in group.decisions:
            row = re.search(
                rf'<th scope="row">{decision.name}</th>(.*?)</tr>', without_drawings, re.S
            )[1]
            for part in decision.shares:
                text = part.text.replace("<", "&lt;").replace(">", "&gt;")
                assert f'<td class="number">{text}</td>' in row
    for row in (*said.dimensions.rows, *said.pressures.rows):
        for figure in row.figures:
            assert f"<strong>{figure.text}</strong>, {figure.likely}" in without_drawings


def test_trial_stands_at_every_figure_of_a_draft_instrument(
    app, leader, round_id, page_file, content
):
    say(leader, round_id)
    release(leader, round_id)
    page = staff(app, round_id).text
    said = from_json(content).said
    rows = (*said.dimensions.rows, *said.pressures.rows)
    figures = sum(len(row.figures) for row in rows)
    assert len(re.findall(r"likely [\d.]+ to [\d.]+ <em class=\"trial\">trial</em>", page)) == (
        figures + bool(said.where.figure)
    )
    assert "Simulated data" in page


def test_what_could_not_be_shown_stands_with_its_reason(app, leader, round_id, page_file, content):
    say(leader, round_id)
    release(leader, round_id)
    page = rooms.words(staff(app, round_id))
    hidden = from_json(content).not_shown
    assert hidden
    for reason in hidden:
        assert reason.why in page
        for what in reason.what:
            assert what in page


def test_an_organisation_below_the_floors_reads_what_cannot_be_shown_and_why(
    app, leader, round_id, small_content
):
    close(app, round_id)
    make_ready(app, round_id, small_content)
    say(leader, round_id)
    release(leader, round_id)
    Visitor(app, the_round(app, round_id).link).get()
    page = rooms.words(staff(app, round_id))
    assert "Too few answers to show what people said" in page
    assert "Fewer than 30 people answered." in page
    assert f"Whom to tell: {WHO}." in page
    assert '<svg role="img"' not in staff(app, round_id).text


def test_reading_the_page_writes_nothing(app, leader, round_id, page_file):
    say(leader, round_id)
    release(leader, round_id)
    before = actions(app)
    page_file.unlink()
    assert staff(app, round_id).status_code == 503
    assert actions(app) == before
    with rooms.store(app) as session:
        assert session.scalars(sa.select(Report)).one().state == "ready"
