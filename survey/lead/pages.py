"""The room's blueprint with all its pages."""

from survey.lead import audit, consents, invitations, languages, mode, posters, results, views
from survey.lead.views import bp

__all__ = [
    "audit",
    "bp",
    "consents",
    "invitations",
    "languages",
    "mode",
    "posters",
    "results",
    "views",
]
