"""Open questions of a round: switched on with a written safeguarding route, or off."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy.orm import Session

from instruments import routing
from instruments.routing import Page
from survey.marked import N_
from survey.models import Account, OpenDesk, Round
from survey.services import audit, open_parts, rounds
from survey.services.open_answers import KEPT

MOST_CHARACTERS = 300


class OpenQuestionsError(ValueError):
    """The open questions cannot be switched on or off; one plain line says why."""


@dataclass(frozen=True, slots=True)
class Route:
    """What staff are told before they write: who reads, and where a statement about harm goes."""

    reader: str
    goes_to: str
    how: str
    by_when: str


def is_on(round_: Round) -> bool:
    """Whether the round asks its open questions."""
    return round_.open_desk is not None


def route_of(round_: Round) -> Route | None:
    """What staff are told; None where the questions are off."""
    desk = round_.open_desk
    if desk is None:
        return None
    return Route(desk.reader, desk.goes_to, desk.how, desk.by_when)


def pages(round_: Round, role: str) -> tuple[Page, ...]:
    """The pages of open questions that a person sees, after all others."""
    if not is_on(round_):
        return ()
    return routing.open_questions(rounds.instrument_of(round_), role=role)


def codes(round_: Round) -> tuple[str, ...]:
    """The open questions that the instrument of a round has, asked or not."""
    found = routing.open_questions(rounds.instrument_of(round_))
    return tuple(code for page in found for code in page.items)


def why_not(session: Session, round_: Round, *, now: datetime) -> str:
    """Why the questions can neither be switched on nor off; empty where they can."""
    if rounds.state(round_, now) == "closed":
        return N_("This round has closed. You can choose again when you make the next one.")
    if rounds.has_begun(session, round_):
        return N_(
            "Somebody has begun to answer under what staff were promised. It can no longer "
            "change in this round."
        )
    return ""


def why_never(session: Session, round_: Round) -> str:
    """Why this round cannot ask open questions at all; empty where it can."""
    instrument = rounds.instrument_of(round_)
    if not codes(round_):
        return N_("This survey has no open questions.")
    needed = schools_needed(round_)
    if len(rounds.schools_of(session, round_)) < needed:
        return N_(
            "This round has too few schools: from so few, words would tell whose school they "
            "come from, and no theme could be shown."
        )
    taken = {instrument.item(code).section for code in _closed(round_)}
    if any(page.section in taken for page in routing.open_questions(instrument)):
        return N_("This survey's open questions share a page with others, and cannot be asked.")
    return ""


def schools_needed(round_: Round) -> int:
    """How many schools a round must have for open questions."""
    instrument = rounds.instrument_of(round_)
    return open_parts.schools_needed(has_centre=bool(instrument.central_roles))


def _closed(round_: Round) -> Collection[str]:
    return routing.asked(
        rounds.instrument_of(round_), form=round_.form, modules=tuple(round_.modules)
    )


def switch_on(
    session: Session, round_: Round, route: Route, *, by: Account | None, now: datetime
) -> OpenDesk:
    """Ask the open questions in this round, or change what staff are told of them.

    Call ``begin_writing`` before. ``by`` None: the system.

    Raises
    ------
    OpenQuestionsError
        If somebody has begun to answer, the round cannot ask them, or a part of the route is empty
        or too long.
    """
    rounds.hold(session, round_)  # nobody begins to answer until the end
    reason = why_not(session, round_, now=now) or why_never(session, round_)
    if reason:
        raise OpenQuestionsError(reason)
    said = {each.name: getattr(route, each.name).strip() for each in fields(route)}
    if not all(said.values()) or any(len(text) > MOST_CHARACTERS for text in said.values()):
        raise OpenQuestionsError(
            N_("Say who reads, and to whom, how and by when a statement about harm is passed on.")
        )
    desk = round_.open_desk
    if desk is None:
        desk = round_.open_desk = OpenDesk(round_id=round_.round_id, answered={}, **said)
        session.add(desk)
    for name, text in said.items():
        setattr(desk, name, text)
    _note(session, round_, "switch_on_open_questions", by=by, now=now)
    session.flush()
    return desk


def switch_off(session: Session, round_: Round, *, by: Account | None, now: datetime) -> None:
    """Ask no open questions in this round. Call ``begin_writing`` before.

    Raises
    ------
    OpenQuestionsError
        If somebody has begun to answer.
    """
    rounds.hold(session, round_)  # nobody begins to answer until the end
    reason = why_not(session, round_, now=now)
    if reason:
        raise OpenQuestionsError(reason)
    if round_.open_desk is None:
        return
    round_.open_desk = None
    _note(session, round_, "switch_off_open_questions", by=by, now=now)
    session.flush()


def kept_until(round_: Round) -> datetime | None:
    """When words that were not handed over are deleted.

    None while the round is open, and where nobody wrote them: simulated words are kept.
    """
    if round_.closed_at is None or round_.simulated:
        return None
    return round_.closed_at + KEPT


def _note(
    session: Session, round_: Round, action: str, *, by: Account | None, now: datetime
) -> None:
    audit.note(session, actor=by, action=action, object_=f"round {round_.round_id}", now=now)
