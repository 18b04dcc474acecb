"""Pages of the heads' room.

A head sees of a round what all staff may know, and the report of the one school that the account
names. Nothing here takes a school from an address: it comes from the account.
"""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from reports.screen import ScreenError, from_json
from survey import room, staff_page
from survey.account import requires
from survey.models import Round
from survey.services import reporting, rounds

bp = Blueprint("head", __name__, url_prefix="/school", template_folder="templates")


@bp.get("/")
@requires("head")
def index() -> str:
    """Rounds of the head's organisation, newest first, and the newest report of their school."""
    found = room.rounds_of_account()
    newest = next((round_ for round_ in found if _report(round_) == "ready"), None)
    return render_template(
        "head/index.html",
        organisation=current_user.organisation,
        school=current_user.school,
        rounds=[room.line(round_) for round_ in found],
        newest=room.line(newest) if newest else None,
        has_screen=newest is not None and _has_screen(newest),
        simulated=bool(found) and all(round_.simulated for round_ in found),
    )


@bp.get("/rounds/<round_id>")
@requires("head")
def show(round_id: str) -> str:
    """One round: the school's report, how staff get in, when they hear of the results."""
    round_ = room.get_round_or_404(round_id)
    disclosure = rounds.instrument_of(round_).disclosure
    return render_template(
        "head/round.html",
        round=round_,
        school=current_user.school,
        line=room.line(round_),
        state=rounds.state(round_, room.now()),
        report=_report(round_),
        has_screen=_has_screen(round_),
        link=room.link(round_),
        promise=staff_page.promise(round_),
        school_n=disclosure.school_n,
        simulated=round_.simulated,
    )


@bp.get("/rounds/<round_id>/report")
@requires("head")
def show_report(round_id: str) -> str | Response:
    """The report of the head's own school as a web page."""
    round_ = room.get_round_or_404(round_id)
    kind = _kind_or_404(round_, reporting.SCHOOL_SCREEN)
    content = room.load(round_, kind)
    if content is None:
        return redirect(url_for(".show", round_id=round_id))
    try:
        screen = from_json(content)
    except ScreenError as error:
        room.fail(round_, kind, str(error))
        return redirect(url_for(".show", round_id=round_id))
    return render_template(
        "head/report.html",
        round=round_,
        line=room.line(round_),
        has_pdf=_report(round_) == "ready",
        screen=screen,
        body=Markup(screen.html),  # noqa: S704 - rendered with autoescape by us
        simulated=round_.simulated,
    )


@bp.get("/rounds/<round_id>/report.pdf")
@requires("head")
def download_report(round_id: str) -> Response:
    """The report of the head's own school as a file."""
    round_ = room.get_round_or_404(round_id)
    return room.send(round_id, _kind_or_404(round_, reporting.SCHOOL), back=".show")


def _kind_or_404(round_: Round, what: str) -> str:
    """The kind of the own school's report, once heads may read it."""
    if current_user.school is None or round_.schools_released_at is None:
        abort(404)
    return reporting.school_kind(current_user.school_id, what)


def _report(round_: Round) -> str:
    """What there is of the own school's report: "", "ready", "none", or "soon" (not released)."""
    if current_user.school is None or round_.closed_at is None:
        return ""
    if round_.schools_released_at is None:
        return "soon"
    return "ready" if _is_ready(round_, reporting.SCHOOL) else "none"


def _has_screen(round_: Round) -> bool:
    return _report(round_) == "ready" and _is_ready(round_, reporting.SCHOOL_SCREEN)


def _is_ready(round_: Round, what: str) -> bool:
    kind = reporting.school_kind(current_user.school_id, what)
    report = room.find_report(round_, kind)
    return report is not None and report.state == "ready"
