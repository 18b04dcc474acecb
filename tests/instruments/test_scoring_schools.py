"""Schools one by one: bands of few people, intraclass correlations, the order that is drawn."""

from dataclasses import replace

import numpy as np
import pytest

from instruments import registry
from instruments.definition import Instrument
from instruments.measures import Band, Measures
from instruments.psychometrics.estimates import NotEstimated
from instruments.quality import careless
from instruments.responses import Responses
from instruments.roster import Roster
from instruments.scoring import score, score_school
from instruments.scoring.bands import mean_band, pooled_mean_band, t_quantile
from instruments.scoring.schools import drawn_order
from instruments.scoring.weights import Strata
from instruments.simulate import simulate


def school_of(
    rng: np.random.Generator, *, teachers: int, leaders: int, answering: tuple[int, int]
) -> tuple[np.ndarray, Strata, float]:
    """Answers of one school, its roles as strata, and the mean of everybody's true scores."""
    true = [rng.normal(3.4, 0.7, teachers), rng.normal(3.9, 0.7, leaders)]
    x = np.concatenate(
        [
            rng.choice(group, size, replace=False) + rng.normal(0, 0.35, size)
            for group, size in zip(true, answering, strict=True)
        ]
    )
    size = np.array([teachers, leaders], dtype=float)
    n, share = np.array(answering, dtype=float), size / size.sum()
    of = np.repeat([0, 1], answering)
    weights = np.append(share / n, 0.0)[of]
    strata = Strata(of=of, weights=weights, share=share, n=n, sampled=n / size, merged=0)
    return x, strata, float(np.concatenate(true).mean())


@pytest.mark.parametrize(
    ("teachers", "leaders", "answering"),
    [(16, 4, (8, 2)), (24, 4, (10, 2)), (32, 8, (16, 4)), (20, 4, (18, 4))],
)
def test_bands_of_small_schools_hold_what_they_promise(
    teachers: int, leaders: int, answering: tuple[int, int]
) -> None:
    rng, inside, draws = np.random.default_rng(7), 0, 1500
    for _ in range(draws):
        x, strata, truth = school_of(rng, teachers=teachers, leaders=leaders, answering=answering)
        found = pooled_mean_band(
            x, strata, confidence=0.9, limits=(-9.0, 9.0), silent=None, omega=0.8
        )
        assert isinstance(found, Band)
        inside += found.low <= truth <= found.high
    assert inside / draws == pytest.approx(0.9, abs=0.03)


def test_the_usual_band_is_too_narrow_for_a_small_school() -> None:
    rng, inside, draws = np.random.default_rng(7), 0, 1500
    for _ in range(draws):
        x, strata, truth = school_of(rng, teachers=16, leaders=4, answering=(8, 2))
        found = mean_band(x, strata, confidence=0.9, limits=(-9.0, 9.0), silent=None, omega=0.8)
        assert isinstance(found, Band)
        inside += found.low <= truth <= found.high
    assert inside / draws < 0.885


def test_the_pooled_interval_is_that_of_the_formula() -> None:
    # stratum means 2 and 3, squares 2 and 4 on 4 degrees of freedom; W 1/4, 3/4; 1 - omega f = .6
    strata = Strata(
        of=np.array([0, 0, 1, 1, 1, 1]),
        weights=np.array([0.125] * 2 + [0.1875] * 4),
        share=np.array([0.25, 0.75]),
        n=np.array([2.0, 4.0]),
        sampled=np.array([0.5, 0.5]),
        merged=0,
    )
    x = np.array([1.0, 3.0, 2.0, 2.0, 4.0, 4.0])
    found = pooled_mean_band(x, strata, confidence=0.9, limits=(1, 5), silent=0.1, omega=0.8)
    assert isinstance(found, Band)
    variance = 6 / 4 * 0.6 * (1 / 16 / 2 + 9 / 16 / 4)
    half = t_quantile(0.9, 4) * variance**0.5
    assert (found.value, found.high - found.value) == pytest.approx((2.75, half))
    assert found.outer_high == pytest.approx(found.high + 0.1 * found.sd)
    assert t_quantile(0.9, 4) == pytest.approx(2.131847, abs=1e-6)


@pytest.mark.parametrize("n", [0, 1])
def test_one_answer_is_no_figure(n: int) -> None:
    strata = Strata(
        of=np.zeros(n, dtype=np.intp),
        weights=np.ones(n),
        share=np.ones(1),
        n=np.array([float(n)]),
        sampled=np.zeros(1),
        merged=0,
    )
    x = np.full(n, 3.0)
    found = pooled_mean_band(x, strata, confidence=0.9, limits=(1, 5), silent=None, omega=0.0)
    assert isinstance(found, NotEstimated)


