"""Reminders that are sent by themselves: planned by days, asked for once, to everybody."""

import signal
import threading
from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import sweep
from survey.database import begin_writing, open_engine
from survey.models import AuditEntry, Invitation, Mailing, Message, PlannedReminder, Round
from survey.services import mailings, reminders, rounds
from survey.services.mailings import MailingError
from survey.services.reminders import LATEST, PlanError
from tests.survey import mail_kit, rooms
from tests.survey.crashing_worker import REMINDER_POINTS
from tests.survey.respond_kit import make_round
from tests.survey.test_sending import PATIENCE_S, await_end, engine, running  # noqa: F401 (fixture)

UTC = ZoneInfo("UTC")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def leader(session):
    return rooms.account(session, rooms.organisation(session, "Far Away Schools Trust"))


@pytest.fixture
def round_(session, now):
    """Open since three days and for three more; everybody was invited two days ago."""
    made = mail_kit.invited_round(session, now=now, people=4)
    mailings.ask(session, made, "invitation", by=None, now=now - 2 * DAY)
    session.execute(sa.update(Message).values(state="sent"))
    session.commit()
    return made


def plan(session, round_, leader, *moments, now):
    reminders.plan(session, round_, moments, by=leader, now=now)
    session.commit()


def send_due(session, *, now):
    sent = [reminders.send_due(session, each, now=now) for each in reminders.due(session, now=now)]
    session.commit()
    return sent


def states(session, round_):
    return [(each.state, each.skipped) for each in reminders.of(session, round_)]


def problems(session, round_, leader, *moments, now):
    with pytest.raises(PlanError) as refused:
        reminders.plan(session, round_, moments, by=leader, now=now)
    return [(fault.place, fault.problem) for fault in refused.value.faults]


def test_the_suggested_days_are_four_and_nine_after_the_opening_and_two_before_the_close(
    session, now
):
    round_ = make_round(
        session, now=now, mode="confidential", opens_at=now, closes_at=now + timedelta(days=20)
    )
    opens = now.astimezone(UTC).date()
    days = reminders.suggested(round_, zone=UTC, now=now)
    assert days == [opens + n * DAY for n in (4, 9, 18)]
    later = reminders.suggested(round_, zone=UTC, now=now + timedelta(days=10))
    assert later == [opens + 18 * DAY]


def test_an_hour_is_one_of_the_clock_on_the_wall():
    london = ZoneInfo("Europe/London")
    assert reminders.at(date(2026, 5, 11), 7, zone=london).hour == 6
    assert reminders.at(date(2026, 11, 11), 7, zone=london).hour == 7


def test_days_outside_the_round_past_or_twice_are_refused_by_their_place(
    session, round_, leader, now
):
    found = problems(
        session, round_, leader, now + DAY, now + DAY, now - HOUR, now - 9 * DAY, now + 9 * DAY,
        now=now,
    )  # fmt: skip
    assert found == [(1, "twice"), (2, "past"), (3, "not open"), (4, "closed")]
    assert reminders.of(session, round_) == []


def test_a_new_plan_takes_the_place_of_what_is_to_come_and_leaves_what_was_sent(
    session, round_, leader, now
):
    plan(session, round_, leader, now + HOUR, now + 2 * DAY, now=now)
    send_due(session, now=now + HOUR)
    plan(session, round_, leader, now + 2 * DAY + HOUR, now=now + 2 * HOUR)
    assert [each.due_at for each in reminders.of(session, round_)] == [
        now + HOUR,
        now + 2 * DAY + HOUR,
    ]
    assert states(session, round_) == [("sent", ""), ("to come", "")]
    actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert actions.count("plan_reminders") == 2


def test_a_closed_or_anonymous_round_takes_no_plan(session, round_, leader, now):
    anonymous = make_round(session, now=now)
    for found, at in ((anonymous, now), (round_, round_.closes_at)):
        with pytest.raises(MailingError):
            reminders.plan(session, found, [at + HOUR], by=leader, now=at)


