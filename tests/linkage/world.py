"""Fills a database as people do: a staff list, mail, answers given page by page at the same time.

Everything goes through the site or the services. The truth, which the database must not hold, is
kept aside: which person has which sheet, and when each of them answered.
"""

import json
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from instruments import registry, routing
from instruments.definition import Instrument
from instruments.roster import Roster, RosterRow
from survey import sending, sweep, worker
from survey.database import begin_writing
from survey.models import Account, Draft, Organisation, Response, Round
from survey.services import accounts, invitations, mailings, rounds
from survey.services.coding import options_of, shown_only
from survey.services.sealing import draft_key
from survey.settings import Settings
from tests.linkage.phone import Phone
from tests.survey.mail_kit import LINK, parse

INSTRUMENT = "mto-learning-profile"
#: schools are asked for two roles, the centre for two more
SCHOOL_ROLES, CENTRAL_ROLES = ("T", "L"), ("B", "H")
#: what a person does -> how many of 20 people do it
MANNERS = {"sends": 14, "sends all": 2, "stops": 2, "withdraws": 1, "never": 1}


@dataclass
class Person:
    """Somebody who is asked, and what nobody but they should know."""

    email: str
    role: str
    school: str
    manner: str
    #: resume words, as the cookie holds them; empty: they have no draft
    words: str = ""
    token: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    #: when they began and when they did anything last, counted in steps of the whole world
    began: int | None = None
    acted: int | None = None
    has_sent: bool = False


#: spoils a world on purpose: is told of each thing that happened, and to whom
Break = Callable[["World", str, Person | None], None]


@dataclass
class World:
    """A filled database with one round, and the truth about it."""

    app: Flask
    settings: Settings
    engine: sa.Engine
    mode: str
    people: list[Person]
    round_id: str = ""
    link: str = ""
    schools: dict[str, str] = field(default_factory=dict)
    account_id: int = 0
    break_: Break | None = None
    steps: int = 0
    #: of PostgreSQL: where its write-ahead log stood before anybody came
    wal_from: str = ""

    @property
    def instrument(self) -> Instrument:
        return registry.load(INSTRUMENT)

    @property
    def mail_dir(self) -> Path:
        return self.settings.mail_dir

    def cell(self, person: Person) -> tuple[str | None, str]:
        return self.schools.get(person.school), person.role

    def cells(self) -> dict[str, tuple[str | None, str]]:
        return {person.email: self.cell(person) for person in self.people}

    def happened(self, what: str, person: Person | None = None) -> None:
        self.steps += 1
        if person is not None:
            person.began = self.steps if person.began is None else person.began
            person.acted = self.steps
        if self.break_ is not None:
            self.break_(self, what, person)

    def whose_drafts(self) -> dict[str, str]:
        """Draft -> person, as only the words tell."""
        key = self.settings.respondent_key
        return {
            draft_key(key, round_id=self.round_id, words=person.words): person.email
            for person in self.people
            if person.words
        }

    def whose_responses(self) -> dict[str, str]:
        """Response -> person: no two people answered alike."""
        round_form = {"form": "full", "modules": self.instrument.forms["full"].modules}
        by_answers = {
            _print(
                shown_only(self.instrument, person.given, role=person.role, **round_form)
            ): person.email
            for person in self.people
            if person.has_sent
        }
        with Session(self.engine) as session:
            born = session.scalars(sa.select(Response).where(Response.round_id == self.round_id))
            whose = {row.response_id: by_answers[_print(row.answers)] for row in born}
        assert len(set(whose.values())) == len(whose) == len(by_answers)
        return whose

    def drafts(self) -> dict[str, tuple[str | None, str]]:
        """Draft -> the school and role that it states."""
        with Session(self.engine) as session:
            rows = session.execute(
                sa.select(Draft.key, Draft.school_id, Draft.role).where(
                    Draft.round_id == self.round_id
                )
            )
            return {key: (school_id, role) for key, school_id, role in rows}

    def responses(self) -> dict[str, tuple[str | None, str]]:
        with Session(self.engine) as session:
            rows = session.execute(
                sa.select(Response.response_id, Response.school_id, Response.role).where(
                    Response.round_id == self.round_id
                )
            )
            return {key: (school_id, role) for key, school_id, role in rows}


