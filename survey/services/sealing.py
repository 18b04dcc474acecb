"""Resume words, and the key under which a draft is found.

The words are the token: they are with the person and in the cookie of each device that they
answered on, and nowhere else. The database holds only an HMAC of them.
"""

import hashlib
import hmac
import unicodedata

from passlib import pwd  # type: ignore[import-untyped]  # it comes without types

#: five words of the list make 51.7 bits
WORDS = 5
#: a list in which no word begins another, so that words run together are still told apart
WORD_LIST = "eff_short"


def draw_words() -> str:
    """Fresh resume words, drawn at random: five short English words with spaces between."""
    return str(pwd.genphrase(length=WORDS, wordset=WORD_LIST, sep=" "))


def normalise(words: str) -> str:
    """The letters of the words, in small: case, spaces, hyphens and the like do not matter."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    return "".join(letter for letter in plain if letter.isalpha())


def draft_key(respondent_key: str, *, round_id: str, words: str) -> str:
    """HMAC-SHA-256 over a round's id and its resume words, in hex (64 characters)."""
    message = f"{round_id}\0{normalise(words)}".encode()
    return hmac.new(respondent_key.encode(), message, hashlib.sha256).hexdigest()
