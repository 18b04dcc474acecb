"""Simulated answers, for demonstrations and tests."""

import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments import routing
from instruments.responses import Responses
from survey.models import Draft, Round
from survey.services import rounds
from survey.services.answers import RefusedError, check_answers
from survey.services.coding import as_sheets, chosen


def add(session: Session, round_: Round, responses: Responses) -> None:
    """Store simulated answers as sent drafts of a round that is marked as simulated.

    Nobody holds words that lead to them.

    Raises
    ------
    RefusedError
        If the round or the answers are real, or an answer or a school is not the round's.
    """
    if not (round_.simulated and responses.simulated):
        raise RefusedError("Simulated answers go into a round that is marked as simulated.")
    instrument = rounds.instrument_of(round_)
    schools = {school.name: school.school_id for school in rounds.schools_of(session, round_)}
    orders = routing.orders(instrument)
    rows = []
    for sheet in as_sheets(responses):
        if sheet.school and sheet.school not in schools:
            raise RefusedError(f"School {sheet.school!r} is not on the round's roster.")
        shown = routing.shown(
            instrument,
            role=sheet.role,
            form=round_.form,
            modules=round_.modules,
            answers=chosen(sheet.answers),
        )
        check_answers(instrument, shown, given=sheet.answers)
        rows.append(
            {
                "key": secrets.token_hex(32),
                "round_id": round_.round_id,
                "role": sheet.role,
                "school_id": schools.get(sheet.school),
                "dimension_order": secrets.randbelow(orders),
                "answers": dict(sheet.answers),
                "unseen": [],
                "written": {},
                "quotable": [],
                "pages": sorted({instrument.item(code).section for code in shown}),
                "revision": 1,
                "sent": True,
            }
        )
    if rows:
        session.execute(sa.insert(Draft), rows)
