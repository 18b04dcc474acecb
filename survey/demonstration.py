"""The demonstration: one simulated trust with a closed round and two open ones."""

import os
import secrets
import subprocess
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments.definition import Instrument
from instruments.responses import Responses
from instruments.roster import Roster
from survey import jobs, processes, simulated_words, storage
from survey.database import begin_writing, open_engine
from survey.models import Organisation, Report, Round, School
from survey.services import (
    accounts,
    consents,
    invitations,
    mailings,
    open_questions,
    organisations,
    progress,
    reporting,
    rounds,
    simulated,
)
from survey.settings import Settings

INSTRUMENT = "mto-learning-profile"
#: drawn so that every panel of the profile has something to show
SEED = 20260511
NAME = "Harbour Reach Schools Trust"
SHORT_NAME = "Harbour Reach"
SCHOOLS = (
    "Anchor Lane Primary School",
    "Beacon Hill Academy",
    "Chandlers Wharf Primary School",
    "Driftwood Infant School",
    "Eastquay Community School",
    "Fairhaven High School",
    "Gull Rock Primary School",
    "Lighthouse Road Junior School",
    "Mariners Park School",
    "Netherby Sands Primary School",
    "Saltmarsh Academy",
    "Tidewater Sixth Form College",
)
#: role -> the account's address and name
PEOPLE = {
    "leader": ("leader@harbour-reach.example", "Robin Ash"),
    "head": ("head@harbour-reach.example", "Alex Moor"),
    "reader": ("reader@harbour-reach.example", "Kim Vale"),
    "researcher": ("researcher@harbour-reach.example", "Sam Lund"),
}
#: role -> where its room is
ROOMS = {"leader": "lead", "head": "school", "reader": "read", "researcher": "research"}
HEADED = "Saltmarsh Academy"
DOCUMENTS = ("profile", "validation")
#: how long making a document may take on a slow machine
PATIENCE_S = 300


class DemonstrationError(ValueError):
    """The demonstration cannot be made; one line: what, why, what to do."""


@dataclass(frozen=True)
class Access:
    """Where the five people go, and how four of them sign in. ``str()`` prints it."""

    url: str
    link: str
    passwords: Mapping[str, str]
    #: the folder with the confidential round's invitations
    mail: Path

    def __str__(self) -> str:
        lines = [
            "Simulated demonstration",
            f"  staff       {self.url}/r/{self.link}",
            f"              or any personal link in {self.mail}",
        ]
        for role, password in self.passwords.items():
            lines += [
                f"  {role:<11} {self.url}/{ROOMS[role]}/",
                f"              sign in as {PEOPLE[role][0]} with {password}",
            ]
        return "\n".join(lines)


def prepare(settings: Settings, *, now: datetime | None = None) -> Access:
    """Load the demonstration into an empty database, and say how to get in.

    The passwords are random and kept in ``data_dir/demonstration.toml``, for its owner only.

    Raises
    ------
    DemonstrationError
        If the database holds another organisation.
    """
    now = now or datetime.now(UTC)
    path = settings.data_dir / "demonstration.toml"
    kept = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    with _engine(settings) as engine, Session(engine) as session:
        begin_writing(session)
        organisation = session.scalar(sa.select(Organisation))
        is_fresh = organisation is None
        if organisation is None:
            organisation = load(session, now=now)
        elif organisation.name != NAME:
            raise DemonstrationError(
                f"the database holds {organisation.name}: give the demonstration a folder of its "
                "own with MIDTIER_DATA_DIR"
            )
        passwords = _accounts(session, organisation, kept)
        if is_fresh:
            _consent(session, organisation, now=now)
        link = _open_link(session, organisation)
        session.commit()
    if passwords != kept:
        _keep(path, passwords)
    return Access(
        url=settings.public_url.rstrip("/"),
        link=link,
        passwords=passwords,
        mail=settings.mail_dir,
    )


@contextmanager
def _engine(settings: Settings) -> Iterator[sa.Engine]:
    engine = open_engine(settings.database)
    try:
        yield engine
    finally:
        engine.dispose()


