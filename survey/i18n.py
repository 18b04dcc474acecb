"""Which language a request speaks, and the words of it.

Staff who answer: what they chose in this round, else what their browser accepts, else the round's.
Leaders and researchers: their organisation's. Everybody else: what their browser accepts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_interval
from babel.support import NullTranslations
from flask import Flask, current_app, g, has_app_context, has_request_context, request
from flask_babel import Babel, Domain, refresh
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from survey import catalogs, cookies, figures, locales
from survey.services import languages
from survey.settings import Settings

#: the field of a form whose buttons choose a language
FIELD = "language"


class PoDomain(Domain):
    """gettext over ``.po`` files, in the request's locale."""

    def get_translations(self) -> NullTranslations:
        if not has_app_context():
            return NullTranslations()
        code = locale_code()
        kept: tuple[str, NullTranslations] | None = g.get("catalog")
        if kept is None or kept[0] != code:  # once a request, so that its file is looked at once
            kept = g.catalog = code, catalogs.translations(code, translations_dir())
        return kept[1]


class PoBabel(Babel):
    """Flask-Babel with catalogs that need no build."""

    domain_instance = PoDomain()


babel = PoBabel()


def init_i18n(app: Flask) -> None:
    """Let the application speak the request's language."""
    babel.init_app(
        app,
        locale_selector=lambda: locales.babel_locale(locale_code()),
        timezone_selector=_time_zone,
    )
    app.add_template_filter(figures.shown, "figure")
    app.context_processor(lambda: {"lang": locale_code(), "dir": locales.direction(locale_code())})


def _time_zone() -> str:
    """The clocks that times are shown on: the organisation's of this visit."""
    round_ = g.get("round")
    if round_ is not None:
        return str(round_.organisation.time_zone)
    if has_request_context() and current_user.is_authenticated:
        return str(current_user.organisation.time_zone)
    return "UTC"


def translations_dir() -> Path:
    """The installation's own translations."""
    folder: Path = g.get("translations_dir") or settings_of(current_app).translations_dir
    return folder


def settings_of(app: Flask) -> Settings:
    settings: Settings = app.extensions["midtier_settings"]
    return settings


def locale_code() -> str:
    """The locale in force, such as ``en-GB``."""
    round_ = g.get("round")
    for_whom = "" if round_ is None else round_.round_id
    kept: tuple[str, str] | None = g.get("locale_in_force")
    if kept is None or kept[0] != for_whom:
        kept = g.locale_in_force = for_whom, _choose(round_)
    return kept[1]


@contextmanager
def speaking(locale: str, *, folder: Path | None = None) -> Iterator[None]:
    """Speak this locale inside the block: for mail and other text that no request asks for.

    ``folder``: the installation's translations, where the application does not know them.
    """
    if folder is not None:
        g.translations_dir = folder
    before = g.get("locale_in_force")
    round_ = g.get("round")
    g.locale_in_force = "" if round_ is None else round_.round_id, locale
    refresh()
    try:
        yield
    finally:
        g.locale_in_force = before
        refresh()


def _choose(round_: Any) -> str:
    if not has_request_context():
        return catalogs.SOURCE
    if round_ is not None:
        return _chosen_in(round_)
    if current_user.is_authenticated:
        locale = str(current_user.organisation.locale)
        return locale if _is_spoken(locale) else catalogs.SOURCE
    return locales.suiting(_accepted(), catalogs.complete(translations_dir()), catalogs.SOURCE)


def _chosen_in(round_: Any) -> str:
    offered = spoken()
    for asked in (pressed(), request.cookies.get(cookies.LANGUAGE)):
        if asked in offered:
            return str(asked)
    default = round_.locale if round_.locale in offered else offered[0]
    return locales.suiting(_accepted(), offered, default)


def spoken() -> tuple[str, ...]:
    """The locales that staff may choose in the round of this visit."""
    kept: tuple[str, tuple[str, ...]] | None = g.get("spoken")
    if kept is None or kept[0] != g.round.round_id:
        found = languages.spoken(g.round, translations_dir())
        kept = g.spoken = g.round.round_id, found
    return kept[1]


def pressed() -> str | None:
    """The language whose button was pressed in the form that was sent, if one was.

    Only of a form that carried its token, so that no other site can choose a language.
    """
    if request.method != "POST" or not g.get("csrf_valid"):
        return None
    try:
        return request.form.get(FIELD)
    except HTTPException:  # a body that cannot be read has a page of its own
        return None


def _accepted() -> list[tuple[str, float]]:
    return [(value, quality) for value, quality in request.accept_languages]


def _is_spoken(locale: str) -> bool:
    return not catalogs.interface(locale, translations_dir()).faults


def day(at: date) -> str:
    """A day in words: "11 May 2026"."""
    return str(format_date(at, "long", locale=locales.babel_locale(locale_code())))


def days(first: date, last: date) -> str:
    """From one day to another: "4–22 May 2026"."""
    if first == last:
        return day(first)
    locale = locales.babel_locale(locale_code())
    return str(format_interval(first, last, "yMMMMd", locale=locale))
