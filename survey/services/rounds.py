"""Rounds: made, open, and closed, when responses are born and drafts are destroyed."""

import secrets
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments import registry
from instruments.definition import Instrument, Words
from instruments.translations import words as translated_words
from survey.models import (
    Account,
    Draft,
    EntryCode,
    Invitation,
    Mailing,
    Message,
    PlannedReminder,
    Response,
    RosterRow,
    RosterUpload,
    Round,
    School,
)
from survey.models.columns import random_id
from survey.services import audit, open_answers
from survey.services.coding import Sheet, as_responses, shown_only
from survey.services.round_making import LINK_ALPHABET, MODES, RoundError, check_mode, create, new
from survey.services.scrubbing import needs_scrub, scrub

__all__ = [
    "LINK_ALPHABET",
    "MODES",
    "RoundError",
    "by_link",
    "close",
    "create",
    "fills_of",
    "has_begun",
    "instrument_of",
    "needs_scrub",
    "new",
    "schools_of",
    "scrub",
    "set_mode",
    "state",
    "words_of",
]

#: planned: being set up, and asked of nobody before its leader says that it is ready
State = Literal["planned", "waiting", "open", "closed"]


def state(round_: Round, now: datetime) -> State:
    """Where the round stands; derived from its facts, never stored."""
    if round_.closed_at is not None:
        return "closed"
    if round_.ready_at is None:
        return "planned"
    if now >= round_.closes_at:
        return "closed"
    return "waiting" if now < round_.opens_at else "open"


def instrument_of(round_: Round) -> Instrument:
    """The pinned instrument; ``RoundError`` if its files changed since the round was made."""
    instrument = registry.load(round_.instrument_slug, round_.instrument_version)
    if instrument.checksum != round_.instrument_checksum:
        raise RoundError(
            f"round {round_.name!r}: {instrument.slug} {instrument.version} is not what it was "
            "when the round was made; restore that version's files"
        )
    return instrument


def words_of(
    round_: Round, *, locale: str | None = None, translations: Path | None = None
) -> Words:
    """The instrument's words as this round asks them, in its own locale if none is named.

    ``translations`` is the installation's folder of translations: without it, only what the
    instrument itself speaks is found, and its own locale stands in for anything else.
    """
    chosen = locale or round_.locale
    return translated_words(
        instrument_of(round_), chosen, fills_of(round_, chosen), folder=translations
    )


def fills_of(round_: Round, locale: str) -> dict[str, str]:
    """What the round fills into its texts in a locale: its own words where it has none for it."""
    own = {name: text for name, text in round_.placeholders.items() if "@" not in name}
    if not _is_same_language(locale, round_.locale):
        # a term has its own word in every language; what only a round can say stands as it is
        asked = instrument_of(round_).placeholders
        own = {name: text for name, text in own.items() if name in asked or name == "mto"}
    there = {name: round_.placeholders.get(f"{name}@{locale}") for name in own}
    return own | {name: text for name, text in there.items() if text}


def _is_same_language(one: str, other: str) -> bool:
    return one.partition("-")[0] == other.partition("-")[0]


def schools_of(session: Session, round_: Round) -> list[School]:
    """The schools that people of this round may belong to, by name."""
    of_round = sa.select(RosterRow.school_id).where(RosterRow.round_id == round_.round_id)
    return list(
        session.scalars(
            sa.select(School).where(School.school_id.in_(of_round)).order_by(School.name)
        )
    )


