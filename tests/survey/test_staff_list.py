"""A staff list is added whole or not at all, and nothing that may be logged holds an address."""

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from instruments.roster import Roster, RosterRow
from survey.models import AuditEntry, Invitation, Mailing, School
from survey.services import invitations, staff_list
from tests.survey.respond_kit import NO_ROLES, SCHOOLS, make_round

LIST = """email,role,school
ada@ashdown.example,T,Ashdown Primary
ben@ashdown.example,Teachers and support staff,Ashdown Primary
cleo@bellfield.example,l,bellfield  high
dan@centre.example,Central staff,
"""


@pytest.fixture
def round_(session, now):
    """Two schools with twelve people of each role, twelve of each central role."""
    return make_round(session, now=now, mode="confidential")


def add(session, round_, text, now, name="staff.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return invitations.add(session, round_, content, name=name, by=None, now=now)


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


EXPECTED = [
    ("ada@ashdown.example", "T", "Ashdown Primary"),
    ("ben@ashdown.example", "T", "Ashdown Primary"),
    ("cleo@bellfield.example", "L", "Bellfield High"),
    ("dan@centre.example", "H", ""),
]


def test_a_list_is_added_by_code_or_name_of_the_role_and_name_of_the_school(session, round_, now):
    added = add(session, round_, LIST, now)
    assert (added.new, added.known, added.notices) == (4, 0, ())
    assert people(session) == EXPECTED
    entry = session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.object) == ("add_staff_list", f"round {round_.round_id}")


@pytest.mark.parametrize(
    "content",
    [
        LIST.encode("utf-8-sig"),
        LIST.replace("\n", "\r\n").encode(),
        LIST.replace(",", ";").encode(),
        LIST.replace(",", "\t").encode(),
        LIST.replace("email,role,school", "School,EMAIL,Role").encode()[:0]
        + b"\r\n".join(
            b";".join(line.split(b",")[place] for place in (2, 0, 1))
            for line in LIST.strip().replace("email", "EMail").encode().split(b"\n")
        ),
        LIST.encode("utf-16"),
        LIST.replace("\n", ",,\n").encode(),
    ],
    ids=["bom", "windows lines", "semicolons", "tabs", "other order", "utf-16", "empty columns"],
)
def test_lists_are_read_as_spreadsheets_write_them(session, round_, now, content):
    add(session, round_, content, now)
    assert people(session) == EXPECTED


def test_windows_latin_is_found_and_named(session, now):
    roster = Roster((RosterRow("Collège Élan", "T", 3),))
    round_ = make_round(session, now=now, mode="confidential", roster=roster)
    text = "email,role,school\na@elan.example,T,Collège Élan\n"
    added = add(session, round_, text.encode("cp1252"), now)
    assert added.notices == ("staff.csv is not UTF-8 and was read as Windows Latin-1.",)
    assert people(session) == [("a@elan.example", "T", "Collège Élan")]


def test_a_round_without_roles_and_roster_takes_addresses_alone(session, now):
    round_ = make_round(session, now=now, instrument=NO_ROLES, mode="confidential")
    assert add(session, round_, "email,role,school\na@x.example,,\nb@x.example,,\n", now).new == 2
    assert people(session) == [("a@x.example", "", ""), ("b@x.example", "", "")]


def test_a_second_list_adds_only_new_people(session, round_, now):
    add(session, round_, LIST, now)
    before = set(session.scalars(sa.select(Invitation.invitation_id)))
    added = add(session, round_, LIST.upper() + "EVE@ASHDOWN.EXAMPLE,T,ASHDOWN PRIMARY\n", now)
    assert (added.new, added.known) == (1, 4)
    assert before < set(session.scalars(sa.select(Invitation.invitation_id)))
    assert people(session) == sorted([*EXPECTED, ("eve@ashdown.example", "T", "Ashdown Primary")])


GOOD = "ada@ashdown.example,T,Ashdown Primary\n"
FAULTS = [
    ("nobody@,T,Ashdown Primary", ("not an address", 3, "email", "nobody@")),
    ("a b@x.example,T,Ashdown Primary", ("not an address", 3, "email", "a b@x.example")),
    (",T,Ashdown Primary", ("not an address", 3, "email", "")),
    (
        "Eve <eve@x.example>,T,Ashdown Primary",
        ("not an address", 3, "email", "Eve <eve@x.example>"),
    ),
    ('"e@x.example\nBcc: f@x.example",T,Ashdown Primary', ("not an address", 3, "email", None)),
    (" ADA@Ashdown.Example ,L,Bellfield High", ("twice", 3, "email", "ADA@Ashdown.Example")),
    ("eve@x.example,Z,Ashdown Primary", ("unknown role", 3, "role", "Z")),
    ("eve@x.example,,Ashdown Primary", ("unknown role", 3, "role", "")),
    ("eve@x.example,T,Ashdown Secondary", ("unknown school", 3, "school", "Ashdown Secondary")),
    ("eve@x.example,T,", ("school missing", 3, "school", "")),
    ("eve@x.example,H,Ashdown Primary", ("school not empty", 3, "school", "Ashdown Primary")),
]


