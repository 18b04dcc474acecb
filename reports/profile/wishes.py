"""Today, remembered, preferred: what people want moved, and where they remember decisions."""

from collections.abc import Sequence

from instruments.definition import Decision
from instruments.measures import Wants
from reports.disclosure import TO_PROTECT, Withheld, fewer_than, people
from reports.profile.content import Bar, Mark, RoleWishes, Wishes, WishGroup, WishRow
from reports.profile.context import TABLE_FOLLOWS, Context
from reports.profile.decisions import top_of
from reports.profile.figures import NOT_ASKED, available, hidden_note, mark, wish_bars
from reports.profile.placing import decisions, placing_mark, position_axis
from reports.profile.roles import Unit, units
from reports.words import listed, lower_first, number, roughly

LABELS = ("More school choice", "As now", "More in common")
MEMORY = "This is memory, not measured change."
OPPOSITE = "Opposite wishes"


def wishes_page(context: Context) -> Wishes | None:
    """The page, with what was asked; None where nobody was asked to remember or to wish."""
    asked = decisions(context)
    wanted = [each for each in asked if context.measures.decisions[each.code].wants]
    remembered = [each for each in asked if _was_remembered(context, each.code)]
    if not wanted and not remembered:
        return None
    rows = {each.code: _row(context, each.code) for each in asked}
    roles = tuple(_role(context, unit) for unit in _units(context)) if wanted else ()
    found = tuple(rows.values())
    return Wishes(
        heading=_heading(bool(remembered), bool(wanted)),
        intro=_intro(context, bool(remembered), bool(wanted)),
        memory=MEMORY if remembered else "",
        stops=context.stop_words(),
        low=position_axis(context)[0],
        high=position_axis(context)[1],
        labels=LABELS if wanted else (),
        groups=_groups(context, asked, rows),
        top=top_of([each.bars for each in found] + [each.bars for each in roles]),
        roles_heading="By role, over all decisions",
        roles_intro=(
            "Shares of all answers to the decisions that each was asked about. Roles may differ "
            "more than opinions do."
        ),
        roles=roles,
        notes=_notes(context, found, roles),
        alt=_alt(context, found, bool(remembered), bool(wanted)),
        who=context.group_who(context.lived),
    )


def _was_remembered(context: Context, code: str) -> bool:
    found = context.measures.decisions[code].remembered
    return found is not None and found.distribution.shown > 0


def _heading(remembered: bool, wanted: bool) -> str:
    if remembered and wanted:
        return "Today, remembered, preferred"
    return "Today and remembered" if remembered else "Today and preferred"


def _intro(context: Context, remembered: bool, wanted: bool) -> str:
    who = context.group_who(context.lived)
    sentences = []
    if wanted:
        sentences.append(
            f"Bars show what {who} would like: more school choice than today, as it is now, or "
            "more in common. Neither wish is the better one."
        )
    if remembered:
        before = context.words.fills.get("before", "")
        at = f" at the time of {before}" if before else ""
        sentences.append(f"A hollow ring marks where those who were there{at} remember a decision.")
    return " ".join(sentences)


def _groups(
    context: Context, asked: Sequence[Decision], rows: dict[str, WishRow]
) -> tuple[WishGroup, ...]:
    found: dict[str, list[WishRow]] = {}
    for decision in asked:
        found.setdefault(decision.group, []).append(rows[decision.code])
    names = context.words.text.decision_groups
    return tuple(
        WishGroup(context.words.fill(names.get(group, group)), tuple(members))
        for group, members in found.items()
    )


def _row(context: Context, code: str) -> WishRow:
    measure = context.measures.decisions[code]
    wants = measure.wants.get(context.lived)
    bars = wish_bars(wants, LABELS, context.floors)
    asked = [role for role in measure.asked if role in _lived_roles(context)]
    heading, detail = reading(context, bars)
    return WishRow(
        decision=code,
        name=context.decision_text(code, "name"),
        short=context.decision_text(code, "short"),
        asked=f"asked of {context.asked(asked)}",
        today=placing_mark(context, code, context.lived),
        remembered=_remembered(context, code),
        bars=bars,
        n_band=people(wants.n, floor=context.floors.group_n) if wants else NOT_ASKED,
        reading=heading,
        detail=detail,
    )


def _lived_roles(context: Context) -> tuple[str, ...]:
    return context.instrument.groups.get(context.lived, context.instrument.roles)


def _remembered(context: Context, code: str) -> Mark | Withheld:
    found = context.measures.decisions[code].remembered
    if found is None or not found.distribution.shown:
        return NOT_ASKED
    return mark(available(found.position, context.floors), position_axis(context))


