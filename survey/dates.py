"""Moments in words, in the language of the page and on the clocks of the organisation."""

from datetime import datetime, timedelta

from babel.dates import format_time
from flask_babel import gettext as _

from survey import i18n, locales
from survey.models import Organisation
from survey.services import clock


def day_of(at: datetime, organisation: Organisation, *, is_end: bool = False) -> str:
    """A moment in words: the day, and the time too where it is not the day's first or last."""
    zone = clock.zone_of(organisation)
    shown = at.astimezone(zone)
    if is_end and shown.time() == shown.min.time():
        shown = (at - timedelta(seconds=1)).astimezone(zone)
    day = i18n.day(shown)
    if (shown.hour, shown.minute) in ((0, 0), (23, 59)):
        return day
    return with_time(day, shown)


def with_time(day: str, at: datetime) -> str:
    """A day in words, with the time on it and whose clocks show it."""
    locale = locales.babel_locale(i18n.locale_code())
    time = format_time(at, "short", tzinfo=at.tzinfo, locale=locale)
    if at.tzname() == "UTC":
        return _("%(day)s, %(time)s UTC", day=day, time=time)
    place = clock.place_of(at.tzinfo, locale)
    return _("%(day)s, %(time)s (%(place)s time)", day=day, time=time, place=place)
