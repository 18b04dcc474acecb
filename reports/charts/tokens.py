"""Literal colours and sizes of the drawings: the print column of the look's table of tokens.

SVG takes them as presentation attributes, so that one markup serves page and PDF without inline
style. The style sheets repeat the same values as custom properties for text and rules.
"""

from typing import Final

PAPER: Final = "#FFFFFF"
WASH: Final = "#F2F5F6"
INK: Final = "#15212B"
INK2: Final = "#495763"
RULE: Final = "#C6CFD6"
GRID: Final = "#DCE2E6"
SCHOOLS: Final = "#0B4F71"
SCHOOLS_BAND: Final = "#6596B2"
CENTRE: Final = "#8F4700"
CENTRE_BAND: Final = "#C0843F"
PRESS: Final = "#3B4854"
PRESS_BAND: Final = "#87939E"
WHATIF: Final = "#5A6772"
BAR: Final = "#7F8D99"
HALF: Final = "#C9DCE7"

FONT: Final = "Source Sans 3"

#: the measure of an A4 page with 15 mm margins, points
MEASURE: Final = 510.0

#: sizes of chart text, points
LABEL: Final = 9.4
AXIS_WORD: Final = 7.6
NOTE: Final = 8.2
