"""The leader uploads a roster, maps it, mends it and applies it, page by page."""

import io
import logging
import re
from html import unescape
from typing import get_args

import openpyxl
import pytest
import sqlalchemy as sa

from survey.models import AuditEntry, Invitation, RosterUpload, Round, School
from survey.services import roster_check, roster_files, rounds
from tests.survey import respond_kit, rooms
from tests.survey.respond_kit import SCHOOLS, Page, check_page
from tests.survey.roster_kit import LIST, headcounts, people, workbook

LEADER, OTHER = "leader@trust.example", "second@trust.example"


@pytest.fixture
def round_id(app):
    """A confidential round, and two leaders of its organisation."""
    with rooms.store(app) as session:
        round_ = respond_kit.make_round(session, now=rooms.NOW, mode="confidential")
        for email in (LEADER, OTHER):
            rooms.account(session, round_.organisation, email=email)
        return round_.round_id


@pytest.fixture
def at(round_id):
    return f"/lead/rounds/{round_id}/roster"


@pytest.fixture
def leader(app, round_id):
    return signed_in(app)


def signed_in(app, email=LEADER):
    client = app.test_client()
    rooms.sign_in(client, email)
    return client


def page_of(reply, status=200):
    """A page, checked as a browser would have it."""
    page = Page(reply.status_code, reply.request.path, reply.text, dict(reply.headers))
    assert page.status == status, page.text
    check_page(page)
    return page


def get(client, path, status=200):
    return page_of(client.get(path, follow_redirects=True), status)


def send(client, at, path="", status=200, **data):
    """Send a form with the token of the roster's page."""
    token = rooms.token(client.get("/lead/"))
    reply = client.post(at + path, data={"csrf_token": token, **data}, follow_redirects=True)
    return page_of(reply, status)


def upload(client, at, content, name="staff.csv", status=200):
    content = content if isinstance(content, bytes) else content.encode()
    return send(client, at, status=status, file=(io.BytesIO(content), name))


