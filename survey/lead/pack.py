"""What a leader brings to a meeting: slides, a handout, and the reports of the schools."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from survey import room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.results import release_now
from survey.lead.views import PACK, bp
from survey.models import Round
from survey.services import account_changes, reporting, results, rounds


@bp.post("/rounds/<round_id>/pack/<kind>")
@requires("leader")
def ask_pack(round_id: str, kind: str) -> Response:
    """Ask for the slides or the handout, or for another attempt where it failed."""
    return room.ask(round_id, _of_pack(kind), back=".show")


@bp.get("/rounds/<round_id>/pack/<kind>.pdf")
@requires("leader")
def download_pack(round_id: str, kind: str) -> Response:
    """The finished slides or handout."""
    return room.send(round_id, _of_pack(kind), back=".show")


def _of_pack(kind: str) -> str:
    return kind if kind in PACK else abort(404)


@bp.get("/rounds/<round_id>/school-reports")
@requires("leader")
def list_school_reports(round_id: str) -> str:
    """Every school of the round, with its report or why it has none."""
    round_ = room.get_round_or_404(round_id)
    schools = reporting.schools_of(db.session, round_)
    found = {
        (school.school_id, what): reporting.find_school_report(
            db.session, round_, school.school_id, what
        )
        for school in schools
        for what in reporting.SCHOOL_KINDS
    }
    states = {report.state if report else "none" for report in found.values()}
    reports = {school.school_id: found[school.school_id, reporting.SCHOOL] for school in schools}
    return render_template(
        "lead/school_reports.html",
        round=round_,
        line=room.line(round_),
        state=rounds.state(round_, room.now()),
        schools=schools,
        reports=reports,
        heads=account_changes.heads(db.session, round_.organisation),
        released_on=format_date(round_.schools_released_at, "long")
        if round_.schools_released_at
        else "",
        can_release=_can_release(round_),
        are_made="asked" in states,
        can_ask=bool(states & {"none", "failed"}) and "asked" not in states,
        form=room.ConfirmForm(),
        simulated=round_.simulated,
    )


def _can_release(round_: Round) -> bool:
    """Whether a report is made, and heads do not see it yet."""
    return round_.schools_released_at is None and results.has_school_reports(db.session, round_)


@bp.route("/rounds/<round_id>/school-reports/release", methods=["GET", "POST"])
@requires("leader")
def release_school_reports(round_id: str) -> str | Response:
    """Ask whether heads may read the reports of their schools now; let them."""
    round_ = room.get_round_or_404(round_id)
    back = redirect(url_for(".list_school_reports", round_id=round_id), 303)
    if not _can_release(round_):
        return back
    form = room.ConfirmForm()
    if not form.validate_on_submit():
        return render_template(
            "lead/release_schools.html",
            round=round_,
            line=room.line(round_),
            form=form,
            simulated=round_.simulated,
        )
    said = _("Heads can read the reports of their schools now.")
    release_now(round_id, results.release_schools, said)
    return back


@bp.post("/rounds/<round_id>/school-reports")
@requires("leader")
def ask_school_reports(round_id: str) -> Response:
    """Ask for the report of every school, or for another attempt where one failed."""
    room.get_round_or_404(round_id)
    begin_writing(db.session)
    round_ = room.get_round_or_404(round_id)
    try:
        reports = reporting.ask_schools(db.session, round_, by=room.account(), now=room.now())
    except reporting.ReportError as error:
        db.session.rollback()
        flash(_(str(error)))
    else:
        db.session.commit()
        room.hand_over([report for report in reports if report.state == "asked"])
    return redirect(url_for(".list_school_reports", round_id=round_id))


@bp.get("/rounds/<round_id>/school-reports/<school_id>.pdf")
@requires("leader")
def download_school_report(round_id: str, school_id: str) -> Response:
    """The finished report of one school."""
    return room.send(round_id, reporting.school_kind(school_id), back=".list_school_reports")
