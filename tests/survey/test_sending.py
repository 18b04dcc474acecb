"""Mail is sent by workers, each message at most once, whatever is killed and whenever."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import jobs, sending, sweep
from survey.models import Invitation, Mailing, Message, Round
from survey.services import mailings
from survey.services.sealing import invitation_in
from tests.survey import mail_kit, rooms
from tests.survey.crashing_worker import MAIL_POINTS
from tests.survey.mail_kit import LINK, Server, serving

SCRIPT = Path(__file__).with_name("crashing_worker.py")
ROOT = Path(__file__).parents[2]
PATIENCE_S = 120
PEOPLE = 60
#: killed at the one point, started again, killed at the other
CRASHES = [
    ("before the connection opens", "before the outcomes are written"),
    ("in the middle of a batch", "after the outcomes are written"),
]


@pytest.fixture
def engine(app):
    from survey.database import db

    with app.app_context():
        yield db.engine


@pytest.fixture
def mailing_id(engine):
    """An invitation mailing that was asked for, to ``PEOPLE`` people."""
    with Session(engine) as session:
        round_ = mail_kit.invited_round(session, now=rooms.NOW, people=PEOPLE)
        mailing = mailings.ask(session, round_, "invitation", by=None, now=rooms.NOW)
        session.commit()
        return mailing.mailing_id


@contextmanager
def running(settings, *arguments, **more):
    """A worker process; stopped at the end if it still runs."""
    settings.data_dir.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "MIDTIER_DATA_DIR": str(settings.data_dir),
        "MIDTIER_DATABASE_URL": settings.database_url,
        "MIDTIER_SECRET_KEY": settings.secret_key,
        "MIDTIER_RESPONDENT_KEY": settings.respondent_key,
        "PYTHONPATH": str(ROOT),
        **more,
    }
    with (settings.data_dir / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, SCRIPT, *arguments], env=environment, stderr=log
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE_S)


def server_settings(server):
    return {
        "MIDTIER_SMTP_URL": f"smtp://127.0.0.1:{server.port}",
        "MIDTIER_MAIL_FROM": "Survey <survey@example.org>",
    }


def states(engine):
    with Session(engine) as session:
        return dict(
            session.execute(sa.select(Message.state, sa.func.count()).group_by(Message.state)).all()
        )


def await_end(engine, process, *, of=("queued", "sending")):
    """Wait until no message is in one of the states ``of``."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if not set(states(engine)) & set(of):
            return
        assert process.poll() is None, "the worker ended"
        time.sleep(0.1)
    raise AssertionError(f"still {states(engine)} after {PATIENCE_S} s")


def addresses(engine, state):
    with Session(engine) as session:
        return set(
            session.scalars(
                sa.select(Invitation.email)
                .join(Message, Message.invitation_id == Invitation.invitation_id)
                .where(Message.state == state)
            )
        )


def test_every_point_at_which_a_worker_can_be_killed_is_tried():
    assert {point for pair in CRASHES for point in pair} == set(MAIL_POINTS)


@pytest.mark.long_on_postgresql
@pytest.mark.parametrize("points", CRASHES, ids=" and ".join)
def test_a_worker_killed_at_any_point_sends_no_message_twice(engine, settings, mailing_id, points):
    with serving(Server()) as server:
        for point in points:
            with running(settings, point, **server_settings(server)) as process:
                assert process.wait(PATIENCE_S) == -signal.SIGKILL
        with running(settings, "never", **server_settings(server)) as process:
            await_end(engine, process)
            taken = Counter(address for address, _ in server.taken)
            sent, uncertain = addresses(engine, "sent"), addresses(engine, "uncertain")
            assert set(taken.values()) == {1}
            assert sent <= set(taken) <= sent | uncertain
            assert len(sent) + len(uncertain) == PEOPLE
            assert 0 < len(uncertain) <= 2 * mailings.BATCH

            # nothing of it is sent again by itself; the leader decides
            send_again(engine, settings, mailing_id)
            await_end(engine, process, of=("queued", "sending", "uncertain"))
    again = Counter(address for address, _ in server.taken)
    assert set(again) == sent | uncertain
    assert {address for address, n in again.items() if n == 2} <= uncertain
    check_worker_log(settings)


def send_again(engine, settings, mailing_id):
    with Session(engine) as session:
        mailing = session.get_one(Mailing, mailing_id)
        assert mailings.send_again(session, mailing, by=None, now=rooms.NOW) > 0
        session.commit()
        assert jobs.hand_over(settings, [mailing])


def check_worker_log(settings):
    log = (settings.data_dir / "worker.log").read_text()
    assert "@" not in log
    assert "/i/" not in log


def test_mail_goes_into_the_folder_and_each_link_is_its_recipients(engine, settings, mailing_id):
    with running(settings, "never") as process:
        await_end(engine, process)
    files = list(settings.mail_dir.glob("*/*.eml"))
    assert len(files) == PEOPLE
    assert {path.stat().st_mtime for path in files} == {rooms.NOW.timestamp()}
    with Session(engine) as session:
        for path in files:
            message = mail_kit.parse(path.read_bytes())
            token = LINK.search(message.get_content())[1]
            invitation_id = invitation_in(settings.respondent_key, token=token)
            assert session.get_one(Invitation, invitation_id).email == message["To"]


def test_a_dead_server_is_tried_again_until_it_lives(engine, settings, mailing_id):
    server = Server()
    with serving(server):
        pass  # a port that was free a moment ago
    with running(settings, "never", "--impatient", **server_settings(server)) as process:
        until = time.monotonic() + PATIENCE_S
        while "mail waits" not in (settings.data_dir / "worker.log").read_text():
            assert time.monotonic() < until
            time.sleep(0.1)
        await_end(engine, process, of=("sending",))
        assert states(engine) == {"queued": PEOPLE}
        with serving(server, port=server.port):
            await_end(engine, process)
    assert states(engine) == {"sent": PEOPLE}
    assert Counter(address for address, _ in server.taken).most_common(1)[0][1] == 1
    check_worker_log(settings)


