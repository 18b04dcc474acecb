"""A roster changes as a file says, never an answer, and headcounts follow the staff list."""

import secrets
import threading
import time
import zlib
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments.roster import Roster
from survey.database import begin_writing, open_engine
from survey.models import (
    AuditEntry,
    Draft,
    Invitation,
    Organisation,
    Response,
    RosterRow,
    RosterUpload,
    Round,
    School,
)
from survey.services import (
    drafts,
    invitations,
    mailings,
    roster_files,
    roster_reading,
    roster_uploads,
    rosters,
    rounds,
    sealing,
)
from tests.survey.respond_kit import KEY, NO_ROLES, SCHOOLS, begin, fill, make_round
from tests.survey.roster_kit import LIST, LISTED, apply, checked, headcounts, people, workbook


@pytest.fixture
def round_(session, now):
    """Open, confidential: two schools with twelve people of each role."""
    return make_round(session, now=now, mode="confidential")


@pytest.fixture
def anonymous(session, now):
    return make_round(session, now=now)


def entries(session):
    return [entry.object for entry in session.scalars(sa.select(AuditEntry))]


def lines(*addresses, role="T", school=SCHOOLS[0]):
    return "email,role,school\n" + "".join(f"{each},{role},{school}\n" for each in addresses)


# A staff list


def test_a_list_is_read_by_code_or_name_of_the_role_and_name_of_the_school(session, round_, now):
    change = apply(session, round_, LIST, now=now)
    assert (change.new, change.changed, change.gone, change.before) == (4, 0, 0, 0)
    assert people(session) == LISTED
    assert entries(session) == [f"round {round_.round_id}: 4 new, 0 gone, 0 changed"]


def test_headcounts_follow_the_staff_list(session, round_, now):
    """Rows stay, with 0, once the round is open: somebody may have chosen the school."""
    apply(session, round_, LIST, now=now)
    found = headcounts(session)
    assert {place: n for place, n in found.items() if n} == {
        (SCHOOLS[0], "T"): 2,
        (SCHOOLS[1], "L"): 1,
        ("", "H"): 1,
    }
    assert (SCHOOLS[1], "T") in found


def test_before_the_opening_rows_without_people_go(session, now):
    round_ = make_round(session, now=now, mode="confidential", opens_at=now + timedelta(days=1))
    apply(session, round_, LIST, now=now)
    assert headcounts(session) == {(SCHOOLS[0], "T"): 2, (SCHOOLS[1], "L"): 1, ("", "H"): 1}


def test_joiners_come_leavers_go_and_movers_keep_their_link(session, round_, now):
    apply(session, round_, LIST, now=now)
    before = dict(session.execute(sa.select(Invitation.email, Invitation.invitation_id)).all())
    newer = (
        "email,role,school\nADA@ashdown.example,L,Bellfield High\n"
        "cleo@bellfield.example,L,Bellfield High\neve@ashdown.example,T,Ashdown Primary\n"
    )
    change = apply(session, round_, newer, now=now, is_whole=True)
    assert (change.new, change.gone, change.changed, change.same) == (1, 2, 1, 1)
    assert people(session) == [
        ("ada@ashdown.example", "L", "Bellfield High"),
        ("cleo@bellfield.example", "L", "Bellfield High"),
        ("eve@ashdown.example", "T", "Ashdown Primary"),
    ]
    after = dict(session.execute(sa.select(Invitation.email, Invitation.invitation_id)).all())
    for email in ("ada@ashdown.example", "cleo@bellfield.example"):
        assert after[email] == before[email]
    assert headcounts(session)[SCHOOLS[0], "T"] == 1
    assert headcounts(session)[SCHOOLS[1], "L"] == 2
    assert f"round {round_.round_id}: 1 new, 2 gone, 1 changed" in entries(session)


def test_who_is_not_in_the_file_stays_unless_the_leader_says_that_it_is_whole(session, round_, now):
    apply(session, round_, LIST, now=now)
    change = apply(session, round_, lines("eve@ashdown.example"), now=now)
    assert (change.new, change.gone) == (1, 4)
    assert len(people(session)) == 5
    assert f"round {round_.round_id}: 1 new, 0 gone, 0 changed" in entries(session)


