"""The ledger of releases: what was shown of a round, and whether one more document may join it.

Everything of a round that may be shown stands in one plan (``reports.release``), which was
attacked as a whole. So a document may join those that were shown before if all that they showed
stands in its own plan too, and prints alike there. Otherwise somebody could hold the two against
each other, and their difference was never attacked: it may rest on a handful of people.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments.cells import Row
from reports.plan import RULES, Plan
from survey.marked import N_
from survey.models import Release

OTHER_ANSWERS = N_(
    "This document would be made of other answers than the {kind} of {day}, so it is not made: "
    "their difference could tell of few people. Restore the round's answers from a backup."
)
OTHER_ROWS = N_(
    "The {kind} of {day} shows {row}, which by today's rules may not stand beside what this "
    "document shows, so it is not made: their difference could tell of fewer than ten people."
)

#: row -> key -> mark of what is printed
Figures = Mapping[str, Mapping[str, str]]


def entry_of(plan: Plan, kind: str, *, school: str = "") -> str:
    """What a document shows of a plan, as one line for the job engine to carry.

    ``school``: whose report it is; empty for a document of the whole round.
    """
    figures = _marks(plan, lambda key, row: _is_in(kind, school, key, row))
    return json.dumps({"kind": kind, "figures": figures}, separators=(",", ":"))


def _marks(plan: Plan, is_in: Callable[[str, Row], bool]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for key, rows in plan.shown.items():
        for row, printed in rows.items():
            if is_in(key, row):
                found.setdefault(f"{row.kind}:{row.name}", {})[key] = printed.mark
    return found


def _is_in(kind: str, school: str, key: str, row: Row) -> bool:
    """Whether a document may show a row of a key; rather one too many than one too few."""
    if school:
        return row.kind == "group" or row == Row("school", school)
    if row.kind == "group" or kind == "staff_page":
        return row.kind == "group"
    return row.kind == "role" or key.startswith("scale:")  # schools side by side: scales alone


def reason_against(session: Session, round_id: str, plan: Plan, fingerprint: str) -> str:
    """Why no document of this plan may join what was shown of a round; empty where it may."""
    allowed = _marks(plan, lambda key, row: True)
    for release in of_round(session, round_id):
        told = {"kind": release.kind, "day": release.made_at.date().isoformat()}
        if release.fingerprint != fingerprint:
            return OTHER_ANSWERS.format(**told)
        for row_name, marks in release.figures.items():
            mine = allowed.get(row_name, {})
            for key, mark in marks.items():
                if mine.get(key) != mark:
                    return OTHER_ROWS.format(**told, row=f"{key} ({row_name})")
    return ""


def of_round(session: Session, round_id: str) -> list[Release]:
    """What was shown of a round, first things first."""
    return list(
        session.scalars(
            sa.select(Release)
            .where(Release.round_id == round_id)
            .order_by(Release.made_at, Release.release_id)
        )
    )


def keep(
    session: Session,
    round_id: str,
    *,
    entry: str,
    fingerprint: str,
    checksum: str,
    now: datetime,
) -> Release:
    """Write a document into the ledger, in the transaction that makes it ready."""
    held = json.loads(entry)
    release = Release(
        round_id=round_id,
        kind=held["kind"],
        made_at=now,
        rules=RULES,
        fingerprint=fingerprint,
        checksum=checksum,
        figures=held["figures"],
    )
    session.add(release)
    session.flush()
    return release
