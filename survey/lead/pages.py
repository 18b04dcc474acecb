"""The room's blueprint with all its pages."""

from survey.lead import invitations, languages, mode, open_words, posters, results, themes, views
from survey.lead.views import bp

__all__ = [
    "bp",
    "invitations",
    "languages",
    "mode",
    "open_words",
    "posters",
    "results",
    "themes",
    "views",
]
