"""What staff are promised, in either mode: the words of the first page and of "who can learn what".

``docs/confidentiality.md`` is written from the same words (``make docs``; a test compares them).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

from survey.marked import N_


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Somebody, and what they can learn while the round is open and after it has closed."""

    who: str
    while_open: str
    after_close: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What staff are told. Texts are in British English, with ``%(placeholders)s``."""

    opening: str
    sees: tuple[str, ...]
    never_sees: tuple[str, ...]
    limits: tuple[str, ...]
    #: (what, for how long and why)
    kept: tuple[tuple[str, str], ...]
    onlookers: tuple[Onlooker, ...]


def say(text: str, values: Mapping[str, object]) -> Markup:
    """A text of this module in the reader's language, its placeholders filled and escaped."""
    return Markup(gettext(text)) % dict(values)  # noqa: S704 (our own words; values are escaped)


_SEES = (
    N_("Figures for groups of <strong>%(group_n)s or more</strong> people"),
    N_("Figures for a school only if %(school_n)s or more people there answered"),
    N_("Roughly how many answered in each school, never who"),
)
_NEVER_SEES = (
    N_("Any one person’s answers, yours or a colleague’s"),
    N_("Whether you, yourself, answered"),
    N_("A role within one school, such as “teachers at your school”"),
)
_COULD_JOIN = N_(
    "Until the survey closes, someone who runs the server and has both its database and its key "
    "could join a person to their answers."
)
_NOBODY_CAN = N_(
    "After that nobody can join them, beyond what school and role give away: where a school has "
    "only one person of a role, somebody who can read the stored answers can tell whose they are."
)
_BACKUPS = N_("A backup made before the close falls under the first sentence.")
_ANSWERS_KEPT = (
    N_("Your answers"),
    N_(
        "Kept without a name, with your role and, if you work in one, your school. They serve "
        "this survey's reports, and research on the survey itself."
    ),
)

COLLEAGUE = N_("A colleague")
LEADER = N_("%(organisation)s, and whoever leads the survey there")
DATABASE = N_("Someone who runs the server, with its database")
KEY = N_("The same, with the server's key as well")
BACKUP = N_("The same, with key and backups")

_PROFILE_ONLY = N_(
    "What %(organisation)s passes on of its profile, and the page for staff. Resume words lead "
    "nowhere."
)
_FIGURES_ONLY = N_(
    "Figures for groups of %(group_n)s or more, and for schools with %(school_n)s or more "
    "answers; never a role within a school. No single answer sheet."
)
_STORED = N_(
    "Each response's role, school and answers. No order, time or key that leads to a person; "
    "again except where a school has one person of a role."
)
_NOTHING_LEFT = N_("The same as without the key: there is nothing left that it opens.")
_OLD_BACKUP = N_("Whatever a backup from the open survey holds, as if the survey were still open.")

ANONYMOUS = Promise(
    opening=N_(
        "%(organisation)s asked for this survey so that staff can say how it works, "
        "<strong>without being picked out</strong>. Taking part is your choice. You give no name, "
        "and everybody uses the same link."
    ),
    sees=_SEES,
    never_sees=_NEVER_SEES,
    limits=(
        _COULD_JOIN,
        N_(
            "When it closes, the drafts are destroyed, and with them what ties your resume words "
            "to your answers."
        ),
        _NOBODY_CAN,
        _BACKUPS,
        N_(
            "Without a list the survey cannot tell if somebody answers twice. Whoever filled up a "
            "small group with answers of their own could work out the rest of it."
        ),
    ),
    kept=(
        (
            N_("Your resume words"),
            N_(
                "Five words lead you back to your answers. They stay with you and in a cookie on "
                "the device that you answer on. We do not store them."
            ),
        ),
        _ANSWERS_KEPT,
        (
            N_("What we do not store"),
            N_("Your name, your internet address, or when you answered."),
        ),
    ),
    onlookers=(
        Onlooker(
            COLLEAGUE,
            N_(
                "Nothing from the site. On a device that you both use, answers that were not "
                "taken off it (“Forget me on this device”) can be opened; so can answers whose "
                "resume words they found."
            ),
            _PROFILE_ONLY,
        ),
        Onlooker(
            LEADER,
            N_(
                "How many answered, in bands, taken once a day, never live. No answers, no names, "
                "not who answered."
            ),
            _FIGURES_ONLY,
        ),
        Onlooker(
            DATABASE,
            N_(
                "Each draft's role, school and answers, but not whose it is, except where a "
                "school has one person of a role. A copy can also show in what order drafts were "
                "begun and saved; one who knows from elsewhere when each person answered can "
                "join the two."
            ),
            _STORED,
        ),
        Onlooker(
            KEY,
            N_(
                "All of that; can find the draft that belongs to resume words seen on a note or a "
                "device, and can try out words until they fit. Whoever runs the server could also "
                "write down what arrives. Count this onlooker as able to join people to answers."
            ),
            _NOTHING_LEFT,
        ),
        Onlooker(BACKUP, N_("The same."), _OLD_BACKUP),
    ),
)

