"""Figures of a round that may be used in a document: found, checked against the floors, rounded.

Between measures and content: every builder takes its figures from here, so that a figure is
withheld in one way wherever it would stand.
"""

from collections.abc import Mapping, Sequence
from math import isnan

from instruments.definition import Disclosure, Instrument
from instruments.measures import (
    DESIGNED,
    EVERYBODY,
    LIVED,
    Band,
    Distribution,
    ItemMeasure,
    Measures,
    ScaleMeasure,
    Wants,
)
from instruments.psychometrics.estimates import Estimate, NotEstimated
from reports.disclosure import (
    CONCEALED,
    TO_PROTECT,
    Withheld,
    complement_allows,
    distribution,
    fewer_than,
    figure,
    n_band,
    nearly_all,
    share,
    tenth,
)
from reports.disclosure_rows import SchoolRows, school_rows
from reports.profile.content import Bar, Mark, Share
from reports.words import listed, lower_first, upper_first

NOT_ESTIMATED = Withheld("not shown: these answers do not allow a figure")
NEARLY_ALL = Withheld("not shown: nearly all gave the same answer")
NOT_ASKED = Withheld("not asked")
ONE_BY_ONE = Withheld("see the questions one by one")
NOT_ALIKE = "These questions did not hang together this time; see them one by one."

Axis = tuple[float, float]


def hidden_note(shorts: Sequence[str]) -> str:
    """Why rows with enough answers are not shown; empty where there are none."""
    if not shorts:
        return ""
    names = upper_first(listed([lower_first(short) for short in shorts]))
    return (
        f"{names}: hidden, since answers of fewer than ten people could be worked out with all "
        "else that is printed."
    )


def schools_allowed(measures: Measures, floors: Disclosure) -> SchoolRows:
    """The schools that may be shown, for everything that is published of a round together."""
    return school_rows(measures.by_school, floors)


def lived_group(instrument: Instrument) -> str:
    """The informant group drawn solid; everybody where the instrument names no such group."""
    return LIVED if LIVED in instrument.groups else EVERYBODY


def designed_group(instrument: Instrument) -> str | None:
    """The informant group drawn hollow, if the instrument names one."""
    return DESIGNED if DESIGNED in instrument.groups else None


def axis_of(options: tuple[int, ...]) -> Axis:
    """Limits of an axis of means over a response scale."""
    return float(min(options)), float(max(options))


def held_together(measure: ScaleMeasure, instrument: Instrument) -> bool:
    """Whether a scale may be printed as one figure.

    A scale of the kind "items" never; a reflective scale unless the upper limit of its
    reliability is below the instrument's mark; a formative one always.
    """
    scale = instrument.scale(measure.scale)
    if scale.kind == "items":
        return False
    if scale.kind == "formative" or isinstance(measure.reliability, NotEstimated):
        return True
    return measure.reliability.high >= instrument.scoring.hangs_together_omega


def available(
    found: Band | NotEstimated | None, floors: Disclosure, *, published_n: int | None = None
) -> Band | Withheld:
    """A band that rests on enough people, or the words that stand in its place.

    ``published_n``: people in the next larger group of which the same figure is printed, if any.
    """
    if found is None:
        return NOT_ASKED
    if isinstance(found, NotEstimated):
        return TO_PROTECT if found.reason == CONCEALED else NOT_ESTIMATED
    if found.n < floors.group_n:
        return fewer_than(floors.group_n)
    if not complement_allows(found.n, published_n=published_n, floor=floors.group_n):
        return TO_PROTECT
    return found


def scale_band(
    measure: ScaleMeasure, group: str, instrument: Instrument, floors: Disclosure
) -> Band | Withheld:
    """A scale's figure for one informant group, or why it is not shown."""
    if not held_together(measure, instrument):
        return ONE_BY_ONE
    return available(measure.scores.get(group), floors)


def item_band(measure: ItemMeasure, group: str, floors: Disclosure) -> Band | Withheld:
    """An item's mean for one informant group, or why it is not shown."""
    found = measure.distributions.get(group)
    if found is None or found.shown == 0:
        return NOT_ASKED
    if found.is_concealed:
        return TO_PROTECT
    if found.n < floors.group_n:
        return fewer_than(floors.group_n)
    if nearly_all(found.shares):
        return NEARLY_ALL
    return available(measure.means.get(group), floors)


def mark(band: Band | Withheld, axis: Axis) -> Mark | Withheld:
    """A band ready to draw: everything rounded to 0.1 and kept on the axis."""
    if isinstance(band, Withheld):
        return band
    low_end, high_end = axis
    shown = figure(band.value, low=low_end, high=high_end)
    low, high = (tenth(limit, low=low_end, high=high_end) for limit in (band.low, band.high))
    low, high = min(low, shown.value), max(high, shown.value)
    outer_low = outer_high = None
    what_if = ""
    if band.outer_low is not None and band.outer_high is not None:
        outer_low = min(low, tenth(band.outer_low, low=low_end, high=high_end))
        outer_high = max(high, tenth(band.outer_high, low=low_end, high=high_end))
        what_if = f"could lie between {outer_low:.1f} and {outer_high:.1f}"
    return Mark(
        value=shown.value,
        low=low,
        high=high,
        outer_low=outer_low,
        outer_high=outer_high,
        text=shown.text,
        likely=f"likely {low:.1f} to {high:.1f}",
        what_if=what_if,
        n_band=n_band(band.n),
    )


def bars(
    found: Distribution | None, labels: Mapping[int, str], floors: Disclosure
) -> tuple[Bar, ...] | Withheld:
    """A distribution ready to draw, or why it is not shown."""
    if found is None or found.shown == 0:
        return NOT_ASKED
    if found.is_concealed:
        return TO_PROTECT
    shares = distribution(found.shares, found.n, heaviest=found.heaviest, floor=floors.group_n)
    if isinstance(shares, Withheld):
        return shares
    return tuple(
        Bar(option, labels.get(option, str(option)), shown.value, shown.text)
        for option, shown in zip(found.options, shares, strict=True)
    )


def wish_bars(
    found: Wants | None, labels: Sequence[str], floors: Disclosure
) -> tuple[Bar, ...] | Withheld:
    """The three shares of what people want, or why they are not shown."""
    if found is None:
        return NOT_ASKED
    if found.is_concealed:
        return TO_PROTECT
    shares = distribution(found.shares, found.n, heaviest=found.heaviest, floor=floors.group_n)
    if isinstance(shares, Withheld):
        return shares
    return tuple(
        Bar(place, label, shown.value, shown.text)
        for place, (label, shown) in enumerate(zip(labels, shares, strict=True), start=1)
    )


def cant_tell(value: float | None, shown_to: int, floors: Disclosure) -> Share | Withheld:
    """The share who could not tell, of ``shown_to`` people asked."""
    if value is None or shown_to == 0:
        return NOT_ASKED
    if isnan(value):  # taken out by the plan of release
        return TO_PROTECT
    shown = share(value, shown_to, floor=floors.group_n)
    return shown if isinstance(shown, Withheld) else Share(shown.value, shown.text)


def gap_of(
    measure: ScaleMeasure, instrument: Instrument, floors: Disclosure
) -> Estimate | Withheld:
    """Designed minus lived, where both marks are shown."""
    designed = designed_group(instrument)
    if designed is None:
        return NOT_ASKED
    for group in (lived_group(instrument), designed):
        band = scale_band(measure, group, instrument, floors)
        if isinstance(band, Withheld):
            return band
    return NOT_ESTIMATED if isinstance(measure.gap, NotEstimated) else measure.gap
