"""Accounts: who has one, inviting people, changing roles, helping where signing in fails."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from survey import jobs, roles, room
from survey.account import requires
from survey.administer.forms import InvitationForm, RoleForm
from survey.database import begin_writing, db
from survey.models import Account, AccountLetter
from survey.services import account_changes, account_letters

bp = Blueprint("administer", __name__, url_prefix="/accounts", template_folder="templates")

Page = str | Response | tuple[str, int]

#: what became of a letter
STATES = {
    "queued": _l("Waits to be sent"),
    "sending": _l("Is being sent"),
    "sent": _l("Sent"),
    "uncertain": _l("Sending was interrupted: it may have gone out or not"),
    "failed": _l("The mail server refused it (%(failure)s)"),
}
#: why an account is not changed
REFUSALS = {
    "own role": _l("You cannot change your own role. Ask another leader or administrator."),
    "own step": _l("Change your own second step on the page of your account."),
    "last": _l(
        "That was not done: nobody else could look after accounts. Invite another leader or "
        "administrator first."
    ),
}


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation as the page shows it."""

    letter_id: str
    email: str
    role: str
    until: str
    state: str
    #: whether it may be sent once more
    is_doubtful: bool


@bp.get("/")
@requires("leader", "administrator")
def index() -> str:
    """Every account of the organisation, and the invitations that were not taken up yet."""
    organisation = room.account().organisation
    return render_template(
        "administer/index.html",
        people=account_changes.of(db.session, organisation),
        roles=roles.NAMES,
        invited=[
            _line(letter)
            for letter in account_letters.pending(db.session, organisation, now=room.now())
        ],
        form=room.ConfirmForm(),
    )


def _line(letter: AccountLetter) -> Invited:
    role = str(roles.NAMES.get(letter.role, ""))
    return Invited(
        letter_id=letter.letter_id,
        email=letter.email,
        role=f"{role}, {letter.school.name}" if letter.school else role,
        until=str(format_datetime(letter.expires_at, "d MMM y, HH:mm z")),
        state=STATES[letter.state] % {"failure": letter.failure},
        is_doubtful=letter.state in ("uncertain", "failed"),
    )


@bp.route("/invite", methods=["GET", "POST"])
@requires("leader", "administrator")
def invite() -> Page:
    """Ask whom to invite, and to what; send the invitation."""
    form = InvitationForm()
    if not form.is_submitted():
        return _invite_page(form)
    if not form.validate():
        return _invite_page(form), 422
    school = form.chosen_school()
    begin_writing(db.session)
    try:
        letter = account_letters.invite(
            db.session,
            room.account().organisation,
            email=form.email.data or "",
            role=form.role.data,
            school=school,
            by=room.account(),
            now=room.now(),
        )
    except account_letters.LetterError:  # somebody else invited them a moment ago
        db.session.rollback()
        flash(_("That was not done: the accounts have changed meanwhile. Look again."))
    else:
        db.session.commit()
        jobs.hand_over(current_app.extensions["midtier_settings"], [letter])
        flash(_("The invitation is on its way to %(address)s.", address=letter.email))
    return redirect(url_for(".index"))


def _invite_page(form: InvitationForm) -> str:
    return render_template(
        "administer/invite.html", form=form, words=roles.WORDS, errors=form.errors_to_mend()
    )


@bp.post("/invitations/<letter_id>/take-back")
@requires("leader", "administrator")
def take_back(letter_id: str) -> Response:
    """End an invitation's link."""
    begin_writing(db.session)
    letter = _get_letter_or_404(letter_id)
    account_letters.take_back(db.session, letter, by=room.account(), now=room.now())
    db.session.commit()
    flash(_("The invitation is taken back; its link leads nowhere."))
    return redirect(url_for(".index"))


