"""The roles of accounts, in words."""

from flask_babel import lazy_gettext as _l

#: role -> its name
NAMES = {
    "leader": _l("Leader"),
    "head": _l("Head of a school"),
    "reader": _l("Reader"),
    "administrator": _l("Administrator"),
    "researcher": _l("Researcher"),
}
#: role -> what it may do
WORDS = {
    "leader": _l("Sets up rounds and reads their profiles."),
    "head": _l("Sees rounds, and the report of their own school."),
    "reader": _l("Reads the answers to open questions, where a round asks them."),
    "administrator": _l("Looks after accounts and reads the audit log. Sees no results."),
    "researcher": _l("Checks that the scales work, in rounds for which a leader consents."),
}
