"""The page of changes: what two profiles print, compared, and no more than that."""

from dataclasses import replace
from datetime import date

import measures_factory as made
import pytest

from instruments.measures import EVERYBODY, Measures
from reports.disclosure import Withheld
from reports.profile import Earlier, build_profile
from reports.profile.change import MOST_EARLIER
from reports.profile.content import Body, ChangeRow, Changes, Mark
from reports.render import profile_html

YEAR_AGO = {"opens_on": date(2025, 5, 5), "closes_on": date(2025, 5, 23)}


def earlier(measures: Measures | None = None, **facts: object) -> Earlier:
    return Earlier(made.facts(**{**YEAR_AGO, **facts}), measures or made.measures())


def body(*rounds: Earlier, now: Measures | None = None) -> Body:
    found = build_profile(
        made.instrument(), now or made.measures(), made.facts(), earlier=rounds
    ).body
    assert isinstance(found, Body)
    return found


def changes(*rounds: Earlier, now: Measures | None = None) -> Changes:
    found = body(*rounds, now=now).changes
    assert found is not None
    return found


def row(page: Changes, name: str) -> ChangeRow:
    return next(row for panel in page.panels for row in panel.rows if row.name == name)


def with_scale(code: str, value: float, *, half: float = 0.1, n: int = 120) -> Measures:
    """A round in which people in schools put one scale at a value."""
    base = made.measures()
    scores = {**base.scales[code].scores, "lived": made.band(value, half=half, n=n)}
    return replace(base, scales={**base.scales, code: replace(base.scales[code], scores=scores)})


def first_scale() -> tuple[str, str]:
    instrument = made.instrument()
    scale = instrument.scales_in("capability")[0]
    words = instrument.words("en-GB", {"mto": "Harbour Reach"})
    return scale.code, words.fill(words.text.scales[scale.code]["name"])


def test_without_an_earlier_round_there_is_no_such_page():
    assert body().changes is None


def test_a_change_is_said_with_its_range():
    code, name = first_scale()
    page = changes(earlier(with_scale(code, 3.0)), now=with_scale(code, 3.6))
    found = row(page, name)
    assert [lane.when for lane in found.lanes] == ["May 2025", "May 2026"]
    assert found.words == "higher by 0.6, likely 0.5 to 0.7"
    assert found.smallest == "0.1"
    back = changes(earlier(with_scale(code, 3.6)), now=with_scale(code, 3.0))
    assert row(back, name).words == "lower by 0.6, likely 0.5 to 0.7"


def test_an_interval_that_holds_none_is_too_close_to_tell_apart():
    code, name = first_scale()
    now = with_scale(code, 3.2, half=0.2)
    found = row(changes(earlier(with_scale(code, 3.0, half=0.2)), now=now), name)
    assert found.words == "too close to tell apart"
    assert found.smallest == "0.3"


def test_the_printed_difference_is_that_of_the_printed_figures():
    code, name = first_scale()
    page = changes(
        earlier(with_scale(code, 3.04, half=0.01)), now=with_scale(code, 3.46, half=0.01)
    )
    found = row(page, name)
    assert [lane.mark.text for lane in found.lanes if isinstance(lane.mark, Mark)] == ["3.0", "3.5"]
    assert found.words.startswith("higher by 0.5, likely 0.4 to 0.5")


def test_a_decision_moves_towards_an_end_by_its_name():
    measures = made.measures()
    code = next(code for code, each in measures.decisions.items() if _gathers(each))
    placed = measures.decisions[code].groups["lived"]
    there = replace(placed, position=made.band(placed.position.value - 1))
    groups = {**measures.decisions[code].groups, "lived": there}
    before = replace(
        measures,
        decisions={
            **measures.decisions,
            code: replace(measures.decisions[code], groups=groups),
        },
    )
    instrument = made.instrument()
    words = instrument.words("en-GB", {"mto": "Harbour Reach"})
    name = words.fill(words.text.decisions[code]["name"])
    right = words.fill(words.text.ends["right"])
    said = row(changes(earlier(before)), name).words
    assert said.startswith("1.0 of a stop nearer to ")
    assert right.lower() in said.lower()


