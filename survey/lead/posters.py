"""Posters of an anonymous round: a page to print for each school and one for the centre."""

from dataclasses import dataclass

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from survey import dates, i18n, qr, room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.views import bp
from survey.models import Round
from survey.services import entry_codes, rounds, timing

#: names with more letters are left out of the headline, so that everything stays on its sheet
LONG_NAME = 24


@dataclass(frozen=True, slots=True)
class Sheet:
    """A poster and what the list above the posters says of it."""

    anchor: str
    place: str
    code: str
    poster: Markup


@bp.route("/rounds/<round_id>/posters", methods=["GET", "POST"])
@requires("leader")
def posters(round_id: str) -> str | Response:
    """Ask whether to make the codes; make them; show the posters, ready to print."""
    round_ = room.get_round_or_404(round_id)
    form = room.ConfirmForm()
    is_sent = form.validate_on_submit()
    if is_sent:
        begin_writing(db.session)
        round_ = room.get_round_or_404(round_id)
    refusal = _refusal(round_)
    if refusal:
        flash(refusal)
        return redirect(url_for(".show", round_id=round_id), 303)
    if is_sent:
        by = current_user._get_current_object()
        entry_codes.make(db.session, round_, by=by, now=room.now())
        db.session.commit()
        return redirect(url_for(".posters", round_id=round_id), 303)
    sheets = _sheets(round_)
    return render_template(
        "lead/posters.html" if sheets else "lead/make_codes.html",
        round=round_,
        line=room.line(round_),
        form=form,
        sheets=sheets,
        simulated=round_.simulated,
    )


def _refusal(round_: Round) -> str | None:
    """Why this round has no posters."""
    if round_.mode != "anonymous":
        return _("This round has no posters: everybody on the staff list gets a link of their own.")
    if rounds.state(round_, room.now()) == "closed":
        return _("This round has closed, and the codes of its posters are deleted.")
    return None


def _sheets(round_: Round) -> list[Sheet]:
    """The posters, in the words of the round's country; none before the codes are made."""
    places = entry_codes.places(db.session, round_)
    with i18n.speaking(round_.locale):
        return [_sheet(round_, place) for place in places]


def _sheet(round_: Round, place: entry_codes.Place) -> Sheet:
    instrument = rounds.instrument_of(round_)
    site = current_app.extensions["midtier_settings"].public_url.rstrip("/")
    address = site + url_for("enter.follow_code", code=place.code)
    name = _name(round_, place)
    poster = render_template(
        "lead/_poster.html",
        round=round_,
        anchor=f"poster-{place.code}",
        place=name,
        organisation=round_.organisation,
        is_long=len(round_.organisation.short_name) > LONG_NAME,
        code=entry_codes.shown(place.code),
        # an address breaks after a dot, never after a hyphen
        site=site.partition("://")[2].replace(".", ".\n").split("\n"),
        picture=qr.draw(address, title=_("QR code that leads to %(address)s", address=address)),
        closes=dates.day_of(round_.closes_at, round_.organisation, is_end=True),
        opens=dates.day_of(round_.opens_at, round_.organisation),
        minutes=timing.minutes_asked(round_),
        group_n=instrument.disclosure.group_n,
    )
    return Sheet(
        anchor=f"poster-{place.code}",
        place=name,
        code=entry_codes.shown(place.code),
        poster=Markup(poster),  # noqa: S704 (our own template, which escaped what it was given)
    )


def _name(round_: Round, place: entry_codes.Place) -> str:
    """The place as the poster names it; the central team by its local name."""
    if place.name is not None:
        return place.name
    hub = rounds.words_of(round_).fills.get("hub", "")
    return hub[:1].upper() + hub[1:] or _("All staff")
