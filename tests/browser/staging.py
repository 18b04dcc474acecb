"""Rounds that tests set up in a running site's database, and what they find there afterwards.

Everything is done by the services, as the rooms and the worker do it.
"""

import email
import email.policy
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments import registry
from instruments.pseudo import PSEUDO
from instruments.roster import Roster, RosterRow
from instruments.simulate import simulate
from reports.make import make_staff_page
from survey import jobs, storage, translating
from survey.database import begin_writing
from survey.models import Account, Draft, Organisation, Response, Round, School
from survey.services import (
    accounts,
    guessing,
    invitations,
    languages,
    mailings,
    open_questions,
    reporting,
    results,
    rounds,
)
from tests.browser.sites import Site
from tests.survey import open_kit

SCHOOLS = ("Ashdown Primary", "Bellfield High")
PERSON = "t1@ashdown.example"


@dataclass(frozen=True, slots=True)
class Stage:
    """A round in a running site."""

    site: Site
    round_id: str
    #: the shared link
    link: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's answers, as a draft or as a response."""

    role: str
    school: str
    sent: bool
    answers: dict[str, Any]


@contextmanager
def writing(site: Site) -> Iterator[Session]:
    """A transaction on the site's database."""
    with Session(site.engine, expire_on_commit=False) as session:
        begin_writing(session)
        yield session
        session.commit()


def make_round(site: Site, **changes: Any) -> Stage:
    """A round that is open now: the short form, two schools, anonymous, unless told otherwise."""
    instrument = registry.load("mto-learning-profile")
    now = datetime.now(UTC)
    rows = [
        RosterRow("" if role in instrument.central_roles else school, role, 12)
        for role in instrument.roles
        for school in (SCHOOLS if role not in instrument.central_roles else ("",))
    ]
    values = {
        "name": "May",
        "instrument": instrument,
        "locale": "en-GB",
        "placeholders": {"before": "the review"},
        "opens_at": now - timedelta(days=3),
        "closes_at": now + timedelta(days=3),
        "roster": Roster(tuple(rows)),
        "form": "short",
    }
    with writing(site) as session:
        organisation = session.scalar(sa.select(Organisation))
        if organisation is None:
            organisation = Organisation(
                name="Harbour Reach Schools Trust", short_name="Harbour Reach"
            )
            session.add(organisation)
        round_ = rounds.create(session, organisation, **{**values, **changes})
        return Stage(site, round_.round_id, f"{site.url}/r/{round_.link}")


def make_open_round(site: Site, **changes: Any) -> Stage:
    """The same with six schools, asking its open questions."""
    stage = make_round(site, roster=open_kit.roster(), **changes)
    with writing(site) as session:
        round_ = session.get_one(Round, stage.round_id)
        open_questions.switch_on(session, round_, open_kit.ROUTE, by=None, now=datetime.now(UTC))
    return stage


def written(stage: Stage) -> list[tuple[dict[str, str], list[str]]]:
    """Words and ticks of the drafts of an open round."""
    query = sa.select(Draft.written, Draft.quotable).where(Draft.round_id == stage.round_id)
    with stage.site.engine.connect() as connection:
        return [(words, ticks) for words, ticks in connection.execute(query)]


def invite(stage: Stage, *, school: str = SCHOOLS[0]) -> str:
    """Invite one person to a confidential round; returns the personal link from their mail."""
    now = datetime.now(UTC)
    with writing(stage.site) as session:
        round_ = session.get_one(Round, stage.round_id)
        people = f"email,role,school\n{PERSON},T,{school}\n".encode()
        invitations.add(session, round_, people, name="staff.csv", by=None, now=now)
        mailing = mailings.ask(session, round_, "invitation", by=None, now=now)
    jobs.hand_over(stage.site.settings, [mailing])
    box = stage.site.settings.mail_dir / stage.round_id
    until(lambda: box.is_dir() and any(box.glob("*.eml")))
    (letter,) = box.glob("*.eml")
    message = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return re.findall(r"https?://\S+/i/[0-9a-z]+", body.get_content())[0]


