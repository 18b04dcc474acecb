"""What the tests of setting up share: an organisation with its leader, and a round being set up."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from instruments.roster import RosterRow
from survey.models import Organisation, Round
from survey.models import RosterRow as Row
from survey.services import basics, organisations, planning
from tests.survey import rooms

LEADER = "robin@trust.example"
SCHOOLS = ("Anchor Lane", "Beacon Hill", "Chandlers Wharf")

DETAILS = organisations.Details(
    name="Harbour Reach Schools Trust",
    short_name="Harbour Reach",
    kind="trust",
    country="GB",
    locale="en-GB",
)
#: a round of three weeks, a year from any day on which tests are likely to run
BASICS = basics.Basics(
    name="May",
    instrument="mto-learning-profile@0.1",
    form="full",
    mode="anonymous",
    opens_on=date(2026, 6, 1),
    opens_time=time(8),
    closes_on=date(2026, 6, 19),
    closes_time=time(17),
)


def organisation(session, now) -> Organisation:
    """An organisation that has a name, with its first leader."""
    made = organisations.begin(
        session, email=LEADER, name="Robin Ash", password=rooms.PASSWORD, now=now
    )
    organisations.save(session, made, DETAILS, revision=0, by=None, now=now)
    organisations.add_schools(session, made, SCHOOLS, by=None, now=now)
    return made


def begin(session, made: Organisation, now, **changes) -> Round:
    """A round that is being set up, of which nothing but the basics is said."""
    return basics.begin(session, made, replace(BASICS, **changes), by=None, now=now)


def list_staff(session, round_: Round, *, each: int = 14) -> None:
    """Head counts for every school and the centre."""
    schools = {school.name: school.school_id for school in round_.organisation.schools}
    rows = [RosterRow(name, role, each) for name in SCHOOLS for role in "TL"]
    rows += [RosterRow("", role, each) for role in "BH"]
    for row in rows:
        round_.roster.append(
            Row(school_id=schools.get(row.school), role=row.role, headcount=row.headcount)
        )
    session.flush()


def ready(session, round_: Round, now) -> Round:
    """The round with a roster, and said to be ready."""
    list_staff(session, round_)
    planning.set_ready(session, round_, revision=round_.revision, by=None, now=now)
    return round_


def opens_soon(now: datetime | None = None) -> dict[str, date]:
    """A window that is still ahead, whenever the test runs."""
    year = (now or datetime.now(UTC)).year + 1
    return {"opens_on": date(year, 6, 1), "closes_on": date(year, 6, 19)}
