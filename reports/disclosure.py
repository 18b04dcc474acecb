"""The fence: what may be shown of a round, and how exactly.

Every figure that a leader sees passes through here. Pure functions: counts and shares in, values
that may be printed out (``Shown``), or the sentence to print in their place (``Withheld``).
``docs/disclosure.md`` says every rule in plain words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor as round_down

from instruments.definition import FLOORS, Disclosure

#: The program's own floors. An instrument may raise them, never lower them.
PROGRAM_FLOORS = Disclosure.model_validate(dict(FLOORS))

#: lower edges of the bands in which numbers of people are printed
N_BANDS = (10, 15, 25, 50, 100)

#: a question of which one option holds more percent than this would tell what everybody said
LARGE_PERCENT = 90.0


@dataclass(frozen=True, slots=True)
class Mask:
    """Shares below ``low`` percent and above ``high`` print as "<5%" and ">90%"."""

    low: int
    high: int


#: (fewer answers than this, percent that shares are rounded to, what is masked at both ends). A
#: masked share leaves room for two people, so that whoever knows one answer, their own, cannot
#: tell from it what the others did: see docs/adr/0008
ROUNDING = ((21, 10, Mask(25, 75)), (41, 5, Mask(10, 90)))
FINE = Mask(5, 90)
#: from so many answers on, a percent is two answers or more
MANY = 200


class DisclosureError(ValueError):
    """Something was asked for that may not be shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure that may be shown: rounded value and the text to print."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Stands in the place of a figure that may not be shown; ``reason`` is printed there."""

    reason: str


#: the reason that stands in measures where a plan of release hides a figure
CONCEALED = "hidden by the plan of release"
TO_PROTECT = Withheld("not shown, to protect people")


def floors(declared: Disclosure) -> Disclosure:
    """The floors of an instrument, checked against the program's.

    Raises
    ------
    DisclosureError
        If one of them is lower than the program's; the message names it and the lowest allowed.
    """
    for name in type(PROGRAM_FLOORS).model_fields:
        lowest = getattr(PROGRAM_FLOORS, name)
        if getattr(declared, name) < lowest:
            raise DisclosureError(
                f"disclosure.{name} is {getattr(declared, name)}: "
                f"an instrument may not go below {lowest}"
            )
    return declared


# Numbers of people


def n_band(n: int) -> str:
    """The band in which a number of people is printed: "10-14" (with an en dash) to "100+".

    Raises
    ------
    DisclosureError
        If ``n`` is below the lowest band: such a number is never printed.
    """
    if n < N_BANDS[0]:
        raise DisclosureError(f"fewer than {N_BANDS[0]} people may not be shown in a band")
    low, high = n_band_limits(n)
    return f"{low}+" if high is None else f"{low}\N{EN DASH}{high}"


def n_band_limits(n: int) -> tuple[int, int | None]:
    """Lowest and highest number of people in the band that holds ``n``; None: no upper limit."""
    if n >= N_BANDS[-1]:
        return N_BANDS[-1], None
    for low, following in pairwise(N_BANDS):
        if low <= n < following:
            return low, following - 1
    raise DisclosureError(f"fewer than {N_BANDS[0]} people may not be shown in a band")


def people(n: int, *, floor: int = PROGRAM_FLOORS.group_n) -> str | Withheld:
    """A number of people in its band, or withheld below the floor."""
    floor = _at_least_program(floor)
    return n_band(n) if n >= floor else fewer_than(floor)


def fewer_than(floor: int, noun: str = "answers") -> Withheld:
    """The words that stand where a group is below the floor."""
    return Withheld(f"not shown: fewer than {floor} {noun}")


def _at_least_program(floor: int) -> int:
    if floor < PROGRAM_FLOORS.group_n:
        raise DisclosureError(
            f"a floor of {floor} is below the program's floor of {PROGRAM_FLOORS.group_n}"
        )
    return floor


# Shares


def percent_step(n: int) -> int:
    """To how many percent a share of ``n`` people is rounded: 10, 5 or 1."""
    return next((step for fewer, step, _ in ROUNDING if n < fewer), 1)


def mask_of(n: int) -> Mask:
    """What is masked of the shares of ``n`` people."""
    return next((mask for fewer, _, mask in ROUNDING if n < fewer), FINE)


def exact_percent(share: float) -> float:
    """A share (0 to 1) in percent, without the last digits of floats.

    Shares are summed in more than one order, and ties must fall to the same side in each.
    """
    return round(100 * share, 9)


def to_step(percent: float, step: int) -> int:
    """An exact percent rounded to steps: halves go up, so that 5% becomes no printed 0."""
    return round_down(percent / step + 0.5) * step


