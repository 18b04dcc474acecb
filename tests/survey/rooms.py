"""Makes organisations, accounts and rounds for tests of the rooms and of jobs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import html5lib
from sqlalchemy.orm import Session

from instruments import registry
from instruments.simulate import simulate
from survey.database import db
from survey.models import Account, Organisation, Round, School
from survey.services import accounts, consents, rounds, simulated

#: when the test began, to the second: rounds of the tests are about now, so that jobs in other
#: processes see them in the same state. Read it in a test, not while modules are imported.
NOW = datetime.now(UTC).replace(microsecond=0)
PASSWORD = "a password for tests"


@contextmanager
def store(app) -> Iterator[Session]:
    """A session of its own: an application context around a request would keep its sign-in."""
    with app.app_context():
        yield db.session
        db.session.commit()


def organisation(session, name="Harbour Reach Schools Trust"):
    made = Organisation(name=name, short_name=name.removesuffix(" Schools Trust"))
    session.add(made)
    session.flush()
    return made


def account(session, organisation_, role="leader", email=None, school=None) -> Account:
    return accounts.create(
        session,
        email=email or f"{role}@{organisation_.organisation_id}.example",
        name=f"A {role}",
        organisation=organisation_,
        role=role,
        password=PASSWORD,
        school=school,
    )


def school(session, organisation_, name="Ashdown Primary") -> School:
    made = School(organisation=organisation_, name=name)
    session.add(made)
    session.flush()
    return made


def consent(session, round__, researcher, *, days=30):
    """A leader's consent that a researcher sees the round's validation report."""
    until = NOW.date() + timedelta(days=days)
    return consents.give(session, round__, researcher, until=until, by=None, now=NOW)


def round_(
    session, organisation_, *, name="May 2026", schools=3, staff=60, seed=1, is_closed=False
) -> Round:
    """A round that is open, or was until just now, with simulated answers."""
    instrument = registry.load("mto-learning-profile")
    drawn = simulate(instrument, seed=seed, schools=schools, staff=staff, response_rate=0.8)
    made = rounds.create(
        session,
        organisation_,
        name=name,
        instrument=instrument,
        locale="en-GB",
        placeholders=drawn.round["placeholders"],
        opens_at=NOW - timedelta(days=9),
        closes_at=NOW + timedelta(days=9),
        roster=drawn.roster,
        simulated=True,
    )
    simulated.add(session, made, drawn.responses)
    session.flush()
    if is_closed:
        close(session, made)
    return made


def close(session, round_, *, now=None) -> None:
    rounds.close(session, round_, by=None, now=now or NOW)
    session.flush()


def token(page) -> str:
    """The token of the first form on a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def sign_in(client, email, password=PASSWORD, **query):
    page = client.get("/sign-in", query_string=query)
    data = {"email": email, "password": password, "csrf_token": token(page)}
    return client.post("/sign-in", query_string=query, data=data)


def words(page) -> str:
    """The page's text, without tags, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def form(page) -> dict[str, object]:
    """What a browser would send of the page's first form in ``main``, buttons left out."""
    root = html5lib.parse(page.text, namespaceHTMLElements=False)
    main = root.find(".//main")
    found: dict[str, object] = {}
    for field in next(main.iter("form")).iter():
        name, kind = field.get("name"), field.get("type", "")
        if field.tag not in ("input", "select", "textarea"):
            continue
        if name is None or field.get("disabled") is not None:
            continue
        if field.tag == "select":
            options = list(field.iter("option"))
            chosen = [each for each in options if each.get("selected") is not None] or options[:1]
            found[name] = chosen[0].get("value") if chosen else ""
        elif field.tag == "textarea":
            found[name] = (field.text or "").removeprefix("\n")
        elif kind in ("checkbox", "radio"):
            if field.get("checked") is not None:
                value = field.get("value", "on")
                found[name] = [*found.get(name, []), value] if kind == "checkbox" else value
        else:
            found[name] = field.get("value", "")
    return found
