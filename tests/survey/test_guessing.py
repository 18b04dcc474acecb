"""Guessing has to wait: the counter, its waits, and tries that come at the same moment."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import sweep
from survey.database import begin_writing, open_engine
from survey.models import GuessCount
from survey.services import guessing

KEY = "respondent key of the tests"


def fail(session, now, *, times=1, kind="code", group=7):
    for _ in range(times):
        begin_writing(session)
        guessing.failed(session, kind, group, now)
        session.commit()


def failures(session):
    return list(session.scalars(sa.select(GuessCount.failures)))


def test_five_failures_cost_nothing_and_then_the_wait_doubles_to_a_minute(session, now):
    waits = [guessing.wait_s(session, "code", 7, now)]
    for _ in range(14):
        fail(session, now)
        waits.append(guessing.wait_s(session, "code", 7, now))
    assert waits == [0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_the_wait_runs_down_to_nothing(session, now):
    fail(session, now, times=9)
    waits = [guessing.wait_s(session, "code", 7, now + timedelta(seconds=s)) for s in (0, 7.5, 8)]
    assert waits == [8, 1, 0]


def test_looking_writes_nothing(session, now):
    begin_writing(session)
    assert guessing.wait_s(session, "code", 7, now) == 0
    session.commit()
    assert failures(session) == []


def test_codes_and_words_and_groups_are_counted_apart(session, now):
    fail(session, now, times=8)
    assert guessing.wait_s(session, "code", 7, now) > 0
    assert guessing.wait_s(session, "words", 7, now) == 0
    assert guessing.wait_s(session, "code", 8, now) == 0


def test_a_counter_fades_after_fifteen_minutes(session, now):
    fail(session, now, times=9)
    later = now + timedelta(minutes=15, seconds=1)
    assert guessing.wait_s(session, "code", 7, later) == 0
    fail(session, later)
    assert failures(session) == [1]


def test_a_failure_within_fifteen_minutes_keeps_the_count(session, now):
    fail(session, now, times=9)
    fail(session, now + timedelta(minutes=14))
    assert failures(session) == [10]


@pytest.mark.parametrize("back_s", [1, 59, 61, 600, 86_400])
def test_a_clock_that_is_put_back_locks_nobody_out_for_long(session, now, back_s):
    fail(session, now, times=20)
    since = now - timedelta(seconds=back_s)
    assert guessing.wait_s(session, "code", 7, since) <= 60
    assert guessing.wait_s(session, "code", 7, since + timedelta(seconds=121)) == 0


def test_an_unknown_kind_is_refused(session, now):
    with pytest.raises(ValueError, match="kind is one of code, words, password, second step, not"):
        guessing.wait_s(session, "codes", 7, now)


def together(database_url, work, count=8):
    """Run ``work`` in threads that start at the same moment, each with a session of its own."""
    engine = open_engine(database_url)
    start = threading.Barrier(count)
    problems = []

    def run():
        try:
            with Session(engine) as own:
                start.wait()
                work(own)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert problems == []


def test_failures_at_the_same_moment_all_count(session, now, database_url):
    together(database_url, lambda own: fail(own, now, times=5))
    assert failures(session) == [40]


def test_of_tries_at_the_same_moment_one_is_looked_at_when_the_free_ones_are_used_up(
    session, now, database_url
):
    fail(session, now, times=5)

    def guess(own):
        begin_writing(own)
        if not guessing.wait_s(own, "code", 7, now):
            guessing.failed(own, "code", 7, now)
        own.commit()

    together(database_url, guess)
    assert failures(session) == [6]


def test_the_sweep_deletes_counters_that_have_faded_and_no_others(session, now, database_url):
    fail(session, now - timedelta(minutes=16), group=1)
    fail(session, now - timedelta(minutes=14), group=2)
    fail(session, now + timedelta(days=1), group=3)  # before the clock was put back
    engine = open_engine(database_url)
    sweep.forget_guesses(engine, now=now)
    engine.dispose()
    session.rollback()
    assert list(session.scalars(sa.select(GuessCount.group))) == [2]


def test_addresses_fall_into_64_groups_that_only_the_key_tells():
    addresses = [f"192.0.2.{n}" for n in range(256)] + [f"198.51.100.{n}" for n in range(256)]
    groups = [guessing.group_of(KEY, address) for address in addresses]
    assert set(groups) == set(range(64))
    assert groups == [guessing.group_of(KEY, address) for address in addresses]
    assert groups != [guessing.group_of("another key", address) for address in addresses]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::2"),
        ("", None),
        ("not an address", ""),
    ],
)
def test_what_one_household_has_counts_as_one(one, other):
    assert guessing.group_of(KEY, one) == guessing.group_of(KEY, other)


def test_networks_side_by_side_are_told_apart():
    groups = {guessing.group_of(KEY, f"2001:db8:0:{n:x}::1") for n in range(200)}
    assert len(groups) > 50
