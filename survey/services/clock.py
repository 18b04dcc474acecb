"""Times as an organisation's clocks show them. The database keeps UTC."""

from datetime import UTC, date, datetime, time, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from survey.models import Organisation

#: zones that stand for no place
_NO_PLACES = ("Etc", "SystemV", "US", "Brazil", "Canada", "Chile", "Mexico")


@cache
def zones() -> tuple[str, ...]:
    """Every time zone that may be chosen, by name: "UTC", "Africa/Abidjan" and so on."""
    placed = {
        name
        for name in available_timezones()
        if "/" in name and name.partition("/")[0] not in _NO_PLACES
    }
    return ("UTC", *sorted(placed))


@cache
def zones_of_country(country: str) -> tuple[str, ...]:
    """The time zones of a country; none of one that is unknown."""
    found = get_global("territory_zones").get(country, ())
    return tuple(name for name in sorted(found) if name in zones())


def default_zone(country: str) -> str | None:
    """The time zone of a country that has one and no more."""
    found = zones_of_country(country)
    return found[0] if len(found) == 1 else None


def zone_of(organisation: Organisation) -> ZoneInfo:
    return ZoneInfo(organisation.time_zone)


def local(organisation: Organisation, at: datetime) -> datetime:
    """A moment on the organisation's clocks."""
    return at.astimezone(zone_of(organisation))


def moment(zone: ZoneInfo, day: date, clock: time) -> datetime | None:
    """The moment, in UTC, at which clocks of the zone show this; None where they never do.

    In spring an hour is left out. In autumn one comes twice; then it is the first of the two.
    """
    at = datetime.combine(day, clock, tzinfo=zone)
    found = at.astimezone(UTC)
    return found if found.astimezone(zone).replace(tzinfo=None) == at.replace(tzinfo=None) else None


def place_of(zone: tzinfo | None, locale: Locale) -> str:
    """The town after which a time zone is called, in the words of a locale: "London"."""
    return str(get_timezone_location(zone, locale=locale, return_city=True))
