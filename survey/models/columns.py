"""Column types that several tables share."""

import secrets
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


def random_id() -> str:
    """A random id; ids that people see are never serial."""
    return secrets.token_hex(16)


class UtcTime(sa.TypeDecorator[datetime]):
    """An aware UTC time, also on SQLite, which keeps none."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times are UTC-aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value
