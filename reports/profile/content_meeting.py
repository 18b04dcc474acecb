"""What stands on the page for a meeting: ready values, as in ``content``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the meeting."""

    number: int
    minutes: int
    #: minutes from the beginning
    begins: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question for the meeting, and why it was chosen (or "")."""

    number: int
    text: str
    because: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table to write on, and the step that fills it."""

    heading: str
    hint: str
    step: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """The page for a meeting: how it goes, what to ask, and where to write."""

    heading: str
    lead: str
    steps: tuple[Step, ...]
    rules: tuple[str, ...]
    prompts_heading: str
    #: how the questions were chosen
    prompts_note: str
    prompts: tuple[Prompt, ...]
    table_heading: str
    columns: tuple[Column, ...]
    alt: str

    @property
    def minutes(self) -> int:
        """How long the meeting takes."""
        return sum(step.minutes for step in self.steps)
