"""Short codes: one for each place of an anonymous round, made once, gone when it closes."""

import secrets
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.database import begin_writing, open_engine
from survey.models import Account, AuditEntry, EntryCode, Round
from survey.services import entry_codes, rounds
from tests.survey import rooms
from tests.survey.respond_kit import NO_ROLES, SCHOOLS, make_round


@pytest.fixture
def round_(session, now):
    return make_round(session, now=now)


@pytest.fixture
def leader(session, round_):
    made = rooms.account(session, round_.organisation)
    session.commit()
    return made


@pytest.fixture
def places(session, now, round_, leader):
    return make(session, round_, leader, now)


def make(session, round_, leader, now):
    begin_writing(session)
    entry_codes.make(session, round_, by=leader, now=now)
    session.commit()
    return entry_codes.places(session, round_)


def test_every_school_gets_a_code_and_so_does_the_centre(places):
    assert [place.name for place in places] == [*SCHOOLS, None]
    codes = [place.code for place in places]
    assert len(set(codes)) == 3
    for code in codes:
        assert len(code) == 6
        assert set(code) <= set(entry_codes.ALPHABET)


def test_the_alphabet_is_part_of_the_links_alphabet_without_vowels():
    assert set(entry_codes.ALPHABET) < set(rounds.LINK_ALPHABET)
    assert not set(entry_codes.ALPHABET) & set("aeiou")


def test_there_are_none_before_they_are_made(session, round_):
    assert entry_codes.places(session, round_) == []


def test_making_them_again_changes_nothing(session, now, round_, leader, places):
    assert make(session, round_, leader, now) == places
    assert session.scalar(sa.select(sa.func.count()).select_from(EntryCode)) == 3
    made = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "make_codes")).all()
    assert [entry.object for entry in made] == [f"round {round_.round_id}"]


def test_two_leaders_who_make_them_at_once_make_one_set(session, now, round_, leader, database_url):
    round_id, account_id = round_.round_id, leader.id
    session.rollback()
    engine = open_engine(database_url)
    start = threading.Barrier(4)
    problems = []

    def run():
        try:
            with Session(engine) as own:
                start.wait()
                make(own, own.get(Round, round_id), own.get(Account, account_id), now)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert problems == []
    schools = session.scalars(sa.select(EntryCode.school_id)).all()
    assert len(schools) == len(set(schools)) == 3


def test_a_code_that_another_round_has_is_drawn_again(session, now, round_, leader, monkeypatch):
    other = make_round(session, now=now, instrument=NO_ROLES)
    drawn = iter("bbbbbb" + "bbbbbbcccccc" + "ccccccdddddd" + "ffffff")
    monkeypatch.setattr(secrets, "choice", lambda _letters: next(drawn))
    assert [place.code for place in make(session, other, leader, now)] == ["bbbbbb"]
    codes = [place.code for place in make(session, round_, leader, now)]
    assert sorted(codes) == ["cccccc", "dddddd", "ffffff"]


def test_a_round_without_schools_has_one_code_for_everybody(session, now, leader):
    other = make_round(session, now=now, instrument=NO_ROLES)
    (place,) = make(session, other, leader, now)
    assert (place.school_id, place.name) == (None, None)
    assert entry_codes.school_of(session, other, place.code) == entry_codes.CENTRE


@pytest.mark.parametrize(
    "typed",
    [
        "k7mqzs",
        "K7M QZS",
        " k7m-qzs ",
        "K7M–QZS",
        "K 7 M Q Z S",
        "k7m0zs",
        "k7mo25",
        "Ｋ７Ｍ　ＱＺＳ",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed):
    assert entry_codes.normalise(typed) == "k7mqzs"


@pytest.mark.parametrize("typed", ["", "k7mqz", "k7mqzss", "k7mqzs\x00\x00x", "x" * 100_000])
def test_what_is_no_code_leads_nowhere(session, round_, typed):
    session.add(EntryCode(code="k7mqzs", round_id=round_.round_id))
    session.commit()
    assert entry_codes.find(session, typed) is None


def test_a_code_is_shown_in_two_groups_of_capitals():
    assert entry_codes.shown("k7mqzs") == "K7M QZS"


def test_a_code_leads_to_its_round(session, round_, places):
    for place in places:
        assert entry_codes.find(session, entry_codes.shown(place.code)) == (place.code, round_)


def test_a_code_names_its_school_or_the_centre_within_its_own_round(session, now, round_, places):
    named = [entry_codes.school_of(session, round_, place.code) for place in places]
    assert named == [*(s.school_id for s in rounds.schools_of(session, round_)), "centre"]
    other = make_round(session, now=now)
    assert entry_codes.school_of(session, other, places[0].code) is None
    assert entry_codes.school_of(session, round_, "nonsense") is None


def test_codes_lead_nowhere_once_the_round_has_closed(session, now, round_, places):
    begin_writing(session)
    rounds.close(session, round_, by=None, now=now)
    session.commit()
    assert entry_codes.find(session, places[0].code) is None
    assert session.scalars(sa.select(EntryCode)).all() == []


@pytest.mark.parametrize("what", ["confidential", "closed", "out of time"])
def test_other_rounds_get_no_codes(session, now, round_, leader, what):
    begin_writing(session)
    if what == "confidential":
        rounds.set_mode(session, round_, "confidential", by=None, now=now)
    elif what == "closed":
        rounds.close(session, round_, by=None, now=now)
    session.commit()
    at = round_.closes_at if what == "out of time" else now
    with pytest.raises(rounds.RoundError, match="only an anonymous round that has not closed"):
        make(session, round_, leader, at)
    session.rollback()
    assert entry_codes.places(session, round_) == []
