"""A school's report to its document: two pages and the tables."""

from typing import Any

from markupsafe import Markup

from reports import charts
from reports.document import render_pdf
from reports.profile.content import Capability, CapabilityRow
from reports.render import decision_groups, environment
from reports.school_report.content import SchoolReport
from reports.sheets import sheet


def render_school_report(report: SchoolReport) -> bytes:
    """The report as a tagged PDF."""
    identity = report.identity
    return render_pdf(
        school_report_html(report),
        title=document_title(report),
        lang=identity.locale,
        identifier=f"{identity.fingerprint_full} {report.school}",
        stylesheets=("report.css", "profile.css"),
    )


def document_title(report: SchoolReport) -> str:
    """What a reader of the PDF hears first."""
    return f"{report.school}: school report, {report.identity.month}"


def school_report_html(report: SchoolReport) -> str:
    """The whole document, every drawing in it."""
    return environment().get_template("school_report/report.html").render(report_values(report))


def report_values(report: SchoolReport) -> dict[str, Any]:
    """What the templates fill in; for the screen too."""
    trial = report.identity.trial

    def draw_scale(row: CapabilityRow, page: Capability) -> Markup:
        return charts.draw_scale(row, page, trial=trial)

    def capability_key(page: Capability) -> Markup:
        return charts.draw_capability_key(page, reference=report.decisions.reference_word)

    return {
        "lang": report.identity.locale,
        "title": document_title(report),
        "description": f"Data fingerprint {report.identity.fingerprint_full}",
        "tag": report.identity.simulated,
        "foot": report.identity.foot,
        "report": report,
        "decisions_key": charts.draw_decisions_key(
            trial=trial,
            centre="",
            lived=report.decisions.lived_word,
            reference=report.decisions.reference_word,
        ),
        "decisions_head": charts.draw_stop_names(report.decisions),
        "decision_groups": decision_groups(report.decisions, trial),
        "capability_key": capability_key,
        "draw_scale": draw_scale,
        "sheets": [sheet(table) for table in report.tables if table.rows],
    }
