"""Organisations: how one comes to be, what it says of itself, its schools."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from babel import Locale
from sqlalchemy.orm import Session

from instruments import registry, routing
from instruments.definition import Instrument
from survey.marked import N_
from survey.models import Account, Organisation, School
from survey.services import accounts, audit, clock
from survey.services.saving import Fault, NotSavedError, StaleError, is_plain, one_line

KINDS = ("trust", "district", "charter", "authority", "support", "other")
LONGEST_NAME = 120
LONGEST_SHORT_NAME = 60
LONGEST_WORD = 60
#: schools that one form may add, and letters of a school's name
MOST_SCHOOLS = 500
LONGEST_SCHOOL_NAME = 120

_NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


@dataclass(frozen=True, slots=True)
class Details:
    """What an organisation says of itself. ``time_zone`` may be empty: the country's."""

    name: str
    short_name: str
    kind: str
    country: str
    locale: str
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A word that an instrument takes from the organisation's country, or from the organisation."""

    name: str
    #: what the placeholder stands for; empty for a term
    about: str
    default: str
    own: str


@cache
def countries(locale: str) -> Mapping[str, str]:
    """Code -> name of every country, in the words of a locale."""
    named = Locale.parse(locale, sep="-").territories
    return {
        str(code): str(name)
        for code, name in named.items()
        if len(str(code)) == 2 and str(code).isalpha() and code not in _NO_COUNTRIES
    }


def begin(session: Session, *, email: str, name: str, password: str, now: datetime) -> Organisation:
    """A new organisation that has no name yet, and the account of its first leader, who gives it.

    Raises
    ------
    AccountError
        If the address is none or taken.
    """
    organisation = Organisation(name="", short_name="")
    session.add(organisation)
    session.flush()
    accounts.create(
        session,
        email=email,
        name=name,
        organisation=organisation,
        role="leader",
        password=password,
    )
    _note(session, organisation, "begin_organisation", by=None, now=now)
    return organisation


def is_named(organisation: Organisation) -> bool:
    """Whether its first leader has said what it is called."""
    return bool(organisation.name)


def save(
    session: Session,
    organisation: Organisation,
    details: Details,
    *,
    revision: int,
    by: Account | None,
    now: datetime,
) -> None:
    """Save what an organisation says of itself. Call ``begin_writing`` before.

    Rounds that are there keep their moments: only how they are shown follows the time zone.

    Raises
    ------
    NotSavedError
        With a fault for each field that cannot be used.
    StaleError
        If ``revision`` is not the organisation's any more.
    """
    held = _hold(session, organisation, revision)
    details = Details(**{name: one_line(text) for name, text in asdict(details).items()})
    if faults := list(_faults(details)):
        raise NotSavedError(faults)
    for name, text in asdict(details).items():
        setattr(held, name, text)
    held.time_zone = details.time_zone or clock.default_zone(details.country) or "UTC"
    held.revision += 1
    _note(session, held, "save_organisation", by=by, now=now)


def _faults(details: Details) -> Iterator[Fault]:
    for name, most in (("name", LONGEST_NAME), ("short_name", LONGEST_SHORT_NAME)):
        yield from word_faults(name, getattr(details, name), most=most, needed=True)
    if details.kind not in KINDS:
        yield Fault("kind", N_("Choose one of the kinds."))
    if details.country not in countries("en-GB"):
        yield Fault("country", N_("Choose a country from the list."))
    elif not details.time_zone and clock.default_zone(details.country) is None:
        yield Fault("time_zone", N_("This country has several time zones. Choose yours."))
    if details.time_zone and details.time_zone not in clock.zones():
        yield Fault("time_zone", N_("Choose a time zone from the list."))
    if details.locale not in locales():
        yield Fault("locale", N_("Choose a language from the list."))


def word_faults(field: str, text: str, *, most: int, needed: bool = False) -> Iterator[Fault]:
    """What keeps words from being filled into a sentence: empty, long, braces, strange letters."""
    if needed and not text:
        yield Fault(field, N_("Fill this in."))
    if len(text) > most:
        about = {"most": most, "n": len(text)}
        yield Fault(field, N_("Use at most %(most)s letters; there are %(n)s."), about)
    if "{" in text or "}" in text:
        yield Fault(field, N_("Leave out the braces { and }: write the words themselves."))
    if not is_plain(text):
        yield Fault(field, N_("There is a character that cannot be printed. Type it anew."))


def all_word_faults(texts: Mapping[str, str], *, most: int) -> list[Fault]:
    """What keeps the words of several fields from being filled into sentences."""
    return [fault for name, text in texts.items() for fault in word_faults(name, text, most=most)]


def locales() -> tuple[str, ...]:
    """The locales of the library's instruments, which organisations may speak."""
    return tuple(sorted({code for each in _library() for code in each.locales}))


def _library() -> list[Instrument]:
    """The newest version of each instrument that organisations are asked with."""
    loaded = [registry.load(slug) for slug in dict(registry.available())]
    return [instrument for instrument in loaded if instrument.roles]


# --- words ---------------------------------------------------------------------------------------


