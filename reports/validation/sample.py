"""Sample and flow for the validation report: who was asked, who is in the figures, what is missing.

Numbers for the whole sample are exact; those for a role stand in bands and pass
``reports.disclosure``.
"""

from collections.abc import Callable

from instruments.analysis.results import Analysis, ItemDistribution
from instruments.definition import Instrument, Words
from instruments.measures import Measures
from instruments.psychometrics.estimates import NotEstimated
from reports.disclosure import PROGRAM_FLOORS, Withheld, share
from reports.disclosure_rows import PeopleRow, counts_behind, role_rows, solve_back
from reports.validation.content import Column, FlowStep, Sample, Table
from reports.validation.figures import fixed
from reports.validation.items import answer_floor
from reports.words import sentence, upper_first

KINDS: tuple[tuple[str, Callable[[ItemDistribution], int], str], ...] = (
    ("Can’t tell", lambda found: found.cant_tell, "said that they could not tell"),
    ("Does not apply", lambda found: found.does_not_apply, "said that it does not apply"),
    ("Skipped", lambda found: found.skipped, "was shown and not answered"),
    ("Not shown by design", lambda found: found.not_shown, "role, form or module do not ask it"),
)
#: fewer missing cells than this are not counted exactly
FEW_CELLS = 10
#: nor are fewer people than this, or all but fewer than this
FEW_PEOPLE = PROGRAM_FLOORS.group_n


def sample(
    instrument: Instrument,
    words: Words,
    analysis: Analysis,
    measures: Measures | None,
    *,
    floor: int,
) -> Sample:
    """The page on sample and flow."""
    steps = _steps(analysis, measures)
    return Sample(
        steps=steps,
        flow_alt=_flow_alt(steps),
        sentences=_sentences(analysis, measures),
        roles=_roles(instrument, words, measures, floor) if measures else None,
        missing=_missing(analysis, answer_floor(instrument, analysis)),
    )


def _steps(analysis: Analysis, measures: Measures | None) -> tuple[FlowStep, ...]:
    analysed = FlowStep("Analysed here", analysis.n, f"{analysis.n:,}")
    if measures is None:
        unknown = FlowStep("Invited", None, "not known: no roster with this file")
        return unknown, analysed
    headcount = measures.turnout.headcount
    invited = (
        FlowStep("Invited", None, "not known: no roster")
        if headcount is None
        else FlowStep("Invited (roster)", headcount, f"{headcount:,}")
    )
    rate = measures.turnout.rate
    answered = f"{measures.n:,}"
    if rate is not None:
        answered += f", {round(100 * rate)}% of those invited"
    steps = [invited, FlowStep("Answered", measures.n, answered)]
    out = measures.careless if analysis.n <= measures.n - measures.careless else 0
    if measures.careless:
        steps.append(_careless(measures.careless, is_left_out=out > 0))
    without = measures.n - out - analysis.n
    if without > 0:
        steps.append(FlowStep("No rated item answered", without, f"{without:,}, left out"))
    return (*steps, analysed)


def _careless(count: int, *, is_left_out: bool) -> FlowStep:
    what = "left out" if is_left_out else "kept in here, left out of profiles"
    return FlowStep("Careless", count, f"{count:,}, {what}")


def _flow_alt(steps: tuple[FlowStep, ...]) -> str:
    told = "; ".join(f"{step.name.lower()}: {step.text}" for step in steps)
    return f"People from invited to analysed, as bars. {told}. The same numbers stand as text."


def _sentences(analysis: Analysis, measures: Measures | None) -> tuple[str, ...]:
    found = []
    if measures is not None and measures.turnout.rate is None:
        found.append("Without a roster the response rate is not known.")
    if measures is not None and measures.careless:
        found.append(
            "Careless: the attention item answered wrongly and at least one more sign (one option "
            "all the way down, an answer pattern far from everybody’s, contradictions)."
        )
    structure = analysis.structure
    if not isinstance(structure, NotEstimated):
        found.append(_pairs_words(structure.smallest_n, structure.largest_n, analysis.missing))
    return tuple(found)


