"""A school's own report: what it holds, what it never holds, and who may have one."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from instruments import registry
from instruments.cells import Row
from instruments.definition import Instrument
from instruments.measures import Band, Measures
from instruments.responses import Responses
from instruments.roster import Roster
from instruments.scoring import score, score_school
from instruments.simulate import simulate, write
from reports.disclosure import Withheld
from reports.plan import Plan
from reports.profile.content import Bar, DecisionRow, Mark, Strip
from reports.profile.context import Context
from reports.release import plan_release
from reports.round_facts import RoundFacts
from reports.school_report import (
    SchoolReport,
    SchoolReportError,
    build_school_report,
    may_have_report,
)
from reports.school_report.render import school_report_html
from reports.school_report.suppression import Fence
from survey.cli import main
from tests.reports import measures_factory as factory

Round = tuple[Instrument, Responses, Roster, Measures]


@cache
def drawn(schools: int = 6, staff: int = 240, seed: int = 3) -> Round:
    instrument = registry.resolve("mto-learning-profile")
    made = simulate(instrument, schools=schools, staff=staff, response_rate=0.7, seed=seed)
    return instrument, made.responses, made.roster, score(instrument, made.responses, made.roster)


@cache
def planned(schools: int = 6, staff: int = 240, seed: int = 3) -> Plan:
    instrument, _, _, whole = drawn(schools, staff, seed)
    return plan_release(instrument, whole)


def facts(instrument: Instrument, **changes: object) -> RoundFacts:
    given = replace(
        factory.facts(),
        placeholders={name: name for name in instrument.placeholders} | {"mto": "Harbour Reach"},
    )
    return replace(given, **changes)  # type: ignore[arg-type] # the test names real fields


def report(seed: int = 3, **changes: object) -> SchoolReport:
    instrument, responses, roster, whole = drawn(seed=seed)
    plan, about = planned(seed=seed), facts(instrument, **changes)
    school = may_have_report(instrument, whole, about, plan=plan)[0]
    mine = score_school(instrument, responses, roster, school, whole=whole)
    return build_school_report(instrument, whole, mine, about, school, plan=plan)


def rows(found: SchoolReport) -> Iterator[DecisionRow]:
    return (row for group in found.decisions.groups for row in group.rows)


def parts(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, tuple):
        for each in value:
            yield from parts(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from parts(getattr(value, each.name))


def test_the_report_says_whose_it_is() -> None:
    found = report()
    assert found.school in school_report_html(found)
    assert "Harbour Reach Schools Trust" in found.facts
    assert "School report" in found.identity.foot
    assert found.place.startswith("On the profile’s page of schools, this school is letter ")
    assert report(schools_named=True).place == ""


def test_figures_are_those_of_a_plain_count_of_the_schools_answers() -> None:
    instrument, responses, _, whole = drawn()
    found = report()
    there = responses.attribute("school") == found.school
    assert instrument.position is not None
    items = {each.code: each.item for each in instrument.position.decisions}
    shown = 0
    for row in rows(found):
        raw = responses.codes[there, responses.items.index(items[row.decision])]
        raw = raw[raw >= 0]
        if isinstance(row.bars, Withheld):
            continue
        shown += 1
        for bar in row.bars:  # weights within a school move a share by a few percent
            share = 100 * float(np.mean(raw == bar.option))
            assert abs(bar.drawn - share) <= 15, (row.decision, bar)
        assert isinstance(row.reference, Mark)
        band = whole.decisions[row.decision].groups["lived"].position
        assert isinstance(band, Band)
        assert row.reference.value == round(band.value, 1)
    assert shown >= 4


def test_decisions_that_one_role_alone_is_asked_are_left_out() -> None:
    found = report()
    codes = {row.decision for row in rows(found)}
    assert not codes & {"STF", "BUD", "PRI"}
    assert found.not_here.startswith("Hiring, school budget and priorities are not asked")


def test_no_question_of_a_role_stands_in_it() -> None:
    instrument = drawn()[0]
    for seed in (1, 3):
        for strip in parts(report(seed)):
            if isinstance(strip, Strip):
                assert set(instrument.roles_of(strip.item)) >= {"T", "L"}, strip.item


def test_the_centre_has_no_place_in_it() -> None:
    found = report()
    for row in found.capability.rows:
        assert row.designed.group == ""
        assert isinstance(row.designed.mark, Withheld)
        assert row.reference is not None
        assert isinstance(row.reference.mark, Mark)
    html = school_report_html(found)
    assert "designed" not in html
    assert "<polygon" not in html  # no diamond


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_what_schools_show_together_leaves_nobody_or_ten(seed: int) -> None:
    """An attacker takes every school's printed answers from the organisation's."""
    round_ = drawn(8, 200, seed)
    instrument, responses, roster, whole = round_
    about = facts(instrument)
    printed: dict[str, list[str]] = {}
    plan = planned(8, 200, seed)
    for school in may_have_report(instrument, whole, about, plan=plan):
        mine = score_school(instrument, responses, roster, school, whole=whole)
        found = build_school_report(instrument, whole, mine, about, school, plan=plan)
        assert instrument.position is not None
        items = {each.code: each.item for each in instrument.position.decisions}
        for row in rows(found):
            if isinstance(row.bars, tuple):
                printed.setdefault(items[row.decision], []).append(school)
        for strip in parts(found.capability):
            if isinstance(strip, Strip) and isinstance(strip.bars, tuple):
                printed.setdefault(strip.item, []).append(school)
    for item, schools in printed.items():
        counts = {name: each.answers[item] for name, each in whole.schools.items()}
        assert all(counts[name] >= 10 for name in schools)
        hidden = [n for name, n in counts.items() if n and name not in schools]
        assert not hidden or (len(hidden) > 1 and sum(hidden) >= 10), item


def test_a_school_whose_few_answers_would_be_left_over_shows_no_figure_there() -> None:
    instrument, responses, roster, whole = drawn()
    about = facts(instrument)
    first = may_have_report(instrument, whole, about, plan=planned())[0]
    item = next(d.item for d in instrument.position.decisions if d.code == "CUR")  # type: ignore[union-attr]
    few = {
        name: replace(each, answers={**each.answers, item: 9 if name == first else 20})
        for name, each in whole.schools.items()
    }
    changed = replace(whole, schools=few)
    words = instrument.words("en-GB", about.placeholders)
    context = Context(instrument, changed, about, words, instrument.disclosure)
    assert not Fence(context, first).may_show(item)
    hidden = [name for name in few if not Fence(context, name).may_show(item)]
    assert len(hidden) == 2
    mine = score_school(instrument, responses, roster, hidden[1], whole=whole)
    found = build_school_report(instrument, changed, mine, about, hidden[1], plan=planned())
    row = next(row for row in rows(found) if row.decision == "CUR")
    assert isinstance(row.bars, Withheld)
    assert isinstance(row.lived, Withheld)
    assert row.bars.reason == "not shown, to protect people"
    assert "fewer than 10" not in found.decisions.note  # it does not tell which rule spoke


def test_every_printed_figure_is_rounded() -> None:
    for part in parts(report()):
        if isinstance(part, Mark):
            assert part.value == round(part.value, 1)
        if isinstance(part, Bar):
            assert part.text[0] in "<>" or int(part.text[:-1]) == part.drawn


def test_a_school_that_may_not_be_shown_is_refused_in_one_line() -> None:
    instrument, responses, roster, whole = drawn()
    bare = score(instrument, responses)  # without a roster no school may stand alone
    about = facts(instrument)
    assert may_have_report(instrument, bare, about) == ()
    school = whole.school_order[0]
    mine = score_school(instrument, responses, roster, school, whole=whole)
    with pytest.raises(SchoolReportError, match=r"a school needs 10 answers and 50% of its staff"):
        build_school_report(instrument, bare, mine, about, school)
    with pytest.raises(SchoolReportError, match=r"there is no school 'Nowhere'; there are "):
        build_school_report(instrument, whole, mine, about, "Nowhere", plan=planned())


def test_a_school_of_which_the_audit_hides_every_decision_is_refused_in_one_line() -> None:
    instrument, responses, roster, whole = drawn()
    about, plan = facts(instrument), planned()
    school = may_have_report(instrument, whole, about, plan=plan)[0]
    mine, row = (
        score_school(instrument, responses, roster, school, whole=whole),
        Row("school", school),
    )
    today = {key for key in plan.shown if key.startswith("today:")}
    hidden = replace(
        plan,
        shown={k: {r: p for r, p in v.items() if r != row or k not in today}
               for k, v in plan.shown.items()},
        hidden={**plan.hidden, **{key: frozenset({row}) for key in today}},
    )  # fmt: skip
    with pytest.raises(SchoolReportError, match=rf"for {school}: .* Merge rows ") as refused:
        build_school_report(instrument, whole, mine, about, school, plan=hidden)
    assert "\n" not in str(refused.value)
    assert school not in may_have_report(instrument, whole, about, plan=hidden)


def test_every_picture_has_words_and_the_same_numbers_in_a_table() -> None:
    found = report()
    html = school_report_html(found)
    for drawing in re.findall(r"<svg.*?</svg>", html, re.S):
        assert "<title>" in drawing
    table = next(each for each in found.tables if each.key == "school-decisions")
    for row in rows(found):
        cells = next(each for each in table.rows if each[:2] == (row.name, "This school"))
        if isinstance(row.bars, Withheld):
            assert row.bars.reason in cells
            continue
        assert cells[2 : 2 + len(row.bars)] == tuple(bar.text for bar in row.bars)
    levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_command_makes_one_schools_report_or_says_why_not(tmp_path: Path) -> None:
    instrument = registry.resolve("mto-learning-profile")
    made = simulate(instrument, schools=6, staff=240, response_rate=0.7, seed=3)
    write(made, tmp_path, instrument)
    about = facts(instrument)
    whole = score(instrument, made.responses, made.roster)
    school = may_have_report(instrument, whole, about, plan=planned())[0]
    files = [str(tmp_path / "responses.csv"), "--round", str(tmp_path / "round.toml")]
    roster = ["--roster", str(tmp_path / "roster.csv")]
    out = tmp_path / "school.pdf"
    run = CliRunner().invoke(
        main, ["profile", *files, *roster, "--school", school, "--out", str(out)]
    )
    assert run.exit_code == 0, run.output
    assert out.read_bytes().startswith(b"%PDF")
    run = CliRunner().invoke(main, ["profile", *files, "--school", school, "--out", str(out)])
    assert run.exit_code == 1
    assert f"no report can be made for {school}" in run.output
