"""What the tests of open questions share: rounds of six schools that ask them, and writers."""

from datetime import UTC, datetime

from instruments import registry
from instruments.roster import Roster, RosterRow
from survey.database import begin_writing, db
from survey.models import Draft
from survey.services import answers, drafts, open_questions, rounds
from tests.survey.respond_kit import KEY, ROLES, Visitor, make_round

SCHOOLS = tuple(f"School {letter}" for letter in "ABCDEF")
ROUTE = open_questions.Route(
    reader="Dr Meyer of the university",
    goes_to="Ms Okafor, safeguarding lead",
    how="by telephone, then in writing",
    by_when="the same working day",
)
#: the items that ask for open words
STORY, MOVE = "OPN1", "OPN2"


def roster(schools=SCHOOLS):
    """Twelve of each role in each school, and at the centre."""
    instrument = registry.load(ROLES)
    return Roster(
        tuple(
            RosterRow("" if role in instrument.central_roles else school, role, 12)
            for role in instrument.roles
            for school in (schools if role not in instrument.central_roles else ("",))
        )
    )


def make_open_round(session, *, now, schools=SCHOOLS, **changes):
    """A round of the short form that asks its open questions, committed."""
    changes = {"form": "short", "roster": roster(schools), **changes}
    round_ = make_round(session, now=now, **changes)
    begin_writing(session)
    open_questions.switch_on(session, round_, ROUTE, by=None, now=now)
    session.commit()
    return round_


def open_app_round(app, **changes) -> str:
    """Such a round in the application's database, open now; returns its link."""
    with app.app_context():
        return make_open_round(db.session, now=datetime.now(UTC), **changes).link


def write(session, round_, *, now, role="T", school=0, words=None, ticks=None, sent=True):
    """Somebody who answers one question, writes, and sends; returns their draft."""
    draft = drafts.begin(session, round_, respondent_key=KEY, now=now).draft
    schools = rounds.schools_of(session, round_)
    is_central = role in rounds.instrument_of(round_).central_roles
    place = None if is_central else schools[school].school_id
    drafts.set_place(session, round_, draft, role=role, school_id=place, now=now)
    closed = answers.pages(round_, draft)[:-1]
    first = min(closed, key=lambda page: page.section)
    given = {first.items[0]: 3}
    answers.save_page(session, round_, draft, section=first.section, given=given, now=now)
    answers.save_page(
        session,
        round_,
        draft,
        section="open",
        given={},
        words=words or {},
        ticks=ticks or {},
        now=now,
    )
    if sent:
        drafts.send(session, round_, draft, now=now)
    return draft


def fill_with_words(session, round_, people=32):
    """Sent drafts of so many people of all schools, each with a story; half may be quoted."""
    schools = rounds.schools_of(session, round_)
    for number in range(people):
        session.add(
            Draft(
                key=f"{number:02}{round_.round_id}{round_.round_id}"[:64],
                round_id=round_.round_id,
                role="T",
                school_id=schools[number % len(schools)].school_id,
                answers={"SCF1": 3},
                written={STORY: f"Ms Ray said on 3 May that we should meet: number {number}."},
                quotable=[STORY] if number // len(schools) % 2 else [],
                pages=[],
                sent=True,
            )
        )
    session.flush()


def visitor_at_the_boxes(app, link) -> Visitor:
    """Somebody who has begun in an anonymous round and stands before the boxes."""
    visitor = Visitor(app, link)
    visitor.words = visitor.start()
    with app.app_context():
        school = rounds.schools_of(db.session, rounds.by_link(db.session, link))[0].school_id
    visitor.say_role("T", school)
    visitor.get("/s/open")
    return visitor
