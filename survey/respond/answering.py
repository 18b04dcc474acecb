"""Before and after the questions: role and school, and the last look before sending."""

from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from instruments.definition import Instrument
from survey import cookies
from survey.database import db
from survey.respond import forms, language
from survey.respond.arriving import next_address
from survey.respond.visit import bp, section_words, with_draft, with_place
from survey.services import answers, drafts, entry_codes, rounds


@bp.route("/you", methods=["GET", "POST"])
@with_draft
def place() -> Any:
    """Role and school."""
    instrument = rounds.instrument_of(g.round)
    words = language.words()
    schools = rounds.schools_of(db.session, g.round)
    if not (instrument.roles or schools):
        return redirect(next_address(), 303)
    if not g.is_own and drafts.has_place(db.session, g.round, g.draft):
        return redirect(url_for("respond.resume"), 303)
    form = forms.place_form(instrument, schools, words)(
        data={"role": g.draft.role, "school": g.draft.school_id or _school_of_poster()}
    )
    errors: list[dict[str, str]] = []
    if form.is_submitted():
        errors = _check_place(form, instrument)
        if not errors:
            school_id = form["school"].data or None if "school" in form else None
            drafts.set_place(
                db.session, g.round, g.draft, role=_role_in(form), school_id=school_id, now=g.now
            )
            db.session.commit()
            stays = language.switch_from_form() and g.is_own
            return redirect(url_for("respond.place") if stays else next_address(), 303)
        if language.switch_from_form():  # half a form is no mistake yet: it is shown once more
            errors = []
            for field in form:
                field.errors = ()
    role_section = instrument.item(instrument.role_item).section if instrument.role_item else ""
    page = render_template(
        "respond/place.html",
        form=form,
        errors=errors,
        section=section_words(words, role_section),
        central=[forms.role_words(words, role) for role in instrument.central_roles],
    )
    return page, 422 if errors else 200


def _school_of_poster() -> str:
    """The school whose poster led here, so that it need not be looked for; empty without one."""
    code = cookies.unsealed(request.cookies.get(cookies.CODE, ""))
    school = entry_codes.school_of(db.session, g.round, code) if code else None
    return "" if school in (None, entry_codes.CENTRE) else str(school)


def _check_place(form: FlaskForm, instrument: Instrument) -> list[dict[str, str]]:
    """What is wrong with a sent form, each line with the id of the field that it is about."""
    form.validate()
    if "school" in form and "role" not in form.errors:
        is_central = _role_in(form) in instrument.central_roles
        if not (is_central or form["school"].data or form["school"].errors):
            form["school"].errors = [_("Choose your school.")]
    first_role = instrument.roles[0] if instrument.roles else ""
    targets = {"role": f"role-{first_role}", "school": "school"}
    return [
        {"message": str(message), "target": target}
        for name, target in targets.items()
        if name in form
        for message in form[name].errors
    ]


def _role_in(form: FlaskForm) -> str:
    return str(form["role"].data or "") if "role" in form else ""


@bp.get("/review")
@with_place
def review() -> str:
    """What has been answered, before it is sent."""
    return _review(errors=[])


def _review(*, errors: list[dict[str, str]]) -> str:
    words = language.words()
    given = answers.answered(g.round, g.draft)
    rows = [
        {
            "section": page.section,
            "title": section_words(words, page.section)["title"],
            "answered": sum(code in given or code in g.draft.written for code in page.items),
            "asked": len(page.items),
            "is_seen": page.section in g.draft.pages,
        }
        for page in answers.pages(g.round, g.draft, is_own=g.is_own)
    ]
    return render_template(
        "respond/review.html",
        form=forms.ButtonForm(),
        rows=rows,
        unseen=sum(not row["is_seen"] for row in rows),
        place=_place_words(words) if g.is_own else {},
        is_sent=g.draft.sent,
        errors=errors,
    )


def _place_words(words: Any) -> dict[str, str]:
    schools = rounds.schools_of(db.session, g.round)
    return {
        "role": forms.role_words(words, g.draft.role) if g.draft.role else "",
        "school": next((s.name for s in schools if s.school_id == g.draft.school_id), ""),
    }


@bp.post("/send")
@with_place
def send() -> Any:
    """Send the answers; sending again shows the same thanks."""
    if not answers.answered(g.round, g.draft):
        nothing = _("You have not answered any question yet. Answer at least one, then send.")
        return _review(errors=[{"message": nothing, "target": ""}]), 422
    drafts.send(db.session, g.round, g.draft, now=g.now)
    db.session.commit()
    return redirect(url_for("respond.thanks"), 303)
