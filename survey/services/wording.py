"""The words that a round fills into its questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from instruments import routing
from instruments.definition import Instrument
from survey.marked import N_
from survey.models import Account, Round
from survey.services import organisations, rounds
from survey.services.holding import check_stage, hold, saved
from survey.services.languages import LONGEST_FILL
from survey.services.saving import Fault, NotSavedError, one_line


@dataclass(frozen=True, slots=True)
class Fill:
    """A placeholder that a round asks with."""

    name: str
    #: what it stands for
    about: str
    #: what stands there where the round says nothing; empty where the round must say it
    default: str
    #: the round's words for it
    own: str
    #: questions that hold it, not filled
    templates: tuple[str, ...]


def fills(round_: Round) -> tuple[Fill, ...]:
    """The placeholders and terms that stand in this round's questions, placeholders first."""
    instrument = rounds.instrument_of(round_)
    words = instrument.words(round_.locale)
    templates = _templates(round_, instrument)
    pack = instrument.locales[round_.locale]
    defaults = {**pack.terms, **pack.placeholders, "mto": round_.organisation.short_name}
    names = [*instrument.placeholders, *(term for term in pack.terms if not term[0].isupper())]
    needed = set(missing_words(round_, {}))
    found = []
    for name in names:
        held = tuple(text for text in templates if name in routing.fields(text))
        if held or name in needed:
            own = round_.placeholders.get(name, "")
            about = instrument.placeholders.get(name, "")
            default = defaults.get(name, "")
            own = "" if own == default else own
            found.append(Fill(name, about, words.fill(default), own, held))
    return tuple(found)


def _templates(round_: Round, instrument: Instrument) -> list[str]:
    """The questions that the round asks, and the names of its roles, as the instrument has them."""
    text = instrument.words(round_.locale).text
    asked = routing.asked(instrument, form=round_.form, modules=round_.modules)
    roles = [role.get("option", "") for role in text.roles.values()]
    return [*(text.items[code]["stem"] for code in asked), *roles]


def missing_words(round_: Round, typed: Mapping[str, str]) -> tuple[str, ...]:
    """Placeholders that would not be filled, if the round had these words for its own."""
    return routing.unfilled(
        rounds.instrument_of(round_),
        locale=round_.locale,
        form=round_.form,
        modules=round_.modules,
        placeholders={"mto": round_.organisation.short_name, **typed},
    )


def examples(round_: Round, typed: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Placeholder -> up to two questions that hold it, as they would read with these words."""
    instrument = rounds.instrument_of(round_)
    found = fills(round_)
    said = {fill.name: one_line(typed.get(fill.name, "")) or fill.default or "…" for fill in found}
    words = instrument.words(round_.locale, said)
    return {fill.name: tuple(words.fill(text) for text in fill.templates[:2]) for fill in found}


def save_words(
    session: Session,
    round_: Round,
    typed: Mapping[str, str],
    *,
    revision: int,
    by: Account | None,
    now: datetime,
) -> None:
    """Save the words that the round fills into its questions; an empty one leaves the default.

    Raises
    ------
    NotSavedError
        If a word that is asked with is missing or cannot be used, or the round is ready.
    StaleError
        If ``revision`` is not the round's any more.
    """
    held = hold(session, round_, revision)
    check_stage(session, held, "words", now)
    names = [fill.name for fill in fills(held)]
    own = {name: one_line(typed.get(name, "")) for name in names}
    faults = organisations.all_word_faults(own, most=LONGEST_FILL)
    own = {name: text for name, text in own.items() if text}
    for name in missing_words(held, own):
        faults.append(Fault(name, N_("A question asks with this. Say it in your own words.")))
    if faults:
        raise NotSavedError(faults)
    kept = {name: text for name, text in held.placeholders.items() if name not in names}
    held.placeholders = {"mto": held.organisation.short_name, **kept, **own}
    saved(session, held, "save_words", by=by, now=now)
