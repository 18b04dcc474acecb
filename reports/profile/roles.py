"""Which roles may stand alone on a page, and where their informant group stands for them."""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.disclosure_rows import role_rows
from reports.profile.context import Context
from reports.words import upper_first


@dataclass(frozen=True, slots=True)
class Unit:
    """A role that stands alone, or an informant group that stands for its roles."""

    code: str
    #: the informant group: it decides the mark that is drawn
    group: str
    #: "Teachers and support staff", "The centre"
    name: str
    is_role: bool


def units(context: Context, answers: Mapping[str, int]) -> tuple[Unit, ...]:
    """Who has a row: each role of a group, or the group alone.

    Roles stand alone only where the table of who answered shows them alone, and where every one
    of them that was asked has enough answers to each figure of the page; ``answers`` holds the
    smallest number of answers by role, and leaves out roles that were not asked. So a group's row
    never stands beside a row of one of its roles, and a group less its shown roles is nobody.
    """
    measures, floor = context.measures, context.floors.group_n
    rows = role_rows(measures.by_role, context.instrument.groups, measures.turnout, floor=floor)
    shown = [row.code for row in rows if row.kind == "role" and isinstance(row.n_band, str)]
    found: list[Unit] = []
    for group in (context.lived, context.designed):
        asked = [role for role in context.instrument.groups.get(group, ()) if role in answers]
        if not asked:
            continue
        if all(role in shown and answers[role] >= floor for role in asked):
            found += [Unit(role, group, _name(context, role), is_role=True) for role in asked]
        else:
            found.append(Unit(group, group, upper_first(context.group_who(group)), is_role=False))
    return tuple(found)


def _name(context: Context, role: str) -> str:
    texts = context.words.text.roles.get(role, {})
    return context.words.fill(texts.get("name", role))
