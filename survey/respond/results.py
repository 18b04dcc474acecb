"""What a closed round's link shows: the page for staff, once it is released."""

import logging
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _

from survey import staff_page
from survey.models import Round

log = logging.getLogger("midtier.respond")


def page_of(round_: Round) -> Any | None:
    """The released page as a reply; None where it is not released."""
    if round_.released_at is None:
        return None
    try:
        page = staff_page.load(round_)
    except ValueError as error:
        log.error("the released page of round %s cannot be shown: %s", round_.round_id, error)
        advice = _(
            "The results of this survey are released, but they cannot be shown just now. Please "
            "try again later. To ask about them: %(who)s.",
            who=round_.results_by,
        )
        shown = render_template(
            "error.html",
            title=_("The results cannot be shown just now"),
            advice=advice,
            link_to=url_for("respond.front"),
            link_text=_("Try again"),
        )
        return shown, 503
    return render_template(staff_page.TEMPLATE, **staff_page.values(round_, page))