def by_link(session: Session, link: str, *, hold: bool = False) -> Round | None:
    """The round with this shared link.

    ``hold`` keeps it from being closed until the transaction ends: whoever saves an answer holds
    the round, whoever closes it waits for them.
    """
    query = sa.select(Round).where(Round.link == link)
    if hold:
        query = query.with_for_update(read=True).execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def hold(session: Session, round_: Round) -> Round:
    """The round as it is now, held until the transaction ends: the first of two who act counts."""
    session.flush()
    return session.scalars(
        sa.select(Round)
        .where(Round.round_id == round_.round_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def close(session: Session, round_: Round, *, by: Account | None, now: datetime) -> None:
    """Close the round: its sent drafts become responses; drafts and tokens are destroyed.

    One transaction does all of it. Responses are written in random order under random ids, with
    role, school, form, order of the sections, the careless flag, and the answers to items that a
    person of that role and with those answers was shown. Drafts begun and not sent are deleted
    and not counted. What was written to open questions is born apart (``open_answers.bear``).
    Invitations, messages and codes go with them. A closed round is left as it is.

    Call ``begin_writing`` before, ``scrub`` after the commit. ``by`` None: the system.
    """
    held = hold(session, round_)
    if held.closed_at is not None:
        return
    if held.ready_at is None:
        raise RoundError(f"round {held.name!r}: it is being set up, and cannot be closed")
    born = _responses(session, held)
    secrets.SystemRandom().shuffle(born)
    if born:
        session.execute(sa.insert(Response), born)
    open_answers.bear(session, held, instrument_of(held))
    session.execute(sa.delete(Draft).where(Draft.round_id == held.round_id))
    _destroy_ways_in(session, held)
    held.school_names = {each.school_id: each.name for each in schools_of(session, held)}
    held.closed_at = now
    audit.note(session, actor=by, action="close_round", object_=f"round {held.round_id}", now=now)


def _destroy_ways_in(session: Session, round_: Round) -> None:
    """Delete invitations, messages, codes, uploaded lists; of a mailing only its counts stay."""
    mailings = session.scalars(sa.select(Mailing).where(Mailing.round_id == round_.round_id)).all()
    for mailing in mailings:
        mine = Message.mailing_id == mailing.mailing_id
        states = (
            sa.select(Message.state, sa.func.count().label("n")).where(mine).group_by(Message.state)
        )
        mailing.outcome = {row.state: row.n for row in session.execute(states)}
        session.execute(sa.delete(Message).where(mine))
    to_come = sa.and_(PlannedReminder.mailing_id.is_(None), PlannedReminder.skipped == "")
    session.execute(
        sa.delete(PlannedReminder).where(PlannedReminder.round_id == round_.round_id, to_come)
    )
    for table in (Invitation, EntryCode, RosterUpload):
        session.execute(sa.delete(table).where(table.round_id == round_.round_id))


def set_mode(
    session: Session, round_: Round, mode: str, *, by: Account | None, now: datetime
) -> None:
    """Change the mode of a round that nobody has begun to answer.

    Codes and invitations of the other mode are deleted. Call ``begin_writing`` before. ``by`` None:
    the system.

    Raises
    ------
    RoundError
        If there is no such mode, the round is closed, or somebody has begun to answer under what
        the present mode promises.
    """
    check_mode(mode)
    held = hold(session, round_)
    if held.mode == mode:
        return
    if held.closed_at is not None:
        raise RoundError("mode: this round has closed; choose it when you make the next round")
    if has_begun(session, held):
        raise RoundError(
            "mode: somebody has begun to answer under what staff were promised; it can no longer "
            "change in this round"
        )
    _destroy_ways_in(session, held)
    held.mode = mode
    held.revision += 1
    what = f"round {held.round_id}: {mode}"
    audit.note(session, actor=by, action="change_mode", object_=what, now=now)
    session.flush()


def has_begun(session: Session, round_: Round) -> bool:
    """Whether somebody has begun to answer, so that the mode is locked."""
    drafts = sa.select(Draft.key).where(Draft.round_id == round_.round_id)
    return session.scalars(drafts.limit(1)).first() is not None


def _responses(session: Session, round_: Round) -> list[dict[str, Any]]:
    """Rows of the response table, one a sent draft."""
    from instruments import quality

    instrument = instrument_of(round_)
    drafts = session.execute(
        sa.select(Draft.role, Draft.school_id, Draft.dimension_order, Draft.answers).where(
            Draft.round_id == round_.round_id, Draft.sent
        )
    ).all()
    if not drafts:
        return []
    form, modules = round_.form, round_.modules
    sheets = [
        Sheet(
            role=draft.role,
            school=draft.school_id or "",
            answers=shown_only(
                instrument, draft.answers, role=draft.role, form=form, modules=modules
            ),
        )
        for draft in drafts
    ]
    responses = as_responses(instrument, sheets, form=form, modules=modules)
    flagged = quality.careless(instrument, responses).flagged
    return [
        {
            "response_id": random_id(),
            "round_id": round_.round_id,
            "role": draft.role,
            "school_id": draft.school_id,
            "form": round_.form,
            "dimension_order": draft.dimension_order,
            "careless": bool(is_careless),
            "answers": dict(sheet.answers),
        }
        for draft, sheet, is_careless in zip(drafts, sheets, flagged, strict=True)
    ]
