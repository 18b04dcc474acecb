"""Fills a database as people do: a staff list, mail, answers given page by page at the same time.

Everything goes through the site or the services.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from instruments import routing
from instruments.roster import Roster, RosterRow
from survey import sending, sweep, worker
from survey.database import begin_writing, db
from survey.models import Account, Organisation, Round
from survey.services import accounts, invitations, mailings, rounds
from survey.services.coding import options_of
from survey.settings import Settings
from tests.linkage.phone import Phone
from tests.linkage.world import Break, Person, World
from tests.survey.mail_kit import LINK, parse

#: schools are asked for two roles, the centre for two more
SCHOOL_ROLES, CENTRAL_ROLES = ("T", "L"), ("B", "H")
#: what a person does -> how many of 20 people do it
MANNERS = {"sends": 14, "sends all": 2, "stops": 2, "withdraws": 1, "never": 1}
LEADER, PASSWORD = "leader@trust.example", "a password for tests"


@dataclass(frozen=True)
class Plan:
    """How a database is filled."""

    mode: str
    #: "random", or "listed": one after the other in the order of the staff list, the worst case
    order: str
    schools: int = 1
    #: the fewest and the most people of a school and role
    sizes: tuple[int, int] = (6, 8)
    reminders: int = 1
    seed: int = 20260511
    break_: Break | None = None
    #: whether the files are rewritten after the close, as they must be
    scrubs: bool = True


def fill(app: Flask, settings: Settings, plan: Plan) -> World:
    """A world in the middle of its round, when everybody did what they do."""
    draw = random.Random(plan.seed)
    with app.app_context():
        engine = db.engine
    people = _people(draw, plan)
    world = World(app, settings, engine, plan.mode, people, break_=plan.break_)
    _open_round(world)
    world.happened("opened")
    if plan.mode == "confidential":
        _list_people(world)
        _send_mail(world, "invitation", day=-plan.reminders - 1)
    _live(world, draw, plan)
    return world


def one_more_answers(world: World) -> Person:
    """Somebody who has no draft answers and sends, while all others do nothing."""
    person = next(each for each in world.people if not each.words)
    person.manner = "sends"
    for deed in _deeds(world, person, random.Random(1)):
        deed()
    return person


def close(world: World, *, scrubs: bool = True) -> None:
    """The leader closes the round, and a worker sweeps."""
    world.happened("closing")
    now = datetime.now(UTC)
    with Session(world.engine) as session:
        begin_writing(session)
        leader = session.get_one(Account, world.account_id)
        rounds.close(session, session.get_one(Round, world.round_id), by=leader, now=now)
        session.commit()
    if scrubs:
        sweep.close_rounds(world.engine, now=now)
    sweep.clear_mail(world.settings, world.engine)
    world.happened("closed")
    with Session(world.engine) as session:
        assert (session.get_one(Round, world.round_id).scrubbed_at is not None) is scrubs


# --- parts ---------------------------------------------------------------------------------------


def _people(draw: random.Random, plan: Plan) -> list[Person]:
    """Some people of each role in each school; their addresses tell no order."""
    places = [
        *((role, f"School {n:02}") for n in range(plan.schools) for role in SCHOOL_ROLES),
        *((role, "") for role in CENTRAL_ROLES),
    ]
    kinds = [kind for kind, n in MANNERS.items() for _ in range(n)]
    people = [
        Person(f"{draw.getrandbits(40):010x}@trust.example", role, school, draw.choice(kinds))
        for role, school in places
        for _ in range(draw.randint(*plan.sizes))
    ]
    draw.shuffle(people)
    return people


def _open_round(world: World) -> None:
    now = datetime.now(UTC)
    staff = Counter((person.school, person.role) for person in world.people)
    roster = Roster(
        tuple(RosterRow(school, role, n) for (school, role), n in sorted(staff.items()))
    )
    with Session(world.engine) as session:
        if world.engine.dialect.name == "postgresql":
            world.wal_from = str(session.scalar(sa.text("SELECT pg_current_wal_lsn()")))
        trust = Organisation(name="Harbour Reach Schools Trust", short_name="Harbour Reach")
        session.add(trust)
        session.flush()
        world.account_id = accounts.create(
            session,
            email=LEADER,
            name="A leader",
            organisation=trust,
            role="leader",
            password=PASSWORD,
        ).id
        round_ = rounds.create(
            session,
            trust,
            name="May",
            instrument=world.instrument,
            locale="en-GB",
            placeholders={"before": "the review"},
            opens_at=now - timedelta(days=9),
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


def _send_mail(world: World, kind: mailings.Kind, *, day: int = 0) -> None:
    """Ask for a mailing, and send it as the worker does: into the mail folder."""
    with Session(world.engine) as session:
        begin_writing(session)
        mailing = mailings.ask(
            session,
            session.get_one(Round, world.round_id),
            kind,
            by=session.get_one(Account, world.account_id),
            now=datetime.now(UTC) + timedelta(days=day),
        )
        mailing_id = mailing.mailing_id
        session.commit()
    world.happened(f"asked {kind}")
    sent = sending.send(world.settings, world.engine, mailing_id, stop=threading.Event())
    assert sent == "done"
    tokens = {}
    for path in world.mail_dir.glob("*/*.eml"):
        message = parse(path.read_bytes())
        link = LINK.search(message.get_content())
        if link:
            tokens[message["To"]] = link[1]
    for person in world.people:
        person.token = tokens[person.email]
    world.happened(kind)


def _live(world: World, draw: random.Random, plan: Plan) -> None:
    """Everybody does what they do, several at the same time; all are reminded on the way."""
    steps: list[tuple[float, int, Callable[[], None]]] = []
    for number, person in enumerate(world.people):
        at = float(number) if plan.order == "listed" else draw.uniform(0, len(world.people))
        for deed in _deeds(world, person, draw):
            steps.append((at, number, deed))
            at += 0 if plan.order == "listed" else draw.expovariate(1 / 3)
    steps.sort(key=lambda step: step[:2])
    pauses = [len(steps) * (n + 1) // (plan.reminders + 1) for n in range(plan.reminders)]
    for number, (_, _, deed) in enumerate(steps):
        deed()
        if number in pauses:
            if world.mode == "confidential":
                _send_mail(world, "reminder", day=pauses.index(number) - plan.reminders)
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
