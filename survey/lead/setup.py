"""Setting a round up: a new one, the list of its steps, and that it is ready."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from survey import room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead import editing, steps
from survey.lead.organisation import Page, own
from survey.lead.setup_steps import BasicsForm, typed_basics
from survey.lead.views import bp
from survey.models import Round
from survey.services import basics, planning, stages
from survey.services.saving import NotSavedError, StaleError


@bp.route("/rounds/new", methods=["GET", "POST"])
@requires("leader")
def begin_round() -> Page:
    """Ask for the basics of a new round; make it."""
    form = BasicsForm(data={"mode": "anonymous", "opens_time": None})
    if form.is_submitted():
        begin_writing(db.session)
        whom = {"by": room.account(), "now": room.now()}
        try:
            round_ = basics.begin(db.session, own(), typed_basics(form), **whom)
        except NotSavedError as error:
            db.session.rollback()
            editing.take_faults(form, error)
        else:
            db.session.commit()
            return redirect(url_for(".set_up", round_id=round_.round_id), 303)
    page = render_template(
        "lead/setup_basics.html",
        round=None,
        form=form,
        locks={},
        errors=editing.errors_of(form),
        organisation=own(),
        notes=form.notes(),
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/rounds/<round_id>/setup")
@requires("leader")
def set_up(round_id: str) -> str:
    """The steps of a round: what each holds, and what is missing."""
    round_ = room.get_round_or_404(round_id)
    found = steps.of_round(round_)
    return render_template(
        "lead/setup.html",
        round=round_,
        line=room.line(round_),
        steps=found,
        missing=[step for step in found if step.state == "missing"],
        stage=stages.seen(round_, room.now()),
        simulated=round_.simulated,
    )


class ReadyForm(editing.EditForm):
    """A button, and which round the leader looked at."""


@bp.route("/rounds/<round_id>/setup/ready", methods=["GET", "POST"])
@requires("leader")
def set_ready(round_id: str) -> Page:
    """Say what happens when the round is ready; take the leader's word for it."""
    round_ = room.get_round_or_404(round_id)
    form = ReadyForm()
    if not form.is_submitted():
        return _ready_page(round_, editing.opened(form, round_.revision))
    begin_writing(db.session)
    round_ = room.get_round_or_404(round_id)
    seen = form.revision.data or ""
    try:
        planning.set_ready(
            db.session,
            round_,
            revision=int(seen) if seen.isascii() and seen.isdigit() else -1,
            by=room.account(),
            now=room.now(),
        )
    except (NotSavedError, StaleError) as error:
        db.session.rollback()
        round_ = room.get_round_or_404(round_id)
        form = editing.opened(ReadyForm(formdata=None), round_.revision)
        return _ready_page(round_, form, error=error), 409
    db.session.commit()
    flash(_("The round is ready. Staff can answer from the moment it opens."))
    return redirect(url_for(".set_up", round_id=round_id), 303)


def _ready_page(round_: Round, form: editing.EditForm, *, error: Exception | None = None) -> str:
    errors = []
    if isinstance(error, StaleError):
        changed = _("Somebody else has changed this round meanwhile. Look at it once more.")
        errors = [{"message": changed, "target": ""}]
    elif isinstance(error, NotSavedError):
        errors = [{"message": editing.sentence(each), "target": ""} for each in error.faults]
    found = steps.of_round(round_)
    return render_template(
        "lead/setup_ready.html",
        round=round_,
        line=room.line(round_),
        steps=[step for step in found if step.code != "ready"],
        missing=[step for step in found if step.state == "missing"],
        stage=stages.seen(round_, room.now()),
        form=form,
        errors=errors,
        link=room.link(round_),
        simulated=round_.simulated,
    )


@bp.post("/rounds/<round_id>/setup/take-back")
@requires("leader")
def take_back(round_id: str) -> Any:
    """Set a ready round up again, as long as nobody has begun."""
    room.get_round_or_404(round_id)
    begin_writing(db.session)
    round_ = room.get_round_or_404(round_id)
    try:
        planning.take_back(db.session, round_, by=room.account(), now=room.now())
    except NotSavedError as error:
        db.session.rollback()
        flash(editing.sentence(error.faults[0]))
    else:
        db.session.commit()
        flash(_("The round is being set up again. Its links say that it is not open."))
    return redirect(url_for(".set_up", round_id=round_id), 303)
