"""The room's blueprint with all its pages."""

from survey.respond import answering, arriving, language, leaving, sections
from survey.respond.visit import bp

__all__ = ["answering", "arriving", "bp", "language", "leaving", "sections"]
