"""A dry run: simulated people answer the round as it is set up, and nothing of it is left.

It happens in a database of its own that exists only in the memory of this process and is thrown
away: the round, its schools and its roster are copied into it, and the services that staff's pages
call do the rest. The real database is read before, and not touched meanwhile.
"""

import random
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments.definition import Instrument
from survey.database import Base, prepare_engine
from survey.models import Invitation, Organisation, RosterRow, Round, School
from survey.services import answers, drafts, languages, reporting, rounds, timing
from survey.services.coding import Answer, Sheet, as_sheets, options_of

#: enough for a profile, few enough for a page to wait for them
MOST_PEOPLE = 48
SEED = 20260101


@dataclass(frozen=True, slots=True)
class Cell:
    """People of one role in one school, or at the centre (``school`` empty)."""

    school: str
    role: str
    headcount: int


@dataclass
class Walk:
    """What people of one role met on their way."""

    role: str
    people: int = 0
    sections: dict[str, None] = field(default_factory=dict)
    #: questions that each of them was asked
    asked: list[int] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        return ceil(max(self.asked, default=0) * timing.SECONDS_AN_ITEM / 60)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a dry run."""

    walks: tuple[Walk, ...]
    sent: int
    #: born when the round was closed
    responses: int
    has_profile: bool
    #: why there is no profile, in the instrument's language
    reasons: tuple[str, ...]
    #: schools on the roster with too few staff for a figure of their own
    small_schools: tuple[str, ...]
    #: what went wrong, one line each; empty where everything went as it should
    problems: tuple[str, ...]


def run(session: Session, round_: Round, *, folder: Path, now: datetime) -> Outcome:
    """Let simulated people begin, answer and send; close; build the profile's content.

    ``folder``: the installation's translations. The session is read, never written.
    """
    instrument = rounds.instrument_of(round_)
    problems: list[str] = []
    walks: dict[str, Walk] = {role: Walk(role) for role in instrument.roles or ("",)}
    small = _small_schools(round_, instrument)
    with session.no_autoflush, _scratch() as scratch:
        copy = _copy(scratch, round_, now)
        try:
            problems += _unspoken(round_, instrument, folder)
            for cell, sheet in _people(round_, instrument):
                _answer(scratch, copy, cell, sheet, walks[cell.role], now=now)
            sent = sum(walk.people for walk in walks.values())
            rounds.close(scratch, copy, by=None, now=now)
            responses = reporting.frozen(scratch, copy)
            reasons = _reasons(scratch, copy, responses)
        except ValueError as error:
            problems.append(str(error))
            return Outcome(tuple(walks.values()), 0, 0, False, (), small, tuple(problems))
    return Outcome(
        walks=tuple(walks.values()),
        sent=sent,
        responses=len(responses.codes),
        has_profile=not reasons,
        reasons=reasons,
        small_schools=small,
        problems=tuple(problems),
    )


@contextmanager
def _scratch() -> Iterator[Session]:
    """A session on a database in memory, which is gone when the block ends."""
    engine = sa.create_engine(
        "sqlite://",
        poolclass=sa.pool.StaticPool,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
    )
    prepare_engine(engine)
    sa.event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA temp_store=MEMORY"))
    try:
        Base.metadata.create_all(engine)
        with Session(engine) as scratch:
            yield scratch
    finally:
        engine.dispose()


def _copy(scratch: Session, round_: Round, now: datetime) -> Round:
    """The round, open now, and marked as simulated, with its schools and as many as will answer."""
    organisation = Organisation(**_columns(round_.organisation))
    schools = {row.school_id: row.school for row in round_.roster if row.school is not None}
    copy = Round(
        **{
            **_columns(round_),
            "ready_at": now,
            "opens_at": now - timedelta(minutes=1),
            "closes_at": now + timedelta(hours=1),
            "closed_at": None,
            "tally": None,
            "simulated": True,
        }
    )
    scratch.add_all([organisation, copy, *(School(**_columns(each)) for each in schools.values())])
    scratch.flush()
    for cell in _cells(round_):
        scratch.add(
            RosterRow(
                round_id=copy.round_id,
                school_id=cell.school or None,
                role=cell.role,
                headcount=cell.headcount,
            )
        )
    scratch.flush()
    return copy


def _columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in sa.inspect(type(row)).column_attrs}


def _cells(round_: Round) -> list[Cell]:
    """Who takes part: a few of everybody on the roster, of some schools where there are many."""
    rows = sorted(round_.roster, key=lambda row: (row.school_id or "", row.role))
    listed = [Cell(row.school_id or "", row.role, row.headcount) for row in rows if row.headcount]
    if not listed:  # nobody is listed: a few of each role, in no school
        roles = rounds.instrument_of(round_).roles or ("",)
        return [Cell("", role, MOST_PEOPLE // len(roles)) for role in roles]
    listed.sort(key=lambda cell: bool(cell.school))  # the centre first
    listed = listed[:MOST_PEOPLE]
    each = 1
    while each < MOST_PEOPLE and sum(_few(cell, each + 1) for cell in listed) <= MOST_PEOPLE:
        each += 1
    return [Cell(cell.school, cell.role, _few(cell, each)) for cell in listed]


def _few(cell: Cell, each: int) -> int:
    return min(cell.headcount, each)


def _people(round_: Round, instrument: Instrument) -> Iterator[tuple[Cell, Sheet]]:
    """Everybody who takes part, each with the answers of a simulated person of their role."""
    from instruments.simulate import simulate

    drawn = simulate(
        instrument,
        seed=SEED,
        schools=3,
        staff=4 * MOST_PEOPLE,
        response_rate=1,
        careless=0,
        form=round_.form,
        modules=[m for m in round_.modules if m not in instrument.forms[round_.form].modules],
    )
    by_role: dict[str, list[Sheet]] = {}
    for sheet in as_sheets(drawn.responses):
        by_role.setdefault(sheet.role, []).append(sheet)
    for cell in _cells(round_):
        sheets = by_role.get(cell.role) or [Sheet(role=cell.role, school="", answers={})]
        for number in range(cell.headcount):
            yield cell, sheets[number % len(sheets)]


def _answer(
    scratch: Session, copy: Round, cell: Cell, sheet: Sheet, walk: Walk, *, now: datetime
) -> None:
    """One person: begins, comes back with their words, answers page by page, and sends."""
    key = secrets.token_hex(16)
    begun = drafts.begin(
        scratch, copy, respondent_key=key, invitation_id=_invitation(scratch, copy), now=now
    )
    draft = drafts.find(scratch, copy, words=begun.words, respondent_key=key)
    if draft is None:
        raise answers.RefusedError("Resume words lead to no draft.")
    drafts.set_place(scratch, copy, draft, role=cell.role, school_id=cell.school or None, now=now)
    dice = random.Random(SEED)  # noqa: S311 (simulated answers)
    asked = 0
    while (section := answers.first_open_page(copy, draft)) is not None:
        page = next(page for page in answers.pages(copy, draft) if page.section == section)
        given = {code: _choice(copy, code, sheet, dice) for code in page.items}
        answers.save_page(scratch, copy, draft, section=section, given=given, now=now)
        walk.sections[section] = None
        asked += len(page.items)
    drafts.send(scratch, copy, draft, now=now)
    walk.people += 1
    walk.asked.append(asked)


def _invitation(scratch: Session, copy: Round) -> str | None:
    """A personal link of one's own, where the round has them."""
    if copy.mode != "confidential":
        return None
    address = f"{secrets.token_hex(8)}@dry-run.invalid"
    invitation = Invitation(round_id=copy.round_id, email=address, role="")
    scratch.add(invitation)
    scratch.flush()
    return invitation.invitation_id


