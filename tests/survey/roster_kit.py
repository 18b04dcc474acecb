"""What the tests of rosters share: files as spreadsheets write them, and checking them."""

import io
import zipfile

import openpyxl
import sqlalchemy as sa

from survey.models import Invitation, RosterRow, School
from survey.services import roster_check, roster_files, roster_reading, rosters

LIST = """email,role,school
ada@ashdown.example,T,Ashdown Primary
ben@ashdown.example,Teachers and support staff,Ashdown Primary
cleo@bellfield.example,l,bellfield  high
dan@centre.example,Central staff,
"""
#: what LIST puts on a staff list
LISTED = [
    ("ada@ashdown.example", "T", "Ashdown Primary"),
    ("ben@ashdown.example", "T", "Ashdown Primary"),
    ("cleo@bellfield.example", "L", "Bellfield High"),
    ("dan@centre.example", "H", ""),
]


def workbook(*rows, change=None, **sheets):
    """The bytes of a workbook: one sheet of rows, or sheets by name; ``change`` gets the book."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, held in (sheets or {"Staff": rows}).items():
        sheet = book.create_sheet(name)
        for row in held:
            sheet.append(row)
    if change:
        change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(content, name, part, *, replaces=False):
    """A workbook with another part in it, or a part in the place of its own."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for each in old.namelist():
            if not (replaces and each == name):
                new.writestr(each, old.read(each))
        new.writestr(name, part)
    return file.getvalue()


def table(text):
    """Rows of cells of a text with commas."""
    return [line.split(",") for line in text.strip().split("\n")]


def checked(session, round_, content, name="staff.csv", **chosen):
    """A file, read as its headings say and then as ``chosen`` says, and checked."""
    content = content if isinstance(content, bytes) else content.encode()
    book = roster_files.read(content, name=name)
    reading = roster_reading.guess(session, round_, book)
    plain = reading.as_json() | chosen
    reading = roster_reading.from_json(plain)
    places = roster_reading.places(session, round_, reading)
    assert places.needed(reading.columns) == []
    return roster_check.check(book.sheets[reading.sheet], reading, places)


def apply(session, round_, content, *, now, is_whole=False, **chosen):
    """Check a file and apply its good rows at once."""
    found = checked(session, round_, content, **chosen)
    seen = rosters.compare(session, round_, found).seen
    return rosters.apply(session, round_, found, seen=seen, is_whole=is_whole, by=None, now=now)


def people(session):
    """(address, role, school) of everybody on the list."""
    return sorted(
        (email, role, school or "")
        for email, role, school in session.execute(
            sa.select(Invitation.email, Invitation.role, School.name).outerjoin(
                School, Invitation.school_id == School.school_id
            )
        )
    )


def headcounts(session):
    """(school, role) -> head count, of all that have a row."""
    rows = session.execute(
        sa.select(School.name, RosterRow.role, RosterRow.headcount).outerjoin(
            School, RosterRow.school_id == School.school_id
        )
    )
    return {(school or "", role): n for school, role, n in rows}
