"""Consent to researchers, in the leader's room: who sees what of a round, and until when."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from survey import i18n, room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.views import bp
from survey.models import Account, Consent, Round
from survey.services import consents


class ConsentForm(FlaskForm):
    """To whom, and until when."""

    researcher = SelectField(
        _l("Researcher"),
        validate_choice=False,
    )
    until = DateField(
        _l("Until the end of this day (UTC)"),
        description=_l("You can take your consent back at any time before."),
        validators=[InputRequired(_l("Choose the last day."))],
    )

    def __init__(self, *, people: list[Account]) -> None:
        super().__init__()
        self.researcher.choices = [
            SelectChoice(person.reference, f"{person.name} ({person.email})") for person in people
        ]

    def validate_researcher(self, field: SelectField) -> None:
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_("Choose a researcher from the list."))

    def validate_until(self, field: DateField) -> None:
        if field.data is not None and field.data < room.now().date():
            raise ValidationError(_("This day has passed. Choose today or a later day."))

    def errors_to_mend(self) -> list[dict[str, str]]:
        """What is wrong, each with the field it belongs to."""
        if self.until.process_errors and self.until.raw_data != [""]:
            self.until.errors = [_("The day is not a date. Choose it again.")]
        found = []
        for field in (self.researcher, self.until):
            found += [{"message": str(text), "target": field.id} for text in field.errors]
        return found


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A consent as the page shows it."""

    consent_id: str
    researcher: str
    given_on: str
    until: str
    is_current: bool
    #: the day on which it was taken back, in words
    ended_on: str


@bp.route("/rounds/<round_id>/consents", methods=["GET", "POST"])
@requires("leader")
def show_consents(round_id: str) -> str | Response | tuple[str, int]:
    """Who may see the round's validation report, and until when; let another researcher see it."""
    round_ = room.get_round_or_404(round_id)
    people = list(consents.researchers(db.session, round_))
    form = ConsentForm(people=people)
    if not form.is_submitted():
        return _page(round_, form)
    if not form.validate():
        return _page(round_, form, errors=form.errors_to_mend()), 422
    return _give(round_id, form.researcher.data, form.until.data)


def _give(round_id: str, reference: str, until: date) -> Response:
    begin_writing(db.session)
    try:
        consents.give(
            db.session,
            room.get_round_or_404(round_id),
            db.session.scalars(sa.select(Account).filter_by(reference=reference)).one(),
            until=until,
            by=room.account(),
            now=room.now(),
        )
    except consents.ConsentError:  # the account changed since the page was opened
        db.session.rollback()
        flash(_("That was not saved: the account has changed meanwhile. Look again."))
    else:
        db.session.commit()
        flash(_("Saved."))
    return redirect(url_for(".show_consents", round_id=round_id))


@bp.post("/rounds/<round_id>/consents/<consent_id>/end")
@requires("leader")
def end_consent(round_id: str, consent_id: str) -> Response:
    """Take a consent back."""
    round_ = room.get_round_or_404(round_id)
    begin_writing(db.session)
    consent = db.session.get(Consent, consent_id)
    if consent is None or consent.round_id != round_.round_id:
        abort(404)
    consents.end(db.session, consent, by=room.account(), now=room.now())
    db.session.commit()
    flash(_("Your consent is taken back. The researcher sees nothing more of this round."))
    return redirect(url_for(".show_consents", round_id=round_id))


def _page(round_: Round, form: ConsentForm, *, errors: list[dict[str, str]] | None = None) -> str:
    return render_template(
        "lead/consents.html",
        round=round_,
        line=room.line(round_),
        form=form,
        button=room.ConfirmForm(),
        errors=errors or [],
        consents=[_line(consent) for consent in consents.of(db.session, round_)],
        simulated=round_.simulated,
    )


def _line(consent: Consent) -> ConsentLine:
    person = consent.account
    return ConsentLine(
        consent_id=consent.consent_id,
        researcher=f"{person.name} ({person.email})",
        given_on=i18n.day(consent.given_at),
        until=i18n.day(consent.until),
        is_current=consents.is_current(consent, room.now()),
        ended_on=i18n.day(consent.ended_at) if consent.ended_at else "",
    )
