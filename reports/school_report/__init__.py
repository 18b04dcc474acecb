"""A school's own report: where decisions sit and what is lived there, on two pages with tables.

The organisation's figures stand pale behind the school's. Of a school there is one informant
group, and no role; what may be shown of it is decided beside everything else that is published.
"""

from dataclasses import replace

from instruments.cells import Row
from instruments.definition import Instrument
from instruments.measures import Measures
from reports.conceal import conceal
from reports.disclosure import Withheld, people
from reports.disclosure_rows import reasons_to_refuse, response_rate
from reports.plan import Plan
from reports.profile import context_of, typeset
from reports.profile.capability import asked_scales, capability_of, lane_of
from reports.profile.capability import row_of as scale_row
from reports.profile.content import Capability, CapabilityRow, Decisions
from reports.profile.context import Context
from reports.profile.cover import USE_LIMITS, identity
from reports.profile.decisions import decisions_of
from reports.profile.decisions import row_of as decision_row
from reports.profile.figures import axis_of
from reports.profile.figures import bars as bars_of
from reports.profile.placing import decisions as asked_decisions
from reports.profile.placing import placing_mark
from reports.profile.schools import school_places
from reports.release import plan_release
from reports.round_facts import RoundFacts
from reports.school_report import suppression
from reports.school_report.content import SchoolReport
from reports.school_report.tables import tables
from reports.words import listed, lower_first, upper_first

__all__ = [
    "SchoolReport",
    "SchoolReportError",
    "build_school_report",
    "check_school",
    "may_have_report",
]


class SchoolReportError(ValueError):
    """No report can be made for a school; one line says why and what to do."""


def may_have_report(
    instrument: Instrument, measures: Measures, facts: RoundFacts, *, plan: Plan | None = None
) -> tuple[str, ...]:
    """The schools that may have a report of their own, by name; none of a refused organisation."""
    context = context_of(instrument, measures, facts)
    if reasons_to_refuse(measures.turnout, measures.by_school, context.floors):
        return ()
    plan = plan or plan_release(instrument, measures)
    shown = school_places(context).shown
    return tuple(
        sorted(
            school
            for school in shown
            if school in measures.schools and not plan.refusals(Row("school", school))
        )
    )


def build_school_report(
    instrument: Instrument,
    whole: Measures,
    mine: Measures,
    facts: RoundFacts,
    school: str,
    *,
    plan: Plan | None = None,
) -> SchoolReport:
    """One school's report as ready values.

    Parameters
    ----------
    instrument, whole, facts
        As for ``build_profile``: the round of the whole organisation.
    mine : Measures
        What ``score_school`` found of this school in the same round.
    school : str
    plan : Plan, optional
        As for ``build_profile``.

    Raises
    ------
    SchoolReportError
        The school is not known, or may not be shown.
    """
    plan = plan or plan_release(instrument, whole)
    check_school(instrument, whole, facts, school, plan=plan)
    context = context_of(instrument, conceal(whole, plan), facts)
    own = _own_context(context, conceal(mine, plan, school=school))
    fence = suppression.Fence(context, school)
    decisions, not_here = _decisions(own, fence)
    capability = _capability(own, fence)
    who = identity(context)
    report = SchoolReport(
        identity=replace(who, foot=who.foot.replace("· Profile,", "· School report,")),
        school=school,
        facts=_facts(own),
        decisions=decisions,
        not_here=not_here,
        capability=capability,
        limits=(
            f"{USE_LIMITS} By chance alone figures of one school move further than those of "
            f"{context.say('the {organisation}')}."
        ),
        place=_place(context, school),
        tables=tables(own, decisions, capability, context),
    )
    made: SchoolReport = typeset(report)
    return replace(made, identity=report.identity, school=school)


