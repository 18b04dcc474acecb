"""The plan of a release: which rows of which figures of one round may be shown, all together.

It is worked out once from a round's answers and covers every document of the round, so that no
document has to know of another. It begins with what the floors allow, attacks it
(``reports.audit``), and hides rows until the attack learns nothing: an informant group instead of
its roles, then schools, then the question itself. The same answers give the same plan.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from instruments.cells import Cells, Counted, Row, Scored
from instruments.definition import Disclosure, Instrument, Position
from instruments.measures import EVERYBODY, Measures
from reports.audit.counts import audit_counts
from reports.audit.figures import (
    Figure,
    count_system,
    distribution_figures,
    mean_figure,
    pooled_figures,
    score_system,
    share_figure,
    sums_beside,
    targets_of,
)
from reports.audit.scores import audit_scores
from reports.audit.system import PINNED, Finding, Integers, Target
from reports.disclosure import floors as checked_floors
from reports.disclosure_rows import school_rows, schools_showing
from reports.plan import Plan, Printed


def plan_release(instrument: Instrument, measures: Measures) -> Plan:
    """What may be shown of a round, in all its documents together.

    Measures made by hand hold no answers; their plan hides nothing and shows nothing by school
    or role.
    """
    floors = checked_floors(instrument.disclosure)
    if measures.cells is None:
        return Plan({}, {}, (), 0)
    allowed = school_rows(measures.by_school, floors).shown
    round_ = _Round(measures.cells, floors, allowed, instrument.position)
    shown, hidden, attacked = {}, {}, 0
    for key in (*measures.cells.counted, *measures.cells.scored):
        first = _first_rows(round_, key)
        rows, targets = _hide_until_safe(round_, key, first)
        shown[key] = {row: _printed(round_, key, row) for row in sorted(rows)}
        hidden[key] = frozenset(first - rows)
        attacked += targets
    schools = tuple(
        name for name in allowed if any(Row("school", name) in rows for rows in shown.values())
    )
    return Plan(shown, {key: rows for key, rows in hidden.items() if rows}, schools, attacked)


@dataclass(frozen=True)
class _Round:
    """What the plan is made from."""

    cells: Cells
    floors: Disclosure
    #: schools with enough answers and staff
    schools: tuple[str, ...]
    position: Position | None

    def found(self, key: str) -> Counted | Scored:
        counted = self.cells.counted.get(key)
        return self.cells.scored[key] if counted is None else counted

    def people(self, key: str) -> Integers:
        """Who answered, in each cell."""
        found = self.found(key)
        return found.people if isinstance(found, Counted) else found.n

    def n(self, key: str, row: Row) -> int:
        """On how many people a row's figure rests."""
        weights = self.found(key).weights.get(row)
        return 0 if weights is None else int(self.people(key)[weights > 0].sum())


# What the floors allow


def _first_rows(round_: _Round, key: str) -> frozenset[Row]:
    """Rows that have enough answers, after complementary suppression."""
    floor = round_.floors.group_n
    found = [row for row in round_.found(key).weights if round_.n(key, row) >= floor]
    groups = _group_rows(round_, key, [row for row in found if row.kind == "group"])
    roles = [row for row in found if row.kind == "role"]
    roles = [row for row in roles if _may_stand_by_role(round_, key, row.name, roles)]
    return frozenset((*groups, *roles, *_school_rows(round_, key, round_.schools)))


def _group_rows(round_: _Round, key: str, rows: Sequence[Row]) -> list[Row]:
    """Of a decision the main group's distribution is printed, of a question the first that may."""
    if key.split(":")[0] not in ("today", "question"):
        return list(rows)
    main = Row("group", round_.cells.main)
    if main in rows or key.startswith("today:"):
        return [row for row in rows if row == main]
    asked = main in round_.found(key).weights  # few of them answered: nobody stands in for them
    return [] if asked else list(rows)[:1]


def _may_stand_by_role(round_: _Round, key: str, role: str, rows: Sequence[Row]) -> bool:
    """A role stands alone only if every role of its informant group that answered may."""
    of_group = next(
        (
            members
            for name, members in round_.cells.groups.items()
            if name != EVERYBODY and role in members
        ),
        (role,),
    )
    open_roles = {row.name for row in rows}
    return all(not round_.n(key, Row("role", one)) or one in open_roles for one in of_group)


