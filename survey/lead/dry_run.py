"""The dry run in the leader's room: asked for, done, shown; nothing of it is kept."""

from flask import render_template

from survey import i18n, room
from survey.account import requires
from survey.database import db
from survey.lead.views import bp
from survey.services import dry_run, rounds


@bp.route("/rounds/<round_id>/setup/dry-run", methods=["GET", "POST"])
@requires("leader")
def try_round(round_id: str) -> str:
    """Say what a dry run does; let simulated people answer, and show what they met."""
    round_ = room.get_round_or_404(round_id)
    form = room.ConfirmForm()
    outcome = None
    if form.validate_on_submit():
        outcome = dry_run.run(db.session, round_, folder=i18n.translations_dir(), now=room.now())
    words = rounds.words_of(round_)
    return render_template(
        "lead/dry_run.html",
        round=round_,
        line=room.line(round_),
        form=form,
        outcome=outcome,
        roles={code: words.fill(text["name"]) for code, text in words.text.roles.items()},
        sections={
            code: words.fill(text.get("title", code)) for code, text in words.text.sections.items()
        },
        disclosure=rounds.instrument_of(round_).disclosure,
        simulated=round_.simulated,
    )
