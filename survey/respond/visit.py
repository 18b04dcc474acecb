"""A visit to a round: which round, which draft, and what stands on every page of it."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from instruments.definition import Words
from survey import cookies, i18n, staff_page
from survey.database import begin_writing, db
from survey.dates import day_of
from survey.models import Draft, Invitation
from survey.respond import results
from survey.services import answers, drafts, rounds, sealing
from survey.settings import Settings

bp = Blueprint("respond", __name__, url_prefix="/r/<link>", template_folder="templates")
log = logging.getLogger("midtier.respond")

#: a page of answers takes some 3 KB; what is far larger is not one
LARGEST_BODY = 64 * 1024

#: what a round has before it opens and after it has closed: its languages, and one statement
ALWAYS_OPEN = ("respond.switch_language", "respond.read_accessibility")

View = Callable[..., Any]


def utc_now() -> datetime:
    return datetime.now(UTC)


def settings() -> Settings:
    found: Settings = current_app.extensions["midtier_settings"]
    return found


def respondent_key() -> str:
    return settings().respondent_key


@bp.url_value_preprocessor
def take_link(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.link = (values or {}).pop("link", "")
    request.max_content_length = LARGEST_BODY  # here, because the token is read before the views


@bp.url_defaults
def add_link(_endpoint: str, values: dict[str, Any]) -> None:
    if "link" in g:
        values.setdefault("link", g.link)


@bp.before_request
def find_round() -> Any:
    """Find the round, and the draft of this device; say so kindly where the round is not open."""
    writes = request.method == "POST"
    if writes:
        begin_writing(db.session)
    g.round = rounds.by_link(db.session, g.link, hold=writes)
    if g.round is None:
        abort(404)
    g.now = utc_now()
    state = rounds.state(g.round, g.now)
    if state != "open":
        return None if request.endpoint in ALWAYS_OPEN else not_open(state)
    find_draft(hold=writes)
    return None


def find_draft(*, hold: bool = False) -> None:
    """What this device leads to: ``g.words``, ``g.invitation_id``, ``g.draft`` and ``g.is_own``.

    ``is_own``: the device has the draft's resume words, and so may show what was answered. With a
    personal link alone it goes on at the first open page and shows nothing of what was answered.
    Words of another draft than the link's are a colleague's, who used this device before. A draft
    in which nothing is saved yet is for its words alone: with the link one begins one's own.
    """
    g.words = _words_of_device()
    g.invitation_id = _invitation_of_device()
    g.draft, g.is_own = _draft_of_words(hold=hold), True
    if g.round.mode != "confidential" or g.invitation_id is None:
        return
    linked = drafts.find_invited(
        db.session,
        g.round,
        invitation_id=g.invitation_id,
        respondent_key=respondent_key(),
        hold=hold,
    )
    if g.draft is None or g.draft is not linked:
        g.draft, g.is_own = linked if linked is not None and linked.revision else None, False


def _words_of_device() -> str | None:
    """The resume words that this server gave to the device, or was once sent from it."""
    kept = request.cookies.get(cookies.WORDS, "")
    return sealing.words_in(respondent_key(), round_id=g.round.round_id, kept=kept)


def _draft_of_words(*, hold: bool) -> Draft | None:
    if g.words is None:
        return None
    return drafts.find(
        db.session, g.round, words=g.words, respondent_key=respondent_key(), hold=hold
    )


def is_of_link(draft: Draft) -> bool:
    """Whether a draft was begun with the personal link that was opened on this device."""
    if g.invitation_id is None:
        return False
    sealed = sealing.invitation_key(
        respondent_key(), round_id=g.round.round_id, invitation_id=g.invitation_id
    )
    return draft.invitation_key == sealed


def _invitation_of_device() -> str | None:
    """The invitation whose personal link was opened here, if it is this round's."""
    token = request.cookies.get(cookies.INVITATION, "")
    invitation_id = sealing.invitation_in(respondent_key(), token=token) if token else None
    if invitation_id is None:
        return None
    invitation = db.session.get(Invitation, invitation_id)
    is_ours = invitation is not None and invitation.round_id == g.round.round_id
    return invitation_id if is_ours else None


@bp.after_request
def clear_device(response: Response) -> Response:
    """Take a closed round's cookies off the device: they last until it was to close.

    Only where it *was* closed: a server whose clock is ahead takes nobody's words away.
    """
    round_ = g.get("round")
    if round_ is None or round_.closed_at is None:
        return response
    left = [name for name in cookies.OF_PERSONS if name in request.cookies]
    return cookies.drop(response, *left, round_=round_)


def wants_json() -> bool:
    """Whether the page's script asks, which saves in the background."""
    return request.accept_mimetypes.best == "application/json"


