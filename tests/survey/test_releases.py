"""The ledger of releases: what joins what was shown of a round, and what is refused."""

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from instruments.cells import Row
from reports.plan import RULES, Plan, Printed
from survey import worker
from survey.database import db
from survey.models import Release, Response
from survey.services import releases, reporting
from tests.survey import rooms

TODAY, SCALE = "today:CUR", "scale:SCF"
LIVED, HILL, TEACHERS = Row("group", "lived"), Row("school", "Hill"), Row("role", "T")
PLAN = Plan(
    shown={
        TODAY: {LIVED: Printed(40, "aaaa"), HILL: Printed(12, "bbbb")},
        SCALE: {LIVED: Printed(40, "cccc"), HILL: Printed(12, "dddd"), TEACHERS: Printed(30, "ee")},
    },
    hidden={},
    schools=("Hill",),
    attacked=0,
)


@pytest.fixture
def round_(session):
    return rooms.round_(session, rooms.organisation(session), is_closed=True)


def keep(session, round_, kind="profile", *, plan=PLAN, school="", fingerprint="f" * 64):
    return releases.keep(
        session,
        round_.round_id,
        entry=releases.entry_of(plan, kind, school=school),
        fingerprint=fingerprint,
        checksum="c" * 64,
        now=rooms.NOW,
    )


def without(key, row):
    shown = {k: {r: p for r, p in rows.items() if (k, r) != (key, row)} for k, rows in
             PLAN.shown.items()}  # fmt: skip
    return replace(PLAN, shown=shown)


@pytest.mark.parametrize(
    ("kind", "school", "rows"),
    [
        ("profile", "", {"group:lived": [TODAY, SCALE], "school:Hill": [SCALE], "role:T": [SCALE]}),
        ("staff_page", "", {"group:lived": [TODAY, SCALE]}),
        ("school:1", "Hill", {"group:lived": [TODAY, SCALE], "school:Hill": [TODAY, SCALE]}),
        ("school:2", "Dale", {"group:lived": [TODAY, SCALE]}),
    ],
)
def test_the_ledger_says_which_rows_a_kind_of_document_shows(kind, school, rows):
    held = json.loads(releases.entry_of(PLAN, kind, school=school))
    assert held["kind"] == kind
    assert {row: list(marks) for row, marks in held["figures"].items()} == rows


def test_the_same_figures_of_the_same_answers_may_be_shown_again(session, round_):
    keep(session, round_)
    assert releases.reason_against(session, round_.round_id, PLAN, "f" * 64) == ""


def test_figures_of_other_answers_are_refused(session, round_):
    keep(session, round_)
    reason = releases.reason_against(session, round_.round_id, PLAN, "0" * 64)
    assert reason.startswith("This document would be made of other answers than the profile of ")
    assert "\n" not in reason


def test_a_plan_without_a_row_that_was_shown_is_refused(session, round_):
    keep(session, round_)
    reason = releases.reason_against(session, round_.round_id, without(SCALE, HILL), "f" * 64)
    assert "shows scale:SCF (school:Hill)" in reason
    assert "fewer than ten people" in reason


def test_a_row_that_would_print_otherwise_is_refused(session, round_):
    keep(session, round_)
    plan = replace(PLAN, shown={**PLAN.shown, TODAY: {LIVED: Printed(41, "zzzz")}})
    assert "today:CUR (group:lived)" in releases.reason_against(
        session, round_.round_id, plan, "f" * 64
    )


def test_a_row_that_no_document_showed_may_go(session, round_):
    keep(session, round_, "staff_page")
    plan = without(SCALE, HILL)
    assert releases.reason_against(session, round_.round_id, plan, "f" * 64) == ""


def test_another_rounds_releases_do_not_count(session, round_):
    other = rooms.round_(session, round_.organisation, name="Other", seed=2, is_closed=True)
    keep(session, other)
    assert releases.reason_against(session, round_.round_id, PLAN, "0" * 64) == ""


def test_a_document_made_ready_stands_in_the_ledger_once(app, settings):
    with rooms.store(app) as session:
        round_ = rooms.round_(session, rooms.organisation(session), is_closed=True)
        report = reporting.ask(session, round_, "staff_page", by=None, now=rooms.NOW)
        key = (report.report_id, report.attempt)
    with app.app_context():
        result = worker.make_document(settings, db.engine, *key)
        assert "failure" not in result, result
        for _ in range(2):  # a step that runs again after a crash writes nothing twice
            worker.record_result(db.engine, *key, result, now=rooms.NOW)
    with rooms.store(app) as session:
        release = session.scalars(sa.select(Release)).one()
        assert (release.kind, release.rules) == ("staff_page", RULES)
        assert (release.checksum, release.fingerprint) == (
            result["checksum"],
            result["fingerprint"],
        )
        assert {row.split(":")[0] for row in release.figures} == {"group"}


def test_after_late_answers_nothing_more_is_made_of_the_round(session, round_):
    """This release less the last would hold the answers of two people."""
    late = session.scalars(sa.select(Response).limit(2)).all()
    kept = [{c.key: getattr(row, c.key) for c in sa.inspect(Response).mapper.column_attrs}
            for row in late]  # fmt: skip
    for row in late:
        session.delete(row)
    session.flush()
    made = reporting.make(session, round_, "staff_page")
    releases.keep(session, round_.round_id, entry=made.entry, fingerprint=made.fingerprint,
                  checksum="c" * 64, now=rooms.NOW)  # fmt: skip
    assert reporting.make(session, round_, "staff_page").content == made.content
    session.add_all(Response(**row) for row in kept)
    session.flush()
    for kind in ("staff_page", "profile_screen", "slides", "handout", "profile"):
        with pytest.raises(reporting.ReportError, match="other answers than the staff_page of"):
            reporting.make(session, round_, kind)


def test_the_researchers_report_is_no_release(session, round_):
    assert reporting.make(session, round_, "validation").entry == ""
