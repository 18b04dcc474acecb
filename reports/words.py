"""Small words that every document needs: numbers, lists, dates, rough shares. English only yet."""

import re
from collections.abc import Sequence
from datetime import date

_OPENING = {'"': "“", "'": "‘"}

_NUMBERS = (
    "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

#: up to this percentage, these words
_QUANTIFIERS = (
    (5, "hardly any"),
    (15, "about one in ten"),
    (22, "about one in five"),
    (29, "about a quarter"),
    (37, "about a third"),
    (44, "about two in five"),
    (48, "nearly half"),
    (52, "about half"),
    (62, "more than half"),
    (70, "about two thirds"),
    (79, "about three quarters"),
    (90, "most"),
    (100, "nearly all"),
)


def number(n: int) -> str:
    """A whole number in words up to twelve, in digits above."""
    return _NUMBERS[n] if 0 <= n < len(_NUMBERS) else str(n)


def listed(names: Sequence[str], *, conjunction: str = "and") -> str:
    """Names as a list in a sentence: "a", "a and b", "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


def typographic(text: str) -> str:
    """Text with the quotation marks, apostrophes and dots of print in place of a keyboard's."""
    text = re.sub(r"(?<![^\s(\[])([\"'])(?=\w)", lambda found: _OPENING[found[1]], text)
    return text.replace('"', "”").replace("'", "’").replace("...", "…")


def lower_first(text: str) -> str:
    """Text as it stands in the middle of a sentence; words such as "ICT" keep their capitals."""
    if len(text) > 1 and text[1].isupper():
        return text
    return text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """Text as it begins a sentence."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Text with a capital at its beginning and a full stop at its end."""
    text = upper_first(text.strip())
    return text if text.endswith((".", "?", "!")) else f"{text}."


def roughly(percent: float) -> str:
    """A percentage in words from the fixed table, such as "nearly half"."""
    return next((words for most, words in _QUANTIFIERS if percent <= most), "nearly all")


def month(day: date) -> str:
    """The month of a day: "May 2026"."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def window(opens_on: date, closes_on: date) -> str:
    """A stretch of days, written once each: "4 to 22 May 2026"."""
    end = f"{closes_on.day} {month(closes_on)}"
    if opens_on == closes_on:
        return end
    if (opens_on.year, opens_on.month) == (closes_on.year, closes_on.month):
        return f"{opens_on.day} to {end}"
    if opens_on.year == closes_on.year:
        return f"{opens_on.day} {_MONTHS[opens_on.month - 1]} to {end}"
    return f"{opens_on.day} {month(opens_on)} to {end}"
