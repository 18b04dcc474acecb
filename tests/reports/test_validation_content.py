"""What the validation report says, apart from how it looks."""

import re
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import date

import numpy as np
import pytest
import validation_samples as samples

from instruments.analysis import analyse
from instruments.psychometrics.estimates import Estimate, NotEstimated
from instruments.responses import CANT_TELL
from instruments.roster import Roster, RosterRow
from instruments.scoring import score
from reports.round_facts import RoundFacts
from reports.validation import build_validation
from reports.validation.figures import (
    beside,
    blocks,
    coefficient,
    figure,
    fixed,
    interval,
    probability,
)
from reports.validation.reliability import verdicts


def words_in(value) -> list[str]:
    """Every text anywhere in a value."""
    if isinstance(value, str):
        return [value]
    if is_dataclass(value):
        return [text for each in fields(value) for text in words_in(getattr(value, each.name))]
    if isinstance(value, tuple):
        return [text for each in value for text in words_in(each)]
    return []


def built(responses=None, *, instrument=None, measures=None, facts=None, **options):
    instrument = instrument or samples.instrument()
    responses = responses or samples.answers()
    analysis = analyse(instrument, responses, **options)
    return build_validation(instrument, analysis, measures, facts, simulated=False), analysis


@pytest.fixture(scope="module")
def usual():
    return built()


def item_row(validation, code):
    rows = [row for group in validation.items.groups for row in group.rows]
    return next(row for row in rows if row.code.split("\N{NO-BREAK SPACE}")[0] == code)


# Figures


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.824, ".82"),
        (-0.05, "−.05"),
        (1.0, "1.00"),
        (-0.001, ".00"),
        (0.999, "1.00"),
        (-1.5, "−1.50"),
    ],
)
def test_coefficients_drop_the_leading_zero_and_keep_a_true_minus(value, words):
    assert coefficient(value) == words


def test_numbers_keep_thousands_apart():
    assert fixed(18146.07, 1) == "18,146.1"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_figure_that_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="needs a reason"):
        coefficient(value)


def test_intervals_with_a_negative_end_are_written_with_a_word():
    assert interval(0.8, 0.84) == ".80–.84"
    assert interval(-0.05, 0.12) == "−.05 to .12"


def test_small_probabilities_are_not_printed_as_zero():
    assert probability(1e-9) == "p < .001"
    assert probability(0.0214) == "p = .021"


def test_the_same_reason_gets_the_same_letter_and_another_the_next():
    reasons = {}
    first = figure(NotEstimated("one"), reasons)
    assert figure(NotEstimated("one"), reasons) == first
    assert figure(NotEstimated("two"), reasons).letter == "b"
    assert reasons == {"one": "a", "two": "b"}


def test_columns_fall_into_runs_of_nearly_equal_length():
    assert [list(run) for run in blocks(5, 3)] == [[0, 1, 2], [3, 4]]
    assert list(blocks(0, 3)) == []
    assert [k for run in blocks(27, 13) for k in run] == list(range(27))


def test_a_figure_short_of_its_mark_is_never_printed_as_the_mark():
    assert beside(0.398, 0.40) == ".398"
    assert beside(0.31, 0.40) == ".31"


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [
        (0.75, 0.71, 0.79, "reached, with its whole interval"),
        (0.72, 0.66, 0.78, "reached; the interval goes below"),
        (0.66, 0.60, 0.697, "× not reached; the interval includes it"),
        (0.60, 0.52, 0.66, "× not reached, not even by the upper limit"),
    ],
)
def test_verdicts_follow_the_printed_figures(value, low, high, words, usual):
    _, analysis = usual
    estimate = Estimate(value, low, high, 100, "by hand")
    scale = replace(analysis.scales["WARM"], omega_total=estimate)
    table = verdicts(replace(analysis, scales={"WARM": scale}))
    assert table is not None
    assert table.rows[0][2] == words


# Identity


def test_answers_to_another_instrument_are_refused(usual):
    _, analysis = usual
    other = samples.instrument().model_copy(update={"version": "2.0"})
    with pytest.raises(ValueError, match=re.escape("small@1.0, not of small@2.0")):
        build_validation(other, analysis, simulated=False)


def test_the_report_names_round_and_data_and_says_simulated():
    facts = RoundFacts(
        organisation="Example Trust",
        short_name="Example",
        locale="en-GB",
        opens_on=date(2026, 5, 4),
        closes_on=date(2026, 5, 22),
        placeholders={"place": "the hub"},
    )
    instrument, responses = samples.instrument(), samples.answers()
    measures = score(instrument, responses)
    analysis = analyse(instrument, responses)
    report = build_validation(instrument, analysis, measures, facts, simulated=True)
    assert report.identity.simulated == "Simulated data"
    assert report.identity.fingerprint_full == measures.fingerprint
    assert ("Round", "Example Trust, 4 to 22 May 2026") in [
        (fact.name, fact.value) for fact in report.facts
    ]
    assert item_row(report, "w1").text == "W1 at the hub"


