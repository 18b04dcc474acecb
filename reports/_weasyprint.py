"""The quirks of WeasyPrint 70, in one place.

- Text in SVG is laid out letter by letter, without kerning, at 4 ms a label, and lands in the PDF
  as single letters. ``draw_run`` draws a plain label as one run. Delete it when WeasyPrint does so.
- Inline SVG is parsed by the HTML parser and styled node by node, though it takes no style: half
  of the time that a profile takes. ``lift_drawings`` hands it over as images instead, with the
  ``<title>`` as ``alt``; the tagged PDF comes out the same.
- Header cells get no scope: ``set_scopes``.
- A drawing that cannot be drawn is left out with a line in the log: ``failures``.
"""

import gc
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from html import unescape
from math import inf
from typing import Any, Final

from markupsafe import escape

#: scheme under which the drawings of one document are found; never fetched from anywhere
DRAWING: Final = "drawing:"
_SVG: Final = re.compile(r"<svg\b[^>]*>\s*<title>(.*?)</title>.*?</svg>", re.DOTALL)
_CLASS: Final = re.compile(r'<svg\b[^>]*? class="([^"]*)"')


def lift_drawings(html: str) -> tuple[str, dict[str, bytes]]:
    """The document with every inline drawing replaced by an image, and the drawings by URL."""
    drawings: dict[str, bytes] = {}

    def lift(found: re.Match[str]) -> str:
        url = f"{DRAWING}{len(drawings)}"
        drawings[url] = found[0].encode()
        named = _CLASS.match(found[0])
        marker = f' class="{named[1]}"' if named else ""
        return f'<img src="{url}"{marker} alt="{escape(unescape(found[1]))}">'

    return _SVG.sub(lift, html), drawings


@cache
def mend() -> None:
    """Let WeasyPrint draw plain SVG labels as runs (once a process)."""
    from weasyprint import svg

    letters = svg.text
    special = {"dx", "dy", "rotate", "textLength", "letter-spacing", "text-anchor", "direction"}

    def text(drawing: Any, node: Any, font_size: float) -> None:
        if node.text and not special & set(node.attrib) and not list(node):
            draw_run(drawing, node, font_size)
        else:
            letters(drawing, node, font_size)

    # WeasyPrint knows a text node by this very function.
    svg.text = text
    for tag in [tag for tag, drawn_by in svg.TAGS.items() if drawn_by is letters]:
        svg.TAGS[tag] = text


class Failures(logging.Handler):
    """Collects what WeasyPrint only logs as an error, such as a drawing it left out."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []
        self.thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread:
            self.found.append(record.getMessage())


@contextmanager
def failures() -> Iterator[list[str]]:
    """The errors that WeasyPrint logs in this thread while the block runs."""
    logger = logging.getLogger("weasyprint")
    handler = Failures()
    logger.addHandler(handler)
    try:
        yield handler.found
    finally:
        logger.removeHandler(handler)


@contextmanager
def no_collection() -> Iterator[None]:
    """Without the garbage collector, which spends a fifth of the time of a document on nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def draw_run(drawing: Any, node: Any, font_size: float) -> None:
    """One label, drawn as one run of text that starts at its x and stands on its y."""
    from weasyprint.css.properties import INITIAL_VALUES
    from weasyprint.draw.text import draw_first_line
    from weasyprint.matrix import Matrix
    from weasyprint.svg.text import Style, TextBox
    from weasyprint.text.line_break import split_first_line

    style = Style()
    style.update(INITIAL_VALUES)
    style.font_config = drawing.font_config
    style["font_family"] = [node.get("font-family", "sans-serif")]
    style["font_style"] = node.get("font-style", "normal")
    style["font_weight"] = int(node.get("font-weight", 400))
    style["font_size"] = font_size
    layout, _, _, _, _, baseline = split_first_line(node.text, style, drawing.context, inf, 0)
    box = TextBox(layout, style)
    box.baseline = baseline
    x, y = drawing.point(node.get("x"), node.get("y"), font_size)
    drawing.stream.push_state()
    fill, stroke = drawing.set_graphical_state(node, font_size)
    drawing.stream.begin_text()
    layout.reactivate(style)
    drawing.fill_stroke(fill, stroke, text=True)
    draw_first_line(drawing.stream, box, "none", "none", Matrix(d=-1, e=x, f=y))
    drawing.stream.end_text()
    drawing.stream.pop_state()


def set_scopes(_document: Any, pdf: Any) -> None:
    """A finisher: say of every header cell whether it heads a column or a row."""
    objects = {item.reference: item for item in pdf.objects if item.number}
    for element in pdf.objects:
        if isinstance(element, dict) and element.get("S") == "/TH":
            row = objects[element["P"]]
            group = objects[row["P"]]
            scope = "/Column" if group["S"] == "/THead" else "/Row"
            element.setdefault("A", {})["Scope"] = scope
