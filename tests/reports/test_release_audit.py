"""The audit's parts: ranges of what prints alike, exact bounds, and quick proofs."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports import disclosure
from reports.audit import counts as audit_counts_module
from reports.audit.bounds import other_count, prints_alike, programme, sum_bounds
from reports.audit.counts import audit_counts
from reports.audit.moves import known_of, room_of, try_moves
from reports.audit.printed import HAIR, mean_range, share_range
from reports.audit.repair import others_near
from reports.audit.scores import audit_scores
from reports.audit.system import CountSystem, Known, ScoreSystem, Target

SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck)}
RULES = [(step, mask) for _, step, mask in disclosure.ROUNDING] + [
    (step, disclosure.FINE) for step in (1, 5, 10)
]

# Ranges


@pytest.mark.parametrize("share", [0.45, 0.25, 0.05])
@pytest.mark.parametrize("rule", RULES)
def test_the_last_digits_of_floats_decide_nothing(share, rule) -> None:
    """A share at a limit, summed in one order or another: page and audit take the same side."""
    step, mask = rule
    around = [np.nextafter(share, 0), share, np.nextafter(share, 1)]
    assert len({disclosure.percent(each, step=step, mask=mask) for each in around}) == 1
    assert np.ptp([share_range(each, step=step, mask=mask) for each in around], axis=0).max() < 1e-9
    many = [0.3, 0.2, 0.5 - share]
    assert len({disclosure.distribution_step([each, *many], 20) for each in around}) == 1


@settings(max_examples=400, **SETTINGS)
@given(st.floats(0, 1), st.sampled_from(RULES), st.floats(0, 1))
def test_a_share_lies_in_its_range_and_all_of_the_range_prints_alike(share, rule, within) -> None:
    step, mask = rule
    low, high = share_range(share, step=step, mask=mask)
    text = disclosure.percent(share, step=step, mask=mask).text
    assert low <= share <= high
    inside = min(1.0, max(0.0, low + 2 * HAIR + within * (high - low - 4 * HAIR)))
    if low + 2 * HAIR < high - 2 * HAIR:
        assert disclosure.percent(inside, step=step, mask=mask).text == text
    for beyond in (low - 3 * HAIR, high + 3 * HAIR):
        if 0 <= beyond <= 1:
            assert disclosure.percent(beyond, step=step, mask=mask).text != text


@settings(max_examples=400, **SETTINGS)
@given(st.floats(1, 5), st.floats(0, 1))
def test_a_mean_lies_in_its_range_and_all_of_the_range_prints_alike(mean, within) -> None:
    low, high = mean_range(mean, limits=(1, 5))
    assert low <= mean <= high
    inside = min(5.0, max(1.0, low + 2 * HAIR + within * (high - low - 4 * HAIR)))
    text = disclosure.figure(mean, low=1, high=5).text
    assert disclosure.figure(inside, low=1, high=5).text == text


# Bounds and proofs against brute force


@st.composite
def systems(draw) -> CountSystem:
    """A question with two to four small cells and figures over some of them."""
    cells, options = draw(st.integers(2, 4)), draw(st.integers(2, 3))
    truth = np.array(
        [[draw(st.integers(0, 2)) for _ in range(options)] for _ in range(cells)], dtype=np.intp
    )
    if not truth[0].sum():
        truth[0, 0] = 1
    figures, low, high = [], [], []
    for _ in range(draw(st.integers(1, 3))):
        members = np.array([draw(st.booleans()) for _ in range(cells)])
        n = int(truth[members].sum())
        if not n:
            continue
        weights = np.array([draw(st.sampled_from([0.5, 1.0, 1.0])) for _ in range(cells)]) * members
        weights = weights / (weights @ truth.sum(axis=1))
        step = draw(st.sampled_from([1, 5, 10]))
        for option in range(options):
            row = np.zeros(truth.shape)
            row[:, option] = weights
            share = min(1.0, float((row * truth).sum()))
            limits = share_range(share, step=step, mask=disclosure.Mask(25, 75))
            figures.append(row)
            low.append(limits[0])
            high.append(limits[1])
    return CountSystem(
        truth=truth,
        values=np.arange(1.0, options + 1),
        figures=np.array(figures).reshape(-1, *truth.shape),
        low=np.array(low),
        high=np.array(high),
        targets=(Target("hidden", (0,)),),
    )


def tables(system: CountSystem) -> Iterator[np.ndarray]:
    """Every table of whole numbers that fits what is printed, found by trying all."""
    size = system.values.size
    rows = [
        [row for row in product(range(n + 1), repeat=size) if sum(row) == n]
        for n in system.n.tolist()
    ]
    for found in product(*rows):
        table = np.array(found, dtype=np.intp)
        value = np.einsum("fco,co->f", system.figures, table)
        if (value >= system.low - 1e-12).all() and (value <= system.high + 1e-12).all():
            yield table


def people_known(system: CountSystem) -> list[Known | None]:
    return [None, *(Known(*place) for place in np.argwhere(system.truth > 0).tolist())]


def fitting(system: CountSystem, known: Known | None) -> list[np.ndarray]:
    return [t for t in tables(system) if known is None or t[known.cell, known.option] > 0]


@settings(max_examples=40, **SETTINGS)
@given(systems())
def test_bounds_are_those_of_trying_every_table(system) -> None:
    given_ = programme(system)
    for known in people_known(system):
        fits = fitting(system, known)
        held = [known] if known else []
        sums = [float((table[0] * system.values).sum()) for table in fits]
        assert sum_bounds(given_, [0], known=held) == pytest.approx((min(sums), max(sums)))
        for option in range(system.values.size):
            found = other_count(given_, [0], option, known=held)
            differs = {int(t[0, option]) for t in fits} - {int(system.truth[0, option])}
            assert (found is not None) == bool(differs)
            if found is not None:
                assert int(found[0, option]) in differs
                assert prints_alike(system, found)


@settings(max_examples=50, **SETTINGS)
@given(systems())
def test_what_moves_and_mends_call_a_proof_prints_alike(system) -> None:
    room, target = room_of(system), system.targets[0]
    for option in range(system.values.size):
        for ways in (1, 3):
            for other in others_near(room, target, option, ways=ways):
                assert prints_alike(system, other)
    found = try_moves(room, target)
    for option, codes in found.left.items():
        if codes is None:
            continue
        helps = {known_of(code, system.values.size) for code in codes}
        for known in people_known(system):
            alone = people_of(system) == 1 and known is not None and known.cell == 0
            if known not in helps and not alone:
                counts = {int(table[0, option]) for table in fitting(system, known)}
                assert len(counts) > 1, (option, known)


def people_of(system: CountSystem) -> int:
    return int(system.n[0])


@settings(max_examples=60, **SETTINGS)
@given(systems())
def test_the_audit_finds_what_trying_every_table_finds(system) -> None:
    found = audit_counts(system)
    n, won = people_of(system), False
    for known in people_known(system):
        own = known is not None and known.cell == 0
        if own and n == 1:
            continue
        fits = fitting(system, known)
        won |= any(len({int(t[0, o]) for t in fits}) == 1 for o in range(system.values.size))
        sums = [float((table[0] * system.values).sum()) for table in fits]
        won |= max(sums) - min(sums) < system.pinned * (n - own) - 1e-6
    assert (found is not None) == won, found


def test_a_solver_that_gives_up_counts_as_the_attackers_win(monkeypatch) -> None:
    truth = np.array([[3, 3], [9, 9]], dtype=np.intp)
    row = np.zeros(truth.shape)
    row[:, 0] = 1 / 24
    system = CountSystem(
        truth, np.array([1.0, 2.0]), row[None], np.array([0.4]), np.array([0.6]),
        (Target("hidden", (0,)),),
    )  # fmt: skip
    assert audit_counts(system) is None
    monkeypatch.setattr(
        audit_counts_module,
        "try_moves",
        lambda *_: type(
            "Nothing", (), {"is_done": False, "left": {0: None, 1: None}, "is_mean_open": True}
        )(),
    )
    monkeypatch.setattr(audit_counts_module, "others_near", lambda *_, **__: iter(()))
    monkeypatch.setattr(audit_counts_module, "other_count", lambda *_, **__: None)
    finding = audit_counts(system)
    assert finding is not None
    assert finding.what == "count"


# Scores


def scored(n: list[int], sums: list[float], rows: list[list[float]], means: list[float]):
    ranges = [mean_range(mean, limits=(1, 5)) for mean in means]
    return ScoreSystem(
        n=np.array(n, dtype=np.intp), truth=np.array(sums), lowest=np.ones(len(n)),
        highest=np.full(len(n), 5.0), limits=(1.0, 5.0), figures=np.array(rows),
        low=np.array([low for low, _ in ranges]), high=np.array([high for _, high in ranges]),
        targets=(Target("nine", (1,)),),
    )  # fmt: skip


def test_the_mean_of_nine_beside_ten_is_pinned_by_the_two_means_that_hold_it() -> None:
    n, sums = [10, 9], [11.5, 44.9]
    rows = [[1 / 19, 1 / 19], [1 / 10, 0.0]]
    finding = audit_scores(scored(n, sums, rows, [56.4 / 19, 1.15]))
    assert finding is not None
    assert (finding.target.name, finding.what) == ("nine", "mean")
    assert audit_scores(scored(n, sums, rows[:1], [56.4 / 19])) is None


def test_the_mean_of_three_among_two_hundred_is_open() -> None:
    n, sums = [200, 3], [640.0, 9.0]
    rows = [[1 / 203, 1 / 203], [1 / 200, 0.0]]
    assert audit_scores(scored(n, sums, rows, [649 / 203, 3.2])) is None
