"""The profile on screen, in the leader's room."""

from flask import render_template
from markupsafe import Markup
from werkzeug.wrappers import Response

from reports.screen import Screen, ScreenError, from_json
from survey import room
from survey.account import requires
from survey.database import db
from survey.lead.views import bp
from survey.models import Round
from survey.services import reporting, rounds

PAGE = "profile_screen"


@bp.get("/rounds/<round_id>/profile")
@requires("leader")
def show_profile(round_id: str) -> str:
    """The profile as a web page, or the button that has it made."""
    round_ = room.get_round_or_404(round_id)
    screen = _screen(round_)
    return render_template(
        "lead/profile.html",
        round=round_,
        line=room.line(round_),
        state=rounds.state(round_, room.now()),
        report=room.find_report(round_, PAGE),
        pdf=room.find_report(round_, "profile"),
        screen=screen,
        lacks_themes=reporting.lacks_themes(db.session, room.find_report(round_, PAGE)),
        body=Markup(screen.html) if screen else "",  # noqa: S704 - rendered with autoescape by us
        form=room.ConfirmForm(),
        simulated=round_.simulated,
    )


@bp.post("/rounds/<round_id>/profile/screen")
@requires("leader")
def ask_profile_screen(round_id: str) -> Response:
    """Ask for the profile on screen, or for another attempt where it failed."""
    return room.ask(round_id, PAGE, back=".show_profile")


def _screen(round_: Round) -> Screen | None:
    """The stored page; one that cannot be read is marked as failed, and can be made again."""
    report = room.find_report(round_, PAGE)
    if report is None or report.state != "ready":
        return None
    content = room.load(round_, PAGE)
    if content is None:
        return None
    try:
        return from_json(content)
    except ScreenError as error:
        room.fail(round_, PAGE, str(error))
        return None
