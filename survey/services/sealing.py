"""Secrets that people hold, and the keys under which the database finds what they lead to.

Resume words are with the person and in the cookie of each device that they answered on, and
nowhere else. The token of a personal link is in the invitation's e-mail and in that cookie; it is
worked out from the invitation under the server's key when a message is put together, and stored
nowhere. Of either the database holds only an HMAC.
"""

import base64
import hashlib
import hmac
import unicodedata

from passlib import pwd  # type: ignore[import-untyped]  # it comes without types

#: five words of the list make 51.7 bits
WORDS = 5
#: a list in which no word begins another, so that words run together are still told apart; without
#: its "yo-yo", which a device's cookie would give back as two words
WORD_LIST = tuple(word for word in pwd.default_wordsets["eff_short"] if "-" not in word)
#: base32 letters after the id in a personal link's token
_SEAL_LENGTH = 20
#: bytes of the seal on the words in a device's cookie
_COOKIE_SEAL = 12


def draw_words() -> str:
    """Fresh resume words, drawn at random: five short English words with spaces between."""
    return str(pwd.genphrase(length=WORDS, words=WORD_LIST, sep=" "))


def normalise(words: str) -> str:
    """The letters of the words, in small: case, spaces, hyphens and the like do not matter."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    return "".join(letter for letter in plain if letter.isalpha())


def draft_key(respondent_key: str, *, round_id: str, words: str) -> str:
    """HMAC-SHA-256 over a round's id and its resume words, in hex (64 characters)."""
    message = f"{round_id}\0{normalise(words)}".encode()
    return hmac.new(respondent_key.encode(), message, hashlib.sha256).hexdigest()


def kept_words(respondent_key: str, *, round_id: str, words: str) -> str:
    """What a device keeps of resume words: the words, and a seal that says that they were right.

    Without it, whoever guesses words could try them in a cookie as fast as the server answers. The
    seal is a number, and no letter of it is taken for one of the words.
    """
    digest = _mac(respondent_key, "kept words", f"{round_id}\0{normalise(words)}").digest()
    seal = int.from_bytes(digest[:_COOKIE_SEAL])
    return f"{'-'.join(words.split())}.{seal}"


def words_in(respondent_key: str, *, round_id: str, kept: str) -> str | None:
    """The words that a device keeps; None where this server did not give them to it."""
    words = kept.rpartition(".")[0].replace("-", " ")
    made = kept_words(respondent_key, round_id=round_id, words=words)
    return words if words and hmac.compare_digest(made.encode(), kept.encode()) else None


def draft_tag(respondent_key: str, *, key: str) -> str:
    """Tells the drafts of one device apart on its pages; only the server's key leads to a draft.

    A personal link alone shows it too, so that it must say nothing to whoever has the database.
    """
    return _mac(respondent_key, "tag", key).hexdigest()[:16]


def invitation_token(respondent_key: str, *, invitation_id: str) -> str:
    """The token of a personal link: the invitation's id and 100 bits that only the key gives."""
    return _sealed(respondent_key, "token", invitation_id)


def invitation_in(respondent_key: str, *, token: str) -> str | None:
    """The id of the invitation that a token was made for; None for a forged or truncated one."""
    return _unsealed(respondent_key, "token", token)


def letter_token(secret_key: str, *, letter_id: str) -> str:
    """The token of a link to an account: the letter's id and 100 bits that only the key gives."""
    return _sealed(secret_key, "account letter", letter_id)


def letter_in(secret_key: str, *, token: str) -> str | None:
    """The id of the letter that a token was made for; None for a forged or truncated one."""
    return _unsealed(secret_key, "account letter", token)


def invitation_key(respondent_key: str, *, round_id: str, invitation_id: str) -> str:
    """HMAC-SHA-256 over a round's id and an invitation's, in hex (64 characters)."""
    return _mac(respondent_key, "invitation", f"{round_id}\0{invitation_id}").hexdigest()


def _sealed(key: str, purpose: str, row_id: str) -> str:
    digest = _mac(key, purpose, row_id).digest()
    return row_id + base64.b32encode(digest).decode().lower()[:_SEAL_LENGTH]


def _unsealed(key: str, purpose: str, token: str) -> str | None:
    row_id = token[:-_SEAL_LENGTH]
    made = _sealed(key, purpose, row_id)
    return row_id if hmac.compare_digest(made.encode(), token.encode()) else None


def _mac(respondent_key: str, purpose: str, message: str) -> hmac.HMAC:
    """An HMAC for one purpose: what serves one is of no use for another."""
    return hmac.new(respondent_key.encode(), f"{purpose}\0{message}".encode(), hashlib.sha256)
