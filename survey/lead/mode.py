"""Choosing how staff get in: by one link for everybody, or by personal links."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from survey import room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.views import MODES, bp
from survey.models import Round
from survey.services import rounds


class ModeForm(FlaskForm):
    """The choice between the modes."""

    mode = RadioField(
        lazy_gettext("How staff get in"),
        choices=[SelectChoice(mode, name) for mode, name in MODES.items()],
        validators=[InputRequired(lazy_gettext("Choose one of the two."))],
    )


@bp.route("/rounds/<round_id>/mode", methods=["GET", "POST"])
@requires("leader")
def choose_mode(round_id: str) -> str | Response | tuple[str, int]:
    """Say what each mode means; change it, as long as nobody has begun to answer."""
    round_ = room.get_round_or_404(round_id)
    form = ModeForm(mode=round_.mode)
    if form.validate_on_submit() and not _lock(round_):
        begin_writing(db.session)
        round_ = room.get_round_or_404(round_id)
        try:
            rounds.set_mode(
                db.session,
                round_,
                form.mode.data,
                by=current_user._get_current_object(),
                now=room.now(),
            )
        except rounds.RoundError:  # somebody began, or the round closed, a moment ago
            db.session.rollback()
            return redirect(url_for(".choose_mode", round_id=round_id), 303)
        db.session.commit()
        flash(_("Saved: %(mode)s.", mode=MODES[form.mode.data]))
        return redirect(url_for(".show", round_id=round_id), 303)
    page = render_template(
        "lead/mode.html",
        round=round_,
        line=room.line(round_),
        form=form,
        modes=MODES,
        lock=_lock(round_),
        errors=[
            {"message": message, "target": f"mode-{round_.mode}"} for message in form.mode.errors
        ],
        simulated=round_.simulated,
    )
    return page, 422 if form.errors else 200


def _lock(round_: Round) -> str:
    """Why the mode cannot change any more; empty where it can."""
    if rounds.state(round_, room.now()) == "closed":
        return _("This round has closed. You can choose again when you make the next one.")
    if rounds.has_begun(db.session, round_):
        return _(
            "Somebody has begun to answer under what staff were promised. It can no longer "
            "change in this round."
        )
    return ""
