"""The roster: what it holds, a file uploaded, checked, mended and applied.

A staff list in a confidential round, head counts in an anonymous one. Of people these pages quote
only what stands in the file that the leader has just sent; nothing of who has answered.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import format_datetime, lazy_gettext, ngettext
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response

from survey import room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead import faults
from survey.lead.roster_words import words_of_file
from survey.lead.views import bp
from survey.models import RosterUpload, Round
from survey.services import (
    audit,
    roster_check,
    roster_faults,
    roster_files,
    roster_memory,
    roster_reading,
    roster_uploads,
    rosters,
    rounds,
)
from survey.services.roster_check import Checked
from survey.services.roster_files import Book, Sheet
from survey.services.roster_reading import Places, Reading, folded

Page = str | tuple[str, int] | Response

#: faults that the page shows; the file to mend holds all
SHOWN_FAULTS = 20

CLOSED = lazy_gettext("The round has closed: its roster stays as it is.")
GONE = lazy_gettext(
    "The file is no longer here: it was applied, deleted, or waited for over an hour. Nothing "
    "of the roster was changed. Upload it again."
)


CHANGED = lazy_gettext(
    "The roster was changed meanwhile, by another leader or in another window. Nothing of this "
    "file was applied. Below is what it would change now."
)


class UploadForm(FlaskForm):
    """A CSV file or a workbook."""

    file = FileField(validators=[FileRequired(lazy_gettext("Choose the file first."))])


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file between upload and applying, opened and checked."""

    round_: Round
    upload: RosterUpload
    book: Book
    reading: Reading
    found: Places

    @property
    def sheet(self) -> Sheet:
        return self.book.sheets[self.reading.sheet]

    @property
    def missing(self) -> list[str]:
        return self.found.needed(self.reading.columns)

    def check(self) -> Checked:
        return roster_check.check(self.sheet, self.reading, self.found)


