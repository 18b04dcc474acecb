from datetime import timedelta

import pytest
import sqlalchemy as sa

from instruments.roster import Roster, RosterRow
from survey.models import AuditEntry, EntryCode, Invitation, Mailing, Message, School
from survey.services import rounds
from tests.survey.respond_kit import NO_ROLES, SCHOOLS, begin, make_round


def test_a_round_pins_its_instrument_and_fills_its_words(session, now):
    round_ = make_round(session, now=now)
    instrument = rounds.instrument_of(round_)
    assert round_.instrument_checksum == instrument.checksum
    assert rounds.words_of(round_).fill("{mto}") == "Harbour Reach"
    assert rounds.words_of(round_).fill("{before}") == "the review"


def test_a_round_whose_instrument_changed_is_refused(session, now):
    round_ = make_round(session, now=now)
    round_.instrument_checksum = "0" * 64
    with pytest.raises(rounds.RoundError, match="not what it was"):
        rounds.instrument_of(round_)


def test_a_round_is_waiting_then_open_then_closed(session, now):
    round_ = make_round(session, now=now)
    a_second = timedelta(seconds=1)
    assert rounds.state(round_, round_.opens_at - a_second) == "waiting"
    assert rounds.state(round_, round_.opens_at) == "open"
    assert rounds.state(round_, round_.closes_at - a_second) == "open"
    assert rounds.state(round_, round_.closes_at) == "closed"
    round_.closed_at = now
    assert rounds.state(round_, now) == "closed"


def test_the_roster_makes_schools_once_and_keeps_those_there_are(session, now):
    round_ = make_round(session, now=now)
    first = rounds.schools_of(session, round_)
    assert [school.name for school in first] == sorted(SCHOOLS)
    again = make_round(session, now=now)
    again.organisation_id = round_.organisation_id
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(School)
        .where(School.organisation_id == round_.organisation_id)
    )
    assert count == len(SCHOOLS)
    assert sum(row.headcount for row in round_.roster) == 12 * len(round_.roster)


def test_a_second_round_of_an_organisation_uses_its_schools(session, now):
    round_ = make_round(session, now=now)
    instrument = rounds.instrument_of(round_)
    second = rounds.create(
        session,
        round_.organisation,
        name="June",
        instrument=instrument,
        locale="en-GB",
        placeholders={},
        opens_at=now,
        closes_at=now + timedelta(days=1),
        roster=Roster((RosterRow(SCHOOLS[1], instrument.roles[0], 4),)),
    )
    assert rounds.schools_of(session, second) == [rounds.schools_of(session, round_)[1]]
    assert second.link != round_.link
    assert rounds.by_link(session, second.link) is second
    assert rounds.by_link(session, "nothing") is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"locale": "xx-XX"}, "locale"),
        ({"form": "endless"}, "form"),
        ({"modules": ["nonsense"]}, "module"),
        ({"mode": "secret"}, "mode"),
        ({"modules": ["remembered"], "placeholders": {}}, "placeholders: fill in before"),
        ({"roster": Roster((RosterRow("Ashdown Primary", "X", 1),))}, "roster: role 'X'"),
        ({"roster": Roster((RosterRow("", "T", 1),))}, "belongs to a school"),
        ({"roster": Roster((RosterRow("Ashdown Primary", "H", 1),))}, "belongs to no school"),
    ],
)
def test_a_round_that_cannot_be_asked_is_refused_in_one_line(session, now, changes, message):
    with pytest.raises(rounds.RoundError, match=message) as caught:
        make_round(session, now=now, **changes)
    assert "\n" not in str(caught.value)


def test_a_round_closes_after_it_opens(session, now):
    with pytest.raises(rounds.RoundError, match="closes_at"):
        make_round(session, now=now, opens_at=now, closes_at=now)
    with pytest.raises(rounds.RoundError, match="time zone"):
        make_round(session, now=now, opens_at=now.replace(tzinfo=None))


def test_an_instrument_without_roles_needs_no_roster(session, now):
    round_ = make_round(session, now=now, instrument=NO_ROLES)
    assert rounds.schools_of(session, round_) == []


def test_the_mode_changes_until_somebody_begins(session, now):
    round_ = make_round(session, now=now)
    rounds.set_mode(session, round_, "confidential", by=None, now=now)
    assert round_.mode == "confidential"
    rounds.set_mode(session, round_, "anonymous", by=None, now=now)
    begin(session, round_, now=now)
    with pytest.raises(rounds.RoundError, match="somebody has begun to answer"):
        rounds.set_mode(session, round_, "confidential", by=None, now=now)
    assert round_.mode == "anonymous"
    changes = sa.select(AuditEntry.object).where(AuditEntry.action == "change_mode")
    noted = [each.rpartition(" ")[2] for each in session.scalars(changes)]
    assert sorted(noted) == ["anonymous", "confidential"]


def test_a_mode_that_does_not_exist_is_refused(session, now):
    with pytest.raises(rounds.RoundError, match="choose one of them"):
        rounds.set_mode(session, make_round(session, now=now), "secret", by=None, now=now)


def test_changing_the_mode_destroys_the_ways_in_of_the_other(session, now):
    round_ = make_round(session, now=now)
    session.add(EntryCode(code="abc", round_id=round_.round_id))
    rounds.set_mode(session, round_, "confidential", by=None, now=now)
    assert session.scalars(sa.select(EntryCode)).all() == []


def test_the_close_destroys_invitations_and_keeps_counts_of_mailings(session, now):
    round_ = make_round(session, now=now, mode="confidential")
    mailing = Mailing(round_id=round_.round_id, kind="invitation", asked_at=now, recipients=2)
    invited = [Invitation(round_id=round_.round_id, email=f"{n}@example.org") for n in "ab"]
    session.add_all([mailing, *invited])
    session.flush()
    for invitation, state in zip(invited, ("sent", "failed"), strict=True):
        session.add(
            Message(
                mailing_id=mailing.mailing_id, invitation_id=invitation.invitation_id, state=state
            )
        )
    rounds.close(session, round_, by=None, now=now)
    assert session.scalars(sa.select(Invitation)).all() == []
    assert session.scalars(sa.select(Message)).all() == []
    assert mailing.outcome == {"sent": 1, "failed": 1}
