"""Readings: which of an instrument's patterns the rules support, in a closed vocabulary.

``all``, ``any``, ``at_least`` combine conditions; ``low``, ``high``, ``share``, ``position``,
``modal``, ``gap`` and ``wants`` are about the measures. A condition whose figures are withheld
does not hold. docs/instrument-format.md describes the vocabulary for authors.
"""

from collections.abc import Callable, Mapping, Sequence

from instruments.definition import Disclosure, Instrument, Pattern, Words
from instruments.measures import Measures
from reports.profile import pattern_terms
from reports.profile.content import Reading
from reports.profile.pattern_terms import (
    Grounds,
    PatternError,
    Round,
    conditions_of,
    count_of,
    table_of,
)

__all__ = ["PatternError", "Round", "grounds_of", "readings"]

MOST_READINGS = 3


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
    for condition in conditions_of("all", value):
        grounds = grounds_of(condition, round_)
        if grounds is None:
            return None
        found += grounds
    return tuple(found)


def _any(value: object, round_: Round) -> Grounds:
    return _held_of(conditions_of("any", value), 1, round_)


def _at_least(value: object, round_: Round) -> Grounds:
    options = table_of("at_least", value, ("n", "of"))
    return _held_of(
        conditions_of("at_least.of", options.get("of")),
        count_of("at_least.n", options.get("n")),
        round_,
    )


def _held_of(conditions: Sequence[object], n: int, round_: Round) -> Grounds:
    held = [grounds for each in conditions if (grounds := grounds_of(each, round_)) is not None]
    return tuple(phrase for grounds in held for phrase in grounds) if len(held) >= n else None


_PREDICATES: Mapping[str, Callable[[object, Round], Grounds]] = {
    "all": _all,
    "any": _any,
    "at_least": _at_least,
    "low": pattern_terms.low,
    "high": pattern_terms.high,
    "share": pattern_terms.share,
    "position": pattern_terms.position,
    "modal": pattern_terms.modal,
    "gap": pattern_terms.gap,
    "wants": pattern_terms.wants,
}
