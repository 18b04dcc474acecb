"""A school renamed or merged in mid-round: links, posters and answers stay."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from instruments.roster import Roster
from survey.models import AuditEntry, Draft, EntryCode, Invitation, Response, Round, School
from survey.services import drafts, entry_codes, mailings, rosters, rounds, school_changes
from survey.services.saving import NotSavedError
from survey.services.school_changes import SchoolError
from tests.survey import rooms
from tests.survey.respond_kit import SCHOOLS, begin, fill, make_round
from tests.survey.roster_kit import LIST, apply, checked, headcounts, people
from tests.survey.test_rosters import at_once

ASHDOWN, BELLFIELD = SCHOOLS


@pytest.fixture
def round_(session, now):
    made = make_round(session, now=now, mode="confidential")
    apply(session, made, LIST, now=now)
    return made


@pytest.fixture
def by(session, round_):
    return rooms.account(session, round_.organisation)


@pytest.fixture
def ids(session, round_):
    return {school.name: school.school_id for school in rounds.schools_of(session, round_)}


def merge(session, round_, ids, *, by, now, school=BELLFIELD, into=ASHDOWN):
    school_changes.merge(session, round_, ids[school], into=ids[into], by=by, now=now)


def rename(session, school_id, name, *, by, now):
    school_changes.rename(session, session.get_one(School, school_id), name, by=by, now=now)


def last_entry(session):
    found = session.scalars(sa.select(AuditEntry).where(AuditEntry.action.like("%school%"))).all()
    return found[-1].action, found[-1].object


def test_a_renamed_school_keeps_its_id(session, round_, ids, by, now):
    rename(session, ids[ASHDOWN], " Ashdown  Academy", by=by, now=now)
    assert session.get(School, ids[ASHDOWN]).name == "Ashdown Academy"
    assert people(session)[0] == ("ada@ashdown.example", "T", "Ashdown Academy")
    assert last_entry(session) == (
        "rename_school",
        f"school {ids[ASHDOWN]}",
    )


def test_lists_with_the_old_and_with_the_new_name_are_understood(session, round_, ids, by, now):
    rename(session, ids[ASHDOWN], "Ashdown Academy", by=by, now=now)
    for text in (LIST, LIST.replace(ASHDOWN, "ASHDOWN academy")):
        change = rosters.compare(session, round_, checked(session, round_, text))
        assert (change.same, change.changed, change.new) == (4, 0, 0)
    rename(session, ids[ASHDOWN], ASHDOWN, by=by, now=now)
    assert rosters.compare(session, round_, checked(session, round_, LIST)).same == 4


def test_a_name_that_was_left_can_be_given_to_another(session, round_, ids, by, now):
    rename(session, ids[ASHDOWN], "Ashdown Academy", by=by, now=now)
    rename(session, ids[BELLFIELD], ASHDOWN, by=by, now=now)
    found = checked(session, round_, LIST)
    assert found.people["ada@ashdown.example"] == (ids[BELLFIELD], "T")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("  ", "Fill this in."),
        ("a\x07b", "cannot be printed"),
        ("x" * 121, "at most 120 letters"),
        ("BELLFIELD high", "Another school of the organisation has this name."),
    ],
)
def test_a_name_that_cannot_be_is_refused(session, round_, ids, by, now, name, said):
    with pytest.raises(NotSavedError, match=said):
        rename(session, ids[ASHDOWN], name, by=by, now=now)
    assert session.get_one(School, ids[ASHDOWN]).name == ASHDOWN


def answered(session, round_, *, now, school_id, email=None):
    """Somebody of a school answers and sends."""
    invitation_id = None
    if email:
        by_email = sa.select(Invitation.invitation_id).where(Invitation.email == email)
        invitation_id = session.scalars(by_email).one()
    begun = begin(session, round_, now=now, role="T", invitation_id=invitation_id)
    place = {"role": "T", "school_id": school_id}
    drafts.set_place(session, round_, begun.draft, **place, now=now)
    fill(session, round_, begun.draft, now=now)
    drafts.send(session, round_, begun.draft, now=now)


def test_a_merger_moves_all_of_one_school_and_no_answer_changes(session, round_, ids, by, now):
    for school, email in ((ASHDOWN, "ada@ashdown.example"), (BELLFIELD, "cleo@bellfield.example")):
        answered(session, round_, now=now, school_id=ids[school], email=email)
    links = dict(session.execute(sa.select(Invitation.email, Invitation.invitation_id)).all())
    columns = sa.select(Draft.key, Draft.answers, Draft.sent, Draft.revision, Draft.pages)
    before = session.execute(columns.order_by(Draft.key)).all()
    merge(session, round_, ids, by=by, now=now)
    assert session.execute(columns.order_by(Draft.key)).all() == before
    assert set(session.scalars(sa.select(Draft.school_id))) == {ids[ASHDOWN]}
    assert (
        dict(session.execute(sa.select(Invitation.email, Invitation.invitation_id)).all()) == links
    )
    assert people(session)[2] == ("cleo@bellfield.example", "L", ASHDOWN)
    found = headcounts(session)
    assert (found[ASHDOWN, "T"], found[ASHDOWN, "L"]) == (2, 1)
    assert {school for school, _ in found} == {ASHDOWN, ""}
    assert last_entry(session) == (
        "merge_schools",
        f"round {round_.round_id}: school {ids[BELLFIELD]} into {ids[ASHDOWN]}",
    )
    rounds.close(session, round_, by=None, now=now)
    assert list(session.scalars(sa.select(Response.school_id))) == [ids[ASHDOWN]] * 2


def test_nobody_is_mailed_again_because_of_a_merger(session, round_, ids, by, now):
    mailings.ask(session, round_, "invitation", by=None, now=now)
    merge(session, round_, ids, by=by, now=now)
    assert mailings.why_not(session, round_, "invitation", now=now) == "nobody new"


def test_headcounts_of_both_schools_add_up(session, now):
    round_ = make_round(session, now=now)
    by = rooms.account(session, round_.organisation)
    ids = {school.name: school.school_id for school in rounds.schools_of(session, round_)}
    merge(session, round_, ids, by=by, now=now)
    assert headcounts(session)[ASHDOWN, "T"] == 24
    assert sum(headcounts(session).values()) == 72


def test_posters_of_both_schools_lead_to_the_one(session, now):
    round_ = make_round(session, now=now)
    by = rooms.account(session, round_.organisation)
    ids = {school.name: school.school_id for school in rounds.schools_of(session, round_)}
    entry_codes.make(session, round_, by=by, now=now)
    codes = {place.name: place.code for place in entry_codes.places(session, round_)}
    merge(session, round_, ids, by=by, now=now)
    for name in SCHOOLS:
        assert entry_codes.school_of(session, round_, codes[name]) == ids[ASHDOWN]
    left = [place.name for place in entry_codes.places(session, round_)]
    assert left == [ASHDOWN, None]
    entry_codes.make(session, round_, by=by, now=now)
    assert session.scalar(sa.select(sa.func.count()).select_from(EntryCode)) == 3


def test_who_chooses_a_school_that_was_merged_is_asked_again(session, round_, ids, by, now):
    merge(session, round_, ids, by=by, now=now)
    ada = session.scalars(sa.select(Invitation.invitation_id)).first()
    begun = begin(session, round_, now=now, role="T", invitation_id=ada)
    with pytest.raises(drafts.RefusedError):
        drafts.set_place(session, round_, begun.draft, role="T", school_id=ids[BELLFIELD], now=now)


def test_lists_that_name_the_school_that_ended_mean_the_other(session, round_, ids, by, now):
    merge(session, round_, ids, by=by, now=now)
    change = rosters.compare(session, round_, checked(session, round_, LIST))
    assert (change.same, change.changed) == (4, 0)


def test_a_merger_by_mistake_is_taken_back_by_a_list_that_names_the_school(
    session, round_, ids, by, now
):
    """People and head counts go back; an answer that was given before stays where it is."""
    from survey.services import roster_memory

    answered(session, round_, now=now, school_id=ids[BELLFIELD], email="cleo@bellfield.example")
    merge(session, round_, ids, by=by, now=now)
    roster_memory.forget(session, round_)
    apply(session, round_, LIST, now=now)
    assert people(session)[2] == ("cleo@bellfield.example", "L", BELLFIELD)
    assert headcounts(session)[BELLFIELD, "L"] == 1
    assert set(session.scalars(sa.select(Draft.school_id))) == {ids[ASHDOWN]}


def test_another_round_of_the_organisation_keeps_both_schools(session, round_, ids, by, now):
    other = rounds.create(
        session,
        round_.organisation,
        name="June",
        instrument=rounds.instrument_of(round_),
        locale="en-GB",
        placeholders={"before": "the review"},
        opens_at=now,
        closes_at=now + timedelta(days=3),
        roster=Roster(()),
    )
    text = f"school,role,headcount\n{BELLFIELD},T,9\n"
    apply(session, other, text, now=now)
    merge(session, round_, ids, by=by, now=now)
    assert [school.name for school in rounds.schools_of(session, other)] == [BELLFIELD]


@pytest.mark.parametrize("chosen", ["same", "unknown"])
def test_a_merger_of_what_is_not_two_schools_of_the_round_is_refused(
    session, round_, ids, by, now, chosen
):
    into = ids[ASHDOWN] if chosen == "same" else "no such school"
    with pytest.raises(SchoolError) as refused:
        school_changes.merge(session, round_, ids[ASHDOWN], into=into, by=by, now=now)
    assert refused.value.problem == chosen


def test_a_closed_round_keeps_its_schools(session, round_, ids, by, now):
    late = round_.closes_at
    with pytest.raises(rosters.NotNowError):
        merge(session, round_, ids, by=by, now=late)


def test_a_merger_and_an_upload_at_once_lose_nobody(session, round_, ids, by, now, database_url):
    """Either the upload came first and is moved, or it has to be looked at again."""
    round_id, by_id = round_.round_id, by.id
    found = checked(session, round_, LIST + "eve@bellfield.example,L,Bellfield High\n")
    seen = rosters.compare(session, round_, found).seen
    session.commit()

    def change(mine):
        held = mine.get_one(Round, round_id)
        return rosters.apply(mine, held, found, seen=seen, is_whole=False, by=None, now=now).new

    def join(mine):
        account = mine.get_one(type(by), by_id)
        held = mine.get_one(Round, round_id)
        merge(mine, held, ids, by=account, now=now)

    outcomes = at_once(database_url, change, join)
    assert outcomes[1] is None
    session.expire_all()
    listed = people(session)
    assert len(listed) == (5 if outcomes[0] == 1 else 4)
    assert outcomes[0] in (1, rosters.ChangedMeanwhileError)
    assert {school for _, _, school in listed} == {ASHDOWN, ""}
    assert sum(headcounts(session).values()) == len(listed)
