"""The page for a meeting: its bar of minutes, and rows to write on as high as there is room."""

from typing import Any, Final

from reports.charts.meeting import draw_minutes
from reports.charts.metrics import wrap
from reports.profile.content_meeting import Meeting, Prompt

#: height of what stands above the questions, and of the head of the table; points
ABOVE: Final = 166.0
HEAD: Final = 62.0
PAGE: Final = 724.0
#: heights that a row to write on may have, points (as in the style sheet)
ROWS: Final = (120, 110, 100, 90, 80, 70, 60, 50)
COLUMN: Final = 230.0


def meeting_values(meeting: Meeting | None) -> dict[str, Any]:
    """What the template of the page needs beside its content."""
    if meeting is None:
        return {}
    half = (len(meeting.prompts) + 1) // 2
    columns = (meeting.prompts[:half], meeting.prompts[half:])
    asked = 34 + max(sum(map(_height, column)) for column in columns)
    room = (PAGE - ABOVE - HEAD - asked) / 3
    return {
        "chart_minutes": draw_minutes(meeting),
        "meeting_rows": f"write-{next((high for high in ROWS if high <= room), ROWS[-1])}",
    }


def _height(prompt: Prompt) -> float:
    said = f"{prompt.text} Here: {prompt.because}." if prompt.because else prompt.text
    return 12.4 * len(wrap(said, COLUMN, 9.2)) + 5
