"""The fence for rows of people: roles, schools, the organisation as a whole.

Complementary suppression, and a check that solves back what a reader could work out by taking
shown rows from a total. The full audit of a report (linear programming over every printed
figure) is not done here: see ``docs/disclosure.md``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from instruments.definition import Disclosure
from instruments.measures import Turnout
from reports.disclosure import (
    FINE,
    N_BANDS,
    PROGRAM_FLOORS,
    TO_PROTECT,
    DisclosureError,
    Shown,
    Withheld,
    fewer_than,
    n_band_limits,
    people,
    percent,
    percent_step,
)

#: a range of whole numbers, both ends included; None: no upper limit
Range = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class PeopleRow:
    """A row of people that may be printed: its rate and its number in bands."""

    kind: Literal["role", "group", "total"]
    code: str
    rate: Shown | Withheld
    n_band: str | Withheld


@dataclass(frozen=True, slots=True)
class SchoolRows:
    """Schools that may have a row of their own, and how many may not."""

    shown: tuple[str, ...]
    withheld: int


# One row


def response_rate(turnout: Turnout, *, floor: int = PROGRAM_FLOORS.group_n) -> Shown | Withheld:
    """The share of staff that answered, rounded so that no exact number follows from it.

    Leaders know how many staff there are, so a rate to the percent gives the number who answered
    away. It is printed at the finest step at which two numbers or more would print alike.
    """
    if turnout.n < floor:
        return fewer_than(floor, "people")
    rate, headcount = turnout.rate, turnout.headcount
    if rate is None or headcount is None:
        return Withheld("not known")
    for step in (1, 5, 10):
        if step < percent_step(turnout.n):
            continue
        low, high = _counts_that_print_alike(turnout.n, headcount, step, floor)
        if high > low:
            return percent(rate, step=step, mask=FINE)
    return TO_PROTECT


def _counts_that_print_alike(n: int, headcount: int, step: int, floor: int) -> tuple[int, int]:
    band_low, band_high = n_band_limits(n)
    lowest = max(floor, band_low)
    highest = headcount if band_high is None else min(headcount, band_high)
    n = min(n, headcount)

    def prints_alike(count: int) -> bool:
        return _rate_text(count / headcount, step) == _rate_text(n / headcount, step)

    low = high = n
    while low - 1 >= lowest and prints_alike(low - 1):
        low -= 1
    while high + 1 <= highest and prints_alike(high + 1):
        high += 1
    return low, high


def _rate_text(rate: float, step: int) -> str:
    return percent(rate, step=step, mask=FINE).text


def counts_behind(row: PeopleRow, turnout: Turnout, floor: int) -> Range:
    """What a reader who knows the headcount and these rules can say of the people in a row."""
    if isinstance(row.n_band, Withheld):
        return 0, floor - 1
    low, high = n_band_limits(turnout.n)
    low, headcount = max(low, floor), turnout.headcount
    if headcount is not None and turnout.n <= headcount:
        high = headcount if high is None else min(high, headcount)
    if isinstance(row.rate, Withheld) or headcount is None or high is None:
        return low, high
    printed = row.rate.text
    if low >= N_BANDS[-1]:
        # many people: every step is finer than one in a hundred, and looking at each is slow
        step = next(s for s in (1, 5, 10) if _rate_text(turnout.rate or 0, s) == printed)
        return _counts_that_print_alike(turnout.n, headcount, step, floor)
    alike = [count for count in range(low, high + 1) if _prints(count, turnout, floor) == printed]
    return (min(alike), max(alike)) if alike else (low, high)


def _prints(count: int, turnout: Turnout, floor: int) -> str:
    rate = response_rate(Turnout(turnout.name, count, turnout.headcount), floor=floor)
    return "" if isinstance(rate, Withheld) else rate.text


def solve_back(total: Range, shown: Sequence[Range]) -> Range:
    """The range of a hidden remainder: the total less everything that is shown."""
    most = None
    if total[1] is not None:
        most = max(0, total[1] - sum(low for low, _ in shown))
    if any(high is None for _, high in shown):
        return 0, most
    return max(0, total[0] - sum(high for _, high in shown if high is not None)), most


def check_remainder(total: int, shown: Sequence[int], *, floor: int) -> None:
    """Refuse rows whose difference from their total rests on somebody, but too few.

    Raises
    ------
    DisclosureError
        If what remains of ``total`` after taking away ``shown`` is between 1 and ``floor - 1``.
    """
    remainder = total - sum(shown)
    if 0 < remainder < floor:
        raise DisclosureError(
            f"the rows shown leave fewer than {floor} people when they are taken from the total"
        )


# Roles and informant groups


def role_rows(
    by_role: Sequence[Turnout],
    groups: Mapping[str, Sequence[str]],
    total: Turnout,
    *,
    floor: int = PROGRAM_FLOORS.group_n,
) -> tuple[PeopleRow, ...]:
    """Rows of the turnout table, with the total last.

    Each role stands alone only if every role of its informant group may; else the group stands
    for them, and is withheld where it is below the floor itself. Roles that nobody holds (a
    headcount of 0) have no row. The total's rate, and then its band, is withheld where, less the
    rows shown, it would give the number of a hidden row exactly.
    """
    turnouts = {turnout.name: turnout for turnout in by_role}
    rows: list[tuple[PeopleRow, Turnout]] = []
    grouped = {role for roles in groups.values() for role in roles}
    lone = {code: (code,) for code in turnouts if code not in grouped}
    for code, roles in {**groups, **lone}.items():
        held = [turnouts[role] for role in roles if role in turnouts]
        held = [turnout for turnout in held if turnout.n or turnout.headcount != 0]
        if not held:
            continue
        if all(turnout.n >= floor for turnout in held):
            rows += [(_row("role", turnout, floor), turnout) for turnout in held]
        else:
            together = _together(code, held)
            kind: Literal["role", "group"] = "role" if code in lone else "group"
            rows.append((_row(kind, together, floor), together))
    last = _row("total", total, floor)
    if _gives_a_row_away(rows, last, total, floor):
        last = PeopleRow("total", last.code, TO_PROTECT, last.n_band)
    if _gives_a_row_away(rows, last, total, floor):
        last = PeopleRow("total", last.code, TO_PROTECT, TO_PROTECT)
    return (*(row for row, _ in rows), last)


def _row(kind: Literal["role", "group", "total"], turnout: Turnout, floor: int) -> PeopleRow:
    return PeopleRow(
        kind, turnout.name, response_rate(turnout, floor=floor), people(turnout.n, floor=floor)
    )


def _together(code: str, turnouts: Sequence[Turnout]) -> Turnout:
    counts = [turnout.headcount for turnout in turnouts]
    known = [count for count in counts if count is not None]
    headcount = sum(known) if len(known) == len(counts) else None
    return Turnout(code, sum(turnout.n for turnout in turnouts), headcount)


def _gives_a_row_away(
    rows: Sequence[tuple[PeopleRow, Turnout]], last: PeopleRow, total: Turnout, floor: int
) -> bool:
    hidden = [row for row, _ in rows if isinstance(row.n_band, Withheld)]
    if not hidden or isinstance(last.n_band, Withheld):
        return False
    shown = [
        counts_behind(row, turnout, floor)
        for row, turnout in rows
        if not isinstance(row.n_band, Withheld)
    ]
    low, high = solve_back(counts_behind(last, total, floor), shown)
    most = (floor - 1) * len(hidden)
    return max(low, 0) >= (most if high is None else min(high, most))


# Schools


def school_rows(by_school: Sequence[Turnout], declared: Disclosure) -> SchoolRows:
    """Schools with enough answers and enough of their staff, after complementary suppression.

    One withheld school alone could be worked out from the total, and so could two that hold
    fewer people than the floor together: the next smallest is withheld with them until what is
    hidden is nobody or enough. One school that would stand alone is withheld too.
    """
    schools = [turnout for turnout in by_school if turnout.name]
    hidden = [turnout for turnout in schools if not _may_stand_alone(turnout, declared)]
    shown = sorted(
        (turnout for turnout in schools if turnout not in hidden),
        key=lambda turnout: turnout.n,
    )
    while shown and hides_too_little([turnout.n for turnout in hidden], declared.group_n):
        hidden.append(shown.pop(0))
    if len(shown) == 1:
        hidden += shown
        shown = []
    if shown:
        total = sum(turnout.n for turnout in schools)
        check_remainder(total, [turnout.n for turnout in shown], floor=declared.group_n)
    names = {turnout.name for turnout in shown}
    return SchoolRows(
        shown=tuple(turnout.name for turnout in schools if turnout.name in names),
        withheld=len(hidden),
    )


def schools_showing(
    counts: Mapping[str, int], allowed: Collection[str], declared: Disclosure
) -> frozenset[str]:
    """Schools that may show one figure, among those that may be shown at all.

    ``counts`` are the answers to that very figure in every school. Fewer people answer one
    question than the survey, so what holds of schools as a whole is asked again of each figure:
    10 answers; and what the organisation's own figure leaves, less the schools that show theirs,
    is nobody or at least 10 people in at least two schools.
    """
    shown = sorted(
        (name for name in allowed if counts.get(name, 0) >= declared.group_n),
        key=lambda name: (counts[name], name),
    )
    hidden = [name for name, n in counts.items() if n and name not in shown]
    while shown and hidden:
        people_hidden = sum(counts[name] for name in hidden)
        if len(hidden) > 1 and people_hidden >= declared.group_n:
            break
        hidden.append(shown.pop(0))
    return frozenset(shown) if len(shown) > 1 else frozenset()


def _may_stand_alone(turnout: Turnout, declared: Disclosure) -> bool:
    rate = turnout.rate
    return (
        turnout.n >= declared.school_n
        and rate is not None
        and rate >= declared.school_response_rate
    )


def hides_too_little(hidden: Sequence[int], floor: int) -> bool:
    """Whether withheld schools, of so many people, could be worked out from a total."""
    return len(hidden) == 1 or 0 < sum(hidden) < floor


# The organisation


def reasons_to_refuse(
    total: Turnout, by_school: Sequence[Turnout], declared: Disclosure
) -> tuple[str, ...]:
    """Why no profile of the organisation may be shown: sentences, none where it may."""
    answering = sum(1 for turnout in by_school if turnout.name and turnout.n > 0)
    reasons = []
    if total.n < declared.organisation_n:
        reasons.append(f"Fewer than {declared.organisation_n} people answered.")
    if answering < declared.organisation_schools:
        reasons.append(f"Answers came from fewer than {declared.organisation_schools} schools.")
    if total.rate is not None and total.rate < declared.organisation_response_rate:
        lowest = round(100 * declared.organisation_response_rate)
        reasons.append(f"Fewer than {lowest}% of staff answered.")
    return tuple(reasons)


def caution(total: Turnout, declared: Disclosure) -> str:
    """The sentence for a response that calls for caution, or an empty string."""
    if total.rate is None:
        return (
            "How many staff there are is not known, so the response rate is not known either: "
            "read every figure as the view of those who answered."
        )
    if total.rate < declared.caution_response_rate:
        lowest = round(100 * declared.caution_response_rate)
        return (
            f"Fewer than {lowest}% of staff answered: read every figure with caution, and look "
            "at the hatched bands first."
        )
    return ""
