"""The page for staff as the site shows it: to a leader before its release, to staff after it.

Both get the same values for the same template, so that a leader sees exactly what staff will see.
"""

from typing import Any

from babel import Locale
from flask import current_app
from flask_babel import format_date
from flask_babel import gettext as _
from markupsafe import Markup

from reports import staff_page
from reports.charts.staff import draw_decision, draw_row
from reports.staff_page import StaffPage
from survey import storage
from survey.database import db
from survey.models import Round
from survey.services import reporting, results

TEMPLATE = "respond/results.html"


def load(round_: Round) -> StaffPage:
    """The stored page of a round.

    Raises
    ------
    ValueError
        If there is none, or its file is missing, damaged or of another version.
    """
    report = reporting.find(db.session, round_, results.PAGE)
    if report is None or not report.file_name:
        raise storage.StorageError("The page was not made.")
    folder = current_app.extensions["midtier_settings"].reports_dir
    return staff_page.from_json(storage.load(folder, report.file_name, report.checksum))


def values(round_: Round, page: StaffPage) -> dict[str, Any]:
    """Everything that the template shows."""
    return {
        "page": page,
        "drawings": _drawings(page),
        "promise": promise(round_),
        "results_by": round_.results_by,
        "page_dir": Locale.parse(page.locale.partition("-")[0]).text_direction,
        "simulated": page.simulated,
    }


def _drawings(page: StaffPage) -> dict[str, Markup]:
    """The drawing of each decision, dimension and pressure by its code."""
    said = page.said
    if said is None:
        return {}
    drawn = {
        decision.code: draw_decision(decision, top=said.where.top)
        for group in said.where.groups
        for decision in group.decisions
    }
    drawn |= {row.code: draw_row(row, said.dimensions) for row in said.dimensions.rows}
    drawn |= {
        row.code: draw_row(row, said.pressures, is_pressure=True) for row in said.pressures.rows
    }
    return drawn


def promise(round_: Round) -> str:
    """When results are shared with staff and by whom, as far as it was said; else nothing."""
    day = format_date(round_.results_on, "long") if round_.results_on else ""
    who = round_.results_by
    if day and who:
        return _(
            "Results are shared with staff on %(day)s. Who shares them: %(who)s.", day=day, who=who
        )
    if day:
        return _("Results are shared with staff on %(day)s.", day=day)
    if who:
        return _("Results are shared with staff. Who shares them: %(who)s.", who=who)
    return ""
