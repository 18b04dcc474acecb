"""For tests of the application: passwords that cost nothing to check."""

import pytest

CHEAP = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch):
    from survey.services import accounts

    monkeypatch.setattr(accounts, "PASSWORD_COST", CHEAP)
