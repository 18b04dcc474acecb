"""The audit log: who did what, read by leaders and administrators, changed by nobody."""

import ast
import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

import survey
from survey.lead import audit as pages
from survey.lead.audit_words import WORDS
from survey.models import Account, AuditEntry, Round
from survey.services import accounts, audit, harm, mailings, reporting
from tests.survey import rooms

LEADER, ADMINISTRATOR = "leader@trust.example", "admin@trust.example"
SURVEY = Path(survey.__file__).parent


@pytest.fixture
def trust_round(app):
    """An open round, and a leader and an administrator of its organisation."""
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        rooms.account(session, trust, email=LEADER)
        rooms.account(session, trust, role="administrator", email=ADMINISTRATOR)
        return rooms.round_(session, trust).round_id


@pytest.fixture
def leader(client, trust_round):
    rooms.sign_in(client, LEADER)
    return client


def note(session, email=LEADER, action="close_round", object_="round x", now=None, **more):
    actor = accounts.find(session, email) if email else None
    at = now or rooms.NOW
    return audit.note(session, actor=actor, action=action, object_=object_, now=at, **more)


def test_an_entry_says_who_what_when_and_of_which_round(app, leader, trust_round):
    token = rooms.token(leader.get(f"/lead/rounds/{trust_round}/close"))
    leader.post(f"/lead/rounds/{trust_round}/close", data={"csrf_token": token})
    page = rooms.words(leader.get("/lead/audit"))
    assert "UTC A leader (leader@trust.example) Closed the round May 2026" in page


def test_what_happens_by_the_clock_is_said_to_be_the_systems(app, leader, trust_round):
    with rooms.store(app) as session:
        note(session, email="", object_=f"round {trust_round}")
    assert "UTC the system Closed the round May 2026" in rooms.words(leader.get("/lead/audit"))


def test_an_entry_says_what_else_there_is_to_say(app, leader, trust_round):
    with rooms.store(app) as session:
        note(session, action="change_mode", object_=f"round {trust_round}: confidential")
        note(session, action="hold_up_sign_in", object_="account robin@trust.example")
        note(session, action="invite_person", object_="account sam@trust.example: head")
    page = rooms.words(leader.get("/lead/audit"))
    assert "Changed how staff get in: confidential May 2026" in page
    assert "wrong tries: robin@trust.example" in page
    assert "Invite person: sam@trust.example: head" in page  # an action without words


def test_nobody_reads_in_the_log_that_words_about_harm_were_flagged(app, leader, trust_round):
    with rooms.store(app) as session:
        for action in harm.PRIVATE_ACTIONS:
            note(session, action=action, object_=f"round {trust_round}")
        organisation = session.get(Round, trust_round).organisation
        found = audit.of(session, organisation)
        assert audit.count(session, organisation) == len(found)
    assert not {entry.action for entry in found} & harm.PRIVATE_ACTIONS
    assert "harm" not in rooms.words(leader.get("/lead/audit")).lower()
    token = rooms.token(leader.get("/lead/audit"))
    file = leader.post("/lead/audit.csv", data={"csrf_token": token})
    assert file.status_code == 200
    assert "harm" not in file.text


def test_the_log_of_another_organisation_is_not_shown(app, leader, trust_round):
    with rooms.store(app) as session:
        other = rooms.organisation(session, "Far Away Schools Trust")
        foreign = rooms.round_(session, other, name="Elsewhere")
        rooms.account(session, other, email="leader@other.example")
        note(session, email="leader@other.example", object_=f"round {foreign.round_id}")
        note(session, email="", object_=f"round {foreign.round_id}")
        note(session, email="leader@other.example", object_="school s")
        foreign_id = foreign.round_id
    for query in ("", f"?round={foreign_id}"):
        page = leader.get(f"/lead/audit{query}")
        assert "There is no entry yet." in page.text
        assert "Elsewhere" not in page.text


