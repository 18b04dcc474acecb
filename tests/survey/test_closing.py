import json
import random
import threading
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from instruments.routing import shown
from survey import sweep
from survey.database import begin_writing, prepare_engine
from survey.models import AuditEntry, Draft, Response, Round
from survey.services import answers, drafts, rounds
from survey.services.coding import as_responses
from tests.survey.respond_kit import KEY, begin, fill, make_round


def close(session, round_, now):
    begin_writing(session)
    rounds.close(session, round_, by=None, now=now)
    session.commit()


def count(session, table, *where):
    return session.scalar(sa.select(sa.func.count()).select_from(table).where(*where))


def fresh_engine(database_url):
    engine = sa.create_engine(database_url)
    prepare_engine(engine)
    return engine


def filled_round(session, now, *, sent=6, begun=2):
    """A round with sent and begun drafts, committed; returns it and the keys and answers sent."""
    round_ = make_round(session, now=now)
    instrument = rounds.instrument_of(round_)
    expected = []
    keys = []
    for number in range(sent + begun):
        role = instrument.roles[number % len(instrument.roles)]
        draft = begin(session, round_, now=now, role=role).draft
        given = fill(session, round_, draft, now=now, pick=number)
        keys.append(draft.key)
        if number < sent:
            drafts.send(session, round_, draft, now=now)
            expected.append((role, draft.school_id, sorted(given.items())))
    session.commit()
    return round_, keys, expected


def test_closing_turns_sent_drafts_into_equal_responses_and_deletes_all_drafts(session, now):
    round_, keys, expected = filled_round(session, now)
    close(session, round_, now)
    born = session.scalars(sa.select(Response)).all()
    found = [(row.role, row.school_id, sorted(row.answers.items())) for row in born]
    assert sorted(map(repr, found)) == sorted(map(repr, expected))
    assert count(session, Draft) == 0
    assert round_.closed_at == now
    assert {row.form for row in born} == {round_.form}
    assert not {row.response_id for row in born} & set(keys)


def test_closing_twice_is_closing_once(session, now):
    round_, _, expected = filled_round(session, now)
    close(session, round_, now)
    before = {row.response_id for row in session.scalars(sa.select(Response))}
    close(session, round_, now.replace(hour=23))
    assert {row.response_id for row in session.scalars(sa.select(Response))} == before
    assert len(before) == len(expected)
    assert round_.closed_at == now
    assert count(session, AuditEntry, AuditEntry.action == "close_round") == 1


def test_the_audit_names_actor_action_and_object(session, now):
    round_, _, _ = filled_round(session, now, sent=1, begun=0)
    close(session, round_, now)
    entry = session.scalars(sa.select(AuditEntry)).one()
    assert (entry.actor, entry.action, entry.object, entry.at) == (
        "system",
        "close_round",
        f"round {round_.round_id}",
        now,
    )


def test_two_closers_at_once_give_one_set_of_responses(session, now, database_url):
    round_, _, expected = filled_round(session, now)
    round_id = round_.round_id
    session.rollback()
    engine = fresh_engine(database_url)
    start = threading.Barrier(4)
    failures = []

    def run():
        try:
            with Session(engine) as own:
                start.wait()
                close(own, own.get(Round, round_id), now)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert not failures
    assert count(session, Response) == len(expected)
    assert count(session, AuditEntry, AuditEntry.action == "close_round") == 1


