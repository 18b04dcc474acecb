"""What the profile shows, where the round decides: schools by name, the cases of the chapter."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from survey.account import requires
from survey.database import db
from survey.lead import editing
from survey.lead.organisation import Page
from survey.lead.setup_steps import StepPage, Values, edit
from survey.lead.views import bp
from survey.models import Round
from survey.services import planning


class ShownForm(editing.EditForm):
    """Two boxes, neither of which is ticked in a new round."""

    schools_named = BooleanField(
        _l("Schools stand under their names"),
        description=_l(
            "One page of the profile sets schools side by side, under letters; each head knows "
            "their own. Ticked, their names stand there instead. Tick it only where every head "
            "has agreed: names invite a ranking. Staff are told before they answer, so it stays "
            "as it is once somebody has begun."
        ),
    )
    silhouettes = BooleanField(
        _l("The cases of the chapter have a page"),
        description=_l(
            "The questions come from a book chapter on three organisations. A page after your own "
            "shows where it places them. They are something to think with, not norms or targets; "
            "but whoever has seen them may read your own figures by them."
        ),
    )


def _form(round_: Round, **values: Any) -> editing.EditForm:
    saved = {"schools_named": round_.schools_named, "silhouettes": round_.silhouettes}
    form = ShownForm(data=saved, **values)
    if not planning.has_cases(round_):
        del form.silhouettes
    return form


def _save(round_: Round, form: Any, whom: Values) -> None:
    planning.save_shown(
        db.session,
        round_,
        schools_named=form.schools_named.data,
        silhouettes="silhouettes" in form and form.silhouettes.data,
        **whom,
    )


SHOWN = StepPage("shown", _form, _save, "shown")


@bp.route("/rounds/<round_id>/setup/shown", methods=["GET", "POST"])
@requires("leader")
def set_shown(round_id: str) -> Page:
    """Whether schools are named, and whether the cases have a page."""
    return edit(round_id, SHOWN)
