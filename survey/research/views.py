"""Pages of the researcher's room."""

from flask import Blueprint, abort, render_template
from flask_login import current_user
from werkzeug.wrappers import Response

from survey import room
from survey.account import requires
from survey.database import db
from survey.models import Round
from survey.services import consents, progress, rounds

bp = Blueprint("research", __name__, url_prefix="/research", template_folder="templates")

DOCUMENT = "validation"


@bp.get("/")
@requires("researcher")
def index() -> str:
    """Rounds for which a leader consents, newest first."""
    found = consents.rounds_of(db.session, room.account(), now=room.now())
    return render_template(
        "research/index.html",
        organisation=current_user.organisation,
        rounds=[room.line(round_) for round_ in found],
        simulated=bool(found) and all(round_.simulated for round_ in found),
    )


@bp.get("/rounds/<round_id>")
@requires("researcher")
def show(round_id: str) -> str:
    """One round: which instrument it asked, and its validation report."""
    round_ = _get_round_or_404(round_id)
    return render_template(
        "research/round.html",
        round=round_,
        line=room.line(round_),
        state=rounds.state(round_, room.now()),
        progress=progress.of(db.session, round_),
        report=room.find_report(round_, DOCUMENT),
        form=room.ConfirmForm(),
        simulated=round_.simulated,
    )


@bp.post("/rounds/<round_id>/validation")
@requires("researcher")
def ask_validation(round_id: str) -> Response:
    """Ask for the validation report, or for another attempt where it failed."""
    _get_round_or_404(round_id)
    return room.ask(round_id, DOCUMENT, back=".show")


@bp.get("/rounds/<round_id>/validation.pdf")
@requires("researcher")
def download_validation(round_id: str) -> Response:
    """The finished validation report."""
    _get_round_or_404(round_id)
    return room.send(round_id, DOCUMENT, back=".show")


def _get_round_or_404(round_id: str) -> Round:
    """A round of which a leader lets this researcher see the report; without that there is none."""
    round_ = room.get_round_or_404(round_id)
    if not consents.allows(db.session, room.account(), round_, DOCUMENT, now=room.now()):
        abort(404)
    return round_
