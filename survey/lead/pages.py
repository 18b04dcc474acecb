"""The room's blueprint with all its pages."""

from survey.lead import results, views
from survey.lead.views import bp

__all__ = ["bp", "results", "views"]
