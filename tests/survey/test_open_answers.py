"""Words are born when a round closes, apart from everything that could say whose they are."""

import json
from collections import Counter
from datetime import timedelta
from itertools import combinations, pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey import sweep
from survey.database import begin_writing
from survey.models import AuditEntry, Draft, OpenAnswer, Response
from survey.services import open_answers, open_parts, rounds
from tests.survey import open_kit
from tests.survey.open_kit import MOVE, STORY
from tests.survey.test_closing import close, count, fresh_engine

ROLES_IN_SCHOOLS = ("T", "L")


def filled(session, now, *, people=24, **changes):
    """A round whose people sent words that say who they are, committed: word -> their school."""
    round_ = open_kit.make_open_round(session, now=now, **changes)
    whose = {}
    for number in range(people):
        central = number % 8 == 7
        role = "H" if central else ROLES_IN_SCHOOLS[number % 2]
        words = {STORY: f"story of person {number:03}", MOVE: f"move of person {number:03}"}
        draft = open_kit.write(
            session,
            round_,
            now=now,
            role=role,
            school=number % 6,
            words=words,
            ticks={STORY: number % 2 == 0},
        )
        whose[number] = draft.school_id
    session.commit()
    return round_, whose


def number_of(answer):
    return int(answer.words[-3:])


def born(session, item=STORY):
    query = sa.select(OpenAnswer).where(OpenAnswer.item == item)
    return session.scalars(query.order_by(OpenAnswer.open_answer_id)).all()


def test_closing_makes_an_answer_of_every_text_that_was_sent_with_its_tick(session, now):
    round_, whose = filled(session, now)
    open_kit.write(session, round_, now=now, words={STORY: "never sent 999"}, sent=False)
    open_kit.write(session, round_, now=now, words={})
    session.commit()
    close(session, round_, now)
    assert sorted(number_of(answer) for answer in born(session)) == sorted(whose)
    assert all(answer.may_quote is (number_of(answer) % 2 == 0) for answer in born(session))
    assert not any(answer.may_quote for answer in born(session, MOVE))
    assert count(session, Draft) == 0
    assert count(session, OpenAnswer) == 2 * len(whose)


def test_an_answer_has_no_column_for_anything_that_leads_to_a_person(session):
    columns = {each["name"] for each in sa.inspect(session.bind).get_columns("open_answer")}
    of_the_writer = {"open_answer_id", "round_id", "item", "part", "words", "may_quote"}
    of_the_reader = {"redacted", "is_cleared", "is_read", "harm"}
    assert columns == of_the_writer | of_the_reader
    keys = sa.inspect(session.bind).get_foreign_keys("open_answer")
    assert {key["referred_table"] for key in keys} == {"round"}


def test_nothing_of_the_words_stands_in_responses_or_the_audit(session, now):
    round_, _ = filled(session, now)
    close(session, round_, now)
    for table in (Response, AuditEntry):
        rows = session.execute(sa.select(table.__table__)).all()
        assert rows
        assert not any("person" in repr(row) or STORY in repr(row) for row in rows)


def stored_order(session, table, key):
    """Rows as the database gives them without being asked for an order."""
    is_postgresql = session.bind.dialect.name == "postgresql"
    by = "ctid" if is_postgresql else key
    return session.execute(sa.text(f"SELECT * FROM {table} ORDER BY {by}")).mappings().all()


def test_no_order_joins_words_to_drafts_to_responses_or_to_other_words(session, now):
    """Of 40 people the same place in two orders is found as often as chance gives it."""
    round_, _ = filled(session, now, people=40)
    drafts = [as_json(row["written"]) for row in stored_order(session, "draft", "key")]
    begun = [int(words[STORY][-3:]) for words in drafts]
    close(session, round_, now)
    words = stored_order(session, "open_answer", "open_answer_id")
    stories = [int(row["words"][-3:]) for row in words if row["item"] == STORY]
    moves = [int(row["words"][-3:]) for row in words if row["item"] == MOVE]
    lists = {
        "as begun": list(range(40)),
        "drafts as stored": begun,
        "stories": stories,
        "moves": moves,
    }
    for (one, first), (two, second) in combinations(lists.items(), 2):
        if {one, two} == {"as begun", "drafts as stored"}:
            continue
        same = sum(a == b for a, b in zip(first, second, strict=True))
        # of 40 one is the same by chance, and more than 12 in one of 10^10 tries
        assert same <= 12, (one, two)
        assert abs(correlation(first, second)) < 0.75, (one, two)
    neighbours = [int(a["words"][-3:]) == int(b["words"][-3:]) for a, b in pairwise(words)]
    assert sum(neighbours) <= 12


def as_json(value):
    return value if isinstance(value, dict) else json.loads(value)


def correlation(first, second):
    """Spearman's, of the places that people have in two lists."""
    a = {person: place for place, person in enumerate(first)}
    b = {person: place for place, person in enumerate(second)}
    n = len(first)
    return 1 - 6 * sum((a[each] - b[each]) ** 2 for each in a) / (n * (n * n - 1))


