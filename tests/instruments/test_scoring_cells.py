"""Counts by cell are the figures that scoring finds: what is attacked is what is printed."""

import numpy as np
import pytest

from instruments import registry
from instruments.cells import Row
from instruments.measures import EVERYBODY, Band
from instruments.scoring import score, score_school
from instruments.simulate import simulate


@pytest.fixture(scope="module", params=[(5, 150, 4, True), (9, 200, 8, True), (4, 130, 2, False)])
def scored(request):
    schools, staff, seed, has_roster = request.param
    instrument = registry.resolve("mto-learning-profile")
    made = simulate(instrument, schools=schools, staff=staff, response_rate=0.7, seed=seed)
    roster = made.roster if has_roster else None
    measures = score(instrument, made.responses, roster)
    return instrument, made.responses, roster, measures


def test_shares_of_informant_groups_and_roles_are_those_of_scoring(scored) -> None:
    *_, measures = scored
    cells, compared = measures.cells, 0
    for key, counted in cells.counted.items():
        kind, code = key.split(":")
        for row, weights in counted.weights.items():
            if row.kind == "school":
                continue
            shares = weights @ counted.counts
            if kind == "today":
                expected = measures.decisions[code].groups[row.name].distribution.shares
            elif kind == "wants":
                expected = measures.decisions[code].wants[row.name].shares
            elif kind == "question":
                expected = measures.items[code].distributions[row.name].shares
            elif code in measures.scales:
                scale = measures.scales[code]
                told = scale.by_role[row.name] if row.kind == "role" else scale
                found = told.cant_tell if row.kind == "role" else told.cant_tell[row.name]
                assert shares[1] == pytest.approx(found, abs=0.02), (key, row)
                continue
            else:
                found = measures.items[code].distributions[row.name].cant_tell
                assert shares[1] == pytest.approx(found, abs=1e-9), (key, row)
                continue
            assert shares == pytest.approx(expected, abs=1e-9), (key, row)
            compared += 1
    assert compared > 80


def test_means_of_informant_groups_and_roles_are_those_of_scoring(scored) -> None:
    *_, measures = scored
    for key, found in measures.cells.scored.items():
        scale = measures.scales[key.split(":")[1]]
        for row, weights in found.weights.items():
            if row.kind == "school":
                continue
            of_row = scale.by_role[row.name].score if row.kind == "role" else scale.scores[row.name]
            if isinstance(of_row, Band):
                assert weights @ found.sums == pytest.approx(of_row.value), (key, row)
                assert int(found.n[weights > 0].sum()) == of_row.n


def test_a_schools_figures_are_those_of_its_own_report(scored) -> None:
    instrument, responses, roster, measures = scored
    for school in sorted(measures.schools):
        row, main = Row("school", school), measures.cells.main
        mine = score_school(instrument, responses, roster, school, whole=measures)
        for key, counted in measures.cells.counted.items():
            kind, code = key.split(":")
            if row not in counted.weights or kind not in ("today", "question"):
                continue
            found = mine.decisions[code].groups[main] if kind == "today" else mine.items[code]
            spread = found.distribution if kind == "today" else found.distributions[main]
            shares = counted.weights[row] @ counted.counts
            assert shares == pytest.approx(spread.shares, abs=1e-9), (school, key)
        for key, found in measures.cells.scored.items():
            band = mine.scales[key.split(":")[1]].scores.get(main) if row in found.weights else None
            if isinstance(band, Band):
                assert found.weights[row] @ found.sums == pytest.approx(band.value), (school, key)


def test_weights_sum_to_one_and_what_one_role_is_asked_has_no_row_by_school(scored) -> None:
    *_, measures = scored
    everything = {**measures.cells.counted, **measures.cells.scored}
    for key, found in everything.items():
        people = found.n if key in measures.cells.scored else found.counts.sum(axis=1)
        for row, weights in found.weights.items():
            assert weights @ people == pytest.approx(1.0), (key, row)
            assert np.all(weights >= 0)
    assert not any(row.kind == "school" for row in measures.cells.counted["today:STF"].weights)
    assert EVERYBODY in measures.cells.groups
