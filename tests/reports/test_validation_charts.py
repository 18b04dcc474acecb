"""Drawings of the validation report."""

import re
from xml.etree import ElementTree

import pytest

from reports.charts import tokens as t
from reports.charts.answers import answer_bars, flow
from reports.charts.metrics import text_width
from reports.charts.validation import interval_axis, interval_strip, scree

SVG = "{http://www.w3.org/2000/svg}"


def drawn(markup):
    return ElementTree.fromstring(str(markup))


def texts(markup):
    return [element.text for element in drawn(markup).iter(f"{SVG}text")]


def dots(markup):
    return list(drawn(markup).iter(f"{SVG}circle"))


def within(markup):
    root = drawn(markup)
    width = float(root.get("viewBox").split()[2])
    for element in root.iter(f"{SVG}text"):
        x, size = float(element.get("x")), float(element.get("font-size"))
        shift = {"end": 1.0, "middle": 0.5}.get(element.get("text-anchor", "start"), 0.0)
        left = x - shift * 0.6 * size * len(element.text)
        assert -3 <= left, element.text
        assert x <= width + 1, element.text


@pytest.mark.parametrize(
    "markup",
    [
        answer_bars([10, 90], ["10", "90"], top=90, title="Shares."),
        interval_strip(0.8, 0.7, 0.9, title="A figure."),
        interval_axis(),
        scree([2.0, 0.5], [1.1, 0.9], title="Scree."),
        flow([("Invited", None, "not known")], title="Flow."),
    ],
)
def test_drawings_have_alternative_text_and_no_inline_style(markup):
    root = drawn(markup)
    assert root[0].tag == f"{SVG}title"
    assert root[0].text.strip()
    assert not re.search(r"style=|<style|<script|url\(", str(markup))


def test_bars_are_as_tall_as_their_shares():
    markup = answer_bars([20, 40], ["20", "40"], top=50, title="Shares.")
    heights = [float(bar.get("height")) for bar in drawn(markup).iter(f"{SVG}rect")]
    assert heights[1] == pytest.approx(2 * heights[0], rel=0.01)
    assert texts(markup) == ["20", "40"]


def test_a_share_above_the_top_is_drawn_no_taller_than_the_frame():
    markup = answer_bars([95, 2.5], [">90", "<5"], top=50, title="Shares.")
    assert all(float(bar.get("y")) >= 0 for bar in drawn(markup).iter(f"{SVG}rect"))


def test_a_coefficient_above_the_axis_start_is_a_dot_without_words():
    markup = interval_strip(0.8, 0.7, 0.9, words=".80", title="A figure.")
    assert len(dots(markup)) == 1
    assert texts(markup) == []


@pytest.mark.parametrize(("low", "high"), [(0.2, 0.45), (0.2, 0.7), (-99.0, 0.99)])
def test_a_coefficient_below_the_axis_is_printed_inside_the_frame(low, high):
    markup = interval_strip(0.3, low, high, words="−1.00", title="A figure.")
    assert dots(markup) == []
    assert texts(markup) == ["−1.00"]
    width = float(drawn(markup).get("viewBox").split()[2])
    start = float(next(drawn(markup).iter(f"{SVG}text")).get("x"))
    assert start + text_width("−1.00", t.AXIS_WORD, 600) <= width


def test_intervals_are_clipped_to_the_axis():
    markup = interval_strip(0.6, 0.2, 1.0, title="A figure.")
    bar = next(
        element
        for element in drawn(markup).iter(f"{SVG}line")
        if element.get("stroke") == t.SCHOOLS
    )
    assert float(bar.get("x1")) >= 0


def test_retained_factors_are_filled_and_the_others_open():
    markup = scree([3.0, 2.0, 0.6, 0.4], [1.3, 1.1, 0.9, 0.7], retain=2, title="Scree.")
    assert [dot.get("fill") for dot in dots(markup)] == [t.SCHOOLS] * 2 + [t.PAPER] * 2


def test_without_a_number_retained_the_leading_values_above_chance_are_filled():
    markup = scree([3.0, 0.8, 1.2], [1.3, 1.1, 0.9], title="Scree.")
    assert [dot.get("fill") for dot in dots(markup)] == [t.SCHOOLS, t.PAPER, t.PAPER]


def test_the_axis_is_cut_where_the_first_value_exceeds_twice_the_second():
    whole = scree([3.9, 2.0, 0.5], [1.2, 1.0, 0.8], retain=2, title="Scree.")
    cut = scree([4.1, 2.0, 0.5], [1.2, 1.0, 0.8], retain=2, title="Scree.")
    assert "4.10" in texts(cut)
    assert "3.90" not in texts(whole)


@pytest.mark.parametrize("count", [1, 2, 12, 25, 70])
def test_screes_of_any_length_stay_inside_their_frame(count):
    observed = [max(5.0 / (k + 1), 0.2) for k in range(count)]
    random = [1.5 - k / (count + 1) for k in range(count)]
    within(scree(observed, random, retain=1, above_label="one above chance", title="Scree."))


def test_a_scree_without_random_data_has_open_marks_only():
    markup = scree([2.0, 1.0, 0.3], [], title="Scree.")
    assert {dot.get("fill") for dot in dots(markup)} == {t.PAPER}
    assert not any("random" in text for text in texts(markup))


def test_a_scree_of_unequal_lengths_is_refused():
    with pytest.raises(ValueError, match="one length"):
        scree([2.0, 1.0], [1.0], title="Scree.")


def test_an_unknown_number_has_words_and_no_bar():
    markup = flow([("Invited", None, "not known"), ("Analysed", 20, "20")], title="Flow.")
    assert texts(markup) == ["Invited", "not known", "Analysed", "20"]
    assert len(list(drawn(markup).iter(f"{SVG}rect"))) == 1
