"""The front page, and what leads from it, from a poster or from an e-mail to a round's own pages.

A GET uses nothing up: programs that scan mail open links too. Codes and tokens stand in no page's
address, because each leads on at once, and in no log.
"""

import logging
from datetime import UTC, datetime

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from survey import accessibility, cookies, i18n
from survey.database import begin_writing, db
from survey.enter.forms import CodeForm
from survey.models import Invitation, Round
from survey.services import entry_codes, guessing, sealing
from survey.settings import Settings

bp = Blueprint("enter", __name__, template_folder="templates")
log = logging.getLogger("midtier.enter")


@bp.get("/")
def front() -> str:
    """What this is, a field for the code from a poster, and the way to signing in."""
    return _front(CodeForm(formdata=None))


@bp.post("/")
def open_code() -> Response:
    """On to the round of the code that was typed."""
    form = CodeForm()
    if not form.validate():
        return make_response(_front(form), 422)
    return _try(form, status=422)


@bp.get("/accessibility")
def read_accessibility() -> str:
    """The accessibility statement; inside a round there is one that knows whom to tell."""
    day = i18n.day(accessibility.TESTED_ON)
    return render_template("accessibility.html", parts=accessibility.statement(), tested_on=day)


@bp.get("/c/<code>")
def follow_code(code: str) -> Response:
    """Where the picture on a poster leads: the same as typing its code."""
    return _try(CodeForm(formdata=None, code=code), status=404)


@bp.get("/i/")
@bp.get("/i/<token>")
def follow_invitation(token: str = "") -> Response:
    """Where a personal link leads: on to its round, with the token in a cookie."""
    settings = _settings()
    invitation_id = sealing.invitation_in(settings.respondent_key, token=token)
    invitation = db.session.get(Invitation, invitation_id) if invitation_id else None
    round_ = db.session.get(Round, invitation.round_id) if invitation else None
    if round_ is None:
        log.warning("refused: a personal link that leads to no round")
        return make_response(render_template("enter/broken_link.html"), 404)
    return _go_to(round_, cookies.INVITATION, token)


def _try(form: CodeForm, *, status: int) -> Response:
    """Look the code up, unless there was too much guessing lately; count it if it is wrong."""
    now = datetime.now(UTC)
    group = guessing.group_of(_settings().respondent_key, request.remote_addr)
    begin_writing(db.session)
    wait = guessing.wait_s(db.session, "code", group, now)
    if wait:
        return _wait(form, wait)
    found = entry_codes.find(db.session, form.code.data)
    if found is not None:
        code, round_ = found
        return _go_to(round_, cookies.CODE, cookies.sealed(code))
    guessing.failed(db.session, "code", group, now)
    db.session.commit()
    log.warning("refused: a code that leads to no round")
    form.code.errors = [
        _(
            "No survey has this code. Compare it with your poster. When a survey closes, its codes "
            "are deleted."
        )
    ]
    return make_response(_front(form), status)


def _wait(form: CodeForm, wait: int) -> Response:
    """The page while nothing is looked at: it is the same for every code."""
    form.code.errors = [
        ngettext(
            "Too many wrong codes were typed. Wait %(num)s second, then send your code again.",
            "Too many wrong codes were typed. Wait %(num)s seconds, then send your code again.",
            wait,
        )
    ]
    page = make_response(_front(form), 429)
    page.headers["Retry-After"] = str(wait)
    return page


def _front(form: CodeForm) -> str:
    errors = [{"message": message, "target": "code"} for message in form.code.errors]
    sign_in = url_for("security.login")
    return render_template("enter/front.html", form=form, errors=errors, sign_in=sign_in)


def _go_to(round_: Round, cookie: str, value: str) -> Response:
    """On to the round's first page, with what led there in a cookie until the round closes."""
    response = redirect(url_for("respond.front", link=round_.link), 303)
    return cookies.keep(response, cookie, value, round_=round_)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["midtier_settings"]
    return settings
