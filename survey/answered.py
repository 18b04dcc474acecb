"""How many have answered, in two sentences: for every page that leads to the rest."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from survey import figures
from survey.services.progress import Progress


@dataclass(frozen=True, slots=True)
class Summary:
    """The two sentences in large type."""

    answered: str
    answered_note: str
    enough: str
    enough_note: str


def summary(found: Progress | None) -> Summary | None:
    """How many have answered and how many schools have enough; None before the first count."""
    if found is None:
        return None
    enough = sum(line.enough == "enough" for line in found.schools)
    all_of_them = len(found.schools)
    return Summary(
        answered=figures.shown(found.total.answered),
        answered_note=_(
            "answered. The profile prints from 40% of staff on, and without a caution from 60%."
        ),
        enough=_("%(n)s of %(all)s schools", n=enough, all=all_of_them) if all_of_them else "",
        enough_note=ngettext(
            "has enough answers for a row of its own, for certain.",
            "have enough answers for a row of their own, for certain.",
            enough,
        ),
    )
