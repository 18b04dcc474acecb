"""Leaders and administrators look after accounts: roles, switching off and on."""

import pytest
import sqlalchemy as sa

from survey.models import AuditEntry
from survey.services import account_changes, accounts
from survey.services.account_changes import ChangeError
from tests.survey import rooms

LEADER, ADMINISTRATOR, READER = "leader@trust.example", "admin@trust.example", "r@trust.example"


@pytest.fixture
def references(app):
    """Addresses of pages, by address of the account."""
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        rooms.school(session, trust)
        people = {LEADER: "leader", ADMINISTRATOR: "administrator", READER: "reader"}
        return {
            email: rooms.account(session, trust, role=role, email=email).reference
            for email, role in people.items()
        }


def signed_in(app, email):
    client = app.test_client()
    rooms.sign_in(client, email)
    return client


def press(client, reference, what, **values):
    path = f"/accounts/{reference}"
    token = rooms.token(client.get(path))
    return client.post(path + what, data={"csrf_token": token, **values}, follow_redirects=True)


def role_of(app, email):
    with rooms.store(app) as session:
        account = accounts.find(session, email)
        return account.role, account.school.name if account.school else ""


def test_an_administrator_changes_a_role_and_it_counts_at_once(app, references):
    reader, admin = signed_in(app, READER), signed_in(app, ADMINISTRATOR)
    assert reader.get("/accounts/").status_code == 403
    press(admin, references[READER], "", role="administrator")
    assert reader.get("/accounts/").status_code == 200
    with rooms.store(app) as session:
        school_id = accounts.find(session, READER).organisation.schools[0].school_id
    press(admin, references[READER], "", role="head", school=school_id)
    assert role_of(app, READER) == ("head", "Ashdown Primary")
    press(admin, references[READER], "", role="reader", school=school_id)
    assert role_of(app, READER) == ("reader", "")
    with rooms.store(app) as session:
        found = session.scalars(sa.select(AuditEntry.object).order_by(AuditEntry.at)).all()
    assert found == [
        f"account {READER}: administrator",
        f"account {READER}: head, Ashdown Primary",
        f"account {READER}: reader",
    ]


def test_a_head_needs_a_school(app, references):
    page = press(signed_in(app, LEADER), references[READER], "", role="head")
    assert page.status_code == 422
    assert page.text.count("Choose the school that this person heads.") == 2


def test_nobody_changes_their_own_role(app, references):
    admin = signed_in(app, ADMINISTRATOR)
    page = press(admin, references[ADMINISTRATOR], "", role="leader")
    assert "You cannot change your own role." in page.text
    assert role_of(app, ADMINISTRATOR) == ("administrator", "")


def test_an_account_that_is_switched_off_is_signed_out_and_stays_out(app, references):
    reader, leader = signed_in(app, READER), signed_in(app, LEADER)
    assert reader.get("/account").status_code == 200
    press(leader, references[READER], "/off")
    assert reader.get("/account").status_code == 302
    assert rooms.sign_in(app.test_client(), READER).status_code == 200
    press(leader, references[READER], "/on")
    assert reader.get("/account").status_code == 302  # the old session stays ended
    assert rooms.sign_in(app.test_client(), READER).status_code == 302


def test_the_last_who_can_look_after_accounts_cannot_leave(app, references):
    leader = signed_in(app, LEADER)
    press(leader, references[ADMINISTRATOR], "/off")
    page = press(leader, references[LEADER], "/off")
    assert "nobody else could look after accounts" in page.text
    assert leader.get("/lead/").status_code == 200


def test_two_who_remove_each_other_leave_one(session, references):
    leader, admin = accounts.find(session, LEADER), accounts.find(session, ADMINISTRATOR)
    account_changes.change_role(session, admin, "reader", None, by=leader, now=rooms.NOW)
    with pytest.raises(ChangeError, match="last"):
        account_changes.change_role(session, leader, "reader", None, by=admin, now=rooms.NOW)


def test_a_leader_has_a_link_sent_but_not_twice_in_a_row(app, references):
    leader = signed_in(app, LEADER)
    assert f"on its way to {READER}" in press(leader, references[READER], "/password").text
    assert "Nothing was sent" in press(leader, references[READER], "/password").text


def test_accounts_of_another_organisation_are_not_found(app, references):
    with rooms.store(app) as session:
        other = rooms.organisation(session, "Far Away Schools Trust")
        foreign = rooms.account(session, other, email="far@other.example").reference
    leader = signed_in(app, LEADER)
    assert leader.get(f"/accounts/{foreign}").status_code == 404
    token = rooms.token(leader.get("/accounts/"))
    for what in ("", "/off", "/on", "/password"):
        reply = leader.post(f"/accounts/{foreign}{what}", data={"csrf_token": token})
        assert reply.status_code == 404, what
    assert "far@other.example" not in leader.get("/accounts/").text
