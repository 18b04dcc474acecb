"""Which column of a roster's file is what, and what its words mean: chosen, and remembered."""

from dataclasses import dataclass, replace

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from survey import room
from survey.account import requires
from survey.database import begin_writing, db
from survey.lead import faults, rosters
from survey.lead.roster_words import words_of_file
from survey.lead.views import bp
from survey.services import roster_memory, roster_reading
from survey.services.roster_check import heading_of, letters, shown
from survey.services.roster_files import Sheet
from survey.services.roster_reading import ROLE_COLUMN, Places, Reading, folded

Page = str | tuple[str, int] | Response

#: rows that are shown, rows that may be the headings
SHOWN_ROWS, TOP_ROWS = 5, 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file as the page shows it."""

    place: int
    heading: str
    sample: str
    chosen: str


@bp.get("/rounds/<round_id>/roster/<upload_id>/columns")
@requires("leader")
def map_roster(round_id: str, upload_id: str) -> Page:
    """The first rows of a file, and a choice for each column."""
    waits = rosters.find(round_id, upload_id)
    if waits is None:
        return rosters.gone(round_id)
    wanted = request.args.get("sheet", type=int, default=waits.reading.sheet)
    if wanted != waits.reading.sheet and 0 <= wanted < len(waits.book.sheets):
        guessed = roster_reading.guess_sheet(db.session, waits.round_, waits.book, wanted)
        waits = replace(waits, reading=guessed)
    return _page(waits)


@bp.post("/rounds/<round_id>/roster/<upload_id>/columns")
@requires("leader")
def save_roster_columns(round_id: str, upload_id: str) -> Page:
    """Keep which column is what, for this file and for the organisation's next one."""
    room.get_round_or_404(round_id)
    begin_writing(db.session)
    waits = rosters.find(round_id, upload_id)
    if waits is None:
        db.session.rollback()
        return rosters.gone(round_id)
    sheet = request.form.get("sheet", type=int, default=-1)
    if not 0 <= sheet < len(waits.book.sheets):
        sheet = waits.reading.sheet
    waits = replace(waits, reading=replace(waits.reading, sheet=sheet))
    reading, wrong = _chosen(waits.sheet, waits.found, waits.reading)
    waits = replace(waits, reading=reading)
    if wrong:
        db.session.rollback()
        return _page(waits, wrong)
    waits.upload.reading = reading.as_json()
    roster_memory.remember(db.session, waits.round_, waits.sheet, reading)
    db.session.commit()
    return redirect(url_for(".check_roster", round_id=round_id, upload_id=upload_id), 303)


@bp.post("/rounds/<round_id>/roster/<upload_id>/words")
@requires("leader")
def save_roster_words(round_id: str, upload_id: str) -> Page:
    """Keep what words of the file mean, for this file and for the organisation's next one."""
    room.get_round_or_404(round_id)
    begin_writing(db.session)
    waits = rosters.find(round_id, upload_id)
    if waits is None or waits.missing:
        db.session.rollback()
        return rosters.gone(round_id)
    roles, schools = dict(waits.reading.roles), dict(waits.reading.schools)
    for word in words_of_file(waits.found, waits.check()):
        meaning = request.form.get(word.name, "")
        if meaning and meaning in word.choices:
            (roles if word.kind == "role" else schools)[folded(word.word)] = meaning
    reading = replace(waits.reading, roles=roles, schools=schools)
    waits.upload.reading = reading.as_json()
    roster_memory.remember(db.session, waits.round_, waits.sheet, reading)
    db.session.commit()
    return redirect(url_for(".check_roster", round_id=round_id, upload_id=upload_id), 303)


@bp.post("/rounds/<round_id>/roster/<upload_id>/forget")
@requires("leader")
def forget_roster_words(round_id: str, upload_id: str) -> Page:
    """Forget what was remembered, and guess anew what this file means."""
    round_ = room.get_round_or_404(round_id)
    begin_writing(db.session)
    roster_memory.forget(db.session, round_)
    waits = rosters.find(round_id, upload_id)
    if waits is None:
        db.session.rollback()
        return rosters.gone(round_id)
    waits.upload.reading = roster_reading.guess(db.session, round_, waits.book).as_json()
    db.session.commit()
    flash(_("What was remembered of your lists is forgotten."))
    return redirect(url_for(".map_roster", round_id=round_id, upload_id=upload_id), 303)


def _chosen(sheet: Sheet, found: Places, before: Reading) -> tuple[Reading, list[dict[str, str]]]:
    """The reading that the form says, and what is wrong with it."""
    heading = request.form.get("heading", type=int, default=before.heading)
    heading = heading if -1 <= heading < min(len(sheet.rows), TOP_ROWS) else before.heading
    columns: dict[str, int] = {}
    wrong = []
    names = name_of_columns(found)
    for place in range(sheet.width):
        name = request.form.get(f"column-{place}", "")
        if name not in found.choices:
            continue
        if name in columns:
            said = _("“%(name)s” is chosen twice. Choose one column.", name=names[name])
            wrong.append({"message": said, "target": f"column-{place}"})
        columns.setdefault(name, place)
    for name in found.needed(columns):
        said = _("No column is chosen for “%(name)s”.", name=names[name])
        wrong.append({"message": said, "target": "column-0"})
    return replace(before, heading=heading, columns=columns), wrong


def name_of_columns(found: Places) -> dict[str, str]:
    """What a column may hold, in words."""
    names = {
        "email": _("E-mail address"),
        "role": _("Role"),
        "school": _("School"),
        "headcount": _("Head count"),
    }
    for code, role in found.roles.items():
        names[ROLE_COLUMN + code] = _("Head count: %(role)s", role=role)
    return {name: names[name] for name in found.choices}


def _page(waits: rosters.Waiting, errors: list[dict[str, str]] | None = None) -> tuple[str, int]:
    sheet, reading = waits.sheet, waits.reading
    chosen = {column: name for name, column in reading.columns.items()}
    if errors:  # what was chosen stays, a column chosen twice too
        chosen = {place: request.form.get(f"column-{place}", "") for place in range(sheet.width)}
    below = sheet.rows[reading.heading + 1 :]
    columns = [
        Column(
            place,
            heading_of(sheet, reading, place),
            ", ".join(shown(cells[place]) for _row, cells in below[:3] if len(cells) > place),
            chosen.get(place, ""),
        )
        for place in range(sheet.width)
    ]
    page = render_template(
        "lead/roster_columns.html",
        round=waits.round_,
        line=room.line(waits.round_),
        upload_id=waits.upload.upload_id,
        file_name=waits.book.name,
        sheets=[each.name for each in waits.book.sheets],
        reading=reading,
        is_list=waits.found.is_list,
        columns=columns,
        choices=name_of_columns(waits.found),
        rows=[
            (number, [shown(cell) for cell in cells] + [""] * (sheet.width - len(cells)))
            for number, cells in sheet.rows[:SHOWN_ROWS]
        ],
        letters=[letters(place) for place in range(sheet.width)],
        headings=[
            (place, _("Row %(row)s", row=number), ", ".join(filter(None, map(shown, cells[:4]))))
            for place, (number, cells) in enumerate(sheet.rows[:TOP_ROWS])
        ],
        notices=[faults.notice(name) for name in sheet.notices],
        remembers=not roster_memory.is_empty(db.session, waits.round_),
        button=room.ConfirmForm(),
        errors=errors or [],
        simulated=waits.round_.simulated,
    )
    return page, 422 if errors else 200
