"""Mailings: who is written to, when, and what the rows say meanwhile."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey.models import AuditEntry, Invitation, Mailing, Message
from survey.services import invitations, mailings, rounds
from survey.services.mailings import MailingError, Outcome
from tests.survey import mail_kit
from tests.survey.respond_kit import make_round

DAY = timedelta(days=1)


@pytest.fixture
def round_(session, now):
    return mail_kit.invited_round(session, now=now, people=10)


def states(session, mailing):
    return dict(mailings.of(session, mail_kit.round_of(session, mailing))[0].states)


def invite_and_send(session, round_, now):
    """An invitation mailing, all of it sent."""
    mailing = mailings.ask(session, round_, "invitation", by=None, now=now)
    session.execute(sa.update(Message).values(state="sent"))
    return mailing


def refusal(session, round_, kind, now):
    with pytest.raises(MailingError) as refused:
        mailings.ask(session, round_, kind, by=None, now=now)
    assert mailings.why_not(session, round_, kind, now=now) == refused.value.refusal
    return refused.value.refusal


def test_an_invitation_goes_to_everybody_on_the_list(session, round_, now):
    mailing = mailings.ask(session, round_, "invitation", by=None, now=now)
    assert mailing.recipients == 10
    assert states(session, mailing) == {"queued": 10}
    assert session.scalars(sa.select(Mailing)).one().asked_at == now
    actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert sorted(actions) == ["ask_invitation", "change_staff_list"]


def test_a_second_invitation_goes_only_to_people_who_have_been_mailed_none(session, round_, now):
    invite_and_send(session, round_, now)
    assert refusal(session, round_, "invitation", now) == "nobody new"
    mail_kit.add_people(session, round_, ["new@ashdown.example"], now=now)
    mailing = mailings.ask(session, round_, "invitation", by=None, now=now + DAY)
    invitation = session.scalars(
        sa.select(Invitation.email)
        .join(Message, Message.invitation_id == Invitation.invitation_id)
        .where(Message.mailing_id == mailing.mailing_id)
    ).all()
    assert invitation == ["new@ashdown.example"]


def test_a_reminder_goes_to_everybody_whoever_has_answered(session, round_, now):
    invite_and_send(session, round_, now)
    mail_kit.answer_all_but_one(session, round_, now=now)
    reminder = mailings.ask(session, round_, "reminder", by=None, now=now + DAY)
    assert reminder.recipients == 10


def test_at_most_one_reminder_a_day_is_sent(session, round_, now):
    invite_and_send(session, round_, now)
    mailings.ask(session, round_, "reminder", by=None, now=now)
    assert refusal(session, round_, "reminder", now + timedelta(hours=19)) == "too soon"
    mailings.ask(session, round_, "reminder", by=None, now=now + DAY)


def test_a_reminder_waits_until_the_round_is_open_and_everybody_was_invited(session, now):
    round_ = mail_kit.invited_round(session, now=now, people=3, opens_at=now + timedelta(hours=1))
    invite_and_send(session, round_, now)
    assert refusal(session, round_, "reminder", now) == "not open"
    later = now + timedelta(hours=2)
    mail_kit.add_people(session, round_, ["new@ashdown.example"], now=later)
    assert refusal(session, round_, "reminder", later) == "not invited"


def test_nothing_is_sent_in_an_anonymous_closed_or_empty_round(session, round_, now):
    anonymous = make_round(session, now=now)
    assert refusal(session, anonymous, "invitation", now) == "anonymous"
    empty = make_round(session, now=now, mode="confidential")
    assert refusal(session, empty, "invitation", now) == "nobody"
    assert refusal(session, empty, "reminder", now) == "nobody"
    assert refusal(session, round_, "invitation", round_.closes_at) == "closed"
    assert refusal(session, round_, "reminder", round_.closes_at) == "closed"


def take(session, mailing, now, after=""):
    return mailings.take_batch(session, mailing.mailing_id, after=after, now=now)


def test_batches_are_taken_in_the_order_of_random_ids_until_none_is_left(session, now):
    round_ = mail_kit.invited_round(session, now=now, people=30)
    mailing = mailings.ask(session, round_, "invitation", by=None, now=now)
    first = take(session, mailing, now)
    assert len(first) == mailings.BATCH
    assert states(session, mailing) == {"queued": 5, "sending": 25}
    second = take(session, mailing, now, after=first[-1].message_id)
    ids = [letter.message_id for letter in (*first, *second)]
    assert ids == sorted(ids)
    assert len({letter.email for letter in (*first, *second)}) == 30
    assert take(session, mailing, now) == ()


def test_what_became_of_a_batch_is_written_and_counted(session, round_, now):
    mailing = mailings.ask(session, round_, "invitation", by=None, now=now)
    letters = take(session, mailing, now)
    outcomes = {letter.message_id: Outcome("sent") for letter in letters}
    outcomes[letters[0].message_id] = Outcome("failed", "550 5.1.1")
    outcomes[letters[1].message_id] = Outcome("queued")
    mailings.record(session, outcomes)
    summary = mailings.of(session, round_)[0]
    assert dict(summary.states) == {"failed": 1, "queued": 1, "sent": 8}
    assert dict(summary.failures) == {"550 5.1.1": 1}


def test_what_a_crash_left_is_uncertain_and_not_taken_again(session, round_, now):
    mailing = mailings.ask(session, round_, "invitation", by=None, now=now)
    letters = take(session, mailing, now)
    mailings.doubt_unfinished(session, mailing.mailing_id)
    assert states(session, mailing) == {"uncertain": 10}
    assert take(session, mailing, now) == ()
    assert mailings.unfinished(session, now=now) == []
    # a worker that was thought dead and was not: what it says comes too late
    mailings.record(session, {letter.message_id: Outcome("sent") for letter in letters})
    assert states(session, mailing) == {"uncertain": 10}


def test_the_leader_has_uncertain_messages_sent_again(session, round_, now):
    mailing = mailings.ask(session, round_, "invitation", by=None, now=now)
    take(session, mailing, now)
    mailings.doubt_unfinished(session, mailing.mailing_id)
    assert mailings.send_again(session, mailing, by=None, now=now) == 10
    assert mailings.send_again(session, mailing, by=None, now=now) == 0
    assert len(take(session, mailing, now)) == 10
    with pytest.raises(MailingError):
        mailings.send_again(session, mailing, by=None, now=round_.closes_at)


def test_a_round_that_closes_stops_its_mail_and_keeps_only_counts(session, round_, now):
    mailing = mailings.ask(session, round_, "invitation", by=None, now=now)
    mailing_id = mailing.mailing_id
    assert mailings.unfinished(session, now=now) == [mailing]
    assert mailings.unfinished(session, now=round_.closes_at) == []
    assert take(session, mailing, round_.closes_at) == ()
    letters = take(session, mailing, now)
    mailings.record(session, {letters[0].message_id: Outcome("sent")})
    session.commit()
    rounds.close(session, round_, by=None, now=now)
    session.commit()
    assert session.scalars(sa.select(Message)).all() == []
    assert session.scalars(sa.select(Invitation)).all() == []
    assert take(session, session.get_one(Mailing, mailing_id), now) == ()
    summary = mailings.of(session, round_)[0]
    assert (summary.recipients, dict(summary.states)) == (10, {"sending": 9, "sent": 1})


def test_asking_changes_no_invitation(session, round_, now):
    def rows():
        return sorted(session.execute(sa.text("SELECT * FROM invitation")).all())

    before = rows()
    mailing = invite_and_send(session, round_, now)
    mailings.ask(session, round_, "reminder", by=None, now=now + DAY)
    take(session, mailing, now)
    assert rows() == before
    assert invitations.count(session, round_) == 10
