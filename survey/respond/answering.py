"""Pages with questions: role and school, one section a page, and the last look before sending."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError

from instruments.definition import Instrument
from instruments.routing import Page
from survey.database import db
from survey.marked import N_
from survey.respond import forms, language
from survey.respond.arriving import SECONDS_AN_ITEM, next_address
from survey.respond.visit import (
    bp,
    draft_of_device,
    log,
    no_token,
    utc_now,
    with_draft,
    with_place,
)
from survey.services import answers, rounds


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a person is: ``marks`` holds "done", "here" or "" for each section."""

    number: int
    of: int
    minutes_left: int
    marks: tuple[str, ...]


@bp.route("/you", methods=["GET", "POST"])
@with_draft
def place() -> Any:
    """Role and school."""
    instrument = rounds.instrument_of(g.round)
    words = language.words()
    schools = rounds.schools_of(db.session, g.round)
    if not (instrument.roles or schools):
        return redirect(next_address(), 303)
    form = forms.place_form(instrument, schools, words)(
        data={"role": g.draft.role, "school": g.draft.school_id or ""}
    )
    errors: list[dict[str, str]] = []
    if form.is_submitted():
        errors = _check_place(form, instrument)
        if not errors:
            school_id = form["school"].data or None if "school" in form else None
            answers.set_place(
                db.session, g.round, g.draft, role=_role_in(form), school_id=school_id, now=g.now
            )
            db.session.commit()
            is_switch = language.switch_from_form()
            return redirect(url_for("respond.place") if is_switch else next_address(), 303)
        if language.switch_from_form():  # half a form is no mistake yet: it is shown once more
            errors = []
            for field in form:
                field.errors = ()
    role_section = instrument.item(instrument.role_item).section if instrument.role_item else ""
    page = render_template(
        "respond/place.html",
        form=form,
        errors=errors,
        section=_section_words(words, role_section),
        central=[forms.role_words(words, role) for role in instrument.central_roles],
    )
    return page, 422 if errors else 200


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


def _section_words(words: Any, section: str) -> dict[str, str]:
    """Title and introduction of a section, filled; empty where the instrument has none."""
    found = words.text.sections.get(section, {})
    return {key: words.fill(found.get(key, "")) for key in ("title", "intro")}


@bp.route("/s/<section>", methods=["GET", "POST"])
@with_place
def section(section: str) -> Any:
    """One page of questions."""
    pages = answers.pages(g.round, g.draft)
    number = next((i for i, page in enumerate(pages) if page.section == section), None)
    if number is None:
        if request.method == "POST":
            raise answers.RefusedError(N_("That page is not part of your survey."))
        abort(404)
    page = pages[number]
    if request.method == "POST":
        _save(page, _form_class(page)())
        db.session.commit()
        return redirect(_after(page, pages, number), 303)
    saved = {forms.field_name(code): g.draft.answers.get(code) for code in page.items}
    return _show(pages, number, _form_class(page)(data=saved))


def _form_class(page: Page) -> type[FlaskForm]:
    instrument, words = rounds.instrument_of(g.round), language.words()
    return forms.page_form(instrument, page.items, words)


def _show(
    pages: tuple[Page, ...],
    number: int,
    form: FlaskForm,
    *,
    errors: Sequence[dict[str, str]] = (),
) -> str:
    page = pages[number]
    return render_template(
        "respond/section.html",
        form=form,
        errors=errors,
        questions=forms.questions(form, page.items),
        section=_section_words(language.words(), page.section),
        progress=_progress(pages, number),
    )