def _gathers(measure) -> bool:
    return measure.groups["lived"].verdict == "gathers"


def test_a_median_of_answers_that_do_not_gather_is_not_compared():
    page = changes(earlier())
    rows = {row.name: row for panel in page.panels for row in panel.rows}
    drawn = made.measures().decisions
    instrument = made.instrument()
    words = instrument.words("en-GB", {"mto": "Harbour Reach"})
    for code, each in drawn.items():
        name = words.fill(words.text.decisions[code]["name"])
        if not _gathers(each):
            assert name not in rows or "not compared" in rows[name].words


def test_a_figure_that_one_round_withholds_is_not_compared():
    code, name = first_scale()
    found = row(changes(earlier(with_scale(code, 3.0, n=9))), name)
    assert isinstance(found.lanes[0].mark, Withheld)
    assert found.words == "not compared: a figure in one round only"
    assert found.smallest == ""


def test_another_set_of_questions_is_not_compared():
    code, name = first_scale()
    base = made.measures()
    other = replace(base.scales[code], items=base.scales[code].items[:1])
    before = replace(base, scales={**base.scales, code: other})
    found = row(changes(earlier(before)), name)
    assert found.lanes[0].mark == Withheld("asked with other questions")


def test_another_version_or_too_few_answers_are_left_out_with_a_sentence():
    other = replace(made.measures(), instrument_checksum="d" * 64)
    few = made.measures({"lived": 12, "designed": 4, EVERYBODY: 16})
    page = changes(
        earlier(other, opens_on=date(2023, 5, 8), closes_on=date(2023, 5, 26)),
        earlier(few, opens_on=date(2024, 5, 6), closes_on=date(2024, 5, 24)),
        earlier(),
    )
    said = " ".join(page.notes)
    assert "May 2023: another version of the questions" in said
    assert "May 2024: its answers were too few to be shown" in said
    assert all(len(row.lanes) == 2 for panel in page.panels for row in panel.rows)
    assert body(earlier(other)).changes is None


def test_the_newest_rounds_stand_in_their_order():
    rounds = [
        earlier(opens_on=date(year, 5, 6), closes_on=date(year, 5, 24))
        for year in (2025, 2021, 2023, 2020, 2022, 2024)
    ]
    page = changes(*rounds)
    for found in (row for panel in page.panels for row in panel.rows):
        assert [lane.when for lane in found.lanes] == [f"May {year}" for year in range(2022, 2027)]
    assert len(found.lanes) == MOST_EARLIER + 1
    assert page.heading == "Since May 2025"


def test_two_rounds_of_one_month_are_told_apart():
    page = changes(earlier(opens_on=date(2026, 5, 1), closes_on=date(2026, 5, 2)))
    assert [lane.when for lane in page.panels[0].rows[0].lanes] == ["1 May 2026", "4 May 2026"]


@pytest.mark.parametrize("years", [1, 4])
def test_the_table_holds_what_the_picture_shows(years):
    rounds = [
        earlier(opens_on=date(2026 - year, 5, 6), closes_on=date(2026 - year, 5, 24))
        for year in range(1, years + 1)
    ]
    profile = build_profile(made.instrument(), made.measures(), made.facts(), earlier=rounds)
    table = profile.table("changes")
    assert table is not None
    assert isinstance(profile.body, Body)
    assert profile.body.changes is not None
    drawn = [row for panel in profile.body.changes.panels for row in panel.rows]
    assert len(table.rows) == len(drawn)
    for found, printed in zip(drawn, table.rows, strict=True):
        assert printed[0] == found.name
        assert printed[-2:] == (found.words, found.smallest)
        for lane, cell in zip(found.lanes, printed[1:-2], strict=True):
            text = lane.mark.text if isinstance(lane.mark, Mark) else lane.mark.reason
            assert cell.startswith(text)
    html = profile_html(profile)
    assert 'id="changes"' in html
    assert html.count("hollow ring") >= 1
