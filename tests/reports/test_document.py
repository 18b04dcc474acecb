"""HTML to a tagged PDF: structure, determinism, and nothing fetched from anywhere."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pypdf
import pytest

from reports._drawings import read_drawing
from reports.charts import draw_bare_line
from reports.document import STATIC, DocumentError, render_pdf, static_file
from reports.profile.content import Table
from reports.sheets import column_widths, sheet

ROOT = Path(__file__).parents[2]
PAGE = """<!doctype html><html lang="en"><head><title>x</title></head><body>
<div class="foot">A foot</div><h1>A heading</h1>{content}</body></html>"""
TABLE = """<table><thead><tr><th scope="col">Role</th><th scope="col">n</th></tr></thead>
<tbody><tr><th scope="row">Leaders</th><td>25–49</td></tr></tbody></table>"""


def svg(content: str) -> str:
    space = 'xmlns="http://www.w3.org/2000/svg"'
    return f'<svg {space} width="90pt" height="20pt" viewBox="0 0 90 20">{content}</svg>'


def render(content: str = "<p>Words</p>", **given: str) -> bytes:
    values = {"title": "A title", "lang": "en-GB", "identifier": "abc", **given}
    return render_pdf(PAGE.format(content=content), **values)  # type: ignore[arg-type]


def test_the_document_is_tagged_and_says_its_title_and_language() -> None:
    with pikepdf.open(io.BytesIO(render())) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "en-GB"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.docinfo["/Title"]) == "A title"
        xmp = pdf.Root.Metadata.read_bytes().decode()
    assert "A title" in xmp
    assert "http://www.aiim.org/pdfua/ns/id/" in xmp
    assert "part>1<" in xmp or 'part="1"' in xmp


def test_header_cells_say_whether_they_head_a_column_or_a_row() -> None:
    scopes = []
    with pikepdf.open(io.BytesIO(render(TABLE))) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/TH":
                scopes.append(str(item.A.Scope))
    assert sorted(scopes) == ["/Column", "/Column", "/Row"]


def test_a_drawing_is_a_figure_with_its_title_as_alternative() -> None:
    drawing = draw_bare_line(left="Quiet & calm", right="“Loud”", stops=5)
    with pikepdf.open(io.BytesIO(render(drawing))) as pdf:
        figures = [
            item
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        ]
        alternatives = [str(figure.Alt) for figure in figures]
    assert alternatives == ["A line with two equal ends: Quiet & calm and “Loud”."]


def test_text_in_a_drawing_stays_text() -> None:
    pdf = render(draw_bare_line(left="School autonomy", right="Standardisation", stops=5))
    text = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert "School autonomy" in text
    assert "Standardisation" in text


def test_the_same_input_gives_the_same_bytes_in_any_process() -> None:
    code = (
        "import sys, hashlib; from reports.document import render_pdf; "
        f"html = {PAGE.format(content=TABLE)!r}; "
        "pdf = render_pdf(html, title='t', lang='en', identifier='i'); "
        "print(hashlib.sha256(pdf).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert render(TABLE) == render(TABLE)
    assert render(TABLE) != render(TABLE, identifier="other")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/logo.png",
        "http://127.0.0.1/x.svg",
        "file:///etc/passwd",
        "../profile.py",
        "fonts/../../document.py",
        "file://elsewhere/reports/static/report.css",
        "ftp://example.org/x",
        "data:image/svg+xml,<svg/>",
    ],
)
def test_a_reference_to_anything_but_our_own_files_ends_the_rendering(url: str) -> None:
    with pytest.raises(DocumentError, match="may not refer to"):
        render(f'<img src="{url}" alt="x">')


def test_a_style_sheet_from_elsewhere_is_refused() -> None:
    with pytest.raises(DocumentError, match="may not refer to"):
        render('<style>p { background: url("https://example.org/x.png") }</style><p>x</p>')


def test_a_missing_file_of_our_own_is_named() -> None:
    with pytest.raises(DocumentError, match=r"nothing\.svg"):
        render('<img src="nothing.svg" alt="x">')


def test_files_under_static_are_found() -> None:
    assert static_file((STATIC / "report.css").as_uri()) == (STATIC / "report.css").resolve()


def test_a_drawing_that_cannot_be_drawn_is_no_silent_gap() -> None:
    broken = svg('<title>x</title><rect width="5" height="5" opacity="a"/>')
    with pytest.raises(DocumentError, match="could not be drawn"):
        render(broken)


def test_a_drawing_with_shapes_of_another_kind_is_left_to_weasyprint() -> None:
    odd = svg('<title>A tilted word</title><text x="9" y="9" transform="rotate(3)">tilted</text>')
    assert read_drawing(odd, None) is None
    text = pypdf.PdfReader(io.BytesIO(render(odd))).pages[0].extract_text()
    assert "tilted" in text.replace("\n", "").replace(" ", "")


def test_shapes_are_written_where_they_stand() -> None:
    shapes = svg(
        '<title>Shapes</title><rect x="1" y="2" width="30" height="5" rx="2" fill="#FF0000"/>'
        '<g transform="translate(10 1)"><line x1="0" y1="0" x2="9" y2="9" stroke="#00FF00"/></g>'
        '<path d="M1 2L3 4M5 6L7 8" stroke="#0000FF" fill="none"/>'
        '<circle cx="5" cy="5" r="3" fill="#0B4F71" stroke="#FFFFFF" stroke-width="1"/>'
    )
    with pikepdf.open(io.BytesIO(render(shapes))) as pdf:
        stream = pdf.pages[0].Contents.read_bytes().decode("latin-1")
    assert "1 0 0 rg" in stream
    assert "0 1 0 RG" in stream
    assert "0 0 m\n9 9 l\nS" in stream
    assert "1 2 m\n3 4 l\n5 6 m\n7 8 l\nS" in stream
    assert stream.count(" c\n") == 8  # four corners and four arcs


@pytest.mark.parametrize("given", [{"title": " "}, {"lang": ""}])
def test_a_document_needs_title_and_language(given: dict[str, str]) -> None:
    with pytest.raises(DocumentError, match="title and a language"):
        render(**given)


def test_an_unknown_style_sheet_is_named() -> None:
    with pytest.raises(DocumentError, match=r"other\.css"):
        render_pdf(PAGE, title="t", lang="en", identifier="i", stylesheets=("other.css",))


def test_a_system_without_pango_gets_one_line_that_names_the_packages(tmp_path: Path) -> None:
    (tmp_path / "weasyprint").mkdir()
    (tmp_path / "weasyprint" / "__init__.py").write_text(
        "raise OSError(\"cannot load library 'libpango-1.0-0'\")"
    )
    code = (
        "from reports.document import DocumentError, render_pdf\n"
        "try:\n    render_pdf('<p>', title='t', lang='en', identifier='i')\n"
        "except DocumentError as error:\n    print(error)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
    ).stdout
    assert said.count("\n") == 1
    for name in ("libpangoft2-1.0-0", "libharfbuzz-subset0", "dnf install pango", "brew install"):
        assert name in said


def test_importing_the_document_does_not_import_weasyprint() -> None:
    code = "import sys, reports.document, reports.render; print('weasyprint' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout
    assert said.strip() == "False"


def table(*rows: tuple[str, ...], columns: tuple[str, ...]) -> Table:
    return Table("key", "A table", columns, rows)


def test_columns_of_figures_are_known_by_their_cells() -> None:
    made = sheet(
        table(
            ("Hiring", "62%", "3.1 to 3.4", "not shown: fewer than 10 answers", "25–49", "all"),
            ("Time", "<5%", "2.0 to 2.2", "3.9", "100+", "some"),
            columns=("Decision", "Share", "Likely", "Centre", "n", "Asked"),
        )
    )
    assert made.numeric == (False, True, True, True, True, False)


def test_no_figure_is_ever_broken_over_two_lines() -> None:
    from reports.charts.metrics import text_width

    columns = ("Decision", *(f"A long heading {n}" for n in range(11)))
    made = sheet(table(("Improvement priorities", *["3.1 to 3.4"] * 11), columns=columns))
    assert made.is_small
    assert sum(made.widths) == pytest.approx(510 * 4 / 3, abs=len(columns))
    for width in made.widths[1:]:
        assert width * 3 / 4 > text_width("3.1 to 3.4", 7.5) + 3


def test_column_widths_fill_the_measure() -> None:
    for limits in ([(20, 40), (30, 300)], [(300, 300), (400, 500)], [(10, 10)] * 4):
        assert sum(column_widths(limits, measure=510)) == pytest.approx(510)
