"""The quirks of WeasyPrint 70, in one place.

- Inline SVG is parsed by the HTML parser and styled node by node, though it takes no style.
  ``lift_drawings`` hands it over as images instead, with the ``<title>`` as ``alt``; the tagged PDF
  comes out the same.
- Header cells get no scope: ``set_scopes``.
- A drawing that cannot be drawn is left out with a line in the log: ``failures``.
- Its libraries are sought under Windows names first, each by running a compiler: ``known_names``.
"""

import ctypes.util
import gc
import logging
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any, Final

from markupsafe import escape

#: scheme under which the drawings of one document are found; never fetched from anywhere
DRAWING: Final = "drawing:"
_SVG: Final = re.compile(r"<svg\b[^>]*>\s*<title>(.*?)</title>.*?</svg>", re.DOTALL)
_CLASS: Final = re.compile(r'<svg\b[^>]*? class="([^"]*)"')


def lift_drawings(html: str) -> tuple[str, dict[str, str]]:
    """The document with every inline drawing replaced by an image, and the drawings by URL."""
    drawings: dict[str, str] = {}

    def lift(found: re.Match[str]) -> str:
        url = f"{DRAWING}{len(drawings)}"
        drawings[url] = found[0]
        named = _CLASS.match(found[0])
        marker = f' class="{named[1]}"' if named else ""
        return f'<img src="{url}"{marker} alt="{escape(unescape(found[1]))}">'

    return _SVG.sub(lift, html), drawings


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
def known_names() -> Iterator[None]:
    """While WeasyPrint is imported on Linux: find libraries by the loader's own names only.

    ``find_library`` runs ldconfig, gcc and ld for each name that is not there, a quarter of a
    second in all. Delete this when WeasyPrint tries the system's own names first.
    """
    find = ctypes.util.find_library
    if sys.platform == "linux":
        ctypes.util.find_library = lambda name: None
    try:
        yield
    finally:
        ctypes.util.find_library = find


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


def set_scopes(_document: Any, pdf: Any) -> None:
    """A finisher: say of every header cell whether it heads a column or a row."""
    objects = {item.reference: item for item in pdf.objects if item.number}
    for element in pdf.objects:
        if isinstance(element, dict) and element.get("S") == "/TH":
            row = objects[element["P"]]
            group = objects[row["P"]]
            scope = "/Column" if group["S"] == "/THead" else "/Row"
            element.setdefault("A", {})["Scope"] = scope