def test_a_worker_that_is_asked_to_stop_leaves_nothing_uncertain(engine, settings, mailing_id):
    class Slow(Server):
        async def handle_DATA(self, server, session, envelope):
            import asyncio

            await asyncio.sleep(0.2)
            return await super().handle_DATA(server, session, envelope)

    with (
        serving(Slow()) as server,
        running(settings, "never", **server_settings(server)) as process,
    ):
        until = time.monotonic() + PATIENCE_S
        while not server.taken and time.monotonic() < until:
            time.sleep(0.05)
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
        left = states(engine)
        assert set(left) == {"queued", "sent"}
        assert left["sent"] == len(server.taken)


# Without processes


def send(settings, engine, mailing_id):
    return sending.send(settings, engine, mailing_id, stop=threading.Event())


def with_server(settings, server):
    url = f"smtp://127.0.0.1:{server.port}"
    return settings.model_copy(update={"smtp_url": url, "mail_from": "survey@example.org"})


def test_refused_people_fail_with_one_line_and_the_others_get_their_mail(
    engine, settings, mailing_id
):
    refusals = {
        "t1@ashdown.example": "550 5.1.1 no such user t1@ashdown.example",
        "t2@ashdown.example": "552 5.2.2 box of t2@ashdown.example full",
        "t3@ashdown.example": "450 4.2.0 ask me later, t3@ashdown.example",
    }
    with serving(Server(refusals=refusals)) as server:
        assert send(with_server(settings, server), engine, mailing_id) == "later"
        assert states(engine) == {"failed": 2, "queued": 1, "sent": PEOPLE - 3}
        assert server.connections == 3
        server.refusals.clear()
        assert send(with_server(settings, server), engine, mailing_id) == "done"
    with Session(engine) as session:
        lines = session.scalars(sa.select(Message.failure).where(Message.failure != "")).all()
    assert sorted(lines) == ["550 5.1.1", "552 5.2.2"]
    assert states(engine) == {"failed": 2, "sent": PEOPLE - 2}


def test_sending_again_what_was_sent_sends_nothing(engine, settings, mailing_id):
    with serving(Server()) as server:
        assert send(with_server(settings, server), engine, mailing_id) == "done"
        assert send(with_server(settings, server), engine, mailing_id) == "done"
        assert len(server.taken) == PEOPLE


def test_a_round_that_closed_sends_nothing_more(engine, settings, mailing_id):
    with Session(engine) as session:
        round_ = session.scalars(sa.select(Round)).one()
        round_.closes_at = round_.opens_at + timedelta(seconds=1)
        session.commit()
    with serving(Server()) as server:
        assert send(with_server(settings, server), engine, mailing_id) == "done"
        assert server.connections == 0
    assert states(engine) == {"queued": PEOPLE}


@pytest.fixture
def client(settings, engine):
    """The job engine's own tables, empty."""
    from dbos import DBOS

    DBOS.migrate(jobs.jobs_url(settings))
    with jobs.engine_client(settings) as client:
        yield client


def test_the_sweep_hands_over_a_mailing_that_the_engine_does_not_know_once(
    client, engine, mailing_id
):
    sweep.hand_over_mailings(client, engine, now=rooms.NOW)
    sweep.hand_over_mailings(client, engine, now=rooms.NOW)
    found = client.list_workflows()
    assert [each.workflow_id for each in found] == [f"{mailing_id}:1"]
    assert list(found[0].input["args"]) == [mailing_id, 1, 0]
    assert (found[0].queue_name, found[0].app_version) == ("mail", jobs.CONTRACT)


def test_a_mailing_whose_workflow_ended_or_is_of_another_contract_gets_a_new_attempt(
    client, engine, mailing_id
):
    sweep.hand_over_mailings(client, engine, now=rooms.NOW)
    client.cancel_workflow(f"{mailing_id}:1")
    client.enqueue(
        {
            "workflow_name": jobs.SEND_MAILING,
            "queue_name": jobs.QUEUES[jobs.SEND_MAILING],
            "workflow_id": f"{mailing_id}:2",
            "app_version": "0",
        },
        mailing_id,
        2,
    )
    sweep.hand_over_mailings(client, engine, now=rooms.NOW)
    known = {found.workflow_id: found.status for found in client.list_workflows()}
    assert known[f"{mailing_id}:3"] == "ENQUEUED"


def test_waits_grow_up_to_half_an_hour_and_a_waiting_mailing_is_left_alone(
    client, engine, mailing_id
):
    waits = []
    for attempt, failures in enumerate((0, 1, 2, 20)):
        jobs.enqueue_later(client, mailing_id, attempt, failures=failures)
        found = client.list_workflows(workflow_ids=[f"{mailing_id}:{attempt + 1}"])[0]
        waits.append(round(((found.delay_until_epoch_ms or 0) - found.created_at) / 1000))
    assert waits[0] < 0  # none
    assert waits[1:] == pytest.approx([15, 30, 1800], abs=5)
    client.cancel_workflow(f"{mailing_id}:1")
    sweep.hand_over_mailings(client, engine, now=rooms.NOW)
    assert len(client.list_workflows()) == 4


def test_a_mailing_that_is_done_is_not_handed_over(client, settings, engine, mailing_id):
    assert send(settings, engine, mailing_id) == "done"
    sweep.hand_over_mailings(client, engine, now=rooms.NOW)
    assert client.list_workflows() == []
