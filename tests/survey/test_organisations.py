"""An organisation: how it comes to be, what it says of itself, its words, its schools."""

import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from survey.cli import main
from survey.models import Account, AuditEntry, Organisation, School
from survey.services import clock, organisations, school_changes
from survey.services.accounts import AccountError
from survey.services.saving import NotSavedError, StaleError
from tests.survey import rooms

DETAILS = organisations.Details(
    name="Harbour Reach Schools Trust",
    short_name="Harbour Reach",
    kind="trust",
    country="GB",
    locale="en-GB",
)


@pytest.fixture
def organisation(session, now):
    return organisations.begin(
        session,
        email="Robin@Trust.example",
        name="Robin Ash",
        password="a password for tests",
        now=now,
    )


def save(session, organisation, now, **changes):
    organisations.save(
        session,
        organisation,
        replace(DETAILS, **changes),
        revision=organisation.revision,
        by=None,
        now=now,
    )


def faults(call, *arguments, **named) -> dict[str, str]:
    with pytest.raises(NotSavedError) as caught:
        call(*arguments, **named)
    return {fault.field: str(fault) for fault in caught.value.faults}


def test_an_organisation_begins_without_a_name_and_with_one_leader(session, organisation):
    account = session.scalars(sa.select(Account)).one()
    assert (account.email, account.has_role("leader")) == ("robin@trust.example", True)
    assert account.organisation is organisation
    assert not organisations.is_named(organisation)


def test_an_address_that_has_an_account_begins_no_second_organisation(session, organisation, now):
    with pytest.raises(AccountError, match="has an account already"):
        organisations.begin(
            session, email="robin@trust.example", name="", password="another password", now=now
        )


def test_what_is_saved_goes_up_a_revision_and_is_on_record(session, organisation, now):
    save(session, organisation, now, name="  Harbour   Reach Schools Trust ")
    assert organisation.name == "Harbour Reach Schools Trust"
    assert (organisation.time_zone, organisation.revision) == ("Europe/London", 1)
    actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert sorted(actions) == ["begin_organisation", "save_organisation"]