def test_pages_saved_while_a_round_closes_are_in_its_responses_or_refused(
    session, now, database_url
):
    round_ = make_round(session, now=now)
    link = round_.link
    begun = [begin(session, round_, now=now) for _ in range(6)]
    for one in begun:
        fill(session, round_, one.draft, now=now, pick=0)
        drafts.send(session, round_, one.draft, now=now)
    page = answers.pages(round_, begun[0].draft)[0]
    words = [one.words for one in begun]
    session.commit()
    engine = fresh_engine(database_url)
    start = threading.Barrier(len(words) + 1)
    saved, refused, failures = [], [], []

    def save(own_words):
        try:
            with Session(engine) as own:
                start.wait()
                begin_writing(own)
                held = rounds.by_link(own, link, hold=True)
                draft = drafts.find(own, held, words=own_words, respondent_key=KEY, hold=True)
                if draft is None:
                    refused.append(own_words)
                    return
                answers.save_page(
                    own, held, draft, section=page.section, given={page.items[0]: 5}, now=now
                )
                own.commit()
                saved.append(own_words)
        except answers.NotOpenError:
            refused.append(own_words)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=save, args=[one]) for one in words]
    for thread in threads:
        thread.start()
    start.wait()
    with Session(engine) as own:
        close(own, rounds.by_link(own, link), now)
    for thread in threads:
        thread.join()
    engine.dispose()
    assert not failures
    assert len(saved) + len(refused) == len(words)
    born = session.scalars(sa.select(Response)).all()
    assert len(born) == len(words)
    assert sum(row.answers[page.items[0]] == 5 for row in born) == len(saved)
    assert count(session, Draft) == 0


def test_two_devices_that_save_at_once_lose_nothing(session, now, database_url):
    round_ = make_round(session, now=now)
    begun = begin(session, round_, now=now)
    link, words = round_.link, begun.words
    pages = answers.pages(round_, begun.draft)[:6]
    session.commit()
    engine = fresh_engine(database_url)
    start = threading.Barrier(len(pages))
    failures = []

    def save(page):
        try:
            with Session(engine) as own:
                start.wait()
                begin_writing(own)
                held = rounds.by_link(own, link, hold=True)
                draft = drafts.find(own, held, words=words, respondent_key=KEY, hold=True)
                given = dict.fromkeys(page.items, 1)
                answers.save_page(own, held, draft, section=page.section, given=given, now=now)
                own.commit()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=save, args=[page]) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert not failures
    session.expire_all()
    draft = session.scalars(sa.select(Draft)).one()
    assert draft.answers == {code: 1 for page in pages for code in page.items}
    assert sorted(draft.pages) == sorted(page.section for page in pages)


def test_answers_that_a_new_role_does_not_see_are_left_behind(session, now):
    round_ = make_round(session, now=now)
    instrument = rounds.instrument_of(round_)
    few, many = instrument.roles[0], instrument.roles[1]
    draft = begin(session, round_, now=now, role=many).draft
    given = fill(session, round_, draft, now=now)
    school = rounds.schools_of(session, round_)[0].school_id
    drafts.set_place(session, round_, draft, role=few, school_id=school, now=now)
    drafts.send(session, round_, draft, now=now)
    session.commit()
    close(session, round_, now)
    born = session.scalars(sa.select(Response)).one()
    sees = set(shown(instrument, role=few, form=round_.form, modules=round_.modules))
    assert born.role == few
    assert set(born.answers) == set(given) & sees
    assert set(given) - sees


def test_the_careless_flag_is_that_of_the_rule_on_the_same_answers(session, now):
    from instruments import quality
    from survey.services.coding import Sheet

    round_ = make_round(session, now=now)
    instrument = rounds.instrument_of(round_)
    rng = random.Random(4)
    for number in range(60):
        draft = begin(session, round_, now=now).draft
        # every tenth person chooses the same answer all the way down
        for page in answers.pages(round_, draft):
            given = {
                code: 5 if number % 10 == 0 else rng.choice(instrument.options(code))
                for code in page.items
                if 5 in instrument.options(code) or number % 10
            }
            answers.save_page(session, round_, draft, section=page.section, given=given, now=now)
        drafts.send(session, round_, draft, now=now)
    session.commit()
    close(session, round_, now)
    born = session.scalars(sa.select(Response)).all()
    sheets = [Sheet(role=row.role, school="", answers=row.answers) for row in born]
    flagged = quality.careless(
        instrument, as_responses(instrument, sheets, form=round_.form, modules=round_.modules)
    ).flagged
    assert [row.careless for row in born] == flagged.tolist()
    assert any(row.careless for row in born)
    assert not all(row.careless for row in born)


