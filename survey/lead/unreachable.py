"""Addresses of a staff list that mail does not reach: shown, named by the leader, tried again.

The only page of a leader that shows addresses. They stand on the staff list, which the leader made,
and that mail came back says nothing of who has answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from survey import room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.views import bp
from survey.models import Round
from survey.services import bounces, rounds

#: addresses that are not on the list are quoted, so many at most
MOST_QUOTED = 20


class AddressesForm(FlaskForm):
    """Addresses, one a line."""

    addresses = TextAreaField(
        _l("Addresses from which mail came back to you"),
        description=_l("One a line, as they stand on the staff list. No more mail goes to them."),
        validators=[DataRequired(_l("Write at least one address."))],
    )


@dataclass(frozen=True, slots=True)
class Line:
    """An address, its school, and why mail does not reach it."""

    invitation_id: str
    email: str
    school: str
    why: str


@bp.route("/rounds/<round_id>/invitations/unreachable", methods=["GET", "POST"])
@requires("leader")
def show_unreachable(round_id: str) -> str | Response | tuple[str, int]:
    """The addresses that mail does not reach; add those that the leader knows of."""
    round_ = _open_or_404(round_id)
    form = AddressesForm()
    if not form.is_submitted():
        return _page(round_, form)
    if not form.validate():
        return _page(round_, form, form.addresses.errors)
    typed = [line.strip() for line in form.addresses.data.splitlines() if line.strip()]
    if len(typed) > bounces.MOST_ADDRESSES:
        most = bounces.MOST_ADDRESSES
        return _page(round_, form, [_("Write at most %(n)s addresses at once.", n=most)])
    begin_writing(db.session)
    round_ = _open_or_404(round_id)
    named = bounces.name(db.session, round_, typed, by=room.account(), now=room.now())
    db.session.commit()
    if named.unknown:
        form.addresses.data = "\n".join(named.unknown)
        return _page(round_, form, _not_listed(named))
    flash(ngettext("%(num)d address was added.", "%(num)d addresses were added.", named.new))
    return redirect(url_for(".show_unreachable", round_id=round_id), 303)


@bp.post("/rounds/<round_id>/invitations/unreachable/<invitation_id>/again")
@requires("leader")
def try_address_again(round_id: str, invitation_id: str) -> Response:
    """Let an address be written to again as it is."""
    _open_or_404(round_id)
    begin_writing(db.session)
    round_ = _open_or_404(round_id)
    by, now = room.account(), room.now()
    if bounces.try_again(db.session, round_, invitation_id, by=by, now=now):
        db.session.commit()
        flash(_("This address is written to again: send the invitations to begin with."))
    return redirect(url_for(".show_unreachable", round_id=round_id), 303)


def _open_or_404(round_id: str) -> Round:
    round_ = room.get_round_or_404(round_id)
    if round_.mode != "confidential" or rounds.state(round_, room.now()) == "closed":
        abort(404)
    return round_


def _page(round_: Round, form: AddressesForm, faults: Sequence[str] = ()) -> str | tuple[str, int]:
    form.addresses.errors = list(faults)
    page = render_template(
        "lead/unreachable.html",
        round=round_,
        line=room.line(round_),
        form=form,
        button=room.ConfirmForm(),
        errors=[{"message": text, "target": "addresses"} for text in faults],
        lines=[_line(each) for each in bounces.of(db.session, round_)],
        simulated=round_.simulated,
    )
    return (page, 422) if faults else page


def _not_listed(named: bounces.Named) -> list[str]:
    """What is not on the list, quoted; the rest was added."""
    quoted = ", ".join(f"“{typed}”" for typed in named.unknown[:MOST_QUOTED])
    more = len(named.unknown) - MOST_QUOTED
    if more > 0:
        quoted = _("%(addresses)s and %(n)s more", addresses=quoted, n=more)
    return [
        _(
            "Not on the staff list: %(addresses)s. Write them as they stand there. The others were "
            "added.",
            addresses=quoted,
        )
        if named.new or named.known
        else _(
            "Not on the staff list: %(addresses)s. Write them as they stand there.",
            addresses=quoted,
        )
    ]


def _line(each: bounces.Unreachable) -> Line:
    return Line(each.invitation_id, each.email, each.school or _("The centre"), _why(each.code))


def _why(code: str) -> str:
    status = code.rpartition(" ")[2]
    if code == bounces.TOLD:
        return _("as you said")
    if status.startswith("5.2."):
        return _("the mailbox takes no mail (%(code)s)", code=code)
    if status.startswith("5.4."):
        return _("there is no way to that mail server (%(code)s)", code=code)
    return _("there is no such address (%(code)s)", code=code)
