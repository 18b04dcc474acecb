"""Signing in and out, and what an account may open."""

import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from survey.models import Account
from survey.services import accounts
from tests.survey import rooms


@pytest.fixture(autouse=True)
def leader(app):
    with rooms.store(app) as session:
        rooms.account(session, rooms.organisation(session), email="head@trust.example")


def test_a_leader_signs_in_and_comes_to_the_leaders_room(client):
    reply = rooms.sign_in(client, "head@trust.example")
    assert (reply.status_code, reply.headers["Location"]) == (302, "/home")
    assert client.get("/home").headers["Location"] == "/lead/"
    assert client.get("/lead/").status_code == 200


def test_a_person_who_signs_in_comes_to_the_page_they_asked_for(client):
    asked = client.get("/lead/")
    assert asked.headers["Location"] == "/sign-in?next=/lead/"
    assert (
        rooms.sign_in(client, "head@trust.example", next="/lead/").headers["Location"] == "/lead/"
    )


def test_signing_in_leads_to_no_other_site(client):
    reply = rooms.sign_in(client, "head@trust.example", next="https://elsewhere.example/lead")
    assert reply.status_code == 200  # the form again
    assert client.get("/lead/").status_code == 302


def test_capitals_in_an_address_do_not_count(client):
    assert rooms.sign_in(client, "Head@Trust.example").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("head@trust.example", "not the password"),
        ("nobody@trust.example", rooms.PASSWORD),
        ("head@trust.example", ""),
        ("not an address", rooms.PASSWORD),
    ],
)
def test_a_refusal_does_not_say_what_was_wrong(client, email, password):
    page = rooms.sign_in(client, email, password)
    assert page.status_code == 200
    assert "This address and password do not belong together." in page.text
    assert page.text.count("Error:") == 1  # in the title; no field says more
    assert client.get("/lead/").status_code == 302


def test_whoever_tries_passwords_has_to_wait_and_is_told_nothing(client, app):
    for _ in range(6):
        rooms.sign_in(client, "head@trust.example", "wrong")
    for password in ("wrong", rooms.PASSWORD):
        page = rooms.sign_in(client, "head@trust.example", password)
        assert page.status_code == 200
        assert "Too many passwords were wrong. Wait 1 second, then try again." in page.text
    assert client.get("/lead/").status_code == 302
    time.sleep(1.1)
    assert rooms.sign_in(client, "head@trust.example").status_code == 302


def test_an_account_that_was_switched_off_cannot_sign_in(client, app):
    with rooms.store(app) as session:
        accounts.find(session, "head@trust.example").active = False
    page = rooms.sign_in(client, "head@trust.example")
    assert "do not belong together" in page.text


def test_signing_in_needs_the_pages_own_token(client):
    data = {"email": "head@trust.example", "password": rooms.PASSWORD}
    assert client.post("/sign-in", data=data).status_code == 400
    assert client.post("/sign-in", json=data).status_code == 415


def test_signing_out_ends_the_session_and_takes_a_post(client):
    rooms.sign_in(client, "head@trust.example")
    page = client.get("/lead/")
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400  # no token
    client.post("/sign-out", data={"csrf_token": rooms.token(page)})
    assert client.get("/lead/").status_code == 302


def test_nothing_of_when_and_from_where_people_sign_in_is_stored(client, app):
    rooms.sign_in(client, "head@trust.example")
    with rooms.store(app) as session:
        row = session.execute(sa.select(Account.__table__)).mappings().one()
    tracked = ("last_login_at", "current_login_at", "last_login_ip", "current_login_ip")
    assert [row[name] for name in tracked] == [None] * 4
    assert not row["login_count"]


def test_a_new_password_ends_sessions_opened_with_the_old_one(client, app):
    rooms.sign_in(client, "head@trust.example")
    with rooms.store(app) as session:
        leader = accounts.find(session, "head@trust.example")
        accounts.set_password(session, leader, "another long password")
    assert client.get("/lead/").status_code == 302
    assert rooms.sign_in(client, "head@trust.example", "another long password").status_code == 302


def test_there_is_no_registration_and_no_recovery(client):
    for path in ("/register", "/reset", "/change", "/confirm", "/verify", "/login"):
        assert client.get(path).status_code == 404, path


def test_sign_in_keeps_the_policy_of_all_pages(client):
    page = client.get("/sign-in")
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert " style=" not in page.text
    assert "<script" not in page.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"role": "chief"}, "there is no role 'chief'; use one of leader, reader, researcher"),
        ({"email": "nowhere"}, "'nowhere' is not an e-mail address"),
        ({"password": "short"}, "a password has at least 12 characters"),
        ({"email": "HEAD@trust.example"}, "head@trust.example has an account already"),
    ],
)
def test_an_account_that_cannot_be_made_says_why(session, change, message):
    wanted = {
        "email": "new@trust.example",
        "name": "New",
        "organisation": accounts.find(session, "head@trust.example").organisation,
        "role": "leader",
        "password": rooms.PASSWORD,
        **change,
    }
    with pytest.raises(accounts.AccountError, match=message):
        accounts.create(session, **wanted)


def test_passwords_are_hashed_with_argon2id_at_full_cost_by_default():
    # the suite lowers the cost; a process of its own has the default
    code = "from survey.services import accounts; print(accounts.hash_password('x' * 12))"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert printed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_random_passwords_are_long_and_differ():
    made = {accounts.random_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(password) == 23 for password in made)
