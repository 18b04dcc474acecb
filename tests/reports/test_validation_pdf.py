"""The validation report as a PDF: what a reader, and a listener, finds in it."""

import io
import json
import re
from pathlib import Path

import page as ua_checker
import pikepdf
import pypdf
import pytest
import validation_samples as samples

from instruments import registry
from instruments.analysis import analyse
from instruments.psychometrics.estimates import Estimate
from instruments.responses import read
from reports.sheets import whole
from reports.validation import build_validation, render_validation
from reports.validation.figures import coefficient
from reports.validation.pages import html

REFERENCE = Path(__file__).parents[1] / "reference"


def text_of(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "\n".join(re.sub(r"\s+", " ", page.extract_text()) for page in pages)


def elements(pdf: bytes) -> list[tuple[str, str]]:
    """(kind, alternative text) of every structure element, in reading order."""
    found: list[tuple[str, str]] = []

    def walk(node) -> None:
        if not isinstance(node, pikepdf.Dictionary):
            return
        if "/S" in node:
            found.append((str(node.S), str(node.get("/Alt", ""))))
        children = node.get("/K")
        if isinstance(children, pikepdf.Array):
            for child in children:
                walk(child)
        else:
            walk(children)

    with pikepdf.open(io.BytesIO(pdf)) as document:
        walk(document.Root.StructTreeRoot)
    return found


@pytest.fixture(scope="module")
def bfi():
    instrument = registry.load("bfi25")
    responses = read(REFERENCE / "bfi.csv", instrument)
    analysis = analyse(instrument, responses)
    validation = build_validation(instrument, analysis, simulated=False)
    return analysis, validation, render_validation(validation)


@pytest.fixture(scope="module")
def bfi_text(bfi):
    return text_of(bfi[2])


def test_a_checker_of_pdf_ua_finds_nothing(bfi):
    report = ua_checker.validate_pdf_bytes(bfi[2], profile="ua1")
    assert [failure.rule_id for failure in report.failures] == []


def test_the_public_data_give_the_reliability_that_r_gives(bfi_text):
    reference = json.loads((REFERENCE / "bfi_reliability.json").read_text("utf-8"))
    for scale in "ACENO":
        value = reference[scale]["feldt_explicit"]["value"]
        alpha, low, high = (coefficient(value[key]) for key in ("alpha", "lower", "upper"))
        assert re.search(rf"{re.escape(alpha)} {re.escape(low)}–{re.escape(high)}", bfi_text)


def test_every_figure_of_the_reliability_table_is_in_the_text(bfi, bfi_text):
    analysis, validation, _ = bfi
    for row in validation.reliability.rows:
        omega = analysis.scales[row.code].omega_total
        assert isinstance(omega, Estimate)
        words = f"{coefficient(omega.value)} {coefficient(omega.low)}–{coefficient(omega.high)}"
        assert f"{row.n} {words}" in bfi_text


def test_loadings_eigenvalues_and_fit_are_in_the_text(bfi, bfi_text):
    analysis, _, _ = bfi
    efa = analysis.structure.efa
    for row, name in zip(efa.loadings, efa.names, strict=True):
        cells = " ".join(coefficient(value) for value in row)
        assert cells in bfi_text, name
    for value in analysis.structure.eigenvalues:
        assert f"{value:.2f}" in bfi_text
    assert f"{efa.bic:.1f}" in bfi_text
    assert coefficient(efa.rmsr, 3) in bfi_text


def test_the_report_recovers_five_factors_from_the_public_data(bfi, bfi_text):
    assert "Five factors lie above what random data of the same size give." in bfi_text
    assert {factor.scale for factor in bfi[1].structure.factors} == set("ACENO")


def test_no_page_holds_a_figure_that_is_no_number(bfi_text):
    assert not re.search(r"\b(nan|NaN|inf)\b|\bNone\b(?! of)", bfi_text)


def test_every_picture_speaks_in_sentences(bfi):
    alternatives = [alt for kind, alt in elements(bfi[2]) if kind == "/Figure"]
    assert len(alternatives) >= 25 + 5 + 2
    assert all(alt.strip().endswith(".") for alt in alternatives)
    scree = next(alt for alt in alternatives if alt.startswith("Scree of 25"))
    assert "Five lie above the random line (filled dots)" in scree
    assert scree.endswith("The table after this picture gives all values.")


def test_every_table_has_a_caption_and_header_cells(bfi):
    kinds = [kind for kind, _ in elements(bfi[2])]
    tables = html(bfi[1]).count("<table")
    assert kinds.count("/Caption") == tables >= 9
    # a table that goes on over a page is tagged once a page, with its header cells again
    starts = [k for k, kind in enumerate(kinds) if kind == "/Table"]
    assert len(starts) >= tables
    for start, end in zip(starts, [*starts[1:], len(kinds)], strict=True):
        assert "/TH" in kinds[start:end]
    assert kinds.count("/H1") == 8


def test_the_document_is_tagged_and_titled(bfi):
    with pikepdf.open(io.BytesIO(bfi[2])) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "en-GB"
        assert str(document.docinfo.Title) == bfi[1].identity.title
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"


def test_the_same_values_give_the_same_bytes():
    small = build_validation(
        samples.instrument(),
        analyse(samples.instrument(), samples.answers()),
        simulated=False,
        fingerprint="ab" * 32,
    )
    assert render_validation(small) == render_validation(small)


def test_simulated_answers_are_called_so_on_every_page():
    instrument = samples.instrument()
    analysis = analyse(instrument, samples.answers())
    pdf = render_validation(build_validation(instrument, analysis, simulated=True))
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        assert "Simulated data" in page.extract_text()


def test_real_answers_are_not_called_simulated(bfi_text):
    assert "imulated data" not in bfi_text


def test_reasons_stand_where_figures_cannot():
    instrument = samples.instrument()
    analysis = analyse(instrument, samples.answers(6, leaders=3))
    text = text_of(render_validation(build_validation(instrument, analysis, simulated=False)))
    n = analysis.structure.smallest_n
    assert f"Cannot be estimated: {n} people are too few for 7 items." in text
    assert "Not shown: under 30" in text
    assert not re.search(r"\b(nan|NaN|inf)\b|\bNone\b(?! of)", text)


def test_a_text_from_an_instrument_is_never_markup():
    instrument = samples.instrument()
    text = instrument.texts["en"].model_copy(update={"title": "<b>Bold</b> & more"})
    instrument = instrument.model_copy(update={"texts": {"en": text}})
    analysis = analyse(instrument, samples.answers())
    pdf = render_validation(build_validation(instrument, analysis, simulated=False))
    assert "<b>Bold</b> & more" in text_of(pdf)


def test_a_figure_never_breaks_over_lines():
    assert whole("N4 (.07) & O4") == 'N4 <span class="whole">(.07)</span> &amp; O4'
