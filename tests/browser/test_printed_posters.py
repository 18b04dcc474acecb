"""Posters as they come out of a printer: a sheet each, and a picture that a camera can read."""

import re
import subprocess

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.browser.answering import PHONE, follow
from tests.browser.test_main_job import open_round_name, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def posters(browser: Browser, site):
    """The page of the open round's posters."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, site, "leader")
    follow(page.get_by_role("link", name=open_round_name(site), exact=True))
    follow(page.get_by_role("link", name="Posters with codes"))
    follow(page.get_by_role("button", name="Make the codes"))
    yield page
    page.context.close()


def places_and_codes(page: Page) -> list[list[str]]:
    rows = page.get_by_role("table").get_by_role("row").all()[1:]
    return [
        [row.get_by_role("rowheader").inner_text(), row.locator("td").inner_text()] for row in rows
    ]


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_each_poster_prints_on_a_sheet_of_its_own(posters, site, tmp_path, paper):
    wanted = places_and_codes(posters)
    assert len(wanted) == 13
    pdf = tmp_path / "posters.pdf"
    posters.pdf(path=str(pdf), format=paper)
    pages = PdfReader(pdf).pages
    assert len(pages) == len(wanted)
    command = ["pdftoppm", "-r", "60", "-png", str(pdf), str(tmp_path / "sheet")]
    subprocess.run(command, check=True)
    pictures = sorted(tmp_path.glob("sheet-*.png"))
    for page, picture, (place, code) in zip(pages, pictures, wanted, strict=True):
        text = re.sub(r"\s+", " ", page.extract_text())
        assert place in text
        assert code in text
        assert "Sign out" not in text
        with Image.open(picture) as image:
            (found,) = zxingcpp.read_barcodes(image.convert("L"))
        assert found.text == f"{site.url}/c/{code.replace(' ', '').lower()}"


def test_the_picture_is_read_from_a_dark_screen(browser, posters, tmp_path):
    posters.emulate_media(color_scheme="dark")
    picture = tmp_path / "screen.png"
    posters.locator(".qr").first.screenshot(path=str(picture))
    posters.emulate_media(color_scheme="light")
    with Image.open(picture) as image:
        assert len(zxingcpp.read_barcodes(image.convert("L"))) == 1


def test_scanning_a_poster_leads_a_phone_to_the_promise(browser, posters, site):
    code = places_and_codes(posters)[0][1].replace(" ", "").lower()
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    phone = context.new_page()
    phone.goto(f"{site.url}/c/{code}")
    assert phone.get_by_role("heading", level=1).inner_text() == "Our promise to you"
    assert code not in phone.url
    cookie = next(one for one in context.cookies() if one["name"] == "entry_code")
    assert cookie["httpOnly"]
    context.close()


def test_typing_the_code_does_the_same(browser, posters, site):
    code = places_and_codes(posters)[0][1]
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    phone = context.new_page()
    phone.goto(site.url)
    phone.get_by_label("Code from your poster").fill(code)
    follow(phone.get_by_role("button", name="Go to the survey"))
    assert phone.get_by_role("heading", level=1).inner_text() == "Our promise to you"
    context.close()
