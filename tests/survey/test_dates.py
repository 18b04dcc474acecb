"""Moments on an organisation's clocks."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from survey import dates, i18n
from survey.models import Organisation
from survey.services import clock

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("zone", "at", "is_end", "shown"),
    [
        (
            "Europe/London",
            datetime(2026, 5, 22, 16, tzinfo=UTC),
            True,
            "22 May 2026, 17:00 (London time)",
        ),
        ("Europe/London", datetime(2026, 5, 22, 23, tzinfo=UTC), True, "22 May 2026"),
        ("Europe/London", datetime(2026, 5, 3, 23, tzinfo=UTC), False, "4 May 2026"),
        (
            "America/New_York",
            datetime(2026, 5, 22, 3, 30, tzinfo=UTC),
            True,
            "21 May 2026, 23:30 (New York time)",
        ),
        ("UTC", datetime(2026, 5, 22, 16, tzinfo=UTC), True, "22 May 2026, 16:00 UTC"),
    ],
)
def test_a_moment_is_shown_on_the_organisations_clocks(app, zone, at, is_end, shown):
    organisation = Organisation(name="Harbour Reach", short_name="Harbour", time_zone=zone)
    with app.app_context(), i18n.speaking("en-GB"):
        assert dates.day_of(at, organisation, is_end=is_end) == shown


def test_clocks_are_read_in_summer_and_in_winter():
    assert clock.moment(LONDON, date(2026, 5, 4), time(8)) == datetime(2026, 5, 4, 7, tzinfo=UTC)
    assert clock.moment(LONDON, date(2026, 1, 4), time(8)) == datetime(2026, 1, 4, 8, tzinfo=UTC)


def test_an_hour_that_spring_leaves_out_is_no_moment():
    assert clock.moment(LONDON, date(2026, 3, 29), time(1, 30)) is None


def test_an_hour_that_autumn_has_twice_is_the_first():
    first = clock.moment(LONDON, date(2026, 10, 25), time(1, 30))
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
