"""The words of invitations and reminders.

A message is put together when it is sent and stored nowhere: it holds the personal link. It is
plain text, counts nothing and fetches nothing.
"""

import secrets
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path

from flask import Flask
from flask_babel import gettext as _

from survey import i18n
from survey.dates import with_time

#: lines are ASCII on the way, so that no server on it changes a byte
POLICY = SMTP.clone(cte_type="7bit")
_WIDTH = 72


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all messages of a mailing have in common."""

    round_id: str
    kind: str
    sender: str
    asked_at: datetime
    organisation: str
    short_name: str
    locale: str
    #: on the organisation's clocks
    opens_at: datetime
    closes_at: datetime
    #: for the role asked least and the role asked most
    minutes: tuple[int, int]
    is_simulated: bool
    #: the round's first page, where the results will stand for everybody
    address: str


@contextmanager
def in_words_of(locale: str, *, translations: Path) -> Iterator[None]:
    """Speak the language of a round, outside of any request."""
    with _speaker().app_context(), i18n.speaking(locale, folder=translations):
        yield


@cache
def _speaker() -> Flask:
    """Knows the catalogs of the site, and nothing else of it."""
    app = Flask("survey")
    i18n.init_i18n(app)
    return app


def compose(head: Letterhead, *, email: str, link: str, message_id: str = "") -> bytes:
    """One message, ready to be sent. Call it within ``in_words_of``.

    ``message_id`` is what a copy of it that comes back is known by; random if there is none.
    """
    return letter(
        sender=head.sender,
        email=email,
        subject=_subject(head),
        at=head.asked_at,
        texts=_paragraphs(head, link),
        locale=head.locale,
        message_id=message_id,
    )


def letter(
    *,
    sender: str,
    email: str,
    subject: str,
    at: datetime,
    texts: Iterable[str],
    locale: str,
    message_id: str = "",
) -> bytes:
    """A message of short lines; a text that begins with two spaces (a link) keeps its line."""
    message = EmailMessage(policy=POLICY)
    name, address = parseaddr(sender)
    message["From"] = Address(_one_line(name), addr_spec=address)
    message["To"] = Address(addr_spec=email)
    message["Subject"] = _one_line(subject)
    message["Date"] = format_datetime(at.astimezone(UTC))
    message["Message-ID"] = f"<{message_id or secrets.token_hex(16)}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join(map(_filled, texts)) + "\n")
    message["Content-Language"] = locale
    return message.as_bytes()


def _filled(text: str) -> str:
    if text.startswith("  "):
        return text
    return textwrap.fill(
        " ".join(text.split()), _WIDTH, break_long_words=False, break_on_hyphens=False
    )


def preview(head: Letterhead, *, link: str) -> tuple[str, str]:
    """Subject and text of a message, to be looked at. Call it within ``in_words_of``."""
    return _one_line(_subject(head)), "\n\n".join(map(_filled, _paragraphs(head, link)))


def _subject(head: Letterhead) -> str:
    if head.kind == "reminder":
        return _("Reminder: a survey of staff at %(organisation)s", organisation=head.short_name)
    return _("A survey of staff at %(organisation)s", organisation=head.short_name)


def _paragraphs(head: Letterhead, link: str) -> list[str]:
    return [
        *_opening(head),
        _("This is your personal link:"),
        f"  {link}",
        f"{_how_long(head)} {_until_when(head)}",
        _(
            "You can stop at any time and go on later with the same link. Opening it does not use "
            "it up: it works as often as you like until the survey closes."
        ),
        _(
            "The link is yours alone. Please do not pass it on: whoever else opens it sees how far "
            "you are and can answer the questions that are left. They never see answers that you "
            "gave before."
        ),
        _(
            "Taking part is your choice. Nobody at %(organisation)s is told whether you answer, "
            "or what. The first page says what is kept of your answers, what is shown to whom, "
            "and when it can no longer be joined to you.",
            organisation=head.short_name,
        ),
        _(
            "When the survey has closed, this link ends. What people said will stand, for all "
            "staff alike, at this address:"
        ),
        f"  {head.address}",
    ]


def _opening(head: Letterhead) -> list[str]:
    texts = []
    if head.is_simulated:
        texts.append(_("This message belongs to a demonstration with simulated people."))
    if head.kind == "reminder":
        texts.append(
            _(
                "%(organisation)s asked you some days ago to take part in a survey. If you have "
                "answered already, thank you: there is nothing more to do. This reminder goes to "
                "everybody on the staff list, because who has answered is not kept with it.",
                organisation=head.organisation,
            )
        )
    else:
        texts.append(
            _(
                "%(organisation)s asks everybody who works in its schools and at its centre how it "
                "works: who decides what, how people learn from one another, and what presses on "
                "them.",
                organisation=head.organisation,
            )
        )
    return texts


def _how_long(head: Letterhead) -> str:
    low, high = head.minutes
    if low == high:
        return _("It takes about %(n)s minutes.", n=low)
    return _(
        "It takes about %(low)s to %(high)s minutes, depending on your role.", low=low, high=high
    )


def _until_when(head: Letterhead) -> str:
    return _(
        "The survey is open from %(opens)s until %(closes)s.",
        opens=_moment(head.opens_at),
        closes=_moment(head.closes_at, is_end=True),
    )


def _moment(at: datetime, *, is_end: bool = False) -> str:
    """The day in words, with the time where it ends the survey and is not the end of a day."""
    if is_end and at.time() == at.min.time():
        at -= timedelta(seconds=1)
    day = i18n.day(at)
    if not is_end or (at.hour, at.minute) == (23, 59):
        return day
    return with_time(day, at)


def _one_line(text: str) -> str:
    """Text that cannot begin another header."""
    return " ".join(text.split())