def test_when_its_time_comes_a_reminder_goes_to_everybody_once(session, round_, leader, now):
    plan(session, round_, leader, now + HOUR, now=now)
    mail_kit.answer_all_but_one(session, round_, now=now)
    assert send_due(session, now=now) == []
    (mailing,) = send_due(session, now=now + HOUR)
    assert (mailing.kind, mailing.recipients) == ("reminder", 4)
    assert send_due(session, now=now + HOUR) == []
    (reminder_id,) = session.scalars(sa.select(PlannedReminder.reminder_id))
    assert reminders.send_due(session, reminder_id, now=now + HOUR) is None
    assert session.scalar(sa.select(sa.func.count()).select_from(Mailing)) == 2


def test_one_that_was_missed_is_sent_up_to_eight_hours_late_and_then_not_at_all(
    session, round_, leader, now
):
    plan(session, round_, leader, now + HOUR, now + DAY + HOUR, now=now)
    (late,) = send_due(session, now=now + HOUR + LATEST)
    assert late is not None
    assert send_due(session, now=now + DAY + HOUR + LATEST + HOUR) == [None]
    assert states(session, round_) == [("sent", ""), ("skipped", "missed")]


def test_none_is_sent_within_a_day_of_another(session, round_, leader, now):
    plan(session, round_, leader, now + HOUR, now=now)
    mailings.ask(session, round_, "reminder", by=None, now=now)
    assert send_due(session, now=now + HOUR) == [None]
    assert states(session, round_) == [("skipped", "too soon")]


def test_one_waits_until_everybody_was_invited_but_not_for_ever(session, round_, leader, now):
    plan(session, round_, leader, now + HOUR, now=now)
    mail_kit.add_people(session, round_, ["new@ashdown.example"], now=now)
    assert send_due(session, now=now + HOUR) == [None]
    assert states(session, round_) == [("to come", "")]
    assert send_due(session, now=now + HOUR + LATEST + HOUR) == [None]
    assert states(session, round_) == [("skipped", "not invited")]


@pytest.mark.parametrize("how", ["closed", "anonymous"])
def test_what_is_to_come_goes_with_the_round_or_its_mode(session, round_, leader, now, how):
    plan(session, round_, leader, now + HOUR, now=now)
    if how == "closed":
        rounds.close(session, round_, by=None, now=now)
    else:
        rounds.set_mode(session, round_, "anonymous", by=None, now=now)
    assert reminders.of(session, round_) == []
    assert reminders.due(session, now=now + HOUR) == []


# Workers


@pytest.fixture
def due_round(engine):  # noqa: F811
    """A round of which a reminder has just become due; returns its id."""
    now = rooms.NOW
    with Session(engine) as session:
        round_ = mail_kit.invited_round(session, now=now, people=5)
        mailings.ask(session, round_, "invitation", by=None, now=now - 2 * DAY)
        session.execute(sa.update(Message).values(state="sent"))
        session.add(PlannedReminder(round_id=round_.round_id, due_at=now - HOUR))
        session.commit()
        return round_.round_id


def reminded(session, round_id):
    return session.scalars(
        sa.select(Mailing).where(Mailing.round_id == round_id, Mailing.kind == "reminder")
    ).all()


@pytest.mark.long_on_postgresql
def test_a_worker_killed_at_any_point_sends_a_planned_reminder_once(engine, settings, due_round):  # noqa: F811
    for point in REMINDER_POINTS:
        with running(settings, point) as process:
            assert process.wait(PATIENCE_S) == -signal.SIGKILL
    with running(settings, "never") as process:
        await_end(engine, process)
        files = list(settings.mail_dir.glob("*/*.eml"))
    with Session(engine) as session:
        assert len(reminded(session, due_round)) == 1
        people = sorted(session.scalars(sa.select(Invitation.email)))
    assert Counter(mail_kit.parse(path.read_bytes())["To"] for path in files) == Counter(people)


