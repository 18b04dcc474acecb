"""Sends e-mail: into a folder, or through an SMTP server.

Either way a message is sent at most once: where a connection breaks after the message was handed
over and before the server said that it has it, the outcome is *uncertain*. Nothing here logs or
returns an address: of a server's refusal only its codes are kept.
"""

import os
import re
import secrets
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from survey.services.bounces import is_about_an_address
from survey.services.mailings import Outcome
from survey.settings import Settings


class Send(Protocol):
    """Sends one message: its bytes, whom to, and where it comes back to (empty: the sender)."""

    def __call__(self, content: bytes, recipient: str, return_path: str = "", /) -> Outcome: ...


#: why mail cannot be sent now: the folder; the server is not there, does not let us in, refuses the
#: sender, is closing; went away in the middle, which the next message may not meet
Trouble = Literal["folder", "no server", "not let in", "sender refused", "closing", "went away"]

#: how long a server may take for one reply
TIMEOUT_S = 30
#: hosts that are this machine itself: nothing on the way could be overheard
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_STATUS = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")


class UnreachableError(Exception):
    """Mail cannot be sent now, whoever it is for; one line without an address. Try again later."""

    def __init__(self, message: str, trouble: Trouble, codes: str = "") -> None:
        super().__init__(message)
        self.trouble: Trouble = trouble
        self.codes = codes


def transport(
    settings: Settings, *, box: str, at: datetime, is_simulated: bool
) -> AbstractContextManager[Send]:
    """A context that gives a ``Send``.

    ``box`` is the part of the mail folder that takes the files (a round's, deleted when it has
    closed), ``at`` the time that they carry. Mail of a simulated round goes to nobody: it lands
    in the folder whatever is set.
    """
    if settings.smtp_url and not is_simulated:
        return _server(urlsplit(settings.smtp_url), sender=parseaddr(settings.mail_from)[1])
    return _folder(settings.mail_dir / box, at)


# --- a folder ------------------------------------------------------------------------------------


@contextmanager
def _folder(folder: Path, at: datetime) -> Iterator[Send]:
    """Each message a file: whole, readable by its owner, under a random name, of the same time.

    Files get their names when the block ends, after all of them have reached the disk: flushing
    them one by one would take as long as the disk needs for each.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        said = f"the mail folder cannot be made: {error.strerror}"
        raise UnreachableError(said, "folder") from None
    fresh: list[Path] = []

    def send(content: bytes, _recipient: str, _return_path: str = "") -> Outcome:
        path = folder / f".{secrets.token_hex(16)}-unfinished"
        try:
            _write(path, content)
        except OSError as error:
            path.unlink(missing_ok=True)
            said = f"the mail folder cannot be written: {error.strerror}"
            raise UnreachableError(said, "folder") from None
        fresh.append(path)
        return Outcome("sent")

    try:
        yield send
    finally:
        for path in fresh:
            _flush(path)
        for path in fresh:
            # not before: a file that is old and unfinished is cleared away
            os.utime(path, (at.timestamp(), at.timestamp()))
            path.replace(folder / f"{secrets.token_hex(16)}.eml")
        _flush(folder)


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- an SMTP server ------------------------------------------------------------------------------


@contextmanager
def _server(url: SplitResult, *, sender: str) -> Iterator[Send]:
    try:
        connection = _connect(url, domain=sender.rpartition("@")[2])
    except smtplib.SMTPResponseException as error:
        codes = _codes(error.smtp_code, error.smtp_error)
        said = f"the mail server does not let us in ({codes})"
        raise UnreachableError(said, "not let in", codes) from None
    except (OSError, smtplib.SMTPException) as error:  # also what is wrong with TLS
        name = type(error).__name__
        said = f"the mail server cannot be reached ({name})"
        raise UnreachableError(said, "no server", name) from None

    def send(content: bytes, recipient: str, return_path: str = "") -> Outcome:
        return _hand_over(connection, content, return_path or sender, recipient)

    try:
        yield send
    finally:
        try:
            connection.quit()
        except (OSError, smtplib.SMTPException):
            connection.close()


def _connect(url: SplitResult, *, domain: str) -> smtplib.SMTP:
    """A connection that has said who it is: by the sender's domain, not by this machine's name."""
    host = url.hostname or ""
    if url.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            host,
            url.port or 465,
            local_hostname=domain,
            timeout=TIMEOUT_S,
            context=ssl.create_default_context(),
        )
    else:
        connection = smtplib.SMTP(host, url.port or 587, local_hostname=domain, timeout=TIMEOUT_S)
    try:
        connection.ehlo_or_helo_if_needed()
        if url.scheme == "smtp" and host not in _THIS_MACHINE:
            connection.starttls(context=ssl.create_default_context())
            connection.ehlo()
        if url.username:
            connection.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        connection.close()
        raise
    return connection


def _hand_over(connection: smtplib.SMTP, content: bytes, sender: str, recipient: str) -> Outcome:
    """Hand one message over, and tell what is known of it.

    Until its last line is sent, the server has not taken it: whatever breaks before that leaves
    it *queued*. From then until the server answers, it is *uncertain*.
    """
    try:
        code, reply = connection.mail(sender)
        if code != 250:
            said = f"the mail server refuses the sender ({_codes(code, reply)})"
            raise UnreachableError(said, "sender refused", _codes(code, reply))
        code, reply = connection.rcpt(recipient)
        if code not in (250, 251):
            connection.rset()
            return _refused(code, reply, of_person=True)
    except (OSError, smtplib.SMTPException) as error:
        name = type(error).__name__
        raise UnreachableError(f"the mail server went away ({name})", "went away", name) from None
    try:
        code, reply = connection.data(content)
    except smtplib.SMTPDataError as error:  # it does not take the message's text at all
        _reset(connection)
        return _refused(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException):
        connection.close()
        return Outcome("uncertain")
    return Outcome("sent") if code == 250 else _refused(code, reply)


def _reset(connection: smtplib.SMTP) -> None:
    try:
        connection.rset()
    except (OSError, smtplib.SMTPException):
        connection.close()  # the next message finds out


def _refused(code: int, reply: bytes | str, *, of_person: bool = False) -> Outcome:
    """For good (5xx), or only for now (a full box, a server that wants to be asked again)."""
    codes = _codes(code, reply)
    if code == 421:
        raise UnreachableError(f"the mail server is closing ({codes})", "closing", codes)
    if 400 <= code < 500:
        return Outcome("queued")
    return Outcome("failed", codes, is_unreachable=of_person and is_about_an_address(codes))


def _codes(code: int, reply: bytes | str) -> str:
    """The reply's codes without its words, which may name the address."""
    found = _STATUS.match(reply if isinstance(reply, bytes) else reply.encode())
    return f"{code} {found[0].decode()}" if found else str(code)
