"""One section a page: shown, saved when it is sent, and saved answer by answer by its script.

The script (``static/answering.js``) sends the same form to the same address and asks for JSON. It
says which revision of the draft it last saw, and is told to say again where another device was
faster; a form without a script cannot do that, and says instead what the page showed, so that only
what the person touched is saved.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import sqlalchemy as sa
from flask import abort, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, generate_csrf
from itsdangerous import BadSignature, URLSafeSerializer

from instruments.routing import Page
from survey.database import db
from survey.marked import N_
from survey.respond import forms, language, own_words_sent
from survey.respond.visit import (
    bp,
    find_draft,
    log,
    no_token,
    refused,
    respondent_key,
    section_words,
    utc_now,
    wants_json,
    with_place,
)
from survey.services import answers, drafts, rounds
from survey.services.sealing import draft_tag
from survey.services.timing import SECONDS_AN_ITEM

#: in the address of a page that has asked, once, about the questions left empty
ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a person is: ``marks`` holds "done", "here" or "" for each section."""

    number: int
    of: int
    minutes_left: int
    marks: tuple[str, ...]


@bp.route("/s/<section>", methods=["GET", "POST"])
@with_place
def section(section: str) -> Any:
    """One page of questions."""
    pages = answers.pages(g.round, g.draft, is_own=g.is_own)
    number = next((i for i, page in enumerate(pages) if page.section == section), None)
    if number is None:
        if request.method == "POST":
            raise answers.RefusedError(N_("That page is not part of your survey."))
        abort(404)
    if request.method == "POST":
        too_long = own_words_sent.too_long(_shown(pages[number]))
        if too_long and not wants_json():
            return _show(pages, number, errors=too_long), 422
        _save(pages[number])
        db.session.commit()
        return _saved(pages, number)
    if not (g.is_own or _shown(pages[number])):
        return redirect(url_for("respond.go_on"), 303)
    return _show(pages, number)


# --- showing -------------------------------------------------------------------------------------


def _shown(page: Page) -> tuple[str, ...]:
    """The items of a page that this device may show.

    Without the resume words those that had no answer when the page was opened, so that a personal
    link in the wrong hands shows nothing of what was answered.
    """
    if g.is_own:
        return page.items
    if page.section in g.draft.pages:
        return ()
    if request.method == "POST":
        still_open = _opened(page, request.form.get("opened", ""))
    else:
        still_open = _left_open(page)
    return tuple(code for code in page.items if code in still_open)


def _left_open(page: Page) -> set[str]:
    return set(answers.left_open(g.round, g.draft, page.section, is_own=g.is_own))


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="opened without resume words")


def _opened(page: Page, sealed: str) -> set[str]:
    """What a page, opened without the resume words, listed as open; only this server can say so."""
    try:
        key, section_code, items = _seal().loads(sealed)
    except (BadSignature, ValueError):
        return _left_open(page)
    is_ours = (key, section_code) == (_tag(), page.section)
    return set(items) if is_ours else set()


def _tag() -> str:
    """Tells the drafts of one device apart, for what waits in a tab; leads to no draft."""
    return draft_tag(respondent_key(), key=g.draft.key)


def _show(pages: tuple[Page, ...], number: int, *, errors: Sequence[dict[str, str]] = ()) -> str:
    page = pages[number]
    items = _shown(page)
    seen = answers.seen(g.draft, is_own=g.is_own)
    before: dict[str, Any] = {code: seen[code] for code in items if code in seen}
    form_class = forms.page_form(rounds.instrument_of(g.round), items, language.words())
    saved = {forms.field_name(code): value for code, value in before.items()}
    words, ticks = own_words_sent.shown(items)
    saved |= {forms.field_name(code): text for code, text in words.items()}
    saved |= dict.fromkeys(ticks, True)
    before |= words | dict.fromkeys(ticks, True)
    form = form_class() if request.method == "POST" else form_class(data=saved)
    is_asked = ASKED in request.args
    return render_template(
        "respond/section.html",
        form=form,
        errors=errors,
        questions=forms.questions(form, items),
        empty=[code for code in items if code not in g.draft.answers] if is_asked else [],
        unseen=set(g.draft.unseen) if g.is_own else (),
        section=section_words(language.words(), page.section),
        progress=progress_of(pages, number, done=set(g.draft.pages)),
        elsewhere=len(page.items) - len(items),
        before=json.dumps(before, separators=(",", ":")),
        opened="" if g.is_own else _seal().dumps([_tag(), page.section, items]),
        tag=_tag(),
        revision=g.draft.revision,
    )


