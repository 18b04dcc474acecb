"""Words and colours of every built document: no better end of the line, doubt in plain words.

What is read is what a reader gets: the text of each page of the PDF, what its pictures say to a
listener, its bookmarks and title, and the page for staff.
"""

import colorsys
import io
import re
from functools import cache
from pathlib import Path
from typing import Final

import pikepdf
import pypdf
import pytest
import sample_rounds as rounds

from reports.profile.content import Body
from reports.render import profile_html
from reports.staff_page import build_staff_page, to_json

STATIC: Final = Path(__file__).parents[2] / "reports" / "static"

#: words that would make one end of the line the better one. They are kept out of the whole
#: document, not of the pages on position alone: a reader carries them from page to page.
RANKING: Final = re.compile(
    # "school-level" says whose, not how far
    r"(?<!school-)\b(levels?|maturity|mature|stages?|progress\w*|scores?|advanced|lag\w*|"
    r"falls? behind|ahead of|best practice|rank\w*)\b",
    re.IGNORECASE,
)
#: where such a word is right: titles of the chapter, the words of a case, what forbids ranking
ALLOWED: Final = (
    "System-level Learning",
    "School-level autonomy",
    "No ranking of schools",
)
#: how statisticians say doubt; a leader reads ranges and plain sentences
JARGON: Final = re.compile(
    r"\bCI\b|95\s?%|confidence interval|\bp\s?[=<>]|p-value|significan|standard error|"
    r"margin of error|\br\s?=|\bn\s?<\s?\d|\bSD\b|\balpha\b",
    re.IGNORECASE,
)
#: memory is never told as change
CHANGE: Final = re.compile(
    r"\b(has (moved|risen|fallen|grown)|increased|decreased|shifted)\b", re.I
)


@cache
def text_of(name: str) -> tuple[str, ...]:
    """Every page as one line of text."""
    pages = pypdf.PdfReader(io.BytesIO(rounds.pdf_of(name))).pages
    return tuple(re.sub(r"\s+", " ", page.extract_text()) for page in pages)


@cache
def heard(name: str) -> str:
    """What a listener gets beside the text: alternatives of pictures, bookmarks, the title."""
    with pikepdf.open(io.BytesIO(rounds.pdf_of(name))) as document:
        said = [str(document.docinfo.get("/Title", ""))]
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure":
                said.append(str(item.get("/Alt", "")))
        with document.open_outline() as outline:
            said += [entry.title for entry in outline.root]
    return "\n".join(said)


@cache
def staff_page(name: str) -> str:
    """The page for staff; nothing where there is none to make."""
    profile = rounds.profile_of(name)
    if not isinstance(profile.body, Body):
        return ""
    return to_json(build_staff_page(profile)).decode()


@cache
def everything(name: str) -> str:
    """All words of a sample."""
    found = "\n".join((*text_of(name), heard(name), staff_page(name)))
    for phrase in ALLOWED:
        found = found.replace(phrase, "")
    return found


@pytest.fixture(params=rounds.SAMPLES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - 60) : found.end() + 40]


@pytest.mark.parametrize("words", [RANKING, JARGON, CHANGE], ids=["ranking", "jargon", "change"])
def test_these_words_stand_in_no_document(name: str, words: re.Pattern[str]) -> None:
    text = everything(name)
    assert [around(text, found) for found in words.finditer(text)] == []


def test_a_share_has_no_decimals_and_a_figure_one() -> None:
    """Two decimals are for reliabilities and the rules they are held against, and nothing else."""
    for name in rounds.SAMPLES:
        assert not re.search(r"\d\.\d+\s?%", everything(name)), name
        for page in text_of(name):
            precise = re.findall(r"(?<![\w.])\d+\.\d{2,}", page)
            is_about_method = "How it was done" in page or "Omega total" in page
            assert precise == [] or is_about_method, (name, page[:80], precise)
        assert not re.search(r"\d\.\d{2,}", heard(name)), name
        assert not re.search(r"(?<![\w.])\d\.\d{2,}", staff_page(name).replace('"drawn"', "")), name


def test_a_likely_range_is_said_as_a_range(name: str) -> None:
    text = " ".join(text_of(name))
    if "What is withheld" in text and "This profile cannot be shown" not in text:
        assert re.search(r"likely \d\.\d to \d\.\d", text)
    assert "±" not in text


def test_what_is_remembered_is_called_memory() -> None:
    for name in rounds.SAMPLES:
        body = rounds.profile_of(name).body
        remembers = isinstance(body, Body) and body.wishes is not None and body.wishes.memory
        pages = [page for page in text_of(name) if "hollow ring" in page]
        assert bool(pages) == bool(remembers), name
        for page in pages:
            assert "This is memory, not measured change." in page


# Colours


def colours(markup: str) -> set[str]:
    return {found.upper() for found in re.findall(r"#[0-9a-fA-F]{6}\b", markup)}


def drawings(name: str, of: str = "") -> list[str]:
    """The drawings of a document, or those of one kind."""
    found = re.findall(r"<svg\b.*?</svg>", profile_html(rounds.profile_of(name)), re.DOTALL)
    return [each for each in found if f"chart-{of}" in each.partition(">")[0]]


def is_red_or_green(colour: str) -> bool:
    """By hue, where there is enough colour to tell one."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    degrees = 360 * hue
    if saturation < 0.15 or not 0.05 < lightness < 0.97:
        return False
    return degrees < 20 or degrees > 340 or 75 <= degrees <= 170


def test_the_hue_check_knows_red_and_green() -> None:
    assert all(map(is_red_or_green, ("#C00000", "#E53935", "#2E7D32", "#00AA55", "#99CC00")))
    assert not any(map(is_red_or_green, ("#0B4F71", "#8F4700", "#3B4854", "#FFFFFF", "#15212B")))


def test_nothing_is_drawn_in_red_or_green(name: str) -> None:
    drawn = set().union(*(colours(each) for each in drawings(name)))
    assert drawn
    assert [colour for colour in drawn if is_red_or_green(colour)] == []


def test_no_style_sheet_knows_red_or_green() -> None:
    for sheet in ("report.css", "profile.css"):
        text = (STATIC / sheet).read_text(encoding="utf-8")
        assert [colour for colour in colours(text) if is_red_or_green(colour)] == []
        assert not re.search(r":\s*(red|green|crimson|lime|tomato)\b", text)


def test_pressures_are_drawn_alike_whether_high_or_low() -> None:
    found = drawings("gathered", "pressures")
    assert found
    for drawing in found:
        marks = re.findall(r'<rect [^>]*fill="(#\w+)" stroke="#FFFFFF"', drawing)
        assert len(set(marks)) == 1


def test_every_stop_has_the_same_tint() -> None:
    found = drawings("gathered", "decisions")
    fills = {fill for each in found for fill in re.findall(r'<rect [^>]*fill="(#\w+)"', each)}
    assert fills - {"#FFFFFF"} == {"#7F8D99"}


def test_the_line_has_no_arrow_and_two_ends_alike() -> None:
    for name in rounds.SAMPLES:
        assert not re.search("[→←➔▶◀»]", everything(name)), name
        for drawing in drawings(name):
            assert "marker" not in drawing