def test_a_country_with_several_time_zones_wants_one_of_them(session, organisation, now):
    found = faults(save, session, organisation, now, country="US", locale="en-US")
    assert found == {"time_zone": "time_zone: This country has several time zones. Choose yours."}
    save(session, organisation, now, country="US", time_zone="America/New_York")
    assert organisation.time_zone == "America/New_York"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("short_name", "{mto}"),
        ("short_name", "Har\x07bour"),
        ("kind", "kingdom"),
        ("country", "ZZ"),
        ("country", "Narnia"),
        ("time_zone", "Europe/Camelot"),
        ("locale", "xx-YY"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_saved(
    session, organisation, now, field, value
):
    found = faults(save, session, organisation, now, **{field: value})
    assert list(found) == [field]
    assert (organisation.name, organisation.revision) == ("", 0)


def test_who_saves_over_a_newer_revision_is_told(session, organisation, now):
    save(session, organisation, now)
    with pytest.raises(StaleError):
        organisations.save(session, organisation, DETAILS, revision=0, by=None, now=now)


def test_words_begin_with_the_countrys_and_keep_only_what_differs(session, organisation, now):
    save(session, organisation, now)
    defaults = {word.name: word.default for word in organisations.words(organisation)}
    assert (defaults["hub"], defaults["pupils"]) == ("the central team", "pupils")
    assert "mto" not in defaults
    own = {"hub": " the hub ", "pupils": "pupils", "unknown": "x"}
    organisations.save_words(session, organisation, own, revision=1, by=None, now=now)
    assert organisation.words == {"hub": "the hub"}


@pytest.mark.parametrize("word", ["{hub}", "x" * 2000, "hub}"])
def test_a_word_with_braces_or_2000_letters_is_refused(session, organisation, now, word):
    typed = {"hub": word, "pupils": "learners"}
    found = faults(
        organisations.save_words, session, organisation, typed, revision=0, by=None, now=now
    )
    assert list(found) == ["hub"]
    assert organisation.words == {}


def test_schools_are_added_once_whatever_their_capitals(session, organisation, now):
    names = ["Anchor Lane", "", "  anchor  lane ", "Beacon Hill"]
    assert organisations.add_schools(session, organisation, names, by=None, now=now) == 2
    assert organisations.add_schools(session, organisation, names, by=None, now=now) == 0
    found = [school.name for school in organisations.schools(session, organisation)]
    assert found == ["anchor lane", "Beacon Hill"]


@pytest.mark.parametrize("names", [[], ["", " "], ["x" * 121], ["A"] * 2 + ["{x}"]])
def test_schools_that_cannot_be_added_are_all_left_out(session, organisation, now, names):
    assert faults(organisations.add_schools, session, organisation, names, by=None, now=now)
    assert session.scalars(sa.select(School)).all() == []


def test_more_schools_than_a_form_may_add_are_refused(session, organisation, now):
    names = [f"School {number}" for number in range(organisations.MOST_SCHOOLS + 1)]
    assert faults(organisations.add_schools, session, organisation, names, by=None, now=now)


def test_a_school_is_renamed_closed_and_opened_again(session, organisation, now):
    organisations.add_schools(session, organisation, ["Anchor Lane", "Beacon"], by=None, now=now)
    anchor = organisations.schools(session, organisation)[0]
    assert faults(school_changes.rename, session, anchor, "beacon", by=None, now=now)
    school_changes.rename(session, anchor, "Anchor Lane Primary", by=None, now=now)
    organisations.close_school(session, anchor, by=None, now=now)
    shown = [(s.name, s.closed_at) for s in organisations.schools(session, organisation)]
    assert shown == [("Beacon", None), ("Anchor Lane Primary", now)]
    organisations.reopen_school(session, anchor, by=None, now=now)
    assert anchor.closed_at is None


def test_every_single_zone_country_of_the_list_has_a_zone_that_clocks_know():
    for country in organisations.countries("en-GB"):
        zone = clock.default_zone(country)
        assert zone is None or ZoneInfo(zone)
    assert clock.default_zone("DE") is None or clock.default_zone("DE") == "Europe/Berlin"


# --- on pages ------------------------------------------------------------------------------------


@pytest.fixture
def leader(app, client):
    with rooms.store(app) as session:
        organisations.begin(
            session,
            email="robin@trust.example",
            name="Robin Ash",
            password=rooms.PASSWORD,
            now=rooms.NOW,
        )
    rooms.sign_in(client, "robin@trust.example")
    return client


def send(leader, path, **fields):
    """Send the form of a page with what it holds and these fields over it."""
    page = leader.get(path)
    return leader.post(path, data={**rooms.form(page), **fields})


def test_a_first_leader_names_the_organisation_before_anything_else(app, leader):
    for path in ("/lead/", "/lead/organisation/schools"):
        assert leader.get(path).headers["Location"] == "/lead/organisation"
    reply = send(leader, "/lead/organisation", name="Harbour Reach", short_name="Harbour")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/lead/")
    assert "Rounds of Harbour Reach" in leader.get("/lead/").text
    with rooms.store(app) as session:
        found = session.scalars(sa.select(Organisation)).one()
        assert (found.kind, found.time_zone) == ("trust", "Europe/London")


def test_what_was_typed_stays_in_a_form_that_was_refused(leader):
    reply = send(leader, "/lead/organisation", name="", short_name="Harbour", country="XX")
    assert reply.status_code == 422
    assert 'value="Harbour"' in reply.text
    assert 'href="#name"' in reply.text
    assert 'href="#country"' in reply.text


def test_two_leaders_who_save_at_once_lose_nothing(leader):
    send(leader, "/lead/organisation", name="Harbour Reach", short_name="Harbour")
    page = leader.get("/lead/organisation")
    send(leader, "/lead/organisation", name="Harbour Reach Trust", kind="district")
    mine = {**rooms.form(page), "name": "Harbour Reach Schools", "short_name": "Harbour R"}
    reply = leader.post("/lead/organisation", data=mine)
    assert reply.status_code == 409
    words = rooms.words(reply)
    assert "Saved meanwhile: Harbour Reach Trust Typed by you: Harbour Reach Schools" in words
    assert "Saved meanwhile: School district You had not changed it." in words
    again = rooms.form(reply)
    assert (again["name"], again["short_name"]) == ("Harbour Reach Schools", "Harbour R")
    assert again["kind"] == "district"
    assert leader.post("/lead/organisation", data=again).status_code == 303
    saved = rooms.form(leader.get("/lead/organisation"))
    assert (saved["name"], saved["kind"]) == ("Harbour Reach Schools", "district")


def test_somebody_elses_other_page_is_in_nobodys_way(leader):
    send(leader, "/lead/organisation", name="Harbour Reach", short_name="Harbour")
    page = leader.get("/lead/organisation")
    send(leader, "/lead/organisation/words", hub="the hub")
    mine = {**rooms.form(page), "name": "Harbour Reach Schools"}
    assert leader.post("/lead/organisation", data=mine).status_code == 303
    assert rooms.form(leader.get("/lead/organisation/words"))["hub"] == "the hub"


def test_schools_are_added_and_changed_on_pages(app, leader):
    send(leader, "/lead/organisation", name="Harbour Reach", short_name="Harbour")
    assert send(leader, "/lead/organisation/schools", names=" \n").status_code == 422
    reply = send(leader, "/lead/organisation/schools", names="Anchor Lane\r\nBeacon Hill")
    assert reply.status_code == 303
    with rooms.store(app) as session:
        anchor = session.scalars(sa.select(School).order_by(School.name)).first().school_id
    path = f"/lead/organisation/schools/{anchor}"
    assert send(leader, path, name="Beacon Hill").status_code == 422
    assert send(leader, path, name="Anchor Lane Primary").status_code == 303
    assert send(leader, path, do="close").status_code == 303
    listed = rooms.words(leader.get("/lead/organisation/schools"))
    assert "Anchor Lane Primary closed: left out of new rounds" in listed


def test_nobody_changes_another_organisations_school(app, leader):
    send(leader, "/lead/organisation", name="Harbour Reach", short_name="Harbour")
    with rooms.store(app) as session:
        other = rooms.organisation(session, "Far Away Schools Trust")
        organisations.add_schools(session, other, ["Theirs"], by=None, now=rooms.NOW)
        theirs = session.scalars(sa.select(School)).one().school_id
    assert leader.get(f"/lead/organisation/schools/{theirs}").status_code == 404


# --- on the command line -------------------------------------------------------------------------


def test_the_command_line_makes_a_first_account_whose_password_opens_the_room(
    settings, app, client, monkeypatch
):
    monkeypatch.setenv("MIDTIER_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("MIDTIER_DATABASE_URL", settings.database)
    said = CliRunner().invoke(main, ["accounts", "first", "Robin@Trust.example"])
    assert said.exit_code == 0, said.output
    password = re.search(r"password  (\S+)", said.output)[1]
    reply = rooms.sign_in(client, "robin@trust.example", password)
    assert reply.headers["Location"] == "/home"
    assert client.get("/lead/").headers["Location"] == "/lead/organisation"
    again = CliRunner().invoke(main, ["accounts", "first", "robin@trust.example"])
    assert again.exit_code == 1
    assert "has an account already" in again.output
