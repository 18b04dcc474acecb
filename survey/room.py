"""What the leader's and the researcher's rooms share: rounds of one's organisation, documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from flask import Response, abort, current_app, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response as AnyResponse

from survey import i18n, jobs, storage
from survey.database import begin_writing, db
from survey.models import Account, Report, Round
from survey.services import audit, clock, reporting, rounds
from survey.settings import Settings


class ConfirmForm(FlaskForm):
    """A button: nothing but the token that shows that the page was ours."""


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round as a list shows it."""

    round_id: str
    name: str
    state: str
    window: str


def now() -> datetime:
    return datetime.now(UTC)


def rounds_of_account() -> Sequence[Round]:
    """Rounds of the signed-in account's organisation, newest first."""
    return db.session.scalars(
        sa.select(Round)
        .where(Round.organisation_id == current_user.organisation_id)
        .order_by(Round.opens_at.desc(), Round.round_id)
    ).all()


def get_round_or_404(round_id: str) -> Round:
    """A round of the signed-in account's organisation; for anybody else there is none."""
    round_ = db.session.get(Round, round_id)
    if round_ is None or round_.organisation_id != current_user.organisation_id:
        abort(404)
    return round_


def line(round_: Round) -> RoundLine:
    state = rounds.state(round_, now())
    return RoundLine(round_.round_id, round_.name, state, window(round_))


def window(round_: Round) -> str:
    """From when to when the round is open: "4–22 May 2026"."""
    first, last = (
        clock.local(round_.organisation, at) for at in (round_.opens_at, last_day(round_))
    )
    return i18n.days(first.date(), last.date())


def last_day(round_: Round) -> datetime:
    return min(round_.closes_at, round_.closed_at or round_.closes_at)


def ask(round_id: str, kind: str, *, back: str) -> AnyResponse:
    """Ask for a document, hand it to the job engine after the commit, and go back to the round."""
    get_round_or_404(round_id)
    begin_writing(db.session)
    try:
        report = reporting.ask(
            db.session, get_round_or_404(round_id), kind, by=account(), now=now()
        )
    except reporting.ReportError as error:
        db.session.rollback()
        flash(_(str(error)))
    else:
        db.session.commit()
        if report.state == "asked":
            hand_over([report])
    return redirect(url_for(back, round_id=round_id))


def hand_over(reports: Sequence[Report]) -> None:
    """Hand documents that were asked for to the job engine; call it after the commit."""
    if reports:
        jobs.hand_over(_settings(), list(reports))


def send(round_id: str, kind: str, *, back: str) -> AnyResponse:
    """A finished document as a file; nothing on the way may keep a copy.

    Where it cannot be sent, the round's page says why and offers to try again.
    """
    round_ = get_round_or_404(round_id)
    content = load(round_, kind)
    if content is None:
        return redirect(url_for(back, round_id=round_id))
    begin_writing(db.session)
    name, of_what = reporting.entry_of(round_, kind)
    audit.note(db.session, actor=account(), action=f"download_{name}", object_=of_what, now=now())
    db.session.commit()
    found = reporting.kind_of(kind)
    response = Response(content, mimetype=found.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(round_, kind)}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def load(round_: Round, kind: str) -> bytes | None:
    """The bytes of a finished document; 404 where there is none.

    Where the stored file is missing or damaged, the document is marked as failed, and there are
    no bytes.
    """
    report = reporting.find(db.session, round_, kind)
    if report is None or report.state != "ready":
        abort(404)
    try:
        return storage.load(_settings().reports_dir, report.file_name, report.checksum)
    except storage.StorageError as error:
        fail(round_, kind, str(error))
        return None


def fail(round_: Round, kind: str, why: str) -> None:
    """Mark a finished document as failed, so that its round's page says why and tries again."""
    begin_writing(db.session)
    report = reporting.find(db.session, round_, kind)
    if report is not None and report.state == "ready":
        report.state, report.failure = "failed", why
    db.session.commit()


def file_name(round_: Round, kind: str) -> str:
    """Organisation, round and kind, in letters that every computer takes."""
    school = reporting.school_of(db.session, round_, kind)
    what = f"school {school.name}" if school else kind
    name = secure_filename(f"{round_.organisation.short_name} {round_.name} {what}")
    return f"{name or 'document'}{reporting.kind_of(kind).suffix}".lower().replace("_", "-")


def link(round_: Round) -> str:
    """The shared link that staff open, under the address that the operator set."""
    return _settings().public_url.rstrip("/") + url_for("respond.front", link=round_.link)


def find_report(round_: Round, kind: str) -> Report | None:
    return reporting.find(db.session, round_, kind)


def account() -> Account:
    return current_user._get_current_object()  # type: ignore[no-any-return]


def _settings() -> Settings:
    settings: Settings = current_app.extensions["midtier_settings"]
    return settings
