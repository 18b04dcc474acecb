"""Sends letters to accounts, each at most once: what the worker does."""

import threading
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import mail
from survey.account_messages import compose
from survey.database import begin_writing
from survey.messages import in_words_of
from survey.models import AccountLetter, Organisation
from survey.sending import End
from survey.services import account_letters
from survey.services.mailings import Outcome
from survey.services.sealing import letter_token
from survey.settings import Settings

#: the part of the mail folder that takes these letters
BOX = "accounts"


def is_letter(engine: sa.Engine, row_id: str) -> bool:
    """Whether this id is a letter's, and not a mailing's."""
    with Session(engine) as session:
        return session.get(AccountLetter, row_id) is not None


def send(settings: Settings, engine: sa.Engine, letter_id: str, *, stop: threading.Event) -> End:
    """Send one letter, unless it was sent. Nobody else may be sending it."""
    with Session(engine) as session:
        begin_writing(session)
        account_letters.doubt(session, letter_id)
        session.commit()
    if stop.is_set():
        return "stopped"
    taken = _take(settings, engine, letter_id)
    if taken is None:
        return "done"
    ready, content = taken
    outcome = Outcome("queued")
    try:
        with mail.transport(
            settings, box=BOX, at=ready.asked_at, is_simulated=settings.demonstration
        ) as send_one:
            outcome = send_one(content, ready.email)
    except mail.UnreachableError:
        pass  # it is queued again, and tried again later
    with Session(engine) as session:
        begin_writing(session)
        account_letters.record(session, letter_id, outcome)
        session.commit()
    return "later" if outcome.state == "queued" else "done"


def _take(
    settings: Settings, engine: sa.Engine, letter_id: str
) -> tuple[account_letters.Ready, bytes] | None:
    """Commit a letter as *sending*; its message is put together first, so that it cannot fail."""
    with Session(engine) as session:
        letter = session.get(AccountLetter, letter_id)
        if letter is None:
            return None
        locale = session.get_one(Organisation, letter.organisation_id).locale
        begin_writing(session)
        with in_words_of(locale, translations=settings.translations_dir):
            ready = account_letters.take(session, letter_id, now=datetime.now(UTC))
            if ready is None:
                return None
            link = address_of(settings, letter_id)
            content = compose(ready, sender=settings.mail_from, link=link)
        session.commit()
    return ready, content


def address_of(settings: Settings, letter_id: str) -> str:
    """The link in a letter."""
    token = letter_token(settings.secret_key, letter_id=letter_id)
    return f"{settings.public_url.rstrip('/')}/account/link/{token}"
