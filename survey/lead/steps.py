"""The steps of setting a round up: which there are, and where each of them stands."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from survey import dates, letters, locales, room
from survey.lead.editing import sentence
from survey.lead.views import MODES
from survey.models import Round
from survey.services import planning, rounds, wording
from survey.services.saving import Fault

#: step -> (its title, its page)
STEPS = {
    "basics": (_l("Name, questions and window"), "lead.set_basics"),
    "roster": (_l("Who is asked"), "lead.show_roster"),
    "parts": (_l("Optional parts and languages"), "lead.set_parts"),
    "words": (_l("Words in the questions"), "lead.set_words"),
    "facts": (_l("Facts about the organisation"), "lead.set_facts"),
    "rules": (_l("What your rules say"), "lead.set_rules"),
    "shown": (_l("What the profile shows"), "lead.set_shown"),
    "letters": (_l("Letters to staff"), "lead.set_letters"),
    "preview": (_l("What staff will see"), "preview.index"),
    "dry_run": (_l("Dry run"), "lead.try_round"),
    "ready": (_l("Ready"), "lead.set_ready"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step as the list shows it. ``state``: "done", "missing", "open" or "" (nothing to fill)."""

    code: str
    number: int
    title: str
    #: empty where its page is not there
    url: str
    state: str
    #: what it holds, or what is missing, in a few words
    about: str


def title(code: str) -> str:
    return str(STEPS[code][0])


def address(code: str, round_: Round) -> str:
    """The page of a step; empty where this site has none."""
    endpoint = STEPS[code][1]
    if endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, round_id=round_.round_id)


def after(code: str, round_: Round) -> str:
    """The page of the step that comes after this one."""
    codes = list(STEPS)
    later = (address(each, round_) for each in codes[codes.index(code) + 1 :])
    return next(each for each in later if each)


def of_round(round_: Round) -> list[Step]:
    """Every step of a round, with what it holds."""
    missing = {fault.field: fault for fault in planning.missing(round_, room.now())}
    return [_step(code, number, round_, missing) for number, code in enumerate(STEPS, start=1)]


def _step(code: str, number: int, round_: Round, missing: dict[str, Fault]) -> Step:
    if code in missing:
        state, about = "missing", sentence(missing[code])
    else:
        state, about = _SAID[code](round_)
    return Step(code, number, title(code), address(code, round_), state, about)


def _basics(round_: Round) -> tuple[str, str]:
    window = _(
        "%(opens)s to %(closes)s",
        opens=dates.day_of(round_.opens_at, round_.organisation),
        closes=dates.day_of(round_.closes_at, round_.organisation, is_end=True),
    )
    form = rounds.words_of(round_).text.forms[round_.form].get("name", round_.form)
    return "done", f"{form} · {window} · {MODES[round_.mode]}"


def _roster(round_: Round) -> tuple[str, str]:
    staff = sum(row.headcount for row in round_.roster)
    schools = len({row.school_id for row in round_.roster if row.school_id})
    if not round_.roster:
        return "", _("Nobody is listed: this survey asks nobody's role.")
    people = ngettext("%(num)s person", "%(num)s people", staff)
    return "done", _(
        "%(people)s in %(schools)s",
        people=people,
        schools=ngettext("one school", "%(num)s schools", schools),
    )


def _parts(round_: Round) -> tuple[str, str]:
    modules = rounds.words_of(round_).text.modules
    named = [modules[name]["name"] for name in round_.modules if name in modules]
    spoken = [locales.name_of(code) for code in round_.locales or [round_.locale]]
    return "done", " · ".join([*named, *spoken])


def _words(round_: Round) -> tuple[str, str]:
    own = [fill.own for fill in wording.fills(round_) if fill.own]
    said = ", ".join(_("“%(words)s”", words=text) for text in own)
    return "done", said or _("Your country's words, and your organisation's name.")


def _facts(round_: Round) -> tuple[str, str]:
    said = sum(name in round_.admin for name in planning.FACTS)
    about = _("%(n)s of %(of)s said", n=said, of=len(planning.FACTS))
    return ("done" if said else "open"), about


def _rules(round_: Round) -> tuple[str, str]:
    position = rounds.instrument_of(round_).position
    of = len(position.decisions) if position else 0
    about = _("%(n)s of %(of)s said", n=len(round_.formal), of=of)
    return ("done" if round_.formal or not of else "open"), about


def _shown(round_: Round) -> tuple[str, str]:
    said = [_("Schools by name")] if round_.schools_named else [_("Schools under letters")]
    if round_.silhouettes:
        said.append(_("the cases of the chapter"))
    return "done", " · ".join(said)


def _letters(round_: Round) -> tuple[str, str]:
    needed = [name for name in letters.GAPS if name not in round_.letters]
    if not needed:
        return "done", _("The letter and the privacy notice are complete.")
    about = ngettext("%(num)s fact to fill in", "%(num)s facts to fill in", len(needed))
    return "open", about


def _ready(round_: Round) -> tuple[str, str]:
    if round_.ready_at is None:
        return "", _("Staff are asked nothing before you say so.")
    said = dates.day_of(round_.ready_at, round_.organisation)
    return "done", _("Said on %(when)s.", when=said)


_SAID: dict[str, Callable[[Round], tuple[str, str]]] = {
    "basics": _basics,
    "roster": _roster,
    "parts": _parts,
    "words": _words,
    "facts": _facts,
    "rules": _rules,
    "shown": _shown,
    "letters": _letters,
    "preview": lambda _round: ("", _l("The very pages, role by role, in each language.")),
    "dry_run": lambda _round: ("", _l("Simulated people answer it; nothing of it is kept.")),
    "ready": _ready,
}
