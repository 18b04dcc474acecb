"""The font of the screen: small, complete for what we write, and under a name of its own."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

import instruments
import survey

PATH = Path(survey.__file__).parent / "static" / "fonts" / "midtier-sans.woff2"


@pytest.fixture(scope="module")
def font():
    with TTFont(PATH) as font:
        yield font


def test_it_is_one_file_under_25_kb():
    assert [path.name for path in PATH.parent.glob("*.woff2")] == [PATH.name]
    assert PATH.stat().st_size < 25_000


def test_it_holds_every_weight_that_the_pages_use(font):
    (axis,) = font["fvar"].axes
    assert (axis.axisTag, axis.minValue, axis.defaultValue, axis.maxValue) == (
        "wght",
        400,
        400,
        700,
    )


def test_it_holds_every_letter_that_pages_and_instruments_use(font):
    folders = [Path(survey.__file__).parent, Path(instruments.__file__).parent / "library"]
    texts = [
        path.read_text("utf-8")
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in (".py", ".html", ".toml")
    ]
    used = {letter for text in texts for letter in text} - set("\n")
    assert len(used) > 80
    assert {letter for letter in used if ord(letter) not in font.getBestCmap()} == set()


def test_it_holds_the_letters_of_western_and_central_europe(font):
    letters = "ÀÉÎÕÜßçñøåþðŸŒœąęłńśźżčďěňřšťůžőűășțğıİŵŷāēīūķļņģđ„“”‚‘’–—…«»€"
    assert [letter for letter in letters if ord(letter) not in font.getBestCmap()] == []


def test_its_figures_are_of_one_width(font):
    names = [font.getBestCmap()[ord(figure)] for figure in "0123456789"]
    assert {font["hmtx"][name][0] for name in names} == {497}


def test_it_does_not_bear_the_name_that_its_licence_reserves(font):
    names = {name_id: font["name"].getDebugName(name_id) for name_id in (1, 4, 6)}
    assert names == {1: "Midtier Sans", 4: "Midtier Sans", 6: "MidtierSans"}
    assert "Reserved Font Name" in font["name"].getDebugName(0)
    assert "SIL OPEN FONT LICENSE" in (PATH.parent / "OFL.txt").read_text("utf-8")