def reading(context: Context, bars: tuple[Bar, ...] | Withheld) -> tuple[str, str]:
    """What three shares, as printed, say in words: heading and detail."""
    if isinstance(bars, Withheld):
        return "", ""
    choice, as_now, common = bars
    position = context.instrument.position
    many = 100 * position.split_share if position else 30.0
    if choice.drawn >= many and common.drawn >= many:
        return OPPOSITE, f"{choice.text} and {common.text}"
    most = max((as_now, choice, common), key=lambda bar: bar.drawn)
    return most.label, roughly(most.drawn)


# By role


def _units(context: Context) -> tuple[Unit, ...]:
    answers = {}
    for role in context.instrument.roles:
        asked = [
            measure.wants[role].n if role in measure.wants else 0
            for measure in context.measures.decisions.values()
            if measure.wants and role in measure.asked
        ]
        if asked:
            answers[role] = max(asked)
    return units(context, answers)


def _role(context: Context, unit: Unit) -> RoleWishes:
    found = counting(context, unit)
    pooled = pooled_wants(found)
    bars = wish_bars(pooled, LABELS, context.floors)
    heading, detail = reading(context, bars)
    return RoleWishes(
        name=unit.name,
        n_band=people(pooled.n if pooled else 0, floor=context.floors.group_n),
        over=f"{number(len(found))} decision{'' if len(found) == 1 else 's'}",
        bars=bars if pooled else fewer_than(context.floors.group_n),
        reading=heading,
        detail=detail,
    )


def counting(context: Context, unit: Unit) -> list[Wants]:
    """What a role, or a group, wants of each decision that counts for it.

    A decision counts for a group that enough of its people answered; for the roles of a group, if
    enough people of every role that was asked answered. Else one role's row, less what is shown of
    the decision, would tell of the few of the other.
    """
    floor, found = context.floors.group_n, []
    members = context.instrument.groups.get(unit.group, ()) if unit.is_role else (unit.code,)
    for measure in context.measures.decisions.values():
        wants = measure.wants
        asked = [code for code in members if not unit.is_role or code in measure.asked]
        if unit.code in wants and all(code in wants and wants[code].n >= floor for code in asked):
            found.append(wants[unit.code])
    return found


def pooled_wants(found: Sequence[Wants]) -> Wants | None:
    """All answers to several decisions; each decision counts by its answers."""
    total = sum(each.n for each in found)
    if not total:
        return None
    choice, as_now, common = (
        sum(each.n * each.shares[place] for each in found) / total for place in range(3)
    )
    return Wants(
        choice,
        as_now,
        common,
        n=max(each.n for each in found),
        heaviest=max(each.heaviest * each.n for each in found) / total,
    )


# Words


def _notes(
    context: Context, rows: Sequence[WishRow], roles: Sequence[RoleWishes]
) -> tuple[str, ...]:
    floor = context.floors.group_n
    notes = []
    shown = [row for row in rows if not isinstance(row.remembered, Withheld)]
    if shown:
        marks = [row.remembered for row in shown if isinstance(row.remembered, Mark)]
        bands = sorted({mark.n_band for mark in marks}, key=len)
        notes.append(
            "Today's dot rests on all who answered, the ring on those who were there "
            f"(n {listed(bands)}): not the same people, so the distance between them is no change."
        )
    few = [
        lower_first(row.short)
        for row in rows
        if any(
            isinstance(part, Withheld) and part not in (NOT_ASKED, TO_PROTECT)
            for part in (row.bars, row.remembered)
        )
    ]
    if few:
        notes.append(f"Withheld in part or whole for {listed(few)}: fewer than {floor} answers.")
    hidden = [row.short for row in rows if TO_PROTECT in (row.bars, row.today)]
    notes += filter(None, [hidden_note(hidden)])
    if any(isinstance(role.bars, Withheld) for role in roles):
        notes.append(f"Groups under {floor} are not shown, to protect people.")
    return tuple(notes)


def _alt(context: Context, rows: Sequence[WishRow], remembered: bool, wanted: bool) -> str:
    who = context.group_who(context.lived)
    stops = [stop.text for stop in context.stop_words()]
    sentences = [f"Each decision as {who} place it today (solid dot), on stops {listed(stops)}."]
    if remembered:
        sentences.append(f"A hollow ring marks where those who were there remember it. {MEMORY}")
    if wanted:
        sentences.append(
            f"Three bars show the shares of {who} who want more school choice, as now, or more "
            "in common."
        )
    sentences += [_spoken(row) for row in rows]
    return " ".join([*sentences, TABLE_FOLLOWS])


def _spoken(row: WishRow) -> str:
    parts = [f"{row.reading}, {row.detail}"] if row.reading else []
    if isinstance(row.bars, Withheld):
        parts += [] if row.bars == NOT_ASKED else [row.bars.reason]
    else:
        parts.append(", ".join(f"{lower_first(bar.label)} {bar.text}" for bar in row.bars))
    if isinstance(row.today, Mark):
        parts.append(f"today {row.today.text}")
    if isinstance(row.remembered, Mark):
        parts.append(f"remembered {row.remembered.text}")
    return f"{row.name}: {'; '.join(parts)}."