def fields(page):
    """What the selects of a page would send."""
    found = {}
    selects = r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>'
    for name, inside in re.findall(selects, page.html, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected>', inside)
        first = re.search(r'<option value="([^"]*)"', inside)
        found[unescape(name)] = (chosen or first)[1]
    return {**found, **page.hidden()}


def map_(client, page, **changes):
    """Send the page of columns as it stands, with changes."""
    where = page.path.removesuffix("/columns")
    return send(client, where, "/columns", **{**fields(page), **changes})


def apply(client, page, status=200, **data):
    seen = re.search(r'name="seen" value="([^"]+)"', page.html)[1]
    return send(client, page.path.removesuffix("/apply"), "/apply", status, seen=seen, **data)


def listed(app):
    with rooms.store(app) as session:
        return people(session)


def all_of(app, table):
    with rooms.store(app) as session:
        found = session.scalars(sa.select(table)).all()
        session.expunge_all()
        return found


# From file to list


def test_a_list_is_uploaded_mapped_looked_at_and_applied(app, leader, at):
    page = upload(leader, at, LIST)
    assert page.path.endswith("/columns")
    assert page.heading == "Which column is what?"
    page = map_(leader, page)
    assert "4 rows are good" in page.text
    assert re.search(r"New 4 .*As before 0 ", page.text)
    assert listed(app) == []
    page = apply(leader, page)
    assert page.path == at
    assert "Saved: 4 new, 0 changed, 0 taken off." in page.text
    assert re.search(r"Ashdown Primary 2 ", page.text)
    assert len(listed(app)) == 4
    assert all_of(app, RosterUpload) == []
    (entry,) = [each for each in all_of(app, AuditEntry) if each.action == "change_staff_list"]
    assert "4 new" in entry.object
    assert "@" not in entry.object


def test_what_was_mapped_once_needs_no_mapping_again(app, leader, at):
    text = LIST.replace("email,role,school", "Wer,Was,Wo")
    page = upload(leader, at, text)
    map_(leader, page, **{"column-0": "email", "column-1": "role", "column-2": "school"})
    page = upload(leader, at, text)
    assert page.heading == "Check the staff list"
    page = get(leader, page.path + "/columns")
    page = send(leader, page.path.removesuffix("/columns"), "/forget")
    assert page.heading == "Which column is what?"
    assert "forgotten" in page.text
    page = upload(leader, at, text)
    assert page.path.endswith("/columns")


def test_columns_that_are_missing_or_chosen_twice_are_named(leader, at):
    page = upload(leader, at, LIST)
    where = page.path.removesuffix("/columns")
    wrong = {"sheet": "0", "heading": "0", "column-0": "role", "column-1": "role"}
    page = send(leader, where, "/columns", 422, **wrong)
    assert "“Role” is chosen twice." in page.text
    assert "No column is chosen for “E-mail address”." in page.text
    kept = fields(page)  # what was chosen stays
    assert [kept[f"column-{place}"] for place in range(3)] == ["role", "role", ""]
    odd = {"column-0": "x", "sheet": "9", "heading": "99"}
    page = send(leader, where, "/columns", 422, **odd)
    assert page.text.count("No column is chosen") == 3


def test_another_sheet_and_another_row_of_headings_are_chosen(app, leader, at):
    rows = [["Trust staff"], ["Kept by HR"], *[line.split(",") for line in LIST.split("\n")]]
    content = workbook(Codes=[["T", "Teachers"]], People=rows)
    page = upload(leader, at, content, "staff.xlsx")
    assert fields(page) == {
        **{"sheet": "1", "heading": "2"},
        **{"column-0": "email", "column-1": "role", "column-2": "school"},
    }
    other = get(leader, f"{page.path}?sheet=0")
    assert fields(other)["sheet"] == "0"
    page = map_(leader, page)
    assert "4 rows are good" in page.text
    assert "staff.xlsx" in page.text
    assert "People" in page.text


def test_words_that_are_not_known_are_explained_and_remembered(app, leader, at):
    text = (
        LIST + "e@x.example,Cook,Asdown Primary\nf@x.example,T,Carr Lane\ng@x.example,Governor,\n"
    )
    page = map_(leader, upload(leader, at, text))
    assert "3 rows have faults" in page.text
    chosen = fields(page)
    ids = {school.name: school.school_id for school in all_of(app, School)}
    assert chosen["school:Asdown Primary"] == ids["Ashdown Primary"]  # a slip is guessed
    assert chosen["school:Carr Lane"] == "new"
    assert chosen["role:Cook"] == ""
    page = send(leader, page.path, "/words", **chosen | {"role:Cook": "T", "role:Governor": "skip"})
    assert "0 rows have faults" in page.text
    assert "Schools that are made: Carr Lane." in page.text
    assert {school.name for school in all_of(app, School)} == set(SCHOOLS)
    page = apply(leader, page)
    assert "1 school was made." in page.text
    page = upload(leader, at, text)
    assert "0 rows have faults" in page.text
    assert re.search(r"New 0 .*As before 6 ", page.text)


def test_a_word_means_nothing_that_the_page_does_not_offer(leader, at):
    page = map_(leader, upload(leader, at, LIST + "e@x.example,Cook,Ashdown Primary\n"))
    page = send(leader, page.path, "/words", **{"role:Cook": "Q", "school:Other": "new"})
    assert "1 row has faults" in page.text


# Faults


WRONG = (
    LIST + "eve@,T,Ashdown Primary\nADA@ashdown.example,T,Ashdown Primary\nf@x.example,Z,Nowhere\n"
)


def test_good_rows_are_applied_now_and_mended_ones_later(app, leader, at):
    page = map_(leader, upload(leader, at, WRONG))
    assert "Row" in page.text
    assert "“eve@” is not an e-mail address. Correct it." in page.text.replace("  ", " ")
    assert "“ADA@ashdown.example” stands in row 2 already." in page.text
    page = apply(leader, page)
    assert "Saved: 4 new" in page.text
    assert page.heading == "Check the staff list"  # the faults wait to be mended
    assert "3 rows have faults" in page.text
    reply = leader.get(page.path + "/faults.csv")
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="faults.csv"'
    mended = reply.data.decode("utf-8-sig").splitlines()
    assert mended[0] == "email,role,school,Row,What is wrong,What to do"
    assert mended[1].startswith("eve@,T,Ashdown Primary,6,“eve@” is not an e-mail address.,")
    text = "\n".join([mended[0], mended[1].replace("eve@", "eve@x.example", 1)])
    page = upload(leader, at, text)
    assert page.heading == "Check the staff list"
    page = apply(leader, page, absent="keep")
    assert "Saved: 1 new, 0 changed, 0 taken off." in page.text
    assert len(listed(app)) == 5
    assert [e.action for e in all_of(app, AuditEntry)].count("download_faults") == 1


def test_the_faults_come_as_a_workbook_too(leader, at):
    page = map_(leader, upload(leader, at, WRONG))
    reply = leader.get(page.path + "/faults.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(reply.data)).active
    assert sheet.max_row == 4
    assert sheet["E2"].value == "“eve@” is not an e-mail address."


def test_all_can_be_refused(app, leader, at):
    page = map_(leader, upload(leader, at, WRONG))
    page = send(leader, page.path, "/discard")
    assert "The file was deleted. The roster stays as it is." in page.text
    assert all_of(app, RosterUpload) == []
    assert listed(app) == []


def test_of_many_faults_the_first_are_shown_and_all_are_in_the_file(leader, at):
    page = map_(leader, upload(leader, at, LIST + "x,T,Ashdown Primary\n" * 30))
    assert page.html.count("is not an e-mail address. Correct it.</td>") == 20
    assert "The first 20 of 30 faults." in page.text
    assert leader.get(page.path + "/faults.csv").data.count(b"\n") == 31


def test_a_file_without_a_good_row_can_only_be_deleted(leader, at):
    page = map_(leader, upload(leader, at, "email,role,school\nx,T,Ashdown Primary\n"))
    assert "Nothing: no row is good." in page.text
    assert "/apply" not in page.html


def test_every_problem_has_a_sentence():
    from survey.lead import faults

    assert {*faults._ROWS, "no column"} == set(get_args(roster_check.Problem))
    assert set(faults._FILES) == set(get_args(roster_files.Problem))
    assert set(faults._NOTICES) == set(get_args(roster_files.Notice))
    about = {"known": "k", "role": "r", "most": "m", "other": "o"}
    for problem in faults._ROWS:
        fault = roster_check.Fault(7, "email", problem, "100%", about)
        assert "%(" not in faults.what(fault) + faults.mend(fault)
    for problem in faults._FILES:
        error = roster_files.RosterFileError(problem, most="1", row="2")
        assert "%(" not in faults.of_file(error)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "There is nothing in the file."),
        (b"%PDF-1.7", "This is a PDF."),
        (b"\xd0\xcf\x11\xe0" + bytes(99), "This is an old Excel file (.xls)"),
        (b"\x00\x01", "This is no CSV file and no workbook."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(app, leader, at, content, said):
    page = upload(leader, at, content, status=422)
    assert said in page.text
    assert 'aria-invalid="true"' in page.html
    assert all_of(app, RosterUpload) == []


def test_a_file_has_to_be_chosen(leader, at):
    assert "Choose the file first." in send(leader, at, status=422).text


def test_how_a_file_was_read_is_said(leader, at):
    text = LIST.replace("Ashdown Primary\n", "Ashdown “Primary”\n")
    assert "was read as Windows Latin-1" in upload(leader, at, text.encode("cp1252")).text
    assert "The file was read as UTF-16." in upload(leader, at, LIST.encode("utf-16")).text


def test_nothing_of_a_file_reaches_the_log(leader, at, caplog):
    caplog.set_level(logging.DEBUG)
    page = apply(leader, map_(leader, upload(leader, at, WRONG)))
    leader.get(page.path + "/faults.xlsx")
    assert "example" not in caplog.text.replace(LEADER, "")


def upload_raw(client, at, content):
    """An upload put together here: the test client leaves the file of a large one open."""
    token = rooms.token(client.get("/lead/")).encode()
    body = (
        b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + token + b"\r\n"
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="staff.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\n" + content + b"\r\n--x--\r\n"
    )
    return client.post(at, data=body, content_type="multipart/form-data; boundary=x")


def test_a_large_file_is_taken_and_a_far_larger_one_refused(leader, at):
    assert upload_raw(leader, at, LIST.encode() + b"\n" * 2 * 1024 * 1024).status_code == 303
    assert upload_raw(leader, at, b"\n" * (roster_files.MOST_BYTES + 65_536)).status_code == 413


# In mid-round


def test_who_is_not_in_the_file_goes_only_if_the_leader_says_so(app, leader, at):
    apply(leader, map_(leader, upload(leader, at, LIST)))
    newer = LIST.replace("ada@", "eve@").replace(
        "cleo@bellfield.example,l", "cleo@bellfield.example,T"
    )
    page = upload(leader, at, newer)
    assert "1 is on the roster and not in the file" in page.text
    assert re.search(
        r"New 1 With another role or school 1 As before 2 .* not in the file 1 ", page.text
    )
    page = apply(leader, page, 422)
    assert "Choose one of the two." in page.text
    assert len(listed(app)) == 4
    page = apply(leader, page, absent="take")
    assert "Saved: 1 new, 1 changed, 1 taken off." in page.text
    assert [email for email, _, _ in listed(app)] == [
        "ben@ashdown.example",
        "cleo@bellfield.example",
        "dan@centre.example",
        "eve@ashdown.example",
    ]


def test_while_rows_have_faults_nobody_is_taken_off(app, leader, at):
    apply(leader, map_(leader, upload(leader, at, LIST)))
    page = upload(leader, at, LIST.replace("ada@ashdown", "ada@"))
    assert "Nobody is taken off while rows have faults" in page.text
    assert 'name="absent"' not in page.html
    apply(leader, page, absent="take")
    assert len(listed(app)) == 4


def test_no_page_tells_who_has_answered(app, leader, at, round_id):
    apply(leader, map_(leader, upload(leader, at, LIST)))
    waiting = upload(leader, at, LIST.replace("ada@", "eve@"))

    def shown():
        return [
            re.sub(r'"csrf_token"[^>]+>', "", get(leader, path).html)
            for path in (at, waiting.path, waiting.path + "/columns", f"{at}/schools")
        ]

    before = shown()
    with rooms.store(app) as session:
        round_ = session.get(Round, round_id)
        ada = session.scalars(
            sa.select(Invitation.invitation_id).where(Invitation.email.startswith("ada@"))
        ).one()
        begun = respond_kit.begin(session, round_, now=rooms.NOW, role="T", invitation_id=ada)
        respond_kit.fill(session, round_, begun.draft, now=rooms.NOW)
    assert shown() == before
    assert "@" not in get(leader, at).html.replace(LEADER, "")


def test_two_leaders_each_have_a_file_and_the_second_is_told_what_the_first_changed(
    app, leader, at
):
    second = signed_in(app, OTHER)
    mine = map_(leader, upload(leader, at, LIST))
    theirs = upload(second, at, LIST.replace("ada@", "eve@"))
    assert get(leader, theirs.path).path == at  # a file is its sender's alone
    apply(leader, mine)
    page = apply(second, theirs, 409)
    assert "The roster was changed meanwhile, by another leader or in another window." in page.text
    assert re.search(r"New 1 .* not in the file 1 ", page.text)
    assert len(listed(app)) == 4
    apply(second, page, absent="keep")
    assert len(listed(app)) == 5


def test_a_file_that_waits_is_found_again(leader, at):
    page = upload(leader, at, LIST)
    where = page.path.removesuffix("/columns")
    page = get(leader, at)
    assert f'href="{where}"' in page.html
    assert "has not been applied" in page.text


def test_a_round_that_closed_meanwhile_keeps_its_roster_and_says_so(app, leader, at, round_id):
    page = map_(leader, upload(leader, at, LIST))
    with rooms.store(app) as session:
        before = headcounts(session)
        rounds.close(session, session.get(Round, round_id), by=None, now=rooms.NOW)
    assert "The file is no longer here" in get(leader, page.path).text
    page = apply(leader, page)
    assert "The round has closed: its roster stays as it is." in page.text
    page = upload(leader, at, LIST)
    assert "The round has closed: its roster stays as it is." in page.text
    assert all_of(app, RosterUpload) == []
    assert listed(app) == []
    with rooms.store(app) as session:
        assert headcounts(session) == before
    for path in ("/schools", "/schools/merge"):
        assert get(leader, at + path).path == at


def test_the_time_is_up_though_nobody_has_closed_the_round_yet(app, leader, at, round_id):
    page = map_(leader, upload(leader, at, LIST))
    with rooms.store(app) as session:
        session.get(Round, round_id).closes_at = rooms.NOW
    page = apply(leader, page)
    assert "The round has closed: its roster stays as it is." in page.text
    assert listed(app) == []


# Head counts


def test_headcounts_of_an_anonymous_round_are_uploaded_without_names(app, leader, at, round_id):
    with rooms.store(app) as session:
        rounds.set_mode(session, session.get(Round, round_id), "anonymous", by=None, now=rooms.NOW)
    assert get(leader, at).heading == "Head counts"
    assert f'href="{at}"' in get(leader, f"/lead/rounds/{round_id}").html
    page = upload(leader, at, "School,T,L,Central\nAshdown Primary,14,2,\nBellfield High,9,1,\n")
    names = {"column-1": "role:T", "column-2": "role:L", "column-3": "role:H"}
    page = map_(leader, page, **names)
    assert "People on the roster: 72 now, 50 with these rows." in page.text
    page = apply(leader, page, absent="take")
    assert "Saved: 0 new, 4 changed, 2 taken off." in page.text
    with rooms.store(app) as session:
        assert headcounts(session)[SCHOOLS[0], "T"] == 14
        assert sum(headcounts(session).values()) == 26
    assert "change_headcounts" in {each.action for each in all_of(app, AuditEntry)}


# Schools


def ids(app):
    return {school.name: school.school_id for school in all_of(app, School)}


def test_a_school_gets_another_name_and_lists_with_the_old_one_are_understood(app, leader, at):
    apply(leader, map_(leader, upload(leader, at, LIST)))
    school = ids(app)["Ashdown Primary"]
    page = send(leader, at, "/schools/rename", school=school, name="  Ashdown  Academy ")
    assert "Saved: the school is called Ashdown Academy." in page.text
    assert ids(app)["Ashdown Academy"] == school
    page = upload(leader, at, LIST)
    assert re.search(r"New 0 .*As before 4 ", page.text)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (" ", "Fill this in."),
        ("x" * 121, "Use at most 120 letters; there are 121."),
        ("bellfield HIGH", "Another school of the organisation has this name."),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_stays_in_the_form(app, leader, at, name, said):
    page = send(leader, at, "/schools/rename", 422, school=ids(app)["Ashdown Primary"], name=name)
    assert said in page.text
    assert f'value="{name}"' in page.html
    assert set(ids(app)) == set(SCHOOLS)


def test_schools_are_merged_after_a_page_that_says_what_moves(app, leader, at):
    apply(leader, map_(leader, upload(leader, at, LIST)))
    school, into = ids(app)["Bellfield High"], ids(app)["Ashdown Primary"]
    page = get(leader, f"{at}/schools/merge?from={school}&into={into}")
    assert page.heading == "Merge Bellfield High into Ashdown Primary?"
    assert "1 person on the staff list, who keeps their link" in page.text
    page = send(leader, at, "/schools/merge", **{"from": school, "into": into})
    assert "Saved: the two schools are one in this round." in page.text
    assert {school for _, _, school in listed(app)} == {"Ashdown Primary", ""}
    assert "Bellfield" not in page.text
    page = upload(leader, at, LIST)
    assert re.search(r"New 0 .*As before 4 ", page.text)  # lists that name it mean the other


def test_a_merger_of_nothing_is_refused(app, leader, at):
    school = ids(app)["Ashdown Primary"]
    for chosen in ({"from": school, "into": school}, {"from": school, "into": "x"}, {}):
        page = send(leader, at, "/schools/merge", 422, **chosen)
        assert "There is a problem" in page.text
        query = "&".join(f"{name}={value}" for name, value in chosen.items())
        assert get(leader, f"{at}/schools/merge?{query}", 422).heading == "Rename or merge schools"


def test_another_organisations_leader_reaches_none_of_it(app, leader, at):
    page = upload(leader, at, LIST)
    where = page.path.removesuffix("/columns")
    with rooms.store(app) as session:
        other = rooms.organisation(session, "Far Away Schools Trust")
        rooms.account(session, other, email="leader@far.example")
    stranger = signed_in(app, "leader@far.example")
    token = rooms.token(stranger.get("/lead/"))
    for path in ("", "/columns", "/faults.csv"):
        assert stranger.get(where + path).status_code == 404
    for path in ("/columns", "/words", "/forget", "/apply", "/discard"):
        reply = stranger.post(where + path, data={"csrf_token": token})
        assert reply.status_code == 404
    assert len(all_of(app, RosterUpload)) == 1
