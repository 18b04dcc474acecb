"""Days in the words of a round's country."""

from datetime import UTC, datetime, timedelta

from babel.dates import format_date, format_time
from flask_babel import gettext as _

from survey.models import Round


def day_of(at: datetime, round_: Round, *, is_end: bool = False) -> str:
    """A moment in words: the day, and the time too where it is not the day's first or last."""
    locale = round_.locale.replace("-", "_")
    shown = at - timedelta(seconds=1) if is_end and at.time() == at.min.time() else at
    day = format_date(shown, "d MMMM y" if not locale.endswith("US") else "long", locale=locale)
    if (shown.hour, shown.minute) in ((0, 0), (23, 59)):
        return day
    clock = format_time(shown, "short", tzinfo=UTC, locale=locale)
    return _("%(day)s, %(time)s UTC", day=day, time=clock)
