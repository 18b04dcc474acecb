"""The reader's room, page by page, and what a leader sees of it."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from survey.database import begin_writing, db
from survey.models import AccountRole, AuditEntry, OpenAnswer, Round, Theme
from survey.services import accounts, open_desk, rounds
from tests.survey import open_kit, rooms
from tests.survey.open_kit import ROUTE, STORY
from tests.survey.respond_kit import Page, check_page, make_round
from tests.survey.test_routes import ROUTES

NOW = datetime.now(UTC)
PEOPLE = 36


class Account:
    """Somebody signed in, whose every page is checked."""

    def __init__(self, app, email):
        self.client = app.test_client()
        rooms.sign_in(self.client, email)
        self.page = None

    def get(self, path):
        return self._take(self.client.get(path, follow_redirects=True))

    def post(self, path, **fields):
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', self.page.html)[1]
        data = {"csrf_token": token, **fields}
        return self._take(self.client.post(path, data=data, follow_redirects=True))

    def _take(self, reply):
        path = reply.request.full_path.rstrip("?")
        self.page = Page(reply.status_code, path, reply.text, dict(reply.headers))
        check_page(self.page)
        return self.page


@pytest.fixture
def round_id(app):
    with rooms.store(app) as session:
        round_ = open_kit.make_open_round(session, now=NOW)
        for number in range(PEOPLE):
            open_kit.write(
                session,
                round_,
                now=NOW,
                school=number % 6,
                words={STORY: f"Ms Ray <b>said</b> number {number:02}"},
                ticks={STORY: number // 6 % 2 == 0},
            )
        trust = round_.organisation
        for role in ("leader", "reader"):
            rooms.account(session, trust, role=role, email=f"{role}@trust.example")
        other = rooms.organisation(session, "Far Away Schools Trust")
        rooms.account(session, other, role="reader", email="reader@other.example")
        session.commit()
        return round_.round_id


def close(app, round_id):
    with app.app_context():
        begin_writing(db.session)
        rounds.close(db.session, db.session.get_one(Round, round_id), by=None, now=NOW)
        db.session.commit()


@pytest.fixture
def closed(app, round_id):
    close(app, round_id)
    return round_id


@pytest.fixture
def reader(app, closed):
    return Account(app, "reader@trust.example")


@pytest.fixture
def leader(app, closed):
    return Account(app, "leader@trust.example")


def ids(app, part=None):
    with app.app_context():
        query = sa.select(OpenAnswer.open_answer_id, OpenAnswer.part, OpenAnswer.may_quote)
        rows = db.session.execute(query.order_by(OpenAnswer.open_answer_id)).all()
        return [row for row in rows if part in (None, row.part)]


def read_everything(app, closed, *, name="Time to meet"):
    """Every answer read; all of them speak of one theme, and what may be quoted is cleared."""
    with app.app_context():
        round_ = db.session.get_one(Round, closed)
        for answer in open_desk.answers(db.session, round_, STORY):
            words = {"redacted": "Somebody said so", "is_cleared": answer.may_quote}
            open_desk.read(db.session, round_, answer, themes=(), new_theme=name, **words)
        db.session.commit()


# --- the reader ----------------------------------------------------------------------------------


def test_while_the_round_is_open_the_reader_learns_nothing(app, round_id):
    reader = Account(app, "reader@trust.example")
    assert "before the round has closed" in reader.get("/read/").text
    for path in ("", "/questions/OPN1", "/questions/OPN1/next", f"/answers/{'0' * 32}"):
        page = reader.get(f"/read/rounds/{round_id}{path}")
        assert page.path == "/read/"
        assert "Ms Ray" not in page.html
        assert "36" not in page.text


def test_a_reader_reads_answer_after_answer_and_gathers_themes(app, reader, closed):
    page = reader.get("/read/")
    assert "To the desk" in page.text
    page = reader.get(f"/read/rounds/{closed}")
    assert "0 of 36 answers read" in page.text
    page = reader.get(f"/read/rounds/{closed}/questions/OPN1/next")
    first = page.path
    assert "Ms Ray &lt;b&gt;said&lt;/b&gt; number" in page.html
    page = reader.post(first, new_theme="Time to meet", go="save")
    assert page.path != first
    assert "1 of 36 answers read" in page.text
    theme = re.search(r'name="themes" id="[^"]+" value="([^"]+)"', page.html)[1]
    page = reader.post(page.path, themes=theme, go="save")
    reader.post(page.path, new_theme="Ignored", themes=theme, go="nothing")
    page = reader.get(f"/read/rounds/{closed}")
    assert "3 of 36 answers read" in page.text
    assert "Time to meet 2 answers" in page.text
    assert "Ignored" not in page.text
    assert "nothing to use" in reader.get(f"/read/rounds/{closed}/questions/OPN1").text


def test_no_page_of_the_desk_tells_where_an_answer_comes_from(app, reader, closed):
    names = {*open_kit.SCHOOLS, "part", "Teaching"}
    paths = ["", "/questions/OPN1", *(f"/answers/{row.open_answer_id}" for row in ids(app)[:6])]
    for path in paths:
        html = reader.get(f"/read/rounds/{closed}{path}").html
        assert [name for name in names if name in html.replace("participat", "")] == []


def test_only_ticked_words_can_be_prepared_for_quoting(app, reader, closed):
    yes = next(row for row in ids(app) if row.may_quote)
    no = next(row for row in ids(app) if not row.may_quote)
    page = reader.get(f"/read/rounds/{closed}/answers/{yes.open_answer_id}")
    assert "<textarea" in page.html
    page = reader.post(page.path, redacted="Somebody said so", is_cleared="y", go="save")
    page = reader.get(f"/read/rounds/{closed}/answers/{no.open_answer_id}")
    assert "these words never leave" in page.text
    assert "<textarea" not in page.html
    reader.post(page.path, redacted="All of it", is_cleared="y", go="save")
    with app.app_context():
        found = db.session.scalars(sa.select(OpenAnswer).where(OpenAnswer.is_cleared)).all()
        assert [(each.open_answer_id, each.redacted) for each in found] == [
            (yes.open_answer_id, "Somebody said so")
        ]


def test_what_cannot_be_saved_stays_in_the_form(app, reader, closed):
    answer = next(row for row in ids(app) if row.may_quote).open_answer_id
    path = f"/read/rounds/{closed}/answers/{answer}"
    reader.get(path)
    page = reader.post(path, new_theme="x" * 121, redacted="Half done", go="save")
    assert page.status == 422
    assert 'href="#new_theme"' in page.html
    assert "Half done" in page.html
    page = reader.post(path, new_theme="Time", redacted="", is_cleared="y", go="save")
    assert page.status == 422
    assert "no words left to quote" in page.text
    page = reader.post(path, themes="gone", redacted="Half done", go="save")
    assert (page.status, "that theme is gone" in page.text.casefold()) == (422, True)
    with app.app_context():
        assert db.session.scalars(sa.select(Theme)).all() == []


def test_flagging_harm_shows_the_route_and_nobody_else_sees_it(app, reader, leader, closed):
    answer = ids(app)[0].open_answer_id
    path = f"/read/rounds/{closed}/answers/{answer}"
    assert ROUTE.goes_to not in reader.get(path).html
    page = reader.post(f"{path}/harm", harm="flagged")
    for text in (ROUTE.goes_to, ROUTE.how, ROUTE.by_when):
        assert text in page.html
    before = lead_pages(leader, closed)
    page = reader.post(f"{path}/harm", harm="passed on")
    assert "Flagged, and passed on" in page.text
    reader.post(f"{path}/harm", harm="nonsense")
    assert lead_pages(leader, closed) == before
    with app.app_context():
        actions = db.session.scalars(sa.select(AuditEntry.action)).all()
        assert sorted(each for each in actions if "harm" in each) == ["flag_harm", "pass_on_harm"]


def lead_pages(leader, round_id):
    """What a leader sees of the round, without tokens."""
    paths = [f"/lead/rounds/{round_id}{path}" for path in ("", "/words", "/themes", "/results")]
    return [re.sub(r'value="[^"]+"', "", leader.client.get(path).text) for path in paths]


def test_a_theme_is_renamed_and_merged_on_its_page(app, reader, closed):
    first, second = (row.open_answer_id for row in ids(app)[:2])
    for answer, name in ((first, "Time"), (second, "Hours")):
        path = f"/read/rounds/{closed}/answers/{answer}"
        reader.get(path)
        reader.post(path, new_theme=name, go="save")
    with app.app_context():
        found = dict(db.session.execute(sa.select(Theme.name, Theme.theme_id)).all())
    path = f"/read/rounds/{closed}/themes/{found['Hours']}"
    assert "Ms Ray" in reader.get(path).html
    assert reader.post(path, name="Time").status == 422
    assert reader.post(path, name="").status == 422
    page = reader.post(path, name="Hours together")
    assert "Hours together one answer" in page.text
    reader.get(path)
    page = reader.post(f"{path}/merge", into=found["Time"])
    assert "Time 2 answers" in page.text
    assert "Hours together" not in page.text


def test_handing_over_waits_for_the_last_answer_and_then_deletes_the_words(app, reader, closed):
    page = reader.get(f"/read/rounds/{closed}/hand-over")
    assert "Read every answer first" in page.text
    read_everything(app, closed)
    page = reader.get(f"/read/rounds/{closed}/hand-over")
    assert "cannot be undone" in page.text
    page = reader.post(f"/read/rounds/{closed}/hand-over")
    assert "The themes are handed over" in page.text
    with app.app_context():
        assert set(db.session.scalars(sa.select(OpenAnswer.words))) == {""}
    for path in ("", "/hand-over", "/questions/OPN1"):
        assert reader.get(f"/read/rounds/{closed}{path}").path == "/read/"


def test_a_reader_of_another_organisation_and_a_leader_open_no_desk(app, leader, closed):
    other = Account(app, "reader@other.example")
    assert "No round asks open questions" in other.get("/read/").text
    answer = ids(app)[0].open_answer_id
    for path in ("", "/questions/OPN1", f"/answers/{answer}", "/hand-over"):
        assert other.get(f"/read/rounds/{closed}{path}").status == 404
        assert leader.get(f"/read/rounds/{closed}{path}").status == 403


def test_an_answer_of_another_round_is_not_found(app, reader, closed):
    with rooms.store(app) as session:
        second = open_kit.make_open_round(session, now=NOW).round_id
    answer = ids(app)[0].open_answer_id
    close(app, second)
    assert reader.get(f"/read/rounds/{second}/answers/{answer}").status == 404
    assert reader.get(f"/read/rounds/{closed}/questions/OPN9").status == 404


def test_who_also_leads_reads_nothing(app, reader, closed):
    with app.app_context():
        account = accounts.find(db.session, "reader@trust.example")
        leads = sa.select(AccountRole).where(AccountRole.name == "leader")
        account.roles.append(db.session.scalars(leads).one())
        db.session.commit()
    for path in ("/read/", f"/read/rounds/{closed}", f"/read/rounds/{closed}/questions/OPN1"):
        assert reader.get(path).status == 403


def test_a_reader_opens_no_page_of_other_rooms(app, reader, closed):
    for name, rows in ROUTES.items():
        if name.startswith(("lead.", "research.")):
            for method, path, *_statuses in rows:
                token = {"csrf_token": rooms.token(reader.client.get("/read/"))}
                reply = reader.client.open(path.format(round=closed), method=method, data=token)
                assert reply.status_code == 403, path


# --- the leader ----------------------------------------------------------------------------------


def test_a_leader_switches_open_questions_on_with_a_route_and_off_again(app):
    with rooms.store(app) as session:
        made = make_round(session, now=NOW, roster=open_kit.roster())
        rooms.account(session, made.organisation, email="leader@trust.example")
        round_id = made.round_id
    leader = Account(app, "leader@trust.example")
    path = f"/lead/rounds/{round_id}/words"
    assert "Ask the open questions" in leader.get(path).text
    page = leader.post(path, reader="Dr Meyer", goes_to="Ms Okafor", how="", by_when="today")
    assert page.status == 422
    assert 'href="#how"' in page.html
    assert 'value="Ms Okafor"' in page.html
    page = leader.post(path, reader="Dr Meyer", goes_to="Ms Okafor", how="phone", by_when="today")
    assert "This round asks its open questions" in page.text
    assert "Staff are asked open questions" in leader.get(f"/lead/rounds/{round_id}").text
    leader.get(path)
    page = leader.post(f"{path}/off")
    assert "asks no open questions" in page.text


def test_the_route_is_locked_once_somebody_has_begun(app, round_id):
    leader = Account(app, "leader@trust.example")
    page = leader.get(f"/lead/rounds/{round_id}/words")
    assert "Somebody has begun to answer" in page.text
    assert ROUTE.goes_to in page.text
    assert "<form method" not in page.html
    leader.get(f"/lead/rounds/{round_id}")
    page = leader.post(
        f"/lead/rounds/{round_id}/words", reader="x", goes_to="x", how="x", by_when="x"
    )
    assert ROUTE.goes_to in page.text


def test_before_the_hand_over_a_leader_sees_no_theme_and_no_number(app, leader, closed):
    read_everything(app, closed)
    page = leader.get(f"/lead/rounds/{closed}/themes")
    assert "The reader reads what staff wrote" in page.text
    assert "Time to meet" not in page.text
    assert "36" not in page.text
    assert leader.get(f"/lead/rounds/{closed}/themes/quotations").path.endswith("/themes")


def test_a_leader_sees_themes_in_bands_and_quotations_after_asking(app, reader, leader, closed):
    read_everything(app, closed)
    reader.get(f"/read/rounds/{closed}/hand-over")
    reader.post(f"/read/rounds/{closed}/hand-over")
    path = f"/lead/rounds/{closed}/themes"
    page = leader.get(path)
    assert "Time to meet 25–49" in page.text
    assert "People who wrote: 25–49" in page.text
    assert "Somebody said so" not in page.text
    assert "Show the quotations" in leader.get(f"{path}/quotations").text
    assert "Somebody said so" not in leader.get(path).text
    leader.get(f"{path}/quotations")
    page = leader.post(f"{path}/quotations")
    assert page.text.count("Somebody said so") == 18
    assert "Ms Ray" not in page.html
    assert "Ask for quotations" not in page.text