def words(organisation: Organisation) -> tuple[Word, ...]:
    """The words that instruments take from the country, with the organisation's own beside them."""
    found: dict[str, Word] = {}
    for instrument in _library():
        pack = instrument.locales.get(organisation.locale, instrument.locales[instrument.locale])
        asked = _asked_of_staff(instrument)
        for name, default in {**pack.placeholders, **pack.terms}.items():
            if name == "mto" or name[:1].isupper() or name not in asked or name in found:
                continue
            about = instrument.placeholders.get(name, "")
            found[name] = Word(name, about, default, organisation.words.get(name, ""))
    return tuple(found.values())


def _asked_of_staff(instrument: Instrument) -> set[str]:
    """Placeholders and terms that stand in a question or in the name of a role."""
    text = instrument.texts[instrument.language]
    templates = [item["stem"] for item in text.items.values()]
    templates += [role.get("option", "") for role in text.roles.values()]
    return {name for template in templates for name in routing.fields(template)}


def save_words(
    session: Session,
    organisation: Organisation,
    own: Mapping[str, str],
    *,
    revision: int,
    by: Account | None,
    now: datetime,
) -> None:
    """Save the organisation's own words; an empty one leaves the country's.

    They fill new rounds. A round that is there keeps the words that it was made with.
    Call ``begin_writing`` before.

    Raises
    ------
    NotSavedError, StaleError
        As ``save`` does.
    """
    held = _hold(session, organisation, revision)
    known = {word.name: word.default for word in words(held)}
    typed = {name: one_line(text) for name, text in own.items() if name in known}
    faults = all_word_faults(typed, most=LONGEST_WORD)
    if faults:
        raise NotSavedError(faults)
    held.words = {name: text for name, text in typed.items() if text and text != known[name]}
    held.revision += 1
    _note(session, held, "save_words", by=by, now=now)


# --- schools -------------------------------------------------------------------------------------


def schools(session: Session, organisation: Organisation) -> list[School]:
    """Its schools by name, closed ones last."""
    found = session.scalars(
        sa.select(School).where(School.organisation_id == organisation.organisation_id)
    )
    return sorted(found, key=lambda each: (each.closed_at is not None, each.name.casefold()))


def add_schools(
    session: Session,
    organisation: Organisation,
    names: Sequence[str],
    *,
    by: Account | None,
    now: datetime,
) -> int:
    """Add schools; returns how many are new. One that is there already is not added again.

    Call ``begin_writing`` before.

    Raises
    ------
    NotSavedError
        If none is named, there are too many, or a name cannot be used; then none is added.
    """
    wanted = {one_line(name).casefold(): one_line(name) for name in names if name.strip()}
    faults = [fault for name in wanted.values() for fault in school_faults("names", name)]
    if not wanted:
        faults = [Fault("names", N_("Write the name of at least one school."))]
    if len(wanted) > MOST_SCHOOLS:
        about = {"most": MOST_SCHOOLS}
        faults = [Fault("names", N_("Add at most %(most)s schools at once."), about)]
    if faults:
        raise NotSavedError(faults[:1])
    known = {school.name.casefold() for school in schools(session, organisation)}
    fresh = [name for key, name in wanted.items() if key not in known]
    session.add_all(School(organisation=organisation, name=name) for name in fresh)
    if fresh:
        _note(session, organisation, "add_schools", by=by, now=now)
    return len(fresh)


def close_school(session: Session, school: School, *, by: Account | None, now: datetime) -> None:
    """Leave a school out of new rounds; rounds that asked it keep it."""
    if school.closed_at is None:
        school.closed_at = now
        _note_school(session, school, "close_school", by=by, now=now)


def reopen_school(session: Session, school: School, *, by: Account | None, now: datetime) -> None:
    """Take a school into new rounds again."""
    if school.closed_at is not None:
        school.closed_at = None
        _note_school(session, school, "reopen_school", by=by, now=now)


def school_faults(field: str, name: str) -> Iterator[Fault]:
    """What keeps a text from being the name of a school."""
    for fault in word_faults(field, name, most=LONGEST_SCHOOL_NAME, needed=True):
        yield Fault(field, fault.message, {"school": name[:40], **fault.about})


def hold(session: Session, organisation_id: str) -> Organisation:
    """The organisation as it is now, held until the transaction ends."""
    session.flush()
    return session.scalars(
        sa.select(Organisation)
        .where(Organisation.organisation_id == organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _hold(session: Session, organisation: Organisation, revision: int) -> Organisation:
    held = hold(session, organisation.organisation_id)
    if held.revision != revision:
        raise StaleError
    return held


def _note(
    session: Session, organisation: Organisation, action: str, *, by: Account | None, now: datetime
) -> None:
    what = f"organisation {organisation.organisation_id}"
    audit.note(session, actor=by, action=action, object_=what, now=now, organisation=organisation)


def _note_school(
    session: Session, school: School, action: str, *, by: Account | None, now: datetime
) -> None:
    audit.note(
        session,
        actor=by,
        action=action,
        object_=f"school {school.school_id}",
        now=now,
        organisation=school.organisation,
    )
