"""Rounds and their rosters."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.database import Base, Json
from survey.models.columns import UtcTime, random_id
from survey.models.organisation import Organisation, School

if TYPE_CHECKING:
    from survey.models.open_answer import OpenDesk


class Round(Base):
    """One survey of one organisation with one instrument version."""

    __tablename__ = "round"
    __table_args__ = (CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),)

    round_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisation.organisation_id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    #: the pinned instrument version; its checksum shows that the words did not change
    instrument_slug: Mapped[str]
    instrument_version: Mapped[str]
    instrument_checksum: Mapped[str]
    form: Mapped[str]
    modules: Mapped[list[str]] = mapped_column(Json)
    locale: Mapped[str]
    #: locales that staff may choose; ``locale`` is always one of them
    locales: Mapped[list[str]] = mapped_column(Json, default=list)
    #: {locale: checksum} of translations marked as unverified that the round's owner has read and
    #: confirmed, as they were then
    confirmed_translations: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    #: placeholder -> words; "name@locale" -> the same in another language that staff may choose
    placeholders: Mapped[dict[str, str]] = mapped_column(Json)
    #: facts that the organisation states about itself; never about people
    admin: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    #: decision -> the stop at which the organisation's rules put it
    formal: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    #: whether schools stand under their names where they stand side by side: every head agreed
    schools_named: Mapped[bool] = mapped_column(default=False)
    #: whether the profile has a page of the instrument's reference cases
    silhouettes: Mapped[bool] = mapped_column(default=False)
    #: what the letters to staff say that nothing else of the round does: {"controller": ...}
    letters: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    #: anonymous (a shared link, codes on posters) or confidential (a staff list, personal links);
    #: cannot change once somebody has begun to answer
    mode: Mapped[str] = mapped_column(default="anonymous")
    #: the code in the shared link
    link: Mapped[str] = mapped_column(unique=True)
    opens_at: Mapped[datetime] = mapped_column(UtcTime)
    closes_at: Mapped[datetime] = mapped_column(UtcTime)
    #: when the leader said that the round may be asked; None while it is being set up
    ready_at: Mapped[datetime | None] = mapped_column(UtcTime)
    #: goes up with each change, so that two who change it at once learn of each other
    revision: Mapped[int] = mapped_column(default=0)
    #: when responses were born; nothing of the round changes afterwards
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    #: school -> its name when the round closed: documents say this one, however it is called later
    school_names: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    #: when the files were rewritten so that deleted drafts left no trace
    scrubbed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    #: when staff are promised to hear what came of it, and from whom; None, empty: not said
    results_on: Mapped[date | None]
    results_by: Mapped[str] = mapped_column(default="")
    #: when the page for staff was released
    released_at: Mapped[datetime | None] = mapped_column(UtcTime)
    #: when heads were let see the reports of their schools
    schools_released_at: Mapped[datetime | None] = mapped_column(UtcTime)
    simulated: Mapped[bool] = mapped_column(default=False)
    #: who had answered by the start of ``on``, in bands and words that may be shown; taken once a
    #: day while the round is open, because a count that ticks tells who has just finished
    tally: Mapped[dict[str, Any] | None] = mapped_column(Json)
    organisation: Mapped[Organisation] = relationship()
    roster: Mapped[list["RosterRow"]] = relationship(
        back_populates="round", cascade="all, delete-orphan"
    )
    #: None: the round asks no open questions
    open_desk: Mapped["OpenDesk | None"] = relationship(
        back_populates="round", cascade="all, delete-orphan"
    )


class RosterRow(Base):
    """How many people of one role work in one school; ``school_id`` is None for the centre."""

    __tablename__ = "roster_row"
    __table_args__ = (
        UniqueConstraint("round_id", "school_id", "role"),
        CheckConstraint("headcount >= 0", name="headcount_not_negative"),
    )

    roster_row_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.round_id", ondelete="CASCADE"))
    school_id: Mapped[str | None] = mapped_column(ForeignKey("school.school_id"))
    role: Mapped[str]
    headcount: Mapped[int]
    round: Mapped[Round] = relationship(back_populates="roster")
    school: Mapped[School | None] = relationship()
