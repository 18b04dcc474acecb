"""Letters to accounts: invitations, and the way to a new password.

A letter's link works once, until it expires or is taken back. Opening it uses nothing up: mail
scanners open links. The letter is sent at most once, like every message: *queued*, *sending*
(committed before the connection opens), *sent*, *failed*, or *uncertain* after a crash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from survey.models import Account, AccountLetter, Organisation, School
from survey.services import accounts, audit, organisations, sealing
from survey.services.mailings import Outcome

Kind = Literal["invitation", "password"]
#: how long a link works
VALID = {"invitation": timedelta(days=7), "password": timedelta(hours=1)}
#: whoever asks for a new password again so soon gets no second message
BETWEEN_PASSWORDS = timedelta(minutes=5)

Refusal = Literal["no address", "has account", "is invited", "sent", "ended"]


class LetterError(ValueError):
    """A letter that cannot be sent or used; ``refusal`` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"no letter: {refusal}")
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Ready:
    """A letter that is being sent: what its message says."""

    letter_id: str
    kind: str
    email: str
    role: str
    school: str
    organisation: str
    locale: str
    asked_at: datetime
    expires_at: datetime


def address(text: str) -> str:
    """An e-mail address as accounts keep it; ``LetterError`` where it is none."""
    try:
        found = validate_email(
            text.strip(), check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except EmailNotValidError:
        raise LetterError("no address") from None
    return (found.ascii_email or "").lower()


def why_not(
    session: Session, organisation: Organisation, email: str, *, now: datetime
) -> Refusal | None:
    """Why a person cannot be invited now; None where they can."""
    try:
        email = address(email)
    except LetterError as error:
        return error.refusal
    if accounts.find(session, email) is not None:
        return "has account"
    invited = any(letter.email == email for letter in pending(session, organisation, now=now))
    return "is invited" if invited else None


def invite(
    session: Session,
    organisation: Organisation,
    *,
    email: str,
    role: str,
    school: School | None,
    by: Account | None,
    now: datetime,
) -> AccountLetter:
    """Invite a person to an account; hand the letter to the job engine after the commit.

    Call ``begin_writing`` before.

    Raises
    ------
    LetterError
        If the address is none, has an account, or was invited and has not answered yet.
    AccountError
        If there is no such role, or the school does not go with it.
    """
    # one change of an organisation's accounts at a time
    organisations.hold(session, organisation.organisation_id)
    accounts.check_role(organisation, role, school)
    refusal = why_not(session, organisation, email, now=now)
    if refusal:
        raise LetterError(refusal)
    letter = AccountLetter(
        organisation=organisation,
        kind="invitation",
        email=address(email),
        role=role,
        school=school,
        asked_at=now,
        expires_at=now + VALID["invitation"],
    )
    session.add(letter)
    session.flush()
    _note(session, letter, "invite_account", by=by, now=now)
    return letter


def ask_password(
    session: Session, account: Account, *, by: Account | None, now: datetime
) -> AccountLetter | None:
    """Send an account the way to a new password; hand the letter over after the commit.

    None, and nothing is sent, where the account is switched off or was sent one just now. Call
    ``begin_writing`` before.
    """
    organisations.hold(session, account.organisation_id)
    recent = sa.select(AccountLetter.letter_id).where(
        AccountLetter.account_id == account.id,
        AccountLetter.ended_at.is_(None),
        AccountLetter.asked_at > now - BETWEEN_PASSWORDS,
    )
    if not account.active or session.scalars(recent).first() is not None:
        return None
    letter = AccountLetter(
        organisation=account.organisation,
        kind="password",
        email=account.email,
        account=account,
        asked_at=now,
        expires_at=now + VALID["password"],
    )
    session.add(letter)
    session.flush()
    _note(session, letter, "send_password_link", by=by, now=now)
    return letter


def pending(
    session: Session, organisation: Organisation, *, now: datetime
) -> Sequence[AccountLetter]:
    """Invitations that can still be taken up, newest first."""
    return session.scalars(
        sa.select(AccountLetter)
        .where(
            AccountLetter.organisation_id == organisation.organisation_id,
            AccountLetter.kind == "invitation",
            AccountLetter.ended_at.is_(None),
            AccountLetter.expires_at > now,
        )
        .order_by(AccountLetter.asked_at.desc(), AccountLetter.letter_id)
    ).all()


def take_back(
    session: Session, letter: AccountLetter, *, by: Account | None, now: datetime
) -> None:
    """End a letter's link; twice is once. Call ``begin_writing`` before."""
    if letter.ended_at is None:
        letter.ended_at = now
        _note(session, letter, "take_back_invitation", by=by, now=now)


def send_again(
    session: Session, letter: AccountLetter, *, by: Account | None, now: datetime
) -> None:
    """Queue a letter that failed or may not have gone out; its link works for the whole time again.

    Hand it to the job engine after the commit. Call ``begin_writing`` before.

    Raises
    ------
    LetterError
        If it was sent or is on its way, or its link has ended.
    """
    if not is_open(letter, now):
        raise LetterError("ended")
    if letter.state not in ("uncertain", "failed"):
        raise LetterError("sent")
    letter.state, letter.failure = "queued", ""
    letter.asked_at, letter.expires_at = now, now + VALID[letter.kind]
    _note(session, letter, "send_invitation_again", by=by, now=now)


def is_open(letter: AccountLetter, now: datetime) -> bool:
    """Whether a letter's link works."""
    return letter.ended_at is None and now < letter.expires_at


def by_token(session: Session, secret_key: str, token: str, *, now: datetime) -> AccountLetter:
    """The letter to which a link leads; reads only.

    Raises
    ------
    LetterError
        If the link is not ours, has expired, was used or taken back.
    """
    letter_id = sealing.letter_in(secret_key, token=token)
    letter = session.get(AccountLetter, letter_id) if letter_id else None
    if letter is None or not is_open(letter, now):
        raise LetterError("ended")
    return letter


def accept(
    session: Session, letter: AccountLetter, *, name: str, hashed: str, now: datetime
) -> Account:
    """Make the account that a letter invites to, and end its link. Call ``begin_writing`` before.

    Raises
    ------
    LetterError
        If the link has ended, or the address has got an account meanwhile.
    """
    held = _hold_letter(session, letter, now)
    if accounts.find(session, held.email) is not None:
        raise LetterError("has account")
    account = accounts.add(
        session,
        email=held.email,
        name=name,
        organisation=held.organisation,
        role=held.role,
        hashed=hashed,
        school=held.school,
    )
    held.ended_at = now
    _note(session, held, "accept_invitation", by=account, now=now)
    return account


def change_password(
    session: Session, letter: AccountLetter, *, hashed: str, now: datetime
) -> Account:
    """Give the account its new password, and end every link to one. Sessions end with it.

    Call ``begin_writing`` before.

    Raises
    ------
    LetterError
        If the link has ended, or the account is switched off.
    """
    held = _hold_letter(session, letter, now)
    account = held.account
    if account is None or not account.active:
        raise LetterError("ended")
    accounts.set_hash(session, account, hashed)
    end_all(session, account, now=now)
    _note(session, held, "change_password", by=account, now=now)
    return account


def end_all(session: Session, account: Account, *, now: datetime) -> None:
    """End every link that leads to an account."""
    session.execute(
        sa.update(AccountLetter)
        .where(AccountLetter.account_id == account.id, AccountLetter.ended_at.is_(None))
        .values(ended_at=now)
    )


# --- what the worker does ------------------------------------------------------------------------


def unfinished(session: Session, *, now: datetime) -> Sequence[AccountLetter]:
    """Letters that still have to be sent."""
    return session.scalars(
        sa.select(AccountLetter).where(
            AccountLetter.state.in_(("queued", "sending")),
            AccountLetter.ended_at.is_(None),
            AccountLetter.expires_at > now,
        )
    ).all()


def doubt(session: Session, letter_id: str) -> None:
    """Call a letter that a crash left as *sending* uncertain. Only for the one who sends it."""
    _set_state(session, letter_id, "sending", Outcome("uncertain"))


def take(session: Session, letter_id: str, *, now: datetime) -> Ready | None:
    """Mark a queued letter as *sending* and return it; commit before it is sent."""
    letter = session.get(AccountLetter, letter_id, with_for_update=True)
    if letter is None or letter.state != "queued" or not is_open(letter, now):
        return None
    letter.state = "sending"
    return Ready(
        letter_id=letter.letter_id,
        kind=letter.kind,
        email=letter.email,
        role=letter.role,
        school=letter.school.name if letter.school else "",
        organisation=letter.organisation.short_name,
        locale=letter.organisation.locale,
        asked_at=letter.asked_at,
        expires_at=letter.expires_at,
    )


def record(session: Session, letter_id: str, outcome: Outcome) -> None:
    """Write what became of a letter that was being sent."""
    _set_state(session, letter_id, "sending", outcome)


def _set_state(session: Session, letter_id: str, before: str, outcome: Outcome) -> None:
    session.execute(
        sa.update(AccountLetter)
        .where(AccountLetter.letter_id == letter_id, AccountLetter.state == before)
        .values(state=outcome.state, failure=outcome.failure)
    )


# --- parts ---------------------------------------------------------------------------------------


def _hold_letter(session: Session, letter: AccountLetter, now: datetime) -> AccountLetter:
    """The letter as it is now, its link still working; nobody else uses it meanwhile."""
    held = session.scalars(
        sa.select(AccountLetter)
        .where(AccountLetter.letter_id == letter.letter_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if not is_open(held, now):
        raise LetterError("ended")
    return held


def _note(
    session: Session, letter: AccountLetter, action: str, *, by: Account | None, now: datetime
) -> None:
    about = f"account {letter.email}" + (f": {letter.role}" if letter.role else "")
    audit.note(
        session,
        actor=by,
        action=action,
        object_=about,
        now=now,
        organisation=letter.organisation,
    )
