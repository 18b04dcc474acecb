"""Faults in the conditions of patterns: a closed vocabulary over known codes.

========================================================== =========================================
``all = [...]``, ``any = [...]``                           every, at least one of the conditions
``at_least = { n = 2, of = [...] }``                       at least n of them
``low = "CODE"``, ``high = "CODE"``                        a scale's or item's band lies low or high
``share = { stops, at_least, decisions? }``                share of answers at these stops
``position = { decision?, at_least?, at_most? }``          of one decision, or over all
``modal = { stop }``                                       the stop most often chosen
``gap = { dimensions }``                                   designed above lived on so many (0: none)
``wants = { more_common, more_choice }``                   shares who want either move
========================================================== =========================================
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeGuard

from instruments.definition import Instrument
from instruments.folder import Fault

#: what is wrong, and the mend
Finding = tuple[str, str]


def check_patterns(instrument: Instrument) -> list[Fault]:
    """Faults in the patterns' order and conditions; none for an instrument without patterns."""
    faults = []
    defaults = [pattern.id for pattern in instrument.patterns if pattern.when is None]
    if instrument.patterns and not defaults:
        mend = "end the list with a pattern that has no when: it holds when no other does"
        faults.append(Fault("patterns.toml", "", "the default pattern is missing", mend))
    for extra in defaults[1:]:
        mend = "give it a condition: one pattern alone is the default"
        faults.append(Fault("patterns.toml", f"pattern {extra}", "a second default", mend))
    if defaults and instrument.patterns[-1].when is not None:
        what = "the default pattern does not stand last"
        faults.append(Fault("patterns.toml", f"pattern {defaults[0]}", what, "move it to the end"))
    for pattern in instrument.patterns:
        if pattern.when is not None:
            for what, mend in _condition(instrument, pattern.when):
                faults.append(Fault("patterns.toml", f"pattern {pattern.id}", what, mend))
    return faults


def _condition(instrument: Instrument, condition: object) -> Iterable[Finding]:
    if not isinstance(condition, Mapping) or len(condition) != 1:
        yield "a condition is not one predicate in braces", 'write { high = "CODE" } and the like'
        return
    ((name, value),) = condition.items()
    if name in ("all", "any"):
        yield from _several(instrument, name, value)
    elif name == "at_least":
        yield from _at_least(instrument, value)
    elif name in ("low", "high"):
        yield from _code(instrument, name, value)
    elif name in PREDICATES:
        yield from _predicate(instrument, name, value)
    else:
        known = ", ".join(("all", "any", "at_least", "low", "high", *PREDICATES))
        yield f"the predicate {name} is unknown", f"use one of: {known}"


def _several(instrument: Instrument, name: str, value: object) -> Iterable[Finding]:
    if not isinstance(value, list | tuple) or not value:
        yield f"{name} holds no conditions", f"write {name} = [ ... ] with at least one"
        return
    for condition in value:
        yield from _condition(instrument, condition)


def _at_least(instrument: Instrument, value: object) -> Iterable[Finding]:
    if not isinstance(value, Mapping) or set(value) != {"n", "of"}:
        yield "at_least needs n and of", "write at_least = { n = 2, of = [ ... ] }"
        return
    yield from _several(instrument, "of", value["of"])
    length = len(value["of"]) if isinstance(value["of"], list | tuple) else 0
    if not _is_whole(value["n"]) or not 1 <= value["n"] <= max(length, 1):
        yield f"at_least asks for {value['n']} of {length}", f"use n from 1 to {max(length, 1)}"


def _code(instrument: Instrument, name: str, value: object) -> Iterable[Finding]:
    scale = instrument.scales_by_code.get(str(value))
    item = instrument.items_by_code.get(str(value))
    if scale is None and item is None:
        yield f"{name} names {value}, which is no scale and no item", "correct the code"
    elif scale is not None and scale.kind == "items":
        yield f"{name} names {value}, whose items are never averaged", "name one of its items"
    elif item is not None and item.kind != "rated":
        yield f"{name} names {value}, which is not rated", "name a rated item"


