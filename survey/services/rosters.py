"""The roster of a round: what a file would change, and changing it.

In a confidential round the roster is a staff list: who is invited, and from that the head counts.
In an anonymous round it is head counts alone. Nothing here looks at a draft: who has answered
neither helps nor hinders a change, and stays as it is.
"""

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Account, Invitation, RosterRow, Round, School
from survey.services import audit, organisations, rounds
from survey.services.roster_check import TO_MAKE, Cell, Checked
from survey.services.roster_reading import folded


class NotNowError(ValueError):
    """The round has closed, or its mode has changed: this roster can no longer be applied."""


class ChangedMeanwhileError(ValueError):
    """Somebody else changed the roster after the leader was shown what would change."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a file would change: people, or the rows of head counts.

    Attributes
    ----------
    new, gone, changed, same : int
        Entries that are not there yet, that the file does not have, that it has otherwise, and
        those that stay.
    before, after : int
        How many people there are, and would be if nobody were taken off.
    schools : tuple of str
        Names of schools that would be made.
    seen : str
        Stands for the roster as it is now; applying needs it.
    """

    new: int
    gone: int
    changed: int
    same: int
    before: int
    after: int
    schools: tuple[str, ...]
    seen: str


@dataclass(frozen=True, slots=True)
class Place:
    """What the roster has of a school; ``name`` is empty for the centre."""

    school_id: str | None
    name: str
    listed: int
    headcount: int


def compare(session: Session, round_: Round, checked: Checked) -> Change:
    """What the good rows of a file would change now."""
    return _difference(_now(session, round_), checked)


def apply(
    session: Session,
    round_: Round,
    checked: Checked,
    *,
    seen: str,
    is_whole: bool,
    by: Account | None,
    now: datetime,
) -> Change:
    """Change the roster to what the good rows of a file say; returns what was changed.

    Who joins gets an invitation, to be sent with the next mailing. Who moves keeps theirs. With
    ``is_whole``, who is not in the file is taken off the list, and their link ends; what they have
    answered stays. Call ``begin_writing`` before.

    Raises
    ------
    NotNowError
        If the round has closed, or the file is of the other mode.
    ChangedMeanwhileError
        If the roster is not what ``seen`` stands for.
    ValueError
        If ``is_whole`` and rows of the file have faults: who stands there would be taken off.
    """
    if is_whole and checked.faults:
        raise ValueError("is_whole: rows with faults are left; mend them first")
    held = hold(session, round_, now)
    if (held.mode == "confidential") is bool(checked.counts):
        raise NotNowError("the mode of this round has changed")
    stands = _now(session, held)
    change = _difference(stands, checked)
    if change.seen != seen:
        raise ChangedMeanwhileError("the roster was changed by somebody else meanwhile")
    made = _make_schools(session, held, checked.new_schools)
    wanted = _wanted(checked, made)
    gone = set(stands) - set(wanted) if is_whole else set()
    if held.mode == "confidential":
        _write_people(session, held, stands, wanted, gone)
        follow(session, held, now=now)
    else:
        counts = {**stands, **wanted, **dict.fromkeys(gone, 0)}
        _write_counts(session, held, counts, now=now)
    _note(session, held, change, is_whole=is_whole, by=by, now=now)
    return change


def hold(session: Session, round_: Round, now: datetime) -> Round:
    """Keep the round from closing, and others from changing its roster, until the end."""
    held = rounds.hold(session, round_)
    if rounds.state(held, now) == "closed":
        raise NotNowError("the round has closed: its roster stays as it is")
    return held


def follow(session: Session, round_: Round, *, now: datetime) -> None:
    """Make the head counts of a confidential round those of its staff list."""
    listed = {
        (school_id, role): n
        for school_id, role, n in session.execute(
            sa.select(Invitation.school_id, Invitation.role, sa.func.count())
            .where(Invitation.round_id == round_.round_id)
            .group_by(Invitation.school_id, Invitation.role)
        )
    }
    _write_counts(session, round_, listed, now=now)


def by_place(session: Session, round_: Round) -> list[Place]:
    """How many people of each school the roster has, schools by name, the centre last."""
    listed = Counter(school_id for school_id, _ in _listed(session, round_).values())
    headcounts: Counter[str | None] = Counter()
    for (school_id, _), n in _counted(session, round_).items():
        headcounts[school_id] += n
    named = session.execute(
        sa.select(School.school_id, School.name).where(
            School.school_id.in_({*listed, *headcounts} - {None})
        )
    )
    names: dict[str | None, str] = dict(named.all())
    found = [
        Place(school_id, names.get(school_id, ""), listed[school_id], headcounts[school_id])
        for school_id in {*listed, *headcounts}
    ]
    return sorted(found, key=lambda place: (not place.name, place.name))


def invitation_id(round_id: str, email: str) -> str:
    """The id of a person's invitation: who is put back on the list has the same link as before.

    It is no secret; what opens a link is the seal beside it (``sealing.invitation_token``).
    """
    return hashlib.sha256(f"{round_id}\0{email}".encode()).hexdigest()[:16]


# --- parts ---------------------------------------------------------------------------------------


def _now(session: Session, round_: Round) -> dict[Any, Any]:
    """What stands: address -> cell, or cell -> head count."""
    return _listed(session, round_) if round_.mode == "confidential" else _counted(session, round_)


