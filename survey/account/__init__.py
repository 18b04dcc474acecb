"""Signing in and out, and who may open which page. Flask-Security does the work."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, abort, g, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from flask_security import FSQLALiteUserDatastore, Security, auth_required
from werkzeug.wrappers import Response

from survey.account.forms import SignInForm
from survey.database import db
from survey.models import Account, AccountRole
from survey.services import accounts

View = Callable[..., Any]

#: one sentence for every way in which signing in can fail
REFUSED = _l("This address and password do not belong together. Check both and try again.")
#: role -> the first page of its room
ROOMS = {"leader": "lead.index", "reader": "read.index", "researcher": "research.index"}

bp = Blueprint("account", __name__, template_folder="templates")


def init_accounts(app: Flask) -> None:
    """Add sign-in, sign-out and the accounts' session to the application."""
    app.config.update(_security_config())
    app.register_blueprint(bp)
    security = Security(
        app, FSQLALiteUserDatastore(db, Account, AccountRole), login_form=SignInForm
    )
    security.login_context_processor(lambda: {"refusal": _refusal()})
    app.context_processor(lambda: {"home_url": home_url()})
    app.before_request(_refuse_unused)


def _refusal() -> str:
    """Why nobody was signed in, in one sentence."""
    if g.get("wait_s"):
        return ngettext(
            "Too many passwords were wrong. Wait %(num)s second, then try again.",
            "Too many passwords were wrong. Wait %(num)s seconds, then try again.",
            g.wait_s,
        )
    return str(REFUSED)


def _security_config() -> dict[str, Any]:
    return {
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_LOGOUT_CSRF": True,
        "SECURITY_LOGIN_USER_TEMPLATE": "account/sign_in.html",
        "SECURITY_POST_LOGIN_VIEW": "/home",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        # the answer is the same whether the address or the password is wrong
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_REGISTERABLE": False,
        # no sign-in times, no addresses
        "SECURITY_TRACKABLE": False,
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        # argon2 takes passwords of any length; an HMAC before it would tie every password to one
        # more key
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": dict(accounts.PASSWORD_COST),
        # an address is only a name here: nothing is sent to it, and .example is as good as any
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_CACHE_CONTROL": None,  # ours says no-store; theirs writes "no-store=True"
        "SESSION_PROTECTION": "basic",
    }


def requires(role: str) -> Callable[[View], View]:
    """Let only signed-in accounts with ``role`` open a view; others sign in, or see a 403."""
    if role not in accounts.ROLES:
        raise ValueError(f"role is one of {', '.join(accounts.ROLES)}, not {role!r}")

    def decorate(view: View) -> View:
        @wraps(view)
        @auth_required("session")
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.has_role(role):
                abort(403)
            return view(*args, **kwargs)

        guarded.permission = role
        return guarded

    return decorate


def home_url() -> str | None:
    """Where the signed-in account works; None for everybody else."""
    if current_user.is_authenticated:
        for role, endpoint in ROOMS.items():
            if current_user.has_role(role):
                return url_for(endpoint)
    return None


@bp.get("/home")
def home() -> Response:
    """Send a person who has just signed in to their own room."""
    return redirect(home_url() or url_for("security.login"))


def _refuse_unused() -> None:
    # Flask-Security asks for the password again here before sensitive pages; we have none yet
    if request.endpoint == "security.verify":
        abort(404)
