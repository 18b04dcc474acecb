"""The pages of the steps: each shows what is saved, takes what is typed, and leads on."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from instruments.definition import Instrument
from survey import locales, room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead import editing, steps
from survey.lead.organisation import TERMS, Page
from survey.lead.views import MODES, bp
from survey.models import Round
from survey.services import basics, planning, rounds, stages, wording
from survey.services.saving import NotSavedError

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepPage:
    """A step as a page: its form filled with what is saved, how it is saved, what else is shown."""

    code: str
    form: Callable[..., editing.EditForm]
    save: Callable[..., None]
    #: what of a round it changes, as ``stages.CHANGES`` calls it
    what: str
    shows: Callable[[Round, Any], dict[str, Any]] = lambda _round, _form: {}


def edit(round_id: str, page: StepPage) -> Page:
    """Show a step; save what was typed; meet what somebody else has saved meanwhile."""
    round_ = room.get_round_or_404(round_id)
    form = page.form(round_)
    if not form.is_submitted():
        return _show(page, round_, editing.opened(form, round_.revision))
    if request.form.get("do") == "try":
        return _show(page, round_, form)
    begin_writing(db.session)
    round_ = room.get_round_or_404(round_id)
    if differences := editing.meet(form, page.form(round_, formdata=None), round_.revision):
        db.session.rollback()
        return _show(page, room.get_round_or_404(round_id), form, differences=differences), 409
    whom = {"revision": round_.revision, "by": room.account(), "now": room.now()}
    try:
        page.save(round_, form, whom)
    except NotSavedError as error:
        db.session.rollback()
        editing.take_faults(form, error)
        return _show(page, room.get_round_or_404(round_id), form), 422
    db.session.commit()
    flash(_("Saved."))
    round_ = room.get_round_or_404(round_id)
    if request.form.get("do") == "list":
        return redirect(url_for("lead.set_up", round_id=round_id), 303)
    return redirect(steps.after(page.code, round_), 303)


def _show(page: StepPage, round_: Round, form: editing.EditForm, *, differences: Any = ()) -> str:
    stage = stages.seen(round_, room.now())
    lock = stages.why_not(page.what, stage)
    return render_template(
        f"lead/setup_{page.code}.html",
        round=round_,
        line=room.line(round_),
        step=page.code,
        title=steps.title(page.code),
        form=form,
        lock=_(lock) if lock else "",
        differences=differences,
        errors=editing.errors_of(form),
        simulated=round_.simulated,
        **page.shows(round_, form),
    )


# --- the basics ----------------------------------------------------------------------------------


class BasicsForm(editing.EditForm):
    """Name, instrument, form, window and mode."""

    name = StringField(_l("Name"), description=_l("As you speak of it: “May 2026”."))
    instrument = SelectField(_l("Instrument"), validate_choice=False)
    form = RadioField(_l("Form"), validate_choice=False)
    opens_on = DateField(_l("Opens on"))
    opens_time = TimeField(_l("Opens at"))
    closes_on = DateField(_l("Closes on"))
    closes_time = TimeField(_l("Closes at"))
    mode = RadioField(_l("How staff get in"), validate_choice=False)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.offered = basics.offered()
        self.instrument.choices = [
            SelectChoice(basics.name_of(each), f"{_title(each)} {each.version}")
            for each in self.offered
        ]
        self.form.choices = [
            SelectChoice(code, _text(each).forms.get(code, {}).get("name", code))
            for each in self.offered[:1]
            for code in each.forms
        ]
        self.mode.choices = [SelectChoice(mode, name) for mode, name in MODES.items()]
        if not self.is_submitted() and self.form.data is None:
            self.form.data = str(self.form.choices[0].value)

    def notes(self) -> dict[str, str]:
        """What each form asks, in the instrument's own words."""
        instrument = self.offered[0]
        words = instrument.words(instrument.locale)
        return {
            code: words.fill(words.text.forms.get(code, {}).get("about", ""))
            for code in instrument.forms
        }


def _text(instrument: Instrument) -> Any:
    return instrument.texts[instrument.language]


def _title(instrument: Instrument) -> str:
    return str(_text(instrument).title)


