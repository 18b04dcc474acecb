"""Open questions of a round: its desk, and the answers in people's own words, born at the close.

An answer in words has no key, school or role, and nothing that leads to the response of the same
person or to their other answers in words. No column holds a time of anybody's writing.
"""

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.database import Base, Json
from survey.models.columns import UtcTime, random_id

if TYPE_CHECKING:
    from survey.models.round import Round


class OpenDesk(Base):
    """That a round asks its open questions, who reads the answers, and what staff are told of harm.

    What staff are told cannot change once somebody has begun to answer.
    """

    __tablename__ = "open_desk"

    round_id: Mapped[str] = mapped_column(
        ForeignKey("round.round_id", ondelete="CASCADE"), primary_key=True
    )
    #: who reads the words, as staff know them
    reader: Mapped[str]
    #: the safeguarding route: to whom a statement about harm goes, how, and by when
    goes_to: Mapped[str]
    how: Mapped[str]
    by_when: Mapped[str]
    #: when the reader was done: words and tags were deleted, and themes stand for ever
    handed_over_at: Mapped[datetime | None] = mapped_column(UtcTime)
    #: {item: how many answered, in a band or words that may be shown}; written at the hand-over
    answered: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    #: when the leader asked for the quotations that may leave
    quoted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    round: Mapped["Round"] = relationship(back_populates="open_desk")


class OpenAnswer(Base):
    """One person's answer to one open question, in an order and under an id drawn at random."""

    __tablename__ = "open_answer"
    __table_args__ = ({"sqlite_with_rowid": False},)

    open_answer_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    round_id: Mapped[str] = mapped_column(
        ForeignKey("round.round_id", ondelete="CASCADE"), index=True
    )
    item: Mapped[str]
    #: which part of the schools it came from (``services.open_parts``); "": none was drawn
    part: Mapped[str] = mapped_column(default="")
    #: as written; the reader's alone, and deleted at the hand-over
    words: Mapped[str]
    #: the writer's tick; without it the words never leave
    may_quote: Mapped[bool]
    #: the reader's version, without names, places, dates and odd phrases
    redacted: Mapped[str] = mapped_column(default="")
    #: whether the reader says that the redacted words may be quoted
    is_cleared: Mapped[bool] = mapped_column(default=False)
    is_read: Mapped[bool] = mapped_column(default=False)
    #: "", "flagged", "passed on"
    harm: Mapped[str] = mapped_column(default="")
    themes: Mapped[list["Theme"]] = relationship(
        secondary="open_answer_theme", back_populates="answers"
    )


class Theme(Base):
    """What several people say to one open question, in the reader's words."""

    __tablename__ = "theme"
    __table_args__ = (UniqueConstraint("round_id", "item", "name"),)

    theme_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.round_id", ondelete="CASCADE"))
    item: Mapped[str]
    name: Mapped[str] = mapped_column(sa.String(120))
    #: from how many people, in a band that may be shown; written at the hand-over
    people: Mapped[str] = mapped_column(default="")
    answers: Mapped[list[OpenAnswer]] = relationship(
        secondary="open_answer_theme", back_populates="themes"
    )


class OpenAnswerTheme(Base):
    """That an answer speaks of a theme."""

    __tablename__ = "open_answer_theme"
    __table_args__ = ({"sqlite_with_rowid": False},)

    open_answer_id: Mapped[str] = mapped_column(
        ForeignKey("open_answer.open_answer_id", ondelete="CASCADE"), primary_key=True
    )
    theme_id: Mapped[str] = mapped_column(
        ForeignKey("theme.theme_id", ondelete="CASCADE"), primary_key=True, index=True
    )