def check_school(
    instrument: Instrument, whole: Measures, facts: RoundFacts, school: str, *, plan: Plan
) -> None:
    """Refuse a school that is not known or may not be shown, in one line."""
    known = [turnout.name for turnout in whole.by_school if turnout.name]
    if school not in known:
        raise SchoolReportError(f"there is no school {school!r}; there are {', '.join(known)}")
    for line in plan.refusals(Row("school", school)):
        raise SchoolReportError(f"no report can be made for {school}: {line}")
    if school not in may_have_report(instrument, whole, facts, plan=plan):
        least = instrument.disclosure
        share = round(100 * least.school_response_rate)
        raise SchoolReportError(
            f"no report can be made for {school}: a school needs {least.school_n} answers and "
            f"{share}% of its staff, and none is shown through which another could be worked out"
        )


def _own_context(context: Context, mine: Measures) -> Context:
    """The school alone: one informant group, called by what it is."""
    lived, instrument = context.lived, context.instrument
    groups = {lived: instrument.groups[lived]} if lived in instrument.groups else {}
    named = {
        **context.words.text.groups,
        lived: {"name": context.group_name(lived), "who": "people in this school",
                "mark": "this school"},
    }  # fmt: skip
    text = context.words.text.model_copy(update={"groups": named})
    return replace(
        context,
        instrument=instrument.model_copy(update={"groups": groups}),
        measures=mine,
        words=context.words.model_copy(update={"text": text}),
    )


def _facts(own: Context) -> str:
    turnout, floor = own.measures.turnout, own.floors.group_n
    n, rate = people(turnout.n, floor=floor), response_rate(turnout, floor=floor)
    who = identity(own)
    parts = [own.facts.organisation, f"answers collected {who.window}"]
    if not isinstance(rate, Withheld):
        parts.append(f"{rate.text} of its staff answered")
    if not isinstance(n, Withheld):
        parts.append(f"n {n}")
    return " · ".join(parts)


def _place(context: Context, school: str) -> str:
    if context.facts.schools_named:
        return ""
    label = dict(school_places(context).labels).get(school, "")
    return f"On the profile’s page of schools, this school is letter {label}." if label else ""


def _decisions(own: Context, fence: suppression.Fence) -> tuple[Decisions, str]:
    context, rows, left_out = fence.whole, {}, []
    stops = context.stop_names()
    for decision in asked_decisions(own):
        if not fence.is_asked_alike(decision.item):
            left_out.append(lower_first(context.decision_text(decision.code, "short")))
            continue
        spread = context.measures.decisions[decision.code].groups[context.lived].distribution
        row = suppression.decision(fence, decision_row(own, decision), decision.item, spread.n)
        rows[decision.code] = replace(
            row,
            reference_bars=bars_of(spread, stops, context.floors),
            reference=placing_mark(context, decision.code, context.lived),
        )
    page = decisions_of(own, rows)
    whose = context.say("the {organisation}")
    page = replace(page, centre_word="", lived_word="this school", reference_word=whose)
    if not left_out:
        return page, ""
    verb = "is" if len(left_out) == 1 else "are"
    return page, (
        f"{upper_first(listed(left_out))} {verb} not asked of everybody: answers of one role "
        "in one school are never shown."
    )


def _capability(own: Context, fence: suppression.Fence) -> Capability:
    context = fence.whole
    scales = asked_scales(own, "capability")
    response = own.usual_response([item for scale, _ in scales for item in scale.items])
    axis = axis_of(own.instrument.response_scales[response].options)
    rows: list[CapabilityRow] = []
    whose = context.say("the {organisation}")
    for scale, measure in scales:
        row = suppression.scale(fence, scale_row(own, scale, measure, axis), measure.items)
        whole = lane_of(context, scale, context.measures.scales[scale.code], context.lived, axis)
        rows.append(replace(row, reference=replace(whole, name=whose, who=whose)))
    name = context.group_name(context.lived)
    page = capability_of(
        own,
        tuple(rows),
        response,
        heading=f"{upper_first(name)} here",
        intro=(
            f"What people in this school report ({name}), with the figure of {whose} as a pale "
            "column. Where a band and the column overlap, they are too close to tell apart."
        ),
    )
    n = people(own.measures.turnout.n, floor=own.floors.group_n)
    key = f"{name}: this school" + ("" if isinstance(n, Withheld) else f", n {n}")
    return replace(page, lived_key=key, designed_key="")
