"""Locales: their names, their direction, and which one suits a reader. Knows nothing of Flask."""

from collections.abc import Sequence
from functools import cache

from babel import Locale, UnknownLocaleError

#: pseudo-locale -> the locale whose dates and direction it borrows
_BORROWED = {"en-XA": "en-GB", "ar-XB": "ar"}


@cache
def babel_locale(code: str) -> Locale:
    """What Babel knows of a locale; of its language where it does not know the country."""
    code = _BORROWED.get(code, code)
    for known in (code, code.partition("-")[0], "en-GB"):
        try:
            return Locale.parse(known, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError("Babel knows English")


def direction(code: str) -> str:
    """``ltr`` or ``rtl``."""
    return str(babel_locale(code).text_direction)


def name_of(code: str) -> str:
    """A locale in its own words: "English (United Kingdom)", "Français (France)"."""
    if code in _BORROWED:
        return f"{babel_locale(code).get_language_name() or code} ({code})"
    name = babel_locale(code).get_display_name() or code
    return name[:1].upper() + name[1:]


def names_of(codes: Sequence[str]) -> dict[str, str]:
    """Each locale in its own words, as briefly as tells them apart."""
    languages = [code.partition("-")[0] for code in codes]
    names = {}
    for code, language in zip(codes, languages, strict=True):
        short = babel_locale(code).get_language_name() or code
        is_alone = languages.count(language) == 1
        names[code] = short[:1].upper() + short[1:] if is_alone else name_of(code)
    return names


def suiting(accepted: Sequence[tuple[str, float]], offered: Sequence[str], default: str) -> str:
    """The offered locale that suits a reader best, who accepts ``(locale, weight)``.

    The reader's own order decides; of several in one language the default comes first.
    """
    first = [default, *offered] if default in offered else list(offered)
    for wanted, weight in sorted(accepted, key=lambda pair: -pair[1]):
        if weight <= 0 or wanted == "*":
            continue
        for is_same in (_is_equal, _is_same_language):
            found = next((code for code in first if is_same(wanted, code)), None)
            if found is not None:
                return found
    return default


def _is_equal(wanted: str, code: str) -> bool:
    return wanted.replace("_", "-").casefold() == code.casefold()


def _is_same_language(wanted: str, code: str) -> bool:
    languages = [each.replace("_", "-").partition("-")[0].casefold() for each in (wanted, code)]
    return languages[0] == languages[1] and code not in _BORROWED
