"""A leader's consent: a researcher sees a round with it, until its day, and never without."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey.database import db
from survey.models import AuditEntry, Consent, Round
from survey.services import accounts, consents
from tests.survey import rooms

LEADER, RESEARCHER = "leader@trust.example", "researcher@trust.example"


@pytest.fixture
def round_id(app):
    """A closed round, its leader and a researcher without consent."""
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        rooms.account(session, trust, email=LEADER)
        rooms.account(session, trust, role="researcher", email=RESEARCHER)
        return rooms.round_(session, trust, is_closed=True).round_id


@pytest.fixture
def leader(app, round_id):
    client = app.test_client()
    rooms.sign_in(client, LEADER)
    return client


@pytest.fixture
def researcher(app, round_id):
    client = app.test_client()
    rooms.sign_in(client, RESEARCHER)
    return client


def in_days(days):
    return rooms.NOW.date() + timedelta(days=days)


def give(leader, round_id, email=RESEARCHER, until=1):
    """``until``: in how many days, or what is typed."""
    path = f"/lead/rounds/{round_id}/consents"
    with rooms.store(leader.application):
        account = accounts.find(db.session, email)
        chosen = account.reference if account else "nobody"
    data = {"csrf_token": rooms.token(leader.get(path)), "researcher": chosen}
    data["until"] = in_days(until) if isinstance(until, int) else until
    return leader.post(path, data=data)


def statuses(researcher, round_id):
    token = rooms.token(researcher.get("/account"))
    return (
        researcher.get(f"/research/rounds/{round_id}").status_code,
        researcher.post(
            f"/research/rounds/{round_id}/validation", data={"csrf_token": token}
        ).status_code,
        "May 2026" in researcher.get("/research/").text,
    )


def test_without_consent_the_round_does_not_exist_for_a_researcher(researcher, round_id):
    assert statuses(researcher, round_id) == (404, 404, False)
    assert researcher.get(f"/research/rounds/{round_id}/validation.pdf").status_code == 404


def test_consent_shows_the_round_to_that_researcher_alone(app, leader, researcher, round_id):
    with rooms.store(app) as session:
        organisation = session.get_one(Round, round_id).organisation
        rooms.account(session, organisation, role="researcher", email="other@trust.example")
    assert give(leader, round_id).status_code == 302
    assert statuses(researcher, round_id) == (200, 302, True)
    other = app.test_client()
    rooms.sign_in(other, "other@trust.example")
    assert statuses(other, round_id) == (404, 404, False)


def test_consent_that_is_taken_back_ends_at_once(leader, researcher, round_id):
    give(leader, round_id)
    path = f"/lead/rounds/{round_id}/consents"
    with rooms.store(leader.application) as session:
        consent_id = session.scalars(sa.select(Consent.consent_id)).one()
    token = rooms.token(leader.get(path))
    for _ in range(2):  # taking it back twice is taking it back once
        assert (
            leader.post(f"{path}/{consent_id}/end", data={"csrf_token": token}).status_code == 302
        )
    assert statuses(researcher, round_id) == (404, 404, False)
    assert "Ended on" in leader.get(path).text
    with rooms.store(leader.application) as session:
        actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert sorted(actions) == ["close_round", "end_consent", "give_consent"]


def test_consent_lasts_through_its_last_day_and_not_longer(app, session, round_id):
    round_, account = session.get_one(Round, round_id), accounts.find(session, RESEARCHER)
    consents.give(session, round_, account, until=in_days(0), by=None, now=rooms.NOW)
    last = rooms.NOW.replace(hour=23, minute=59)
    assert consents.allows(session, account, round_, "validation", now=last)
    after = last + timedelta(minutes=1)
    assert not consents.allows(session, account, round_, "validation", now=after)
    assert not consents.rounds_of(session, account, now=after)


def test_consent_shows_only_what_it_named(session, round_id):
    round_, account = session.get_one(Round, round_id), accounts.find(session, RESEARCHER)
    consents.give(session, round_, account, until=in_days(0), by=None, now=rooms.NOW)
    assert not consents.allows(session, account, round_, "export", now=rooms.NOW)


def test_a_new_consent_takes_the_place_of_the_one_before(session, round_id):
    round_, account = session.get_one(Round, round_id), accounts.find(session, RESEARCHER)
    for days in (30, 5):
        until = in_days(days)
        consents.give(session, round_, account, until=until, by=None, now=rooms.NOW)
    later = rooms.NOW + timedelta(days=6)
    assert not consents.allows(session, account, round_, "validation", now=later)


def test_consent_of_another_organisation_counts_for_nothing(session, round_id):
    other = rooms.organisation(session, "Far Away Schools Trust")
    stranger = rooms.account(session, other, role="researcher", email="far@other.example")
    round_ = session.get_one(Round, round_id)
    with pytest.raises(consents.ConsentError, match="no researcher of the round's organisation"):
        consents.give(session, round_, stranger, until=in_days(0), by=None, now=rooms.NOW)
    session.add(
        Consent(
            round=round_,
            account=stranger,
            shows=["validation"],
            until=in_days(0),
            given_at=rooms.NOW,
        )
    )
    session.flush()
    assert not consents.allows(session, stranger, round_, "validation", now=rooms.NOW)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"email": LEADER}, "Choose a researcher from the list."),
        ({"email": "nobody@trust.example"}, "Choose a researcher from the list."),
        ({"until": -1}, "This day has passed."),
        ({"until": "the 12th"}, "The day is not a date."),
        ({"until": ""}, "Choose the last day."),
    ],
)
def test_a_consent_that_cannot_be_given_says_why_and_gives_nothing(
    leader, round_id, change, message
):
    page = give(leader, round_id, **change)
    assert page.status_code == 422
    assert message in page.text
    assert page.text.count(message) == 2  # in the summary and at the field
    with rooms.store(leader.application) as session:
        assert session.scalars(sa.select(Consent)).all() == []


def test_a_consent_of_another_round_cannot_be_ended_here(app, leader, round_id):
    with rooms.store(app) as session:
        other = rooms.organisation(session, "Far Away Schools Trust")
        foreign = rooms.round_(session, other)
        stranger = rooms.account(session, other, role="researcher", email="far@other.example")
        consent_id = rooms.consent(session, foreign, stranger).consent_id
    token = rooms.token(leader.get(f"/lead/rounds/{round_id}/consents"))
    reply = leader.post(
        f"/lead/rounds/{round_id}/consents/{consent_id}/end", data={"csrf_token": token}
    )
    assert reply.status_code == 404


def test_a_head_belongs_to_a_school_of_the_organisation(session):
    trust, other = rooms.organisation(session), rooms.organisation(session, "Other")
    school, foreign = rooms.school(session, trust), rooms.school(session, other)
    with pytest.raises(accounts.AccountError, match="no school of Harbour Reach Schools Trust"):
        rooms.account(session, trust, role="head", school=foreign)
    with pytest.raises(accounts.AccountError, match="a leader has no school"):
        rooms.account(session, trust, school=school)
    assert rooms.account(session, trust, role="head", school=school).school is school
