"""Pages of the researcher's room."""

import sqlalchemy as sa
from flask import Blueprint, render_template
from flask_login import current_user

from survey.account import requires
from survey.database import db
from survey.models import Round

bp = Blueprint("research", __name__, url_prefix="/research", template_folder="templates")


@bp.get("/")
@requires("researcher")
def index() -> str:
    """Rounds of the account's organisation, newest first."""
    rounds = db.session.scalars(
        sa.select(Round)
        .where(Round.organisation_id == current_user.organisation_id)
        .order_by(Round.opens_at.desc())
    ).all()
    return render_template("research/index.html", rounds=rounds)
