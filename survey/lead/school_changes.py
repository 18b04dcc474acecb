"""Schools of a round that get another name, or are merged, while it runs."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from survey import room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.editing import sentence
from survey.lead.rosters import CLOSED, back
from survey.lead.views import bp
from survey.models import Round
from survey.services import rosters, rounds, school_changes
from survey.services.organisations import LONGEST_SCHOOL_NAME
from survey.services.saving import NotSavedError

Page = str | tuple[str, int] | Response

#: why schools cannot be merged so, and the field that is to be mended
_WRONG = {
    "same": (lazy_gettext("Choose two different schools."), "into"),
    "unknown": (lazy_gettext("Choose a school of this round."), "school"),
}


@bp.get("/rounds/<round_id>/roster/schools")
@requires("leader")
def show_school_changes(round_id: str) -> Page:
    """Forms to rename a school, and to choose two that are merged."""
    round_ = room.get_round_or_404(round_id)
    if rounds.state(round_, room.now()) == "closed":
        flash(CLOSED)
        return back(round_id)
    return _page(round_)


@bp.post("/rounds/<round_id>/roster/schools/rename")
@requires("leader")
def rename_school(round_id: str) -> Page:
    """Give a school another name."""
    room.get_round_or_404(round_id)
    begin_writing(db.session)
    round_ = room.get_round_or_404(round_id)
    school, name = request.form.get("school", ""), request.form.get("name", "")
    try:
        rosters.hold(db.session, round_, room.now())
        found = school_changes.of_round(db.session, round_, school)
        school_changes.rename(db.session, found, name, by=room.account(), now=room.now())
    except (rosters.NotNowError, school_changes.SchoolError, NotSavedError) as error:
        return _refuse(round_, error, school=school, name=name)
    db.session.commit()
    flash(_("Saved: the school is called %(name)s.", name=" ".join(name.split())))
    return redirect(url_for(".show_roster", round_id=round_id), 303)


@bp.route("/rounds/<round_id>/roster/schools/merge", methods=["GET", "POST"])
@requires("leader")
def merge_schools(round_id: str) -> Page:
    """Say what merging two schools means; merge them."""
    round_ = room.get_round_or_404(round_id)
    chosen = request.form if request.method == "POST" else request.args
    school, into = chosen.get("from", ""), chosen.get("into", "")
    if request.method == "GET":
        return _confirm_page(round_, school, into)
    begin_writing(db.session)
    round_ = room.get_round_or_404(round_id)
    by, now = room.account(), room.now()
    try:
        school_changes.merge(db.session, round_, school, into=into, by=by, now=now)
    except (rosters.NotNowError, school_changes.SchoolError) as error:
        return _refuse(round_, error, merged=school, into=into)
    db.session.commit()
    flash(_("Saved: the two schools are one in this round."))
    return back(round_id)


def _confirm_page(round_: Round, school: str, into: str) -> Page:
    if rounds.state(round_, room.now()) == "closed":
        flash(CLOSED)
        return back(round_.round_id)
    places = {place.school_id: place for place in rosters.by_place(db.session, round_)}
    names = {each.school_id: each.name for each in rounds.schools_of(db.session, round_)}
    if school == into or not {school, into} <= set(names):
        problem = "same" if school == into and school in names else "unknown"
        return _refuse(round_, school_changes.SchoolError(problem), merged=school, into=into)
    return render_template(
        "lead/merge_schools.html",
        round=round_,
        line=room.line(round_),
        is_list=round_.mode == "confidential",
        school=places[school],
        into=places[into],
        button=room.ConfirmForm(),
        simulated=round_.simulated,
    )


def _refuse(round_: Round, error: ValueError, **typed: str) -> Page:
    """The page again with what is wrong; what was typed stays in it."""
    db.session.rollback()
    if isinstance(error, NotSavedError):
        faults = [{"message": sentence(fault), "target": "name"} for fault in error.faults]
        return _page(round_, faults, **typed)
    if isinstance(error, school_changes.SchoolError):
        message, target = _WRONG[error.problem]
        if error.problem == "unknown" and "into" in typed:
            target = "from"
        return _page(round_, [{"message": str(message), "target": target}], **typed)
    flash(CLOSED)
    return back(round_.round_id)


def _page(
    round_: Round, errors: list[dict[str, str]] | None = None, **typed: str
) -> tuple[str, int]:
    page = render_template(
        "lead/school_changes.html",
        round=round_,
        line=room.line(round_),
        schools=rounds.schools_of(db.session, round_),
        typed=typed,
        longest=LONGEST_SCHOOL_NAME,
        button=room.ConfirmForm(),
        errors=errors or [],
        simulated=round_.simulated,
    )
    return page, 422 if errors else 200
