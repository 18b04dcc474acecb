"""The terms of the pattern vocabulary that are about measures, and how their values are read.

Each term gives the figures that met it, or None where it does not hold or its figures are withheld.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from instruments.definition import Disclosure, Instrument, Words
from instruments.measures import (
    EVERYBODY,
    Band,
    DecisionMeasure,
    Measures,
    PositionMeasure,
    Wants,
)
from reports.disclosure import Withheld, distribution_step, percent, percent_step, tenth
from reports.profile.figures import available, gap_of, item_band, lived_group, scale_band
from reports.words import listed, lower_first

#: phrases with the figures that met a condition; None: it does not hold
Grounds = tuple[str, ...] | None


class PatternError(ValueError):
    """A pattern that cannot be read; the message names it and says what is wrong."""


@dataclass(frozen=True, slots=True)
class Round:
    """What conditions are held against."""

    instrument: Instrument
    measures: Measures
    words: Words
    floors: Disclosure

    @property
    def lived(self) -> str:
        """The informant group that conditions are about."""
        return lived_group(self.instrument)


def low(value: object, round_: Round) -> Grounds:
    band = _band(value, round_)
    if band is None or not band.high < round_.instrument.scoring.low_below:
        return None
    return (_likely(value, band, round_),)


def high(value: object, round_: Round) -> Grounds:
    band = _band(value, round_)
    if band is None or not band.low >= round_.instrument.scoring.high_from:
        return None
    return (_likely(value, band, round_),)


def _band(code: object, round_: Round) -> Band | None:
    """The band of a scale or item; of everybody asked where the lived main role is not asked."""
    instrument, measures = round_.instrument, round_.measures
    found: Band | Withheld
    if isinstance(code, str) and code in instrument.scales_by_code:
        scale = measures.scales.get(code)
        if scale is None:
            return None
        group = _group_asked(scale.asked, round_)
        found = scale_band(scale, group, instrument, round_.floors)
    elif isinstance(code, str) and code in instrument.items_by_code:
        item = measures.items.get(code)
        if item is None:
            return None
        group = _group_asked(instrument.roles_of(code), round_)
        found = item_band(item, group, round_.floors)
    else:
        raise PatternError(f"{code!r} is no scale or item of this instrument")
    return None if isinstance(found, Withheld) else found


def _group_asked(asked: Sequence[str], round_: Round) -> str:
    main = next(iter(round_.instrument.groups.get(round_.lived, ())), None)
    return round_.lived if main is None or not asked or main in asked else EVERYBODY


def _likely(code: object, band: Band, round_: Round) -> str:
    text = round_.words.text
    name = str(code)
    if name in text.scales:
        name = round_.words.fill(text.scales[name].get("short", text.scales[name]["name"]))
    else:
        name = round_.words.short(name)
    return f"{lower_first(name)} likely {tenth(band.low):.1f} to {tenth(band.high):.1f}"


def share(value: object, round_: Round) -> Grounds:
    options = table_of("share", value, ("stops", "at_least", "decisions"))
    stops = options.get("stops")
    if not isinstance(stops, Sequence) or isinstance(stops, str) or not stops:
        raise PatternError(f"share.stops must be a list of stops, not {stops!r}")
    lowest = number_of("share.at_least", options.get("at_least"))
    shares = _shares(options.get("decisions"), round_)
    if shares is None:
        return None
    held = sum(shares.get(stop, 0.0) for stop in stops)
    if held < lowest:
        return None
    names = listed(
        [round_.words.fill(round_.words.text.stops[stop]) for stop in stops], conjunction="or"
    )
    step = percent_step(round_.measures.pattern_shares_n)
    return (f"{percent(min(1.0, held), step=step).text} of answers at {names}",)


def _shares(decisions: object, round_: Round) -> Mapping[int, float] | None:
    position = round_.instrument.position
    if position is None:
        raise PatternError("a condition on position, but the instrument asks no position")
    stops = round_.instrument.response_scales[position.response].options
    codes = position.share_decisions if decisions is None else decisions
    if not isinstance(codes, Sequence) or isinstance(codes, str):
        raise PatternError(f"share.decisions must be a list of decisions, not {codes!r}")
    placed = [_placed(code, round_) for code in codes]
    if not placed or any(each is None for each in placed):
        return None
    if decisions is None:
        return dict(zip(stops, round_.measures.pattern_shares, strict=True))
    distributions = [each.distribution for each in placed if each is not None]
    total = sum(each.n for each in distributions)
    return {
        stop: sum(each.n * each.shares[each.options.index(stop)] for each in distributions) / total
        for stop in stops
    }


def _decision(code: object, round_: Round) -> DecisionMeasure | None:
    position = round_.instrument.position
    known = [decision.code for decision in position.decisions] if position else []
    if not isinstance(code, str) or code not in known:
        raise PatternError(f"{code!r} is no decision; known are {', '.join(known) or 'none'}")
    return round_.measures.decisions.get(code)


def _placed(code: object, round_: Round) -> PositionMeasure | None:
    """A decision as the lived group places it, where enough of them answered."""
    decision = _decision(code, round_)
    placed = decision.groups.get(round_.lived) if decision else None
    if placed is None or placed.distribution.n < round_.floors.group_n:
        return None
    return placed


def position(value: object, round_: Round) -> Grounds:
    options = table_of("position", value, ("decision", "at_least", "at_most"))
    if "at_least" not in options and "at_most" not in options:
        raise PatternError("position needs at_least or at_most")
    if "decision" in options:
        placed = _placed(options["decision"], round_)
        band = available(placed.position if placed else None, round_.floors)
        decision = round_.words.text.decisions.get(str(options["decision"]), {})
        name = round_.words.fill(decision.get("short", decision.get("name", "decision")))
    else:
        overall = round_.measures.overall.get(round_.lived)
        position = getattr(overall, "position", None)
        band = available(position, round_.floors)
        name = "overall position"
    if isinstance(band, Withheld):
        return None
    low = number_of("position.at_least", options.get("at_least", float("-inf")))
    high = number_of("position.at_most", options.get("at_most", float("inf")))
    if not low <= band.value <= high:
        return None
    return (f"{lower_first(name)} at {tenth(band.value):.1f}",)


def modal(value: object, round_: Round) -> Grounds:
    stop = count_of("modal.stop", table_of("modal", value, ("stop",)).get("stop"))
    shares = _shares(None, round_)
    if shares is None:
        return None
    if any(share >= shares.get(stop, 0.0) for other, share in shares.items() if other != stop):
        return None
    return (f"{round_.words.fill(round_.words.text.stops[stop])} chosen most often",)


def gap(value: object, round_: Round) -> Grounds:
    wanted = count_of("gap.dimensions", table_of("gap", value, ("dimensions",)).get("dimensions"))
    scales = [scale.code for scale in round_.instrument.scales_in("capability")]
    gaps = {
        code: gap_of(round_.measures.scales[code], round_.instrument, round_.floors)
        for code in scales
        if code in round_.measures.scales
    }
    above = [code for code, gap in gaps.items() if not isinstance(gap, Withheld) and gap.low > 0]
    if wanted == 0:
        known = [gap for gap in gaps.values() if not isinstance(gap, Withheld)]
        return () if len(known) == len(scales) and not above else None
    if len(above) < wanted:
        return None
    text = round_.words.text.scales
    names = [lower_first(round_.words.fill(text[code]["name"])) for code in above]
    return (f"described more than lived on {listed(names)}",)


def wants(value: object, round_: Round) -> Grounds:
    options = table_of("wants", value, ("more_common", "more_choice"))
    common = number_of("wants.more_common", options.get("more_common"))
    choice = number_of("wants.more_choice", options.get("more_choice"))
    widest = widest_wants(round_)
    if widest is None:
        return None
    code, found = widest
    if found.more_common < common or found.more_choice < choice:
        return None
    step = distribution_step(found.shares, found.n, heaviest=found.heaviest)
    name = round_.words.fill(round_.words.text.decisions[code]["name"])
    more_common = percent(found.more_common, step=step).text
    more_choice = percent(found.more_choice, step=step).text
    return (
        f"on {lower_first(name)} {more_common} want more in common and {more_choice} want more "
        "school choice",
    )


def widest_wants(round_: Round) -> tuple[str, Wants] | None:
    """The decision on which the smaller of the two wishes is largest."""
    shown = [
        (code, decision.wants[round_.lived])
        for code, decision in round_.measures.decisions.items()
        if round_.lived in decision.wants
        and decision.wants[round_.lived].n >= round_.floors.group_n
    ]
    return max(shown, key=lambda each: min(each[1].more_common, each[1].more_choice), default=None)


# Reading values


def conditions_of(name: str, value: object) -> Sequence[object]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise PatternError(f"{name} needs a list of conditions, not {value!r}")
    return value


def table_of(name: str, value: object, known: Sequence[str]) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise PatternError(f"{name} needs a table with {', '.join(known)}, not {value!r}")
    unknown = [str(key) for key in value if key not in known]
    if unknown:
        raise PatternError(f"{name} does not know {unknown[0]!r}; it takes {', '.join(known)}")
    return value


def number_of(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PatternError(f"{name} must be a number, not {value!r}")
    return float(value)


def count_of(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise PatternError(f"{name} must be a whole number, not {value!r}")
    return value