def test_nobody_is_taken_off_while_rows_have_faults(session, round_, now):
    apply(session, round_, LIST, now=now)
    with pytest.raises(ValueError, match="faults"):
        apply(session, round_, LIST.replace("ada@", "ada"), now=now, is_whole=True)
    assert people(session) == LISTED


def test_applying_twice_changes_nothing_and_notes_nothing(session, round_, now):
    apply(session, round_, LIST, now=now)
    change = apply(session, round_, LIST.upper(), now=now)
    assert (change.new, change.changed, change.same) == (0, 0, 4)
    assert len(entries(session)) == 1


def test_a_round_without_roles_takes_addresses_alone(session, now):
    round_ = make_round(session, now=now, instrument=NO_ROLES, mode="confidential")
    assert apply(session, round_, "e-mail\na@x.example\nb@x.example\n", now=now).new == 2
    assert people(session) == [("a@x.example", "", ""), ("b@x.example", "", "")]
    assert headcounts(session) == {("", ""): 2}


def test_a_new_school_is_made_when_the_roster_is_applied_and_not_before(session, round_, now):
    text = lines("a@carr.example", "b@carr.example", school="Carr Lane") + (
        "c@carr.example,T,carr lane\n"
    )
    words = {"carr lane": roster_reading.NEW}
    found = checked(session, round_, text, schools=words)
    assert (found.good, found.new_schools) == (3, ("Carr Lane",))
    assert session.scalar(sa.select(School).where(School.name == "Carr Lane")) is None
    apply(session, round_, text, now=now, schools=words)
    assert {school for _, _, school in people(session)} == {"Carr Lane"}
    (entry,) = entries(session)
    assert entry.endswith("3 new, 0 gone, 0 changed, schools made: 1")
    again = apply(session, round_, text, now=now, schools=words)
    assert (again.same, again.changed, again.schools) == (3, 0, ())


def test_rows_stand_in_no_order_of_the_list(session, round_, now, monkeypatch):
    apply(session, round_, lines(*(f"t{n:02}@ashdown.example" for n in range(12))), now=now)
    kept = [row[0] for row in session.execute(sa.text("SELECT email, role FROM invitation"))]
    assert kept != sorted(kept)


# What stays as it is


def answered(session, round_, email, *, now):
    """Somebody on the list begins with their link, answers and sends."""
    invitation_id = session.scalars(
        sa.select(Invitation.invitation_id).where(Invitation.email == email)
    ).one()
    begun = begin(session, round_, now=now, role="T", invitation_id=invitation_id)
    fill(session, round_, begun.draft, now=now)
    drafts.send(session, round_, begun.draft, now=now)
    return invitation_id


def test_a_leavers_link_ends_and_what_they_sent_stays_an_answer(session, round_, now):
    apply(session, round_, LIST, now=now)
    gone = answered(session, round_, "ada@ashdown.example", now=now)
    before = session.execute(sa.select(Draft.__table__)).all()
    change = apply(session, round_, LIST.replace("ada@", "eve@"), now=now, is_whole=True)
    assert change.gone == 1
    assert session.get(Invitation, gone) is None
    assert session.execute(sa.select(Draft.__table__)).all() == before
    rounds.close(session, round_, by=None, now=now)
    assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == 1


def test_what_an_upload_says_is_the_same_whoever_has_answered(session, round_, now):
    apply(session, round_, LIST, now=now)
    newer = LIST.replace("ada@", "eve@")
    before = rosters.compare(session, round_, checked(session, round_, newer))
    answered(session, round_, "ada@ashdown.example", now=now)
    assert rosters.compare(session, round_, checked(session, round_, newer)) == before
    assert apply(session, round_, newer, now=now, is_whole=True) == before


def test_who_is_put_back_has_the_same_link_and_counts_once(session, round_, now):
    apply(session, round_, LIST, now=now)
    before = answered(session, round_, "ada@ashdown.example", now=now)
    apply(session, round_, LIST.replace("ada@", "eve@"), now=now, is_whole=True)
    apply(session, round_, LIST, now=now)
    assert session.get(Invitation, before).email == "ada@ashdown.example"
    with pytest.raises(drafts.RefusedError):
        drafts.begin(session, round_, respondent_key=KEY, invitation_id=before, now=now)
    token = sealing.invitation_token(KEY, invitation_id=before)
    assert sealing.invitation_in(KEY, token=token) == before


