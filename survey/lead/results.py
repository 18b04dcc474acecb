"""Results for staff, in the leader's room: when and by whom, the page, its release."""

from collections.abc import Callable
from datetime import date

from flask import flash, redirect, render_template, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, StringField
from wtforms.validators import Length, Optional, ValidationError

from reports.staff_page import StaffPage, StaffPageError, from_json
from survey import room, staff_page
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.views import bp
from survey.models import Round
from survey.services import reporting, results, rounds


class PromiseForm(FlaskForm):
    """When results are shared with staff, and by whom."""

    results_on = DateField(
        _l("The day on which staff hear of the results"),
        description=_l("Leave it empty if you cannot say yet."),
        validators=[Optional()],
    )
    results_by = StringField(
        _l("Who shares them, and whom staff can ask"),
        description=_l(
            "A name, an office or a group as staff know it, with how to reach them. Everybody who "
            "has the link reads it."
        ),
        validators=[
            Length(
                max=results.MOST_CHARACTERS,
                message=_l("Use at most %(max)d characters."),
            )
        ],
    )

    def __init__(self, *, earliest: date, **values: object) -> None:
        super().__init__(**values)
        self.earliest = earliest

    def validate_results_on(self, field: DateField) -> None:
        if field.data is not None and field.data < self.earliest:
            day = format_date(self.earliest, "long")
            raise ValidationError(
                _("Choose %(day)s, the day on which the round closes, or a later day.", day=day)
            )

    def errors_to_mend(self) -> list[dict[str, str]]:
        """What is wrong, each with the field it belongs to."""
        messages = {
            "results_on": _("The day is not a date: choose it again, or leave it empty."),
        }
        found = []
        for field in (self.results_on, self.results_by):
            if field.name in messages and field.process_errors:
                field.errors = [messages[field.name]]
            found += [{"message": str(text), "target": field.id} for text in field.errors]
        return found


@bp.route("/rounds/<round_id>/results", methods=["GET", "POST"])
@requires("leader")
def show_results(round_id: str) -> str | Response | tuple[str, int]:
    """When staff hear of the results and from whom; their page and its release."""
    round_ = room.get_round_or_404(round_id)
    form = PromiseForm(
        earliest=results.earliest(round_),
        data={"results_on": round_.results_on, "results_by": round_.results_by},
    )
    if not form.is_submitted():
        return _results(round_, form)
    if not form.validate():
        return _results(round_, form, errors=form.errors_to_mend()), 422
    begin_writing(db.session)
    try:
        results.say(
            db.session,
            room.get_round_or_404(round_id),
            results_on=form.results_on.data,
            results_by=form.results_by.data or "",
            account=room.account(),
            now=room.now(),
        )
    except results.ResultsError:  # released, or closed earlier, since the page was opened
        db.session.rollback()
        flash(_("That was not saved: the round has changed meanwhile. Look again."))
    else:
        db.session.commit()
        flash(_("Saved."))
    return redirect(url_for(".show_results", round_id=round_id))


def _results(
    round_: Round, form: PromiseForm, *, errors: list[dict[str, str]] | None = None
) -> str:
    return render_template(
        "lead/results.html",
        round=round_,
        line=room.line(round_),
        state=rounds.state(round_, room.now()),
        report=room.find_report(round_, results.PAGE),
        lacks_themes=reporting.lacks_themes(db.session, room.find_report(round_, results.PAGE)),
        promise=staff_page.promise(round_),
        released_on=format_date(round_.released_at, "long") if round_.released_at else "",
        link=room.link(round_),
        form=form,
        errors=errors or [],
        simulated=round_.simulated,
    )


@bp.post("/rounds/<round_id>/results/page")
@requires("leader")
def ask_staff_page(round_id: str) -> Response:
    """Ask for the page for staff, or for another attempt where it failed."""
    return room.ask(round_id, results.PAGE, back=".show_results")


@bp.get("/rounds/<round_id>/results/preview")
@requires("leader")
def preview_staff_page(round_id: str) -> str | Response:
    """The page exactly as staff will see it."""
    round_ = room.get_round_or_404(round_id)
    page = _page(round_)
    if page is None:
        return redirect(url_for(".show_results", round_id=round_id))
    return render_template(staff_page.TEMPLATE, **staff_page.values(round_, page))


def _page(round_: Round) -> StaffPage | None:
    """The stored page; 404 where it is not made. One that cannot be read is marked as failed."""
    content = room.load(round_, results.PAGE)
    if content is None:
        return None
    try:
        return from_json(content)
    except StaffPageError as error:
        room.fail(round_, results.PAGE, str(error))
        return None


@bp.route("/rounds/<round_id>/results/release", methods=["GET", "POST"])
@requires("leader")
def release_staff_page(round_id: str) -> str | Response:
    """Ask whether to show staff their page now; show it."""
    round_ = room.get_round_or_404(round_id)
    back = redirect(url_for(".show_results", round_id=round_id))
    if round_.released_at is not None or _page(round_) is None:
        return back
    if not round_.results_by:
        flash(_("Say first who shares the results, so that staff know whom to ask."))
        return back
    form = room.ConfirmForm()
    if not form.validate_on_submit():
        return render_template(
            "lead/release_results.html",
            round=round_,
            line=room.line(round_),
            promise=staff_page.promise(round_),
            form=form,
            simulated=round_.simulated,
        )
    release_now(round_id, results.release, _("Staff can see their page now."))
    return back


def release_now(round_id: str, release: Callable[..., None], said: str) -> None:
    """Release something of a round, and say so or that the round has changed meanwhile."""
    begin_writing(db.session)
    round_ = room.get_round_or_404(round_id)
    try:
        release(db.session, round_, account=room.account(), now=room.now())
    except results.ResultsError:
        db.session.rollback()
        flash(_("That was not done: the round has changed meanwhile. Look again."))
    else:
        db.session.commit()
        flash(said)
