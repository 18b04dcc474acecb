"""Accounts of leaders and researchers."""

import secrets
import unicodedata

import sqlalchemy as sa
from argon2 import PasswordHasher, Type
from sqlalchemy.orm import Session

from survey.models import Account, AccountRole, Organisation

#: role -> what it may do, in one sentence
ROLES = {
    "leader": "Leads rounds of one organisation and reads its profile.",
    "reader": "Reads what staff write to open questions, and hands over its themes.",
    "researcher": "Checks that the scales work in one organisation's rounds.",
}

#: how much work one password costs (argon2id, RFC 9106's second choice): 64 MiB, three passes
PASSWORD_COST = {
    "argon2__time_cost": 3,
    "argon2__memory_cost": 65536,
    "argon2__parallelism": 4,
}

SHORTEST_PASSWORD = 12


class AccountError(ValueError):
    """An account cannot be made; one line says why and what to do."""


def create(
    session: Session,
    *,
    email: str,
    name: str,
    organisation: Organisation,
    role: str,
    password: str,
) -> Account:
    """A new account of one organisation with one role.

    Raises
    ------
    AccountError
        If the role is unknown, the address is none or taken, or the password too short.
    """
    email = email.strip().lower()
    if role not in ROLES:
        raise AccountError(f"there is no role {role!r}; use one of {', '.join(ROLES)}")
    local, at, domain = email.partition("@")
    if not (local and at and domain):
        raise AccountError(f"{email!r} is not an e-mail address")
    if find(session, email) is not None:
        raise AccountError(f"{email} has an account already; use another address")
    account = Account(
        email=email,
        name=name,
        organisation=organisation,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        password=hash_password(password),
    )
    account.roles.append(_role(session, role))
    session.add(account)
    session.flush()
    return account


def find(session: Session, email: str) -> Account | None:
    """The account with this address, if there is one; capitals do not count."""
    return session.scalar(sa.select(Account).where(Account.email == email.strip().lower()))


def hash_password(password: str) -> str:
    """Argon2id hash of a password, as signing in expects it.

    Raises
    ------
    AccountError
        If the password is shorter than 12 characters.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise AccountError(f"a password has at least {SHORTEST_PASSWORD} characters")
    hasher = PasswordHasher(
        time_cost=PASSWORD_COST["argon2__time_cost"],
        memory_cost=PASSWORD_COST["argon2__memory_cost"],
        parallelism=PASSWORD_COST["argon2__parallelism"],
        type=Type.ID,
    )
    return hasher.hash(_normal(password))


def set_password(session: Session, account: Account, password: str) -> None:
    """Give an account another password; sessions that were opened with the old one end."""
    account.password = hash_password(password)
    account.fs_uniquifier = secrets.token_hex(32)
    session.flush()


def random_password() -> str:
    """A password that nobody has to invent: 20 letters and digits in groups of five."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKD", password)  # the form that signing in uses


def _role(session: Session, name: str) -> AccountRole:
    found = session.scalar(sa.select(AccountRole).where(AccountRole.name == name))
    if found is None:
        found = AccountRole(name=name, description=ROLES[name])
        session.add(found)
        session.flush()
    return found
