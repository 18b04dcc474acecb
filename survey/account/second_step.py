"""The second step of signing in: a code from an app on the phone, or a recovery code.

Flask-Security keeps the secrets, checks codes and has the pages; here are its settings, its forms
with a wait for whoever guesses, and the entries in the audit log. Secrets lie in the database
encrypted under the server's secret key.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

from flask import Flask, current_app, flash, session
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_security import (
    MfRecoveryCodesForm,
    MfRecoveryForm,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    tf_code_confirmed,
    tf_disabled,
    tf_profile_changed,
)
from flask_security.totp import Totp
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from reports.charts import qr
from survey.account.forms import count_failure, wait_for, wait_for_password
from survey.database import begin_writing, db
from survey.models import Account
from survey.services import audit, guessing

#: pages of Flask-Security that we have no use for
UNUSED = ("security.two_factor_rescue", "security.tf_select")
KIND = "second step"


def config(secret_key: str) -> dict[str, Any]:
    """Settings of Flask-Security. What is stored is encrypted under keys made from the server's."""
    return {
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        # seconds that a phone's clock may be wrong
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "SECURITY_TWO_FACTOR_SETUP_URL": "/account/second-step",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
        "SECURITY_TWO_FACTOR_SETUP_TEMPLATE": "account/second_step.html",
        "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "account/sign_in_code.html",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/account/recovery-codes",
        "SECURITY_TWO_FACTOR_ERROR_VIEW": "/sign-in",
        "SECURITY_TOTP_SECRETS": {"1": _key(secret_key, "totp").hex()},
        "SECURITY_TOTP_ISSUER": "Midtier",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [
            base64.urlsafe_b64encode(_key(secret_key, "recovery codes"))
        ],
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "account/recovery_codes.html",
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
        "SECURITY_MULTI_FACTOR_RECOVERY_TEMPLATE": "account/sign_in_recovery.html",
        "SECURITY_VERIFY_URL": "/account/verify",
        "SECURITY_VERIFY_TEMPLATE": "account/verify.html",
        "SECURITY_POST_VERIFY_VIEW": "/account",
    }


def _key(secret_key: str, purpose: str) -> bytes:
    return hmac.new(
        secret_key.encode(), f"second step\0{purpose}".encode(), hashlib.sha256
    ).digest()


class Authenticator(Totp):
    """Codes of an app: none is taken twice, and the QR code is drawn into the page."""

    def get_last_counter(self, user: Account) -> int | None:
        return user.last_code

    def set_last_counter(self, user: Account, tmatch: Any) -> None:
        user.last_code = tmatch.counter

    def generate_qrcode(self, username: str, totp: str) -> str:
        return qr.draw(self.get_totp_uri(username, totp), title=_("QR code for the app"))


class SetupForm(TwoFactorSetupForm):
    """Begin with another secret, or take the second step away."""

    # Flask-Security 5.9 gives choices as tuples, of which WTForms 3.3 warns
    setup = RadioField(
        choices=[SelectChoice("authenticator"), SelectChoice("disable")], validate_choice=False
    )

    def validate(self, **kwargs: Any) -> bool:
        begin_writing(db.session)
        return bool(super().validate(**kwargs))


class CodeForm(TwoFactorVerifyCodeForm):
    """A code from the app; whoever guesses has to wait, wherever they come from."""

    def validate(self, **kwargs: Any) -> bool:
        self.code.data = "".join((self.code.data or "").split())
        return _checked(
            self,
            super().validate,
            _("This code is not right, or too old. Wait for the next one and type that."),
        )


class UnusedForm(TwoFactorRescueForm):
    """Flask-Security makes one beside the field for a code; ours is a link to recovery codes."""

    help_setup = RadioField(choices=[SelectChoice("help")], validate_choice=False)


class RecoveryForm(MfRecoveryForm):
    """A recovery code in place of one from the app."""

    def validate(self, **kwargs: Any) -> bool:
        letters = [letter for letter in (self.code.data or "").lower() if letter.isalnum()]
        parts = ["".join(letters[n : n + 4]) for n in range(0, len(letters), 4)]
        self.code.data = "-".join(parts)  # as they are stored
        if not _checked(self, super().validate, _("This recovery code is not right, or was used.")):
            return False
        _note("use_recovery_code", self.user)
        return True


class RecoveryCodesForm(MfRecoveryCodesForm):
    """Fresh recovery codes; those before are void."""

    def validate(self, **kwargs: Any) -> bool:
        begin_writing(db.session)
        if not super().validate(**kwargs):
            return False
        from flask_login import current_user

        _note("make_recovery_codes", current_user._get_current_object())
        return True


class PasswordAgainForm(VerifyForm):
    """The password once more, before the second step is changed."""

    def validate(self, **kwargs: Any) -> bool:
        group, wait_s = wait_for_password()
        if wait_s:
            self.password.errors = [_wait(wait_s)]
            return False
        if super().validate(**kwargs):
            return True
        self.password.errors = [_("This is not your password. Try again.")]
        begin_writing(db.session)
        count_failure("password", group, self.user)
        db.session.commit()
        return False


FORMS = {
    "two_factor_setup_form": SetupForm,
    "two_factor_verify_code_form": CodeForm,
    "two_factor_rescue_form": UnusedForm,
    "mf_recovery_form": RecoveryForm,
    "mf_recovery_codes_form": RecoveryCodesForm,
    "verify_form": PasswordAgainForm,
}


def _checked(form: Any, check: Any, message: str) -> bool:
    """Look at a code, unless its account has to wait; count it where it is wrong.

    What a right one changes is committed by Flask-Security after the request.
    """
    begin_writing(db.session)
    key = current_app.extensions["midtier_settings"].respondent_key
    group = guessing.group_of_account(key, form.user.id)
    wait_s = wait_for(KIND, group)
    if not wait_s and check():
        return True
    form.code.errors = [_wait(wait_s) if wait_s else message]
    if not wait_s:
        count_failure(KIND, group, form.user)
    db.session.commit()
    if getattr(form, "is_setup", False):  # the page that comes next has no form with errors
        flash(form.code.errors[0])
    return False


def _wait(wait_s: int) -> str:
    return ngettext(
        "Too many tries were wrong. Wait %(num)s second, then try again.",
        "Too many tries were wrong. Wait %(num)s seconds, then try again.",
        wait_s,
    )


def listen(app: Flask) -> None:
    """Write into the audit log what Flask-Security says that it did."""
    tf_profile_changed.connect(_was_set_up, app)
    tf_code_confirmed.connect(_was_confirmed, app)
    tf_disabled.connect(_was_taken_away, app)


def _was_set_up(_app: Flask, *, user: Account, **_more: Any) -> None:
    _note("set_up_second_step", user)


def _was_confirmed(_app: Flask, *, user: Account, **_more: Any) -> None:
    if session.get("tf_state") == "validating_profile":  # not every sign-in: only the first
        _note("set_up_second_step", user)


def _was_taken_away(_app: Flask, *, user: Account, **_more: Any) -> None:
    user.last_code = user.mf_recovery_codes = None
    _note("take_second_step_away", user)


def _note(action: str, user: Any) -> None:
    account = user._get_current_object() if hasattr(user, "_get_current_object") else user
    audit.note(
        db.session,
        actor=account,
        action=action,
        object_=f"account {account.email}",
        now=datetime.now(UTC),
    )
