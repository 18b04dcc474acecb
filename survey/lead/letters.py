"""The letters to staff: what only the organisation can say, and the letters as they stand."""

from typing import Any

from flask import abort, render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from survey import i18n, letters, locales, room
from survey.account import requires
from survey.database import db
from survey.lead import editing
from survey.lead.organisation import Page
from survey.lead.setup_steps import StepPage, Values, edit
from survey.lead.views import bp
from survey.models import Round
from survey.services import languages, lettering

#: fact -> (its name on the page, what to write)
FACTS = {
    "contact": (_l("Whom staff can ask"), _l("A name or an office, and how to reach them.")),
    "signed": (_l("Who signs the letter"), _l("Name and office.")),
    "council": (
        _l("Staff representatives"),
        _l("How unions or a works council were heard. Left out where it is empty."),
    ),
    "note": (_l("A sentence of your own"), _l("Why you ask now. Left out where it is empty.")),
    "controller": (_l("Data controller"), _l("The organisation's legal name and address.")),
    "officer": (_l("Data protection officer"), _l("How to reach them.")),
    "basis": (_l("Legal basis"), _l("As whoever advises you on data protection puts it.")),
    "authority": (
        _l("Complaints"),
        _l("A sentence that names the authority to which staff can complain."),
    ),
}


def _form(round_: Round, **values: Any) -> editing.EditForm:
    fields = {
        name: TextAreaField(label, description=about) for name, (label, about) in FACTS.items()
    }
    form_class = type("LettersForm", (editing.EditForm,), fields)
    saved = {name: round_.letters.get(name, "") for name in FACTS}
    form: editing.EditForm = form_class(data=saved, **values)
    return form


def _save(round_: Round, form: Any, whom: Values) -> None:
    typed = {name: form[name].data or "" for name in FACTS}
    lettering.save(db.session, round_, typed, **whom)


def _shows(round_: Round, _form: Any) -> dict[str, Any]:
    return {
        "names": list(FACTS),
        "letters": [
            {"code": code, "name": name, "gaps": write(room.link(round_)).gaps}
            for code, name, write in _writers(round_)
        ],
    }


def _writers(round_: Round) -> list[tuple[str, Any, Any]]:
    return [
        (code, name, lambda link, write=write: write(round_, link))
        for code, (name, write) in letters.LETTERS.items()
    ]


LETTERS = StepPage("letters", _form, _save, "letters", _shows)


@bp.route("/rounds/<round_id>/setup/letters", methods=["GET", "POST"])
@requires("leader")
def set_letters(round_id: str) -> Page:
    """What only the organisation can say; the letters with it."""
    return edit(round_id, LETTERS)


@bp.get("/rounds/<round_id>/letters/<letter>")
@requires("leader")
def show_letter(round_id: str, letter: str) -> str:
    """A letter on a page that can be printed."""
    round_ = room.get_round_or_404(round_id)
    locale, spoken = _language(round_)
    written = _written(round_, letter, locale)
    return render_template(
        "lead/letter.html",
        round=round_,
        line=room.line(round_),
        code=letter,
        name=letters.LETTERS[letter][0],
        letter=written,
        locale=locale,
        letter_dir=locales.direction(locale),
        spoken=[{"code": code, "name": locales.name_of(code)} for code in spoken],
        simulated=round_.simulated,
    )


@bp.get("/rounds/<round_id>/letters/<letter>.txt")
@requires("leader")
def download_letter(round_id: str, letter: str) -> Response:
    """A letter as plain text."""
    round_ = room.get_round_or_404(round_id)
    locale, _spoken = _language(round_)
    written = _written(round_, letter, locale)
    with i18n.speaking(locale):
        text = letters.as_text(written)
    name = secure_filename(f"{round_.organisation.short_name} {round_.name} {letter}").lower()
    response = Response(text, mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="{name or letter}.txt"'
    return response


def _language(round_: Round) -> tuple[str, tuple[str, ...]]:
    """The language that the address asks for, and those that staff may choose."""
    spoken = languages.spoken(round_, i18n.translations_dir())
    asked = request.args.get(i18n.FIELD, "")
    if asked in spoken:
        return asked, spoken
    return round_.locale if round_.locale in spoken else spoken[0], spoken


def _written(round_: Round, letter: str, locale: str) -> letters.Letter:
    if letter not in letters.LETTERS:
        abort(404)
    with i18n.speaking(locale):
        return letters.LETTERS[letter][1](round_, room.link(round_))
