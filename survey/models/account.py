"""People who sign in: leaders and researchers. Staff who answer have no account."""

import sqlalchemy as sa
from flask_security.models import sqla
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.database import Base
from survey.models.organisation import Organisation

sqla.FsModels.set_db_info(
    base_model=Base, user_table_name="account", role_table_name="account_role"
)


class AccountRole(Base, sqla.FsRoleMixin):
    """What an account may do: ``leader``, ``reader`` or ``researcher``."""

    __tablename__ = "account_role"
    users = relationship("Account", secondary="roles_users", back_populates="roles")


class Account(Base, sqla.FsUserMixin):
    """A person who signs in, of one organisation and no other."""

    __tablename__ = "account"
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisation.organisation_id", ondelete="CASCADE")
    )
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    organisation: Mapped[Organisation] = relationship()
    roles = relationship("AccountRole", secondary="roles_users", back_populates="users")
