"""Organisations and their schools."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.database import Base, Json
from survey.models.columns import UtcTime, random_id


class Organisation(Base):
    """A middle-tier organisation."""

    __tablename__ = "organisation"

    organisation_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    #: empty until its first leader has said it
    name: Mapped[str]
    #: what people call it; fills {mto} in questions
    short_name: Mapped[str]
    #: one of ``services.organisations.KINDS``
    kind: Mapped[str] = mapped_column(default="other")
    #: two letters, as ISO 3166 has them
    country: Mapped[str] = mapped_column(default="GB")
    locale: Mapped[str] = mapped_column(default="en-GB")
    #: in whose hours its rounds open and close, and times are shown
    time_zone: Mapped[str] = mapped_column(default="UTC")
    #: placeholder or term of an instrument -> the organisation's own words for it
    words: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    #: goes up with each change, so that two who change it at once learn of each other
    revision: Mapped[int] = mapped_column(default=0)
    schools: Mapped[list["School"]] = relationship(
        back_populates="organisation", order_by="School.name"
    )


class School(Base):
    """A school of an organisation."""

    __tablename__ = "school"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    school_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisation.organisation_id", ondelete="CASCADE")
    )
    name: Mapped[str]
    #: since when it is no longer asked in new rounds; rounds that asked it keep it
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    organisation: Mapped[Organisation] = relationship(back_populates="schools")