def _school_rows(round_: _Round, key: str, names: Collection[str]) -> set[Row]:
    """Which of these schools may show this, where those that may not must have cover."""
    rows = [row for row in round_.found(key).weights if row.kind == "school"]
    counts = {row.name: round_.n(key, row) for row in rows}
    allowed = [name for name in names if name in counts]
    return {Row("school", name) for name in schools_showing(counts, allowed, round_.floors)}


# Attack, hide, attack again


def _hide_until_safe(round_: _Round, key: str, first: frozenset[Row]) -> tuple[frozenset[Row], int]:
    """Rows that the audit lets pass, and how many hidden groups it attacked in the end."""
    rows = first
    proved: set[Target] = set()
    while rows:
        finding, attacked = _attack(round_, key, rows, proved)
        if finding is None:
            return rows, attacked
        rows = _hide(round_, key, rows, finding)
    return rows, 0


def _attack(
    round_: _Round, key: str, rows: frozenset[Row], proved: set[Target]
) -> tuple[Finding | None, int]:
    found, n = round_.found(key), round_.people(key)
    hidden = [Row("group", name) for name in round_.cells.groups if name != EVERYBODY]
    hidden += [Row("role", name) for name in sorted(set(round_.cells.role))]
    hidden += [Row("school", name) for name in sorted(set(round_.cells.school) - {""})]
    targets = targets_of(round_.cells, n, rows, hidden, floor=round_.floors.group_n)
    if isinstance(found, Scored):
        means = score_system(found, sorted(rows), targets)
        return audit_scores(means, proved=proved), len(targets)
    figures = [figure for row in sorted(rows) for figure in _figures(round_, key, row)]
    pinned = PINNED if key.split(":")[0] in ("today", "question") else 0.0
    system = count_system(found, figures, targets, pinned=pinned)
    return audit_counts(system, proved=proved), len(targets)


def _figures(round_: _Round, key: str, row: Row) -> list[Figure]:
    """What documents print of a question for a row, and what pools it with other questions."""
    found = _own_figures(round_, key, row)
    if key.startswith("today:") and row.kind == "group":
        found += pooled_figures(_pooled(round_, row), row, key)
    return found


def _own_figures(round_: _Round, key: str, row: Row) -> list[Figure]:
    kind, counted = key.split(":")[0], round_.cells.counted
    if kind == "told":
        return [share_figure(counted[key], row, 1)]
    if row == Row("group", EVERYBODY) and round_.cells.main != EVERYBODY:
        return [mean_figure(counted[key], row)]
    rules = round_.position if kind == "today" else None
    return distribution_figures(
        counted[key], row, sums_beside(counted[key], row, rules) if rules else ()
    )


def _pooled(round_: _Round, row: Row) -> dict[str, Counted]:
    """The decisions over which shares of all answers are taken."""
    return {
        key: each
        for key, each in round_.cells.counted.items()
        if key.startswith("today:") and round_.n(key, row) >= round_.floors.group_n
    }


def _hide(round_: _Round, key: str, rows: frozenset[Row], finding: Finding) -> frozenset[Row]:
    """The rows without those nearest to what the attack found."""
    attacked = np.zeros(len(round_.cells.role), dtype=bool)
    attacked[list(finding.target.cells)] = True

    def near(row: Row) -> bool:
        return bool((round_.cells.members(row) & attacked).any())

    roles = {row for row in rows if row.kind == "role"}
    if roles:
        return rows - ({row for row in roles if _same_group(round_, row, near)} or roles)
    schools = {row for row in rows if row.kind == "school"}
    if schools:
        smallest = min(schools, key=lambda row: (round_.n(key, row), row.name))
        hide = {row for row in schools if near(row)} or {smallest}
        kept = [row.name for row in schools - hide]
        return rows - schools | _school_rows(round_, key, kept)
    return rows - ({row for row in rows if near(row)} or rows)


def _same_group(round_: _Round, role: Row, near: Callable[[Row], bool]) -> bool:
    """Whether a role belongs to an informant group that the attack touched."""
    return any(
        role.name in members and near(Row("group", name))
        for name, members in round_.cells.groups.items()
        if name != EVERYBODY
    )


def _printed(round_: _Round, key: str, row: Row) -> Printed:
    found = round_.found(key)
    if isinstance(found, Scored):
        system = score_system(found, [row], ())
        ranges = list(zip(system.low.tolist(), system.high.tolist(), strict=True))
    else:
        ranges = [(figure.low, figure.high) for figure in _own_figures(round_, key, row)]
    text = ";".join(f"{low:.6f}-{high:.6f}" for low, high in ranges)
    return Printed(round_.n(key, row), sha256(text.encode()).hexdigest()[:8])