@bp.url_value_preprocessor
def allow_a_large_file(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A roster may be larger than other forms; said before the form is read."""
    if endpoint == "lead.upload_roster":
        request.max_content_length = roster_files.MOST_BYTES + 64 * 1024


@bp.get("/rounds/<round_id>/roster")
@requires("leader")
def show_roster(round_id: str) -> Page:
    """How many people of each school the roster has, and the way to change it."""
    return _page(room.get_round_or_404(round_id))


@bp.post("/rounds/<round_id>/roster")
@requires("leader")
def upload_roster(round_id: str) -> Page:
    """Take a file, keep it sealed, and go on to what it would change."""
    round_ = room.get_round_or_404(round_id)
    form = UploadForm()
    if not form.validate_on_submit():
        return _page(round_, form.file.errors)
    sent = form.file.data
    try:
        book = roster_files.read(sent.read(), name=roster_check.shown(sent.filename or ""))
    except roster_files.RosterFileError as error:
        return _page(round_, [faults.of_file(error)])
    begin_writing(db.session)
    if not _hold(round_id):
        return back(round_id)
    round_ = room.get_round_or_404(round_id)
    upload = roster_uploads.keep(
        db.session, round_, book, by=room.account(), now=room.now(), respondent_key=_key()
    )
    reading = roster_reading.guess(db.session, round_, book)
    upload.reading = reading.as_json()
    upload_id = upload.upload_id
    is_known = roster_memory.knows(db.session, round_, book, reading)
    db.session.commit()
    onward = ".check_roster" if is_known else ".map_roster"
    return redirect(url_for(onward, round_id=round_id, upload_id=upload_id), 303)


@bp.get("/rounds/<round_id>/roster/<upload_id>")
@requires("leader")
def check_roster(round_id: str, upload_id: str) -> Page:
    """What a file would change, what is wrong with it, and which of its words are not known."""
    waits = find(round_id, upload_id)
    if waits is None:
        return gone(round_id)
    if waits.missing:
        return redirect(url_for(".map_roster", round_id=round_id, upload_id=upload_id), 303)
    return check_page(waits)


@bp.post("/rounds/<round_id>/roster/<upload_id>/apply")
@requires("leader")
def apply_roster(round_id: str, upload_id: str) -> Page:
    """Change the roster to what the good rows of a file say."""
    room.get_round_or_404(round_id)
    begin_writing(db.session)
    if not _hold(round_id):
        return back(round_id)
    waits = find(round_id, upload_id)
    if waits is None or waits.missing:
        db.session.rollback()
        return gone(round_id)
    checked, seen = waits.check(), request.form.get("seen", "")
    absent = request.form.get("absent", "")
    shown = rosters.compare(db.session, waits.round_, checked)
    must_choose = seen == shown.seen and shown.gone and not checked.faults
    if must_choose and absent not in ("keep", "take"):
        db.session.rollback()
        return check_page(waits, _wrong(_("Choose one of the two."), "absent-keep"))
    chosen = {"seen": seen, "is_whole": absent == "take" and not checked.faults}
    by, now = room.account(), room.now()
    try:
        change = rosters.apply(db.session, waits.round_, checked, by=by, now=now, **chosen)
    except rosters.ChangedMeanwhileError:
        db.session.rollback()
        return check_page(waits, _wrong(str(CHANGED), "change"), status=409)
    if not checked.faults:
        roster_uploads.put_away(db.session, waits.upload)
    db.session.commit()
    _say_what_was_changed(change, is_whole=bool(chosen["is_whole"]))
    if not checked.faults:
        return back(round_id)
    return redirect(url_for(".check_roster", round_id=round_id, upload_id=upload_id), 303)


@bp.post("/rounds/<round_id>/roster/<upload_id>/discard")
@requires("leader")
def discard_roster(round_id: str, upload_id: str) -> Page:
    """Delete a file that waits; the roster stays as it is."""
    round_ = room.get_round_or_404(round_id)
    begin_writing(db.session)
    by, now = room.account(), room.now()
    upload = roster_uploads.find(db.session, round_, upload_id, by=by, now=now)
    if upload is not None:
        roster_uploads.put_away(db.session, upload)
    db.session.commit()
    flash(_("The file was deleted. The roster stays as it is."))
    return back(round_id)


@bp.get("/rounds/<round_id>/roster/<upload_id>/faults.<any(csv, xlsx):kind>")
@requires("leader")
def download_roster_faults(round_id: str, upload_id: str, kind: str) -> Page:
    """The rows with faults, and what is wrong with each, as a file to mend."""
    waits = find(round_id, upload_id)
    if waits is None or waits.missing:
        return gone(round_id)
    rows = roster_faults.table(
        waits.sheet,
        waits.reading,
        waits.check(),
        headings=(_("Row"), _("What is wrong"), _("What to do")),
        what=faults.what,
        mend=faults.mend,
    )
    content = roster_faults.as_csv(rows) if kind == "csv" else roster_faults.as_xlsx(rows)
    begin_writing(db.session)
    what = f"round {round_id}"
    account, now = room.account(), room.now()
    audit.note(db.session, actor=account, action="download_faults", object_=what, now=now)
    db.session.commit()
    response = make_response(content)
    response.mimetype = (
        "text/csv"
        if kind == "csv"
        else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="faults.{kind}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def find(round_id: str, upload_id: str) -> Waiting | None:
    """A file of the signed-in leader that waits; None where it is no longer there."""
    round_ = room.get_round_or_404(round_id)
    upload = roster_uploads.find(db.session, round_, upload_id, by=room.account(), now=room.now())
    book = roster_uploads.open_(upload, respondent_key=_key()) if upload else None
    if upload is None or book is None:
        return None
    reading = roster_reading.from_json(upload.reading)
    found = roster_reading.places(db.session, round_, reading)
    return Waiting(round_, upload, book, reading, found)


def _hold(round_id: str) -> bool:
    """Keep the round as it is for this change; says so and gives it up where it has closed."""
    try:
        rosters.hold(db.session, room.get_round_or_404(round_id), room.now())
    except rosters.NotNowError:
        db.session.rollback()
        flash(CLOSED)
        return False
    return True


def _wrong(message: str, target: str) -> list[dict[str, str]]:
    return [{"message": message, "target": target}]


def gone(round_id: str) -> Response:
    flash(GONE)
    return back(round_id)


def back(round_id: str) -> Response:
    return redirect(url_for(".show_roster", round_id=round_id), 303)


def check_page(
    waits: Waiting, errors: list[dict[str, str]] | None = None, *, status: int = 422
) -> tuple[str, int]:
    """The page that says what a file would change."""
    checked = waits.check()
    words = words_of_file(waits.found, checked)
    asked = {(f"unknown {each.kind}", folded(each.word)) for each in words}
    listed = [
        fault for fault in checked.faults if (fault.problem, folded(fault.value)) not in asked
    ]
    page = render_template(
        "lead/roster_check.html",
        round=waits.round_,
        line=room.line(waits.round_),
        upload_id=waits.upload.upload_id,
        file_name=waits.book.name,
        sheet_name=waits.sheet.name if len(waits.book.sheets) > 1 else "",
        until=format_datetime(waits.upload.uploaded_at + roster_uploads.KEPT, "HH:mm"),
        is_list=waits.found.is_list,
        checked=checked,
        change=rosters.compare(db.session, waits.round_, checked),
        faults=[
            (fault.row, fault.column, faults.what(fault), faults.mend(fault))
            for fault in listed[:SHOWN_FAULTS]
        ],
        listed=len(listed),
        notices=[faults.notice(name) for name in waits.sheet.notices],
        words=words,
        button=room.ConfirmForm(),
        errors=errors or [],
        simulated=waits.round_.simulated,
    )
    return page, status if errors else 200


def _page(round_: Round, wrong: Any = ()) -> tuple[str, int]:
    now = room.now()
    places = rosters.by_place(db.session, round_)
    waiting = roster_uploads.waiting(db.session, round_, by=room.account(), now=now)
    until = waiting.uploaded_at + roster_uploads.KEPT if waiting else now - timedelta(1)
    page = render_template(
        "lead/roster.html",
        round=round_,
        line=room.line(round_),
        state=rounds.state(round_, now),
        is_list=round_.mode == "confidential",
        places=places,
        listed=sum(place.listed for place in places),
        staff=sum(place.headcount for place in places),
        roles=list(roster_reading.places(db.session, round_).roles.values()),
        waiting=waiting.upload_id if waiting else "",
        until=format_datetime(until, "HH:mm"),
        button=room.ConfirmForm(),
        errors=[{"message": message, "target": "file"} for message in wrong],
        simulated=round_.simulated,
    )
    return page, 422 if wrong else 200


def _say_what_was_changed(change: rosters.Change, *, is_whole: bool) -> None:
    taken = change.gone if is_whole else 0
    if not (change.new or change.changed or taken):
        flash(_("Nothing had to be changed: the roster was like the file."))
        return
    flash(
        _(
            "Saved: %(new)s new, %(changed)s changed, %(gone)s taken off.",
            new=change.new,
            changed=change.changed,
            gone=taken,
        )
    )
    if change.schools:
        flash(
            ngettext("%(num)d school was made.", "%(num)d schools were made.", len(change.schools))
        )


def _key() -> str:
    key: str = current_app.extensions["midtier_settings"].respondent_key
    return key
