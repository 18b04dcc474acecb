"""Every route of the site: who may open it, and that none comes or goes unnoticed."""

import pytest

from tests.survey import rooms

#: who -> the column of the table below
VISITORS = ("anonymous", "leader", "researcher", "a leader of another organisation")

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
    "security.login": [("GET", "/sign-in", 200, 302, 302, 302)],
    "security.logout": [("POST", "/sign-out", 302, 302, 302, 302)],
    "security.verify": [("GET", "/verify", 404, 404, 404, 404)],
    "lead.index": [("GET", "/lead/", 302, 200, 403, 200)],
    "lead.show": [("GET", "/lead/rounds/{round}", 302, 200, 403, 404)],
    "lead.posters": [
        ("GET", "/lead/rounds/{round}/posters", 302, 200, 403, 404),
        ("POST", "/lead/rounds/{round}/posters", 302, 303, 403, 404),
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
    "lead.send_again": [("POST", "/lead/rounds/{round}/invitations/0/again", 302, 404, 403, 404)],
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
    "lead.ask_profile": [("POST", "/lead/rounds/{round}/profile", 302, 302, 403, 404)],
    "lead.download_profile": [("GET", "/lead/rounds/{round}/profile.pdf", 302, 404, 403, 404)],
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
    "research.index": [("GET", "/research/", 302, 403, 200, 403)],
    "research.show": [("GET", "/research/rounds/{round}", 302, 403, 200, 403)],
    "research.ask_validation": [
        ("POST", "/research/rounds/{round}/validation", 302, 403, 302, 403)
    ],
    "research.download_validation": [
        ("GET", "/research/rounds/{round}/validation.pdf", 302, 403, 404, 403)
    ],
}

#: rooms whose every view names its permission
ROOMS = {"lead": "leader", "research": "researcher"}


def test_every_route_is_in_the_table_or_belongs_to_those_who_answer(app):
    # those who answer have no account: tests/survey/test_respond.py opens each of their pages
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {name for name in known if not name.startswith("respond.")} == set(ROUTES)


def test_every_view_of_a_room_names_its_permission(app):
    for name, view in app.view_functions.items():
        room = name.partition(".")[0]
        if room in ROOMS:
            assert getattr(view, "permission", None) == ROOMS[room], name


@pytest.fixture
def round_id(app):
    with rooms.store(app) as session:
        trust = rooms.organisation(session)
        other = rooms.organisation(session, "Far Away Schools Trust")
        rooms.account(session, trust, email="leader@trust.example")
        rooms.account(session, trust, role="researcher", email="researcher@trust.example")
        rooms.account(session, other, email="leader@other.example")
        return rooms.round_(session, trust).round_id


@pytest.mark.parametrize(
    ("visitor", "email"),
    list(
        zip(
            VISITORS,
            ("", "leader@trust.example", "researcher@trust.example", "leader@other.example"),
            strict=True,
        )
    ),
)
def test_each_visitor_opens_what_is_theirs_and_nothing_else(app, round_id, visitor, email):
    column = 2 + VISITORS.index(visitor)
    found = {}
    for rows in ROUTES.values():
        for row in rows:
            client = app.test_client()
            page = client.get("/sign-in")
            token = rooms.token(page)
            if email:
                rooms.sign_in(client, email)
            path = row[1].format(round=round_id)
            reply = client.open(
                path, method=row[0], data={"csrf_token": token} if row[0] == "POST" else None
            )
            found[row[0], row[1]] = reply.status_code
            reply.close()
    wanted = {(row[0], row[1]): row[column] for rows in ROUTES.values() for row in rows}
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
