"""The pages that staff will see, for a leader who looks at them before anybody is asked.

They are the real templates, filled as for a person who has answered nothing. There is no draft in
the database, and whatever a form sends is thrown away: its buttons lead on to the next page.
Questions that come up only after a certain answer are all shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from instruments import routing
from instruments.routing import Page
from survey import i18n, locales, room
from survey.account import requires
from survey.database import db
from survey.models import Draft, Round
from survey.promised import filled
from survey.respond import forms, language, sections, visit
from survey.services import drafts, languages, rounds, timing

bp = Blueprint("preview", __name__, url_prefix="/lead/rounds/<round_id>/preview")

#: in the address, where an instrument knows no roles
NO_ROLE = "-"
#: stands where resume words will stand
EXAMPLE_WORDS = "apple river seven candle north"


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at: one person's pages in one language, and which of them this is."""

    round_: Round
    role: str
    locale: str
    pages: tuple[Page, ...]
    names: tuple[str, ...]
    here: str

    def address(self, name: str | None = None, *, locale: str | None = None) -> str:
        return url_for(
            "preview.show",
            round_id=self.round_.round_id,
            role=self.role or NO_ROLE,
            locale=locale or self.locale,
            name=name or self.here,
        )

    def beside(self, step: int) -> str:
        """The name of the page before or after this one; at either end this one."""
        at = self.names.index(self.here) + step if self.here in self.names else 0
        return self.names[min(max(at, 0), len(self.names) - 1)]


@bp.get("")
@requires("leader")
def index(round_id: str) -> str:
    """Which roles and languages there are to look at, and how long each takes."""
    round_ = room.get_round_or_404(round_id)
    words = rounds.words_of(round_)
    rows = []
    for role in rounds.instrument_of(round_).roles or ("",):
        pages = _pages(round_, role)
        asked = sum(len(page.items) for page in pages)
        rows.append(
            {
                "role": role or NO_ROLE,
                "name": forms.role_words(words, role) if role else _("Everybody"),
                "questions": asked,
                "minutes": ceil(asked * timing.SECONDS_AN_ITEM / 60),
            }
        )
    spoken = languages.spoken(round_, i18n.translations_dir())
    return render_template(
        "respond/preview_index.html",
        round=round_,
        line=room.line(round_),
        rows=rows,
        spoken=[{"code": code, "name": name} for code, name in locales.names_of(spoken).items()],
        simulated=round_.simulated,
    )


@bp.route("/<locale>/<role>/<name>", methods=["GET", "POST"])
@requires("leader")
def show(round_id: str, locale: str, role: str, name: str) -> str | Response:
    """One page as a person of this role sees it; a form that is sent leads on, and is not read."""
    look = _look(room.get_round_or_404(round_id), locale, "" if role == NO_ROLE else role, name)
    if request.method == "POST":
        return redirect(_next_address(look), 303)
    g.round, g.link, g.now = look.round_, look.round_.link, visit.utc_now()
    g.draft, g.is_own, g.words = _nobody(look), True, EXAMPLE_WORDS
    g.invitation_id = "nobody's" if look.round_.mode == "confidential" else None
    with i18n.speaking(locale), db.session.no_autoflush:
        template, values = _draw(look)
        return render_template(
            template,
            **{**visit.round_values(), **language.language_values(), **values},
            preview=_bar(look),
            url_for=_leads(look),
        )


def _look(round_: Round, locale: str, role: str, name: str) -> Look:
    """What an address asks to see; 404 where there is no such thing."""
    instrument = rounds.instrument_of(round_)
    if role not in (instrument.roles or ("",)):
        abort(404)
    if locale not in languages.spoken(round_, i18n.translations_dir()):
        abort(404)
    pages = _pages(round_, role)
    place = ("you",) if drafts.needs_place(db.session, round_) else ()
    parts = (f"section-{page.section}" for page in pages)
    names = ("promise", "words", *place, *parts, "review", "thanks")
    if name not in (*names, "who"):
        abort(404)
    return Look(round_, role, locale, pages, names, name)


def _pages(round_: Round, role: str) -> tuple[Page, ...]:
    """Every page that a person of this role may come to see."""
    instrument = rounds.instrument_of(round_)
    found = routing.pages(instrument, role=role, form=round_.form, modules=round_.modules)
    closed = (
        Page(page.section, tuple(code for code in page.items if instrument.item(code).response))
        for page in found
    )
    return tuple(page for page in closed if page.items)


def _nobody(look: Look) -> Draft:
    """A draft that no session knows: what a person has who has just said their role."""
    return Draft(
        key="",
        round_id=look.round_.round_id,
        role=look.role,
        school_id=None,
        dimension_order=0,
        answers={},
        unseen=[],
        pages=[],
        revision=0,
        sent=look.here == "thanks",
    )


