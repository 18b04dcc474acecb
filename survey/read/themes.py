"""A theme on the reader's desk: renamed, or merged with another."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from survey.account import requires
from survey.database import begin_writing, db
from survey.models import Round, Theme
from survey.read.forms import MergeForm, RenameForm
from survey.read.views import bp, desk_or_404, not_to_read, of_round, theme_or_404
from survey.services import open_desk, rounds
from survey.services.open_desk import DeskError


@bp.route("/rounds/<round_id>/themes/<theme_id>", methods=["GET", "POST"])
@requires("reader")
def theme(round_id: str, theme_id: str) -> str | Response | tuple[str, int]:
    """The theme's name and its answers; give it another name."""
    if request.method == "POST":
        begin_writing(db.session)
    round_ = desk_or_404(round_id)
    if (away := not_to_read(round_)) is not None:
        return away
    found = theme_or_404(round_, theme_id)
    form = RenameForm(obj=found)
    if not form.is_submitted():
        return _show(round_, found, form)
    if not form.validate():
        return _show(round_, found, form, errors=[str(text) for text in form.name.errors]), 422
    try:
        open_desk.rename(db.session, round_, found, form.name.data)
    except DeskError as error:
        form.name.errors = [_(str(error))]
        return _show(round_, found, form, errors=[_(str(error))]), 422
    db.session.commit()
    flash(_("Saved."))
    return redirect(url_for(".desk", round_id=round_id), 303)


@bp.post("/rounds/<round_id>/themes/<theme_id>/merge")
@requires("reader")
def merge_theme(round_id: str, theme_id: str) -> Response:
    """Move the answers of a theme to another, and delete it."""
    begin_writing(db.session)
    round_ = desk_or_404(round_id)
    if (away := not_to_read(round_)) is not None:
        return away
    found = theme_or_404(round_, theme_id)
    into = theme_or_404(round_, request.form.get("into", ""))
    try:
        open_desk.merge(db.session, round_, found, into)
    except DeskError as error:
        db.session.rollback()
        flash(_(str(error)))
        return redirect(url_for(".theme", round_id=round_id, theme_id=theme_id), 303)
    db.session.commit()
    flash(_("The two themes are one now."))
    return redirect(url_for(".desk", round_id=round_id), 303)


def _show(round_: Round, found: Theme, form: RenameForm, *, errors: list[str] | None = None) -> str:
    others = [
        each
        for pile in open_desk.piles(db.session, round_)
        if pile.item == found.item
        for each, _n in pile.themes
        if each is not found
    ]
    merging = MergeForm(formdata=None)
    merging.into.choices = [SelectChoice(each.theme_id, each.name) for each in others]
    return render_template(
        "read/theme.html",
        **of_round(round_),
        theme=found,
        answers=sorted(found.answers, key=lambda each: each.open_answer_id),
        question=rounds.words_of(round_).stem(found.item),
        form=form,
        merging=merging if others else None,
        errors=[{"message": text, "target": "name"} for text in errors or ()],
    )
