"""Accounts: made, found, and their passwords."""

import secrets
import unicodedata

import sqlalchemy as sa
from argon2 import PasswordHasher, Type
from sqlalchemy.orm import Session

from survey.models import Account, AccountRole, Organisation, School

#: role -> what it may do, in one sentence
ROLES = {
    "leader": "Leads rounds of one organisation and reads its profile.",
    "head": "Heads a school, and sees its organisation's rounds and this school's own report.",
    "reader": "Reads what staff write to open questions, and hands over its themes.",
    "administrator": "Looks after accounts and reads the audit log; sees no report and no figure.",
    "researcher": "Checks that the scales work, in rounds for which a leader consents.",
}
#: those who may change accounts: an organisation always keeps one of them
MANAGERS = ("leader", "administrator")

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
    school: School | None = None,
) -> Account:
    """A new account of one organisation with one role; a head has a school, nobody else has.

    Raises
    ------
    AccountError
        If the role is unknown, the school does not go with it, the address is none or taken, or
        the password too short.
    """
    return add(
        session,
        email=email,
        name=name,
        organisation=organisation,
        role=role,
        hashed=hash_password(password),
        school=school,
    )


def add(
    session: Session,
    *,
    email: str,
    name: str,
    organisation: Organisation,
    role: str,
    hashed: str,
    school: School | None = None,
) -> Account:
    """As ``create``, with a password that was hashed before: hashing takes long."""
    email = email.strip().lower()
    check_role(organisation, role, school)
    local, at, domain = email.partition("@")
    if not (local and at and domain):
        raise AccountError(f"{email!r} is not an e-mail address")
    if find(session, email) is not None:
        raise AccountError(f"{email} has an account already; use another address")
    account = Account(
        email=email,
        name=name,
        organisation=organisation,
        school=school,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        password=hashed,
    )
    account.roles.append(role_named(session, role))
    session.add(account)
    session.flush()
    return account


def check_role(organisation: Organisation, role: str, school: School | None) -> None:
    """Raise ``AccountError`` unless the role exists and the school is what it needs."""
    if role not in ROLES:
        raise AccountError(f"there is no role {role!r}; use one of {', '.join(ROLES)}")
    if role == "head" and school is None:
        raise AccountError("a head needs a school; say which")
    if role != "head" and school is not None:
        raise AccountError(f"a {role} has no school; leave it out")
    if school is not None and school.organisation_id != organisation.organisation_id:
        raise AccountError(f"{school.name} is no school of {organisation.name}")


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
    set_hash(session, account, hash_password(password))


def set_hash(session: Session, account: Account, hashed: str) -> None:
    """As ``set_password``, with a password that was hashed before."""
    account.password = hashed
    end_sessions(account)
    session.flush()


def end_sessions(account: Account) -> None:
    """Sign an account out wherever it is signed in."""
    account.fs_uniquifier = secrets.token_hex(32)


def random_password() -> str:
    """A password that nobody has to invent: 20 letters and digits in groups of five."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKD", password)  # the form that signing in uses


def role_named(session: Session, name: str) -> AccountRole:
    """The row of a role, made when it is first needed."""
    found = session.scalar(sa.select(AccountRole).where(AccountRole.name == name))
    if found is None:
        found = AccountRole(name=name, description=ROLES[name])
        session.add(found)
        session.flush()
    return found
