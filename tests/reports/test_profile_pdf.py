"""The profile as a PDF: what a leader, and a listener, finds in it."""

import io
import re
import socket
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pikepdf
import profile_samples as samples
import pypdf
import pytest
from markupsafe import Markup

from instruments import registry, scoring, simulate
from reports.document import DocumentError
from reports.profile import build_profile
from reports.profile.content import Body, Profile
from reports.render import profile_html, render_profile, sections
from reports.round_facts import RoundFacts


def simulated(seed: int = 5, *, roster: bool = True, **settings: float) -> Profile:
    """A profile made by the real path from simulated answers."""
    instrument = registry.load("mto-learning-profile")
    drawn = simulate.simulate(instrument, seed=seed, **settings)  # type: ignore[arg-type]
    measures = scoring.score(instrument, drawn.responses, drawn.roster if roster else None)
    facts = RoundFacts(
        organisation="Harbour Reach Schools Trust",
        short_name="Harbour Reach",
        locale="en-GB",
        opens_on=date(2026, 5, 4),
        closes_on=date(2026, 5, 22),
        simulated=True,
        placeholders={"mto": "Harbour Reach"},
    )
    return build_profile(instrument, measures, facts)


@pytest.fixture(scope="module")
def profile() -> Profile:
    return simulated()


@pytest.fixture(scope="module")
def pdf(profile: Profile) -> bytes:
    return render_profile(profile)


@pytest.fixture(scope="module")
def pages(pdf: bytes) -> list[str]:
    return pages_of(pdf)


def pages_of(pdf: bytes) -> list[str]:
    found = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return [re.sub(r"\s+", " ", page.extract_text()) for page in found]


def page_headed(heading: str, pages: list[str]) -> str:
    """The first page of a section, found by its running head."""
    return next(page for page in pages if f"Midtier · {heading.lower()}" in page)


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def without_tables(profile: Profile) -> Profile:
    """The same without its last pages, where a test does not look at them."""
    return replace(profile, tables=())


