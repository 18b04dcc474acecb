"""What is wrong with a roster, in sentences for the leader: what, and what to do."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from survey.services.roster_check import Fault, shown
from survey.services.roster_files import RosterFileError

#: problem of a row -> what is wrong, what to do
_ROWS = {
    "no address": (
        lazy_gettext("There is no e-mail address."),
        lazy_gettext("Write it, or take the row out."),
    ),
    "not an address": (
        lazy_gettext("“%(value)s” is not an e-mail address."),
        lazy_gettext("Correct it."),
    ),
    "twice": (
        lazy_gettext("“%(value)s” stands in row %(other)s already."),
        lazy_gettext("Keep one row for each person."),
    ),
    "formula": (
        lazy_gettext("There is a formula, “%(value)s”; it is never worked out."),
        lazy_gettext("Write what it stands for."),
    ),
    "no role": (
        lazy_gettext("There is no role."),
        lazy_gettext("Write one of: %(known)s."),
    ),
    "unknown role": (
        lazy_gettext("The role “%(value)s” is not known."),
        lazy_gettext("Say on the page what it means, or write one of: %(known)s."),
    ),
    "unknown school": (
        lazy_gettext("The school “%(value)s” is not known."),
        lazy_gettext("Say on the page which school it is, or write a known one."),
    ),
    "no school": (
        lazy_gettext("There is no school, and “%(role)s” belongs to one."),
        lazy_gettext("Write it in each row: of merged cells only the first holds the word."),
    ),
    "school not empty": (
        lazy_gettext("“%(role)s” belongs to no school, and “%(value)s” stands there."),
        lazy_gettext("Leave the school empty, or correct the role."),
    ),
    "not a number": (
        lazy_gettext("“%(value)s” is not a number of people."),
        lazy_gettext("Write a whole number from 0 to %(most)s."),
    ),
    "counted twice": (
        lazy_gettext("This school and role were counted in row %(other)s already."),
        lazy_gettext("Keep one number for each school and role."),
    ),
    "no name": (
        lazy_gettext("“%(value)s” is too long for the name of a school."),
        lazy_gettext("Use at most %(most)s characters."),
    ),
}

#: why a file cannot be read, and what to do
_FILES = {
    "empty": lazy_gettext("There is nothing in the file. Save it again, with a row for headings."),
    "old excel": lazy_gettext(
        "This is an old Excel file (.xls), or one with a password. Save it as .xlsx without a "
        "password, or as CSV (UTF-8)."
    ),
    "macros": lazy_gettext("The file holds macros. Save it as .xlsx, which holds none, or as CSV."),
    "pdf": lazy_gettext("This is a PDF. Upload the table that it was made from, as .xlsx or CSV."),
    "other workbook": lazy_gettext(
        "This is an archive or another kind of workbook. Save it as .xlsx or as CSV (UTF-8)."
    ),
    "too much inside": lazy_gettext(
        "The file holds far more than a roster. Copy the columns and rows that are needed, without "
        "pictures, into a new file."
    ),
    "broken workbook": lazy_gettext(
        "The workbook is damaged. Open it, save it again as .xlsx, and upload that."
    ),
    "not text": lazy_gettext(
        "This is no CSV file and no workbook. Save it as .xlsx or CSV (UTF-8)."
    ),
    "broken csv": lazy_gettext(
        "Near line %(row)s the file stops being a readable CSV file: a quotation mark may be "
        "missing. Mend it, or save it as .xlsx."
    ),
    "too many rows": lazy_gettext(
        "There are more than %(most)s rows. Divide the file, and upload one part after the other."
    ),
}

_NOTICES = {
    "utf-16": lazy_gettext("The file was read as UTF-16."),
    "windows": lazy_gettext(
        "The file is not UTF-8 and was read as Windows Latin-1. Look at names with accents: if "
        "they are wrong, save it as CSV (UTF-8)."
    ),
    "merged": lazy_gettext(
        "There are merged cells. Only the first of them holds the word: the rows below are read as "
        "empty there."
    ),
    "no value": lazy_gettext(
        "There are formulas whose value was not saved. They are read as empty: open the file in a "
        "spreadsheet program and save it again."
    ),
}


def what(fault: Fault) -> str:
    """What is wrong, without the place."""
    return str(_ROWS[fault.problem][0]) % {"value": shown(fault.value), **fault.about}


def mend(fault: Fault) -> str:
    """What to do about it."""
    return str(_ROWS[fault.problem][1]) % fault.about


def sentence(fault: Fault) -> str:
    """Where, what is wrong, and what to do, in one line."""
    return _(
        "Row %(row)s, column %(column)s: %(what)s %(mend)s",
        row=fault.row,
        column=fault.column,
        what=what(fault),
        mend=mend(fault),
    )


def of_file(error: RosterFileError) -> str:
    """Why a file cannot be read, and what to do."""
    return str(_FILES[error.problem]) % error.about


def notice(name: str) -> str:
    """What the leader should know of how a sheet was read."""
    return str(_NOTICES[name])
