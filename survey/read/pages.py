"""The room's blueprint with all its pages."""

from survey.read import themes, views
from survey.read.views import bp

__all__ = ["bp", "themes", "views"]
