"""Reliability for the validation report: each reflective scale, with intervals and in words."""

from collections.abc import Sequence
from dataclasses import replace

from instruments.analysis.results import Analysis
from instruments.definition import Instrument, Words
from instruments.psychometrics.estimates import Estimate, NotEstimated
from instruments.psychometrics.scales import ScaleReliability
from reports.disclosure import PROGRAM_FLOORS, fewer_than
from reports.validation.content import Column, Reliability, ReliabilityRow, Table
from reports.validation.figures import Reasons, coefficient, figure, interval, notes
from reports.words import listed, number, upper_first

#: conventional marks for research on groups, and for reports on groups
GROUPS, REPORTS = 0.70, 0.80


def enough_people(analysis: Analysis, *, floor: int) -> Analysis:
    """The analysis without coefficients that rest on fewer people than the floor."""
    few = NotEstimated(fewer_than(floor).reason)
    scales = {
        code: scale
        if scale.n == 0 or scale.n >= floor
        else ScaleReliability(
            n=scale.n,
            items=(),
            alpha=few,
            alpha_standardised=few,
            omega_total=few,
            average_r=few,
            spearman_brown=None if scale.spearman_brown is None else few,
        )
        for code, scale in analysis.scales.items()
    }
    kept = tuple(
        mark for mark in analysis.marks if mark.mark != "item_rest" or scales[mark.scale].items
    )
    return replace(analysis, scales=scales, marks=kept)


def scale_people(scale: ScaleReliability) -> str:
    """Complete cases of a scale; exact only from the program's floor on."""
    floor = PROGRAM_FLOORS.group_n
    return f"{scale.n:,}" if scale.n >= floor or scale.n == 0 else f"under {floor}"


def reliability(instrument: Instrument, words: Words, analysis: Analysis) -> Reliability:
    """The reliability table and what it says."""
    reasons: Reasons = {}
    rows = tuple(
        _row(code, scale, instrument=instrument, words=words, analysis=analysis, reasons=reasons)
        for code, scale in analysis.scales.items()
    )
    return Reliability(
        rows=rows,
        notes=notes(reasons),
        sentences=_sentences(analysis),
        left_out=_left_out(instrument, analysis),
    )


def main_estimate(scale: ScaleReliability) -> Estimate | NotEstimated:
    """Omega total; Spearman-Brown for a scale of two items."""
    return scale.omega_total if scale.spearman_brown is None else scale.spearman_brown


def scale_name(words: Words, code: str) -> str:
    """A scale's short name."""
    names = words.text.scales.get(code, {})
    return words.fill(names.get("short", names.get("name", code)))


def _row(
    code: str,
    scale: ScaleReliability,
    *,
    instrument: Instrument,
    words: Words,
    analysis: Analysis,
    reasons: Reasons,
) -> ReliabilityRow:
    main = main_estimate(scale)
    is_two = scale.spearman_brown is not None
    if isinstance(main, NotEstimated):
        # this reason stands whole in the place of the strip, and needs no note
        main_figure, span, drawn, alt = figure(main, {}), "", None, ""
    else:
        main_figure = figure(main, reasons)
        span = interval(main.low, main.high)
        drawn = (main.value, main.low, main.high)
        name = "Spearman–Brown" if is_two else "Omega"
        alt = f"{code}: {name} {coefficient(main.value)}, 95% interval {span}."
    in_file = [item for item in instrument.scale(code).items if item in analysis.distributions]
    return ReliabilityRow(
        code=code,
        name=scale_name(words, code),
        items=str(len(scale.items) or len(in_file)),
        n=scale_people(scale),
        omega=main_figure,
        omega_interval=span,
        drawn=drawn,
        strip_alt=alt,
        is_spearman_brown=is_two,
        alpha=figure(scale.alpha, reasons),
        alpha_interval=_interval(scale.alpha),
        alpha_standardised=figure(scale.alpha_standardised, reasons),
        average_r=figure(scale.average_r, reasons),
    )


def _interval(estimate: Estimate | NotEstimated) -> str:
    return "" if isinstance(estimate, NotEstimated) else interval(estimate.low, estimate.high)


def _sentences(analysis: Analysis) -> tuple[str, ...]:
    estimates = {code: main_estimate(scale) for code, scale in analysis.scales.items()}
    found = {code: each for code, each in estimates.items() if isinstance(each, Estimate)}
    words = []
    if found:
        words.append(_reached(found, len(estimates)))
    below = [code for code, each in found.items() if round(each.high, 2) < GROUPS]
    if below:
        words.append(
            f"Even the upper limit lies below {coefficient(GROUPS)}: {listed(below)}. Profiles "
            "print such scales item by item."
        )
    two = [code for code, scale in analysis.scales.items() if scale.spearman_brown is not None]
    if two:
        has = "has two items" if len(two) == 1 else "have two items each"
        words.append(f"{listed(two)} {has}: Spearman–Brown (SB) stands in the column of omega.")
    negative = [code for code, each in found.items() if each.value < 0]
    if negative:
        words.append(
            f"Negative, since items run against one another: {listed(negative)}. Look for an item "
            "that should be reversed."
        )
    return tuple(words)


def _reached(found: dict[str, Estimate], every: int) -> str:
    reached = [code for code, each in found.items() if round(each.value, 2) >= GROUPS]
    short = [
        f"{code} ({coefficient(each.value)})"
        for code, each in found.items()
        if round(each.value, 2) < GROUPS
    ]
    mark = coefficient(GROUPS)
    if not short:
        which = "" if len(found) == every else " that can be estimated"
        return f"Every scale{which} reaches {mark}."
    verb = "reaches" if len(reached) == 1 else "reach"
    count = upper_first(number(len(reached)))
    return f"{count} of {number(len(found))} scales {verb} {mark}; below it: {listed(short)}."


def _left_out(instrument: Instrument, analysis: Analysis) -> str:
    other = [
        scale.code
        for scale in instrument.scales
        if scale.kind != "reflective"
        and any(item in analysis.distributions for item in scale.items)
    ]
    if not other:
        return ""
    return (
        f"Not in this table: {listed(other)}. Their items make up the construct or are read one by "
        "one, so how well they hang together says nothing for or against them."
    )


def verdicts(analysis: Analysis) -> Table | None:
    """Each scale beside both marks, interval included; None where no scale is reflective."""
    rows: list[Sequence[str]] = []
    for code, scale in analysis.scales.items():
        main = main_estimate(scale)
        if isinstance(main, NotEstimated):
            rows.append((code, "cannot be estimated", main.reason, main.reason))
        else:
            words = f"{coefficient(main.value)} ({interval(main.low, main.high)})"
            rows.append((code, words, _verdict(main, GROUPS), _verdict(main, REPORTS)))
    if not rows:
        return None
    return Table(
        key="scale-marks",
        title="Scales beside the marks",
        columns=(
            Column("Scale"),
            Column("Omega or SB (95%)"),
            Column(f"Mark {coefficient(GROUPS)}, research on groups"),
            Column(f"Mark {coefficient(REPORTS)}, reports"),
        ),
        rows=tuple(tuple(row) for row in rows),
    )


def _verdict(estimate: Estimate, mark: float) -> str:
    # by the printed figures, so that .80 never stands beside "not .80"
    value, low, high = (round(x, 2) for x in (estimate.value, estimate.low, estimate.high))
    if low >= mark:
        return "reached, with its whole interval"
    if value >= mark:
        return "reached; the interval goes below"
    if high >= mark:
        return "× not reached; the interval includes it"
    return "× not reached, not even by the upper limit"
