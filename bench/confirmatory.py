"""How long confirmatory models take: 70 five-point items, seven factors, three sizes.

Prints processor seconds of ML from moments, MLR, WLSMV (with robust errors and adjusted test) and
the ordinal invariance steps of two groups. Run by ``make bench``:

    python bench/confirmatory.py [--people 1000 10000 100000]
"""

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from instruments.psychometrics import cfa, from_codes, invariance

FACTORS, ITEMS = 7, 10
SCALES = {f"F{a}": [f"f{a}i{b}" for b in range(ITEMS)] for a in range(FACTORS)}
NAMES = [item for items in SCALES.values() for item in items]


def answers(n: int, seed: int = 1) -> np.ndarray:
    """Five-point answers of seven factors that correlate .4."""
    rng = np.random.default_rng(seed)
    correlations = np.full((FACTORS, FACTORS), 0.4) + 0.6 * np.eye(FACTORS)
    traits = rng.multivariate_normal(np.zeros(FACTORS), correlations, size=n)
    loadings = np.tile(np.linspace(0.5, 0.85, ITEMS), FACTORS)
    noise = rng.normal(size=(n, len(NAMES))) * np.sqrt(1 - loadings**2)
    latent = np.repeat(traits, ITEMS, axis=1) * loadings + noise
    return (np.digitize(latent, [-1.5, -0.5, 0.4, 1.3]) + 1).astype(np.int8)


def seconds(work: Callable[[], Any]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    given = parser.parse_args()
    warm = dict(zip(NAMES, answers(500).T.astype(float), strict=True))
    cfa(SCALES, warm, estimator="WLSMV")
    print(f"{'people':>8}  {'ML':>7}  {'MLR':>7}  {'WLSMV':>7}  {'invariance':>10}")
    for n in given.people:
        codes = answers(n)
        summed = from_codes(codes, NAMES, [range(1, 6)] * len(NAMES), "listwise", tables=False)
        data = dict(zip(NAMES, codes.T.astype(float), strict=True))
        house = data | {"house": np.where(np.arange(n) % 2, "x", "y")}
        took = (
            seconds(lambda: cfa(SCALES, summed)),  # noqa: B023
            seconds(lambda: cfa(SCALES, data, estimator="MLR")),  # noqa: B023
            seconds(lambda: cfa(SCALES, data, estimator="WLSMV")),  # noqa: B023
        )
        steps = seconds(lambda: invariance(SCALES, house, by="house", estimator="WLSMV"))  # noqa: B023
        print(f"{n:>8,}  " + "  ".join(f"{t:7.2f}" for t in took) + f"  {steps:10.1f}")


if __name__ == "__main__":
    main()
