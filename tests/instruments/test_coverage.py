"""A short version of bench/coverage.py: bands cover the truth about as often as they say."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROUNDS = 30


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    path = Path(__file__).parents[2] / "bench" / "coverage.py"
    spec = importlib.util.spec_from_file_location("bench_coverage", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_bands_cover_the_truth_about_ninety_times_in_a_hundred(bench: ModuleType) -> None:
    found = bench.cover(range(500, 500 + ROUNDS), response_rate=0.7, icc=0.15, careless=0.0)
    # 30 rounds: 0.90 give or take three binomial standard errors of the bands taken together,
    # where bands of one round count as half independent of each other
    for kind, bands in (("capability", 5), ("decisions", 10), ("overall", 1)):
        assert found.drawn[kind] == ROUNDS * bands
        effective = ROUNDS * (1 + (bands - 1) / 2)
        reach = 3 * (0.9 * 0.1 / effective) ** 0.5
        assert 0.9 - reach <= found.rate(kind) <= min(0.9 + reach, 0.995)


def test_coverage_is_counted_by_kind_and_figure(bench: ModuleType) -> None:
    band = bench.Band(3.0, 2.5, 3.5, None, None, 10, 1.0, "made")
    total = bench.Coverage()
    total.add("decisions", "A", band, 3.4)
    total.add("decisions", "B", band, 3.6)
    total.add("decisions", "C", None, 3.6)
    assert total.rate("decisions") == 0.5
    assert total.rate("decisions A") == 1.0
    assert total.drawn["decisions"] == 2
