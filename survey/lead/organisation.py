"""The organisation in the leader's room: what it says of itself, its words, its schools."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from survey import i18n, locales, room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead import editing
from survey.lead.views import bp
from survey.models import Organisation, School
from survey.services import clock, organisations, school_changes
from survey.services.saving import NotSavedError

Page = str | Response | tuple[str, int]

KINDS = {
    "trust": _l("Multi-academy trust"),
    "district": _l("School district"),
    "charter": _l("Charter network"),
    "authority": _l("Local authority"),
    "support": _l("Support organisation"),
    "other": _l("Something else"),
}
#: term of a locale pack -> what it stands for, where its name does not say it
TERMS = {
    "hub": _l("The team in the middle"),
    "centre": _l("The middle, as a place"),
    "threat": _l("What weak results might lead to"),
}


class DetailsForm(editing.EditForm):
    """What an organisation says of itself."""

    name = StringField(_l("Name"), description=_l("In full, as it stands on the profile."))
    short_name = StringField(
        _l("Short name"),
        description=_l("As staff say it, and as it stands in a question: “Harbour Reach has …”."),
    )
    kind = SelectField(_l("Kind"), validate_choice=False)
    country = SelectField(_l("Country"), validate_choice=False)
    locale = SelectField(
        _l("Language"),
        description=_l("Of these pages, and of new rounds. A round may offer staff more."),
        validate_choice=False,
    )
    time_zone = SelectField(
        _l("Time zone"),
        description=_l("Rounds open and close by its clocks, and times are shown in it."),
        validate_choice=False,
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        here = i18n.locale_code()
        self.kind.choices = [SelectChoice(code, name) for code, name in KINDS.items()]
        named = sorted(organisations.countries(_language(here)).items(), key=lambda pair: pair[1])
        self.country.choices = [SelectChoice(code, name) for code, name in named]
        self.locale.choices = [
            SelectChoice(code, locales.name_of(code)) for code in organisations.locales()
        ]
        zones = [SelectChoice(name, name.replace("_", " ")) for name in clock.zones()]
        self.time_zone.choices = [SelectChoice("", _("The country's own")), *zones]


class SchoolsForm(FlaskForm):
    names = TextAreaField(
        _l("Schools to add"), description=_l("One a line. A school that is listed stays as it is.")
    )


class SchoolForm(FlaskForm):
    name = StringField(_l("Name"), description=_l("It changes in rounds that are there too."))


def _language(locale: str) -> str:
    """A locale whose country names Babel has."""
    return str(locales.babel_locale(locale)).replace("_", "-")


@bp.before_request
def name_it_first() -> Response | None:
    """Lead the first leader of an organisation without a name to the page that asks for it."""
    is_there = request.endpoint == "lead.show_organisation"
    if is_there or not (current_user.is_authenticated and current_user.has_role("leader")):
        return None
    if organisations.is_named(current_user.organisation):
        return None
    return redirect(url_for("lead.show_organisation"))


def own() -> Organisation:
    """The signed-in leader's organisation."""
    organisation: Organisation = db.session.get_one(Organisation, current_user.organisation_id)
    return organisation


@bp.route("/organisation", methods=["GET", "POST"])
@requires("leader")
def show_organisation() -> Page:
    """What the organisation says of itself; the first page of its first leader."""
    form = DetailsForm(data=_details(own()))
    is_new = not organisations.is_named(own())
    if not form.is_submitted():
        return _organisation_page(editing.opened(form, own().revision), is_new=is_new)
    begin_writing(db.session)
    found = own()
    saved = DetailsForm(formdata=None, data=_details(found))
    if differences := editing.meet(form, saved, found.revision):
        return _organisation_page(form, differences=differences), 409
    details = organisations.Details(
        **{name: getattr(form, name).data or "" for name in _details(found)}
    )
    try:
        organisations.save(
            db.session,
            found,
            details,
            revision=found.revision,
            by=room.account(),
            now=room.now(),
        )
    except NotSavedError as error:
        db.session.rollback()
        editing.take_faults(form, error)
        return _organisation_page(form, is_new=is_new), 422
    db.session.commit()
    flash(_("Saved."))
    return redirect(url_for(".index" if is_new else ".show_organisation"), 303)


def _details(organisation: Organisation) -> dict[str, str]:
    is_new = not organisations.is_named(organisation)
    return {
        "name": organisation.name,
        "short_name": organisation.short_name,
        "kind": "trust" if is_new else organisation.kind,
        "country": organisation.country,
        "locale": organisation.locale,
        "time_zone": "" if is_new else organisation.time_zone,
    }


