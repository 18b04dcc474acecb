"""Columns and words are found however they are called; each fault names its place."""

import io

import openpyxl
import pytest

from survey.models import RosterMemory
from survey.services import (
    roster_check,
    roster_faults,
    roster_files,
    roster_memory,
    roster_reading,
)
from survey.services.roster_reading import CENTRE, NEW, SKIP, Reading
from tests.survey.respond_kit import make_round
from tests.survey.roster_kit import LIST, checked

#: nothing here depends on the database's engine
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def round_(session, now):
    return make_round(session, now=now, mode="confidential")


@pytest.fixture
def anonymous(session, now):
    return make_round(session, now=now)


def columns(session, round_, text):
    book = roster_files.read(text.encode(), name="staff.csv")
    return roster_reading.guess(session, round_, book)


# Which column is what


@pytest.mark.parametrize(
    ("text", "heading", "found"),
    [
        (LIST, 0, {"email": 0, "role": 1, "school": 2}),
        ("School,EMAIL,Role\n", 0, {"school": 0, "email": 1, "role": 2}),
        ("Surname,Work e-mail,Job title:,Academy name\n", 0, {"email": 1, "role": 2, "school": 3}),
        (
            "Staff list 2026\n\nRole;Site;E-Mail Address *\n",
            1,
            {"role": 0, "school": 1, "email": 2},
        ),
        (
            "Wo,Was,Wer\nAshdown Primary,T,a@x.example\nBellfield High,L,b@x.example\n",
            0,
            {"school": 0, "role": 1, "email": 2},
        ),
        ("T,a@x.example,Ashdown Primary\n", -1, {"role": 0, "email": 1, "school": 2}),
        ("Email,Email,Role\n", 0, {"email": 0, "role": 2}),
    ],
    ids="plain order spellings title cells none twice".split(),
)
def test_columns_are_guessed_by_headings_and_by_what_stands_below(
    session, round_, text, heading, found
):
    reading = columns(session, round_, text)
    assert (reading.heading, reading.columns) == (heading, found)


def test_headcounts_are_guessed_in_either_form_and_addresses_are_never_read(session, anonymous):
    text = "Site,Post,Number of staff,E-mail\nAshdown Primary,T,12,head@x.example\n"
    assert columns(session, anonymous, text).columns == {"school": 0, "role": 1, "headcount": 2}
    text = "School,Central staff,T,Notes\nAshdown Primary,,12,x\n"
    found = columns(session, anonymous, text).columns
    assert found == {"school": 0, "role:H": 1, "role:T": 2}


def test_of_several_sheets_the_one_that_explains_itself_is_read(session, round_):
    sheets = (
        roster_files.Sheet("Notes", ((1, ("Made by HR",)),)),
        roster_files.Sheet("Staff", ((1, ("Email", "Role", "School")),)),
    )
    assert roster_reading.guess(session, round_, roster_files.Book("x", sheets)).sheet == 1


def test_what_was_chosen_is_remembered_for_the_organisation(session, round_):
    text = "Wer,Was,Wo\na@x.example,Lehrkraft,Ashdown\n"
    book = roster_files.read(text.encode(), name="x")
    chosen = Reading(
        columns={"email": 0, "role": 1, "school": 2},
        roles={"lehrkraft": "T", "cook": SKIP},
        schools={"ashdown": next(iter(roster_reading.places(session, round_).schools)), "y": NEW},
    )
    assert not roster_memory.knows(session, round_, book, chosen)
    roster_memory.remember(session, round_, book.sheets[0], chosen)
    guessed = roster_reading.guess(session, round_, book)
    assert guessed.columns == chosen.columns
    assert roster_memory.knows(session, round_, book, guessed)
    assert checked(session, round_, text).good == 1
    assert session.get(RosterMemory, round_.organisation_id).schools.keys() == {"ashdown"}
    roster_memory.forget(session, round_)
    assert roster_memory.is_empty(session, round_)
    assert checked(session, round_, text, columns=chosen.columns).faulty_rows == 1


def test_a_column_that_was_not_used_is_not_guessed_again(session, round_, anonymous):
    text = "Username,Work mail,Role,School\nada,a@x.example,T,Ashdown Primary\n"
    book = roster_files.read(text.encode(), name="x")
    assert roster_reading.guess(session, round_, book).columns["email"] == 0
    chosen = Reading(columns={"email": 1, "role": 2, "school": 3})
    roster_memory.remember(session, round_, book.sheets[0], chosen)
    assert roster_reading.guess(session, round_, book).columns == chosen.columns
    anonymous.organisation = round_.organisation
    session.flush()
    counted = Reading(columns={"role": 2, "school": 3})
    roster_memory.remember(session, anonymous, book.sheets[0], counted)
    assert roster_reading.guess(session, round_, book).columns == chosen.columns


