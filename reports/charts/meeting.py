"""The minutes of a meeting as one bar, each part as long as it takes."""

from typing import Final

from markupsafe import Markup

from reports.charts import primitives as p
from reports.charts import tokens as t
from reports.profile.content_meeting import Meeting

HIGH: Final = 17.0


def draw_minutes(meeting: Meeting, *, width: float = t.MEASURE) -> Markup:
    """Parts side by side, with the minute at which each begins."""
    unit = width / meeting.minutes
    parts: list[str] = []
    for step in meeting.steps:
        left, right = step.begins * unit, (step.begins + step.minutes) * unit
        last = step is meeting.steps[-1]
        parts.append(p.rect(left, 0, right - left - (0 if last else 2), HIGH, fill=t.SCHOOLS))
        middle = (left + right - (0 if last else 2)) / 2
        words = f"{step.number}. {step.minutes} min"
        parts.append(p.text(middle, 12, words, size=9, weight=600, fill=t.PAPER, anchor="middle"))
        parts.append(p.text(left, HIGH + 9.5, str(step.begins), size=t.AXIS_WORD, fill=t.INK2))
    parts.append(
        p.text(width, HIGH + 9.5, str(meeting.minutes), size=t.AXIS_WORD, fill=t.INK2, anchor="end")
    )
    return p.svg(parts, width=width, height=HIGH + 12, title=meeting.alt, name="minutes")
