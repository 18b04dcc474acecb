"""What every service says that saves what a leader typed: not so, or not any more."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field, and what to do, in one sentence.

    ``message`` is translated where it is shown; then ``about`` is filled into it.
    """

    #: name of the field
    field: str
    message: str
    about: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.field}: {self.message % self.about}"


class NotSavedError(ValueError):
    """Nothing was saved; ``faults`` says why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class StaleError(ValueError):
    """Somebody else has saved since the page was opened; nothing was saved."""

    def __init__(self) -> None:
        super().__init__("somebody else has saved since the page was opened; look at both versions")


def one_line(text: str) -> str:
    """Text without line breaks, and with single spaces."""
    return " ".join(text.split())


def is_plain(text: str) -> bool:
    """Whether text can be printed as it stands: no control characters."""
    return all(letter.isprintable() or letter == "\n" for letter in text)