def _print(answers: dict[str, Any]) -> str:
    return json.dumps(answers, sort_keys=True)


def fill(
    app: Flask,
    settings: Settings,
    *,
    mode: str,
    order: str,
    seed: int,
    schools: int,
    break_: Break | None = None,
    manners: dict[str, int] = MANNERS,
) -> World:
    """A world in the middle of its round: ``order`` is "random", or "listed" (one after the other,
    in the order of the staff list: the worst case).
    """
    from survey.database import db

    draw = random.Random(seed)
    with app.app_context():
        engine = db.engine
    world = World(app, settings, engine, mode, _people(draw, schools, manners), break_=break_)
    _open_round(world)
    if mode == "confidential":
        _list_people(world)
        _send_mail(world, "invitation")
    _live(world, draw, order)
    return world


def close(world: World) -> None:
    """The leader closes the round, and a worker sweeps."""
    now = datetime.now(UTC)
    with Session(world.engine) as session:
        begin_writing(session)
        leader = session.get_one(Account, world.account_id)
        rounds.close(session, session.get_one(Round, world.round_id), by=leader, now=now)
        session.commit()
    dispose(world)
    sweep.close_rounds(world.engine, now=now)
    sweep.clear_mail(world.settings, world.engine)
    world.happened("closed")
    with Session(world.engine) as session:
        assert session.get_one(Round, world.round_id).scrubbed_at is not None


def dispose(world: World) -> None:
    """Let go of all connections, as a web process does that serves nobody just now."""
    world.engine.dispose()


# --- parts ---------------------------------------------------------------------------------------


def _people(draw: random.Random, schools: int, manners: dict[str, int]) -> list[Person]:
    """Two to eight people of each role in each school; their addresses tell no order."""
    places = [
        *((role, f"School {n:02}") for n in range(schools) for role in SCHOOL_ROLES),
        *((role, "") for role in CENTRAL_ROLES),
    ]
    kinds = [kind for kind, n in manners.items() for _ in range(n)]
    people = [
        Person(f"{draw.getrandbits(40):010x}@trust.example", role, school, draw.choice(kinds))
        for role, school in places
        for _ in range(draw.randint(2, 8))
    ]
    draw.shuffle(people)
    return people


def _open_round(world: World) -> None:
    now = datetime.now(UTC)
    places = sorted({(person.school, person.role) for person in world.people})
    roster = Roster(
        tuple(
            RosterRow(
                school,
                role,
                sum((each.school, each.role) == (school, role) for each in world.people),
            )
            for school, role in places
        )
    )
    with Session(world.engine) as session:
        if world.engine.dialect.name == "postgresql":
            world.wal_from = str(session.scalar(sa.text("SELECT pg_current_wal_lsn()")))
        trust = Organisation(name="Harbour Reach Schools Trust", short_name="Harbour Reach")
        session.add(trust)
        session.flush()
        world.account_id = accounts.create(
            session,
            email="leader@trust.example",
            name="A leader",
            organisation=trust,
            role="leader",
            password="a password for tests",
        ).id
        round_ = rounds.create(
            session,
            trust,
            name="May",
            instrument=world.instrument,
            locale="en-GB",
            placeholders={"before": "the review"},
            opens_at=now - timedelta(days=3),
            closes_at=now + timedelta(days=3),
            roster=roster,
            mode=world.mode,
        )
        world.round_id, world.link = round_.round_id, round_.link
        world.schools = {
            school.name: school.school_id for school in rounds.schools_of(session, round_)
        }
        session.commit()


def _list_people(world: World) -> None:
    """The staff list, in the order in which the people of a world stand."""
    text = "email,role,school\n" + "".join(
        f"{each.email},{each.role},{each.school}\n" for each in world.people
    )
    with Session(world.engine) as session:
        begin_writing(session)
        invitations.add(
            session,
            session.get_one(Round, world.round_id),
            text.encode(),
            name="staff.csv",
            by=session.get_one(Account, world.account_id),
            now=datetime.now(UTC),
        )
        session.commit()
    world.happened("listed")


