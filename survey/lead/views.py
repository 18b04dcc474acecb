"""Pages of the leader's room."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from survey import answered, room, staff_page
from survey.account import requires
from survey.database import begin_writing, db
from survey.services import progress, reporting, rounds

bp = Blueprint("lead", __name__, url_prefix="/lead", template_folder="templates")

DOCUMENT = "profile"
#: what a leader brings to a meeting
PACK = ("slides", "handout")

#: mode -> its name
MODES = {
    "anonymous": lazy_gettext("Anonymous: one link for everybody"),
    "confidential": lazy_gettext("Confidential: personal links"),
}


@bp.get("/")
@requires("leader")
def index() -> str:
    """Rounds of the leader's organisation, newest first."""
    found = room.rounds_of_account()
    return render_template(
        "lead/index.html",
        organisation=current_user.organisation,
        rounds=[room.line(round_) for round_ in found],
        simulated=bool(found) and all(round_.simulated for round_ in found),
    )


@bp.get("/rounds/<round_id>")
@requires("leader")
def show(round_id: str) -> str | Response:
    """One round: its window, how many have answered in bands, its profile."""
    round_ = room.get_round_or_404(round_id)
    state = rounds.state(round_, room.now())
    if state == "planned":
        return redirect(url_for(".set_up", round_id=round_id))
    found = progress.of(db.session, round_)
    return render_template(
        "lead/round.html",
        round=round_,
        line=room.line(round_),
        state=state,
        mode=MODES[round_.mode],
        link=room.link(round_),
        progress=found,
        summary=answered.summary(found),
        report=room.find_report(round_, DOCUMENT),
        lacks_themes=reporting.lacks_themes(db.session, room.find_report(round_, DOCUMENT)),
        pack={kind: room.find_report(round_, kind) for kind in PACK},
        promise=staff_page.promise(round_),
        form=room.ConfirmForm(),
        simulated=round_.simulated,
    )


@bp.route("/rounds/<round_id>/close", methods=["GET", "POST"])
@requires("leader")
def close(round_id: str) -> str | Response:
    """Ask whether to close the round now; close it."""
    round_ = room.get_round_or_404(round_id)
    if rounds.state(round_, room.now()) == "planned":
        return redirect(url_for(".set_up", round_id=round_id))
    form = room.ConfirmForm()
    if form.validate_on_submit():
        begin_writing(db.session)
        round_ = room.get_round_or_404(round_id)
        rounds.close(db.session, round_, by=current_user._get_current_object(), now=room.now())
        db.session.commit()
        flash(_("The round is closed. You can have its profile made now."))
        return redirect(url_for(".show", round_id=round_id))
    return render_template(
        "lead/close_round.html",
        round=round_,
        line=room.line(round_),
        form=form,
        simulated=round_.simulated,
    )


@bp.post("/rounds/<round_id>/profile")
@requires("leader")
def ask_profile(round_id: str) -> Response:
    """Ask for the profile, or for another attempt where it failed."""
    return room.ask(round_id, DOCUMENT, back=".show")


@bp.get("/rounds/<round_id>/profile.pdf")
@requires("leader")
def download_profile(round_id: str) -> Response:
    """The finished profile."""
    return room.send(round_id, DOCUMENT, back=".show")
