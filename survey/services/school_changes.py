"""A school that gets another name, or is merged into another, while a round runs.

Neither touches an answer: a name is a name, and a merger moves all that names one school to the
other, in one transaction. Which school an answer came from before is not kept.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Account, Draft, EntryCode, Invitation, RosterRow, Round, School
from survey.services import audit, roster_memory, rosters, rounds
from survey.services.roster_check import LONGEST_NAME
from survey.services.roster_reading import folded


class SchoolError(ValueError):
    """A school that cannot be renamed or merged so; ``problem`` says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the school cannot be changed: {problem}")
        self.problem = problem


def rename(
    session: Session, round_: Round, school_id: str, name: str, *, by: Account, now: datetime
) -> None:
    """Give a school of a round another name; lists that still say the old one are understood.

    Call ``begin_writing`` before.

    Raises
    ------
    NotNowError
        If the round has closed.
    SchoolError
        ``empty``, ``too long``, ``taken`` by another school, ``unknown``.
    """
    held = rosters.hold(session, round_, now)
    school = _school(session, held, school_id)
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise SchoolError("empty")
    if len(name) > LONGEST_NAME:
        raise SchoolError("too long")
    others = session.scalars(
        sa.select(School.name).where(
            School.organisation_id == held.organisation_id, School.school_id != school_id
        )
    )
    if folded(name) in map(folded, others):
        raise SchoolError("taken")
    if name == school.name:
        return
    memory = roster_memory.of(session, held)
    known = {**memory.schools, folded(school.name): school_id}
    known.pop(folded(name), None)
    memory.schools = known
    school.name = name
    what = f"round {held.round_id}: school {school_id}"
    audit.note(session, actor=by, action="rename_school", object_=what, now=now)


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
    school, other = _school(session, held, school_id), _school(session, held, into)
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
    memory = roster_memory.of(session, held)
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


def _school(session: Session, round_: Round, school_id: str) -> School:
    found = {school.school_id: school for school in rounds.schools_of(session, round_)}
    if school_id not in found:
        raise SchoolError("unknown")
    return found[school_id]
