"""The room's blueprint with all its pages."""

from survey.lead import posters, results, views
from survey.lead.views import bp

__all__ = ["bp", "posters", "results", "views"]
