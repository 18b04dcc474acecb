"""A profile to its document: draws every chart once and fills the templates.

Templates receive ready values; nothing is calculated, rounded or suppressed here or there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from reports import charts
from reports.charts.metrics import text_width, wrap
from reports.disclosure import Withheld
from reports.document import render_pdf
from reports.profile.content import (
    Body,
    Changes,
    Decisions,
    Mark,
    Pressures,
    Profile,
    Reading,
    Refusal,
    Silhouettes,
    Wishes,
)
from reports.render_meeting import meeting_values
from reports.render_schools import school_sheets
from reports.sheets import sheet, whole
from reports.words import lower_first

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES: Final = Path(__file__).parent / "templates"
#: height of a page's content, points
PAGE: Final = 726.0
#: the table that stands on the technical page
SCALES: Final = "technical-scales"
#: what rules and rounding may add to the sum of heights, points
LEEWAY: Final = 5.0


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the contents."""

    anchor: str
    title: str


@cache
def environment() -> "Environment":
    """The templates, with autoescape on and undefined names refused."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["whole"] = whole
    env.tests["withheld"] = lambda value: isinstance(value, Withheld)
    env.tests["refusal"] = lambda value: isinstance(value, Refusal)
    return env


def render_profile(profile: Profile) -> bytes:
    """The profile as a tagged PDF.

    Raises
    ------
    DocumentError
        If the system cannot make a PDF.
    """
    identity = profile.identity
    return render_pdf(
        profile_html(profile),
        title=document_title(profile),
        lang=identity.locale,
        identifier=identity.fingerprint_full,
        stylesheets=("report.css", "profile.css"),
    )


def document_title(profile: Profile) -> str:
    """What a reader of the PDF hears first."""
    return f"{profile.identity.organisation}: profile, {profile.identity.month}"


def profile_html(profile: Profile) -> str:
    """The whole document, every drawing in it."""
    return environment().get_template("profile/profile.html").render(profile_values(profile))


def profile_values(profile: Profile) -> dict[str, Any]:
    """What the templates fill in; for the screen too."""
    identity, body = profile.identity, profile.body
    values: dict[str, Any] = {
        "lang": identity.locale,
        "title": document_title(profile),
        "description": f"Data fingerprint {identity.fingerprint_full}",
        "tag": identity.simulated,
        "foot": identity.foot,
        "identity": identity,
        "cover": profile.cover,
        "body": body,
        "sections": sections(profile),
        "technical": profile.technical,
        "technical_parts": _technical_parts(profile),
        "sheets": [sheet(each) for each in profile.tables if each.key != SCALES],
        "scales_sheet": sheet(scales) if (scales := profile.table(SCALES)) else None,
        "long_name": text_width(identity.organisation, 34, 700) > 500,
        "how_to": charts.draw_how_to(profile.cover),
    }
    if isinstance(body, Body):
        values |= body_values(body, identity.trial)
        values["bare_line"] = charts.bare_line_of(body.summary.line)
    else:
        values["bare_line"] = charts.draw_bare_line(
            left="School autonomy", right="Standardisation", stops=5
        )
    return values


def sections(profile: Profile) -> tuple[Section, ...]:
    """What follows the cover, in page order; the page numbers are the document's own."""
    body = profile.body
    if isinstance(body, Refusal):
        found = [Section("refusal", body.heading)]
    else:
        found = [
            Section("summary", "Summary on one page"),
            Section("decisions", "Where decisions sit today"),
        ]
        if body.wishes is not None:
            found.append(Section("wishes", body.wishes.heading))
        found.append(Section("capability", body.capability.heading))
        if body.companions is not None:
            found.append(Section("companions", body.companions.heading))
        found.append(Section("pressures", body.pressures.heading))
        if body.changes is not None:
            found.append(Section("changes", body.changes.heading))
        found.append(Section("readings", "Reading the three together"))
        if body.own_words is not None:
            found.append(Section("own-words", body.own_words.heading))
        if body.silhouettes is not None:
            found.append(Section("silhouettes", body.silhouettes.heading))
        if not isinstance(body.schools, Withheld):
            found.append(Section("schools", body.schools.heading))
        if body.meeting is not None:
            found.append(Section("meeting", body.meeting.heading))
    found.append(Section("technical", "How it was done"))
    if profile.tables:
        found.append(Section("tables", "The figures in tables"))
    return tuple(found)


def _technical_parts(profile: Profile) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    technical = profile.technical
    parts = [
        ("What was asked, and of whom", technical.facts),
        ("What is withheld", technical.suppressions),
        ("Rules and marks", technical.thresholds),
    ]
    return [(heading, pairs) for heading, pairs in parts if pairs]


