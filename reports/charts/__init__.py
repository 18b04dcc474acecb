"""Numbers to SVG: one markup for the page and the PDF.

Each function takes ready values (``reports.profile.content``, or plain numbers for the validation
report) and returns ``Markup``: presentation attributes only, literal colours, text as text, and a
``<title>`` that says the whole drawing in words.
"""

from reports.charts.bands import draw_capability_small, draw_pressures_small
from reports.charts.capability import draw_capability_key, draw_scale
from reports.charts.change import draw_change_panel, draw_changes_key
from reports.charts.companions import draw_companion, draw_companions_key
from reports.charts.cover import bare_line_of, draw_bare_line, draw_how_to
from reports.charts.decisions import draw_decisions_key, draw_group, draw_stop_names
from reports.charts.line import draw_line
from reports.charts.pressures import (
    draw_item_rows,
    draw_items,
    draw_pressures,
    draw_pressures_key,
)
from reports.charts.primitives import height_of
from reports.charts.silhouettes import draw_silhouettes, draw_silhouettes_key
from reports.charts.validation import interval_axis, interval_strip, scree
from reports.charts.wishes import (
    draw_role_wishes,
    draw_wish_group,
    draw_wishes_head,
    draw_wishes_key,
)

__all__ = [
    "bare_line_of",
    "draw_bare_line",
    "draw_capability_key",
    "draw_capability_small",
    "draw_change_panel",
    "draw_changes_key",
    "draw_companion",
    "draw_companions_key",
    "draw_decisions_key",
    "draw_group",
    "draw_how_to",
    "draw_item_rows",
    "draw_items",
    "draw_line",
    "draw_pressures",
    "draw_pressures_key",
    "draw_pressures_small",
    "draw_role_wishes",
    "draw_scale",
    "draw_silhouettes",
    "draw_silhouettes_key",
    "draw_stop_names",
    "draw_wish_group",
    "draw_wishes_head",
    "draw_wishes_key",
    "height_of",
    "interval_axis",
    "interval_strip",
    "scree",
]