def test_the_same_address_in_two_rounds_has_two_links(session, round_, now):
    other = make_round(session, now=now, mode="confidential")
    for each in (round_, other):
        apply(session, each, LIST, now=now)
    ids = session.scalars(sa.select(Invitation.invitation_id)).all()
    assert len(set(ids)) == 8


def test_joiners_are_invited_by_the_next_mailing_and_nobody_twice(session, round_, now):
    apply(session, round_, LIST, now=now)
    assert mailings.ask(session, round_, "invitation", by=None, now=now).recipients == 4
    apply(session, round_, LIST + "eve@ashdown.example,T,Ashdown Primary\n", now=now)
    assert mailings.ask(session, round_, "invitation", by=None, now=now).recipients == 1


def test_who_is_taken_off_while_their_mail_goes_out_holds_up_nobody(session, round_, now):
    apply(session, round_, LIST, now=now)
    mailing = mailings.ask(session, round_, "invitation", by=None, now=now)
    letters = mailings.take_batch(session, mailing.mailing_id, after="", now=now)
    apply(session, round_, LIST.replace("ada@", "eve@"), now=now, is_whole=True)
    sent = {letter.message_id: mailings.Outcome("sent") for letter in letters}
    mailings.record(session, sent)
    (summary,) = mailings.of(session, round_)
    assert (summary.recipients, dict(summary.states)) == (4, {"sent": 3})


# Head counts


LONG = "Academy;Staff group;Head count\nAshdown Primary;T;14\nBellfield High;L;3\nHead office;H;6\n"
WIDE = (
    "School,Teachers and support staff,L,Central staff\n"
    "Ashdown Primary,14,,\nBellfield High,0,3,\n,,,6\n"
)


@pytest.mark.parametrize("text", [LONG, WIDE], ids=["long", "wide"])
def test_headcounts_come_a_row_a_role_or_a_column_a_role(session, anonymous, now, text):
    change = apply(session, anonymous, text, now=now, is_whole=True)
    assert {place: n for place, n in headcounts(session).items() if n} == {
        (SCHOOLS[0], "T"): 14,
        (SCHOOLS[1], "L"): 3,
        ("", "H"): 6,
    }
    assert (change.changed, change.gone) in {(3, 3), (4, 2)}
    assert session.scalars(sa.select(Invitation)).all() == []
    (entry,) = entries(session)
    assert entry.startswith(f"round {anonymous.round_id}: 0 new, ")


def test_a_file_of_part_of_the_schools_leaves_the_others(session, anonymous, now):
    apply(session, anonymous, "school,role,headcount\nAshdown Primary,T,20\n", now=now)
    found = headcounts(session)
    assert (found[SCHOOLS[0], "T"], found[SCHOOLS[1], "T"]) == (20, 12)


def test_a_total_below_the_schools_can_be_passed_over(session, anonymous, now):
    text = WIDE + "Total,14,3,6\n"
    assert checked(session, anonymous, text).faulty_rows == 1
    found = checked(session, anonymous, text, schools={"total": roster_reading.SKIP})
    assert (found.faulty_rows, found.skipped, found.good) == (0, 1, 3)


# Not now, not twice


def test_a_roster_of_a_closed_round_or_of_the_other_mode_is_not_applied(
    session, round_, anonymous, now
):
    with pytest.raises(rosters.NotNowError):
        apply(session, round_, LIST, now=round_.closes_at)
    found = checked(session, round_, LIST)
    seen = rosters.compare(session, anonymous, found).seen
    with pytest.raises(rosters.NotNowError):
        rosters.apply(session, anonymous, found, seen=seen, is_whole=False, by=None, now=now)
    assert people(session) == []
    with pytest.raises(rosters.NotNowError):
        invitations.add(session, anonymous, LIST.encode(), name="x", by=None, now=now)