def speak(stage: Stage, locale: str) -> None:
    """Offer a pseudo-locale, made from the real texts, which nobody vouches for."""
    folder, now = stage.site.settings.translations_dir, datetime.now(UTC)
    with writing(stage.site) as session:
        round_ = session.get_one(Round, stage.round_id)
        for name in (
            f"{round_.instrument_slug}@{round_.instrument_version}",
            translating.INTERFACE,
        ):
            exported = translating.filled(translating.export(name, locale, folder), PSEUDO[locale])
            file = stage.site.data_dir / "pseudo.po"
            file.write_bytes(exported)
            translating.take_in(file, folder, verified_by="", on="")
        by = leader(session, round_)
        (words,) = [each for each in languages.of_round(round_, folder) if each.locale == locale]
        seal = {"checksum": words.checksum, "by": by, "now": now, "folder": folder}
        languages.confirm(session, round_, locale, **seal)
        languages.offer(session, round_, [locale], by=by, now=now, folder=folder)


def leader(session: Session, round_: Round) -> Account:
    """An account that leads the round's organisation."""
    email = f"leader@{round_.round_id}.example"
    return accounts.find(session, email) or accounts.create(
        session,
        email=email,
        name="A leader",
        organisation=round_.organisation,
        role="leader",
        password="a password for tests",
    )


def drafts(stage: Stage) -> list[Sheet]:
    """The drafts of an open round."""
    query = sa.select(Draft.role, School.name, Draft.sent, Draft.answers).outerjoin(
        School, School.school_id == Draft.school_id
    )
    return _sheets(stage, query.where(Draft.round_id == stage.round_id))


def responses(stage: Stage) -> list[Sheet]:
    """The responses of a closed round."""
    query = sa.select(Response.role, School.name, sa.true(), Response.answers).outerjoin(
        School, School.school_id == Response.school_id
    )
    return _sheets(stage, query.where(Response.round_id == stage.round_id))


def _sheets(stage: Stage, query: sa.Select[Any]) -> list[Sheet]:
    with stage.site.engine.connect() as connection:
        rows = connection.execute(query).all()
    return [Sheet(role, school or "", bool(sent), answers) for role, school, sent, answers in rows]


def close(stage: Stage) -> None:
    """Close the round and scrub the files, as a leader's button does."""
    now = datetime.now(UTC)
    with writing(stage.site) as session:
        rounds.close(session, session.get_one(Round, stage.round_id), by=None, now=now)
    until(lambda: rounds.scrub(stage.site.engine, [stage.round_id], now=now))


def release(stage: Stage, *, schools: int, staff: int) -> Path:
    """Release a page for staff of simulated answers in a closed round; returns its file."""
    with writing(stage.site) as session:
        round_ = session.get_one(Round, stage.round_id)
        instrument, facts = rounds.instrument_of(round_), reporting.facts(round_)
        drawn = simulate(instrument, seed=1, response_rate=0.8, schools=schools, staff=staff)
        content = make_staff_page(instrument, drawn.responses, drawn.roster, facts)
        now, folder = datetime.now(UTC), stage.site.settings.reports_dir
        report = reporting.ask(session, round_, results.PAGE, by=None, now=now)
        report.file_name, report.state = f"{report.report_id}.json", "ready"
        report.checksum = storage.save(folder, report.file_name, content)
        said = {"results_on": None, "results_by": "The staff council"}
        results.say(session, round_, **said, account=None, now=now)
        results.release(session, round_, account=None, now=now)
        return folder / report.file_name


def check_and_close(
    stage: Stage, chosen: dict[str, str], *, role: str = "T", school: str = SCHOOLS[0]
) -> None:
    """The one draft, and after the close the one response, hold what was chosen, item by item."""
    expected = Sheet(role, school, True, as_stored(chosen))
    assert drafts(stage) == [expected]
    close(stage)
    assert responses(stage) == [expected]
    assert drafts(stage) == []


def as_stored(chosen: dict[str, str]) -> dict[str, Any]:
    """Answers of a form as the database keeps them."""
    return {
        name.removeprefix("item-"): int(value) if value.isdigit() else value
        for name, value in chosen.items()
    }


def forget_guesses(site: Site) -> None:
    """Let nobody wait for what an earlier test guessed."""
    with writing(site) as session:
        guessing.forget_faded(session, datetime.now(UTC) + timedelta(hours=1))


def until(condition: Callable[[], Any], *, timeout_s: float = 30) -> None:
    """Wait for something that no page shows."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not come about")
        time.sleep(0.02)
