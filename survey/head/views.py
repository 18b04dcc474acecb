"""Pages of the heads' room.

A head sees of a round what all staff may know, and the report of the one school that the account
names. Nothing here takes a school from an address: it comes from the account.
"""

from flask import Blueprint, render_template
from flask_login import current_user

from survey import room, staff_page
from survey.account import requires
from survey.services import rounds

bp = Blueprint("head", __name__, url_prefix="/school", template_folder="templates")


@bp.get("/")
@requires("head")
def index() -> str:
    """Rounds of the head's organisation, newest first."""
    found = room.rounds_of_account()
    return render_template(
        "head/index.html",
        organisation=current_user.organisation,
        school=current_user.school,
        rounds=[room.line(round_) for round_ in found],
        simulated=bool(found) and all(round_.simulated for round_ in found),
    )


@bp.get("/rounds/<round_id>")
@requires("head")
def show(round_id: str) -> str:
    """One round: when it is open, how staff get in, when they hear of the results."""
    round_ = room.get_round_or_404(round_id)
    disclosure = rounds.instrument_of(round_).disclosure
    return render_template(
        "head/round.html",
        round=round_,
        school=current_user.school,
        line=room.line(round_),
        state=rounds.state(round_, room.now()),
        link=room.link(round_),
        promise=staff_page.promise(round_),
        school_n=disclosure.school_n,
        simulated=round_.simulated,
    )
