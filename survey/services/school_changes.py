"""A school that gets another name, or is merged into another while a round runs.

Neither touches an answer: a name is a name, and a merger moves all that names one school to the
other, in one transaction. Which school an answer came from before is not kept.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.marked import N_
from survey.models import Account, Draft, EntryCode, Invitation, RosterRow, Round, School
from survey.services import audit, organisations, roster_memory, rosters, rounds
from survey.services.roster_reading import folded
from survey.services.saving import Fault, NotSavedError, one_line

TAKEN = N_(
    "Another school of the organisation has this name. If both are one school now, merge them."
)


class SchoolError(ValueError):
    """Two schools that cannot be merged so; ``problem`` says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the schools cannot be merged: {problem}")
        self.problem = problem


def rename(
    session: Session, school: School, name: str, *, by: Account | None, now: datetime
) -> None:
    """Give a school another name, in rounds that are there too.

    Lists that still say the old name are understood. Call ``begin_writing`` before.

    Raises
    ------
    NotSavedError
        If the name cannot be used or is another school's.
    """
    organisations.hold(session, school.organisation_id)
    name = one_line(name)
    faults = list(organisations.school_faults("name", name))
    others = session.scalars(
        sa.select(School.name).where(
            School.organisation_id == school.organisation_id, School.school_id != school.school_id
        )
    )
    if folded(name) in map(folded, others):
        faults.append(Fault("name", TAKEN))
    if faults:
        raise NotSavedError(faults)
    if name == school.name:
        return
    memory = roster_memory.of(session, school.organisation)
    known = {**memory.schools, folded(school.name): school.school_id}
    known.pop(folded(name), None)
    memory.schools = known
    school.name = name
    audit.note(
        session,
        actor=by,
        action="rename_school",
        object_=f"school {school.school_id}",
        now=now,
        organisation=school.organisation,
    )


def merge(
    session: Session, round_: Round, school_id: str, *, into: str, by: Account, now: datetime
) -> None:
    """Move all that names one school of a round to another: head counts, people, posters, answers.

    The school stays one of the organisation, for its other rounds. Lists that still name it mean
    the other from now on. Call ``begin_writing`` before.

    Raises
    ------
    NotNowError
        If the round has closed.
    SchoolError
        ``same`` school twice, or ``unknown``.
    """
    held = rosters.hold(session, round_, now)
    school, other = of_round(session, held, school_id), of_round(session, held, into)
    if school is other:
        raise SchoolError("same")
    _merge_headcounts(session, held, school_id, into)
    tables: tuple[Any, ...] = (Invitation, EntryCode, Draft)
    for table in tables:
        session.execute(
            sa.update(table)
            .where(table.round_id == held.round_id, table.school_id == school_id)
            .values(school_id=into)
        )
    memory = roster_memory.of(session, held.organisation)
    moved = {word: into for word, meaning in memory.schools.items() if meaning == school_id}
    memory.schools = {**memory.schools, **moved, folded(school.name): into}
    what = f"round {held.round_id}: school {school_id} into {into}"
    audit.note(session, actor=by, action="merge_schools", object_=what, now=now)
    session.expire_all()


def _merge_headcounts(session: Session, round_: Round, school_id: str, into: str) -> None:
    rows = session.scalars(
        sa.select(RosterRow).where(
            RosterRow.round_id == round_.round_id, RosterRow.school_id.in_((school_id, into))
        )
    ).all()
    there = {row.role: row for row in rows if row.school_id == into}
    for row in rows:
        if row.school_id != school_id:
            continue
        if row.role in there:
            there[row.role].headcount += row.headcount
            session.delete(row)
        else:
            row.school_id = into
    session.flush()


def of_round(session: Session, round_: Round, school_id: str) -> School:
    """A school of a round; ``SchoolError`` ``unknown`` where it is none."""
    found = {school.school_id: school for school in rounds.schools_of(session, round_)}
    if school_id not in found:
        raise SchoolError("unknown")
    return found[school_id]
