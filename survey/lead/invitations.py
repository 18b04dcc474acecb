"""The mail to the people on the staff list of a confidential round.

These pages show counts. Nobody's address, no text of a message and nothing of who has answered is
on any of them.
"""

from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask_babel import format_datetime, lazy_gettext, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from survey import jobs, room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead import reminders
from survey.lead.views import bp
from survey.models import Mailing, Round
from survey.services import bounces, invitations, mailings, rounds

Page = str | tuple[str, int] | Response

#: why a mailing cannot be asked for
REFUSALS = {
    "anonymous": lazy_gettext("This round is anonymous: everybody uses the same link."),
    "closed": lazy_gettext("The round has closed."),
    "not ready": lazy_gettext("The round is being set up. Say first that it is ready."),
    "not open": lazy_gettext("Reminders can be sent when the round has opened."),
    "nobody": lazy_gettext("There is nobody on the staff list yet."),
    "nobody new": lazy_gettext("Everybody on the staff list has been sent an invitation."),
    "not invited": lazy_gettext(
        "Some people on the staff list have not been sent an invitation. Send the invitations "
        "first."
    ),
    "too soon": lazy_gettext("A reminder was sent less than a day ago. Wait until tomorrow."),
}


#: why mail waits
TROUBLES = {
    "folder": lazy_gettext(
        "The mail folder on the server cannot be written. It is tried again by itself; tell the "
        "person who runs this installation."
    ),
    "no server": lazy_gettext(
        "The mail server cannot be reached. It is tried again by itself, at least every half hour; "
        "if that lasts, tell the person who runs this installation."
    ),
    "not let in": lazy_gettext(
        "The mail server does not accept our name and password. Tell the person who runs this "
        "installation; mail goes out by itself when that is mended."
    ),
    "sender refused": lazy_gettext(
        "The mail server does not take mail from our sender's address. Tell the person who runs "
        "this installation; mail goes out by itself when that is mended."
    ),
    "closing": lazy_gettext(
        "The mail server was closing down. It is tried again by itself, at least every half hour."
    ),
    "went away": lazy_gettext(
        "The mail server stopped answering. What was not handed over is tried again by itself, at "
        "least every half hour."
    ),
    "broke off": lazy_gettext(
        "The mail server broke off before it said that it has a message. Those messages are "
        "uncertain; the rest is tried again by itself, at least every half hour."
    ),
    "asked to wait": lazy_gettext(
        "The mail server asked us to come back later for some messages. It is tried again by "
        "itself, at least every half hour."
    ),
}


@dataclass(frozen=True, slots=True)
class MailingLine:
    """A mailing as the page shows it."""

    mailing_id: str
    kind: str
    asked_at: str
    recipients: int
    #: what became of its messages, in words
    states: tuple[str, ...]
    uncertain: int
    #: why mail waits, in a sentence; empty where it does not
    trouble: str


@bp.get("/rounds/<round_id>/invitations")
@requires("leader")
def show_invitations(round_id: str) -> Page:
    """How many are on the staff list, and every mailing with what became of it."""
    return _page(_confidential_or_404(round_id))


@bp.post("/rounds/<round_id>/invitations/send")
@requires("leader")
def send_invitations(round_id: str) -> Page:
    """Send an invitation to everybody who has been sent none."""
    return _ask(round_id, "invitation")


@bp.post("/rounds/<round_id>/invitations/remind")
@requires("leader")
def send_reminder(round_id: str) -> Page:
    """Send a reminder to everybody on the staff list."""
    return _ask(round_id, "reminder")


@bp.post("/rounds/<round_id>/invitations/<mailing_id>/again")
@requires("leader")
def send_again(round_id: str, mailing_id: str) -> Page:
    """Send again the messages of a mailing of which nobody knows whether they went out."""
    _mailing_or_404(_confidential_or_404(round_id), mailing_id)
    begin_writing(db.session)
    mailing = _mailing_or_404(_confidential_or_404(round_id), mailing_id)
    try:
        n = mailings.send_again(db.session, mailing, by=_account(), now=room.now())
    except mailings.MailingError as error:
        db.session.rollback()
        flash(REFUSALS[error.refusal])
    else:
        db.session.commit()
        if n:
            _hand_over(mailing)
            flash(ngettext("%(num)d message is sent again.", "%(num)d messages are sent again.", n))
    return _back(round_id)