def _send_mail(world: World, kind: mailings.Kind) -> None:
    """Ask for a mailing, and send it as the worker does: into the mail folder."""
    with Session(world.engine) as session:
        begin_writing(session)
        mailing = mailings.ask(
            session,
            session.get_one(Round, world.round_id),
            kind,
            by=session.get_one(Account, world.account_id),
            now=datetime.now(UTC),
        )
        mailing_id = mailing.mailing_id
        session.commit()
    world.happened(f"asked {kind}")
    sent = sending.send(world.settings, world.engine, mailing_id, stop=threading.Event())
    assert sent == "done"
    tokens = {}
    for path in world.mail_dir.glob("*/*.eml"):
        message = parse(path.read_bytes())
        tokens[message["To"]] = LINK.search(message.get_content())[1]
    for person in world.people:
        person.token = tokens[person.email]
    world.happened(kind)


def _live(world: World, draw: random.Random, order: str) -> None:
    """Everybody does what they do, several at the same time; halfway the others are reminded."""
    steps: list[tuple[float, int, Callable[[], None]]] = []
    for number, person in enumerate(world.people):
        deeds = _deeds(world, person, draw)
        at = number if order == "listed" else draw.uniform(0, len(world.people))
        for deed in deeds:
            steps.append((at, number, deed))
            at += 1.5 if order == "listed" else draw.expovariate(1 / 3)
    steps.sort(key=lambda step: step[:2])
    for number, (_, _, deed) in enumerate(steps):
        deed()
        if number == len(steps) // 2:
            if world.mode == "confidential":
                _send_mail(world, "reminder")
            sweep.count_answers(world.engine, now=datetime.now(UTC) - timedelta(days=1))
        if number % 40 == 0:
            worker.beat(world.engine, "here-0", now=datetime.now(UTC))
            _mistype(world)
    sweep.count_answers(world.engine, now=datetime.now(UTC))


def _mistype(world: World) -> None:
    """Somebody mistypes their resume words."""
    phone = Phone(world.app, world.link)
    phone.get("/resume")
    assert phone.post("/resume", words="five words of nobody ever").status_code in (422, 429)


def _deeds(world: World, person: Person, draw: random.Random) -> list[Callable[[], None]]:
    """What this person does, one request or two at a time."""
    if person.manner == "never":
        return []
    phone = Phone(world.app, world.link, token=person.token)
    seen = routing.pages(
        world.instrument,
        role=person.role,
        form="full",
        modules=world.instrument.forms["full"].modules,
        order=0,
        answers={},
    )
    pages = [page for page in seen if page.section != "role"]
    if person.manner != "sends all":
        pages = draw.sample(pages, 1 if person.manner == "stops" else 2)
    deeds = [_begin(world, person, phone)]
    deeds += [_answer(world, person, phone, page, draw) for page in pages]
    if person.manner in ("sends", "sends all"):
        deeds.append(_send(world, person, phone))
    if person.manner == "withdraws":
        deeds.append(_withdraw(world, person, phone))
    return deeds


def _begin(world: World, person: Person, phone: Phone) -> Callable[[], None]:
    def deed() -> None:
        person.words = phone.begin()
        world.happened("began", person)
        phone.go(f"{phone.base}/you", role=person.role, school=world.schools.get(person.school, ""))
        world.happened("saved", person)

    return deed


def _answer(
    world: World, person: Person, phone: Phone, page: routing.Page, draw: random.Random
) -> Callable[[], None]:
    def deed() -> None:
        given = {
            code: draw.choice(options_of(world.instrument, code))
            for code in page.items
            if draw.random() < 0.95
        }
        fields = {f"item-{code}": str(value) for code, value in given.items()}
        phone.go(f"{phone.base}/s/{page.section}", **fields)
        person.given |= given
        world.happened("saved", person)

    return deed


def _send(world: World, person: Person, phone: Phone) -> Callable[[], None]:
    def deed() -> None:
        phone.go(f"{phone.base}/send")
        person.has_sent = True
        world.happened("sent", person)

    return deed


def _withdraw(world: World, person: Person, phone: Phone) -> Callable[[], None]:
    def deed() -> None:
        phone.go(f"{phone.base}/withdraw")
        person.words, person.given = "", {}
        world.happened("withdrew", person)

    return deed
