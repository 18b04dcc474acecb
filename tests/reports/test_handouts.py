"""Posters and slips: a page for each place, a picture that a camera reads, tags for who listens."""

import re
import subprocess
from dataclasses import replace

import pikepdf
import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from reports.handouts import SLIPS, Handout, Place, render

HANDOUT = Handout(
    locale="en-GB",
    title="Posters: May 2026",
    organisation="Harbour Reach Schools Trust",
    headline="Say how Harbour Reach works",
    promise="It sees figures for groups of 10 or more people, and never any one person’s answers.",
    scan="Scan this with your phone’s camera",
    open_this="Or open this address",
    site="survey.harbour-reach.example.org",
    type_this="and type this code",
    facts=(
        ("Until 22 May 2026", "You can stop, and go on later on any device."),
        ("About 8 to 12 minutes", "You may leave questions empty."),
        ("Taking part is your choice", "You need no account and give no name."),
    ),
    alike="Everybody here uses the same code. It belongs to no person.",
    tag="",
)
LONG = "Saint Bartholomew and Saint Augustine Church of England Pri."
PLACES = [
    Place(
        name,
        f"{code[:3]} {code[3:]}".upper(),
        f"https://survey.harbour-reach.example.org/c/{code}",
        f"QR code that leads to {code}",
    )
    for name, code in (("Ely", "k7mqzs"), (LONG, "bbbccc"), ("The central team", "dddfff"))
]


@pytest.fixture(scope="module", params=["posters", "slips"])
def made(request, tmp_path_factory):
    path = tmp_path_factory.mktemp(request.param) / f"{request.param}.pdf"
    path.write_bytes(render(request.param, HANDOUT, PLACES))
    return path


def words(page):
    return re.sub(r"\s+", " ", page.extract_text())


def test_each_place_has_one_page_with_its_name_and_code_whatever_their_length(made):
    pages = PdfReader(made).pages
    assert len(pages) == len(PLACES)
    copies = SLIPS if made.stem == "slips" else 1
    for page, place in zip(pages, PLACES, strict=True):
        text = words(page)
        assert text.count(place.code) == copies
        assert text.count(place.name) >= copies
        assert not any(other.code in text for other in PLACES if other is not place)
        assert HANDOUT.facts[0][0] in text


def test_a_camera_reads_every_picture_on_paper(made, tmp_path):
    command = ["pdftoppm", "-r", "90", "-png", str(made), str(tmp_path / "page")]
    subprocess.run(command, check=True)
    copies = SLIPS if made.stem == "slips" else 1
    for picture, place in zip(sorted(tmp_path.glob("page-*.png")), PLACES, strict=True):
        with Image.open(picture) as image:
            found = zxingcpp.read_barcodes(image.convert("L"))
        assert [each.text for each in found] == [place.address] * copies


def test_who_listens_gets_title_language_headings_and_the_pictures_words(made):
    with pikepdf.open(made) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "en-GB"
        assert str(pdf.docinfo["/Title"]) == "Posters: May 2026"
        tags = [
            str(each.get("/S", "")) for each in pdf.objects if isinstance(each, pikepdf.Dictionary)
        ]
        copies = SLIPS if made.stem == "slips" else 1
        assert tags.count("/H1") == len(PLACES)
        assert tags.count("/Figure") == len(PLACES) * copies
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == [place.name for place in PLACES]
        described = {
            str(each.Alt)
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and "/Alt" in each
        }
    assert described == {place.picture_words for place in PLACES}


@pytest.mark.parametrize(
    ("locale", "size"), [("en-GB", (595, 842)), ("fr-CA", (612, 792)), ("en-US", (612, 792))]
)
def test_the_paper_is_the_one_in_the_countrys_printers(tmp_path, locale, size):
    path = tmp_path / "posters.pdf"
    path.write_bytes(render("posters", replace(HANDOUT, locale=locale), PLACES[:1]))
    (page,) = PdfReader(path).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == size


def test_the_longest_words_stay_clear_of_the_frame(tmp_path):
    """The promise ends above the frame that stands at a fixed height."""
    name = "The Federation of Community Primary and Secondary Schools of the Lower Valley"
    long = replace(
        HANDOUT,
        organisation=name,
        headline="Say how your organisation works",
        promise=f"{name} asks everybody who works for it. {HANDOUT.promise}",
        tag="Simulated data",
    )
    path = tmp_path / "posters.pdf"
    path.write_bytes(render("posters", long, PLACES[1:2]))
    command = ["pdftotext", "-bbox", str(path), "-"]
    boxes = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    bottom = max(float(y) for y in re.findall(r'yMax="([\d.]+)">answers\.<', boxes))
    top = min(float(y) for y in re.findall(r'yMin="([\d.]+)" [^>]*>Or<', boxes))
    assert bottom < 842 - (12 + 46 + 92) * 72 / 25.4
    assert bottom < top


def test_the_same_words_give_the_same_bytes():
    assert render("slips", HANDOUT, PLACES[:1]) == render("slips", HANDOUT, PLACES[:1])


def test_simulated_data_are_named_on_every_page(tmp_path):
    for kind in ("posters", "slips"):
        path = tmp_path / f"{kind}.pdf"
        path.write_bytes(render(kind, replace(HANDOUT, tag="Simulated data"), PLACES))
        assert all("Simulated data" in words(page) for page in PdfReader(path).pages)