def test_two_workers_at_the_same_moment_ask_for_it_once(engine, settings, due_round):  # noqa: F811
    gate = threading.Barrier(2)

    def work():
        own = open_engine(settings.database)
        gate.wait()
        sweep.ask_reminders(own, now=rooms.NOW)  # without the lock that keeps sweeps apart
        own.dispose()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        assert len(reminded(session, due_round)) == 1


# The page


@pytest.fixture
def at(app, client):
    """Sign in as the leader of a round with people; the address of its page for reminders."""
    with rooms.store(app) as session:
        round_ = mail_kit.invited_round(
            session,
            now=rooms.NOW,
            people=3,
            opens_at=rooms.NOW,
            closes_at=rooms.NOW + timedelta(days=20),
        )
        rooms.account(session, round_.organisation, email="leader@trust.example")
        round_id = round_.round_id
    rooms.sign_in(client, "leader@trust.example")
    return f"/lead/rounds/{round_id}/invitations/reminders"


def send(client, at, *days, hour=7):
    data = {"csrf_token": rooms.token(client.get(at)), "hour": str(hour)}
    data |= {f"days-{place}": day for place, day in enumerate(days)}
    return client.post(at, data=data, follow_redirects=True)


def in_days(n):
    return (rooms.NOW + n * DAY).date().isoformat()


def test_the_page_suggests_days_and_shows_the_text_and_how_many_it_goes_to(client, at):
    page = client.get(at)
    for n in (4, 9, 18):
        assert f'value="{in_days(n)}"' in page.text
    text = rooms.words(page)
    assert "To 3 people: everybody who is on the staff list when it is sent." in text
    assert "If you have answered already, thank you: there is nothing more to do." in text
    assert "Reminder: a survey of staff at Harbour Reach" in text
    assert "/i/…" in text


def test_days_are_saved_and_stand_on_the_page_of_the_mail(app, client, at):
    page = send(client, at, in_days(4), "", in_days(9))
    assert "2 reminders are planned." in page.text
    assert page.text.count("07:00 UTC: to come") == 2
    assert f'value="{in_days(9)}"' in client.get(at).text
    assert f'value="{in_days(18)}"' not in client.get(at).text
    assert "No reminder is planned." in send(client, at).text


def test_what_is_wrong_is_said_at_its_day_and_nothing_typed_is_lost(app, client, at):
    page = send(client, at, in_days(4), in_days(-2), "tomorrow", in_days(30), hour=6)
    assert page.status_code == 422
    assert "Day 3: This is not a date" in page.text
    page = send(client, at, in_days(4), in_days(-2), in_days(4), in_days(30), hour=6)
    text = rooms.words(page)
    assert "Day 2: The round is not open then" in text
    assert "Day 3: This day stands here twice" in text
    assert "Day 4: The round has closed by then" in text
    for day in (4, -2, 30):
        assert f'value="{in_days(day)}"' in page.text
    assert '<option selected value="6">' in page.text
    with rooms.store(app) as session:
        assert session.scalars(sa.select(PlannedReminder)).all() == []


def test_the_preview_does_not_change_when_somebody_answers(app, client, at):
    before = rooms.words(client.get(at))
    with rooms.store(app) as session:
        mail_kit.answer_all_but_one(session, session.scalars(sa.select(Round)).one(), now=rooms.NOW)
    assert rooms.words(client.get(at)) == before


def test_a_reminder_in_the_sweep_is_on_its_way_without_a_click(app, settings, due_round, engine):  # noqa: F811
    with Session(engine) as session:
        begin_writing(session)
        (reminder_id,) = reminders.due(session, now=rooms.NOW)
        mailing = reminders.send_due(session, reminder_id, now=rooms.NOW)
        session.commit()
        assert [each.mailing_id for each in mailings.unfinished(session, now=rooms.NOW)] == [
            mailing.mailing_id
        ]
