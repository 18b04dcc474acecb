"""In their own words: the themes that the reader handed over, and the quotations that may leave."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from survey import room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.views import bp
from survey.models import Round
from survey.services import open_answers, open_desk, rounds


@bp.get("/rounds/<round_id>/themes")
@requires("leader")
def show_themes(round_id: str) -> str:
    """What several people write, question by question, as far as it may be told."""
    round_ = room.get_round_or_404(round_id)
    words = rounds.words_of(round_)
    told = open_answers.themes(db.session, round_)
    return render_template(
        "lead/themes.html",
        round=round_,
        line=room.line(round_),
        state=rounds.state(round_, room.now()),
        desk=round_.open_desk,
        questions=[{"stem": words.stem(each.item), "told": each} for each in told],
        may_ask=_may_ask(round_),
        simulated=round_.simulated,
    )


def _may_ask(round_: Round) -> bool:
    desk = round_.open_desk
    is_told = desk is not None and desk.quoted_at is not None
    return not is_told and open_answers.has_quotations(db.session, round_)


@bp.route("/rounds/<round_id>/themes/quotations", methods=["GET", "POST"])
@requires("leader")
def ask_quotations(round_id: str) -> str | Response:
    """Say what reading single people's words asks of a leader; then show them."""
    round_ = room.get_round_or_404(round_id)
    back = redirect(url_for(".show_themes", round_id=round_id), 303)
    if not _may_ask(round_):
        return back
    form = room.ConfirmForm()
    if not form.validate_on_submit():
        return render_template(
            "lead/ask_quotations.html",
            round=round_,
            line=room.line(round_),
            form=form,
            simulated=round_.simulated,
        )
    begin_writing(db.session)
    try:
        open_desk.quote(
            db.session, room.get_round_or_404(round_id), by=room.account(), now=room.now()
        )
    except open_desk.DeskError as error:
        db.session.rollback()
        flash(_(str(error)))
    else:
        db.session.commit()
    return back