@bp.errorhandler(CSRFError)
def show_missing_token(_error: CSRFError) -> Any:
    """A form without its token is not saved.

    A browser may have dropped the token's cookie while the page was open, and kept the words (which
    no other site can make it send along): then the page is shown again with what was chosen.
    """
    log.warning("refused: a form without its token")
    g.round = rounds.by_link(db.session, g.link)
    if g.round is None:
        abort(404)
    g.now = utc_now()
    g.draft = draft_of_device() if rounds.state(g.round, g.now) == "open" else None
    code = (request.view_args or {}).get("section")
    pages = answers.pages(g.round, g.draft) if g.draft is not None else ()
    number = next((i for i, page in enumerate(pages) if page.section == code), None)
    if number is None:
        return no_token()
    again = _("This page was open for too long and is not saved yet. Please save it once more.")
    errors = [{"message": again, "target": ""}]
    return _show(pages, number, _form_class(pages[number])(), errors=errors), 422


def _save(page: Page, form: FlaskForm) -> None:
    """Check what came with the page, then save it whole or not at all."""
    expected = {forms.field_name(code): code for code in page.items}
    for name, values in request.form.lists():
        if name not in forms.OWN_FIELDS and name not in expected:
            raise answers.RefusedError(
                N_("That question is not on this page of your survey."),
                item=_known_item(name.removeprefix(forms.PREFIX)),
            )
        if len(values) > 1:
            raise answers.RefusedError(
                N_("A question was answered twice over."), item=expected.get(name, "")
            )
    if not form.validate():
        wrong = [code for name, code in expected.items() if name in form.errors]
        raise answers.RefusedError(
            N_("That answer is not one of the choices."), item=wrong[0] if wrong else ""
        )
    clear = request.form.get("clear")
    answers.save_page(
        db.session,
        g.round,
        g.draft,
        section=page.section,
        given=forms.given(form, page.items),
        clear=[clear] if clear else (),
        is_done=_direction() == "on",
        now=g.now,
    )


def _known_item(code: str) -> str:
    return code if code in rounds.instrument_of(g.round).items_by_code else ""


def _direction() -> str:
    """Where the pressed button leads: "on", "back", or "stay".

    One stays after an answer was taken back, and after the language was changed.
    """
    if request.form.get("clear") or language.switch_from_form():
        return "stay"
    return "back" if request.form.get("go") == "back" else "on"


def _after(page: Page, pages: tuple[Page, ...], number: int) -> str:
    direction = _direction()
    if direction == "stay":
        clear = request.form.get("clear")
        anchor = forms.field_name(clear) if clear else None
        return url_for("respond.section", section=page.section, _anchor=anchor)
    if direction == "back":
        if number:
            return url_for("respond.section", section=pages[number - 1].section)
        asks_place = answers.needs_place(db.session, g.round)
        return url_for("respond.place" if asks_place else "respond.front")
    pages = answers.pages(g.round, g.draft)  # an answer may have opened or closed a later page
    if answers.first_open_page(g.round, g.draft) is None:
        return url_for("respond.review")
    later = [p.section for p in pages][[p.section for p in pages].index(page.section) + 1 :]
    return url_for("respond.section", section=later[0]) if later else url_for("respond.review")


def _progress(pages: tuple[Page, ...], number: int) -> Progress:
    done = set(g.draft.pages)
    left = sum(len(page.items) for page in pages[number:] if page.section not in done)
    marks = tuple(
        "here" if i == number else "done" if page.section in done else ""
        for i, page in enumerate(pages)
    )
    return Progress(
        number=number + 1,
        of=len(pages),
        minutes_left=ceil(left * SECONDS_AN_ITEM / 60),
        marks=marks,
    )


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
            "title": _section_words(words, page.section)["title"],
            "answered": sum(code in given for code in page.items),
            "asked": len(page.items),
            "is_seen": page.section in g.draft.pages,
        }
        for page in answers.pages(g.round, g.draft)
    ]
    return render_template(
        "respond/review.html",
        form=forms.ButtonForm(),
        rows=rows,
        unseen=sum(not row["is_seen"] for row in rows),
        place=_place_words(words),
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
    answers.send(db.session, g.round, g.draft, now=g.now)
    db.session.commit()
    return redirect(url_for("respond.thanks"), 303)