def typed_basics(form: BasicsForm) -> basics.Basics:
    names = basics.Basics.__slots__
    return basics.Basics(**{name: _value(form[name]) for name in names})


def _value(field: Any) -> Any:
    is_moment = isinstance(field, DateField | TimeField)
    return field.data if is_moment else field.data or ""


def _basics_form(round_: Round, **values: Any) -> editing.EditForm:
    return BasicsForm(data=asdict(basics.basics_of(round_)), **values)


def _save_basics(round_: Round, form: Any, whom: Values) -> None:
    basics.save_basics(db.session, round_, typed_basics(form), **whom)


def _basics_shows(round_: Round, form: Any) -> dict[str, Any]:
    stage = stages.seen(round_, room.now())
    locks = {
        name: _(why) for name, what in basics.WHAT.items() if (why := stages.why_not(what, stage))
    }
    return {"locks": locks, "organisation": round_.organisation, "notes": form.notes()}


BASICS = StepPage("basics", _basics_form, _save_basics, "name", _basics_shows)


@bp.route("/rounds/<round_id>/setup/basics", methods=["GET", "POST"])
@requires("leader")
def set_basics(round_id: str) -> Page:
    """Name, instrument, form, window and mode."""
    return edit(round_id, BASICS)


# --- parts and languages -------------------------------------------------------------------------


class PartsForm(editing.EditForm):
    modules = SelectMultipleField(
        _l("Optional parts"),
        widget=ListWidget(),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )


def _parts_form(round_: Round, **values: Any) -> editing.EditForm:
    form_ = rounds.instrument_of(round_).forms[round_.form]
    chosen = [name for name in round_.modules if name in form_.optional_modules]
    form = PartsForm(data={"modules": chosen}, **values)
    text = rounds.words_of(round_).text.modules
    form.modules.choices = [
        SelectChoice(name, text.get(name, {}).get("name", name)) for name in form_.optional_modules
    ]
    if form.is_submitted() and "formdata" not in values and "modules" not in request.form:
        form.modules.data = []  # a browser sends nothing of boxes that are not ticked
    return form


def _save_parts(round_: Round, form: Any, whom: Values) -> None:
    planning.save_modules(db.session, round_, form.modules.data or [], **whom)


def _parts_shows(round_: Round, _form: Any) -> dict[str, Any]:
    words = rounds.words_of(round_)
    modules = rounds.instrument_of(round_).forms[round_.form].modules
    return {
        "always": [words.text.modules.get(name, {}) for name in modules],
        "notes": {name: each.get("about", "") for name, each in words.text.modules.items()},
        "spoken": [(code, locales.name_of(code)) for code in round_.locales or [round_.locale]],
    }


PARTS = StepPage("parts", _parts_form, _save_parts, "modules", _parts_shows)


@bp.route("/rounds/<round_id>/setup/parts", methods=["GET", "POST"])
@requires("leader")
def set_parts(round_id: str) -> Page:
    """The parts that the form leaves to the round, and its languages."""
    return edit(round_id, PARTS)


# --- words ---------------------------------------------------------------------------------------


def _words_form(round_: Round, **values: Any) -> editing.EditForm:
    found = wording.fills(round_)
    fields = {fill.name: _word_field(fill) for fill in found}
    form_class = type("WordsForm", (editing.EditForm,), fields)
    form: editing.EditForm = form_class(data={fill.name: fill.own for fill in found}, **values)
    return form


def _word_field(fill: wording.Fill) -> StringField:
    name = str(TERMS.get(fill.name, fill.about or fill.name))
    said = _("Left empty: “%(word)s”.", word=fill.default) if fill.default else _("Needed.")
    return StringField(name[:1].upper() + name[1:], description=said)


def _typed(round_: Round, form: Any) -> dict[str, str]:
    return {fill.name: form[fill.name].data or "" for fill in wording.fills(round_)}


def _save_words(round_: Round, form: Any, whom: Values) -> None:
    wording.save_words(db.session, round_, _typed(round_, form), **whom)