def test_responses_of_writers_look_like_those_of_everybody_else(session, now):
    round_ = open_kit.make_open_round(session, now=now)
    for number in range(8):
        words = {STORY: "something"} if number % 2 else {}
        open_kit.write(session, round_, now=now, school=number % 6, words=words)
    session.commit()
    close(session, round_, now)
    rows = session.scalars(sa.select(Response)).all()
    assert {(row.careless, row.form, repr(row.answers)) for row in rows} == {
        (rows[0].careless, "short", repr(rows[0].answers))
    }


# --- parts ---------------------------------------------------------------------------------------


def test_answers_of_one_school_share_their_part_and_no_part_is_one_school(session, now):
    round_, whose = filled(session, now)
    close(session, round_, now)
    schools = {}
    for answer in born(session):
        schools.setdefault(answer.part, set()).add(whose[number_of(answer)])
    assert set(schools) == {"A", "B", "C"}
    assert None in schools["C"]
    assert [len(found - {None}) for found in schools.values()] == [2, 2, 2]
    everywhere = [school for found in schools.values() for school in found]
    assert len(everywhere) == len(set(everywhere))


def test_where_words_came_from_few_schools_no_part_is_drawn(session, now):
    round_ = open_kit.make_open_round(session, now=now)
    for school in range(5):
        open_kit.write(session, round_, now=now, school=school, words={STORY: "something"})
    session.commit()
    close(session, round_, now)
    assert [answer.part for answer in born(session)] == [""] * 5


def test_parts_are_drawn_anew_for_each_question():
    deals = {
        tuple(sorted(open_parts.deal(range(12), has_centre=True).items(), key=repr))
        for _ in range(20)
    }
    assert len(deals) > 10  # of 16,632 deals two are the same now and then


@pytest.mark.parametrize("has_centre", [True, False])
@pytest.mark.parametrize("schools", range(14))
def test_a_theme_of_a_and_b_always_comes_from_two_schools(schools, has_centre):
    parts = open_parts.deal(range(schools), has_centre=has_centre)
    needed = open_parts.schools_needed(has_centre=has_centre)
    assert bool(parts) is (schools >= needed)
    if not parts:
        return
    sizes = Counter(part for school, part in parts.items() if school is not None)
    assert min(sizes.values()) >= open_parts.SMALLEST
    assert sum(sizes.values()) == schools
    assert parts.get(None, "C") == "C"
    for chosen in combinations(parts, 2):
        if open_parts.span_two_schools([parts[each] for each in chosen]):
            assert None not in chosen
    for school in parts:
        assert not open_parts.span_two_schools([parts[school]] * 9)


def test_every_school_is_dealt_into_every_part():
    seen = {school: Counter() for school in range(7)}
    for _ in range(400):
        for school, part in open_parts.deal(range(7), has_centre=True).items():
            if school is not None:
                seen[school][part] += 1
    # of 400 draws each school falls into each part some 114 to 143 times
    assert all(min(found[part] for part in "ABC") > 60 for found in seen.values())


# --- what is kept --------------------------------------------------------------------------------


def test_words_that_nobody_hands_over_are_deleted_after_ninety_days(session, now, database_url):
    round_, _ = filled(session, now, people=12)
    close(session, round_, now)
    round_id = round_.round_id
    session.rollback()
    engine = fresh_engine(database_url)
    assert rounds.scrub(engine, [round_id], now=now)
    sweep.forget_words(engine, now=now + open_answers.KEPT - timedelta(seconds=1))
    assert count(session, OpenAnswer) == 24
    session.rollback()
    sweep.forget_words(engine, now=now + open_answers.KEPT)
    assert count(session, OpenAnswer) == 0
    assert rounds.needs_scrub(session) == [round_id]
    session.rollback()
    engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_after_the_words_are_deleted_no_byte_of_the_files_holds_them(session, now, database_url):
    round_, _ = filled(session, now, people=12)
    close(session, round_, now)
    round_id = round_.round_id
    path = Path(database_url.removeprefix("sqlite:///"))

    def stored() -> bytes:
        return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))

    session.rollback()
    assert b"story of person" in stored()
    begin_writing(session)
    open_answers.forget(session, session.get_one(type(round_), round_id))
    session.commit()
    session.rollback()
    engine = fresh_engine(database_url)
    assert rounds.scrub(engine, [round_id], now=now)
    engine.dispose()
    assert b"of person" not in stored()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_scrub_keeps_the_words_of_a_round_that_are_still_to_be_read(session, now, database_url):
    round_, _ = filled(session, now, people=12)
    close(session, round_, now)
    round_id = round_.round_id
    before = sorted(number_of(answer) for answer in born(session))
    session.rollback()
    engine = fresh_engine(database_url)
    assert rounds.scrub(engine, [round_id], now=now)
    engine.dispose()
    assert sorted(number_of(answer) for answer in born(session)) == before
