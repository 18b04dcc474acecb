"""The latent model of ``simulate``: how people stand, and how standing becomes an answer.

``docs/simulation.md`` states the model in words and formulas.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: loading of an answer on its factor: scales of up to three items ask the same thing more closely
LOADING, LOADING_SHORT = 0.65, 0.80
#: correlation of factors of one block, and across the two ends (capability, pressure)
WITHIN_BLOCK = 0.5
ACROSS_BLOCKS = -0.2
#: share of the differences between people of one school about a decision that is theirs for good;
#: the rest is drawn anew when they answer
LASTING = 0.2


@dataclass(frozen=True)
class Staff:
    """Everybody employed: school (-1: the centre) and role, each shape (people,), as places."""

    school: NDArray[np.intp]
    role: NDArray[np.intp]
    is_central: NDArray[np.bool_]


def cuts(options: int) -> Floats:
    """Thresholds of a standard normal answer, shape (options - 1,)."""
    if options == 5:
        return np.array([-1.4, -0.5, 0.4, 1.3])
    return np.linspace(-1.4, 1.4, options - 1) if options > 2 else np.zeros(1)


def factors(staff: Staff, blocks: list[str], *, icc: float, rng: np.random.Generator) -> Floats:
    """Factor scores, shape (people, factors), variance 1, ``icc`` of it between schools.

    Factors of one block correlate ``WITHIN_BLOCK``; those of pressure with all others
    ``ACROSS_BLOCKS``; those of block "other" with none.
    """
    size = len(blocks)
    r = np.eye(size)
    for i, one in enumerate(blocks):
        for j, other in enumerate(blocks):
            if i == j or "other" in (one, other):
                continue
            apart = (one == "pressure") != (other == "pressure")
            r[i, j] = ACROSS_BLOCKS if apart else WITHIN_BLOCK
    root = np.linalg.cholesky(r + 1e-9 * np.eye(size))
    schools = int(staff.school.max()) + 1
    of_school = rng.standard_normal((schools, size)) @ root.T
    own = rng.standard_normal((staff.school.size, size)) @ root.T
    between = np.where(staff.is_central[:, None], 0.0, np.sqrt(icc) * of_school[staff.school])
    # the centre has no schools: all its differences are between people
    spread = np.where(staff.is_central, 1.0, np.sqrt(1 - icc))
    return np.asarray(between + spread[:, None] * own)


@lru_cache(maxsize=4096)
def centre_of(mean: float, options: int) -> float:
    """Where a standard normal answer must be centred to have this mean (options 1, 2 ...)."""
    thresholds = cuts(options)
    low, high = -6.0, 6.0
    for _ in range(50):
        middle = (low + high) / 2
        below = 1 + float(_phi(middle - thresholds).sum()) < mean
        low, high = (middle, high) if below else (low, middle)
    return (low + high) / 2


def expected(centre: Floats, pull: Floats, noise: float, thresholds: Floats) -> Floats:
    """Each person's expected answer (1 ...); ``pull`` is loading times factor score."""
    above = ((centre + pull)[..., None] - thresholds) / noise
    return np.asarray(1 + _phi(above).sum(axis=-1))


def draw(
    centre: Floats, pull: Floats, noise: float, thresholds: Floats, rng: np.random.Generator
) -> NDArray[np.intp]:
    """One answer a person (1 ...)."""
    y = centre + pull + noise * rng.standard_normal(pull.shape)
    return np.asarray(1 + (y[..., None] > thresholds).sum(axis=-1))


@dataclass(frozen=True)
class Place:
    """Where one decision sits.

    ``at`` is a stop (fractions allowed), ``spread`` the SD of answers on the line of stops;
    ``split`` says whether schools, or people of the same school, stand ``apart`` of it.
    """

    at: float
    spread: float = 0.9
    split: str = ""
    apart: float = 1.35


def propensities(
    place: Place, staff: Staff, stops: int, *, icc: float, centre: float, rng: np.random.Generator
) -> Floats:
    """Each person's chances of answering each stop, shape (people, stops), rows sum to 1.

    Standing = place + school + person; the answer adds noise and falls on the nearest stop.
    ``centre`` is how much further right the centre places the decision.
    """
    schools = int(staff.school.max()) + 1
    side = rng.permutation(np.where(np.arange(schools) % 2 == 0, -1.0, 1.0)) * place.apart
    of_school = np.sqrt(icc) * place.spread * rng.standard_normal(schools)
    if place.split == "schools":
        of_school += side
    inside = place.spread * np.sqrt(1 - icc)
    own = inside * np.sqrt(LASTING) * rng.standard_normal(staff.school.size)
    shift = np.where(staff.is_central, centre, of_school[staff.school])
    noise = inside * np.sqrt(1 - LASTING)
    standing = place.at + shift + own
    if place.split == "people":
        halves = [_shares(standing + side, noise, stops) for side in (-place.apart, place.apart)]
        return np.asarray((halves[0] + halves[1]) / 2)
    return _shares(standing, noise, stops)


def _shares(standing: Floats, noise: float, stops: int) -> Floats:
    edges = np.arange(1, stops) + 0.5
    below = _phi((edges - standing[:, None]) / noise)
    return np.diff(below, axis=1, prepend=0.0, append=1.0)


def choose(chances: Floats, rng: np.random.Generator) -> NDArray[np.intp]:
    """One stop a person (0 ...), by their chances, shape (people, stops)."""
    drawn = rng.random(len(chances))[:, None]
    return np.asarray((drawn > np.cumsum(chances, axis=1)[:, :-1]).sum(axis=1))


def _phi(x: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(ndtr(x))
