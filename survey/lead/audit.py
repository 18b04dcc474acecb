"""The audit log, for leaders and administrators: who did what, when, in which round."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template, request, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from survey import room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead.audit_words import in_words
from survey.lead.views import bp
from survey.models import AuditEntry
from survey.services import audit

#: entries on one page
PAGE = 50
#: a cell that begins so would be worked out by a spreadsheet
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in words."""

    at: str
    who: str
    what: str
    round: str


@bp.get("/audit")
@requires("leader", "administrator")
def show_audit() -> str:
    """Entries newest first, by page; of one round, if it is asked for."""
    organisation = room.account().organisation
    names = _rounds()
    chosen = request.args.get("round", "")
    chosen = chosen if chosen in names else ""
    total = audit.count(db.session, organisation, round_id=chosen)
    pages = max(1, -(-total // PAGE))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    entries = audit.of(
        db.session, organisation, round_id=chosen, offset=(number - 1) * PAGE, limit=PAGE
    )

    def address(page: int) -> str | None:
        if not 1 <= page <= pages:
            return None
        return url_for(".show_audit", round=chosen or None, page=page)

    return render_template(
        "lead/audit.html",
        lines=[_line(entry, names) for entry in entries],
        rounds=names,
        chosen=chosen,
        number=number,
        pages=pages,
        newer=address(number - 1),
        older=address(number + 1),
        form=room.ConfirmForm(),
    )


@bp.post("/audit.csv")
@requires("leader", "administrator")
def download_audit() -> Response:
    """The whole log as a file. That it was taken is in the log, hence no GET."""
    account = room.account()
    organisation = account.organisation
    begin_writing(db.session)
    audit.note(
        db.session,
        actor=account,
        action="download_audit_log",
        object_=f"organisation {organisation.organisation_id}",
        now=room.now(),
    )
    db.session.commit()
    names = _rounds()
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(["time_utc", "local_time", "who", "what", "round", "action", "object"])
    for entry in audit.of(db.session, organisation):
        line = _line(entry, names)
        cells = [line.at, line.who, line.what, line.round, entry.action, entry.object]
        rows.writerow([f"{entry.at:%Y-%m-%dT%H:%M:%SZ}", *map(_plain, cells)])
    response = Response(file.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
    return response


def _rounds() -> Mapping[str, str]:
    """Names of the organisation's rounds by their ids, newest first."""
    return {round_.round_id: round_.name for round_ in room.rounds_of_account()}


def _line(entry: AuditEntry, names: Mapping[str, str]) -> Line:
    what, more = in_words(entry.action), audit.detail(entry)
    if entry.round_id:
        round_ = names.get(entry.round_id, _("a round that is no longer here"))
    else:
        round_ = ""
    return Line(
        at=str(format_datetime(entry.at, "d MMM y, HH:mm z")),
        who=_("the system") if entry.actor == audit.SYSTEM else entry.actor_name,
        what=f"{what}: {more}" if more else what,
        round=round_,
    )


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