def _pairs_words(smallest: int, largest: int, rule: str) -> str:
    if rule == "listwise":
        return f"Structure rests on the {largest:,} people who answered every item of it."
    if smallest == largest:
        return f"Every pair of items in the structure was answered by {largest:,} people."
    words = f"Pairs of items in the structure were answered by {smallest:,} to {largest:,} people"
    if 2 * smallest < largest:
        return f"{words}: too far apart for one n to stand for all."
    return f"{words}; figures that need one n take the smallest."


# Roles


def _roles(instrument: Instrument, words: Words, measures: Measures, floor: int) -> Table | None:
    if not measures.by_role:
        return None
    rows = role_rows(measures.by_role, instrument.groups, measures.turnout, floor=floor)
    if _can_be_solved(rows, instrument, measures, floor):
        return None
    return Table(
        key="roles",
        title="Response by role",
        columns=(Column("Role"), Column("Answered", is_number=True), Column("n, in bands", True)),
        rows=tuple(
            (_role_name(row, words), _printed(row.rate), _printed(row.n_band)) for row in rows
        ),
        note="Where a role is too small to stand alone, its informant group stands for it.",
    )


def _printed(value: object) -> str:
    if isinstance(value, Withheld):
        return value.reason
    return str(getattr(value, "text", value))


def _role_name(row: PeopleRow, words: Words) -> str:
    if row.kind == "total":
        return "Everybody"
    names = words.text.groups if row.kind == "group" else words.text.roles
    own = names.get(row.code, {})
    return upper_first(words.fill(own.get("who" if row.kind == "group" else "name", row.code)))


def _can_be_solved(
    rows: tuple[PeopleRow, ...], instrument: Instrument, measures: Measures, floor: int
) -> bool:
    """Whether the exact total of the flow, less the rows shown, pins a hidden row."""
    hidden = [row for row in rows[:-1] if isinstance(row.n_band, Withheld)]
    if not hidden:
        return False
    turnouts = {turnout.name: turnout for turnout in measures.by_role} | dict(measures.by_group)
    shown = [
        counts_behind(row, turnouts[row.code], floor)
        for row in rows[:-1]
        if not isinstance(row.n_band, Withheld)
    ]
    low, high = solve_back((measures.turnout.n, measures.turnout.n), shown)
    most = (floor - 1) * len(hidden)
    return low >= (most if high is None else min(high, most))


# Missing answers


def _missing(analysis: Analysis, floor: int) -> Table:
    found = tuple(analysis.distributions.values())
    cells = analysis.n * len(found)
    rows = []
    for name, count, meaning in KINDS:
        total = sum(count(each) for each in found)
        rows.append((name, meaning, _of_all(total, cells), _most(analysis, count, floor)))
    return Table(
        key="missing",
        title="What is missing, of all cells (people by rated items)",
        columns=(
            Column("Kind"),
            Column("Meaning"),
            Column("Share of cells", is_number=True),
            Column("Most at"),
        ),
        rows=tuple(rows),
        note=f"{cells:,} cells: {analysis.n:,} people by {len(found)} rated items. "
        + sentence(
            "none of these answers counts as zero or as a middle option; what is missing is missing"
        ),
    )


def _of_all(total: int, cells: int) -> str:
    if total == 0:
        return "none"
    if total < FEW_CELLS:
        return f"fewer than {FEW_CELLS} cells"
    percent = 100 * total / cells
    return "<0.1%" if percent < 0.05 else f"{fixed(percent, 1)}%"


def _most(analysis: Analysis, count: Callable[[ItemDistribution], int], floor: int) -> str:
    found = max(analysis.distributions.values(), key=count)
    if count(found) == 0:
        return "no item"
    if min(count(found), analysis.n - count(found)) < FEW_PEOPLE:
        return found.item  # roster and total are known: the share would be an exact number
    shown = share(count(found) / analysis.n, analysis.n, floor=floor)
    return found.item if isinstance(shown, Withheld) else f"{found.item}, {shown.text} of people"