def test_a_placeholder_that_nobody_fills_stands_as_its_name(usual):
    validation, _ = usual
    assert item_row(validation, "w1").text == "W1 at [place]"


# Items


def test_shares_equal_the_counts_and_figures_equal_the_analysis(usual):
    validation, analysis = usual
    for code, found in analysis.distributions.items():
        row = item_row(validation, code)
        percents = [100 * count / found.n for count in found.counts]
        step = 5 if sum(percent < 5 for percent in percents) == 1 else 1
        for share, percent in zip(row.shares, percents, strict=True):
            expected = "<5" if percent < 5 else f"{int(percent / step + 0.5) * step}"
            assert share.text == expected
        assert row.n == f"{found.n}"
        assert row.mean.text == f"{found.mean:.2f}"
        assert row.sd.text == f"{found.sd:.2f}"
    for scale in analysis.scales.values():
        for item in scale.items:
            row = item_row(validation, item.item)
            assert row.item_rest.text == f"{item.item_rest:.2f}".replace("0.", ".")
            if not isinstance(item.alpha_if_dropped, NotEstimated):
                assert row.alpha_if_dropped.text == f"{item.alpha_if_dropped:.2f}".replace(
                    "0.", "."
                )


def test_reversed_items_are_marked(usual):
    validation, _ = usual
    assert item_row(validation, "w4").code == "w4\N{NO-BREAK SPACE}(r)"


def test_an_item_with_few_answers_shows_none_of_them():
    few = np.full(240, -1)
    few[:9] = [1, 2, 3, 4, 5, 1, 2, 3, 4]
    validation, _ = built(samples.with_column(samples.answers(), "l1", few))
    row = item_row(validation, "l1")
    assert row.shares == "Not shown: under 10"
    assert row.n == "under 10"
    assert (row.mean.text, row.mean.reason) == ("", "not shown: fewer than 10 answers")


def test_a_scale_with_few_complete_cases_shows_no_coefficient():
    few = np.full(240, -1)
    few[:9] = [1, 2, 3, 4, 5, 1, 2, 3, 4]
    validation, analysis = built(samples.with_column(samples.answers(), "p1", few))
    assert analysis.scales["PAIR"].n == 9
    row = next(row for row in validation.reliability.rows if row.code == "PAIR")
    assert (row.n, row.omega.text, row.alpha.text, row.average_r.text) == ("under 10", "", "", "")
    assert item_row(validation, "p2").item_rest.text == ""
    assert not any(row.scale == "PAIR" and row.cells[2].fails for row in validation.marks.rows)


def test_what_a_profile_could_be_taken_from_is_not_shown():
    responses = samples.answers(leaders=9)  # a profile shows staff, and not the nine heads
    instrument = samples.instrument()
    measures = score(instrument, responses, roster())
    validation, _ = built(responses, instrument=instrument, measures=measures)
    row = item_row(validation, "w1")
    assert (row.shares, row.mean.text, row.sd.text, row.cant_tell.text) == ("Not shown", "", "", "")
    assert "small group" in row.mean.reason
    supported = item_row(validation, "l1")  # a profile, too, shows supports for everybody only
    assert supported.mean.text
    assert not isinstance(supported.shares, str)


def test_an_item_that_nearly_all_answer_alike_keeps_its_mean_to_itself():
    alike = np.where(np.arange(240) < 6, 1, 5)
    validation, _ = built(samples.with_column(samples.answers(), "l1", alike))
    row = item_row(validation, "l1")
    assert [share.text for share in row.shares] == ["<5", "<5", "<5", "<5", ">90"]
    assert row.mean.text == row.sd.text == ""
    assert "nearly all gave one answer" in row.mean.reason
    assert row.at_an_end == "ceiling"


def test_below_the_floor_of_an_organisation_no_answers_are_shown():
    validation, _ = built(samples.answers(29, leaders=10))
    for group in validation.items.groups:
        for row in group.rows:
            assert row.shares == "Not shown: under 30"
            assert row.mean.text == row.cant_tell.text == row.at_an_end == ""


def test_numbers_of_people_below_a_hundred_stand_in_bands_beside_an_item():
    validation, _ = built(samples.hidden_from_teachers(samples.answers()))
    assert item_row(validation, "w3").n == "50–99"


