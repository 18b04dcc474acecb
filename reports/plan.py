"""What a plan of release says; it is worked out in ``reports.release``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from instruments.cells import Row

#: raise it when a rule of rounding, masking or hiding changes: see ``survey.services.releases``
RULES: Final = "1"


@dataclass(frozen=True, slots=True)
class Printed:
    """What is printed of a key for a row: on how many people it rests, and a mark of its text."""

    n: int
    mark: str


@dataclass(frozen=True)
class Plan:
    """What may be shown of a round.

    Attributes
    ----------
    shown : mapping
        Key ("today:CUR") -> row -> what is printed.
    hidden : mapping
        Key -> rows that had enough answers and that the audit hid.
    schools : tuple of str
        Schools that may have a row or a page of their own.
    attacked : int
        Hidden groups of one to nine people, question by question, that were attacked.
    """

    shown: Mapping[str, Mapping[Row, Printed]]
    hidden: Mapping[str, frozenset[Row]]
    schools: tuple[str, ...]
    attacked: int

    def shows(self, key: str, row: Row) -> bool:
        """Whether a row of a key may be shown."""
        return row in self.shown.get(key, {})

    def hides(self, key: str, row: Row) -> bool:
        """Whether the audit hid a row of a key that has enough answers."""
        return row in self.hidden.get(key, frozenset())

    @property
    def rows_hidden(self) -> int:
        """How many rows the audit hid."""
        return sum(len(rows) for rows in self.hidden.values())

    def refusals(self, row: Row, kind: str = "today") -> tuple[str, ...]:
        """Why nothing of a kind may be shown for a row, and what to merge; none where it may."""
        keys = [key for key in self.hidden if key.startswith(f"{kind}:")]
        if not any(self.hides(key, row) for key in keys):
            return ()
        if any(self.shows(key, row) for key in self.shown if key.startswith(f"{kind}:")):
            return ()
        where = f"The rows of {row.name}" if row.kind == "school" else "The rows of all schools"
        with_what = "with another school's" if row.kind == "school" else "of the smallest schools"
        return (
            f"{where} cannot be shown: from them and the other figures, answers of fewer than ten "
            f"people could be worked out. Merge rows {with_what} in the roster of the next round.",
        )