def progress_of(pages: tuple[Page, ...], number: int, *, done: Collection[str]) -> Progress:
    """How far a person is on one of their pages, who is through with the sections ``done``."""
    left = sum(
        len(page.items)
        for page in pages[number:]
        if page.section not in done and not _asks_words(page)
    )
    marks = tuple(
        "here" if i == number else "done" if page.section in done else ""
        for i, page in enumerate(pages)
    )
    return Progress(
        number=number + 1,
        of=len(pages),
        minutes_left=ceil(left * SECONDS_AN_ITEM / 60),
        marks=marks,
    )


# --- saving --------------------------------------------------------------------------------------


def _save(page: Page) -> None:
    """Check what came with the page, then save it whole or not at all."""
    items = _shown(page)
    expected = {forms.field_name(code): code for code in items}
    if _asks_words(page):
        expected |= {forms.quote_name(code): code for code in items}
    for name, values in request.form.lists():
        if name not in forms.OWN_FIELDS and name not in expected:
            raise answers.RefusedError(
                N_("That question is not on this page of your survey."),
                item=_known_item(name.removeprefix(forms.PREFIX)),
            )
        if len(values) > 1:
            raise answers.RefusedError(
                N_("A question was answered twice over."), item=expected.get(name, "")
            )
    form = forms.page_form(rounds.instrument_of(g.round), items, language.words())()
    if not form.validate() and not _asks_words(page):
        wrong = [code for name, code in expected.items() if name in form.errors]
        raise answers.RefusedError(
            N_("That answer is not one of the choices."), item=wrong[0] if wrong else ""
        )
    clear = request.form.get("clear")
    if clear and clear not in items:
        raise answers.RefusedError(
            N_("That question is not on this page of your survey."), item=_known_item(clear)
        )
    given: dict[str, answers.Answer] = {}
    words: dict[str, str] = {}
    ticks: dict[str, bool] = {}
    if _asks_words(page):
        words, ticks = own_words_sent.given(items, _before())
    else:
        given = answers.touched(forms.given(form, items), _before())
    empty = set(items) - set(given) - set(g.draft.answers)
    answers.save_page(
        db.session,
        g.round,
        g.draft,
        section=page.section,
        given=given,
        words=words,
        ticks=ticks,
        clear=[clear] if clear else (),
        is_done=_direction() == "on" and not (empty and _asks(page)),
        is_own=g.is_own,
        revision=_revision() if wants_json() else None,
        now=g.now,
    )


def _before() -> dict[str, object]:
    """What the page showed as answered when it was opened; nothing where that cannot be read."""
    try:
        before = json.loads(request.form.get("before", ""))
    except (ValueError, RecursionError):  # RecursionError: it is nested without end
        return {}
    return before if isinstance(before, dict) else {}


def _revision() -> int:
    text = request.form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _asks(page: Page) -> bool:
    """Whether the page still asks, once and gently, about questions that are left empty.

    Never for open words: nobody owes them.
    """
    is_first = page.section not in g.draft.pages and ASKED not in request.args
    return is_first and not _asks_words(page)


def _asks_words(page: Page) -> bool:
    return answers.is_open_words(g.round, page.items[0])


def _known_item(code: str) -> str:
    return code if code in rounds.instrument_of(g.round).items_by_code else ""


def _direction() -> str:
    """Where the person goes: "on", "back", or "stay".

    One stays after an answer was saved alone or taken back, and after the language was changed.
    """
    if request.form.get("clear") or language.switch_from_form():
        return "stay"
    go = request.form.get("go", "on")
    return go if go in ("back", "stay") else "on"


