"""Schools side by side: who stands there, in which order, and what may be said of them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.definition import Disclosure
from instruments.measures import Measures, SchoolMeasures, Turnout
from instruments.psychometrics.estimates import NotEstimated
from reports.charts.names import fit_names
from reports.disclosure import Withheld
from reports.disclosure_rows import schools_showing
from reports.profile import build_profile
from reports.profile.content import Body, Mark, Profile
from reports.profile.content_schools import Schools
from reports.profile.schools import letter
from reports.render import profile_html
from reports.render_schools import school_sheets
from tests.reports import measures_factory as factory

FLOORS = Disclosure()
AGREEMENT = {"AA": 0.8, "BB": 0.6}


def measures(
    *,
    n: Mapping[str, int] | None = None,
    values: Mapping[str, float] | None = None,
    icc2: Mapping[str, float] = AGREEMENT,
    few: Mapping[str, int] | None = None,
) -> Measures:
    """Six schools of 20 answers each; ``few`` are answers to Beta alone."""
    sizes = dict(n or {f"School {place}": 20 for place in range(6)})
    turnouts = tuple(Turnout(name, size, round(size / 0.64)) for name, size in sizes.items())
    found = {
        turnout.name: SchoolMeasures(
            turnout.name,
            turnout,
            {
                "AA": factory.band((values or {}).get(turnout.name, 3.7), n=turnout.n),
                "BB": factory.band(2.8, n=(few or {}).get(turnout.name, turnout.n)),
            },
        )
        for turnout in turnouts
    }
    total = sum(sizes.values())
    whole = factory.measures({"lived": total, "designed": 24, "everybody": total + 24})
    return replace(
        whole,
        by_school=turnouts,
        schools=found,
        school_agreement={code: factory.agreement(value) for code, value in icc2.items()},
        school_order=tuple(sorted(sizes, key=lambda name: name[::-1], reverse=True)),
    )


def profile(found: Measures | None = None, **facts: Any) -> Profile:
    return build_profile(factory.instrument(), found or measures(), factory.facts(**facts))


def schools(found: Measures | None = None, **facts: Any) -> Schools:
    body = profile(found, **facts).body
    assert isinstance(body, Body)
    assert isinstance(body.schools, Schools)
    return body.schools


def withheld(found: Measures) -> Withheld:
    body = profile(found).body
    assert isinstance(body, Body)
    assert isinstance(body.schools, Withheld)
    return body.schools


def test_schools_stand_in_the_drawn_order_under_letters() -> None:
    page = schools(measures(values={"School 5": 1.5, "School 0": 4.5}))
    for panel in page.panels:
        assert [row.label for row in panel.rows] == ["A", "B", "C", "D", "E", "F"]
    first = [row.mark.value for row in page.panels[0].rows if isinstance(row.mark, Mark)]
    assert first == [1.5, 3.7, 3.7, 3.7, 3.7, 4.5]  # School 5 was drawn first, School 0 last
    assert "School 5" not in str(page)
    assert "Each head knows their own letter." in page.how_to


def test_names_stand_only_where_every_head_agreed() -> None:
    page = schools(schools_named=True)
    assert page.panels[0].rows[0].label == "School 5"
    assert page.is_named
    assert "every head agreed" in page.intro


def test_a_small_school_keeps_its_row_under_its_name_and_has_no_letter() -> None:
    sizes = {f"School {place}": 20 for place in range(6)} | {"Small": 8, "Tiny": 4}
    named = schools(measures(n=sizes), schools_named=True)
    hidden = [row.label for row in named.panels[0].rows if isinstance(row.mark, Withheld)]
    assert sorted(hidden) == ["Small", "Tiny"]
    lettered = schools(measures(n=sizes))
    assert len(lettered.panels[0].rows) == 6
    assert any(note.startswith("Two schools are not shown") for note in lettered.how_to)


def test_those_clear_of_the_organisation_are_listed_in_page_order() -> None:
    page = schools(measures(values={"School 5": 3.3, "School 1": 4.4, "School 3": 3.8}))
    assert page.panels[0].sentence == (
        "Band clear of the organisation’s figure: A and E. The other four are too close to tell "
        "apart."
    )
    assert page.panels[1].sentence == (
        "No band is clear of the organisation’s figure: all six are too close to tell apart. Read "
        "with care: the reliability of a school’s figure is below .70."
    )


def test_where_schools_cannot_be_told_apart_a_sentence_stands_for_the_chart() -> None:
    page = schools(measures(icc2={"AA": 0.49, "BB": 0.5}))
    assert not page.panels[0].rows
    assert page.panels[0].refused == (
        "These answers do not separate schools reliably, so we do not show a chart."
    )
    assert page.panels[1].rows
    unknown = measures()
    unknown = replace(
        unknown, school_agreement={"AA": NotEstimated("why"), "BB": factory.agreement(0.6)}
    )
    assert "cannot be estimated" in schools(unknown).panels[0].refused_note


def test_a_scale_that_few_of_a_school_answered_hides_that_school_and_another() -> None:
    page = schools(measures(few={"School 2": 6}))
    assert not any(isinstance(row.mark, Withheld) for row in page.panels[0].rows)
    hidden = [row for row in page.panels[1].rows if isinstance(row.mark, Withheld)]
    assert len(hidden) == 2
    assert {row.mark.reason for row in hidden if isinstance(row.mark, Withheld)} == {
        "not shown, to protect people"
    }


def test_fewer_than_two_schools_have_no_page_and_the_technical_page_says_so() -> None:
    sizes = {"School 0": 40, "School 1": 9, "School 2": 8, "School 3": 9}
    found = measures(n=sizes)
    assert withheld(found).reason.startswith("not shown: schools side by side")
    said = [term for term, _ in profile(found).technical.suppressions]
    assert any("schools side by side" in term.lower() for term in said)
    assert 'id="schools"' not in profile_html(profile(found))


def test_schools_without_a_roster_have_no_page() -> None:
    found = measures()
    bare = tuple(replace(turnout, headcount=None) for turnout in found.by_school)
    assert withheld(replace(found, by_school=bare))


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 40), max_size=14), st.sets(st.integers()))
def test_no_figure_of_schools_leaves_few_people_over(
    answers: dict[int, int], barred: set[int]
) -> None:
    counts = {f"S{place}": n for place, n in answers.items()}
    allowed = {f"S{place}" for place in answers if place not in barred}
    shown = schools_showing(counts, allowed, FLOORS)
    assert shown <= allowed
    assert len(shown) != 1
    assert all(counts[name] >= 10 for name in shown)
    hidden = {name: n for name, n in counts.items() if n and name not in shown}
    if shown and hidden:
        assert len(hidden) > 1
        assert sum(hidden.values()) >= 10


def test_every_mark_of_a_school_is_rounded_and_inside_its_bands() -> None:
    for panel in schools(measures(values={"School 2": 3.7499})).panels:
        for row in panel.rows:
            assert isinstance(row.mark, Mark)
            assert row.mark.value == round(row.mark.value, 1)
            assert row.mark.low <= row.mark.value <= row.mark.high


def test_the_tables_hold_the_same_figures_under_the_same_labels() -> None:
    found = profile(measures(few={"School 2": 6}))
    table = found.table("schools")
    assert table is not None
    assert [row[0] for row in table.rows] == ["The organisation", "A", "B", "C", "D", "E", "F"]
    assert isinstance(found.body, Body)
    assert isinstance(found.body.schools, Schools)
    for column, panel in enumerate(found.body.schools.panels, start=1):
        for row, cells in zip(panel.rows, table.rows[1:], strict=True):
            if isinstance(row.mark, Mark):
                assert cells[column].startswith(f"{row.mark.text} ({row.mark.low:.1f} to ")
            else:
                assert cells[column] == row.mark.reason
    assert found.table("schools-what-if") is not None


ORDERING = re.compile(r"\b(rank|league|best|worst|top|bottom|leading|behind|better)\b", re.I)


def test_no_word_puts_schools_in_an_order() -> None:
    page = schools(measures(values={"School 5": 3.0}, icc2={"AA": 0.8, "BB": 0.1}))
    texts = [page.intro, page.cannot, *page.how_to]
    for panel in page.panels:
        texts += [panel.sentence, panel.short_sentence, panel.refused, panel.alt]
    for text in texts:
        assert not ORDERING.search(text), text


def test_the_alternative_text_says_the_axis_the_finding_and_where_the_values_are() -> None:
    alt = schools(measures(values={"School 5": 3.0})).panels[0].alt
    assert "in six schools as people in schools see it" in alt
    assert "The axis runs from not at all over to some extent to fully." in alt
    assert "The organisation’s figure (pale column): 3.7, likely 3.6 to 3.8." in alt
    assert "Band clear of the organisation’s figure: A." in alt
    assert alt.endswith("The tables at the end give all values.")


def test_letters_never_look_like_figures_and_go_on_after_z() -> None:
    labels = [letter(place) for place in range(60)]
    assert labels[:9] == ["A", "B", "C", "D", "E", "F", "G", "H", "J"]
    assert labels[23:26] == ["Z", "AA", "AB"]
    assert len(set(labels)) == 60
    assert not {"I", "O"} & set("".join(labels))


def many(count: int, *, named: bool) -> Schools:
    sizes = {f"The School of Saint Number {place} in the Valley": 20 for place in range(count)}
    return schools(measures(n=sizes), schools_named=named)


@pytest.mark.parametrize(
    ("count", "named", "layout"),
    [
        (16, False, "third"),
        (17, False, "half"),
        (12, True, "half"),
        (32, True, "half"),
        (33, True, "full"),
        (60, False, "full"),
        (130, True, "full"),
    ],
)
def test_the_number_of_schools_decides_how_they_stand(count: int, named: bool, layout: str) -> None:
    page = many(count, named=named)
    sheets = school_sheets(page)
    assert sheets.rows[0].layout == layout
    text = "".join(str(panel.chart) for row in sheets.rows for panel in row.panels)
    assert text.count("<circle") == 2 * count  # both scales, every school once
    if layout == "full":
        pages = sum(row.new_page for row in sheets.rows) + 1
        assert pages == 2 * -(-count // 60)


def test_a_long_name_keeps_its_first_and_last_words() -> None:
    long = "Saint Aldhelm Church of England Voluntary Aided Infant and Nursery School of Northwick"
    ((first, last),) = fit_names([long], 120, 7.6)
    assert first.startswith("Saint Aldhelm")
    assert first.endswith(" …")
    assert last.endswith("of Northwick")
    sixty = "Kingsmead Junior and Infant School with Specialist Resources"
    assert len(sixty) == 60
    assert " ".join(fit_names([sixty], 120, 7.6)[0]) == sixty


def test_names_that_would_read_alike_are_printed_whole() -> None:
    start, end = "Saint Aldhelm Church of England", "Infant and Nursery School of Northwick"
    names = [f"{start} Voluntary Aided {end}", f"{start} Voluntary Controlled {end}"]
    fitted = fit_names(names, 120, 7.6)
    assert [" ".join(lines) for lines in fitted] == names


def test_the_page_stands_in_the_document_after_the_readings() -> None:
    html = profile_html(profile())
    assert html.index('id="readings"') < html.index('id="schools"') < html.index('id="technical"')
    assert ' style="' not in html
