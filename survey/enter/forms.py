"""The form on the front page."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired


def tidy(typed: str | None) -> str:
    """What the field shows again: one line, no longer than the field takes."""
    return "".join(letter for letter in (typed or "")[:40] if letter.isprintable()).strip()


class CodeForm(FlaskForm):
    """A code from a poster. Without a token: sending it does no more than following its link."""

    class Meta:
        csrf = False

    code = StringField(
        lazy_gettext("Code from your poster"),
        description=lazy_gettext(
            "Six letters and digits. Capitals, spaces and hyphens do not matter."
        ),
        validators=[DataRequired(lazy_gettext("Type the code that stands on your poster."))],
        filters=[tidy],
    )
