"""The sign-in form, and what is counted of wrong tries."""

from datetime import UTC, datetime
from typing import Any

from flask import current_app, g, request
from flask_security.forms import LoginForm

from survey.database import begin_writing, db
from survey.models import Account
from survey.services import accounts, audit, guessing


class SignInForm(LoginForm):
    """Flask-Security's form without "remember me": computers in staff rooms are shared.

    Whoever tries passwords has to wait, longer each time, as with codes and resume words; then
    nothing of what was typed is looked at. ``g.wait_s`` tells the page how long.
    """

    remember = None

    def validate(self, **kwargs: Any) -> bool:
        """Whether a known account signed in with its password, and nobody has to wait."""
        group, g.wait_s = wait_for_password()
        if g.wait_s:
            self.form_errors.append("wait")
            return False
        if super().validate(**kwargs):
            return True
        begin_writing(db.session)
        count_failure("password", group, accounts.find(db.session, self.email.data or ""))
        db.session.commit()
        return False


def wait_for_password() -> tuple[int, int]:
    """The visitor's group, and the seconds until a password from there may be looked at."""
    key = current_app.extensions["midtier_settings"].respondent_key
    group = guessing.group_of(key, request.remote_addr)
    begin_writing(db.session)
    wait_s = wait_for("password", group)
    db.session.rollback()  # checking a password takes long: nobody else waits for it
    return group, wait_s


def wait_for(kind: str, group: int) -> int:
    """Seconds until the next try of a group may be looked at; call ``begin_writing`` before."""
    return guessing.wait_s(db.session, kind, group, datetime.now(UTC))


def count_failure(kind: str, group: int, account: Account | None) -> None:
    """Count a wrong try. The one from which on tries have to wait goes into the account's audit."""
    now = datetime.now(UTC)
    failures = guessing.failed(db.session, kind, group, now)
    if account is not None and failures == guessing.FREE_FAILURES + 1:
        audit.note(
            db.session,
            actor=None,
            action="hold_up_sign_in",
            object_=f"account {account.email}",
            now=now,
            organisation=account.organisation,
        )
