"""Files as spreadsheets and people make them: read, or refused with a reason before they harm."""

import io
import resource
import struct
import time
import zipfile
from datetime import date, datetime

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from survey.services import roster_check, roster_files, roster_workbooks
from survey.services.roster_files import RosterFileError
from tests.survey.roster_kit import LIST, table, with_part, workbook

ROWS = (
    (1, ("email", "role", "school")),
    (2, ("ada@ashdown.example", "T", "Ashdown Primary")),
    (3, ("ben@ashdown.example", "Teachers and support staff", "Ashdown Primary")),
    (4, ("cleo@bellfield.example", "l", "bellfield high")),
    (5, ("dan@centre.example", "Central staff")),
)


def read(content, name="staff"):
    return roster_files.read(content, name=name)


def refused(content):
    with pytest.raises(RosterFileError) as caught:
        read(content)
    assert "@" not in str(caught.value)
    return caught.value.problem


@pytest.mark.parametrize(
    ("content", "notices"),
    [
        (LIST.encode(), ()),
        (LIST.encode("utf-8-sig"), ()),
        (LIST.replace("\n", "\r\n").encode(), ()),
        (LIST.replace("\n", "\r").encode(), ()),
        (LIST.replace(",", ";").encode(), ()),
        (LIST.replace(",", "\t").encode(), ()),
        (LIST.replace("\n", ",,\n").encode(), ()),
        (LIST.encode("utf-16"), ("utf-16",)),
        (LIST.encode("utf-16-be").join((b"\xfe\xff", b"")), ("utf-16",)),
        (workbook(*table(LIST)), ()),
    ],
    ids="utf-8 bom crlf cr semicolons tabs empty-columns utf-16-le utf-16-be xlsx".split(),
)
def test_one_list_is_the_same_however_it_was_saved(content, notices):
    (sheet,) = read(content).sheets
    assert sheet.rows == ROWS
    assert sheet.notices == notices


def test_windows_latin_is_found_and_named():
    (sheet,) = read("email,school\na@x.example,Collège Élan\n".encode("cp1252")).sheets
    assert sheet.rows[1][1] == ("a@x.example", "Collège Élan")
    assert sheet.notices == ("windows",)


def test_cells_become_the_text_that_people_would_type():
    cells = [
        12,
        12.0,
        2.5,
        date(2026, 5, 1),
        datetime.fromisoformat("2026-05-01 09:30"),
        True,
        "  a\u00a0 b\nc ",
        None,
        "x",
    ]
    (sheet,) = read(workbook(cells)).sheets
    assert sheet.rows[0][1] == (
        *("12", "12", "2.5", "2026-05-01", "2026-05-01 09:30:00", "True", "a b c", "", "x"),
    )


def test_rows_keep_their_numbers_and_empty_ones_are_left_out():
    rows = [["a"], [], [None, " "], ["b"]]
    (sheet,) = read(workbook(*rows)).sheets
    assert sheet.rows == ((1, ("a",)), (4, ("b",)))
    assert read(b"a\n\n , \nb\n").sheets[0].rows == ((1, ("a",)), (4, ("b",)))


def test_sheets_that_hold_something_and_can_be_seen_are_read():
    def hide(book):
        book["Old"].sheet_state = "hidden"

    content = workbook(change=hide, Cover=[], Staff=[["a"]], Old=[["b"]], More=[["c"]])
    assert [sheet.name for sheet in read(content).sheets] == ["Staff", "More"]


def test_formulas_count_as_the_value_that_was_saved_and_are_never_worked_out():
    content = workbook(["x", "=1+1"], ["=cmd|'/C calc'!A0", "y"])
    (sheet,) = read(content).sheets
    assert sheet.rows == ((1, ("x",)), (2, ("", "y")))
    assert sheet.notices == ("no value",)
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(part).decode()
    saved = text.replace("<f>1+1</f><v></v>", "<f>1+1</f><v>2</v>").replace(
        "<f>1+1</f><v />", "<f>1+1</f><v>2</v>"
    )
    assert saved != text
    (sheet,) = read(with_part(content, part, saved, replaces=True)).sheets
    assert sheet.rows[0][1] == ("x", "2")


def test_merged_cells_are_named_and_hold_their_word_once():
    def merge(book):
        book["Staff"].merge_cells("A1:A3")

    (sheet,) = read(workbook(["Ashdown", "a"], [None, "b"], [None, "c"], change=merge)).sheets
    assert sheet.rows == ((1, ("Ashdown", "a")), (2, ("", "b")), (3, ("", "c")))
    assert sheet.notices == ("merged",)


