"""Print rules read backwards: which exact values would print as this one does.

Ranges have both ends; where a rule leaves an end out, the range stops a hair before it.
"""

from reports.disclosure import FINE, ROUNDING, Mask, exact_percent, tenth, to_step

#: a hair: less than one answer among a hundred thousand, and more than the solver's tolerance:
#: else it would take a share of 5% for one of "<5%"
HAIR = 2e-6

Range = tuple[float, float]


def share_range(share: float, *, step: int, mask: Mask | None = None) -> Range:
    """Shares (0 to 1) that ``disclosure.percent`` prints like ``share``."""
    if mask is None:
        mask = next((mask for _, of, mask in ROUNDING if step == of), FINE)
    exact = exact_percent(share)
    rounded = to_step(exact, step)
    # the first multiple of the step beyond the mask, and where rounding reaches it
    beyond = (mask.high // step + 1) * step - step / 2
    if exact < mask.low:
        low, high = 0.0, mask.low / 100 - HAIR
    elif exact > mask.high or rounded > mask.high:
        first = mask.high + 100 * HAIR if mask.high < beyond else beyond
        low, high = first / 100, 1.0
    else:
        low = max(mask.low, rounded - step / 2) / 100
        high = min(mask.high + 100 * HAIR, rounded + step / 2, beyond) / 100 - HAIR
    return _round(share, low, high)


def mean_range(value: float, *, limits: Range) -> Range:
    """Means that ``disclosure.figure`` prints like ``value`` on an axis with these limits."""
    low_end, high_end = limits
    rounded = tenth(value)
    if rounded <= low_end:
        return _round(value, low_end, low_end + 0.05)
    if rounded >= high_end:
        return _round(value, high_end - 0.05, high_end)
    return _round(value, max(low_end, rounded - 0.05), min(high_end, rounded + 0.05))


def _round(value: float, low: float, high: float) -> Range:
    """The range, wide enough to hold the value itself, whatever the last digits of floats."""
    return min(low, value - HAIR), max(high, value + HAIR)
