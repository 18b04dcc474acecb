"""Forms that two leaders may have open at once.

A form carries the revision of what it changes, and what stood in its fields when it was opened.
Where somebody else has saved meanwhile, nothing is overwritten: what was typed stays in its field,
a field that was not touched takes what was saved, and the page shows both versions.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, SelectField
from wtforms.widgets import HiddenInput

from survey.services.saving import Fault, NotSavedError


class EditForm(FlaskForm):
    """A form that knows what it was opened on."""

    revision = HiddenField()
    before = HiddenField()


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else has changed since the page was opened."""

    target: str
    label: str
    saved: str
    #: what stands in the form here; empty where the field was not touched and takes ``saved``
    typed: str


def opened(form: EditForm, revision: int) -> EditForm:
    """The form with a note of what stands in it now, and of which revision that is."""
    form.revision.data = str(revision)
    form.before.data = json.dumps({field.name: _key(field) for field in _fields(form)})
    form.revision.raw_data = form.before.raw_data = None
    return form


def meet(form: EditForm, saved: EditForm, revision: int) -> list[Difference]:
    """What somebody else has saved since the form was opened; empty where it may be saved.

    ``saved``: the same form, filled with what is saved now. Afterwards ``form`` stands on that
    revision: sent once more, it is saved as it is shown.
    """
    if form.revision.data == str(revision):
        return []
    before = _before(form)
    found = []
    for field in _fields(form):
        there = saved[field.name]
        if _key(there) in (before.get(field.name), _key(field)):
            continue
        is_touched = _key(field) != before.get(field.name)
        typed = _shown(field) if is_touched else ""
        if not is_touched:
            field.data, field.raw_data = there.data, None
        found.append(Difference(_target(field), str(field.label.text), _shown(there), typed))
    if found:
        note = opened(saved, revision)
        form.revision.data, form.before.data = note.revision.data, note.before.data
        form.revision.raw_data = form.before.raw_data = None
    return found


def take_faults(form: FlaskForm, error: NotSavedError) -> None:
    """Put what a service said beside the fields that it is about, or above the form."""
    for fault in error.faults:
        if fault.field in form:
            field = form[fault.field]
            field.errors = [*field.errors, sentence(fault)]
        elif sentence(fault) not in form.form_errors:
            form.form_errors.append(sentence(fault))


def sentence(fault: Fault) -> str:
    """A fault in the reader's language."""
    return _(fault.message) % dict(fault.about)


def errors_of(form: FlaskForm) -> list[dict[str, str]]:
    """What is wrong, each line with the id of its field."""
    above = [{"message": message, "target": ""} for message in form.form_errors]
    return above + [
        {"message": f"{field.label.text}: {message}", "target": _target(field)}
        for field in _fields(form)
        for message in field.errors
    ]


def _fields(form: FlaskForm) -> Sequence[Field]:
    return [field for field in form if not isinstance(field.widget, HiddenInput)]


def _target(field: Any) -> str:
    """The id of the element that takes the focus: of a group its first choice."""
    if hasattr(field, "iter_choices") and not isinstance(field, SelectField):
        first = next(iter(field), None)
        return str(first.id) if first is not None else str(field.id)
    return str(field.id)


def _key(field: Any) -> Any:
    """What stands in a field, so that it can be compared and written down."""
    if isinstance(field, BooleanField):
        return bool(field.data)
    if hasattr(field, "iter_choices"):
        return sorted(field.data or ()) if isinstance(field.data, list) else str(field.data or "")
    return str(field._value()).replace("\r\n", "\n").strip()


def _shown(field: Any) -> str:
    """What stands in a field, in words."""
    if isinstance(field, BooleanField):
        return _("yes") if field.data else _("no")
    if hasattr(field, "iter_choices"):
        chosen = field.data if isinstance(field.data, list) else [field.data]
        labels = [str(each.label) for each in field.iter_choices() if each.value in chosen]
        return ", ".join(labels) or _("nothing")
    return str(_key(field)) or _("nothing")


def _before(form: EditForm) -> Mapping[str, Any]:
    try:
        before = json.loads(form.before.data or "")
    except (ValueError, RecursionError):
        return {}
    return before if isinstance(before, dict) else {}