def test_an_item_that_its_scale_does_not_compare_says_so():
    instrument = samples.instrument(leaders_only=True)
    responses = samples.hidden_from_teachers(samples.answers())
    validation, _ = built(responses, instrument=instrument)
    row = item_row(validation, "w3")
    assert row.item_rest.reason == "not among the items that the scale compares"
    assert row.item_rest.letter in {note.letter for note in validation.items.notes}


def test_a_constant_item_is_named_without_the_answer():
    validation, analysis = built(samples.with_column(samples.answers(), "w1", 4))
    assert any("all 4" in notice for notice in analysis.notices)
    assert "Left out, because everybody gave one answer: w1." in validation.notices
    assert not any("all 4" in text for text in words_in(validation))


# Reliability


def test_reliability_rows_equal_the_analysis(usual):
    validation, analysis = usual
    for row in validation.reliability.rows:
        scale = analysis.scales[row.code]
        main = scale.spearman_brown or scale.omega_total
        assert isinstance(main, Estimate)
        assert row.omega.text == f"{main.value:.2f}".replace("0.", ".")
        assert row.drawn == (main.value, main.low, main.high)
        assert row.alpha.text == f"{scale.alpha.value:.2f}".replace("0.", ".")
        assert row.n == str(scale.n)


def test_two_items_have_spearman_brown_and_single_items_no_row(usual):
    validation, _ = usual
    rows = {row.code: row for row in validation.reliability.rows}
    assert [code for code, row in rows.items() if row.is_spearman_brown] == ["PAIR"]
    assert "LIST" not in rows
    assert validation.reliability.left_out.startswith("Not in this table: LIST.")
    assert any("PAIR has two items" in words for words in validation.reliability.sentences)


def test_scales_below_the_mark_are_named_with_their_figure():
    validation, analysis = built(samples.answers(400, loading=0.35))
    omega = analysis.scales["CALM"].omega_total
    assert omega.value < 0.70
    words = " ".join(validation.reliability.sentences)
    assert f"CALM ({coefficient(omega.value)})" in words
    assert "Even the upper limit lies below .70" in words


# Number of factors and structure


def test_the_reading_of_parallel_analysis_follows_its_figures(usual):
    validation, analysis = usual
    retain = analysis.structure.parallel_analysis.retain
    assert retain == 2
    reading = validation.number_of_factors.reading
    assert reading[0].startswith("Two factors lie above what random data")
    assert reading[1] == "The instrument has two scales here: the two agree."


def test_every_eigenvalue_stands_in_a_table(usual):
    validation, analysis = usual
    observed = [
        cell
        for table in validation.number_of_factors.values
        for row in table.rows
        if row[0] == "Observed"
        for cell in row[1:]
    ]
    assert observed == [f"{value:.2f}" for value in analysis.structure.eigenvalues]


def test_kmo_and_bartlett_equal_the_analysis(usual):
    validation, analysis = usual
    kmo, bartlett = analysis.structure.kmo, analysis.structure.bartlett
    first, second = validation.number_of_factors.adequacy
    assert first.value.startswith(f"{coefficient(kmo.overall)} (")
    assert f"χ² = {bartlett.chi2:,.1f}, df = {bartlett.df}" in second.value


