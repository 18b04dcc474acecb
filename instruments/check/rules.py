"""Faults in an instrument's rules: scoring, disclosure, position, reference cases, evidence."""

from collections.abc import Iterable, Mapping

from instruments.check.patterns import check_patterns
from instruments.definition import FLOORS, Case, CaseCode, Instrument, Position
from instruments.folder import Fault

#: codes of a reference case's dimensions and pressures
CASE_CODES = (1, 2, 3, 4, 5)


def check_rules(instrument: Instrument) -> list[Fault]:
    """Faults in scoring, disclosure, position, patterns, cases and evidence."""
    faults = list(_scoring(instrument))
    faults += _disclosure(instrument)
    if instrument.position is not None:
        faults += _position(instrument, instrument.position)
    faults += check_patterns(instrument)
    for case in instrument.cases:
        faults += _case(instrument, case)
    if instrument.evidence.stage > 0 and not instrument.evidence.studies:
        what = f"stage {instrument.evidence.stage}, but no study"
        mend = "list the study that shows it, or set stage = 0"
        faults.append(Fault("evidence.toml", "key stage", what, mend))
    return faults


def _scoring(instrument: Instrument) -> Iterable[Fault]:
    file, scoring = "scoring.toml", instrument.scoring
    for k, minimum in scoring.minimum_answered.items():
        if k < 1 or not 1 <= minimum <= k:
            what = f"of {k} items, {minimum} must be answered"
            mend = f"use a number from 1 to {max(k, 1)}"
            yield Fault(file, f"minimum_answered, {k}", what, mend)
    longest = max((len(s.items) for s in instrument.scales if s.kind != "items"), default=0)
    for k in range(1, longest + 1):
        if k not in scoring.minimum_answered:
            what = f"no minimum for {k} items, and a scale has {longest}"
            mend = f"add {k} = ... under [minimum_answered]"
            yield Fault(file, f"minimum_answered, {k}", what, mend)
    shares = ("omega_fallback", "hangs_together_omega", "cant_tell_notice")
    for key in (*shares, "confidence"):
        value = getattr(scoring, key)
        if not 0 < value < 1:
            yield Fault(file, f"key {key}", f"{value} is no share", "use a number between 0 and 1")
    if scoring.silent_differ_sd < 0:
        yield Fault(file, "key silent_differ_sd", "it is negative", "use 0 or more")
    if scoring.low_below > scoring.high_from:
        what = f"low ends at {scoring.low_below}, above {scoring.high_from} where high begins"
        yield Fault(file, "key low_below", what, "lower it, or raise high_from")


def _disclosure(instrument: Instrument) -> Iterable[Fault]:
    for key, floor in FLOORS.items():
        value = getattr(instrument.disclosure, key)
        if value < floor:
            what = f"{value} lies below the program's floor of {floor}"
            mend = f"use {floor} or more: an instrument may raise a floor, never lower it"
            yield Fault("disclosure.toml", f"key {key}", what, mend)
        elif key.endswith("_rate") and value > 1:
            what, mend = f"{value} is above 1", "write a rate as a share: 0.6 for 60 %"
            yield Fault("disclosure.toml", f"key {key}", what, mend)


def _position(instrument: Instrument, position: Position) -> Iterable[Fault]:
    file = "position.toml"
    response = instrument.response_scales.get(position.response)
    if response is None or response.kind != "ordinal" or len(response.options) < 3:
        what = f"{position.response} is not an ordinal response scale of three or more options"
        yield Fault(file, "key response", what, "name the scale whose options are the stops")
    codes = [decision.code for decision in position.decisions]
    if not codes:
        yield Fault(file, "", "no decision", "add one under [[decision]]")
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield Fault(file, f"decision {code}", "the code is used twice", "give one a new code")
    used: dict[str, str] = {}
    for decision in position.decisions:
        where = f"decision {decision.code}"
        for key in ("item", "preferred", "remembered"):
            code = getattr(decision, key)
            if code is None:
                continue
            item = instrument.items_by_code.get(code)
            if item is None:
                yield Fault(file, where, f"{key}: item {code} is unknown", "correct the code")
            elif item.response != position.response or item.reverse:
                what = f"{key}: item {code} is not answered on {position.response} as it stands"
                yield Fault(file, where, what, "ask it on that scale, and do not reverse it")
            if code in used:
                what = f"{key}: item {code} also serves decision {used[code]}"
                yield Fault(file, where, what, "use each item once")
            used[code] = decision.code
    for key in ("share_decisions", "case_decisions"):
        for code in getattr(position, key):
            if code not in codes:
                mend = f"use one of: {', '.join(codes)}"
                yield Fault(file, f"key {key}", f"decision {code} is unknown", mend)
    for key in ("named_stop_share", "named_stop_with_neighbours", "split_share", "split_icc"):
        value = getattr(position, key)
        if not 0 < value < 1:
            yield Fault(file, f"key {key}", f"{value} is no share", "use a number between 0 and 1")


def _case(instrument: Instrument, case: Case) -> Iterable[Fault]:
    position = instrument.position
    decisions = [decision.code for decision in position.decisions] if position else []
    response = instrument.response_scales.get(position.response) if position else None
    stops = response.options if response else ()
    capability = [scale.code for scale in instrument.scales_in("capability")]
    pressure = [scale.code for scale in instrument.scales_in("pressure")]
    blocks: list[tuple[str, Mapping[str, CaseCode], list[str], tuple[int, ...]]] = [
        ("position", case.position, decisions, stops),
        ("position_lived", case.position_lived, decisions, stops),
        ("dimensions", case.dimensions, capability, CASE_CODES),
        ("dimensions_lived", case.dimensions_lived, capability, CASE_CODES),
        ("pressures", case.pressures, pressure, CASE_CODES),
    ]
    for block, cells, known, allowed in blocks:
        for code, cell in cells.items():
            where = f"case {case.id}, {block}, {code}"
            if code not in known:
                mend = f"use one of: {', '.join(known)}" if known else "remove it"
                yield Fault("cases.toml", where, "the code is unknown", mend)
            yield from _cell(where, cell, allowed)
    if case.commitment is not None:
        yield from _cell(f"case {case.id}, commitment", case.commitment, CASE_CODES)


def _cell(where: str, cell: CaseCode, allowed: tuple[int, ...]) -> Iterable[Fault]:
    low, high = (min(allowed), max(allowed)) if allowed else (1, 5)
    for key in ("code", "first_reading", "second_reading"):
        value = getattr(cell, key)
        if value is not None and not low <= value <= high:
            what = f"{key} {value} lies outside {low} to {high}"
            yield Fault("cases.toml", where, what, f"use {low} to {high}")
    if cell.range is None:
        return
    first, last = cell.range
    if not low <= first <= last <= high:
        what = f"the range {first} to {last} is not a range inside {low} to {high}"
        yield Fault("cases.toml", where, what, "write the lower code first")
    elif cell.code is not None and not first <= cell.code <= last:
        what = f"code {cell.code} lies outside its own range, {first} to {last}"
        yield Fault("cases.toml", where, what, "widen the range or correct the code")
