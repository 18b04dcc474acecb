"""Worlds are filled once and looked at by several tests."""

import pytest

from tests.survey.conftest import CHEAP


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch):
    from survey.services import accounts

    monkeypatch.setattr(accounts, "PASSWORD_COST", CHEAP)