def test_loadings_equal_the_analysis_and_their_tints_follow_the_printed_figure(usual):
    validation, analysis = usual
    for row, values in zip(validation.structure.rows, analysis.structure.efa.loadings, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            assert cell.text == coefficient(value)
            printed = abs(float(cell.text.replace("−", "-")))
            assert cell.tint == sum(printed >= edge for edge in (0.20, 0.40, 0.60))
    assert [row.starts_scale for row in validation.structure.rows].count(True) == 1


def test_factors_carry_the_names_of_their_scales(usual):
    validation, _ = usual
    assert {factor.scale for factor in validation.structure.factors} == {"WARM", "CALM"}
    assert validation.structure.holds[0] == "Every item loads .40 or more on its scale’s factor."


def test_a_weak_item_is_watched_and_stands_beside_its_marks():
    rng = np.random.default_rng(9)
    noise = rng.integers(1, 6, 240)
    validation, analysis = built(samples.with_column(samples.answers(), "w2", noise))
    failing = {mark.item for mark in analysis.failing()}
    assert "w2" in failing
    assert any("w2" in words for words in validation.structure.watch)
    rows = {row.code: row for row in validation.marks.rows}
    assert any(cell.fails and cell.text.startswith("× ") for cell in rows["w2"].cells)


def test_too_few_people_give_reasons_in_the_place_of_structure():
    validation, analysis = built(samples.answers(6, leaders=3))
    n = analysis.structure.smallest_n
    expected = f"Cannot be estimated: {n} people are too few for 7 items."
    assert validation.structure.reason == expected
    assert "Parallel analysis cannot be done" in " ".join(validation.number_of_factors.reading)
    assert validation.number_of_factors.scree is not None
    assert validation.number_of_factors.scree.random == ()


def test_structure_without_a_scale_gives_its_reason():
    responses = samples.answers()
    for code in samples.WARM + samples.CALM:
        responses = samples.with_column(responses, code, 3)
    validation, _ = built(responses)
    reason = "Cannot be estimated: no reflective scale with two usable items."
    assert validation.structure.reason == validation.number_of_factors.scree_reason == reason


# Sample and flow


def flow_of(responses, roster, **options):
    instrument = samples.instrument()
    measures = score(instrument, responses, roster)
    return built(responses, measures=replace(measures, **options))[0].sample


def roster(teachers=300, leaders=80):
    return Roster((RosterRow("School", "T", teachers), RosterRow("School", "L", leaders)))


def test_the_flow_goes_from_the_roster_to_the_people_analysed():
    steps = flow_of(samples.answers(), roster()).steps
    assert [(step.name, step.count) for step in steps] == [
        ("Invited (roster)", 380),
        ("Answered", 240),
        ("Analysed here", 240),
    ]


def test_careless_sheets_that_were_kept_are_called_kept():
    steps = flow_of(samples.answers(), roster(), careless=12).steps
    assert steps[2].text == "12, kept in here, left out of profiles"


def test_careless_sheets_that_were_left_out_are_called_left_out():
    steps = flow_of(samples.answers(), roster(), n=252, careless=12).steps
    assert [(step.name, step.text) for step in steps[2:]] == [
        ("Careless", "12, left out"),
        ("Analysed here", "240"),
    ]


def test_roles_stand_in_bands():
    sample = flow_of(samples.answers(), roster())
    assert sample.roles is not None
    assert [(row[0], row[2]) for row in sample.roles.rows] == [
        ("Teachers", "100+"),
        ("Leaders", "50–99"),
        ("Everybody", "100+"),
    ]


def test_without_a_roster_the_response_rate_is_unknown(usual):
    validation, _ = usual
    assert validation.sample.steps[0].text.startswith("not known")
    assert validation.sample.roles is None


def test_missing_answers_are_counted_by_kind(usual):
    validation, analysis = usual
    kinds = {row[0]: row for row in validation.sample.missing.rows}
    missing = analysis.distributions["c1"].cant_tell
    assert kinds["Can’t tell"][2] == f"{100 * missing / 2400:.1f}%"
    assert kinds["Can’t tell"][3] == f"c1, {round(100 * missing / 240)}% of people"
    assert kinds["Skipped"][2:] == ("none", "no item")


@pytest.mark.parametrize("count", [9, 231])
def test_few_people_are_not_counted_by_the_kind_that_is_most_missing(count):
    responses = samples.with_column(samples.answers(), "c1", 3)
    given = np.where(np.arange(240) < count, CANT_TELL, 3)
    validation, _ = built(samples.with_column(responses, "l1", given))
    kinds = {row[0]: row for row in validation.sample.missing.rows}
    assert kinds["Can’t tell"][3] == "l1"


# Everywhere


@pytest.mark.parametrize("n", [3, 6, 20, 45, 240])
def test_no_text_holds_a_figure_that_is_no_number(n):
    validation, _ = built(samples.answers(n, leaders=n // 3))
    for text in words_in(validation):
        assert not re.search(r"\b(nan|inf|None|NotEstimated)\b(?! of)", text), text


def test_a_figure_that_is_missing_has_its_reason(usual):
    for n in (3, 20, 240):
        validation, _ = built(samples.answers(n, leaders=n // 3))
        letters = {note.letter for note in validation.items.notes}
        for group in validation.items.groups:
            for row in group.rows:
                for cell in (row.mean, row.sd, row.cant_tell):
                    assert cell.text or cell.letter in letters
                if group.is_scale:
                    assert row.item_rest.text or row.item_rest.letter in letters
                    assert row.alpha_if_dropped.text or row.alpha_if_dropped.letter in letters
        for row in validation.reliability.rows:
            assert row.omega.text or row.omega.reason


def test_the_commands_name_instrument_rule_and_seed(usual):
    validation, _ = usual
    assert validation.methods.commands[0] == (
        "midtier analyse responses.csv --instrument small@1.0 --missing pairwise --seed 20260101"
        " --json out.json"
    )


def test_the_content_is_plain_values(usual):
    validation, _ = usual
    assert asdict(validation)["identity"]["slug"] == "small"