Round = tuple[Instrument, Responses, Roster]


@pytest.fixture(scope="module")
def simulated() -> Round:
    instrument = registry.resolve("mto-learning-profile")
    drawn = simulate(instrument, schools=6, staff=240, response_rate=0.7, seed=3)
    return instrument, drawn.responses, drawn.roster


@pytest.fixture(scope="module")
def measures(simulated: Round) -> Measures:
    return score(*simulated)


def test_every_school_has_its_figures(simulated: Round, measures: Measures) -> None:
    _, responses, _ = simulated
    named = {name for name in responses.attribute("school").tolist() if name}
    assert set(measures.schools) == named == set(measures.school_order)
    for school in measures.schools.values():
        assert list(school.scales) == ["SCF", "CRT", "BSR", "SSM", "MSY", "CME", "VOI"]
        for found in school.scales.values():
            assert isinstance(found, Band)
            assert found.n <= school.turnout.n
            assert found.low <= found.value <= found.high
            assert found.outer_low is not None
            assert found.outer_low <= found.low


def test_a_school_alone_weights_its_roles_to_its_own_roster(
    simulated: Round, measures: Measures
) -> None:
    instrument, responses, roster = simulated
    school = measures.school_order[0]
    role, place = responses.attribute("role"), responses.attribute("school")
    kept, scores = ~careless(instrument, responses).left_out, []
    core = instrument.core_items(instrument.scale("SCF"))
    columns = [responses.items.index(code) for code in core]
    for code in ("T", "L"):
        codes = responses.codes[(place == school) & (role == code) & kept][:, columns]
        turned = np.where([instrument.item(item).reverse for item in core], 6 - codes, codes)
        x = np.where(codes >= 0, turned, np.nan)[(codes >= 0).sum(axis=1) >= 4]
        heads = roster.headcount(school=school, roles=[code])
        scores.append((np.nanmean(x, axis=1).mean(), heads))
    size = sum(heads for _, heads in scores)
    expected = sum(mean * heads for mean, heads in scores) / size
    found = measures.schools[school].scales["SCF"]
    assert isinstance(found, Band)
    assert found.value == pytest.approx(expected)


def test_schools_weighted_by_size_make_up_the_whole(simulated: Round, measures: Measures) -> None:
    _, _, roster = simulated
    total = sum(roster.headcount(school=name) or 0 for name in measures.schools)
    mean = 0.0
    for name, school in measures.schools.items():
        found = school.scales["MSY"]
        assert isinstance(found, Band)
        mean += found.value * (roster.headcount(school=name) or 0) / total
    whole = measures.scales["MSY"].scores["lived"]
    assert isinstance(whole, Band)
    assert mean == pytest.approx(whole.value, abs=0.02)


def test_a_school_report_rests_on_that_school_alone(simulated: Round, measures: Measures) -> None:
    instrument, responses, roster = simulated
    school = measures.school_order[0]
    found = score_school(instrument, responses, roster, school, whole=measures)
    assert found.fingerprint == measures.fingerprint
    assert list(found.by_group) == ["lived"]
    for decision, measure in found.decisions.items():
        item = responses.items.index(measure.item)
        there = responses.attribute("school") == school
        answered = int((there & (responses.codes[:, item] >= 0)).sum())
        assert measure.groups["lived"].distribution.n <= answered, decision
        assert list(measure.groups) == ["lived"]
    assert found.scales["SCF"].scores["lived"] == measures.schools[school].scales["SCF"]


def test_without_a_roster_schools_have_no_outer_band(simulated: Round) -> None:
    instrument, responses, _ = simulated
    found = score(instrument, responses)
    band = next(iter(found.schools.values())).scales["SCF"]
    assert isinstance(band, Band)
    assert band.outer_low is None


def test_the_order_of_schools_is_drawn_once_and_says_nothing(
    simulated: Round, measures: Measures
) -> None:
    names = [f"School {k}" for k in range(40)]
    order = drawn_order(names, "secret")
    assert sorted(order) == sorted(names)
    assert order == drawn_order(names[::-1], "secret")
    assert order != drawn_order(names, "another secret")
    # whoever reads the fingerprint in a document cannot draw the order again
    assert measures.school_order != drawn_order(sorted(measures.schools), measures.fingerprint)
    instrument, responses, roster = simulated
    changed = replace(responses, codes=np.where(responses.codes == 1, 2, responses.codes))
    assert score(instrument, changed, roster).school_order != measures.school_order
