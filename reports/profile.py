"""Builds a profile's content from measures."""

from reports.profile_content import Profile

__all__ = ["Profile"]
