"""The room's blueprint with all its pages."""

from survey.lead import (
    invitations,
    languages,
    mode,
    posters,
    results,
    roster_columns,
    rosters,
    school_changes,
    views,
)
from survey.lead.views import bp

__all__ = [
    "bp",
    "invitations",
    "languages",
    "mode",
    "posters",
    "results",
    "roster_columns",
    "rosters",
    "school_changes",
    "views",
]