def test_responses_are_not_in_the_order_in_which_people_began(session, now):
    round_ = make_round(session, now=now)
    instrument = rounds.instrument_of(round_)
    codes = ()
    for number in range(24):
        draft = begin(session, round_, now=now, role=instrument.roles[0]).draft
        page = max(answers.pages(round_, draft), key=lambda page: page.section)
        codes, section = page.items[:2], page.section
        given = {codes[0]: number % 5 + 1, codes[1]: number // 5 + 1}
        answers.save_page(session, round_, draft, section=section, given=given, now=now)
        drafts.send(session, round_, draft, now=now)
    session.commit()
    close(session, round_, now)
    stored = "ctid" if session.bind.dialect.name == "postgresql" else "response_id"
    rows = session.execute(sa.text(f"SELECT answers FROM response ORDER BY {stored}")).all()
    assert len(rows) == 24
    order = []
    for (value,) in rows:
        given = value if isinstance(value, dict) else json.loads(value)
        order.append((given[codes[1]] - 1) * 5 + given[codes[0]] - 1)
    assert Counter(order) == Counter(range(24))
    assert order != list(range(24))


def test_only_rounds_whose_time_has_come_are_closed(session, now, database_url):
    due, _, expected = filled_round(session, now, sent=2, begun=1)
    open_, _, _ = filled_round(session, now, sent=1, begun=0)
    open_.closes_at = due.closes_at.replace(year=2030)
    at = due.closes_at
    session.commit()
    sweep_up(database_url, at)
    assert (due.closed_at, open_.closed_at) == (at, None)
    assert count(session, Response, Response.round_id == due.round_id) == len(expected)
    assert count(session, Draft, Draft.round_id == open_.round_id) == 1


def sweep_up(database_url, at):
    """What a worker's sweep does of closing and counting."""
    engine = fresh_engine(database_url)
    sweep.close_rounds(engine, now=at)
    sweep.count_answers(engine, now=at)
    engine.dispose()


@pytest.mark.parametrize("what", [{"instrument_checksum": "other"}, {"instrument_slug": "gone"}])
def test_a_round_that_cannot_be_closed_holds_up_no_other(session, now, database_url, caplog, what):
    """Somebody changed an instrument's files: the others' drafts are destroyed all the same."""
    broken, _, _ = filled_round(session, now, sent=1, begun=0)
    due, _, _ = filled_round(session, now, sent=1, begun=1)
    open_ = make_round(session, now=now, closes_at=due.closes_at.replace(year=2030))
    for name, value in what.items():
        setattr(broken, name, value)
    broken.closes_at = due.closes_at.replace(hour=0)
    at = due.closes_at
    session.commit()
    sweep_up(database_url, at)
    assert (broken.closed_at, due.closed_at) == (None, at)
    assert count(session, Draft) == 1
    assert open_.tally is not None
    assert f"round {broken.round_id} cannot be closed" in caplog.text


def test_a_round_without_answers_closes_too(session, now):
    round_ = make_round(session, now=now)
    close(session, round_, now)
    assert round_.closed_at == now
    assert count(session, Response) == 0


def test_a_close_that_was_not_scrubbed_is_found_again(session, now, database_url):
    round_, _, _ = filled_round(session, now, sent=1, begun=0)
    assert rounds.needs_scrub(session) == []
    round_id = round_.round_id
    close(session, round_, now)
    assert rounds.needs_scrub(session) == [round_id]
    session.rollback()
    engine = fresh_engine(database_url)
    assert rounds.scrub(engine, [round_id], now=now)
    engine.dispose()
    session.expire_all()
    assert round_.scrubbed_at == now
    assert rounds.needs_scrub(session) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_scrub_that_readers_hold_up_is_tried_again(session, now, database_url):
    round_, _, _ = filled_round(session, now, sent=1, begun=0)
    close(session, round_, now)
    round_id = round_.round_id
    session.rollback()
    engine = fresh_engine(database_url)
    busy = sa.create_engine(database_url)
    prepare_engine(busy)

    @sa.event.listens_for(busy, "connect")
    def _hurry(connection, _record):
        connection.execute("PRAGMA busy_timeout=50")

    with engine.connect() as reader:
        reader.execute(sa.text("SELECT count(*) FROM response")).all()
        assert not rounds.scrub(busy, [round_id], now=now)
        assert rounds.needs_scrub(session) == [round_id]
        session.rollback()
    assert rounds.scrub(busy, [round_id], now=now)
    engine.dispose()
    busy.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_scrub_that_a_long_transaction_holds_up_is_tried_again(session, now, database_url):
    round_, _, _ = filled_round(session, now, sent=1, begun=0)
    round_id = round_.round_id
    close(session, round_, now)
    session.rollback()
    engine = fresh_engine(database_url)
    with engine.connect() as reader:
        reader.execute(sa.text("SELECT count(*) FROM response")).all()
        assert not rounds.scrub(engine, [round_id], now=now)
    assert rounds.needs_scrub(session) == [round_id]
    session.rollback()
    assert rounds.scrub(engine, [round_id], now=now)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "0"
    engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_after_the_scrub_no_byte_of_the_files_tells_of_a_draft(session, now, database_url):
    round_, keys, _ = filled_round(session, now)
    round_id = round_.round_id
    path = Path(database_url.removeprefix("sqlite:///"))

    def stored() -> bytes:
        return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))

    session.rollback()
    assert all(key.encode() in stored() for key in keys)
    close(session, round_, now)
    session.rollback()
    engine = fresh_engine(database_url)
    assert rounds.scrub(engine, [round_id], now=now)
    engine.dispose()
    left = stored()
    assert not any(key.encode() in left for key in keys)
    # the drafts' table is empty down to its pages: nothing but the schema names its columns
    assert left.count(b"dimension_order") <= 4


