"""Organisations and their schools."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.database import Base
from survey.models.columns import random_id


class Organisation(Base):
    """A middle-tier organisation."""

    __tablename__ = "organisation"

    organisation_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    name: Mapped[str]
    #: what people call it; fills {mto} in questions
    short_name: Mapped[str]
    locale: Mapped[str] = mapped_column(default="en-GB")
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
    organisation: Mapped[Organisation] = relationship(back_populates="schools")