# --- where it leads ------------------------------------------------------------------------------


def _saved(pages: tuple[Page, ...], number: int) -> Any:
    """The page was saved: on, back, or stay; as JSON for the page's script."""
    address = _after(pages[number], pages, number)
    if wants_json():
        is_leaving = _direction() != "stay"
        return {"revision": g.draft.revision, "next": address if is_leaving else None}
    return redirect(address, 303)


def _after(page: Page, pages: tuple[Page, ...], number: int) -> str:
    direction = _direction()
    if direction == "stay":
        anchor = forms.field_name(request.form["clear"]) if "clear" in request.form else None
        asked = {ASKED: 1} if ASKED in request.args else {}
        return url_for("respond.section", section=page.section, **asked, _anchor=anchor)
    if direction == "back":
        return _before_page(pages, number)
    if page.section not in g.draft.pages:  # it asks about what is left empty
        return url_for("respond.section", section=page.section, **{ASKED: 1}, _anchor="empty")
    # an answer may have opened or closed a later page
    pages = answers.pages(g.round, g.draft, is_own=g.is_own)
    if answers.first_open_page(g.round, g.draft, is_own=g.is_own) is None:
        return url_for("respond.review")
    later = [p.section for p in pages][[p.section for p in pages].index(page.section) + 1 :]
    return url_for("respond.section", section=later[0]) if later else url_for("respond.review")


def _before_page(pages: tuple[Page, ...], number: int) -> str:
    if not g.is_own:
        return url_for("respond.resume")
    if number:
        return url_for("respond.section", section=pages[number - 1].section)
    asks_place = drafts.needs_place(db.session, g.round)
    return url_for("respond.place" if asks_place else "respond.front")


# --- what goes wrong -----------------------------------------------------------------------------


@bp.errorhandler(answers.ConflictError)
def show_conflict(_error: answers.ConflictError) -> Any:
    """Another device saved meanwhile: the script learns what stands there now, and says again."""
    code = (request.view_args or {}).get("section", "")
    pages = answers.pages(g.round, g.draft, is_own=g.is_own)
    page = next(page for page in pages if page.section == code)
    seen = answers.seen(g.draft, is_own=g.is_own)
    shown = {forms.field_name(item): str(seen[item]) for item in page.items if item in seen}
    shown |= own_words_sent.fields(page.items)
    return {"revision": g.draft.revision, "answers": shown}, 409


@bp.errorhandler(CSRFError)
def show_missing_token(_error: CSRFError) -> Any:
    """A form without its token is not saved.

    A browser may have dropped the token's cookie while the page was open, and kept the words (which
    no other site can make it send along): then the page is shown again with what was chosen.
    """
    log.warning("refused: a form without its token")
    if wants_json():
        return {"csrf_token": generate_csrf()}, 403
    again = _("This page was open for too long and is not saved yet. Please save it once more.")
    return _show_again(again, status=422) or no_token()


@bp.errorhandler(sa.exc.OperationalError)
def show_not_stored(error: sa.exc.OperationalError) -> Any:
    """The database or its disk did not take it: what was chosen stays on the page."""
    log.error("not stored: %s", type(error.orig).__name__)
    db.session.rollback()
    again = _("That could not be stored just now, and is not saved yet. Please save it once more.")
    if wants_json():
        return {"message": again}, 503
    try:
        shown = _show_again(again, status=503)
    except sa.exc.OperationalError:
        shown = None
    return shown or refused(again, status=503)


def _show_again(message: str, *, status: int) -> Any:
    """The page of answers that was sent, with what was chosen on it; None where it was another."""
    g.round = rounds.by_link(db.session, g.link)
    if g.round is None:
        abort(404)
    g.now = utc_now()
    if rounds.state(g.round, g.now) != "open":
        return None
    find_draft()
    code = (request.view_args or {}).get("section")
    pages = () if g.draft is None else answers.pages(g.round, g.draft, is_own=g.is_own)
    number = next((i for i, page in enumerate(pages) if page.section == code), None)
    if number is None:
        return None
    return _show(pages, number, errors=[{"message": message, "target": ""}]), status
