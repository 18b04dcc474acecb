"""The language that a person answers in: chosen on any page, kept on this device."""

from typing import Any

from flask import current_app, g, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from instruments.definition import Words
from survey import cookies, i18n, locales
from survey.respond.visit import bp
from survey.services import languages, rounds


def words() -> Words:
    """The instrument's words in the language of this visit."""
    return rounds.words_of(g.round, locale=i18n.locale_code(), translations=i18n.translations_dir())


def switch_from_form() -> bool:
    """Whether the form that was sent came by one of the language buttons in it.

    The page that answers speaks that language already; what the form holds is saved, but the
    person is not through with it.
    """
    return request.endpoint != "respond.switch_language" and i18n.pressed() in i18n.spoken()


@bp.post("/language")
def switch_language() -> Any:
    """Back to the page on which the button was pressed, in the chosen language."""
    return redirect(_way_back(request.form.get("back", "")), 303)


@bp.after_request
def remember_language(response: Response) -> Response:
    """Keep the pressed language on this device until the round closes."""
    if g.get("round") is None or i18n.pressed() not in i18n.spoken():
        return response
    return cookies.keep(response, cookies.LANGUAGE, str(i18n.pressed()), round_=g.round)


@bp.context_processor
def language_values() -> dict[str, Any]:
    """What the switch shows, and whether somebody vouches for the words on the page."""
    if g.get("round") is None:
        return {}
    spoken = i18n.spoken()
    here = i18n.locale_code()
    names = locales.names_of(spoken)
    return {
        "languages": [{"code": code, "name": names[code]} for code in spoken],
        "is_unverified": not languages.is_verified(g.round, here, i18n.translations_dir()),
        "frame": "respond/layout.html",
    }


def _way_back(path: str) -> str:
    """A page of this round that can be opened, or where this person goes on."""
    base = url_for("respond.front")
    otherwise = url_for("respond.go_on") if g.get("draft") is not None else base
    if path == base or path.startswith(f"{base}/"):
        try:
            current_app.url_map.bind("").match(path, method="GET")
        except (HTTPException, RequestRedirect):
            return otherwise
        return path
    return otherwise