def with_draft(view: View) -> View:
    """Let through who has a draft on this device; send others to type their resume words."""

    @wraps(view)
    def check(*args: Any, **kwargs: Any) -> Any:
        if g.draft is not None:
            return view(*args, **kwargs)
        if request.method != "POST":
            return redirect(url_for("respond.resume"), 303)
        log.warning("refused: the resume words of a device lead to no draft")
        return refused(
            _(
                "The answers on this device cannot be found. Nothing that was saved before is "
                "lost: type your resume words to go on."
            ),
            status=403,
            link_to=url_for("respond.resume"),
            link_text=_("Type my resume words"),
        )

    return check


def with_own_draft(view: View) -> View:
    """Let through who has the draft's resume words on this device; ask others to type them."""

    @wraps(view)
    @with_draft
    def check(*args: Any, **kwargs: Any) -> Any:
        if g.is_own:
            return view(*args, **kwargs)
        return redirect(url_for("respond.resume"), 303)

    return check


def with_place(view: View) -> View:
    """Let through who has said role and school; send others to say them."""

    @wraps(view)
    @with_draft
    def check(*args: Any, **kwargs: Any) -> Any:
        if drafts.has_place(db.session, g.round, g.draft):
            return view(*args, **kwargs)
        return redirect(url_for("respond.place"), 303)

    return check


@bp.context_processor
def round_values() -> dict[str, Any]:
    """What every page of a round needs."""
    round_ = g.get("round")
    if round_ is None:
        return {}
    return {
        "round": round_,
        "simulated": round_.simulated,
        "results_promise": staff_page.promise(round_),
        "mto": rounds.fills_of(round_, i18n.locale_code()).get(
            "mto", round_.organisation.short_name
        ),
        "organisation": round_.organisation.short_name,
        "closes": day_of(round_.closes_at, round_.organisation, is_end=True),
        "opens": day_of(round_.opens_at, round_.organisation),
        "mode": round_.mode,
        "statement_url": url_for("respond.read_accessibility"),
        "address": settings().public_url.rstrip("/") + url_for("respond.front"),
        "has_draft": g.get("draft") is not None,
        "is_own": bool(g.get("is_own")),
    }


def section_words(words: Words, section: str) -> dict[str, str]:
    """Title and introduction of a section, filled; empty where the instrument has none."""
    found = words.text.sections.get(section, {})
    return {key: words.fill(found.get(key, "")) for key in ("title", "intro")}


def not_open(state: rounds.State) -> Any:
    """The page of a round that waits or has closed; once it is released, the page for staff."""
    if wants_json():
        return {"closed": True, "next": url_for("respond.front")}, 409
    if request.method != "POST" and (page := results.page_of(g.round)) is not None:
        return page
    status = 409 if request.method == "POST" else 200
    closed_at = min(g.round.closed_at or g.round.closes_at, g.round.closes_at)
    closed_on = day_of(closed_at, g.round.organisation, is_end=True)
    return render_template("respond/not_open.html", state=state, closed_on=closed_on), status


def refused(
    advice: str, *, status: int = 400, link_to: str | None = None, link_text: str = ""
) -> Any:
    """One clear line about what was not accepted."""
    link_to = link_to or url_for("respond.go_on")
    link_text = link_text or _("Go on with the survey")
    if wants_json():
        return {"message": advice, "next": link_to, "next_text": link_text}, status
    page = render_template(
        "error.html",
        title=_("That was not saved"),
        errors=True,
        advice=advice,
        link_to=link_to,
        link_text=link_text,
    )
    return page, status


@bp.errorhandler(answers.RefusedError)
def show_refusal(error: answers.RefusedError) -> Any:
    """What a service refused: nothing of the page was saved, all that was before is kept."""
    db.session.rollback()
    if isinstance(error, answers.NotOpenError):
        return not_open(error.state)
    log.warning("refused: %s (item %s)", error, error.item or "unknown")
    return refused(_("%(what)s Nothing that was saved before is lost.", what=_(str(error))))


def no_token() -> Any:
    """The page for a form without its token: mostly a browser that keeps no cookies."""
    return refused(
        _(
            "This survey needs one cookie, so that your answers stay yours: allow cookies for "
            "this site, open the link again, and send the page once more."
        ),
        link_to=url_for("respond.front"),
        link_text=_("Open the survey again"),
    )


def remember(response: Response, words: str) -> Response:
    """Keep the resume words on this device until the round closes."""
    kept = sealing.kept_words(respondent_key(), round_id=g.round.round_id, words=words)
    return cookies.keep(response, cookies.WORDS, kept, round_=g.round)


def forget(response: Response, *, link_too: bool = False) -> Response:
    """Take the resume words off this device, and the personal link where ``link_too``."""
    names = (cookies.WORDS, cookies.INVITATION) if link_too else (cookies.WORDS,)
    return cookies.drop(response, *names, round_=g.round)
