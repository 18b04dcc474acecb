"""Pages on the way in: the promise, the resume words, coming back."""

from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from survey import accessibility, cookies, i18n
from survey.database import db
from survey.models import Draft
from survey.promised import filled
from survey.respond.forms import ButtonForm, ResumeForm
from survey.respond.visit import (
    bp,
    is_of_link,
    log,
    remember,
    respondent_key,
    with_draft,
    with_own_draft,
)
from survey.services import answers, drafts, guessing
from survey.services.sealing import normalise
from survey.services.timing import minutes_asked


@bp.get("")
def front() -> str:
    """The promise, before any question."""
    return render_template(
        "respond/front.html",
        form=ButtonForm(),
        promise=filled(g.round),
        minutes=minutes_asked(g.round),
        may_begin=g.round.mode == "anonymous" or g.invitation_id is not None,
        is_begun=g.draft is not None,
    )


@bp.get("/who")
def who() -> str:
    """What each of five onlookers can learn."""
    return render_template("respond/who.html", promise=filled(g.round))


@bp.get("/accessibility")
def read_accessibility() -> str:
    """The accessibility statement, in the language of this visit, with whom to tell."""
    parts = accessibility.statement(
        organisation=g.round.organisation.short_name, who=g.round.results_by
    )
    day = i18n.day(accessibility.TESTED_ON)
    return render_template("accessibility.html", parts=parts, tested_on=day)


@bp.get("/no")
def decline() -> str:
    return render_template("respond/decline.html")


@bp.post("/start")
def start() -> Any:
    """Begin a draft and give its resume words."""
    try:
        begun = drafts.begin(
            db.session,
            g.round,
            respondent_key=respondent_key(),
            invitation_id=g.invitation_id if g.round.mode == "confidential" else None,
            now=g.now,
        )
    except answers.RefusedError as error:
        if str(error) != drafts.BEGUN_ALREADY:
            raise
        db.session.rollback()
        return redirect(url_for("respond.front"), 303)
    db.session.commit()
    return remember(redirect(url_for("respond.words"), 303), begun.words)


@bp.get("/words")
@with_own_draft
def words() -> Any:
    """The resume words, until the person has gone on from this page."""
    if g.draft.revision:
        return redirect(url_for("respond.go_on"), 303)
    return render_template("respond/words.html", words=g.words)


@bp.route("/resume", methods=["GET", "POST"])
def resume() -> Any:
    """Come back on any device by typing the words."""
    form = ResumeForm()
    is_lost = bool(request.cookies.get(cookies.WORDS)) and g.draft is None
    if not form.is_submitted():
        return render_template("respond/resume.html", form=form, is_lost=is_lost)
    if not form.validate():
        return _not_resumed(form, status=422)
    group = guessing.group_of(respondent_key(), request.remote_addr)
    wait = guessing.wait_s(db.session, "words", group, g.now)
    if wait:
        return _held_up(form, wait)
    typed = form.words.data
    draft = drafts.find(db.session, g.round, words=typed, respondent_key=respondent_key())
    if draft is not None:
        return _resumed(draft, typed)
    guessing.failed(db.session, "words", group, g.now)
    db.session.commit()
    log.warning("refused: resume words that lead to no draft")
    form.words.errors = [
        _(
            "No answers were found for these words. Check them against your note; "
            "if you withdrew your answers, they are gone."
        )
    ]
    return _not_resumed(form, status=422)


def _resumed(draft: Draft, typed: str) -> Response:
    response = remember(redirect(url_for("respond.go_on"), 303), normalise(typed))
    if g.invitation_id is not None and not is_of_link(draft):
        # the link that was opened here is somebody else's; the words say who is here now
        cookies.drop(response, cookies.INVITATION, round_=g.round)
    return response


def _held_up(form: ResumeForm, wait: int) -> Any:
    """The page while nothing is looked at: it is the same whatever was typed."""
    form.words.errors = [
        ngettext(
            "Too many wrong words were typed. Wait %(num)s second, then send your words again.",
            "Too many wrong words were typed. Wait %(num)s seconds, then send your words again.",
            wait,
        )
    ]
    page, status = _not_resumed(form, status=429)
    return page, status, {"Retry-After": str(wait)}


def _not_resumed(form: ResumeForm, *, status: int) -> tuple[str, int]:
    errors = [{"message": message, "target": "words"} for message in form.words.errors]
    return render_template("respond/resume.html", form=form, errors=errors), status


@bp.get("/go")
@with_draft
def go_on() -> Any:
    """On to the first page that waits for this person."""
    return redirect(next_address(), 303)


def next_address() -> str:
    """Where this person goes on."""
    if not drafts.has_place(db.session, g.round, g.draft):
        return url_for("respond.place")
    section = answers.first_open_page(g.round, g.draft, is_own=g.is_own)
    if section is not None:
        return url_for("respond.section", section=section)
    return url_for("respond.thanks" if g.draft.sent else "respond.review")
