"""Posters and slips of an anonymous round: codes, and two documents that the worker makes."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from survey import handouts, i18n, room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.views import bp
from survey.models import Round
from survey.services import entry_codes, rounds


@dataclass(frozen=True, slots=True)
class Line:
    """A place and its code, as the page lists them."""

    place: str
    code: str


@bp.route("/rounds/<round_id>/posters", methods=["GET", "POST"])
@requires("leader")
def posters(round_id: str) -> str | Response:
    """Ask whether to make the codes; make them; list them, with their posters and slips."""
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
        entry_codes.make(db.session, round_, by=room.account(), now=room.now())
        db.session.commit()
        return redirect(url_for(".posters", round_id=round_id), 303)
    lines = _lines(round_)
    return render_template(
        "lead/posters.html" if lines else "lead/make_codes.html",
        round=round_,
        line=room.line(round_),
        form=form,
        places=lines,
        posters=room.find_report(round_, "posters"),
        slips=room.find_report(round_, "slips"),
        simulated=round_.simulated,
    )


@bp.post("/rounds/<round_id>/posters/<any(posters, slips):kind>")
@requires("leader")
def ask_handout(round_id: str, kind: str) -> Response:
    """Ask for posters or slips; for new ones, where they are there."""
    return _refused(round_id) or room.ask(round_id, kind, back=".posters")


@bp.get("/rounds/<round_id>/posters/<any(posters, slips):kind>.pdf")
@requires("leader")
def download_handout(round_id: str, kind: str) -> Response:
    """The finished posters or slips, of all places in one file."""
    return _refused(round_id) or room.send(round_id, kind, back=".posters")


def _refused(round_id: str) -> Response | None:
    """Back to the round, where it has no posters (any more)."""
    refusal = _refusal(room.get_round_or_404(round_id))
    if refusal is None:
        return None
    flash(refusal)
    return redirect(url_for(".show", round_id=round_id), 303)


def _refusal(round_: Round) -> str | None:
    """Why this round has no posters."""
    if round_.mode != "anonymous":
        return _("This round has no posters: everybody on the staff list gets a link of their own.")
    if rounds.state(round_, room.now()) == "closed":
        return _("This round has closed, and the codes of its posters are deleted.")
    return None


def _lines(round_: Round) -> list[Line]:
    """Places and codes, in the words of the round's country; none before the codes are made."""
    with i18n.speaking(round_.locale):
        return [
            Line(handouts.name_of(round_, place), entry_codes.shown(place.code))
            for place in entry_codes.places(db.session, round_)
        ]
