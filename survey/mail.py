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
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from survey.services.mailings import Outcome
from survey.settings import Settings

#: sends one message (its bytes) to one address
Send = Callable[[bytes, str], Outcome]

#: how long a server may take for one reply
TIMEOUT_S = 30
#: hosts that are this machine itself: nothing on the way could be overheard
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_STATUS = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")


class UnreachableError(Exception):
    """Mail cannot be sent now, whoever it is for; one line without an address. Try again later."""


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
        raise UnreachableError(f"the mail folder cannot be made: {error.strerror}") from None
    fresh: list[Path] = []

    def send(content: bytes, _recipient: str) -> Outcome:
        path = folder / f".{secrets.token_hex(16)}-unfinished"
        try:
            _write(path, content)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise UnreachableError(f"the mail folder cannot be written: {error.strerror}") from None
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
        raise UnreachableError(f"the mail server does not let us in ({error.smtp_code})") from None
    except (OSError, smtplib.SMTPException) as error:  # also what is wrong with TLS
        raise UnreachableError(
            f"the mail server cannot be reached ({type(error).__name__})"
        ) from None
    try:
        yield lambda content, recipient: _hand_over(connection, content, sender, recipient)
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
            raise UnreachableError(f"the mail server refuses the sender ({_codes(code, reply)})")
        code, reply = connection.rcpt(recipient)
        if code not in (250, 251):
            connection.rset()
            return _refused(code, reply)
    except (OSError, smtplib.SMTPException) as error:
        raise UnreachableError(f"the mail server went away ({type(error).__name__})") from None
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


def _refused(code: int, reply: bytes | str) -> Outcome:
    """For good (5xx), or only for now (a full box, a server that wants to be asked again)."""
    if code == 421:
        raise UnreachableError(f"the mail server is closing ({_codes(code, reply)})")
    if 400 <= code < 500:
        return Outcome("queued")
    return Outcome("failed", _codes(code, reply))


def _codes(code: int, reply: bytes | str) -> str:
    """The reply's codes without its words, which may name the address."""
    found = _STATUS.match(reply if isinstance(reply, bytes) else reply.encode())
    return f"{code} {found[0].decode()}" if found else str(code)
