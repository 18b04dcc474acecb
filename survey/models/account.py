"""People who sign in, and what a researcher may see. Staff who answer have no account."""

from datetime import date, datetime

import sqlalchemy as sa
from flask_security.models import sqla
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.database import Base, Json
from survey.models.columns import UtcTime, random_id
from survey.models.organisation import Organisation, School
from survey.models.round import Round

sqla.FsModels.set_db_info(
    base_model=Base, user_table_name="account", role_table_name="account_role"
)


class AccountRole(Base, sqla.FsRoleMixin):
    """What an account may do: one of ``services.accounts.ROLES``."""

    __tablename__ = "account_role"
    users = relationship("Account", secondary="roles_users", back_populates="roles")


class Account(Base, sqla.FsUserMixin):
    """A person who signs in, of one organisation and no other."""

    __tablename__ = "account"
    #: random: what addresses of pages and fields of forms call the account
    reference: Mapped[str] = mapped_column(unique=True, index=True, default=random_id)
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisation.organisation_id", ondelete="CASCADE")
    )
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    #: the school of a head; None for everybody else
    school_id: Mapped[str | None] = mapped_column(ForeignKey("school.school_id"))
    organisation: Mapped[Organisation] = relationship()
    school: Mapped[School | None] = relationship()
    roles = relationship("AccountRole", secondary="roles_users", back_populates="users")

    @property
    def role(self) -> str:
        """The one role that an account has."""
        return str(self.roles[0].name) if self.roles else ""


class Consent(Base):
    """A leader's consent that a researcher sees some of one round until a day, or until taken back.

    Rows stay when they have ended: they say what was shown to whom.
    """

    __tablename__ = "consent"

    consent_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    round_id: Mapped[str] = mapped_column(
        ForeignKey("round.round_id", ondelete="CASCADE"), index=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    #: what is shown: keys of ``services.consents.SHOWN``
    shows: Mapped[list[str]] = mapped_column(Json)
    #: the last day, in UTC
    until: Mapped[date]
    given_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    account: Mapped[Account] = relationship()
    round: Mapped[Round] = relationship()


class AccountLetter(Base):
    """A message with a link to an account: an invitation to one, or the way to a new password.

    The link's token is ``letter_id`` and an HMAC of it under the server's key
    (``services.sealing``), so that the database alone opens no link.
    """

    __tablename__ = "account_letter"

    letter_id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisation.organisation_id", ondelete="CASCADE"), index=True
    )
    #: invitation, password
    kind: Mapped[str]
    email: Mapped[str] = mapped_column(sa.String(254))
    #: what an invited person will be
    role: Mapped[str] = mapped_column(default="")
    school_id: Mapped[str | None] = mapped_column(ForeignKey("school.school_id"))
    #: whose password; None for an invitation
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    #: when its link was used or taken back
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    #: queued, sending, sent, uncertain (a crash came between), failed
    state: Mapped[str] = mapped_column(default="queued")
    #: one line without an address, where it failed
    failure: Mapped[str] = mapped_column(default="")
    organisation: Mapped[Organisation] = relationship()
    school: Mapped[School | None] = relationship()
    account: Mapped[Account | None] = relationship()
