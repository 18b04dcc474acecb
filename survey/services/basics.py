"""The first step of setting a round up: its name, instrument, form, window and mode."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from instruments import registry
from instruments.definition import Instrument
from survey.marked import N_
from survey.models import Account, Organisation, Round
from survey.services import clock, organisations, rounds, stages
from survey.services.holding import hold, note, saved
from survey.services.saving import Fault, NotSavedError, one_line

LONGEST_NAME = 80
#: a longer window is a slip of the finger
LONGEST_WINDOW = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Basics:
    """The first step, as it was typed: days and times are those of the organisation's clocks."""

    name: str
    #: "slug@version"
    instrument: str
    form: str
    mode: str
    opens_on: date | None
    opens_time: time | None
    closes_on: date | None
    closes_time: time | None


def offered() -> tuple[Instrument, ...]:
    """The instruments that organisations can be asked with: those that know people's roles."""
    loaded = (registry.load(slug, version) for slug, version in reversed(registry.available()))
    return tuple(instrument for instrument in loaded if instrument.roles)


def name_of(instrument: Instrument) -> str:
    """The name by which a form chooses an instrument."""
    return f"{instrument.slug}@{instrument.version}"


def begin(
    session: Session,
    organisation: Organisation,
    basics: Basics,
    *,
    by: Account | None,
    now: datetime,
) -> Round:
    """A round that is being set up, with its basics.

    Raises
    ------
    NotSavedError
        With a fault for each field that cannot be used.
    """
    window = _checked(organisation, basics, now=now, before=None)
    instrument = registry.load(*basics.instrument.split("@"))
    locale = organisation.locale
    round_ = rounds.new(
        session,
        organisation,
        name=one_line(basics.name),
        instrument=instrument,
        locale=locale if locale in instrument.locales else instrument.locale,
        opens_at=window[0],
        closes_at=window[1],
        form=basics.form,
        mode=basics.mode,
    )
    note(session, round_, "begin_round", by=by, now=now)
    return round_


def basics_of(round_: Round) -> Basics:
    """The basics as a form shows them."""
    opens = clock.local(round_.organisation, round_.opens_at)
    closes = clock.local(round_.organisation, round_.closes_at)
    return Basics(
        name=round_.name,
        instrument=f"{round_.instrument_slug}@{round_.instrument_version}",
        form=round_.form,
        mode=round_.mode,
        opens_on=opens.date(),
        opens_time=opens.time().replace(second=0, microsecond=0),
        closes_on=closes.date(),
        closes_time=closes.time().replace(second=0, microsecond=0),
    )


def save_basics(
    session: Session,
    round_: Round,
    basics: Basics,
    *,
    revision: int,
    by: Account | None,
    now: datetime,
) -> None:
    """Save the basics; another form takes its own modules.

    Raises
    ------
    NotSavedError
        With a fault for each field that cannot be used, or cannot change any more.
    StaleError
        If ``revision`` is not the round's any more.
    """
    held = hold(session, round_, revision)
    before = basics_of(held)
    changed = [name for name in Basics.__slots__ if getattr(before, name) != getattr(basics, name)]
    if not changed:
        return
    stage = stages.stage(session, held, now)
    late = [Fault(name, why) for name in changed if (why := stages.why_not(WHAT[name], stage))]
    if late:
        raise NotSavedError(late)
    window = _checked(held.organisation, basics, now=now, before=before)
    held.name = one_line(basics.name)
    if "instrument" in changed:
        instrument = registry.load(*basics.instrument.split("@"))
        held.instrument_slug, held.instrument_version = instrument.slug, instrument.version
        held.instrument_checksum = instrument.checksum
    if {"form", "instrument"} & set(changed):
        form = rounds.instrument_of(held).forms[basics.form]
        allowed = {*form.modules, *form.optional_modules}
        held.form = basics.form
        held.modules = [*form.modules, *(m for m in held.modules if m in allowed - {*form.modules})]
    if _WINDOW & set(changed):
        held.opens_at, held.closes_at = window
    if "mode" in changed:
        rounds.set_mode(session, held, basics.mode, by=by, now=now)
    saved(session, held, "save_basics", by=by, now=now)


#: field of the basics -> what of a round it is
WHAT = {
    "name": "name",
    "instrument": "instrument",
    "form": "form",
    "mode": "mode",
    "opens_on": "opening",
    "opens_time": "opening",
    "closes_on": "closing",
    "closes_time": "closing",
}
_WINDOW = {"opens_on", "opens_time", "closes_on", "closes_time"}


def _checked(
    organisation: Organisation, basics: Basics, *, now: datetime, before: Basics | None
) -> tuple[datetime, datetime]:
    """The window in UTC; ``NotSavedError`` with everything that is wrong with the basics."""
    faults = list(_basic_faults(basics))
    window, wrong = _window(organisation, basics)
    faults += wrong
    if window is not None and not wrong:
        faults += _window_faults(organisation, window, basics, now=now, before=before)
    if faults or window is None:
        raise NotSavedError(faults)
    return window


def _basic_faults(basics: Basics) -> Iterator[Fault]:
    yield from organisations.word_faults(
        "name", one_line(basics.name), most=LONGEST_NAME, needed=True
    )
    known = {name_of(instrument): instrument for instrument in offered()}
    if basics.instrument not in known:
        yield Fault("instrument", N_("Choose an instrument from the list."))
    elif basics.form not in known[basics.instrument].forms:
        yield Fault("form", N_("Choose one of the forms."))
    if basics.mode not in rounds.MODES:
        yield Fault("mode", N_("Choose one of the two."))


def _window(
    organisation: Organisation, basics: Basics
) -> tuple[tuple[datetime, datetime] | None, list[Fault]]:
    """The window in UTC, and what keeps days and times from being moments."""
    zone, moments, faults = clock.zone_of(organisation), [], []
    for end, day, at in (
        ("opens", basics.opens_on, basics.opens_time),
        ("closes", basics.closes_on, basics.closes_time),
    ):
        if day is None or not 2000 <= day.year <= 2100:
            faults.append(Fault(f"{end}_on", N_("Give a day, such as 4 May 2026.")))
        if at is None:
            faults.append(Fault(f"{end}_time", N_("Give a time, such as 08:00.")))
        if day is None or at is None or faults:
            continue
        moment = clock.moment(zone, day, at)
        if moment is None:
            faults.append(
                Fault(f"{end}_time", N_("Clocks leave this time out on that day. Choose another."))
            )
        else:
            moments.append(moment)
    return ((moments[0], moments[1]) if len(moments) == 2 else None), faults


def _window_faults(
    organisation: Organisation,
    window: tuple[datetime, datetime],
    basics: Basics,
    *,
    now: datetime,
    before: Basics | None,
) -> Iterator[Fault]:
    opens_at, closes_at = window
    if opens_at >= closes_at:
        yield Fault("closes_on", N_("A round closes after it opens. Choose a later day or time."))
    elif closes_at - opens_at > LONGEST_WINDOW:
        yield Fault("closes_on", N_("A round is open for a year at most. Is this the right year?"))
    is_new = before is None or before.opens_on != basics.opens_on
    if is_new and opens_at < now and basics.opens_on != clock.local(organisation, now).date():
        yield Fault("opens_on", N_("This day is over. Choose today or a later day."))
    if closes_at <= now:
        yield Fault("closes_on", N_("This moment is over. Choose a later day or time."))
