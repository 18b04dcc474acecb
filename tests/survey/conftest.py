"""For tests of the application: passwords that cost nothing to check, and what time it is."""

from datetime import UTC, datetime

import pytest

from tests.survey import rooms

CHEAP = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch):
    from survey.services import accounts

    monkeypatch.setattr(accounts, "PASSWORD_COST", CHEAP)


@pytest.fixture(autouse=True)
def a_test_begins_now(monkeypatch):
    """Not when the run began: that may have been on another day."""
    monkeypatch.setattr(rooms, "NOW", datetime.now(UTC).replace(microsecond=0))