def _listed(session: Session, round_: Round) -> dict[str, Cell]:
    rows = session.execute(
        sa.select(Invitation.email, Invitation.school_id, Invitation.role).where(
            Invitation.round_id == round_.round_id
        )
    )
    return {email: (school_id, role) for email, school_id, role in rows}


def _counted(session: Session, round_: Round) -> dict[Cell, int]:
    rows = session.execute(
        sa.select(RosterRow.school_id, RosterRow.role, RosterRow.headcount).where(
            RosterRow.round_id == round_.round_id
        )
    )
    return {(school_id, role): headcount for school_id, role, headcount in rows}


def _difference(stands: Mapping[Any, Any], checked: Checked) -> Change:
    wanted: Mapping[Any, Any] = checked.people or checked.counts
    both = set(stands) & set(wanted)
    changed = {key for key in both if stands[key] != wanted[key]}
    # a head count of 0 that is not there is no change
    new = {key for key in set(wanted) - both if wanted[key]}
    gone = {key for key in set(stands) - both if stands[key]}
    after = {**stands, **wanted}
    return Change(
        new=len(new),
        gone=len(gone),
        changed=len(changed),
        same=len(both) - len(changed),
        before=_heads(stands),
        after=_heads(after),
        schools=checked.new_schools,
        seen=_seal(stands),
    )


def _heads(roster: Mapping[Any, Any]) -> int:
    return sum(value if isinstance(value, int) else 1 for value in roster.values())


def _seal(stands: Mapping[Any, Any]) -> str:
    plain = sorted([repr(key), repr(value)] for key, value in stands.items())
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def _wanted(checked: Checked, made: Mapping[str, str]) -> dict[Any, Any]:
    def settled(cell: Cell) -> Cell:
        return (made.get(cell[0] or "", cell[0]), cell[1])

    if checked.counts:
        return {settled(cell): n for cell, n in checked.counts.items()}
    return {email: settled(cell) for email, cell in checked.people.items()}


def _make_schools(session: Session, round_: Round, names: Sequence[str]) -> dict[str, str]:
    """Make schools of the organisation; returns what stood in their place -> their ids."""
    if not names:
        return {}
    # so that another round's roster does not make them at the same time
    organisations.hold(session, round_.organisation_id)
    schools = session.scalars(
        sa.select(School).where(School.organisation_id == round_.organisation_id)
    )
    known = {folded(school.name): school for school in schools}
    for name in names:
        if folded(name) not in known:
            known[folded(name)] = School(organisation_id=round_.organisation_id, name=name)
            session.add(known[folded(name)])
    session.flush()
    return {TO_MAKE + name: known[folded(name)].school_id for name in names}


def _write_people(
    session: Session,
    round_: Round,
    stands: Mapping[str, Cell],
    wanted: Mapping[str, Cell],
    gone: set[str],
) -> None:
    fresh = [
        {
            "invitation_id": invitation_id(round_.round_id, email),
            "round_id": round_.round_id,
            "email": email,
            "role": role,
            "school_id": school_id,
        }
        for email, (school_id, role) in wanted.items()
        if email not in stands
    ]
    secrets.SystemRandom().shuffle(fresh)  # so that no row order tells the list's order
    if fresh:
        session.execute(sa.insert(Invitation), fresh)
    moved = [
        {"in_round": round_.round_id, "of": email, "to_role": role, "to_school": school_id}
        for email, (school_id, role) in wanted.items()
        if email in stands and stands[email] != (school_id, role)
    ]
    table: Any = Invitation.__table__
    person = (table.c.round_id == sa.bindparam("in_round")) & (table.c.email == sa.bindparam("of"))
    if moved:
        session.execute(
            sa.update(table)
            .where(person)
            .values(role=sa.bindparam("to_role"), school_id=sa.bindparam("to_school")),
            moved,
        )
    if gone:
        leavers = [{"in_round": round_.round_id, "of": email} for email in gone]
        session.execute(sa.delete(table).where(person), leavers)
    session.expire_all()


def _write_counts(
    session: Session, round_: Round, counts: Mapping[Cell, int], *, now: datetime
) -> None:
    """Write head counts. From the opening on a row stays, with 0: somebody may have chosen it."""
    rows = {
        (row.school_id, row.role): row
        for row in session.scalars(
            sa.select(RosterRow).where(RosterRow.round_id == round_.round_id)
        )
    }
    is_waiting = rounds.state(round_, now) == "waiting"
    for cell in {*rows, *counts}:
        headcount = counts.get(cell, 0)
        if cell in rows and not headcount and is_waiting:
            session.delete(rows[cell])
        elif cell in rows:
            rows[cell].headcount = headcount
        elif headcount:
            school_id, role = cell
            session.add(
                RosterRow(
                    round_id=round_.round_id, school_id=school_id, role=role, headcount=headcount
                )
            )
    session.flush()
    session.expire(round_, ["roster"])


def _note(
    session: Session,
    round_: Round,
    change: Change,
    *,
    is_whole: bool,
    by: Account | None,
    now: datetime,
) -> None:
    gone = change.gone if is_whole else 0
    if not (change.new or change.changed or gone):
        return
    action = "change_staff_list" if round_.mode == "confidential" else "change_headcounts"
    counts = f"{change.new} new, {gone} gone, {change.changed} changed"
    made = f", schools made: {len(change.schools)}" if change.schools else ""
    what = f"round {round_.round_id}: {counts}{made}"
    audit.note(session, actor=by, action=action, object_=what, now=now)
