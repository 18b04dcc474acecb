"""Forms about accounts."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from survey import roles, room
from survey.database import db
from survey.models import School
from survey.services import account_letters

#: why a person cannot be invited
REFUSALS = {
    "no address": _l("This is not an e-mail address. Check it."),
    "has account": _l("This address has an account already. Use another one."),
    "is invited": _l("This address is invited already. Take that invitation back first."),
}


class RoleForm(FlaskForm):
    """A role, and the school that a head has."""

    role = RadioField(_l("Role"), validate_choice=False)
    school = SelectField(
        _l("School"),
        description=_l("For the head of a school, who sees the report of this school alone."),
        validate_choice=False,
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.role.choices = [SelectChoice(role, str(name)) for role, name in roles.NAMES.items()]
        self.school.choices = [SelectChoice("", _("None"))] + [
            SelectChoice(school.school_id, school.name)
            for school in room.account().organisation.schools
        ]

    def validate_role(self, field: RadioField) -> None:
        if field.data not in roles.NAMES:
            raise ValidationError(_("Choose a role."))

    def validate_school(self, field: SelectField) -> None:
        if self.role.data == "head" and self.chosen_school() is None:
            raise ValidationError(_("Choose the school that this person heads."))

    def chosen_school(self) -> School | None:
        """The school of a head; nobody else has one."""
        if self.role.data != "head":
            return None
        known = {each.school_id: each for each in room.account().organisation.schools}
        return known.get(self.school.data or "")

    def errors_to_mend(self) -> list[dict[str, str]]:
        """What is wrong, each with the field it belongs to."""
        targets = {"role": "role-leader"}
        return [
            {"message": str(text), "target": targets.get(name, name)}
            for name in ("email", "role", "school")  # as they stand on the page
            for text in self.errors.get(name, ())
        ]


class InvitationForm(RoleForm):
    """Whom to invite, and to what."""

    email = EmailField(
        _l("E-mail address"),
        description=_l("The invitation goes there. The person says their name themselves."),
    )

    def validate_email(self, field: EmailField) -> None:
        refusal = account_letters.why_not(
            db.session, room.account().organisation, field.data or "", now=room.now()
        )
        if refusal:
            raise ValidationError(str(REFUSALS[refusal]))
