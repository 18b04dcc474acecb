"""Signing in and out, and who may open which page. Flask-Security does the work."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, abort, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from flask_security import FSQLALiteUserDatastore, Security, auth_required
from werkzeug.wrappers import Response

from survey import roles
from survey.account import second_step
from survey.account.forms import SignInForm
from survey.database import db
from survey.models import Account, AccountRole
from survey.services import accounts

View = Callable[..., Any]

#: one sentence for every way in which signing in can fail
REFUSED = _l("This address and password do not belong together. Check both and try again.")
#: role -> the first page of its room
ROOMS = {
    "leader": "lead.index",
    "head": "head.index",
    "reader": "read.index",
    "administrator": "administer.index",
    "researcher": "research.index",
}
#: role -> the pages that its navigation names
PLACES = {
    "leader": (
        ("lead.index", _l("Rounds")),
        ("lead.show_organisation", _l("Organisation")),
        ("administer.index", _l("Accounts")),
        ("lead.show_audit", _l("Audit log")),
    ),
    "head": (("head.index", _l("Rounds")),),
    "reader": (("read.index", _l("Rounds")),),
    "administrator": (
        ("administer.index", _l("Accounts")),
        ("lead.show_audit", _l("Audit log")),
    ),
    "researcher": (("research.index", _l("Rounds")),),
}
bp = Blueprint("account", __name__, template_folder="templates")


def init_accounts(app: Flask) -> None:
    """Add sign-in, sign-out and the accounts' session to the application."""
    from survey.account import letters  # noqa: F401 (adds its pages to the blueprint)

    app.config.update(_security_config())
    app.config.update(second_step.config(app.extensions["midtier_settings"].secret_key))
    app.register_blueprint(bp)
    security = Security(
        app,
        FSQLALiteUserDatastore(db, Account, AccountRole),
        login_form=SignInForm,
        totp_cls=second_step.Authenticator,
        **second_step.FORMS,
    )
    second_step.listen(app)
    security.login_context_processor(lambda: {"refusal": _refusal()})
    app.context_processor(lambda: {"home_url": home_url(), "menu": menu(), "to_do": to_do()})
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
        # the password again, before the second step is changed
        "SECURITY_FRESHNESS": timedelta(minutes=30),
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=10),
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_CACHE_CONTROL": None,  # ours says no-store; theirs writes "no-store=True"
        "SESSION_PROTECTION": "basic",
    }


def requires(*roles: str) -> Callable[[View], View]:
    """Let only signed-in accounts with one of these roles open a view; others sign in or get a 403.

    The one place where roles open pages. What a page shows of the organisation is the query's
    affair (``survey/room.py``). ``docs/roles.md`` lists every page with its roles.
    """
    if not roles or set(roles) - set(accounts.ROLES):
        raise ValueError(f"roles are {', '.join(accounts.ROLES)}, not {roles!r}")

    def decorate(view: View) -> View:
        @wraps(view)
        @auth_required("session")
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if current_user.role not in roles:
                abort(403)
            if current_user.needs_second_step(datetime.now(UTC)) and not (
                current_user.has_second_step
            ):  # whoever stayed signed in until then
                return redirect(url_for("security.two_factor_setup"))
            return view(*args, **kwargs)

        guarded.permission = roles
        return guarded

    return decorate


def home_url() -> str | None:
    """Where the signed-in account works; None for everybody else."""
    if current_user.is_authenticated:
        return url_for(ROOMS.get(current_user.role, "account.show"))
    return None


def menu() -> list[tuple[str, str]]:
    """The pages that the navigation of the signed-in account names: address, name."""
    if not current_user.is_authenticated:
        return []
    return [(url_for(endpoint), str(name)) for endpoint, name in PLACES.get(current_user.role, ())]


def to_do() -> str:
    """What the signed-in account should still see to, for signing in; empty: nothing."""
    if not current_user.is_authenticated:
        return ""
    if current_user.has_second_step:
        return "" if current_user.mf_recovery_codes else "codes"
    return "second step" if current_user.check_tf_required_setup() else ""


@bp.get("/home")
def home() -> Response:
    """Send a person who has just signed in to their own room."""
    return redirect(home_url() or url_for("security.login"))


@bp.get("/account")
@auth_required("session")
def show() -> str:
    """One's own account: the address, and what one may do."""
    return render_template(
        "account/account.html",
        role=roles.NAMES.get(current_user.role, ""),
        may=roles.WORDS.get(current_user.role, ""),
        codes_left=len(current_user.mf_recovery_codes or ()),
    )


def _refuse_unused() -> None:
    if request.endpoint in second_step.UNUSED:
        abort(404)
