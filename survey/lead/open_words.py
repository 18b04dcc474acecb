"""Open questions in the leader's room: switched on with a safeguarding route, and their themes."""

from flask import flash, redirect, render_template, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from survey import room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.views import bp
from survey.models import Round
from survey.services import open_questions, rounds


def _line(label: str, description: str, missing: str) -> StringField:
    return StringField(
        label,
        description=description,
        filters=[lambda text: (text or "").strip()],
        validators=[
            InputRequired(missing),
            Length(
                max=open_questions.MOST_CHARACTERS,
                message=_l("Use at most %(max)d characters."),
            ),
        ],
    )


class RouteForm(FlaskForm):
    """What staff are told before they write."""

    reader = _line(
        _l("Who reads what staff write"),
        _l("One person, by name or office, who leads nobody here. They need an account as reader."),
        _l("Say who reads what staff write."),
    )
    goes_to = _line(
        _l("To whom a statement about harm goes"),
        _l("The person or office in charge of safeguarding, and who stands in for them."),
        _l("Say to whom a statement about harm goes."),
    )
    how = _line(
        _l("How it is passed on"),
        _l("For example: by telephone the same hour, then in writing, word for word."),
        _l("Say how it is passed on."),
    )
    by_when = _line(
        _l("By when"),
        _l("Counted from when the reader reads it. Reading begins when the round has closed."),
        _l("Say by when it is passed on."),
    )

    def errors_to_mend(self) -> list[dict[str, str]]:
        """What is wrong, each with the field it belongs to."""
        return [
            {"message": str(text), "target": field.id} for field in self for text in field.errors
        ]


@bp.route("/rounds/<round_id>/words", methods=["GET", "POST"])
@requires("leader")
def show_open_words(round_id: str) -> str | Response | tuple[str, int]:
    """What the open questions are, and whether this round asks them."""
    round_ = room.get_round_or_404(round_id)
    desk = round_.open_desk
    form = RouteForm(obj=desk)
    if not form.is_submitted():
        return _show(round_, form)
    if not form.validate():
        return _show(round_, form, errors=form.errors_to_mend()), 422
    begin_writing(db.session)
    route = open_questions.Route(
        form.reader.data, form.goes_to.data, form.how.data, form.by_when.data
    )
    try:
        open_questions.switch_on(
            db.session,
            room.get_round_or_404(round_id),
            route,
            by=room.account(),
            now=room.now(),
        )
    except open_questions.OpenQuestionsError as error:
        db.session.rollback()
        flash(_(str(error)))
    else:
        db.session.commit()
        flash(_("Saved. This round asks its open questions."))
    return redirect(url_for(".show_open_words", round_id=round_id), 303)


@bp.post("/rounds/<round_id>/words/off")
@requires("leader")
def switch_off_open_words(round_id: str) -> Response:
    """Ask no open questions in this round."""
    room.get_round_or_404(round_id)
    begin_writing(db.session)
    try:
        open_questions.switch_off(
            db.session, room.get_round_or_404(round_id), by=room.account(), now=room.now()
        )
    except open_questions.OpenQuestionsError as error:
        db.session.rollback()
        flash(_(str(error)))
    else:
        db.session.commit()
        flash(_("Saved. This round asks no open questions."))
    return redirect(url_for(".show_open_words", round_id=round_id), 303)


def _show(round_: Round, form: RouteForm, *, errors: list[dict[str, str]] | None = None) -> str:
    words = rounds.words_of(round_)
    never = open_questions.why_never(db.session, round_)
    lock = open_questions.why_not(db.session, round_, now=room.now())
    kept_until = open_questions.kept_until(round_)
    return render_template(
        "lead/open_words.html",
        round=round_,
        line=room.line(round_),
        state=rounds.state(round_, room.now()),
        desk=round_.open_desk,
        questions=[words.stem(code) for code in open_questions.codes(round_)],
        never=_(never) if never else "",
        needed=open_questions.schools_needed(round_),
        lock=_(lock) if lock else "",
        kept_until=format_date(kept_until, "long") if kept_until else "",
        form=form,
        errors=errors or [],
        simulated=round_.simulated,
    )
