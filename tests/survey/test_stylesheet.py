"""The one stylesheet, read as text."""

import re
from pathlib import Path

import pytest

import survey

CSS = re.sub(
    r"/\*.*?\*/",
    "",
    (Path(survey.__file__).parent / "static" / "midtier.css").read_text("utf-8"),
    flags=re.S,
)
DECLARATIONS = re.findall(r"(?:^|[{;])\s*([a-z-]+):\s*([^;{}]+)", CSS)
#: units stand under units in every language; what is as wide as its page has no side
MEANT = {("text-align", "right"), ("float", "left")}


def test_the_stylesheet_was_read():
    assert len(DECLARATIONS) > 300


def test_the_stylesheet_names_no_side_so_that_a_page_from_right_to_left_is_its_mirror_image():
    named = [
        (name, value.strip())
        for name, value in DECLARATIONS
        if re.search(r"\b(left|right)\b", f"{name} {value}")
    ]
    assert set(named) == MEANT


@pytest.mark.parametrize("name", ["margin", "padding", "border-width", "inset", "border-radius"])
def test_no_shorthand_gives_left_and_right_different_values(name):
    four = [value.split() for known, value in DECLARATIONS if known == name]
    assert [value for value in four if len(value) == 4 and value[1] != value[3]] == []
