"""Moments in words, in the language of the page."""

from datetime import UTC, datetime, timedelta

from babel.dates import format_time
from flask_babel import gettext as _

from survey import i18n, locales


def day_of(at: datetime, *, is_end: bool = False) -> str:
    """A moment in words: the day, and the time too where it is not the day's first or last."""
    shown = at - timedelta(seconds=1) if is_end and at.time() == at.min.time() else at
    day = i18n.day(shown)
    if (shown.hour, shown.minute) in ((0, 0), (23, 59)):
        return day
    locale = locales.babel_locale(i18n.locale_code())
    clock = format_time(shown, "short", tzinfo=UTC, locale=locale)
    return _("%(day)s, %(time)s UTC", day=day, time=clock)