def test_a_list_added_by_code_is_whole_or_not_at_all(session, round_, now):
    wrong = (LIST + "eve@,T,Ashdown Primary\n").encode()
    with pytest.raises(invitations.StaffListError) as refused:
        invitations.add(session, round_, wrong, name="x", by=None, now=now)
    assert [fault.problem for fault in refused.value.faults] == ["not an address"]
    assert "@" not in str(refused.value)
    with pytest.raises(invitations.StaffListError):
        invitations.add(session, round_, b"email\na@x.example\n", name="x", by=None, now=now)
    assert people(session) == []
    assert invitations.add(session, round_, LIST.encode(), name="x", by=None, now=now).new == 4


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(session, round_, now):
    apply(session, round_, LIST, now=now)
    mine = checked(session, round_, LIST.replace("ben@", "eve@"))
    shown = rosters.compare(session, round_, mine)
    apply(session, round_, LIST + "fay@ashdown.example,T,Ashdown Primary\n", now=now)
    with pytest.raises(rosters.ChangedMeanwhileError):
        rosters.apply(session, round_, mine, seen=shown.seen, is_whole=True, by=None, now=now)
    assert len(people(session)) == 5


def at_once(database_url, *works):
    """Run each work with a session of its own at the same moment; returns what became of each."""
    engine = open_engine(database_url)
    gate = threading.Barrier(len(works))
    outcomes = [None] * len(works)

    def run(place, work):
        with Session(engine) as session:
            gate.wait()
            try:
                begin_writing(session)
                outcomes[place] = work(session)
                session.commit()
            except Exception as error:
                outcomes[place] = type(error)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    return outcomes


def test_of_two_leaders_who_apply_at_once_one_is_asked_to_look_again(
    session, round_, now, database_url
):
    round_id, files = round_.round_id, (LIST, LIST.replace("ben@", "eve@"))
    both = [checked(session, round_, text) for text in files]
    seen = rosters.compare(session, round_, both[0]).seen
    session.commit()

    def work(found):
        def change(mine):
            held = mine.get_one(Round, round_id)
            return rosters.apply(mine, held, found, seen=seen, is_whole=True, by=None, now=now).new

        return change

    outcomes = at_once(database_url, *map(work, both))
    assert Counter(outcomes) == {4: 1, rosters.ChangedMeanwhileError: 1}
    session.expire_all()
    assert len(people(session)) == 4
    assert sum(n for n in headcounts(session).values()) == 4


def test_a_round_that_closes_during_an_upload_has_no_list_afterwards(
    session, round_, now, database_url
):
    """Whichever comes first: nobody is on the list of a closed round, and no file waits there."""
    round_id = round_.round_id
    found = checked(session, round_, LIST)
    seen = rosters.compare(session, round_, found).seen
    session.commit()

    def change(mine):
        held = mine.get_one(Round, round_id)
        return rosters.apply(mine, held, found, seen=seen, is_whole=False, by=None, now=now).new

    def close(mine):
        return rounds.close(mine, mine.get_one(Round, round_id), by=None, now=now)

    outcomes = at_once(database_url, change, close)
    assert outcomes[0] in (4, rosters.NotNowError)
    assert outcomes[1] is None
    session.expire_all()
    assert people(session) == []
    kept = sum(headcounts(session).values())
    assert kept == (4 if outcomes[0] == 4 else 12 * 6)


def test_two_rounds_that_make_the_same_school_at_once_make_one(session, now, database_url):
    first = make_round(session, now=now, mode="confidential")
    second = rounds.create(
        session,
        first.organisation,
        name="June",
        instrument=rounds.instrument_of(first),
        locale="en-GB",
        placeholders={"before": "the review"},
        opens_at=now,
        closes_at=now + timedelta(days=3),
        roster=Roster(()),
        mode="confidential",
    )
    session.commit()
    text = lines("a@carr.example", school="Carr Lane")
    found = checked(session, first, text, schools={"carr lane": roster_reading.NEW})
    ids = first.round_id, second.round_id
    seen = [rosters.compare(session, session.get_one(Round, each), found).seen for each in ids]
    session.rollback()

    def work(place):
        def change(mine):
            held = mine.get_one(Round, ids[place])
            known = {"seen": seen[place], "is_whole": False, "by": None, "now": now}
            return rosters.apply(mine, held, found, **known).new

        return change

    assert at_once(database_url, work(0), work(1)) == [1, 1]
    named = session.scalars(sa.select(School).where(School.name == "Carr Lane")).all()
    assert len(named) == 1


