"""Simulated answers, for demonstrations and tests."""

import random
import secrets
from collections.abc import Mapping, Sequence

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


#: one in so many simulated people writes something
_ONE_IN = 6


def write(
    session: Session,
    round_: Round,
    sentences: Mapping[str, Sequence[tuple[str, bool]]],
    *,
    seed: int,
) -> None:
    """Let some of the simulated people write one of these sentences to each open question.

    ``sentences``: item -> (what is written, whether it may be quoted).

    Raises
    ------
    RefusedError
        If the round is real.
    """
    if not round_.simulated:
        raise RefusedError("Simulated words go into a round that is marked as simulated.")
    draw = random.Random(seed)  # noqa: S311 (nobody's secret)
    drafts = session.scalars(
        sa.select(Draft).where(Draft.round_id == round_.round_id, Draft.sent).order_by(Draft.key)
    ).all()
    for draft in drafts:
        if draw.randrange(_ONE_IN):
            continue
        chosen = {item: draw.choice(texts) for item, texts in sentences.items()}
        draft.written = {item: text for item, (text, _may_quote) in chosen.items()}
        draft.quotable = [item for item, (_text, may_quote) in chosen.items() if may_quote]
    session.flush()
