"""Cookies of a round: sent with its pages only, not readable by scripts, gone by its end."""

from datetime import UTC, datetime

from flask import current_app, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from survey.models import Round

#: a person's resume words
WORDS = "resume_words"
#: the token of a personal link
INVITATION = "invitation"
#: the code of a poster, sealed
CODE = "entry_code"
#: what leads to one person or one school
OF_PERSONS = (WORDS, INVITATION, CODE)
#: the locale that a person chose, and nothing else
LANGUAGE = "language"


def sealed(code: str) -> str:
    """A code for a cookie; without a seal, codes could be tried in cookies with no wait."""
    return str(_seal().dumps(code))


def unsealed(value: str) -> str:
    """The code that this server put into a cookie; empty where it did not."""
    try:
        return str(_seal().loads(value))
    except BadSignature:
        return ""


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="code of a poster")


def keep(response: Response, name: str, value: str, *, round_: Round) -> Response:
    """Set a cookie until the round closes."""
    left = round_.closes_at - datetime.now(UTC)
    response.set_cookie(
        name,
        value,
        # a span, not a date: clocks of phones go wrong by months
        max_age=max(int(left.total_seconds()), 1),
        path=url_for("respond.front", link=round_.link),
        secure=current_app.extensions["midtier_settings"].is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def drop(response: Response, *names: str, round_: Round) -> Response:
    """Take cookies of a round off the device."""
    for name in names:
        response.delete_cookie(
            name,
            path=url_for("respond.front", link=round_.link),
            secure=current_app.extensions["midtier_settings"].is_secure,
            httponly=True,
            samesite="Lax",
        )
    return response