CONFIDENTIAL = Promise(
    opening=N_(
        "%(organisation)s asked for this survey so that staff can say how it works, "
        "<strong>without being picked out</strong>. Taking part is your choice. You were sent a "
        "link of your own, so that each person counts once; it does not tell anybody what you "
        "answer."
    ),
    sees=(*_SEES, N_("The list of people who were invited, which it made itself")),
    never_sees=_NEVER_SEES,
    limits=(
        _COULD_JOIN,
        N_(
            "When it closes, the staff list, the links and the drafts are destroyed, and with "
            "them what ties you to your answers."
        ),
        _NOBODY_CAN,
        _BACKUPS,
        N_(
            "Whoever can read your mail can open your link: they see how far you are and could "
            "answer what is left, but never see what you answered."
        ),
    ),
    kept=(
        (
            N_("Your personal link"),
            N_(
                "It is in your e-mail and in a cookie on the device that you answer on. It is "
                "worked out when the e-mail is written, and stands in no database. It shows how "
                "far you are, never what you answered."
            ),
        ),
        (
            N_("Your resume words"),
            N_(
                "Five words open your earlier answers on another device, all but those that were "
                "given with your link alone. They stay with you and in a cookie on the device "
                "that you answer on. We do not store them."
            ),
        ),
        (
            N_("Your e-mail address"),
            N_(
                "It stands on the staff list, apart from your answers. Reminders go to everybody "
                "on it, so that a reminder tells nothing. The list is deleted when the survey "
                "closes."
            ),
        ),
        _ANSWERS_KEPT,
        (
            N_("What we do not store"),
            N_("Your internet address, or when you answered."),
        ),
    ),
    onlookers=(
        Onlooker(
            COLLEAGUE,
            N_(
                "Nothing from the site. Who can read your mail can open your link: they see how "
                "far you are and could answer what is left, but never see what you answered. On a "
                "device that you both use, answers that were not taken off it (“Forget me on this "
                "device”) can be opened; so can answers whose resume words they found."
            ),
            _PROFILE_ONLY,
        ),
        Onlooker(
            LEADER,
            N_(
                "The staff list that it made, and how many answered, in bands, taken once a day, "
                "never live. No answers, not who answered: reminders go to everybody."
            ),
            _FIGURES_ONLY,
        ),
        Onlooker(
            DATABASE,
            N_(
                "The staff list, and each draft's role, school and answers, but not whose it is, "
                "except where a school has one person of a role. A copy can also show in what "
                "order drafts were begun and saved; one who knows from elsewhere when each person "
                "answered can join the two. So can one who also reads the mail that was sent, "
                "opens its links, and compares how far each person is with the drafts."
            ),
            _STORED,
        ),
        Onlooker(
            KEY,
            N_(
                "All of that, and can work out which draft belongs to whom on the staff list. "
                "Whoever runs the server could also write down what arrives. Count this onlooker "
                "as able to join people to answers."
            ),
            N_(
                "The same as without the key: staff list, links and drafts are gone, and there is "
                "nothing left that it opens."
            ),
        ),
        Onlooker(BACKUP, N_("The same."), _OLD_BACKUP),
    ),
)

PROMISES: Mapping[str, Promise] = {"anonymous": ANONYMOUS, "confidential": CONFIDENTIAL}
