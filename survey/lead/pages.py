"""The room's blueprint with all its pages."""

from survey.lead import (
    audit,
    consents,
    dry_run,
    invitations,
    languages,
    letters,
    mode,
    organisation,
    posters,
    reminders,
    results,
    screen,
    setup,
    setup_steps,
    unreachable,
    views,
    watching,
)
from survey.lead.views import bp

__all__ = [
    "audit",
    "bp",
    "consents",
    "dry_run",
    "invitations",
    "languages",
    "letters",
    "mode",
    "organisation",
    "posters",
    "reminders",
    "results",
    "screen",
    "setup",
    "setup_steps",
    "unreachable",
    "views",
    "watching",
]