def load(session: Session, *, now: datetime) -> Organisation:
    """The trust, a round of last May that closed the ordinary way, and two that are open."""
    from instruments import registry
    from instruments.simulate import simulate

    instrument = registry.load(INSTRUMENT)
    organisation = Organisation(
        name=NAME,
        short_name=SHORT_NAME,
        kind="trust",
        country="GB",
        locale="en-GB",
        time_zone="Europe/London",
    )
    session.add(organisation)
    session.flush()
    year = now.year if now > datetime(now.year, 6, 1, tzinfo=UTC) else now.year - 1
    opened = datetime(year, 5, 4, 7, tzinfo=UTC)
    past = simulate(instrument, seed=SEED, schools=len(SCHOOLS), staff=600, response_rate=0.66)
    closed = _round(
        session,
        organisation,
        instrument,
        past,
        name=f"May {year}",
        opens_at=opened,
        closes_at=opened + timedelta(days=18, hours=9),
        asks_words=True,
    )
    rounds.close(session, closed, by=None, now=closed.closes_at)
    # the same people, of whom fewer have answered so far
    present = simulate(instrument, seed=SEED, schools=len(SCHOOLS), staff=600, response_rate=0.58)
    today = now.replace(hour=7, minute=0, second=0, microsecond=0)
    present_round = _round(
        session,
        organisation,
        instrument,
        present,
        name=f"{now:%B %Y}",
        opens_at=today - timedelta(days=10),
        closes_at=today + timedelta(days=11, hours=10),
    )
    progress.take(session, present_round, today=today.date())
    # begun a day earlier, with personal links: few have answered so far
    few = simulate(instrument, seed=SEED, schools=len(SCHOOLS), staff=600, response_rate=0.25)
    confidential = _round(
        session,
        organisation,
        instrument,
        few,
        name=f"{now:%B %Y}, personal links",
        opens_at=today - timedelta(days=11),
        closes_at=today + timedelta(days=11, hours=10),
        mode="confidential",
    )
    progress.take(session, confidential, today=today.date())
    _invite(session, confidential, now=now)
    return organisation


def _invite(session: Session, round_: Round, *, now: datetime) -> None:
    """Everybody on the roster on the staff list, under made-up addresses, and their mail queued."""
    schools = {school.school_id: school.name for school in rounds.schools_of(session, round_)}
    lines = ["email,role,school"]
    for row in round_.roster:
        school = schools.get(row.school_id or "", "")
        domain = school.casefold().replace(" ", "-") or "centre"
        lines += [
            f"{row.role.lower()}{number}@{domain}.example,{row.role},{school}"
            for number in range(1, row.headcount + 1)
        ]
    content = "\n".join(lines).encode()
    invitations.add(session, round_, content, name="staff.csv", by=None, now=now)
    mailings.ask(session, round_, "invitation", by=None, now=now)


def _round(
    session: Session,
    organisation: Organisation,
    instrument: Instrument,
    drawn: Any,
    *,
    name: str,
    opens_at: datetime,
    closes_at: datetime,
    mode: str = "anonymous",
    asks_words: bool = False,
) -> Round:
    responses, roster = _with_school_names(drawn.responses, drawn.roster)
    round_ = rounds.create(
        session,
        organisation,
        name=name,
        instrument=instrument,
        locale=organisation.locale,
        placeholders=drawn.round["placeholders"],
        opens_at=opens_at,
        closes_at=closes_at,
        roster=roster,
        admin=drawn.round["admin"],
        mode=mode,
        simulated=True,
    )
    if asks_words:
        route = open_questions.Route(**simulated_words.ROUTE)
        open_questions.switch_on(session, round_, route, by=None, now=opens_at)
    simulated.add(session, round_, responses)
    if asks_words:
        simulated.write(session, round_, simulated_words.SENTENCES, seed=SEED)
    return round_


def _with_school_names(responses: Responses, roster: Roster) -> tuple[Responses, Roster]:
    """The same answers and head counts under the demonstration's school names."""
    names = dict(zip(roster.schools, SCHOOLS, strict=True)) | {"": ""}
    schools = np.array([names[name] for name in responses.attribute("school").tolist()])
    return (
        replace(responses, attributes={**responses.attributes, "school": schools}),
        Roster(tuple(replace(row, school=names[row.school]) for row in roster.rows)),
    )


def _accounts(
    session: Session, organisation: Organisation, kept: Mapping[str, str]
) -> dict[str, str]:
    """Make sure that all accounts exist and that their passwords are known."""
    passwords = {role: kept.get(role) or accounts.random_password() for role in PEOPLE}
    for role, (email, name) in PEOPLE.items():
        account = accounts.find(session, email)
        if account is None:
            accounts.create(
                session,
                email=email,
                name=name,
                organisation=organisation,
                role=role,
                password=passwords[role],
                school=_headed(session, organisation) if role == "head" else None,
            )
        elif role not in kept:
            accounts.set_password(session, account, passwords[role])
    _need_no_second_step(session)
    return passwords


