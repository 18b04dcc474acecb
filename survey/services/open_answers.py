"""Answers in people's own words: born when the round closes, and what is told of them."""

import secrets
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments import routing
from instruments.definition import Instrument
from survey.models import Draft, OpenAnswer, OpenDesk, Round, Theme
from survey.models.columns import random_id
from survey.services import open_parts

#: how long after the close words are kept, should the reader not hand over before
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class ToldTheme:
    """A theme that may be told: ``people`` is a band, ``quotations`` may leave."""

    name: str
    people: str
    quotations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldQuestion:
    """What may be told of one open question: how many answered, in a band, and its themes."""

    item: str
    answered: str
    themes: tuple[ToldTheme, ...]


def bear(session: Session, round_: Round, instrument: Instrument) -> None:
    """Write what stands in sent drafts as answers that nothing joins to anything.

    Each answer is a row of its own, in random order under a random id, with no key, school or role,
    and no link to the response or to the same person's other words; of its school only the part is
    kept that ``open_parts`` says. Called by ``rounds.close`` before drafts are deleted.
    """
    if round_.open_desk is None:
        return
    drafts = session.execute(
        sa.select(Draft.school_id, Draft.role, Draft.written, Draft.quotable).where(
            Draft.round_id == round_.round_id, Draft.sent
        )
    ).all()
    born: list[dict[str, Any]] = []
    for page in routing.open_questions(instrument):
        for code in page.items:
            item = instrument.item(code)
            mine = [
                draft for draft in drafts if draft.written.get(code) and item.asked_of(draft.role)
            ]
            parts = open_parts.deal(
                sorted({draft.school_id for draft in mine if draft.school_id}),
                has_centre=bool(instrument.central_roles),
            )
            born += [_row(round_, code, draft, parts) for draft in mine]
    secrets.SystemRandom().shuffle(born)
    if born:
        session.execute(sa.insert(OpenAnswer), born)


def _row(round_: Round, code: str, draft: Any, parts: Mapping[Hashable, str]) -> dict[str, Any]:
    return {
        "open_answer_id": random_id(),
        "round_id": round_.round_id,
        "item": code,
        "part": parts.get(draft.school_id, ""),
        "words": draft.written[code],
        "may_quote": code in draft.quotable,
        "redacted": "",
        "is_cleared": False,
        "is_read": False,
        "harm": "",
    }


def themes(session: Session, round_: Round) -> tuple[ToldQuestion, ...]:
    """What may be told of what people wrote; nothing before the reader has handed it over.

    The bands were worked out by ``reports.disclosure_themes`` at the hand-over, when all that may
    not be told was deleted. Quotations are told once the leader has asked for them.
    """
    desk = round_.open_desk
    if desk is None or desk.handed_over_at is None:
        return ()
    found = session.scalars(
        sa.select(Theme).where(Theme.round_id == round_.round_id).order_by(Theme.name)
    ).all()
    quoted: set[str] = set()
    told = []
    for item, answered in desk.answered.items():
        mine = [_told(theme, desk, quoted) for theme in found if theme.item == item]
        told.append(ToldQuestion(item, answered, tuple(mine)))
    return tuple(told)


def _told(theme: Theme, desk: OpenDesk, quoted: set[str]) -> ToldTheme:
    """A theme with its quotations, each under the first of its themes only."""
    found = []
    if desk.quoted_at is not None:
        for answer in sorted(theme.answers, key=lambda each: each.open_answer_id):
            if answer.open_answer_id not in quoted:
                quoted.add(answer.open_answer_id)
                found.append(answer.redacted)
    return ToldTheme(theme.name, theme.people, tuple(found))


def has_quotations(session: Session, round_: Round) -> bool:
    """Whether words are kept that may leave, once the reader has handed over."""
    desk = round_.open_desk
    if desk is None or desk.handed_over_at is None:
        return False
    found = sa.select(OpenAnswer.open_answer_id).where(OpenAnswer.round_id == round_.round_id)
    return session.scalars(found.limit(1)).first() is not None


def out_of_date(session: Session, *, now: datetime) -> list[Round]:
    """Closed rounds whose words are kept for too long, because nobody handed them over."""
    return list(
        session.scalars(
            sa.select(Round)
            .join(OpenDesk)
            .where(
                Round.closed_at <= now - KEPT,
                sa.not_(Round.simulated),
                OpenDesk.handed_over_at.is_(None),
                sa.exists().where(OpenAnswer.round_id == Round.round_id),
            )
        )
    )


def forget(session: Session, round_: Round) -> None:
    """Delete all words and themes of a round, and have the files rewritten."""
    for table in (OpenAnswer, Theme):
        session.execute(sa.delete(table).where(table.round_id == round_.round_id))
    round_.scrubbed_at = None
    session.flush()
