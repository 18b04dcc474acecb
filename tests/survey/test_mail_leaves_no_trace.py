"""No table, log or file but the mail itself holds an address or the token of a personal link."""

import logging
import threading
import time

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import jobs, sending, worker
from survey.models import Invitation, Mailing, Message
from survey.services import mailings, rounds
from survey.services.sealing import invitation_token
from survey.sweep import clear_mail
from tests.survey import mail_kit, rooms
from tests.survey.mail_kit import Server, serving

PEOPLE = 30


@pytest.fixture
def engine(app):
    from survey.database import db

    with app.app_context():
        yield db.engine


@pytest.fixture
def round_(engine):
    with Session(engine, expire_on_commit=False) as session:
        round_ = mail_kit.invited_round(session, now=rooms.NOW, people=PEOPLE)
        mailings.ask(session, round_, "invitation", by=None, now=rooms.NOW)
        session.commit()
        return round_


def secrets_of(engine, settings):
    """Addresses and tokens of everybody, and the sealed half of each token."""
    with Session(engine) as session:
        people = session.execute(sa.select(Invitation.email, Invitation.invitation_id)).all()
    tokens = [invitation_token(settings.respondent_key, invitation_id=row[1]) for row in people]
    found = {row.email for row in people}, {*tokens, *(token[16:] for token in tokens)}
    assert len(found[0]) == PEOPLE
    return found


def cells(engine):
    """(table.column, text) of every cell of every table, whatever schema it is in."""
    inspector = sa.inspect(engine)
    schemas = [None] if engine.dialect.name == "sqlite" else inspector.get_schema_names()
    with engine.connect() as connection:
        for schema in schemas:
            if schema == "information_schema":
                continue
            for name in inspector.get_table_names(schema=schema):
                table = sa.Table(name, sa.MetaData(), autoload_with=connection, schema=schema)
                columns = [sa.cast(column, sa.Text) for column in table.columns]
                for row in connection.execute(sa.select(*columns)):
                    for column, value in zip(table.columns, row, strict=True):
                        yield f"{name}.{column.name}", value or ""


def engines(engine, settings):
    """The database, and the job engine's own where it has one."""
    url = jobs.jobs_url(settings)
    if url == settings.database:
        return [engine]
    return [engine, sa.create_engine(url)]


def send_all(settings, engine):
    """What a worker does, job engine included, until no message waits."""
    stop = threading.Event()
    running = threading.Thread(target=worker.run, args=(settings,), kwargs={"stop": stop})
    running.start()
    try:
        until = time.monotonic() + 60
        with Session(engine) as session:
            waiting = sa.select(Message.state).where(Message.state.in_(("queued", "sending")))
            while session.scalars(waiting).first() is not None:
                assert time.monotonic() < until
                session.rollback()
                time.sleep(0.1)
    finally:
        stop.set()
        running.join(60)


def test_addresses_are_on_the_staff_list_or_came_back_and_tokens_nowhere(
    engine, settings, round_, caplog
):
    caplog.set_level(logging.DEBUG)
    refusals = {"t3@ashdown.example": "550 5.1.1 no such user t3@ashdown.example"}
    with serving(Server(refusals=refusals)) as server:
        url = f"smtp://127.0.0.1:{server.port}"
        change = {"smtp_url": url, "mail_from": "survey@example.org"}
        settings = settings.model_copy(update=change)
        send_all(settings, engine)
    assert len(server.taken) == PEOPLE - 1
    addresses, tokens = secrets_of(engine, settings)
    places = set()
    for each in engines(engine, settings):
        for place, text in cells(each):
            assert not any(token in text for token in tokens), place
            if any(address in text for address in addresses):
                places.add(place)
        if each is not engine:
            each.dispose()
    assert places == {"invitation.email", "bounce.email"}
    ours = "\n".join(
        record.getMessage()
        for record in caplog.records
        if record.name.partition(".")[0] not in ("mail", "asyncio")  # the tests' own mail server
    )
    assert not any(secret in ours for secret in addresses | tokens)


def test_of_the_tokens_only_the_mail_knows(engine, settings, round_):
    with Session(engine) as session:
        mailing_id = session.scalars(sa.select(Mailing.mailing_id)).one()
    assert sending.send(settings, engine, mailing_id, stop=threading.Event()) == "done"
    _, tokens = secrets_of(engine, settings)
    for path in settings.data_dir.rglob("*"):
        if path.is_file() and path.suffix != ".eml":
            content = path.read_bytes()
            assert not any(token.encode() in content for token in tokens), path.name
    for path in settings.mail_dir.glob("*/*.eml"):
        assert sum(token in path.read_text() for token in tokens) == 2  # one, and its sealed half


def test_when_the_round_closes_no_address_is_left(engine, settings, round_):
    """Not in the database, and not in the mail folder once a worker has swept."""
    addresses, _ = secrets_of(engine, settings)
    (settings.mail_dir / round_.round_id).mkdir(parents=True)
    (settings.mail_dir / round_.round_id / "one.eml").write_text(next(iter(addresses)))
    assert clear_mail(settings, engine) == [settings.mail_dir / round_.round_id]
    with Session(engine) as session:
        held = session.get_one(type(round_), round_.round_id)
        rounds.close(session, held, by=None, now=rooms.NOW)
        session.commit()
    rounds.scrub(engine, [round_.round_id], now=rooms.NOW)
    for place, text in cells(engine):
        assert not any(address in text for address in addresses), place
    if engine.dialect.name == "sqlite":
        path = settings.database.removeprefix("sqlite:///")
        with open(path, "rb") as file:
            assert b"@ashdown.example" not in file.read()
    assert clear_mail(settings, engine) == []
    assert list(settings.mail_dir.iterdir()) == []
