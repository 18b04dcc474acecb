"""Slides and handout: one message each, and no figure that the profile does not print."""

import io
import re
from dataclasses import replace

import pikepdf
import pytest

from reports.charts import draw_line, height_of
from reports.charts.slides import enlarged
from reports.meeting_pack import MeetingPackError, build_slides
from reports.meeting_pack.render import (
    handout_html,
    render_handout,
    render_slides,
    slides_html,
)
from reports.profile import build_profile
from reports.profile.content import Body, Profile
from reports.render import profile_html
from tests.reports import measures_factory as factory
from tests.reports import profile_samples as samples


@pytest.fixture(scope="module")
def profile() -> Profile:
    return build_profile(factory.instrument(), factory.measures(), factory.facts())


def body(profile: Profile) -> Body:
    assert isinstance(profile.body, Body)
    return profile.body


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_slides_follow_the_meeting(profile: Profile) -> None:
    kinds = [slide.kind for slide in build_slides(profile, body(profile))]
    assert kinds[:5] == ["title", "minutes", "prompt", "words", "line"]
    assert kinds[-1] == "write"
    assert kinds.index("capability") < kinds.index("pressures") < kinds.index("reading")


def test_a_slide_carries_one_title_and_at_most_one_picture(profile: Profile) -> None:
    for part in slides_html(profile).split('<section class="slide')[1:]:
        assert part.count("<h1") == 1
        assert part.count("<svg") <= 1


def test_a_split_decision_has_a_slide_that_says_which_kind_of_split() -> None:
    found = samples.profile()
    slides = [slide for slide in build_slides(found, body(found)) if slide.kind == "decision"]
    assert slides[0].title.endswith(": answers are split")


def test_schools_side_by_side_have_no_slide(profile: Profile) -> None:
    assert 'id="schools"' in profile_html(profile)
    assert "School 5" not in slides_html(profile)
    assert "chart-schools" not in slides_html(profile)


FIGURE = re.compile(r"\d+\.\d|[<>]?\d+%")


@pytest.mark.parametrize("make", [slides_html, handout_html])
def test_no_figure_stands_in_the_pack_that_is_not_in_the_profile(make, profile: Profile) -> None:
    whole = set(FIGURE.findall(text_of(profile_html(profile))))
    assert set(FIGURE.findall(text_of(make(profile)))) <= whole


def test_the_slides_are_sixteen_to_nine_and_tagged(profile: Profile) -> None:
    with pikepdf.open(io.BytesIO(render_slides(profile))) as pdf:
        slides = build_slides(profile, body(profile))
        assert len(pdf.pages) == len(slides)
        for page in pdf.pages:
            width, height = (float(side) for side in page.mediabox[2:])
            assert width / height == pytest.approx(16 / 9, abs=0.001)
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "en-GB"


def test_the_handout_has_two_pages(profile: Profile) -> None:
    with pikepdf.open(io.BytesIO(render_handout(profile))) as pdf:
        assert len(pdf.pages) == 2
        assert pdf.Root.MarkInfo.Marked
    html = handout_html(profile)
    assert "How we shall know" in html
    assert 'href="#readings"' not in html  # there is no such page in a handout


def test_a_profile_without_figures_gives_no_pack() -> None:
    found = build_profile(
        factory.instrument(),
        factory.measures({"lived": 20, "designed": 5, "everybody": 25}),
        factory.facts(),
    )
    for make in (slides_html, handout_html):
        with pytest.raises(MeetingPackError, match="no figure"):
            make(found)


def test_an_enlarged_drawing_keeps_its_shape() -> None:
    small = draw_line(samples.line())
    large = enlarged(small, width=1020, height=5000)
    assert height_of(large) == pytest.approx(2 * height_of(small), rel=0.001)
    assert large.count("<text") == small.count("<text")


def test_words_from_outside_are_escaped(profile: Profile) -> None:
    changed = replace(profile, identity=replace(profile.identity, organisation="A <b> & Co"))
    assert "A &lt;b&gt; &amp; Co" in slides_html(changed)