def _organisation_page(form: DetailsForm, *, differences: Any = (), is_new: bool = False) -> str:
    return render_template(
        "lead/organisation.html",
        form=form,
        is_new=is_new,
        differences=differences,
        errors=editing.errors_of(form),
        n_schools=len([s for s in organisations.schools(db.session, own()) if not s.closed_at]),
        n_words=len(own().words),
    )


# --- words ---------------------------------------------------------------------------------------


def _words_form(organisation: Organisation, **values: Any) -> editing.EditForm:
    fields = {
        word.name: StringField(
            str(TERMS.get(word.name, word.about or word.name)),
            description=_("Left empty: “%(word)s”.", word=word.default),
        )
        for word in organisations.words(organisation)
    }
    own_words = {word.name: word.own for word in organisations.words(organisation)}
    form_class = type("WordsForm", (editing.EditForm,), fields)
    form: editing.EditForm = form_class(data=own_words, **values)
    return form


@bp.route("/organisation/words", methods=["GET", "POST"])
@requires("leader")
def set_organisation_words() -> Page:
    """The organisation's own words, in the place of its country's."""
    form = _words_form(own())
    if not form.is_submitted():
        return _words_page(editing.opened(form, own().revision))
    begin_writing(db.session)
    found = own()
    saved = _words_form(found, formdata=None)
    if differences := editing.meet(form, saved, found.revision):
        return _words_page(form, differences=differences), 409
    try:
        organisations.save_words(
            db.session,
            found,
            {word.name: form[word.name].data or "" for word in organisations.words(found)},
            revision=found.revision,
            by=room.account(),
            now=room.now(),
        )
    except NotSavedError as error:
        db.session.rollback()
        editing.take_faults(form, error)
        return _words_page(form), 422
    db.session.commit()
    flash(_("Saved. New rounds use these words."))
    return redirect(url_for(".show_organisation"), 303)


def _words_page(form: editing.EditForm, *, differences: Any = ()) -> str:
    return render_template(
        "lead/organisation_words.html",
        form=form,
        names=[word.name for word in organisations.words(own())],
        differences=differences,
        errors=editing.errors_of(form),
    )


# --- schools -------------------------------------------------------------------------------------


@bp.route("/organisation/schools", methods=["GET", "POST"])
@requires("leader")
def list_schools() -> Page:
    """The organisation's schools; add some."""
    form = SchoolsForm()
    if form.is_submitted() and form.validate():
        begin_writing(db.session)
        try:
            added = organisations.add_schools(
                db.session,
                own(),
                (form.names.data or "").splitlines(),
                by=room.account(),
                now=room.now(),
            )
        except NotSavedError as error:
            db.session.rollback()
            form.names.errors = [_of_school(fault) for fault in error.faults]
        else:
            db.session.commit()
            flash(ngettext("One school was added.", "%(num)s schools were added.", added))
            return redirect(url_for(".list_schools"), 303)
    page = render_template(
        "lead/schools.html",
        form=form,
        errors=editing.errors_of(form),
        schools=organisations.schools(db.session, own()),
    )
    return page, 422 if form.errors else 200


def _of_school(fault: Any) -> str:
    name = fault.about.get("school", "")
    said = editing.sentence(fault)
    return _("“%(school)s”: %(what)s", school=name, what=said) if name else said


@bp.route("/organisation/schools/<school_id>", methods=["GET", "POST"])
@requires("leader")
def edit_school(school_id: str) -> Page:
    """Rename a school, close it, open it again."""
    school = _school_or_404(school_id)
    form = SchoolForm(data={"name": school.name})
    if form.is_submitted() and form.validate():
        begin_writing(db.session)
        school = _school_or_404(school_id)
        try:
            _change_school(school, form)
        except NotSavedError as error:
            db.session.rollback()
            editing.take_faults(form, error)
        else:
            db.session.commit()
            flash(_("Saved."))
            return redirect(url_for(".list_schools"), 303)
    page = render_template(
        "lead/school.html", form=form, errors=editing.errors_of(form), school=school
    )
    return page, 422 if form.errors else 200


def _change_school(school: School, form: SchoolForm) -> None:
    whom = {"by": room.account(), "now": room.now()}
    do = request.form.get("do")
    if do == "close":
        organisations.close_school(db.session, school, **whom)
    elif do == "reopen":
        organisations.reopen_school(db.session, school, **whom)
    else:
        school_changes.rename(db.session, school, form.name.data or "", **whom)


def _school_or_404(school_id: str) -> School:
    school = db.session.get(School, school_id)
    if school is None or school.organisation_id != current_user.organisation_id:
        abort(404)
    return school
