"""Languages of a round: which ones staff may choose, and who answers for an unverified one.

A language is the instrument's words and the interface's together. One whose translation nobody
vouched for may be offered only after the round's leader has read it and confirmed it as it stands;
when it changes, the confirmation counts no longer, and staff are back in the round's own language.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from instruments import translations
from instruments.definition import Instrument, Words
from instruments.folder import Fault
from instruments.pseudo import PSEUDO
from survey import catalogs, locales
from survey.marked import N_
from survey.models import Account, Round
from survey.services import audit, rounds

#: letters of one text that a round fills in
LONGEST_FILL = 200


class LanguageError(ValueError):
    """A language cannot be offered or confirmed; one plain line."""


@dataclass(frozen=True, slots=True)
class Language:
    """A locale as a round has it."""

    locale: str
    name: str
    #: what keeps it from being complete
    faults: tuple[Fault, ...]
    is_verified: bool
    #: the leader has confirmed it as it stands now
    is_confirmed: bool
    is_offered: bool
    #: SHA-256 over everything that nobody vouches for; empty where there is no such thing
    checksum: str

    @property
    def may_be_offered(self) -> bool:
        return not self.faults and (self.is_verified or self.is_confirmed)


@dataclass(frozen=True, slots=True)
class Passage:
    """A text and its translation."""

    source: str
    translation: str


@dataclass(frozen=True, slots=True)
class Part:
    """Passages of one kind: "instrument" or "interface"."""

    kind: str
    passages: tuple[Passage, ...]


def of_round(round_: Round, folder: Path) -> tuple[Language, ...]:
    """Every locale that this round could be answered in, complete or not; the round's own first."""
    instrument = rounds.instrument_of(round_)
    found = {each.locale for each in translations.find(instrument, folder)}
    known = {*instrument.locales, *found, *_offered(round_)}
    order = sorted(known, key=lambda code: (code != round_.locale, code))
    return tuple(_language(round_, instrument, code, folder) for code in order)


def spoken(round_: Round, folder: Path) -> tuple[str, ...]:
    """The locales that staff may choose now; never none."""
    instrument = rounds.instrument_of(round_)
    offered = [_language(round_, instrument, code, folder) for code in _offered(round_)]
    usable = tuple(language.locale for language in offered if language.may_be_offered)
    return usable or (instrument.locale,)


def is_verified(round_: Round, locale: str, folder: Path) -> bool:
    """Whether somebody vouches for the words of this locale."""
    return _language(round_, rounds.instrument_of(round_), locale, folder).is_verified


def reading(round_: Round, locale: str, folder: Path) -> tuple[Part, ...]:
    """What nobody vouches for, beside its source, as staff would read it."""
    instrument = rounds.instrument_of(round_)
    parts = []
    found = _words(instrument, locale, folder)
    if found is not None and found.status != "verified":
        parts.append(Part("instrument", _passages(round_, found, folder)))
    if catalogs.interface(locale, folder).status != "verified":
        pairs = catalogs.beside_source(locale, folder)
        parts.append(Part("interface", tuple(Passage(*pair) for pair in pairs)))
    return tuple(parts)


def _passages(
    round_: Round, translation: translations.Translation, folder: Path
) -> tuple[Passage, ...]:
    instrument = rounds.instrument_of(round_)
    source = translations.source_entries(instrument, translation.locale)
    ours = rounds.words_of(round_, locale=instrument.locale)
    theirs = rounds.words_of(round_, locale=translation.locale, translations=folder)
    if translation.faults:  # what cannot be filled is shown as it stands
        return tuple(
            Passage(text, translation.entries.get(key, "")) for key, text in source.items()
        )
    return tuple(
        Passage(_filled(ours, text), _filled(theirs, translation.entries[key]))
        for key, text in source.items()
    )


def _filled(words: Words, text: str) -> str:
    try:
        return words.fill(text)
    except KeyError:  # a placeholder of a module that this round does not ask
        return text


