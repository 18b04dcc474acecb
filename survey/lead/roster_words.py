"""Words of a roster's file that are not known, and what each may mean."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from survey.services.organisations import LONGEST_SCHOOL_NAME
from survey.services.roster_check import Checked
from survey.services.roster_reading import CENTRE, NEW, SKIP, Places, folded

#: words that are asked about at a time
MOST_WORDS = 30
#: how alike a word and a name are that are taken for the same at first
ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the file that is not known: its field, and what it may mean."""

    kind: str
    word: str
    rows: str
    #: value of the choice -> words
    choices: Mapping[str, str]
    chosen: str

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.word}"


def words_of_file(found: Places, checked: Checked) -> list[Word]:
    """The words that are not known, those in most rows first, and what each may mean."""
    leave = {"": _("Leave it: these rows stay faults")}
    skip = {SKIP: _("Not asked: pass these rows over")}
    roles = {**leave, **found.roles, **skip}
    schools = {
        **leave,
        NEW: _("Make it a school of the organisation"),
        CENTRE: _("No school: the centre"),
        **found.schools,
        **skip,
    }
    asked = [
        Word("role", word, _rows(n), roles, _near(word, found.roles) or "")
        for word, n in _most(checked.unknown("unknown role"))
    ]
    return asked + [
        Word("school", word, _rows(n), schools, _near(word, found.schools) or NEW)
        for word, n in _most(checked.unknown("unknown school"))
    ]


def _most(words: Mapping[str, int]) -> list[tuple[str, int]]:
    one_each: dict[str, tuple[str, int]] = {}
    for word, n in words.items():
        first, before = one_each.get(folded(word), (word, 0))
        one_each[folded(word)] = (first, before + n)
    known = [each for each in one_each.values() if len(each[0]) <= LONGEST_SCHOOL_NAME]
    return sorted(known, key=lambda each: (-each[1], each[0]))[:MOST_WORDS]


def _rows(n: int) -> str:
    return ngettext("%(num)d row", "%(num)d rows", n)


def _near(word: str, known: Mapping[str, str]) -> str | None:
    """What a word is probably a slip of: an id or a code, or nothing."""
    by_name = {folded(name): key for key, name in known.items()}
    begun = [name for name in by_name if name.startswith(folded(word))]
    if len(begun) == 1:
        return by_name[begun[0]]
    near = difflib.get_close_matches(folded(word), list(by_name), n=1, cutoff=ALIKE)
    return by_name[near[0]] if near else None
