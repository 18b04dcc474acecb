"""Forms of the reader's desk."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from survey.models import Theme
from survey.services import open_desk, own_words

_TOO_LONG = _l("Use at most %(max)d characters.")


class AnswerForm(FlaskForm):
    """What the reader makes of one answer."""

    themes = SelectMultipleField(_l("Themes"), choices=[])
    new_theme = StringField(
        _l("A new theme"),
        description=_l(
            "In your own words, one line, so that it tells of nobody: leaders read it as it stands."
        ),
        validators=[Length(max=open_desk.MOST_IN_A_NAME, message=_TOO_LONG)],
    )
    redacted = TextAreaField(
        _l("The words as they may be quoted"),
        description=_l(
            "The writer allows it. Take out names, places, dates, odd phrases, and whatever else "
            "tells who wrote it or about whom."
        ),
        filters=[lambda text: own_words.clean(text or "")],
        validators=[Length(max=own_words.MOST_CHARACTERS, message=_TOO_LONG)],
    )
    is_cleared = BooleanField(
        _l("Names, places, dates and odd phrases are removed: these words may be quoted")
    )

    def errors_to_mend(self) -> list[dict[str, str]]:
        """What is wrong, each with the field it belongs to."""
        return [
            {"message": str(text), "target": field.id} for field in self for text in field.errors
        ]


def answer_form(themes: Sequence[Theme], **values: Any) -> AnswerForm:
    """The form of an answer, with the themes of its question to choose from."""
    form = AnswerForm(**values)
    form.themes.choices = [SelectChoice(theme.theme_id, theme.name) for theme in themes]
    form.themes.validate_choice = False  # a theme that was merged meanwhile is said by the service
    return form


class RenameForm(FlaskForm):
    """Another name for a theme."""

    name = StringField(
        _l("The theme's name"),
        validators=[
            InputRequired(_l("Give the theme a name.")),
            Length(max=open_desk.MOST_IN_A_NAME, message=_TOO_LONG),
        ],
    )


class MergeForm(FlaskForm):
    """Another theme into which a theme is merged."""

    into = SelectField(_l("Merge it into"), choices=[], validate_choice=False)
