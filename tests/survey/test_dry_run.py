"""A dry run walks the real way and leaves nothing."""

import hashlib
import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey.database import Base
from survey.models import RosterRow, Round
from survey.services import dry_run, planning, rounds, wording
from tests.survey import rooms
from tests.survey import setup_kit as kit
from tests.survey.respond_kit import Page, check_page


@pytest.fixture
def round_(session, now):
    made = kit.begin(session, kit.organisation(session, now), now)
    kit.list_staff(session, made)
    session.commit()
    return made


def run(session, round_, now, tmp_path):
    return dry_run.run(session, round_, folder=tmp_path, now=now)


@pytest.mark.parametrize("mode", rounds.MODES)
@pytest.mark.parametrize("form", ["full", "short"])
def test_simulated_people_answer_every_page_of_their_role(
    session, round_, now, tmp_path, mode, form
):
    round_.mode, round_.form = mode, form
    round_.modules = ["preferred"] if form == "full" else []
    outcome = run(session, round_, now, tmp_path)
    assert outcome.problems == ()
    assert outcome.sent == outcome.responses == 48
    assert outcome.has_profile
    for walk in outcome.walks:
        assert walk.people > 0
        pages = dry_run.answers.pages(
            round_, dry_run.drafts.Draft(role=walk.role, dimension_order=0, answers={}, unseen=[])
        )
        assert set(walk.sections) == {page.section for page in pages}
        assert min(walk.asked) == sum(len(page.items) for page in pages)


def test_what_comes_up_after_an_answer_is_met_too(session, round_, now, tmp_path):
    mine = {"by": None, "now": now}
    planning.save_modules(session, round_, ["remembered"], revision=round_.revision, **mine)
    before = {"before": "the inspection"}
    wording.save_words(session, round_, before, revision=round_.revision, **mine)
    outcome = run(session, round_, now, tmp_path)
    assert outcome.problems == ()
    teachers = outcome.walks[0]
    assert max(teachers.asked) > min(teachers.asked)


def test_a_word_that_is_missing_is_in_the_way(session, round_, now, tmp_path):
    planning.save_modules(
        session, round_, ["remembered"], revision=round_.revision, by=None, now=now
    )
    outcome = run(session, round_, now, tmp_path)
    assert any("{before}" in problem for problem in outcome.problems)


def test_too_few_people_for_a_profile_are_told_with_the_reason(session, round_, now, tmp_path):
    for row in round_.roster:
        row.headcount = 2
    outcome = run(session, round_, now, tmp_path)
    assert (outcome.sent, outcome.responses, outcome.has_profile) == (16, 16, False)
    assert any("30" in reason for reason in outcome.reasons)
    assert outcome.small_schools == kit.SCHOOLS


@pytest.mark.long_on_postgresql
def test_many_schools_are_tried_with_some_of_them(session, round_, now, tmp_path):
    for number in range(60):
        made = kit.organisations.School(
            organisation_id=round_.organisation_id, name=f"School {number:02}"
        )
        session.add(made)
        session.flush()
        for role in "TL":
            round_.roster.append(RosterRow(school_id=made.school_id, role=role, headcount=20))
    session.flush()
    outcome = run(session, round_, now, tmp_path)
    assert outcome.problems == ()
    assert outcome.sent == dry_run.MOST_PEOPLE
    assert outcome.has_profile


def test_a_round_without_a_roster_or_roles_can_be_tried(session, now, tmp_path):
    organisation = kit.organisation(session, now)
    bare = kit.begin(session, organisation, now)
    outcome = run(session, bare, now, tmp_path)
    assert outcome.sent == outcome.responses == 48
    assert not outcome.has_profile


def rows(engine) -> dict[str, list[str]]:
    with engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table)).all()))
            for table in Base.metadata.sorted_tables
        }


def files(folder: Path) -> dict[str, str]:
    """Every file below a folder, and a checksum of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_no_byte_of_it_is_left(app, client, settings, tmp_path, monkeypatch):
    """Rows of every table, files of the installation, and files of the system's scratch folder."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    for name in ("TMPDIR", "SQLITE_TMPDIR", "TEMP", "TMP"):
        monkeypatch.setitem(os.environ, name, str(scratch))
    with rooms.store(app) as session:
        made = kit.begin(
            session, kit.organisation(session, rooms.NOW), rooms.NOW, **kit.opens_soon()
        )
        kit.list_staff(session, made)
        round_id = made.round_id
    rooms.sign_in(client, kit.LEADER)
    path = f"/lead/rounds/{round_id}/setup/dry-run"
    token = rooms.token(client.get(path))
    with app.app_context():
        engine = rooms.db.engine
    before = rows(engine), files(tmp_path)
    reply = client.post(path, data={"csrf_token": token})
    assert "48 simulated people sent answers" in rooms.words(reply)
    check_page(Page(200, path, reply.text, dict(reply.headers)))
    assert (rows(engine), files(tmp_path)) == before
    with rooms.store(app) as session:
        assert session.get(Round, round_id).ready_at is None


def test_nothing_of_it_is_left_where_it_breaks_off(session, round_, now, tmp_path):
    session.execute(sa.update(Round).values(form="endless"))  # no service would take it
    session.commit()
    before = rows(rooms.db.engine)
    outcome = run(session, round_, now, tmp_path)
    assert any("endless" in problem for problem in outcome.problems)
    assert (outcome.sent, outcome.has_profile) == (0, False)
    session.rollback()
    assert rows(rooms.db.engine) == before


def test_the_page_says_what_each_role_meets(app, client):
    with rooms.store(app) as session:
        made = kit.begin(
            session, kit.organisation(session, rooms.NOW), rooms.NOW, **kit.opens_soon()
        )
        kit.list_staff(session, made, each=3)
        path = f"/lead/rounds/{made.round_id}/setup/dry-run"
    rooms.sign_in(client, kit.LEADER)
    page = client.get(path)
    check_page(Page(200, path, page.text, dict(page.headers)))
    assert "Simulated people begin" in rooms.words(page)
    words = rooms.words(client.post(path, data={"csrf_token": rooms.token(page)}))
    assert "the profile would hold no figures" in words
    assert "Anchor Lane, Beacon Hill, Chandlers Wharf." in words
    assert "Teachers and support staff" in words
