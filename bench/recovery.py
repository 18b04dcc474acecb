"""Do figures without a value from R come back from people whose truth is known?

Draws samples, and writes how far the mean figure lies from the truth, in Monte-Carlo errors, and
how often its 90 % interval holds the truth. Run by ``make bench``:

    python bench/recovery.py [--seeds 4000] [--processes 1] [--only WORD] [--out docs/recovery.md]

``--only`` measures the rows whose figure holds the word again and keeps the others of the page.
"""

import argparse
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from instruments import psychometrics as m

#: a quarter of the samples where each takes a bootstrap
SEEDS, CONFIDENCE, MANY = 4_000, 0.90, 10_000
SLOW = ("omega hierarchical", "share of variance, organisations")
#: how often a 90 % interval shall hold the truth
LOWEST, HIGHEST = 0.88, 0.92
Z = 1.6448536269514722
LOADINGS = np.array([0.8, 0.7, 0.7, 0.6, 0.6, 0.5])
CUTS = np.array([-1.4, -0.4, 0.5, 1.3])
CORRELATION = 0.5
NAMES = tuple("abcdef")
SCALES = {"A": NAMES[:3], "B": NAMES[3:]}
IMPLIED = np.outer(LOADINGS, LOADINGS) + np.diag(1 - LOADINGS**2)
Found = tuple[float, float, float]


@dataclass(frozen=True)
class Case:
    """A figure: what it is drawn from, what it is in truth, and how it is found in one sample."""

    what: str
    people: str
    truth: float
    find: Callable[[np.random.Generator], Found]


def of(estimate: Any) -> Found:
    if isinstance(estimate, m.NotEstimated):
        raise m.CannotEstimate(estimate.reason)
    return estimate.value, estimate.low, estimate.high


def wald(parameter: Any) -> Found:
    """A parameter with its 90 % interval."""
    away = Z * parameter.se
    return parameter.estimate, parameter.estimate - away, parameter.estimate + away


