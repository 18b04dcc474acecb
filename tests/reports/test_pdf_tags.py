"""What assistive technology finds in a profile, and whether it can be read in grey.

Two checkers look at the same bytes: our own reading of the structure with pikepdf, and ``page``,
a validator of the machine-checkable rules of PDF/UA-1. No checker can say that a document is
accessible; it can say that these rules hold.
"""

import io
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Final

import page as ua_checker
import pikepdf
import pytest
import sample_rounds as rounds

from reports.charts import tokens
from reports.profile.content import Body
from reports.render import document_title, profile_html, sections

#: what is decoration: hairlines and quiet fills carry no meaning
DECOR: Final = {tokens.PAPER, tokens.WASH, tokens.RULE, tokens.GRID, tokens.HALF}


@pytest.fixture(params=rounds.SAMPLES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@cache
def document(name: str) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(rounds.pdf_of(name)))


def children(element: pikepdf.Object) -> list[pikepdf.Dictionary]:
    """The elements within one of the structure tree, in reading order."""
    kids = element.get("/K", [])
    kids = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    return [kid for kid in kids if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]


def elements(element: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    """Every element below one, depth first: the order in which it is read."""
    for child in children(element):
        yield child
        yield from elements(child)


@cache
def tree(name: str) -> tuple[pikepdf.Dictionary, ...]:
    return tuple(elements(document(name).Root.StructTreeRoot))


def kinds(name: str, kind: str) -> list[pikepdf.Dictionary]:
    return [element for element in tree(name) if str(element.S) == f"/{kind}"]


def faults(pdf: bytes) -> list[str]:
    report = ua_checker.validate_pdf_bytes(pdf, profile="ua1")
    return [f"{failure.rule_id}: {failure.message}" for failure in report.failures]


def test_the_checker_of_pdf_ua_finds_nothing(name: str) -> None:
    assert faults(rounds.pdf_of(name)) == []


def test_the_checker_would_find_a_picture_without_words() -> None:
    with pikepdf.open(io.BytesIO(rounds.pdf_of("vanishing"))) as pdf:
        figure = next(
            item
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        )
        del figure["/Alt"]
        changed = io.BytesIO()
        pdf.save(changed)
    assert any("FIGURE" in fault for fault in faults(changed.getvalue()))


def test_the_document_says_its_language_and_shows_its_title(name: str) -> None:
    root = document(name).Root
    title = document_title(rounds.profile_of(name))
    assert str(root.Lang) == "en-GB"
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert str(document(name).docinfo["/Title"]) == title
    with document(name).open_metadata() as metadata:
        assert metadata["dc:title"] == title
        assert metadata["pdfuaid:part"] == "1"
    assert bool(root.MarkInfo.Marked)


def test_headings_go_down_one_step_at_a_time_in_reading_order(name: str) -> None:
    steps = [int(str(each.S)[2:]) for each in tree(name) if re.fullmatch("/H[1-6]", str(each.S))]
    assert steps[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(steps))
    assert steps.count(1) == len(sections(rounds.profile_of(name))) + 1  # and the cover


def test_bookmarks_lead_to_every_section(name: str) -> None:
    profile = rounds.profile_of(name)
    with document(name).open_outline() as outline:
        titles = [re.sub(r"\s+", " ", entry.title) for entry in outline.root]
    expected = [section.title for section in sections(profile)]
    if isinstance(profile.body, Body):
        expected[0] = profile.body.summary.headline
    assert titles == [profile.identity.organisation, *expected]


def test_every_picture_says_more_than_a_name(name: str) -> None:
    for figure in kinds(name, "Figure"):
        said = str(figure.get("/Alt", ""))
        assert len(said) > 20
        assert "  " not in said
        assert not re.search(r"\(\)|: ;|\bnan\b|[.,;:]{2}", said), said


def columns_of(cell: pikepdf.Dictionary) -> int:
    return int(cell.get("/A", {}).get("/ColSpan", 1))


def test_every_table_heads_its_columns_and_rows(name: str) -> None:
    tables = kinds(name, "Table")
    assert tables
    for table in tables:
        rows = [each for each in elements(table) if str(each.S) == "/TR"]
        heads = [each for each in elements(table) if str(each.S) == "/TH"]
        assert {str(head.A.Scope) for head in heads} == {"/Column", "/Row"}
        widths = {
            sum(int(cell.get("/A", {}).get("/ColSpan", 1)) for cell in children(row))
            for row in rows
        }
        assert len(widths) == 1, widths


# Every chart has its table


def figures(markup: str) -> set[str]:
    """Every figure that drawings print as text: shares and values to a decimal."""
    words = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", markup)).replace("&lt;", "<")
    words = words.replace("&gt;", ">")
    return set(re.findall(r"[<>]?\d+%|(?<![\d.])\d\.\d(?!\d)", words))


def test_every_figure_of_every_chart_is_in_a_table(name: str) -> None:
    profile = rounds.profile_of(name)
    tables = [*profile.tables]
    if isinstance(profile.body, Body) and profile.body.silhouettes:
        tables += profile.body.silhouettes.tables
    cells = " ".join(cell for table in tables for row in table.rows for cell in (*row, table.note))
    known = set(re.findall(r"[<>]?\d+%|(?<![\d.])\d\.\d(?!\d)", cells))
    for drawing in re.findall(r"<svg\b.*?</svg>", profile_html(profile), re.DOTALL):
        kind = re.findall(r'class="chart chart-([\w-]+)"', drawing)[:1]
        if kind == ["silhouettes"]:
            continue  # its averages are of codes that the table gives one by one
        assert figures(drawing) <= known, (kind, figures(drawing) - known)


def test_every_kind_of_chart_has_a_table_of_its_own() -> None:
    profile = rounds.profile_of("gathered")
    kinds_drawn = set(re.findall(r'class="chart chart-([\w-]+)"', profile_html(profile)))
    beside = {
        "line": "line",
        "decisions": "decisions",
        "wishes": "wishes",
        "wishes-roles": "wishes-roles",
        "capability": "capability",
        "scale": "capability-items",
        "companion": "companions",
        "pressures": "pressures",
        "schools": "schools",
        "silhouettes": "cases",
    }
    without_figures = {"key", "how-to", "bare-line", "decisions-head", "wishes-head"}
    without_figures |= {"minutes", "no-schools"}
    assert kinds_drawn - without_figures == set(beside)
    assert all(profile.table(key) for key in beside.values())


# Grey print


def luminance(colour: str) -> float:
    """Relative luminance: what is left of a colour in grey print."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str = tokens.PAPER) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#777777") == pytest.approx(4.48, abs=0.01)


def is_on_ink(drawing: str, fill: str) -> bool:
    """Whether every word of a light colour stands right on a dark rectangle."""
    grounds = re.findall(rf'fill="(#\w+)"/><text [^>]*fill="{fill}"', drawing)
    words = re.findall(rf'<text [^>]*fill="{fill}"', drawing)
    return len(grounds) == len(words) and all(contrast(fill, each) >= 4.5 for each in grounds)


def test_every_mark_and_word_of_a_drawing_reads_in_grey(name: str) -> None:
    html = profile_html(rounds.profile_of(name))
    for drawing in re.findall(r"<svg\b.*?</svg>", html, re.DOTALL):
        for fill in set(re.findall(r'<text [^>]*fill="(#\w+)"', drawing)):
            assert contrast(fill) >= 4.5 or is_on_ink(drawing, fill), fill
        shapes = re.sub(r"<text\b.*?</text>", "", drawing, flags=re.DOTALL)
        for colour in set(re.findall(r'(?:fill|stroke)="(#\w+)"', shapes)) - DECOR:
            assert contrast(colour) >= 3, colour


def test_what_is_told_apart_by_colour_is_told_apart_by_shape() -> None:
    """Schools are round and filled, the centre is a hollow diamond, pressures are square."""
    html = profile_html(rounds.profile_of("gathered"))
    assert not re.search(rf'<polygon [^>]*fill="{tokens.SCHOOLS}"', html)
    assert not re.search(rf'<circle [^>]*(fill|stroke)="{tokens.CENTRE}"', html)
    assert re.search(rf'<polygon [^>]*fill="{tokens.PAPER}" stroke="{tokens.CENTRE}"', html)


def test_the_remembered_mark_is_round_hollow_and_unlike_every_other() -> None:
    html = profile_html(rounds.profile_of("gathered"))
    page = html.partition('id="wishes"')[2].partition("</section>")[0]
    rings = rf'<circle [^>]*fill="{tokens.PAPER}" stroke="{tokens.SCHOOLS}"'
    assert re.search(rings, page)
    assert "<polygon" not in page
    assert not re.search(rings, html.replace(page, ""))