def _choice(copy: Round, code: str, sheet: Sheet, dice: random.Random) -> Answer:
    options = options_of(rounds.instrument_of(copy), code)
    simulated = sheet.answers.get(code)
    return simulated if simulated in options else dice.choice(options)


def _reasons(scratch: Session, copy: Round, responses: Any) -> tuple[str, ...]:
    """Why the profile of these people would hold no figures; empty where it would."""
    from instruments.scoring import score
    from reports.profile import build_profile
    from reports.profile.content import Refusal

    instrument = rounds.instrument_of(copy)
    measures = score(instrument, responses, reporting.roster(scratch, copy))
    body = build_profile(instrument, measures, reporting.facts(copy)).body
    return body.reasons if isinstance(body, Refusal) else ()


def _unspoken(round_: Round, instrument: Instrument, folder: Path) -> Iterator[str]:
    """Languages in which a question cannot be said, because a word is missing."""
    for locale in languages.spoken(round_, folder):
        words = rounds.words_of(round_, locale=locale, translations=folder)
        try:
            for code in _asked(round_, instrument):
                words.stem(code)
        except KeyError as error:
            yield f"{locale}: a question asks with {{{error.args[0]}}}, which is not said yet"


def _asked(round_: Round, instrument: Instrument) -> Sequence[str]:
    from instruments import routing

    return routing.asked(instrument, form=round_.form, modules=round_.modules)


def _small_schools(round_: Round, instrument: Instrument) -> tuple[str, ...]:
    staff: dict[str, int] = {}
    for row in round_.roster:
        if row.school is not None:
            staff[row.school.name] = staff.get(row.school.name, 0) + row.headcount
    least = instrument.disclosure.school_n
    return tuple(sorted(name for name, n in staff.items() if n < least))
