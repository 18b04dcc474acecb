"""Messages that came back (RFC 3464), read from a folder by the worker.

A mail server or a small script puts them there, one a file. Which of our messages came back stands
in the address that it came back to, or in the Message-ID of the copy that it holds; addresses that
it names are not read.
"""

import logging
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message as Mail
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.database import begin_writing
from survey.services import bounces

log = logging.getLogger(__name__)

#: larger files are none of ours
MOST_BYTES = 2 * 1024 * 1024
#: files read in one round
BATCH = 100
#: how a file ends that says nothing of a message of ours
UNKNOWN = ".unknown"
#: such files hold addresses: they are kept so long
KEEP_S = 7 * 24 * 3600

_RETURN_PATH = re.compile(r"\+([0-9a-f]{32})@")
_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})@")
_STATUS = re.compile(r"\b(5\.\d{1,3}\.\d{1,3})\b")
#: headers in which mail servers write to whom a message was delivered
_DELIVERED = ("Delivered-To", "X-Original-To", "Envelope-To", "To")


def read_folder(engine: sa.Engine, folder: Path, *, now_s: float) -> int:
    """Note what came back, and delete the files; returns how many messages were noted.

    A file that says nothing of a message of ours is given another name, and deleted after a week.
    """
    if not folder.is_dir():
        return 0
    for path in folder.glob(f"*{UNKNOWN}"):
        if now_s - path.stat().st_mtime > KEEP_S:
            path.unlink(missing_ok=True)
    files = sorted(folder.glob("*.eml"))[:BATCH]
    found = {path: _read(path) for path in files}
    codes = {message_id: code for each in found.values() if each for message_id, code in [each]}
    noted = 0
    if codes:
        with Session(engine) as session:
            begin_writing(session)
            noted = bounces.note(session, codes)
            session.commit()
    for path, each in found.items():  # after the commit: a kill in between has them noted twice
        if each:
            path.unlink(missing_ok=True)
        else:
            path.replace(path.with_name(path.name + UNKNOWN))
            log.warning("a returned message names none of ours; see %s in its folder", UNKNOWN)
    return noted


def _read(path: Path) -> tuple[str, str] | None:
    if path.stat().st_size > MOST_BYTES:
        return None
    return returned(path.read_bytes())


def returned(content: bytes) -> tuple[str, str] | None:
    """The id of the message of ours that came back for good, and why; None for anything else."""
    mail = message_from_bytes(content)
    code, message_id = _failure(mail), _ours(mail)
    return (message_id, code) if code and message_id else None


def _failure(mail: Mail) -> str | None:
    """The status of a delivery that failed for good; None where it is delayed or went well."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for fields in _blocks(part):
            status = _STATUS.search(str(fields.get("Status", "")))
            if str(fields.get("Action", "")).strip().casefold() == "failed" and status:
                return status[1]
    return None


def _blocks(part: Mail) -> Iterator[Mail]:
    """The groups of fields of a delivery status, which the parser takes for messages."""
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (each for each in payload if isinstance(each, Mail))


def _ours(mail: Mail) -> str | None:
    for header in _DELIVERED:
        for value in mail.get_all(header, []):
            if found := _RETURN_PATH.search(str(value)):
                return found[1]
    for part in mail.walk():
        copied: object = None
        if part.get_content_type() == "text/rfc822-headers":
            copied = part.get_payload()
        elif part.get_content_type() == "message/rfc822":
            held = part.get_payload()
            first = held[0] if isinstance(held, list) and held else None
            copied = first.get("Message-ID") if isinstance(first, Mail) else None
        if copied and (found := _MESSAGE_ID.search(str(copied))):
            return found[1]
    return None
