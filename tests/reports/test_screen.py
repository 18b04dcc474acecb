"""The profile on screen: the words, figures, drawings and tables of its PDF, framed for the web."""

import re
from dataclasses import replace
from itertools import pairwise

import html5lib
import measures_factory as made
import pytest
from profile_samples import profile as sample

from reports.charts import tokens
from reports.profile import build_profile
from reports.render import profile_html
from reports.screen import Screen, ScreenError, build_screen, from_json, to_json


def screen() -> Screen:
    return build_screen(build_profile(made.instrument(), made.measures(), made.facts()))


def words(html: str) -> list[str]:
    """Everything that is read on a page, in order; what stands for a drawing is not seen."""
    html = re.sub(r"<title>.*?</title>", "", html, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", html).split()


def test_the_screen_says_what_the_pdf_says_and_nothing_else():
    profile = build_profile(made.instrument(), made.measures(), made.facts())
    paper = profile_html(profile).partition("<body>")[2]
    paper = re.sub(r'<div class="(tag|foot)">.*?</div>', "", paper, flags=re.DOTALL)
    assert words(build_screen(profile).html) == words(paper)


def test_every_drawing_has_its_words_as_a_label_and_a_frame_that_a_keyboard_reaches():
    html = screen().html
    drawings = re.findall(r"<svg [^>]*>", html)
    assert len(drawings) > 10
    assert all(re.search(r'aria-label="[^"]{5,}"', each) for each in drawings)
    assert "<title>" not in html  # browsers would show it as a tooltip over the whole drawing
    frames = re.findall(r'<div class="chart-scroll" tabindex="0" role="region"[^>]*><svg', html)
    assert len(frames) == len(drawings)


def test_no_style_and_no_script_stands_in_it():
    assert re.search(r"<script|<style|\sstyle=|\son\w+=", screen().html) is None


def test_headings_begin_below_the_pages_own():
    document = html5lib.parse(f"<main>{screen().html}</main>", namespaceHTMLElements=False)
    found = [int(each.tag[1]) for each in document.iter() if re.fullmatch(r"h[1-6]", str(each.tag))]
    assert found[0] == 2
    assert all(after <= before + 1 for before, after in pairwise(found))


def test_each_section_can_be_gone_to():
    page = screen()
    assert all(f'id="{section.anchor}"' in page.html for section in page.sections)
    assert page.sections[0].anchor == "summary"


def test_words_of_an_organisation_stay_words():
    name = '<b>"Harbour" & Reach</b>'
    facts = made.facts(organisation=name, placeholders={"mto": name})
    html = build_screen(build_profile(made.instrument(), made.measures(), facts)).html
    assert "<b>&#34;" not in html.replace("<b>It may", "")
    assert "&lt;b&gt;" in html


def test_what_is_stored_comes_back():
    page = screen()
    assert from_json(to_json(page)) == page


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"format": 1}', b"\xff"])
def test_what_is_no_page_is_said_in_one_line(content):
    with pytest.raises(ScreenError, match="have it made again"):
        from_json(content)


def test_a_page_of_another_release_is_made_again():
    content = to_json(screen()).replace(b'"format": 1', b'"format": 0')
    with pytest.raises(ScreenError, match="another release"):
        from_json(content)


def test_the_style_sheet_knows_every_colour_that_is_drawn():
    from pathlib import Path

    import survey

    css = (Path(survey.__file__).parent / "static" / "profile.css").read_text("utf-8")
    html = build_screen(sample()).html + screen().html
    for kind in ("fill", "stroke"):
        for colour in set(re.findall(rf' {kind}="(#[0-9A-Fa-f]{{6}})"', html)):
            assert f'[{kind}="{colour}"]' in css, f"{kind} {colour}"
    known = {value for name, value in vars(tokens).items() if re.match(r"#", str(value))}
    assert set(re.findall(r'\[fill="(#[0-9A-F]{6})"\]', css)) == known


def test_a_profile_that_may_not_be_shown_says_so_on_screen_too():
    few = made.measures({"lived": 12, "designed": 4, "everybody": 16})
    page = build_screen(build_profile(made.instrument(), few, made.facts()))
    assert page.headline == "This profile cannot be shown"
    assert "chart-scroll" in page.html  # the line on the cover
    assert replace(page, html="").sections[0].anchor == "refusal"
