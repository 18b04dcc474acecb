"""Rounds as they come to be: what a round may be, and a new one."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments import routing
from instruments.definition import Instrument
from instruments.roster import Roster
from survey.models import Organisation, RosterRow, Round, School

#: anonymous: a shared link, codes on posters, no list of people. confidential: a staff list,
#: personal links, reminders
MODES = ("anonymous", "confidential")


#: letters and digits that cannot be taken for one another
LINK_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LINK_LENGTH = 10


class RoundError(ValueError):
    """A round that cannot be made or used; one line: what, where, what to do."""


def check_window(opens_at: datetime, closes_at: datetime) -> None:
    if opens_at.tzinfo is None or closes_at.tzinfo is None:
        raise RoundError("opens_at, closes_at: give times with their time zone")
    if opens_at >= closes_at:
        raise RoundError("closes_at: a round closes after it opens; choose a later time")


def check_mode(mode: str) -> None:
    if mode not in MODES:
        raise RoundError(f"mode: {mode!r} is not one of {', '.join(MODES)}; choose one of them")


def check_asked(
    instrument: Instrument, locale: str, form: str, modules: Collection[str]
) -> tuple[str, ...]:
    """Codes of the items that a round would ask; ``RoundError`` if it cannot ask so."""
    if locale not in instrument.locales:
        known = ", ".join(sorted(instrument.locales))
        raise RoundError(f"locale: {locale!r} is not one of {known}; choose one of them")
    try:
        codes = routing.asked(instrument, form=form, modules=modules)
    except ValueError as error:
        raise RoundError(str(error)) from error
    texts = [code for code in codes if instrument.item(code).kind == "text"]
    if texts:
        raise RoundError(f"form: {texts[0]} asks for open words, which cannot be asked yet")
    return codes


def check_words(
    instrument: Instrument,
    locale: str,
    form: str,
    modules: Collection[str],
    placeholders: Mapping[str, str],
) -> None:
    """Raise ``RoundError`` while a placeholder that the round asks with is not filled."""
    missing = routing.unfilled(
        instrument, locale=locale, form=form, modules=modules, placeholders=placeholders
    )
    if missing:
        asked = "; ".join(f"{name} ({instrument.placeholders[name]})" for name in missing)
        raise RoundError(f"placeholders: fill in {asked}")


def check_roster(instrument: Instrument, roster: Roster) -> None:
    for row in roster.rows:
        if row.role not in (instrument.roles or ("",)):
            known = ", ".join(instrument.roles) or "none: leave it empty"
            raise RoundError(f"roster: role {row.role!r} is unknown; use {known}")
        if bool(row.school) is (row.role in instrument.central_roles):
            place = "no school" if row.role in instrument.central_roles else "a school"
            raise RoundError(f"roster: role {row.role!r} belongs to {place}; correct its rows")


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
    placeholders = {
        "mto": organisation.short_name,
        **(organisation.words or {}),
        **placeholders,
    }
    check_asked(instrument, locale, form, modules or ())
    check_words(instrument, locale, form, modules or (), placeholders)
    check_roster(instrument, roster)
    round_ = new(
        session,
        organisation,
        name=name,
        instrument=instrument,
        locale=locale,
        opens_at=opens_at,
        closes_at=closes_at,
        form=form,
        mode=mode,
    )
    round_.placeholders = placeholders
    if modules is not None:
        round_.modules = list(modules)
    round_.admin = dict(admin or {})
    round_.simulated = simulated
    round_.ready_at = opens_at
    _add_roster(session, round_, roster)
    return round_


def new(
    session: Session,
    organisation: Organisation,
    *,
    name: str,
    instrument: Instrument,
    locale: str,
    opens_at: datetime,
    closes_at: datetime,
    form: str,
    mode: str,
) -> Round:
    """A round that is being set up: it pins this version of the instrument, and has a link.

    It asks the modules that belong to the form, in the organisation's own words.

    Raises
    ------
    RoundError
        If there is no such form, locale or mode, or it closes before it opens.
    """
    check_window(opens_at, closes_at)
    check_mode(mode)
    check_asked(instrument, locale, form, ())
    round_ = Round(
        organisation=organisation,
        name=name,
        instrument_slug=instrument.slug,
        instrument_version=instrument.version,
        instrument_checksum=instrument.checksum,
        form=form,
        modules=list(instrument.forms[form].modules),
        locale=locale,
        locales=[locale],
        placeholders={"mto": organisation.short_name, **(organisation.words or {})},
        mode=mode,
        link="".join(secrets.choice(LINK_ALPHABET) for _ in range(_LINK_LENGTH)),
        opens_at=opens_at,
        closes_at=closes_at,
    )
    session.add(round_)
    session.flush()
    return round_


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