# A file between upload and applying


def leader(session, round_):
    from tests.survey import rooms

    return rooms.account(session, round_.organisation, email=f"{secrets.token_hex(4)}@x.example")


def keep(session, round_, *, by, now):
    book = roster_files.read(LIST.encode(), name="staff.csv")
    return roster_uploads.keep(session, round_, book, by=by, now=now, respondent_key=KEY)


def test_a_file_waits_sealed_for_its_sender_alone(session, round_, now):
    by, other = leader(session, round_), leader(session, round_)
    upload = keep(session, round_, by=by, now=now)
    for start in range(40):  # it is packed, and not only packed
        with pytest.raises(zlib.error):
            zlib.decompress(upload.sealed[start:])
    book = roster_uploads.open_(upload, respondent_key=KEY)
    assert book == roster_files.read(LIST.encode(), name="staff.csv")
    assert roster_uploads.open_(upload, respondent_key="another key") is None
    upload_id = upload.upload_id
    assert roster_uploads.find(session, round_, upload_id, by=by, now=now) is upload
    assert roster_uploads.find(session, round_, upload_id, by=other, now=now) is None
    foreign = make_round(session, now=now, mode="confidential")
    assert roster_uploads.find(session, foreign, upload_id, by=by, now=now) is None


def test_a_file_that_nobody_comes_back_to_is_gone_within_the_hour(session, round_, now, app):
    from survey import sweep
    from survey.database import db

    by = leader(session, round_)
    upload_id = keep(session, round_, by=by, now=now).upload_id
    session.commit()
    late = now + roster_uploads.KEPT
    assert roster_uploads.find(session, round_, upload_id, by=by, now=late) is None
    assert roster_uploads.waiting(session, round_, by=by, now=late) is None
    session.rollback()
    sweep.forget_uploads(db.engine, now=late - timedelta(seconds=1))
    assert session.scalars(sa.select(RosterUpload)).all() != []
    session.rollback()
    sweep.forget_uploads(db.engine, now=late)
    assert session.scalars(sa.select(RosterUpload)).all() == []


def test_another_file_takes_the_place_of_the_first_and_closing_deletes_it(session, round_, now):
    by, other = leader(session, round_), leader(session, round_)
    keep(session, round_, by=by, now=now)
    keep(session, round_, by=other, now=now)
    second = keep(session, round_, by=by, now=now)
    assert session.scalar(sa.select(sa.func.count()).select_from(RosterUpload)) == 2
    assert roster_uploads.waiting(session, round_, by=by, now=now) is second
    rounds.close(session, round_, by=None, now=now)
    assert session.scalars(sa.select(RosterUpload)).all() == []


def test_a_change_of_mode_deletes_the_files_that_wait(session, round_, now):
    keep(session, round_, by=leader(session, round_), now=now)
    rounds.set_mode(session, round_, "anonymous", by=None, now=now)
    assert session.scalars(sa.select(RosterUpload)).all() == []


# Size


def test_ten_thousand_rows_are_read_checked_and_applied_in_a_few_seconds(session, now):
    organisation = Organisation(name="Large", short_name="Large")
    session.add(organisation)
    round_ = make_round(session, now=now, mode="confidential")
    for place in range(100):
        session.add(School(organisation_id=round_.organisation_id, name=f"School {place}"))
    session.flush()
    rows = [(f"Name {n}", f"t{n}@trust.example", "T", f"School {n % 100}") for n in range(10_000)]
    content = workbook(("Name", "E-mail", "Role", "Site"), *rows)
    started = time.process_time()
    found = checked(session, round_, content)
    read_s = time.process_time() - started
    seen = rosters.compare(session, round_, found).seen
    change = rosters.apply(session, round_, found, seen=seen, is_whole=True, by=None, now=now)
    assert change.new == 10_000
    assert read_s < 6
    assert time.process_time() - started < 12
    assert invitations.count(session, round_) == 10_000
    assert session.scalar(sa.select(sa.func.sum(RosterRow.headcount))) == 10_000
