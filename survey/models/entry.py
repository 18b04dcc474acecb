"""Ways into a round: personal links, codes on posters, and what was sent to whom.

Nothing here is written when somebody answers. All of it but the mailings' counts is deleted when
the round closes.
"""

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base
from survey.models.columns import UtcTime, random_id


def _invitation_id() -> str:
    """Half as long as other ids, because it stands in a link."""
    return secrets.token_hex(8)


class Invitation(Base):
    """A person on the staff list of a confidential round.

    The token of the personal link is ``invitation_id`` and an HMAC of it under the server's key, so
    that the database alone opens no link and leads to no draft (``services.sealing``).
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("round_id", "email"),
        {"sqlite_with_rowid": False},
    )

    invitation_id: Mapped[str] = mapped_column(primary_key=True, default=_invitation_id)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.round_id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(sa.String(254))
    #: what the staff list says; what counts is what the person states
    role: Mapped[str] = mapped_column(default="")
    school_id: Mapped[str | None] = mapped_column(ForeignKey("school.school_id"))


class Mailing(Base):
    """Mail to everybody on the staff list: the invitation, or a reminder.

    A reminder goes to everybody, so that who was reminded says nothing of who has answered.
    """

    __tablename__ = "mailing"

    mailing_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    round_id: Mapped[str] = mapped_column(
        ForeignKey("round.round_id", ondelete="CASCADE"), index=True
    )
    #: invitation, reminder
    kind: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    #: why mail could not be sent when it was last tried, in a word and codes; empty: it could
    trouble: Mapped[str] = mapped_column(default="")
    recipients: Mapped[int]
    #: {state: how many}, kept when the round closes and the messages are deleted
    outcome: Mapped[dict[str, int] | None] = mapped_column(sa.JSON(none_as_null=True))


class Message(Base):
    """One e-mail of a mailing. Its text is put together when it is sent, and stored nowhere."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("mailing_id", "invitation_id"),
        {"sqlite_with_rowid": False},
    )

    message_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    mailing_id: Mapped[str] = mapped_column(ForeignKey("mailing.mailing_id", ondelete="CASCADE"))
    invitation_id: Mapped[str] = mapped_column(
        ForeignKey("invitation.invitation_id", ondelete="CASCADE"), index=True
    )
    #: queued, sending, sent, uncertain (a crash came between), failed
    state: Mapped[str] = mapped_column(default="queued")
    #: one line without an address, where it failed
    failure: Mapped[str] = mapped_column(default="")


class EntryCode(Base):
    """A short code on a poster of an anonymous round: it leads to the round and names a school.

    A school has one, and the codes of schools that were merged into it.
    """

    __tablename__ = "entry_code"

    code: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[str] = mapped_column(
        ForeignKey("round.round_id", ondelete="CASCADE"), index=True
    )
    #: None: the centre
    school_id: Mapped[str | None] = mapped_column(ForeignKey("school.school_id"))


class GuessCount(Base):
    """How many wrong codes, words or passwords were typed lately, so that guessing has to wait.

    Counted for one of 64 groups of internet addresses, drawn with the server's key: a group
    tells nothing of an address, and nobody's typing errors hold up everybody else.
    """

    __tablename__ = "guess_count"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures_not_negative"),)

    #: code, words, password
    kind: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    failures: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime] = mapped_column(UtcTime)
