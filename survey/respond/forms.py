"""Forms made from an instrument's items: one field an item, by the kind of its response scale."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from instruments.definition import Instrument, Item, Words
from survey.models import School
from survey.services import own_words
from survey.services.coding import CANT_TELL_WORD, DOES_NOT_APPLY_WORD, Answer, options_of

PREFIX = "item-"
#: before the code of an open question: whether its words may be quoted
QUOTE_PREFIX = "quote-"
#: fields of a page's form that are not items
OWN_FIELDS = frozenset({"csrf_token", "go", "clear", "before", "opened", "revision", "language"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a question. ``apart``: set apart from the options, with a dashed edge."""

    value: str
    label: str
    choice_id: str
    is_chosen: bool
    apart: bool


@dataclass(frozen=True, slots=True)
class Question:
    """An item as a page shows it."""

    code: str
    name: str
    stem: str
    choices: tuple[Choice, ...]
    is_answered: bool


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question for open words as a page shows it: its two fields."""

    code: str
    name: str
    words: Any
    tick: Any


def _read_answer(value: object, *, options: Sequence[Answer]) -> Answer | None:
    """The answer that a sent value stands for; raises ``ValueError`` if it stands for none."""
    if value is None:
        return None
    by_text = {str(option): option for option in options}
    if str(value) not in by_text:
        raise ValueError("not one of the choices")
    return by_text[str(value)]


def _choice_field(instrument: Instrument, item: Item, words: Words) -> RadioField:
    """Radio buttons: the scale's options in order, then those set apart."""
    options = options_of(instrument, item.code)
    return RadioField(
        words.stem(item.code),
        choices=[SelectChoice(str(option), _label(item, option, words)) for option in options],
        coerce=partial(_read_answer, options=options),
        validators=[Optional()],
    )


def _label(item: Item, option: Answer, words: Words) -> str:
    if option == CANT_TELL_WORD:
        return words.fill(words.text.cant_tell)
    if option == DOES_NOT_APPLY_WORD:
        return words.fill(words.text.does_not_apply)
    return words.option(item.response, int(option))


def _words_field(_instrument: Instrument, item: Item, words: Words) -> TextAreaField:
    """A box for open words."""
    return TextAreaField(
        words.stem(item.code),
        filters=[lambda text: own_words.clean(text) if text else ""],
        validators=[
            Length(
                max=own_words.MOST_CHARACTERS,
                message=lazy_gettext("Use at most %(max)d characters; you have more."),
            )
        ],
    )


#: kind of a response scale, or "text" -> what builds the field of an item answered so
FIELD_BUILDERS: Mapping[str, Callable[[Instrument, Item, Words], Any]] = {
    "ordinal": _choice_field,
    "nominal": _choice_field,
    "text": _words_field,
}


def page_form(instrument: Instrument, items: Sequence[str], words: Words) -> type[FlaskForm]:
    """A form class with one field for each item of a page."""
    fields: dict[str, Any] = {}
    for code in items:
        item = instrument.item(code)
        kind = instrument.response_scales[item.response].kind if item.response else item.kind
        fields[field_name(code)] = FIELD_BUILDERS[kind](instrument, item, words)
        if kind == "text":
            fields[quote_name(code)] = BooleanField(
                lazy_gettext("These words may be quoted, after names are removed"),
                false_values=("no", ""),
            )
    return type("PageForm", (FlaskForm,), fields)


def field_name(code: str) -> str:
    """The field of an item: apart from the names that a form has already."""
    return f"{PREFIX}{code}"


def quote_name(code: str) -> str:
    """The field of the tick beside an open question."""
    return f"{QUOTE_PREFIX}{code}"


def given(form: FlaskForm, items: Sequence[str]) -> dict[str, Answer]:
    """The answers given on a page; an item that was left empty is absent."""
    found = {code: form[field_name(code)].data for code in items}
    return {code: value for code, value in found.items() if value is not None}


def questions(form: FlaskForm, items: Sequence[str]) -> list[Question | OpenQuestion]:
    """What the page shows of its form: each item with its rows, or its box and its tick."""
    return [_question(form, code) for code in items]


def _question(form: FlaskForm, code: str) -> Question | OpenQuestion:
    field = form[field_name(code)]
    if quote_name(code) in form:
        return OpenQuestion(code, field_name(code), field, form[quote_name(code)])
    rows = tuple(
        Choice(
            value=str(choice.value),
            label=str(choice.label),
            choice_id=f"{field_name(code)}-{choice.value}",
            is_chosen=field.data is not None and str(field.data) == str(choice.value),
            apart=choice.value in (CANT_TELL_WORD, DOES_NOT_APPLY_WORD),
        )
        for choice in field.iter_choices()
    )
    return Question(
        code=code,
        name=field_name(code),
        stem=str(field.label.text),
        choices=rows,
        is_answered=any(row.is_chosen for row in rows),
    )


class ButtonForm(FlaskForm):
    """A button that changes something: nothing but the token."""


class ResumeForm(FlaskForm):
    words = StringField(
        lazy_gettext("Your resume words"),
        description=lazy_gettext("Capitals, spaces and hyphens do not matter."),
        validators=[
            InputRequired(lazy_gettext("Type your resume words.")),
            Length(max=200, message=lazy_gettext("Resume words are five short words.")),
        ],
    )


def role_words(words: Words, role: str) -> str:
    """What a person chooses who has this role."""
    text = words.text.roles[role]
    return words.fill(text.get("option", text["name"]))


def place_form(instrument: Instrument, schools: Sequence[School], words: Words) -> type[FlaskForm]:
    """A form for role and school, as far as the round asks for them.

    The school may stay empty in the form: whether the role needs one is said by the view.
    """
    fields: dict[str, Any] = {}
    if instrument.roles:
        question = (
            words.stem(instrument.role_item) if instrument.role_item else lazy_gettext("Your role")
        )
        fields["role"] = RadioField(
            question,
            choices=[SelectChoice(role, role_words(words, role)) for role in instrument.roles],
            coerce=lambda value: value,
            validate_choice=False,
            validators=[
                InputRequired(lazy_gettext("Choose your role.")),
                AnyOf(instrument.roles, message=lazy_gettext("Choose one of the roles.")),
            ],
        )
    if schools:
        ids = [school.school_id for school in schools]
        fields["school"] = SelectField(
            lazy_gettext("Your school"),
            choices=[
                SelectChoice("", lazy_gettext("Choose your school")),
                *(SelectChoice(school.school_id, school.name) for school in schools),
            ],
            coerce=lambda value: value,
            validate_choice=False,
            validators=[
                Optional(),
                AnyOf(ids, message=lazy_gettext("Choose one of the schools.")),
            ],
        )
    return type("PlaceForm", (FlaskForm,), fields)