def test_an_apostrophe_that_kept_a_formula_from_running_is_taken_off():
    assert read(b"'=1+1,'+44,'tis,''\n").sheets[0].rows[0][1] == ("=1+1", "+44", "'tis", "''")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


def archive(**parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\xef\xbb\xbf,,\n,,\n", "empty"),
        (workbook(), "empty"),
        (OLE, "old excel"),
        (b"%PDF-1.7 ...", "pdf"),
        (b"\x89PNG\r\n\x1a\n\x00", "not text"),
        (b"a,b\n\x00\x01\x02", "not text"),
        (b'a,b\n"c,d\n', "broken csv"),
        (b"PK\x03\x04 cut off", "broken workbook"),
        (workbook(["a"])[:-40], "broken workbook"),
        (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "other workbook"),
        (archive(word__document="x"), "other workbook"),
        (with_part(workbook(["a"]), "xl/vbaProject.bin", b"macros"), "macros"),
        (with_part(workbook(["a"]), "xl/styles.xml", b"<x", replaces=True), "broken workbook"),
        (b"x\n" * (roster_files.MOST_ROWS + 2), "too many rows"),
        (b",".join([b"x"] * 60) + b"\n" + (b"x" + b"," * 59 + b"x\n") * 20_000, "too much inside"),
    ],
    ids=(
        "nothing spaces commas no-sheet xls pdf png zeros quotation cut-zip cut-xlsx ods docx"
        " macros broken-part too-many too-wide"
    ).split(),
)
def test_what_is_no_roster_is_refused_with_a_reason(content, problem):
    assert refused(content) == problem


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = with_part(workbook(["a"]), "xl/worksheets/sheet2.xml", b" " * 200 * 1024 * 1024)
    assert len(bomb) < 300 * 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    assert refused(bomb) == "too much inside"
    assert time.process_time() - started < 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


def test_a_bomb_that_lies_about_its_size_is_refused(monkeypatch):
    content = with_part(workbook(["a"]), "xl/worksheets/sheet2.xml", b"<a>" + b" " * 10_000_000)
    small = content.replace(struct.pack("<I", 10_000_003), struct.pack("<I", 40))
    assert small != content
    assert refused(small) == "broken workbook"


def test_a_row_of_millions_of_cells_and_a_large_part_are_refused_while_they_stream():
    cells = b"<c/>" * 2_000_000
    part = b'<worksheet><sheetData><row r="1">' + cells + b"</row></sheetData></worksheet>"
    assert (
        refused(with_part(workbook(["a"]), "xl/worksheets/sheet2.xml", part)) == "too much inside"
    )
    large = b" " * (roster_workbooks.MOST_WHOLE + 1)
    for name in ("xl/theme/theme2.xml", "xl/media/image1.png"):
        assert refused(with_part(workbook(["a"]), name, large)) == "too much inside"


def test_entities_are_refused():
    part = (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
        b"<worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>"
    )
    content = with_part(workbook(["a"]), "xl/worksheets/sheet1.xml", part, replaces=True)
    assert refused(content) == "broken workbook"


def test_what_a_sheet_says_of_its_size_is_not_believed():
    content = workbook(["a"], ["b"])
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        text = held.read(part).decode()
    for said in ("A1:XFD1048576", "A1"):
        lying = text.replace('ref="A1:A2"', f'ref="{said}"')
        assert lying != text
        (sheet,) = read(with_part(content, part, lying, replaces=True)).sheets
        assert sheet.rows == ((1, ("a",)), (2, ("b",)))


def test_cells_far_below_the_others_cost_little_and_are_not_lost_in_silence():
    def far(book):
        book["Staff"]["A1048576"] = "far"

    content = workbook(["a"], change=far)
    started = time.process_time()
    assert refused(content) == "too many rows"
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        text = held.read(part).decode()
    further = text.replace("1048576", "999999999")
    assert refused(with_part(content, part, further, replaces=True)) == "too many rows"
    assert time.process_time() - started < 30  # of 999,999,999 rows none is read


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


@given(
    st.one_of(
        st.emails(),
        st.builds(
            "{}@{}.{}".format,
            st.from_regex(r"[A-Za-z0-9._+-]{1,12}", fullmatch=True),
            LABEL,
            st.from_regex(r"[A-Za-z0-9-]{1,9}", fullmatch=True),
        ),
    )
)
def test_the_quick_look_at_an_address_agrees_with_the_close_one(address):
    try:
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False)
        close = found.ascii_email.lower()
    except EmailNotValidError:
        close = None
    assert roster_check.normal_address(address) == close
