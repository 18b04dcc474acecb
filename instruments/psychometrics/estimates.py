"""Frozen results: every figure with its interval, its n and its method; or the reason why not."""

from dataclasses import dataclass


class CannotEstimate(ValueError):
    """A figure that the data do not support; the message is the reason, for a reader."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval.

    Attributes
    ----------
    value, low, high : float
        The estimate and the limits of its interval.
    n : int
        People it rests on.
    method : str
        Estimator, interval and missing-data rule, e.g. "omega total, one-factor minres, listwise".
    """

    value: float
    low: float
    high: float
    n: int
    method: str


@dataclass(frozen=True, slots=True)
class NotEstimated:
    """Stands where a figure would, with the reason why there is none."""

    reason: str
