"""Who answers, when, and who may see what: all that knows Flask or the database."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from survey.settings import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """The WSGI application. Raises ``SettingsError`` with one line if it cannot start."""
    from survey.application import build_app  # here, so that the command line starts at once

    return build_app(settings)
