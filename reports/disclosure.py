"""The fence: what may be shown, and how exactly."""

from dataclasses import dataclass


class DisclosureError(ValueError):
    """Something was asked for that may not be shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure that may be shown: rounded value and the text to print."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Stands in the place of a figure that may not be shown; ``reason`` is printed there."""

    reason: str
