"""The web application: ``build_app`` puts the rooms together."""

from typing import Any

from flask import Flask, Response, current_app, render_template, request
from flask_babel import gettext as _
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from survey import i18n
from survey.bodies import init_bodies
from survey.compression import init_compression
from survey.database import ENGINE_OPTIONS, db, prepare_engine
from survey.marked import N_
from survey.settings import Settings, read_settings
from survey.static_files import init_static_files

csrf = CSRFProtect()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Site(Flask):
    """Flask, with a log that names the view that failed: an address may hold a token or a code."""

    def log_exception(self, exc_info: Any) -> None:
        self.logger.error(
            "Exception in %s [%s]", request.endpoint, request.method, exc_info=exc_info
        )


def build_app(settings: Settings | None = None) -> Flask:
    """The WSGI application. Raises ``SettingsError`` with one line if it cannot start."""
    settings = settings or read_settings()
    app = Site("survey", static_folder=None)
    app.config.update(_flask_config(settings))
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
    app.extensions["midtier_settings"] = settings
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    i18n.init_i18n(app)
    init_bodies(app)
    csrf.init_app(app)
    init_static_files(app)
    _register_rooms(app)
    app.after_request(_add_headers)
    init_compression(app)
    _register_errors(app)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_ENGINES": {"default": {"url": settings.database, **ENGINE_OPTIONS}},
        "MAX_CONTENT_LENGTH": 1024 * 1024,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_secure,
        # a page left open over lunch must still be accepted
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # we send no referrer
        "BABEL_DEFAULT_LOCALE": "en_GB",
    }


def _register_rooms(app: Flask) -> None:
    from survey.account import init_accounts
    from survey.administer.views import bp as administer
    from survey.enter.views import bp as enter
    from survey.enter.views import open_code
    from survey.head.views import bp as head
    from survey.lead.pages import bp as lead
    from survey.read.pages import bp as read
    from survey.research.views import bp as research
    from survey.respond.preview import bp as preview
    from survey.respond.views import bp as respond

    init_accounts(app)
    app.register_blueprint(enter)
    # the same as following a link to /c/: there is nothing that another site could not do anyway
    csrf.exempt(open_code)
    app.register_blueprint(respond)
    app.register_blueprint(preview)
    app.register_blueprint(lead)
    app.register_blueprint(administer)
    app.register_blueprint(head)
    app.register_blueprint(read)
    app.register_blueprint(research)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.extensions["midtier_settings"].is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    # static files say themselves how long they may be kept
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _register_errors(app: Flask) -> None:
    messages = {
        400: (
            N_("That did not work"),
            N_("The page was sent in a way we do not accept. Go back, reload it and try again."),
        ),
        403: (
            N_("Not for this account"),
            N_("Your account may not open this page. Ask the person who set up your organisation."),
        ),
        404: (
            N_("We cannot find that page"),
            N_("Check the address, or go back to the link that you were given."),
        ),
        405: (N_("That did not work"), N_("Go back and use the buttons on the page.")),
        413: (
            N_("Too much was sent"),
            N_("The page was larger than we accept. Go back and try again."),
        ),
        415: (
            N_("That did not work"),
            N_("The page was sent in a way we do not accept. Go back, reload it and try again."),
        ),
        500: (
            N_("Something went wrong on our side"),
            N_("Nothing that was saved is lost. Try again in a moment."),
        ),
    }
    for code, (title, advice) in messages.items():

        def show(
            _error: Exception, code: int = code, title: str = title, advice: str = advice
        ) -> Any:
            return render_template("error.html", title=_(title), advice=_(advice)), code

        app.register_error_handler(code, show)
