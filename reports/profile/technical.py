"""The technical page: how it was done, what was withheld, and by which rules."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from instruments.measures import EVERYBODY, ScaleMeasure
from instruments.psychometrics.estimates import NotEstimated
from reports.disclosure import Withheld, people
from reports.disclosure_rows import response_rate
from reports.profile.content import Body, Refusal, Table, Technical
from reports.profile.context import Context
from reports.words import upper_first


def technical(context: Context, body: Body | Refusal) -> Technical:
    """How the profile was made."""
    return Technical(
        facts=tuple(_facts(context, refused=isinstance(body, Refusal)).items()),
        suppressions=_suppressions(body),
        thresholds=tuple(_thresholds(context).items()),
        notices=() if isinstance(body, Refusal) else context.measures.notices,
    )


def _facts(context: Context, *, refused: bool) -> Mapping[str, str]:
    measures, instrument, scoring = context.measures, context.instrument, context.instrument.scoring
    who = context.facts.mode
    facts = {
        "Instrument": f"{instrument.slug} {measures.version}, form {context.facts.form}",
        "Instrument checksum": measures.instrument_checksum,
        "Scoring": measures.scoring_version,
        "Dataset fingerprint": measures.fingerprint,
        "Seed": str(measures.seed),
        "How answers were given": f"{who}, one frozen dataset",
        "People": _people(context, refused=refused),
        "Careless answers": _careless(context, refused=refused),
        "Weights": (
            "within each informant group, answers are weighted to the roster by school and role; "
            "small cells are joined with the next"
            if measures.turnout.headcount is not None
            else "none: the number of staff is not known"
        ),
        "Solid bands": (
            f"{round(100 * scoring.confidence)}% intervals over schools and roles, with the part "
            "of chance that lies in answering kept for everybody asked"
        ),
        "Position": (
            "interpolated median of the answers at the stops; its interval is Woodruff's; the "
            "whole is the median of the decisions, its interval by bootstrap over people"
        ),
        "Missing answers": (
            '"can\'t tell", "does not apply" and skipped answers are missing, never zero or the '
            "midpoint; a scale needs most of the questions that a person was shown"
        ),
    }
    facts["Research report"] = (
        "a validation report with every figure behind these scales can be made from the same "
        "dataset: ask whoever runs the survey for it and name the fingerprint above; from files, "
        "midtier validate makes it"
    )
    if measures.turnout.rate is not None:
        facts["Hatched bands"] = (
            f"what if those who did not answer differ by {scoring.silent_differ_sd:g} standard "
            "deviations; not an estimate"
        )
    return facts


def _people(context: Context, *, refused: bool) -> str:
    floors, total = context.floors, context.measures.turnout
    n = people(total.n, floor=floors.organisation_n if refused else floors.group_n)
    if isinstance(n, Withheld):
        return f"fewer than {floors.organisation_n}"
    rate = response_rate(total, floor=floors.group_n)
    told = f"response rate {rate.reason}" if isinstance(rate, Withheld) else f"{rate.text} of staff"
    return f"n {n}, {told}"


def _careless(context: Context, *, refused: bool) -> str:
    floor = context.floors.group_n
    n = people(context.measures.careless, floor=floor)
    count = f"fewer than {floor}" if isinstance(n, Withheld) or refused else f"n {n}"
    return (
        f"{count} left out of the main results: the attention question was wrong and one more "
        "sign of haste was there"
    )


def _suppressions(body: Body | Refusal) -> tuple[tuple[str, str], ...]:
    if isinstance(body, Refusal):
        return (("The whole profile", "below the floors"),)
    counts = Counter(
        found.reason for found in _withheld(body) if found.reason.startswith("not shown")
    )
    named = {reason: upper_first(reason.removeprefix("not shown: ")) for reason in counts}
    rows = [
        (named[reason], f"{count} place{'s' if count > 1 else ''} in this profile")
        for reason, count in counts.items()
    ]
    return tuple(rows) or (("Nothing", "no figure of this profile had to be withheld"),)


def _withheld(value: object) -> list[Withheld]:
    if isinstance(value, Withheld):
        return [value]
    if isinstance(value, tuple):
        return [found for each in value for found in _withheld(each)]
    if is_dataclass(value) and not isinstance(value, type):
        return [found for each in fields(value) for found in _withheld(getattr(value, each.name))]
    return []


def _thresholds(context: Context) -> Mapping[str, str]:
    scoring, floors, position = (
        context.instrument.scoring,
        context.floors,
        context.instrument.position,
    )
    rules = {
        "A group is shown from": f"{floors.group_n} answers",
        "A school has a page from": (
            f"{floors.school_n} answers and {round(100 * floors.school_response_rate)}% of staff"
        ),
        "A profile is made from": (
            f"{floors.organisation_n} answers, {floors.organisation_schools} schools and "
            f"{round(100 * floors.organisation_response_rate)}% of staff"
        ),
        "A row is hidden all the same": (
            "if answers of fewer than ten people could be worked out from it and all else that is "
            "printed of the round"
        ),
        "Low, in a reading": f"upper limit of the band below {scoring.low_below:.1f}",
        "High, in a reading": f"lower limit of the band {scoring.high_from:.1f} or above",
        "Printed question by question": (
            f"upper limit of omega total below {scoring.hangs_together_omega:.2f}"
        ),
        "Many could not tell": f"{round(100 * scoring.cant_tell_notice)}% or more",
    }
    if position is not None:
        rules["A stop is named"] = (
            f"{round(100 * position.named_stop_share)}% of answers on it and "
            f"{round(100 * position.named_stop_with_neighbours)}% with its neighbours"
        )
        rules["A decision is split"] = (
            f"{round(100 * position.split_share)}% or more on each side of the middle; schools "
            f"differ from an ICC(1) of {position.split_icc:.2f}"
        )
    rules["Status of these marks"] = "provisional"
    return rules


def scales_table(context: Context) -> Table:
    """Reliability of each scale in this round, with its interval."""
    rows = []
    for scale in context.instrument.scales:
        measure = context.measures.scales.get(scale.code)
        if measure is None or not context.shown_to(scale.items, EVERYBODY):
            continue
        rows.append(_scale_row(context, measure, scale.kind))
    return Table(
        key="technical-scales",
        title="Scales in this round",
        columns=(
            "Scale",
            "Questions compared",
            "n",
            "Omega total",
            f"{round(100 * context.instrument.scoring.confidence)}% interval",
        ),
        rows=tuple(rows),
        note=(
            "Omega total is estimated from all who answered. Scales whose questions make up the "
            "thing itself, or are read one by one, have none."
        ),
    )


def _scale_row(context: Context, measure: ScaleMeasure, kind: str) -> tuple[str, ...]:
    name = f"{context.scale_name(measure.scale)} ({measure.scale})"
    found = measure.reliability
    count = str(len(measure.items))
    if kind == "formative":
        return name, count, "", "not estimated", "its questions make up the thing itself"
    if kind == "items":
        return name, count, "", "not estimated", "read one by one"
    if isinstance(found, NotEstimated):
        why = "one question" if len(measure.items) == 1 else "these answers do not allow it"
        return name, count, "", "not estimated", why
    n = people(found.n, floor=context.floors.group_n)
    if isinstance(n, Withheld):
        return name, count, n.reason, "not shown", ""
    return name, count, n, f"{found.value:.2f}", f"{found.low:.2f} to {found.high:.2f}"