@pytest.mark.own_database
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_after_the_scrub_no_file_or_statistic_of_postgresql_tells_of_a_draft(
    session, now, database_url
):
    round_, keys, _ = filled_round(session, now)
    round_id = round_.round_id
    session.rollback()
    engine = fresh_engine(database_url)
    automatic = engine.execution_options(isolation_level="AUTOCOMMIT")
    with automatic.connect() as connection:
        connection.exec_driver_sql("ANALYZE")  # as the server does by itself

    def stored() -> bytes:
        names = ("draft", "pk_draft", "ix_draft_round_id", "response", "pk_response")
        with automatic.connect() as connection:
            connection.exec_driver_sql("CHECKPOINT")
            return b"".join(
                connection.exec_driver_sql(
                    f"SELECT pg_read_binary_file(pg_relation_filepath('{name}'))"
                ).scalar()
                for name in names
            )

    assert all(key.encode() in stored() for key in keys)
    # a transaction that began before the close and goes on: it would keep deleted rows alive
    with engine.connect() as older:
        older.exec_driver_sql("SELECT pg_current_xact_id()")
        close(session, session.get(Round, round_id), now)
        session.rollback()
        assert rounds.scrub(engine, [round_id], now=now)
    left = stored()
    assert not any(key.encode() in left for key in keys)
    with automatic.connect() as connection:
        samples = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_stats WHERE tablename = 'draft' AND attname IN "
            "('key', 'role', 'school_id', 'answers', 'pages')"
        ).scalar()
        transactions = connection.exec_driver_sql(
            "SELECT count(DISTINCT xmin::text) FROM response"
        ).scalar()
    engine.dispose()
    assert samples == 0
    assert transactions == 1


def test_scrubbing_keeps_the_drafts_of_rounds_that_are_still_open(session, now, database_url):
    closing, _, _ = filled_round(session, now, sent=2, begun=1)
    open_, keys, _ = filled_round(session, now, sent=2, begun=2)
    closing_id, open_id = closing.round_id, open_.round_id
    before = sorted(map(str, session.execute(drafts_of(open_id))))
    close(session, closing, now)
    session.rollback()
    engine = fresh_engine(database_url)
    assert rounds.scrub(engine, [closing_id], now=now)
    engine.dispose()
    assert sorted(map(str, session.execute(drafts_of(open_id)))) == before
    assert len(before) == len(keys)
    assert rounds.needs_scrub(session) == []


def drafts_of(round_id):
    return sa.select(Draft.__table__).where(Draft.round_id == round_id)