def offer(
    session: Session,
    round_: Round,
    chosen: Collection[str],
    *,
    fills: Mapping[str, str] | None = None,
    by: Account,
    now: datetime,
    folder: Path,
) -> None:
    """Let staff choose among ``chosen`` and the round's own locale.

    ``fills`` gives words that the round fills in ("the review") in another language, under
    ``name@locale``; an empty one leaves the round's own. Call ``begin_writing`` before.

    Raises
    ------
    LanguageError
        If the round has closed, or one of them may not be offered.
    """
    held = _hold(session, round_, now)
    by_code = {language.locale: language for language in of_round(held, folder)}
    for code in chosen:
        if code not in by_code or (code != held.locale and not by_code[code].may_be_offered):
            raise LanguageError(N_("That language cannot be offered. Read and confirm it first."))
    wanted = [code for code in by_code if code == held.locale or code in chosen]
    placeholders = _with_fills(held, fills or {}, by_code)
    if wanted == list(_offered(held)) and placeholders == held.placeholders:
        return
    held.locales = wanted
    held.placeholders = placeholders
    held.revision += 1
    audit.note(
        session, actor=by, action="offer_languages", object_=f"round {held.round_id}", now=now
    )
    session.flush()


def _with_fills(
    round_: Round, fills: Mapping[str, str], locales_: Collection[str]
) -> dict[str, str]:
    """The round's placeholders with these, as far as it has such a placeholder and locale."""
    placeholders = dict(round_.placeholders)
    for key, text in fills.items():
        name, _, locale = key.partition("@")
        if name not in round_.placeholders or locale not in locales_:
            continue
        if len(text) > LONGEST_FILL:
            raise LanguageError(N_("Words that are filled in may have 200 letters at most."))
        placeholders.pop(key, None)
        if text.strip():
            placeholders[key] = text.strip()
    return placeholders


def needs_fills(round_: Round, locale: str) -> dict[str, str]:
    """Placeholder -> the round's words for it, where another language needs words of its own."""
    if locale.partition("-")[0] == round_.locale.partition("-")[0] and locale not in PSEUDO:
        return {}
    asked = {"mto", *rounds.instrument_of(round_).placeholders}
    fills = rounds.fills_of(round_, round_.locale)
    return {name: text for name, text in fills.items() if name in asked}


def confirm(
    session: Session,
    round_: Round,
    locale: str,
    *,
    checksum: str,
    by: Account,
    now: datetime,
    folder: Path,
) -> None:
    """Take the leader's word that they have read an unverified translation, as ``checksum`` has it.

    Call ``begin_writing`` before.

    Raises
    ------
    LanguageError
        If the round has closed, there is no complete translation, or it is not the one read.
    """
    held = _hold(session, round_, now)
    language = next((each for each in of_round(held, folder) if each.locale == locale), None)
    if language is None or language.faults or not language.checksum:
        raise LanguageError(N_("There is no complete translation into that language."))
    if language.checksum != checksum:
        raise LanguageError(
            N_("The translation has changed since you opened the page. Read it once more.")
        )
    held.confirmed_translations = {**held.confirmed_translations, locale: checksum}
    audit.note(
        session,
        actor=by,
        action="confirm_translation",
        object_=f"round {held.round_id}, {locale}",
        now=now,
    )
    session.flush()


def _hold(session: Session, round_: Round, now: datetime) -> Round:
    held = rounds.hold(session, round_)
    if rounds.state(held, now) == "closed":
        raise LanguageError(N_("This round has closed. Its languages no longer change."))
    return held


def _offered(round_: Round) -> Sequence[str]:
    return list(dict.fromkeys((round_.locale, *(round_.locales or ()))))


def _language(round_: Round, instrument: Instrument, locale: str, folder: Path) -> Language:
    interface = catalogs.interface(locale, folder)
    words = _words(instrument, locale, folder)
    parts = [each for each in (words, interface) if each is not None and each.status != "verified"]
    unverified = [each.checksum for each in parts]
    seal = hashlib.sha256("\0".join(unverified).encode()).hexdigest() if any(unverified) else ""
    return Language(
        locale=locale,
        name=locales.name_of(locale),
        faults=(*(words.faults if words else ()), *interface.faults),
        is_verified=not parts,
        is_confirmed=bool(seal) and (round_.confirmed_translations or {}).get(locale) == seal,
        is_offered=locale in _offered(round_),
        checksum=seal,
    )


def _words(instrument: Instrument, locale: str, folder: Path) -> translations.Translation | None:
    """The translation into a locale; None where the instrument speaks it itself."""
    if locale in instrument.locales:
        return None
    for each in translations.find(instrument, folder):
        if each.locale == locale:
            return each
    return translations.missing(instrument, locale)