def test_the_log_is_shown_page_by_page_and_round_by_round(app, leader, trust_round):
    with rooms.store(app) as session:
        trust = session.get_one(Round, trust_round).organisation
        second = rooms.round_(session, trust, name="June 2026").round_id
        for minute in range(pages.PAGE + 10):
            now = rooms.NOW + timedelta(minutes=minute)
            round_id = second if minute == 3 else trust_round
            note(session, action=f"step_{minute}", object_=f"round {round_id}", now=now)
    first = rooms.words(leader.get("/lead/audit"))
    assert "page 1 of 2" in first
    assert first.index("Step 59") < first.index("Step 58") < first.index("Step 10")
    assert "Step 9 " not in first
    last = rooms.words(leader.get("/lead/audit?page=99"))
    assert "page 2 of 2" in last
    assert "Step 9 " in last
    assert "Newer entries" in last
    assert "Older entries" not in last
    only = rooms.words(leader.get(f"/lead/audit?round={second}"))
    assert "Step 3 June 2026" in only
    assert "Step 4 " not in only


def test_an_entry_outlives_the_account_and_keeps_its_name(app, leader, trust_round):
    with rooms.store(app) as session:
        note(session, email=ADMINISTRATOR, object_=f"round {trust_round}")
        session.delete(accounts.find(session, ADMINISTRATOR))
    with rooms.store(app) as session:
        assert session.scalars(sa.select(Account.email)).all() == [LEADER]
    page = rooms.words(leader.get("/lead/audit"))
    assert f"A administrator ({ADMINISTRATOR}) Closed the round" in page


def test_the_log_is_taken_as_a_file_and_the_taking_is_in_it(app, leader, trust_round):
    with rooms.store(app) as session:
        accounts.find(session, LEADER).name = "=cmd|'/c calc'!A1"
        note(session, action="change_mode", object_=f"round {trust_round}: confidential")
    data = {"csrf_token": rooms.token(leader.get("/lead/audit"))}
    reply = leader.post("/lead/audit.csv", data=data)
    assert reply.headers["Content-Disposition"] == 'attachment; filename="audit-log.csv"'
    rows = list(csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig"))))
    assert [row["action"] for row in rows] == ["download_audit_log", "change_mode"]
    assert rows[1]["time_utc"] == f"{rooms.NOW:%Y-%m-%dT%H:%M:%SZ}"
    assert rows[1]["round"] == "May 2026"
    assert rows[1]["who"].startswith("'=cmd")
    assert leader.get("/lead/audit.csv").status_code == 405


def test_an_administrator_reads_the_log_and_opens_no_round(client, trust_round):
    rooms.sign_in(client, ADMINISTRATOR)
    assert client.get(client.get("/home").headers["Location"]).status_code == 200
    assert client.get("/lead/audit").status_code == 200
    assert client.get("/lead/").status_code == 403
    assert client.get(f"/lead/rounds/{trust_round}").status_code == 403


def test_wrong_passwords_are_noted_once_they_have_to_wait_without_saying_from_where(
    app, client, trust_round
):
    for _ in range(8):
        rooms.sign_in(client, ADMINISTRATOR, "wrong")
    rooms.sign_in(client, "nobody@elsewhere.example", "wrong")
    with rooms.store(app) as session:
        entries = session.scalars(sa.select(AuditEntry)).all()
        found = [(entry.actor, entry.action, entry.object) for entry in entries]
    assert found == [("system", "hold_up_sign_in", f"account {ADMINISTRATOR}")]


#: functions of services that write an entry for their callers
NOTING = {"_note", "_note_school", "note", "saved"}


def actions_in_source() -> set[str]:
    """Every action that the program notes: what stands behind ``action=`` in its source.

    Or what a service's own small function for notes is given.
    """
    kinds = {
        "ask_": (*reporting.KINDS, *mailings.Kind.__args__),
        "download_": [name for name, kind in reporting.KINDS.items() if kind.suffix == ".pdf"],
    }
    found = set()
    for path in SURVEY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in NOTING:
                found |= {
                    part.value
                    for part in node.args
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                }
            if not isinstance(node, ast.keyword) or node.arg != "action":
                continue
            if isinstance(node.value, ast.Constant):
                found.add(node.value.value)
            elif isinstance(node.value, ast.JoinedStr):
                stem = node.value.values[0].value
                found |= {f"{stem}{kind}" for kind in kinds[stem]}
    return found


def test_every_action_has_words():
    found = actions_in_source()
    assert {"close_round", "ask_profile", "download_profile", "ask_reminder"} <= found
    assert found - set(WORDS) - harm.PRIVATE_ACTIONS == set()


def test_no_code_changes_or_deletes_entries():
    for path in SURVEY.rglob("*.py"):
        text = path.read_text("utf-8")
        assert "update(AuditEntry" not in text, path
        assert "delete(AuditEntry" not in text, path