def unique(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return np.sqrt(1 - LOADINGS[: shape[1]] ** 2) * rng.standard_normal(shape)


def one_scale(rng: np.random.Generator, n: int = 500) -> np.ndarray:
    return LOADINGS * rng.standard_normal((n, 1)) + unique(rng, (n, 6))


def ordinal(rng: np.random.Generator, n: int = 500) -> np.ndarray:
    return np.digitize(one_scale(rng, n), CUTS) + 1.0


def two_scales(rng: np.random.Generator, n: int = 500) -> np.ndarray:
    traits = rng.multivariate_normal([0, 0], [[1, CORRELATION], [CORRELATION, 1]], size=n)
    return LOADINGS * np.repeat(traits, 3, axis=1) + unique(rng, (n, 6))


def general(rng: np.random.Generator, n: int = 500) -> np.ndarray:
    """Nine items: a general factor at .6, three groups at .4."""
    common, groups = rng.standard_normal((n, 1)), rng.standard_normal((n, 3))
    rest = np.sqrt(1 - 0.36 - 0.16) * rng.standard_normal((n, 9))
    return 0.6 * common + 0.4 * np.repeat(groups, 3, axis=1) + rest


def in_schools(rng: np.random.Generator, schools: int, each: int) -> tuple[np.ndarray, np.ndarray]:
    """Schools differ in the trait (variance .25 of 1) and in nothing else."""
    school = np.repeat(np.arange(schools), each)
    trait = np.sqrt(0.25) * rng.standard_normal(schools)[school]
    trait = trait + np.sqrt(0.75) * rng.standard_normal(len(school))
    return LOADINGS * trait[:, None] + unique(rng, (len(school), 6)), school


def two_levels(rng: np.random.Generator, schools: int = 100) -> tuple[np.ndarray, np.ndarray]:
    """Four items; loadings of .5 between schools of ten, beside .7 within."""
    school = np.repeat(np.arange(schools), 10)
    n = len(school)
    between = 0.5 * rng.standard_normal((schools, 1)) + 0.3 * rng.standard_normal((schools, 4))
    within = 0.7 * rng.standard_normal((n, 1)) + 0.7 * rng.standard_normal((n, 4))
    return between[school] + within, school


def columns(x: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(NAMES, x.T, strict=False))


def loading(x: np.ndarray, item: str = "b", **options: Any) -> Found:
    names = NAMES[: x.shape[1]]
    result = m.cfa("T =~ " + " + ".join(names), columns(x), **options)
    return wald(result.parameter(f"T =~ {item}"))


def skewed(rng: np.random.Generator) -> np.ndarray:
    return 0.7 * rng.standard_normal((500, 1)) + rng.standard_exponential((500, 5)) - 1


def clustered_threshold(rng: np.random.Generator) -> Found:
    x, school = in_schools(rng, 100, 12)
    data = columns(np.digitize(x, CUTS) + 1.0) | {"school": school}
    result = m.cfa("T =~ a + b + c + d + e + f", data, estimator="WLSMV", cluster="school")
    return wald(result.parameter("b | t2"))


def between(rng: np.random.Generator) -> Found:
    x, school = two_levels(rng)
    data = columns(x) | {"school": school}
    result = m.two_level("T =~ a + b + c + d", data, cluster="school")
    return wald(result.parameter("T =~ b", "between"))


def unequal(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A score in 100 schools of 3 to 20 people, a fifth of whose variance is the schools'."""
    school = np.repeat(np.arange(100), rng.integers(3, 21, 100))
    x = np.sqrt(0.2) * rng.standard_normal(100)[school]
    return x + np.sqrt(0.8) * rng.standard_normal(len(school)), school


def nested(rng: np.random.Generator) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A score in 50 organisations (variance .1) of five schools (.1) of ten people (.8)."""
    school = np.repeat(np.arange(250), 10)
    x = np.sqrt(0.1) * (rng.standard_normal(50)[school // 5] + rng.standard_normal(250)[school])
    return x + np.sqrt(0.8) * rng.standard_normal(2500), {"mto": school // 5, "school": school}


def share(x: np.ndarray, groups: Any, level: str) -> Found:
    levels = groups if isinstance(groups, dict) else {level: groups}
    return of(m.variance_partition(x, levels, **KEPT).shares[level])


def polychoric(rng: np.random.Generator) -> Found:
    codes = ordinal(rng)[:, :2].astype(np.int8)
    found = m.polychoric(m.from_codes(codes, NAMES[:2], [range(1, 6)] * 2))
    value, away = found.correlations[0, 1], Z * found.errors[0, 1]
    return float(value), float(value - away), float(value + away)


def _alpha(sigma: np.ndarray) -> float:
    p = len(sigma)
    return float(p / (p - 1) * (1 - np.trace(sigma) / sigma.sum()))


def _omega(loadings: np.ndarray, rest: np.ndarray) -> float:
    return float(loadings.sum() ** 2 / (loadings.sum() ** 2 + rest.sum()))


OFF = IMPLIED[np.triu_indices(6, 1)]
KEPT: dict[str, Any] = {"confidence": CONFIDENCE}
PLAIN, FIVE = "500, six normal items", "500, six five-point items"
CASES = (
    Case("alpha", PLAIN, _alpha(IMPLIED), lambda r: of(m.alpha(one_scale(r), **KEPT))),
    Case(
        "alpha, distribution-free",
        PLAIN,
        _alpha(IMPLIED),
        lambda r: of(m.alpha(one_scale(r), interval="delta", **KEPT)),
    ),
    Case(
        "omega total",
        PLAIN,
        _omega(LOADINGS, 1 - LOADINGS**2),
        lambda r: of(m.omega(one_scale(r), **KEPT)),
    ),
    Case("average r", PLAIN, float(OFF.mean()), lambda r: of(m.average_r(one_scale(r), **KEPT))),
    Case(
        "average variance extracted",
        PLAIN,
        float((LOADINGS**2).mean()),
        lambda r: of(m.ave(one_scale(r), **KEPT)),
    ),
    Case(
        "Guttman's lambda 2",
        PLAIN,
        float((2 * OFF.sum() + np.sqrt(6 / 5 * 2 * (OFF**2).sum())) / IMPLIED.sum()),
        lambda r: of(m.guttman(one_scale(r), 2, **KEPT)),
    ),
    Case(
        "variance inflation",
        PLAIN,
        float(np.linalg.inv(IMPLIED)[0, 0]),
        lambda r: of(m.vif(one_scale(r), names=NAMES, **KEPT).items["a"]),
    ),
    Case("polychoric correlation", "500, two five-point items", float(OFF[0]), polychoric),
    Case("ordinal alpha", FIVE, _alpha(IMPLIED), lambda r: of(m.ordinal_alpha(ordinal(r), **KEPT))),
    Case(
        "categorical omega",
        FIVE,
        m.green_yang([CUTS] * 6, LOADINGS, IMPLIED),
        lambda r: of(m.omega_categorical(ordinal(r), **KEPT)),
    ),
    Case(
        "HTMT",
        "500, two scales of three",
        CORRELATION,
        lambda r: of(m.htmt(two_scales(r), SCALES, names=NAMES, **KEPT).pairs["A", "B"]),
    ),
    Case(
        "correlation of factors",
        "500, two scales of three",
        CORRELATION,
        lambda r: of(
            m.factor_correlations(two_scales(r), SCALES, names=NAMES, **KEPT).pairs["A", "B"]
        ),
    ),
    # what is biased among 500 is not among many
    Case(
        "variance inflation",
        "10,000, six normal items",
        float(np.linalg.inv(IMPLIED)[0, 0]),
        lambda r: of(m.vif(one_scale(r, MANY), names=NAMES, **KEPT).items["a"]),
    ),
    Case(
        "categorical omega",
        "10,000, six five-point items",
        m.green_yang([CUTS] * 6, LOADINGS, IMPLIED),
        lambda r: of(m.omega_categorical(ordinal(r, MANY), **KEPT)),
    ),
    Case(
        "HTMT",
        "10,000, two scales of three",
        CORRELATION,
        lambda r: of(m.htmt(two_scales(r, MANY), SCALES, names=NAMES, **KEPT).pairs["A", "B"]),
    ),
    Case(
        "omega total, schools allowed for",
        "100 schools of 12",
        _omega(LOADINGS, 1 - LOADINGS**2),
        lambda r: of((lambda x, g: m.omega(x, clusters=g, **KEPT))(*in_schools(r, 100, 12))),
    ),
    Case("ICC(1)", "100 schools of 3 to 20", 0.2, lambda r: of(m.icc(*unequal(r), **KEPT).icc1)),
    Case(
        "loading, MLR", "500, five skewed items", 0.7, lambda r: loading(skewed(r), estimator="MLR")
    ),
    Case("loading, WLSMV", FIVE, 0.7, lambda r: loading(ordinal(r), estimator="WLSMV")),
    Case("threshold, WLSMV, schools", "100 schools of 12", float(CUTS[1]), clustered_threshold),
    Case("loading between schools", "100 schools of 10", 0.5, between),
    Case(
        "omega hierarchical",
        "500, nine items of three groups",
        float((9 * 0.6) ** 2 / ((9 * 0.6) ** 2 + 3 * (3 * 0.4) ** 2 + 9 * 0.48)),
        lambda r: of(m.omega_hierarchical(general(r), seed=int(r.integers(2**31)), **KEPT)),
    ),
    Case(
        "omega within schools",
        "100 schools of 10",
        _omega(np.full(4, 0.7), np.full(4, 0.49)),
        lambda r: of(m.omega_by_level(*two_levels(r), **KEPT).within),
    ),
    Case(
        "omega between schools",
        "100 schools of 10",
        _omega(np.full(4, 0.5), np.full(4, 0.09)),
        lambda r: of(m.omega_by_level(*two_levels(r), **KEPT).between),
    ),
    Case(
        "omega between schools",
        "1,000 schools of 10",
        _omega(np.full(4, 0.5), np.full(4, 0.09)),
        lambda r: of(m.omega_by_level(*two_levels(r, 1_000), **KEPT).between),
    ),
    Case(
        "share of variance",
        "100 schools of 3 to 20",
        0.2,
        lambda r: share(*unequal(r), "school"),
    ),
    Case(
        "share of variance, organisations",
        "50 of five schools of ten",
        0.1,
        lambda r: share(*nested(r), "mto"),
    ),
    # last, so that the samples of the others stay what they are
    Case(
        "correlation of factors",
        "10,000, two scales of three",
        CORRELATION,
        lambda r: of(
            m.factor_correlations(two_scales(r, MANY), SCALES, names=NAMES, **KEPT).pairs["A", "B"]
        ),
    ),
)


#: what R gives the same figure of; the tests compare the two to the digits
IN_R = {
    "alpha": "psych::alpha",
    "alpha, distribution-free": "psych::alpha",
    "omega total": "psych::omega",
    "average r": "psych::alpha",
    "average variance extracted": "semTools::AVE",
    "Guttman's lambda 2": "psych::guttman",
    "variance inflation": "stats::lm",
    "polychoric correlation": "lavaan::lavCor",
    "ordinal alpha": "psych::alpha",
    "categorical omega": "semTools::compRelSEM",
    "HTMT": "semTools::htmt",
    "omega total, schools allowed for": "psych::omega",
    "ICC(1)": "multilevel::ICC1",
    "loading, MLR": "lavaan::cfa",
    "loading, WLSMV": "lavaan::cfa",
    "loading between schools": "lavaan::cfa",
    "omega hierarchical": "psych::omega",
    "omega within schools": "stats::optim",
    "omega between schools": "stats::optim",
    "share of variance": "lme4::lmer",
    "share of variance, organisations": "nlme::lme",
}


def draw(place: int, seeds: range) -> list[Found]:
    """A case over some seeds; a sample that gives a reason and no figure is left out."""
    found = []
    for seed in seeds:
        try:
            found.append(CASES[place].find(np.random.default_rng([place, seed])))
        except m.CannotEstimate:
            continue
    return found


HEAD = """# Figures that come back

Written by `make bench` (`bench/recovery.py`): {seeds:,} samples a row from people whose truth is
known, for figures and intervals that R has none of to compare with; a quarter of that where the
interval is a bootstrap ({slow}).
*Bias* is the mean figure less the truth, also in Monte-Carlo errors (the standard deviation over
the root of the number of samples): beyond two it is more than chance. *Holds* is how often a 90 %
interval holds the truth; 88 to 92 in 100 is aimed at.

Where *in R* names a call, it gives the same figure to the digits that the tests compare, so that a
bias is that of the method: ratios such as HTMT and variance inflation, and omega hierarchical, are
biased among few people, and hardly among many. Feldt's interval of alpha, which R has too,
supposes items of equal loadings; here they run from .8 to .5.

| what | people | truth | mean | bias | in errors | holds | in R | |
|---|---|--:|--:|--:|--:|--:|---|---|
"""


def row(case: Case, found: list[Found], seeds: int) -> str:
    value, low, high = np.array(found).T
    bias = float(value.mean() - case.truth)
    errors = bias / float(value.std(ddof=1) / np.sqrt(len(value)))
    holds = float(((low <= case.truth) & (case.truth <= high)).mean())
    said = [] if len(found) == seeds else [f"{seeds - len(found)} samples gave a reason instead"]
    if abs(errors) > 2:
        said += ["biased, as in R" if case.what in IN_R else "biased"]
    said += [] if LOWEST <= holds <= HIGHEST else ["interval off"]
    cells = (
        case.what,
        case.people,
        f"{case.truth:.4f}",
        f"{value.mean():.4f}",
        f"{bias:+.4f}",
        f"{errors:+.1f}",
        f"{holds:.3f}",
        f"`{IN_R[case.what]}`" if case.what in IN_R else "",
        ", ".join(said),
    )
    return "| " + " | ".join(cells) + " |"


def rows_of(page: Path) -> dict[tuple[str, str], str]:
    """The rows of a page by figure and people."""
    rows = [line for line in page.read_text("utf-8").splitlines() if line.startswith("| ")]
    keys = [tuple(cell.strip() for cell in line.split("|")[1:3]) for line in rows]
    return {(what, people): line for (what, people), line in zip(keys, rows, strict=True)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path, default=Path("docs/recovery.md"))
    given = parser.parse_args()
    kept = rows_of(given.out) if given.only else {}
    lines = []
    with ProcessPoolExecutor(given.processes) as pool:
        for place, case in enumerate(CASES):
            if given.only not in case.what and (case.what, case.people) in kept:
                lines.append(kept[case.what, case.people])
                continue
            seeds = given.seeds // 4 if case.what in SLOW else given.seeds
            parts = [range(k, seeds, given.processes) for k in range(given.processes)]
            found = [one for part in pool.map(draw, [place] * len(parts), parts) for one in part]
            lines.append(row(case, found, seeds))
            print(lines[-1], flush=True)
            head = HEAD.format(seeds=given.seeds, slow="; ".join(SLOW))
            page = head + "\n".join(lines) + "\n"
            given.out.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
