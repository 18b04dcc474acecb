"""The room's blueprint with all its pages."""

from survey.lead import invitations, languages, mode, pack, posters, results, views
from survey.lead.views import bp

__all__ = ["bp", "invitations", "languages", "mode", "pack", "posters", "results", "views"]
