"""Slides and handout to tagged PDFs."""

from typing import Any, Final

from markupsafe import Markup

from reports import charts
from reports.charts.meeting import draw_minutes
from reports.charts.metrics import balance, text_width
from reports.charts.slides import draw_decision, enlarged
from reports.document import render_pdf
from reports.meeting_pack import Slide, body_of, build_slides
from reports.profile.content import Body, Capability, DecisionRow, Line, Pressures, Profile
from reports.profile.content_meeting import Meeting
from reports.render import body_values, environment

#: room for a drawing under a title of one or two lines, points
ROOM: Final = (872.0, 372.0)
#: a title of more characters is set smaller
LONG: Final = 62


def render_slides(profile: Profile) -> bytes:
    """The slides as a tagged PDF, 16 to 9."""
    return _render(profile, slides_html(profile), "slides", ("report.css", "slides.css"))


def render_handout(profile: Profile) -> bytes:
    """The handout as a tagged PDF of two pages: the summary, and the page for the meeting."""
    return _render(profile, handout_html(profile), "handout", ("report.css", "profile.css"))


def _render(profile: Profile, html: str, kind: str, stylesheets: tuple[str, ...]) -> bytes:
    identity = profile.identity
    return render_pdf(
        html,
        title=_title(profile, kind),
        lang=identity.locale,
        identifier=f"{identity.fingerprint_full} {kind}",
        stylesheets=stylesheets,
    )


def _title(profile: Profile, kind: str) -> str:
    return f"{profile.identity.organisation}: {kind} for a meeting, {profile.identity.month}"


def slides_html(profile: Profile) -> str:
    """All slides, every drawing in them."""
    body = body_of(profile)
    trial = profile.identity.trial
    slides = [
        (slide, _title_width(slide), _drawing(slide, body, trial))
        for slide in build_slides(profile, body)
    ]
    values = _common(profile, "slides") | {"slides": slides, "long": LONG}
    return environment().get_template("meeting_pack/slides.html").render(values)


def _title_width(slide: Slide) -> float:
    """Points in which the title breaks into lines of about one length; sizes as in slides.css."""
    size = {"title": 52, "prompt": 42}.get(slide.kind, 27 if len(slide.title) > LONG else 32)
    return max(text_width(line, size, 700) for line in balance(slide.title, 830, size, 700)) + 2


def handout_html(profile: Profile) -> str:
    """Summary and meeting page."""
    body = body_of(profile)
    values = _common(profile, "handout") | {"body": body, "is_handout": True}
    values |= body_values(body, profile.identity.trial)
    return environment().get_template("meeting_pack/handout.html").render(values)


def _common(profile: Profile, kind: str) -> dict[str, Any]:
    identity = profile.identity
    return {
        "lang": identity.locale,
        "title": _title(profile, kind),
        "description": f"Data fingerprint {identity.fingerprint_full}",
        "tag": identity.simulated,
        "foot": identity.foot,
        "identity": identity,
    }


def _drawing(slide: Slide, body: Body, trial: str) -> Markup | None:
    width, height = ROOM
    match slide.chart:
        case Line():
            return enlarged(charts.draw_line(slide.chart, trial=trial), width=width, height=height)
        case DecisionRow():
            high = height - 40 if slide.words else height
            return draw_decision(slide.chart, width=width, height=high)
        case Capability():
            small = charts.draw_capability_small(slide.chart, trial=trial)
            return enlarged(small, width=width, height=height)
        case Pressures():
            small = charts.draw_pressures_small(slide.chart, trial=trial)
            return enlarged(small, width=width, height=height)
        case Meeting() if slide.kind == "minutes":
            return enlarged(draw_minutes(slide.chart), width=width, height=height)
    return None
