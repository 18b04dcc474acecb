"""How wide the two bands of a figure will be, said before its answers are in."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from instruments.scoring.bands import stratified_variance

#: what stands in before there are answers: the spread of people's means over five questions with
#: five options, within a school, as surveys of staff usually find it
ASSUMED_SD = 0.7


@dataclass(frozen=True, slots=True)
class Widths:
    """Half the width of either band at one response rate."""

    rate: float
    #: by chance alone
    chance: float
    #: if those who did not answer differ as the what-if says
    what_if: float


def expected_widths(
    headcounts: Sequence[int],
    *,
    rate: float,
    omega: float,
    confidence: float = 0.90,
    silent_differ_sd: float = 0.5,
    sd: float = ASSUMED_SD,
) -> Widths:
    """Half-widths of a scale's two bands, were ``rate`` of every stratum to answer.

    Parameters
    ----------
    headcounts : sequence of int
        People in each stratum (school by role); strata without people are left out.
    rate : float
        Share that answers, the same in every stratum; above 0, at most 1.
    omega : float
        Reliability within schools: how far the finite-population discount counts.
    confidence : float
        Of the inner band.
    silent_differ_sd : float
        By how many SDs those who did not answer differ, in the what-if.
    sd : float
        Spread of people's scores inside a stratum, assumed the same in all.

    Notes
    -----
    The formula is the one of ``scoring.bands``, ``sum_h W_h^2 s^2 (1 - omega f_h) / n_h``, with
    n_h = rate N_h and f_h = rate. Its outer band adds (1 - rate) ``silent_differ_sd`` ``sd``.

    Raises
    ------
    ValueError
        If ``rate`` is out of range or there are no people.
    """
    if not 0 < rate <= 1:
        raise ValueError(f"rate: a share above 0 and at most 1, not {rate}")
    people = np.array([count for count in headcounts if count > 0], dtype=float)
    if not people.size:
        raise ValueError("headcounts: there are no people")
    variance = stratified_variance(
        share=people / people.sum(),
        s2=np.full(people.size, sd**2),
        n=rate * people,
        sampled=np.full(people.size, rate),
        omega=omega,
    )
    chance = NormalDist().inv_cdf((1 + confidence) / 2) * variance**0.5
    return Widths(rate, chance, chance + (1 - rate) * silent_differ_sd * sd)