@pytest.mark.parametrize(("line", "expected"), FAULTS, ids=[line for line, _ in FAULTS])
def test_a_fault_names_row_column_and_value_and_nothing_is_added(
    session, round_, now, line, expected
):
    with pytest.raises(staff_list.StaffListError) as refused:
        add(session, round_, f"email,role,school\n{GOOD}{line}\n", now)
    fault = refused.value.faults[0]
    problem, row, column, value = expected
    assert (fault.problem, fault.row, fault.column) == (problem, row, column)
    assert value is None or fault.value == value
    assert people(session) == []
    assert "@" not in str(refused.value)


def test_more_people_than_the_roster_has_are_refused_with_the_first_too_many(session, round_, now):
    lines = "".join(f"t{n}@ashdown.example,T,Ashdown Primary\n" for n in range(12))
    add(session, round_, "email,role,school\n" + lines, now)
    more = "email,role,school\nt3@ashdown.example,T,Ashdown Primary\n" + "".join(
        f"{name}@ashdown.example,T,Ashdown Primary\n" for name in ("x", "y")
    )
    with pytest.raises(staff_list.StaffListError) as refused:
        add(session, round_, more, now)
    (fault,) = refused.value.faults
    assert (fault.problem, fault.row, fault.column) == ("more than the roster", 3, "school")
    assert fault.value == "Ashdown Primary"
    assert dict(fault.about) == {"role": "T", "headcount": "12"}
    assert len(people(session)) == 12


def test_every_fault_is_named_at_once_up_to_a_limit(session, round_, now):
    with pytest.raises(staff_list.StaffListError) as refused:
        add(session, round_, "email,role,school\n" + "x,Q,Nowhere\n" * 30, now)
    assert len(refused.value.faults) == staff_list.MOST_FAULTS
    assert [fault.row for fault in refused.value.faults[:4]] == [2, 2, 2, 3]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "file"),
        (b"PK\x03\x04 a workbook", "file"),
        (b"\x00\x01\x02", "file"),
        (b"email,role\na@x.example,T\n", "missing column"),
        (b"a@x.example,T,Ashdown Primary\n", "missing column"),
        (b"email,role,school\n", "nobody"),
        (b"email,role,school\na@x.example,T\n", "file"),
        (b"email,role,school\n" + b"a@x.example,T,Ashdown Primary\n" * 50_001, "too many"),
    ],
    ids=["empty", "workbook", "binary", "column", "no header", "nobody", "short row", "too many"],
)
def test_a_file_that_is_no_staff_list_is_refused(session, round_, now, content, problem):
    with pytest.raises(staff_list.StaffListError) as refused:
        add(session, round_, content, now)
    assert {fault.problem for fault in refused.value.faults} == {problem}
    assert "@" not in str(refused.value)
    assert people(session) == []


def test_only_a_confidential_round_that_has_not_closed_takes_a_list(session, round_, now):
    anonymous = make_round(session, now=now)
    with pytest.raises(invitations.NotNowError):
        add(session, anonymous, LIST, now)
    with pytest.raises(invitations.NotNowError):
        add(session, round_, LIST, round_.closes_at)
    add(session, round_, LIST, round_.opens_at - timedelta(days=1))


def test_twenty_thousand_people_are_added_in_a_few_seconds(session, now):
    schools = [f"School {number}" for number in range(200)]
    roster = Roster(tuple(RosterRow(school, "T", 100) for school in schools))
    round_ = make_round(session, now=now, mode="confidential", roster=roster)
    text = "email,role,school\n" + "".join(
        f"t{n}.{place}@trust.example,T,{school}\n"
        for place, school in enumerate(schools)
        for n in range(100)
    )
    started = time.process_time()
    assert add(session, round_, text, now).new == 20_000
    assert time.process_time() - started < 10
    assert invitations.count(session, round_) == 20_000


def test_rows_stand_in_no_order_of_the_list(session, round_, now):
    lines = [f"t{n:02}@ashdown.example,T,Ashdown Primary" for n in range(12)]
    add(session, round_, "\n".join(["email,role,school", *lines]), now)
    kept = [row[0] for row in session.execute(sa.text("SELECT email, role FROM invitation"))]
    assert kept != sorted(kept)


def test_the_leader_sees_how_many_of_each_school_are_on_the_list(session, round_, now):
    add(session, round_, LIST, now)
    found = invitations.by_school(session, round_)
    assert [(line.school, line.listed, line.headcount) for line in found] == [
        (SCHOOLS[0], 2, 24),
        (SCHOOLS[1], 1, 24),
        ("", 1, 24),
    ]
    assert session.scalars(sa.select(Mailing)).all() == []
