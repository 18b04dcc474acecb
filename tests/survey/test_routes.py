"""Every route of the site: who may open it, and that none comes or goes unnoticed."""

import pytest

from survey.services import accounts
from tests.survey import rooms

#: who -> the column of the table below. The researcher has a leader's consent
VISITORS = ("anonymous", "leader", "researcher", "a leader of another organisation")
#: these open what everybody opens, as the researcher does, and of the rooms what names them
OTHERS = ("head", "reader", "administrator")

#: (method, path, status for each of VISITORS). A form that needs a token is sent with one.
ROUTES = {
    "enter.front": [("GET", "/", 200, 200, 200, 200)],
    "enter.open_code": [("POST", "/", 422, 422, 422, 422)],
    "enter.follow_code": [("GET", "/c/zzzzzz", 404, 404, 404, 404)],
    "enter.follow_invitation": [
        ("GET", "/i/", 404, 404, 404, 404),
        ("GET", "/i/nothing", 404, 404, 404, 404),
    ],
    "enter.read_accessibility": [("GET", "/accessibility", 200, 200, 200, 200)],
    "static": [("GET", "/static/1/midtier.css", 200, 200, 200, 200)],
    "account.home": [("GET", "/home", 302, 302, 302, 302)],
    "account.show": [("GET", "/account", 302, 200, 200, 200)],
    "account.follow": [("GET", "/account/link/nothing", 302, 302, 302, 302)],
    "account.choose_password": [
        ("GET", "/account/password", 404, 404, 404, 404),
        ("POST", "/account/password", 404, 404, 404, 404),
    ],
    "account.forget_password": [
        ("GET", "/forgotten", 200, 200, 200, 200),
        ("POST", "/forgotten", 422, 422, 422, 422),
    ],
    "administer.index": [("GET", "/accounts/", 302, 200, 403, 200)],
    "administer.invite": [
        ("GET", "/accounts/invite", 302, 200, 403, 200),
        ("POST", "/accounts/invite", 302, 422, 403, 422),
    ],
    "administer.take_back": [("POST", "/accounts/invitations/0/take-back", 302, 404, 403, 404)],
    "administer.send_again": [("POST", "/accounts/invitations/0/again", 302, 404, 403, 404)],
    "administer.show": [
        ("GET", "/accounts/{account}", 302, 200, 403, 404),
        ("POST", "/accounts/{account}", 302, 302, 403, 404),
    ],
    "administer.send_password": [("POST", "/accounts/{account}/password", 302, 302, 403, 404)],
    "administer.reset_second_step": [
        ("POST", "/accounts/{account}/second-step", 302, 302, 403, 404)
    ],
    "administer.switch_off": [("POST", "/accounts/{account}/off", 302, 302, 403, 404)],
    "administer.switch_on": [("POST", "/accounts/{account}/on", 302, 302, 403, 404)],
    "security.login": [("GET", "/sign-in", 200, 302, 302, 302)],
    "security.logout": [("POST", "/sign-out", 302, 302, 302, 302)],
    "security.verify": [("GET", "/account/verify", 302, 200, 200, 200)],
    "security.two_factor_setup": [("GET", "/account/second-step", 302, 200, 200, 200)],
    "security.two_factor_setup_validate": [
        ("POST", "/account/second-step/nothing", 302, 302, 302, 302)
    ],
    "security.two_factor_token_validation": [
        # whoever is signed in and comes here out of turn is signed out
        ("GET", "/sign-in/code", 302, 302, 302, 302),
        ("POST", "/sign-in/code", 302, 302, 302, 302),
    ],
    "security.mf_recovery_codes": [("GET", "/account/recovery-codes", 302, 200, 200, 200)],
    "security.mf_recovery": [
        ("GET", "/sign-in/recovery-code", 302, 302, 302, 302),
        ("POST", "/sign-in/recovery-code", 302, 302, 302, 302),
    ],
    "security.two_factor_rescue": [("GET", "/tf-rescue", 404, 404, 404, 404)],
    "security.tf_select": [("GET", "/tf-select", 404, 404, 404, 404)],
    "lead.index": [("GET", "/lead/", 302, 200, 403, 200)],
    "lead.show_organisation": [
        ("GET", "/lead/organisation", 302, 200, 403, 200),
        ("POST", "/lead/organisation", 302, 303, 403, 303),
    ],
    "lead.set_organisation_words": [
        ("GET", "/lead/organisation/words", 302, 200, 403, 200),
        ("POST", "/lead/organisation/words", 302, 303, 403, 303),
    ],
    "lead.list_schools": [
        ("GET", "/lead/organisation/schools", 302, 200, 403, 200),
        ("POST", "/lead/organisation/schools", 302, 422, 403, 422),
    ],
    # a school of one's own is opened in tests/survey/test_organisations.py
    "lead.edit_school": [
        ("GET", "/lead/organisation/schools/0", 302, 404, 403, 404),
        ("POST", "/lead/organisation/schools/0", 302, 404, 403, 404),
    ],
    "lead.begin_round": [
        ("GET", "/lead/rounds/new", 302, 200, 403, 200),
        ("POST", "/lead/rounds/new", 302, 422, 403, 422),
    ],
    "lead.set_up": [("GET", "/lead/rounds/{round}/setup", 302, 200, 403, 404)],
    # nothing is typed, and so nothing of an open round changes
    "lead.set_basics": [
        ("GET", "/lead/rounds/{round}/setup/basics", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/setup/basics", 302, 303, 403, 404),
    ],
    # the round of this table is open: its questions stay as they are
    "lead.set_parts": [
        ("GET", "/lead/rounds/{round}/setup/parts", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/setup/parts", 302, 422, 403, 404),
    ],
    "lead.set_words": [
        ("GET", "/lead/rounds/{round}/setup/words", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/setup/words", 302, 422, 403, 404),
    ],
    "lead.set_facts": [
        ("GET", "/lead/rounds/{round}/setup/facts", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/setup/facts", 302, 303, 403, 404),
    ],
    "lead.set_rules": [
        ("GET", "/lead/rounds/{round}/setup/rules", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/setup/rules", 302, 303, 403, 404),
    ],
    "lead.set_shown": [
        ("GET", "/lead/rounds/{round}/setup/shown", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/setup/shown", 302, 303, 403, 404),
    ],
    "lead.set_letters": [
        ("GET", "/lead/rounds/{round}/setup/letters", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/setup/letters", 302, 303, 403, 404),
    ],
    "lead.show_letter": [("GET", "/lead/rounds/{round}/letters/privacy", 302, 200, 403, 404)],
    "lead.download_letter": [
        ("GET", "/lead/rounds/{round}/letters/privacy.txt", 302, 200, 403, 404)
    ],
    "lead.try_round": [
        ("GET", "/lead/rounds/{round}/setup/dry-run", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/setup/dry-run", 302, 200, 403, 404),
    ],
    "lead.set_ready": [
        ("GET", "/lead/rounds/{round}/setup/ready", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/setup/ready", 302, 303, 403, 404),
    ],
    "lead.take_back": [("POST", "/lead/rounds/{round}/setup/take-back", 302, 303, 403, 404)],
    "lead.show": [("GET", "/lead/rounds/{round}", 302, 200, 403, 404)],
    "lead.watch": [("GET", "/lead/rounds/{round}/answered", 302, 200, 403, 404)],
    "lead.posters": [
        ("GET", "/lead/rounds/{round}/posters", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/posters", 302, 303, 403, 404),
    ],
    "lead.ask_handout": [("POST", "/lead/rounds/{round}/posters/slips", 302, 302, 403, 404)],
    "lead.download_handout": [
        ("GET", "/lead/rounds/{round}/posters/slips.pdf", 302, 404, 403, 404)
    ],
    "lead.close": [
        ("GET", "/lead/rounds/{round}/close", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/close", 302, 302, 403, 404),
    ],
    "lead.choose_mode": [
        ("GET", "/lead/rounds/{round}/mode", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/mode", 302, 422, 403, 404),
    ],
    # the round of this table is anonymous: tests/survey/test_lead_invitations.py opens these
    "lead.show_invitations": [("GET", "/lead/rounds/{round}/invitations", 302, 404, 403, 404)],
    "lead.send_invitations": [
        ("POST", "/lead/rounds/{round}/invitations/send", 302, 404, 403, 404)
    ],
    "lead.send_reminder": [("POST", "/lead/rounds/{round}/invitations/remind", 302, 404, 403, 404)],
    "lead.plan_reminders": [
        ("GET", "/lead/rounds/{round}/invitations/reminders", 302, 404, 403, 404),
        ("POST", "/lead/rounds/{round}/invitations/reminders", 302, 404, 403, 404),
    ],
    "lead.show_unreachable": [
        ("GET", "/lead/rounds/{round}/invitations/unreachable", 302, 404, 403, 404),
        ("POST", "/lead/rounds/{round}/invitations/unreachable", 302, 404, 403, 404),
    ],
    "lead.try_address_again": [
        ("POST", "/lead/rounds/{round}/invitations/unreachable/0/again", 302, 404, 403, 404)
    ],
    "lead.send_again": [("POST", "/lead/rounds/{round}/invitations/0/again", 302, 404, 403, 404)],
    "lead.show_open_words": [
        ("GET", "/lead/rounds/{round}/words", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/words", 302, 422, 403, 404),
    ],
    "lead.switch_off_open_words": [("POST", "/lead/rounds/{round}/words/off", 302, 303, 403, 404)],
    "lead.show_themes": [("GET", "/lead/rounds/{round}/themes", 302, 200, 403, 404)],
    "lead.ask_quotations": [
        ("GET", "/lead/rounds/{round}/themes/quotations", 302, 303, 403, 404),
        ("POST", "/lead/rounds/{round}/themes/quotations", 302, 303, 403, 404),
    ],
    # the round is closed by now, and there is no such file: test_lead_rosters.py opens these
    "lead.show_roster": [("GET", "/lead/rounds/{round}/roster", 302, 200, 403, 404)],
    "lead.upload_roster": [("POST", "/lead/rounds/{round}/roster", 302, 422, 403, 404)],
    "lead.check_roster": [("GET", "/lead/rounds/{round}/roster/0", 302, 303, 403, 404)],
    "lead.map_roster": [("GET", "/lead/rounds/{round}/roster/0/columns", 302, 303, 403, 404)],
    "lead.save_roster_columns": [
        ("POST", "/lead/rounds/{round}/roster/0/columns", 302, 303, 403, 404)
    ],
    "lead.save_roster_words": [("POST", "/lead/rounds/{round}/roster/0/words", 302, 303, 403, 404)],
    "lead.forget_roster_words": [
        ("POST", "/lead/rounds/{round}/roster/0/forget", 302, 303, 403, 404)
    ],
    "lead.download_roster_faults": [
        ("GET", "/lead/rounds/{round}/roster/0/faults.csv", 302, 303, 403, 404),
        ("GET", "/lead/rounds/{round}/roster/0/faults.xlsx", 302, 303, 403, 404),
    ],
    "lead.apply_roster": [("POST", "/lead/rounds/{round}/roster/0/apply", 302, 303, 403, 404)],
    "lead.discard_roster": [("POST", "/lead/rounds/{round}/roster/0/discard", 302, 303, 403, 404)],
    "lead.show_school_changes": [
        ("GET", "/lead/rounds/{round}/roster/schools", 302, 303, 403, 404)
    ],
    "lead.rename_school": [
        ("POST", "/lead/rounds/{round}/roster/schools/rename", 302, 303, 403, 404)
    ],
    "lead.merge_schools": [
        ("GET", "/lead/rounds/{round}/roster/schools/merge", 302, 303, 403, 404),
        ("POST", "/lead/rounds/{round}/roster/schools/merge", 302, 303, 403, 404),
    ],
    "lead.choose_languages": [
        ("GET", "/lead/rounds/{round}/languages", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/languages", 302, 302, 403, 404),
    ],
    "lead.read_translation": [
        ("GET", "/lead/rounds/{round}/languages/en-GB", 302, 404, 403, 404),
        ("POST", "/lead/rounds/{round}/languages/en-GB", 302, 404, 403, 404),
    ],
    "lead.show_profile": [("GET", "/lead/rounds/{round}/profile", 302, 200, 403, 404)],
    "lead.ask_profile_screen": [
        ("POST", "/lead/rounds/{round}/profile/screen", 302, 302, 403, 404)
    ],
    "lead.ask_profile": [("POST", "/lead/rounds/{round}/profile", 302, 302, 403, 404)],
    "lead.download_profile": [("GET", "/lead/rounds/{round}/profile.pdf", 302, 404, 403, 404)],
    "lead.ask_pack": [
        ("POST", "/lead/rounds/{round}/pack/slides", 302, 302, 403, 404),
        ("POST", "/lead/rounds/{round}/pack/nothing", 302, 404, 403, 404),
    ],
    "lead.download_pack": [("GET", "/lead/rounds/{round}/pack/slides.pdf", 302, 404, 403, 404)],
    "lead.list_school_reports": [
        ("GET", "/lead/rounds/{round}/school-reports", 302, 200, 403, 404)
    ],
    "lead.ask_school_reports": [
        ("POST", "/lead/rounds/{round}/school-reports", 302, 302, 403, 404)
    ],
    "lead.release_school_reports": [
        ("GET", "/lead/rounds/{round}/school-reports/release", 302, 303, 403, 404),
        ("POST", "/lead/rounds/{round}/school-reports/release", 302, 303, 403, 404),
    ],
    "lead.download_school_report": [
        ("GET", "/lead/rounds/{round}/school-reports/0.pdf", 302, 404, 403, 404)
    ],
    "lead.show_results": [
        ("GET", "/lead/rounds/{round}/results", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/results", 302, 302, 403, 404),
    ],
    "lead.ask_staff_page": [("POST", "/lead/rounds/{round}/results/page", 302, 302, 403, 404)],
    "lead.preview_staff_page": [
        ("GET", "/lead/rounds/{round}/results/preview", 302, 404, 403, 404)
    ],
    "lead.release_staff_page": [
        ("GET", "/lead/rounds/{round}/results/release", 302, 404, 403, 404),
        ("POST", "/lead/rounds/{round}/results/release", 302, 404, 403, 404),
    ],
    "preview.index": [("GET", "/lead/rounds/{round}/preview", 302, 200, 403, 404)],
    "preview.show": [
        ("GET", "/lead/rounds/{round}/preview/en-GB/T/promise", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/preview/en-GB/T/promise", 302, 303, 403, 404),
    ],
    "lead.show_consents": [
        ("GET", "/lead/rounds/{round}/consents", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/consents", 302, 422, 403, 404),
    ],
    "lead.end_consent": [("POST", "/lead/rounds/{round}/consents/0/end", 302, 404, 403, 404)],
    "lead.show_audit": [("GET", "/lead/audit", 302, 200, 403, 200)],
    "lead.download_audit": [("POST", "/lead/audit.csv", 302, 200, 403, 200)],
    "head.index": [("GET", "/school/", 302, 403, 403, 403)],
    "head.show": [("GET", "/school/rounds/{round}", 302, 403, 403, 403)],
    # released reports are read in tests/survey/test_head.py
    "head.show_report": [("GET", "/school/rounds/{round}/report", 302, 403, 403, 403)],
    "head.download_report": [("GET", "/school/rounds/{round}/report.pdf", 302, 403, 403, 403)],
    # what a reader opens is in tests/survey/test_read.py
    "read.index": [("GET", "/read/", 302, 403, 403, 403)],
    "read.desk": [("GET", "/read/rounds/{round}", 302, 403, 403, 403)],
    "read.answers": [("GET", "/read/rounds/{round}/questions/OPN1", 302, 403, 403, 403)],
    "read.next_answer": [("GET", "/read/rounds/{round}/questions/OPN1/next", 302, 403, 403, 403)],
    "read.answer": [
        ("GET", "/read/rounds/{round}/answers/0", 302, 403, 403, 403),
        ("POST", "/read/rounds/{round}/answers/0", 302, 403, 403, 403),
    ],
    "read.mark_harm": [("POST", "/read/rounds/{round}/answers/0/harm", 302, 403, 403, 403)],
    "read.theme": [
        ("GET", "/read/rounds/{round}/themes/0", 302, 403, 403, 403),
        ("POST", "/read/rounds/{round}/themes/0", 302, 403, 403, 403),
    ],
    "read.merge_theme": [("POST", "/read/rounds/{round}/themes/0/merge", 302, 403, 403, 403)],
    "read.hand_over": [
        ("GET", "/read/rounds/{round}/hand-over", 302, 403, 403, 403),
        ("POST", "/read/rounds/{round}/hand-over", 302, 403, 403, 403),
    ],
    "research.index": [("GET", "/research/", 302, 403, 200, 403)],
    "research.show": [("GET", "/research/rounds/{round}", 302, 403, 200, 403)],
    "research.ask_validation": [
        ("POST", "/research/rounds/{round}/validation", 302, 403, 302, 403)
    ],
    "research.download_validation": [
        ("GET", "/research/rounds/{round}/validation.pdf", 302, 403, 404, 403)
    ],
}

#: roles of OTHERS -> whose column of the table holds for pages that name their role
COLUMN = {"administrator": "leader", "head": "researcher", "reader": "researcher"}
#: pages of rooms that neither the leader nor the researcher opens -> status for their own role
OWN = {
    "/school/": 200,
    "/school/rounds/{round}": 200,
    "/school/rounds/{round}/report": 404,
    "/school/rounds/{round}/report.pdf": 404,
    "/read/": 200,
}

#: rooms whose every view names its permission
ROOMS = {
    "lead": ("leader",),
    "preview": ("leader",),
    "head": ("head",),
    "research": ("researcher",),
    "read": ("reader",),
    "administer": ("leader", "administrator"),
}


def test_every_route_is_in_the_table_or_belongs_to_those_who_answer(app):
    # those who answer have no account: tests/survey/test_respond.py opens each of their pages
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {name for name in known if not name.startswith("respond.")} == set(ROUTES)


def test_every_view_of_a_room_names_its_permission(app):
    for name, view in app.view_functions.items():
        room = name.partition(".")[0]
        if room in ROOMS:
            permission = getattr(view, "permission", ())
            assert permission[: len(ROOMS[room])] == ROOMS[room], name


ADDRESSES = {
    "anonymous": "",
    "a leader of another organisation": "leader@other.example",
    **{role: f"{role}@trust.example" for role in accounts.ROLES},
}


@pytest.fixture
def round_id(app):
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        other = rooms.organisation(session, "Far Away Schools Trust")
        rooms.account(session, other, email=ADDRESSES["a leader of another organisation"])
        made = rooms.round_(session, trust)
        for role in accounts.ROLES:
            school = trust.schools[0] if role == "head" else None
            rooms.account(session, trust, role=role, email=ADDRESSES[role], school=school)
        rooms.consent(session, made, accounts.find(session, ADDRESSES["researcher"]))
        # an account that nobody of this table signs in with
        rooms.account(session, trust, role="reader", email="nobody@trust.example")
        return made.round_id


@pytest.fixture
def reference(app, round_id):
    with rooms.store(app) as session:
        return accounts.find(session, "nobody@trust.example").reference


def status(app, endpoint: str, row: tuple, visitor: str) -> int:
    """The status that the tables above want."""
    if visitor in VISITORS:
        return row[2 + VISITORS.index(visitor)]
    if visitor in getattr(app.view_functions[endpoint], "permission", [visitor]):
        if row[1].startswith("/read/rounds/"):
            return 404  # this round asks no open questions
        return OWN.get(row[1], row[2 + VISITORS.index(COLUMN[visitor])])
    return 403


@pytest.mark.parametrize("visitor", [*VISITORS, *OTHERS])
def test_each_visitor_opens_what_is_theirs_and_nothing_else(app, round_id, reference, visitor):
    found, wanted = {}, {}
    came = app.test_client()
    token = rooms.token(came.get("/sign-in"))
    if ADDRESSES[visitor]:
        rooms.sign_in(came, ADDRESSES[visitor])
    session = came.get_cookie("session").value
    for endpoint, rows in ROUTES.items():
        for row in rows:
            client = app.test_client()  # some pages sign out: each is opened as one just come in
            client.set_cookie("session", session)
            path = row[1].format(round=round_id, account=reference)
            reply = client.open(
                path, method=row[0], data={"csrf_token": token} if row[0] == "POST" else None
            )
            found[row[0], row[1]] = reply.status_code
            wanted[row[0], row[1]] = status(app, endpoint, row, visitor)
            reply.close()
    assert found == wanted


def test_a_page_that_needs_an_account_leads_to_signing_in(client, round_id):
    reply = client.get(f"/lead/rounds/{round_id}")
    assert reply.headers["Location"] == f"/sign-in?next=/lead/rounds/{round_id}"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere"])
def test_every_page_carries_the_policy(client, path):
    reply = client.get(path)
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
