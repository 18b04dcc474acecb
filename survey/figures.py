"""Puts bands of people, and the words that stand where none may be shown, into the page's language.

They come from services in the source's words, because a day's figures are stored as they are shown.
"""

import re
from collections.abc import Callable

from flask_babel import gettext as _

_NUMBER = re.compile(r"\d+")

#: a text of the source, its number left out -> the same in the request's language
_WORDS: dict[str, Callable[[str], str]] = {
    "nearly all": lambda n: _("nearly all"),
    "when the round has closed": lambda n: _("when the round has closed"),
    "not shown, to protect people": lambda n: _("not shown, to protect people"),
    "not shown: fewer than # answers": lambda n: _("not shown: fewer than %(n)s answers", n=n),
    "not shown: fewer than # people": lambda n: _("not shown: fewer than %(n)s people", n=n),
    "not shown: fewer than # staff": lambda n: _("not shown: fewer than %(n)s staff", n=n),
    "not known": lambda n: _("not known"),
}


def shown(text: str) -> str:
    """The text in the request's language; a band of numbers as it is."""
    number = _NUMBER.search(text)
    words = _WORDS.get(_NUMBER.sub("#", text))
    return words(number[0] if number else "") if words else text
