"""People who sign in, and what a researcher may see. Staff who answer have no account."""

from datetime import UTC, date, datetime, timedelta

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


#: roles that sign in with a second step
NEED_SECOND_STEP = ("leader", "administrator")
#: how long they may sign in without, from the day on which they got the account or the role
GRACE = timedelta(days=14)


def _after_grace() -> datetime:
    return datetime.now(UTC) + GRACE


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
    #: from when on a role that needs a second step signs in with one only; None: never
    second_step_due: Mapped[datetime | None] = mapped_column(UtcTime, default=_after_grace)
    #: counter of the last code that was used, so that none is used twice
    last_code: Mapped[int | None]
    organisation: Mapped[Organisation] = relationship()
    school: Mapped[School | None] = relationship()
    roles = relationship("AccountRole", secondary="roles_users", back_populates="users")

    @property
    def role(self) -> str:
        """The one role that an account has."""
        return str(self.roles[0].name) if self.roles else ""

    @property
    def has_second_step(self) -> bool:
        """Whether signing in takes a code besides the password."""
        return bool(self.tf_primary_method and self.tf_totp_secret)

    def needs_second_step(self, now: datetime) -> bool:
        """Whether the account may sign in with a second step only."""
        is_due = self.second_step_due is not None and now >= self.second_step_due
        return self.role in NEED_SECOND_STEP and is_due

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Flask-Security asks here whether the password is enough."""
        required = bool(tf_setup_methods) or self.needs_second_step(datetime.now(UTC))
        return required, tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """Flask-Security asks here whether a second step may be taken away again."""
        return self.role in NEED_SECOND_STEP and self.second_step_due is not None


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
