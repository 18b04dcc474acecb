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
    "not shown, to protect people": lambda n: _("not shown, to protect people"),
    "not shown: fewer than # answers": lambda n: _("not shown: fewer than %(n)s answers", n=n),
    "not shown: fewer than # people": lambda n: _("not shown: fewer than %(n)s people", n=n),
    "not shown: fewer than # staff": lambda n: _("not shown: fewer than %(n)s staff", n=n),
    "not known": lambda n: _("not known"),
    "fewer than # so far": lambda n: _("fewer than %(n)s so far", n=n),
    "enough": lambda n: _("enough for a row"),
    "may be enough": lambda n: _("may be enough"),
    "told at the close": lambda n: _("told at the close"),
    "too few staff": lambda n: _("too few staff for a row"),
    "# or more to go": lambda n: _("%(n)s or more to go", n=n),
}


def shown(text: str) -> str:
    """The text in the request's language; a band of numbers as it is."""
    number = _NUMBER.search(text)
    words = _WORDS.get(_NUMBER.sub("#", text))
    return words(number[0] if number else "") if words else text
