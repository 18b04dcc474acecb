"""How figures are printed for researchers: coefficients without a leading zero, a true minus."""

from collections.abc import Sequence
from math import isfinite

from instruments.definition import Instrument
from instruments.psychometrics.estimates import Estimate, NotEstimated
from reports.validation.content import Figure, Note

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"

#: reasons that narrow cells cannot hold -> the letter of the note that prints them
Reasons = dict[str, str]


def fixed(value: float, places: int = 2) -> str:
    """A number with so many decimals and thousands apart: "1,234.50", "−0.21".

    Raises
    ------
    ValueError
        For NaN or infinity: a figure that cannot be estimated has a reason instead.
    """
    if not isfinite(value):
        raise ValueError("a figure that is no number reached the page; it needs a reason instead")
    words = f"{abs(value):,.{places}f}"
    is_zero = not words.strip("0.,")
    return words if value >= 0 or is_zero else f"{MINUS}{words}"


def coefficient(value: float, places: int = 2) -> str:
    """A figure that lies between -1 and 1 as a rule: ".82", "−.05", "1.00"."""
    words = fixed(value, places)
    return words.replace("0.", ".", 1) if words.lstrip(MINUS).startswith("0.") else words


def beside(value: float, limit: float) -> str:
    """A figure that lies on the other side of ``limit``, never printed as if it were the limit."""
    words = coefficient(value)
    return coefficient(value, 3) if words == coefficient(limit) else words


def interval(low: float, high: float, places: int = 2) -> str:
    """An interval of coefficients: ".80–.84"; "−.05 to .12" where one is negative."""
    link = " to " if low < 0 or high < 0 else DASH
    return f"{coefficient(low, places)}{link}{coefficient(high, places)}"


def probability(p: float) -> str:
    """A p value as the APA prints it: "p < .001", "p = .021"."""
    return "p < .001" if p < 0.001 else f"p = {coefficient(p, 3)}"


def figure(
    estimate: Estimate | NotEstimated | float, reasons: Reasons, *, places: int = 2
) -> Figure:
    """A coefficient to print; or its reason, with a letter that ``reasons`` keeps."""
    if isinstance(estimate, NotEstimated):
        letter = reasons.setdefault(estimate.reason, _letter(len(reasons)))
        return Figure(reason=estimate.reason, letter=letter)
    value = estimate.value if isinstance(estimate, Estimate) else estimate
    return Figure(text=coefficient(value, places))


def cannot(missing: NotEstimated) -> str:
    """The sentence that stands where a figure or a picture would."""
    return f"Cannot be estimated: {missing.reason}."


def marked(instrument: Instrument, item: str) -> str:
    """An item's code, with (r) where it is turned round."""
    return f"{item}\N{NO-BREAK SPACE}(r)" if instrument.item(item).reverse else item


def _letter(k: int) -> str:
    return chr(ord("a") + k % 26) * (1 + k // 26)


def notes(reasons: Reasons) -> tuple[Note, ...]:
    """The notes to print below a table, in the order of their letters."""
    return tuple(Note(letter, reason) for reason, letter in reasons.items())


def blocks(count: int, most: int) -> Sequence[range]:
    """``count`` columns in runs of nearly equal length, none longer than ``most``."""
    runs = -(-count // most)
    length = -(-count // runs) if runs else 0
    return [range(k, min(k + length, count)) for k in range(0, count, length)] if runs else []