def test_a_remembered_word_for_what_is_no_more_is_not_known(session, round_):
    book = roster_files.read(LIST.encode(), name="x")
    old = Reading(roles={"x": "Z"}, schools={"y": "no such school"})
    roster_memory.remember(session, round_, book.sheets[0], old)
    found = roster_reading.places(session, round_)
    assert "x" not in found.role_words
    assert "y" not in found.school_words


# Faults

GOOD = "email,role,school\nada@ashdown.example,T,Ashdown Primary\n"
FAULTS = [
    ("nobody@,T,Ashdown Primary", "not an address", "email", "nobody@"),
    ("a b@x.example,T,Ashdown Primary", "not an address", "email", "a b@x.example"),
    (",T,Ashdown Primary", "no address", "email", ""),
    ("Eve <e@x.example>,T,Ashdown Primary", "not an address", "email", "Eve <e@x.example>"),
    (
        '"e@x.example\nBcc: f@x.example",T,Ashdown Primary',
        *("not an address", "email", "e@x.example Bcc: f@x.example"),
    ),
    (" ADA@Ashdown.Example ,L,Bellfield High", "twice", "email", "ADA@Ashdown.Example"),
    ("eve@x.example,Z,Ashdown Primary", "unknown role", "role", "Z"),
    ("eve@x.example,,Ashdown Primary", "no role", "role", ""),
    ("eve@x.example,T,Ashdown Secondary", "unknown school", "school", "Ashdown Secondary"),
    ("eve@x.example,T,2026-05-01", "unknown school", "school", "2026-05-01"),
    ("eve@x.example,T,", "no school", "school", ""),
    ("eve@x.example,T,Head Office", "no school", "school", "Head Office"),
    ("eve@x.example,H,Ashdown Primary", "school not empty", "school", "Ashdown Primary"),
    ("=cmd|' /C calc'!A0,T,Ashdown Primary", "formula", "email", "=cmd|' /C calc'!A0"),
    ("eve@x.example,'=1+1,Ashdown Primary", "formula", "role", "=1+1"),
]


@pytest.mark.parametrize(
    ("line", "problem", "column", "value"), FAULTS, ids=[each[0] for each in FAULTS]
)
def test_a_fault_names_row_column_and_value(session, round_, line, problem, column, value):
    found = checked(session, round_, f"{GOOD}{line}\n")
    (fault,) = found.faults
    assert (fault.row, fault.problem, fault.column, fault.value) == (3, problem, column, value)
    assert (found.good, found.faulty_rows) == (1, 1)
    assert "@" not in repr(fault)
    assert list(found.people) == ["ada@ashdown.example"]


def test_the_heading_of_a_fault_is_that_of_the_file(session, round_):
    found = checked(session, round_, "Wo,Work e-mail,Job\nAshdown Primary,eve@,T\n")
    assert [fault.column for fault in found.faults] == ["Work e-mail"]
    found = checked(session, round_, "Ashdown Primary,T,eve@x.example\nAshdown Primary,T,@\n")
    assert [(fault.row, fault.column) for fault in found.faults] == [(2, "C")]


def test_dots_and_plus_signs_tell_people_apart_and_case_does_not(session, round_):
    lines = ["a.b@x.example", "ab@x.example", "ab+1@x.example", "AB@x.example"]
    text = GOOD + "".join(f"{line},T,Ashdown Primary\n" for line in lines)
    found = checked(session, round_, text)
    assert len(found.people) == 4
    assert [(fault.problem, fault.row, fault.about["other"]) for fault in found.faults] == [
        ("twice", 6, "4")
    ]


def test_a_row_with_an_address_twice_and_a_fault_elsewhere_has_both(session, round_):
    found = checked(session, round_, GOOD + "ADA@ashdown.example,Z,Nowhere\n")
    problems = [fault.problem for fault in found.faults]
    assert problems == ["twice", "unknown role", "unknown school"]
    assert found.faulty_rows == 1


def test_rows_in_which_nothing_is_read_are_passed_over_and_counted(session, round_):
    text = "email,role,school,note\n,,,made by HR\nada@x.example,T,Ashdown Primary,\n"
    found = checked(session, round_, text)
    assert (found.passed_over, found.good, found.faults) == (1, 1, ())


def test_words_that_are_not_known_are_counted_and_explained(session, round_):
    text = GOOD + "e@x.example,Cook,Ashdown Prim.\nf@x.example,cook,HQ2\ng@x.example,H,HQ2\n"
    found = checked(session, round_, text)
    assert found.unknown("unknown role") == {"Cook": 1, "cook": 1}
    assert found.unknown("unknown school") == {"Ashdown Prim.": 1, "HQ2": 2}
    school = next(iter(roster_reading.places(session, round_).schools))
    words = {"roles": {"cook": "T"}, "schools": {"ashdown prim.": school, "hq2": CENTRE}}
    found = checked(session, round_, text, **words)
    assert [fault.problem for fault in found.faults] == ["no school"]
    assert found.people["e@x.example"] == (school, "T")
    assert found.people["g@x.example"] == (None, "H")
    found = checked(session, round_, text, roles={"cook": SKIP}, schools={"hq2": SKIP})
    assert (found.faults, found.skipped, found.good) == ((), 3, 1)