def _headed(session: Session, organisation: Organisation) -> School:
    """The school that the demonstration's head heads."""
    return next(s for s in organisations.schools(session, organisation) if s.name == HEADED)


def _need_no_second_step(session: Session) -> None:
    """Both passwords are printed, and the demonstration serves only this machine."""
    for email, _ in PEOPLE.values():
        account = accounts.find(session, email)
        if account is not None:
            account.second_step_due = None


def _consent(session: Session, organisation: Organisation, *, now: datetime) -> None:
    """Let the researcher see every round for a year, as a leader would."""
    leader, researcher = (
        accounts.find(session, PEOPLE[role][0]) for role in ("leader", "researcher")
    )
    assert researcher is not None  # noqa: S101 (both were just made)
    until = now.date() + timedelta(days=365)
    for round_ in session.scalars(sa.select(Round)):
        consents.give(session, round_, researcher, until=until, by=leader, now=now)


def _open_link(session: Session, organisation: Organisation) -> str:
    return session.scalars(
        sa.select(Round.link)
        .where(Round.organisation_id == organisation.organisation_id)
        .order_by(Round.opens_at.desc())
    ).all()[0]


def _keep(path: Path, passwords: Mapping[str, str]) -> None:
    fresh = path.with_name(f".demonstration-{secrets.token_hex(8)}")
    fresh.touch(mode=0o600)
    lines = [f'{role} = "{password}"' for role, password in passwords.items()]
    fresh.write_text("\n".join(lines) + "\n", "utf-8")
    fresh.replace(path)


def documents(settings: Settings) -> list[Path]:
    """Both documents of the closed round, made by a job like any other, copied to ``data_dir``.

    The invitations of the confidential round are sent meanwhile, into the folder of mail.

    Raises
    ------
    DemonstrationError
        If one could not be made; the message is the job's.
    """
    with _engine(settings) as engine:
        _ask(settings, engine)
        _await(settings, engine)
        with Session(engine) as session:
            return [_copy(settings, report) for report in _reports(session)]


def _ask(settings: Settings, engine: sa.Engine) -> None:
    with Session(engine, expire_on_commit=False) as session:
        begin_writing(session)
        round_ = _closed(session)
        now = datetime.now(UTC)
        asked = [reporting.ask(session, round_, kind, by=None, now=now) for kind in DOCUMENTS]
        for report in asked:
            if report.state == "ready" and not (settings.reports_dir / report.file_name).exists():
                reporting.start_again(report, now=now)
        session.commit()
        waiting = mailings.unfinished(session, now=now)
    jobs.hand_over(settings, [report for report in asked if report.state == "asked"] + waiting)


def _closed(session: Session) -> Round:
    return session.scalars(
        sa.select(Round)
        .join(Organisation)
        .where(Organisation.name == NAME, Round.closed_at.is_not(None))
        .order_by(Round.opens_at)
    ).all()[0]


def _reports(session: Session) -> list[Report]:
    round_id = _closed(session).round_id
    return list(
        session.scalars(sa.select(Report).where(Report.round_id == round_id).order_by(Report.kind))
    )


def _await(settings: Settings, engine: sa.Engine) -> None:
    """Let a worker of our own make what is still to be made, beside any that runs already."""
    if not _unfinished(engine):
        return
    worker = subprocess.Popen(  # noqa: S603 (our own command)
        processes.worker_command(), env=processes.environment(settings)
    )
    try:
        until = time.monotonic() + PATIENCE_S
        while _unfinished(engine):
            if worker.poll() is not None:
                raise DemonstrationError("the worker process ended; its messages above say why")
            if time.monotonic() > until:
                raise DemonstrationError(
                    f"the documents were not ready after {PATIENCE_S} s; run it again to go on"
                )
            time.sleep(0.1)
    finally:
        worker.terminate()
        worker.wait()


def _unfinished(engine: sa.Engine) -> bool:
    with Session(engine) as session:
        reports = _reports(session)
        for report in reports:
            if report.state == "failed":
                raise DemonstrationError(f"the {report.kind} could not be made: {report.failure}")
        is_asked = any(report.state == "asked" for report in reports)
        return is_asked or bool(mailings.unfinished(session, now=datetime.now(UTC)))


def _copy(settings: Settings, report: Report) -> Path:
    content = storage.load(settings.reports_dir, report.file_name, report.checksum)
    path = settings.data_dir / f"{report.kind}.pdf"
    if not path.exists() or path.read_bytes() != content:
        fresh = path.with_name(f".{path.name}-{os.getpid()}")
        fresh.write_bytes(content)
        fresh.replace(path)
    return path
