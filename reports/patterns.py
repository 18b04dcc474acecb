"""Readings: which of an instrument's patterns the rules support, in a closed vocabulary.

``all``, ``any``, ``at_least`` combine conditions; ``low``, ``high``, ``share``, ``position``,
``modal``, ``gap`` and ``wants`` are about the measures. A condition whose figures are withheld
does not hold. docs/instrument-format.md describes the vocabulary for authors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from instruments.definition import Disclosure, Instrument, Pattern, Words
from instruments.measures import EVERYBODY, Band, DecisionMeasure, Measures, PositionMeasure
from reports.disclosure import Withheld, percent, percent_step, tenth
from reports.profile_content import Reading
from reports.profile_figures import available, gap_of, item_band, lived_group, scale_band
from reports.words import listed, lower_first

MOST_READINGS = 3

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


def readings(
    instrument: Instrument, measures: Measures, words: Words, floors: Disclosure
) -> tuple[Reading, ...]:
    """The readings that hold, in the instrument's order, at most three; else the default.

    Raises
    ------
    PatternError
        If a pattern uses a predicate, key or code that is not known.
    """
    round_ = Round(instrument, measures, words, floors)
    held: list[tuple[Pattern, tuple[str, ...]]] = []
    for pattern in instrument.patterns:
        grounds = None if pattern.when is None else _of_pattern(pattern, round_)
        if grounds is not None and len(held) < MOST_READINGS:
            held.append((pattern, grounds))
    default = next((pattern for pattern in instrument.patterns if pattern.when is None), None)
    if not held and default is not None:
        held.append((default, ()))
    return tuple(
        _reading(number, pattern, grounds, words)
        for number, (pattern, grounds) in enumerate(held, start=1)
    )


def _of_pattern(pattern: Pattern, round_: Round) -> Grounds:
    try:
        return grounds_of(pattern.when or {}, round_)
    except PatternError as error:
        raise PatternError(f"pattern {pattern.id}: {error}") from error


def _reading(number: int, pattern: Pattern, grounds: Sequence[str], words: Words) -> Reading:
    text = words.text.patterns.get(pattern.id, {})
    return Reading(
        id=pattern.id,
        number=number,
        name=words.fill(text.get("name", pattern.id)),
        says=words.fill(text.get("says", "")),
        counter=words.fill(text.get("counter", "")),
        ask=words.fill(text.get("ask", "")),
        source=pattern.source,
        status=pattern.status,
        because="; ".join(dict.fromkeys(grounds)),
    )


def grounds_of(when: object, round_: Round) -> Grounds:
    """The figures that meet a condition, or None where it does not hold."""
    if not isinstance(when, Mapping) or len(when) != 1:
        raise PatternError(f"a condition is one predicate with its value, not {when!r}")
    ((name, value),) = when.items()
    predicate = _PREDICATES.get(name)
    if predicate is None:
        known = ", ".join(_PREDICATES)
        raise PatternError(f"unknown predicate {name!r}; the vocabulary is {known}")
    return predicate(value, round_)


# Combinations


def _all(value: object, round_: Round) -> Grounds:
    found: list[str] = []
    for condition in _conditions("all", value):
        grounds = grounds_of(condition, round_)
        if grounds is None:
            return None
        found += grounds
    return tuple(found)


def _any(value: object, round_: Round) -> Grounds:
    return _held_of(_conditions("any", value), 1, round_)


def _at_least(value: object, round_: Round) -> Grounds:
    options = _options("at_least", value, ("n", "of"))
    return _held_of(
        _conditions("at_least.of", options.get("of")),
        _count("at_least.n", options.get("n")),
        round_,
    )


def _held_of(conditions: Sequence[object], n: int, round_: Round) -> Grounds:
    held = [grounds for each in conditions if (grounds := grounds_of(each, round_)) is not None]
    return tuple(phrase for grounds in held for phrase in grounds) if len(held) >= n else None


# Predicates


def _low(value: object, round_: Round) -> Grounds:
    band = _band(value, round_)
    if band is None or not band.high < round_.instrument.scoring.low_below:
        return None
    return (_likely(value, band, round_),)


def _high(value: object, round_: Round) -> Grounds:
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


def _share(value: object, round_: Round) -> Grounds:
    options = _options("share", value, ("stops", "at_least", "decisions"))
    stops = options.get("stops")
    if not isinstance(stops, Sequence) or isinstance(stops, str) or not stops:
        raise PatternError(f"share.stops must be a list of stops, not {stops!r}")
    lowest = _number("share.at_least", options.get("at_least"))
    shares = _shares(options.get("decisions"), round_)
    if shares is None:
        return None
    held = sum(shares.get(stop, 0.0) for stop in stops)
    if held < lowest:
        return None
    names = listed(
        [round_.words.fill(round_.words.text.stops[stop]) for stop in stops], conjunction="or"
    )
    step = percent_step(round_.measures.n)
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


def _position(value: object, round_: Round) -> Grounds:
    options = _options("position", value, ("decision", "at_least", "at_most"))
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
    low = _number("position.at_least", options.get("at_least", float("-inf")))
    high = _number("position.at_most", options.get("at_most", float("inf")))
    if not low <= band.value <= high:
        return None
    return (f"{lower_first(name)} at {tenth(band.value):.1f}",)


def _modal(value: object, round_: Round) -> Grounds:
    stop = _count("modal.stop", _options("modal", value, ("stop",)).get("stop"))
    shares = _shares(None, round_)
    if shares is None:
        return None
    if any(share >= shares.get(stop, 0.0) for other, share in shares.items() if other != stop):
        return None
    return (f"{round_.words.fill(round_.words.text.stops[stop])} chosen most often",)


def _gap(value: object, round_: Round) -> Grounds:
    wanted = _count("gap.dimensions", _options("gap", value, ("dimensions",)).get("dimensions"))
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


def _wants(value: object, round_: Round) -> Grounds:
    options = _options("wants", value, ("more_common", "more_choice"))
    common = _number("wants.more_common", options.get("more_common"))
    choice = _number("wants.more_choice", options.get("more_choice"))
    widest = widest_wants(round_)
    if widest is None:
        return None
    code, wants, n = widest
    if wants["more_common"] < common or wants["more_choice"] < choice:
        return None
    step = percent_step(n)
    name = round_.words.fill(round_.words.text.decisions[code]["name"])
    more_common = percent(wants["more_common"], step=step).text
    more_choice = percent(wants["more_choice"], step=step).text
    return (
        f"on {lower_first(name)} {more_common} want more in common and {more_choice} want more "
        "school choice",
    )


def widest_wants(round_: Round) -> tuple[str, Mapping[str, float], int] | None:
    """The decision on which the smaller of the two wishes is largest: code, shares and n."""
    shown = [
        (code, decision.wants, decision.wants_n)
        for code, decision in round_.measures.decisions.items()
        if decision.wants is not None and decision.wants_n >= round_.floors.group_n
    ]
    return max(
        shown, key=lambda each: min(each[1]["more_common"], each[1]["more_choice"]), default=None
    )


# Reading values


def _conditions(name: str, value: object) -> Sequence[object]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise PatternError(f"{name} needs a list of conditions, not {value!r}")
    return value


def _options(name: str, value: object, known: Sequence[str]) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise PatternError(f"{name} needs a table with {', '.join(known)}, not {value!r}")
    unknown = [str(key) for key in value if key not in known]
    if unknown:
        raise PatternError(f"{name} does not know {unknown[0]!r}; it takes {', '.join(known)}")
    return value


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PatternError(f"{name} must be a number, not {value!r}")
    return float(value)


def _count(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise PatternError(f"{name} must be a whole number, not {value!r}")
    return value


_PREDICATES: Mapping[str, Callable[[object, Round], Grounds]] = {
    "all": _all,
    "any": _any,
    "at_least": _at_least,
    "low": _low,
    "high": _high,
    "share": _share,
    "position": _position,
    "modal": _modal,
    "gap": _gap,
    "wants": _wants,
}
