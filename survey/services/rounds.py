"""Rounds: made, open, and closed, when responses are born and drafts are destroyed."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments import registry, routing
from instruments.definition import Instrument, Words
from instruments.roster import Roster
from instruments.translations import words as translated_words
from survey.models import (
    Account,
    Draft,
    EntryCode,
    Invitation,
    Mailing,
    Message,
    Organisation,
    Response,
    RosterRow,
    RosterUpload,
    Round,
    School,
)
from survey.models.columns import random_id
from survey.services import audit
from survey.services.coding import Sheet, as_responses, shown_only
from survey.services.scrubbing import needs_scrub, scrub

__all__ = [
    "RoundError",
    "by_link",
    "close",
    "create",
    "fills_of",
    "has_begun",
    "instrument_of",
    "needs_scrub",
    "schools_of",
    "scrub",
    "set_mode",
    "state",
    "words_of",
]

State = Literal["waiting", "open", "closed"]

#: anonymous: a shared link, codes on posters, no list of people. confidential: a staff list,
#: personal links, reminders
MODES = ("anonymous", "confidential")

#: letters and digits that cannot be taken for one another
LINK_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LINK_LENGTH = 10


class RoundError(ValueError):
    """A round that cannot be made or used; one line: what, where, what to do."""


def create(
    session: Session,
    organisation: Organisation,
    *,
    name: str,
    instrument: Instrument,
    locale: str,
    placeholders: Mapping[str, str],
    opens_at: datetime,
    closes_at: datetime,
    roster: Roster,
    form: str = "full",
    modules: Collection[str] | None = None,
    mode: str = "anonymous",
    admin: Mapping[str, str] | None = None,
    simulated: bool = False,
) -> Round:
    """A new round that pins this version of the instrument, with its roster and shared link.

    Schools that the roster names and the organisation does not have yet are made. ``modules``
    None: those that belong to the form. ``{mto}`` is filled with the organisation's short name
    unless ``placeholders`` fill it.

    Raises
    ------
    RoundError
        If the round could not be asked as described; the message says what to change.
    """
    placeholders = {"mto": organisation.short_name, **placeholders}
    _check_window(opens_at, closes_at)
    _check_mode(mode)
    _check_words(instrument, locale, form, modules or (), placeholders)
    _check_roster(instrument, roster)
    round_ = Round(
        organisation=organisation,
        name=name,
        instrument_slug=instrument.slug,
        instrument_version=instrument.version,
        instrument_checksum=instrument.checksum,
        form=form,
        modules=list(instrument.forms[form].modules if modules is None else modules),
        locale=locale,
        locales=[locale],
        placeholders=placeholders,
        admin=dict(admin or {}),
        mode=mode,
        link="".join(secrets.choice(LINK_ALPHABET) for _ in range(_LINK_LENGTH)),
        opens_at=opens_at,
        closes_at=closes_at,
        simulated=simulated,
    )
    session.add(round_)
    session.flush()
    _add_roster(session, round_, roster)
    return round_


def _check_window(opens_at: datetime, closes_at: datetime) -> None:
    if opens_at.tzinfo is None or closes_at.tzinfo is None:
        raise RoundError("opens_at, closes_at: give times with their time zone")
    if opens_at >= closes_at:
        raise RoundError("closes_at: a round closes after it opens; choose a later time")


def _check_mode(mode: str) -> None:
    if mode not in MODES:
        raise RoundError(f"mode: {mode!r} is not one of {', '.join(MODES)}; choose one of them")


def _check_words(
    instrument: Instrument,
    locale: str,
    form: str,
    modules: Collection[str],
    placeholders: Mapping[str, str],
) -> None:
    if locale not in instrument.locales:
        known = ", ".join(sorted(instrument.locales))
        raise RoundError(f"locale: {locale!r} is not one of {known}; choose one of them")
    try:
        codes = routing.asked(instrument, form=form, modules=modules)
        missing = routing.unfilled(
            instrument, locale=locale, form=form, modules=modules, placeholders=placeholders
        )
    except ValueError as error:
        raise RoundError(str(error)) from error
    if missing:
        asked = "; ".join(f"{name} ({instrument.placeholders[name]})" for name in missing)
        raise RoundError(f"placeholders: fill in {asked}")
    texts = [code for code in codes if instrument.item(code).kind == "text"]
    if texts:
        raise RoundError(f"form: {texts[0]} asks for open words, which cannot be asked yet")


def _check_roster(instrument: Instrument, roster: Roster) -> None:
    for row in roster.rows:
        if row.role not in (instrument.roles or ("",)):
            known = ", ".join(instrument.roles) or "none: leave it empty"
            raise RoundError(f"roster: role {row.role!r} is unknown; use {known}")
        if bool(row.school) is (row.role in instrument.central_roles):
            place = "no school" if row.role in instrument.central_roles else "a school"
            raise RoundError(f"roster: role {row.role!r} belongs to {place}; correct its rows")


def _add_roster(session: Session, round_: Round, roster: Roster) -> None:
    known = {
        school.name: school
        for school in session.scalars(
            sa.select(School).where(School.organisation_id == round_.organisation_id)
        )
    }
    for school_name in roster.schools:
        if school_name not in known:
            known[school_name] = School(organisation=round_.organisation, name=school_name)
            session.add(known[school_name])
    session.flush()
    for row in roster.rows:
        round_.roster.append(
            RosterRow(
                school_id=known[row.school].school_id if row.school else None,
                role=row.role,
                headcount=row.headcount,
            )
        )
    session.flush()


def state(round_: Round, now: datetime) -> State:
    """Where the round stands; derived from its facts, never stored."""
    if round_.closed_at is not None or now >= round_.closes_at:
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
    there = {name: round_.placeholders.get(f"{name}@{locale}") for name in own}
    return own | {name: text for name, text in there.items() if text}


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


def close(session: Session, round_: Round, *, by: Account | None, now: datetime) -> None:
    """Close the round: its sent drafts become responses; drafts and tokens are destroyed.

    One transaction does all of it. Responses are written in random order under random ids, with
    role, school, form, order of the sections, the careless flag, and the answers to items that a
    person of that role and with those answers was shown. Drafts begun and not sent are deleted
    and not counted. Invitations, messages and codes go with them. A closed round is left as it is.

    Call ``begin_writing`` before, ``scrub`` after the commit. ``by`` None: the system.
    """
    session.flush()
    held = session.scalars(
        sa.select(Round)
        .where(Round.round_id == round_.round_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if held.closed_at is not None:
        return
    born = _responses(session, held)
    secrets.SystemRandom().shuffle(born)
    if born:
        session.execute(sa.insert(Response), born)
    session.execute(sa.delete(Draft).where(Draft.round_id == held.round_id))
    _destroy_ways_in(session, held)
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
    _check_mode(mode)
    held = session.scalars(
        sa.select(Round)
        .where(Round.round_id == round_.round_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
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
