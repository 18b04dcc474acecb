"""Links in letters: taking up an invitation, choosing a new password, asking for the way to one."""

from typing import Any

from flask import (
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from survey import jobs, roles, room
from survey.account import bp
from survey.database import begin_writing, db
from survey.models import AccountLetter
from survey.services import account_letters, accounts

Page = str | Response | tuple[str, int]

#: the token of a link that was opened, in the session's cookie: addresses get into logs
_KEPT = "account_letter"


class ForgottenForm(FlaskForm):
    """Whose password."""

    email = EmailField(
        _l("E-mail address"), validators=[InputRequired(_l("Type the address of your account."))]
    )


class PasswordForm(FlaskForm):
    """A new password."""

    password = PasswordField(
        _l("Password"),
        description=_l(
            "At least 12 characters. Several words are easy to keep; so is a password manager."
        ),
        validators=[
            InputRequired(_l("Choose a password.")),
            Length(
                min=accounts.SHORTEST_PASSWORD,
                message=_l("This password is too short: use at least %(min)d characters."),
            ),
        ],
    )


class JoinForm(PasswordForm):
    """One's name and a password."""

    name = StringField(
        _l("Your name"),
        description=_l("As your colleagues know you."),
        validators=[
            InputRequired(_l("Type your name.")),
            Length(max=120, message=_l("Use at most %(max)d characters.")),
        ],
    )


@bp.get("/account/link/<token>")
def follow(token: str) -> Response:
    """Keep a letter's token in the session and go on; nothing is used up."""
    session[_KEPT] = token
    return redirect(url_for(".choose_password"))


@bp.route("/account/password", methods=["GET", "POST"])
def choose_password() -> Page:
    """Choose a password, and say one's name where the letter was an invitation."""
    token = session.get(_KEPT)
    if token is None:
        abort(404)
    key = current_app.extensions["midtier_settings"].secret_key
    try:
        letter = account_letters.by_token(db.session, key, token, now=room.now())
    except account_letters.LetterError:
        return render_template("account/ended_link.html"), 410
    form = JoinForm() if letter.kind == "invitation" else PasswordForm()
    if form.is_submitted() and form.validate():
        return _keep(letter, form)
    page = render_template(
        "account/choose_password.html",
        letter=letter,
        form=form,
        role=roles.NAMES.get(letter.role, ""),
        may=roles.WORDS.get(letter.role, ""),
        errors=_errors(form),
    )
    return page, 422 if form.errors else 200


def _keep(letter: AccountLetter, form: Any) -> Page:
    hashed = accounts.hash_password(form.password.data)  # takes long: nobody waits for it
    name = " ".join(form.name.data.split()) if "name" in form else ""
    letter_id = letter.letter_id
    begin_writing(db.session)
    try:
        letter = db.session.get_one(AccountLetter, letter_id)
        if letter.kind == "invitation":
            account_letters.accept(db.session, letter, name=name, hashed=hashed, now=room.now())
        else:
            account_letters.change_password(db.session, letter, hashed=hashed, now=room.now())
    except account_letters.LetterError:
        db.session.rollback()
        return render_template("account/ended_link.html"), 410
    db.session.commit()
    logout_user()  # whoever is signed in on this device, it is now another person's turn
    session.pop(_KEPT, None)
    flash(_("Your password is set. Sign in with it."))
    return redirect(url_for("security.login"))


@bp.route("/forgotten", methods=["GET", "POST"])
def forget_password() -> Page:
    """Send the way to a new password; the answer does not tell whether there is an account."""
    form = ForgottenForm()
    if not form.is_submitted() or not form.validate():
        errors = _errors(form)
        page = render_template("account/forgotten.html", form=form, errors=errors)
        return page, 422 if errors else 200
    begin_writing(db.session)
    account = accounts.find(db.session, form.email.data)
    letter = None
    if account is not None:
        # whoever typed the address is not known
        letter = account_letters.ask_password(db.session, account, by=None, now=room.now())
    db.session.commit()
    if letter is not None:
        jobs.hand_over(current_app.extensions["midtier_settings"], [letter])
    flash(
        _(
            "If this address has an account, a message with a link is on its way. The link works "
            "for an hour."
        )
    )
    return redirect(url_for("security.login", next=request.args.get("next")))


def _errors(form: FlaskForm) -> list[dict[str, str]]:
    return [
        {"message": str(text), "target": name}
        for name, texts in form.errors.items()
        for text in texts
    ]
