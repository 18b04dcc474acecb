"""A roster's file between upload and applying: sealed, in the database, for an hour at most.

It is deleted when it has been applied or put away, when its round closes, when its sender sends
another, and otherwise by the sweep. One that has waited too long is not found even before that.
"""

import hashlib
import hmac
import json
import secrets
import zlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from survey.models import Account, RosterUpload, Round
from survey.models.columns import random_id
from survey.services.roster_files import Book, Sheet

#: how long a file waits for its sender
KEPT = timedelta(hours=1)
_NONCE = 12


def keep(
    session: Session, round_: Round, book: Book, *, by: Account, now: datetime, respondent_key: str
) -> RosterUpload:
    """Keep a file until it is applied; what its sender sent before for this round goes."""
    session.execute(
        sa.delete(RosterUpload).where(
            RosterUpload.round_id == round_.round_id, RosterUpload.account_id == by.id
        )
    )
    upload_id = random_id()
    upload = RosterUpload(
        upload_id=upload_id,
        round_id=round_.round_id,
        account_id=by.id,
        uploaded_at=now,
        sealed=_seal(respondent_key, upload_id, _pack(book)),
        reading={},
    )
    session.add(upload)
    session.flush()
    return upload


def find(
    session: Session, round_: Round, upload_id: str, *, by: Account, now: datetime
) -> RosterUpload | None:
    """A file that this account has sent for this round and that has not waited too long."""
    upload = session.get(RosterUpload, upload_id)
    if upload is None or (upload.round_id, upload.account_id) != (round_.round_id, by.id):
        return None
    return upload if now - upload.uploaded_at < KEPT else None


def waiting(session: Session, round_: Round, *, by: Account, now: datetime) -> RosterUpload | None:
    """The file of this account that waits in this round."""
    return session.scalars(
        sa.select(RosterUpload).where(
            RosterUpload.round_id == round_.round_id,
            RosterUpload.account_id == by.id,
            RosterUpload.uploaded_at > now - KEPT,
        )
    ).first()


def open_(upload: RosterUpload, *, respondent_key: str) -> Book | None:
    """The sheets of a file that waits; None where the server's key has changed meanwhile."""
    try:
        return _unpack(_unseal(respondent_key, upload.upload_id, upload.sealed))
    except InvalidTag:
        return None


def put_away(session: Session, upload: RosterUpload) -> None:
    """Delete a file that waits."""
    session.delete(upload)
    session.flush()


def has_old(session: Session, *, now: datetime) -> bool:
    """Whether a file has waited too long."""
    old = sa.select(RosterUpload.upload_id).where(RosterUpload.uploaded_at <= now - KEPT)
    return session.scalars(old.limit(1)).first() is not None


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete the files that have waited too long."""
    session.execute(sa.delete(RosterUpload).where(RosterUpload.uploaded_at <= now - KEPT))


def _pack(book: Book) -> bytes:
    plain = [book.name, [[sheet.name, sheet.rows, sheet.notices] for sheet in book.sheets]]
    return zlib.compress(json.dumps(plain, ensure_ascii=False).encode(), 1)


def _unpack(packed: bytes) -> Book:
    name, sheets = json.loads(zlib.decompress(packed))
    return Book(
        name,
        tuple(
            Sheet(title, tuple((number, tuple(cells)) for number, cells in rows), tuple(notices))
            for title, rows, notices in sheets
        ),
    )


def _seal(respondent_key: str, upload_id: str, content: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(respondent_key).encrypt(nonce, content, upload_id.encode())


def _unseal(respondent_key: str, upload_id: str, sealed: bytes) -> bytes:
    nonce, content = sealed[:_NONCE], sealed[_NONCE:]
    return _cipher(respondent_key).decrypt(nonce, content, upload_id.encode())


def _cipher(respondent_key: str) -> AESGCM:
    return AESGCM(hmac.new(respondent_key.encode(), b"roster upload\0", hashlib.sha256).digest())
