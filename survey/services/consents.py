"""A leader's consent: which researcher sees what of a round, and until when.

Without it a researcher's room shows nothing of the round. It ends with its last day, or as soon as
a leader takes it back. Every step is in the audit log.
"""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Account, AccountRole, Consent, Round
from survey.services import audit

#: what a consent can show. One that was given before a key existed does not hold it
SHOWN = ("validation",)


class ConsentError(ValueError):
    """A consent that cannot be given; one line: why, what to do."""


def researchers(session: Session, round_: Round) -> Sequence[Account]:
    """Those to whom a consent can be given: researchers of the round's organisation."""
    return session.scalars(
        sa.select(Account)
        .join(Account.roles)
        .where(
            Account.organisation_id == round_.organisation_id,
            Account.active,
            AccountRole.name == "researcher",
        )
        .order_by(Account.name, Account.email)
    ).all()


def give(
    session: Session,
    round_: Round,
    researcher: Account,
    *,
    until: date,
    by: Account | None,
    now: datetime,
) -> Consent:
    """Let a researcher see all of ``SHOWN`` until a day; an earlier consent to them ends.

    Call ``begin_writing`` before.

    Raises
    ------
    ConsentError
        If the account is no researcher of this organisation, or the day has passed.
    """
    if researcher not in researchers(session, round_):
        raise ConsentError("this account is no researcher of the round's organisation")
    if until < now.date():
        raise ConsentError("the last day has passed; choose a later one")
    for earlier in of(session, round_):
        if earlier.account_id == researcher.id and is_current(earlier, now):
            earlier.ended_at = now
    consent = Consent(
        round=round_, account=researcher, shows=list(SHOWN), until=until, given_at=now
    )
    session.add(consent)
    _note(session, consent, "give_consent", f"{researcher.email} until {until}", by=by, now=now)
    return consent


def end(session: Session, consent: Consent, *, by: Account | None, now: datetime) -> None:
    """Take a consent back; ending it twice is ending it once. Call ``begin_writing`` before."""
    if not is_current(consent, now):
        return
    consent.ended_at = now
    _note(session, consent, "end_consent", consent.account.email, by=by, now=now)


def of(session: Session, round_: Round) -> Sequence[Consent]:
    """Every consent that was given for a round, newest first."""
    return session.scalars(
        sa.select(Consent)
        .where(Consent.round_id == round_.round_id)
        .order_by(Consent.given_at.desc(), Consent.consent_id)
    ).all()


def is_current(consent: Consent, now: datetime) -> bool:
    """Whether a consent shows something now."""
    return consent.ended_at is None and now.date() <= consent.until


def rounds_of(session: Session, researcher: Account, *, now: datetime) -> Sequence[Round]:
    """The rounds that a researcher may see, newest first."""
    current = _current(researcher, now).with_only_columns(Consent.round_id)
    return session.scalars(
        sa.select(Round)
        .where(Round.round_id.in_(current))
        .order_by(Round.opens_at.desc(), Round.round_id)
    ).all()


def allows(
    session: Session, researcher: Account, round_: Round, what: str, *, now: datetime
) -> bool:
    """Whether a leader consents that this researcher sees ``what`` of a round."""
    of_round = _current(researcher, now).where(Consent.round_id == round_.round_id)
    return any(what in consent.shows for consent in session.scalars(of_round))


def _current(researcher: Account, now: datetime) -> sa.Select[Consent]:
    return (
        sa.select(Consent)
        .join(Round, Consent.round_id == Round.round_id)
        .where(
            Consent.account_id == researcher.id,
            Round.organisation_id == researcher.organisation_id,
            Consent.ended_at.is_(None),
            Consent.until >= now.date(),
        )
    )


def _note(
    session: Session,
    consent: Consent,
    action: str,
    what: str,
    *,
    by: Account | None,
    now: datetime,
) -> None:
    session.flush()
    object_ = f"round {consent.round_id}: {what}"
    audit.note(session, actor=by, action=action, object_=object_, now=now)