def _words_shows(round_: Round, form: Any) -> dict[str, Any]:
    found = wording.fills(round_)
    return {
        "placeholders": [fill.name for fill in found if fill.about],
        "terms": [fill.name for fill in found if not fill.about],
        "examples": wording.examples(round_, _typed(round_, form)),
    }


WORDS = StepPage("words", _words_form, _save_words, "words", _words_shows)


@bp.route("/rounds/<round_id>/setup/words", methods=["GET", "POST"])
@requires("leader")
def set_words(round_id: str) -> Page:
    """The words that the round fills in, each with questions as they would read."""
    return edit(round_id, WORDS)


# --- facts and rules -----------------------------------------------------------------------------

#: fact -> (its name on the page, what to write)
FACTS = {
    "schools then": (_l("Schools then"), _l("How many, and when: “8 in 2021”.")),
    "schools now": (_l("Schools now"), _l("How many.")),
    "staff now": (_l("Staff now"), _l("People who work in schools and at the centre.")),
    "hub staff": (
        _l("Staff at the centre"),
        _l("Then too, if it changed: “9 in 2021, 14 now”."),
    ),
    "budget": (_l("Budget"), _l("Of the centre, in a year, and how it changed: “£1.2m, down 8%”.")),
}


def _facts_form(round_: Round, **values: Any) -> editing.EditForm:
    fields = {name: StringField(*FACTS[name][:1], description=FACTS[name][1]) for name in FACTS}
    form_class = type("FactsForm", (editing.EditForm,), fields)
    saved = {name: round_.admin.get(name, "") for name in FACTS}
    form: editing.EditForm = form_class(data=saved, **values)
    return form


def _save_facts(round_: Round, form: Any, whom: Values) -> None:
    planning.save_facts(db.session, round_, {name: form[name].data or "" for name in FACTS}, **whom)


FACTS_PAGE = StepPage(
    "facts", _facts_form, _save_facts, "facts", lambda _round, _form: {"names": list(FACTS)}
)


@bp.route("/rounds/<round_id>/setup/facts", methods=["GET", "POST"])
@requires("leader")
def set_facts(round_id: str) -> Page:
    """What the organisation states about itself."""
    return edit(round_id, FACTS_PAGE)


def _rules_form(round_: Round, **values: Any) -> editing.EditForm:
    instrument, words = rounds.instrument_of(round_), rounds.words_of(round_)
    position = instrument.position
    fields: dict[str, Any] = {}
    if position is not None:
        stops = [SelectChoice(str(stop), name) for stop, name in words.text.stops.items()]
        for decision in position.decisions:
            fields[decision.code] = SelectField(
                words.fill(words.text.decisions[decision.code]["name"]),
                choices=[SelectChoice("", _l("Not laid down")), *stops],
                validate_choice=False,
            )
    form_class = type("RulesForm", (editing.EditForm,), fields)
    saved = {code: str(round_.formal.get(code, "")) for code in fields}
    form: editing.EditForm = form_class(data=saved, **values)
    return form


def _save_rules(round_: Round, form: Any, whom: Values) -> None:
    typed = {
        field.name: int(field.data) if field.data.isdecimal() else -1
        for field in form
        if isinstance(field, SelectField) and field.data
    }
    planning.save_rules(db.session, round_, typed, **whom)


def _rules_shows(round_: Round, _form: Any) -> dict[str, Any]:
    instrument, words = rounds.instrument_of(round_), rounds.words_of(round_)
    position = instrument.position
    if position is None:
        return {"groups": [], "stops": []}
    groups: dict[str, list[str]] = {}
    for decision in position.decisions:
        heading = words.fill(words.text.decision_groups.get(decision.group, ""))
        groups.setdefault(heading, []).append(decision.code)
    stops = [
        (words.fill(name), words.option(position.response, stop))
        for stop, name in words.text.stops.items()
    ]
    return {"groups": list(groups.items()), "stops": stops}


RULES = StepPage("rules", _rules_form, _save_rules, "facts", _rules_shows)


@bp.route("/rounds/<round_id>/setup/rules", methods=["GET", "POST"])
@requires("leader")
def set_rules(round_id: str) -> Page:
    """The stop at which the organisation's rules put each decision."""
    return edit(round_id, RULES)
