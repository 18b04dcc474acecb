"""Changes of accounts by a leader or an administrator: roles, switching off and on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Account, AccountRole, Organisation, School
from survey.models.account import GRACE, NEED_SECOND_STEP
from survey.services import account_letters, accounts, audit, organisations

Refusal = Literal["own role", "own step", "last"]


class ChangeError(ValueError):
    """A change that is not made; ``refusal`` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"the account is not changed: {refusal}")
        self.refusal = refusal


def of(session: Session, organisation: Organisation) -> Sequence[Account]:
    """The accounts of an organisation, those that are switched off last."""
    return session.scalars(
        sa.select(Account)
        .where(Account.organisation_id == organisation.organisation_id)
        .order_by(Account.active.desc(), Account.name, Account.email)
    ).all()


def heads(session: Session, organisation: Organisation) -> dict[str, list[str]]:
    """School -> the names of those who head it and can sign in."""
    found: dict[str, list[str]] = {}
    for account in of(session, organisation):
        if account.role == "head" and account.active and account.school_id:
            found.setdefault(account.school_id, []).append(account.name)
    return found


def change_role(
    session: Session,
    account: Account,
    role: str,
    school: School | None,
    *,
    by: Account,
    now: datetime,
) -> None:
    """Give an account another role, or a head another school. Call ``begin_writing`` before.

    Raises
    ------
    ChangeError
        If it is one's own account, or nobody would be left who can change accounts.
    AccountError
        If there is no such role, or the school does not go with it.
    """
    _hold(session, account)
    accounts.check_role(account.organisation, role, school)
    if account.id == by.id:
        raise ChangeError("own role")
    if role not in accounts.MANAGERS:
        _keep_a_manager(session, account)
    if (account.role, account.school) == (role, school):
        return
    if account.role not in NEED_SECOND_STEP and account.second_step_due is not None:
        account.second_step_due = now + GRACE
    account.roles = [accounts.role_named(session, role)]
    account.school = school
    more = f", {school.name}" if school else ""
    _note(session, account, "change_role", f": {role}{more}", by=by, now=now)


def reset_second_step(
    session: Session, account: Account, *, by: Account | None, now: datetime
) -> None:
    """Let an account sign in without its second step, where the phone is lost, and sign it out.

    A role that needs one sets it up anew at the next sign-in. Call ``begin_writing`` before.

    Raises
    ------
    ChangeError
        If it is one's own account: that takes one's password.
    """
    _hold(session, account)
    if by is not None and by.id == account.id:
        raise ChangeError("own step")
    account.tf_primary_method = account.tf_totp_secret = account.last_code = None
    account.mf_recovery_codes = None
    accounts.end_sessions(account)
    _note(session, account, "reset_second_step", by=by, now=now)


def switch_off(session: Session, account: Account, *, by: Account, now: datetime) -> None:
    """End an account's sessions and links, and refuse to sign it in. ``begin_writing`` before.

    Raises
    ------
    ChangeError
        If nobody would be left who can change accounts.
    """
    _hold(session, account)
    if not account.active:
        return
    _keep_a_manager(session, account)
    account.active = False
    accounts.end_sessions(account)
    account_letters.end_all(session, account, now=now)
    _note(session, account, "switch_off_account", by=by, now=now)


def switch_on(session: Session, account: Account, *, by: Account, now: datetime) -> None:
    """Let an account that was switched off sign in again. Call ``begin_writing`` before."""
    _hold(session, account)
    if not account.active:
        account.active = True
        _note(session, account, "switch_on_account", by=by, now=now)


def _keep_a_manager(session: Session, leaving: Account) -> None:
    others = (
        sa.select(Account.id)
        .join(Account.roles)
        .where(
            Account.organisation_id == leaving.organisation_id,
            Account.active,
            Account.id != leaving.id,
            AccountRole.name.in_(accounts.MANAGERS),
        )
    )
    if session.scalars(others.limit(1)).first() is None:
        raise ChangeError("last")


def _hold(session: Session, account: Account) -> None:
    """Let one change of an organisation's accounts happen at a time."""
    organisations.hold(session, account.organisation_id)
    session.refresh(account)


def _note(
    session: Session,
    account: Account,
    action: str,
    more: str = "",
    *,
    by: Account | None,
    now: datetime,
) -> None:
    session.flush()
    object_ = f"account {account.email}{more}"
    audit.note(
        session,
        actor=by,
        action=action,
        object_=object_,
        now=now,
        organisation=account.organisation,
    )
