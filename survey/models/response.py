"""Drafts while a round is open, responses once it has closed. The two never meet.

No column here holds a time, an address or anything of an account: what is not stored cannot leak.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base, Json
from survey.models.columns import random_id


class Draft(Base):
    """Somebody's answers while the round is open.

    Found by HMAC(server key, resume words); the words are only with the person and in the cookie
    of each device that they answered on.
    """

    __tablename__ = "draft"
    __table_args__ = ({"sqlite_with_rowid": False},)

    #: HMAC(respondent key, round and resume words), in hex
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    round_id: Mapped[str] = mapped_column(
        ForeignKey("round.round_id", ondelete="CASCADE"), index=True
    )
    #: HMAC(respondent_key, round and token of the personal link), in hex; None in an anonymous
    #: round. At most one draft an invitation, so that a person counts once
    invitation_key: Mapped[str | None] = mapped_column(sa.String(64), unique=True, index=True)
    #: empty until the person has said them
    role: Mapped[str] = mapped_column(default="")
    school_id: Mapped[str | None] = mapped_column(ForeignKey("school.school_id"))
    #: which order of the dimensions this person sees, drawn at random
    dimension_order: Mapped[int] = mapped_column(default=0)
    #: {item code: option number, or "CT", or "DNA"}; an item that is absent was skipped
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: items whose answer was last given with the personal link alone: what it was is shown on no
    #: device, because whoever began the draft, and holds its words, may be somebody else
    unseen: Mapped[list[str]] = mapped_column(Json, default=list)
    #: {item code: own words}, of open questions; never in a response
    written: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    #: open questions at which the person ticked that their words may be quoted
    quotable: Mapped[list[str]] = mapped_column(Json, default=list)
    #: sections already sent, so that a person comes back to the first that is not
    pages: Mapped[list[str]] = mapped_column(Json, default=list)
    #: counts saves; the order that the server saw them in decides between two devices
    revision: Mapped[int] = mapped_column(default=0)
    sent: Mapped[bool] = mapped_column(default=False)


class Response(Base):
    """One person's answers, born when the round closed, in random order and under a random id."""

    __tablename__ = "response"
    __table_args__ = ({"sqlite_with_rowid": False},)

    response_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    round_id: Mapped[str] = mapped_column(
        ForeignKey("round.round_id", ondelete="CASCADE"), index=True
    )
    role: Mapped[str]
    school_id: Mapped[str | None] = mapped_column(ForeignKey("school.school_id"))
    form: Mapped[str]
    dimension_order: Mapped[int]
    careless: Mapped[bool]
    answers: Mapped[dict[str, Any]] = mapped_column(Json)
