"""The words of letters to accounts: an invitation, the way to a new password."""

from flask_babel import format_datetime
from flask_babel import gettext as _

from survey import roles
from survey.messages import letter
from survey.services.account_letters import Ready


def compose(ready: Ready, *, sender: str, link: str) -> bytes:
    """One letter, ready to be sent. Call it within ``messages.in_words_of``."""
    words = _invitation if ready.kind == "invitation" else _password
    subject, texts = words(ready, link)
    return letter(
        sender=sender,
        email=ready.email,
        subject=subject,
        at=ready.asked_at,
        texts=texts,
        locale=ready.locale,
    )


def _invitation(ready: Ready, link: str) -> tuple[str, list[str]]:
    role = str(roles.NAMES.get(ready.role, ""))
    place = f"{role}, {ready.school}" if ready.school else role
    texts = [
        _(
            "You are invited to an account on the site where %(name)s surveys its staff.",
            name=ready.organisation,
        ),
        f"{place}. {roles.WORDS.get(ready.role, '')}",
        _("Open this link to say your name and choose a password:"),
        f"  {link}",
        _(
            "The link works until %(day)s, and once: opening it does not use it up, choosing a "
            "password does. It is for you alone; please do not pass it on.",
            day=_moment(ready),
        ),
        _("If you did not expect this message, you need do nothing."),
    ]
    return _("An account for you: surveys of %(name)s", name=ready.organisation), texts


def _password(ready: Ready, link: str) -> tuple[str, list[str]]:
    texts = [
        _(
            "A new password was asked for, for your account on the site where %(name)s surveys "
            "its staff. Open this link to choose it:",
            name=ready.organisation,
        ),
        f"  {link}",
        _(
            "The link works until %(day)s, and once: opening it does not use it up, choosing a "
            "password does.",
            day=_moment(ready),
        ),
        _("If it was not you, you need do nothing: your password stays as it is."),
    ]
    return _("A new password for your account"), texts


def _moment(ready: Ready) -> str:
    return str(format_datetime(ready.expires_at, "d MMMM y, HH:mm z"))