def body_values(body: Body, trial: str) -> dict[str, Any]:
    """The drawings of the pages that show figures, for the templates."""
    line = charts.draw_line(body.summary.line, trial=trial)
    small = charts.draw_capability_small(body.capability, trial=trial)
    pressures = charts.draw_pressures_small(body.pressures, trial=trial)

    return {
        "chart_line": line,
        "chart_capability": small,
        "chart_pressures": pressures,
        "summary_compact": _must_be_compact(body, (line, small, pressures)),
        "headline_is_tight": is_tight(body.summary.headline),
        "summary_heads": {
            "capability": f"{_number_word(len(body.capability.rows))} learning dimensions",
            "pressures": f"{_number_word(len(body.pressures.rows))} pressures",
        },
        "decisions_key": charts.draw_decisions_key(
            trial=trial,
            centre=body.decisions.centre_word if _has_centre(body.decisions) else "",
            rules=any(row.formal for group in body.decisions.groups for row in group.rows),
        ),
        "silhouettes": _silhouette_values(body.silhouettes) if body.silhouettes else None,
        "own_words": [sheet(each) for each in body.own_words.tables] if body.own_words else [],
        "decisions_head": charts.draw_stop_names(body.decisions),
        "decision_groups": decision_groups(body.decisions, trial),
        **(_wish_values(body.wishes, trial) if body.wishes is not None else {}),
        "capability_key": charts.draw_capability_key,
        "draw_scale": partial(charts.draw_scale, trial=trial),
        "companions_key": charts.draw_companions_key,
        "draw_companion": partial(charts.draw_companion, trial=trial),
        **_pressure_values(body.pressures, trial),
        **_change_values(body.changes, trial),
        "school_sheets": None
        if isinstance(body.schools, Withheld)
        else school_sheets(body.schools, trial=trial),
        "trial": trial,
        **meeting_values(body.meeting),
    }


def _has_centre(page: Decisions) -> bool:
    """Whether a median of the centre is drawn: a key explains only what stands on its page."""
    return any(isinstance(row.designed, Mark) for group in page.groups for row in group.rows)


def _number_word(number: int) -> str:
    words = "No One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split()
    return words[number] if number < len(words) else str(number)


def decision_groups(page: Decisions, trial: str) -> list[Mapping[str, object]]:
    """Every group of decisions with its drawing."""
    return [
        {"heading": group.heading, "chart": charts.draw_group(group, page, trial=trial)}
        for group in page.groups
        if group.rows
    ]


def _wish_values(page: Wishes, trial: str) -> dict[str, Any]:
    return {
        "wishes_key": charts.draw_wishes_key(page, trial=trial),
        "wishes_head": charts.draw_wishes_head(page),
        "wish_groups": [
            {"heading": group.heading, "chart": charts.draw_wish_group(group, page, trial=trial)}
            for group in page.groups
        ],
        "wishes_roles": charts.draw_role_wishes(page) if page.roles else None,
    }


def _silhouette_values(page: Silhouettes) -> dict[str, Any]:
    return {
        "key": charts.draw_silhouettes_key(page),
        "chart": charts.draw_silhouettes(page),
        "tables": [sheet(table) for table in page.tables],
    }


def _pressure_values(page: Pressures, trial: str) -> dict[str, Any]:
    blocks = [row for row in page.rows if row.items]
    notes = {row.note for row in blocks if row.note}
    supports = (
        charts.draw_item_rows(
            page.supports, axis=page.supports_axis, alt=page.supports_alt, trial=trial
        )
        if page.supports
        else None
    )
    return {
        "pressures_key": charts.draw_pressures_key(page),
        "pressures_full": charts.draw_pressures(page, trial=trial),
        "supports": supports,
        "pressure_items": charts.draw_items(blocks, page, trial=trial) if blocks else None,
        "pressure_items_note": next(iter(notes)) if len(notes) == 1 else "",
    }


def _change_values(page: Changes | None, trial: str) -> dict[str, Any]:
    if page is None:
        return {}
    return {
        "changes_running": lower_first(page.heading),
        "changes_key": charts.draw_changes_key(page),
        "change_panels": [
            {"heading": panel.heading, "chart": charts.draw_change_panel(panel, trial=trial)}
            for panel in page.panels
        ],
    }


def _must_be_compact(body: Body, drawn: Sequence[Markup]) -> bool:
    """Whether the readings must be short for the summary to stay on its one page."""
    line, small, pressures = (charts.height_of(chart) for chart in drawn)
    summary = body.summary
    size = 19 if is_tight(summary.headline) else 20
    head = (size + 4) * len(wrap(summary.headline, 510, size, 700)) + 3
    head += 13 * len(wrap(summary.lead, 510, 10.2)) + 7
    panels = 7 + 5 + 18.6 + max(small, pressures)
    readings = 7 + 5 + 15.6 + max((_reading_height(r) for r in summary.readings), default=0)
    said = f"Greatest uncertainty: {summary.uncertainty}"
    last = 4 + 6 + 12 * len(wrap(said, 490, 9)) if summary.uncertainty else 0
    return head + line + panels + readings + last > PAGE - LEEWAY


def is_tight(headline: str) -> bool:
    """Whether a headline is set in 19 points, not 20, to stay on its line."""
    return 500 < text_width(headline, 20, 700) < 536


def _reading_height(reading: Reading) -> float:
    texts = [reading.says, f"It may also be: {reading.counter}", f"Ask: {reading.ask}"]
    lines = sum(len(wrap(text, 156, 8.6)) for text in texts)
    return 3 + len(wrap(f"{reading.number}. {reading.name}", 158, 9.4, 700)) * 12 + lines * 10.6 + 6
