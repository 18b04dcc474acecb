"""Pages of the reader's room: the rounds, what lies on a desk, one answer at a time."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from survey import room
from survey.account import requires
from survey.database import begin_writing, db
from survey.models import OpenAnswer, Round, Theme
from survey.read.forms import AnswerForm, answer_form
from survey.services import open_desk, open_questions, rounds
from survey.services.open_desk import DeskError

bp = Blueprint("read", __name__, url_prefix="/read", template_folder="templates")


@bp.before_request
def read_and_nothing_else() -> None:
    """Who leads, or holds any other role, reads no words: staff were told of one reader."""
    if current_user.is_authenticated and any(role.name != "reader" for role in current_user.roles):
        abort(403)


@bp.get("/")
@requires("reader")
def index() -> str:
    """Rounds of the reader's organisation that ask open questions, newest first."""
    found = [round_ for round_ in room.rounds_of_account() if open_questions.is_on(round_)]
    lines = [
        {
            "round": room.line(round_),
            "is_done": round_.open_desk.handed_over_at is not None,
            "is_closed": round_.closed_at is not None,
            "until": _until(round_),
        }
        for round_ in found
        if round_.open_desk is not None
    ]
    return render_template(
        "read/index.html",
        organisation=current_user.organisation,
        lines=lines,
        simulated=bool(found) and all(round_.simulated for round_ in found),
    )


def _until(round_: Round) -> str:
    until = open_questions.kept_until(round_)
    return format_date(until, "long") if until else ""


@bp.get("/rounds/<round_id>")
@requires("reader")
def desk(round_id: str) -> str | Response:
    """What is to be read, and the themes found so far."""
    round_ = desk_or_404(round_id)
    if (away := not_to_read(round_)) is not None:
        return away
    words = rounds.words_of(round_)
    piles = open_desk.piles(db.session, round_)
    reason = open_desk.why_not_yet(db.session, round_)
    return render_template(
        "read/desk.html",
        **of_round(round_),
        until=_until(round_),
        piles=[{"pile": pile, "question": words.stem(pile.item)} for pile in piles],
        reason=_(reason) if reason else "",
    )


@bp.get("/rounds/<round_id>/questions/<item>")
@requires("reader")
def answers(round_id: str, item: str) -> str | Response:
    """All answers to one question, so that one can come back to each."""
    round_ = desk_or_404(round_id)
    if (away := not_to_read(round_)) is not None:
        return away
    _known_or_404(round_, item)
    return render_template(
        "read/answers.html",
        **of_round(round_),
        question=rounds.words_of(round_).stem(item),
        answers=open_desk.answers(db.session, round_, item),
    )


@bp.get("/rounds/<round_id>/questions/<item>/next")
@requires("reader")
def next_answer(round_id: str, item: str) -> Response:
    """On to the next answer that is not read; to the desk where there is none."""
    round_ = desk_or_404(round_id)
    if (away := not_to_read(round_)) is not None:
        return away
    _known_or_404(round_, item)
    found = open_desk.next_unread(db.session, round_, item)
    if found is None:
        flash(_("Every answer to that question is read."))
        return redirect(url_for(".desk", round_id=round_id))
    return redirect(url_for(".answer", round_id=round_id, answer_id=found.open_answer_id))


@bp.route("/rounds/<round_id>/answers/<answer_id>", methods=["GET", "POST"])
@requires("reader")
def answer(round_id: str, answer_id: str) -> str | Response | tuple[str, int]:
    """One answer: its words, its themes, what may be quoted of it."""
    if request.method == "POST":
        begin_writing(db.session)
    round_ = desk_or_404(round_id)
    if (away := not_to_read(round_)) is not None:
        return away
    found = _answer_or_404(round_, answer_id)
    themes = [
        theme
        for pile in open_desk.piles(db.session, round_)
        if pile.item == found.item
        for theme, _n in pile.themes
    ]
    form = answer_form(
        themes,
        data={
            "themes": [theme.theme_id for theme in found.themes],
            "redacted": found.redacted or found.words,
            "is_cleared": found.is_cleared,
        },
    )
    if not form.is_submitted():
        return _show(round_, found, form)
    if not form.validate():
        return _show(round_, found, form, errors=form.errors_to_mend()), 422
    try:
        open_desk.read(db.session, round_, found, **_said(form))
    except DeskError as error:
        db.session.rollback()
        line = {"message": _(str(error)), "target": ""}
        found = _answer_or_404(round_, answer_id)
        return _show(round_, found, form, errors=[line]), 422
    item = found.item
    db.session.commit()
    return redirect(url_for(".next_answer", round_id=round_id, item=item), 303)


