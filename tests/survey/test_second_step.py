"""The second step of signing in: codes from an app, recovery codes, the way out of a lost phone."""

import re
import time
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from passlib.totp import TOTP

from survey.cli import main
from survey.models import AuditEntry
from survey.services import accounts
from tests.survey import rooms

LEADER, READER = "leader@trust.example", "reader@trust.example"
SETUP, CODE, RECOVERY = "/account/second-step", "/sign-in/code", "/sign-in/recovery-code"


@pytest.fixture(autouse=True)
def trust(app):
    with rooms.store(app) as session:
        made = rooms.organisation(session)
        rooms.account(session, made, email=LEADER)
        rooms.account(session, made, role="reader", email=READER)


def let_grace_pass(app, email=LEADER):
    with rooms.store(app) as session:
        accounts.find(session, email).second_step_due = rooms.NOW - timedelta(days=1)


def signed_in(app, email=LEADER):
    client = app.test_client()
    rooms.sign_in(client, email)
    return client


def post(client, path, page=None, **values):
    token = rooms.token(client.get(page or path))
    return client.post(path, data={"csrf_token": token, **values})


def begin(client):
    """Ask for a secret: the page with it, the app that has it, where its code goes."""
    page = post(client, SETUP, setup="authenticator")
    key = re.search(r"<code>([A-Z0-9-]+)</code>", page.text)[1]
    target = unescape(re.search(r'<form action="([^"]+)" method="post" novalidate>', page.text)[1])
    return page, TOTP(key=key.replace("-", ""), format="base32"), target


def code(app_, ahead=0):
    """What the app shows now, or the next time."""
    return app_.generate(time.time() + 30 * ahead).token


def set_up(client):
    page, app_, target = begin(client)
    data = {"csrf_token": rooms.token(page), "code": code(app_)}
    reply = client.post(target, data=data)
    assert reply.headers["Location"] == "/account/recovery-codes"
    return app_


def recovery_codes(client):
    page = post(client, "/account/recovery-codes")
    return re.findall(r"<li><code>([0-9a-f-]+)</code></li>", page.text)


def test_a_leader_sets_it_up_and_signs_in_with_both_steps(app):
    app_ = set_up(signed_in(app))
    client = app.test_client()
    reply = rooms.sign_in(client, LEADER, next="/lead/audit")
    assert reply.headers["Location"].startswith(CODE)
    assert client.get("/lead/").status_code == 302  # the password alone opens nothing
    page = client.get(reply.headers["Location"])
    data = {"csrf_token": rooms.token(page), "code": f" {code(app_, 1)[:3]} {code(app_, 1)[3:]} "}
    assert (
        client.post(CODE, data=data, query_string={"next": "/lead/audit"}).headers["Location"]
        == "/lead/audit"
    )
    assert client.get("/lead/").status_code == 200


def test_the_qr_code_is_drawn_in_the_page_and_the_secret_is_encrypted_where_it_lies(app):
    client = signed_in(app)
    page, app_, target = begin(client)
    assert '<svg class="qr" role="img"' in page.text
    assert "data:" not in page.text
    client.post(target, data={"csrf_token": rooms.token(page), "code": code(app_)})
    kept = recovery_codes(client)
    assert len(kept) == 8
    with rooms.store(app) as session:
        account = accounts.find(session, LEADER)
        stored = f"{account.tf_totp_secret} {account.mf_recovery_codes}"
    assert "enckey" in stored
    assert app_.base32_key not in stored
    assert not any(each in stored for each in kept)


def test_no_code_is_taken_twice(app):
    app_ = set_up(signed_in(app))
    spent = code(app_, 1)
    for wanted in (302, 200):
        client = app.test_client()
        rooms.sign_in(client, LEADER)
        assert post(client, CODE, code=spent).status_code == wanted


def test_a_wrong_code_says_so_and_whoever_guesses_waits_wherever_they_come_from(app):
    set_up(signed_in(app))
    for number in range(6):
        client = app.test_client()
        rooms.sign_in(client, LEADER)
        address = {"REMOTE_ADDR": f"192.0.2.{number}"}
        token = rooms.token(client.get(CODE))
        page = client.post(
            CODE, data={"csrf_token": token, "code": "000000"}, environ_overrides=address
        )
        assert "This code is not right" in page.text
    page = post(client, CODE, code="000000")
    assert "Too many tries were wrong. Wait 1 second" in page.text
    assert client.get("/lead/").status_code == 302
    with rooms.store(app) as session:
        found = session.scalars(sa.select(AuditEntry.action)).all()
    assert sorted(found) == ["hold_up_sign_in", "set_up_second_step"]