# --- what stands on it ---------------------------------------------------------------------------


def _draw(look: Look) -> tuple[str, dict[str, Any]]:
    """The template of a page and its own values."""
    if look.here.startswith("section-"):
        return "respond/section.html", _section(look)
    return f"respond/{_TEMPLATES.get(look.here, look.here)}.html", _VALUES[look.here](look)


_TEMPLATES = {"promise": "front", "you": "place"}


def _promise(look: Look) -> dict[str, Any]:
    return {
        "form": forms.ButtonForm(),
        "promise": filled(look.round_),
        "minutes": timing.minutes_asked(look.round_),
        "may_begin": True,
        "is_begun": False,
    }


def _place(look: Look) -> dict[str, Any]:
    instrument, words = rounds.instrument_of(look.round_), language.words()
    schools = rounds.schools_of(db.session, look.round_)
    role_section = instrument.item(instrument.role_item).section if instrument.role_item else ""
    return {
        "form": forms.place_form(instrument, schools, words)(data={"role": "", "school": ""}),
        "errors": [],
        "section": visit.section_words(words, role_section),
        "central": [forms.role_words(words, role) for role in instrument.central_roles],
    }


def _section(look: Look) -> dict[str, Any]:
    words = language.words()
    number = next(i for i, p in enumerate(look.pages) if f"section-{p.section}" == look.here)
    page = look.pages[number]
    form = forms.page_form(rounds.instrument_of(look.round_), page.items, words)()
    return {
        "form": form,
        "errors": (),
        "questions": forms.questions(form, page.items),
        "empty": [],
        "unseen": (),
        "section": visit.section_words(words, page.section),
        "progress": sections.progress_of(look.pages, number, done=_before(look, number)),
        "elsewhere": 0,
        "before": "{}",
        "opened": "",
        "tag": "",
        "revision": 0,
    }


def _before(look: Look, number: int) -> set[str]:
    return {page.section for page in look.pages[:number]}


def _review(look: Look) -> dict[str, Any]:
    words = language.words()
    rows = [
        {
            "section": page.section,
            "title": visit.section_words(words, page.section)["title"],
            "answered": 0,
            "asked": len(page.items),
            "is_seen": True,
        }
        for page in look.pages
    ]
    place = {"role": forms.role_words(words, look.role) if look.role else "", "school": ""}
    return {
        "form": forms.ButtonForm(),
        "rows": rows,
        "unseen": 0,
        "place": place,
        "is_sent": False,
        "errors": [],
    }


_VALUES: dict[str, Callable[[Look], dict[str, Any]]] = {
    "promise": _promise,
    "who": lambda look: {"promise": filled(look.round_)},
    "words": lambda _look: {"words": EXAMPLE_WORDS},
    "you": _place,
    "review": _review,
    "thanks": lambda _look: {"form": forms.ButtonForm()},
}


def _bar(look: Look) -> dict[str, Any]:
    """What stands above each page, so that nobody takes it for the survey itself."""
    conditional = any(
        rounds.instrument_of(look.round_).item(code).asked_if
        for page in look.pages
        if f"section-{page.section}" == look.here
        for code in page.items
    )
    return {
        "role": forms.role_words(language.words(), look.role) if look.role else "",
        "all": url_for("preview.index", round_id=look.round_.round_id),
        "back": look.address(look.beside(-1)) if look.here != look.names[0] else "",
        "on": look.address(look.beside(1)) if look.here != look.names[-1] else "",
        "has_conditions": conditional,
    }


# --- where it leads ------------------------------------------------------------------------------

#: page of the survey -> page of the preview; others lead nowhere
_LEADS = {
    "respond.front": "promise",
    "respond.who": "who",
    "respond.start": "promise",
    "respond.words": "words",
    "respond.place": "you",
    "respond.review": "review",
    "respond.send": "review",
    "respond.thanks": "thanks",
}


def _leads(look: Look) -> Callable[..., str]:
    """``url_for`` for the survey's templates: it stays within the preview."""

    def address(endpoint: str, **values: Any) -> str:
        if not endpoint.startswith("respond."):
            return url_for(endpoint, **values)
        if endpoint == "respond.go_on":
            return look.address(look.beside(1))
        name = _LEADS.get(endpoint, look.here)
        if endpoint == "respond.section":
            name = f"section-{values['section']}"
        return look.address(name if name in (*look.names, "who") else look.here)

    return address


def _next_address(look: Look) -> str:
    chosen = request.form.get(i18n.FIELD)
    if chosen:
        offered = languages.spoken(look.round_, i18n.translations_dir())
        return look.address(locale=chosen if chosen in offered else None)
    return look.address(look.beside(-1 if request.form.get("go") == "back" else 1))
