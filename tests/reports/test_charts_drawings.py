"""Every drawing: well-formed, without style, with its whole sentence, and true to its values."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace

import profile_samples as samples
import pytest
from markupsafe import Markup

from reports import charts
from reports._drawings import read_drawing
from reports.charts import primitives as p
from reports.charts.labels import Name
from reports.charts.metrics import balance, shorten, text_width, wrap
from reports.disclosure import Withheld
from reports.profile.content import CapabilityRow, DecisionGroup, Line

SVG = "{http://www.w3.org/2000/svg}"
FEW = Withheld("not shown: fewer than 10 answers")


def withheld_row() -> CapabilityRow:
    row = samples.capability().rows[0]
    lanes = [replace(lane, mark=FEW, cant_tell=FEW) for lane in (row.lived, row.designed)]
    strips = tuple(replace(strip, bars=FEW) for strip in row.strips)
    return replace(row, lived=lanes[0], designed=lanes[1], strips=strips)


def all_drawings() -> dict[str, Callable[[], Markup]]:
    page, told = samples.capability(), samples.pressures()
    return {
        "line": lambda: charts.draw_line(samples.line(), trial="trial"),
        "capability": lambda: charts.draw_capability_small(page, trial="trial"),
        "capability key": lambda: charts.draw_capability_key(page),
        "scale": lambda: charts.draw_scale(page.rows[2], page, trial="trial"),
        "pressures": lambda: charts.draw_pressures_small(told, trial="trial"),
        "pressures full": lambda: charts.draw_pressures(told, trial="trial"),
        "pressures key": lambda: charts.draw_pressures_key(told),
        "supports": lambda: charts.draw_item_rows(
            told.supports, axis=told.supports_axis, alt=told.supports_alt, trial="trial"
        ),
        "decisions key": lambda: charts.draw_decisions_key(trial="trial"),
        "decisions head": lambda: charts.draw_stop_names(samples.decisions()),
        "decisions": lambda: charts.draw_group(
            samples.decisions().groups[1], samples.decisions(), trial="trial"
        ),
        "bare line": lambda: charts.bare_line_of(samples.line()),
        "how to": lambda: charts.draw_how_to(samples.cover()),
        "scale withheld": lambda: charts.draw_scale(withheld_row(), page, trial="trial"),
        "capability withheld": lambda: charts.draw_capability_small(
            replace(page, rows=(withheld_row(),)), trial="trial"
        ),
        "decision withheld": lambda: charts.draw_group(
            DecisionGroup(
                "Local",
                (
                    samples.decision_row(
                        "BUD", 20, 20, 20, 20, 20, kind="none", lived=FEW, designed=FEW
                    ),
                ),
            ),
            samples.decisions(),
            trial="trial",
        ),
        "pressures withheld": lambda: charts.draw_pressures_small(
            replace(told, rows=(replace(told.rows[0], mark=FEW, cant_tell=FEW),)), trial="trial"
        ),
        "interval": lambda: charts.interval_strip(0.82, 0.8, 0.84, title="Omega .82"),
        "interval axis": charts.interval_axis,
        "scree": lambda: charts.scree(
            [7.9, 1.9, 1.5, 0.9, 0.7], [1.4, 1.3, 1.2, 1.15, 1.1], title="Five eigenvalues"
        ),
    }


def texts(drawing: Markup) -> list[str]:
    return [node.text or "" for node in ET.fromstring(drawing).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", all_drawings())
def test_a_drawing_is_well_formed_and_says_itself_in_words(name: str) -> None:
    root = ET.fromstring(all_drawings()[name]())
    assert root.get("role") == "img"
    titles = [child for child in root if child.tag == f"{SVG}title"]
    assert len(titles) == 1
    assert len(titles[0].text or "") > 8


@pytest.mark.parametrize("name", all_drawings())
def test_a_drawing_has_presentation_attributes_and_literal_colours_only(name: str) -> None:
    drawing = all_drawings()[name]()
    assert " style=" not in drawing
    assert "var(" not in drawing
    assert "<script" not in drawing
    for node in ET.fromstring(drawing).iter():
        for attribute in ("fill", "stroke"):
            colour = node.get(attribute, "none")
            assert colour == "none" or re.fullmatch(r"#[0-9A-F]{6}", colour)


@pytest.mark.parametrize("name", all_drawings())
def test_a_drawing_is_made_of_shapes_that_the_document_draws_itself(name: str) -> None:
    assert read_drawing(all_drawings()[name](), None) is not None


@pytest.mark.parametrize("name", all_drawings())
def test_text_stays_inside_its_drawing(name: str) -> None:
    root = ET.fromstring(all_drawings()[name]())
    _, _, width, height = (float(part) for part in (root.get("viewBox") or "").split())
    for node in root.iter(f"{SVG}text"):
        x, y, size = (float(node.get(key) or 0) for key in ("x", "y", "font-size"))
        weight = int(node.get("font-weight") or 400)
        wide = text_width(node.text or "", size, weight, italic=node.get("font-style") == "italic")
        assert x >= -0.02, node.text
        assert x + wide <= width + 0.5, node.text
        assert 0 < y <= height + 0.5, node.text


def test_a_drawing_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="alternative text"):
        p.svg([], width=1, height=1, title=" ")


def test_words_from_outside_are_escaped() -> None:
    line = replace(samples.line(), left="<b>A & B</b>", alt='Say "1 < 2"')
    drawing = charts.draw_line(line)
    assert "<b>" not in drawing
    root = ET.fromstring(drawing)
    assert root.find(f"{SVG}title").text == 'Say "1 < 2"'  # type: ignore[union-attr]
    assert "<b>A & B</b>" in texts(drawing)


def test_the_two_ends_of_the_line_are_drawn_alike() -> None:
    root = ET.fromstring(charts.draw_bare_line(left="A", right="B", stops=5))
    caps = [node for node in root.iter(f"{SVG}line") if node.get("stroke-width") == "1.8"]
    assert len(caps) == 2
    left, right = (float(cap.get("x1") or 0) for cap in caps)
    assert left == pytest.approx(510 - right)
    assert caps[0].get("y1") == caps[1].get("y1")
    assert caps[0].get("stroke") == caps[1].get("stroke")
    captions = list(root.iter(f"{SVG}text"))
    assert len({caption.get("font-size") for caption in captions}) == 1


def test_the_line_says_position_in_words_and_trial_at_every_figure() -> None:
    said = texts(charts.draw_line(samples.line(), trial="trial"))
    assert "Overall: around Set menu" in said
    assert "3.2 on stops 1 to 5, likely 3.1 to 3.3 ·" in said
    assert said.count("trial") == 2  # the overall figure and the centre's
    assert "trial" not in texts(charts.draw_line(samples.line()))


def test_what_is_withheld_leaves_its_sentence_and_no_mark() -> None:
    note = "The centre’s view is not shown: fewer than 10 people at the centre answered."
    line = replace(samples.line(), centre=FEW, notes=(note,))
    drawing = charts.draw_line(line)
    assert "<polygon" not in drawing
    assert note in texts(drawing)


def test_nothing_overall_leaves_no_band() -> None:
    line = replace(samples.line(), overall=FEW, centre=FEW, middle_half=FEW)
    said = texts(charts.draw_line(line))
    assert not any(words.startswith("Overall") for words in said)
    assert "middle half of all answers" not in said


def test_every_decision_is_named_once_on_the_line() -> None:
    said = texts(charts.draw_line(samples.line()))
    shown = [g.short for g in samples.line().gathered] + [row.short for row in samples.line().rows]
    for name in shown:
        assert said.count(name) == 1


def test_a_row_for_every_decision_that_does_not_gather() -> None:
    codes = list(samples.NAMES)
    line = replace(samples.line(), gathered=(), rows=tuple(samples.split(code) for code in codes))
    said = texts(charts.draw_line(line))
    assert said.count("split: schools differ") == 10
    assert said.count("40%") == 10


def test_a_withheld_lane_says_why_in_its_place() -> None:
    page = samples.capability()
    row = page.rows[0]
    hidden = replace(row, designed=replace(row.designed, mark=FEW, cant_tell=FEW))
    drawing = charts.draw_scale(hidden, page)
    assert "<polygon" not in drawing
    assert "designed: not shown, fewer than 10 answers" in texts(drawing)
    title = ET.fromstring(drawing).find(f"{SVG}title").text or ""  # type: ignore[union-attr]
    assert "not shown: fewer than 10 answers" in title
    small = charts.draw_capability_small(replace(page, rows=(hidden,)))
    assert "designed: not shown, fewer than 10 answers" in " ".join(texts(small))


def test_a_withheld_decision_keeps_its_name() -> None:
    page = samples.decisions()
    row = samples.decision_row(
        "BUD", 1, 1, 1, 1, 1, kind="none", bars=Withheld("not shown, to protect people"),
        lived=FEW, designed=FEW,
    )  # fmt: skip
    drawing = charts.draw_group(replace(page.groups[0], rows=(row,)), page)
    assert "School budget" in texts(drawing)
    assert "not shown, to protect people" in texts(drawing)
    assert "<rect" not in drawing.replace('fill="#FFFFFF"', "")


def test_bars_share_one_scale() -> None:
    page = samples.decisions()
    drawing = charts.draw_group(page.groups[0], page)
    heights = [
        float(node.get("height") or 0)
        for node in ET.fromstring(drawing).iter(f"{SVG}rect")
        if node.get("fill") == "#7F8D99"
    ]
    assert max(heights) == pytest.approx(25 * 55 / page.top, abs=0.01)
    assert heights[3] == pytest.approx(25 * 48 / page.top, abs=0.01)


def test_a_pressure_withheld_or_read_question_by_question_is_said() -> None:
    told = samples.pressures()
    item = replace(told.supports[0], text="short of money", mark=FEW)
    row = replace(
        told.rows[0], mark=FEW, items=(item,), note="These questions did not hang together."
    )
    said = texts(charts.draw_pressures(replace(told, rows=(row,))))
    assert "not shown: fewer than 10 answers" in " ".join(said)
    assert "Short of money" in texts(charts.draw_items([row], told))


def test_hatch_strokes_stay_inside_their_frame() -> None:
    drawn = p.hatch(10, 30, 5, 8)
    for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", drawn):
        assert 10 <= float(x) <= 30
        assert 5 <= float(y) <= 13
    assert p.hatch(10, 10.2, 5, 8) == ""


def test_an_interval_below_half_is_clipped_and_its_mark_left_out() -> None:
    assert "<circle" not in charts.interval_strip(0.4, 0.3, 0.55, title="Omega .40")
    root = ET.fromstring(charts.interval_strip(0.4, 0.3, 0.55, title="Omega .40"))
    strokes = [n for n in root.iter(f"{SVG}line") if n.get("stroke-width") == "2.2"]
    left = ET.fromstring(charts.interval_strip(0.5, 0.5, 0.55, title="Omega .50"))
    edge = [n for n in left.iter(f"{SVG}line") if n.get("stroke-width") == "2.2"]
    assert strokes[0].get("x1") == edge[0].get("x1")


def test_a_scree_with_a_large_first_root_cuts_its_axis_and_prints_it() -> None:
    cut = charts.scree([7.9, 1.9, 0.9], [1.3, 1.2, 1.1], title="Cut")
    assert any(words.startswith("7.9") for words in texts(cut))
    whole = charts.scree([2.7, 1.9, 0.9], [1.3, 1.2, 1.1], title="Whole")
    assert not any(words.startswith("2.7") for words in texts(whole))
    with pytest.raises(ValueError, match="one length"):
        charts.scree([1.0], [1.0, 2.0], title="x")


def test_widths_come_from_the_face() -> None:
    assert text_width("0", 10) == pytest.approx(4.97)  # tabular figures, 497/1000 em
    assert text_width("1111", 10) == pytest.approx(text_width("8888", 10))
    assert text_width("Wide", 10, 700) > text_width("Wide", 10, 400)
    assert text_width("漢", 10) == 10  # what the face lacks counts one em


def test_text_is_wrapped_balanced_and_shortened_by_its_width() -> None:
    words = "Each school picks from options the trust sets out"
    for line in wrap(words, 90, 7.6):
        assert text_width(line, 7.6) <= 90
    assert " ".join(wrap(words, 90, 7.6)) == words
    lines = [text_width(line, 7.6) for line in balance(words, 120, 7.6)]
    assert max(lines) - min(lines) < 40
    cut = shorten("incomprehensibilities", 40, 9)
    assert cut.endswith("…")
    assert text_width(cut, 9) <= 40
    assert wrap("", 90, 8) == ()


def test_height_is_read_from_a_drawing_of_ours_only() -> None:
    assert charts.height_of(p.svg([], width=3, height=12.5, title="Nothing")) == 12.5
    with pytest.raises(ValueError, match="no drawing"):
        charts.height_of(Markup("<p>"))


def test_a_line_of_another_length_still_fills_the_measure() -> None:
    stops = samples.line().stops[:3]
    line: Line = replace(
        samples.line(), high=3.5, stops=stops, gathered=(), rows=(), middle_half=FEW, centre=FEW
    )
    root = ET.fromstring(charts.draw_line(line))
    assert root.get("viewBox", "").split()[2] == "510"
    assert Name(0, ("a",)).names == ("a",)
