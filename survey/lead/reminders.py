"""Days on which reminders are sent by themselves, and what they will say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, FieldList, SelectField
from wtforms.validators import Optional

from survey import i18n, messages, room, sending
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.views import bp
from survey.models import Round
from survey.services import mailings, reminders, rounds
from survey.services.mailings import MailingError
from survey.services.reminders import PlanError, Planned

#: why a planned reminder was not sent
SKIPPED = {
    "missed": _l("not sent: the program was not running at that time"),
    "too soon": _l("not sent: another one was sent less than a day before"),
    "not invited": _l("not sent: some people had not been sent an invitation"),
    "nobody": _l("not sent: there was nobody on the staff list"),
    "not open": _l("not sent: the round was not open"),
}
#: what is wrong with a day
PROBLEMS = {
    "twice": _l("This day stands here twice: choose another, or leave it empty."),
    "past": _l("This moment is past: choose a later day, or leave it empty."),
    "not open": _l("The round is not open then: choose a day from %(opens)s on."),
    "closed": _l("The round has closed by then: choose a day up to %(closes)s."),
}
NOT_A_DAY = _l("This is not a date: choose it again, or leave it empty.")


class PlanForm(FlaskForm):
    """Up to five days and one hour."""

    days = FieldList(
        DateField(validators=[Optional()]), min_entries=reminders.MOST, max_entries=reminders.MOST
    )
    hour = SelectField(_l("Hour of the day"), coerce=int)

    def errors_to_mend(self) -> list[dict[str, str]]:
        """What is wrong, each with the field it belongs to."""
        for field in self.days:
            if field.process_errors:
                field.errors = [str(NOT_A_DAY)]
        if self.hour.errors:
            self.hour.errors = [_("Choose one of the hours.")]
        return [
            {"message": f"{field.label.text}: {text}", "target": field.id}
            for field in (*self.days, self.hour)
            for text in field.errors
        ]


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """A planned reminder in words."""

    day: str
    state: str


@bp.route("/rounds/<round_id>/invitations/reminders", methods=["GET", "POST"])
@requires("leader")
def plan_reminders(round_id: str) -> str | Response | tuple[str, int]:
    """Choose the days of reminders; read what they say and to how many they go."""
    round_ = _open_or_404(round_id)
    form = _form(round_)
    if not form.is_submitted():
        return _page(round_, form)
    if not form.validate():
        return _page(round_, form, form.errors_to_mend())
    begin_writing(db.session)
    round_ = _open_or_404(round_id)
    chosen = [(place, field.data) for place, field in enumerate(form.days) if field.data]
    moments = [reminders.at(day, form.hour.data, zone=zone_of(round_)) for _place, day in chosen]
    try:
        reminders.plan(db.session, round_, moments, by=room.account(), now=room.now())
    except PlanError as error:
        db.session.rollback()
        for fault in error.faults:
            field = form.days[chosen[fault.place][0]]
            field.errors = [str(PROBLEMS[fault.problem]) % _window(round_)]
        return _page(round_, form, form.errors_to_mend())
    except MailingError:  # it closed meanwhile
        db.session.rollback()
        flash(_("The round has closed."))
    else:
        db.session.commit()
        n = len(moments)
        flash(
            ngettext("%(num)d reminder is planned.", "%(num)d reminders are planned.", n)
            if n
            else _("No reminder is planned.")
        )
    return redirect(url_for(".show_invitations", round_id=round_id), 303)


def lines(round_: Round) -> list[ReminderLine]:
    """What is planned in a round and what became of it, for the page of its mail."""
    zone = zone_of(round_)
    return [
        ReminderLine(_moment(each.due_at, zone), _state(each, zone))
        for each in reminders.of(db.session, round_)
    ]


def zone_of(round_: Round) -> ZoneInfo:
    """Where the hours of a round's days are counted."""
    return ZoneInfo(round_.organisation.time_zone)


def _open_or_404(round_id: str) -> Round:
    round_ = room.get_round_or_404(round_id)
    if round_.mode != "confidential" or rounds.state(round_, room.now()) == "closed":
        abort(404)
    return round_


def _form(round_: Round) -> PlanForm:
    """What is planned; before anything was, the days that are suggested."""
    zone, now = zone_of(round_), room.now()
    planned = reminders.of(db.session, round_)
    to_come = [each.due_at.astimezone(zone) for each in planned if each.state == "to come"]
    hour = to_come[0].hour if to_come else reminders.HOUR
    days: Sequence[date] = [at.date() for at in to_come if at > now]
    if not planned:
        days = reminders.suggested(round_, zone=zone, now=now)
    empty = [None] * (reminders.MOST - len(days))
    form = PlanForm(data={"days": [*days[: reminders.MOST], *empty], "hour": hour})
    form.hour.choices = [(n, f"{n:02}:00") for n in range(24)]
    for number, field in enumerate(form.days, start=1):
        field.label.text = _("Day %(n)s", n=number)
    return form


def _page(
    round_: Round, form: PlanForm, errors: Sequence[dict[str, str]] = ()
) -> str | tuple[str, int]:
    settings = current_app.extensions["midtier_settings"]
    with i18n.speaking(round_.locale):
        head = sending.letterhead(settings, round_, "reminder", asked_at=room.now())
        link = f"{settings.public_url.rstrip('/')}/i/…"
        subject, text = messages.preview(head, link=link)
    page = render_template(
        "lead/reminders.html",
        round=round_,
        line=room.line(round_),
        form=form,
        errors=list(errors),
        zone=str(zone_of(round_)),
        subject=subject,
        text=text,
        people=mailings.count_recipients(db.session, round_, "reminder"),
        simulated=round_.simulated,
    )
    return (page, 422) if errors else page


def _window(round_: Round) -> dict[str, str]:
    zone = zone_of(round_)
    return {
        "opens": i18n.day(round_.opens_at.astimezone(zone)),
        "closes": i18n.day(round_.closes_at.astimezone(zone)),
    }


def _moment(at: datetime, zone: ZoneInfo) -> str:
    there = at.astimezone(zone)
    return _("%(day)s, %(time)s %(zone)s", day=i18n.day(there), time=f"{there:%H:%M}", zone=zone)


def _state(planned: Planned, zone: ZoneInfo) -> str:
    if planned.state == "skipped":
        return str(SKIPPED.get(planned.skipped, SKIPPED["missed"]))
    if planned.sent_at is not None:
        return _("sent (%(when)s)", when=_moment(planned.sent_at, zone))
    return _("to come")