def _said(form: AnswerForm) -> dict[str, Any]:
    """What the form says; nothing of use, where that button was pressed."""
    if request.form.get("go") == "nothing":
        return {"themes": ()}
    return {
        "themes": form.themes.data or (),
        "new_theme": form.new_theme.data or "",
        "redacted": form.redacted.data or "",
        "is_cleared": bool(form.is_cleared.data),
    }


def _show(
    round_: Round,
    found: OpenAnswer,
    form: AnswerForm,
    *,
    errors: list[dict[str, str]] | None = None,
) -> str:
    pile = next(pile for pile in open_desk.piles(db.session, round_) if pile.item == found.item)
    return render_template(
        "read/answer.html",
        **of_round(round_),
        answer=found,
        question=rounds.words_of(round_).stem(found.item),
        pile=pile,
        form=form,
        button=room.ConfirmForm(),
        errors=errors or [],
    )


@bp.post("/rounds/<round_id>/answers/<answer_id>/harm")
@requires("reader")
def mark_harm(round_id: str, answer_id: str) -> Response:
    """Flag words about harm, say that they were passed on, or take the flag back."""
    begin_writing(db.session)
    round_ = desk_or_404(round_id)
    if (away := not_to_read(round_)) is not None:
        return away
    found = _answer_or_404(round_, answer_id)
    try:
        open_desk.mark_harm(
            db.session,
            round_,
            found,
            request.form.get("harm", "?"),
            by=room.account(),
            now=room.now(),
        )
    except DeskError as error:
        db.session.rollback()
        flash(_(str(error)))
    else:
        db.session.commit()
    return redirect(url_for(".answer", round_id=round_id, answer_id=answer_id, _anchor="harm"), 303)


@bp.route("/rounds/<round_id>/hand-over", methods=["GET", "POST"])
@requires("reader")
def hand_over(round_id: str) -> str | Response:
    """Ask whether to hand over the themes; hand them over, and delete the words."""
    if request.method == "POST":
        begin_writing(db.session)
    round_ = desk_or_404(round_id)
    if (away := not_to_read(round_)) is not None:
        return away
    form = room.ConfirmForm()
    reason = open_desk.why_not_yet(db.session, round_)
    if reason:
        flash(_(reason))
        return redirect(url_for(".desk", round_id=round_id), 303)
    if not form.validate_on_submit():
        return render_template("read/hand_over.html", **of_round(round_), form=form)
    open_desk.hand_over(db.session, round_, by=room.account(), now=room.now())
    db.session.commit()
    flash(_("The themes are handed over, and the words are deleted. Thank you."))
    return redirect(url_for(".index"), 303)


# --- what the pages share ------------------------------------------------------------------------


def desk_or_404(round_id: str) -> Round:
    """A round of the reader's organisation that asks open questions."""
    round_ = room.get_round_or_404(round_id)
    if not open_questions.is_on(round_):
        abort(404)
    return round_


def not_to_read(round_: Round) -> Response | None:
    """The way back to the list, with the reason, where there is nothing to read now."""
    try:
        open_desk.desk_of(round_)
    except DeskError as error:
        db.session.rollback()
        flash(_(str(error)))
        return redirect(url_for(".index"), 303)
    return None


def of_round(round_: Round) -> dict[str, Any]:
    """What every page of a desk needs."""
    return {
        "round": round_,
        "line": room.line(round_),
        "route": open_questions.route_of(round_),
        "simulated": round_.simulated,
    }


def theme_or_404(round_: Round, theme_id: str) -> Theme:
    found = db.session.get(Theme, theme_id)
    if found is None or found.round_id != round_.round_id:
        abort(404)
    return found


def _known_or_404(round_: Round, item: str) -> None:
    if item not in open_questions.codes(round_):
        abort(404)


def _answer_or_404(round_: Round, answer_id: str) -> OpenAnswer:
    found = db.session.get(OpenAnswer, answer_id)
    if found is None or found.round_id != round_.round_id:
        abort(404)
    return found
