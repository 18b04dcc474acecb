"""Addresses that mail does not reach: noted, shown to the leader, not written to again.

A mail server that refuses an address says so at once, or later by a message that comes back. Either
names one of our messages; no address is read from what came back, so that nobody can stop another
person's mail by sending such a message. That a message came back says nothing of who has answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from survey.models import Account, Bounce, Invitation, Mailing, Message, Round, School
from survey.services import audit

#: what a leader was told by other means
TOLD = "told"
#: how many addresses a leader may name at once
MOST_ADDRESSES = 1000


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A person on the staff list whose address mail does not reach."""

    invitation_id: str
    email: str
    #: None: the centre
    school: str | None
    code: str


@dataclass(frozen=True, slots=True)
class Named:
    """What came of the addresses that a leader named."""

    new: int
    known: int
    #: those that are not on the staff list, as they were typed
    unknown: tuple[str, ...]


def is_unreachable() -> sa.ColumnElement[bool]:
    """Of an ``Invitation``: its address is one that mail does not reach."""
    return (
        sa.exists()
        .where(Bounce.invitation_id == Invitation.invitation_id, _holds())
        .correlate(Invitation)
    )


def is_mended() -> sa.ColumnElement[bool]:
    """Of an ``Invitation``: its address was one, and has been corrected or is to be tried again."""
    return (
        sa.exists()
        .where(Bounce.invitation_id == Invitation.invitation_id, ~_holds())
        .correlate(Invitation)
    )


def _holds() -> sa.ColumnElement[bool]:
    return sa.and_(Bounce.email == Invitation.email, Bounce.retry.is_(False))


def note(session: Session, codes: Mapping[str, str]) -> int:
    """Note that messages could not be delivered: {message id: code}; returns how many are known.

    A message that is not there (its round has closed, or it is made up) is passed over. Only a code
    about the address (5.1.x, 5.2.x, 5.4.x) keeps further mail from it, and only of a message that
    went to the address of today: not where it was corrected since, or the person invited anew.
    """
    found = session.execute(
        sa.select(
            Message.message_id,
            Invitation.invitation_id,
            Invitation.email,
            sa.or_(is_mended(), _was_invited_later()).label("is_past"),
        )
        .join(Invitation, Message.invitation_id == Invitation.invitation_id)
        .join(Mailing, Message.mailing_id == Mailing.mailing_id)
        .where(Message.message_id.in_(list(codes)))
        .order_by(Message.message_id)
    ).all()
    for message_id, invitation_id, email, is_past in found:
        code = codes[message_id]
        session.execute(
            sa.update(Message)
            .where(Message.message_id == message_id)
            .values(state="failed", failure=code)
        )
        if is_about_an_address(code) and not is_past:
            _put(session, invitation_id, email, code)
    session.flush()
    return len(found)


def _was_invited_later() -> sa.ColumnElement[bool]:
    """Of a ``Message`` and its ``Mailing``: the person was sent an invitation after it."""
    later, its_message = aliased(Mailing), aliased(Message)
    return (
        sa.exists()
        .where(
            its_message.mailing_id == later.mailing_id,
            its_message.invitation_id == Message.invitation_id,
            later.kind == "invitation",
            later.asked_at > Mailing.asked_at,
        )
        .correlate(Message, Mailing)
    )


def is_about_an_address(code: str) -> bool:
    """Whether a code ("550 5.1.1", "5.1.1", "550") says that the address is of no use."""
    basic, _, status = code.rpartition(" ")
    if "." in status:
        return status.startswith(("5.1.", "5.2.", "5.4."))
    return (basic or status) in ("550", "551", "553")


def name(
    session: Session, round_: Round, addresses: Sequence[str], *, by: Account, now: datetime
) -> Named:
    """Note addresses that a leader knows to be of no use. Call ``begin_writing`` before."""
    listed = {
        email.casefold(): (invitation_id, email)
        for invitation_id, email in session.execute(
            sa.select(Invitation.invitation_id, Invitation.email).where(
                Invitation.round_id == round_.round_id
            )
        )
    }
    known_before = {each.invitation_id for each in of(session, round_)}
    found = dict.fromkeys(
        listed[typed.casefold()] for typed in addresses if typed.casefold() in listed
    )
    for invitation_id, email in found:
        if invitation_id not in known_before:
            _put(session, invitation_id, email, TOLD)
    new = sum(invitation_id not in known_before for invitation_id, _email in found)
    if new:
        about = f"round {round_.round_id}"
        audit.note(session, actor=by, action="name_unreachable", object_=about, now=now)
    session.flush()
    unknown = tuple(typed for typed in addresses if typed.casefold() not in listed)
    return Named(new, len(found) - new, unknown)


def try_again(
    session: Session, round_: Round, invitation_id: str, *, by: Account, now: datetime
) -> bool:
    """Let an address be written to again as it is. Call ``begin_writing`` before."""
    if invitation_id not in {each.invitation_id for each in of(session, round_)}:
        return False
    session.execute(
        sa.update(Bounce).where(Bounce.invitation_id == invitation_id).values(retry=True)
    )
    about = f"round {round_.round_id}"
    audit.note(session, actor=by, action="try_address_again", object_=about, now=now)
    return True


def of(session: Session, round_: Round) -> list[Unreachable]:
    """The addresses of a round that mail does not reach, by school and address."""
    rows = session.execute(
        sa.select(Invitation.invitation_id, Invitation.email, School.name, Bounce.code)
        .join(Bounce, Bounce.invitation_id == Invitation.invitation_id)
        .outerjoin(School, Invitation.school_id == School.school_id)
        .where(Invitation.round_id == round_.round_id, _holds())
    )
    return sorted(
        (Unreachable(*row) for row in rows), key=lambda each: (each.school or "", each.email)
    )


def forget_mended(session: Session, invitation_ids: Sequence[str]) -> None:
    """Delete what was noted of people who are invited anew."""
    session.execute(sa.delete(Bounce).where(Bounce.invitation_id.in_(invitation_ids)))


def _put(session: Session, invitation_id: str, email: str, code: str) -> None:
    """Note an address, in the place of what was noted before; no mail waits for it any more."""
    session.execute(sa.delete(Bounce).where(Bounce.invitation_id == invitation_id))
    session.execute(
        sa.insert(Bounce).values(invitation_id=invitation_id, email=email, code=code, retry=False)
    )
    session.execute(
        sa.update(Message)
        .where(Message.invitation_id == invitation_id, Message.state == "queued")
        .values(state="failed", failure=code)
    )