def _predicate(instrument: Instrument, name: str, value: object) -> Iterable[Finding]:
    required, optional, judge = PREDICATES[name]
    if not isinstance(value, Mapping):
        yield f"{name} needs {', '.join(required or optional)}", f"write {name} = {{ ... }}"
        return
    for key in required:
        if key not in value:
            yield f"{name} lacks {key}", f"add {key}"
    for key in value:
        if key not in (*required, *optional):
            known = ", ".join((*required, *optional))
            yield f"{name} does not know the key {key}", f"use one of: {known}"
    if name != "gap" and instrument.position is None:
        yield f"{name} needs a continuum", "add position.toml or remove the pattern"
        return
    yield from judge(instrument, value)


def _share(instrument: Instrument, value: Mapping[str, object]) -> Iterable[Finding]:
    stops = value.get("stops")
    if not isinstance(stops, list | tuple) or not stops:
        yield "share names no stops", "write stops = [4, 5]"
    else:
        for stop in stops:
            yield from _stop(instrument, stop)
    yield from _proportion("share, at_least", value.get("at_least"))
    yield from _decisions(instrument, value.get("decisions"))


def _place(instrument: Instrument, value: Mapping[str, object]) -> Iterable[Finding]:
    if "decision" in value:
        yield from _decisions(instrument, [value["decision"]])
    bounds = [value[key] for key in ("at_least", "at_most") if key in value]
    if not bounds:
        yield "position has no bound", "add at_least or at_most"
    stops = _stops(instrument)
    for bound in bounds:
        if not _is_number(bound) or (stops and not min(stops) <= bound <= max(stops)):
            yield f"position is held against {bound}, off the line", "use a place on the stops"


def _modal(instrument: Instrument, value: Mapping[str, object]) -> Iterable[Finding]:
    yield from _stop(instrument, value.get("stop"))


def _gap(instrument: Instrument, value: Mapping[str, object]) -> Iterable[Finding]:
    dimensions = len(instrument.scales_in("capability"))
    n = value.get("dimensions")
    if not _is_whole(n) or not 0 <= n <= dimensions:
        yield f"gap asks for {n} of {dimensions} dimensions", f"use 0 to {dimensions}"
    if len(instrument.groups) < 2:
        yield "gap needs two informant groups", "add them to [groups] in instrument.toml"


def _wants(instrument: Instrument, value: Mapping[str, object]) -> Iterable[Finding]:
    for key in ("more_common", "more_choice"):
        yield from _proportion(f"wants, {key}", value.get(key))
    position = instrument.position
    if position is not None and not any(decision.preferred for decision in position.decisions):
        yield "wants needs a preferred item", "name preferred items in position.toml"


def _stop(instrument: Instrument, stop: object) -> Iterable[Finding]:
    if stop not in _stops(instrument):
        known = ", ".join(str(option) for option in _stops(instrument))
        yield f"stop {stop} is not on the line", f"use one of: {known}"


def _stops(instrument: Instrument) -> tuple[int, ...]:
    name = instrument.position.response if instrument.position else ""
    response = instrument.response_scales.get(name)
    return response.options if response else ()


def _decisions(instrument: Instrument, decisions: object) -> Iterable[Finding]:
    if decisions is None or instrument.position is None:
        return
    known = [decision.code for decision in instrument.position.decisions]
    if not isinstance(decisions, list | tuple) or not decisions:
        yield "decisions is not a list of codes", 'write decisions = ["CODE"]'
        return
    for code in decisions:
        if code not in known:
            yield f"decision {code} is unknown", f"use one of: {', '.join(known)}"


def _proportion(where: str, value: object) -> Iterable[Finding]:
    if not _is_number(value) or not 0 < value <= 1:
        yield f"{where}: {value} is no share", "use a number above 0 and up to 1"


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


Judge = Callable[[Instrument, Mapping[str, object]], Iterable[Finding]]
#: predicate -> (required keys, optional keys, what judges its values)
PREDICATES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], Judge]] = {
    "share": (("stops", "at_least"), ("decisions",), _share),
    "position": ((), ("decision", "at_least", "at_most"), _place),
    "modal": (("stop",), (), _modal),
    "gap": (("dimensions",), (), _gap),
    "wants": (("more_common", "more_choice"), (), _wants),
}
