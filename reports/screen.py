"""A profile or a school's report on screen: what stands in its PDF, as one web page.

The words and values are those that the PDF's templates get; only the frame around a drawing and
the depth of the headings differ. What is made here is kept as JSON and shown by the web.
"""

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Final

from reports.profile.content import Body, Profile
from reports.render import Section, environment, profile_values, sections
from reports.school_report.content import SchoolReport
from reports.school_report.render import report_values

FORMAT: Final = 1
_PART: Final = re.compile(r"<svg .*?</svg>|<table.*?</table>", re.DOTALL)
_TITLE: Final = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_HEADING: Final = re.compile(r"<(/?)h([1-5])\b")


class ScreenError(ValueError):
    """A stored page cannot be read; one line says why."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A profile as a part of a web page; ``html`` begins with headings of the second level."""

    organisation: str
    headline: str
    locale: str
    simulated: str
    fingerprint: str
    sections: tuple[Section, ...]
    html: str


def build_screen(profile: Profile) -> Screen:
    """A profile as a part of a web page."""
    identity, body = profile.identity, profile.body
    html = environment().get_template("profile/body.html").render(profile_values(profile))
    return Screen(
        organisation=identity.organisation,
        headline=body.summary.headline if isinstance(body, Body) else body.heading,
        locale=identity.locale,
        simulated=identity.simulated,
        fingerprint=identity.fingerprint,
        sections=sections(profile),
        html=_on_screen(html),
    )


def build_school_screen(report: SchoolReport) -> Screen:
    """A school's report as a part of a web page."""
    html = environment().get_template("school_report/body.html").render(report_values(report))
    found = [
        Section("decisions", "Where decisions sit today"),
        Section("capability", report.capability.heading),
        Section("tables", "The figures in tables"),
    ]
    return Screen(
        organisation=report.identity.organisation,
        headline=report.school,
        locale=report.identity.locale,
        simulated=report.identity.simulated,
        fingerprint=report.identity.fingerprint,
        sections=tuple(found if report.tables else found[:-1]),
        html=_on_screen(html),
    )


def _on_screen(html: str) -> str:
    """The parts of a document one level of headings deeper, its drawings and tables in frames."""
    return _framed(_HEADING.sub(lambda found: f"<{found[1]}h{int(found[2]) + 1}", html))


def _framed(html: str) -> str:
    """Each drawing and table in a frame that scrolls where the screen is narrow."""
    counts: Counter[str] = Counter()

    def frame(found: re.Match[str]) -> str:
        part = found[0]
        kind = "Picture" if part.startswith("<svg") else "Table"
        counts[kind] += 1
        css = "chart-scroll" if kind == "Picture" else "table-scroll"
        name = f"{kind} {counts[kind]}"  # two regions of one name could not be told apart
        if kind == "Picture":
            part = _labelled(part)
        return f'<div class="{css}" tabindex="0" role="region" aria-label="{name}">{part}</div>'

    return _PART.sub(frame, html)


def _labelled(drawing: str) -> str:
    """The words that stand for a drawing as its label.

    Of a title browsers make a tooltip over the whole drawing.
    """
    found = _TITLE.search(drawing)
    words = found[1].replace('"', "&quot;") if found else ""
    return _TITLE.sub("", drawing, count=1).replace("<svg ", f'<svg aria-label="{words}" ', 1)


def to_json(screen: Screen) -> bytes:
    """The page as it is stored."""
    return json.dumps({"format": FORMAT, **asdict(screen)}, ensure_ascii=False).encode()


def from_json(content: bytes) -> Screen:
    """A stored page.

    Raises
    ------
    ScreenError
        If it was stored by another release, or is no such page.
    """
    try:
        values = json.loads(content)
        if values.pop("format") != FORMAT:
            raise ScreenError("This page was made by another release; have it made again.")
        values["sections"] = tuple(Section(**each) for each in values["sections"])
        return Screen(**values)
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ScreenError("The stored page cannot be read; have it made again.") from error
