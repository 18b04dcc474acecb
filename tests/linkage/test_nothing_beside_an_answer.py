"""No cell, log line, cookie, address or referrer holds what leads to a person beside an answer.

Real processes, a round of either mode, and a person who is not lucky: see ``errands``.
"""

import base64
import re
import zlib

import pytest
import sqlalchemy as sa

from survey import jobs
from survey.settings import read_settings
from tests.browser import staging
from tests.browser.sites import make_site
from tests.conftest import empty_database
from tests.linkage import errands
from tests.linkage.errands import kinds_in


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    with empty_database(request, request.param, folder) as url:
        site = make_site(folder)
        site.environment |= {"MIDTIER_DATABASE_URL": url, "MIDTIER_TRUSTED_PROXIES": "1"}
        site.settings = read_settings(data_dir=site.data_dir, public_url=site.url, database_url=url)
        site.start()
        yield site
        site.stop()
        site.engine.dispose()


@pytest.fixture(scope="module", params=["anonymous", "confidential"])
def told(request, running):
    told = errands.Told(request.param, staging.make_round(running, mode=request.param))
    link = errands.way_in(told)
    words = errands.answer_everything(told, link)
    errands.come_back_on_another_device(told, link, words)
    errands.go_wrong(told, link, words)
    errands.lead(told)
    item = next(iter(staging.drafts(told.stage)[0].answers))
    told.opened, told.answers_opened = _cells(told, item)
    staging.close(told.stage)
    box = running.settings.mail_dir / told.stage.round_id
    staging.until(lambda: not box.exists())
    told.closed, told.answers_closed = _cells(told, item)
    told.log = (running.data_dir.parent / "site.log").read_text()
    told.files = {
        str(path): kinds_in(path.read_bytes().decode("latin-1"), told.secrets)
        for path in running.data_dir.parent.rglob("*")
        if path.is_file()
    }
    return told


# --- what is left of it --------------------------------------------------------------------------


def _cells(told, item):
    """Which kinds of secrets stand in which column of which table, and where answers stand."""
    found, answers = {}, set()
    site = told.stage.site
    for url in {str(site.settings.database), jobs.jobs_url(site.settings)}:
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            for table, column, value in _every_cell(connection):
                text = value if isinstance(value, str) else repr(value)
                kinds = kinds_in(text, told.secrets)
                if kinds:
                    found.setdefault((table, column), set()).update(kinds)
                if f'"{item}"' in text or f"'{item}'" in text:
                    answers.add(table)
        engine.dispose()
    return found, answers


def _every_cell(connection):
    inspector = sa.inspect(connection)
    for schema in inspector.get_schema_names():
        if schema == "information_schema":
            continue
        for name in inspector.get_table_names(schema=schema):
            table = sa.Table(name, sa.MetaData(), schema=schema, autoload_with=connection)
            for row in connection.execute(sa.select(table)).mappings():
                yield from ((name, column, value) for column, value in row.items())


# --- the promises --------------------------------------------------------------------------------


def test_no_cell_of_an_open_round_holds_a_token_words_or_an_internet_address(told):
    listed = {("invitation", "email"): {"address"}} if told.mode == "confidential" else {}

    assert told.opened == listed


def test_no_cell_of_a_closed_round_holds_any_of_them(told):
    assert told.closed == {}


def test_answers_stand_in_drafts_and_then_in_responses_and_nowhere_else(told):
    assert "draft" in told.answers_opened
    assert told.answers_opened <= {"draft", "response"}  # responses of the round before
    assert told.answers_closed == {"response"}


def test_a_row_with_answers_has_no_column_for_anything_that_leads_to_a_person(told):
    columns = {
        name: {each["name"] for each in sa.inspect(told.stage.site.engine).get_columns(name)}
        for name in ("draft", "response")
    }

    shared = {"round_id", "role", "school_id", "dimension_order", "answers"}
    assert columns["response"] == shared | {"response_id", "form", "careless"}
    assert columns["draft"] == shared | {
        *("key", "invitation_key", "pages", "revision", "sent", "unseen", "written", "quotable"),
    }


def test_no_log_line_holds_any_of_them(told):
    assert "refused: resume words that lead to no draft" in told.log
    assert kinds_in(told.log, told.secrets) == set()
    assert "127.0.0.1" not in told.log


def test_no_file_of_the_installation_holds_any_of_them_after_the_close(told):
    assert len(told.files) > 2
    assert {path: kinds for path, kinds in told.files.items() if kinds} == {}


def test_cookies_hold_words_and_tokens_apart_from_answers_and_go_to_the_round_alone(told):
    path = told.stage.link.removeprefix(told.stage.site.url)
    kinds = {}
    for caller in told.callers:
        for name, cookie in caller.cookies.items():
            text = cookie.value + _session(cookie.value)
            kinds.setdefault(name, set()).update(kinds_in(text, told.secrets))
            # the name of a field; "item" itself is among the resume words
            assert not re.search("item-[A-Z]", text)
            assert cookie["httponly"]
            assert cookie["samesite"] == "Lax"
            if name not in ("session", "midtier_session"):
                assert cookie["path"] == path

    assert kinds.pop("resume_words") == {"resume words"}
    assert kinds.pop("invitation", set()) == ({"token"} if told.mode == "confidential" else set())
    assert set().union(*kinds.values()) == set()


def _session(value):
    """What the session's cookie says, which is signed and not sealed."""
    payload = value.lstrip(".").split(".")[0]
    try:
        content = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        return (zlib.decompress(content) if value.startswith(".") else content).decode()
    except (ValueError, zlib.error):
        return ""


def test_no_address_but_the_personal_link_itself_holds_any_of_them(told):
    urls = [url for caller in told.callers for url in caller.urls]

    found = {
        url.removeprefix(told.stage.site.url)[:3] for url in urls if kinds_in(url, told.secrets)
    }

    assert len(urls) > 40
    assert found == ({"/i/"} if told.mode == "confidential" else set())


def test_no_page_is_named_to_the_next_as_its_referrer(told):
    assert {each for caller in told.callers for each in caller.referrers} == {""}


def test_no_page_but_that_of_the_words_shows_any_of_them(told):
    shown = {}
    for caller in told.callers:
        for url, text in caller.pages:
            for kind in kinds_in(text, told.secrets):
                shown.setdefault(kind, set()).add(url.removeprefix(told.stage.link))

    assert shown == {"resume words": {"/words"}}
