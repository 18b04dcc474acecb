"""The measure itself: it seldom cries wolf, and every rule finds what it is there to find."""

import itertools
import math
import random

import numpy as np
import pytest

from tests.linkage import bounds
from tests.linkage.chance import Evidence, judge

#: people and sheets of each cell
SHAPES = [((4, 4), (6, 5), (2, 1)), ((8, 7), (3, 3), (1, 1)), ((5, 5), (5, 2))]
WAYS = ["sharp", "tied", "two values"]


def drawn(draw, shape):
    """People and sheets in cells, and whose sheet is whose, by lot."""
    people, sheets, truth = {}, {}, {}
    for cell, (k, m) in enumerate(shape):
        mine = [f"p{cell}-{number}" for number in range(k)]
        people |= dict.fromkeys(mine, cell)
        for number, person in enumerate(draw.sample(mine, m)):
            sheets[f"s{cell}-{number}"] = cell
            truth[f"s{cell}-{number}"] = person
    return people, sheets, truth


def values(draw, names, way):
    steps = {"sharp": 10**9, "tied": 4, "two values": 2}[way]
    return {name: draw.randrange(steps) for name in names}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("k", "m"), [(4, 4), (5, 3)])
def test_the_bound_on_hits_is_not_below_the_exact_chance(shape, k, m):
    exact = np.zeros(m + 1)
    for whose in itertools.permutations(range(k), m):
        exact[sum(person == sheet for sheet, person in enumerate(whose))] += 1
    tails = np.cumsum(exact[::-1])[::-1] / exact.sum()

    found = [bounds.of_hits(((k, m),), hits) for hits in range(m + 1)]

    assert all(bound >= tail - 1e-12 for bound, tail in zip(found, tails, strict=True))
    assert bounds.of_hits(shape, sum(m for _, m in shape)) < 0.02


@pytest.mark.parametrize("a", [(1, 2, 3, 4, 5, 6), (1, 1, 1, 1, 1, 2), (1, 1, 2, 2, 3, 3)])
@pytest.mark.parametrize("b", [(1, 2, 3, 4, 5, 6), (1, 1, 1, 2, 2, 2), (2, 1, 1, 1, 1, 1)])
def test_the_bound_on_likeness_is_not_below_the_exact_chance(a, b):
    likeness, bound = [], []
    for order in itertools.permutations(b):
        pairs = list(zip(a, order, strict=True))
        likeness.append(abs(np.corrcoef(a, order)[0, 1]))
        bound.append(bounds.of_likeness([pairs]))
    likeness = np.round(likeness, 9)

    for each, stated in set(zip(likeness, bound, strict=True)):
        assert stated >= np.mean(likeness >= each) - 1e-9


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("way", WAYS)
def test_guessing_reaches_a_stated_chance_no_more_often_than_stated(shape, way):
    draw = random.Random(20260511)
    found = []
    for _ in range(400):
        people, sheets, truth = drawn(draw, shape)
        seen = draw.sample(sorted(people), max(2, len(people) - 1))  # an order may leave some out
        evidence = Evidence(
            people,
            sheets,
            {"an order": values(draw, seen, way)},
            {"another": values(draw, sheets, way)},
            {"a join": {sheet: draw.choice(sorted(people)) for sheet in sheets}},
        )
        found.append([result.p for result in judge(evidence, truth).results])

    for stated in (0.2, 0.05, 0.01):
        often = np.mean([min(p) * len(p) < stated for p in found])
        assert often <= stated + 3 * math.sqrt(stated / len(found))


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("neighbours_swapped", [False, True])
def test_an_order_that_tells_is_found_among_hundreds_that_do_not(backwards, neighbours_swapped):
    draw = random.Random(7)
    people, sheets, truth = drawn(draw, ((7, 6), (8, 8), (7, 6), (6, 6), (8, 7), (8, 8)))
    idle = {f"idle {number}": values(draw, people, "sharp") for number in range(20)}
    dull = {f"dull {number}": values(draw, sheets, "sharp") for number in range(20)}
    came = {
        person: number for number, person in enumerate(draw.sample(sorted(people), len(people)))
    }
    way = -1 if backwards else 1
    noise = 3 if neighbours_swapped else 0
    stored = {
        sheet: way * (came[person] + draw.randint(-noise, noise)) for sheet, person in truth.items()
    }

    verdict = judge(
        Evidence(people, sheets, {**idle, "came": came}, {**dull, "row": stored}), truth
    )

    assert verdict.joins
    assert len(verdict.results) > 400
    assert verdict.surest.rule.startswith("came ~ row")
    assert verdict.of("came", "row").hits > 2 * verdict.surest.expected


def test_a_join_that_tells_is_found_and_one_that_does_not_is_not():
    draw = random.Random(7)
    people, sheets, truth = drawn(draw, ((7, 6), (8, 8), (7, 6), (6, 6)))
    lot = {
        sheet: draw.choice([p for p in people if people[p] == sheets[sheet]]) for sheet in sheets
    }

    assert judge(Evidence(people, sheets, joins={"a key": dict(truth)}), truth).joins
    assert not judge(Evidence(people, sheets, joins={"a lot": lot}), truth).joins


def test_an_order_of_groups_is_found_where_no_single_person_can_be_named():
    draw = random.Random(7)
    people, sheets, truth = drawn(draw, ((8, 8),) * 6)
    early = {person: int(person.endswith(("0", "1", "2", "3"))) for person in people}
    marked = {sheet: early[person] for sheet, person in truth.items()}

    verdict = judge(Evidence(people, sheets, {"reminded": early}, {"row": marked}), truth)

    assert verdict.joins
