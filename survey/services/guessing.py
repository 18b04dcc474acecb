"""Holds up whoever guesses codes, words or passwords: a counter in the database, a growing wait.

Failures are counted for one of 64 groups of internet addresses. Which group an address belongs to
takes the server's key to tell, and the address itself is stored and logged nowhere. While a group
waits, its tries are not looked at, so that the answer is the same whatever was typed.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey.models import GuessCount

#: what is guessed: codes on posters, resume words, passwords of accounts, codes of a second step
KINDS = ("code", "words", "password", "second step")
GROUPS = 64
#: so many failures cost nothing: they are typing errors
FREE_FAILURES = 5
LONGEST_WAIT_S = 60
#: a counter is forgotten when nothing failed for so long
FADES_AFTER = timedelta(minutes=15)
#: clocks of several machines agree this well; a failure from further ahead was counted before a
#: clock was put back, and holds nobody up
_CLOCKS_AGREE = timedelta(seconds=60)
#: any number that nothing else locks together with a second one
_LOCK = 7_164_026


def group_of(respondent_key: str, address: str | None) -> int:
    """The group, 0 to 63, of an internet address; an IPv6 address counts by its /64."""
    message = f"guessing\0{_network(address or '')}".encode()
    return hmac.new(respondent_key.encode(), message, hashlib.sha256).digest()[0] % GROUPS


def group_of_account(respondent_key: str, account_id: int) -> int:
    """The group, 0 to 63, of an account: whoever has its password may come from anywhere."""
    message = f"guessing\0account {account_id}".encode()
    return hmac.new(respondent_key.encode(), message, hashlib.sha256).digest()[0] % GROUPS


def _network(address: str) -> str:
    """The part of an address that one household or school has to itself."""
    try:
        parsed = ip_address(address)
    except ValueError:  # a socket of this machine
        return ""
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or int(parsed) >> 64)
    return str(parsed)


def wait_s(session: Session, kind: str, group: int, now: datetime) -> int:
    """Seconds until the next try of this group may be looked at; 0: now.

    Tries of one group that come at the same moment pass one after the other, each knowing of the
    failures before it. Call ``begin_writing`` before; what is held is free when the transaction
    ends.
    """
    _hold(session, kind, group)
    found = session.execute(
        sa.select(GuessCount.failures, GuessCount.failed_at).where(
            GuessCount.kind == kind, GuessCount.group == group, _stands(now)
        )
    ).one_or_none()
    if found is None or found[0] <= FREE_FAILURES:
        return 0
    failures, failed_at = found
    doublings: int = min(failures - FREE_FAILURES - 1, LONGEST_WAIT_S.bit_length())
    wait = min(1 << doublings, LONGEST_WAIT_S)
    left = ceil(wait - (now - failed_at).total_seconds())
    return max(0, min(left, wait))


def failed(session: Session, kind: str, group: int, now: datetime) -> int:
    """Count a try that was looked at and was wrong; returns how many failed lately.

    Call ``wait_s`` before, in one transaction.
    """
    insert: Any = sqlite.insert if _is_sqlite(session) else postgresql.insert
    counted = insert(GuessCount).values(kind=kind, group=group, failures=1, failed_at=now)
    upserted = counted.on_conflict_do_update(
        index_elements=[GuessCount.kind, GuessCount.group],
        set_={
            "failures": sa.case((_stands(now), GuessCount.failures + 1), else_=1),
            "failed_at": now,
        },
    )
    failures: int = session.execute(upserted.returning(GuessCount.failures)).scalar_one()
    return failures


def has_faded(session: Session, now: datetime) -> bool:
    """Whether there are counters to forget."""
    faded = sa.select(GuessCount.kind).where(~_stands(now)).limit(1)
    return session.scalars(faded).first() is not None


def forget_faded(session: Session, now: datetime) -> None:
    """Delete counters without a failure in the last 15 minutes."""
    session.execute(sa.delete(GuessCount).where(~_stands(now)))


def _stands(now: datetime) -> sa.ColumnElement[bool]:
    """Whether a counter still counts."""
    return GuessCount.failed_at.between(now - FADES_AFTER, now + _CLOCKS_AGREE)


def _hold(session: Session, kind: str, group: int) -> None:
    """Let one try of a group be looked at at a time; on SQLite one transaction writes anyway."""
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    if not _is_sqlite(session):
        number = KINDS.index(kind) * GROUPS + group
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, number)))


def _is_sqlite(session: Session) -> bool:
    return session.connection().dialect.name == "sqlite"