def percent(share: float, *, step: int, mask: Mask | None = None) -> Shown:
    """A share (0 to 1) as a percentage at a given step, masked at both ends.

    ``value`` is where a bar is drawn: the rounded percentage, or the middle of what is masked.
    Without ``mask`` it is that of the few answers for which shares are rounded to ``step``.
    """
    if not 0 <= share <= 1 + 1e-9:
        raise DisclosureError(f"a share lies between 0 and 1, not at {share}")
    if mask is None:
        mask = next((mask for _, of, mask in ROUNDING if step == of), FINE)
    exact = exact_percent(share)
    rounded = to_step(exact, step)
    if exact < mask.low:
        return Shown(mask.low / 2, f"<{mask.low}%")
    if exact > mask.high or rounded > mask.high:
        return Shown((100 + mask.high) / 2, f">{mask.high}%")
    return Shown(float(rounded), f"{rounded}%")


def share(value: float, n: int, *, floor: int = PROGRAM_FLOORS.group_n) -> Shown | Withheld:
    """One share of ``n`` people, rounded and masked; withheld below the floor."""
    floor = _at_least_program(floor)
    return percent(value, step=percent_step(n)) if n >= floor else fewer_than(floor)


def distribution(
    shares: Sequence[float],
    n: int,
    *,
    heaviest: float = 0.0,
    floor: int = PROGRAM_FLOORS.group_n,
) -> tuple[Shown, ...] | Withheld:
    """All shares of one question, rounded and masked together.

    ``heaviest`` is the weight of the answer that counts most: see ``rounded_as``.
    """
    floor = _at_least_program(floor)
    if n < floor:
        return fewer_than(floor)
    if abs(sum(shares) - 1) > 1e-6:
        raise DisclosureError(f"the shares of a distribution add up to 1, not {sum(shares):.6f}")
    step = distribution_step(shares, n, heaviest=heaviest)
    mask = mask_of(rounded_as(n, heaviest))
    return tuple(percent(value, step=step, mask=mask) for value in shares)


def distribution_step(shares: Sequence[float], n: int, *, heaviest: float = 0.0) -> int:
    """To how many percent the shares of one question, and sums of them, are rounded.

    Where shares are masked, the others give their sum away. So then all are rounded one step
    coarser; among many answers only where exactly one is masked.
    """
    n = rounded_as(n, heaviest)
    step = percent_step(n)
    masked = sum(exact_percent(value) < mask_of(n).low for value in shares)
    if masked and n < MANY:
        return {1: 5, 5: 10}.get(step, step)
    return max(step, 5) if masked == 1 else step


def rounded_as(n: int, heaviest: float) -> int:
    """As how many answers ``n`` answers are rounded, where one of them weighs ``heaviest``.

    Where one answer weighs 1 in 20, shares tell as much as those of 20 people would.
    """
    return n if n >= MANY or heaviest <= 0 else min(n, round_down(1 / heaviest + 1e-9))


def nearly_all(shares: Sequence[float]) -> bool:
    """Whether one option holds so many answers that a mean would disclose everyone's."""
    return any(exact_percent(value) > LARGE_PERCENT for value in shares)


# Figures on an axis


def figure(value: float, *, low: float, high: float) -> Shown:
    """A mean or position to 0.1 on an axis from ``low`` to ``high``.

    A figure that would round to an end of the axis prints as "above 4.9" or "below 1.1": at the
    very end it would say that everybody gave the same answer.
    """
    rounded = tenth(value)
    if rounded <= low:
        return Shown(tenth(low + 0.1), f"below {low + 0.1:.1f}")
    if rounded >= high:
        return Shown(tenth(high - 0.1), f"above {high - 0.1:.1f}")
    return Shown(rounded, f"{rounded:.1f}")


def tenth(value: float, *, low: float | None = None, high: float | None = None) -> float:
    """A value rounded to 0.1 and kept within limits. NaN is refused."""
    if value != value:
        raise DisclosureError("a figure that could not be estimated reached the page as NaN")
    rounded = round(round(value, 9), 1)  # first without the last digits of floats
    if low is not None:
        rounded = max(rounded, low)
    return rounded if high is None else min(rounded, high)


def complement_allows(
    n: int, *, published_n: int | None, floor: int = PROGRAM_FLOORS.group_n
) -> bool:
    """Whether a median, interval or ICC of a group of ``n`` may be printed.

    ``published_n`` is the size of the next larger group of which the same figure is printed, or
    None where there is none. The people in the larger group and not in this one must be nobody,
    or as many as the floor.
    """
    floor = _at_least_program(floor)
    rest = 0 if published_n is None else published_n - n
    return n >= floor and (rest <= 0 or rest >= floor)