def test_a_school_that_is_new_has_a_name_of_bearable_length(session, round_):
    name = "S" * 121
    found = checked(session, round_, f"{GOOD}e@x.example,T,{name}\n", schools={name.lower(): NEW})
    assert [fault.problem for fault in found.faults] == ["no name"]
    assert found.new_schools == ()


COUNTS = "school,role,headcount\nAshdown Primary,T,12\n"


@pytest.mark.parametrize(
    ("line", "problem", "value"),
    [
        ("Ashdown Primary,L,many", "not a number", "many"),
        ("Ashdown Primary,L,-3", "not a number", "-3"),
        ("Ashdown Primary,L,2.5", "not a number", "2.5"),
        ("Ashdown Primary,L,", "not a number", ""),
        ("Ashdown Primary,L,2026-05-01", "not a number", "2026-05-01"),
        ("Ashdown Primary,L,999999", "not a number", "999999"),
        ("Ashdown Primary,L,²", "not a number", "²"),
        ("ashdown primary,Teachers and support staff,3", "counted twice", "3"),
        ("Ashdown Primary,H,3", "school not empty", "Ashdown Primary"),
        ("Nowhere,T,3", "unknown school", "Nowhere"),
        ("Ashdown Primary,=2+2,3", "formula", "=2+2"),
    ],
)
def test_a_fault_of_headcounts_names_its_place(session, anonymous, line, problem, value):
    found = checked(session, anonymous, f"{COUNTS}{line}\n")
    assert [(fault.row, fault.problem, fault.value) for fault in found.faults] == [
        (3, problem, value)
    ]
    assert list(found.counts.values()) == [12]


def test_a_column_a_role_names_the_column_of_a_fault(session, anonymous):
    found = checked(session, anonymous, "school,T,H\nAshdown Primary,x,2\n,1,3\n")
    assert [(fault.row, fault.column, fault.problem) for fault in found.faults] == [
        (2, "T", "not a number"),
        (2, "school", "school not empty"),
        (3, "school", "no school"),
    ]


# The file to mend


def faults_file(session, round_, text, make):
    book = roster_files.read(text.encode(), name="staff.csv")
    reading = roster_reading.guess(session, round_, book)
    places = roster_reading.places(session, round_, reading)
    found = roster_check.check(book.sheets[0], reading, places)
    rows = roster_faults.table(
        book.sheets[0],
        reading,
        found,
        headings=("Row", "What is wrong", "What to do"),
        what=lambda fault: fault.problem,
        mend=lambda fault: f"mend {fault.column}",
    )
    return make(rows)


RISKY = (
    "Name,Email,Role,School\n=HYPERLINK(A1),eve@,Z,@SUM(A1)\n+44 1,f@x.example,T,-2\n"
    "Good,g@x.example,T,Ashdown Primary\n"
)


def test_the_faults_come_as_a_file_in_which_no_cell_runs(session, round_):
    text = faults_file(session, round_, RISKY, roster_faults.as_csv).decode("utf-8-sig")
    assert text.splitlines() == [
        "Name,Email,Role,School,Row,What is wrong,What to do",
        "'=HYPERLINK(A1),eve@,Z,'@SUM(A1),2,not an address unknown role unknown school,"
        "mend Email mend Role mend School",
        "'+44 1,f@x.example,T,'-2,3,unknown school,mend School",
    ]
    content = faults_file(session, round_, RISKY, roster_faults.as_xlsx)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert sheet["A2"].value == "'=HYPERLINK(A1)"


@pytest.mark.parametrize("make", [roster_faults.as_csv, roster_faults.as_xlsx])
def test_the_mended_file_is_read_as_it_is(session, round_, make):
    content = faults_file(session, round_, RISKY, make)
    (sheet,) = roster_files.read(content, name="faults").sheets
    assert sheet.rows[1][1][:4] == ("=HYPERLINK(A1)", "eve@", "Z", "@SUM(A1)")
    text = "\n".join(",".join(cells) for _, cells in sheet.rows)
    mended = text.replace("eve@", "eve@x.example").replace(",Z,", ",L,")
    mended = mended.replace("@SUM(A1)", "Ashdown Primary").replace("-2", "Ashdown Primary")
    found = checked(session, round_, mended)
    assert (found.good, found.faults) == (2, ())
