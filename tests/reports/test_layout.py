"""Nothing runs over an edge, no two labels meet, no heading is left alone, no page spills.

Drawings are read as markup, with widths from the font itself; pages as they were set, through
PDFium. The rounds are those of ``sample_rounds``: 3 and 60 schools, names of 3 and 60 letters,
organisations that gather, split and nearly vanish.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from itertools import combinations
from typing import Final

import pypdfium2
import pytest
import sample_rounds as rounds

from reports.charts.metrics import text_width
from reports.profile.content import Body
from reports.render import profile_html

SVG: Final = "{http://www.w3.org/2000/svg}"
#: A4 and its margins, points
WIDE, HIGH = 595.3, 841.9
LEFT, RIGHT, TOP, FOOT = 42.5, 552.8, 68.0, 48.0
#: sections that may go on over several pages, and end where they end
LONG: Final = ("how it was done", "the figures in tables")


@dataclass(frozen=True)
class Box:
    """Where words stand; y grows upwards on a page and downwards in a drawing."""

    left: float
    low: float
    right: float
    high: float
    words: str

    def overlap(self, other: "Box") -> float:
        """The smaller side of what two boxes share; 0 where they do not meet."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.high, other.high) - max(self.low, other.low)
        return max(0.0, min(wide, high))


@pytest.fixture(params=rounds.SAMPLES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@cache
def html_of(name: str) -> str:
    return profile_html(rounds.profile_of(name))


# Drawings


def drawings(name: str) -> list[ET.Element]:
    found = re.findall(r"<svg\b.*?</svg>", html_of(name), re.DOTALL)
    return [ET.fromstring(drawing) for drawing in found]


def labels(node: ET.Element, x: float = 0, y: float = 0) -> Iterator[Box]:
    """Every label of a drawing as the box that its letters fill."""
    for child in node:
        if child.tag == f"{SVG}g":
            move = child.get("transform", "translate(0 0)")[len("translate(") : -1].split()
            yield from labels(child, x + float(move[0]), y + float(move[1]))
        if child.tag == f"{SVG}text" and (child.text or "").strip():
            yield label(child, x, y)


def label(node: ET.Element, x: float, y: float) -> Box:
    size, words = float(node.get("font-size", 12)), str(node.text)
    weight = int(node.get("font-weight", 400))
    wide = text_width(words, size, weight, italic=node.get("font-style") == "italic")  # type: ignore[arg-type] # the three weights of the face
    left, base = x + float(node.get("x", 0)), y + float(node.get("y", 0))
    return Box(left, base - 0.66 * size, left + wide, base + 0.02 * size, words)


def kind(drawing: ET.Element) -> str:
    return drawing.get("class", "")


def test_every_label_stays_within_its_drawing(name: str) -> None:
    for drawing in drawings(name):
        _, _, wide, high = (float(part) for part in drawing.get("viewBox", "").split())
        out = [
            box
            for box in labels(drawing)
            if box.left < -0.6 or box.right > wide + 0.6 or box.low < -0.6 or box.high > high + 0.6
        ]
        assert out == [], (kind(drawing), wide, high)


def test_no_two_labels_of_a_drawing_meet(name: str) -> None:
    for drawing in drawings(name):
        found = list(labels(drawing))
        met = [
            (one.words, other.words)
            for one, other in combinations(found, 2)
            if one.overlap(other) > 0.6
        ]
        assert met == [], kind(drawing)


def test_the_checks_of_labels_see_what_is_wrong() -> None:
    markup = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20">'
        '<text x="0" y="10" font-size="9">One label</text>'
        '<text x="20" y="12" font-size="9">another, too long</text></svg>'
    )
    one, other = labels(ET.fromstring(markup))
    assert one.overlap(other) > 0.6
    assert other.right > 60.6


# Pages


@cache
def pages(name: str) -> tuple[tuple[Box, ...], ...]:
    """The words of each page, run by run, with the box of their letters."""
    found = []
    for page in pypdfium2.PdfDocument(rounds.pdf_of(name)):
        text = page.get_textpage()
        boxes = [text.get_rect(place) for place in range(text.count_rects())]
        runs = [Box(*box, words=text.get_text_bounded(*box)) for box in boxes]
        found.append(tuple(run for run in runs if run.high - run.low > 1.5))
    return tuple(found)


def body(page: tuple[Box, ...]) -> list[Box]:
    """A page without its running head and foot."""
    return [run for run in page if FOOT <= run.low and run.high <= HIGH - TOP + 4]


def running(page: tuple[Box, ...]) -> str:
    """The name of the section in the running head."""
    head = [run for run in page if run.low > HIGH - TOP + 4]
    return min(head, key=lambda run: run.left).words.partition("· ")[2].strip()


def test_nothing_runs_over_the_edge_of_a_page(name: str) -> None:
    for number, page in enumerate(pages(name), 1):
        out = [run for run in page if run.left < LEFT - 1 or run.right > RIGHT + 1]
        assert out == [], number
        low = [run for run in page if run.high < FOOT and run.high > 40]
        assert low == [], number


def test_no_words_stand_on_others(name: str) -> None:
    for number, page in enumerate(pages(name), 1):
        met = [
            (one.words, other.words)
            for one, other in combinations(page, 2)
            if one.overlap(other) > 1.2
        ]
        assert met == [], number


def test_no_heading_ends_a_page(name: str) -> None:
    found = re.findall(r"<h[123][^>]*>(.*?)</h[123]>", html_of(name), re.DOTALL)
    headings = {plain(words) for words in found}
    for number, page in enumerate(pages(name), 1):
        last = min(body(page), key=lambda run: run.low)
        assert plain(last.words) not in headings, number


def plain(markup: str) -> str:
    words = unescape(re.sub(r"<[^>]+>", "", markup))
    return re.sub(r"\s+", " ", words).strip()


def test_no_page_holds_only_what_another_could_not_take(name: str) -> None:
    """A page that ends in its upper quarter is what spilled over from the page before."""
    found = pages(name)
    for number, page in enumerate(found, 1):
        is_last_of_long = running(page) in LONG and (
            number == len(found) or running(found[number]) != running(page)
        )
        lowest = min(run.low for run in body(page))
        assert lowest < HIGH * 0.72 or is_last_of_long, (number, running(page))


def test_cover_and_summary_keep_to_a_page_each(name: str) -> None:
    heads = [running(page) for page in pages(name)]
    assert heads.count(heads[0]) == 1
    if isinstance(rounds.profile_of(name).body, Body):
        assert heads[1] == "the profile on one page"
        assert heads.count(heads[1]) == 1


def test_pages_that_are_read_at_a_glance_keep_to_one(name: str) -> None:
    """Decisions, wishes and readings: a reader should see each whole."""
    heads = [running(page) for page in pages(name)]
    counts = {head: heads.count(head) for head in heads}
    for head in ("where decisions sit today", "reading the three together"):
        assert counts.get(head, 1) == 1, head
    for head, count in counts.items():
        assert not head.startswith("today") or count == 1, head
