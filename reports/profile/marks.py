"""The marks that pages of every kind hold: ready values, rounded and in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure on an axis with its two bands; outer limits are None where no rate is known."""

    value: float
    low: float
    high: float
    outer_low: float | None
    outer_high: float | None
    #: "3.7"
    text: str
    #: "likely 3.6 to 3.8"
    likely: str
    #: "could lie between 3.5 and 3.9 if those who did not answer differ", or ""
    what_if: str
    #: "100+"
    n_band: str


@dataclass(frozen=True, slots=True)
class AxisWord:
    """A word that stands at a value of an axis."""

    value: int
    text: str
