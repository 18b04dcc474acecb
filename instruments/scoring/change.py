"""What changed between two rounds: a difference with its interval, and the least that shows."""

from dataclasses import dataclass
from math import hypot

from instruments.measures import Band


@dataclass(frozen=True, slots=True)
class Change:
    """A figure now less the same figure earlier.

    ``low``/``high``: chance in both rounds, at the instrument's confidence.
    ``smallest``: the smallest detectable change, which is the least difference that these two
    rounds could tell from none.
    """

    value: float
    low: float
    high: float
    smallest: float


def change(earlier: Band, now: Band) -> Change:
    """The difference of two figures that each have an interval.

    Parameters
    ----------
    earlier, now : Band
        The same figure of two rounds, in scale points, at the same confidence.

    Returns
    -------
    Change
        In scale points; ``value`` > 0: it is higher now.

    Notes
    -----
    Limits recovered from the two intervals (MOVER, Zou and Donner 2008)::

        low  = d - sqrt((now - now_low)^2  + (earlier_high - earlier)^2)
        high = d + sqrt((now_high - now)^2 + (earlier - earlier_low)^2)

    Where both intervals are symmetric this is the usual interval of a difference of two
    independent means; it holds too for medians, whose intervals are not. Nothing links a person
    across rounds, so the rounds are taken as independent: where many of the same people answered
    in the same way, the interval is wider than it need be, never narrower. ``smallest`` is the
    longer arm, with symmetric intervals ``z sqrt(se_1^2 + se_2^2)``: the smallest detectable
    change of a group (COSMIN; de Vet, Terwee, Mokkink and Knol 2011).
    """
    value = now.value - earlier.value
    down = hypot(now.value - now.low, earlier.high - earlier.value)
    up = hypot(now.high - now.value, earlier.value - earlier.low)
    return Change(value, value - down, value + up, max(down, up))
