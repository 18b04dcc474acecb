"""Documents that jobs make, and the workers that make them."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.database import Base
from survey.models.columns import UtcTime, random_id
from survey.models.round import Round


class Report(Base):
    """A document somebody asked for. This row is the truth; the job engine only carries it out."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("round_id", "kind"),)

    report_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.round_id", ondelete="CASCADE"))
    #: profile, profile_screen, slides, handout, validation, staff_page, posters, slips, or
    #: "school:" or "school_screen:" and the school's id
    kind: Mapped[str]
    #: grows by one with each "try again"; the workflow id is <report_id>:<attempt>
    attempt: Mapped[int] = mapped_column(default=1)
    #: how often a worker has begun this attempt: one that stops worker after worker is given up
    starts: Mapped[int] = mapped_column(default=0)
    #: asked, ready, failed
    state: Mapped[str] = mapped_column(default="asked")
    #: one line for the person who asked, when it failed
    failure: Mapped[str] = mapped_column(default="")
    #: file name in storage and SHA-256 of its bytes, once ready
    file_name: Mapped[str] = mapped_column(default="")
    checksum: Mapped[str] = mapped_column(default="")
    #: fingerprint of the frozen dataset it was made from
    fingerprint: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    ready_at: Mapped[datetime | None] = mapped_column(UtcTime)
    round: Mapped[Round] = relationship()


class Worker(Base):
    """A worker process and when it was last seen alive."""

    __tablename__ = "worker"

    #: host and slot; also DBOS's executor id
    executor_id: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)
