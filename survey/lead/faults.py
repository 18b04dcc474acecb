"""What is wrong with a staff list, in sentences for the leader."""

from flask_babel import lazy_gettext

from survey.services.staff_list import Fault

_SENTENCES = {
    "missing column": lazy_gettext(
        "Row 1: there is no column %(column)s. The first row names the columns email, role and "
        "school; it says “%(value)s”."
    ),
    "nobody": lazy_gettext("The file lists nobody. Add one row for each person."),
    "too many": lazy_gettext("The file lists %(value)s people; at most %(most)s are read."),
    "not an address": lazy_gettext(
        "Row %(row)s, column email: “%(value)s” is not an e-mail address. Correct it."
    ),
    "twice": lazy_gettext(
        "Row %(row)s, column email: “%(value)s” stands in row %(other)s already. Keep one row for "
        "each person."
    ),
    "unknown role": lazy_gettext(
        "Row %(row)s, column role: “%(value)s” is not one of the roles. Use %(known)s, or their "
        "names."
    ),
    "unknown school": lazy_gettext(
        "Row %(row)s, column school: “%(value)s” is not on this round's roster. Write the school "
        "as it is listed on this page."
    ),
    "school missing": lazy_gettext(
        "Row %(row)s, column school: it is empty. Name the school of a person with role “%(role)s”."
    ),
    "school not empty": lazy_gettext(
        "Row %(row)s, column school: role “%(role)s” belongs to no school, not to “%(value)s”. "
        "Leave it empty."
    ),
    "more than the roster": lazy_gettext(
        "Row %(row)s, column %(column)s, “%(value)s”: on the roster %(headcount)s people have role "
        "“%(role)s” there, and this is one more. Take one out, or correct role or school."
    ),
}


def sentence(fault: Fault) -> str:
    """What is wrong, where, and what to do, in one line."""
    if fault.problem == "file":
        return fault.about["what"]
    place = {"row": fault.row, "column": fault.column, "value": fault.value}
    return str(_SENTENCES[fault.problem]) % {**place, **fault.about}
