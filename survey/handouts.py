"""Posters and slips of an anonymous round: puts their words together, in the round's language."""

from hashlib import sha256

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from reports import handouts
from reports.handouts import Handout
from survey import dates
from survey.messages import in_words_of
from survey.models import Round
from survey.services import entry_codes, rounds, timing
from survey.services.reporting import NO_CODES, Document, ReportError
from survey.settings import Settings

#: names with more letters are left out of the headline, so that everything stays on its sheet
LONG_NAME = 24


def make(session: Session, settings: Settings, round_: Round, kind: str) -> Document:
    """Posters or slips for every place of a round.

    Raises
    ------
    ReportError
        If the round has no codes.
    """
    places = entry_codes.places(session, round_)
    if not places:
        raise ReportError(NO_CODES)
    site = settings.public_url.rstrip("/")
    with in_words_of(round_.locale, translations=settings.translations_dir):
        handout = _handout(round_, kind, site=site.partition("://")[2])
        shown = [_place(round_, place, site=site) for place in places]
    content = handouts.render("slips" if kind == "slips" else "posters", handout, shown)
    return Document(content=content, fingerprint=sha256(content).hexdigest())


def name_of(round_: Round, place: entry_codes.Place) -> str:
    """The place as its poster names it; the central team by its local name."""
    if place.name is not None:
        return place.name
    hub = rounds.words_of(round_).fills.get("hub", "")
    return hub[:1].upper() + hub[1:] or _("All staff")


def _place(round_: Round, place: entry_codes.Place, *, site: str) -> handouts.Place:
    address = f"{site}/c/{place.code}"
    return handouts.Place(
        name=name_of(round_, place),
        code=entry_codes.shown(place.code),
        address=address,
        picture_words=_("QR code that leads to %(address)s", address=address),
    )


def _handout(round_: Round, kind: str, *, site: str) -> Handout:
    organisation = round_.organisation
    return Handout(
        locale=round_.locale,
        title=(
            _("Slips: %(round)s", round=round_.name)
            if kind == "slips"
            else _("Posters: %(round)s", round=round_.name)
        ),
        organisation=organisation.name,
        headline=(
            _("Say how your organisation works")
            if len(organisation.short_name) > LONG_NAME
            else _("Say how %(organisation)s works", organisation=organisation.short_name)
        ),
        promise=_(
            "%(organisation)s asks everybody who works for it. It sees figures for groups of "
            "%(n)s or more people, and never any one person’s answers.",
            organisation=organisation.short_name,
            n=rounds.instrument_of(round_).disclosure.group_n,
        ),
        scan=_("Scan this with your phone’s camera"),
        open_this=_("Or open this address"),
        site=site,
        type_this=_("and type this code"),
        facts=_facts(round_),
        alike=_("Everybody here uses the same code. It belongs to no person."),
        tag=_("Simulated data") if round_.simulated else "",
    )


def _facts(round_: Round) -> tuple[tuple[str, str], ...]:
    """Until when, how long, and that one may choose."""
    low, high = timing.minutes_asked(round_)
    is_one = low == high
    return (
        (
            _(
                "Until %(day)s",
                day=dates.day_of(round_.closes_at, round_.organisation, is_end=True),
            ),
            _(
                "Open from %(day)s. You can stop, and go on later on any device.",
                day=dates.day_of(round_.opens_at, round_.organisation),
            ),
        ),
        (
            _("About %(n)s minutes", n=low)
            if is_one
            else _("About %(low)s to %(high)s minutes", low=low, high=high),
            _("You may leave questions empty.")
            if is_one
            else _("It depends on your role. You may leave questions empty."),
        ),
        (
            _("Taking part is your choice"),
            _("You need no account and give no name. Everybody here uses the same code."),
        ),
    )
