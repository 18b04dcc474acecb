"""What the letters to staff say that nothing else of a round does."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from survey.models import Account, Round
from survey.services import organisations
from survey.services.holding import check_stage, hold, saved
from survey.services.saving import NotSavedError, one_line

#: what the round's leader says, in the order in which the page asks for it
FACTS = ("contact", "signed", "council", "note", "controller", "officer", "basis", "authority")
LONGEST = 600


def save(
    session: Session,
    round_: Round,
    typed: Mapping[str, str],
    *,
    revision: int,
    by: Account | None,
    now: datetime,
) -> None:
    """Save what the letters say; what is left empty is marked in them as still to be filled in.

    Call ``begin_writing`` before.

    Raises
    ------
    NotSavedError
        If a text is too long or cannot be printed, or the round has closed.
    StaleError
        If ``revision`` is not the round's any more.
    """
    held = hold(session, round_, revision)
    check_stage(session, held, "letters", now)
    said = {name: one_line(typed.get(name, "")) for name in FACTS}
    faults = organisations.all_word_faults(said, most=LONGEST)
    if faults:
        raise NotSavedError(faults)
    held.letters = {name: text for name, text in said.items() if text}
    saved(session, held, "save_letters", by=by, now=now)