def alternatives(pdf: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        figures = [
            item
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        ]
        return [str(figure.get("/Alt", "")) for figure in figures]


def body_of(profile: Profile) -> Body:
    assert isinstance(profile.body, Body)
    return profile.body


def test_the_headline_the_position_and_its_band_are_on_the_second_page(
    profile: Profile, pages: list[str]
) -> None:
    summary = body_of(profile).summary
    assert words(summary.headline) in pages[1]
    overall = summary.line.overall
    assert words(overall.figure) in pages[1]  # type: ignore[union-attr]
    assert overall.words.lower() in pages[1].lower()  # type: ignore[union-attr]


def test_the_summary_keeps_to_its_one_page(pages: list[str]) -> None:
    assert "Greatest uncertainty" in pages[1]
    assert "Where decisions sit today" in pages[2]


def test_the_contents_name_the_pages_that_the_sections_are_on(
    profile: Profile, pages: list[str]
) -> None:
    listed = pages[0]
    for section in sections(profile):
        found = re.search(rf"(\d+) ?{re.escape(section.title)}", listed)
        assert found, section.title
        page = pages[int(found[1]) - 1]
        heading = (
            body_of(profile).summary.headline if section.anchor == "summary" else section.title
        )
        assert words(heading) in page


def test_every_score_is_on_the_page_of_capability(profile: Profile, pages: list[str]) -> None:
    page = page_headed(body_of(profile).capability.heading, pages)
    for row in body_of(profile).capability.rows:
        assert row.name in page
        for lane in (row.lived, row.designed):
            assert f"{lane.mark.text} {lane.name}, {lane.mark.likely}" in page  # type: ignore[union-attr]


def test_trial_stands_at_every_score_while_the_instrument_is_a_draft(
    profile: Profile, pages: list[str]
) -> None:
    assert profile.identity.trial == "trial"
    lanes = 2 * len(body_of(profile).capability.rows)
    page = page_headed(body_of(profile).capability.heading, pages)
    assert len(re.findall(r"likely [\d.]+ to [\d.]+ trial", page)) == lanes
    plain = replace(profile, identity=replace(profile.identity, trial=""))
    html = profile_html(plain)
    drawn = re.findall(r"<text[^>]*>trial</text>", html)
    assert drawn == []


def test_every_figure_of_every_table_is_in_the_text(profile: Profile, pages: list[str]) -> None:
    text = " ".join(pages)
    for table in profile.tables:
        assert words(table.title) in text
        for row in table.rows:
            for cell in row:
                for word in cell.split():
                    assert word in text


def test_every_drawing_speaks_and_every_table_heads_its_columns(pdf: bytes) -> None:
    said = alternatives(pdf)
    assert len(said) > 15
    assert all(len(words) > 20 for words in said)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        heads = [
            item
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/TH"
        ]
        assert heads
        assert all(str(head.A.Scope) in ("/Column", "/Row") for head in heads)


def test_the_line_says_its_finding_to_a_listener(profile: Profile, pdf: bytes) -> None:
    assert body_of(profile).summary.line.alt in alternatives(pdf)


def test_every_font_is_embedded(pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        described = [
            item
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
        ]
        assert described
        for item in described:
            assert "Source-Sans-3" in str(item.FontName)
            assert "/FontFile2" in item or "/FontFile3" in item


def test_headings_go_down_one_step_at_a_time(profile: Profile) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", profile_html(profile))]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_page_is_marked_as_simulated_and_carries_its_foot(
    profile: Profile, pages: list[str]
) -> None:
    for number, page in enumerate(pages, 1):
        assert "Simulated data" in page
        assert words(profile.identity.foot) in page
        assert re.search(rf"\b{number}\b", page)


def test_a_real_round_is_not_marked_as_simulated(profile: Profile) -> None:
    real = replace(profile, identity=replace(profile.identity, simulated=""))
    assert "Simulated" not in profile_html(real)


def test_the_same_profile_gives_the_same_bytes(profile: Profile, pdf: bytes) -> None:
    assert render_profile(profile) == pdf


def test_nothing_is_fetched_from_anywhere(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the rendering opened a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    assert render_profile(without_tables(samples.profile())).startswith(b"%PDF")
    addresses = set(re.findall(r"https?://[^\"' <]+", profile_html(profile)))
    assert addresses <= {"http://www.w3.org/2000/svg"}


def test_the_html_holds_no_inline_style_or_script(profile: Profile) -> None:
    html = profile_html(profile)
    assert " style=" not in html
    assert "<script" not in html


def test_words_from_outside_are_escaped() -> None:
    odd = samples.profile('Harbour <Reach> & "Sons"')
    html = profile_html(odd)
    assert "<Reach>" not in html
    assert Markup.escape('Harbour <Reach> & "Sons"') in html
    assert '<Reach> & "Sons"' in pages_of(render_profile(without_tables(odd)))[0]


def test_a_name_of_sixty_characters_fits_cover_and_foot() -> None:
    name = "The Great Northern and Eastern Partnership of Learning Trusts"
    pages = pages_of(render_profile(without_tables(samples.profile(name))))
    assert words(name) in pages[0]
    assert samples.identity(name).foot in pages[3]


def test_an_organisation_below_the_floors_is_told_why() -> None:
    pages = pages_of(render_profile(samples.refused()))
    assert len(pages) == 3
    assert "Too few answers for a profile" in pages[1]
    assert "at least 30 answers from at least 3 schools" in pages[1]
    assert "Overall" not in " ".join(pages)


def test_a_tiny_round_by_the_real_path_shows_no_figure() -> None:
    few = simulated(seed=3, schools=3, staff=40, response_rate=0.5)
    assert not isinstance(few.body, Body)
    text = " ".join(pages_of(render_profile(few)))
    assert "%" not in text.split("Evidence behind these scales")[0].split("Who answered")[0]
    assert few.body.heading in text


def test_without_a_roster_no_outer_band_is_drawn() -> None:
    unknown = simulated(seed=4, roster=False)
    html = profile_html(unknown)
    line = body_of(unknown).summary.line
    assert line.overall.mark.outer_low is None  # type: ignore[union-attr]
    after_the_cover = html.split('id="summary"')[1]
    assert 'stroke-width=".55"' not in after_the_cover
    assert "what if those who did not answer differ" not in after_the_cover


def test_a_small_centre_is_withheld_with_its_reason() -> None:
    small = simulated(seed=6, central=0.012)
    pdf = render_profile(without_tables(small))
    text = " ".join(pages_of(pdf))
    assert "not shown" in text
    assert any("not shown" in said for said in alternatives(pdf))


def many_splits() -> Profile:
    whole = samples.profile()
    body = body_of(whole)
    rows = tuple(samples.split(code) for code in samples.NAMES)
    line = replace(
        body.summary.line,
        gathered=(),
        rows=rows,
        notes=("The centre’s view is not shown: fewer than 10 people at the centre answered.",),
    )
    long = replace(body.summary, line=line, headline="Answers do not gather at any stop")
    return replace(whole, body=replace(body, summary=long))


def test_ten_split_decisions_still_leave_the_summary_on_one_page() -> None:
    pages = pages_of(render_profile(without_tables(many_splits())))
    assert "Greatest uncertainty" in pages[1]
    assert pages[1].count("split: schools differ") == 10


def test_no_clear_pattern_is_a_normal_page() -> None:
    whole = samples.profile()
    body = body_of(whole)
    none = samples.readings(1)[0]
    none = replace(none, name="No clear pattern", says="The answers do not line up.", counter="")
    summary = replace(body.summary, readings=(none,), readings_heading="No clear pattern")
    calm = replace(whole, body=replace(body, summary=summary, readings=(none,)))
    pages = pages_of(render_profile(without_tables(calm)))
    assert "The answers do not line up." in pages[1]
    assert "It may also be" not in pages[1]


def test_an_unknown_fault_is_no_half_document() -> None:
    whole = samples.profile()
    nameless = replace(whole, identity=replace(whole.identity, locale=""))
    with pytest.raises(DocumentError):
        render_profile(nameless)