def _ask(round_id: str, kind: mailings.Kind) -> Response:
    _confidential_or_404(round_id)
    begin_writing(db.session)
    round_ = _confidential_or_404(round_id)
    try:
        mailing = mailings.ask(db.session, round_, kind, by=_account(), now=room.now())
    except mailings.MailingError as error:
        db.session.rollback()
        flash(REFUSALS[error.refusal])
    else:
        db.session.commit()
        _hand_over(mailing)
        n = mailing.recipients
        flash(ngettext("%(num)d message is on its way.", "%(num)d messages are on their way.", n))
    return _back(round_id)


def _page(round_: Round) -> str:
    now = room.now()
    state = rounds.state(round_, now)
    return render_template(
        "lead/invitations.html",
        round=round_,
        line=room.line(round_),
        state=state,
        button=room.ConfirmForm(),
        listed=invitations.count(db.session, round_),
        mailings=[
            _line(each, is_closed=state == "closed") for each in mailings.of(db.session, round_)
        ],
        reminders=reminders.lines(round_),
        unreachable=len(bounces.of(db.session, round_)),
        not_invited=REFUSALS.get(mailings.why_not(db.session, round_, "invitation", now=now) or ""),
        not_reminded=REFUSALS.get(mailings.why_not(db.session, round_, "reminder", now=now) or ""),
        simulated=round_.simulated,
    )


def _line(summary: mailings.Summary, *, is_closed: bool) -> MailingLine:
    states = summary.states
    sent, uncertain = states.get("sent", 0), states.get("uncertain", 0)
    waiting = states.get("queued", 0) + states.get("sending", 0)
    said = [
        (sent, _("%(n)s sent", n=sent)),
        (
            waiting,
            _("%(n)s not sent: the round closed", n=waiting)
            if is_closed
            else _("%(n)s waiting to be sent", n=waiting),
        ),
        (uncertain, _("%(n)s uncertain", n=uncertain)),
        *((n, _failure(codes, n)) for codes, n in summary.failures.items()),
    ]
    return MailingLine(
        mailing_id=summary.mailing_id,
        kind=_("Invitation") if summary.kind == "invitation" else _("Reminder"),
        asked_at=format_datetime(summary.asked_at, "d MMMM yyyy, HH:mm"),
        recipients=summary.recipients,
        states=tuple(text for n, text in said if n),
        uncertain=uncertain,
        trouble=_trouble(summary.trouble) if waiting and not is_closed else "",
    )


def _failure(codes: str, n: int) -> str:
    if codes == bounces.TOLD:
        return _("%(n)s not sent: the address is of no use", n=n)
    return _("%(n)s refused by a mail server (%(codes)s)", n=n, codes=codes)


def _trouble(said: str) -> str:
    """Why mail waits and what to do, in one line."""
    found = next((each for each in TROUBLES if said == each or said.startswith(f"{each} ")), None)
    if found is None:
        return ""
    codes = said.removeprefix(found).strip()
    sentence = str(TROUBLES[found])
    return f"{sentence} ({codes})" if codes else sentence


def _confidential_or_404(round_id: str) -> Round:
    round_ = room.get_round_or_404(round_id)
    if round_.mode != "confidential":
        abort(404)
    return round_


def _mailing_or_404(round_: Round, mailing_id: str) -> Mailing:
    mailing = db.session.get(Mailing, mailing_id)
    if mailing is None or mailing.round_id != round_.round_id:
        abort(404)
    return mailing


def _hand_over(mailing: Mailing) -> None:
    jobs.hand_over(current_app.extensions["midtier_settings"], [mailing])


def _account() -> Any:
    return current_user._get_current_object()


def _back(round_id: str) -> Response:
    return redirect(url_for(".show_invitations", round_id=round_id), 303)
