"""Setting a round up: its parts, what is stated beside it, and that it is ready.

Each function that saves holds the round, refuses what ``stages`` does not allow and what cannot be
asked, and raises the round's revision. Call ``begin_writing`` before. The basics and the words have
modules of their own.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from survey.marked import N_
from survey.models import Account, Round
from survey.services import organisations, rounds, stages
from survey.services.holding import check_stage, hold, saved
from survey.services.saving import Fault, NotSavedError, one_line
from survey.services.wording import missing_words

#: what the organisation states about itself, printed beside perceptions
FACTS = ("schools then", "schools now", "staff now", "hub staff", "budget")
LONGEST_FACT = 80


def save_modules(
    session: Session,
    round_: Round,
    chosen: Sequence[str],
    *,
    revision: int,
    by: Account | None,
    now: datetime,
) -> None:
    """Choose among the parts that the form leaves to the round.

    Raises
    ------
    NotSavedError, StaleError
        As ``save_words`` does.
    """
    held = hold(session, round_, revision)
    check_stage(session, held, "modules", now)
    form = rounds.instrument_of(held).forms[held.form]
    if unknown := [name for name in chosen if name not in form.optional_modules]:
        about = {"module": unknown[0][:40]}
        raise NotSavedError([Fault("modules", N_("There is no part “%(module)s”."), about)])
    held.modules = [*form.modules, *(name for name in form.optional_modules if name in chosen)]
    saved(session, held, "save_modules", by=by, now=now)


def save_facts(
    session: Session,
    round_: Round,
    typed: Mapping[str, str],
    *,
    revision: int,
    by: Account | None,
    now: datetime,
) -> None:
    """Save what the organisation states about itself; an empty fact is left out of the profile.

    Raises
    ------
    NotSavedError, StaleError
        As ``save_words`` does.
    """
    held = hold(session, round_, revision)
    check_stage(session, held, "facts", now)
    facts = {name: one_line(typed.get(name, "")) for name in FACTS}
    faults = organisations.all_word_faults(facts, most=LONGEST_FACT)
    for name, text in facts.items():
        if text and not any(letter.isdigit() for letter in text):
            faults.append(Fault(name, N_("Say it with a number, such as 12, or 8 in 2021.")))
    if faults:
        raise NotSavedError(faults)
    others = {name: text for name, text in held.admin.items() if name not in FACTS}
    held.admin = {**others, **{name: text for name, text in facts.items() if text}}
    saved(session, held, "save_facts", by=by, now=now)


def save_rules(
    session: Session,
    round_: Round,
    typed: Mapping[str, int],
    *,
    revision: int,
    by: Account | None,
    now: datetime,
) -> None:
    """Save the stop at which the organisation's rules put each decision that they speak of.

    Raises
    ------
    NotSavedError, StaleError
        As ``save_words`` does.
    """
    held = hold(session, round_, revision)
    check_stage(session, held, "facts", now)
    instrument = rounds.instrument_of(held)
    position = instrument.position
    known = [decision.code for decision in position.decisions] if position else []
    stops = instrument.response_scales[position.response].options if position else ()
    faults = [
        Fault(code, N_("Choose one of the stops, or leave it open."))
        for code, stop in typed.items()
        if code not in known or stop not in stops
    ]
    if faults:
        raise NotSavedError(faults)
    held.formal = {code: typed[code] for code in known if code in typed}
    saved(session, held, "save_rules", by=by, now=now)


def has_cases(round_: Round) -> bool:
    """Whether the instrument has reference cases to show."""
    return bool(rounds.instrument_of(round_).cases)


def save_shown(
    session: Session,
    round_: Round,
    *,
    schools_named: bool,
    silhouettes: bool,
    revision: int,
    by: Account | None,
    now: datetime,
) -> None:
    """Save whether schools stand under their names, which staff are told, and the cases' page.

    Raises
    ------
    NotSavedError, StaleError
        As ``save_words`` does.
    """
    held = hold(session, round_, revision)
    check_stage(session, held, "shown", now)
    late = stages.why_not("naming", stages.stage(session, held, now))
    if late and schools_named != held.schools_named:
        raise NotSavedError([Fault("schools_named", late)])
    if silhouettes and not has_cases(held):
        raise NotSavedError([Fault("silhouettes", N_("This instrument has no cases to show."))])
    held.schools_named, held.silhouettes = schools_named, silhouettes
    saved(session, held, "save_shown", by=by, now=now)


def missing(round_: Round, now: datetime) -> tuple[Fault, ...]:
    """What keeps a round from being ready; the field of each fault is the step that mends it."""
    found = []
    if round_.closes_at <= now:
        found.append(Fault("basics", N_("The window is over: choose a later one.")))
    if rounds.instrument_of(round_).roles and not round_.roster:
        found.append(Fault("roster", N_("Nobody is listed yet: say which schools are asked.")))
    if missing_words(round_, rounds.fills_of(round_, round_.locale)):
        found.append(Fault("words", N_("A question asks with words that are not said yet.")))
    return tuple(found)


def set_ready(
    session: Session, round_: Round, *, revision: int, by: Account | None, now: datetime
) -> None:
    """Let the round be asked from the moment that it opens. A ready round is left as it is.

    Raises
    ------
    NotSavedError
        While something is missing.
    StaleError
        If ``revision`` is not the round's any more: then it is not what the leader looked at.
    """
    if round_.ready_at is not None:
        return
    held = hold(session, round_, revision)
    if faults := missing(held, now):
        raise NotSavedError(faults)
    held.ready_at = now
    saved(session, held, "set_ready", by=by, now=now)


def take_back(session: Session, round_: Round, *, by: Account | None, now: datetime) -> None:
    """Set a ready round up again: its links say that it is not open.

    Raises
    ------
    NotSavedError
        If somebody has begun to answer, or the round has closed.
    """
    held = hold(session, round_, None)
    if held.ready_at is None:
        return
    check_stage(session, held, "readiness", now)
    held.ready_at = None
    saved(session, held, "take_back", by=by, now=now)
