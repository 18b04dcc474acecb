"""The staff list of a confidential round: who is invited."""

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Account, Invitation, RosterRow, Round, School
from survey.services import audit, rounds, staff_list
from survey.services.staff_list import Cell


class NotNowError(ValueError):
    """The round takes no staff list: it is anonymous, or it has closed."""


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a list: people added, people who were there before, notes on the reading."""

    new: int
    known: int
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Invited:
    """How many of a school are on the staff list; ``school`` is empty for the centre."""

    school: str
    listed: int
    headcount: int


def add(
    session: Session,
    round_: Round,
    content: bytes,
    *,
    name: str,
    by: Account | None,
    now: datetime,
) -> Added:
    """Add the people of a CSV file (``email, role, school``) who are not on the staff list yet.

    Nothing is added unless the whole file is good. People already on the list stay as they are.
    Call ``begin_writing`` before.

    Raises
    ------
    StaffListError
        (of ``staff_list``) with up to ``MOST_FAULTS`` faults, in the order of the file.
    NotNowError
        If the round is not confidential or has closed.
    """
    _hold(session, round_, now)
    table = staff_list.read(content, name=name)
    listed = _listed(session, round_)
    people = staff_list.people(session, round_, table)
    fresh = [person for person in people if person.email not in listed]
    staff_list.check_headcounts(session, round_, table, fresh, listed)
    secrets.SystemRandom().shuffle(fresh)  # so that no row order tells the list's order
    if fresh:
        session.execute(
            sa.insert(Invitation),
            [
                {
                    "round_id": round_.round_id,
                    "email": person.email,
                    "role": person.cell[1],
                    "school_id": person.cell[0],
                }
                for person in fresh
            ],
        )
    audit.note(
        session, actor=by, action="add_staff_list", object_=f"round {round_.round_id}", now=now
    )
    return Added(new=len(fresh), known=len(people) - len(fresh), notices=table.notices)


def by_school(session: Session, round_: Round) -> list[Invited]:
    """How many people of each school are on the staff list, schools by name, the centre last."""
    headcounts: Counter[str] = Counter()
    for school, headcount in session.execute(
        sa.select(School.name, RosterRow.headcount)
        .outerjoin(School, RosterRow.school_id == School.school_id)
        .where(RosterRow.round_id == round_.round_id)
    ):
        headcounts[school or ""] += headcount
    listed = {
        school or "": n
        for school, n in session.execute(
            sa.select(School.name, sa.func.count())
            .select_from(Invitation)
            .outerjoin(School, Invitation.school_id == School.school_id)
            .where(Invitation.round_id == round_.round_id)
            .group_by(School.name)
        )
    }
    names = sorted({*headcounts, *listed}, key=lambda school: (not school, school))
    return [Invited(school, listed.get(school, 0), headcounts[school]) for school in names]


def count(session: Session, round_: Round) -> int:
    """How many people are on the staff list."""
    of_round = sa.select(sa.func.count()).where(Invitation.round_id == round_.round_id)
    return session.scalar(of_round) or 0


def _hold(session: Session, round_: Round, now: datetime) -> None:
    """Keep the round from closing, and others from adding, until the transaction ends."""
    held = session.scalars(
        sa.select(Round)
        .where(Round.round_id == round_.round_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if held.mode != "confidential" or rounds.state(held, now) == "closed":
        raise NotNowError("only a confidential round that has not closed has a staff list")


def _listed(session: Session, round_: Round) -> dict[str, Cell]:
    return {
        email: (school_id, role)
        for email, school_id, role in session.execute(
            sa.select(Invitation.email, Invitation.school_id, Invitation.role).where(
                Invitation.round_id == round_.round_id
            )
        )
    }
