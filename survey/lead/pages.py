"""The room's blueprint with all its pages."""

from survey.lead import (
    dry_run,
    invitations,
    languages,
    letters,
    mode,
    organisation,
    posters,
    results,
    screen,
    setup,
    setup_steps,
    views,
)
from survey.lead.views import bp

__all__ = [
    "bp",
    "dry_run",
    "invitations",
    "languages",
    "letters",
    "mode",
    "organisation",
    "posters",
    "results",
    "screen",
    "setup",
    "setup_steps",
    "views",
]