def test_a_code_that_is_wrong_while_setting_up_changes_nothing(app):
    client = signed_in(app)
    page, _, target = begin(client)
    client.post(target, data={"csrf_token": rooms.token(page), "code": "000000"})
    assert "This code is not right" in client.get(SETUP).text
    with rooms.store(app) as session:
        assert not accounts.find(session, LEADER).has_second_step


def test_a_recovery_code_signs_in_once(app):
    client = signed_in(app)
    set_up(client)
    kept = recovery_codes(client)
    typed = kept[0].upper().replace("-", " ")
    for wanted in (302, 200):
        other = app.test_client()
        rooms.sign_in(other, LEADER)
        assert post(other, RECOVERY, code=typed).status_code == wanted
        assert other.get("/lead/").status_code == (200 if wanted == 302 else 302)
    assert "7 recovery codes are left" in rooms.words(client.get("/account"))
    assert not set(recovery_codes(client)) & set(kept)  # new ones make the old ones void


def test_before_its_day_a_leader_is_told_and_after_it_led_there_first(app):
    client = signed_in(app)
    assert "Your account needs a second step for signing in, by" in client.get("/lead/").text
    let_grace_pass(app)
    client = app.test_client()
    assert rooms.sign_in(client, LEADER).headers["Location"] == SETUP
    assert client.get("/lead/").status_code == 302
    page, app_, target = begin(client)
    assert target == CODE
    wrong = client.post(target, data={"csrf_token": rooms.token(page), "code": "000000"})
    assert "This code is not right" in wrong.text
    reply = client.post(target, data={"csrf_token": rooms.token(wrong), "code": code(app_)})
    assert reply.headers["Location"] == "/home"
    page = client.get("/lead/")
    assert "You have no recovery codes left." in page.text
    with rooms.store(app) as session:
        assert session.scalars(sa.select(AuditEntry.action)).all() == ["set_up_second_step"]


def test_whoever_stays_signed_in_past_the_day_is_led_there_too(app):
    client = signed_in(app)
    let_grace_pass(app)
    assert client.get("/lead/").headers["Location"] == SETUP
    set_up(client)
    assert client.get("/lead/").status_code == 200


def test_a_reader_may_have_one_and_take_it_away_a_leader_may_not(app):
    let_grace_pass(app, READER)
    reader = signed_in(app, READER)
    assert reader.get("/account").status_code == 200  # none needed
    set_up(reader)
    post(reader, SETUP, setup="disable")
    leader = signed_in(app)
    set_up(leader)
    assert "without a second step again" not in leader.get(SETUP).text
    post(leader, SETUP, setup="disable")
    with rooms.store(app) as session:
        assert not accounts.find(session, READER).has_second_step
        assert accounts.find(session, LEADER).has_second_step


def test_changing_it_takes_the_password_again_after_a_while(app):
    client = signed_in(app)
    with client.session_transaction() as session:
        session["fs_paa"] -= 3600
        session.pop("fs_gexp", None)
    reply = client.get(SETUP)
    assert reply.headers["Location"].startswith("/account/verify")
    page = post(client, reply.headers["Location"], password="wrong")
    assert "This is not your password." in page.text
    reply = post(client, reply.headers["Location"], password=rooms.PASSWORD)
    assert reply.headers["Location"].endswith(SETUP)
    assert client.get(SETUP).status_code == 200


def test_somebody_who_looks_after_accounts_resets_it_but_not_their_own(app):
    leader, reader = signed_in(app), signed_in(app, READER)
    set_up(reader)
    with rooms.store(app) as session:
        own, other = (accounts.find(session, each).reference for each in (LEADER, READER))
    post(leader, f"/accounts/{other}/second-step", page=f"/accounts/{other}")
    assert reader.get("/account").status_code == 302
    assert rooms.sign_in(reader, READER).headers["Location"] == "/home"
    post(leader, f"/accounts/{own}/second-step", page=f"/accounts/{own}")
    assert "Change your own second step" in leader.get(f"/accounts/{own}").text


def test_the_command_line_resets_it_when_the_phone_is_lost(app, settings, monkeypatch):
    client = signed_in(app)
    set_up(client)
    recovery_codes(client)
    monkeypatch.setenv("MIDTIER_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("MIDTIER_DATABASE_URL", settings.database_url)
    command = ["accounts", "reset-second-factor"]
    done = CliRunner().invoke(main, [*command, LEADER.upper()])
    assert done.exit_code == 0, done.output
    assert client.get("/lead/").status_code == 302
    with rooms.store(app) as session:
        account = accounts.find(session, LEADER)
        assert (account.tf_totp_secret, account.mf_recovery_codes) == (None, [])
        last = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.at.desc())).first()
        assert (last.actor, last.action) == ("system", "reset_second_step")
    done = CliRunner().invoke(main, [*command, "nobody@trust.example"])
    assert done.exit_code == 1
    assert "nobody@trust.example has no account; check the address" in done.output