@bp.post("/invitations/<letter_id>/again")
@requires("leader", "administrator")
def send_again(letter_id: str) -> Response:
    """Send an invitation that failed or may not have gone out once more."""
    begin_writing(db.session)
    letter = _get_letter_or_404(letter_id)
    try:
        account_letters.send_again(db.session, letter, by=room.account(), now=room.now())
    except account_letters.LetterError:
        db.session.rollback()
        flash(_("That was not done: the accounts have changed meanwhile. Look again."))
    else:
        db.session.commit()
        jobs.hand_over(current_app.extensions["midtier_settings"], [letter])
        flash(_("The invitation is on its way to %(address)s.", address=letter.email))
    return redirect(url_for(".index"))


@bp.route("/<reference>", methods=["GET", "POST"])
@requires("leader", "administrator")
def show(reference: str) -> Page:
    """One account; change its role."""
    account = _get_account_or_404(reference)
    form = RoleForm(data={"role": account.role, "school": account.school_id or ""})
    if not form.is_submitted():
        return _account_page(account, form)
    if not form.validate():
        return _account_page(account, form), 422
    change = partial(account_changes.change_role, role=form.role.data, school=form.chosen_school())
    return _change(reference, change, _("Saved."))


def _change(reference: str, change: Callable[..., None], said: str) -> Response:
    """Change an account and say that it was done, or why not."""
    begin_writing(db.session)
    account = _get_account_or_404(reference)
    try:
        change(db.session, account, by=room.account(), now=room.now())
    except account_changes.ChangeError as error:
        db.session.rollback()
        flash(str(REFUSALS[error.refusal]))
    else:
        db.session.commit()
        flash(said)
    return redirect(url_for(".show", reference=reference))


def _account_page(account: Account, form: RoleForm) -> str:
    return render_template(
        "administer/account.html",
        account=account,
        form=form,
        button=room.ConfirmForm(),
        words=roles.WORDS,
        role=roles.NAMES.get(account.role, ""),
        is_own=account.id == room.account().id,
        errors=form.errors_to_mend(),
    )


@bp.post("/<reference>/off")
@requires("leader", "administrator")
def switch_off(reference: str) -> Response:
    """End an account's sessions and refuse to sign it in."""
    said = _("The account is switched off. Whoever was signed in with it is signed out.")
    return _change(reference, account_changes.switch_off, said)


@bp.post("/<reference>/second-step")
@requires("leader", "administrator")
def reset_second_step(reference: str) -> Response:
    """Let a person sign in without their phone, and sign them out."""
    said = _("The second step is reset. Next time the password is enough.")
    return _change(reference, account_changes.reset_second_step, said)


@bp.post("/<reference>/on")
@requires("leader", "administrator")
def switch_on(reference: str) -> Response:
    """Let an account sign in again."""
    return _change(reference, account_changes.switch_on, _("The account can sign in again."))


@bp.post("/<reference>/password")
@requires("leader", "administrator")
def send_password(reference: str) -> Response:
    """Send a person the way to a new password."""
    begin_writing(db.session)
    account = _get_account_or_404(reference)
    letter = account_letters.ask_password(db.session, account, by=room.account(), now=room.now())
    db.session.commit()
    if letter is None:
        flash(_("Nothing was sent: the account is switched off, or was sent a link just now."))
    else:
        jobs.hand_over(current_app.extensions["midtier_settings"], [letter])
        flash(_("The link is on its way to %(address)s.", address=letter.email))
    return redirect(url_for(".show", reference=reference))


def _get_account_or_404(reference: str) -> Account:
    account: Account | None = db.session.scalar(
        sa.select(Account).where(
            Account.reference == reference,
            Account.organisation_id == room.account().organisation_id,
        )
    )
    if account is None:
        abort(404)
    return account


def _get_letter_or_404(letter_id: str) -> AccountLetter:
    letter = db.session.get(AccountLetter, letter_id)
    if (
        letter is None
        or letter.kind != "invitation"
        or letter.organisation_id != room.account().organisation_id
    ):
        abort(404)
    return letter
