"""The one page: headline, the line, readings, and the greatest uncertainty."""

from reports.disclosure import Withheld
from reports.disclosure_rows import response_rate
from reports.position import headline, lead
from reports.profile.content import Capability, Line, Mark, Reading, Summary
from reports.profile.context import Context
from reports.profile.placing import placed_decisions
from reports.words import lower_first, number, upper_first


def summary(
    context: Context, *, line: Line, capability: Capability, readings: tuple[Reading, ...]
) -> Summary:
    """The page that a leader reads first."""
    placed = placed_decisions(context)
    many = "s" if len(readings) != 1 else ""
    return Summary(
        headline=headline(placed),
        lead=lead(placed),
        line=line,
        readings_heading=f"{upper_first(number(len(readings)))} reading{many} to test in a meeting",
        readings=readings,
        uncertainty=uncertainty(context, capability),
    )


def uncertainty(context: Context, capability: Capability) -> str:
    """One sentence on what is least sure: the silent, or else chance."""
    marks = {
        row.name: row.lived.mark for row in capability.rows if isinstance(row.lived.mark, Mark)
    }
    if not marks:
        return "No dimension as lived may be shown, so how sure it is cannot be said either."
    name_of = context.group_name(context.lived)
    silent = _silent(context)
    outer = {
        name: (mark.outer_low, mark.outer_high)
        for name, mark in marks.items()
        if mark.outer_low is not None and mark.outer_high is not None
    }
    if outer and silent:
        # the widest what-if; the first of equals, in the instrument's order
        name, (low, high) = max(outer.items(), key=lambda each: round(each[1][1] - each[1][0], 1))
        return (
            f"{silent} did not answer. If they see things somewhat differently, "
            f"{lower_first(name)} as {name_of} could lie between {low:.1f} and {high:.1f}."
        )
    name, mark = max(marks.items(), key=lambda each: round(each[1].high - each[1].low, 1))
    return (
        "How many staff did not answer cannot be said, nor how they see things. By chance alone, "
        f"{lower_first(name)} as {name_of} is {mark.likely}."
    )


def _silent(context: Context) -> str:
    turnout = context.turnout(context.lived)
    rate = response_rate(turnout, floor=context.floors.group_n)
    if isinstance(rate, Withheld):
        return ""
    who = context.group_who(context.lived)
    if rate.text.startswith(">"):
        return f"Fewer than 10 in 100 {who}"
    if rate.text.startswith("<"):
        return f"More than 95 in 100 {who}"
    return f"{round(100 - rate.value)} in 100 {who}"
