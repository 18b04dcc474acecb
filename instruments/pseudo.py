"""Pseudo-translations: what a translated page looks like, before anybody has translated a word.

``en-XA`` has accents on every letter, is 40 % longer and stands in brackets, so that text that was
never marked for translation, text that is cut off and text put together from pieces show at once.
``ar-XB`` runs from right to left: each word is turned round by the marks that Unicode has for it.
"""

import re
from collections.abc import Callable, Mapping

_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ACCENTED = "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž"
_ACCENTS = str.maketrans(_PLAIN, _ACCENTED)
#: how much longer than English other languages get
_LONGER = 0.4
_FILLING = ("öñé", "ţŵö", "ţĥŕéé", "ƒöûŕ", "ƒîṽé", "šîẋ", "šéṽéñ", "éîĝĥţ", "ñîñé", "ţéñ")
RIGHT_TO_LEFT, END = "\N{RIGHT-TO-LEFT OVERRIDE}", "\N{POP DIRECTIONAL FORMATTING}"

#: what a translation must leave as it is: {fields}, %(fields)s, tags, entities
KEPT = re.compile(r"(\{[^{}]*\}|%\([^)]*\)[a-z]|%%|</?[a-z][^>]*>|&[a-z]+;)")


def accented(text: str) -> str:
    """The text with accents, longer, and in brackets."""
    wanted = len(KEPT.sub("", text)) * _LONGER
    filling, number = "", 0
    while len(filling) < wanted:
        filling += " " + _FILLING[number % len(_FILLING)]
        number += 1
    return f"[{_outside_fields(text, lambda part: part.translate(_ACCENTS))}{filling}]"


def mirrored(text: str) -> str:
    """The text with each word turned round."""
    return _outside_fields(text, lambda part: re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)*", _turned, part))


def _turned(word: re.Match[str]) -> str:
    return f"{RIGHT_TO_LEFT}{word[0]}{END}"


def _outside_fields(text: str, change: Callable[[str], str]) -> str:
    parts = KEPT.split(text)  # every second part is one that is kept
    return "".join(part if number % 2 else change(part) for number, part in enumerate(parts))


#: locale -> what makes its words; nobody is offered one of these
PSEUDO: Mapping[str, Callable[[str], str]] = {"en-XA": accented, "ar-XB": mirrored}
