"""The room's blueprint with all its pages."""

from survey.lead import invitations, mode, views
from survey.lead.views import bp

__all__ = ["bp", "invitations", "mode", "views"]
